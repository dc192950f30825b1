"""Reports on results files: one page that opens offline, Markdown, LaTeX, PDF or a notebook.

``orrery-report RESULTS -o report.html`` on the command line, ``write_report`` in Python.
"""

from __future__ import annotations

from .write import FORMATS, write_report

__all__ = ["FORMATS", "write_report"]
