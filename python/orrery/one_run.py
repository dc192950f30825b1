"""One run out of many: what it gave, why its pods are where they are, and what else might be."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from orrery import _core
from orrery.documents import Plan, Policies, checked_seeds
from orrery.policies import NamedPolicies
from orrery.progress import Progress

if TYPE_CHECKING:
    from orrery.results import Results
    from orrery.table import Table


@dataclass(frozen=True)
class Run:
    """One variant under one seed, which repeats itself exactly whenever it is asked to."""

    results: Results = field(repr=False)
    variant: str
    seed: int
    _policies: tuple[_core.PolicySource, ...] = field(default=(), repr=False)

    @property
    def settings(self) -> dict[str, Any]:
        """The document of this run's variant, with everything in its place."""
        return dict(json.loads(self._settings))

    @property
    def metrics(self) -> dict[str, float]:
        """What was measured, by name."""
        rows = self.results.query(
            "SELECT metric_names.name, value FROM metrics "
            "JOIN metric_names ON metric_names.id = metric "
            "JOIN runs ON runs.id = run JOIN variants ON variants.id = variant "
            "WHERE variants.name = ? AND seed = ? ORDER BY metric",
            [self.variant, self.seed],
        )
        return dict(zip(rows["name"], rows["value"]))

    def series(self, name: str | None = None) -> Table:
        """A metric over virtual time, or all of them; see `Results.series`."""
        return self.results.series(name, variants=self.variant, seeds=self.seed)

    def explain(self, pod: int, *, cluster: str = "", rows: int = 20) -> str:
        """Says why a pod is where it is; see `orrery.explain`."""
        loaded = Plan(
            name=self.results.path, text=self._settings, policies=list(self._policies)
        ).load()
        return loaded.explain(
            variant=loaded.variants[0], pod=pod, seed=self.seed, cluster=cluster, rows=rows
        )

    def fork(
        self,
        at: str,
        policy: Any,
        *,
        seeds: int = 20,
        own: Policies | None = None,
        jobs: int | None = None,
        out: str | os.PathLike[str] | None = None,
        progress: Progress = None,
    ) -> Results:
        """Goes on from a moment of this run under other policies, in many futures.

        The run is repeated exactly up to that moment. From there on, `unchanged` goes on as it was,
        and each policy takes over in all clusters. Arrivals, failures and start-up times that had
        not been drawn by then are drawn anew for each seed, the same for all policies; the first
        future is the one that this run has had. Figures are those of the time after the fork, and
        `comparison()` pairs them.

        Args:
            at: the virtual time, such as "12:00" or "2d 3h".
            policy: who takes over: a policy as for `orrery.run`, a list, or a dict that names them.
            seeds: how many futures.
            own: the run's own policies in Python, as `orrery.run` was given them, where the results
                were read from a file.
            jobs: as for `orrery.run`.
            out: as for `orrery.run`.
            progress: as for `orrery.run`.

        Raises:
            Error: something is wrong with the arguments; this run is a fork itself.
            RunFailed: some runs failed; the others are stored.

        Example:
            >>> results = orrery.run("quickstart", seeds=1, only="random", set={"/horizon": "10h"})
            >>> futures = results.run("random").fork("08:00", "best-fit", seeds=2)
            >>> futures.variants
            ['unchanged', 'best-fit']
        """
        from orrery.runs import execute

        history = self._policies if own is None else NamedPolicies(own).sources
        others = policy if isinstance(policy, (list, tuple)) or _is_named(policy) else [policy]
        named = NamedPolicies(others, taken=history)
        text = _core.fork_document(
            self._settings,
            variant=self.variant,
            seed=self.seed,
            at=at,
            end_seconds=self._end_seconds,
            policies=[(label, json.dumps(entry)) for label, entry in named.entries.items()],
        )
        made = Plan(
            name=f"the fork of {self.variant}, seed {self.seed}",
            text=text,
            replications=checked_seeds(seeds),
            policies=[*history, *named.sources],
        )
        return execute(made, made.load(), jobs=jobs, out=out, progress=progress)

    @property
    def _end_seconds(self) -> float:
        """Virtual time at its end; 0 where it has not come to one."""
        found = self.results.query(
            "SELECT simulated_seconds FROM runs JOIN variants ON variants.id = variant "
            "WHERE name = ? AND seed = ?",
            [self.variant, self.seed],
        )["simulated_seconds"]
        return found[0] or 0.0

    @property
    def _settings(self) -> str:
        found: Sequence[str] = self.results.query(
            "SELECT settings FROM variants WHERE name = ?", [self.variant]
        )["settings"]
        return found[0]


def _is_named(policies: Any) -> bool:
    """A dict from labels to policies, and not one policy with its parameters?"""
    return isinstance(policies, dict) and "name" not in policies
