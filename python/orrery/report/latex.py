"""A report as a LaTeX article with booktabs tables, its charts as PDF files beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from .document import Block, DataTable, Document, Figure, Paragraph
from .inline import chart_pdf, picture, rows_of_all, shown_groups

__all__ = ["escaped", "to_latex"]

_HEAD = r"""\documentclass[10pt,a4paper]{article}
\usepackage[utf8]{inputenc}
\usepackage[margin=2.2cm]{geometry}
\usepackage{booktabs,longtable,graphicx,parskip}
\usepackage[hidelinks]{hyperref}
"""
_SPECIAL = {
    "\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
    "…": r"\ldots{}", "–": "--", "−": "$-$", "<": "$<$", ">": "$>$", "∞": r"$\infty$",
    "\u202f": r"\,", "“": "``", "”": "''", "→": r"$\rightarrow$", "×": r"$\times$",
    "↑": r"$\uparrow$", "↓": r"$\downarrow$", "’": "'", "≥": r"$\geq$", "≤": r"$\leq$",
    **{character: f"\\{character}" for character in "_%&#${}"},
}  # fmt: skip


def escaped(text: str) -> str:
    """Plain text for LaTeX."""
    return "".join(_SPECIAL.get(character, character) for character in text)


def marked(text: str) -> str:
    """``**names**`` and ```code``` set, the rest escaped."""
    parts = []
    for part in re.split(r"(\*\*.+?\*\*|`.+?`)", text):
        if part.startswith("**"):
            parts.append(f"\\textbf{{{escaped(part[2:-2])}}}")
        elif part.startswith("`"):
            parts.append(f"\\texttt{{{escaped(part[1:-1])}}}")
        else:
            parts.append(escaped(part))
    return "".join(parts)


def to_latex(document: Document, out: Path) -> str:
    """The source; writes the charts into a folder named after ``out``."""
    folder = out.with_name(f"{out.stem}_files")
    folder.mkdir(exist_ok=True)
    parts = [
        _HEAD,
        f"\\title{{{escaped(document.title)}}}\n\\author{{}}\n\\date{{}}\n"
        "\\begin{document}\n\\maketitle",
        marked(document.description),
        f"\\section*{{The answer}}\n\\textbf{{\\large {marked(document.answer.headline)}}}",
    ]
    parts += [marked(text) for text in [*document.answer.sentences, *document.notes]]
    for section in document.sections:
        parts.append(f"\\section{{{escaped(section.title)}}}")
        for block in section.blocks:
            parts += _block(block, document, folder)
    parts += _origin(document)
    parts.append("\\end{document}")
    return "\n\n".join(part for part in parts if part) + "\n"


def _block(block: Block, document: Document, folder: Path) -> Iterator[str]:
    if isinstance(block, Paragraph):
        yield marked(block.text)
    elif isinstance(block, DataTable):
        yield _table(block, document)
    else:
        yield from _figure(block, document, folder)


def _figure(figure: Figure, document: Document, folder: Path) -> Iterator[str]:
    for group in shown_groups(document, figure):
        drawn = picture(figure, group, document)
        if drawn is None:
            continue
        name = f"{drawn.file_name}.pdf"
        (folder / name).write_bytes(chart_pdf(drawn.spec))
        share = "" if figure.is_wide else "0.6"
        yield (
            "\\begin{figure}[htbp]\\centering\n"
            f"\\includegraphics[width={share}\\linewidth]{{{folder.name}/{name}}}\n"
            f"\\caption{{{marked(drawn.title)}. {marked(figure.caption)}}}\n\\end{{figure}}"
        )


def _table(table: DataTable, document: Document) -> str:
    columns, numeric, rows = rows_of_all(table, document)
    shape = "".join("r" if is_number else "l" for is_number in numeric)
    lines = [" & ".join(escaped(cell) for cell in row) + r" \\" for row in rows]
    head = " & ".join(f"\\textbf{{{escaped(name)}}}" for name in columns) + r" \\"
    body = "\n".join(lines)
    return (
        "{\\scriptsize\\setlength{\\tabcolsep}{3.5pt}\n"
        f"\\begin{{longtable}}{{{shape}}}\n\\caption{{{marked(table.caption)}}}\\\\\n"
        f"\\toprule\n{head}\n\\midrule\n\\endfirsthead\n\\toprule\n{head}\n\\midrule\n\\endhead\n"
        f"\\bottomrule\n\\endlastfoot\n{body}\n\\end{{longtable}}}}"
    )


def _origin(document: Document) -> Iterator[str]:
    yield "\\section{Where this comes from}"
    for origin in document.provenance:
        facts = [("file", origin.file), *origin.facts, ("run", origin.command), *origin.traces]
        items = "\n".join(
            f"\\item[{escaped(name)}] \\texttt{{{escaped(value)}}}" for name, value in facts
        )
        yield f"\\begin{{description}}\\footnotesize\n{items}\n\\end{{description}}"
        yield f"The document, \\texttt{{{escaped(origin.document_name)}}}:"
        yield f"{{\\scriptsize\n\\begin{{verbatim}}\n{origin.document}\\end{{verbatim}}}}"
    yield f"This report: \\texttt{{{escaped(document.command)}}}"
