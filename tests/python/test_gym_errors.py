"""What the Gymnasium environment says when something is wrong."""

import os
import signal
import subprocess
import sys
import threading

import numpy as np
import pytest
from gym_play import LeastFree, least_free, play, two_clusters

import orrery
from orrery.gym import PlacementEnv


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"cluster": "ome"}, "cluster: found 'ome'.*did you mean 'one'"),
        ({"reward": "waiting_second"}, "did you mean 'waiting_seconds'"),
        ({"reward": {"waiting_seconds": "much"}}, r"reward\['waiting_seconds'\]: found 'much'"),
        ({"reward": {}}, "expected a name, a dict of weights, or a function"),
        ({"reward": 3}, "reward: found 3"),
        ({"may_wait": True}, "no horizon"),
        ({"infeasible_penalty": float("nan")}, "infeasible_penalty: found nan"),
        ({"others": LeastFree}, "others: policies in Python"),
        ({"others": "best-fitt"}, "best-fit"),
        ({"render_mode": "human"}, "render_mode"),
        ({"set": {"/clusters/0/nodes/0/cpu": "many"}}, "/clusters/0/nodes/0/cpu"),
    ],
)
def test_says_what_is_wrong_with_its_arguments(small, arguments, message):
    with pytest.raises(orrery.Error, match=message):
        PlacementEnv(small, **arguments)


def test_asks_for_a_variant_where_there_are_several(small):
    small["matrix"] = {"axes": {"load": {"low": {}, "high": {"/horizon": "30s"}}}}
    with pytest.raises(orrery.Error, match="variant: name one of"):
        PlacementEnv(small)
    _, _, info = play(PlacementEnv(small, variant="high/*"), 1)
    assert info["time"] == 30


@pytest.mark.parametrize("action", [6, -1, 1.5, "0", None, True, np.array([0, 1])])
def test_refuses_actions_that_are_none(small, action):
    env = PlacementEnv(small)
    env.reset(seed=1)
    with pytest.raises(orrery.Error, match=r"action: found .* 0 to 5"):
        env.step(action)
    env.step(np.int64(0))  # the episode goes on


def test_wants_an_episode_before_it_steps(small):
    env = PlacementEnv(small)
    with pytest.raises(orrery.Error, match=r"call reset\(\)"):
        env.step(0)
    play(env, 1)
    with pytest.raises(orrery.Error, match=r"call reset\(\)"):
        env.step(0)


def test_says_when_there_is_nothing_to_decide(small):
    small["workloads"][0]["synthetic"]["classes"] = [
        {"name": "huge", "cpu": 100, "memory": "1GiB", "duration": "1s"}
    ]
    with pytest.raises(orrery.Error, match="nothing to decide in cluster 'one'"):
        PlacementEnv(small).reset(seed=1)


def test_fragmentation_needs_typical_pods(small):
    env = PlacementEnv(small, reward="gpu_fragmented_seconds")
    with pytest.raises(orrery.Error, match="typical_pods"):
        env.reset(seed=1)
    small["clusters"][0]["typical_pods"] = 0.95
    total, _, info = play(PlacementEnv(small, reward="gpu_fragmented_seconds"), 1)
    fragmented = info["metrics"]["gpu_fragmented_percent"] / 100 * 8 * info["time"]
    assert total == pytest.approx(-fragmented, rel=1e-9)


def test_errors_of_the_simulation_come_out_of_step(small, scratch):
    rows = "".join(f"[{i * 10**9},500,1,0,{10**9},0,1,0,0,null]\n" for i in range(20))
    (scratch / "cut.jsonl").write_text(
        '{"format":"orrery-trace","version":1}\n{"pod":{},"template":0}\n' + rows
    )
    small["traces"] = {"canonical": str(scratch)}
    small["workloads"] = [{"canonical": {"file": "cut.jsonl"}}]
    env = PlacementEnv(small)
    with pytest.raises(orrery.Error, match=r"cut\.jsonl"):
        play(env, 1)
    with pytest.raises(orrery.Error, match=r"call reset\(\)"):
        env.step(0)


class TooLong(Exception):
    pass


def test_a_signal_ends_a_long_step(small):
    env = PlacementEnv(two_clusters(small, 3_000_000), cluster="one")
    _, info = env.reset(seed=1)

    def stop(number, frame):
        raise TooLong

    old = signal.signal(signal.SIGALRM, stop)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.5)
        with pytest.raises(TooLong):
            while True:  # the last step simulates the whole of the other cluster
                *_, info = env.step(least_free(env, info))
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, old)
    with pytest.raises(orrery.Error, match=r"call reset\(\)"):
        env.step(0)


def test_refuses_two_threads_at_once(small):
    document = two_clusters(small, 400_000)
    document["workloads"][0]["synthetic"]["count"] = 1  # the only step simulates all of the other
    env = PlacementEnv(document, cluster="one")
    env.reset(seed=1)
    both, errors = threading.Barrier(2), []

    def step():
        both.wait()
        try:
            env.step(0)
        except orrery.Error as error:
            errors.append(str(error))

    threads = [threading.Thread(target=step) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == ["this environment is in use by another thread"]


@pytest.mark.parametrize(
    "code",
    [
        "import orrery, sys; orrery.run; assert 'gymnasium' not in sys.modules",
        "import sys; sys.modules['gymnasium'] = None\n"
        "try:\n    import orrery.gym\n"
        "except ImportError as error:\n    assert \"pip install 'orrery[gym]'\" in str(error)\n"
        "else:\n    raise AssertionError",
    ],
)
def test_gymnasium_is_an_extra(code):
    subprocess.run([sys.executable, "-c", code], check=True, env=os.environ)
