"""Where a simulation that starts empty has settled."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from orrery import _core

__all__ = ["WarmUp", "mser5"]


@dataclass(frozen=True)
class WarmUp:
    """How many leading values to drop."""

    dropped: int  #: a multiple of 5
    settled: bool  #: False: the minimum lies at half the series, which should be longer


def mser5(values: ArrayLike) -> WarmUp:
    """MSER-5 (White, Cobb and Spratt, WSC 2000): as ``"warm_up": "mser-5"`` in a document.

    Batches of five are averaged; the truncation that minimises the squared standard error of what
    is left wins, the shortest on ties, among those of at most half the series.

    >>> rising = np.r_[np.linspace(0, 1, 50), np.ones(150)]
    >>> orrery.stats.mser5(rising)
    WarmUp(dropped=50, settled=True)
    """
    array = np.asarray(values, dtype=np.float64).ravel()
    return WarmUp(*_core.mser5(array.tolist()))
