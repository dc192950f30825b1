"""Does Python cost a run of a C++ policy anything? The command and orrery.run, taking turns.

    python bench/python/core_speed.py [TURNS]

Needs the installed package (pip install .) and the openb trace. Both are whole processes, start and
imports included, that run six of the openb study's lists under six policies and ten seeds.
"""

from __future__ import annotations

import os
import pathlib
import resource
import statistics
import subprocess
import sys
import tempfile
import time

RUN = """
import sys, orrery
only = ["default/*", "gpushare*/*"]
orrery.run("openb-study", only=only, jobs=2, out=sys.argv[1], progress=False)
"""
ONLY = ["--only", "default/*", "--only", "gpushare*/*"]


def measured(command: list[str]) -> tuple[float, float]:
    """Wall and CPU seconds of a process."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    wall = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return wall, cpu


def main() -> None:
    """Prints each turn, and the ratio of the medians."""
    turns = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    command = str(pathlib.Path(sys.executable).with_name("orrery"))
    taken: dict[str, list[tuple[float, float]]] = {"command": [], "Python": []}
    for _ in range(turns):
        for name in taken:
            with tempfile.TemporaryDirectory() as folder:
                out = os.path.join(folder, "results.db")
                options = [*ONLY, "--jobs", "2", "--quiet", "--out", out]
                taken[name].append(
                    measured([command, "run", "openb-study", *options])
                    if name == "command"
                    else measured([sys.executable, "-c", RUN, out])
                )
            print(f"{name:8} {taken[name][-1][0]:7.2f} s wall {taken[name][-1][1]:7.2f} s CPU")
    for what, index in (("wall", 0), ("CPU", 1)):
        medians = [statistics.median(turn[index] for turn in taken[name]) for name in taken]
        least = [min(turn[index] for turn in taken[name]) for name in taken]
        print(
            f"{what}: median {medians[1] / medians[0]:.3f} of the command, "
            f"least {least[1] / least[0]:.3f}"
        )


if __name__ == "__main__":
    main()
