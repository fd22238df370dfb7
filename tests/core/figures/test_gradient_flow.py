"""Figures of problem 1 show the numbers of their run, and say what they show."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from core.figures.gradient_flow import axis, margins, norms
from core.figures.gradient_flow.boundary import boundary_figure
from core.gradient_flow import FlowParams, run_flow
from core.gradient_flow.boundary import boundary
from core.gradient_flow.statements import DOMINANT_SHARE, dips
from core.notation import number, power_of_ten

RUNS = {
    "default": FlowParams(target=-100),
    "unequal": FlowParams(target=-100, norm_ratio=4.0),
    "one layer": FlowParams(dataset="gaussians", noise=0.3, bias=False, depth=1, target=-100),
    "not separable": FlowParams(dataset="xor", noise=0.3, bias=False, depth=1),
    "zero network": FlowParams(width=2, depth=6),
    "normalized": FlowParams(dynamics="normalized", dataset="xor", noise=0.3, bias=False, depth=2, target=-100),
}
SMALL = {
    "one sample carries": FlowParams(dataset="gaussians", noise=0.3, bias=False, depth=1, samples=20, data_seed=2),
    "six layers": FlowParams(depth=6, norm_ratio=0.125, target=-10),
    "stuck": FlowParams(flipped=5, depth=2, width=2, target=-10),
    "shrinking": FlowParams(dynamics="normalized", dataset="xor", noise=0.3, bias=False, depth=1, norm=0.25),
    "stopped": FlowParams(samples=10, target=-100),
}
AXES = [axis.Axis(kind, early) for kind in axis.AXES for early in (False, True)]


@pytest.fixture(scope="module", params=RUNS)
def result(request):
    return run_flow(RUNS[request.param])


@pytest.fixture(scope="module")
def default():
    return run_flow(RUNS["default"])


def all_figures(result, axis):
    return [
        norms.norm_growth_figure(result, axis),
        norms.balance_figure(result, axis),
        norms.rate_figure(result, axis),
        margins.margins_figure(result, axis, dips(result)),
        margins.share_figure(result, axis, DOMINANT_SHARE),
        margins.margin_growth_figure(result, axis),
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
    figure = norms.norm_growth_figure(default, axis.Axis())
    law = next(trace for trace in figure.data if trace.line.dash == "dash")
    expected = (law.x * np.log(10.0) / default.smoothed_margin[-1]) ** (1 / 3)
    np.testing.assert_allclose(law.y, expected, rtol=1e-5)
    assert abs(law.y[-1] / default.layer_norms[-1, 0] - 1) < 0.02  # corrections are log log t / log t


def test_no_law_without_separation():
    figure = norms.norm_growth_figure(run_flow(RUNS["not separable"]), axis.Axis())
    assert [trace.line.dash for trace in figure.data] == ["solid"]
    assert "no growth is promised" in figure.layout.title.text


def test_events_mark_separation_and_unit_loss(default):
    figure = norms.norm_growth_figure(default, axis.Axis())
    assert [shape.x0 for shape in figure.layout.shapes] == pytest.approx(
        [default.separated_at, default.loss_below_one_at]
    )
    assert default.separated_at < default.loss_below_one_at


def test_early_zoom_ends_where_the_loss_is_small(default):
    low, high = margins.margins_figure(default, axis.Axis("time", True), []).layout.xaxis.range
    assert low < default.separated_at < default.loss_below_one_at < high < 8.0


def test_margins_show_every_sample_and_the_bounds(default):
    figure = margins.margins_figure(default, axis.Axis(), dips(default))
    gaps = sum(np.isnan(trace(figure, f"class {sign}").y).sum() for sign in ("−1", "+1"))
    assert gaps == len(default.labels)  # one behind each sample
    lower, smoothed = trace(figure, "ν₁ − log n / ρ"), trace(figure, "smoothed margin γ̃")
    assert lower.line.dash == "dash"
    assert smoothed.line.dash == "solid"
    assert (lower.y <= smoothed.y + 1e-6).all()
    assert (smoothed.y <= np.interp(smoothed.x, default.log10_time, default.smallest_margin) + 1e-5).all()


def test_dips_are_marked_and_counted(default):
    times = np.array([40, 80, 120])
    figure = margins.margins_figure(default, axis.Axis(), times)
    np.testing.assert_allclose(trace(figure, "dips (3)").x, default.log10_time[times], rtol=1e-6)
    assert "dips 3 times" in figure.layout.title.text


def test_growth_of_the_weighted_mean_is_measured_against_its_brackets(default):
    figure = margins.margin_growth_figure(default, axis.Axis())
    measured, theory = trace(figure, "weighted mean"), trace(figure, "its brackets")
    assert (measured.line.dash, theory.line.dash) == ("solid", "dash")
    both = np.isfinite(measured.y) & np.isfinite(theory.y)
    assert both.mean() > 0.3
    np.testing.assert_allclose(measured.y[both], theory.y[both], rtol=0.2)
    assert np.median(np.abs(measured.y[both] / theory.y[both] - 1.0)) < 0.02


def test_what_is_computed_of_the_run_is_not_called_theory(default):
    """A quiz hides it: dashed lines with numbers of the run in them would give the answer away."""
    for figure in all_figures(default, axis.Axis()):
        roles = {one.name: one.meta for one in figure.data}
        assert set(roles.values()) <= {"measurement", "theory", "derived", "limit"}, roles
        theory = {name for name, role in roles.items() if role == "theory"}
        assert theory <= {"at the start"}, figure.layout.title.text


@pytest.mark.parametrize(("dips", "said"), [([], "does not dip"), ([40], "dips one time"), ([40, 80], "dips 2 times")])
def test_the_title_counts_dips_once_the_loss_is_below_one(default, dips, said):
    title = margins.margins_figure(default, axis.Axis(), np.array(dips, dtype=int)).layout.title.text
    assert title.startswith("Once L < 1")
    assert said in title


def test_without_a_loss_below_one_the_title_promises_nothing(default):
    never = replace(default, loss_below_one_at=float("nan"))
    assert "may fall" in margins.margins_figure(never, axis.Axis(), np.empty(0, dtype=int)).layout.title.text


def test_shrinking_norms_are_named():
    figure = norms.rate_figure(run_flow(RUNS["not separable"]), axis.Axis())
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
    assert norms.describe_norms(default).startswith("All 3 norms move from 2 to")
    assert "different rates" in norms.describe_norms(run_flow(RUNS["unequal"]))
    assert norms.describe_norms(run_flow(RUNS["one layer"])).startswith("The norm moves")
    assert "still on the wrong side" in margins.describe_margins(run_flow(RUNS["not separable"]))


# Sentences, each against numbers that are taken from the run by another way


@pytest.fixture(scope="module", params=[*RUNS, *SMALL])
def described(request):
    if request.param in RUNS:
        return run_flow(RUNS[request.param])
    stopped = request.param == "stopped"
    return run_flow(SMALL[request.param], watch=lambda progress: not stopped or progress.log10_loss > -3.0)


def at(log10_time):
    return f"t = {power_of_ten(float(log10_time))}"


def test_every_sentence_is_made_of_numbers_people_read(described):
    for sentence in (
        norms.describe_balance(described),
        norms.describe_rate(described),
        margins.describe_share(described, DOMINANT_SHARE),
        margins.describe_margin_growth(described),
        norms.describe_norms(described),
        margins.describe_margins(described),
    ):
        assert sentence.endswith(".")
        assert not any(word in sentence for word in ("nan", "inf", "None", "–", "e+", "e-", "  ")), sentence


def test_the_sentence_on_the_differences_has_the_largest_change(described):
    sentence, layers = norms.describe_balance(described), described.layer_norms
    if described.depth == 1:
        assert "no difference" in sentence
        return
    assert ("rescaled against each other" in sentence) == (described.dynamics == "plain")
    differences = layers[:, 1:] ** 2 - layers[:, :1] ** 2
    change = max(np.abs(row - differences[0]).max() for row in differences)
    largest = number(layers.max() ** 2)
    assert f"largest change is {number(change)}, next to squared norms of up to {largest}." in sentence
    assert "stays there" in sentence
    first, last = layers[0, [0, -1]]
    assert ("starts at 0 " in sentence) == (abs(last / first - 1) < 1e-3)


def test_a_drift_of_what_is_conserved_is_said_next_to_its_own_size():
    """-0.375 that becomes -2.921 is next to nothing of the squared norms, and all of the difference."""
    result = run_flow(FlowParams(norm=0.5, norm_ratio=0.5, depth=2, samples=20, width=8, target=-100))
    assert "starts at −0.375 and stays there" in norms.describe_balance(result)
    squares = result.layer_norms**2 + np.linspace(0.0, 1.0, len(result.log10_time))[:, None] * [2.5, 0.0]
    assert "starts at −0.375 and moves away" in norms.describe_balance(replace(result, layer_norms=np.sqrt(squares)))


def test_differences_that_move_are_said_to_move(default):
    grown = replace(
        default,
        layer_norms=default.layer_norms
        * np.linspace(1.0, 3.0, 3) ** np.linspace(0, 1, len(default.log10_time))[:, None],
    )
    assert "moves away: until" in norms.describe_balance(grown)


def test_the_sentence_on_the_rate_has_its_peak_its_end_and_its_sign(described):
    sentence, (sign, size) = norms.describe_rate(described), described.predicted_rates
    if not len(size):
        assert "stands still" in sentence
        return
    assert (
        f"largest size, {power_of_ten(max(size))}, at {at(described.rate_log10_time[list(size).index(max(size))])}"
        in sentence
    )
    assert f"ends at {'−' if sign[-1] < 0 else ''}{power_of_ten(size[-1])}" in sentence
    falling = described.rate_log10_time[sign < 0]
    assert ("negative" in sentence) == bool(len(falling))
    if len(falling):
        assert f"at {len(falling)} of {len(size)} steps, the last at {at(falling[-1])}." in sentence


def test_the_sentence_on_the_rate_has_the_errors_of_all_layers(default):
    signs, sizes = default.measured_rates
    assert (signs == 1).all()
    errors = [abs(10 ** (sizes[j, k] - default.predicted_rates[1, j]) - 1) for j in range(len(sizes)) for k in range(3)]
    sentence = norms.describe_rate(default)
    assert f"off it by {number(100 * max(errors))} % at most" in sentence
    assert f"half of them by no more than {number(100 * np.median(errors))} %" in sentence
    turned = replace(default, measured_rates=np.stack([-signs, sizes]))
    assert "off it by 20" in norms.describe_rate(turned)  # per cent: the rate with the other sign is off by 2


def test_the_sentence_on_the_share_says_since_when_one_sample_carries_the_loss(described):
    sentence, share = margins.describe_share(described, DOMINANT_SHARE), described.loss_shares.max(axis=1)
    last = 1 - share[-1]
    said = "p₁ = 1 of" if last <= 0 else f"p₁ = 1 − {number(last)} of" if last < 0.1 else f"p₁ = {number(share[-1])} of"
    assert sentence.startswith(f"At {at(described.log10_time[-1])} one sample carries {said} the loss")
    if last <= 0.01:
        since = described.log10_time[np.flatnonzero(share < 0.99)[-1] + 1]
        assert sentence.endswith(f"not been below the dotted 0.99 since {at(since)}.")
    else:
        assert "below the dotted 0.99" in sentence
        assert ("ever carries" in sentence) == (share.argmax() < len(share) - 1 and np.ptp(share) > 0)


def test_the_share_may_cross_its_level_and_come_back(default):
    level = float(default.smallest_share[-1]) + 1e-6
    crossed = default.log10_time[default.smallest_share >= level]
    assert f"which p₁ reached last at {at(crossed[-1])}." in margins.describe_share(default, level)
    assert "never below the dotted 0.001" in margins.describe_share(default, 0.001)


def test_the_sentence_on_what_moves_the_margin_has_own_term_and_total(described):
    sentence = margins.describe_margin_growth(described)
    own, total = described.own_growth.sum(axis=1), described.total_growth
    seen = [i for i in range(len(own)) if own[i] > 1e-9 or abs(total[i]) > 1e-9]
    if not seen:
        assert "Nothing moves ν₁" in sentence
        return
    i = seen[-1]
    assert sentence.startswith(f"At {at(described.log10_time[i])} the own term")
    assert ("too small to be drawn" in sentence) == (i < len(own) - 1)
    for value in (own[i], total[i]):
        assert (number(value) if abs(value) > 1e-9 else "below 10⁻⁹") in sentence
    falling = (total < -1e-9).sum()
    assert (f"is negative at {falling} of {len(total)} moments" if falling else "is never") in sentence
    if described.depth > 1 and own[i] > 1e-9:
        assert f"from layer {np.argmax(described.own_growth[i]) + 1} of {described.depth}" in sentence


@pytest.mark.parametrize("depth", [3, 6])
@pytest.mark.parametrize("ratio", [1.0, 2.0, 4.0])
def test_labels_at_the_ends_of_the_norms_do_not_cover_each_other(depth, ratio):
    figure = norms.norm_growth_figure(run_flow(FlowParams(depth=depth, norm_ratio=ratio, target=-10)), axis.Axis())
    low, high = figure.layout.yaxis.range
    pixels = figure.layout.height - 120
    labels = [note for note in figure.layout.annotations if "‖" in note.text]
    places = sorted(pixels * (note.y - low) / (high - low) + note.yshift for note in labels)
    assert labels
    assert all(upper - lower >= 17.9 for lower, upper in pairwise(places))
    shown = {name for note in labels for name in note.text.replace(" … ", " = ").split(" = ")}
    assert {"‖W₁‖", f"‖W{'₁₂₃₄₅₆'[depth - 1]}‖"} <= shown


def test_a_difference_that_is_small_next_to_the_norms_of_the_end_is_said_as_it_is():
    result = run_flow(FlowParams(norm=0.5, norm_ratio=0.5, depth=2, target=-10000))
    assert norms.describe_balance(result).startswith("‖W₂‖² − ‖W₁‖² starts at −0.375 and stays there")
    assert result.balance[:, 1] == pytest.approx(-0.375, abs=1e-8)
