"""How far a run is: a bar in a notebook or a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, Union

ProgressFunction = Callable[[int, int, int, float], None]
"""Called with runs done, runs in all, runs failed and seconds so far, a few times a second."""
Progress = Union[bool, ProgressFunction, None]


def progress_function(progress: Progress) -> tuple[ProgressFunction | None, Callable[[], None]]:
    """What the core is to call, and what ends the display.

    None shows a bar where somebody looks: in a notebook and in a terminal.
    """
    if callable(progress):
        return progress, _nothing
    if progress is False or (progress is None and not (_is_notebook() or sys.stderr.isatty())):
        return None, _nothing
    bar = _tqdm_bar() or _PlainBar()
    return bar.show, bar.close


def _nothing() -> None:
    pass


def _is_notebook() -> bool:
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return shell is not None and "IPKernelApp" in shell.config


def _tqdm_bar() -> _TqdmBar | None:
    try:
        from tqdm.auto import tqdm
    except ImportError:
        return None
    return _TqdmBar(tqdm)


class _TqdmBar:
    def __init__(self, tqdm: Any) -> None:
        self._tqdm = tqdm
        self._bar: Any = None

    def show(self, done: int, total: int, failed: int, seconds: float) -> None:
        if self._bar is None:
            if total == 0:
                return
            self._bar = self._tqdm(total=total, unit="run")
        self._bar.update(done - self._bar.n)
        if failed:
            self._bar.set_postfix(failed=failed)

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()


class _PlainBar:
    """One line that is written again and again, without any library."""

    _WIDTH = 24

    def __init__(self) -> None:
        self._is_drawn = False

    def show(self, done: int, total: int, failed: int, seconds: float) -> None:
        if total == 0:
            return
        filled = self._WIDTH * done // total
        bar = "#" * filled + "." * (self._WIDTH - filled)
        note = f", {failed} failed" if failed else ""
        sys.stderr.write(f"\r[{bar}] {done}/{total} runs, {seconds:.0f} s{note}")
        sys.stderr.flush()
        self._is_drawn = True

    def close(self) -> None:
        if self._is_drawn:
            sys.stderr.write("\n")
