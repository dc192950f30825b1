"""The stubs say what the extension module has, and the package is typed throughout."""

import pathlib
import subprocess
import sys

SOURCE = pathlib.Path(__file__).resolve().parents[2]


def check(*command):
    done = subprocess.run(
        [sys.executable, "-m", *command], capture_output=True, text=True, cwd=SOURCE
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_stubs_match_the_extension_module(tmp_path):
    check(
        "mypy.stubtest",
        "orrery._core",
        "--allowlist",
        str(pathlib.Path(__file__).with_name("stubtest_allowlist.txt")),
    )


def test_the_package_passes_mypy_strictly(tmp_path):
    check("mypy", "--cache-dir", str(tmp_path), "python/orrery")


def test_the_sources_are_laid_out_and_linted():
    sources = ["python", "tests/python", "tests/kube", "bench", "docs/site"]
    sources += ["scripts/docs", "scripts/notebooks"]
    check("ruff", "check", "--no-cache", *sources)
    check("ruff", "format", "--no-cache", "--check", *sources)
