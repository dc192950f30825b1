"""Writes a report in one of its formats."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Callable

from ..errors import Error, suggest
from ..store import open_results
from .content import build_document
from .document import Document

__all__ = ["FORMATS", "write_report"]


def _html(document: Document, out: Path) -> None:
    from .page import to_html

    out.write_text(to_html(document), encoding="utf-8")


#: Format to what writes it; the first is the default.
FORMATS: dict[str, Callable[[Document, Path], None]] = {"html": _html}


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
            FORMATS[format](document, path)
        except OSError as error:
            raise Error(f"{path}: cannot write it: {error.strerror or error}") from error
    return path


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
