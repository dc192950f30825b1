"""Every Python snippet of every page runs as it stands there."""

import pathlib
import re
import shutil

import pytest

import orrery

SOURCE = pathlib.Path(__file__).resolve().parents[2]
# tests/kube/testbed_test.py runs what needs a control plane.
ELSEWHERE = {SOURCE / "docs" / "kube-testbed.md"}
PAGES = [SOURCE / "README.md", *sorted(set((SOURCE / "docs").rglob("*.md")) - ELSEWHERE)]


def snippets():
    pattern = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
    for page in PAGES:
        text = page.read_text("utf-8")
        for block in pattern.finditer(text):
            line = text.count("\n", 0, block.start()) + 2
            name = page.relative_to(SOURCE)
            yield pytest.param(page, line, block.group(1), id=f"{name}:{line}")


@pytest.fixture(scope="module")
def quickstart(tmp_path_factory):
    """What `make demo` leaves behind, in small."""
    path = tmp_path_factory.mktemp("demo") / "quickstart.db"
    return orrery.run("quickstart", seeds=2, set={"/horizon": "12h"}, out=path).path


@pytest.mark.parametrize(("page", "line", "text"), list(snippets()))
def test_snippet_runs(page, line, text, quickstart, tmp_path):
    (tmp_path / "results").mkdir()
    shutil.copy(quickstart, tmp_path / "results")
    code = compile("\n" * (line - 1) + text, page, "exec")
    exec(code, {"__name__": "__main__"})
