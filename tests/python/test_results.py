import fcntl
import sqlite3

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import orrery
from orrery import _core


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    from conftest import SMALL

    path = tmp_path_factory.mktemp("results") / "small.db"
    return orrery.run(SMALL, policies=["first-fit", "best-fit"], out=path)


def test_a_run_is_a_row(results):
    rows = results.runs.rows()
    assert [(row["variant"], row["seed"]) for row in rows] == [
        (variant, seed) for variant in ("first-fit", "best-fit") for seed in (1, 2, 3)
    ]
    assert {row["status"] for row in rows} == {"ok"}
    assert {row["error"] for row in rows} == {None}
    assert all(row["wall_seconds"] > 0 for row in rows)


def test_a_metric_is_a_column_with_its_unit(results):
    metrics = results.metrics
    assert metrics.units["waiting_seconds_mean"] == "s"
    assert metrics.facts("cpu_allocated_percent") == {"unit": "%", "direction": "higher"}
    assert metrics.column_names[:2] == ["variant", "seed"]
    assert metrics.column_names[2:] == results.metric_names
    with sqlite3.connect(results.path) as database:
        expected = dict(
            ((variant, seed), value)
            for variant, seed, value in database.execute(
                "SELECT variant, seed, value FROM metric_values WHERE metric = ?",
                ["cpu_allocated_percent"],
            )
        )
    got = {(row["variant"], row["seed"]): row["cpu_allocated_percent"] for row in metrics.rows()}
    assert got == expected


def test_pandas_takes_a_table_over(results):
    frame = results.metrics.to_pandas()
    assert isinstance(frame, pd.DataFrame)
    assert frame.attrs["units"]["waiting_seconds_mean"] == "s"
    assert frame["seed"].tolist() == [1, 2, 3, 1, 2, 3]
    assert frame["cpu_allocated_percent"].tolist() == list(results.metrics["cpu_allocated_percent"])


def test_polars_takes_a_table_over(results):
    table = results.runs
    frame = pl.DataFrame(table)
    assert frame.equals(table.to_polars())
    assert frame["seed"].to_list() == [1, 2, 3, 1, 2, 3]
    assert frame["error"].null_count() == 6
    assert frame.schema["variant"] == pl.String


def test_pyarrow_takes_a_table_over_without_a_copy(results):
    table = results.metrics
    arrow = pa.table(table)
    arrow.validate(full=True)
    assert arrow.schema.field("waiting_seconds_mean").metadata[b"unit"] == b"s"
    ours = table["waiting_seconds_mean"]
    theirs = arrow["waiting_seconds_mean"].chunk(0)
    address = theirs.buffers()[1].address
    assert address == ours.__array_interface__["data"][0]
    assert pa.schema(table) == arrow.schema


def test_what_was_taken_over_outlives_the_table(results):
    arrow = pa.table(results.metrics)
    column = results.metrics["seed"]
    assert arrow["seed"].to_pylist() == [1, 2, 3, 1, 2, 3]
    assert column.tolist() == [1, 2, 3, 1, 2, 3]
    with pytest.raises(ValueError, match="read-only"):
        column[0] = 0


def test_curves_are_rows(small, results):
    assert results.curve_names == []
    marked = orrery.run({**small, "load_marks": [50]}, seeds=2)
    name = "gpu_allocated_percent"
    assert name in marked.curve_names
    curve = marked.curve(name, seeds=2)
    assert curve.column_names == ["variant", "seed", "curve", "position", "value"]
    assert curve.facts("position") == {"over": "gpu_arrived_percent"}
    assert curve.units == {"value": "%"}
    assert (np.diff(curve["position"]) > 0).all()
    assert len(marked.curve(name)) == sum(len(marked.curve(name, seeds=seed)) for seed in (1, 2))


def test_series_are_rows(results):
    name = "cpu_allocated_percent"
    assert name in results.series_names
    series = results.series(name, variants="best-fit", seeds=2)
    assert series.units == {"time_seconds": "s", "value": "%"}
    assert set(series["variant"]) == {"best-fit"}
    times = series["time_seconds"]
    assert (np.diff(times) > 0).all()
    assert len(results.series(name)) == sum(
        len(results.series(name, seeds=seed)) for seed in (1, 2, 3)
    )
    assert set(results.series()["series"]) == set(results.series_names)


def test_comparison_is_that_of_the_command(results, command):
    import csv
    import subprocess

    text = subprocess.run(
        [command, "compare", results.path, "--format", "csv"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    theirs = list(csv.DictReader(text.splitlines()))
    ours = results.comparison().rows()
    assert [row["metric"] for row in ours] == [row["metric"] for row in theirs]
    assert [row["verdict"] for row in ours] == [row["verdict"] for row in theirs]
    assert [row["mean"] for row in ours] == [float(row["mean"]) for row in theirs]
    other = results.comparison("best-fit", metrics="waiting_*").rows()
    assert {row["baseline"] for row in other} == {"best-fit"}
    assert {row["metric"] for row in other} >= {"waiting_seconds_mean", "waiting_seconds_p95"}


def test_other_tables(results):
    assert {"variant", "seed", "counter", "value"} == set(results.counters.column_names)
    assert set(results.distributions["unit"]) >= {"s"}
    quantiles = results.quantiles.rows()
    assert {row["probability"] for row in quantiles} >= {0.5, 0.95}
    assert results.provenance["orrery_version"] == orrery.__version__


def test_representations_say_the_answer(results):
    assert "small: 6 of 6 runs finished" in repr(results)
    assert "best-fit" in repr(results)
    assert "<pre>" in results._repr_html_()
    assert "6 rows × " in repr(results.metrics)
    assert "waiting_seconds_mean (s)" in repr(results.metrics)
    assert results.runs._repr_html_().count("<tr>") == 7


@pytest.mark.parametrize(
    ("use", "message"),
    [
        (lambda r: r.curve("gpu_allocated_percent"), "there is no curve"),
        (lambda r: r.series("cpu_alocated_percent"), "did you mean 'cpu_allocated_percent'"),
        (
            lambda r: r.series("cpu_allocated_percent", variants="best"),
            "there is no variant 'best'",
        ),
        (lambda r: r.comparison(metrics="waiting_mean"), "waiting"),
        (lambda r: r.comparison("nobody"), "nobody"),
        (lambda r: r.query("SELECT no_column FROM runs"), "no such column"),
        (lambda r: r.query("DELETE FROM runs"), "readonly"),
        (lambda r: r.query('SELECT "values" FROM series'), "blob"),
    ],
)
def test_what_does_not_exist(results, use, message):
    with pytest.raises(orrery.Error) as caught:
        use(results)
    assert message in str(caught.value)


def test_a_column_that_does_not_exist(results):
    with pytest.raises(KeyError, match="variant"):
        results.runs["varient"]


def test_a_file_that_is_not_there():
    with pytest.raises(orrery.Error, match="there is no such results file"):
        orrery.open("nothing.db")


def test_a_file_that_is_no_results_file(scratch):
    (scratch / "text.db").write_text("not a database at all, but long enough to look at" * 20)
    with pytest.raises(orrery.Error, match="not a results file of orrery"):
        orrery.open("text.db")
    sqlite3.connect("other.db").execute("CREATE TABLE runs (id)")
    with pytest.raises(orrery.Error, match="not a results file of orrery"):
        orrery.open("other.db")


def test_a_file_of_another_version(small):
    orrery.run(small, seeds=1, out="new.db")
    with sqlite3.connect("new.db") as database:
        database.execute("PRAGMA user_version = 99")
    with pytest.raises(orrery.Error, match=r"newer orrery.*results format 99"):
        orrery.open("new.db")


def test_a_file_that_is_being_written(small):
    path = orrery.run(small, seeds=2, out="busy.db").path
    with open(path, "rb+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with pytest.raises(orrery.Error, match=r"still being written: 2 of 2 runs.*partial=True"):
            orrery.open(path)
        assert orrery.open(path, partial=True).run_counts == (2, 2)
    assert orrery.open(path).run_counts == (2, 2)


def test_reading_while_this_process_writes(small):
    seen = []

    def look(done, total, failed, seconds):
        if done and not seen:
            with pytest.raises(orrery.Error, match="still being written"):
                orrery.open("busy.db")
            seen.append(orrery.open("busy.db", partial=True).run_counts)

    orrery.run(small, seeds=200, jobs=1, out="busy.db", progress=look)
    assert 0 < seen[0][0] <= seen[0][1] == 200


cells = st.one_of(
    st.lists(st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1)), max_size=40),
    st.lists(st.one_of(st.none(), st.floats(allow_nan=False)), max_size=40),
    st.lists(
        st.one_of(
            st.none(), st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
        ),
        max_size=40,
    ),
)


@settings(max_examples=200, deadline=None)
@given(values=cells)
def test_every_column_survives_the_way_through_arrow(results, values):
    rows = " UNION ALL ".join(
        "SELECT NULL AS value" if value is None else "SELECT ? AS value" for value in values
    )
    bound = [value for value in values if value is not None]
    sql = rows or "SELECT 1 AS value WHERE 0"
    arrow = pa.table(_core.query(results.path, sql, bound, {"value": {"unit": "u"}}))
    arrow.validate(full=True)
    assert arrow["value"].to_pylist() == values
    assert arrow["value"].null_count == values.count(None)
    assert arrow.schema.field("value").metadata == {b"unit": b"u"}
