"""Figures once more: over earlier runs, without their measurement, in little."""

import numpy as np
import plotly.graph_objects as go
import pytest

from core.figures import style
from core.figures.variants import Earlier, is_empty, overlaid, small, to_keep, without_measurement

X = np.linspace(0.0, 1.0, 5)
GREY_ONLY = {style.GREY, "rgba(0,0,0,0)"}


def example(**layout):
    data = [
        style.line(X, X, name="measured", color=style.BLUE),
        style.line(X, X**2, name="theory", color=style.BLUE, role="theory"),
        style.line(X, X**3, name="limit", color=style.GREY, role="limit"),
        style.line(X, X**4, name="bound of what was measured", color=style.GREY, role="derived"),
        {"type": "scatter", "mode": "markers", "x": X, "y": X, "name": "data", **style.GIVEN},
        {"type": "bar", "x": X, "y": X, "name": "bars"},
        {"type": "heatmap", "z": np.outer(X, X), "name": "map"},
    ]
    shape, mark = style.vertical(0.5, "separated", height=0.9, role="measurement")
    line, label = style.vertical(0.7, "chosen r", height=0.9)
    notes = [
        style.end_label(1.0, 1.0, "measured", style.BLUE),
        style.end_label(1.0, 1.0, "theory", style.BLUE, role="theory"),
        {"text": "of no role"},
        mark,
        label,
    ]
    spec = {"title": "what is seen", "x_axis": {}, "y_axis": {}, "shapes": [shape, line], "annotations": notes}
    return style.figure(data, **spec, **layout)


def names(traces):
    return [trace["name"] for trace in traces]


def test_what_is_kept_of_a_run_is_what_was_measured():
    assert names(to_keep(example())) == ["measured", "bars"]


def test_where_only_theory_is_a_line_it_is_kept_too():
    points = {"type": "scatter", "mode": "markers", "x": X, "y": X, "name": "points"}
    figure = style.figure(
        [style.line(X, X, name="theory", color=style.BLUE, role="theory"), points], title="", x_axis={}, y_axis={}
    )
    assert names(to_keep(figure)) == ["points", "theory"]


def test_maps_cannot_lie_over_one_another():
    figure = style.figure([{"type": "heatmap", "z": np.eye(2), "name": "map"}], title="", x_axis={}, y_axis={})
    assert to_keep(figure) == ()
    assert overlaid(figure, [Earlier("other", ())]) is figure


def test_earlier_runs_are_grey_named_once_and_tell_themselves_apart():
    kept = to_keep(example())
    figure = overlaid(example(), [Earlier("K 2", kept), Earlier("K 4", kept)])
    go.Figure(figure.data, figure.layout)  # plotly accepts it
    own, under = figure.spec["data"][:7], figure.spec["data"][7:]
    assert names(own) == names(example().spec["data"])
    assert names(under) == ["K 2", "K 2", "K 4", "K 4"]
    assert [trace["showlegend"] for trace in under] == [True, False, True, False]
    assert {trace.get("line", trace["marker"].get("line"))["color"] for trace in under} <= GREY_ONLY
    assert under[0]["line"]["dash"] != under[2]["line"]["dash"]
    np.testing.assert_array_equal(under[0]["y"], kept[0]["y"])
    assert figure.spec["layout"]["showlegend"] is True


@pytest.mark.parametrize(("legend", "shown"), [(False, False), (True, None)])
def test_a_figure_without_a_legend_lists_only_the_earlier_runs_in_it(legend, shown):
    figure = overlaid(example(legend=legend), [Earlier("K 2", to_keep(example()))])
    assert {trace.get("showlegend") for trace in figure.spec["data"][:7]} == {shown}


def test_a_scene_can_lie_over_a_scene():
    line = {"type": "scatter3d", "mode": "lines+markers+text", "x": X, "y": X, "z": X, "name": "means"}
    line |= {"text": ["1"] * 5, "marker": {"size": 6, "color": ["red"] * 5}, "line": {"color": ["red"] * 5}}
    figure = style.figure([line], title="", x_axis={}, y_axis={})
    under = overlaid(figure, [Earlier("before", to_keep(figure))]).spec["data"][1]
    assert (under["mode"], under["line"]["color"], under["marker"]["color"]) == (
        "lines+markers",
        style.GREY,
        style.GREY,
    )
    go.Figure([under])


def test_without_measurement_theory_and_what_is_given_stay_and_nothing_is_told():
    figure = without_measurement(example(), "Norms")
    visible = {trace["name"]: trace["visible"] for trace in figure.spec["data"]}
    assert visible == {
        "measured": False,
        "theory": True,
        "limit": True,
        "bound of what was measured": False,
        "data": True,
        "bars": False,
        "map": False,
    }
    assert figure.spec["layout"]["title"]["text"] == "Norms"
    assert [note["text"] for note in figure.spec["layout"]["annotations"]] == ["theory", "chosen r"]
    assert [shape["x0"] for shape in figure.spec["layout"]["shapes"]] == [0.7]


def test_a_role_is_one_of_five():
    with pytest.raises(ValueError, match="role must be one of measurement, theory, limit, derived, given, got 'bound'"):
        style.line(X, X, name="", color=style.GREY, role="bound")


def test_small_figures_have_no_legend_and_the_height_that_is_said():
    layout = small(example(legend=True), 200).spec["layout"]
    assert (layout["height"], layout["showlegend"]) == (200, False)
    assert layout["title"]["text"] == "what is seen"
    assert layout["title"]["font"]["size"] < example().spec["layout"]["title"]["font"]["size"]


def test_a_figure_of_maps_alone_has_nothing_left_without_its_measurement():
    figure = style.figure([{"type": "heatmap", "z": np.eye(2), "name": "map"}], title="", x_axis={}, y_axis={})
    assert not is_empty(figure)
    assert is_empty(without_measurement(figure, "Map"))
    assert not is_empty(without_measurement(example(), "Norms"))
