"""A Gymnasium environment in which an agent places the pods of a cluster.

    import gymnasium
    import orrery.gym

    env = gymnasium.make("orrery/Placement-v0", experiment="quickstart")

Needs Gymnasium: `pip install 'orrery[gym]'`. docs/gym.md explains observations and rewards.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any, Union

import numpy as np
import numpy.typing as npt

from orrery import _core
from orrery.documents import Experiment, plan
from orrery.errors import Error, suggest

try:
    import gymnasium
    from gymnasium import spaces
except ImportError as error:
    raise ImportError("orrery.gym needs Gymnasium: pip install 'orrery[gym]'") from error

__all__ = ["NODE_FEATURES", "POD_FEATURES", "REWARDS", "Observation", "PlacementEnv", "Reward"]

NODE_FEATURES = _core.NODE_FEATURES
"""The columns of an observation's `nodes`."""
POD_FEATURES = _core.POD_FEATURES
"""The entries of an observation's `pod`."""
REWARDS = {name: summary for name, _, summary in _core.TOTALS}
"""What a reward may be made of: figures of the run that add up as it goes on."""

Observation = dict[str, npt.NDArray[Any]]
Reward = Union[str, Mapping[str, float], Callable[[dict[str, float]], float]]

_NAMES = tuple(REWARDS)
_SEED_MAX = 2**63 - 1


class PlacementEnv(gymnasium.Env[Observation, Any]):
    """Each step places one pod of one cluster; an episode is one run of an experiment.

    The simulation stops where a pod fits on at least one node, and goes on when it is told the
    node. The same choices give the metrics that `orrery.run` gives with a policy that makes them.

    Observations are dicts of new arrays (docs/gym.md): `nodes`, one row of `NODE_FEATURES` a node;
    `pod`, the request (`POD_FEATURES`); `pod_seconds`, what the pod has waited and the user's
    estimate of its run time, 0 if there is none; `queue`, pods and gangs that wait besides it;
    `time` in seconds; `action_mask`. For more, read `view` and `pod`, which are what a
    `PlacementPolicy` would see.

    The action is the index of a node, and with `may_wait` one more that lets the pod wait. An
    action that the mask excludes is never an error: the pod waits, or without `may_wait` goes to
    the lowest node that takes it, and the reward is less by `infeasible_penalty`.

    The reward is what the chosen figures have changed by since the last decision, simulated time
    included, so that rewards without discount add up to the figures of the whole run. An episode is
    `terminated` when all work is done, `truncated` when the experiment's horizon cuts it.

    `reset(seed=n)` begins the run of seed n; without a seed, one drawn from `np_random`.

    Args:
        experiment: as for `orrery.run`.
        cluster: the cluster to place the pods of; by default the first.
        others: the placement policy of the other clusters, which run by themselves: a name, or a
            dict with a name and parameters; None: what the document says.
        variant: the variant, where there are several.
        reward: the name of a figure of `REWARDS`, which counts negative if less of it is better; a
            dict from names to weights, where the sign is yours; or a function of a dict with the
            change of each figure, and `seconds`, since the last decision.
        may_wait: adds the action to wait. Only for experiments with a horizon: other runs end when
            nobody places pods, which would pay off.
        infeasible_penalty: taken from the reward for each action that the mask excludes.
        set: as for `orrery.run`.
        render_mode: None: there is nothing to render.

    Raises:
        Error: something is wrong with the arguments, the document, a file or an action.
    """

    metadata = {"render_modes": []}  # noqa: RUF012 - as Gymnasium has it

    def __init__(
        self,
        experiment: Experiment,
        *,
        cluster: str | None = None,
        others: str | Mapping[str, Any] | None = "first-fit",
        variant: str | None = None,
        reward: Reward = "waiting_seconds",
        may_wait: bool = False,
        infeasible_penalty: float = 0.0,
        set: Mapping[str, Any] | None = None,
        render_mode: str | None = None,
    ) -> None:
        if render_mode is not None:
            raise Error(f"render_mode: found {render_mode!r}, expected None: nothing is rendered")
        self.render_mode = None
        self._experiment, self._variant = _loaded(experiment, others, variant, set)
        clusters = self._experiment.clusters(self._variant)
        self._cluster = next(iter(clusters)) if cluster is None else cluster
        if self._cluster not in clusters:
            hint = suggest(str(self._cluster), list(clusters))
            raise Error(f"cluster: found {self._cluster!r}, but there is no such cluster; {hint}")
        horizon = self._experiment.horizon(self._variant)
        if may_wait and horizon is None:
            raise Error(
                "may_wait: the experiment has no horizon, and a run without one ends as soon as "
                'nobody places pods; set={"/horizon": "1d"} gives it one'
            )
        self._is_bounded = horizon is not None
        self._may_wait = bool(may_wait)
        self._penalty = _number(infeasible_penalty, "infeasible_penalty")
        self._reward = _reward_function(reward)
        self._needs_profile = isinstance(reward, (str, Mapping)) and "gpu_fragmented_seconds" in (
            (reward,) if isinstance(reward, str) else reward
        )
        self._run: _core.SteppedRun | None = None
        self._seed = 0
        nodes = clusters[self._cluster]
        self.action_space = spaces.Discrete(nodes + self._may_wait)
        self.observation_space = _observation_space(nodes, nodes + self._may_wait)  # type: ignore[assignment]

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observation, dict[str, Any]]:
        """Begins the run of a seed, up to its first decision. `options` are not used."""
        super().reset(seed=seed)
        self.close()
        self._seed = int(self.np_random.integers(2**31)) if seed is None else seed
        if self._seed > _SEED_MAX:
            raise Error(f"seed: found {seed}, expected at most {_SEED_MAX}")
        run = _core.SteppedRun(
            self._experiment, variant=self._variant, seed=self._seed, cluster=self._cluster
        )
        if not run.advance(None):
            raise Error(
                f"the run of seed {self._seed} has nothing to decide in cluster "
                f"{self._cluster!r}: no pod ever fits on a node"
            )
        if self._needs_profile and not run.has_fragmentation:
            raise Error(
                "reward: 'gpu_fragmented_seconds' needs to know typical pods: give the cluster "
                'GPUs and "typical_pods": 0.95'
            )
        self._run = run
        self._totals = np.zeros(len(_NAMES))
        self._time = 0.0
        observation = run.observation(self._may_wait)
        self._mask = observation["action_mask"].copy()
        info = {"action_mask": self._mask.copy(), "time": run.view.now, "seed": self._seed}
        return observation, info

    def step(self, action: Any) -> tuple[Observation, float, bool, bool, dict[str, Any]]:
        """Places the pod and simulates up to the next decision, or to the end of the run.

        At the end `info` has `metrics`, all figures of the run as `orrery.run` gives them.
        """
        run = self._running()
        index = self._checked(action)
        is_feasible = bool(self._mask[index])
        has_next = run.advance(self._node_of(index, is_feasible))
        observation = run.observation(self._may_wait)
        self._mask = observation["action_mask"].copy()
        totals, time = run.totals(), run.view.now
        change, seconds = totals - self._totals, time - self._time
        self._totals, self._time = totals, time
        info: dict[str, Any] = {
            "action_mask": self._mask.copy(),
            "time": time,
            "seconds": seconds,
            "is_feasible": is_feasible,
        }
        if not has_next:
            info["seed"] = self._seed
            info["metrics"] = run.finish()
            self.close()
        reward = self._reward(change, seconds) - (0.0 if is_feasible else self._penalty)
        is_cut = not has_next and self._is_bounded
        return observation, reward, not has_next and not is_cut, is_cut, info

    def close(self) -> None:
        """Gives an unfinished run up."""
        self._run = None

    def action_masks(self) -> npt.NDArray[np.bool_]:
        """Which actions are admitted now, as sb3-contrib's MaskablePPO asks for them."""
        self._running()
        return self._mask.astype(np.bool_)

    @property
    def view(self) -> _core.ClusterView:
        """What a policy would see now; valid until the next step."""
        return self._running().view

    @property
    def pod(self) -> _core.Pod:
        """The pod to place."""
        return self._running().pod

    def _running(self) -> _core.SteppedRun:
        if self._run is None:
            raise Error("there is no episode, or it is over: call reset()")
        return self._run

    def _checked(self, action: Any) -> int:
        try:
            index = operator.index(action)
        except TypeError:
            index = -1
        if isinstance(action, bool) or not 0 <= index < len(self._mask):
            wait = f", {len(self._mask) - 1} to wait" if self._may_wait else ""
            raise Error(
                f"action: found {action!r}, expected the index of a node, 0 to "
                f"{len(self._mask) - 1 - self._may_wait}{wait}"
            )
        return index

    def _node_of(self, index: int, is_feasible: bool) -> int | None:
        if self._may_wait:
            waits = not is_feasible or index == len(self._mask) - 1
            return None if waits else index
        return index if is_feasible else int(self._mask.argmax())


def _loaded(
    experiment: Experiment,
    others: str | Mapping[str, Any] | None,
    variant: str | None,
    settings: Mapping[str, Any] | None,
) -> tuple[_core.Experiment, str]:
    """The experiment, and the name of its one variant."""
    made = plan(
        experiment,
        policies=None if others is None else [others],
        seeds=None,
        only=variant,
        settings=settings,
        baseline=None,
        input_folder="results/traces",
    )
    if made.policies:
        raise Error("others: policies in Python cannot run in clusters that nobody steps")
    loaded = made.load()
    if len(loaded.variants) != 1:
        raise Error(f"variant: name one of {', '.join(loaded.variants)}")
    return loaded, loaded.variants[0]


def _observation_space(nodes: int, actions: int) -> spaces.Dict:
    """`nodes` rows of features, from 0 to 1; times and the queue have no upper end."""

    def box(high: float, *shape: int) -> spaces.Box:
        return spaces.Box(0.0, high, shape, np.float32)

    return spaces.Dict(
        {
            "nodes": box(1.0, nodes, len(NODE_FEATURES)),
            "pod": box(1.0, len(POD_FEATURES)),
            "pod_seconds": box(np.inf, 2),
            "queue": box(np.inf, 1),
            "time": box(np.inf, 1),
            "action_mask": spaces.MultiBinary(actions),
        }
    )


def _reward_function(reward: Reward) -> Callable[[npt.NDArray[np.float64], float], float]:
    """How much the change of the totals, over some seconds, is worth."""
    if callable(reward):
        function = reward

        def ask(change: npt.NDArray[np.float64], seconds: float) -> float:
            return float(function({**dict(zip(_NAMES, change.tolist())), "seconds": seconds}))

        return ask
    if isinstance(reward, str):
        lower = {name for name, direction, _ in _core.TOTALS if direction == "lower"}
        reward = {reward: -1.0 if reward in lower else 1.0}
    if not isinstance(reward, Mapping) or not reward:
        raise Error(f"reward: found {reward!r}, expected a name, a dict of weights, or a function")
    weights = np.zeros(len(_NAMES))
    for name, weight in reward.items():
        if name not in REWARDS:
            hint = suggest(str(name), _NAMES, named_max=len(_NAMES))
            raise Error(
                f"reward: found {name!r}, but nothing of that name adds up in a run; {hint}"
            )
        weights[_NAMES.index(name)] = _number(weight, f"reward[{name!r}]")
    return lambda change, seconds: float(weights @ change)


def _number(value: Any, what: str) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = float("nan")
    if isinstance(value, (bool, str)) or not np.isfinite(number):
        raise Error(f"{what}: found {value!r}, expected a number")
    return number


gymnasium.register(id="orrery/Placement-v0", entry_point="orrery.gym:PlacementEnv")
