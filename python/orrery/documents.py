"""How the arguments of `run` become settings of an experiment's document."""

from __future__ import annotations

import json
import pathlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from os import PathLike, fspath
from typing import TYPE_CHECKING, Any, Union

from orrery import _core
from orrery.errors import Error
from orrery.policies import NamedPolicies

if TYPE_CHECKING:
    from orrery.traces import InputFile

Json = Any
"""What json.dumps takes: objects, lists, texts, numbers, booleans and None."""
Experiment = Union[str, "PathLike[str]", Mapping[str, Any]]
Policies = Union[Sequence[Any], Mapping[str, Any]]


@dataclass
class Plan:
    """What the core is asked to load: a document, and what is changed about it."""

    name: str
    text: str | None = None
    settings: list[str] = field(default_factory=list)
    only: list[str] = field(default_factory=list)
    first_seed: int | None = None
    replications: int | None = None
    policies: list[_core.PolicySource] = field(default_factory=list)
    inputs: list[InputFile] = field(default_factory=list)

    def load(self) -> _core.Experiment:
        """Reads and checks the document."""
        return _core.Experiment(
            self.name,
            text=self.text,
            settings=self.settings,
            only=self.only,
            first_seed=self.first_seed,
            replications=self.replications,
            policies=self.policies,
        )


def plan(
    experiment: Experiment,
    *,
    policies: Policies | None,
    seeds: int | Sequence[int] | None,
    only: str | Sequence[str] | None,
    settings: Mapping[str, Any] | None,
    baseline: str | None,
    input_folder: str,
) -> Plan:
    """Puts the arguments of `run` together; data from Python go to files in `input_folder`."""
    made = _named(experiment)
    for pointer, value in (settings or {}).items():
        made.settings.append(f"{pointer}={_text_of(value, made, f'set[{pointer!r}]')}")
    if made.inputs:
        _save_inputs(made, (settings or {}).get("/traces"), input_folder)
    _set_seeds(made, seeds)
    if policies is not None:
        named = NamedPolicies(policies)
        made.policies = named.sources
        made.settings += _policy_settings(_raw(made), named, baseline)
    elif baseline is not None:
        made.settings.append(f"/baseline={json.dumps(baseline)}")
    if only is not None:
        made.only = [only] if isinstance(only, str) else list(only)
    return made


def _named(experiment: Experiment) -> Plan:
    if isinstance(experiment, Mapping):
        made = Plan(name="experiment")
        made.text = _text_of(experiment, made, "experiment")
        return made
    if isinstance(experiment, (str, PathLike)):
        return Plan(name=fspath(experiment))
    raise Error(
        f"experiment: found {type(experiment).__name__}, expected the name of an experiment that "
        "comes with orrery, the path of a document, or a dict"
    )


def _text_of(value: Any, made: Plan, what: str) -> str:
    """JSON text of a value in which data from Python may stand; the plan notes these."""

    def plain(other: Any) -> Json:
        from orrery.traces import InputFile  # NumPy is there now, or `other` is none of its values

        if isinstance(other, InputFile):
            made.inputs.append(other)
            return other.to_json()
        if hasattr(other, "tolist"):  # NumPy's numbers and arrays
            return other.tolist()
        raise TypeError(f"found {type(other).__name__}, expected what JSON can hold")

    try:
        return json.dumps(value, indent=1, default=plain)
    except (TypeError, ValueError) as error:
        raise Error(f"{what}: {error}") from None


def _save_inputs(made: Plan, given: Any, folder: str) -> None:
    """Writes data from Python where the runs will look for them."""
    from orrery.traces import folders_with

    traces = _raw(made).get("traces") if given is None else given
    folders = folders_with(traces, made.inputs, folder)
    for one in made.inputs:
        one.save_in(folder)
    made.settings.append(f"/traces={json.dumps(folders)}")


def _set_seeds(made: Plan, seeds: int | Sequence[int] | None) -> None:
    if seeds is None:
        return
    if isinstance(seeds, Sequence) and not isinstance(seeds, str):
        made.settings.append(f"/seeds={json.dumps([int(seed) for seed in seeds])}")
    else:
        made.replications = checked_seeds(seeds)


def checked_seeds(seeds: Any) -> int:
    """How many seeds, at least one."""
    if isinstance(seeds, bool) or not isinstance(seeds, int):
        raise Error(f"seeds: found {seeds!r}, expected how many, or a list of seeds")
    if seeds < 1:
        raise Error(f"seeds: found {seeds}, expected at least 1")
    return seeds


def _raw(made: Plan) -> dict[str, Any]:
    """The document as written, to see its variants. Broken ones are the core's to report."""
    text = made.text or _core.library().get(made.name)
    if text is None:
        try:
            text = pathlib.Path(made.name).read_text(encoding="utf-8")
        except OSError:
            return {}
    try:
        raw = json.loads(text)
    except ValueError:
        return {}
    return raw if isinstance(raw, dict) else {}


def _policy_settings(raw: dict[str, Any], named: NamedPolicies, baseline: str | None) -> list[str]:
    """Makes the policies an axis of the matrix, in place of the one that the document has."""
    pointers = _policy_pointers(raw)
    values = {name: dict.fromkeys(pointers, policy) for name, policy in named.entries.items()}
    matrix = raw["matrix"] if isinstance(raw.get("matrix"), dict) else {}
    axes = matrix["axes"] if isinstance(matrix.get("axes"), dict) else {}
    axis = next((name for name in axes if _is_policy_axis(axes[name])), "policy")
    others = [name for name in axes if name != axis]
    settings = []
    if axes:
        settings.append(f"/matrix/axes/{_escaped(axis)}={json.dumps(values)}")
        if axis not in axes and "names" in matrix:
            settings.append(f"/matrix/names={json.dumps(matrix['names'] + '/{policy}')}")
    else:
        listed = _listed_axis(raw)
        others = list(listed)
        settings.append(f"/matrix={json.dumps({'axes': {**listed, axis: values}})}")
    if "variants" in raw:
        settings.append("/variants=null")
    settings.append(f"/baseline={json.dumps(baseline or _baseline(raw, list(values), others))}")
    return settings


def _policy_pointers(raw: dict[str, Any]) -> list[str]:
    """Where the schedulers' policies stand: in the clusters, or in the templates that they use."""
    clusters, templates = raw.get("clusters"), raw.get("templates")
    pointers: list[str] = []
    for number, cluster in enumerate(clusters if isinstance(clusters, list) else []):
        place, at = f"/clusters/{number}", cluster
        while isinstance(at, dict) and "scheduler" not in at and "use" in at:
            place = f"/templates/{_escaped(str(at['use']))}"
            at = templates.get(at["use"]) if isinstance(templates, dict) else None
        pointers.append(f"{place}/scheduler/policy")
    return list(dict.fromkeys(pointers)) or ["/clusters/*/scheduler/policy"]


def _listed_axis(raw: dict[str, Any]) -> dict[str, Any]:
    """The document's list of variants as an axis, unless they are policies themselves."""
    listed = raw.get("variants")
    if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
        return {}
    own = {str(one.get("name")): one.get("set", {}) for one in listed}
    return {} if not own or _is_policy_axis(own) else {"variant": own}


def _escaped(token: str) -> str:
    return token.replace("~", "~0").replace("/", "~1")


def _is_policy_axis(settings: Any) -> bool:
    """Do its values set nothing but the scheduler's policy?"""
    if not isinstance(settings, dict) or not settings:
        return False
    return all(
        isinstance(value, dict) and value and all(map(_sets_policy, value, value.values()))
        for value in settings.values()
    )


def _sets_policy(pointer: str, value: Any) -> bool:
    if pointer.endswith("/scheduler/policy"):
        return True
    return pointer.endswith("/scheduler") and isinstance(value, dict) and set(value) == {"policy"}


def _baseline(raw: dict[str, Any], names: list[str], others: list[str]) -> str:
    """The document's baseline where its policy is still there, else the first policy."""
    given = str(raw.get("baseline", ""))
    if given.rpartition("/")[2] in names:
        return given
    return "/".join([*("*" for _ in others), names[0]])
