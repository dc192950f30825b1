"""``orrery-report``, which ``orrery report`` runs."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from ..errors import Error
from .write import FORMATS, write_report

__all__ = ["main"]

_EXAMPLES = """examples:
  orrery report results/quickstart.db -o report.html
  orrery report results/quickstart.db --metric 'waiting*' --baseline first-fit
  orrery report old.db new.db -o versions.html     the same variants in two files, paired by seed
  orrery report results/openb-study.db --format pdf -o study.pdf

exit codes: 0 ok, 2 bad input
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command and returns its exit code."""
    parser = _parser()
    given = parser.parse_args(arguments)
    try:
        out = given.output or _default_name(given.results[0], given.format)
        path = write_report(
            given.results,
            out,
            format=given.format,
            metrics=given.metric or (),
            baseline=given.baseline or "",
        )
    except Error as error:
        print(f"orrery: error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    print(f"report: {path}")
    return 0


def _default_name(results: str, format: str) -> str:
    suffix = FORMATS[format][1] if format in FORMATS else ""
    return Path(results).stem + suffix


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="orrery report",
        description="Writes a report on results files: which variant, by how much, is it noise?",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("results", nargs="+", help="results files; the first is the reference")
    parser.add_argument("-o", "--output", help="file to write (default: NAME.html and so on)")
    parser.add_argument("-f", "--format", default="html", help=f"one of {', '.join(FORMATS)}")
    parser.add_argument("-b", "--baseline", help="the variant to compare with; * between slashes")
    parser.add_argument(
        "-m", "--metric", action="append", help="metrics by name, with *; the first one leads"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
