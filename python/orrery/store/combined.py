"""One or several results files seen as one: what comparisons, charts and reports work on.

Of one file, variants keep their names. Several files that hold the same variants (two versions of
Orrery, say) are told apart by their file's name in front: ``new/fgd`` is compared with ``old/fgd``.
Files with different variants are simply put together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Union

from ..errors import Error
from .results_file import Array, HeatMap, Metric, ResultsFile, Run

__all__ = ["CombinedVariant", "Results", "open_results"]

Source = Union[str, Path]


@dataclass(frozen=True)
class CombinedVariant:
    """A variant and where it comes from."""

    name: str
    file: ResultsFile
    id: int  #: within its file


class Results:
    """The variants of some results files that have any run, with what was measured."""

    def __init__(self, files: Sequence[ResultsFile]) -> None:
        if not files:
            raise Error("name at least one results file")
        self.files = list(files)
        self.labels = _labels(self.files)
        self.is_versus = _shares_variants(self.files)
        self.variants = self._variants()
        self.by_name = {variant.name: variant for variant in self.variants}

    @property
    def title(self) -> str:
        """The experiment's name; of several different ones, all names."""
        names = [file.meta.get("experiment", file.path.stem) for file in self.files]
        title = " and ".join(dict.fromkeys(names))
        if self.is_versus:
            title += f": {' and '.join(self.labels[1:])} against {self.labels[0]}"
        return title

    @property
    def baseline(self) -> str:
        """The pattern of the variant that others are compared with, as the files have it."""
        if self.is_versus:
            return self.labels[0] + "/*" * (1 + self._slashes())
        return self.files[0].meta.get("baseline", "")

    @property
    def metric_patterns(self) -> list[str]:
        """What the document shows first."""
        return [line for line in self.files[0].meta.get("metrics", "").split("\n") if line]

    @property
    def metrics(self) -> list[Metric]:
        """All metrics of all files, without repetition."""
        found: dict[str, Metric] = {}
        for file in self.files:
            for metric in file.metrics:
                found.setdefault(metric.name, metric)
        return list(found.values())

    @property
    def series_names(self) -> list[tuple[str, str]]:
        """Name and unit of each time series of any file."""
        return list(dict.fromkeys(pair for file in self.files for pair in file.series_names))

    @property
    def distribution_names(self) -> list[tuple[str, str]]:
        """Name and unit of each distribution of any file."""
        return list(dict.fromkeys(pair for file in self.files for pair in file.distribution_names))

    def values(self, metric: str) -> dict[str, dict[int, float]]:
        """A metric by the variant's name, then by seed; variants without a value are absent."""
        by_file = {id(file): file.values(metric) for file in self.files}
        return {
            variant.name: by_file[id(variant.file)][variant.id]
            for variant in self.variants
            if variant.id in by_file[id(variant.file)]
        }

    def series(self, name: str, variant: str) -> dict[int, tuple[Array, Array]]:
        """Times in seconds and values of a variant's runs, by seed."""
        found = self.by_name[variant]
        return found.file.series(name, found.id)

    @property
    def curve_names(self) -> list[tuple[str, str, str]]:
        """Name, unit and what it is over, of each curve of any file."""
        return list(dict.fromkeys(entry for file in self.files for entry in file.curve_names))

    def curve(self, name: str, variant: str) -> dict[int, tuple[Array, Array]]:
        """Positions and values of a variant's runs, by seed."""
        found = self.by_name[variant]
        return found.file.curve(name, found.id)

    @property
    def heat_map_names(self) -> list[tuple[str, str]]:
        """Name and unit of each heat map of any file."""
        return list(dict.fromkeys(entry for file in self.files for entry in file.heat_map_names))

    def heat_map(self, name: str, variant: str, seed: int) -> HeatMap | None:
        """One run's heat map; None where it has none."""
        found = self.by_name[variant]
        return found.file.heat_map(name, found.id, seed)

    def quantiles(self, name: str, variant: str) -> dict[int, tuple[Array, Array]]:
        """Probabilities and values of a variant's runs, by seed."""
        found = self.by_name[variant]
        return found.file.quantiles(name, found.id)

    def counters(self, variant: str) -> dict[str, int]:
        """How often each thing happened, over all runs of a variant."""
        found = self.by_name[variant]
        return found.file.counters(found.id)

    def runs(self) -> list[tuple[str, Run]]:
        """Every run with its variant's name."""
        names = {(id(variant.file), variant.id): variant.name for variant in self.variants}
        return [(names[id(file), run.variant], run) for file in self.files for run in file.runs]

    def close(self) -> None:
        """Lets go of the files."""
        for file in self.files:
            file.close()

    def __enter__(self) -> Results:
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()

    def _variants(self) -> list[CombinedVariant]:
        found = []
        for label, file in zip(self.labels, self.files):
            planned = {run.variant for run in file.runs}
            for variant in file.variants:
                if variant.id in planned:
                    name = f"{label}/{variant.name}" if self.is_versus else variant.name
                    found.append(CombinedVariant(name, file, variant.id))
        if not any(run.status == "ok" for file in self.files for run in file.runs):
            raise Error(
                f"{self.files[0].path}: there is no finished run in it yet"
                " (run the experiment again to go on)"
            )
        return found

    def _slashes(self) -> int:
        return max(variant.name.count("/") for file in self.files for variant in file.variants)


def open_results(source: Results | ResultsFile | Source | Sequence[Source]) -> Results:
    """Opens one or several results files, or passes on what is open. Raises ``orrery.Error``."""
    if isinstance(source, Results):
        return source
    if isinstance(source, ResultsFile):
        return Results([source])
    if isinstance(source, (str, Path)):
        return Results([ResultsFile(source)])
    return Results([ResultsFile(path) for path in source])


def _shares_variants(files: Sequence[ResultsFile]) -> bool:
    """Whether any variant is in two files, so that the file has to tell them apart."""
    seen: set[str] = set()
    for file in files:
        names = {variant.name for variant in file.variants}
        if names & seen:
            return True
        seen |= names
    return False


def _labels(files: Sequence[ResultsFile]) -> list[str]:
    """A short name for each file: its stem, or as much of its path as tells it from the others."""
    for parts in range(1, 8):
        labels = ["-".join(file.path.resolve().with_suffix("").parts[-parts:]) for file in files]
        if len(set(labels)) == len(labels):
            return labels
    raise Error(f"{files[0].path}: the same results file is named twice")
