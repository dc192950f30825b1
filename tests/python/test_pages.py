"""Every Python snippet of the pages that show the package runs as it stands there."""

import pathlib
import re

import pytest

SOURCE = pathlib.Path(__file__).resolve().parents[2]
PAGES = ["README.md", "docs/gym.md", "docs/python.md", "docs/sweeps.md"]


def snippets():
    pattern = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
    for page in PAGES:
        text = (SOURCE / page).read_text("utf-8")
        for block in pattern.finditer(text):
            line = text.count("\n", 0, block.start()) + 2
            yield pytest.param(page, line, block.group(1), id=f"{page}:{line}")


@pytest.mark.parametrize(("page", "line", "text"), list(snippets()))
def test_snippet_runs(page, line, text):
    code = compile("\n" * (line - 1) + text, SOURCE / page, "exec")
    exec(code, {"__name__": "__main__"})
