"""Intervals hold the truth as often as they say, over 1,000 synthetic experiments each."""

from __future__ import annotations

import numpy as np
import pytest

from orrery import stats

EXPERIMENTS = 1000
SEEDS = 10


def coverage(intervals, truth):
    return np.mean([low <= truth <= high for low, high in intervals])


@pytest.mark.parametrize("law", ["normal", "uniform", "mean of waiting times"])
def test_t_intervals_of_means(law):
    random = np.random.default_rng(20261124)
    draw = {
        "normal": lambda: random.normal(5.0, 2.0, SEEDS),
        "uniform": lambda: random.uniform(3.0, 7.0, SEEDS),
        # What a run yields: the mean of many skewed values.
        "mean of waiting times": lambda: random.exponential(5.0, (SEEDS, 200)).mean(axis=1),
    }[law]
    estimates = [stats.mean_interval(draw()) for _ in range(EXPERIMENTS)]
    covered = coverage([(e.low, e.high) for e in estimates], 5.0)
    assert 0.93 <= covered <= 0.97


def test_t_intervals_of_paired_differences():
    random = np.random.default_rng(7)
    intervals, claims = [], 0
    for _ in range(EXPERIMENTS):
        common = random.exponential(10.0, SEEDS)  # arrivals and crashes that both meet
        baseline = common + random.normal(0, 0.5, SEEDS)
        better = common - 0.4 + random.normal(0, 0.5, SEEDS)
        same = common + random.normal(0, 0.5, SEEDS)
        found = stats.paired_difference(better, baseline, direction="lower")
        intervals.append((found.low, found.high))
        claims += stats.paired_difference(same, baseline).verdict.is_difference
    assert 0.93 <= coverage(intervals, -0.4) <= 0.97
    assert 0.03 <= claims / EXPERIMENTS <= 0.07  # of comparisons without any difference


def test_bca_intervals_of_fifty_values():
    """BCa needs more values than t does: with ten it covers about 90 %."""
    random = np.random.default_rng(11)

    def covered(count):
        intervals = [
            stats.bootstrap_interval(random.normal(5.0, 2.0, count), resamples=999, seed=i)
            for i in range(EXPERIMENTS)
        ]
        return coverage(intervals, 5.0)

    assert 0.93 <= covered(50) <= 0.97
    assert 0.87 <= covered(10) <= 0.93


def test_holm_keeps_false_claims_rare():
    """Ten policies that do not differ: any claim at all in at most about 5 % of experiments."""
    random = np.random.default_rng(13)
    claims = 0
    for _ in range(EXPERIMENTS):
        baseline = random.normal(size=SEEDS)
        p_values = [
            stats.paired_difference(random.normal(size=SEEDS), baseline).p_value for _ in range(10)
        ]
        claims += bool((stats.holm(p_values) <= 0.05).any())
    assert claims / EXPERIMENTS <= 0.06


@pytest.mark.parametrize("wanted", [0.15, 0.1, 0.05])
def test_stopping_when_narrow_keeps_its_coverage(wanted):
    """Looks after every seed from the tenth on, until the half width is 5 to 15 % of the mean."""
    random = np.random.default_rng(17)
    rule = stats.StoppingRule(relative=wanted)
    covered, counts = 0, []
    for _ in range(EXPERIMENTS):
        values = random.normal(5.0, 1.0, 400)
        count = rule.seeds_min
        while not (progress := rule.look(values[:count])).is_done:
            count += 1
        covered += abs(progress.mean - 5.0) <= progress.half_width
        counts.append(count)
    assert 0.93 <= covered / EXPERIMENTS <= 0.985
    ideal = (1.96 * 1.0 / (wanted * 5.0)) ** 2
    assert np.mean(counts) <= max(rule.seeds_min + 2, 1.4 * ideal)
