"""Running experiments on many machines."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import importlib
import os
import pickle
import tempfile
import threading
import time
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orrery import _core
from orrery.documents import Experiment, Plan, Policies, plan
from orrery.errors import Error
from orrery.progress import Progress, progress_function
from orrery.results import Results, writing
from orrery.runs import RunFailed, failure_text, path_of, warn_of


def sweep(
    experiment: Experiment,
    *,
    executor: Any,
    policies: Policies | None = None,
    seeds: int | Sequence[int] | None = None,
    out: str | os.PathLike[str] | None = None,
    set: Mapping[str, Any] | None = None,
    only: str | Sequence[str] | None = None,
    baseline: str | None = None,
    progress: Progress = None,
    retries: int = 10,
) -> Results:
    """Runs an experiment on an executor, such as the workers of a Dask cluster.

    Each run is a task of its own, named by what it computes. What a worker has finished comes back
    and is stored at once, in the order of completion; a worker that dies costs the tasks that it
    was at. After a lost scheduler or a killed client, the same call goes on where it was. Results
    are those of `run`, whatever the executor.

    Args:
        experiment: as for `run`. Files that a document names must be there for the workers too.
        executor: a `concurrent.futures.Executor`, or a `distributed.Client`. Workers need the same
            version of Orrery. Policies travel by cloudpickle where it is installed (Dask brings
            it), else by pickle, which takes only what workers can import.
        policies: as for `run`.
        seeds: as for `run`.
        out: as for `run`.
        set: as for `run`.
        only: as for `run`.
        baseline: as for `run`.
        progress: as for `run`; called after each task.
        retries: how often a task is tried again after the worker that was at it has died.

    Raises:
        Error: as `run` does; or a worker has another version of Orrery, or the executor is lost.
        RunFailed: some runs failed; the others are stored, and in its `results`.
        KeyboardInterrupt: Ctrl-C; finished runs are stored.

    Example:
        >>> from concurrent.futures import ThreadPoolExecutor
        >>> with ThreadPoolExecutor(2) as executor:
        ...     results = orrery.sweep(
        ...         "quickstart", executor=executor, seeds=2, only="fgd", set={"/horizon": "8h"}
        ...     )
        >>> results.run_counts
        (2, 2)
    """
    arguments: dict[str, Any] = {
        "experiment": experiment,
        "policies": policies,
        "seeds": seeds,
        "only": only,
        "settings": set,
        "baseline": baseline,
        "input_folder": os.path.join(os.path.dirname(out or "results/"), "traces"),
    }
    loaded = plan(**arguments).load()
    warn_of(loaded)
    path = path_of(loaded, out)
    work = _Work(_pickled(arguments), loaded.digest, _core.__version__)
    failed: list[dict[str, Any]] = []
    on_progress, close = progress_function(progress)
    try:
        with writing(path), contextlib.closing(_core.ResultsStore(path, loaded)) as store:
            tasks = [_Task(work, variant, seed) for variant, seed in store.missing]
            done = _Done(len(tasks), on_progress)
            for finished in _finished(executor, tasks, retries, path):
                errors = _store(store, finished)
                failed += errors
                done.add(failures=len(errors))
    finally:
        close()
    results = Results(path)
    if failed:
        raise RunFailed(failure_text(failed, done.total, path), results, failed)
    return results


@dataclass(frozen=True)
class _Work:
    """What all tasks of a sweep share."""

    arguments: bytes
    digest: str
    version: str


@dataclass(frozen=True)
class _Task:
    """One variant under one seed."""

    work: _Work
    variant: str
    seed: int

    @property
    def key(self) -> str:
        """Names what is computed: equal keys, equal results."""
        content = (self.work.version, self.work.digest, self.variant, str(self.seed))
        return "orrery-" + hashlib.sha256("\0".join(content).encode()).hexdigest()[:32]


def run_task(task: _Task) -> bytes:
    """Runs a task where a worker is; returns its results file, compressed."""
    made, loaded = _loaded(task.work)
    with tempfile.TemporaryDirectory(prefix="orrery-") as folder:
        path = os.path.join(folder, "run.db")
        loaded.run(path, jobs=1, uses_python=bool(made.policies), only=(task.variant, task.seed))
        return zlib.compress(Path(path).read_bytes(), 1)


_loading = threading.Lock()


def _loaded(work: _Work) -> tuple[Plan, _core.Experiment]:
    with _loading:
        return _load(work)


@functools.lru_cache(maxsize=2)
def _load(work: _Work) -> tuple[Plan, _core.Experiment]:
    if work.version != _core.__version__:
        raise Error(
            f"a worker has orrery {_core.__version__}, this sweep comes from {work.version}: "
            "install the same version on all machines"
        )
    made = plan(**pickle.loads(work.arguments))
    loaded = made.load()
    if loaded.digest != work.digest:
        raise Error(
            "a worker reads another experiment than this sweep's: the document, or the code of a "
            "policy, differs between the machines"
        )
    return made, loaded


def _pickled(arguments: Mapping[str, Any]) -> bytes:
    try:
        pickler = importlib.import_module("cloudpickle")
    except ImportError:
        pickler = pickle
    try:
        return bytes(pickler.dumps(dict(arguments)))
    except Exception as error:  # whatever the objects' own code raises
        raise Error(f"policies: this one cannot be sent to workers: {error}") from error


class _Done:
    def __init__(self, total: int, on_progress: Any) -> None:
        self.total = total
        self._on_progress = on_progress
        self._begin = time.monotonic()
        self._done = self._failed = 0

    def add(self, failures: int) -> None:
        self._done += 1
        self._failed += failures
        if self._on_progress is not None:
            seconds = time.monotonic() - self._begin
            self._on_progress(self._done, self.total, self._failed, seconds)


def _store(store: _core.ResultsStore, finished: bytes) -> list[dict[str, Any]]:
    """Takes over what a task has brought; returns the runs that failed."""
    with tempfile.NamedTemporaryFile(prefix="orrery-", suffix=".db") as file:
        file.write(zlib.decompress(finished))
        file.flush()
        adopted = store.adopt(file.name)
    return [
        {"variant": variant, "seed": seed, "error": error}
        for variant, seed, error in adopted
        if error is not None
    ]


def _finished(executor: Any, tasks: Sequence[_Task], retries: int, path: str) -> Iterator[bytes]:
    """What the tasks return, in the order of completion. Cancels the rest when it is left early."""
    futures = _DaskFutures(executor) if _is_dask(executor) else _PlainFutures(executor)
    attempts = dict.fromkeys(tasks, 0)
    try:
        for task in tasks:
            futures.submit(task, 0)
        while True:
            ended = futures.next_ended()
            if ended is None:
                return
            task, future = ended
            try:
                yield future.result()
            except futures.worker_died as error:
                attempts[task] += 1
                if not futures.survives_workers or attempts[task] > retries:
                    raise _lost(error, path) from error
                futures.submit(task, attempts[task])
            except futures.lost as error:
                raise _lost(error, path) from error
    finally:
        futures.cancel()


def _lost(error: BaseException, path: str) -> Error:
    return Error(
        f"the executor is lost ({type(error).__name__}: {error}); what has finished is in {path}: "
        "the same call with a working executor goes on"
    )


def _is_dask(executor: Any) -> bool:
    return hasattr(executor, "get_executor") and hasattr(executor, "scheduler_info")


class _PlainFutures:
    """Tasks on a `concurrent.futures.Executor`, whose broken pool stays broken."""

    survives_workers = False

    def __init__(self, executor: Any) -> None:
        from concurrent.futures import BrokenExecutor, CancelledError

        if not hasattr(executor, "submit"):
            raise Error(
                f"executor: found {type(executor).__name__}, expected a "
                "concurrent.futures.Executor or a distributed.Client"
            )
        self._executor = executor
        self._tasks: dict[Any, _Task] = {}
        self.worker_died: Any = BrokenExecutor
        self.lost: Any = CancelledError

    def submit(self, task: _Task, attempt: int) -> None:
        try:
            self._tasks[self._executor.submit(run_task, task)] = task
        except RuntimeError as error:  # it is shut down, or broken
            raise Error(f"executor: it takes no work: {error}") from error

    def next_ended(self) -> tuple[_Task, Any] | None:
        from concurrent.futures import FIRST_COMPLETED, wait

        if not self._tasks:
            return None
        future = next(iter(wait(self._tasks, return_when=FIRST_COMPLETED).done))
        return self._tasks.pop(future), future

    def cancel(self) -> None:
        for future in self._tasks:
            future.cancel()


class _DaskFutures:
    """Tasks on a Dask cluster, which runs them again elsewhere when a worker dies."""

    survives_workers = True

    def __init__(self, client: Any) -> None:
        from concurrent.futures import CancelledError

        distributed: Any = importlib.import_module("distributed")

        self._client = client
        self._tasks: dict[str, tuple[_Task, Any]] = {}
        self._ended = distributed.as_completed()
        self.worker_died: Any = distributed.scheduler.KilledWorker
        self.lost: Any = (CancelledError, OSError)  # of a scheduler that does not answer

    def submit(self, task: _Task, attempt: int) -> None:
        # A task that killed its workers is remembered under its key: another attempt has another.
        key = task.key if attempt == 0 else f"{task.key}-{attempt}"
        future = self._client.submit(run_task, task, key=key, pure=True)
        self._tasks[key] = (task, future)
        self._ended.add(future)

    def next_ended(self) -> tuple[_Task, Any] | None:
        if not self._tasks:
            return None
        future = next(self._ended)
        task, _ = self._tasks.pop(future.key)
        return task, future

    def cancel(self) -> None:
        with contextlib.suppress(Exception):  # the cluster may be gone
            self._client.cancel([future for _, future in self._tasks.values()])
