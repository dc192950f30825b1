import copy
import os
import sys

import pytest

SMALL = {
    "orrery": 1,
    "name": "small",
    "seeds": {"first": 1, "count": 3},
    "clusters": [
        {
            "name": "one",
            "nodes": [
                {"name": "cpu-{}", "count": 4, "cpu": 8, "memory": "16GiB"},
                {"name": "gpu-{}", "count": 2, "cpu": 8, "memory": "32GiB", "gpus": 4},
            ],
            "scheduler": {"policy": "first-fit"},
        }
    ],
    "workloads": [
        {
            "synthetic": {
                "count": 200,
                "arrivals": "2/s",
                "classes": [
                    {
                        "name": "plain",
                        "weight": 4,
                        "cpu": {"uniform": {"min": 1, "max": 4}},
                        "memory": "1GiB",
                        "duration": {"exponential": {"mean": "5s"}},
                    },
                    {
                        "name": "gpu",
                        "cpu": 1,
                        "memory": "1GiB",
                        "gpus": 1,
                        "gpu_share": "500m",
                        "duration": {"exponential": {"mean": "5s"}},
                    },
                ],
            }
        }
    ],
}


@pytest.fixture
def small():
    """A document of six nodes and 200 pods; yours to change."""
    return copy.deepcopy(SMALL)


@pytest.fixture(autouse=True)
def scratch(tmp_path, monkeypatch):
    """Each test has a working directory of its own."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="session")
def command():
    """The orrery command of this build."""
    return os.environ["ORRERY"]


sys.path.insert(0, os.path.dirname(__file__))
