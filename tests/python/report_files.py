"""Results files for the tests of store, comparison, plot and report: real runs, made once."""

from __future__ import annotations

import copy
import json
import os
import shutil
import subprocess

import pytest

NODES = [
    {"name": "cpu-{}", "count": 4, "cpu": 8, "memory": "16GiB",
     "price": {"node_hour": 2}, "power": {"node": {"idle_watts": 50, "busy_watts": 200}}},
    {"name": "gpu-{}", "count": 2, "cpu": 16, "memory": "64GiB", "gpus": 4, "gpu_model": "A",
     "price": {"node_hour": 2, "gpu_hour": 1}},
]  # fmt: skip
DOCUMENT = {
    "orrery": 1,
    "name": "tiny",
    "description": "Six nodes that crash, <b>three</b> policies & two workloads.",
    "seeds": {"first": 5, "count": 6},
    "baseline": "*/random",
    "metrics": ["waiting_seconds_mean", "gpu_allocated_percent", "node_crashes", "cost_per_pod"],
    "horizon": "3h",
    "series": {"points": 50, "nodes": 4},
    "load_marks": [50],
    "clusters": [
        {
            "name": "one",
            "nodes": NODES,
            "scheduler": {"policy": "random"},
            "typical_pods": 0.9,
            "failures": {"node": {"uptime": {"exponential": {"mean": "2h"}},
                                  "repair": {"exponential": {"mean": "5m"}}}},
        }
    ],
    "workloads": [
        {
            "synthetic": {
                "horizon": "3h",
                "arrivals": "60/h",
                "classes": [
                    {"name": "plain", "cpu": {"uniform": {"min": 1, "max": 4}}, "memory": "1GiB",
                     "duration": {"exponential": {"mean": "15m"}}},
                    {"name": "gpu", "cpu": 1, "memory": "1GiB", "gpus": 1,
                     "gpu_share": {"uniform": {"min": "200m", "max": 1}},
                     "duration": {"exponential": {"mean": "20m"}}},
                ],
            }
        }
    ],
    "matrix": {
        "names": "{load}/{policy}",
        "axes": {
            "load": {
                "light": {"/workloads/0/synthetic/arrivals": "60/h"},
                "heavy": {"/workloads/0/synthetic/arrivals": "120/h"},
            },
            "policy": {
                name: {"/clusters/0/scheduler/policy": name}
                for name in ("random", "first-fit", "fgd")
            },
        },
    },
}  # fmt: skip


def changed(**members):
    """The document with other top-level members; None takes one away."""
    document = {**copy.deepcopy(DOCUMENT), **members}
    return {key: value for key, value in document.items() if value is not None}


def run(folder, document, *options, out="results.db"):
    """Runs a document with the command of this build; returns the results file."""
    path = folder / f"{document['name']}.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    words = [os.environ["ORRERY"], "run", str(path), "--out", str(folder / out), "--quiet"]
    subprocess.run([*words, *options], check=True, capture_output=True, timeout=300)
    return folder / out


@pytest.fixture(scope="session", name="made")
def made_fixture(tmp_path_factory):
    """Files that no test changes: ``grouped``, ``plain`` and ``other`` (as plain, more crashes)."""
    folder = tmp_path_factory.mktemp("results")
    plain = changed(
        name="plain",
        baseline="random",
        matrix={"axes": {"policy": DOCUMENT["matrix"]["axes"]["policy"]}},
    )
    other = copy.deepcopy(plain)
    other["clusters"][0]["failures"]["node"]["uptime"] = {"exponential": {"mean": "30m"}}
    return {
        "grouped": run(folder, DOCUMENT, out="grouped.db"),
        "plain": run(folder, plain, out="plain.db"),
        "other": run(folder, other, out="other.db"),
        "document": folder / "plain.json",
    }


@pytest.fixture(name="plain")
def plain_fixture(made, tmp_path):
    """A results file of the test's own."""
    return shutil.copy(made["plain"], tmp_path / "mine.db")
