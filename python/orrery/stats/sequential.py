"""How many seeds are enough: run until the interval is narrow (``--until-ci``).

Stopping as soon as an interval happens to look narrow favours samples whose spread was
underestimated, so that the interval then covers less often than it says. Two things keep it honest
(after Chow and Robbins, Ann. Math. Stat. 36(2), 1965): a minimum number of seeds before the first
look, and a spread that is inflated at each look by what a small sample may have missed.
``docs/statistics.md`` gives the coverage that was measured.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from .intervals import CONFIDENCE, as_values, mean_interval
from .student import student_quantile

__all__ = ["Progress", "StoppingRule"]


@dataclass(frozen=True)
class Progress:
    """Where a sequence of runs stands."""

    count: int  #: seeds so far
    mean: float
    half_width: float  #: of the interval as the rule reckons it; infinite when it cannot be told
    target: float  #: the half width that is wanted, in the unit of the metric
    is_done: bool
    seeds_expected: int | None  #: how many in all will probably do; None when it cannot be told


@dataclass(frozen=True)
class StoppingRule:
    """Stop when the half width of the mean's interval is small enough.

    ``relative``: as a share of the mean (0.01 is "1 %"); ``absolute``: in the unit of the metric.
    Exactly one of them. ``seeds_min`` runs come before the first look, ``seeds_max`` end it.

    >>> rule = orrery.stats.StoppingRule(relative=0.05)
    >>> look = rule.look([10.0, 10.4, 9.8, 10.1, 10.2, 9.9, 10.0, 10.3, 9.7, 10.1])
    >>> look.is_done
    True
    """

    relative: float | None = None
    absolute: float | None = None
    confidence: float = CONFIDENCE
    seeds_min: int = 10
    seeds_max: int = 10_000

    def __post_init__(self) -> None:
        if (self.relative is None) == (self.absolute is None):
            raise ValueError("give either a relative or an absolute half width")
        wanted = self.relative if self.relative is not None else self.absolute
        if wanted is None or not wanted > 0:
            raise ValueError("the half width that is wanted lies above zero")
        if self.seeds_min < 3 or self.seeds_max < self.seeds_min:
            raise ValueError("seeds_min is at least 3, and seeds_max not below it")

    @classmethod
    def parse(cls, text: str, **options: object) -> StoppingRule:
        """``"1%"`` is relative, ``"0.5"`` absolute."""
        stripped = text.strip()
        is_relative = stripped.endswith("%")
        try:
            number = float(stripped[:-1] if is_relative else stripped)
        except ValueError:
            raise ValueError(f"expected a width such as 1% or 0.5, found {text!r}") from None
        if is_relative:
            return cls(relative=number / 100, **options)  # type: ignore[arg-type]
        return cls(absolute=number, **options)  # type: ignore[arg-type]

    def look(self, values: ArrayLike) -> Progress:
        """Judges the values of the seeds so far, in the order of the seeds."""
        array = as_values(values)
        estimate = mean_interval(array, self.confidence)
        target = self._target(estimate.mean)
        if estimate.count < 2:
            return Progress(estimate.count, estimate.mean, math.inf, target, False, None)
        half = self._half_width(estimate.count, estimate.standard_deviation)
        is_narrow = estimate.count >= self.seeds_min and half <= target
        return Progress(
            count=estimate.count,
            mean=estimate.mean,
            half_width=half,
            target=target,
            is_done=is_narrow or estimate.count >= self.seeds_max,
            seeds_expected=self._seeds_expected(
                estimate.count, estimate.standard_deviation, target
            ),
        )

    def _target(self, mean: float) -> float:
        if self.absolute is not None:
            return self.absolute
        return abs(mean) * (self.relative or 0.0)

    def _half_width(self, count: int, deviation: float) -> float:
        """Student's half width, the variance inflated by 1 + 2 / n for having been looked at."""
        quantile = student_quantile((1 + self.confidence) / 2, count - 1)
        return quantile * deviation * math.sqrt((1 + 2 / count) / count)

    def _seeds_expected(self, count: int, deviation: float, target: float) -> int | None:
        """The smallest number that would do if the spread stayed what it is."""
        if not target > 0 or not np.isfinite(target):
            return None
        low, high = self.seeds_min, self.seeds_max
        if self._half_width(high, deviation) > target:
            return None
        while low < high:
            middle = (low + high) // 2
            if self._half_width(middle, deviation) <= target:
                high = middle
            else:
                low = middle + 1
        return max(low, count) if self._half_width(count, deviation) <= target else low
