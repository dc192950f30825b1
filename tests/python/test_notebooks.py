"""The notebooks run, are kept without outputs, and gave the pictures of the pages."""

import pathlib
import re
import subprocess
import sys

import nbformat
import pytest

SOURCE = pathlib.Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((SOURCE / "python" / "notebooks").glob("*.ipynb"))

pytestmark = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def test_it_runs(path, tmp_path):
    """Executed copies stay where `make docs` looks for them."""
    command = [sys.executable, str(SOURCE / "scripts" / "notebooks"), "--fresh"]
    run = subprocess.run(
        [*command, "--pictures", str(tmp_path), path.stem],
        text=True,
        capture_output=True,
    )
    assert run.returncode == 0, run.stderr
    if "left out" in run.stdout:
        pytest.skip(run.stdout.strip())
    assert {picture.name for picture in tmp_path.glob("*.svg")} == pictures_of(path)
    executed = nbformat.read(SOURCE / "build" / "notebooks" / path.name, as_version=4)
    assert all(cell.execution_count for cell in executed.cells if cell.cell_type == "code")


def test_it_is_kept_without_outputs(path):
    for cell in nbformat.read(path, as_version=4).cells:
        assert set(cell.metadata) <= {"tags"}
        if cell.cell_type == "code":
            assert cell.outputs == []
            assert cell.execution_count is None


def test_its_links_lead_on(path):
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type != "markdown":
            continue
        for target in re.findall(r"\]\(([^)#\s]+)", cell.source):
            assert target.startswith("https://") or (path.parent / target).exists(), target


def test_its_pictures_are_shown_by_some_page(path):
    pages = "".join(p.read_text("utf-8") for p in (*SOURCE.glob("*.md"), *SOURCE.glob("docs/*.md")))
    for name in pictures_of(path):
        assert (SOURCE / "docs" / "images" / name).exists(), "make pictures"
        assert f"images/{name})" in pages


def pictures_of(path):
    """The files that its tags ask for."""
    cells = nbformat.read(path, as_version=4).cells
    tags = [tag for cell in cells for tag in cell.metadata.get("tags", [])]
    return {f"{tag.partition(':')[2]}.svg" for tag in tags if tag.startswith("picture:")}
