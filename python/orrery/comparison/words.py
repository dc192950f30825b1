"""Metrics and figures in plain words."""

from __future__ import annotations

import math
import re

from ..stats import Estimate

__all__ = [
    "amount",
    "decimals_for",
    "interval_text",
    "metric_title",
    "number",
    "signed",
    "wanted_words",
]

_SUBJECTS = {
    "cpu": "CPU",
    "gpu": "GPU",
    "kwh": "",
}
_NAMES = {
    "waiting_seconds": "Waiting time",
    "response_seconds": "Response time",
    "work_lost_seconds": "Work lost per loss",
    "detection_seconds": "Time to notice a crash",
    "work_lost_hours": "Work lost to failures",
    "makespan_seconds": "Makespan",
    "throughput_per_hour": "Throughput",
    "energy_kwh": "Energy",
    "warm_up_seconds": "Warm-up removed",
    "cost_per_pod": "Cost per pod",
    "gpu_fragmented_percent_of_idle": "Fragmented share of idle GPUs",
}
_PERCENTILE = re.compile(r"_p(\d+)$")
_AT_LOAD = re.compile(r"_at_(\d+)$")


def metric_title(name: str) -> str:
    """``waiting_seconds_p95`` → "Waiting time, 95th percentile"."""
    details = []
    if match := _AT_LOAD.search(name):
        name = name[: match.start()]
        details.append(f"at {int(match.group(1))} % load")
    if match := _PERCENTILE.search(name):
        name = name[: match.start()]
        digits = match.group(1)
        details.append("median" if digits == "50" else f"{digits}th percentile")
    elif name.endswith("_mean"):
        name = name[: -len("_mean")]
        details.append("mean")
    cluster = ""
    if name.startswith("cluster."):
        _, cluster, name = name.split(".", 2)
    model = ""
    if "." in name:
        name, model = name.split(".", 1)
    title = _NAMES.get(name) or _spelled(name)
    details += [part for part in (model, f"cluster {cluster}" if cluster else "") if part]
    return ", ".join([title, *details]).replace(", at ", " at ")


def wanted_words(direction: str) -> str:
    """Which values are better; empty where a metric only describes."""
    return {"higher": "higher is better", "lower": "lower is better"}.get(direction, "")


def _spelled(name: str) -> str:
    words = [word for word in name.split("_") if word not in ("percent", "seconds")]
    spelled = " ".join(_SUBJECTS.get(word, word) for word in words)
    return spelled[:1].upper() + spelled[1:]


def decimals_for(estimate: Estimate) -> int:
    """As many as the spread supports: two significant digits of the interval's half width."""
    half = estimate.half_width
    scale = abs(estimate.mean) / 100 if half is None else half
    if not scale > 0 or not math.isfinite(scale):
        return 0
    return min(max(1 - math.floor(math.log10(scale)), 0), 12)


def number(value: float, decimals: int) -> str:
    """With thousands in groups; a dash where there is no value."""
    if math.isnan(value):
        return "–"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    if value != 0 and (abs(value) >= 1e15 or abs(value) < 1e-9):
        return f"{value:.4g}"
    text = f"{value:.{decimals}f}"
    if not text.strip("-0."):  # rounding may leave "-0.0", which looks like a finding
        text = text.lstrip("-")
    whole, point, rest = text.partition(".")
    if len(whole.lstrip("-")) > 4:
        whole = f"{int(whole):,}".replace(",", "\u202f")
    return (whole + point + rest).replace("-", "−")


def signed(value: float, decimals: int) -> str:
    """With its sign, + included."""
    text = number(value, decimals)
    return f"+{text}" if value > 0 and text.strip("0.\u202f") else text


def interval_text(low: float | None, high: float | None, decimals: int) -> str:
    """As in: 1.2 … 3.4; a dash where there is no interval."""
    if low is None or high is None:
        return "–"
    return f"{number(low, decimals)} … {number(high, decimals)}"


def amount(value: float, decimals: int, unit: str) -> str:
    """A figure with its unit; percentages of a percent are points."""
    return f"{number(value, decimals)}{_suffix(unit)}"


def _suffix(unit: str) -> str:
    if not unit:
        return ""
    return "\u202f%" if unit == "%" else f"\u202f{unit}"
