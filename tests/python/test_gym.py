"""The Gymnasium environment: its contract, its rewards, and what it must agree with."""

import warnings

import gymnasium
import numpy as np
import pytest
from gym_play import LeastFree, drawn, eventful, play, two_clusters
from gymnasium.utils.env_checker import check_env

import orrery
import orrery.gym
from orrery.gym import PlacementEnv

ID = "orrery/Placement-v0"


@pytest.mark.parametrize("may_wait", [False, True])
def test_passes_gymnasiums_checker(small, may_wait):
    env = gymnasium.make(ID, experiment={**small, "horizon": "1m"}, may_wait=may_wait)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        # Times and queues have no upper end: the checker would rather that they had.
        warnings.filterwarnings("ignore", message=".*maximum value is infinity")
        check_env(env.unwrapped)


def test_runs_an_experiment_of_the_library_by_name():
    env = gymnasium.make(ID, experiment="quickstart", set={"/horizon": "7h"})
    observation, info = env.reset(seed=42)
    assert observation["nodes"].shape == (20, len(orrery.gym.NODE_FEATURES))
    assert info["seed"] == 42
    env.close()


def test_observations_are_new_arrays_in_the_space_and_tell_what_the_view_tells(small):
    env = PlacementEnv(eventful(small))
    observation, info = env.reset(seed=3)
    choose, kept = drawn(1), []
    ended = False
    while not ended:
        assert env.observation_space.contains(observation)
        view, pod = env.view, env.pod
        np.testing.assert_array_equal(observation["action_mask"], view.feasible(pod))
        np.testing.assert_array_equal(info["action_mask"], observation["action_mask"])
        np.testing.assert_array_equal(env.action_masks(), view.feasible(pod))
        assert observation["action_mask"].any()
        np.testing.assert_array_equal(observation["nodes"], view.node_features())
        np.testing.assert_array_equal(observation["pod"], view.pod_features(pod))
        assert observation["time"] == pytest.approx(view.now)
        assert observation["pod_seconds"][0] == pytest.approx(view.now - pod.created, abs=1e-3)
        kept.append((observation, {name: array.copy() for name, array in observation.items()}))
        observation, _, *ends, info = env.step(choose(env, info))
        ended = any(ends)
    assert env.observation_space.contains(observation)
    assert observation["action_mask"].all()
    for array, copied in ((one[name], two[name]) for one, two in kept for name in one):
        np.testing.assert_array_equal(array, copied)


def test_features_are_shares_of_the_largest_node(small):
    env = PlacementEnv(small)
    env.reset(seed=1)
    column = dict(zip(orrery.gym.NODE_FEATURES, env.view.node_features().T))
    assert column["cpu_allocatable"].tolist() == [1] * 6
    assert column["memory_allocatable"].tolist() == [0.5] * 4 + [1] * 2
    assert column["gpu_allocatable"].tolist() == [0] * 4 + [1] * 2
    assert column["gpu_free_most"].tolist() == [0] * 4 + [1] * 2
    assert column["takes_pods"].tolist() == [1] * 6
    cpu, memory, gpu, gpu_share = env.view.pod_features(env.pod)
    assert cpu == pytest.approx(env.pod.cpu / 8000)
    assert memory == pytest.approx(1 / 32)
    assert (gpu, gpu_share) == pytest.approx((env.pod.gpu_milli / 4000, env.pod.gpu_milli / 1000))


def test_the_same_seed_and_actions_give_the_same_episode(small):
    def record(seed):
        env = PlacementEnv(eventful(small))
        observation, info = env.reset(seed=seed)
        choose, seen = drawn(5), []
        while True:
            seen.append({name: array.tolist() for name, array in observation.items()})
            observation, reward, *ends, info = env.step(choose(env, info))
            seen.append((reward, info["time"]))
            if any(ends):
                return seen, info["metrics"]

    assert repr(record(7)) == repr(record(7))
    assert repr(record(7)) != repr(record(8))


def test_episodes_without_a_seed_follow_from_the_last_one(small):
    def seeds():
        env = PlacementEnv(small)
        return [env.reset(seed=9)[1]["seed"], *(env.reset()[1]["seed"] for _ in range(3))]

    first = seeds()
    assert first[0] == 9
    assert len(set(first)) == 4
    assert first == seeds()


@pytest.mark.parametrize("seed", [1, 2])
def test_the_choices_of_a_policy_give_the_metrics_of_its_run(small, seed):
    document = eventful(small)
    wanted = orrery.run(document, policies=[LeastFree], seeds=[seed], progress=False).metrics
    _, _, info = play(PlacementEnv(document), seed)
    _same_metrics(info["metrics"], wanted)


@pytest.mark.parametrize("name", ["one", "two"])
def test_steps_one_cluster_while_the_others_follow_their_policy(small, name):
    # A horizon, because figures are averages up to the end of the run, which is that of all.
    document = {**two_clusters(eventful(small)), "horizon": "1m"}
    _, _, info = play(PlacementEnv(document, cluster=name, others="worst-fit"), 4)
    both = {"here": LeastFree, "elsewhere": "worst-fit"}
    wanted = orrery.run(document, policies=both, seeds=[4], progress=False).metrics
    row = dict(zip(wanted["variant"], range(2)))
    for column in wanted.column_names:
        if column.startswith("cluster."):
            source = "here" if column.startswith(f"cluster.{name}.") else "elsewhere"
            _equal(info["metrics"][column], wanted[column][row[source]], column)


@pytest.mark.parametrize("settings", [{}, {"horizon": "70s"}, {"horizon": "70s", "warm_up": "20s"}])
def test_the_return_is_the_metric_of_the_run(small, settings):
    document = {**eventful(small), **settings}
    total, steps, info = play(PlacementEnv(document), 2)
    span = info["time"] - (20 if "warm_up" in settings else 0)
    assert total == pytest.approx(-info["metrics"]["pods_waiting_mean"] * span, rel=1e-9)
    assert total < 0
    assert steps > 50


def test_the_return_is_what_pods_have_waited_where_all_of_them_start_once(small):
    total, _, info = play(PlacementEnv(small), 2)
    metrics = info["metrics"]
    assert metrics["pods_completed"] == 200
    assert total == pytest.approx(-metrics["waiting_seconds_mean"] * 200, rel=1e-9)


def test_the_return_counts_the_cluster_alone(small):
    total, _, info = play(PlacementEnv(two_clusters(small), cluster="two"), 2)
    assert total == pytest.approx(
        -info["metrics"]["cluster.two.pods_waiting_mean"] * _end_of(small, 2), rel=1e-9
    )


def _end_of(document, seed):
    """When the whole run ends, which is the other cluster's end here."""
    results = orrery.run(document, policies=[LeastFree], seeds=[seed], progress=False)
    return float(results.runs["simulated_seconds"][0])


def test_weights_and_functions_of_several_figures(small):
    weights = {"pods_completed": 2.0, "slowdown": -0.5, "gpu_seconds": 0.1}
    total, _, info = play(PlacementEnv(small, reward=weights), 6)
    metrics, seen = info["metrics"], []
    gpus = metrics["gpu_allocated_percent"] / 100 * 8 * info["time"]
    slowdowns = metrics["slowdown_mean"] * 200
    assert total == pytest.approx(2 * 200 - 0.5 * slowdowns + 0.1 * gpus, rel=1e-6)

    def function(change):
        seen.append(change)
        return sum(weight * change[name] for name, weight in weights.items())

    again, steps, info = play(PlacementEnv(small, reward=function), 6)
    assert again == pytest.approx(total)
    assert len(seen) == steps
    assert set(seen[0]) == {*orrery.gym.REWARDS, "seconds"}
    assert sum(change["seconds"] for change in seen) == pytest.approx(info["time"])


def test_less_is_better_where_the_figure_says_so(small):
    assert play(PlacementEnv(small, reward="pods_completed"), 1)[0] == 200
    assert play(PlacementEnv(small, reward="slowdown"), 1)[0] < 0


def test_ends_are_told_from_cuts(small):
    env = PlacementEnv(small)
    env.reset(seed=1)
    ends = []
    while not ends or not any(ends[-1]):
        ends.append(env.step(int(env.action_masks().argmax()))[2:4])
    assert ends[-1] == (True, False)
    env = PlacementEnv({**small, "horizon": "20s"})
    env.reset(seed=1)
    while not any(ends := env.step(int(env.action_masks().argmax()))[2:4]):
        pass
    assert ends == (False, True)


def test_an_action_that_the_mask_excludes_takes_the_lowest_node_and_costs_the_penalty(small):
    def lowest(env, info):
        return int(np.argmax(info["action_mask"]))

    def worst(env, info):
        excluded = np.flatnonzero(info["action_mask"] == 0)
        costs.append(len(excluded) > 0)
        return int(excluded[-1]) if len(excluded) else lowest(env, info)

    costs = []
    total, _, wanted = play(PlacementEnv(small), 3, lowest)
    punished, _, info = play(PlacementEnv(small, infeasible_penalty=10.0), 3, worst)
    assert info["metrics"] == wanted["metrics"]
    assert sum(costs) > 10
    assert punished == pytest.approx(total - 10 * sum(costs))


def test_keeps_its_own_mask(small):
    env = PlacementEnv(small)
    observation, info = env.reset(seed=3)
    while observation["action_mask"].all():
        observation, *_, info = env.step(0)
    excluded = int(np.argmin(observation["action_mask"]))
    observation["action_mask"][:] = info["action_mask"][:] = 1
    *_, info = env.step(excluded)
    assert not info["is_feasible"]


def test_goes_on_after_a_reward_function_has_failed(small):
    calls = []

    def fails_once(change):
        calls.append(change)
        if len(calls) == 5:
            raise ZeroDivisionError
        return 0.0

    env, wanted = PlacementEnv(small, reward=fails_once), PlacementEnv(small)
    env.reset(seed=2)
    wanted.reset(seed=2)
    for step in range(10):
        expected = wanted.step(0)
        if step == 4:
            with pytest.raises(ZeroDivisionError):
                env.step(0)
            continue
        found = env.step(0)
        np.testing.assert_array_equal(found[0]["nodes"], expected[0]["nodes"])
        assert found[4]["time"] == expected[4]["time"]


def test_waits_by_choice_and_for_excluded_actions_where_it_may(small):
    document = {**small, "horizon": "2m"}
    env = PlacementEnv(document, may_wait=True, infeasible_penalty=1.0)
    assert env.action_space.n == 7
    total, _, info = play(env, 3, lambda env, info: 6)
    assert info["metrics"]["pods_completed"] == 0
    assert info["is_feasible"]
    assert total == pytest.approx(-info["metrics"]["pods_waiting_mean"] * 120)
    assert info["action_mask"].tolist() == [1] * 7
    _, _, info = play(env, 3)
    assert info["metrics"]["pods_completed"] > 100


def test_an_excluded_action_waits_where_it_may(small):
    small["clusters"][0]["nodes"][0]["cpu"] = 1
    small["workloads"][0]["synthetic"]["classes"][0]["cpu"] = 2  # fits on the GPU nodes only
    env = PlacementEnv({**small, "horizon": "1m"}, may_wait=True, infeasible_penalty=5.0)
    _, info = env.reset(seed=1)
    while info["action_mask"][0]:  # pods of the other class
        *_, info = env.step(0)
    before = env.pod.uid
    _, reward, _, _, info = env.step(0)
    assert not info["is_feasible"]
    assert reward <= -5.0
    assert env.pod.uid != before


def test_given_up_episodes_leave_nothing_behind(small):
    def mappings():
        with open("/proc/self/maps") as file:
            return sum(1 for _ in file)

    env = PlacementEnv(eventful(small))
    choose = drawn(2)

    def give_up(steps):
        _, info = env.reset(seed=steps)
        for _ in range(steps):
            *_, info = env.step(choose(env, info))

    for _ in range(5):
        give_up(20)
    before = mappings()
    for steps in range(60):
        give_up(steps % 40)
        other = PlacementEnv(small)
        other.reset(seed=1)
        del other
    assert mappings() <= before + 3
    assert play(env, 1)[1] > 100


def test_a_view_is_valid_up_to_the_next_step(small):
    env = PlacementEnv(small)
    _, info = env.reset(seed=1)
    view = env.view
    env.close()
    with pytest.raises(orrery.Error, match="valid only"):
        _ = view.now
    _, _, info = play(env, 1)
    assert "metrics" in info


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_vectors_of_environments_do_what_each_does_alone(small, mode):
    envs = gymnasium.make_vec(
        ID, num_envs=3, vectorization_mode=mode, experiment=small, reward="cpu_core_seconds"
    )
    observations, infos = envs.reset(seed=[5, 6, 7])
    assert observations["nodes"].shape == (3, 6, len(orrery.gym.NODE_FEATURES))
    alone = [PlacementEnv(small, reward="cpu_core_seconds") for _ in range(3)]
    expected = [env.reset(seed=seed)[1]["action_mask"] for env, seed in zip(alone, [5, 6, 7])]
    totals = np.zeros(3)
    for _ in range(100):
        np.testing.assert_array_equal(infos["action_mask"], np.stack(expected))
        actions = observations["action_mask"].argmax(axis=1)
        observations, rewards, _, _, infos = envs.step(actions)
        steps = [env.step(int(action)) for env, action in zip(alone, actions)]
        expected = [step[4]["action_mask"] for step in steps]
        np.testing.assert_array_equal(rewards, [step[1] for step in steps])
        totals += rewards
    assert (totals > 0).all()
    envs.close()


def test_wrappers_may_cut_episodes(small):
    env = gymnasium.make(ID, experiment=small, max_episode_steps=10)
    assert play(env, 1, drawn(1))[1] == 10
    flat = gymnasium.wrappers.FlattenObservation(env)
    assert flat.reset(seed=1)[0].shape == flat.observation_space.shape


def _same_metrics(found, wanted):
    assert set(wanted.column_names) >= set(found)
    for name, value in found.items():
        _equal(value, wanted[name][0], name)


def _equal(found, wanted, name):
    if wanted is None or np.isnan(wanted):
        assert np.isnan(found), name
    else:
        assert found == wanted, name
