"""The answer in plain words: which variant, by how much, and whether it is noise.

Sentences mark names with ``**``, as Markdown does; each format of a report has its own way.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field

from ..stats import Difference, Verdict, mean_interval, paired_difference, student_quantile
from .comparison import Comparison, MetricComparison, Row
from .words import amount, decimals_for, interval_text, metric_title, number

__all__ = ["Answer", "answer_of", "seeds_to_tell"]


@dataclass
class Answer:
    """What a report leads with."""

    headline: str
    certainty: str  #: confirmed, unsure, none or unknown: how the headline may be shown
    sentences: list[str] = field(default_factory=list)


def answer_of(comparison: Comparison) -> Answer:
    """Speaks of the first metric for which a direction is wanted, and of what the others pay."""
    judged = [metric for metric in comparison.metrics if metric.metric.direction != "neutral"]
    if not judged:
        sentences = [text for metric in comparison.metrics for text in _neutral(metric)]
        return Answer("No metric here says which variant is better.", "unknown", sentences)
    main, others = judged[0], judged[1:]
    if len(main.rows) == 1:
        return _single(main)
    if len(main.groups) == 1:
        return _of_one_group(main, others)
    return _of_many_groups(main, others)


def _neutral(metric: MetricComparison) -> list[str]:
    """What differs on a metric that only describes."""
    title = metric_title(metric.metric.name)
    by_label: dict[str, list[Row]] = {}
    for row in metric.rows:
        if row.difference is not None:
            by_label.setdefault(row.label, []).append(row)
    sentences = []
    for label, rows in by_label.items():
        found = [row.verdict for row in rows if row.is_confirmed]
        higher, lower = found.count(Verdict.HIGHER), found.count(Verdict.LOWER)
        cases = f" in {{}} of {len(rows)} cases" if len(rows) > 1 else ""
        parts = [f"higher{cases.format(higher)}"] if higher else []
        parts += [f"lower{cases.format(lower)}"] if lower else []
        what = f"is {' and '.join(parts)}, beyond noise" if parts else "cannot be told apart"
        sentences.append(f"{title} under **{label}** {what}.")
    return sentences


def seeds_to_tell(difference: Difference) -> int | None:
    """How many seeds would tell a difference of this size from zero, if it is real."""
    if difference.count < 2 or difference.mean == 0 or math.isnan(difference.mean):
        return None
    ratio = difference.standard_deviation / abs(difference.mean)
    for count in range(difference.count + 1, 2001):
        if student_quantile((1 + difference.confidence) / 2, count - 1) * ratio <= math.sqrt(count):
            return count
        if count > 200 and 1.96 * ratio > math.sqrt(2000):
            return None
    return None


def _single(main: MetricComparison) -> Answer:
    row = main.rows[0]
    figure = amount(row.estimate.mean, decimals_for(row.estimate), main.metric.unit)
    return Answer(
        f"**{row.label}** is the only variant: {metric_title(main.metric.name)} is {figure}.",
        "unknown",
        ["There is nothing to compare it with."],
    )


def _of_one_group(main: MetricComparison, others: Sequence[MetricComparison]) -> Answer:
    rows = sorted((row for row in main.rows if row.rank), key=lambda row: row.rank)
    title = _lowered(metric_title(main.metric.name))
    if not rows:
        return Answer(f"No run has a value for {title}.", "unknown")
    best = rows[0]
    extreme = "highest" if main.metric.direction == "higher" else "lowest"
    figure = amount(best.estimate.mean, decimals_for(best.estimate), main.metric.unit)
    if all(row.rank == 1 for row in rows):
        return Answer(f"All variants have the same {title}: {figure}.", "none")
    if best.difference is None:
        headline = f"Nothing beats **{best.label}**: it has the {extreme} {title}, {figure}."
        certainty, sentences = _unbeaten(best, rows[1:])
    else:
        headline = (
            f"**{best.label}** has the {extreme} {title}: {figure},"
            f" {_gap(best, main)} than **{_short(best.baseline, best, main)}**."
        )
        certainty, sentences = _how_sure(best, main)
    if len(rows) > 1 and best.difference is not None:
        sentences += _lead(best, rows[1], main)
    sentences += _trade_offs(best.variant, best.label, others)
    return Answer(headline, certainty, sentences)


def _short(variant: str, row: Row, main: MetricComparison) -> str:
    for _, rows in main.groups:
        if row in rows:
            for other in rows:
                if other.variant == variant:
                    return other.label
    return variant


def _gap(row: Row, main: MetricComparison) -> str:
    """As in: 1.1 s (2.1 %) less."""
    difference = row.difference
    assert difference is not None
    text = _size(difference, main.metric.unit)
    base = row.estimate.mean - difference.mean
    if main.metric.unit != "%" and base != 0 and not math.isnan(base):
        text += f" ({abs(difference.mean / base) * 100:.2g}\u202f%)"
    return f"{text} {'more' if difference.mean > 0 else 'less'}"


def _size(difference: Difference, unit: str) -> str:
    decimals = _decimals(difference)
    if unit == "%":
        return f"{number(abs(difference.mean), decimals)} points"
    return amount(abs(difference.mean), decimals, unit)


def _decimals(difference: Difference) -> int:
    return decimals_for(mean_interval(difference.differences, difference.confidence))


def _interval(difference: Difference, unit: str) -> str:
    text = interval_text(difference.low, difference.high, _decimals(difference))
    return text + (" points" if unit == "%" else f"\u202f{unit}" if unit else "")


def _how_sure(row: Row, main: MetricComparison) -> tuple[str, list[str]]:
    difference = row.difference
    assert difference is not None
    unit, seeds = main.metric.unit, f"{difference.count} seeds"
    if difference.verdict is Verdict.TOO_FEW_SEEDS:
        return "unknown", ["With fewer than two seeds in common nothing can be said about noise."]
    if difference.low is None:
        return "confirmed", [f"The difference is the same under each of {seeds}: not noise."]
    interval = f"{_interval(difference, unit)}, paired over {seeds}"
    if row.is_confirmed:
        also = (
            f", and holds after correction for {main.comparisons} comparisons"
            if main.comparisons > 1
            else ""
        )
        return "confirmed", [
            f"That is not noise: the 95 % interval of the difference is {interval}{also}."
        ]
    if difference.verdict.is_difference:
        return "unsure", [
            f"That may be noise: by itself the 95 % interval of the difference ({interval}) leaves"
            f" out zero, but among {main.comparisons} comparisons chance finds such a one too often"
            f" (corrected p = {row.p_holm:.2g})."
        ]
    needed = seeds_to_tell(difference)
    advice = (
        f" If the difference is real, about {needed} seeds would tell."
        if needed
        else " More seeds would narrow it."
    )
    return "none", [
        f"That may well be noise: the 95 % interval of the difference ({interval}) holds zero."
        + advice
    ]


def _unbeaten(best: Row, rivals: Sequence[Row]) -> tuple[str, list[str]]:
    worse = [row.label for row in rivals if row.is_confirmed]
    close = [row.label for row in rivals if not row.is_confirmed]
    sentences = []
    if worse:
        sentences.append(f"Worse than it, beyond noise: {_listed(worse)}.")
    if close:
        sentences.append(f"Not told from it with certainty: {_listed(close)}.")
    return ("confirmed" if not close else "unsure"), sentences


def _lead(best: Row, second: Row, main: MetricComparison) -> list[str]:
    if second.variant == best.baseline:
        return []
    lead = paired_difference(best.values, second.values, direction=main.metric.direction)
    if lead.count < 2:
        return []
    size = f"{_size(lead, main.metric.unit)}, 95 % interval {_interval(lead, main.metric.unit)}"
    if lead.verdict.is_difference:
        return [f"It also leads the second, **{second.label}**, by {size}."]
    return [f"The second, **{second.label}**, cannot be told from it ({size})."]


def _trade_offs(variant: str, label: str, others: Sequence[MetricComparison]) -> list[str]:
    found: dict[Verdict, list[str]] = {Verdict.BETTER: [], Verdict.WORSE: []}
    for metric in others:
        for row in metric.rows:
            if row.variant == variant and row.is_confirmed and row.verdict in found:
                text = f"{_lowered(metric_title(metric.metric.name))} ({_gap(row, metric)})"
                found[row.verdict].append(text)
    sentences = []
    if found[Verdict.BETTER]:
        sentences.append(f"**{label}** is also better on {_listed(found[Verdict.BETTER])}.")
    if found[Verdict.WORSE]:
        sentences.append(f"It pays with {_listed(found[Verdict.WORSE])}.")
    return sentences


def _of_many_groups(main: MetricComparison, others: Sequence[MetricComparison]) -> Answer:
    by_label: dict[str, list[Row]] = {}
    for row in main.rows:
        if not math.isnan(row.estimate.mean):
            by_label.setdefault(row.label, []).append(row)
    title = _lowered(metric_title(main.metric.name))
    if not by_label:
        return Answer(f"No run has a value for {title}.", "unknown")
    if all(row.verdict is Verdict.EQUAL for row in main.rows if row.difference is not None):
        return Answer(
            f"Nothing differs: {title} is the same under every seed in all cases.", "none"
        )
    sign = 1 if main.metric.direction == "higher" else -1
    winner = max(
        by_label, key=lambda label: (_wins(by_label[label]), sign * _typical(by_label[label]))
    )
    rows = by_label[winner]
    compared = [row for row in rows if row.difference is not None]
    if not compared:
        return _baseline_wins(winner, rows, title, main)
    differences = [row.difference.mean for row in compared if row.difference is not None]
    unit = "points" if main.metric.unit == "%" else main.metric.unit
    span = f"{min(differences):+.2f} to {max(differences):+.2f} {unit}".rstrip().replace("-", "−")
    middle = f"{statistics.median(differences):+.2f}".replace("-", "−")
    against = _short(compared[0].baseline, compared[0], main)
    best = "best, or level with the best," if _is_tied(winner, main) else "best"
    headline = (
        f"**{winner}** is {best} in {_wins(rows)} of {len(main.groups)} cases: {title} differs by"
        f" {span} (median {middle}) from **{against}**."
    )
    certainty, sentence = _many_sure(compared, main)
    return Answer(headline, certainty, [sentence, *_many_trade_offs(winner, others)])


def _baseline_wins(winner: str, rows: Sequence[Row], title: str, main: MetricComparison) -> Answer:
    rivals: dict[str, list[Row]] = {}
    for row in main.rows:
        if row.difference is not None:
            rivals.setdefault(row.label, []).append(row)
    sentences = [
        f"Beyond noise, **{label}** is {_tally(*_confirmed(theirs), len(theirs))}."
        for label, theirs in rivals.items()
    ]
    is_clear = all(row.is_confirmed for theirs in rivals.values() for row in theirs)
    return Answer(
        f"Nothing beats **{winner}**: it has the best {title} in {_wins(rows)} of"
        f" {len(main.groups)} cases.",
        "confirmed" if is_clear else "unsure",
        sentences,
    )


def _is_tied(winner: str, main: MetricComparison) -> bool:
    """Whether others share the first rank with it anywhere."""
    return any(
        sum(row.rank == 1 for row in rows) > 1
        and any(row.rank == 1 and row.label == winner for row in rows)
        for _, rows in main.groups
    )


def _wins(rows: Sequence[Row]) -> int:
    return sum(row.rank == 1 for row in rows)


def _typical(rows: Sequence[Row]) -> float:
    return statistics.fmean(row.difference.mean if row.difference else 0.0 for row in rows)


def _many_sure(rows: Sequence[Row], main: MetricComparison) -> tuple[str, str]:
    better, worse = _confirmed(rows)
    equal = sum(row.verdict is Verdict.EQUAL for row in rows)
    certainty = "confirmed" if better == len(rows) else "unsure" if better else "none"
    text = f"Beyond noise it is {_tally(better, worse, len(rows))}"
    if equal:
        text += f" and exactly equal in {equal}"
    return certainty, f"{text}, after correction for all {main.comparisons} comparisons."


def _confirmed(rows: Sequence[Row]) -> tuple[int, int]:
    """In how many cases it is better and worse beyond noise."""
    confirmed = [row.verdict for row in rows if row.is_confirmed]
    return confirmed.count(Verdict.BETTER), confirmed.count(Verdict.WORSE)


def _tally(better: int, worse: int, cases: int) -> str:
    for word, count, other in (("better", better, worse), ("worse", worse, better)):
        if count == cases:
            return f"{word} in all {cases} cases"
        if count and not other:
            return f"{word} in {count} of {cases} cases"
    if not better:
        return f"neither better nor worse in any of {cases} cases"
    return f"better in {better} and worse in {worse} of {cases} cases"


def _many_trade_offs(winner: str, others: Sequence[MetricComparison]) -> list[str]:
    """Metrics with the same tally share a sentence."""
    titles: dict[str, list[str]] = {}
    for metric in others:
        rows = [row for row in metric.rows if row.label == winner and row.difference is not None]
        if not rows or metric.metric.direction == "neutral":
            continue
        tally = _tally(*_confirmed(rows), len(rows))
        titles.setdefault(tally, []).append(_lowered(metric_title(metric.metric.name)))
    return [f"On {_listed(names)} it is {tally}." for tally, names in titles.items()]


def _listed(items: Sequence[str]) -> str:
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} and {items[-1]}"


def _lowered(title: str) -> str:
    """In the middle of a sentence; abbreviations stay as they are."""
    return title if title[:2].isupper() else title[:1].lower() + title[1:]
