"""Results of an experiment, read from its results file."""

from __future__ import annotations

import builtins
import contextlib
import html
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Union

from orrery import _core
from orrery.errors import Error, suggest
from orrery.one_run import Run
from orrery.table import Table

if TYPE_CHECKING:
    from orrery.plot.bound import Plots

_written: set[str] = set()  # paths to which this process is writing

SqlValue = Union[int, float, str]


def open(path: str | os.PathLike[str], *, partial: bool = False) -> Results:
    """Opens a results file that `run`, or the `orrery` command, has written.

    Raises:
        Error: there is no such file; it is not a results file; it comes from a newer Orrery; it is
            still being written, unless `partial` asks for what is there so far.

    Example:
        >>> run = orrery.run("quickstart", seeds=1, only="fgd", set={"/horizon": "8h"})
        >>> orrery.open(run.path).run_counts
        (1, 1)
    """
    results = Results(path)
    if not partial and _is_being_written(results.path):
        done, total = results.run_counts
        raise Error(
            f"{results.path}: still being written: {done} of {total} runs have finished (wait for "
            "the end, or take what is there with orrery.open(path, partial=True))"
        )
    return results


@contextlib.contextmanager
def writing(path: str) -> Iterator[None]:
    """This process writes to `path` meanwhile."""
    real = os.path.realpath(path)
    _written.add(real)
    try:
        yield
    finally:
        _written.discard(real)


def _is_being_written(path: str) -> bool:
    """Does a writer hold the file's lock?

    Asked without opening the file: closing it would drop the locks that SQLite holds on it.
    """
    if os.path.realpath(path) in _written:
        return True
    try:
        file = os.stat(path)
        with builtins.open("/proc/locks", encoding="ascii") as locks:
            lines = locks.read().splitlines()
    except OSError:
        return False
    wanted = f"{os.major(file.st_dev):02x}:{os.minor(file.st_dev):02x}:{file.st_ino}"
    return any(re.search(rf"FLOCK .* {wanted} ", line) for line in lines)


class Results:
    """What an experiment gave: tables, each read when it is asked for.

    Example:
        >>> results = orrery.run("quickstart", seeds=2, set={"/horizon": "8h"})
        >>> results.variants
        ['random', 'first-fit', 'best-fit', 'least-allocated', 'fgd']
        >>> results.metrics.units["waiting_seconds_mean"]
        's'
        >>> results.metrics["cpu_allocated_percent"].shape
        (10,)
        >>> table = results.comparison(metrics="gpu_allocated_percent", variants=["random", "fgd"])
        >>> table["variant"], table["baseline"]
        (['random', 'fgd'], ['random', 'random'])
    """

    def __init__(
        self, path: str | os.PathLike[str], policies: Sequence[_core.PolicySource] = ()
    ) -> None:
        self.path = os.fspath(path)
        """The results file: SQLite, as docs/results-format.md describes it."""
        self._policies = tuple(policies)  # those in Python that the runs have used
        _core.check_results_file(self.path)

    @property
    def plot(self) -> Plots:
        """Altair charts, from `pip install 'orrery[report]'`: `results.plot.ranking()`."""
        from orrery.plot.bound import Plots

        return Plots(self.path)

    def report(self, out: str | os.PathLike[str], **options: Any) -> None:
        """Writes a report, as `orrery report` does; see `orrery.report.write_report`."""
        from orrery.report import write_report

        write_report(self.path, os.fspath(out), **options)

    @property
    def provenance(self) -> dict[str, str]:
        """The experiment's document, the version of Orrery, the machine, and when it was."""
        meta = self.query("SELECT key, value FROM meta").to_dict()
        return dict(zip(meta["key"], meta["value"]))

    @property
    def name(self) -> str:
        """The experiment's name."""
        return self.provenance["experiment"]

    @property
    def variants(self) -> list[str]:
        """The names of the variants, in the document's order."""
        names: list[str] = self.query("SELECT name FROM variants ORDER BY id")["name"]
        return names

    @property
    def run_counts(self) -> tuple[int, int]:
        """How many runs have ended well, and how many there are."""
        counts = self.query(
            "SELECT count(*) FILTER (WHERE status = 'ok') AS ok, count(*) AS total FROM runs"
        )
        return int(counts["ok"][0]), int(counts["total"][0])

    @property
    def runs(self) -> Table:
        """One row for each run: how it ended, and how long it took."""
        return self.query(
            "SELECT variants.name AS variant, seed, status, error, fingerprint, "
            "simulated_seconds, events, wall_seconds, finished FROM runs "
            "JOIN variants ON variants.id = variant LEFT JOIN timings ON run = runs.id "
            "ORDER BY runs.variant, seed",
            facts={"simulated_seconds": {"unit": "s"}, "wall_seconds": {"unit": "s"}},
        )

    def run(self, variant: str | None = None, seed: int | None = None) -> Run:
        """One run: to fork it, or to ask why a pod went where.

        Args:
            variant: the name of a variant; it may be left out where there is one.
            seed: one of the seeds; by default the first.
        """
        names = self.variants
        if variant is None and len(names) > 1:
            raise Error(f"variant: name one of {', '.join(names)}")
        variant = names[0] if variant is None else variant
        if variant not in names:
            raise _unknown("variant", variant, names)
        seeds = self.query(
            "SELECT seed FROM runs JOIN variants ON variants.id = variant "
            "WHERE variants.name = ? ORDER BY seed",
            [variant],
        )["seed"]
        seed = seeds[0] if seed is None else seed
        if seed not in seeds:
            raise Error(f"seed: found {seed}, expected one of {', '.join(map(str, seeds))}")
        return Run(self, variant, int(seed), self._policies)

    @property
    def metric_names(self) -> list[str]:
        """The names of the metrics, in the order in which runs give them."""
        names: list[str] = self.query("SELECT name FROM metric_names ORDER BY id")["name"]
        return names

    @property
    def metrics(self) -> Table:
        """One row for each finished run, one column for each metric, with unit and direction."""
        names = self.query("SELECT id, name, unit, direction FROM metric_names ORDER BY id").rows()
        columns = "".join(
            f", max(value) FILTER (WHERE metric = {row['id']}) AS {_quoted(row['name'])}"
            for row in names
        )
        facts = {row["name"]: {"unit": row["unit"], "direction": row["direction"]} for row in names}
        return self.query(
            f"SELECT variants.name AS variant, seed{columns} FROM runs "
            "JOIN variants ON variants.id = variant LEFT JOIN metrics ON run = runs.id "
            "WHERE status = 'ok' GROUP BY runs.id ORDER BY runs.variant, seed",
            facts=facts,
        )

    @property
    def counters(self) -> Table:
        """How often things happened: one row for each finished run and counter."""
        return self.query(
            "SELECT variants.name AS variant, seed, counters.name AS counter, value FROM counters "
            "JOIN runs ON runs.id = run JOIN variants ON variants.id = variant "
            "ORDER BY runs.variant, seed, counters.name"
        )

    @property
    def distributions(self) -> Table:
        """Many values of a run, such as all waiting times, summed up: one row for each."""
        return self.query(
            "SELECT variants.name AS variant, seed, distributions.name AS distribution, unit, "
            "count, mean, standard_deviation, min, max FROM distributions "
            "JOIN runs ON runs.id = run JOIN variants ON variants.id = variant "
            "ORDER BY runs.variant, seed, distributions.name"
        )

    @property
    def quantiles(self) -> Table:
        """The quantiles of the distributions: one row for each."""
        return self.query(
            "SELECT variants.name AS variant, seed, quantiles.distribution, unit, probability, "
            "value FROM quantiles JOIN runs ON runs.id = quantiles.run "
            "JOIN variants ON variants.id = variant JOIN distributions "
            "ON distributions.run = quantiles.run AND distributions.name = quantiles.distribution "
            "ORDER BY runs.variant, seed, quantiles.distribution, probability"
        )

    @property
    def series_names(self) -> list[str]:
        """The names of the metrics that are there over time."""
        names: list[str] = self.query("SELECT DISTINCT name FROM series ORDER BY name")["name"]
        return names

    def series(
        self,
        name: str | None = None,
        *,
        variants: str | Sequence[str] | None = None,
        seeds: int | Sequence[int] | None = None,
    ) -> Table:
        """A metric over virtual time, or all of them: one row for each point.

        Args:
            name: one of `series_names`; None: all, told apart by the column `series`.
            variants: names of variants; None: all.
            seeds: seeds; None: all.
        """
        if name is not None and name not in self.series_names:
            raise _unknown("series", name, self.series_names)
        return Table(_core.series(self.path, name or "", self._run_ids(variants, seeds)))

    @property
    def curve_names(self) -> list[str]:
        """The names of the figures that are there over another one than time."""
        if not self.query("SELECT 1 AS one FROM sqlite_master WHERE name = 'curves'"):
            return []
        return list(self.query("SELECT DISTINCT name FROM curves ORDER BY name")["name"])

    def curve(
        self,
        name: str,
        *,
        variants: str | Sequence[str] | None = None,
        seeds: int | Sequence[int] | None = None,
    ) -> Table:
        """A figure over another one, such as allocation over arrived load: a row for each point.

        Args:
            name: one of `curve_names`.
            variants: names of variants; None: all.
            seeds: seeds; None: all.
        """
        if name not in self.curve_names:
            raise _unknown("curve", name, self.curve_names)
        return Table(_core.curves(self.path, name, self._run_ids(variants, seeds)))

    def comparison(
        self,
        baseline: str | None = None,
        *,
        metrics: str | Sequence[str] | None = None,
        variants: str | Sequence[str] | None = None,
    ) -> Table:
        """Means with 95 % intervals, and differences to a baseline, paired by seed.

        Args:
            baseline: the variant to compare with, `*` standing for parts that variants share; None:
                that of the document.
            metrics: names or patterns with `*`; None: those that the document shows first.
            variants: the same for variants; None: all.
        """
        table, _ = _core.compare(
            self.path,
            metrics=_listed(metrics),
            variants=_listed(variants),
            baseline=baseline or "",
        )
        return Table(table)

    def query(
        self,
        sql: str,
        values: Sequence[SqlValue] = (),
        *,
        facts: Mapping[str, Mapping[str, str]] | None = None,
    ) -> Table:
        """What an SQL statement selects from the results file (docs/results-format.md).

        Args:
            sql: a SELECT; `values` stand for its question marks.
            values: numbers and texts.
            facts: what is known of the columns, such as {"wall_seconds": {"unit": "s"}}.

        Example:
            >>> results = orrery.run("quickstart", seeds=2, only="fgd", set={"/horizon": "8h"})
            >>> results.query("SELECT status, count(*) AS runs FROM runs WHERE seed < ?", [44])
            1 rows × 2 columns
            status  runs
            ok      2
        """
        plain = {column: dict(known) for column, known in (facts or {}).items()}
        return Table(_core.query(self.path, sql, list(values), plain))

    def _run_ids(
        self, variants: str | Sequence[str] | None, seeds: int | Sequence[int] | None
    ) -> list[int]:
        wanted_variants = _listed(variants)
        for name in wanted_variants:
            if name not in self.variants:
                raise _unknown("variant", name, self.variants)
        wanted_seeds = [seeds] if isinstance(seeds, int) else list(seeds or [])
        rows = self.query(
            "SELECT runs.id, variants.name AS variant, seed FROM runs "
            "JOIN variants ON variants.id = variant WHERE status = 'ok' ORDER BY runs.id"
        ).rows()
        return [
            row["id"]
            for row in rows
            if (not wanted_variants or row["variant"] in wanted_variants)
            and (not wanted_seeds or row["seed"] in wanted_seeds)
        ]

    def __repr__(self) -> str:
        done, total = self.run_counts
        lines = [f"{self.name}: {done} of {total} runs finished, in {self.path}"]
        with contextlib.suppress(Error):
            lines += ["", *self._answer()]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        done, total = self.run_counts
        head = html.escape(f"{self.name}: {done} of {total} runs finished, in {self.path}")
        with contextlib.suppress(Error):
            answer = html.escape("\n".join(self._answer()))
            return f"<p>{head}</p><pre>{answer}</pre>"
        return f"<p>{head}</p>"

    def _answer(self) -> list[str]:
        """The first metric's comparison, one line for each variant, at most a screen."""
        table = self.comparison()
        rows = table.rows()
        first = [row for row in rows if row["metric"] == rows[0]["metric"]][:24]
        unit = f" ({first[0]['unit']})" if first[0]["unit"] else ""
        lines = [f"{first[0]['metric']}{unit}"]
        width = max(len(row["variant"]) for row in first)
        for row in first:
            interval = "" if row["low"] is None else f"  {row['low']:.4g} … {row['high']:.4g}"
            lines.append(
                f"  {row['variant']:<{width}}  {row['mean']:.4g}{interval}  "
                f"{row['verdict']}".rstrip()
            )
        return lines


def _listed(names: str | Sequence[str] | None) -> list[str]:
    if names is None:
        return []
    return [names] if isinstance(names, str) else list(names)


def _quoted(name: str) -> str:
    escaped = name.replace('"', '""')
    return f'"{escaped}"'


def _unknown(kind: str, name: str, known: Sequence[str]) -> Error:
    return Error(f"there is no {kind} {name!r} ({suggest(name, known)})")
