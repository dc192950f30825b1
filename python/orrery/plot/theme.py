"""How charts look: colours that colour-blind readers tell apart, on light and on dark ground.

The first six hues lie at least 15 CIELAB units apart to normal, protanopic and deuteranopic eyes,
and all have a contrast of at least 3 : 1 to their ground (WCAG 1.4.11); a test holds them to it.
Lines differ by their dashes and points by their shapes too, so that no chart depends on colour
alone.
"""

from __future__ import annotations

from typing import Any

__all__ = ["DARK", "LIGHT", "config"]

_SANS = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Liberation Sans', Arial, sans-serif"

LIGHT: dict[str, Any] = {
    "text": "#1f2933",
    "muted": "#52606d",
    "grid": "#e4e7eb",
    "ground": "#ffffff",
    "accent": "#0b5cad",
    "category": [
        "#0072b2",
        "#d95f02",
        "#11806a",
        "#8c2d6f",
        "#4d3a14",
        "#7a6ff0",
        "#d0457e",
        "#7a7f87",
    ],
    "sequential": ["#f2f6fa", "#b7d3ea", "#5fa3d3", "#1f6fae", "#0b3c66"],
    "diverging": ["#e58a45", "#f2c29b", "#f4f4f4", "#a9cdea", "#5aa2dc"],
}
DARK: dict[str, Any] = {
    "text": "#e6eaf0",
    "muted": "#a3b0bf",
    "grid": "#333d4a",
    "ground": "#161b22",
    "accent": "#6cb6ff",
    "category": [
        "#56b4e9", "#f2894b", "#3fae7c", "#f3c6e2", "#e5d352", "#8a78f0", "#ffffff", "#b0627f",
    ],
    "sequential": ["#1d2733", "#1f4a70", "#2f7ab5", "#6cb6ff", "#d6ecff"],
    "diverging": ["#a34a0c", "#6b3d24", "#2a323d", "#25486a", "#1c66a8"],
}  # fmt: skip


def config(palette: dict[str, Any] = LIGHT) -> dict[str, Any]:
    """A Vega-Lite configuration in these colours."""
    axis = {
        "labelColor": palette["muted"],
        "titleColor": palette["text"],
        "gridColor": palette["grid"],
        "domainColor": palette["muted"],
        "tickColor": palette["muted"],
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": 600,
        "labelLimit": 220,
    }
    return {
        "background": palette["ground"],
        "font": _SANS,
        "axis": axis,
        "legend": {
            "labelColor": palette["text"],
            "titleColor": palette["muted"],
            "labelFontSize": 12,
            "titleFontSize": 12,
            "orient": "bottom",
            "direction": "horizontal",
            "columns": 4,
            "labelLimit": 180,
            "symbolSize": 120,
            "symbolBaseFillColor": palette["muted"],
            "symbolBaseStrokeColor": palette["muted"],
        },
        "title": {"color": palette["text"], "anchor": "start", "fontSize": 14},
        "view": {"stroke": None},
        "range": {
            "category": palette["category"],
            "ramp": palette["sequential"],
            "heatmap": palette["sequential"],
            "diverging": palette["diverging"],
        },
        "point": {"filled": True},
        "rule": {"color": palette["muted"]},
        "text": {"color": palette["text"]},
        "aria": False,
    }
