"""The charts, from the tables behind them. Titles, sizes and colours are left to who shows them.

Each function takes the data (a table, or only the name of a data set that the page fills in) and
returns an Altair chart of "container" width.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Union

from ._altair import altair
from .tables import BEYOND, NOISE, PERHAPS, Table

__all__ = [
    "curve_chart",
    "distribution_chart",
    "heat_map_chart",
    "overview_chart",
    "paired_chart",
    "pareto_chart",
    "per_seed_chart",
    "ranking_chart",
    "series_chart",
    "spelled_over",
]

Data = Union[Table, str]

_DASHES = [[1, 0], [6, 3], [2, 2], [8, 2, 2, 2], [10, 4], [4, 1], [1, 3], [6, 2, 2, 2, 2, 2]]
_SHAPES = ["circle", "square", "triangle-up", "diamond", "cross", "triangle-down", "triangle-right",
           "triangle-left"]  # fmt: skip
_STEP = 26
_TITLE_MAX = 26  # characters


def _data(data: Data) -> Any:
    """Rows inline, or the name of a data set."""
    alt = altair()
    if isinstance(data, str):
        return alt.Data(name=data)
    columns = list(data)
    rows = [dict(zip(columns, row)) for row in zip(*data.values())]
    return alt.Data(values=rows)


def _variant_scale(labels: Sequence[str], values: Sequence[Any]) -> Any:
    alt = altair()
    return alt.Scale(
        domain=list(labels), range=[values[i % len(values)] for i in range(len(labels))]
    )


def _rows_high(chart: Any, data: Data, field: str, step: int = _STEP) -> Any:
    """As high as its rows need. A page that fills in the data reads the step to do the same.

    (Vega-Lite's own ``height: {"step": 26}`` cannot go with a width that fits its container.)
    """
    if isinstance(data, str):
        meta = {"rowHeight": step, "rowField": field}
        return chart.properties(width="container", height=step, usermeta=meta)
    rows = len(dict.fromkeys(data[field]))
    return chart.properties(width="container", height=step * max(rows, 1))


def _legend() -> Any:
    """The same everywhere, so that colours, shapes and dashes share one."""
    return altair().Legend(title=None)


def _color(labels: Sequence[str], legend: bool = True) -> Any:
    """One colour per variant all over a report."""
    alt = altair()
    return alt.Color(
        "variant:N",
        scale=alt.Scale(domain=list(labels)),
        legend=_legend() if legend else None,
    )


def _by_rank() -> Any:
    alt = altair()
    return alt.Y(
        "variant:N",
        sort=alt.EncodingSortField(field="order", op="min"),
        title=None,
        axis=alt.Axis(grid=False, ticks=False, domain=False, labelPadding=8),
    )


def _with_ends(chart: Any, middle: str, low: str = "low", high: str = "high") -> Any:
    """Where there is no interval, nothing is drawn around the middle."""
    return chart.transform_calculate(
        **{
            low.replace("low", "from"): f"datum.{low} === null ? datum.{middle} : datum.{low}",
            high.replace("high", "to"): f"datum.{high} === null ? datum.{middle} : datum.{high}",
        }
    )


def _axis(metric: str, unit: str) -> str | list[str]:
    """The axis's title, on two lines where it would not fit a phone."""
    title = f"{metric} ({unit})" if unit else metric
    first, comma, rest = title.partition(", ")
    return [first + ",", rest] if comma and len(title) > _TITLE_MAX else title


def ranking_chart(data: Data, labels: Sequence[str], metric: str, unit: str) -> Any:
    """Means with their 95 % intervals, best on top."""
    alt = altair()
    base = _with_ends(alt.Chart(_data(data)), "mean").encode(
        y=_by_rank(), color=_color(labels, legend=False)
    )
    scale = alt.Scale(zero=False, nice=True, padding=12)
    tooltip = [
        alt.Tooltip("variant:N"),
        alt.Tooltip("mean:Q", title="mean"),
        alt.Tooltip("low:Q", title="95 % from"),
        alt.Tooltip("high:Q", title="to"),
        alt.Tooltip("seeds:Q"),
    ]
    title = _axis(metric, unit)
    bars = base.mark_rule(strokeWidth=3, strokeCap="round").encode(
        x=alt.X("from:Q", scale=scale, title=title), x2="to:Q", tooltip=tooltip
    )
    points = base.mark_point(size=110, filled=True, opacity=1).encode(
        x=alt.X("mean:Q", scale=scale, title=title), tooltip=tooltip
    )
    return _rows_high(bars + points, data, "variant")


def paired_chart(data: Data, labels: Sequence[str], unit: str, wanted: str) -> Any:
    """Differences to the baseline, ``wanted`` beneath the axis.

    Filled circles lie beyond noise, diamonds only without correction for several comparisons,
    crosses cannot be told from zero.
    """
    alt = altair()
    base = _with_ends(alt.Chart(_data(data)), "difference").encode(
        y=_by_rank(), color=_color(labels, legend=False)
    )
    unit = "points" if unit == "%" else unit
    title = [f"Difference ({unit})" if unit else "Difference", *([wanted] if wanted else [])]
    scale = alt.Scale(zero=True, nice=True, padding=12)
    tooltip = [
        alt.Tooltip("variant:N"),
        alt.Tooltip("difference:Q"),
        alt.Tooltip("low:Q", title="95 % from"),
        alt.Tooltip("high:Q", title="to"),
        alt.Tooltip("verdict:N"),
        alt.Tooltip("p:Q", title="p (Holm)", format=".2g"),
        alt.Tooltip("seeds:Q"),
    ]
    zero = alt.Chart(_data({"zero": [0]})).mark_rule(strokeDash=[4, 3]).encode(x="zero:Q")
    bars = base.mark_rule(strokeWidth=3, strokeCap="round").encode(
        x=alt.X("from:Q", scale=scale, title=title), x2="to:Q", tooltip=tooltip
    )
    points = base.mark_point(size=110, opacity=1, filled=False, strokeWidth=2).encode(
        x=alt.X("difference:Q", scale=scale, title=title),
        shape=alt.Shape(
            "certainty:N",
            scale=alt.Scale(domain=[BEYOND, PERHAPS, NOISE], range=["circle", "diamond", "cross"]),
            legend=None,
        ),
        fill=_fill(labels),
        fillOpacity=alt.condition(alt.datum.certainty == BEYOND, alt.value(1.0), alt.value(0.0)),
        tooltip=tooltip,
    )
    return _rows_high(zero + bars + points, data, "variant")


def _fill(labels: Sequence[str]) -> Any:
    alt = altair()
    return alt.Fill("variant:N", scale=alt.Scale(domain=list(labels)), legend=None)


def per_seed_chart(data: Data, labels: Sequence[str], metric: str, unit: str) -> Any:
    """One point per variant and seed: its value over the baseline's. On the line they are equal."""
    alt = altair()
    scale = alt.Scale(zero=False, nice=True)
    points = (
        alt.Chart(_data(data))
        .mark_point(size=60, filled=True, opacity=0.85)
        .encode(
            x=alt.X("baseline:Q", scale=scale, title=_axis(f"Baseline: {metric}", unit)),
            y=alt.Y("value:Q", scale=scale, title=_axis("Variant", unit)),
            color=_color(labels),
            shape=alt.Shape("variant:N", scale=_variant_scale(labels, _SHAPES), legend=_legend()),
            tooltip=["variant:N", "seed:N", "baseline:Q", "value:Q"],
        )
    )
    line = (
        alt.Chart(_data(data))
        .transform_aggregate(least="min(baseline)", greatest="max(baseline)")
        .mark_rule(strokeDash=[4, 3])
        .encode(x="least:Q", x2="greatest:Q", y=alt.Y("least:Q", title=""), y2="greatest:Q")
    )
    return (line + points).properties(width="container", height=300)


def distribution_chart(data: Data, labels: Sequence[str], metric: str, unit: str) -> Any:
    """Empirical distribution functions on a logarithmic axis."""
    alt = altair()
    return (
        alt.Chart(_data(data))
        .mark_line(interpolate="monotone", strokeWidth=2)
        .encode(
            x=alt.X(
                "value:Q",
                scale=alt.Scale(type="log", nice=False),
                title=_axis(metric, unit),
                axis=alt.Axis(format="~s", labelOverlap=True),
            ),
            y=alt.Y(
                "probability:Q",
                title="Share of pods at most that",
                axis=alt.Axis(format="~%"),
            ),
            color=_color(labels),
            strokeDash=alt.StrokeDash(
                "variant:N", scale=_variant_scale(labels, _DASHES), legend=_legend()
            ),
            order=alt.Order("probability:Q"),
            tooltip=[
                "variant:N",
                alt.Tooltip("value:Q"),
                alt.Tooltip("probability:Q", format="~%"),
            ],
        )
        .properties(width="container", height=280)
    )


def series_chart(
    data: Data, labels: Sequence[str], metric: str, unit: str, time: str, failures: Any = None
) -> Any:
    """Means over the seeds, the baseline's range, and crashes per run as bars along the foot."""
    alt = altair()
    x = alt.X("time:Q", title=f"Virtual time ({time})", scale=alt.Scale(nice=False))
    scale = alt.Scale(zero=False, nice=True)
    band = (
        alt.Chart(_data(data))
        .transform_filter("datum.low !== null")
        .mark_area(opacity=0.16, color="#808890")
        .encode(x=x, y=alt.Y("low:Q", title=_axis(metric, unit), scale=scale), y2="high:Q")
    )
    line = (
        alt.Chart(_data(data))
        .mark_line(strokeWidth=2)
        .encode(
            x=x,
            y=alt.Y("mean:Q", title=_axis(metric, unit), scale=scale),
            color=_color(labels),
            strokeDash=alt.StrokeDash(
                "variant:N", scale=_variant_scale(labels, _DASHES), legend=_legend()
            ),
            tooltip=["variant:N", alt.Tooltip("time:Q"), alt.Tooltip("mean:Q")],
        )
    )
    chart = band + line
    if failures is not None:
        chart = alt.layer(_failure_bars(failures, x), chart).resolve_scale(y="independent")
    return chart.properties(width="container", height=260)


def _failure_bars(data: Data, x: Any) -> Any:
    """Along the foot: the span with most crashes takes an eighth of the height."""
    alt = altair()
    return (
        alt.Chart(_data(data))
        .transform_joinaggregate(most="max(crashes)")
        .transform_calculate(height="datum.crashes / datum.most / 8")
        .mark_bar(opacity=0.75, color="#b2500a", width=3)
        .encode(
            x=x,
            y=alt.Y("height:Q", axis=None, scale=alt.Scale(domain=[0, 1])),
            tooltip=[alt.Tooltip("time:Q"), alt.Tooltip("crashes:Q", title="crashes per run")],
        )
    )


def spelled_over(over: str) -> str:
    """What a curve is over, for its axis."""
    return {"gpu_arrived_percent": "Arrived GPU requests (% of capacity)"}.get(over, over)


def curve_chart(data: Data, labels: Sequence[str], metric: str, unit: str, over: str) -> Any:
    """A figure over another one: means over the seeds, each with the range of its seeds."""
    alt = altair()
    base = alt.Chart(_data(data))
    x = alt.X("at:Q", title=over, scale=alt.Scale(nice=False))
    title = _axis(metric, unit)
    band = base.mark_area(opacity=0.22, color="#808890").encode(
        x=x,
        y=alt.Y("low:Q", title=title, scale=alt.Scale(zero=False, nice=True)),
        y2="high:Q",
        detail="variant:N",
    )
    line = base.mark_line(strokeWidth=2).encode(
        x=x,
        y=alt.Y("mean:Q", title=title),
        color=_color(labels),
        strokeDash=alt.StrokeDash(
            "variant:N", scale=_variant_scale(labels, _DASHES), legend=_legend()
        ),
        tooltip=["variant:N", "at:Q", "mean:Q", "low:Q", "high:Q"],
    )
    return (band + line).properties(width="container", height=280)


def heat_map_chart(data: Data, time: str) -> Any:
    """How full each node was over time; crossed out where it was down."""
    alt = altair()
    x = alt.X(
        "begin:Q",
        title=f"Virtual time ({time})",
        scale=alt.Scale(nice=False, zero=False),
        axis=alt.Axis(grid=False),
    )
    y = alt.Y("node:N", sort=None, title=None, axis=alt.Axis(ticks=False, labelOverlap=True))
    cells = (
        alt.Chart(_data(data))
        # A little into the next span: cells that only touch show a seam.
        .transform_calculate(to="datum.end + (datum.end - datum.begin) / 10")
        .mark_rect()
        .encode(
            x=x,
            x2="to:Q",
            y=y,
            color=alt.Color(
                "percent:Q",
                scale=alt.Scale(domain=[0, 100], range="ramp"),
                legend=alt.Legend(title="Allocated (%)", gradientLength=160),
            ),
            tooltip=[
                "node:N",
                alt.Tooltip("begin:Q", title=f"from ({time})"),
                alt.Tooltip("end:Q", title=f"to ({time})"),
                alt.Tooltip("percent:Q", title="allocated (%)"),
                alt.Tooltip("down:Q", title="down (% of the time)"),
            ],
        )
    )
    marks = (
        alt.Chart(_data(data))
        .transform_filter("datum.down >= 5")
        .transform_calculate(middle="(datum.begin + datum.end) / 2")
        .mark_point(shape="cross", size=28, filled=True, opacity=1, color="#d7301f", angle=45)
        .encode(x=alt.X("middle:Q"), y=y)
    )
    return _rows_high(cells + marks, data, "node", 13)


def pareto_chart(data: Data, labels: Sequence[str], x: tuple[str, str], y: tuple[str, str]) -> Any:
    """Cost against performance; a line joins what nothing beats.

    The bars are the 95 % intervals of the paired differences to the baseline, laid around the mean.
    """
    alt = altair()
    scale = alt.Scale(zero=False, nice=True, padding=10)
    base = _with_ends(alt.Chart(_data(data)), "x", "x_low", "x_high")
    base = _with_ends(base, "y", "y_low", "y_high")
    at_x = alt.X("x:Q", scale=scale, title=_axis(*x))
    at_y = alt.Y("y:Q", scale=scale, title=_axis(*y))
    front = (
        base.transform_filter("datum.front")
        .mark_line(strokeDash=[4, 3], color="#888", interpolate="linear")
        .encode(x=at_x, y=at_y, order="x:Q")
    )
    wide = base.mark_rule(opacity=0.7, strokeWidth=2).encode(
        x=alt.X("x_from:Q", scale=scale, title=_axis(*x)),
        x2="x_to:Q",
        y=at_y,
        color=_color(labels),
    )
    tall = base.mark_rule(opacity=0.7, strokeWidth=2).encode(
        y=alt.Y("y_from:Q", scale=scale, title=_axis(*y)),
        y2="y_to:Q",
        x=at_x,
        color=_color(labels),
    )
    points = base.mark_point(size=130, filled=True, opacity=1).encode(
        x=at_x,
        y=at_y,
        color=_color(labels),
        shape=alt.Shape("variant:N", scale=_variant_scale(labels, _SHAPES), legend=_legend()),
        tooltip=["variant:N", "x:Q", "y:Q", alt.Tooltip("front:N", title="unbeaten on both")],
    )
    return (front + wide + tall + points).properties(width="container", height=300)


def overview_chart(
    data: Data,
    labels: Sequence[str],
    groups: Sequence[str],
    unit: str,
    direction: str,
    limit: float,
) -> Any:
    """Every group and variant at once: difference to the baseline as colour, verdict as a mark.

    Blue is the side that is wanted. ``limit``: the largest difference that the colours reach.
    """
    alt = altair()
    shown = "points" if unit == "%" else unit
    base = alt.Chart(_data(data)).encode(
        x=alt.X("variant:N", sort=list(labels), title=None, axis=alt.Axis(labelAngle=-35)),
        y=alt.Y("group:N", sort=list(groups), title=None, axis=alt.Axis(domain=False, ticks=False)),
    )
    cells = base.mark_rect().encode(
        color=alt.Color(
            "difference:Q",
            scale=alt.Scale(
                domain=[-limit, 0, limit], range="diverging", reverse=direction == "lower"
            ),
            legend=alt.Legend(title=_axis("Difference", shown), gradientLength=200),
        ),
        tooltip=["group:N", "variant:N", "difference:Q", "verdict:N"],
    )
    marks = base.mark_text(fontSize=13, fontWeight="bold").encode(text="mark:N")
    return _rows_high(cells + marks, data, "group", 22)
