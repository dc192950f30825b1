"""Processes that end: with their launcher however that ends, or later by what a file remembers."""

from __future__ import annotations

import contextlib
import ctypes
import dataclasses
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterable
from pathlib import Path

_libc = ctypes.CDLL(None)
_PR_SET_PDEATHSIG = 1


@dataclasses.dataclass(frozen=True)
class Process:
    """A process by its id and the moment it began, so that no later one is taken for it."""

    pid: int
    began: int  # in clock ticks since the machine's start; 0: it ended at once

    def is_running(self) -> bool:
        return self.began != 0 and _began(self.pid) == self.began

    def signal(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError):  # it has ended in between
            if self.is_running():
                os.kill(self.pid, number)


def start(
    command: list[str], log: Path, environment: dict[str, str], outlive: bool = False
) -> Process:
    """Starts a process in a group of its own; what it prints is added to the log.

    It is killed when the thread that called this ends, even by SIGKILL, unless it may outlive it.
    """
    with log.open("ab") as output:
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, **environment},
            start_new_session=True,
            preexec_fn=None if outlive else _die_with(os.getpid()),
        )
    _children[child.pid] = child
    return Process(child.pid, _began(child.pid))


def ask_to_end(process: Process, patience_seconds: float = 5) -> None:
    """Lets a process end in its own way, and kills it when it has not in time."""
    process.signal(signal.SIGTERM)
    deadline = time.monotonic() + patience_seconds
    while process.is_running() and time.monotonic() < deadline:
        time.sleep(0.02)
    kill([process])


def kill(processes: Iterable[Process]) -> None:
    """Returns when none is left, and their ports are free."""
    processes = list(processes)
    for process in processes:
        process.signal(signal.SIGKILL)
    while any(p.is_running() for p in processes):
        time.sleep(0.02)


# Children of this process, to be waited for; otherwise they stay as zombies.
_children: dict[int, subprocess.Popen[bytes]] = {}


def _began(pid: int) -> int:
    """When a process began, 0 if there is none (any more)."""
    child = _children.get(pid)
    if child is not None and child.poll() is not None:
        del _children[pid]
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except (FileNotFoundError, ProcessLookupError):
        return 0
    # The fields from the third on; the name before them may hold blanks.
    state, *fields = stat.rpartition(")")[2].split()
    threads, began = int(fields[16]), int(fields[18])
    # One that has ended but for other threads that still close its files is not gone yet.
    return 0 if state in "ZX" and threads <= 1 else began


def _die_with(parent: int) -> Callable[[], None]:
    def prepare() -> None:  # runs in the child, before the command
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it has ended in between
            os._exit(1)

    return prepare
