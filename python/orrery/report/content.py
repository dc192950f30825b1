"""Results to document: which sections there are, and what each shows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Callable

from ..comparison import (
    Comparison,
    MetricComparison,
    Row,
    answer_of,
    compare,
    metric_title,
)
from ..comparison.words import decimals_for, interval_text, number, signed, wanted_words
from ..plot import charts, tables
from ..stats import mean_interval
from ..store import Results
from .document import EVERY, Block, DataTable, Document, Figure, Paragraph, Section
from .measured import measured_sections
from .provenance import provenance_of

__all__ = ["build_document"]

_COLUMNS = [
    "rank", "variant", "seeds", "mean", "95 % interval", "difference", "its 95 % interval",
    "effect (g)", "p (Holm)", "verdict",
]  # fmt: skip
_NUMERIC = [True, False, True, True, True, True, True, True, True, False]


def build_document(
    results: Results, metrics: Sequence[str] = (), baseline: str = "", command: str = ""
) -> Document:
    """Everything that a report on ``results`` says. Raises ``orrery.Error``."""
    comparison = compare(results, metrics, baseline)
    sections = [_overview(comparison)]
    sections += [_metric_section(metric, comparison) for metric in comparison.metrics]
    sections += measured_sections(results, comparison)
    return Document(
        title=results.title,
        description=results.files[0].meta.get("description", ""),
        answer=answer_of(comparison),
        notes=comparison.notes,
        groups=[group.name for group in comparison.groups],
        sections=[section for section in sections if section.blocks],
        provenance=[provenance_of(file) for file in results.files],
        command=command,
    )


def _overview(comparison: Comparison) -> Section:
    """All variants and metrics in one table; all groups in one picture."""
    blocks: list[Block] = []
    if len(comparison.groups) > 1:
        blocks += [_overview_figure(metric, comparison) for metric in comparison.metrics[:2]]
    blocks.append(_overview_data(comparison))
    return Section("overview", "At a glance", blocks)


def _overview_figure(metric: MetricComparison, comparison: Comparison) -> Figure:
    title = metric_title(metric.metric.name)
    return Figure(
        id=f"overview-{metric.metric.name}",
        title=f"{title}: difference to the baseline, all cases",
        caption=(
            "One row per case, one column per variant. A mark says that the difference is beyond"
            " noise after correction for all comparisons: + better, − worse."
        ),
        draw=lambda data: charts.overview_chart(
            data["rows"],
            metric.compared_labels,
            [group.name for group in comparison.groups],
            metric.metric.unit,
            metric.metric.direction,
            tables.difference_limit(metric),
        ),
        data={EVERY: {"rows": tables.overview_table(metric)}},
    )


def _overview_data(comparison: Comparison) -> DataTable:
    def cell(row: Row) -> str:
        text = number(row.estimate.mean, decimals_for(row.estimate))
        return f"{text} {row.verdict}" if row.is_confirmed else text

    baselines = {row.baseline for metric in comparison.metrics for row in metric.rows}
    rows: dict[str, list[list[str]]] = {}
    for index, group in enumerate(comparison.groups):
        of_group = [(metric, metric.groups[index][1]) for metric in comparison.metrics]
        rows[group.name] = [
            [_with_unit(metric), *(_at(label, of_metric, cell) for label in comparison.labels)]
            for metric, of_metric in of_group
        ]
    caption = (
        "Means over the seeds. “better” and “worse”: than the baseline"
        + (f" {next(iter(baselines))}" if len(baselines) == 1 else "")
        + ", beyond noise after correction for several comparisons."
    )
    columns = ["metric", *comparison.labels]
    return DataTable(
        "overview-table", caption, columns, [False] + [True] * len(comparison.labels), rows
    )


def _at(label: str, rows: Sequence[Row], cell: Callable[[Row], str]) -> str:
    """The cell of the variant; empty where this group has none of that label."""
    return next((cell(row) for row in rows if row.label == label), "")


def _with_unit(metric: MetricComparison) -> str:
    title = metric_title(metric.metric.name)
    return f"{title} ({metric.metric.unit})" if metric.metric.unit else title


def _metric_section(metric: MetricComparison, comparison: Comparison) -> Section:
    name, unit, direction = metric.metric.name, metric.metric.unit, metric.metric.direction
    title = metric_title(name)
    blocks: list[Block] = [
        Paragraph(
            f"`{name}`"
            + (f", in {unit}" if unit else "")
            + ". "
            + wanted_words(direction).capitalize()
        )
    ]
    blocks += _metric_figures(metric, comparison, title)
    blocks.append(
        DataTable(
            f"table-{name}",
            f"{title}: means over the seeds, and differences to the baseline under the same seeds",
            _COLUMNS,
            _NUMERIC,
            {group.name: [_cells(row) for row in _ordered(rows)] for group, rows in metric.groups},
        )
    )
    return Section(f"metric-{name}", title, blocks)


def _metric_figures(metric: MetricComparison, comparison: Comparison, title: str) -> list[Figure]:
    labels, everything = comparison.labels, metric.rows
    name, unit, wanted = (
        metric.metric.name,
        metric.metric.unit,
        wanted_words(metric.metric.direction),
    )
    figures = [
        Figure(
            id=f"ranking-{name}",
            title="Ranking",
            caption="Means over the seeds with their 95 % intervals, best on top.",
            draw=lambda data: charts.ranking_chart(data["rows"], labels, title, unit),
            data={g.name: {"rows": tables.ranking_table(rows)} for g, rows in metric.groups},
        )
    ]
    if all(row.difference is None for row in everything):
        return figures
    figures.append(
        Figure(
            id=f"paired-{name}",
            title="Difference to the baseline",
            caption=(
                "Paired seed by seed, with 95 % intervals. Filled circles: beyond noise, after"
                f" correction for {metric.comparisons} comparisons. Diamonds: only by themselves."
                " Crosses: chance alone could give the difference."
            ),
            draw=lambda data: charts.paired_chart(data["rows"], labels, unit, wanted),
            data={g.name: {"rows": tables.paired_table(rows)} for g, rows in metric.groups},
        )
    )
    figures.append(
        Figure(
            id=f"seeds-{name}",
            title="Seed by seed",
            caption=(
                "One point per variant and seed: its value against the baseline's under the same"
                " seed. On the dashed line both are equal."
            ),
            draw=lambda data: charts.per_seed_chart(data["rows"], labels, title, unit),
            data={
                g.name: {"rows": tables.per_seed_table(rows, everything)}
                for g, rows in metric.groups
            },
        )
    )
    return figures


def _ordered(rows: Sequence[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: (row.rank == 0, row.rank))


def _cells(row: Row) -> list[str]:
    decimals = decimals_for(row.estimate)
    cells = [
        str(row.rank) if row.rank else "",
        row.label,
        str(row.estimate.count),
        number(row.estimate.mean, decimals),
        interval_text(row.estimate.low, row.estimate.high, decimals),
    ]
    difference = row.difference
    if difference is None:
        return [*cells, "", "", "", "", "baseline"]
    spread = mean_interval(difference.differences, difference.confidence)
    precision = max(decimals, decimals_for(spread))
    verdict = row.verdict.value
    if row.verdict.is_difference and not row.is_confirmed:
        verdict += " (perhaps noise)"
    return [
        *cells,
        signed(difference.mean, precision),
        interval_text(difference.low, difference.high, precision),
        number(difference.hedges_g, 1),
        _p_text(row.p_holm),
        verdict,
    ]


def _p_text(p: float) -> str:
    if p != p:
        return "–"
    return "< 0.001" if p < 0.001 else f"{p:.3f}" if p < 0.1 else f"{p:.2f}"
