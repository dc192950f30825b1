"""A report as a notebook that reads the results and draws the same charts again."""

from __future__ import annotations

import json
from typing import Any

from .document import DataTable, Document, Figure, Paragraph, Section
from .markdown import table_text

__all__ = ["to_notebook"]


def to_notebook(document: Document, paths: list[str], baseline: str) -> str:
    """The notebook as JSON (nbformat 4.5)."""
    cells = [
        _words(f"# {document.title}\n\n{document.description}"),
        _words("\n\n".join([f"**{document.answer.headline}**".replace("****", ""),
                            *document.answer.sentences, *document.notes])),
        _code(
            "from orrery import plot\nfrom orrery.store import open_results\n\n"
            f"results = open_results({paths!r})"
        ),
    ]  # fmt: skip
    for section in document.sections:
        cells += _section(section, document, baseline)
    commands = "\n".join(origin.command for origin in document.provenance)
    cells.append(_words(f"## Where this comes from\n\n```sh\n{commands}\n{document.command}\n```"))
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"
    notebook = {
        "cells": cells,
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"


def _words(text: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "id": "", "metadata": {}, "source": text}


def _code(text: str) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": "",
        "metadata": {},
        "outputs": [],
        "source": text,
    }


def _section(section: Section, document: Document, baseline: str) -> list[dict[str, Any]]:
    words, cells = [f"## {section.title}"], []
    for block in section.blocks:
        if isinstance(block, Paragraph):
            words.append(block.text)
        elif isinstance(block, DataTable):
            words.append(table_text(block, document))
        elif call := _call(block, baseline):
            cells += [_words(f"### {block.title}\n\n{block.caption}"), _code(call)]
    return [_words("\n\n".join(words)), *cells]


#: Figure ids begin with what they show: the function that draws it, and whether it has a baseline.
_FUNCTIONS = {
    "overview": ("overview", True),
    "ranking": ("ranking", True),
    "paired": ("paired_differences", True),
    "seeds": ("per_seed", True),
    "distribution": ("distribution", False),
    "series": ("series", False),
    "curve": ("fragmentation", False),
}


def _call(figure: Figure, baseline: str) -> str:
    kind, _, name = figure.id.partition("-")
    last = f", baseline={baseline!r}" if baseline else ""
    if kind == "pareto":
        cost, metric = name.split("-")
        return f"plot.pareto(results, {cost!r}, {metric!r}{last})"
    if kind == "heat":
        return ""
    function, has_baseline = _FUNCTIONS[kind]
    return f"plot.{function}(results, {name!r}{last if has_baseline else ''})"
