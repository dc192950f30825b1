"""Orrery: what would this scheduling policy do to my clusters, and can I trust the answer?

    import orrery

    results = orrery.run("quickstart", policies=["random", "best-fit"], seeds=3)
    results.comparison()

`run` simulates, `open` reads a results file again, `PlacementPolicy` is what a policy of your own
derives from. Everything is loaded when it is first asked for.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from orrery._core import (
    ClusterView,
    Error,
    Nodes,
    Placement,
    Pod,
    StateChange,
    __version__,
)

if TYPE_CHECKING:
    from orrery.one_run import Run
    from orrery.policies import Filter, PlacementPolicy, RunContext, Scorer
    from orrery.results import Results, open
    from orrery.runs import RunFailed, explain, library, run
    from orrery.sweeps import sweep
    from orrery.table import Table
    from orrery.traces import Outages, Trace, empirical, outages, trace

__all__ = [
    "ClusterView",
    "Error",
    "Filter",
    "Nodes",
    "Outages",
    "Placement",
    "PlacementPolicy",
    "Pod",
    "Results",
    "Run",
    "RunContext",
    "RunFailed",
    "Scorer",
    "StateChange",
    "Table",
    "Trace",
    "__version__",
    "empirical",
    "explain",
    "library",
    "open",
    "outages",
    "run",
    "sweep",
    "trace",
]

_MODULE_OF = {
    "Filter": "orrery.policies",
    "PlacementPolicy": "orrery.policies",
    "Outages": "orrery.traces",
    "Results": "orrery.results",
    "Run": "orrery.one_run",
    "RunContext": "orrery.policies",
    "RunFailed": "orrery.runs",
    "Scorer": "orrery.policies",
    "Table": "orrery.table",
    "Trace": "orrery.traces",
    "empirical": "orrery.traces",
    "explain": "orrery.runs",
    "library": "orrery.runs",
    "open": "orrery.results",
    "outages": "orrery.traces",
    "run": "orrery.runs",
    "sweep": "orrery.sweeps",
    "trace": "orrery.traces",
}
#: Modules that come with their name alone: `orrery.stats.holm`, `orrery.plot.ranking`.
_SUBMODULES = ("plot", "report", "stats")


def __getattr__(name: str) -> Any:
    if name in _SUBMODULES:
        return importlib.import_module(f"orrery.{name}")
    if name not in _MODULE_OF:
        raise AttributeError(f"module 'orrery' has no attribute {name!r}")
    value = getattr(importlib.import_module(_MODULE_OF[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
