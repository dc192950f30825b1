"""The same words and figures as ``orrery compare``, and answers in plain words."""

from __future__ import annotations

import csv
import io
import os
import sqlite3
import subprocess

import pytest
from report_files import made_fixture, plain_fixture  # noqa: F401

from orrery.comparison import answer_of, compare, group_variants, metric_title
from orrery.comparison.words import interval_text, number, signed
from orrery.errors import Error
from orrery.store import open_results


@pytest.mark.parametrize(
    ("name", "options"),
    [("grouped", []), ("plain", []), ("grouped", ["--baseline", "heavy/fgd"]),
     ("plain", ["--baseline", "fgd", "--metric", "*waiting*"])],
)  # fmt: skip
def test_agrees_with_orrery_compare(made, name, options):
    words = [os.environ["ORRERY"], "compare", str(made[name]), "--format", "csv", *options]
    text = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    expected = {(row["metric"], row["variant"]): row for row in csv.DictReader(io.StringIO(text))}
    given = dict(zip(options[::2], options[1::2]))
    comparison = compare(
        open_results(made[name]),
        [given["--metric"]] if "--metric" in given else [],
        given.get("--baseline", ""),
    )
    seen = 0
    for metric in comparison.metrics:
        for row in metric.rows:
            theirs = expected[metric.metric.name, row.variant]
            assert theirs["n"] == str(row.estimate.count)
            assert theirs["verdict"] == row.verdict.value
            assert theirs["baseline"] == row.baseline
            pairs = [("mean", row.estimate.mean), ("ci_low", row.estimate.low),
                     ("ci_high", row.estimate.high)]  # fmt: skip
            if row.difference is not None:
                pairs += [("diff", row.difference.mean), ("diff_low", row.difference.low),
                          ("diff_high", row.difference.high)]  # fmt: skip
            for column, ours in pairs:
                if theirs[column]:
                    assert ours == pytest.approx(float(theirs[column]), rel=1e-9, abs=1e-12)
                else:
                    assert ours is None or ours != ours
            seen += 1
    assert seen == len(expected)


def test_groups_by_what_the_stars_stand_for():
    names = ["light/random", "light/fgd", "heavy/random", "heavy/fgd"]
    groups = group_variants(names, "*/random")
    assert [(g.name, g.labels) for g in groups] == [
        ("light", ("random", "fgd")), ("heavy", ("random", "fgd")),
    ]  # fmt: skip
    groups = group_variants(names, "light/*")
    assert [(g.name, g.labels) for g in groups] == [
        ("random", ("light", "heavy")), ("fgd", ("light", "heavy")),
    ]  # fmt: skip
    assert [g.name for g in group_variants(names, "light/fgd")] == [""]
    many = [f"w{i}/{p}" for i in range(8) for p in "ab"]
    assert len(group_variants(many, "w0/a")) == 8


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"metrics": ["waiting_secnds_mean"]}, "did you mean 'waiting_seconds_mean'"),
        ({"metrics": ["xyz"]}, "one of: .* more; \\* stands for any text"),
        ({"baseline": "*/randm"}, "did you mean"),
    ],
)
def test_names_that_do_not_exist_are_told_with_the_nearest(made, options, message):
    with pytest.raises(Error, match=message):
        compare(open_results(made["grouped"]), **options)


def test_corrects_for_all_comparisons_of_a_metric(made):
    metric = compare(open_results(made["grouped"])).metrics[0]
    assert metric.comparisons == 4
    for row in metric.rows:
        if row.difference is not None:
            assert row.p_holm >= row.difference.p_value


def edit(path, *statements):
    with sqlite3.connect(path) as database:
        for statement in statements:
            database.execute(statement)


METRIC = "(SELECT id FROM metric_names WHERE name = 'waiting_seconds_mean')"
SET = f"UPDATE metrics SET value = {{}} WHERE metric = {METRIC} AND run IN " \
      "(SELECT id FROM runs WHERE variant = {})"  # fmt: skip
NOISE = "(SELECT seed * 7 % 5 FROM runs WHERE id = run)"


@pytest.mark.parametrize(
    ("first", "fgd", "certainty", "words"),
    [
        (f"20 + {NOISE}", f"5 + 2 * {NOISE}", "confirmed", "**fgd** has the lowest waiting time"),
        (f"20 + {NOISE}", f"13 - {NOISE}", "none", "may well be noise"),
        (f"20 + {NOISE}", f"30 + {NOISE}", "confirmed", "Nothing beats **random**"),
        (f"10 + {NOISE}", f"10 + {NOISE}", "none", "the same waiting time"),
    ],
)
def test_answers_in_plain_words(plain, first, fgd, certainty, words):
    edit(plain, SET.format(f"10 + {NOISE}", 0), SET.format(first, 1), SET.format(fgd, 2))
    answer = answer_of(compare(open_results(plain)))
    assert words in " ".join([answer.headline, *answer.sentences])
    assert answer.certainty == certainty


def test_tells_of_unfinished_and_failed_runs(plain):
    edit(plain, "UPDATE runs SET status = 'pending' WHERE id = 2",
         "UPDATE runs SET status = 'failed', error = 'a bug' WHERE id = 3")  # fmt: skip
    notes = compare(open_results(plain)).notes
    assert any("seed 7 failed" in note and "a bug" in note for note in notes)
    assert any("1 of 18 runs are not finished" in note for note in notes)


def test_two_files_are_compared_variant_by_variant(made):
    results = open_results([made["plain"], made["other"]])
    comparison = compare(results, ["node_crashes"])
    assert [group.name for group in comparison.groups] == ["random", "first-fit", "fgd"]
    assert comparison.labels == ["plain", "other"]
    for _, (old, new) in comparison.metrics[0].groups:
        assert old.difference is None
        assert new.difference.count == 6 and new.verdict == "higher"


def test_the_same_results_in_two_files_do_not_differ(made, plain):
    answer = answer_of(compare(open_results([made["plain"], plain])))
    assert answer.headline.startswith("Nothing differs") and answer.certainty == "none"


def test_says_in_how_many_cases(made):
    answer = answer_of(compare(open_results([made["plain"], made["other"]]), ["pods_lost"]))
    assert "Nothing beats **plain**" in answer.headline and "of 3 cases" in answer.headline
    assert any(sentence.startswith("Beyond noise, **other** is") for sentence in answer.sentences)


def test_describes_where_no_side_is_wanted(made):
    answer = answer_of(compare(open_results([made["plain"], made["other"]]), ["node_crashes"]))
    assert answer.sentences == [
        "Node crashes under **other** is higher in 3 of 3 cases, beyond noise."
    ]


def test_files_with_other_variants_are_put_together(made):
    results = open_results([made["plain"], made["grouped"]])
    assert len(results.variants) == 9
    assert results.by_name["fgd"].file.path == made["plain"]


def test_the_same_file_twice_is_refused(made):
    with pytest.raises(Error, match="named twice"):
        open_results([made["plain"], made["plain"]])


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("waiting_seconds_p95", "Waiting time, 95th percentile"),
        ("waiting_seconds_p50", "Waiting time, median"),
        ("gpu_allocated_percent_at_080", "GPU allocated at 80 % load"),
        ("cluster.west.gpu_allocated_percent.A100", "GPU allocated, A100, cluster west"),
        ("pods_completed", "Pods completed"),
    ],
)
def test_titles(name, title):
    assert metric_title(name) == title


def test_figures():
    assert number(-0.001, 2) == "0.00"
    assert number(12345.678, 1) == "12\u202f345.7"
    assert number(-1.5, 1) == "−1.5"
    assert signed(2, 1) == "+2.0" and signed(0, 1) == "0.0"
    assert interval_text(None, None, 1) == "–"
