"""Charts of results files that notebooks draw."""

from __future__ import annotations

import pytest
from report_files import made_fixture, plain_fixture  # noqa: F401

from orrery import plot
from orrery.errors import Error
from orrery.plot import theme

pytest.importorskip("altair")


def count_rows(part):
    """Rows of all inline data."""
    if isinstance(part, list):
        return sum(map(count_rows, part))
    if not isinstance(part, dict):
        return 0
    own = part.get("data")
    return (
        len(own["values"])
        if isinstance(own, dict) and "values" in own
        else sum(map(count_rows, part.values()))
    )


@pytest.mark.parametrize(
    "draw",
    [plot.ranking, plot.paired_differences, plot.per_seed, plot.overview, plot.pareto,
     plot.distribution, plot.series, plot.fragmentation, plot.heat_map],
)  # fmt: skip
@pytest.mark.parametrize("name", ["plain", "grouped"])
def test_every_chart_is_valid_and_has_data(made, draw, name):
    spec = draw(made[name]).to_dict()  # validates against the schema of Vega-Lite
    assert count_rows(spec) >= 2
    if draw not in (plot.overview, plot.heat_map):
        panels = spec.get("concat", [spec])
        assert len(panels) == (2 if name == "grouped" else 1)


def test_one_group_can_be_chosen(made):
    spec = plot.ranking(made["grouped"], "cost_per_pod", group="heavy").to_dict()
    assert "concat" not in spec


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda path: plot.ranking(path, "gpu_allocated_percnt"), "did you mean"),
        (lambda path: plot.ranking(path, group="x"), "no group"),
        (lambda path: plot.series(path, "pods_waitin"), "did you mean 'pods_waiting'"),
        (lambda path: plot.distribution(path, "wait"), "no distribution"),
        (lambda path: plot.heat_map(path, "random", seed=99), "no finished run under seed 99"),
    ],
)
def test_names_that_do_not_exist_are_told(made, draw, message):
    with pytest.raises(Error, match=message):
        draw(made["plain"])


def luminance(color):
    channels = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first, second):
    bright, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


# Machado, Oliveira and Fernandes (2009), complete deficiency, on linear RGB.
DEFICIENCIES = {
    "none": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protan": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216),
               (-0.003882, -0.048116, 1.051998)),
    "deutan": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413),
               (-0.011820, 0.042940, 0.968881)),
}  # fmt: skip


def lab_as_seen(color, matrix):
    np = pytest.importorskip("numpy")
    channels = np.array([int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    linear = np.clip(np.array(matrix) @ linear, 0, 1)
    to_xyz = np.array(
        [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    )
    xyz = to_xyz @ linear / np.array([0.9505, 1.0, 1.089])
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("palette", [theme.LIGHT, theme.DARK], ids=["light", "dark"])
def test_colours_stand_out_from_the_ground(palette):
    assert min(contrast(color, palette["ground"]) for color in palette["category"]) >= 3
    assert contrast(palette["text"], palette["ground"]) >= 7
    assert contrast(palette["muted"], palette["ground"]) >= 4.5
    assert min(contrast(palette["text"], color) for color in palette["diverging"]) >= 4.5


@pytest.mark.parametrize("palette", [theme.LIGHT, theme.DARK], ids=["light", "dark"])
@pytest.mark.parametrize("deficiency", DEFICIENCIES)
def test_the_first_colours_differ_to_the_colour_blind(palette, deficiency):
    """Later ones differ by shape and dash: eight hues are too many for any eye."""
    np = pytest.importorskip("numpy")
    seen = [lab_as_seen(color, DEFICIENCIES[deficiency]) for color in palette["category"][:6]]
    for i, first in enumerate(seen):
        for second in seen[i + 1 :]:
            assert np.linalg.norm(first - second) >= 15
