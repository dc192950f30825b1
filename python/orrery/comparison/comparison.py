"""Means with intervals, paired differences with verdicts, ranks; several comparisons corrected."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from ..errors import Error, suggest
from ..stats import Difference, Estimate, Verdict, holm, mean_interval, paired_difference
from ..store import Metric, Results
from .baselines import Group, find_baselines, group_variants

__all__ = ["Comparison", "MetricComparison", "Row", "compare", "select_metrics"]

#: A difference counts as confirmed when its p-value, corrected for all of a metric's comparisons,
#: is at most this.
SIGNIFICANCE = 0.05


@dataclass
class Row:
    """One variant under one metric."""

    variant: str
    label: str  #: the part of the name that tells it from the others of its group
    values: dict[int, float]  #: by seed
    estimate: Estimate
    baseline: str
    difference: Difference | None  #: to the baseline, paired by seed; None for itself
    p_holm: float = math.nan  #: p-value corrected for the metric's number of comparisons
    rank: int = 0  #: among the group, 1 is best; 0: not ranked

    @property
    def verdict(self) -> Verdict:
        """What ``orrery compare`` says of this comparison by itself."""
        return Verdict.BASELINE if self.difference is None else self.difference.verdict

    @property
    def is_confirmed(self) -> bool:
        """Whether the difference stands after correction for the number of comparisons."""
        return self.verdict.is_difference and self.p_holm <= SIGNIFICANCE


@dataclass
class MetricComparison:
    """All variants under one metric, group by group."""

    metric: Metric
    groups: list[tuple[Group, list[Row]]]

    @property
    def rows(self) -> list[Row]:
        """The rows of all groups."""
        return [row for _, rows in self.groups for row in rows]

    @property
    def compared_labels(self) -> list[str]:
        """The labels of the variants that have a baseline besides themselves, in order."""
        return list(dict.fromkeys(row.label for row in self.rows if row.difference is not None))

    @property
    def comparisons(self) -> int:
        """How many comparisons Holm's correction reckons with."""
        return sum(not math.isnan(row.p_holm) for row in self.rows)


@dataclass
class Comparison:
    """Everything that a report says about variants."""

    groups: list[Group]
    metrics: list[MetricComparison]
    notes: list[str] = field(default_factory=list)  #: failed and missing runs

    @property
    def labels(self) -> list[str]:
        """What tells variants of a group apart, over all groups, in order."""
        return list(dict.fromkeys(label for group in self.groups for label in group.labels))


def compare(results: Results, metrics: Sequence[str] = (), baseline: str = "") -> Comparison:
    """Compares all variants of ``results``.

    ``metrics`` are names or patterns with ``*`` (default: those of the document), ``baseline`` is
    a variant or a pattern (default: the document's). Raises ``orrery.Error`` for names that do not
    exist, with the nearest that do.
    """
    names = [variant.name for variant in results.variants]
    pattern = baseline or results.baseline
    baselines = dict(zip(names, find_baselines(names, pattern)))
    groups = group_variants(names, pattern)
    chosen = select_metrics(results, metrics)
    return Comparison(
        groups=groups,
        metrics=[_compare_metric(results, metric, groups, baselines) for metric in chosen],
        notes=_notes_on(results),
    )


def select_metrics(results: Results, patterns: Sequence[str] = ()) -> list[Metric]:
    """The metrics that match; without patterns those of the document, or all when it names none."""
    known = results.metrics
    if not patterns:
        wanted = [p for p in results.metric_patterns if any(_matches(p, m.name) for m in known)]
        return _chosen(known, wanted) if wanted else known
    for pattern in patterns:
        if not any(_matches(pattern, metric.name) for metric in known):
            raise Error(
                f"no metric of these results is called '{pattern}':"
                f" {suggest(pattern, [metric.name for metric in known])}"
            )
    return _chosen(known, patterns)


def _chosen(known: Sequence[Metric], patterns: Sequence[str]) -> list[Metric]:
    """In the order of the patterns: the first metric is the one that the answer speaks of."""
    found = [m for pattern in patterns for m in known if _matches(pattern, m.name)]
    return list(dict.fromkeys(found))


def _matches(pattern: str, name: str) -> bool:
    """``*`` stands for any text; nothing else is special."""
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), name) is not None


def _compare_metric(
    results: Results, metric: Metric, groups: Sequence[Group], baselines: dict[str, str]
) -> MetricComparison:
    values = results.values(metric.name)
    compared = []
    for group in groups:
        rows = [
            _row(variant, label, values, baselines[variant], metric.direction)
            for variant, label in zip(group.variants, group.labels)
        ]
        _rank(rows, metric.direction)
        compared.append((group, rows))
    result = MetricComparison(metric, compared)
    everything = result.rows
    corrected = holm([_p_value(row) for row in everything])
    for row, p in zip(everything, corrected):
        row.p_holm = float(p)
    return result


def _row(
    variant: str, label: str, values: dict[str, dict[int, float]], baseline: str, direction: str
) -> Row:
    own = values.get(variant, {})
    difference = None
    if variant != baseline:
        difference = paired_difference(own, values.get(baseline, {}), direction=direction)
    return Row(variant, label, own, mean_interval(list(own.values())), baseline, difference)


def _p_value(row: Row) -> float:
    return math.nan if row.difference is None else row.difference.p_value


def _rank(rows: Sequence[Row], direction: str) -> None:
    """1 is best; equal means share a rank; metrics that only describe are not ranked."""
    if direction == "neutral":
        return
    sign = -1 if direction == "higher" else 1
    for row in rows:
        if not math.isnan(row.estimate.mean):
            row.rank = 1 + sum(
                sign * other.estimate.mean < sign * row.estimate.mean for other in rows
            )


def _notes_on(results: Results) -> list[str]:
    """Failed and missing runs, for people."""
    named_max = 5
    runs = results.runs()
    failed = [(name, run) for name, run in runs if run.status == "failed"]
    notes = [
        f"The run of {name} under seed {run.seed} failed and is left out: {run.error}"
        for name, run in failed[:named_max]
    ]
    if len(failed) > named_max:
        notes.append(f"{len(failed)} runs failed in all.")
    pending = sum(run.status == "pending" for _, run in runs)
    if pending:
        notes.append(
            f"{pending} of {len(runs)} runs are not finished: the sweep is still being written, or"
            " was interrupted (the same 'orrery run' goes on). This report is on those that are."
        )
    return notes
