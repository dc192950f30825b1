"""What ``orrery compare`` says, for reports and charts: means, paired differences, verdicts."""

from __future__ import annotations

from .answer import Answer, answer_of
from .baselines import Group, find_baselines, group_variants
from .comparison import Comparison, MetricComparison, Row, compare
from .words import metric_title

__all__ = [
    "Answer",
    "Comparison",
    "Group",
    "MetricComparison",
    "Row",
    "answer_of",
    "compare",
    "find_baselines",
    "group_variants",
    "metric_title",
]
