"""Models from Python: traces, outages and distributions from arrays, data frames and generators."""

from __future__ import annotations

import csv
import hashlib
import json
import os
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from orrery import _core
from orrery.columns import Columns, Integers
from orrery.errors import Error, suggest

if TYPE_CHECKING:
    from orrery.documents import Json

_NEVER = -1
_POD_COLUMNS = (
    "arrival",
    "arrival_seconds",
    "cpu",
    "cpu_cores",
    "memory",
    "memory_gib",
    "service",
    "service_seconds",
    "estimate",
    "estimate_seconds",
    "gang",
    "gang_size",
    "cluster",
)
_TEMPLATE_COLUMNS = (
    "owner",
    "priority",
    "gpus",
    "gpu_milli",
    "gpu_models",
    "labels",
    "node_selector",
)
_OUTAGE_COLUMNS = ("node", "start", "start_seconds", "end", "end_seconds")


class InputFile:
    """Data from Python that runs read from a file, so that the command can repeat them.

    It may stand in a document where the data set that it is may be named. The file's name has the
    digest of its content, and results keep that digest: other data are another experiment.
    """

    data_set: str
    """The data set, as the document's "traces" names folders."""

    def __init__(self, name: str, suffix: str) -> None:
        self._name = _core.file_name_of(name)
        self._suffix = suffix

    @property
    def digest(self) -> str:
        """Of the content: 16 hexadecimal digits."""
        raise NotImplementedError

    @property
    def file_name(self) -> str:
        """The name of its file: the same content has the same name."""
        return f"{self._name}-{self.digest}{self._suffix}"

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the file; with .gz or .zst at its end it is compressed."""
        raise NotImplementedError

    def save_in(self, folder: str) -> None:
        """Writes it under its own name, unless it is there."""
        path = os.path.join(folder, self.file_name)
        if not os.path.exists(path):
            os.makedirs(folder, exist_ok=True)
            self.save(path)

    def to_json(self) -> Json:
        """What stands for it in a document."""
        raise NotImplementedError


class Trace(InputFile):
    """Pods that arrive at set times: a workload. Made by `orrery.trace`."""

    data_set = "canonical"

    def __init__(self, name: str, columns: dict[str, Any]) -> None:
        super().__init__(name, ".jsonl.zst")
        self._columns = columns

    def __len__(self) -> int:
        return len(self._columns["arrival"])

    @property
    def digest(self) -> str:
        """Of the content: 16 hexadecimal digits."""
        return _digest_of(self._columns)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the trace in Orrery's format (docs/trace-format.md).

        Compressed if the name ends in .gz or .zst.
        """
        _core.write_trace(os.fspath(path), f"{self._name}, from Python", **self._columns)

    def to_json(self) -> Json:
        """What stands for it among a document's workloads."""
        return {"canonical": {"file": self.file_name}}

    def __repr__(self) -> str:
        arrival = self._columns["arrival"]
        span = (int(arrival[-1]) - int(arrival[0])) / 1e9 if len(self) else 0.0
        return f"Trace({self._name!r}, {len(self)} pods over {span:.6g} s)"


class Outages(InputFile):
    """When nodes are down: a failure log to replay. Made by `orrery.outages`."""

    data_set = "outages"

    def __init__(self, name: str, columns: dict[str, Any]) -> None:
        super().__init__(name, ".csv")
        self._columns = columns

    def __len__(self) -> int:
        return len(self._columns["start"])

    @property
    def digest(self) -> str:
        """Of the content: 16 hexadecimal digits."""
        return _digest_of(self._columns)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the outages as CSV: node, start_seconds, end_seconds."""
        part = f"{os.fspath(path)}.part"
        with open(part, "w", encoding="utf-8", newline="") as file:
            rows = csv.writer(file, lineterminator="\n")
            rows.writerow(["node", "start_seconds", "end_seconds"])
            names = self._columns["nodes"]
            for node, start, end in zip(
                *(self._columns[name] for name in ("node", "start", "end"))
            ):
                rows.writerow([names[node], _seconds_text(start), _seconds_text(end)])
        os.replace(part, path)

    def to_json(self) -> Json:
        """What stands for it where a document says how nodes fail."""
        return {"replay": {"outages": self.file_name}}

    def __repr__(self) -> str:
        nodes = len(self._columns["nodes"])
        return f"Outages({self._name!r}, {len(self)} outages of {nodes} nodes)"


def trace(data: Any, *, name: str = "trace") -> Trace:
    """A workload from data: each row is a pod.

    Args:
        data: a pandas, Polars or PyArrow frame; a dict from names to arrays or to values that hold
            for all rows; or rows, such as dicts from a generator.
        name: for people, and the beginning of its file's name.

    Columns are those of docs/trace-format.md:

    - `arrival`: instants, spans or whole nanoseconds; or `arrival_seconds`: numbers
    - `cpu`: milli-CPU; or `cpu_cores`: numbers
    - `memory`: bytes; or `memory_gib`: numbers
    - `service`, or `service_seconds`: how long it runs; missing values: for ever
    - `estimate`, or `estimate_seconds`: the user's estimate of the service time (optional)
    - `gpus`: devices; `gpu_milli`: thousandths of each; `gpu_models`: a name, or a list (optional)
    - `gang`: rows with the same value are placed together or not at all (optional)
    - `owner`, `priority`, `labels`, `node_selector`, `cluster` (optional)

    Rows may come in any order. Other columns are left alone, unless they look like a slip.

    Raises:
        Error: a column is missing (with the nearest name), or a value is wrong (with its row).

    Example:
        >>> jobs = orrery.trace(
        ...     {
        ...         "arrival_seconds": [0, 30, 60],
        ...         "service_seconds": [600, 60, 60],
        ...         "cpu_cores": [4, 1, 1],
        ...         "memory_gib": 2,
        ...         "gpus": [1, 0, 0],
        ...     },
        ...     name="jobs",
        ... )
        >>> jobs
        Trace('jobs', 3 pods over 60 s)
    """
    columns = Columns(data, "trace", (*_POD_COLUMNS, *_TEMPLATE_COLUMNS))
    arrival = columns.nanoseconds("arrival")
    groups = _gangs(columns, arrival)
    order = np.lexsort((groups, arrival))
    gang_size, gang = _runs(groups[order])
    templates, template = _templates(columns)
    clusters, cluster = _names(columns, "cluster")
    has_estimate = "estimate" in columns or "estimate_seconds" in columns
    return Trace(
        name,
        {
            "arrival": arrival[order],
            "cpu": _amount(columns, "cpu", "cpu_cores", 1000)[order],
            "memory": _amount(columns, "memory", "memory_gib", 2**30)[order],
            "service": columns.nanoseconds("service", missing=_NEVER)[order],
            "estimate": (
                columns.nanoseconds("estimate", missing=0)[order]
                if has_estimate
                else np.zeros(columns.size, dtype=np.int64)
            ),
            "gang_size": gang_size,
            "gang": gang,
            "pod_template": template[order],
            "templates": templates,
            "cluster": cluster[order],
            "clusters": clusters,
        },
    )


def outages(data: Any, *, name: str = "outages") -> Outages:
    """A failure log from data: each row is an outage of a node.

    Args:
        data: as for `trace`.
        name: for people, and the beginning of its file's name.

    Columns: `node`, the name of a node; `start` and `end`, instants (counted from the first start),
    spans or whole nanoseconds; or `start_seconds` and `end_seconds`, numbers. All from the start of
    the run. It may stand at a cluster's "failures" or in a list there.

    Example:
        >>> orrery.outages({"node": ["gpu-0", "gpu-1"], "start_seconds": 3600, "end_seconds": 7200})
        Outages('outages', 2 outages of 2 nodes)
    """
    columns = Columns(data, "outages", _OUTAGE_COLUMNS)
    if "node" not in columns:
        raise columns.missing("'node'")
    names, node = _names(columns, "node")
    if (node < 0).any():
        raise Error(f"outages: row {int(np.argmax(node < 0))}: names no node")
    start, end = _spans(columns)
    if (end < start).any():
        row = int(np.argmax(end < start))
        raise Error(
            f"outages: row {row}: ends at {_seconds_text(end[row])} s, before it starts at "
            f"{_seconds_text(start[row])} s"
        )
    order = np.lexsort((start, node))
    return Outages(
        name,
        {"nodes": names, "node": node[order], "start": start[order], "end": end[order]},
    )


def _spans(columns: Columns) -> tuple[Integers, Integers]:
    """Start and end in nanoseconds; instants are counted from the first start."""
    if "start" in columns and "end" in columns:
        start, end = columns.values("start"), columns.values("end")
        if start.dtype.kind == "M" and end.dtype.kind == "M":
            first = start.min()
            frame = {"start": start - first, "end": end - first}
            columns = Columns(frame, "outages", _OUTAGE_COLUMNS)
    return columns.nanoseconds("start"), columns.nanoseconds("end")


def _seconds_text(nanoseconds: int) -> str:
    return f"{nanoseconds // 10**9}.{nanoseconds % 10**9:09d}"


def empirical(samples: npt.ArrayLike, unit: str, *, interpolate: bool = False) -> Json:
    """A distribution that draws from a sample: what stands for it in a document.

    Args:
        samples: numbers, none of them negative.
        unit: what they are: "s" (durations), "bytes" (sizes), "cores" (CPU), "devices" (GPU) or ""
            (plain numbers).
        interpolate: spread the mass between neighbouring values, instead of drawing the values.

    Example:
        >>> orrery.empirical([30, 60, 60, 90], "s")["empirical"]["cdf"]
        [['30.000000000s', 0.25], ['60.000000000s', 0.75], ['90.000000000s', 1.0]]
    """
    write = _WRITERS.get(unit)
    if write is None:
        raise Error(f"unknown unit: found {unit!r} ({suggest(unit, list(_WRITERS))})")
    values = np.asarray(samples, dtype=np.float64).ravel()
    if len(values) == 0 or not np.isfinite(values).all() or (values < 0).any():
        raise Error("samples: expected at least one number, finite and not negative")
    own, counts = np.unique(values, return_counts=True)
    cumulative = np.cumsum(counts) / len(values)
    cumulative[-1] = 1.0
    shape: dict[str, Any] = {
        "cdf": [[write(value), share] for value, share in zip(own.tolist(), cumulative.tolist())]
    }
    if interpolate:
        shape["interpolate"] = True
    return {"empirical": shape}


_WRITERS: dict[str, Callable[[float], Any]] = {
    "s": lambda value: f"{value:.9f}s",
    "bytes": lambda value: int(np.ceil(value)),
    "cores": lambda value: f"{int(np.ceil(value * 1000 - 1e-9))}m",
    "devices": lambda value: f"{int(np.ceil(value * 1000 - 1e-9))}m",
    "": float,
}


def _amount(columns: Columns, exact: str, scaled: str, factor: float) -> Integers:
    if exact in columns and scaled in columns:
        raise Error(f"trace: columns '{exact}' and '{scaled}' say the same: leave one")
    if exact in columns:
        return columns.integers(exact)
    if scaled in columns:
        return columns.scaled(scaled, factor)
    raise columns.missing(f"'{exact}' (or '{scaled}')")


def _gangs(columns: Columns, arrival: Integers) -> Integers:
    """A number for each row: rows of one gang share it, others have one of their own."""
    groups = np.arange(columns.size, dtype=np.int64)
    if "gang" not in columns:
        return groups
    names, numbers = _names(columns, "gang")
    for gang in range(len(names)):
        members = np.flatnonzero(numbers == gang)
        if (arrival[members] != arrival[members[0]]).any():
            raise Error(f"trace: gang {names[gang]!r}: its pods arrive at different times")
        groups[members] = members[0]
    return groups


def _runs(groups: Integers) -> tuple[Integers, Integers]:
    """The size and the number of the run of equal values that each row is in."""
    if len(groups) == 0:
        return groups, groups
    starts = np.flatnonzero(np.r_[True, groups[1:] != groups[:-1]])
    sizes = np.diff(np.r_[starts, len(groups)])
    if sizes.max() > 65535:
        raise Error(f"trace: a gang of {sizes.max()} pods: expected at most 65535")
    number = np.repeat(np.arange(len(starts), dtype=np.int64), sizes)
    return np.repeat(sizes, sizes).astype(np.int64), number


def _names(columns: Columns, name: str) -> tuple[list[str], Integers]:
    """The different values of a column as texts, and which one each row has; -1: none."""
    if name not in columns:
        return [], np.full(columns.size, -1, dtype=np.int64)
    known: dict[str, int] = {}
    numbers = np.empty(columns.size, dtype=np.int64)
    for row, value in enumerate(columns.values(name).tolist()):
        is_missing = value is None or value != value
        numbers[row] = -1 if is_missing else known.setdefault(str(value), len(known))
    return list(known), numbers


def _templates(columns: Columns) -> tuple[list[str], Integers]:
    """What rows have in common besides CPU and memory, and which of these each row has."""
    given = [name for name in _TEMPLATE_COLUMNS if name in columns]
    if not given:
        return ["{}"], np.zeros(columns.size, dtype=np.int64)
    values = {
        name: columns.integers(name, default, least).tolist()
        if name in given
        else [default] * columns.size
        for name, default, least in (
            ("gpus", 0, 0),
            ("gpu_milli", 1000, 1),
            ("priority", 0, -(2**31)),
        )
    }
    plain = {
        name: columns.values(name).tolist() if name in given else [None] * columns.size
        for name in ("owner", "gpu_models", "labels", "node_selector")
    }
    known: dict[str, int] = {}
    numbers = np.empty(columns.size, dtype=np.int64)
    for row in range(columns.size):
        text = _template_text(
            row,
            {name: column[row] for name, column in values.items()},
            {name: column[row] for name, column in plain.items()},
        )
        numbers[row] = known.setdefault(text, len(known))
    return list(known), numbers


def _template_text(row: int, numbers: Mapping[str, int], plain: Mapping[str, Any]) -> str:
    template: dict[str, Any] = {}
    gpus, milli = numbers["gpus"], numbers["gpu_milli"]
    if gpus > 16 or milli > 1000 or (gpus > 1 and milli < 1000):
        raise Error(
            f"trace: row {row}: found {gpus} GPUs of {milli} milli, expected at most 16 GPUs, of "
            "1000 milli each, or a share (1 to 1000 milli) of a single one"
        )
    if gpus > 0:
        template["gpu"] = {"count": gpus, "milli": milli}
    if numbers["priority"] != 0:
        template["priority"] = numbers["priority"]
    models = plain["gpu_models"]
    if models is not None and models == models and gpus > 0:
        template["gpu_models"] = [models] if isinstance(models, str) else list(models)
    owner = plain["owner"]
    if owner is not None and owner == owner:
        template["owner"] = str(owner)
    for name in ("labels", "node_selector"):
        labels = plain[name]
        if labels is None or labels != labels:
            continue
        if not isinstance(labels, Mapping):
            raise Error(f"trace: column '{name}', row {row}: found {labels!r}, expected a dict")
        template[name] = {str(key): str(value) for key, value in labels.items()}
    return json.dumps(template, sort_keys=True)


def _digest_of(columns: Mapping[str, Any]) -> str:
    digest = hashlib.blake2b(digest_size=8)
    for name in sorted(columns):
        value = columns[name]
        digest.update(name.encode())
        digest.update(value.tobytes() if hasattr(value, "tobytes") else json.dumps(value).encode())
    return digest.hexdigest()


def folders_with(traces: Any, inputs: Sequence[InputFile], folder: str) -> dict[str, Any]:
    """A document's "traces" with the folder of the inputs added."""
    if isinstance(traces, str):  # one folder for every data set
        folders = dict.fromkeys(
            ("openb", "philly", "canonical", "failures-lanl", "failures-grid5000", "outages"),
            traces,
        )
    else:
        folders = dict(traces) if isinstance(traces, Mapping) else {}
    for one in inputs:
        given = folders.get(one.data_set)
        if given not in (None, folder) and isinstance(traces, Mapping):
            raise Error(
                f"traces: the document has a folder for '{one.data_set}' of its own: "
                "runs read either that or data from Python"
            )
        folders[one.data_set] = folder
    return folders
