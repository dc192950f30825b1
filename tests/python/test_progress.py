import io
import sys

import orrery
from orrery import progress


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_nobody_looks_nobody_is_told(monkeypatch):
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    assert progress.progress_function(None)[0] is None
    assert progress.progress_function(False)[0] is None


def test_a_terminal_has_a_bar(monkeypatch, small):
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    orrery.run(small, seeds=3, jobs=1)
    assert "3/3" in terminal.getvalue()
    assert "run/s" in terminal.getvalue()  # tqdm's


def test_without_tqdm_there_is_a_plain_bar(monkeypatch, small):
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    orrery.run(small, seeds=3, jobs=1, progress=True)
    assert "\r[########################] 3/3 runs" in terminal.getvalue()
    assert terminal.getvalue().endswith("\n")


def test_nothing_to_do_draws_nothing(monkeypatch, small):
    orrery.run(small, seeds=1, out="there.db")
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    orrery.run(small, seeds=1, out="there.db")
    assert terminal.getvalue() == ""
