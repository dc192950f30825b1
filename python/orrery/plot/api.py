"""Charts of results files: ``orrery.plot.ranking("results/quickstart.db")`` and its siblings.

Each function takes results files (a path, several paths, or what ``orrery.store.open_results``
gives) and returns an Altair chart. Where variants fall into groups (``default/fgd``,
``cpu050/fgd``), a chart has a panel for each group, or only that of ``group``.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Callable, Union

from ..comparison import Comparison, Group, MetricComparison, compare, metric_title
from ..comparison.words import wanted_words
from ..errors import Error, suggest
from ..store import Results, ResultsFile, open_results
from . import charts, tables, theme
from ._altair import altair

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

Source = Union[Results, ResultsFile, str, Path, Sequence[Union[str, Path]]]

_WIDTH, _PANEL_WIDTH, _COLUMNS = 480, 260, 3


def ranking(
    results: Source, metric: str = "", *, group: str | None = None, baseline: str = ""
) -> Any:
    """Mean of each variant with its 95 % interval, best on top."""
    found, comparison = _compared(results, metric, baseline)
    name, unit = metric_title(found.metric.name), found.metric.unit

    def panel(_: Group, rows: Any) -> Any:
        return charts.ranking_chart(tables.ranking_table(rows), comparison.labels, name, unit)

    return _of_metric(found, group, panel)


def paired_differences(
    results: Source, metric: str = "", *, group: str | None = None, baseline: str = ""
) -> Any:
    """Differences to the baseline under the same seeds, with 95 % intervals."""
    found, comparison = _compared(results, metric, baseline)
    name, unit = metric_title(found.metric.name), found.metric.unit
    hint = wanted_words(found.metric.direction)

    def panel(_: Group, rows: Any) -> Any:
        table = tables.paired_table(rows)
        return charts.paired_chart(table, comparison.labels, unit, hint).properties(title=name)

    return _of_metric(found, group, panel)


def per_seed(
    results: Source, metric: str = "", *, group: str | None = None, baseline: str = ""
) -> Any:
    """Value of each variant against its baseline's, seed by seed."""
    found, comparison = _compared(results, metric, baseline)
    name, unit = metric_title(found.metric.name), found.metric.unit

    def panel(_: Group, rows: Any) -> Any:
        table = tables.per_seed_table(rows, found.rows)
        return charts.per_seed_chart(table, comparison.labels, name, unit)

    return _of_metric(found, group, panel)


def overview(results: Source, metric: str = "", *, baseline: str = "") -> Any:
    """Difference to the baseline of every group and variant at once."""
    found, comparison = _compared(results, metric, baseline)
    chart = charts.overview_chart(
        tables.overview_table(found),
        found.compared_labels,
        [one.name for one in comparison.groups],
        found.metric.unit,
        found.metric.direction,
        tables.difference_limit(found),
    )
    return _finished(chart.properties(width=_WIDTH, title=metric_title(found.metric.name)))


def pareto(
    results: Source,
    cost: str = "cost_per_pod",
    metric: str = "",
    *,
    group: str | None = None,
    baseline: str = "",
) -> Any:
    """A metric against what it costs; a line joins what nothing beats on both."""
    opened = open_results(_source(results))
    gain, comparison = _compared(opened, metric, baseline)
    paid, _ = _compared(opened, cost, baseline)
    x = (metric_title(paid.metric.name), paid.metric.unit)
    y = (metric_title(gain.metric.name), gain.metric.unit)
    by_group = {one.name: rows for one, rows in paid.groups}
    is_higher = gain.metric.direction == "higher"

    def panel(one: Group, rows: Any) -> Any:
        table = tables.pareto_table(by_group[one.name], rows, is_higher)
        return charts.pareto_chart(table, comparison.labels, x, y)

    return _of_metric(gain, group, panel)


def distribution(
    results: Source, name: str = "waiting_seconds", *, group: str | None = None
) -> Any:
    """Empirical distribution of what pods met, such as their waiting times."""
    opened = open_results(_source(results))
    unit = _unit_of(name, dict(opened.distribution_names), "distribution")
    comparison = _grouped(opened)

    def panel(one: Group) -> Any:
        table = tables.distribution_table(opened, name, one)
        return charts.distribution_chart(table, comparison.labels, metric_title(name), unit)

    return _panels(comparison.groups, group, panel)


def series(
    results: Source,
    name: str = "gpu_allocated_percent",
    *,
    group: str | None = None,
    points: int = 200,
) -> Any:
    """A metric over virtual time: means over the seeds, and crashes where there were any."""
    opened = open_results(_source(results))
    unit = _unit_of(name, dict(opened.series_names), "series")
    comparison = _grouped(opened)
    ends = [run.simulated_seconds for _, run in opened.runs() if run.status == "ok"]
    time, seconds = tables.time_unit(max(ends, default=0.0))

    def panel(one: Group) -> Any:
        table = tables.series_table(opened, name, one, points, seconds, one.variants[0])
        crashes = tables.crash_table(opened, one, seconds)
        shown = crashes if crashes["time"] else None
        return charts.series_chart(
            table, comparison.labels, metric_title(name), unit, time, shown
        ).properties(width=640)

    return _panels(comparison.groups, group, panel, columns=1)


def fragmentation(
    results: Source,
    name: str = "gpu_fragmented_percent",
    *,
    group: str | None = None,
) -> Any:
    """Fragmentation, or ``gpu_allocated_percent``, over the load that has arrived."""
    opened = open_results(_source(results))
    known = {name: (unit, over) for name, unit, over in opened.curve_names}
    unit, over = known[_known(name, list(known), "curve")]
    comparison = _grouped(opened)

    def panel(one: Group) -> Any:
        table = tables.curve_table(opened, name, one, 1.0)
        return charts.curve_chart(
            table, comparison.labels, metric_title(name), unit, charts.spelled_over(over)
        )

    return _panels(comparison.groups, group, panel)


def heat_map(
    results: Source, variant: str = "", *, seed: int | None = None, cluster: str = ""
) -> Any:
    """How full each node was over time in one run (default: the first variant and seed)."""
    opened = open_results(_source(results))
    maps = [name for name, _ in opened.heat_map_names if name.endswith("node_allocated_percent")]
    if not maps:
        raise Error(
            'these results have no heat map of the nodes: set "series": {"nodes": 50} in the'
            " document and run it again"
        )
    clusters = {name.split(".")[1] if "." in name else "": name for name in maps}
    name = clusters[_known(cluster, list(clusters), "cluster")] if cluster else maps[0]
    chosen = _known(variant or opened.variants[0].name, list(opened.by_name), "variant")
    runs = [run for one, run in opened.runs() if one == chosen and run.status == "ok"]
    seeds = [run.seed for run in runs]
    if seed is None and seeds:
        seed = min(seeds)
    if seed not in seeds:
        raise Error(f"{chosen} has no finished run under seed {seed}: it has {seeds[:20]}")
    ends = [run.simulated_seconds for run in runs]
    time, seconds = tables.time_unit(max(ends, default=0.0))
    table = tables.heat_map_table(opened, name, chosen, seed, seconds)
    title = f"{chosen}, seed {seed}" + (f", cluster {name.split('.')[1]}" if "." in name else "")
    return _finished(charts.heat_map_chart(table, time).properties(width=_WIDTH, title=title))


def _source(results: Any) -> Any:
    """Also what has a ``path``, such as what ``orrery.run`` gives."""
    path = getattr(results, "path", None)
    return results if isinstance(results, (Results, ResultsFile)) or path is None else path


def _compared(results: Source, metric: str, baseline: str) -> tuple[MetricComparison, Comparison]:
    comparison = compare(open_results(_source(results)), [metric] if metric else [], baseline)
    return comparison.metrics[0], comparison


def _grouped(results: Results) -> Comparison:
    comparison = compare(results, [results.metrics[0].name])
    return comparison


def _unit_of(name: str, units: dict[str, str], what: str) -> str:
    return units[_known(name, list(units), what)]


def _known(name: str, names: Sequence[str], what: str) -> str:
    if name not in names:
        raise Error(f"no {what} of these results is called '{name}': {suggest(name, names)}")
    return name


def _of_metric(metric: MetricComparison, group: str | None, panel: Callable[..., Any]) -> Any:
    by_name = {one.name: rows for one, rows in metric.groups}
    return _panels(
        [one for one, _ in metric.groups], group, lambda one: panel(one, by_name[one.name])
    )


def _panels(
    groups: Sequence[Group],
    wanted: str | None,
    panel: Callable[[Group], Any],
    columns: int = _COLUMNS,
) -> Any:
    """One chart, or a panel for each group."""
    if wanted is not None:
        name = _known(wanted, [one.name for one in groups], "group")
        groups = [one for one in groups if one.name == name]
    drawn = [panel(one) for one in groups]
    if len(drawn) == 1:
        return _finished(_sized(drawn[0], _WIDTH))
    titled = [
        _sized(chart, _PANEL_WIDTH).properties(title=one.name) for chart, one in zip(drawn, groups)
    ]
    return _finished(altair().concat(*titled, columns=columns).resolve_scale(color="shared"))


def _sized(chart: Any, width: int) -> Any:
    return chart.properties(width=width) if chart.width == "container" else chart


def _finished(chart: Any) -> Any:
    """In the colours of the reports."""
    return chart.configure(**theme.config(theme.LIGHT))
