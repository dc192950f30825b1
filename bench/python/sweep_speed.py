"""How much faster are two workers of a Dask cluster than one?

    python bench/python/sweep_speed.py [RUNS]

Needs the installed package with its extra: pip install '.[dask]'. The work is RUNS runs of one
cluster of 1,000 nodes, each a task; workers are processes of one thread, and started beforehand.
Each count of workers sweeps once for warming up and then takes turns with the other.
"""

from __future__ import annotations

import importlib
import statistics
import sys
import tempfile
import time

import distributed

import orrery

TURNS = 3
DOCUMENT = {
    "orrery": 1,
    "name": "sweep-speed",
    "clusters": [
        {
            "name": "one",
            "nodes": [{"name": "node-{}", "count": 1000, "cpu": 64, "memory": "256GiB"}],
            "scheduler": {"policy": "best-fit"},
        }
    ],
    "workloads": [
        {
            "synthetic": {
                "count": 600_000,
                "arrivals": "100/s",
                "classes": [
                    {
                        "name": "task",
                        "cpu": {"uniform": {"min": 1, "max": 8}},
                        "memory": "4GiB",
                        "duration": {"exponential": {"mean": "90s"}},
                    }
                ],
            }
        }
    ],
}


def swept(client: distributed.Client, runs: int) -> float:
    """Seconds of a whole sweep."""
    with tempfile.TemporaryDirectory() as folder:
        begin = time.perf_counter()
        orrery.sweep(
            DOCUMENT, executor=client, seeds=runs, out=f"{folder}/results.db", progress=False
        )
        client.run(lambda: None)
        return time.perf_counter() - begin


def main() -> None:
    """Prints the medians and their ratio."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 24
    seconds: dict[int, list[float]] = {1: [], 2: []}
    for turn in range(TURNS + 1):
        for workers in seconds:
            with (
                distributed.LocalCluster(
                    n_workers=workers, threads_per_worker=1, dashboard_address=None
                ) as cluster,
                distributed.Client(cluster) as client,
            ):
                client.run(importlib.import_module, "orrery._core")  # on every worker
                swept(client, 2 * workers)
                taken = swept(client, runs)
            if turn > 0:
                seconds[workers].append(taken)
    medians = {workers: statistics.median(taken) for workers, taken in seconds.items()}
    for workers, median in medians.items():
        print(f"{workers} workers: {median:.2f} s for {runs} runs")
    print(f"ratio: {medians[1] / medians[2]:.2f}")


if __name__ == "__main__":
    main()
