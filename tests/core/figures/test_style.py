"""Colours that everybody can see, and figures that plotly accepts."""

import itertools

import numpy as np
import plotly.graph_objects as go
import pytest
from scipy.optimize import isotonic_regression

from core.figures import style

BACKGROUNDS = ("#FDFCF9", "#14171C")  # of the two themes
# Linear RGB under protanopia and deuteranopia, Viénot, Brettel & Mollon 1999
BLIND = {
    "protanopia": [[0.11238, 0.88762, 0.0], [0.11238, 0.88762, 0.0], [0.00401, -0.00401, 1.0]],
    "deuteranopia": [[0.29275, 0.70725, 0.0], [0.29275, 0.70725, 0.0], [-0.02234, 0.02234, 1.0]],
}


def linear(color):
    values = np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def contrast(first, second):
    """WCAG 2.2 contrast ratio."""
    light, dark = sorted((linear(color) @ [0.2126, 0.7152, 0.0722] for color in (first, second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("background", BACKGROUNDS)
@pytest.mark.parametrize("color", [*style.PALETTE, style.NEGATIVE, style.GREY])
def test_lines_stand_out_from_both_themes(color, background):
    assert contrast(color, background) >= 3.0  # WCAG 1.4.11, graphical objects


def cielab(rgb):
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    x, y, z = np.cbrt(to_xyz @ np.clip(rgb, 0, 1) / [0.9505, 1.0, 1.089])  # no colour here is near black
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("kind", BLIND)
def test_layers_differ_also_for_the_colour_blind(kind):
    seen = [cielab(np.array(BLIND[kind]) @ linear(color)) for color in style.LAYERS]
    assert min(np.linalg.norm(a - b) for a, b in itertools.combinations(seen, 2)) > 20


def test_figure_equals_its_dictionary():
    trace = style.line(np.arange(3.0), np.ones(3), name="a", color=style.BLUE)
    figure = style.figure([trace], title="t", x_axis={"title": {"text": "x"}}, y_axis={})
    drawn = figure.to_dict()
    assert figure.layout.title.text == drawn["layout"]["title"]["text"] == "t"
    assert isinstance(figure, go.Figure)
    np.testing.assert_array_equal(figure.data[0].x, [0, 1, 2])
    seen = figure.to_dict()["data"][0]  # now made by plotly itself
    assert seen["x"] == drawn["data"][0]["x"]
    assert seen["line"] == drawn["data"][0]["line"]


def test_figure_validates_when_looked_at():
    figure = style.figure([{"type": "scatter", "no_such_property": 1}], title="", x_axis={}, y_axis={})
    with pytest.raises(ValueError, match="no_such_property"):
        _ = figure.data


def test_roles_set_the_dash():
    dashes = {role: style.line([0], [0], name="", color=style.BLUE, role=role)["line"]["dash"] for role in ROLES}
    assert dashes == ROLES


ROLES = {"theory": "dash", "measurement": "solid", "limit": "dot"}


@pytest.mark.parametrize("count", [1, 2, 5, 12])
@pytest.mark.parametrize("gap", [0.0, 0.3, 2.0])
def test_places_kept_apart_are_the_nearest_that_keep_the_gap(count, gap):
    for seed in range(20):
        wanted = np.sort(np.random.default_rng(seed).uniform(0.0, 3.0, count))
        steps = gap * np.arange(count)
        expected = isotonic_regression(wanted - steps).x + steps
        assert style.apart(wanted, gap) == pytest.approx(expected, abs=1e-12)
