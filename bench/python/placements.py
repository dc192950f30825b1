"""What a policy in Python costs: placements per second, by policy and by nodes.

    python bench/python/placements.py [NODES ...]

Needs the installed package (pip install .). Poisson arrivals at 80 % CPU load; pods of 1 to 8 CPUs
and 1 to 32 GiB run for an hour on average. Single-threaded; each figure is pods placed divided by
the wall seconds of the run's simulation, everything included.
"""

from __future__ import annotations

import sys
import tempfile
import time
from typing import Any

import numpy as np

import orrery

PODS = 20_000
LARGE = np.iinfo(np.int64).max


class Nothing(orrery.PlacementPolicy):
    """The least that a policy can do: what calling Python costs."""

    def __init__(self) -> None:
        self.next = 0

    def place(self, view: orrery.ClusterView, pod: orrery.Pod) -> int | None:
        for _ in range(view.node_count):
            self.next = (self.next + 1) % view.node_count
            if view.unfit(self.next, pod) is None:
                return self.next
        return None


class Vectorised(orrery.PlacementPolicy):
    """Best fit on CPU, a few lines of NumPy."""

    def place(self, view: orrery.ClusterView, pod: orrery.Pod) -> Any:
        fits = view.feasible(pod)
        if not fits.any():
            return None
        return np.argmin(np.where(fits, view.nodes.cpu_free, LARGE))


class Heard(Vectorised):
    """The same, and told every change."""

    def on_change(self, view: orrery.ClusterView, change: orrery.StateChange) -> None:
        pass


class FewPods(orrery.Scorer):
    """A scorer for filter-score."""

    def score(self, view: orrery.ClusterView, pod: orrery.Pod) -> Any:
        return 100 * view.nodes.pods_free / view.nodes.pods_allocatable


def document(nodes: int, pods: int = PODS) -> dict[str, Any]:
    """Nodes of 96 CPUs and 512 GiB under 80 % load: 96 × 0.8 / 4.5 = 17 pods on each."""
    return {
        "orrery": 1,
        "name": "placements",
        "seeds": [1],
        "series": {"points": 2},
        "clusters": [
            {
                "name": "one",
                "nodes": [{"name": "n-{}", "count": nodes, "cpu": 96, "memory": "512GiB"}],
                "scheduler": {"policy": "first-fit"},
            }
        ],
        "workloads": [
            {
                "synthetic": {
                    "count": pods,
                    "arrivals": f"{nodes * 96 * 0.8 / 4.5:.3f}/h",
                    "classes": [
                        {
                            "name": "pod",
                            "cpu": {"uniform": {"min": 1, "max": 8}},
                            "memory": {"uniform": {"min": "1GiB", "max": "32GiB"}},
                            "duration": {"exponential": {"mean": "1h"}},
                        }
                    ],
                }
            }
        ],
    }


def rate(nodes: int, policy: Any) -> float:
    """Pods a second, the best of three runs."""
    best = 0.0
    for _ in range(3):
        with tempfile.TemporaryDirectory() as folder:
            results = orrery.run(
                document(nodes),
                policies={"one": policy},
                jobs=1,
                out=f"{folder}/results.db",
                progress=False,
            )
            best = max(best, PODS / float(results.runs["wall_seconds"][0]))
    return best


POLICIES = {
    "first-fit (C++)": "first-fit",
    "best-fit (C++)": "best-fit",
    "filter-score, one C++ scorer": {"name": "filter-score", "scorers": ["least-allocated"]},
    "Python, next fit: the call": Nothing,
    "Python, vectorised best fit": Vectorised,
    "Python, the same with on_change": Heard,
    "filter-score, one Python scorer": {"name": "filter-score", "scorers": [FewPods]},
}


def main() -> None:
    """Prints a table."""
    sizes = [int(text) for text in sys.argv[1:]] or [100, 1000, 10000]
    print(f"{'pods placed a second':<34}" + "".join(f"{size:>10,} nodes" for size in sizes))
    for name, policy in POLICIES.items():
        start = time.perf_counter()
        rates = [rate(size, policy) for size in sizes]
        print(f"{name:<34}" + "".join(f"{one:>16,.0f}" for one in rates), flush=True)
        if time.perf_counter() - start > 120:
            print("(slow machine)")


if __name__ == "__main__":
    main()
