"""Charts of results files, as reports and notebooks draw them; needs ``orrery[report]``."""

from __future__ import annotations

from .api import (
    distribution,
    fragmentation,
    heat_map,
    overview,
    paired_differences,
    pareto,
    per_seed,
    ranking,
    series,
)

__all__ = [
    "distribution",
    "fragmentation",
    "heat_map",
    "overview",
    "paired_differences",
    "pareto",
    "per_seed",
    "ranking",
    "series",
]
