"""What a step of the Gymnasium environment costs, by nodes.

    python bench/python/gym_speed.py [NODES ...]

Needs the installed package with its extra (pip install '.[gym]'). The cluster and its load are
those of placements.py. The agent takes the lowest node that the mask admits, which is first fit.
Steps divided by wall seconds, the best of three; a step of a vector counts once for each of its
environments.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

import gymnasium
import placements

from orrery import _core
from orrery.documents import plan
from orrery.gym import PlacementEnv

STEPS = 8_000
NUM_ENVS = 8


def document(nodes: int) -> dict[str, Any]:
    """More work than an episode of these lengths reaches."""
    return placements.document(nodes, pods=50_000)


def core(nodes: int) -> float:
    """The simulation and the switch to it and back: no observation, no reward."""
    made = plan(
        document(nodes),
        policies=None,
        seeds=None,
        only=None,
        settings=None,
        baseline=None,
        input_folder=".",
    )
    experiment = made.load()
    run = _core.SteppedRun(experiment, variant=experiment.variants[0], seed=1, cluster="one")
    run.advance(None)
    last, view, pod = 0, run.view, run.pod
    start = time.perf_counter()
    for _ in range(STEPS):
        for _ in range(nodes):  # next fit: hardly more than one look
            last = (last + 1) % nodes
            if view.unfit(last, pod) is None:
                break
        run.advance(last)
        pod = run.pod
    return STEPS / (time.perf_counter() - start)


def one(nodes: int) -> float:
    """One environment."""
    env = PlacementEnv(document(nodes))
    observation, _ = env.reset(seed=1)
    start = time.perf_counter()
    for _ in range(STEPS):
        observation, *_ = env.step(observation["action_mask"].argmax())
    return STEPS / (time.perf_counter() - start)


def wrapped(nodes: int) -> float:
    """The same as gymnasium.make() gives it, with Gymnasium's own checks around."""
    env = gymnasium.make("orrery/Placement-v0", experiment=document(nodes))
    observation, _ = env.reset(seed=1)
    start = time.perf_counter()
    for _ in range(STEPS):
        observation, *_ = env.step(observation["action_mask"].argmax())
    return STEPS / (time.perf_counter() - start)


def vector(mode: str) -> Callable[[int], float]:
    """Eight environments at once."""

    def measure(nodes: int) -> float:
        envs = gymnasium.make_vec(
            "orrery/Placement-v0",
            num_envs=NUM_ENVS,
            vectorization_mode=mode,
            experiment=document(nodes),
        )
        observations, _ = envs.reset(seed=1)
        rounds = STEPS // NUM_ENVS
        start = time.perf_counter()
        for _ in range(rounds):
            observations, *_ = envs.step(observations["action_mask"].argmax(axis=1))
        took = time.perf_counter() - start
        envs.close()
        return rounds * NUM_ENVS / took

    return measure


MEASURES = {
    "the stepped simulation alone": core,
    "PlacementEnv": one,
    "gymnasium.make": wrapped,
    "make_vec, 8 × sync": vector("sync"),
    "make_vec, 8 × async": vector("async"),
}


def main() -> None:
    """Prints a table."""
    sizes = [int(text) for text in sys.argv[1:]] or [100, 1000]
    print(f"{'steps a second':<34}" + "".join(f"{size:>10,} nodes" for size in sizes))
    for name, measure in MEASURES.items():
        rates = [max(measure(size) for _ in range(3)) for size in sizes]
        print(f"{name:<34}" + "".join(f"{rate:>16,.0f}" for rate in rates), flush=True)


if __name__ == "__main__":
    main()
