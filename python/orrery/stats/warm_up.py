"""Where a simulation that starts empty has settled."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["WarmUp", "mser5"]

_BATCH = 5


@dataclass(frozen=True)
class WarmUp:
    """How many leading values to drop."""

    dropped: int  #: a multiple of 5
    settled: bool  #: False: the minimum lies at half the series, which should be longer


def mser5(values: ArrayLike) -> WarmUp:
    """MSER-5 (White, Cobb and Spratt, WSC 2000): as ``"warm_up": "mser-5"`` in a document.

    Batches of five are averaged; the truncation that minimises the squared standard error of what
    is left wins, the shortest on ties, among those of at most half the series.
    """
    array = np.asarray(values, dtype=np.float64).ravel()
    count = array.size // _BATCH
    if count < 2:
        return WarmUp(0, True)
    means = array[: count * _BATCH].reshape(count, _BATCH).mean(axis=1)
    half = count // 2
    best, best_error = half, np.inf
    for start in range(half, -1, -1):
        tail = means[start:]
        if tail.size < 2:
            continue
        error = tail.var() / tail.size
        if error <= best_error:
            best, best_error = start, error
    return WarmUp(best * _BATCH, best < half)
