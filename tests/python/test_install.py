"""From a clean virtual environment to the README's first example, as a user does it."""

import os
import pathlib
import re
import subprocess
import sys
import tarfile

import pytest

SOURCE = pathlib.Path(__file__).resolve().parents[2]
# Stays between calls, so that only what has changed is compiled again.
UNPACKED = pathlib.Path(os.environ.get("ORRERY_SDIST_FOLDER", "sdist")).resolve()


def first_example():
    blocks = re.findall(
        r"^```python\n(.*?)^```",
        (SOURCE / "README.md").read_text("utf-8"),
        re.MULTILINE | re.DOTALL,
    )
    return blocks[0]


def clean_environ():
    """Without what makes the other tests see the build tree."""
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    # With ccache the build profits from others of the same sources, wherever they lie.
    return {**clean, "CCACHE_BASEDIR": str(UNPACKED), "CCACHE_NOHASHDIR": "1"}


def unpack(sdist, folder):
    """Unpacks an sdist over an older one; files that are the same stay untouched."""
    with tarfile.open(sdist) as archive:
        files = {
            member.name.partition("/")[2]: archive.extractfile(member).read()
            for member in archive
            if member.isfile()
        }
    for path in [path for path in folder.rglob("*") if path.is_file()]:
        name = path.relative_to(folder).as_posix()
        if name not in files and not name.startswith("build/"):
            path.unlink()
    for name, content in files.items():
        path = folder / name
        if not path.exists() or path.read_bytes() != content:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    """A new environment into which the sdist has been installed."""
    folder = tmp_path_factory.mktemp("clean")
    clean = clean_environ()
    subprocess.run(
        [sys.executable, "-m", "build", "--sdist", "--outdir", folder, SOURCE],
        check=True,
        env=clean,
        stdout=subprocess.DEVNULL,
    )
    unpack(next(folder.glob("*.tar.gz")), UNPACKED)
    base = getattr(sys, "_base_executable", sys.executable)
    subprocess.run([base, "-m", "venv", folder / "environment"], check=True, env=clean)
    pip = folder / "environment/bin/pip"
    subprocess.run([pip, "install", "--quiet", UNPACKED], check=True, env=clean)
    return folder / "environment", clean


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
