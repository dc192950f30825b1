"""The charts of one experiment: ``results.plot.ranking()``."""

from __future__ import annotations

from typing import Any

from . import api

__all__ = ["Plots"]


class Plots:
    """Draws Altair charts of a results file; see the functions of ``orrery.plot``."""

    def __init__(self, path: str) -> None:
        self._path = path

    def ranking(self, metric: str = "", **options: Any) -> Any:
        """Mean of each variant with its 95 % interval, best on top."""
        return api.ranking(self._path, metric, **options)

    def paired_differences(self, metric: str = "", **options: Any) -> Any:
        """Differences to the baseline under the same seeds, with 95 % intervals."""
        return api.paired_differences(self._path, metric, **options)

    def per_seed(self, metric: str = "", **options: Any) -> Any:
        """Value of each variant against its baseline's, seed by seed."""
        return api.per_seed(self._path, metric, **options)

    def overview(self, metric: str = "", **options: Any) -> Any:
        """Difference to the baseline of every group and variant at once."""
        return api.overview(self._path, metric, **options)

    def pareto(self, cost: str = "cost_per_pod", metric: str = "", **options: Any) -> Any:
        """A metric against what it costs; a line joins what nothing beats on both."""
        return api.pareto(self._path, cost, metric, **options)

    def distribution(self, name: str = "waiting_seconds", **options: Any) -> Any:
        """Empirical distribution of what pods met, such as their waiting times."""
        return api.distribution(self._path, name, **options)

    def series(self, name: str = "gpu_allocated_percent", **options: Any) -> Any:
        """A metric over virtual time, with crashes where there were any."""
        return api.series(self._path, name, **options)

    def fragmentation(self, name: str = "gpu_fragmented_percent", **options: Any) -> Any:
        """Fragmentation, or ``gpu_allocated_percent``, over the load that has arrived."""
        return api.fragmentation(self._path, name, **options)

    def heat_map(self, variant: str = "", **options: Any) -> Any:
        """How full each node was over time in one run."""
        return api.heat_map(self._path, variant, **options)
