"""Runs by themselves: what they gave, and where they are forked."""

import numpy as np
import pytest

import orrery


class FirstFit(orrery.PlacementPolicy):
    """The lowest node that fits."""

    def place(self, view, pod):
        fits = view.feasible(pod)
        return int(np.argmax(fits)) if fits.any() else None


class LastFit(orrery.PlacementPolicy):
    """The highest node that fits."""

    def place(self, view, pod):
        fits = view.feasible(pod)
        return int(np.flatnonzero(fits)[-1]) if fits.any() else None


def by_variant(results, metric):
    table = results.metrics
    return {
        (variant, seed): value
        for variant, seed, value in zip(table["variant"], table["seed"], table[metric])
    }


def test_a_run_has_its_metrics_series_and_settings(small):
    results = orrery.run(small, policies=["first-fit", "random"], out="r.db")
    run = results.run("random", seed=2)
    assert (run.variant, run.seed) == ("random", 2)
    assert run.metrics["pods_completed"] == 200
    waited = by_variant(results, "waiting_seconds_mean")
    assert run.metrics["waiting_seconds_mean"] == waited["random", 2]
    assert set(run.series("pods_running")["seed"]) == {2}
    assert run.settings["clusters"][0]["scheduler"]["policy"] == "random"
    assert "decision: bind" in run.explain(3)


def test_fork_pairs_policies_over_futures(small):
    run = orrery.run(small, policies=["random"], out="r.db").run(seed=2)
    forked = run.fork(at="50s", policy=["best-fit", FirstFit], seeds=5, out="f.db")
    assert forked.variants == ["unchanged", "best-fit", "FirstFit"]
    assert forked.run_counts == (15, 15)
    table = forked.comparison(metrics="waiting_seconds_mean")
    assert table["baseline"][1:] == ["unchanged", "unchanged"]
    assert all(low is not None for low in table["difference_low"][1:])


def test_python_and_core_fork_alike(small):
    run = orrery.run(small, policies=["random"], out="r.db").run()
    forked = run.fork(at="50s", policy=["first-fit", FirstFit], seeds=3, out="f.db")
    waited = by_variant(forked, "waiting_seconds_mean")
    for seed in forked.runs["seed"]:
        assert waited["first-fit", seed] == waited["FirstFit", seed]


def test_forks_a_run_of_a_policy_in_python(small):
    results = orrery.run(small, policies=[FirstFit], out="r.db")
    forked = results.run().fork(at="50s", policy=LastFit, seeds=2, out="f.db")
    after = orrery.run(small, policies=["first-fit"], set={"/warm_up": "50s"}, out="after.db")
    waited = by_variant(forked, "waiting_seconds_mean")
    assert waited["unchanged", 1] == by_variant(after, "waiting_seconds_mean")["first-fit", 1]
    assert waited["LastFit", 1] != waited["unchanged", 1]

    read = orrery.open("r.db").run()
    with pytest.raises(orrery.Error, match="FirstFit"):
        read.fork(at="50s", policy=LastFit, out="g.db")
    again = read.fork(at="50s", policy=LastFit, seeds=2, own=[FirstFit], out="g.db")
    assert by_variant(again, "waiting_seconds_mean") == waited


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"at": "noon", "policy": "random"}, "--at"),
        ({"at": "1d", "policy": "random"}, "over by then"),
        ({"at": "5s", "policy": []}, "found none"),
        ({"at": "5s", "policy": "randon"}, "did you mean"),
        ({"at": "5s", "policy": "random", "seeds": 0}, "at least 1"),
    ],
)
def test_wrong_arguments_say_what_is_right(small, arguments, message):
    run = orrery.run(small, seeds=1, out="r.db").run()
    with pytest.raises(orrery.Error, match=message):
        run.fork(out="f.db", **arguments)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "name one of first-fit, random"),
        ({"variant": "randon"}, "did you mean 'random'"),
        ({"variant": "random", "seed": 9}, "expected one of 1, 2, 3"),
    ],
)
def test_a_run_is_named_by_variant_and_seed(small, arguments, message):
    results = orrery.run(small, policies=["first-fit", "random"], out="r.db")
    with pytest.raises(orrery.Error, match=message):
        results.run(**arguments)


def test_adds_seeds_until_the_interval_is_narrow(small):
    results = orrery.run(small, until_ci="5%", until_metric="waiting_seconds_mean", out="r.db")
    done, total = results.run_counts
    assert done == total > 10
    again = orrery.run(small, until_ci="5%", until_metric="waiting_seconds_mean", out="r.db")
    assert again.run_counts == (done, total)
    few = orrery.run(
        small, seeds=12, until_ci="0.001%", until_metric="waiting_seconds_mean", out="few.db"
    )
    assert few.run_counts == (12, 12)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"until_ci": "narrow"}, "1% is a share"),
        ({"until_ci": "1%", "seeds": [1, 2]}, "how many at most"),
        ({"until_ci": "1%", "until_metric": "waiting"}, "waiting"),
    ],
)
def test_wrong_stopping_rules_say_what_is_right(small, arguments, message):
    with pytest.raises(orrery.Error, match=message):
        orrery.run(small, out="r.db", **arguments)
