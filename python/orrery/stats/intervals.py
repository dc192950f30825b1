"""Confidence intervals of a mean: Student's t, and the bootstrap for what is not a mean."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .student import student_quantile

__all__ = ["CONFIDENCE", "Estimate", "bootstrap_interval", "mean_interval"]

#: The confidence of every interval unless told otherwise.
CONFIDENCE = 0.95

Statistic = Callable[..., NDArray[np.float64]]


@dataclass(frozen=True)
class Estimate:
    """The mean of independent values and how well it is known, in the unit of the values."""

    count: int
    mean: float  #: NaN without values
    standard_deviation: float  #: divisor n - 1; NaN with fewer than two values
    low: float | None = None  #: ends of the interval; None where there is none
    high: float | None = None
    confidence: float = CONFIDENCE

    @property
    def half_width(self) -> float | None:
        """Half of the interval's width; None where there is no interval."""
        if self.low is None or self.high is None:
            return None
        return (self.high - self.low) / 2


def as_values(values: ArrayLike) -> NDArray[np.float64]:
    """One dimension of finite floats; NaN says that a run defines no value, and is left out."""
    array = np.asarray(values, dtype=np.float64).ravel()
    array = array[~np.isnan(array)]
    if not np.isfinite(array).all():
        raise ValueError("an infinite value has no mean")
    return array


def mean_interval(values: ArrayLike, confidence: float = CONFIDENCE) -> Estimate:
    """Mean with Student's t interval (unknown variance, n - 1 degrees of freedom).

    There is no interval with fewer than two values, or when all are equal: a sample without spread
    says nothing about the spread that it comes from.

    >>> estimate = orrery.stats.mean_interval([10.0, 12.0, 9.0, 11.0])
    >>> estimate.mean, round(estimate.low, 2), round(estimate.high, 2)
    (10.5, 8.45, 12.55)
    """
    if not 0 < confidence < 1:
        raise ValueError("a confidence lies between 0 and 1")
    array = as_values(values)
    count = int(array.size)
    if count == 0:
        return Estimate(0, math.nan, math.nan, confidence=confidence)
    mean = float(array.mean())
    if count == 1:
        return Estimate(1, mean, math.nan, confidence=confidence)
    if (array == array[0]).all():  # rounding of the mean must not look like spread
        return Estimate(count, float(array[0]), 0.0, confidence=confidence)
    deviation = float(array.std(ddof=1))
    half = student_quantile((1 + confidence) / 2, count - 1) * deviation / math.sqrt(count)
    return Estimate(count, mean, deviation, mean - half, mean + half, confidence)


def bootstrap_interval(
    values: ArrayLike,
    statistic: Statistic = np.mean,
    *,
    confidence: float = CONFIDENCE,
    resamples: int = 9999,
    seed: int = 0,
) -> tuple[float, float]:
    """Bias-corrected and accelerated bootstrap interval (BCa; Efron, JASA 82(397), 1987).

    ``statistic(values, axis=-1)`` is computed over the last axis, as NumPy's own are: a median, a
    trimmed mean, a ratio. Equal arguments give equal intervals. For the mean of few values prefer
    ``mean_interval``: at ten seeds BCa covers 90 % where 95 % is asked (docs/statistics.md).
    Returns (NaN, NaN) with fewer than two values or when all are equal.

    >>> waits = np.array([3.0, 5.0, 8.0, 13.0, 21.0, 34.0])
    >>> low, high = orrery.stats.bootstrap_interval(waits, np.median)
    >>> bool(low < np.median(waits) < high)
    True
    """
    if not 0 < confidence < 1:
        raise ValueError("a confidence lies between 0 and 1")
    array = as_values(values)
    count = array.size
    if count < 2 or (array == array[0]).all():
        return math.nan, math.nan
    random = np.random.default_rng(seed)
    chosen = random.integers(0, count, (resamples, count))
    replicates = np.asarray(statistic(array[chosen], axis=-1))
    observed = float(statistic(array, axis=-1))
    ends = _bca_probabilities(array, statistic, replicates, observed, confidence)
    low, high = np.percentile(replicates, [100 * end for end in ends])
    return float(low), float(high)


def _bca_probabilities(
    array: NDArray[np.float64],
    statistic: Statistic,
    replicates: NDArray[np.float64],
    observed: float,
    confidence: float,
) -> tuple[float, float]:
    """Which quantiles of the replicates are the ends of the interval."""
    normal = NormalDist()
    ranks = np.count_nonzero(replicates < observed) + np.count_nonzero(replicates <= observed)
    below = float(ranks) / (2 * replicates.size)
    if not 0 < below < 1:  # every replicate on one side: no bias can be told
        below = 0.5
    bias = normal.inv_cdf(below)
    count = array.size
    left_out = np.array([statistic(np.delete(array, i), axis=-1) for i in range(count)])
    influence = left_out.mean() - left_out
    scale = float((influence**2).sum()) ** 1.5
    acceleration = float((influence**3).sum()) / (6 * scale) if scale > 0 else 0.0

    def adjusted(probability: float) -> float:
        z = bias + normal.inv_cdf(probability)
        return normal.cdf(bias + z / (1 - acceleration * z))

    return adjusted((1 - confidence) / 2), adjusted((1 + confidence) / 2)
