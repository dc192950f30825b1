"""Student's t distribution, from Boost.Math by way of the core."""

from __future__ import annotations

import math
from functools import lru_cache

from orrery import _core

__all__ = ["student_cdf", "student_quantile"]


def student_cdf(t: float, degrees_of_freedom: float) -> float:
    """P(T <= t); ``degrees_of_freedom`` > 0.

    >>> orrery.stats.student_cdf(0.0, 9)
    0.5
    """
    _check(degrees_of_freedom)
    return math.nan if math.isnan(t) else _core.student_cdf(t, degrees_of_freedom)


@lru_cache(maxsize=16_384)  # the same few degrees of freedom again and again
def student_quantile(probability: float, degrees_of_freedom: float) -> float:
    """The t with P(T <= t) = ``probability``, which lies strictly between 0 and 1.

    >>> round(orrery.stats.student_quantile(0.975, 9), 3)
    2.262
    """
    if not 0.0 < probability < 1.0:
        raise ValueError("a probability lies between 0 and 1")
    _check(degrees_of_freedom)
    return _core.student_quantile(probability, degrees_of_freedom)


def _check(degrees_of_freedom: float) -> None:
    if not degrees_of_freedom > 0:
        raise ValueError("Student's t needs degrees of freedom above zero")
