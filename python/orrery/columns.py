"""Columns of whatever holds data: data frames, dicts of arrays, rows one by one."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from orrery.errors import Error

Integers = npt.NDArray[np.int64]

_NANOSECONDS = 1e9
_LARGEST = 2**63 - 1


def columns_of(data: Any, what: str) -> dict[str, Any]:
    """The columns of `data` by name.

    `data` is a pandas, Polars or PyArrow frame, a dict from names to arrays or single values, or an
    iterable of rows (dicts, or objects with `_asdict()` such as named tuples), such as a generator.
    """
    if isinstance(data, Mapping):
        return {str(name): values for name, values in data.items()}
    for attribute in ("column_names", "columns"):
        names = getattr(data, attribute, None)
        if names is not None and hasattr(data, "__getitem__"):
            return {str(name): _array(data[name]) for name in names}
    if isinstance(data, Iterable) and not isinstance(data, (str, bytes)):
        return _columns_of_rows(data, what)
    raise Error(
        f"{what}: found {type(data).__name__}, expected a data frame, a dict of arrays, or rows "
        "(dicts), such as from a generator"
    )


def _array(values: Any) -> Any:
    return values.to_numpy() if hasattr(values, "to_numpy") else values


def _columns_of_rows(rows: Iterable[Any], what: str) -> dict[str, Any]:
    columns: dict[str, list[Any]] = {}
    count = 0
    for count, row in enumerate(rows, start=1):
        fields = row._asdict() if hasattr(row, "_asdict") else row
        if not isinstance(fields, Mapping):
            raise Error(f"{what}: row {count}: found {row!r}, expected a dict or a named tuple")
        for name, value in fields.items():
            column = columns.setdefault(str(name), [])
            column.extend([None] * (count - 1 - len(column)))
            column.append(value)
    for column in columns.values():
        column.extend([None] * (count - len(column)))
    return dict(columns)


class Columns:
    """Columns that are asked for by name and unit, with errors that name column and row."""

    def __init__(self, data: Any, what: str, known: Sequence[str]) -> None:
        self.what = what
        self._columns = columns_of(data, what)
        self._known = known
        self._check_names()
        lengths = {
            name: len(values) for name, values in self._columns.items() if _is_column(values)
        }
        if not lengths:
            raise Error(f"{what}: found no column with one entry for each row")
        self.size = next(iter(lengths.values()))
        for name, length in lengths.items():
            if length != self.size:
                first = next(iter(lengths))
                raise Error(
                    f"{what}: column '{name}' has {length} rows, but '{first}' has {self.size}"
                )

    def _check_names(self) -> None:
        """A name that is nearly one of ours is a slip, not a column for somebody else."""
        for name in self._columns:
            if name in self._known:
                continue
            near = [
                one
                for one in difflib.get_close_matches(name, self._known, n=3, cutoff=0.8)
                if one not in self._columns
            ]
            if near:
                raise Error(
                    f"{self.what}: unknown column '{name}' (did you mean "
                    f"{' or '.join(repr(one) for one in near)}?)"
                )

    def __contains__(self, name: str) -> bool:
        return name in self._columns

    def missing(self, names: str) -> Error:
        """The error of a column that must be there, with what is there instead."""
        first = names.partition(" ")[0]
        near = difflib.get_close_matches(first, self._columns, n=2, cutoff=0.4)
        hint = f"nearest: {', '.join(map(repr, near))}; " if near else ""
        return Error(
            f"{self.what}: column {names} is missing ({hint}there are: "
            f"{', '.join(map(repr, self._columns))})"
        )

    def values(self, name: str) -> npt.NDArray[Any]:
        """The column as it is; a single value stands for all rows."""
        values = self._columns[name]
        if not _is_column(values):
            values = [values] * self.size
        try:
            array = np.asarray(values)
        except ValueError:  # lists of different lengths in the rows
            array = np.empty((0, 0))
        if array.ndim != 1:
            array = np.empty(self.size, dtype=object)
            for row, value in enumerate(values):
                array[row] = value
        return array

    def integers(self, name: str, default: int | None = None, least: int = 0) -> Integers:
        """Whole numbers of at least `least`; the default for missing ones, if there is one."""
        if name not in self._columns and default is not None:
            return np.full(self.size, default, dtype=np.int64)
        values = self.values(name)
        missing = _missing(values)
        if missing.any():
            if default is None:
                raise self._wrong(name, missing, values, "a whole number")
            values = np.where(missing, default, values)
        numbers = self._numbers(name, values, "a whole number")
        bad = (numbers != np.floor(numbers)) | (numbers < least) | (numbers > _LARGEST)
        if bad.any():
            raise self._wrong(name, bad, values, f"a whole number of at least {least}")
        if values.dtype.kind in "iu":
            return values.astype(np.int64)
        return np.array([int(value) for value in values.tolist()], dtype=np.int64)

    def scaled(self, name: str, factor: float) -> Integers:
        """Numbers in a larger unit, rounded up to whole ones of the smaller."""
        values = self.values(name)
        numbers = self._numbers(name, values, "a number")
        bad = ~np.isfinite(numbers) | (numbers < 0) | (numbers * factor > _LARGEST)
        if bad.any():
            raise self._wrong(name, bad, values, "a number that is not negative")
        return np.ceil(numbers * factor - 1e-9).astype(np.int64)

    def nanoseconds(self, name: str, missing: int | None = None) -> Integers:
        """A time from `name` (times of NumPy, or whole nanoseconds) or `name`_seconds (numbers).

        `missing` stands for None, NaN and NaT; without it they are errors. Instants count from the
        first one.
        """
        seconds = f"{name}_seconds"
        if name in self and seconds in self:
            raise Error(f"{self.what}: columns '{name}' and '{seconds}' say the same: leave one")
        if name not in self and seconds not in self:
            raise self.missing(f"'{name}' (or '{seconds}')")
        own = name if name in self else seconds
        values = self.values(own)
        absent = _missing(values)
        if absent.any() and missing is None:
            raise self._wrong(own, absent, values, "a time")
        if absent.all():
            return np.full(self.size, missing, dtype=np.int64)
        times = self._times(own, values[~absent], own == seconds)
        if not absent.any():
            return times
        result = np.full(self.size, missing, dtype=np.int64)
        result[~absent] = times
        return result

    def _times(self, name: str, values: npt.NDArray[Any], in_seconds: bool) -> Integers:
        if values.dtype.kind == "M":
            times = values.astype("datetime64[ns]").astype(np.int64)
            return np.asarray(times - times.min())
        if values.dtype.kind == "m":
            spans: Integers = values.astype("timedelta64[ns]").astype(np.int64)
            self._check_not_negative(name, spans)
            return spans
        numbers = self._numbers(name, values, "a time")
        if in_seconds:
            self._check_not_negative(name, numbers)
            if (numbers * _NANOSECONDS > _LARGEST).any():
                raise Error(f"{self.what}: column '{name}': more than 292 years")
            return np.rint(numbers * _NANOSECONDS).astype(np.int64)
        if values.dtype.kind not in "iu" and (numbers != np.floor(numbers)).any():
            raise Error(
                f"{self.what}: column '{name}': found fractions, expected whole nanoseconds "
                f"(are these seconds? Then call it '{name}_seconds')"
            )
        self._check_not_negative(name, numbers)
        exact: Integers = values.astype(np.int64)
        return exact

    def _check_not_negative(self, name: str, numbers: npt.NDArray[Any]) -> None:
        if (numbers < 0).any():
            raise self._wrong(name, numbers < 0, numbers, "a time that is not negative")

    def _numbers(self, name: str, values: npt.NDArray[Any], expected: str) -> npt.NDArray[Any]:
        if values.dtype.kind == "b":
            raise self._wrong(name, np.ones(len(values), dtype=bool), values, expected)
        try:
            return values.astype(np.float64)
        except (TypeError, ValueError):
            bad = np.array([not _is_number(value) for value in values.tolist()])
            raise self._wrong(name, bad, values, expected) from None

    def _wrong(
        self, name: str, bad: npt.NDArray[np.bool_], values: npt.NDArray[Any], expected: str
    ) -> Error:
        row = int(np.argmax(bad))
        found = values[row].item() if hasattr(values[row], "item") else values[row]
        return Error(
            f"{self.what}: column '{name}', row {row}: found {found!r}, expected {expected}"
        )


def _is_column(values: Any) -> bool:
    return hasattr(values, "__len__") and not isinstance(values, (str, bytes, Mapping))


def _is_number(value: Any) -> bool:
    try:
        float(value)
    except (TypeError, ValueError):
        return False
    return True


def _missing(values: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    """None, NaN and NaT."""
    if values.dtype.kind in "mM":
        return np.asarray(np.isnat(values))
    if values.dtype.kind == "f":
        return np.asarray(np.isnan(values))
    if values.dtype.kind == "O":
        return np.array([value is None or value != value for value in values.tolist()], dtype=bool)
    return np.zeros(len(values), dtype=bool)
