"""What runs measured within themselves: distributions, time series, trade-offs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..comparison import Comparison, Group, MetricComparison, compare, metric_title
from ..plot import charts, tables
from ..plot.tables import Table
from ..store import Results
from .document import Block, Figure, Section

__all__ = ["measured_sections"]

#: How many figures of time series a page may hold in all: what keeps it under its size.
_SERIES_BUDGET = 60_000
_POINTS_MIN, _POINTS_MAX = 40, 200
_CURVE_BUDGET = 30_000
_HEAT_MAPS_MAX = 3
#: What running costs, and what it is worth: pairs of metrics that trade against each other.
_COSTS = ("cost_per_pod", "cost", "energy_kwh")


def measured_sections(results: Results, comparison: Comparison) -> list[Section]:
    """Only what these results hold, and only where it differs from nothing at all."""
    return [
        Section("distributions", "Distributions", _distributions(results, comparison)),
        Section("series", "Over time", _series(results, comparison)),
        Section("nodes", "Node by node", _heat_maps(results, comparison)),
        Section("curves", "Over arrived load", _curves(results, comparison)),
        Section("trade-offs", "Cost and energy against performance", _pareto(results, comparison)),
    ]


def _distributions(results: Results, comparison: Comparison) -> list[Block]:
    figures: list[Block] = []
    for name, unit in results.distribution_names:
        data = {
            group.name: {"rows": tables.distribution_table(results, name, group)}
            for group in comparison.groups
        }
        values = {value for table in data.values() for value in table["rows"]["value"]}
        if len(values) < 2:
            continue  # nothing, or the same always
        title = metric_title(name)
        figures.append(
            Figure(
                id=f"distribution-{name}",
                title=title,
                caption=(
                    "The share of all that had at most the value below, averaged over the seeds."
                    " A curve further left has smaller values. The axis is logarithmic."
                ),
                draw=_distribution_drawing(comparison.labels, title, unit),
                data=data,
            )
        )
    return figures


def _distribution_drawing(labels: Sequence[str], title: str, unit: str) -> Any:
    return lambda data: charts.distribution_chart(data["rows"], labels, title, unit)


def _series(results: Results, comparison: Comparison) -> list[Block]:
    names = [(name, unit) for name, unit in results.series_names if name != "node_crashes"]
    has_crashes = any(name == "node_crashes" for name, _ in results.series_names)
    time, seconds = _time_of(results)
    lines = len(results.variants) * max(len(names), 1)
    points = int(np.clip(_SERIES_BUDGET // lines, _POINTS_MIN, _POINTS_MAX))
    crashes = _crash_tables(results, comparison, seconds) if has_crashes else {}
    figures: list[Block] = []
    for name, unit in names:
        data: dict[str, dict[str, Table]] = {}
        for group in comparison.groups:
            banded = _banded(comparison, group)
            table = tables.series_table(results, name, group, points, seconds, banded)
            data[group.name] = {"rows": table}
            if crashes:
                data[group.name]["crashes"] = crashes[group.name]
        if _is_constant([table["rows"] for table in data.values()]):
            continue
        figures.append(_series_figure(name, unit, time, comparison.labels, data, bool(crashes)))
    return figures


def _series_figure(
    name: str,
    unit: str,
    time: str,
    labels: Sequence[str],
    data: dict[str, dict[str, Table]],
    has_crashes: bool,
) -> Figure:
    title = metric_title(name)
    caption = (
        "Lines: means over the seeds. Grey band: from the least to the greatest seed of the"
        " baseline; the seeds are common to all."
    )
    if has_crashes:
        caption += " Bars along the foot: node crashes per run."

    def draw(given: Mapping[str, Any]) -> Any:
        return charts.series_chart(
            given["rows"], labels, title, unit, time, given["crashes"] if has_crashes else None
        )

    return Figure(f"series-{name}", title, caption, draw, data, is_wide=True)


def _crash_tables(results: Results, comparison: Comparison, seconds: float) -> dict[str, Table]:
    return {group.name: tables.crash_table(results, group, seconds) for group in comparison.groups}


def _is_constant(of_groups: Sequence[Table]) -> bool:
    """Nothing to see: one value all the time, everywhere."""
    values = {
        value for table in of_groups for side in ("mean", "low", "high") for value in table[side]
    }
    return len(values - {None}) <= 1


def _banded(comparison: Comparison, group: Group) -> str:
    """The group's baseline, or its first variant where the baseline is in another group."""
    rows = comparison.metrics[0].rows if comparison.metrics else []
    baselines = {row.variant: row.baseline for row in rows}
    own = baselines.get(group.variants[0], "")
    return own if own in group.variants else group.variants[0]


def _curves(results: Results, comparison: Comparison) -> list[Block]:
    names = results.curve_names
    lines = len(results.variants) * max(len(names), 1)
    step = 1.0 if lines * 100 <= _CURVE_BUDGET else 2.0
    figures: list[Block] = []
    for name, unit, over in names:
        data = {
            group.name: {"rows": tables.curve_table(results, name, group, step)}
            for group in comparison.groups
        }
        if _is_constant([table["rows"] for table in data.values()]):
            continue
        figures.append(_curve_figure(name, unit, over, comparison.labels, data))
    return figures


def _curve_figure(
    name: str, unit: str, over: str, labels: Sequence[str], data: dict[str, dict[str, Table]]
) -> Figure:
    title = metric_title(name)
    spelled = charts.spelled_over(over)
    return Figure(
        id=f"curve-{name}",
        title=title,
        caption="Lines: means over the seeds. Bands: from the least to the greatest seed.",
        draw=lambda given: charts.curve_chart(given["rows"], labels, title, unit, spelled),
        data=data,
    )


def _heat_maps(results: Results, comparison: Comparison) -> list[Block]:
    """The first seed of each variant of a group, side by side; of each cluster."""
    names = [name for name, _ in results.heat_map_names if name.endswith("node_allocated_percent")]
    seeds = [run.seed for _, run in results.runs() if run.status == "ok"]
    if not names or not seeds:
        return []
    time, seconds = _time_of(results)
    seed, figures = min(seeds), []
    for name in names[:_HEAT_MAPS_MAX]:
        for label in comparison.labels:
            data = {}
            for group in comparison.groups:
                by_label = dict(zip(group.labels, group.variants))
                if label in by_label:
                    table = tables.heat_map_table(results, name, by_label[label], seed, seconds)
                    data[group.name] = {"rows": table}
            if any(tables_of["rows"]["node"] for tables_of in data.values()):
                figures.append(_heat_map_figure(name, label, seed, time, data))
    return list(figures)


def _heat_map_figure(
    name: str, label: str, seed: int, time: str, data: dict[str, dict[str, Table]]
) -> Figure:
    cluster = name.split(".")[1] if name.startswith("cluster.") else ""
    return Figure(
        id=f"heat-{name}-{label}",
        title=f"{label}" + (f", cluster {cluster}" if cluster else ""),
        caption=(
            f"Seed {seed}: what is reserved of each node's GPUs, or of its CPU where it has none."
            " Red crosses: the node was down."
        ),
        draw=lambda given: charts.heat_map_chart(given["rows"], time),
        data=data,
    )


def _time_of(results: Results) -> tuple[str, float]:
    ends = [run.simulated_seconds for _, run in results.runs() if run.status == "ok"]
    return tables.time_unit(max(ends, default=0))


def _pareto(results: Results, comparison: Comparison) -> list[Block]:
    known = {metric.name for metric in results.metrics}
    wanted = [name for name in _COSTS if name in known]
    if not wanted:
        return []
    costs = [metric for metric in _compared(results, wanted, comparison) if _varies(metric)]
    shown = [m for m in comparison.metrics if m.metric.direction != "neutral" and _varies(m)]
    gains = [metric for metric in shown if metric.metric.name not in _COSTS][:2]
    return [_pareto_figure(cost, gain, comparison) for cost in costs for gain in gains]


def _compared(
    results: Results, names: Sequence[str], comparison: Comparison
) -> list[MetricComparison]:
    have = {metric.metric.name: metric for metric in comparison.metrics}
    return [have.get(name) or compare(results, [name], "").metrics[0] for name in names]


def _varies(metric: MetricComparison) -> bool:
    return len({row.estimate.mean for row in metric.rows if row.values}) > 1


def _pareto_figure(
    cost: MetricComparison, gain: MetricComparison, comparison: Comparison
) -> Figure:
    x = (metric_title(cost.metric.name), cost.metric.unit)
    y = (metric_title(gain.metric.name), gain.metric.unit)
    is_higher = gain.metric.direction == "higher"
    corner = "top left" if is_higher else "bottom left"
    by_group = {group.name: rows for group, rows in gain.groups}
    return Figure(
        id=f"pareto-{cost.metric.name}-{gain.metric.name}",
        title=f"{y[0]} against {x[0][:1].lower() + x[0][1:]}",
        caption=(
            f"Means over the seeds; the {corner} corner is best. Bars: 95 % intervals of the"
            " differences to the baseline, paired by seed. The dashed line joins the variants"
            " that no other beats on both."
        ),
        draw=lambda data: charts.pareto_chart(data["rows"], comparison.labels, x, y),
        data={
            group.name: {"rows": tables.pareto_table(rows, by_group[group.name], is_higher)}
            for group, rows in cost.groups
        },
    )
