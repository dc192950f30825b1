"""How often do intervals hold the truth? The figures of docs/statistics.md.

    python bench/python/coverage.py [EXPERIMENTS]

Needs the installed package. Two minutes with 2,000 experiments; the draws are seeded, so that the
figures repeat themselves.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

import numpy as np

from orrery import stats

Draw = Callable[[np.random.Generator, int], np.ndarray]
MEAN = 5.0
LAWS: dict[str, Draw] = {
    "normal": lambda random, count: random.normal(MEAN, 1.0, count),
    "exponential": lambda random, count: random.exponential(MEAN, count),
}
SPREAD = {"normal": 1.0, "exponential": MEAN}  # standard deviations
COUNTS = (5, 10, 20, 50, 100)


def fixed(draw: Draw, count: int, experiments: int) -> float:
    """Student's interval of a set number of seeds."""
    random = np.random.default_rng([1, count])
    estimates = (stats.mean_interval(draw(random, count)) for _ in range(experiments))
    return float(np.mean([e.low <= MEAN <= e.high for e in estimates]))


def bootstrapped(draw: Draw, count: int, experiments: int) -> float:
    """BCa of a set number of seeds."""
    random = np.random.default_rng([2, count])
    held = 0
    for number in range(experiments):
        values = draw(random, count)
        low, high = stats.bootstrap_interval(values, resamples=999, seed=number)
        held += low <= MEAN <= high
    return held / experiments


def stopped(draw: Draw, spread: float, enough: int, experiments: int) -> tuple[float, float]:
    """Coverage and mean number of seeds with a look after every seed.

    `enough`: how many seeds would do if the spread were known.
    """
    random = np.random.default_rng([3, enough])
    rule = stats.StoppingRule(absolute=1.96 * spread / np.sqrt(enough))
    held, seeds = 0, 0
    for _ in range(experiments):
        values = draw(random, 8 * enough + 100)
        count = rule.seeds_min
        while not (look := rule.look(values[:count])).is_done:
            count += 1
        held += abs(look.mean - MEAN) <= look.half_width
        seeds += count
    return held / experiments, seeds / experiments


def main() -> None:
    """Prints one line for each law, number of seeds and kind of interval."""
    experiments = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    print(f"coverage of 95 % intervals over {experiments} experiments")
    for name, draw in LAWS.items():
        for count in COUNTS[1:]:
            print(f"{name}, {count} seeds, Student's t: {fixed(draw, count, experiments):.1%}")
    for count in (10, 50):
        covered = bootstrapped(LAWS["normal"], count, experiments)
        print(f"normal, {count} seeds, BCa: {covered:.1%}")
    for name, draw in LAWS.items():
        for enough in COUNTS:
            covered, seeds = stopped(draw, SPREAD[name], enough, experiments)
            print(f"{name}, {enough} seeds would do, stopped at {seeds:.0f}: {covered:.1%}")


if __name__ == "__main__":
    main()
