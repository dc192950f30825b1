"""From a clean virtual environment to the README's first example, as a user does it."""

import os
import pathlib
import re
import subprocess
import sys

import pytest

SOURCE = pathlib.Path(__file__).resolve().parents[2]


def first_example():
    blocks = re.findall(
        r"^```python\n(.*?)^```",
        (SOURCE / "README.md").read_text("utf-8"),
        re.MULTILINE | re.DOTALL,
    )
    return blocks[0]


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    """A new environment into which the sdist has been installed."""
    folder = tmp_path_factory.mktemp("clean") / "environment"
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    base = getattr(sys, "_base_executable", sys.executable)
    subprocess.run([base, "-m", "venv", folder], check=True, env=clean)
    # From the tree, as the README says, so that the build is cached between calls.
    subprocess.run([folder / "bin/pip", "install", "--quiet", SOURCE], check=True, env=clean)
    return folder, clean


def test_the_first_example_works_verbatim(environment, scratch):
    folder, clean = environment
    (scratch / "example.py").write_text(first_example(), "utf-8")
    done = subprocess.run(
        [folder / "bin/python", "example.py"], capture_output=True, text=True, env=clean
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "runs finished" in done.stdout


def test_the_command_comes_along(environment):
    folder, clean = environment
    done = subprocess.run(
        [folder / "bin/orrery", "experiments"],
        capture_output=True,
        text=True,
        check=True,
        env=clean,
    )
    assert "quickstart" in done.stdout


def test_the_command_finds_the_report_beside_it(environment, scratch):
    folder, clean = environment
    done = subprocess.run(
        [folder / "bin/orrery", "report", "nothing.db"], capture_output=True, text=True, env=clean
    )
    assert done.returncode == 2
    assert "nothing.db: there is no such results file" in done.stderr


def test_the_package_is_typed_and_says_its_version(environment):
    folder, clean = environment
    script = (
        "import orrery, pathlib, importlib.metadata as m; "
        "folder = pathlib.Path(orrery.__file__).parent; "
        "assert (folder / 'py.typed').exists() and (folder / '_core.pyi').exists(); "
        "assert m.version('orrery') == orrery.__version__; "
        "assert set(m.requires('orrery')) and folder.name == 'orrery'; print(folder)"
    )
    done = subprocess.run(
        [folder / "bin/python", "-c", script],
        capture_output=True,
        text=True,
        check=True,
        env=clean,
        cwd="/",
    )
    assert str(folder) in done.stdout
