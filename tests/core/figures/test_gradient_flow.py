"""Figures of problem 1 show the numbers of their run, and say what they show."""

import numpy as np
import pytest

from core.figures import gradient_flow as figures
from core.figures.decision_boundary import boundary_figure
from core.gradient_flow import FlowParams, run_flow
from core.gradient_flow.boundary import boundary
from core.gradient_flow.statements import DOMINANT_SHARE, dips

RUNS = {
    "default": FlowParams(target=-100),
    "unequal": FlowParams(target=-100, norm_ratio=4.0),
    "one layer": FlowParams(dataset="gaussians", noise=0.3, bias=False, depth=1, target=-100),
    "not separable": FlowParams(dataset="xor", noise=0.3, bias=False, depth=1),
    "zero network": FlowParams(width=2, depth=6),
    "normalized": FlowParams(dynamics="normalized", dataset="xor", noise=0.3, bias=False, depth=2, target=-100),
}
AXES = [figures.Axis(kind, early) for kind in figures.AXES for early in (False, True)]


@pytest.fixture(scope="module", params=RUNS)
def result(request):
    return run_flow(RUNS[request.param])


@pytest.fixture(scope="module")
def default():
    return run_flow(RUNS["default"])


def all_figures(result, axis):
    return [
        figures.norm_growth_figure(result, axis),
        figures.balance_figure(result, axis),
        figures.rate_figure(result, axis),
        figures.margins_figure(result, axis, dips(result)),
        figures.share_figure(result, axis, DOMINANT_SHARE),
        figures.margin_growth_figure(result, axis),
    ]


@pytest.mark.parametrize("axis", AXES, ids=str)
def test_every_figure_is_valid_titled_and_has_finite_ranges(result, axis):
    for figure in all_figures(result, axis):
        assert figure.layout.title.text
        assert figure.layout.xaxis.title.text
        assert figure.layout.yaxis.title.text
        assert np.isfinite(figure.layout.xaxis.range).all()
        assert figure.layout.yaxis.range is None or np.isfinite(figure.layout.yaxis.range).all()


def trace(figure, name):
    return next(trace for trace in figure.data if trace.name == name)


def test_law_is_dashed_and_approached(default):
    figure = figures.norm_growth_figure(default, figures.Axis())
    law = next(trace for trace in figure.data if trace.line.dash == "dash")
    expected = (law.x * np.log(10.0) / default.smoothed_margin[-1]) ** (1 / 3)
    np.testing.assert_allclose(law.y, expected, rtol=1e-5)
    assert abs(law.y[-1] / default.layer_norms[-1, 0] - 1) < 0.02  # corrections are log log t / log t


def test_no_law_without_separation():
    figure = figures.norm_growth_figure(run_flow(RUNS["not separable"]), figures.Axis())
    assert [trace.line.dash for trace in figure.data] == ["solid"]
    assert "no growth is promised" in figure.layout.title.text


def test_events_mark_separation_and_unit_loss(default):
    figure = figures.norm_growth_figure(default, figures.Axis())
    assert [shape.x0 for shape in figure.layout.shapes] == pytest.approx(
        [default.separated_at, default.loss_below_one_at]
    )
    assert default.separated_at < default.loss_below_one_at


def test_early_zoom_ends_where_the_loss_is_small(default):
    low, high = figures.margins_figure(default, figures.Axis("time", True), []).layout.xaxis.range
    assert low < default.separated_at < default.loss_below_one_at < high < 8.0


def test_margins_show_every_sample_and_the_bounds(default):
    figure = figures.margins_figure(default, figures.Axis(), dips(default))
    gaps = sum(np.isnan(trace(figure, f"class {sign}").y).sum() for sign in ("−1", "+1"))
    assert gaps == len(default.labels)  # one behind each sample
    lower, smoothed = trace(figure, "ν₁ − log n / ρ"), trace(figure, "smoothed margin γ̃")
    assert lower.line.dash == "dash"
    assert smoothed.line.dash == "solid"
    assert (lower.y <= smoothed.y + 1e-6).all()
    assert (smoothed.y <= np.interp(smoothed.x, default.log10_time, default.smallest_margin) + 1e-5).all()


def test_dips_are_marked_and_counted(default):
    times = np.array([40, 80, 120])
    figure = figures.margins_figure(default, figures.Axis(), times)
    np.testing.assert_allclose(trace(figure, "dips (3)").x, default.log10_time[times], rtol=1e-6)
    assert "dips 3 times" in figure.layout.title.text


def test_shrinking_norms_are_named():
    figure = figures.rate_figure(run_flow(RUNS["not separable"]), figures.Axis())
    assert "norms shrink" in [note.text for note in figure.layout.annotations]


def test_boundary_has_a_frame_for_each_snapshot_and_stays_small(default):
    figure = boundary_figure(boundary(default))
    assert 2 <= len(figure.frames) <= 24
    assert len(figure.layout.sliders[0].steps) == len(figure.frames)
    assert len(figure.to_json()) < 700_000
    level = figure.data[0]
    cells = [(np.abs(level.y - y).argmin(), np.abs(level.x - x).argmin()) for x, y in default.points[:, :2]]
    signs = np.sign([level.z[cell] for cell in cells])
    assert (signs == default.labels).mean() > 0.9  # all samples are classified; the grid is coarse


def test_line_of_the_support_vector_machine_is_dashed_and_separates():
    result = run_flow(RUNS["one layer"])
    line = trace(boundary_figure(boundary(result)), "hard-margin SVM")
    assert line.line.dash == "dash"
    along = np.array([line.x[1] - line.x[0], line.y[1] - line.y[0]])
    side = (result.points - [line.x[0], line.y[0]]) @ np.array([-along[1], along[0]])
    assert len(set(np.sign(side) * result.labels)) == 1


def test_sentences_say_what_the_charts_show(default):
    assert figures.describe_norms(default).startswith("All 3 norms move from 2 to")
    assert "different rates" in figures.describe_norms(run_flow(RUNS["unequal"]))
    assert figures.describe_norms(run_flow(RUNS["one layer"])).startswith("The norm moves")
    assert "still on the wrong side" in figures.describe_margins(run_flow(RUNS["not separable"]))
