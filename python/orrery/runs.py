"""Running experiments."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

from orrery import _core
from orrery.documents import Experiment, Plan, Policies, plan
from orrery.errors import Error
from orrery.progress import Progress, progress_function
from orrery.results import Results, writing


class RunFailed(Error):
    """Some runs failed; the others are finished and stored. The message has the first failure."""

    def __init__(self, message: str, results: Results, failures: list[dict[str, Any]]) -> None:
        super().__init__(message)
        self.results = results
        """What the other runs gave."""
        self.failures = failures
        """Of each failed run: `variant`, `seed` and `error`."""


def run(
    experiment: Experiment,
    *,
    policies: Policies | None = None,
    seeds: int | Sequence[int] | None = None,
    jobs: int | None = None,
    out: str | os.PathLike[str] | None = None,
    set: Mapping[str, Any] | None = None,
    only: str | Sequence[str] | None = None,
    baseline: str | None = None,
    until_ci: str | None = None,
    until_metric: str = "",
    progress: Progress = None,
) -> Results:
    """Runs an experiment and returns its results.

    Each run is stored as it ends. The same call goes on where it was: after Ctrl-C, after a crash,
    or with more seeds.

    Args:
        experiment: the name of an experiment that comes with Orrery, the path of a document, or a
            document as a dict (docs/experiment-format.md), in which traces and outages from
            Python may stand (`orrery.trace`, `orrery.outages`).
        policies: placement policies to compare, in place of the document's: names, dicts with a
            name and parameters, classes or objects in Python; or a dict that names them. Each
            becomes a variant.
        seeds: how many seeds, counted up from the document's first; or the seeds themselves.
        jobs: runs at a time; all processors by default. Policies in C++ run in parallel; those in
            Python take turns with Python's lock.
        out: the results file; by default results/NAME-DIGEST.db, where the digest is that of all
            settings, so that other settings have another file.
        set: JSON pointers and the values to put there, before the variants.
        only: names of variants to run, with `*` for any text.
        baseline: the variant that others are compared with: a name, with `*` for any text.
        until_ci: "1%" of the mean, or "0.5" in the metric's unit: add seeds until half the width of
            the 95 % interval of each variant's mean is below that; `seeds` is then the most seeds,
            1000 by default (docs/statistics.md).
        until_metric: the metric that `until_ci` is about; by default the document's first.
        progress: True or False; a function that is called with runs done, runs in all, runs failed
            and seconds so far; by default a bar in notebooks and terminals.

    Raises:
        Error: something is wrong with the arguments, a document or a file.
        RunFailed: some runs failed; the others are stored, and in its `results`.
        KeyboardInterrupt: Ctrl-C; finished runs are stored.

    Example:
        >>> results = orrery.run(
        ...     "quickstart", policies=["random", "best-fit"], seeds=2, set={"/horizon": "8h"}
        ... )
        >>> results.run_counts
        (4, 4)
    """
    made = plan(
        experiment,
        policies=policies,
        seeds=seeds,
        only=only,
        settings=set,
        baseline=baseline,
        input_folder=os.path.join(os.path.dirname(out or "results/"), "traces"),
    )
    most = made.replications
    if until_ci is not None:
        if any(setting.startswith("/seeds=") for setting in made.settings):
            raise Error("seeds: with until_ci, say how many at most")
        made.replications = min(_core.seeds_min(until_ci), most or sys.maxsize)
    loaded = made.load()
    warn_of(loaded)
    results = execute(made, loaded, jobs=jobs, out=out, progress=progress)
    while until_ci is not None:
        is_enough, made.replications, _ = _core.precision(
            results.path, metric=until_metric, until_ci=until_ci, seeds_max=most
        )
        if is_enough:
            break
        results = execute(made, made.load(), jobs=jobs, out=out, progress=progress)
    return results


def execute(
    made: Plan,
    loaded: _core.Experiment,
    *,
    jobs: int | None,
    out: str | os.PathLike[str] | None,
    progress: Progress,
) -> Results:
    """Runs what a plan asks for and its results file lacks."""
    path = path_of(loaded, out)
    on_progress, close = progress_function(progress)
    try:
        with writing(path):
            summary = loaded.run(
                path,
                jobs=_checked_jobs(jobs),
                on_progress=on_progress,
                uses_python=bool(made.policies),
            )
    finally:
        close()
    results = Results(path, made.policies)
    if summary["failed"]:
        total = summary["finished"] + summary["skipped"] + len(summary["failed"])
        raise RunFailed(failure_text(summary["failed"], total, path), results, summary["failed"])
    return results


def explain(
    experiment: Experiment,
    pod: int,
    *,
    policy: Any = None,
    variant: str | None = None,
    seed: int | None = None,
    cluster: str = "",
    rows: int = 20,
    set: Mapping[str, Any] | None = None,
) -> str:
    """Says why a pod is where it is: filters and scores of every node when it was placed, as text.

    The run is repeated up to that moment. A policy in Python shows its own scores if it has
    `explain`.

    Args:
        experiment: as for `run`.
        pod: its number: pods of a cluster count up from 1 in the order of their arrival.
        policy: one policy, as for `run`; by default the document's.
        variant: the name of a variant, where there are several.
        seed: the run's seed; by default the document's first.
        cluster: where to look; by default the first cluster that tried such a pod.
        rows: nodes to show, best first; 0: all.
        set: as for `run`.

    Example:
        >>> text = orrery.explain("quickstart", 17, policy="least-allocated", rows=3)
        >>> print(text.splitlines()[0])
        berlin, pod 17 (CPU 2783m, memory 2058730545B) at 287.042 s
    """
    made = plan(
        experiment,
        policies=None if policy is None else [policy],
        seeds=None if seed is None else [seed],
        only=variant,
        settings=set,
        baseline=None,
        input_folder=os.path.join("results", "traces"),
    )
    loaded = made.load()
    if len(loaded.variants) != 1:
        raise Error(f"variant: name one of {', '.join(loaded.variants)}")
    return loaded.explain(
        variant=loaded.variants[0], pod=pod, seed=loaded.seeds[0], cluster=cluster, rows=rows
    )


def library() -> list[str]:
    """The names of the experiments that come with Orrery.

    Example:
        >>> "quickstart" in orrery.library()
        True
    """
    return list(_core.library())


def _checked_jobs(jobs: int | None) -> int:
    if jobs is None:
        return 0
    if isinstance(jobs, bool) or not isinstance(jobs, int) or jobs < 1:
        raise Error(f"jobs: found {jobs!r}, expected how many runs at a time, at least 1")
    return jobs


def warn_of(loaded: _core.Experiment) -> None:
    """Tells of variants that were left out, where `run` or `sweep` was called."""
    for notice in loaded.notices:
        warnings.warn(notice, stacklevel=3)


def path_of(loaded: _core.Experiment, out: str | os.PathLike[str] | None) -> str:
    """The results file: `out`, or results/NAME-DIGEST.db, whose folder is made."""
    if out is not None:
        return os.fspath(out)
    os.makedirs("results", exist_ok=True)
    digest = loaded.digest.rpartition(":")[2][:8]
    return os.path.join("results", f"{_core.file_name_of(loaded.name)}-{digest}.db")


def failure_text(failed: Sequence[Mapping[str, Any]], total: int, path: str) -> str:
    """How many of `total` runs failed, and the first failure."""
    first = failed[0]
    return (
        f"{len(failed)} of {total} runs failed; the others are in {path}\n"
        f"{first['variant']}, seed {first['seed']}: {first['error']}"
    )
