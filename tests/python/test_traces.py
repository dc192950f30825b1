import json
import pathlib
import subprocess
from typing import NamedTuple

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import orrery

COLUMNS = {
    "arrival_seconds": [0.0, 2.5, 1.0, 4.0],
    "cpu": [1000, 2000, 500, 8000],
    "memory_gib": [1.0, 2.0, 0.5, 1.0],
    "service_seconds": [10.0, 20.25, None, 5.0],
}


def rows_of(trace, path="trace.jsonl"):
    """Header, templates and rows of a trace as written."""
    trace.save(path)
    lines = [json.loads(line) for line in pathlib.Path(path).read_text("utf-8").splitlines()]
    rows = [line for line in lines if isinstance(line, list)]
    assert lines[-1] == {"end": {"rows": len(rows)}}
    templates = [line["pod"] for line in lines if isinstance(line, dict) and "template" in line]
    return rows, templates


@pytest.mark.parametrize("make", [dict, pd.DataFrame, pl.DataFrame, pa.table])
def test_every_frame_gives_the_same_trace(make):
    trace = orrery.trace(make(COLUMNS))
    rows, templates = rows_of(trace)
    gib = 2**30
    assert [row[:5] for row in rows] == [
        [0, 1000, gib, 0, 10_000_000_000],
        [1_000_000_000, 500, gib // 2, 0, None],
        [2_500_000_000, 2000, 2 * gib, 0, 20_250_000_000],
        [4_000_000_000, 8000, gib, 0, 5_000_000_000],
    ]
    assert templates == [{}]
    assert trace.digest == orrery.trace(COLUMNS).digest


def test_rows_from_a_generator():
    class Row(NamedTuple):
        arrival_seconds: float
        cpu: int
        memory: int
        service_seconds: float

    def tuples():
        for number in range(3):
            yield Row(number, 100 * number + 100, 2**20, 1.5)

    def dicts():
        yield from (row._asdict() for row in tuples())

    rows, _ = rows_of(orrery.trace(tuples()))
    assert [row[1] for row in rows] == [100, 200, 300]
    assert rows_of(orrery.trace(dicts()))[0] == rows


def test_instants_and_spans_of_numpy():
    start = np.datetime64("2026-01-01T00:00")
    trace = orrery.trace(
        {
            "arrival": start + np.array([0, 90, 30], dtype="timedelta64[s]"),
            "service": pd.to_timedelta(["1min", None, "2min"]),
            "cpu_cores": 1.5,
            "memory": 1,
        }
    )
    rows, _ = rows_of(trace)
    assert [(row[0], row[4]) for row in rows] == [
        (0, 60_000_000_000),
        (30_000_000_000, 120_000_000_000),
        (90_000_000_000, None),
    ]
    assert {row[1] for row in rows} == {1500}


def test_what_rows_have_in_common_becomes_a_template():
    trace = orrery.trace(
        {
            **COLUMNS,
            "gpus": [0, 1, 1, 2],
            "gpu_milli": [1000, 500, 500, 1000],
            "gpu_models": [None, "A100", "A100", ["A100", "H100"]],
            "owner": ["a", "b", "b", None],
            "priority": [0, 5, 5, -1],
            "labels": [None, {"app": "x"}, {"app": "x"}, None],
        }
    )
    rows, templates = rows_of(trace)
    assert len(templates) == 3
    assert [row[3] for row in rows] == [0, 1, 1, 2]
    assert templates[1] == {
        "gpu": {"count": 1, "milli": 500},
        "gpu_models": ["A100"],
        "labels": {"app": "x"},
        "owner": "b",
        "priority": 5,
    }


def test_gangs_follow_each_other():
    trace = orrery.trace(
        {
            "arrival_seconds": [1, 1, 1, 1, 0],
            "cpu": [1, 2, 3, 4, 5],
            "memory": 1,
            "service_seconds": 1,
            "gang": ["x", "y", "x", None, None],
        }
    )
    rows, _ = rows_of(trace)
    assert [(row[1], row[6]) for row in rows] == [(5, 1), (1, 2), (3, 2), (2, 1), (4, 1)]
    assert len({row[7] for row in rows}) == 4


def test_a_run_with_a_trace(small):
    rng = np.random.default_rng(7)
    frame = pd.DataFrame(
        {
            "arrival_seconds": np.sort(rng.uniform(0, 60, 100)),
            "cpu": rng.integers(100, 3000, 100),
            "memory_gib": 1,
            "service_seconds": rng.exponential(5, 100),
        }
    )
    trace = orrery.trace(frame, name="mine")
    small["workloads"] = [trace]
    results = orrery.run(small, policies=["first-fit", "random"], seeds=1)
    assert results.metrics["pods_completed"].tolist() == [100, 100]
    assert results.query("SELECT path FROM traces")["path"] == [f"traces/{trace.file_name}"]
    again = orrery.run(small, policies=["first-fit", "random"], seeds=2)
    assert again.path == results.path
    other = orrery.trace(frame.assign(cpu=1), name="mine")
    small["workloads"] = [other]
    with pytest.raises(orrery.Error, match="other settings"):
        orrery.run(small, policies=["first-fit", "random"], seeds=1, out=results.path)


def test_the_workload_of_a_library_experiment_can_be_replaced():
    trace = orrery.trace({**COLUMNS, "cpu": 10})
    results = orrery.run(
        "quickstart", seeds=1, only="random", set={"/workloads": [trace]}, out="q.db", policies=None
    )
    assert results.runs["status"] == ["ok"]


def test_the_command_repeats_a_run_with_a_trace(small, command):
    small["workloads"] = [orrery.trace(COLUMNS)]
    results = orrery.run(small, seeds=1, out="ours.db")
    pathlib.Path("same.json").write_text(results.provenance["document"])
    subprocess.run(
        [
            command,
            "run",
            "same.json",
            "--seed",
            "1",
            "--out",
            "theirs.db",
            "-q",
            "--set",
            '/traces={"canonical": "traces"}',
        ],
        check=True,
    )
    assert results.runs["fingerprint"] == orrery.open("theirs.db").runs["fingerprint"]


def test_a_run_with_outages(small):
    frame = pd.DataFrame(
        {
            "node": ["gpu-1", "cpu-0", "gpu-1"],
            "start_seconds": [10.5, 20, 50],
            "end_seconds": [30, 40, 60],
        }
    )
    log = orrery.outages(frame)
    assert repr(log) == "Outages('outages', 3 outages of 2 nodes)"
    small["clusters"][0]["failures"] = log
    small["horizon"] = "100s"
    results = orrery.run(small, seeds=1)
    assert results.metrics["node_crashes"].tolist() == [3]
    start = np.datetime64("2026-01-01") + np.array([10.5, 20, 50]) * np.timedelta64(1000, "ms")
    same = orrery.outages(
        {
            "node": frame["node"],
            "start": start,
            "end": start + np.array([19500, 20000, 10000], dtype="timedelta64[ms]"),
        }
    )
    same.save("same.csv")
    assert pathlib.Path("same.csv").read_text().splitlines()[:2] == [
        "node,start_seconds,end_seconds",
        "gpu-1,0.000000000,19.500000000",
    ]


def test_outages_of_a_node_that_is_not_there(small):
    small["clusters"][0]["failures"] = [
        orrery.outages({"node": ["gpu-2"], "start_seconds": [1], "end_seconds": [2]})
    ]
    small["horizon"] = "100s"
    with pytest.raises(orrery.Error, match=r"outage of a node that is not there.*'gpu-1'"):
        orrery.run(small, seeds=1)


def test_durations_from_a_sample(small):
    samples = np.array([2.0, 2.0, 4.0, 8.0])
    one = small["workloads"][0]["synthetic"]
    one["classes"] = [
        {
            "name": "pod",
            "cpu": orrery.empirical([0.5, 1], "cores"),
            "memory": orrery.empirical([2**30], "bytes"),
            "duration": orrery.empirical(samples, "s"),
        }
    ]
    results = orrery.run(small, seeds=5)
    assert results.run_counts == (5, 5)
    service = results.quantiles
    assert len(service) > 0


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (
            {"arrival_seconds": None, "arrival_second": [0]},
            "unknown column 'arrival_second' (did you mean 'arrival_seconds'?)",
        ),
        ({"memory_gib": None}, "column 'memory' (or 'memory_gib') is missing"),
        (
            {"arrival_seconds": None, "time": [0]},
            "column 'arrival' (or 'arrival_seconds') is missing",
        ),
        ({"cpu": None, "cpus": [1]}, "did you mean 'cpu'"),
        ({"cpu": [-5]}, "column 'cpu', row 0: found -5, expected a whole number of at least 0"),
        ({"cpu": [1.5]}, "column 'cpu', row 0: found 1.5"),
        ({"cpu": [float("nan")]}, "column 'cpu', row 0: found nan"),
        ({"cpu": ["two"]}, "column 'cpu', row 0: found 'two'"),
        ({"cpu": [True]}, "column 'cpu', row 0: found True"),
        ({"cpu": [1, 2]}, "column 'cpu' has 2 rows"),
        ({"arrival_seconds": [-1]}, "column 'arrival_seconds', row 0: found -1"),
        ({"arrival_seconds": [None]}, "column 'arrival_seconds', row 0: found None"),
        ({"arrival_seconds": None, "arrival": [0.5]}, "call it 'arrival_seconds'"),
        ({"arrival": [0]}, "columns 'arrival' and 'arrival_seconds' say the same"),
        ({"gpus": [2], "gpu_milli": [500]}, "row 0: found 2 GPUs of 500 milli"),
        ({"labels": ["x"]}, "column 'labels', row 0: found 'x', expected a dict"),
    ],
)
def test_columns_that_are_wrong(columns, message):
    data = {"arrival_seconds": [0], "cpu": [1], "memory_gib": [1], "service_seconds": [1]}
    data.update(columns)
    data = {name: values for name, values in data.items() if values is not None}
    with pytest.raises(orrery.Error) as caught:
        orrery.trace(data)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (7, "found int, expected a data frame"),
        ("text", "found str"),
        ([1, 2], "row 1: found 1, expected a dict"),
        ({"cpu": 5}, "no column with one entry for each row"),
    ],
)
def test_data_that_are_no_columns(data, message):
    with pytest.raises(orrery.Error, match=message):
        orrery.trace(data)


def test_a_gang_that_does_not_arrive_together():
    with pytest.raises(orrery.Error, match="gang 'x': its pods arrive at different times"):
        orrery.trace({**COLUMNS, "gang": "x"})


def test_outages_that_end_before_they_start():
    with pytest.raises(orrery.Error, match="row 1: ends at 5"):
        orrery.outages({"node": ["a", "b"], "start_seconds": [1, 9], "end_seconds": [2, 5]})


@pytest.mark.parametrize(
    ("samples", "unit", "message"),
    [
        ([1], "seconds", "unknown unit"),
        ([], "s", "at least one number"),
        ([-1], "s", "not negative"),
        ([np.nan], "s", "finite"),
    ],
)
def test_samples_that_are_wrong(samples, unit, message):
    with pytest.raises(orrery.Error, match=message):
        orrery.empirical(samples, unit)


pods = st.lists(
    st.tuples(
        st.integers(0, 10**15),
        st.integers(0, 10**6),
        st.integers(0, 2**50),
        st.one_of(st.none(), st.integers(0, 10**15)),
        st.integers(0, 3),
        st.one_of(st.none(), st.sampled_from("ab")),
    ),
    min_size=1,
    max_size=30,
)


@settings(max_examples=100, deadline=None)
@given(pods=pods)
def test_every_trace_reads_back_as_it_was_written(pods, tmp_path_factory):
    folder = tmp_path_factory.mktemp("trace")
    names = ("arrival", "cpu", "memory", "service", "gpus", "owner")
    trace = orrery.trace({name: list(column) for name, column in zip(names, zip(*pods))})
    rows, templates = rows_of(trace, folder / "trace.jsonl")
    got = [
        (
            row[0],
            row[1],
            row[2],
            row[4],
            templates[row[3]].get("gpu", {}).get("count", 0),
            templates[row[3]].get("owner"),
        )
        for row in rows
    ]
    assert got == sorted(pods, key=lambda pod: pod[0])
