"""A report as PDF, set by Typst (a wheel of its own, fonts included: no LaTeX, no browser)."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from ..errors import missing_extra
from .document import Block, DataTable, Document, Figure, Paragraph
from .inline import chart_pdf, picture, rows_of_all, shown_groups

__all__ = ["to_pdf"]

_HEAD = """
#set document(title: {title}, date: none)
#set page(paper: "a4", margin: (x: 1.9cm, y: 2cm), numbering: "1 / 1")
#set text(font: "Libertinus Serif", size: 10pt, lang: "en", fill: rgb("#1f2933"))
#set par(justify: false, leading: 0.62em)
#show heading.where(level: 1): it => block(above: 1.6em, below: 0.8em, text(size: 15pt, it.body))
#show figure.caption: it => align(left, text(size: 8.5pt, fill: rgb("#52606d"), it.body))
#show raw: set text(size: 8.5pt)
#set table(stroke: none, inset: (x: 4pt, y: 3pt))
"""


def to_pdf(document: Document) -> bytes:
    """The PDF. Raises ``orrery.Error`` where Typst is missing."""
    try:
        import typst
    except ImportError as error:
        raise missing_extra("a PDF report", "report", error) from error
    with tempfile.TemporaryDirectory(prefix="orrery-report-") as name:
        folder = Path(name)
        source = folder / "report.typ"
        source.write_text("\n".join(_parts(document, folder)), encoding="utf-8")
        return bytes(typst.compile(str(source), root=name))


def _string(text: str) -> str:
    """A Typst string: what stands in it means nothing to Typst."""
    return json.dumps(text, ensure_ascii=False)


def _text(text: str) -> str:
    """``**names**`` and ```code``` set; everything else as it is."""
    pieces = re.split(r"(\*\*.+?\*\*|`.+?`)", text)
    set_pieces = []
    for piece in pieces:
        if piece.startswith("**"):
            set_pieces.append(f"#strong({_string(piece[2:-2])})")
        elif piece.startswith("`"):
            set_pieces.append(f"#raw({_string(piece[1:-1])})")
        elif piece:
            set_pieces.append(f"#text({_string(piece)})")
    return "".join(set_pieces)


def _parts(document: Document, folder: Path) -> Iterator[str]:
    answer = document.answer
    yield _HEAD.replace("{title}", _string(document.title))
    yield f"#text(size: 22pt, weight: 700, {_string(document.title)})\n"
    yield f'#text(fill: rgb("#52606d"), {_string(document.description)})\n'
    color = {"confirmed": "#00694c", "unsure": "#6b5200"}.get(answer.certainty, "#52606d")
    sentences = "\n\n".join(_text(sentence) for sentence in answer.sentences)
    yield (
        f'#block(width: 100%, fill: rgb("#f5f7fa"), inset: 12pt, radius: 4pt,'
        f' stroke: (left: 4pt + rgb("{color}")))[#text(size: 13pt)[{_text(answer.headline)}]\n\n'
        f"{sentences}]\n"
    )
    for note in document.notes:
        yield f'#block(fill: rgb("#fbeadf"), inset: 8pt, width: 100%)[{_text(note)}]\n'
    for section in document.sections:
        yield f"#heading(level: 1, {_string(section.title)})\n"
        for is_figure, blocks in groupby(section.blocks, key=lambda one: isinstance(one, Figure)):
            if is_figure:
                figures = [block for block in blocks if isinstance(block, Figure)]
                is_metric = section.id.startswith("metric-")
                draw = _metric_figures if is_metric else _figures
                yield draw(figures, document, folder)
            else:
                yield from (_block(block, document) for block in blocks)
    yield from _origin(document)


def _block(block: Block, document: Document) -> str:
    if isinstance(block, DataTable):
        return _table(block, document)
    assert isinstance(block, Paragraph)
    return f"#block(sticky: true)[{_text(block.text)}]\n"


def _figures(figures: list[Figure], document: Document, folder: Path) -> str:
    """Two beside each other, wide ones alone; captions that have been read are not repeated."""
    cells: list[str] = []
    captions: set[str] = set()
    for figure in figures:
        for group in shown_groups(document, figure):
            where = "colspan: 2" if figure.is_wide else ""
            cells += _cell(figure, group, where, captions, document, folder)
    return _grid(cells)


def _metric_figures(figures: list[Figure], document: Document, folder: Path) -> str:
    """Ranking and differences above each other, the seeds beside both."""
    grids = []
    for group in shown_groups(document, figures[0]):
        cells: list[str] = []
        for where, figure in zip(("", "x: 0, y: 1", "x: 1, y: 0, rowspan: 2"), figures):
            captions = set() if group == document.groups[0] else {figure.caption}
            cells += _cell(figure, group, where, captions, document, folder)
        grids.append(_grid(cells))
    return "".join(grids)


def _grid(cells: list[str]) -> str:
    if not cells:
        return ""
    return (
        "#block(breakable: "
        + ("true" if len(cells) > 4 else "false")
        + ")[#grid(columns: (1fr, 1fr), column-gutter: 14pt, row-gutter: 10pt,"
        + ",\n".join(cells)
        + ")]\n"
    )


def _cell(
    figure: Figure, group: str, where: str, captions: set[str], document: Document, folder: Path
) -> list[str]:
    """The chart of a group with its title and, the first time, its caption."""
    drawn = picture(figure, group, document)
    if drawn is None:
        return []
    name = f"{drawn.file_name}.pdf"
    (folder / name).write_bytes(chart_pdf(drawn.spec))
    caption = "" if figure.caption in captions else figure.caption
    captions.add(figure.caption)
    return [
        f"grid.cell({where})[#block(breakable: false, width: 100%)["
        f"#strong({_string(drawn.title)})\\\n"
        f"#image({_string(name)}, width: 100%)\n"
        f'#text(size: 8pt, fill: rgb("#52606d"), {_string(caption)})]]'
    ]


def _table(table: DataTable, document: Document) -> str:
    columns, numeric, rows = rows_of_all(table, document)
    align = ", ".join("right" if is_number else "left" for is_number in numeric)
    widths = ", ".join("1fr" if name in ("variant", "metric") else "auto" for name in columns)
    head = ", ".join(f"strong({_string(name)})" for name in columns)
    cells = ",\n".join(", ".join(f"[#{_string(cell)}]" for cell in row) for row in rows)
    together = "false" if len(rows) <= 30 else "true"
    return (
        f"#block(breakable: {together})["
        f'#text(size: 8pt, fill: rgb("#52606d"), {_string(table.caption)})\n'
        f"#block(above: 4pt)[#text(size: 7.6pt)[#table(columns: ({widths}), align: ({align}),\n"
        "table.hline(stroke: 0.8pt),\n"
        f"table.header({head}),\ntable.hline(stroke: 0.4pt),\n{cells},\n"
        "table.hline(stroke: 0.8pt))]]]\n"
    )


def _origin(document: Document) -> Iterator[str]:
    yield '#heading(level: 1, "Where this comes from")\n'
    for origin in document.provenance:
        facts = [("file", origin.file), *origin.facts, *origin.traces]
        cells = ",\n".join(f"[#{_string(name)}], [#{_string(value)}]" for name, value in facts)
        yield f"#text(size: 8.5pt)[#table(columns: (auto, 1fr),\n{cells})]\n"
        yield (
            f"#text({_string('To get it again, save the document below as')})"
            f" #raw({_string(origin.document_name)}) #text({_string('and run')})\n\n"
            f"#raw(block: true, {_string(origin.command)})\n\n"
            f'#text(size: 7pt)[#raw(block: true, lang: "json", {_string(origin.document)})]\n'
        )
    yield f"#text({_string('This report:')}) #raw({_string(document.command)})\n"
