"""Intervals, effects and corrections agree with SciPy and statsmodels."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from orrery import stats

scipy_stats = pytest.importorskip("scipy.stats")


@pytest.mark.parametrize("freedom", [1, 2, 3, 4.5, 9, 30, 1000, 1e6])
@pytest.mark.parametrize("probability", [1e-12, 1e-6, 0.025, 0.3, 0.5, 0.7, 0.975, 1 - 1e-9])
def test_student_quantiles_and_probabilities_are_scipys(freedom, probability):
    expected = scipy_stats.t.ppf(probability, freedom)
    assert stats.student_quantile(probability, freedom) == pytest.approx(
        expected, rel=1e-9, abs=1e-12
    )
    assert stats.student_cdf(expected, freedom) == pytest.approx(
        scipy_stats.t.cdf(expected, freedom), rel=1e-9
    )


@given(st.lists(st.floats(-1e6, 1e6), min_size=3, max_size=30).filter(lambda v: np.std(v) > 1e-3))
def test_mean_interval_is_scipys(values):
    estimate = stats.mean_interval(values)
    low, high = scipy_stats.t.interval(
        0.95, len(values) - 1, loc=np.mean(values), scale=scipy_stats.sem(values)
    )
    assert estimate.low == pytest.approx(low, rel=1e-9, abs=1e-6)
    assert estimate.high == pytest.approx(high, rel=1e-9, abs=1e-6)


@pytest.mark.parametrize("values", [[], [3.0], [2.0, 2.0, 2.0], [math.nan, 4.0]])
def test_a_sample_without_spread_has_no_interval(values):
    estimate = stats.mean_interval(values)
    assert estimate.low is None and estimate.high is None and estimate.half_width is None


def test_infinite_values_are_refused():
    with pytest.raises(ValueError, match="infinite"):
        stats.mean_interval([1.0, math.inf])


@pytest.mark.parametrize("statistic", [np.mean, np.median])
def test_bca_interval_is_scipys_for_the_same_resamples(statistic):
    values = np.random.default_rng(1).exponential(size=17)
    ours = stats.bootstrap_interval(values, statistic, resamples=2000, seed=7)
    theirs = scipy_stats.bootstrap(
        (values,),
        statistic,
        method="BCa",
        n_resamples=2000,
        vectorized=True,
        **{_random_argument(): np.random.default_rng(7)},
    ).confidence_interval
    assert ours == pytest.approx((theirs.low, theirs.high), rel=1e-9)


def _random_argument() -> str:
    """SciPy 1.15 renamed it."""
    import inspect

    names = inspect.signature(scipy_stats.bootstrap).parameters
    return "rng" if "rng" in names else "random_state"


def test_paired_difference_is_scipys_paired_t_test():
    random = np.random.default_rng(3)
    common = random.normal(size=12)
    ours, theirs = common + random.normal(0.3, 0.4, 12), common
    difference = stats.paired_difference(ours, theirs, direction="lower")
    expected = scipy_stats.ttest_rel(ours, theirs)
    interval = expected.confidence_interval(0.95)
    assert difference.p_value == pytest.approx(expected.pvalue, rel=1e-9)
    assert (difference.low, difference.high) == pytest.approx((interval.low, interval.high))


def test_pairs_are_by_seed_and_what_one_lacks_plays_no_part():
    variant = {1: 5.0, 2: 6.0, 3: 8.0, 9: 1e9}
    baseline = {1: 4.0, 2: 4.0, 3: 5.0, 4: -1e9, 5: math.nan}
    difference = stats.paired_difference(variant, baseline, direction="higher")
    assert difference.count == 3
    assert difference.differences == (1.0, 2.0, 3.0)
    assert difference.mean == 2.0


@pytest.mark.parametrize(
    ("ours", "theirs", "direction", "verdict"),
    [
        ([1, 2, 3], [1, 2, 3], "higher", "equal"),
        ([1, 2, 3], [0, 1, 2], "higher", "better"),
        ([1, 2, 3], [0, 1, 2], "lower", "worse"),
        ([1, 2, 3], [0, 1, 2], "neutral", "higher"),
        ([1.0, 2.0, 3.0], [2.0, 1.0, 3.1], "higher", "indistinguishable"),
        ([1], [2], "higher", "too-few-seeds"),
    ],
)
def test_verdicts(ours, theirs, direction, verdict):
    assert stats.paired_difference(ours, theirs, direction=direction).verdict == verdict


def test_holm_is_statsmodels():
    multitest = pytest.importorskip("statsmodels.stats.multitest")
    p_values = np.random.default_rng(5).uniform(size=40) ** 3
    expected = multitest.multipletests(p_values, method="holm")[1]
    assert stats.holm(p_values) == pytest.approx(expected)


def test_holm_leaves_out_what_was_not_tested():
    adjusted = stats.holm([0.01, math.nan, 0.04])
    assert adjusted[0] == pytest.approx(0.02)
    assert math.isnan(adjusted[1])
    assert adjusted[2] == pytest.approx(0.04)


def test_effects():
    differences = np.random.default_rng(2).normal(0.5, 1.0, 10)
    d = stats.cohens_d(differences)
    assert d == pytest.approx(differences.mean() / differences.std(ddof=1))
    # The exact correction for 9 degrees of freedom, from Hedges (1981), table 1: 0.9139.
    assert stats.hedges_g(differences) / d == pytest.approx(0.9139, abs=1e-4)
    assert stats.cliffs_delta([3, 4, 5], [1, 2, 3]) == pytest.approx(8 / 9)
    assert stats.cliffs_delta([1, 2], [3, 4]) == -1.0


@given(st.lists(st.integers(0, 9), min_size=1), st.lists(st.integers(0, 9), min_size=1))
def test_cliffs_delta_counts_all_pairs(first, second):
    pairs = [(a > b) - (a < b) for a in first for b in second]
    assert stats.cliffs_delta(first, second) == pytest.approx(np.mean(pairs))


def test_words_name_amount_interval_and_seeds():
    difference = stats.paired_difference([5, 6, 8, 7], [4, 4, 5, 5], direction="lower")
    text = stats.in_words(
        difference, variant="fgd", baseline="random", metric="waiting time", unit="s"
    )
    assert text.startswith("fgd has a waiting time that is 2 s higher than random (worse)")
    assert "4 seeds" in text


def test_mser5_drops_the_start():
    series = np.concatenate([np.linspace(0, 10, 50), np.full(150, 10.0)])
    series += np.random.default_rng(4).normal(0, 0.1, 200)
    warm_up = stats.mser5(series)
    assert 40 <= warm_up.dropped <= 60 and warm_up.settled
    assert not stats.mser5(np.linspace(0, 1, 100)).settled
    assert stats.mser5([1.0] * 9) == stats.WarmUp(0, True)
