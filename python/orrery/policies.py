"""Policies in Python: what they derive from, and how an experiment gets to know them."""

from __future__ import annotations

import copy
import hashlib
import inspect
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import CodeType
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, Union

from orrery._core import PolicySource
from orrery.errors import Error

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from orrery._core import ClusterView, Placement, Pod, StateChange

    Answer = Union[int, np.integer[Any], Placement, None]
else:
    Answer = Any

_Method = TypeVar("_Method", bound=Callable[..., Any])


def _default(method: _Method) -> _Method:
    """Marks a method that the core does not call unless a subclass overrides it."""
    method._orrery_default = True  # type: ignore[attr-defined]
    return method


@dataclass(frozen=True)
class RunContext:
    """What a policy is made for: one run of one cluster."""

    seed: int
    """The run's seed."""
    cluster: int
    """The cluster's position in the experiment."""

    @cached_property
    def random(self) -> np.random.Generator:
        """A random stream that belongs to this run and cluster alone."""
        import numpy as np

        return np.random.default_rng([self.seed, self.cluster])


class Policy:
    """What all kinds of policies share.

    A policy depends on nothing but what it is called with, so that the same object can decide in
    the simulator and live. It reads no clock, and draws random numbers from `context.random` alone.
    Each run of each cluster gets an object of its own: a class is called without arguments, an
    object is copied (`copy.deepcopy`).
    """

    kind: ClassVar[str]
    """The kind of policy, as experiments name it."""

    @_default
    def start(self, context: RunContext) -> None:
        """A run begins. Called once, before anything else."""

    @_default
    def on_change(self, view: ClusterView, change: StateChange) -> None:
        """`change` has just been applied to the view. Override it to keep indexes incremental.

        Called for each change from the first on, the scheduler's own reservations included.
        """


class PlacementPolicy(Policy):
    """Decides where pods go: override `place`.

    Example:
        >>> class QuietNode(orrery.PlacementPolicy):
        ...     def place(self, view, pod):
        ...         fits = view.feasible(pod)
        ...         if not fits.any():
        ...             return None
        ...         pods = view.nodes.pods_allocatable - view.nodes.pods_free
        ...         return np.argmin(np.where(fits, pods, np.iinfo(np.int32).max))
        >>> results = orrery.run(
        ...     "quickstart", policies=["random", QuietNode], seeds=1, set={"/horizon": "8h"}
        ... )
        >>> results.variants
        ['random', 'QuietNode']
    """

    kind = "placement"

    @_default
    def place(self, view: ClusterView, pod: Pod) -> Answer:
        """Where should the pod go: the index of a node, a `Placement`, or None to let it wait?

        The pod must fit there: `view.feasible(pod)` says where it does. Ties should go to the
        lowest index (`numpy.argmin` does so).
        """
        raise NotImplementedError

    @_default
    def place_gang(self, view: ClusterView, pods: Sequence[Pod]) -> Sequence[Answer] | None:
        """All pods of a gang or none: one answer for each pod, or None to let the gang wait.

        By default the pods are placed one after another with `place`, each with the room of those
        before it taken.
        """
        raise NotImplementedError

    @_default
    def explain(self, view: ClusterView, pod: Pod) -> Mapping[str, npt.ArrayLike]:
        """Scores of every node for the pod, by name, for `orrery.explain`.

        `total` is what the policy maximises. By default the table has no scores.
        """
        raise NotImplementedError


class Scorer(Policy):
    """One idea of what makes a node good, to be weighed against others by filter-score.

    Example:
        >>> class FewPods(orrery.Scorer):
        ...     def score(self, view, pod):
        ...         return 100 * view.nodes.pods_free / view.nodes.pods_allocatable
        >>> spread = {"name": "filter-score", "scorers": [FewPods, "least-allocated"]}
        >>> results = orrery.run(
        ...     "quickstart", policies={"spread": spread}, seeds=1, set={"/horizon": "8h"}
        ... )
        >>> results.variants
        ['spread']
    """

    kind = "scorer"

    def score(self, view: ClusterView, pod: Pod) -> npt.ArrayLike:
        """How good each node is for the pod: an array with one number a node, 0 to 100.

        What is below 0 counts as 0; nodes on which the pod does not fit may have any.
        """
        raise NotImplementedError


class Filter(Policy):
    """One more condition on nodes, besides those that the cluster itself imposes.

    Example:
        >>> class SpareGpuNodes(orrery.Filter):
        ...     def admits(self, view, pod):
        ...         return (view.nodes.gpu_count == 0) | (pod.gpus > 0)
        >>> sparing = {
        ...     "name": "filter-score", "filters": [SpareGpuNodes], "scorers": ["most-allocated"]
        ... }
        >>> results = orrery.run(
        ...     "quickstart", policies={"sparing": sparing}, seeds=1, set={"/horizon": "8h"}
        ... )
        >>> results.variants
        ['sparing']
    """

    kind = "filter"

    def admits(self, view: ClusterView, pod: Pod) -> npt.ArrayLike:
        """May the pod go to each node: an array with one boolean a node."""
        raise NotImplementedError


_KINDS = (PlacementPolicy, Scorer, Filter)


def is_policy(value: object) -> bool:
    """Is this a policy in Python: an object or a class with the method of some kind?"""
    return _kind_of(value) is not None


def _kind_of(value: object) -> str | None:
    policy = value if isinstance(value, type) else type(value)
    for known in _KINDS:
        if issubclass(policy, known):
            return known.kind
    if callable(getattr(policy, "place", None)):
        return PlacementPolicy.kind
    return None


class NamedPolicies:
    """The policies of a call of `run`: what the document says of each, and the Python behind it."""

    def __init__(
        self,
        policies: Sequence[Any] | Mapping[str, Any],
        taken: Sequence[PolicySource] = (),
    ) -> None:
        self.entries: dict[str, Any] = {}
        """By the variant's name: what stands at a scheduler's "policy" in the document."""
        self.sources: list[PolicySource] = []
        """The policies in Python that the entries name."""
        self._names = {(source.kind, source.name) for source in taken}
        if isinstance(policies, (str, bytes)) or not isinstance(policies, (Sequence, Mapping)):
            raise Error(
                f"policies: found {policies!r}, expected a list, such as "
                '["best-fit", MyPolicy], or a dict from names to policies'
            )
        if not policies:
            raise Error("policies: found none, expected at least one")
        given = isinstance(policies, Mapping)
        for label, policy in _labelled(policies):
            document = self._document(policy, label if given else None)
            self._add(label or _name_in(document), document)

    def _add(self, label: str, document: Any) -> None:
        name, number = label, 1
        while name in self.entries:
            if self.entries[name] == document:
                raise Error(f"policies: {label!r} is there twice")
            number += 1
            name = f"{label}-{number}"
        self.entries[name] = document

    def _document(self, policy: Any, label: str | None) -> Any:
        """What the document says; policies in Python that stand inside are noted on the way."""
        if isinstance(policy, str):
            return policy
        if is_policy(policy):
            return self._python(policy, label)
        if not isinstance(policy, Mapping) or "name" not in policy:
            raise Error(
                f"policies: found {policy!r}, expected the name of a policy, a dict with its "
                "'name' and parameters, or a policy in Python (a subclass of "
                "orrery.PlacementPolicy, or an object of one)"
            )
        document = dict(policy)
        document.update(document.pop("parameters", {}))
        if is_policy(document["name"]):
            return self._with_parameters(document.pop("name"), document, label)
        return {key: self._inner(value) for key, value in document.items()}

    def _with_parameters(self, policy: Any, parameters: dict[str, Any], label: str | None) -> Any:
        """A class with arguments for its constructor."""
        if parameters and not isinstance(policy, type):
            raise Error(f"policies: {_own_name(policy)} is an object: parameters are for classes")
        shown = ", ".join(f"{name}={value!r}" for name, value in parameters.items())
        name = f"{_own_name(policy)}({shown})" if shown else None
        made = policy(**parameters) if isinstance(policy, type) else policy
        return self._python(made, label or name)

    def _inner(self, value: Any) -> Any:
        """A parameter's value, in whose lists scorers and filters in Python may stand."""
        if not isinstance(value, (list, tuple)):
            return value
        inner = []
        for item in value:
            if is_policy(item):
                inner.append(self._python(item, None))
            elif isinstance(item, Mapping) and is_policy(item.get("name")):
                own = {key: given for key, given in item.items() if key != "name"}
                inner.append({**self._python(item["name"], None), **own})
            else:
                inner.append(item)
        return inner

    def _python(self, policy: Any, label: str | None) -> dict[str, Any]:
        kind = _kind_of(policy)
        assert kind is not None
        if kind != PlacementPolicy.kind and label is not None:
            raise Error(
                f"policies: {label!r} is a {kind}, not a placement policy: name it inside "
                '{"name": "filter-score", "' + kind + 's": [...]}'
            )
        described = _described(policy)
        name, number = label or _own_name(policy), 1
        while (kind, name) in self._names:
            number += 1
            name = f"{label or _own_name(policy)}-{number}"
        self._names.add((kind, name))
        summary = (inspect.getdoc(policy) or "").partition("\n")[0]
        self.sources.append(
            PolicySource(kind=kind, name=name, summary=summary, make=_maker(policy))
        )
        return {"name": name, **described}


def _labelled(policies: Sequence[Any] | Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    if isinstance(policies, Mapping):
        yield from policies.items()
    else:
        for policy in policies:
            yield "", policy


def _name_in(document: Any) -> str:
    return document if isinstance(document, str) else str(document["name"])


def _own_name(policy: Any) -> str:
    """`policy.name`, or the name of the class."""
    name = getattr(policy, "name", None)
    if isinstance(name, str) and name:
        return name
    return (policy if isinstance(policy, type) else type(policy)).__name__


def _maker(policy: Any) -> Callable[[int, int], Any]:
    """How a run gets an object of its own."""

    def make(seed: int, cluster: int) -> Any:
        made = policy() if isinstance(policy, type) else copy.deepcopy(policy)
        if hasattr(made, "start") and not hasattr(made.start, "_orrery_default"):
            made.start(RunContext(seed, cluster))
        return made

    return make


def _described(policy: Any) -> dict[str, str]:
    """What a results file keeps of a policy in Python, so that it is never taken for another."""
    cls = policy if isinstance(policy, type) else type(policy)
    state = {} if isinstance(policy, type) else getattr(policy, "__dict__", {})
    return {
        "python": f"{cls.__module__}.{cls.__qualname__}",
        "source": _source_digest(cls),
        "state": json.dumps(state, default=_state_text, sort_keys=True) if state else "",
    }


def _source_digest(cls: type) -> str:
    """Of the source of the class and of what it derives from, up to Orrery's own classes."""
    digest = hashlib.blake2b(digest_size=16)
    for base in cls.__mro__:
        if base is object or base.__module__.partition(".")[0] == "orrery":
            continue
        try:
            digest.update(inspect.getsource(base).encode())
        except (OSError, TypeError):  # typed at a prompt: its compiled code has to do
            for name in sorted(vars(base)):
                code = getattr(vars(base)[name], "__code__", None)
                if code is not None:
                    digest.update(f"{name} {_code_text(code)}".encode())
    return f"blake2b:{digest.hexdigest()}"


def _code_text(code: CodeType) -> str:
    """What a function does, without addresses and lines."""
    constants = [
        _code_text(one) if isinstance(one, CodeType) else repr(one) for one in code.co_consts
    ]
    return f"{code.co_code.hex()} {code.co_names} {constants}"


def _state_text(value: Any) -> str:
    """A value that JSON has no form for: its content where it has one, without addresses."""
    if hasattr(value, "tobytes"):  # NumPy and alike
        content = hashlib.blake2b(value.tobytes(), digest_size=16).hexdigest()
        return f"{type(value).__qualname__} {getattr(value, 'shape', '')} blake2b:{content}"
    return re.sub(r" at 0x[0-9a-f]+", "", repr(value))
