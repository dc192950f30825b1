"""What goes wrong outside of Orrery: bad input, told so that the user can mend it."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

__all__ = ["Error", "missing_extra", "suggest"]


class Error(Exception):
    """Bad input. The text says where, what was found, what was expected and what to do."""


def suggest(text: str, choices: Sequence[str], named_max: int = 12) -> str:
    """``did you mean 'fgd'?``, or what there is to choose from."""
    near = difflib.get_close_matches(text, choices, n=3, cutoff=0.6)
    if near:
        return "did you mean " + " or ".join(f"'{name}'" for name in near) + "?"
    if not choices:
        return "there is none"
    named = ", ".join(choices[:named_max])
    if len(choices) <= named_max:
        return f"one of: {named}"
    return f"one of: {named} and {len(choices) - named_max} more; * stands for any text"


def missing_extra(what: str, extra: str, error: ImportError) -> Error:
    """`what` needs a module that comes with an extra of the package."""
    return Error(
        f"{what} needs {error.name}, which this Python does not have: pip install 'orrery[{extra}]'"
    )
