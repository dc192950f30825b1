"""Differences under common random numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Union

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .effects import cliffs_delta, cohens_d, hedges_g
from .intervals import CONFIDENCE, bootstrap_interval, mean_interval
from .student import student_cdf
from .verdict import Verdict, side_of

__all__ = ["Difference", "paired_difference"]

#: Differences below this share of the values are rounding.
_ROUNDING = 1e-12

Values = Union[Mapping[int, float], ArrayLike]


@dataclass(frozen=True)
class Difference:
    """``variant`` minus ``baseline``, seed by seed, in the unit of the metric."""

    count: int  #: seeds that both have
    mean: float
    standard_deviation: float
    low: float | None  #: ends of Student's t interval; None where there is none
    high: float | None
    p_value: float  #: two-sided paired t test; NaN where nothing can be tested
    cohens_d: float
    hedges_g: float
    cliffs_delta: float
    verdict: Verdict
    differences: tuple[float, ...]
    confidence: float = CONFIDENCE

    def bootstrap(self, resamples: int = 9999, seed: int = 0) -> tuple[float, float]:
        """The BCa interval of the mean difference: a second opinion that assumes no normality."""
        return bootstrap_interval(
            self.differences, confidence=self.confidence, resamples=resamples, seed=seed
        )


def paired_difference(
    variant: Values,
    baseline: Values,
    *,
    direction: str = "neutral",
    confidence: float = CONFIDENCE,
) -> Difference:
    """Compares two variants that met the same arrivals and crashes under each seed.

    ``variant`` and ``baseline`` map seeds to values, or are arrays of equal length in the order of
    the same seeds. What only one of them has, and NaN, plays no part. ``direction`` says which
    values are wanted: ``"higher"``, ``"lower"`` or ``"neutral"``.

    >>> ours, theirs = {1: 10.0, 2: 12.0, 3: 9.0}, {1: 11.0, 2: 13.5, 3: 10.5}
    >>> difference = orrery.stats.paired_difference(ours, theirs, direction="lower")
    >>> round(difference.mean, 2), round(difference.p_value, 3), difference.verdict.value
    (-1.33, 0.015, 'better')
    """
    if direction not in ("higher", "lower", "neutral"):
        raise ValueError(f"direction is 'higher', 'lower' or 'neutral', not {direction!r}")
    ours, theirs = _matched(variant, baseline)
    differences = ours - theirs
    scale = np.maximum(np.abs(ours), np.abs(theirs))
    differences[np.abs(differences) <= _ROUNDING * scale] = 0.0
    estimate = mean_interval(differences, confidence)
    return Difference(
        count=estimate.count,
        mean=estimate.mean,
        standard_deviation=estimate.standard_deviation,
        low=estimate.low,
        high=estimate.high,
        p_value=_p_value(estimate.count, estimate.mean, estimate.standard_deviation),
        cohens_d=cohens_d(differences),
        hedges_g=hedges_g(differences),
        cliffs_delta=cliffs_delta(ours, theirs),
        verdict=_verdict(estimate.count, estimate.mean, estimate.low, estimate.high, direction),
        differences=tuple(float(value) for value in differences),
        confidence=confidence,
    )


def _matched(variant: Values, baseline: Values) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    if isinstance(variant, Mapping) != isinstance(baseline, Mapping):
        raise ValueError("give both as mappings from seeds, or both as arrays")
    if isinstance(variant, Mapping) and isinstance(baseline, Mapping):
        seeds = sorted(set(variant) & set(baseline))
        ours = np.array([variant[seed] for seed in seeds], dtype=np.float64)
        theirs = np.array([baseline[seed] for seed in seeds], dtype=np.float64)
    else:
        ours = np.array(variant, dtype=np.float64).ravel()
        theirs = np.array(baseline, dtype=np.float64).ravel()
        if ours.shape != theirs.shape:
            raise ValueError(f"paired arrays differ in length: {ours.size} and {theirs.size}")
    both = ~(np.isnan(ours) | np.isnan(theirs))
    return ours[both], theirs[both]


def _p_value(count: int, mean: float, deviation: float) -> float:
    if count < 2:
        return math.nan
    if deviation == 0:
        return 1.0 if mean == 0 else 0.0
    t = abs(mean) / (deviation / math.sqrt(count))
    return 2.0 * student_cdf(-t, count - 1)


def _verdict(
    count: int, mean: float, low: float | None, high: float | None, direction: str
) -> Verdict:
    if count < 2:
        return Verdict.TOO_FEW_SEEDS
    if low is None or high is None:
        return Verdict.EQUAL if mean == 0 else side_of(mean > 0, direction)
    if low <= 0 <= high:
        return Verdict.INDISTINGUISHABLE
    return side_of(mean > 0, direction)
