"""Results files are read as they are, and what is wrong with one is told."""

from __future__ import annotations

import sqlite3
import subprocess

import numpy as np
import pytest
from report_files import made_fixture, plain_fixture  # noqa: F401

from orrery.errors import Error
from orrery.store import ResultsFile, open_results


def test_reads_everything_that_runs_have(made):
    file = ResultsFile(made["grouped"])
    assert [variant.name for variant in file.variants][:2] == ["light/random", "light/first-fit"]
    assert {run.seed for run in file.runs} == set(range(5, 11))
    assert all(run.status == "ok" and len(run.fingerprint) == 16 for run in file.runs)
    values = file.values("waiting_seconds_mean")
    assert len(values) == 6 and set(values[0]) == set(range(5, 11))
    times, points = file.series("gpu_allocated_percent", 0)[5]
    assert times.shape == points.shape and (np.diff(times) > 0).all()
    probabilities, waits = file.quantiles("waiting_seconds", 0)[5]
    assert probabilities[0] == 0 and probabilities[-1] == 1 and (np.diff(waits) >= 0).all()
    positions, allocated = file.curve("gpu_allocated_percent", 0)[5]
    assert (positions == np.round(positions)).all() and (allocated <= 100).all()
    heat = file.heat_map("node_allocated_percent", 0, 5)
    assert heat.rows == ["cpu-0 … cpu-1", "cpu-2", "cpu-3 … gpu-0", "gpu-1"]
    assert heat.percents.shape == (4, heat.edges.size - 1)
    assert file.heat_map("node_allocated_percent", 0, 99) is None
    crashes = file.series("node_crashes", 0)
    counted = file.values("node_crashes")[0]
    assert {seed: values.sum() for seed, (_, values) in crashes.items()} == {
        seed: count for seed, count in counted.items() if count
    }


def test_seeds_are_unsigned(plain):
    with sqlite3.connect(plain) as database:
        database.execute("UPDATE runs SET seed = -1 WHERE id = 1")
    file = ResultsFile(plain)
    assert 2**64 - 1 in file.values("cost")[0]
    assert file.heat_map("node_allocated_percent", 0, 2**64 - 1) is not None


def test_reads_files_of_before_there_were_curves(plain):
    with sqlite3.connect(plain) as database:
        database.executescript("DROP TABLE curves; DROP TABLE heat_maps")
    file = ResultsFile(plain)
    assert file.curve_names == [] and file.heat_map_names == []
    assert file.heat_map("node_allocated_percent", 0, 5) is None


def test_reads_a_file_where_nobody_may_write(plain, tmp_path):
    folder = tmp_path / "locked"
    folder.mkdir()
    path = folder / "results.db"
    path.write_bytes(plain.read_bytes())
    path.chmod(0o444)
    folder.chmod(0o555)
    try:
        assert len(ResultsFile(path).runs) == 18
    finally:
        folder.chmod(0o755)


def test_sees_one_state_while_others_write(plain):
    writer = sqlite3.connect(plain)
    writer.execute("PRAGMA journal_mode = WAL")
    file = ResultsFile(plain)
    before = file.values("cost")
    writer.execute("DELETE FROM metrics")
    writer.commit()
    assert file.values("cost") == before
    file.close()
    writer.close()


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda path: path.unlink(), "there is no such results file"),
        (lambda path: path.write_text("hello " * 500), "not a results file of orrery"),
        (lambda path: path.write_bytes(b""), "not a results file of orrery"),
        (lambda path: _sql(path, "PRAGMA user_version = 7"), "results format 7, expected at most"),
        (lambda path: _sql(path, "PRAGMA application_id = 1"), "not a results file of orrery"),
        (lambda path: _sql(path, "DROP TABLE runs"), "damaged"),
        (lambda path: path.write_bytes(path.read_bytes()[:20_000]), "damaged"),
        (lambda path: _sql(path, "UPDATE runs SET status = 'pending'"), "no finished run"),
        (lambda path: _sql(path, "DELETE FROM runs"), "no finished run"),
    ],
)
def test_says_what_is_wrong_with_a_file(plain, spoil, message):
    spoil(plain)
    with pytest.raises(Error, match=message) as told:
        results = open_results(plain)
        for metric in results.metrics:
            results.values(metric.name)
    assert str(plain) in str(told.value)


def _sql(path, statement):
    database = sqlite3.connect(path)
    database.execute("PRAGMA writable_schema = OFF")
    database.execute("PRAGMA foreign_keys = OFF")
    if statement.startswith("DROP"):
        database.execute("DROP VIEW metric_values")
    database.execute(statement)
    database.commit()
    database.close()


def test_a_directory_is_no_file(tmp_path):
    with pytest.raises(Error, match="directory"):
        ResultsFile(tmp_path)


def test_a_file_that_is_held_locked_is_told(plain):
    holder = sqlite3.connect(plain)
    holder.execute("PRAGMA locking_mode = EXCLUSIVE")
    holder.execute("BEGIN EXCLUSIVE")
    with pytest.raises(Error, match="locked"):
        open_results(plain)
    holder.close()


def test_imports_neither_pandas_nor_altair():
    script = (
        "import sys, orrery.plot, orrery.report, orrery.stats;"
        "print([m for m in ('pandas', 'altair', 'scipy', 'vl_convert') if m in sys.modules])"
    )
    import sys

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stdout == "[]\n", done.stderr
