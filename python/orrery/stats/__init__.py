"""Honest statistics for simulation experiments; needs nothing but NumPy.

One run gives one value of a metric; the values of a variant over its seeds are the sample. Variants
are compared by their differences under the same seed (``paired_difference``), several at a time
with Holm's correction (``holm``). ``docs/statistics.md`` says what is computed, under which
assumptions, and what the intervals were measured to cover.
"""

from __future__ import annotations

from .effects import cliffs_delta, cohens_d, hedges_g
from .intervals import Estimate, bootstrap_interval, mean_interval
from .multiple import holm
from .paired import Difference, paired_difference
from .sequential import Progress, StoppingRule
from .student import student_cdf, student_quantile
from .verdict import Verdict, in_words
from .warm_up import WarmUp, mser5

__all__ = [
    "Difference",
    "Estimate",
    "Progress",
    "StoppingRule",
    "Verdict",
    "WarmUp",
    "bootstrap_interval",
    "cliffs_delta",
    "cohens_d",
    "hedges_g",
    "holm",
    "in_words",
    "mean_interval",
    "mser5",
    "paired_difference",
    "student_cdf",
    "student_quantile",
]
