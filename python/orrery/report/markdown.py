"""A report as Markdown, its charts as SVG files beside it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from .document import Block, DataTable, Document, Figure, Paragraph
from .inline import chart_svg, picture, rows_of_all, shown_groups

__all__ = ["to_markdown"]


def to_markdown(document: Document, out: Path) -> str:
    """The text; writes the charts into a folder named after ``out``."""
    folder = out.with_name(f"{out.stem}_files")
    folder.mkdir(exist_ok=True)
    parts = [f"# {document.title}", document.description, f"## {document.answer.headline}"]
    parts += document.answer.sentences
    parts += [f"> {note}" for note in document.notes]
    for section in document.sections:
        parts.append(f"## {section.title}")
        for block in section.blocks:
            parts += _block(block, document, folder)
    parts += _origin(document)
    return "\n\n".join(part for part in parts if part) + "\n"


def _block(block: Block, document: Document, folder: Path) -> Iterator[str]:
    if isinstance(block, Paragraph):
        yield block.text
    elif isinstance(block, DataTable):
        yield f"{block.caption}:"
        yield table_text(block, document)
    else:
        yield from _figure(block, document, folder)


def _figure(figure: Figure, document: Document, folder: Path) -> Iterator[str]:
    for group in shown_groups(document, figure):
        drawn = picture(figure, group, document)
        if drawn is None:
            continue
        name = f"{drawn.file_name}.svg"
        (folder / name).write_text(chart_svg(drawn.spec), encoding="utf-8")
        yield f"**{drawn.title}**\n\n![{drawn.title}]({folder.name}/{name})\n\n{figure.caption}"


def table_text(table: DataTable, document: Document) -> str:
    """All groups in one table."""
    columns, numeric, rows = rows_of_all(table, document)
    lines = [_line(columns)]
    lines.append("|" + "|".join("---:" if is_number else ":---" for is_number in numeric) + "|")
    return "\n".join(lines + [_line(row) for row in rows])


def _line(cells: list[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _origin(document: Document) -> Iterator[str]:
    yield "## Where this comes from"
    for origin in document.provenance:
        yield f"`{origin.file}`"
        yield "\n".join(f"- {name}: {value}" for name, value in origin.facts)
        if origin.traces:
            yield "\n".join(f"- `{path}`: `{digest}`" for path, digest in origin.traces)
        yield f"To get it again, save this as `{origin.document_name}`:"
        yield f"```json\n{origin.document}```"
        yield f"```sh\n{origin.command}\n```"
    yield f"This report: `{document.command}`"
