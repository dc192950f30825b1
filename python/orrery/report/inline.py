"""Charts with their data inside, for formats that hold pictures."""

from __future__ import annotations

import json
import re
from typing import Any, NamedTuple

from ..errors import missing_extra
from ..plot import theme
from .document import EVERY, DataTable, Document, Figure

__all__ = ["Picture", "chart_pdf", "chart_svg", "picture", "rows_of_all", "shown_groups"]

#: Pictures of more groups than this would fill a book: the rest are in the tables.
_GROUPS_MAX = 3
_WIDTH, _WIDTH_WIDE = 380, 640


class Picture(NamedTuple):
    """The chart of a figure for one group."""

    title: str
    file_name: str  #: without its ending, of harmless characters
    spec: dict[str, Any]  #: Vega-Lite, with its data


def picture(figure: Figure, group: str, document: Document) -> Picture | None:
    """None where the group has no data for the figure."""
    spec = _spec(figure, group)
    if spec is None:
        return None
    is_named = bool(group) and group in document.groups
    title = f"{figure.title}, {group}" if is_named else figure.title
    parts = [figure.id, group] if group and group != EVERY else [figure.id]
    return Picture(title, re.sub(r"[^A-Za-z0-9_-]+", "-", "-".join(parts)), spec)


def shown_groups(document: Document, figure: Figure) -> list[str]:
    """The groups whose charts are drawn; the tables have all."""
    return [EVERY] if EVERY in figure.data else document.groups[:_GROUPS_MAX]


def _spec(figure: Figure, group: str) -> dict[str, Any] | None:
    data = figure.data.get(group) or figure.data.get(EVERY)
    if not data or not any(column for table in data.values() for column in table.values()):
        return None
    chart = figure.draw(data)
    spec: dict[str, Any] = chart.properties(
        width=_WIDTH_WIDE if figure.is_wide else _WIDTH
    ).to_dict(validate=False)
    config = theme.config(theme.LIGHT)
    config["legend"]["columns"] = 6 if figure.is_wide else 3
    config["font"] = "Liberation Sans, Arial, sans-serif"
    spec["config"] = {**spec.get("config", {}), **config}
    return spec


def _convert(name: str, spec: dict[str, Any]) -> Any:
    try:
        import vl_convert
    except ImportError as error:
        raise missing_extra("a report", "report", error) from error
    version = ".".join(spec["$schema"].rsplit("/v", 1)[1].removesuffix(".json").split(".")[:2])
    return getattr(vl_convert, name)(json.dumps(spec), vl_version=version)


def chart_svg(spec: dict[str, Any]) -> str:
    """The chart as SVG."""
    return str(_convert("vegalite_to_svg", spec))


def chart_pdf(spec: dict[str, Any]) -> bytes:
    """The chart as a PDF page of its own size, fonts included."""
    return bytes(_convert("vegalite_to_pdf", spec))


def rows_of_all(
    table: DataTable, document: Document
) -> tuple[list[str], list[bool], list[list[str]]]:
    """Columns, which of them are figures, and the rows of all groups, the group's name in front."""
    if len(table.rows) < 2:
        (rows,) = table.rows.values()
        return list(table.columns), list(table.numeric), rows
    named = [[group, *row] for group in document.groups for row in table.rows.get(group, [])]
    return ["case", *table.columns], [False, *table.numeric], named
