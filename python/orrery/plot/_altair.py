"""Altair, fetched when the first chart is drawn: ``import orrery`` stays quick without it."""

from __future__ import annotations

from typing import Any

from ..errors import Error


def altair() -> Any:
    """The Altair module. Raises ``orrery.Error`` that says how to get it."""
    try:
        import altair as module
    except ImportError as error:
        raise Error(
            f"charts need Altair, which this Python does not have ({error.name} is missing):"
            " pip install 'orrery[report]'"
        ) from error
    return module
