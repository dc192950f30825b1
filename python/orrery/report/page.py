"""A report as one self-contained HTML page that opens offline."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from html import escape
from importlib.resources import files
from itertools import groupby
from typing import Any

from ..errors import missing_extra
from ..plot import theme
from ..plot.tables import Table
from .document import Block, DataTable, Document, Figure, Paragraph, Provenance, Section

__all__ = ["to_html"]

_CERTAINTY = {
    "confirmed": ("good", "Beyond noise"),
    "unsure": ("unsure", "Partly beyond noise"),
    "none": ("", "No difference shown"),
    "unknown": ("", "Nothing to compare"),
}
#: The page may fetch nothing at all: nothing in it can change, and nobody learns that it is read.
_POLICY = (
    "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline';"
    " img-src data: blob:; base-uri 'none'; form-action 'none'"
)
_EARLY = (
    "(function(){var t=null;try{t=localStorage.getItem('orrery-theme')}catch(e){}"
    "document.documentElement.dataset.theme=t||(matchMedia('(prefers-color-scheme: dark)').matches"
    "?'dark':'light')})()"
)


def to_html(document: Document) -> str:
    """The whole page. Raises ``orrery.Error`` where Altair or vl-convert is missing."""
    body = "".join(_section(section) for section in document.sections)
    return (
        "<!doctype html>\n"
        '<html lang="en" data-theme="light">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(_POLICY)}">\n'
        f"<title>{escape(document.title)} – Orrery report</title>\n"
        f"<style>{_asset('page.css')}</style>\n<script>{_EARLY}</script>\n</head>\n<body>\n"
        '<a class="skip" href="#main">Skip to the report</a>\n<div class="frame">\n'
        '<header class="top"><p>Orrery report</p>'
        '<button id="theme" type="button" aria-pressed="false">Dark theme</button></header>\n'
        f"{_contents(document)}\n"
        f'<main id="main">\n<h1>{escape(document.title)}</h1>\n'
        f'<p class="lead">{escape(document.description)}</p>\n'
        f"{_answer(document)}{_chooser(document)}{body}{_origin(document)}"
        "<footer>Made by <code>orrery report</code>.</footer>\n"
        '</main>\n</div>\n<p id="status" class="visually-hidden" role="status"></p>\n'
        '<script type="application/json" id="report-data">'
        f"{_json(_data(document))}</script>\n"
        f"<script>{_libraries()}</script>\n<script>{_asset('page.js')}</script>\n"
        "</body>\n</html>\n"
    )


def _asset(name: str) -> str:
    return files(__package__).joinpath("assets", name).read_text(encoding="utf-8")


def _libraries() -> str:
    """Vega, Vega-Lite and Vega-Embed in the version that Altair writes for."""
    try:
        import altair
        import vl_convert
    except ImportError as error:
        raise missing_extra("a report", "report", error) from error
    wanted = ".".join(altair.SCHEMA_VERSION.lstrip("v").split(".")[:2])
    text = str(vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;", wanted))
    return text.replace("</script", "<\\/script").replace("<!--", "<\\!--")


def _json(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c")


def marked(text: str) -> str:
    """Escapes, and sets ``**names**`` and ```code```."""
    html = escape(text, quote=False)
    html = re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", html)
    return re.sub(r"`(.+?)`", r"<code>\1</code>", html)


def _contents(document: Document) -> str:
    links = [("answer", "The answer")]
    links += [(section.id, section.title) for section in document.sections]
    links.append(("provenance", "Where this comes from"))
    items = "".join(f'<li><a href="#{_id(i)}">{escape(title)}</a></li>' for i, title in links)
    return (
        '<nav class="contents" aria-label="Contents"><details><summary>Contents</summary>'
        f"<ol>{items}</ol></details></nav>"
    )


def _answer(document: Document) -> str:
    answer = document.answer
    kind, label = _CERTAINTY[answer.certainty]
    sentences = "".join(f"<p>{marked(sentence)}</p>" for sentence in answer.sentences)
    notes = "".join(f"<p>{marked(note)}</p>" for note in document.notes)
    return (
        f'<section id="answer" aria-labelledby="answer-title">'
        '<h2 id="answer-title" class="visually-hidden">The answer</h2>'
        f'<div class="answer" data-certainty="{answer.certainty}">'
        f'<span class="badge {kind}">{label}</span>'
        f'<p class="headline">{marked(answer.headline)}</p>{sentences}</div>'
        + (f'<div class="notes">{notes}</div>' if notes else "")
        + "</section>\n"
    )


def _chooser(document: Document) -> str:
    if len(document.groups) < 2:
        return ""
    options = "".join(f"<option>{escape(name)}</option>" for name in document.groups)
    return (
        '<div class="chooser"><label for="group">Case</label>'
        f'<select id="group">{options}</select>'
        '<button type="button" data-step="-1" aria-label="Previous case">←</button>'
        '<button type="button" data-step="1" aria-label="Next case">→</button></div>\n'
    )


def _section(section: Section) -> str:
    ident = _id(section.id)
    parts = []
    for is_figure, blocks in groupby(section.blocks, key=lambda block: isinstance(block, Figure)):
        html = "".join(_block(block, section.title) for block in blocks)
        kind = {"metric": "figures metric", "nodes": "figures small"}.get(
            section.id.split("-")[0], "figures"
        )
        parts.append(f'<div class="{kind}">{html}</div>' if is_figure else html)
    return (
        f'<section id="{ident}" aria-labelledby="{ident}-title">'
        f'<h2 id="{ident}-title">{escape(section.title)}</h2>{"".join(parts)}</section>\n'
    )


def _block(block: Block, section: str) -> str:
    if isinstance(block, Paragraph):
        return f"<p>{marked(block.text)}</p>"
    return _figure(block, section) if isinstance(block, Figure) else _table(block)


def _id(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9_-]+", "-", name)


def _figure(figure: Figure, section: str) -> str:
    ident, title = _id(figure.id), escape(figure.title)
    whole = escape(f"{section}: {figure.title}")
    wide = ' class="wide"' if figure.is_wide else ""
    label = escape(f"{section}: {figure.title}. {figure.caption} The data follow as a table.")
    return (
        f'<figure id="{ident}"{wide} aria-labelledby="{ident}-title"><header>'
        f'<h3 id="{ident}-title">{title}</h3><div class="tools">'
        f'<button type="button" data-save="svg" aria-label="Save {whole} as SVG">SVG</button>'
        f'<button type="button" data-save="png" aria-label="Save {whole} as PNG">PNG</button>'
        f'</div></header><div class="chart-frame" role="img" aria-label="{label}">'
        '<div class="chart"></div></div>'
        f"<figcaption>{marked(figure.caption)}</figcaption>"
        "<details><summary>Data of this chart</summary>"
        '<p class="thinned" hidden>Every few rows of many.</p>'
        f'<div class="scroll" tabindex="0" role="region" aria-label="{whole}, data"></div>'
        "</details></figure>"
    )


def _table(table: DataTable) -> str:
    heads = "".join(
        f'<th scope="col"{_number(is_number)}>{escape(name)}</th>'
        for name, is_number in zip(table.columns, table.numeric)
    )
    bodies = "".join(
        f'<tbody data-group="{escape(group)}"{" hidden" if index else ""}>'
        + "".join(_row(cells, table) for cells in rows)
        + "</tbody>"
        for index, (group, rows) in enumerate(table.rows.items())
    )
    many = ' class="many"' if len(table.columns) > 6 else ""
    return (
        f'<div class="table"><div class="head"><p>{marked(table.caption)}</p>'
        '<div class="tools"><button type="button" data-copy="markdown">Copy Markdown</button>'
        '<button type="button" data-copy="latex">Copy LaTeX</button></div></div>'
        f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(table.caption)}">'
        f'<table id="{_id(table.id)}"{many}><caption class="visually-hidden">'
        f"{escape(table.caption)}</caption><thead><tr>{heads}</tr></thead>{bodies}</table>"
        "</div></div>"
    )


def _number(is_number: bool) -> str:
    return ' class="number"' if is_number else ""


def _row(cells: list[str], table: DataTable) -> str:
    name = table.columns.index("variant") if "variant" in table.columns else 0
    html = ""
    for index, (cell, is_number) in enumerate(zip(cells, table.numeric)):
        if index == name:
            html += f'<th scope="row">{escape(cell)}</th>'
        else:
            html += f"<td{_number(is_number)}>{_cell(cell)}</td>"
    is_base = ' class="base"' if cells[-1] == "baseline" else ""
    return f"<tr{is_base}>{html}</tr>"


def _cell(text: str) -> str:
    """Verdicts stand out."""
    for word, kind in (("better", "good"), ("worse", "bad")):
        if text.endswith(word):
            rest = escape(text[: -len(word)])
            return f'{rest}<span class="badge {kind}">{word}</span>'
    if text.endswith("(perhaps noise)"):
        return f'<span class="badge unsure">{escape(text)}</span>'
    if text in ("indistinguishable", "equal", "too-few-seeds", "higher", "lower"):
        return f'<span class="badge">{escape(text)}</span>'
    return escape(text)


def _origin(document: Document) -> str:
    parts = "".join(
        _provenance(origin, index, len(document.provenance))
        for index, origin in enumerate(document.provenance)
    )
    return (
        '<section id="provenance" aria-labelledby="provenance-title">'
        '<h2 id="provenance-title">Where this comes from</h2>'
        f'{parts}<h3>This report again</h3><pre tabindex="0"><code>{escape(document.command)}'
        "</code></pre></section>\n"
    )


def _provenance(origin: Provenance, index: int, count: int) -> str:
    facts = "".join(f"<dt>{escape(k)}</dt><dd>{escape(v)}</dd>" for k, v in origin.facts)
    heading = f"<h3>{escape(origin.file)}</h3>" if count > 1 else ""
    ident = f"document-{index}"
    traces = _details(
        f"Trace files that were read ({len(origin.traces)})",
        _plain_table(["file", "checksum"], origin.traces),
    )
    runs = _details(
        f"Fingerprint of each run ({len(origin.fingerprints)})",
        _plain_table(["variant", "seed", "fingerprint"], origin.fingerprints),
    )
    return (
        f"{heading}<dl>{facts}</dl>"
        "<p>Save the document, then run it: equal documents, seeds and traces give equal rows,"
        " byte for byte, on any number of threads.</p>"
        f'<pre tabindex="0"><code id="command-{index}">{escape(origin.command)}</code></pre>'
        f'<div class="tools"><button type="button" data-document="{ident}"'
        f' data-name="{escape(origin.document_name)}">Save {escape(origin.document_name)}</button>'
        f'<button type="button" data-document="command-{index}">Copy the command</button></div>'
        f'<details><summary>The document</summary><pre tabindex="0"><code id="{ident}">'
        f"{escape(origin.document)}</code></pre></details>{traces if origin.traces else ''}{runs}"
    )


def _details(summary: str, content: str) -> str:
    return f"<details><summary>{escape(summary)}</summary>{content}</details>"


def _plain_table(columns: list[str], rows: Iterable[Iterable[str]]) -> str:
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in columns)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows
    )
    return (
        '<div class="scroll" tabindex="0" role="region" aria-label="' + escape(columns[-1]) + 's">'
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _data(document: Document) -> dict[str, Any]:
    """What the page's script draws from: each different drawing once, data in columns."""
    specs: dict[str, int] = {}
    figures: dict[str, Any] = {}
    blocks = [block for section in document.sections for block in section.blocks]
    for figure in (block for block in blocks if isinstance(block, Figure)):
        names = {name: name for name in next(iter(figure.data.values()))}
        spec = figure.draw(names).to_dict(validate=False)
        text = json.dumps(spec, sort_keys=True)
        at = specs.setdefault(text, len(specs))
        data = {
            group: {name: _packed(table) for name, table in of_group.items()}
            for group, of_group in figure.data.items()
        }
        figures[_id(figure.id)] = {"spec": at, "data": data}
    return {
        "groups": document.groups,
        "specs": [json.loads(text) for text in specs],
        "figures": figures,
        "themes": {"light": theme.config(theme.LIGHT), "dark": theme.config(theme.DARK)},
    }


def _packed(table: Table) -> dict[str, Any]:
    """Values that repeat become indexes, a column of one value is said once."""
    packed: dict[str, Any] = {}
    for name, column in table.items():
        index = {value: i for i, value in enumerate(dict.fromkeys(column))}
        if len(column) > 8 and len(index) == 1:
            packed[name] = {"all": column[0], "count": len(column)}
        elif len(column) > 8 and len(index) <= len(column) / 4:
            packed[name] = {"of": list(index), "at": [index[value] for value in column]}
        else:
            packed[name] = column
    return packed
