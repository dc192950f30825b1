"""What a report says, apart from any format: sections of text, figures and tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Callable, Union

from ..comparison import Answer
from ..plot.tables import Table

__all__ = ["Block", "DataTable", "Document", "Figure", "Paragraph", "Provenance", "Section"]

#: The group of figures and tables that are the same for all groups.
EVERY = "*"


@dataclass
class Paragraph:
    """Plain text; ``**`` marks names."""

    text: str


@dataclass
class Figure:
    """A chart of each group: one drawing, many data."""

    id: str
    title: str
    caption: str  #: how to read it; also its text alternative
    draw: Callable[[Mapping[str, Any]], Any]  #: data sets by name (or their names) to a chart
    data: dict[str, dict[str, Table]]  #: data sets by name, by group (or EVERY)
    is_wide: bool = False


@dataclass
class DataTable:
    """A table of text, with rows for each group."""

    id: str
    caption: str
    columns: Sequence[str]
    numeric: Sequence[bool]  #: columns that are set flush right
    rows: dict[str, list[list[str]]]  #: by group (or EVERY)


Block = Union[Paragraph, Figure, DataTable]


@dataclass
class Section:
    """A heading and what is under it."""

    id: str
    title: str
    blocks: list[Block] = field(default_factory=list)


@dataclass
class Provenance:
    """Where the figures come from and how to get them again."""

    file: str
    facts: list[tuple[str, str]]
    traces: list[tuple[str, str]]
    document_name: str  #: file name of the document that reproduces it
    document: str  #: its JSON text
    command: str
    fingerprints: list[list[str]]  #: variant, seed, fingerprint


@dataclass
class Document:
    """A whole report."""

    title: str
    description: str
    answer: Answer
    notes: list[str]
    groups: list[str]  #: names; one empty name when there is nothing to choose
    sections: list[Section]
    provenance: list[Provenance]
    command: str  #: that makes this report
