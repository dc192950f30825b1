"""Tables of results: columns that every data-frame library can take over without a copy."""

from __future__ import annotations

import html
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl
    import pyarrow as pa

    from orrery import _core

_SHOWN_ROWS = 10
_SHOWN_COLUMNS = 14


class Table:
    """Columns with names and units.

    It implements the Arrow PyCapsule interface, so `polars.DataFrame(table)`,
    `pyarrow.table(table)` and everything else that reads Arrow take it as it is; `to_pandas()` and
    `to_polars()` do it for you. `table["waiting_seconds_mean"]` is a column: a read-only NumPy
    array for numbers, a list for texts. Units and other facts are in `units` and `facts`, in the
    metadata of Arrow's fields, and in pandas' `attrs`.

    Example:
        >>> table = orrery.run("quickstart", seeds=2, only="fgd", set={"/horizon": "8h"}).runs
        >>> table.column_names[:3]
        ['variant', 'seed', 'status']
        >>> table["seed"]
        array([42, 43])
        >>> frame = table.to_pandas()
        >>> frame.attrs["units"]["simulated_seconds"]
        's'
    """

    def __init__(self, core: _core.Table) -> None:
        self._core = core

    @property
    def column_names(self) -> list[str]:
        """The names of the columns, in order."""
        return self._core.column_names

    @property
    def units(self) -> dict[str, str]:
        """The unit of each column that has one: "s", "%", "kWh"."""
        facts = {name: self.facts(name) for name in self.column_names}
        return {name: fact["unit"] for name, fact in facts.items() if fact.get("unit")}

    def facts(self, name: str) -> dict[str, str]:
        """What is known of a column: its unit; of a metric also which values are better."""
        return self._core.facts(name)

    def __len__(self) -> int:
        return len(self._core)

    def __getitem__(self, name: str) -> Any:
        return self._core.values(name)

    def __contains__(self, name: object) -> bool:
        return name in self.column_names

    def __iter__(self) -> Iterator[str]:
        return iter(self.column_names)

    def rows(self) -> list[dict[str, Any]]:
        """Every row as a dict of plain Python values; missing ones are None."""
        columns = {name: self._plain(name) for name in self.column_names}
        return [dict(zip(columns, row)) for row in zip(*columns.values())]

    def to_dict(self) -> dict[str, list[Any]]:
        """Every column as a list of plain Python values; missing ones are None."""
        return {name: self._plain(name) for name in self.column_names}

    def _plain(self, name: str) -> list[Any]:
        values = self[name]
        if isinstance(values, list):
            return values
        plain = values.tolist()
        if self._core.type(name) == "int64":
            return [None if value != value else int(value) for value in plain]
        return [None if value != value else value for value in plain]

    def to_pandas(self) -> pd.DataFrame:
        """As a pandas DataFrame; numbers are not copied. Units are in `attrs["units"]`."""
        import pandas as pd

        columns = {name: pd.Series(self[name], name=name, copy=False) for name in self.column_names}
        frame = pd.DataFrame(columns, copy=False)
        frame.attrs["units"] = self.units
        return frame

    def to_polars(self) -> pl.DataFrame:
        """As a Polars DataFrame, which keeps no units."""
        import polars as pl

        return pl.DataFrame(self)

    def to_pyarrow(self) -> pa.Table:
        """As a PyArrow table; units are in the fields' metadata."""
        import pyarrow as pa

        return pa.table(self)

    def __arrow_c_schema__(self) -> object:
        """The schema, for whoever reads Arrow."""
        return self._core.__arrow_c_schema__()

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """The columns, for whoever reads Arrow."""
        return self._core.__arrow_c_stream__(requested_schema)

    def __repr__(self) -> str:
        heads = [self._head(name) for name in self._shown_columns()]
        rows = [[_text(value) for value in row] for row in self._shown_rows()]
        widths = [max(map(len, column)) for column in zip(heads, *rows)] if heads else []
        lines = [
            "  ".join(text.ljust(width) for text, width in zip(row, widths)).rstrip()
            for row in [heads, *rows]
        ]
        return "\n".join([self._size(), *lines, *self._more()])

    def _repr_html_(self) -> str:
        heads = "".join(
            f"<th>{html.escape(self._head(name))}</th>" for name in self._shown_columns()
        )
        rows = "".join(
            "<tr>" + "".join(f"<td>{html.escape(_text(value))}</td>" for value in row) + "</tr>"
            for row in self._shown_rows()
        )
        more = "".join(f"<p>{html.escape(line)}</p>" for line in self._more())
        return (
            f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>{more}"
            f"<p>{self._size()}</p>"
        )

    def _size(self) -> str:
        return f"{len(self)} rows × {len(self.column_names)} columns"

    def _head(self, name: str) -> str:
        unit = self.facts(name).get("unit")
        return f"{name} ({unit})" if unit else name

    def _shown_columns(self) -> list[str]:
        return self.column_names[:_SHOWN_COLUMNS]

    def _shown_rows(self) -> list[tuple[Any, ...]]:
        columns = [list(self[name][:_SHOWN_ROWS]) for name in self._shown_columns()]
        return list(zip(*columns))

    def _more(self) -> list[str]:
        rows = len(self) - _SHOWN_ROWS
        columns = self.column_names[_SHOWN_COLUMNS:]
        more = [f"… and {rows} more rows"] if rows > 0 else []
        if columns:
            shown = ", ".join(columns[:6]) + (", …" if len(columns) > 6 else "")
            more.append(f"… and {len(columns)} more columns: {shown}")
        return more


def _text(value: Any) -> str:
    if value is None or value != value:
        return ""
    return f"{value:.6g}" if isinstance(value, float) else str(value)
