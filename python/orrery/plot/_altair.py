"""Altair, fetched when the first chart is drawn: ``import orrery`` stays quick without it."""

from __future__ import annotations

from typing import Any

from ..errors import missing_extra


def altair() -> Any:
    """The Altair module. Raises ``orrery.Error`` that says how to get it."""
    try:
        import altair as module
    except ImportError as error:
        raise missing_extra("a chart", "report", error) from error
    return module
