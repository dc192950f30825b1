"""Writes a report in one of its formats."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

from ..errors import Error, suggest
from ..store import open_results
from .content import build_document
from .document import Document

__all__ = ["FORMATS", "write_report"]


@dataclass(frozen=True)
class _Request:
    """What a format needs besides the document."""

    out: Path
    paths: list[str]
    baseline: str


def _html(document: Document, request: _Request) -> None:
    from .page import to_html

    request.out.write_text(to_html(document), encoding="utf-8")


def _markdown(document: Document, request: _Request) -> None:
    from .markdown import to_markdown

    request.out.write_text(to_markdown(document, request.out), encoding="utf-8")


def _latex(document: Document, request: _Request) -> None:
    from .latex import to_latex

    request.out.write_text(to_latex(document, request.out), encoding="utf-8")


def _pdf(document: Document, request: _Request) -> None:
    from .pdf import to_pdf

    request.out.write_bytes(to_pdf(document))


def _notebook(document: Document, request: _Request) -> None:
    from .notebook import to_notebook

    text = to_notebook(document, request.paths, request.baseline)
    request.out.write_text(text, encoding="utf-8")


#: Format to what writes it and the suffix of its files; the first is the default.
FORMATS: dict[str, tuple[Callable[[Document, _Request], None], str]] = {
    "html": (_html, ".html"),
    "markdown": (_markdown, ".md"),
    "latex": (_latex, ".tex"),
    "pdf": (_pdf, ".pdf"),
    "notebook": (_notebook, ".ipynb"),
}


def write_report(
    results: str | Path | Sequence[str | Path],
    out: str | Path,
    *,
    format: str = "html",
    metrics: Sequence[str] = (),
    baseline: str = "",
) -> Path:
    """Writes a report on one or several results files to ``out``, and returns its path.

    ``metrics`` are names or patterns with ``*``, the first of which the answer speaks of (default:
    those of the document); ``baseline`` is the variant to compare with, ``*/random`` for each its
    own. Raises ``orrery.Error``.
    """
    if format not in FORMATS:
        raise Error(f"--format: found '{format}', expected a format: {suggest(format, [*FORMATS])}")
    path = Path(out)
    names = [str(results)] if isinstance(results, (str, Path)) else [str(one) for one in results]
    with open_results(names) as opened:
        command = _command(names, path, format, metrics, baseline)
        document = build_document(opened, metrics, baseline, command)
        if path.parent != Path() and not path.parent.is_dir():
            raise Error(f"{path}: its directory does not exist: create it, or name another file")
        try:
            FORMATS[format][0](document, _Request(path, _seen_from(path, names), baseline))
        except OSError as error:
            raise Error(f"{path}: cannot write it: {error.strerror or error}") from error
    return path


def _seen_from(out: Path, names: Sequence[str]) -> list[str]:
    """The results' paths as a notebook beside them would name them; absolute where it cannot."""
    folder = out.resolve().parent
    found = []
    for name in names:
        path = Path(name).resolve()
        found.append(str(path.relative_to(folder) if path.is_relative_to(folder) else path))
    return found


def _command(
    names: Sequence[str], out: Path, format: str, metrics: Sequence[str], baseline: str
) -> str:
    words = ["orrery", "report", *(Path(name).name for name in names), "-o", out.name]
    if format != "html":
        words += ["--format", format]
    if baseline:
        words += ["--baseline", baseline]
    for metric in metrics:
        words += ["--metric", metric]
    return shlex.join(words)
