"""How large a difference is, apart from how well it is known."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from .intervals import as_values

__all__ = ["cliffs_delta", "cohens_d", "hedges_g"]


def cohens_d(differences: ArrayLike) -> float:
    """Mean of paired differences in their own standard deviations (Cohen's d_z).

    NaN with fewer than two differences; infinite when all are equal and not zero.

    >>> orrery.stats.cohens_d([1.0, 2.0, 3.0])
    2.0
    """
    array = as_values(differences)
    if array.size < 2:
        return math.nan
    mean = float(array.mean())
    if (array == array[0]).all():
        return 0.0 if mean == 0 else math.copysign(math.inf, mean)
    return mean / float(array.std(ddof=1))


def hedges_g(differences: ArrayLike) -> float:
    """``cohens_d`` without its bias in small samples (Hedges 1981, the exact gamma form).

    >>> round(orrery.stats.hedges_g([1.0, 2.0, 3.0]), 3)
    1.128
    """
    array = as_values(differences)
    if array.size < 2:
        return math.nan
    freedom = array.size - 1
    log_factor = math.lgamma(freedom / 2) - math.lgamma((freedom - 1) / 2) if freedom > 1 else None
    factor = math.exp(log_factor) / math.sqrt(freedom / 2) if log_factor is not None else 0.0
    return cohens_d(array) * factor


def cliffs_delta(first: ArrayLike, second: ArrayLike) -> float:
    """P(first > second) - P(first < second) over all pairs, from -1 to 1; NaN without values.

    Needs no assumption on the distributions: 1 says that every value of ``first`` is above every
    value of ``second``.

    >>> orrery.stats.cliffs_delta([5, 6, 7], [1, 2, 3])
    1.0
    """
    a, b = as_values(first), np.sort(as_values(second))
    if a.size == 0 or b.size == 0:
        return math.nan
    above = np.searchsorted(b, a, side="left").sum()
    below = (b.size - np.searchsorted(b, a, side="right")).sum()
    return float(above - below) / (a.size * b.size)
