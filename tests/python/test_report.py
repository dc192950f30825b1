"""Reports in every format, and what ``orrery report`` refuses."""

from __future__ import annotations

import json
import os
import pathlib
import re
import shlex
import shutil
import sqlite3
import subprocess
import sys

import pytest
from report_files import made_fixture, plain_fixture  # noqa: F401

from orrery.report import FORMATS, write_report
from orrery.report.command import main
from orrery.report.latex import escaped
from orrery.report.provenance import reproducing_document
from orrery.store import ResultsFile

pytest.importorskip("altair")


def report(capsys, *words, expect=0):
    """Runs the command and returns what it said."""
    assert main([str(word) for word in words]) == expect
    said = capsys.readouterr()
    return said.out + said.err


def test_writes_a_page_that_needs_nothing_else(made, tmp_path, capsys):
    page = tmp_path / "page.html"
    assert str(page) in report(capsys, made["grouped"], "-o", page)
    html = page.read_text(encoding="utf-8")
    assert len(html) < 2_000_000
    assert "&lt;b&gt;three&lt;/b&gt; policies &amp; two" in html, "text is escaped"
    # What is fetched: nothing. (Names of XML spaces and schemas are no addresses to fetch.)
    body = html.split("<script>const ", 1)[0]
    assert not re.findall(r"""(?:src|href)=["'](?!#)[^"']+""", body)
    assert "default-src &#x27;none&#x27;" in body
    # Where it comes from, in full.
    for fact in ("digest of the document", "orrery run tiny.json --out tiny.db", "5 to 10"):
        assert fact in html


def test_the_same_results_give_the_same_page(made, tmp_path):
    pages = [write_report(made["plain"], tmp_path / name) for name in ("a.html", "b.html")]
    first, second = (page.read_text(encoding="utf-8") for page in pages)
    assert first.replace("a.html", "b.html") == second


def test_the_document_of_a_report_gives_the_same_runs(made, tmp_path):
    file = ResultsFile(made["grouped"])
    document = tmp_path / "again.json"
    document.write_text(reproducing_document(file, [5, 6]), encoding="utf-8")
    out = tmp_path / "again.db"
    words = [os.environ["ORRERY"], "run", str(document), "--out", str(out), "--quiet"]
    subprocess.run(words, check=True, capture_output=True)
    again = ResultsFile(out)
    assert again.meta["document_digest"] == file.meta["document_digest"]
    prints = [
        {(one.variants[run.variant].name, run.seed): run.fingerprint for run in one.runs}
        for one in (file, again)
    ]
    assert len(prints[1]) == 12 and prints[1].items() <= prints[0].items()


def test_seeds_without_order_are_listed(made):
    document = json.loads(reproducing_document(ResultsFile(made["plain"]), [5, 9]))
    assert document["seeds"] == [5, 9]


def test_writes_markdown_with_pictures(made, tmp_path, capsys):
    out = tmp_path / "report.md"
    report(capsys, made["grouped"], "-f", "markdown", "-o", out, "-m", "cost_per_pod")
    text = out.read_text(encoding="utf-8")
    pictures = re.findall(r"!\[[^]]*\]\(([^)]+)\)", text)
    assert len(pictures) > 10 and len(set(pictures)) == len(pictures)
    for picture in pictures:
        assert (tmp_path / picture).read_text(encoding="utf-8").startswith("<svg")
    for table in re.findall(r"(?:^\|.*\n)+", text, re.M):
        assert len({line.count("|") for line in table.splitlines()}) == 1


def test_writes_latex_with_booktabs(made, tmp_path, capsys):
    out = tmp_path / "report.tex"
    report(capsys, made["plain"], "-f", "latex", "-o", out, "-m", "cost_per_pod")
    text = out.read_text(encoding="utf-8")
    assert text.count("\\toprule") >= 4 and "\\usepackage{booktabs" in text
    for begun in re.findall(r"\\begin\{(\w+)\}", text):
        assert text.count(f"\\begin{{{begun}}}") == text.count(f"\\end{{{begun}}}")
    pictures = re.findall(r"\\includegraphics\[[^]]*\]\{([^}]+)\}", text)
    assert pictures
    for picture in pictures:
        assert (tmp_path / picture).read_bytes().startswith(b"%PDF")
    words = re.sub(r"\\begin\{verbatim\}.*?\\end\{verbatim\}", "", text, flags=re.S)
    assert not re.search(r"(?<!\\)[#…–−∞]", words), "every special character is spelled"


def test_latex_escapes():
    assert escaped("50 % of a_b & {c}") == r"50 \% of a\_b \& \{c\}"
    assert escaped("\\x") == r"\textbackslash{}x"


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="there is no pdflatex here")
def test_latex_compiles(made, tmp_path):
    write_report(made["plain"], tmp_path / "report.tex", format="latex")
    words = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "report.tex"]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-2000:]


def test_writes_a_pdf(made, tmp_path, capsys):
    pytest.importorskip("typst")
    reader = pytest.importorskip("pypdfium2")
    out = tmp_path / "report.pdf"
    report(capsys, made["plain"], "-f", "pdf", "-o", out, "-m", "cost_per_pod")
    pages = reader.PdfDocument(out)
    text = "".join(page.get_textpage().get_text_range() for page in pages)
    assert len(pages) >= 3
    for words in ("At a glance", "Difference to the baseline", "Where this comes from"):
        assert words in text


def test_writes_a_notebook_that_runs(made, tmp_path, capsys):
    nbformat = pytest.importorskip("nbformat")
    shutil.copy(made["plain"], tmp_path / "plain.db")
    out = tmp_path / "report.ipynb"
    report(capsys, tmp_path / "plain.db", "-f", "notebook", "-o", out, "-b", "fgd")
    notebook = nbformat.read(out, as_version=4)
    nbformat.validate(notebook)
    code = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    assert code.count("plot.") > 10 and "'plain.db'" in code
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


def test_reports_on_two_files(made, tmp_path, capsys):
    page = tmp_path / "both.html"
    report(capsys, made["plain"], made["other"], "-o", page, "-m", "node_crashes")
    html = page.read_text(encoding="utf-8")
    assert "<option>first-fit</option>" in html and ">other<" in html


def test_says_that_a_sweep_is_not_finished(plain, tmp_path, capsys):
    with sqlite3.connect(plain) as database:
        database.execute("UPDATE runs SET status = 'pending' WHERE seed = 7")
    report(capsys, plain, "-o", tmp_path / "page.html")
    assert "3 of 18 runs are not finished" in (tmp_path / "page.html").read_text(encoding="utf-8")


def spoiled(path, statement):
    with sqlite3.connect(path) as database:
        database.execute(statement)


@pytest.mark.parametrize(
    ("spoil", "words", "message"),
    [
        (None, ["--metric", "waiting_secnds_mean"], "did you mean 'waiting_seconds_mean'"),
        (None, ["--baseline", "fdg"], "did you mean 'fgd'"),
        (None, ["--format", "pfd"], "did you mean 'pdf'"),
        (None, ["--output", "nowhere/page.html"], "its directory does not exist"),
        (None, ["--output", "."], "cannot write it"),
        ("UPDATE runs SET status = 'pending'", [], "no finished run"),
        ("PRAGMA user_version = 2", [], "comes from a newer orrery"),
        ("PRAGMA application_id = 5", [], "not a results file of orrery"),
    ],
)
def test_refuses_bad_input(plain, spoil, words, message, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    if spoil:
        spoiled(plain, spoil)
    said = report(capsys, plain, *words, expect=2)
    assert said.startswith("orrery: error: ") and message in said and "Traceback" not in said


def test_refuses_what_is_not_there(capsys):
    said = report(capsys, "nothing.db", expect=2)
    assert "nothing.db: there is no such results file" in said


def test_says_how_to_get_what_charts_need(made, tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "altair", None)
    said = report(capsys, made["plain"], "-o", tmp_path / "page.html", expect=2)
    assert "pip install 'orrery[report]'" in said


def test_the_page_on_reports_is_true(tmp_path, monkeypatch, capsys):
    """Its commands and its Python, on a shortened quickstart."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "results").mkdir()
    words = [os.environ["ORRERY"], "run", "quickstart", "--replications", "2", "--quiet",
             "--set", "/horizon=8h", "--set", "/warm_up=1h"]  # fmt: skip
    subprocess.run(words, check=True, capture_output=True)
    for name in ("old.db", "new.db"):
        shutil.copy("results/quickstart.db", name)
    text = (pathlib.Path(__file__).parents[2] / "docs/reports.md").read_text(encoding="utf-8")
    commands = re.findall(r"^orrery report (.*)$", text, re.M)
    assert len(commands) == 4
    for command in commands:
        report(capsys, *shlex.split(command))
    (code,) = re.findall(r"^```python\n(.*?)^```", text, re.M | re.S)
    exec(compile(code, "docs/reports.md", "exec"), {})
    for name in re.findall(r"^\| `(\w+)` \|", text, re.M):
        assert name in FORMATS


def test_names_the_file_by_the_format(plain, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert "mine.ipynb" in report(capsys, plain, "--format", "notebook")
    assert (tmp_path / "mine.ipynb").exists()
    assert set(FORMATS) == {"html", "markdown", "latex", "pdf", "notebook"}
