"""The rows behind each chart: aggregated over seeds, in columns, without any drawing library.

A table is a dictionary of columns of equal length. Figures keep six significant digits: no chart
shows more, and a report holds thousands of them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..comparison import Group, MetricComparison, Row
from ..stats import Verdict
from ..store import Results

__all__ = [
    "Table",
    "crash_table",
    "curve_table",
    "difference_limit",
    "distribution_table",
    "heat_map_table",
    "overview_table",
    "paired_table",
    "pareto_table",
    "per_seed_table",
    "ranking_table",
    "series_table",
    "time_unit",
]

Table = dict[str, list[Any]]

_SECONDS = {"s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
#: In words; also what the legend of paired differences shows.
BEYOND, PERHAPS, NOISE = "beyond noise", "perhaps noise", "not told from zero"


def rounded(value: float | None) -> float | None:
    """Six significant digits; None where there is no value."""
    if value is None or not math.isfinite(value):
        return None
    return float(f"{value:.6g}")


def ranking_table(rows: Sequence[Row]) -> Table:
    """Mean and 95 % interval of each variant, best first."""
    ordered = sorted(rows, key=lambda row: (row.rank == 0, row.rank, row.label))
    return {
        "variant": [row.label for row in ordered],
        "order": list(range(len(ordered))),
        "mean": [rounded(row.estimate.mean) for row in ordered],
        "low": [rounded(row.estimate.low) for row in ordered],
        "high": [rounded(row.estimate.high) for row in ordered],
        "seeds": [row.estimate.count for row in ordered],
    }


def paired_table(rows: Sequence[Row]) -> Table:
    """Difference to the baseline with its interval, in the order of the ranking."""
    ordered = sorted(rows, key=lambda row: (row.rank == 0, row.rank, row.label))
    compared = [row for row in ordered if row.difference and row.difference.count > 0]
    differences = [row.difference for row in compared if row.difference]
    return {
        "variant": [row.label for row in compared],
        "order": list(range(len(compared))),
        "difference": [rounded(d.mean) for d in differences],
        "low": [rounded(d.low) for d in differences],
        "high": [rounded(d.high) for d in differences],
        "seeds": [d.count for d in differences],
        "certainty": [certainty_of(row) for row in compared],
        "verdict": [row.verdict.value for row in compared],
        "p": [rounded(row.p_holm) for row in compared],
    }


def certainty_of(row: Row) -> str:
    """Whether the difference stands, alone and among all comparisons of the metric."""
    if row.is_confirmed:
        return BEYOND
    return PERHAPS if row.verdict.is_difference else NOISE


def per_seed_table(rows: Sequence[Row], all_rows: Sequence[Row]) -> Table:
    """Value of each variant against its baseline's under the same seed."""
    values = {row.variant: row.values for row in all_rows}
    table: Table = {"variant": [], "seed": [], "baseline": [], "value": []}
    for row in rows:
        theirs = values.get(row.baseline, {})
        if row.difference is None:
            continue
        for seed in sorted(set(row.values) & set(theirs)):
            table["variant"].append(row.label)
            table["seed"].append(str(seed))
            table["baseline"].append(rounded(theirs[seed]))
            table["value"].append(rounded(row.values[seed]))
    return table


def overview_table(metric: MetricComparison) -> Table:
    """Differences to the baseline of every group and variant, for one picture of all."""
    marks = {Verdict.BETTER: "+", Verdict.WORSE: "−", Verdict.HIGHER: "↑", Verdict.LOWER: "↓"}
    table: Table = {"group": [], "variant": [], "difference": [], "mark": [], "verdict": []}
    for group, rows in metric.groups:
        for row in rows:
            if row.difference is None or row.difference.count == 0:
                continue
            table["group"].append(group.name)
            table["variant"].append(row.label)
            table["difference"].append(rounded(row.difference.mean))
            table["mark"].append(marks.get(row.verdict, "") if row.is_confirmed else "")
            table["verdict"].append(row.verdict.value)
    return table


def difference_limit(metric: MetricComparison) -> float:
    """The largest difference to a baseline; 1 where there is none."""
    sizes = [abs(row.difference.mean) for row in metric.rows if row.difference]
    return rounded(max((size for size in sizes if size == size), default=0.0)) or 1.0


def pareto_table(cost: Sequence[Row], gain: Sequence[Row], higher_is_better: bool) -> Table:
    """Means of two metrics against each other; ``front`` marks variants that none beats on both."""
    by_variant = {row.variant: row for row in gain}
    pairs = [(x, by_variant[x.variant]) for x in cost if x.variant in by_variant]
    pairs = [(x, y) for x, y in pairs if x.values and y.values]
    sign = 1 if higher_is_better else -1

    def is_beaten(x: Row, y: Row) -> bool:
        mine = (-x.estimate.mean, sign * y.estimate.mean)
        for other_x, other_y in pairs:
            other = (-other_x.estimate.mean, sign * other_y.estimate.mean)
            if other != mine and other[0] >= mine[0] and other[1] >= mine[1]:
                return True
        return False

    across = [_around(x) for x, _ in pairs]
    along = [_around(y) for _, y in pairs]
    return {
        "variant": [x.label for x, _ in pairs],
        "x": [rounded(x.estimate.mean) for x, _ in pairs],
        "x_low": [rounded(low) for low, _ in across],
        "x_high": [rounded(high) for _, high in across],
        "y": [rounded(y.estimate.mean) for _, y in pairs],
        "y_low": [rounded(low) for low, _ in along],
        "y_high": [rounded(high) for _, high in along],
        "front": [not is_beaten(x, y) for x, y in pairs],
    }


def _around(row: Row) -> tuple[float | None, float | None]:
    """The paired difference's interval, laid around the variant's own mean."""
    difference = row.difference
    if difference is None or difference.low is None or difference.high is None:
        return None, None
    half = (difference.high - difference.low) / 2
    return row.estimate.mean - half, row.estimate.mean + half


def distribution_table(results: Results, name: str, group: Group) -> Table:
    """The empirical distribution: the share of values at most ``value``, seeds averaged.

    The quantile of each probability is averaged over the seeds. Values of zero are drawn at the
    least value above it: the axis is logarithmic.
    """
    table: Table = {"variant": [], "value": [], "probability": []}
    for variant, label in zip(group.variants, group.labels):
        runs = list(results.quantiles(name, variant).values())
        if not runs:
            continue
        probabilities = runs[0][0]
        alike = [values for p, values in runs if np.array_equal(p, probabilities)]
        mean = np.mean(alike, axis=0)
        table["variant"] += [label] * len(mean)
        table["value"] += [rounded(value) for value in mean]
        table["probability"] += [rounded(p) for p in probabilities]
    positive = [value for value in table["value"] if value]
    floor = min(positive) if positive else 0.0
    if floor == 0.0:
        return {"variant": [], "value": [], "probability": []}
    table["value"] = [max(value, floor) for value in table["value"]]
    return table


def time_unit(seconds_max: float) -> tuple[str, float]:
    """The unit in which a span of virtual time reads best, and its length in seconds."""
    for unit in ("d", "h", "min"):
        if seconds_max >= 3 * _SECONDS[unit]:
            return unit, _SECONDS[unit]
    return "s", 1.0


def series_table(
    results: Results,
    name: str,
    group: Group,
    points: int,
    unit_seconds: float,
    banded: str,
) -> Table:
    """Mean over the seeds, in ``points`` spans of equal length.

    For the variant ``banded`` also the least and the greatest of its seeds: seeds are common to all
    variants, so that the others' ranges are much the same and would hide each other.
    """
    table: Table = {"variant": [], "time": [], "mean": [], "low": [], "high": []}
    for variant, label in zip(group.variants, group.labels):
        runs = list(results.series(name, variant).values())
        runs = [(times, values) for times, values in runs if times.size]
        if not runs:
            continue
        end = max(float(times[-1]) for times, _ in runs)
        edges = np.linspace(0.0, end * (1 + 1e-9) or 1.0, points + 1)
        rows = np.array([_resampled(times, values, edges) for times, values in runs])
        centres = (edges[:-1] + edges[1:]) / 2 / unit_seconds
        known = ~np.isnan(rows).all(axis=0)
        rows, centres = rows[:, known], centres[known]
        table["variant"] += [label] * centres.size
        table["time"] += [rounded(time) for time in centres]
        table["mean"] += [rounded(value) for value in np.nanmean(rows, axis=0)]
        if variant == banded:
            table["low"] += [rounded(value) for value in np.nanmin(rows, axis=0)]
            table["high"] += [rounded(value) for value in np.nanmax(rows, axis=0)]
        else:
            table["low"] += [None] * centres.size
            table["high"] += [None] * centres.size
    return table


def _resampled(
    times: NDArray[np.float64], values: NDArray[np.float64], edges: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The mean of what falls into each span; spans without any take their neighbours' line."""
    known = ~np.isnan(values)
    times, values = times[known], values[known]
    spans = edges.size - 1
    if times.size == 0:
        return np.full(spans, np.nan)
    at = np.clip(np.searchsorted(edges, times, side="right") - 1, 0, spans - 1)
    count = np.bincount(at, minlength=spans)
    total = np.bincount(at, weights=values, minlength=spans)
    centres = (edges[:-1] + edges[1:]) / 2
    between = np.interp(centres, times, values, left=np.nan, right=np.nan)
    return np.where(count > 0, total / np.maximum(count, 1), between)


def crash_table(results: Results, group: Group, unit_seconds: float, spans: int = 100) -> Table:
    """Node crashes per run over time, averaged over all runs of the group; none where zero."""
    runs = [run for v in group.variants for run in results.series("node_crashes", v).values()]
    runs = [(times, values) for times, values in runs if times.size]
    if not runs:
        return {"time": [], "crashes": []}
    end = max(float(times[-1]) for times, _ in runs)
    edges = np.linspace(0.0, end * (1 + 1e-9) or 1.0, spans + 1)
    total = np.zeros(spans)
    for times, values in runs:
        at = np.clip(np.searchsorted(edges, times, side="right") - 1, 0, spans - 1)
        total += np.bincount(at, weights=np.nan_to_num(values), minlength=spans)
    centres = (edges[:-1] + edges[1:]) / 2 / unit_seconds
    seen = total > 0
    return {
        "time": [rounded(time) for time in centres[seen]],
        "crashes": [rounded(count / len(runs)) for count in total[seen]],
    }


def curve_table(results: Results, name: str, group: Group, step: float) -> Table:
    """Mean over the seeds at every ``step``, with the least and the greatest seed."""
    table: Table = {"variant": [], "at": [], "mean": [], "low": [], "high": []}
    for variant, label in zip(group.variants, group.labels):
        runs = list(results.curve(name, variant).values())
        runs = [(positions, values) for positions, values in runs if positions.size]
        if not runs:
            continue
        least = min(float(positions[0]) for positions, _ in runs)
        greatest = max(float(positions[-1]) for positions, _ in runs)
        at = np.arange(np.ceil(least / step) * step, greatest + step / 2, step)
        rows = np.array([np.interp(at, p, v, left=np.nan, right=np.nan) for p, v in runs])
        known = ~np.isnan(rows).all(axis=0)
        rows, at = rows[:, known], at[known]
        table["variant"] += [label] * at.size
        table["at"] += [rounded(position) for position in at]
        table["mean"] += [rounded(value) for value in np.nanmean(rows, axis=0)]
        table["low"] += [rounded(value) for value in np.nanmin(rows, axis=0)]
        table["high"] += [rounded(value) for value in np.nanmax(rows, axis=0)]
    return table


def heat_map_table(
    results: Results, name: str, variant: str, seed: int, unit_seconds: float
) -> Table:
    """One run's share by node and span; spans in which a node was down all the time are None."""
    table: Table = {"node": [], "begin": [], "end": [], "percent": [], "down": []}
    heat = results.heat_map(name, variant, seed)
    if heat is None:
        return table
    down = results.heat_map(name.replace("node_allocated", "node_down"), variant, seed)
    spans = heat.percents.shape[1]
    edges = heat.edges / unit_seconds
    for row, node in enumerate(heat.rows):
        gone = down.percents[row].tolist() if down is not None else [0] * spans
        table["node"] += [node] * spans
        table["begin"] += [rounded(edge) for edge in edges[:-1]]
        table["end"] += [rounded(edge) for edge in edges[1:]]
        table["percent"] += heat.percents[row].tolist()
        table["down"] += gone
    return table
