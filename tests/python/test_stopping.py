"""When to stop running seeds."""

from __future__ import annotations

import math

import pytest

from orrery.stats import StoppingRule

STEADY = [10.0 + 0.1 * (i % 3) for i in range(40)]


def test_it_waits_for_a_minimum_of_seeds_however_narrow_the_interval():
    rule = StoppingRule(relative=0.5)
    assert not rule.look(STEADY[:9]).is_done
    assert rule.look(STEADY[:10]).is_done


def test_it_says_how_wide_the_interval_is_and_how_many_seeds_will_do():
    progress = StoppingRule(relative=0.001).look(STEADY[:10])
    assert not progress.is_done
    assert progress.target == pytest.approx(progress.mean / 1000)
    assert progress.half_width > progress.target
    assert progress.seeds_expected is not None and progress.seeds_expected > 200


def test_it_ends_at_the_most_seeds_that_are_allowed():
    rule = StoppingRule(absolute=1e-9, seeds_max=12)
    assert not rule.look(STEADY[:11]).is_done
    assert rule.look(STEADY[:12]).is_done


def test_nothing_can_be_told_from_one_seed():
    progress = StoppingRule(relative=0.01).look([1.0])
    assert progress.half_width == math.inf and progress.seeds_expected is None


@pytest.mark.parametrize(("text", "field", "value"), [("1%", "relative", 0.01),
                                                      (" 0.5 ", "absolute", 0.5)])  # fmt: skip
def test_widths_are_written_as_people_write_them(text, field, value):
    assert getattr(StoppingRule.parse(text), field) == pytest.approx(value)


@pytest.mark.parametrize("text", ["", "one", "0", "-1%", "nan"])
def test_other_widths_are_refused(text):
    with pytest.raises(ValueError, match="width"):
        StoppingRule.parse(text)


def test_exactly_one_width_is_given():
    with pytest.raises(ValueError, match="either"):
        StoppingRule()
    with pytest.raises(ValueError, match="either"):
        StoppingRule(relative=0.1, absolute=0.1)
