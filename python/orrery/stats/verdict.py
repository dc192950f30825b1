"""What a paired difference says, as a word and as a sentence."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .paired import Difference

__all__ = ["Verdict", "in_words"]


class Verdict(str, Enum):
    """The words of ``orrery compare`` (docs/statistics.md)."""

    BASELINE = "baseline"
    BETTER = "better"
    WORSE = "worse"
    HIGHER = "higher"
    LOWER = "lower"
    INDISTINGUISHABLE = "indistinguishable"
    EQUAL = "equal"
    TOO_FEW_SEEDS = "too-few-seeds"

    def __str__(self) -> str:
        return self.value

    @property
    def is_difference(self) -> bool:
        """Whether it claims that there is one."""
        return self in (Verdict.BETTER, Verdict.WORSE, Verdict.HIGHER, Verdict.LOWER)


def side_of(is_higher: bool, direction: str) -> Verdict:
    """What a difference means where ``direction`` is wanted: higher, lower or neutral."""
    if direction == "neutral":
        return Verdict.HIGHER if is_higher else Verdict.LOWER
    return Verdict.BETTER if is_higher == (direction == "higher") else Verdict.WORSE


def in_words(
    difference: Difference, *, variant: str, baseline: str, metric: str, unit: str = ""
) -> str:
    """One plain sentence on ``variant`` against ``baseline``: how much, and whether it is noise.

    >>> shorter = orrery.stats.paired_difference([10, 12, 9], [11, 14, 10], direction="lower")
    >>> orrery.stats.in_words(shorter, variant="a", baseline="b", metric="waiting time", unit="s")
    'a cannot be told from b ... with 3 seeds: the difference (95 % interval ...) holds zero.'
    """
    suffix = f" {unit}" if unit and unit != "%" else unit
    amount = f"{abs(difference.mean):.3g}{suffix}"
    seeds = f"{difference.count} seed" + ("" if difference.count == 1 else "s")
    if difference.verdict is Verdict.TOO_FEW_SEEDS:
        return f"{variant} and {baseline} share too few seeds to say anything on {metric}."
    if difference.verdict is Verdict.EQUAL:
        return f"{variant} gives the same {metric} as {baseline} under each of {seeds}."
    interval = _interval_words(difference, suffix)
    if difference.verdict is Verdict.INDISTINGUISHABLE:
        return (
            f"{variant} cannot be told from {baseline} on {metric} with {seeds}: the difference"
            f" {interval} holds zero."
        )
    more = "higher" if difference.mean > 0 else "lower"
    judged = f" ({difference.verdict})" if difference.verdict.value in ("better", "worse") else ""
    return (
        f"{variant} has a {metric} that is {amount} {more} than {baseline}{judged}: paired over"
        f" {seeds}, {interval}; chance alone would hardly give that."
    )


def _interval_words(difference: Difference, suffix: str) -> str:
    low: float | None = difference.low
    high: float | None = difference.high
    if low is None or high is None:
        return "the same under every seed"
    percent = f"{100 * difference.confidence:g} %"
    return f"({percent} interval {low:+.3g} … {high:+.3g}{suffix})"
