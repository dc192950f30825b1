"""One results file: the SQLite database that ``orrery run`` writes (docs/results-format.md)."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
from numpy.typing import NDArray

from ..errors import Error

__all__ = ["Metric", "ResultsFile", "Run", "Variant"]

APPLICATION_ID = 0x4F727279  # "Orry"
FORMAT_VERSION = 1

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Variant:
    """A setting of the experiment."""

    id: int
    name: str


@dataclass(frozen=True)
class Run:
    """A variant under a seed."""

    id: int
    variant: int
    seed: int
    status: str  #: pending, ok or failed
    error: str
    fingerprint: str
    simulated_seconds: float  #: NaN where it is not known
    events: int
    wall_seconds: float


@dataclass(frozen=True)
class Metric:
    """A figure that every run has; ``unit`` is for people, ``direction`` says what is wanted."""

    name: str
    unit: str
    direction: str  #: higher, lower or neutral


@dataclass(frozen=True)
class HeatMap:
    """A figure by row (a node, or several neighbours) and span of virtual time."""

    rows: list[str]
    edges: Array  #: seconds: where spans begin, and where the last one ends
    percents: NDArray[np.uint8]  #: shape (rows, spans)


class ResultsFile:
    """Reads a results file in one consistent state, also while a sweep is still writing it.

    Raises ``orrery.Error``: no such file, not a results file, another version, damaged, locked.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self._connection = self._open()
        try:
            self._check()
            self._connection.execute("BEGIN")  # from here on, what others commit is not seen
            self._connection.execute("SELECT count(*) FROM meta").fetchone()
        except BaseException:
            self._connection.close()
            raise

    def close(self) -> None:
        """Lets go of the file."""
        self._connection.close()

    def __enter__(self) -> ResultsFile:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @cached_property
    def meta(self) -> dict[str, str]:
        """Facts about the experiment and the machine that ran it."""
        return {key: value for key, value in self._rows("SELECT key, value FROM meta")}

    @cached_property
    def traces(self) -> list[tuple[str, str]]:
        """Path and digest of each trace file that was read."""
        return list(self._rows("SELECT path, digest FROM traces ORDER BY path"))

    @cached_property
    def variants(self) -> list[Variant]:
        """All settings, in the document's order; ``runs`` says which have any run."""
        return [Variant(*row) for row in self._rows("SELECT id, name FROM variants ORDER BY id")]

    @cached_property
    def runs(self) -> list[Run]:
        """Every planned run, by variant and seed."""
        query = (
            "SELECT id, variant, seed, status, error, fingerprint, simulated_seconds, events,"
            " wall_seconds FROM runs LEFT JOIN timings ON timings.run = runs.id"
            " ORDER BY variant, seed"
        )
        return [_run_of(row) for row in self._rows(query)]

    @cached_property
    def metrics(self) -> list[Metric]:
        """What the runs measured, in the order in which they name it."""
        query = "SELECT name, unit, direction FROM metric_names ORDER BY id"
        return [Metric(*row) for row in self._rows(query)]

    def settings(self, variant: int) -> Any:
        """The whole document of a variant, after all settings."""
        for (text,) in self._rows("SELECT settings FROM variants WHERE id = ?", variant):
            return json.loads(text)
        raise Error(f"{self.path}: no variant has the id {variant}")

    def values(self, metric: str) -> dict[int, dict[int, float]]:
        """A metric of the runs that are ok: by id of the variant, then by seed."""
        query = (
            "SELECT runs.variant, runs.seed, metrics.value FROM metric_names"
            " JOIN runs ON runs.status = 'ok'"
            " JOIN metrics ON metrics.run = runs.id AND metrics.metric = metric_names.id"
            " WHERE metric_names.name = ? AND metrics.value IS NOT NULL ORDER BY 1, 2"
        )
        found: dict[int, dict[int, float]] = {}
        for variant, seed, value in self._rows(query, metric):
            found.setdefault(variant, {})[_seed(seed)] = value
        return found

    @cached_property
    def series_names(self) -> list[tuple[str, str]]:
        """Name and unit of each metric over virtual time, in the order of the runs."""
        query = "SELECT name, unit FROM series GROUP BY name ORDER BY min(rowid)"
        return list(self._rows(query))

    def series(self, name: str, variant: int) -> dict[int, tuple[Array, Array]]:
        """Times in seconds and values of one variant's runs, by seed."""
        query = (
            'SELECT runs.seed, times, "values" FROM runs JOIN series ON series.run = runs.id'
            " WHERE runs.variant = ? AND runs.status = 'ok' AND name = ? ORDER BY runs.seed"
        )
        return {
            _seed(seed): (_doubles(times), _doubles(values))
            for seed, times, values in self._rows(query, variant, name)
        }

    @cached_property
    def curve_names(self) -> list[tuple[str, str, str]]:
        """Name, unit and what it is over, of each figure over another one than time."""
        if "curves" not in self._tables:
            return []
        query = "SELECT name, unit, over FROM curves GROUP BY name ORDER BY min(rowid)"
        return list(self._rows(query))

    def curve(self, name: str, variant: int) -> dict[int, tuple[Array, Array]]:
        """Positions and values of one variant's runs, by seed."""
        if "curves" not in self._tables:
            return {}
        query = (
            'SELECT runs.seed, positions, "values" FROM runs JOIN curves ON curves.run = runs.id'
            " WHERE runs.variant = ? AND runs.status = 'ok' AND name = ? ORDER BY runs.seed"
        )
        return {
            _seed(seed): (_doubles(positions), _doubles(values))
            for seed, positions, values in self._rows(query, variant, name)
        }

    @cached_property
    def heat_map_names(self) -> list[tuple[str, str]]:
        """Name and unit of each figure by row and span of time."""
        if "heat_maps" not in self._tables:
            return []
        query = "SELECT name, unit FROM heat_maps GROUP BY name ORDER BY min(rowid)"
        return list(self._rows(query))

    def heat_map(self, name: str, variant: int, seed: int) -> HeatMap | None:
        """One run's heat map; None where it has none."""
        if "heat_maps" not in self._tables:
            return None
        query = (
            'SELECT rows, edges, "values" FROM heat_maps JOIN runs ON runs.id = heat_maps.run'
            " WHERE runs.variant = ? AND runs.seed = ? AND runs.status = 'ok' AND name = ?"
        )
        stored = seed - 2**64 if seed >= 2**63 else seed
        for rows, edges, values in self._rows(query, variant, stored, name):
            names = json.loads(rows)
            percents = np.frombuffer(values, dtype=np.uint8).reshape(len(names), -1)
            return HeatMap(names, _doubles(edges), percents)
        return None

    @cached_property
    def distribution_names(self) -> list[tuple[str, str]]:
        """Name and unit of each distribution that has any value."""
        query = "SELECT DISTINCT name, unit FROM distributions WHERE count > 0 ORDER BY name"
        return list(self._rows(query))

    def quantiles(self, name: str, variant: int) -> dict[int, tuple[Array, Array]]:
        """Probabilities (0 the least, 1 the greatest) and values of one variant's runs, by seed."""
        query = (
            "SELECT runs.seed, probability, value FROM runs JOIN ("
            "  SELECT run, probability, value FROM quantiles WHERE distribution = ?2"
            "  UNION SELECT run, 0.0, min FROM distributions WHERE name = ?2 AND count > 0"
            "  UNION SELECT run, 1.0, max FROM distributions WHERE name = ?2 AND count > 0"
            ") AS points ON points.run = runs.id"
            " WHERE runs.variant = ?1 AND runs.status = 'ok' AND value IS NOT NULL"
            " ORDER BY runs.seed, probability"
        )
        points: dict[int, list[tuple[float, float]]] = {}
        for seed, probability, value in self._rows(query, variant, name):
            points.setdefault(_seed(seed), []).append((probability, value))
        return {
            seed: (np.array([p for p, _ in pairs]), np.array([v for _, v in pairs]))
            for seed, pairs in points.items()
        }

    def counters(self, variant: int) -> dict[str, int]:
        """How often each thing happened, over all runs of a variant."""
        query = (
            "SELECT name, sum(value) FROM counters JOIN runs ON runs.id = counters.run"
            " WHERE variant = ? GROUP BY name ORDER BY name"
        )
        return dict(self._rows(query, variant))

    @property
    def is_unfinished(self) -> bool:
        """Runs are still to come: being written, or interrupted."""
        return any(run.status == "pending" for run in self.runs)

    @cached_property
    def _tables(self) -> set[str]:
        """Files of earlier versions lack some."""
        return {name for (name,) in self._rows("SELECT name FROM sqlite_master")}

    def _open(self) -> sqlite3.Connection:
        if not self.path.exists():
            raise Error(
                f"{self.path}: there is no such results file"
                " ('orrery run' prints where it has put its results)"
            )
        if self.path.is_dir():
            raise Error(f"{self.path}: this is a directory; name a file that 'orrery run' wrote")
        address = "file:" + quote(str(self.path.resolve()))
        try:
            return self._connect(f"{address}?mode=ro")
        except sqlite3.Error as error:
            # In a directory that nobody may write to, a file without a log can be read as it is.
            has_log = Path(f"{self.path}-wal").exists()
            if "unable to open" not in str(error) or has_log:
                raise self._translated(error) from error
        try:
            return self._connect(f"{address}?mode=ro&immutable=1")
        except sqlite3.Error as error:
            raise self._translated(error) from error

    @staticmethod
    def _connect(address: str) -> sqlite3.Connection:
        connection = sqlite3.connect(address, uri=True, timeout=2.0, isolation_level=None)
        try:
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except BaseException:
            connection.close()
            raise
        return connection

    def _check(self) -> None:
        (application,) = next(self._rows("PRAGMA application_id"))
        (version,) = next(self._rows("PRAGMA user_version"))
        if application != APPLICATION_ID:
            raise Error(
                f"{self.path}: this is not a results file of orrery"
                " (name a file that 'orrery run' has written)"
            )
        if version > FORMAT_VERSION:
            raise Error(
                f"{self.path}: this results file comes from a newer orrery: found results format"
                f" {version}, expected at most {FORMAT_VERSION}"
                " (use that version of orrery, or run again into a new file)"
            )

    def _rows(self, query: str, *values: object) -> Iterator[Any]:
        try:
            yield from self._connection.execute(query, values)
        except sqlite3.Error as error:
            raise self._translated(error) from error

    def _translated(self, error: sqlite3.Error) -> Error:
        text = str(error)
        if "not a database" in text:
            text = (
                "this is not a results file of orrery (name a file that 'orrery run' has written)"
            )
        elif "malformed" in text or "no such table" in text or "no such column" in text:
            text = "this results file is damaged (run the experiment again into a new file)"
        elif "locked" in text:
            text = "another program holds this file locked (close it there)"
        elif "unable to open" in text or "cannot open" in text:
            text = "cannot open it: may you read the file and its directory?"
        return Error(f"{self.path}: {text}")


def _seed(stored: int) -> int:
    """Seeds are unsigned; SQLite keeps them as signed integers of the same bits."""
    return stored & 0xFFFF_FFFF_FFFF_FFFF


def _doubles(blob: bytes) -> Array:
    return np.frombuffer(blob, dtype="<f8")


def _run_of(row: tuple[Any, ...]) -> Run:
    ident, variant, seed, status, error, fingerprint, simulated, events, wall = row
    return Run(
        id=ident,
        variant=variant,
        seed=_seed(seed),
        status=status,
        error=error or "",
        fingerprint=fingerprint or "",
        simulated_seconds=_or_nan(simulated),
        events=events or 0,
        wall_seconds=_or_nan(wall),
    )


def _or_nan(value: float | None) -> float:
    return float("nan") if value is None else value
