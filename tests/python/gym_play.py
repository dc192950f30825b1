"""Episodes for the tests of the Gymnasium environment."""

import copy

import numpy as np

import orrery

LARGE = np.iinfo(np.int64).max


class LeastFree(orrery.PlacementPolicy):
    """Best fit on CPU alone: what `least_free` does through an environment."""

    def place(self, view, pod):
        fits = view.feasible(pod)
        return np.argmin(np.where(fits, view.nodes.cpu_free, LARGE)) if fits.any() else None


def least_free(env, info):
    free = env.unwrapped.view.nodes.cpu_free
    fits = info["action_mask"][: len(free)] == 1  # an action to wait may follow
    return int(np.argmin(np.where(fits, free, LARGE)))


def play(env, seed, choose=least_free):
    """One episode: the return, steps, and the last step's info."""
    _, info = env.reset(seed=seed)
    total, steps = 0.0, 0
    while True:
        _, reward, terminated, truncated, info = env.step(choose(env, info))
        total, steps = total + reward, steps + 1
        if terminated or truncated:
            return total, steps, info


def drawn(seed):
    """A way to choose at random among the admitted actions."""
    random = np.random.default_rng(seed)
    return lambda env, info: int(random.choice(np.flatnonzero(info["action_mask"])))


def eventful(small):
    """Gangs, failures and delays; six nodes."""
    small = copy.deepcopy(small)
    cluster = small["clusters"][0]
    cluster["delays"] = {"watch": "20ms", "bind": "50ms", "detection": "5s", "initialise": "1s"}
    cluster["failures"] = {
        "node": {"uptime": {"exponential": {"mean": "2m"}}, "repair": {"constant": "20s"}}
    }
    classes = small["workloads"][0]["synthetic"]["classes"]
    classes.append({**classes[0], "name": "gang", "weight": 1, "gang_size": 3})
    return small


def two_clusters(small, pods_in_second=200):
    """Clusters alike; each has work of its own, the second one as much as is asked for."""
    small = copy.deepcopy(small)
    first = small["clusters"][0]
    small["clusters"].append({**first, "name": "two"})
    work = small["workloads"][0]
    small["workloads"] = [
        {**work, "clusters": ["one"]},
        {"synthetic": {**work["synthetic"], "count": pods_in_second}, "clusters": ["two"]},
    ]
    return small
