"""Figures of problem 2 show the numbers of their results, and say what they show; at the ends of the controls too."""

import json
from dataclasses import replace
from functools import lru_cache
from math import acos, cos, exp, factorial, pi, radians, sin, sqrt

import numpy as np
import pytest
from scipy import stats

from core.figures.kernels import arc_cosine, depth, derivation, machine, polynomial, rbf, width
from core.figures.style import ROLES
from core.kernels.datasets import Samples, make_samples
from core.kernels.params import (
    AngularParams,
    DepthParams,
    MachineParams,
    PolynomialParams,
    RbfParams,
    WidthParams,
)
from core.kernels.studies import (
    study_arc_cosine,
    study_depth,
    study_derivation,
    study_machine,
    study_polynomial,
    study_rbf,
    study_width,
)
from core.notation import digits, number, power_of_ten
from tests.core.kernels import scans

STUDIES = {
    "polynomial": (polynomial, study_polynomial),
    "rbf": (rbf, study_rbf),
    "arc_cosine": (arc_cosine, study_arc_cosine),
    "derivation": (derivation, study_derivation),
    "width": (width, study_width),
    "depth": (depth, study_depth),
    "machine": (machine, study_machine),
}
ONE, LAST = radians(1), radians(179)
EXTREMES = {
    "polynomial": [
        PolynomialParams(),
        PolynomialParams(degree=1, depth=1),
        PolynomialParams(degree=8, depth=6, norm=2.0),
        PolynomialParams(degree=8, depth=6, norm=0.5),
        PolynomialParams(degree=3, depth=4, norm=1.25),
        PolynomialParams(degree=2, depth=6, norm=2.0),
    ],
    "rbf": [
        RbfParams(),
        *(
            RbfParams(gamma_squared=square, depth=layers, distance=r)
            for square in (0.1, 2.0, 8.0)
            for layers, r in ((1, 4.0), (50, 0.05))
        ),
    ],
    "arc_cosine": [AngularParams(order=n, angle=angle) for n in (0, 1, 10) for angle in (ONE, LAST)],
    "derivation": [
        AngularParams(),
        *(AngularParams(order=n, angle=angle) for n in (0, 10) for angle in (ONE, 0.5 * pi, LAST)),
    ],
    "width": [
        WidthParams(),
        *(WidthParams(order=n, angle=angle, width=10) for n in (0, 10) for angle in (ONE, LAST)),
        WidthParams(order=2, width=100_000),
        WidthParams(order=5, distribution="heavy"),
        WidthParams(order=10, angle=LAST, width=10, distribution="heavy", bias=2.0),
        WidthParams(order=10, angle=LAST, width=10, bias=2.0),
        WidthParams(order=0, distribution="signs", width=10),
    ],
    "depth": [
        DepthParams(),
        DepthParams(depth=1),
        DepthParams(order=0, angle=ONE, depth=50, width=10),
        DepthParams(order=10, angle=LAST, depth=50, width=10, norm=0.5),  # dead nets
        DepthParams(order=10, angle=ONE, depth=50, width=10, norm=2.0),
        DepthParams(order=1, angle=LAST, depth=50, width=10),
        DepthParams(order=2, depth=2, width=10_000, norm=2.0),
    ],
    "machine": [
        MachineParams(),
        MachineParams(samples=3, depth=50, degree=8, gamma_squared=0.1, order=0),
        MachineParams(dataset="gap", samples=200, depth=50, order=10, gamma_squared=8.0),
        MachineParams(order=2, degree=1, depth=50, normalized=False),
        MachineParams(order=10, degree=8, depth=50, normalized=False),  # one kernel is left
    ],
}
CASES = [(section, params) for section, settings in EXTREMES.items() for params in settings]


@lru_cache(maxsize=64)
def result_of(section, params):
    return STUDIES[section][1](params).result


def own_functions(section, ending):
    module = STUDIES[section][0]
    return {
        name: function
        for name, function in vars(module).items()
        if ending(name) and getattr(function, "__module__", "") == module.__name__
    }


def all_figures(section, result):
    """Every figure of a section, by its name."""
    functions = own_functions(section, lambda name: name.endswith("_figure"))
    if section != "machine":
        return {name: function(result) for name, function in functions.items()}
    fits = {
        f"{fit.key}, prior {prior}": machine.fit_figure(result, fit, prior=prior)
        for fit in result.fits
        for prior in (False, True)
    }
    return {**fits, "evidence": machine.evidence_figure(result)}


def all_sentences(section, result):
    functions = own_functions(section, lambda name: name.startswith("describe_"))
    if section != "machine":
        return [function(result) for function in functions.values()]
    fits = [machine.describe_fit(result, fit, prior=prior) for fit in result.fits for prior in (False, True)]
    return [machine.describe_evidence(result), *fits]


def test_every_section_has_its_figures():
    counts = {section: len(all_figures(section, result_of(section, params[0]))) for section, params in EXTREMES.items()}
    assert counts == {
        "polynomial": 3,
        "rbf": 4,
        "arc_cosine": 4,
        "derivation": 4,
        "width": 3,
        "depth": 5,
        "machine": 7,
    }


@pytest.mark.parametrize(("section", "params"), CASES, ids=str)
def test_every_figure_is_valid_titled_small_and_finite(section, params):
    for name, figure in all_figures(section, result_of(section, params)).items():
        assert len(json.dumps(figure.to_dict())) < 300_000, name  # what is sent, before plotly looks at it
        assert figure.layout.title.text, name  # from here on every value is validated
        for axis in (figure.layout.xaxis, figure.layout.yaxis):
            assert axis.title.text, name
            if axis.range is not None:
                assert np.isfinite(axis.range).all(), name
                assert axis.range[0] < axis.range[1], name
        for trace in figure.data:
            for values in (trace.x, trace.y, getattr(trace, "z", None)):
                assert values is None or not np.isinf(np.asarray(values, dtype=float)).any(), (name, trace.name)


@pytest.mark.parametrize(("section", "params"), CASES, ids=str)
def test_every_sentence_is_made_of_numbers_people_read(section, params):
    check_sentences(section, result_of(section, params))


def check_sentences(section, result):
    for sentence in all_sentences(section, result):
        assert sentence == "" or sentence.strip().endswith("."), sentence
        assert not any(word in sentence for word in ("nan", "inf ", "None", "–", "e+", "e-0", "  ")), sentence


@pytest.mark.parametrize(("section", "params"), CASES, ids=str)
def test_every_trace_says_what_it_is_computed_of(section, params):
    for name, figure in all_figures(section, result_of(section, params)).items():
        for part in figure.spec["data"]:
            assert part.get("meta") in ROLES, (name, part.get("name"))
            dashed = part.get("line", {}).get("dash", "solid") != "solid" and "lines" in part.get("mode", "")
            assert dashed <= (part["meta"] != "measurement"), (name, part["name"])


def of_controls(section, result):
    """Traces that are theory, limits or given, as they are sent."""
    return {
        (name, i): part
        for name, figure in all_figures(section, result).items()
        for i, part in enumerate(figure.to_dict()["data"])
        if part["meta"] in ("theory", "limit", "given")
    }


REDRAWN = {  # the same controls and another run
    "rbf": (RbfParams(), ("measured", "log10_complement", "orbit", "iterated")),
    "polynomial": (PolynomialParams(), ("measured",)),
    "arc_cosine": (AngularParams(), ("integrals", "differentiated")),
    "width": (WidthParams(), ("streams", "replicates", "rate_std")),
    "depth": (DepthParams(order=2, depth=5), ("nets", "net_log10_norms", "measured")),
}


@pytest.mark.parametrize("section", REDRAWN)
def test_theory_and_what_is_given_do_not_depend_on_what_is_measured(section):
    params, measured = REDRAWN[section]
    result = result_of(section, params)
    other = replace(result, **{name: 0.97 * getattr(result, name) for name in measured})
    before, after = of_controls(section, result), of_controls(section, other)
    assert before == after
    changed = [figure.to_dict()["data"] for figure in all_figures(section, result).values()]
    assert changed != [figure.to_dict()["data"] for figure in all_figures(section, other).values()]


RANDOM = dict.fromkeys(STUDIES, 10) | {"machine": 3, "width": 6}


@pytest.mark.parametrize("section", RANDOM)
def test_at_random_settings_sentences_are_readable_and_figures_whole(section):
    rng = np.random.default_rng(11)
    kind = {"arc_cosine": "angular", "derivation": "angular"}.get(section, section)
    for _ in range(RANDOM[section]):
        params = getattr(scans, f"any_{kind}")(rng)
        result = STUDIES[section][1](params).result
        check_sentences(section, result)
        for name, figure in all_figures(section, result).items():
            assert figure.spec["layout"]["title"]["text"], name
            assert {part["meta"] for part in figure.spec["data"]} <= set(ROLES), name


def traces(figure, name):
    return [trace for trace in figure.data if trace.name == name]


def trace(figure, name):
    return traces(figure, name)[0]


def like(figure, words):
    """The first trace whose name has these words."""
    return next(trace for trace in figure.data if words in trace.name)


def dash(line):
    return line.line.dash


# --- 2.1 ---


@pytest.mark.parametrize("norm", [0.8, 1.0, 1.25])
def test_polynomial_formula_is_dashed_and_features_are_points(norm):
    result = result_of("polynomial", PolynomialParams(degree=2, depth=3, norm=norm))
    figure = polynomial.inner_product_figure(result)
    for power, name in ((2, "ℓ = 1"), (4, "ℓ = 2"), (8, "ℓ = 3")):
        line, points = traces(figure, name)
        assert (dash(line), points.mode) == ("dash", "markers")
        np.testing.assert_allclose(line.y, result.inner**power, rtol=1e-5, atol=1e-7)
        np.testing.assert_allclose(points.y, result.measured_inner**power, rtol=1e-5, atol=1e-7)
    assert figure.layout.title.text == "Degree 2 becomes degree 8"


@pytest.mark.parametrize("norm", [0.5, 1.0])
def test_distance_is_that_of_two_inputs_of_this_norm(norm):
    result = result_of("polynomial", PolynomialParams(norm=norm))
    line, points = traces(polynomial.sphere_figure(result), "ℓ = 2")
    np.testing.assert_allclose(line.x, np.sqrt(2 * norm**2 - 2 * result.inner), atol=1e-6)
    assert (line.x.min(), line.x.max()) == (0.0, pytest.approx(2 * norm))
    angles = np.linspace(0, pi, len(points.x))
    np.testing.assert_allclose(points.x, 2 * norm * np.sin(angles / 2), atol=1e-6)


@pytest.mark.parametrize(("degree", "layers"), [(2, 4), (3, 3), (8, 6)])
def test_straight_lines_have_the_degree_as_slope(degree, layers):
    figure = polynomial.degree_figure(result_of("polynomial", PolynomialParams(degree=degree, depth=layers)))
    for level in range(1, layers + 1):
        line = trace(figure, f"ℓ = {level}, slope {degree**level}")
        slope = np.polyfit(line.x, line.y, 1)[0]
        assert slope == pytest.approx(degree**level, rel=1e-4)


def test_exploding_and_vanishing_norms_are_named():
    assert polynomial.describe_norm(result_of("polynomial", PolynomialParams())) == ""
    for norm, verb, value in ((2.0, "explodes", "65536"), (0.5, "vanishes", "1.5 × 10⁻⁵")):
        sentence = polynomial.describe_norm(result_of("polynomial", PolynomialParams(norm=norm)))
        assert verb in sentence
        assert value in sentence or "6.6 × 10⁴" in sentence


# --- 2.2 ---


@pytest.mark.parametrize("square", [0.5, 2.0, 4.0])
def test_rbf_curves_floors_and_features(square):
    result = result_of("rbf", RbfParams(gamma_squared=square, depth=3))
    figure = rbf.distance_figure(result)
    k = np.exp(-(result.distance**2) / square)
    floor = 0.0
    for level in (1, 2, 3):
        line, points = traces(figure, f"ℓ = {level}")
        assert (dash(line), points.mode) == ("dash", "markers")
        np.testing.assert_allclose(line.y, k, rtol=1e-5, atol=1e-7)
        np.testing.assert_allclose(points.y, k_of(points.x, square, level), rtol=1e-4, atol=1e-6)
        if level > 1:
            limit = like(figure, f"floor of ℓ = {level}")
            assert dash(limit) == "dot"
            np.testing.assert_allclose(limit.y, floor, rtol=1e-5)
        k, floor = np.exp(-2.0 * (1.0 - k) / square), np.exp(-2.0 * (1.0 - floor) / square)


def k_of(distance, square, level):
    k = np.exp(-(np.asarray(distance, dtype=float) ** 2) / square)
    for _ in range(level - 1):
        k = np.exp(-2.0 * (1.0 - k) / square)
    return k


def test_depths_cross_below_two_and_only_there():
    for square, crossings in ((1.0, 1), (2.0, 0), (4.0, 0)):
        figure = rbf.distance_figure(result_of("rbf", RbfParams(gamma_squared=square)))
        assert len(traces(figure, "all depths cross")) == crossings
    result = result_of("rbf", RbfParams(gamma_squared=1.0))
    point = trace(rbf.distance_figure(result), "all depths cross")
    for level in range(1, 6):
        curve = trace(rbf.distance_figure(result), f"ℓ = {level}")
        assert np.interp(point.x[0], curve.x, curve.y) == pytest.approx(point.y[0], abs=2e-4)


@pytest.mark.parametrize(
    ("figure", "orbit", "size"),
    [
        (rbf.cobweb_figure, lambda r: r.orbit, 50),
        (depth.cobweb_figure, lambda r: np.clip(r.correlation, 0.0, 1.0), 20),
    ],
    ids=["rbf", "depth"],
)
def test_the_cobweb_climbs_between_the_map_and_the_diagonal(figure, orbit, size):
    section = "rbf" if figure is rbf.cobweb_figure else "depth"
    result = result_of(section, RbfParams() if section == "rbf" else DepthParams())
    chart = figure(result)
    stairs, curve = like(chart, "pair"), trace(chart, "one layer")
    assert (dash(curve), dash(trace(chart, "no change"))) == ("dash", "dot")
    values = orbit(result)
    assert len(values) == size
    corners = np.column_stack([stairs.x, stairs.y])
    np.testing.assert_allclose(corners[0], [values[0], 0.0], atol=1e-6)
    np.testing.assert_allclose(corners[1:-1:2, 0], values[:-1], rtol=1e-6)  # on the map ...
    np.testing.assert_allclose(corners[1:-1:2, 1], values[1:], rtol=1e-6)
    np.testing.assert_allclose(corners[2::2, 0], corners[2::2, 1], rtol=1e-6)  # ... and on the diagonal
    on_curve = np.interp(values[:-1], curve.x, curve.y)
    np.testing.assert_allclose(values[1:], on_curve, atol=2e-3)


def test_filled_points_of_the_map_are_stable():
    def points(result, figure):
        return {t.name: (round(float(t.x[0]), 6), t.marker.symbol) for t in figure(result).data if t.mode == "markers"}

    chaos = points(result_of("rbf", RbfParams(gamma_squared=1.0)), rbf.cobweb_figure)
    assert chaos == {"stable fixed point": (0.203188, "circle"), "unstable fixed point": (1.0, "circle-open")}
    for square in (2.0, 4.0):
        order = points(result_of("rbf", RbfParams(gamma_squared=square)), rbf.cobweb_figure)
        assert order == {"stable fixed point": (1.0, "circle")}
    assert points(result_of("depth", DepthParams()), depth.cobweb_figure) == {"stable fixed point": (1.0, "circle")}
    squared = points(result_of("depth", DepthParams(order=2)), depth.cobweb_figure)
    assert squared == {"stable fixed point": (0.379957, "circle"), "unstable fixed point": (1.0, "circle-open")}


def test_small_distances_are_approached_by_their_prediction():
    result = result_of("rbf", RbfParams(gamma_squared=0.5, depth=3))
    figure = rbf.small_distance_figure(result)
    for level in (1, 2, 3):
        curve, line = trace(figure, f"ℓ = {level}"), trace(figure, f"predicted, ℓ = {level}")
        assert (dash(curve), dash(line)) == ("solid", "dash")
        near = 2.0 * curve.x + np.log10(1.0 / 0.5) + (level - 1) * np.log10(2.0 / 0.5)
        shown = np.isfinite(line.y)
        np.testing.assert_allclose(line.y[shown], near[shown], atol=1e-5)
        assert abs(curve.y[0] - line.y[0]) < 1e-5


def test_the_transition_shows_the_setting_and_the_slow_border():
    result = result_of("rbf", RbfParams(gamma_squared=4.0, depth=2))
    figure = rbf.transition_figure(result)
    fixed, after, now = (like(figure, words) for words in ("fixed point", "after 50 layers", "now"))
    assert (dash(fixed), dash(after)) == ("dash", "solid")
    assert (now.x[0], now.y[0]) == (pytest.approx(4.0), 1.0)
    assert (fixed.y[fixed.x > 2.0] == 1.0).all()
    assert (fixed.y[fixed.x < 2.0] < 1.0).all()
    gap = np.abs(after.y - fixed.y)
    assert 1.8 < fixed.x[gap.argmax()] < 2.2
    assert figure.layout.shapes[0].x0 == 2.0
    assert figure.layout.annotations[0].x == pytest.approx(np.log10(2.0))  # on a logarithmic axis


@pytest.mark.parametrize("square", [0.1, 8.0])
def test_the_setting_is_inside_the_transition_chart(square):
    figure = rbf.transition_figure(result_of("rbf", RbfParams(gamma_squared=square, depth=1, distance=4.0)))
    low, high = figure.layout.xaxis.range
    assert low - 1e-9 <= np.log10(like(figure, "now").x[0]) <= high + 1e-9


@pytest.mark.parametrize(
    ("square", "words"), [(1.99, "repels"), (2.0, "2/ℓ"), (2.01, "every pair ends at k = 1"), (1.0, "0.203")]
)
def test_the_sentence_on_the_transition_changes_at_two(square, words):
    assert words in rbf.describe_transition(result_of("rbf", RbfParams(gamma_squared=square)))


# --- 2.3 ---


@pytest.mark.parametrize("order", [0, 1, 10])
def test_angular_functions_are_dashed_and_integrals_are_points(order):
    result = result_of("arc_cosine", AngularParams(order=order, angle=ONE))
    for figure in (arc_cosine.angle_figure(result), arc_cosine.distance_figure(result)):
        assert {t.name for t in figure.data} == {f"n = {n}" for n in {0, 1, 2, 3, 5, order}}
        for row, n in enumerate(result.orders):
            line, points = traces(figure, f"n = {n}")
            assert (dash(line), points.mode) == ("dash", "markers")
            np.testing.assert_allclose(line.y, result.normalized[row], rtol=1e-5, atol=1e-30)
            expected = np.interp(points.x, line.x, line.y)
            np.testing.assert_allclose(points.y, expected, atol=2e-4)
            assert line.y[0] == pytest.approx(1.0)
    angle = trace(arc_cosine.angle_figure(result), f"n = {order}")
    distance = trace(arc_cosine.distance_figure(result), f"n = {order}")
    np.testing.assert_allclose(distance.x, 2.0 * np.sin(angle.x / 2.0), atol=1e-6)


def test_the_chosen_order_stands_out():
    result = result_of("arc_cosine", AngularParams(order=2))
    widths = {t.name: t.line.width for t in arc_cosine.angle_figure(result).data if t.mode == "lines"}
    assert max(widths, key=widths.get) == "n = 2"


def test_differentiation_goes_up_to_the_chosen_order():
    result = result_of("arc_cosine", AngularParams(order=2))
    figure = arc_cosine.differentiation_figure(result)
    assert [t.name for t in figure.data] == [name for n in "₀₁₂" for name in (f"J{n} by differentiating", f"J{n}")]
    for n, subscript in enumerate("₀₁₂"):
        derived, formula = trace(figure, f"J{subscript} by differentiating"), trace(figure, f"J{subscript}")
        assert (dash(derived), dash(formula)) == ("solid", "dash")
        np.testing.assert_allclose(derived.y[1:90], formula.y[1:90], atol=1e-5)
        np.testing.assert_allclose(10.0 ** formula.y[:90], result.values[n, :90], rtol=1e-5)


def test_what_is_lost_to_rounding_grows_with_the_order_towards_pi():
    figure = arc_cosine.cancellation_figure(result_of("arc_cosine", AngularParams(order=10)))
    ends = [trace(figure, f"n = {n}").y[-2] for n in (1, 2, 3, 5, 10)]
    assert ends == sorted(ends)
    assert ends[0] < -9
    assert ends[-1] > 0
    assert all(np.nanmax(t.y[:80]) < -12 for t in figure.data)
    assert "not two digits are left" in arc_cosine.describe_differentiation(
        result_of("arc_cosine", AngularParams(order=10))
    )
    assert "left" not in arc_cosine.describe_differentiation(result_of("arc_cosine", AngularParams(order=1)))


# --- the derivation ---


@pytest.mark.parametrize("angle", [ONE, 1.2, 0.5 * pi, LAST])
@pytest.mark.parametrize("order", [0, 1, 10])
def test_the_four_pictures_show_what_the_steps_integrate(order, angle):
    result = result_of("derivation", AngularParams(order=order, angle=angle))
    pictures = {
        derivation.wedge_figure: result.wedge.integrand,
        derivation.quadrant_figure: result.quadrant.integrand,
        derivation.polar_figure: result.polar.integrand,
    }
    for figure, integrand in pictures.items():
        density = trace(figure(result), "integrand")
        assert density.type == "heatmap"
        shown = np.asarray(density.z, dtype=float)
        np.testing.assert_allclose(shown, integrand, rtol=1e-5, atol=1e-37)  # single precision ends there
    curve = trace(derivation.psi_figure(result), "integrand")
    area = np.trapezoid(np.asarray(curve.y, dtype=float), curve.x)
    assert area == pytest.approx(result.formula, rel=2e-3)
    assert digits(result.formula, 6) in derivation.psi_figure(result).layout.title.text


def test_inputs_are_arrows_and_the_wedge_lies_between_their_normals():
    result = result_of("derivation", AngularParams(angle=1.2))
    figure = derivation.wedge_figure(result)
    arrows = {note.text: np.array([note.x, note.y]) for note in figure.layout.annotations}
    cosine = arrows["x"] @ arrows["y"] / np.linalg.norm(arrows["x"]) / np.linalg.norm(arrows["y"])
    assert np.arccos(cosine) == pytest.approx(1.2)
    edges = [np.array([edge.x[-1], edge.y[-1]]) for edge in traces(figure, "edge")]
    assert abs(edges[0] @ arrows["x"]) < 1e-6
    assert abs(edges[1] @ arrows["y"]) < 1e-6
    assert len(traces(figure, "|w| = 1, 2, 3")) == 3


# --- finite width ---


def test_streams_are_solid_and_the_law_of_layers_dashed():
    result = result_of("width", WidthParams())
    figure = width.estimate_figure(result)
    streams = traces(figure, "layers as they grow")
    assert [dash(s) for s in streams] == ["solid"] * 5
    for line, row in zip(streams, result.streams, strict=False):
        np.testing.assert_allclose(line.y, row, rtol=1e-5)
    upper, lower = traces(figure, "k ± 1.96 σ")
    assert (dash(upper), dash(trace(figure, "h → ∞, (3.3)"))) == ("dot", "dash")
    np.testing.assert_allclose(upper.y - lower.y, 2 * 1.959964 * result.std, rtol=1e-4)
    np.testing.assert_allclose(trace(figure, "h → ∞, (3.3)").y, result.kernel, rtol=1e-6)
    low, high = (np.asarray(line.y) for line in traces(figure, "95 % of all layers"))
    np.testing.assert_allclose([low, high], result.quantiles, rtol=1e-5)
    assert not traces(figure, "limit of these rows")


def test_other_rows_have_their_own_limit_drawn():
    result = result_of("width", WidthParams(distribution="signs"))
    figure = width.estimate_figure(result)
    line = trace(figure, "limit of these rows")
    assert dash(line) == "dash"
    np.testing.assert_allclose(line.y, result.limit, rtol=1e-6)
    assert figure.layout.title.text == "These rows compute another kernel"
    low, high = figure.layout.yaxis.range
    assert low < min(result.kernel, result.limit) < max(result.kernel, result.limit) < high


def test_rows_without_a_limit_are_named():
    result = result_of("width", WidthParams(order=5, distribution="heavy"))
    figure = width.estimate_figure(result)
    assert "no limit" in figure.layout.title.text
    assert not traces(figure, "limit of these rows")
    assert "∞" in width.describe_width(result)


@pytest.mark.parametrize("params", [WidthParams(), WidthParams(width=100_000), WidthParams(order=2, width=10)], ids=str)
def test_the_histogram_counts_every_layer_in_sight(params):
    result = result_of("width", params)
    figure = width.histogram_figure(result)
    bars, normal = figure.data
    low, high = figure.layout.xaxis.range
    seen = np.mean((result.replicates >= low) & (result.replicates <= high))
    assert seen > 0.98
    assert bars.name == f"{len(result.replicates)} layers"
    density, centres = np.asarray(bars.y, dtype=float), np.asarray(bars.x, dtype=float)
    assert density.sum() * bars.width == pytest.approx(seen, rel=1e-5)
    at_zero = np.abs(centres).argmin()
    inside = np.abs(result.replicates - centres[at_zero]) < 0.5 * bars.width
    assert density[at_zero] * bars.width == pytest.approx(inside.mean(), abs=2.5 / len(result.replicates))
    assert dash(normal) == "dash"
    np.testing.assert_allclose(normal.y, stats.norm.pdf(np.asarray(normal.x, dtype=float)), rtol=1e-4, atol=1e-9)


def test_the_error_is_measured_over_all_streams():
    result = result_of("width", WidthParams())
    measured, exact, points = width.error_figure(result).data
    assert (dash(measured), dash(exact), points.mode) == ("solid", "dash", "markers")
    np.testing.assert_allclose(points.y, result.rate_std / result.kernel, rtol=1e-6)
    np.testing.assert_allclose(points.y, np.interp(points.x, exact.x, exact.y), rtol=0.5)
    rms = np.sqrt(np.mean((result.streams - result.kernel) ** 2, axis=0)) / result.kernel
    np.testing.assert_allclose(measured.y, rms, rtol=1e-5)
    slope = np.polyfit(np.log(exact.x), np.log(exact.y), 1)[0]
    assert slope == pytest.approx(-0.5, abs=1e-5)


def test_heavy_tails_are_named():
    assert "heavy right tail" in width.histogram_figure(result_of("width", WidthParams(order=3))).layout.title.text
    assert width.histogram_figure(result_of("width", WidthParams(width=10_000))).layout.title.text == "Nearly normal"


# --- depth ---


@pytest.mark.parametrize("order", [0, 1, 2])
def test_nets_are_solid_and_the_recursion_is_dashed(order):
    result = result_of("depth", DepthParams(order=order))
    figure = depth.nets_figure(result)
    nets = [line for line in figure.data if "nets of width 300" in line.name]
    assert len(nets) == len(result.nets)
    assert {dash(net) for net in nets} == {"solid"}
    np.testing.assert_allclose([net.y for net in nets], result.nets, rtol=1e-5)
    limit = trace(figure, "h → ∞")
    assert dash(limit) == "dash"
    np.testing.assert_allclose(limit.y, result.correlation, rtol=1e-6)
    star = trace(figure, f"ρ* = {number(result.fixed_point)}")
    assert dash(star) == "dot"
    np.testing.assert_allclose(star.y, result.fixed_point, rtol=1e-6)


def test_one_layer_is_drawn_as_points():
    figure = depth.nets_figure(result_of("depth", DepthParams(depth=1)))
    assert all("markers" in line.mode for line in figure.data)
    assert not depth.apart_figure(result_of("depth", DepthParams(depth=1))).data


def test_dead_nets_are_counted():
    result = result_of("depth", DepthParams(order=10, angle=LAST, depth=50, width=10, norm=0.5))
    dead = int(np.isnan(result.nets[:, -1]).sum())
    assert dead > 0
    assert f"{dead} of {len(result.nets)} nets are dead" in depth.describe_depth(result)
    assert "dead" not in depth.describe_depth(result_of("depth", DepthParams()))


def test_curves_at_several_depths_start_at_one():
    result = result_of("depth", DepthParams(depth=50))
    figure = depth.curves_figure(result)
    assert [t.name for t in figure.data] == [f"ℓ = {d}" for d in (1, 2, 3, 4, 5, 6, 10, 20, 50)]
    for line, row in zip(figure.data, result.curves, strict=True):
        assert (dash(line), line.y[0]) == ("dash", 1.0)
        np.testing.assert_allclose(line.y, row, rtol=1e-5, atol=1e-7)


def test_what_is_told_apart_is_outlined_where_the_sentence_counts():
    result = result_of("depth", DepthParams(depth=50))
    heat, border = depth.apart_figure(result).data
    np.testing.assert_allclose(heat.z, result.log10_apart, rtol=1e-5)
    assert (heat.type, border.type) == ("heatmap", "contour")
    assert border.contours.start == border.contours.end == depth.TOLD_APART == -2.0
    share = np.mean(np.abs(1.0 - result.fixed_point - (1.0 - result.curves[-1])) > 0.01)
    assert f"{100 * share:.0f} % of all angles" in depth.describe_apart(result)


def test_norms_that_explode_or_vanish_are_named_and_those_kept_too():
    for params, words in (
        (DepthParams(order=2, norm=1.25), "explodes"),
        (DepthParams(order=2, norm=0.5), "vanishes"),
        (DepthParams(norm=1.25), "kept"),
    ):
        result = result_of("depth", params)
        figure = depth.norm_figure(result)
        assert words in figure.layout.title.text
        shown = np.clip(result.log10_norm, -1e30, 1e30)
        np.testing.assert_allclose(trace(figure, "h → ∞").y, shown, rtol=1e-5, atol=1e-7)
        low, high = figure.layout.yaxis.range
        assert low < result.log10_norm[0] < high


# --- the kernel machine ---


@pytest.mark.parametrize("params", EXTREMES["machine"], ids=str)
def test_posterior_mean_inside_its_band_with_the_data(params):
    result = result_of("machine", params)
    for fit in result.fits:
        figure = machine.fit_figure(result, fit, prior=False)
        mean, band, data = (trace(figure, name) for name in ("mean", "95 % band", "data"))
        np.testing.assert_allclose(mean.y, fit.mean, rtol=1e-5, atol=1e-5)
        half = len(band.y) // 2
        spread = 1.959964 * fit.std
        scale = np.abs(fit.mean).max() + spread.max()
        np.testing.assert_allclose(band.y[:half], fit.mean + spread, atol=1e-6 * scale)
        np.testing.assert_allclose(band.y[half:][::-1], fit.mean - spread, atol=1e-6 * scale)
        np.testing.assert_allclose(data.y, result.y, rtol=1e-6)
        assert dash(trace(figure, "the function")) == "dash"
        assert bool(traces(figure, "at ℓ = 1")) is (fit.depth > 1)
        assert figure.layout.title.text.startswith(f"{fit.name}, ℓ = {fit.depth}")


def test_draws_from_the_prior_replace_the_fit():
    result = result_of("machine", MachineParams())
    for fit in result.fits:
        figure = machine.fit_figure(result, fit, prior=True)
        assert [t.name for t in figure.data] == [f"draw {i + 1}" for i in range(len(fit.draws))]
        np.testing.assert_allclose([t.y for t in figure.data], fit.draws, rtol=1e-5, atol=1e-6)


def test_the_evidence_chart_marks_the_depth_that_was_chosen():
    for params in EXTREMES["machine"]:
        result = result_of("machine", params)
        figure = machine.evidence_figure(result)
        for line, fit in zip(figure.data, result.fits, strict=True):
            np.testing.assert_allclose(line.y, fit.evidence, rtol=1e-5)
            assert tuple(line.x) == fit.evidence_depths
            assert line.name == fit.name
        assert figure.layout.shapes[0].x0 == params.depth
        low, high = figure.layout.yaxis.range
        assert low < max(fit.evidence.max() for fit in result.fits) < high


def test_the_sentence_names_the_kernel_and_depth_of_most_evidence():
    result = result_of("machine", MachineParams())
    best = max(result.fits, key=lambda fit: fit.evidence.max())
    sentence = machine.describe_evidence(result)
    assert f"{best.name}, at ℓ = {best.evidence_depths[int(best.evidence.argmax())]}:" in sentence


def test_words_of_a_file_are_no_markup_on_the_axes():
    points = make_samples("sine", 12, 0.1, 0)
    named = Samples(points.x, points.y, ("<b>time</b>", "<a href='x'>a & b</a>"))
    result = study_machine(MachineParams(dataset="upload"), named).result
    layout = machine.fit_figure(result, result.fits[0], prior=False).layout
    assert layout.xaxis.title.text == "&lt;b&gt;time&lt;/b&gt;"
    assert layout.yaxis.title.text == "&lt;a href='x'&gt;a &amp; b&lt;/a&gt;"
    assert not traces(machine.fit_figure(result, result.fits[0], prior=False), "the function")


def test_data_of_one_value_have_a_range():
    result = result_of("machine", MachineParams())
    flat = replace(result, y=np.full_like(result.y, 3.0), truth=None)
    low, high = machine.fit_figure(flat, flat.fits[0], prior=False).layout.yaxis.range
    assert low < 3.0 < high


# --- sentences, each against numbers that are got by another way ---


@pytest.mark.parametrize("params", EXTREMES["polynomial"], ids=str)
def test_the_sentence_on_the_sphere_has_both_ends_and_the_half(params):
    sentence = polynomial.describe_sphere(result_of("polynomial", params))
    for layer in {1, params.depth} if params.degree > 1 else {1}:
        power = params.degree**layer
        start = power_of_ten(2 * power * np.log10(params.norm)) if params.norm != 1 else "1"
        half = params.norm * sqrt(-2 * np.expm1(-np.log(2) / power))
        several = f" at ℓ = {layer}" if params.degree > 1 and params.depth > 1 else ""
        assert f"{start}{several if params.norm != 1 else ''}" in sentence
        assert f"{number(half)}{several}" in sentence
    assert f"at distance {number(2 * params.norm)}, where y = −x" in sentence
    assert ("the same again" in sentence) == (params.degree % 2 == 0)
    top = 1.06 * min(max(1.0, params.norm ** (2 * params.degree)), 3.0)
    assert ("beyond the chart" in sentence) == (2 * params.degree**params.depth * np.log(params.norm) > np.log(top))


def test_the_sentence_on_the_sphere_has_what_the_points_are_off():
    result = result_of("polynomial", PolynomialParams(norm=1.25))
    moved = replace(result, measured=result.measured + 0.25 * 1.25**16 * (np.arange(3) == 2)[:, None])
    assert "off the dashed curves by 0.25 of k(x, x)" in polynomial.describe_sphere(moved)


@pytest.mark.parametrize("params", EXTREMES["polynomial"], ids=str)
def test_the_sentence_on_the_degrees_has_the_slopes(params):
    sentence = polynomial.describe_degree(result_of("polynomial", params))
    degree = f"{params.degree**params.depth:,}".replace(",", " ")
    if params.degree == 1 or params.depth == 1:
        assert f"has the slope {params.degree};" in sentence
        assert "⟨x, y⟩ = 1" not in sentence
        return
    assert f"has the slope {params.degree} at ℓ = 1 and {degree} at ℓ = {params.depth};" in sentence
    where = "would meet" if params.norm < 1 else "meet" if params.norm == 1 else "cross"
    assert f"The lines {where} at ⟨x, y⟩ = 1" in sentence


def test_the_sentence_on_the_degrees_measures_the_points():
    result = result_of("polynomial", PolynomialParams())
    steeper = replace(result, measured=np.sign(result.measured) * np.abs(result.measured) ** 1.5)
    assert "is off by 0.5 of it at most" in polynomial.describe_degree(steeper)


@pytest.mark.parametrize("params", EXTREMES["rbf"], ids=str)
def test_the_sentence_on_small_distances_has_the_first_values_and_how_far_they_are_predicted(params):
    sentence, square = rbf.describe_small_distance(result_of("rbf", params)), params.gamma_squared
    for layer in {1, params.depth}:
        distance, missing, reach = (
            10.0 ** np.linspace(-4, 1.5, 111),
            -np.expm1(-(10.0 ** np.linspace(-8, 3, 111)) / square),
            0,
        )
        for _ in range(layer - 1):
            missing = -np.expm1(-2.0 * missing / square)
        predicted = distance**2 / square * (2.0 / square) ** (layer - 1)
        assert f"{power_of_ten(np.log10(missing[0]))}" in sentence
        while reach < 111 and abs(np.log10(missing[reach] / predicted[reach])) < np.log10(1.01):
            reach += 1
        valid = f"up to r = {power_of_ten(np.log10(distance[reach - 1]))}" if reach else "at no r drawn"
        assert f"{valid} at ℓ = {layer}" in sentence
    assert ("multiplies small values" in sentence) == (params.depth > 1)
    assert params.depth == 1 or f"2/γ² = {number(2 / square)}." in sentence


def shown(value):
    """A kernel value; near 1 what is missing, unless that is rounding."""
    return "1" if value > 1 - 1e-12 else f"1 − {number(1 - value)}" if value > 0.99 else number(value)


@pytest.mark.parametrize("square", [0.1, 1.0, 1.99, 2.0, 2.01, 8.0])
def test_the_sentence_on_the_rbf_cobweb_has_both_ends_and_the_verdict_of_the_slope(square):
    sentence = rbf.describe_cobweb(result_of("rbf", RbfParams(gamma_squared=square, distance=0.5)))
    first = last = exp(-0.25 / square)
    for _ in range(49):
        last = exp(-2 * (1 - last) / square)
    assert f"from k = {shown(first)} at ℓ = 1 to {shown(last)} at ℓ = 50" in sentence
    verdict = {1: "above 1: nearly", 0: "exactly 1", -1: "below 1: all"}[int(np.sign(round(2 / square - 1, 6)))]
    assert verdict in sentence
    star = 0.5
    for _ in range(20_000):
        star = exp(-2 * (1 - star) / square)
    star = 1.0 if square >= 2.0 else star
    away = f"{number(abs(last - star))} from the stable" if abs(last - star) > 1e-12 else "50, the stable fixed point."
    assert away in sentence


@pytest.mark.parametrize("order", [0, 1, 10])
def test_the_sentence_on_distances_has_where_kernels_are_at_a_half(order):
    result = result_of("arc_cosine", AngularParams(order=order))
    sentence, halves = arc_cosine.describe_distance(result), {}
    for n, curve in zip(result.orders, result.normalized, strict=True):
        place = int(np.flatnonzero(curve < 0.5)[0])
        share = (curve[place - 1] - 0.5) / (curve[place - 1] - curve[place])
        chord = 2 * np.sin(result.angle / 2)
        halves[n] = chord[place - 1] + share * (chord[place] - chord[place - 1])
    assert f"order {order} falls {'linearly' if order == 0 else 'quadratically'}; it is at a half" in sentence
    assert f"at distance {number(halves[order])}, and of" in sentence
    assert (
        f"n = 0 is there last, at {number(sqrt(2))}, n = {max(halves)} first, at {number(min(halves.values()))}."
        in sentence
    )
    moved = replace(result, integrals=result.integrals + 0.1 * result.values[:, :1])
    assert "lie within 0.1 of the dashed curves" in arc_cosine.describe_distance(moved)


@pytest.mark.parametrize("order", [0, 1, 5, 10])
def test_the_sentence_on_cancellation_has_the_errors_that_are_drawn(order):
    result = result_of("arc_cosine", AngularParams(order=order))
    sentence = arc_cosine.describe_cancellation(result)
    errors = {
        n: abs(d[1:-1] / v[1:-1] - 1)
        for n, d, v in zip(result.orders, result.differentiated, result.values, strict=True)
    }
    assert f"at n = {order} is at most {number(errors[order][:90].max())} up to θ = π/2" in sentence
    assert (
        f"at worst {number(errors[order].max())}, at θ = {result.angle[1:-1][errors[order].argmax()]:.2f}" in sentence
    )
    most = max(errors, key=lambda n: errors[n].max())
    assert (f"n = {most} loses most, {number(errors[most].max())}." if most != order else "the most of") in sentence


@pytest.mark.parametrize("params", EXTREMES["derivation"], ids=str)
def test_the_sentence_under_each_picture_has_its_value_and_its_distance_from_the_formula(params):
    result = result_of("derivation", params)
    n, theta = params.order, params.angle
    sentences = [
        derivation.describe_wedge(result),
        derivation.describe_quadrant(result),
        derivation.describe_polar(result),
        derivation.describe_psi(result),
    ]
    for sentence, step in zip(sentences, result.table[n][:4], strict=True):
        assert f"is {digits(step.value)} by quadrature" in sentence
        assert f"by {number(abs(step.value / result.formula - 1))} of it." in sentence
    wedge, quadrant, polar, psi = sentences
    assert f"opens π − θ = {pi - theta:.3f} rad" in wedge
    assert ("too narrow" in wedge) == (theta > 3.0)
    assert ("stay circles" in quadrant) == (theta == 0.5 * pi)
    u = float(quadrant.split("u = ")[1].split(",")[0])
    assert u == pytest.approx(sqrt(2 * n) * cos(0.5 * theta), abs=0.6 * result.quadrant.u[1])
    ridge = [sqrt(2 * n + 1) * sin(theta) / sqrt(1 - cos(theta) * cos(angle)) for angle in (0.0, 0.5 * pi)]
    assert f"r = {number(ridge[0])} at ψ = 0 and {number(ridge[1])} at ψ = ±π/2" in polar
    start = factorial(n) * sin(theta) ** (2 * n + 1) / (1 - cos(theta)) ** (n + 1)
    end = sin(theta) if n == 0 else 0.0
    assert f"{number(start)} at ψ = 0 and {number(end)} at π/2" in psi


@pytest.mark.parametrize("params", EXTREMES["width"], ids=str)
def test_the_sentence_on_the_histogram_has_what_the_layers_are(params):
    result = result_of("width", params)
    sentence, values = width.describe_histogram(result), sorted(result.replicates)
    assert f"The lowest of {len(values)} layers of {params.width} rows is {number(values[0])} σ" in sentence
    assert f"the median {number(np.median(values))} σ and the highest {number(values[-1])} σ" in sentence
    assert f"Mean {number(np.mean(values))} σ" in sentence
    assert f"standard deviation {number(np.std(values))} σ" in sentence
    assert (f"skewness {number(result.skewness)}" in sentence) == result.exact == ("rows of (3.2)" not in sentence)
    low, high = width.histogram_figure(result).layout.xaxis.range
    outside = sum(value < low or value > high for value in values)
    assert (f"leaves {outside} of them out" if outside else "σ. Mean" if result.exact else "(3.2). Mean") in sentence


@pytest.mark.parametrize("params", EXTREMES["width"], ids=str)
def test_the_sentence_on_the_error_has_both_ends_and_the_power(params):
    result = result_of("width", params)
    sentence = width.describe_error(result)
    goal = result.limit if np.isfinite(result.limit) else result.kernel
    errors = [sqrt(np.mean((column - goal) ** 2)) / result.kernel for column in result.streams.T]
    slope = np.cov(np.log(result.widths), np.log(errors))[0, 1] / np.var(np.log(result.widths), ddof=1)
    assert (
        f"goes from {number(errors[0])} to {number(errors[-1])} kₙ, like h to the power {number(round(slope, 2))};"
        in sentence
    )
    sigma = result.std / result.kernel
    assert f"goes from {number(sigma[0])} to {number(sigma[-1])} kₙ, like h to the power −0.5." in sentence
    assert ("their own limit" in sentence) == (not result.exact and np.isfinite(result.limit))
    assert ("have no limit" in sentence) == np.isinf(result.limit)


def composed(order, angle, layers):
    """Correlation by the closed forms of J_0, J_1 and J_2."""
    forms = {
        0: lambda t: (pi - t) / pi,
        1: lambda t: (sin(t) + (pi - t) * cos(t)) / pi,
        2: lambda t: (3 * sin(t) * cos(t) + (pi - t) * (1 + 2 * cos(t) ** 2)) / (3 * pi),
    }
    for _ in range(layers):
        value = forms[order](angle)
        angle = acos(min(value, 1.0))
    return value


DEEP = [DepthParams(order=n, angle=radians(a), depth=d, width=10) for n in (0, 1, 2) for a, d in ((20, 1), (70, 12))]


@pytest.mark.parametrize("params", DEEP, ids=str)
def test_the_sentence_on_the_cobweb_of_layers_has_both_ends_and_the_verdict_of_the_slope(params):
    result = result_of("depth", params)
    sentence = depth.describe_cobweb(result)
    first, last = (composed(params.order, params.angle, layers) for layers in (1, params.depth))
    assert f"ρ = {shown(first)}" in sentence
    assert params.depth == 1 or f" to {shown(last)} at ℓ = {params.depth}" in sentence
    star = composed(params.order, 1.0, 500) if params.order != 1 else 1.0
    assert f"{number(abs(last - star))} from the stable fixed point {shown(star)}" in sentence
    assert {0: "∞, above 1", 1: "exactly 1", 2: f"{number(4 / 3)}, above 1"}[params.order] in sentence


@pytest.mark.parametrize("params", DEEP, ids=str)
def test_the_sentence_on_the_curves_has_the_first_and_the_last_depth(params):
    sentence = depth.describe_curves(result_of("depth", params))
    here, opposite = ([composed(params.order, t, layers) for layers in (1, params.depth)] for t in (params.angle, pi))
    degrees = round(np.degrees(params.angle))
    assert f"falls to {shown(here[0])} at θ = {degrees}° and to 0 at 180°" in sentence
    deep = f"that of ℓ = {params.depth} to {shown(here[1])} and {shown(opposite[1])};"
    assert (deep in sentence) == (params.depth > 1)
    assert f"ρ* = {shown(composed(params.order, 1.0, 500) if params.order != 1 else 1.0)}." in sentence


# --- sentences with a condition: what they say is so where they say it ---


@pytest.mark.parametrize("order", [0, 1, 2, 3, 5])
@pytest.mark.parametrize("layers", [2, 5, 20, 50])
def test_what_depth_leaves_looks_alike_for_relu_and_is_equally_far_apart_otherwise(order, layers):
    result = result_of("depth", DepthParams(order=order, depth=layers, width=10))
    sentence = depth.describe_apart(result)
    forgotten = result.curves[-1][np.abs(result.curves[-1] - result.fixed_point) <= 0.01]
    if "every pair drawn" in sentence:
        assert not len(forgotten)
        return
    assert ("look alike" in sentence) == (order == 1)
    assert ("equally far apart" in sentence) == (order != 1)
    assert np.ptp(forgotten) <= 0.02  # the others: all alike, or all at one distance
    assert (forgotten.min() > 0.98) == (order == 1)
    kept = result.curves[-1][np.abs(result.curves[-1] - result.fixed_point) > 0.01]
    if "θ = 0 alone" in sentence:
        assert kept == [1.0]
    elif " % of all angles" in sentence:
        assert f" {100 * len(kept) / len(result.angle):.0f} % of all angles" in sentence


@pytest.mark.parametrize("degree", [1, 2, 3, 8])
@pytest.mark.parametrize("layers", [1, 3])
def test_narrower_is_said_of_both_ends_where_the_kernel_comes_back(degree, layers):
    result = result_of("polynomial", PolynomialParams(degree=degree, depth=layers))
    title = polynomial.sphere_figure(result).layout.title.text
    ends = result.sign[-1, [0, -1]] * np.exp(result.log_magnitude[-1, [0, -1]])
    assert ("narrower" in title) == (degree > 1 and layers > 1)
    assert "decay" not in title
    if "narrower" in title:
        assert title.endswith("±x") == (ends[0] == pytest.approx(1.0)) == (degree % 2 == 0)


@pytest.mark.parametrize("norm", [0.5, 0.8, 1.25, 2.0])
@pytest.mark.parametrize(("degree", "layers"), [(2, 1), (2, 2), (3, 3), (8, 6)])
def test_a_norm_explodes_or_vanishes_only_where_it_changes_by_decades(norm, degree, layers):
    sentence = polynomial.describe_norm(
        result_of("polynomial", PolynomialParams(degree=degree, depth=layers, norm=norm))
    )
    last = 2 * degree**layers * np.log10(norm)
    assert ("explodes" in sentence) == (layers > 1 and last > 3)
    assert ("vanishes" in sentence) == (layers > 1 and last < -3)
    assert ("grows" in sentence) == (layers > 1 and 0 < last <= 3)
    assert power_of_ten(last) in sentence


@pytest.mark.parametrize("angle", [0.3, 0.5 * pi, 2.5])
def test_circles_stay_circles_at_a_right_angle_and_the_arctangent_is_as_printed_beyond(angle):
    result = result_of("derivation", AngularParams(angle=angle))
    assert ("as they are" in derivation.describe_derivation(result)) == (angle == 0.5 * pi)
    sentence = derivation.describe_arctangent(result)
    assert digits(pi - angle, 8) in sentence
    assert ("is the same here" in sentence) == (angle >= 0.5 * pi)
    if angle < 0.5 * pi:
        assert f"would give {number(-angle)}." in sentence


@pytest.mark.parametrize(("order", "angle"), [(0, 0.4), (1, 1.2), (2, 0.5 * pi), (4, 2.0)])
def test_the_recurrence_is_shown_in_numbers(order, angle):
    sentence = derivation.describe_recurrence(result_of("derivation", AngularParams(order=order, angle=angle)))
    values = {
        0: lambda t: pi - t,
        1: lambda t: sin(t) + (pi - t) * cos(t),
        2: lambda t: 3 * sin(t) * cos(t) + (pi - t) * (1 + 2 * cos(t) ** 2),
    }
    if order < 3:
        assert f" = {digits(values[order](angle), 8)} and" in sentence
    if order < 2:
        above = digits(values[order + 1](angle), 8)
        assert sentence.count(above) == (2 if order == 0 else 3)


def test_one_layer_goes_nowhere():
    assert "is 0.508 after one layer" in depth.describe_depth(
        result_of("depth", DepthParams(depth=1, angle=radians(70)))
    )


def test_single_nets_are_shown_as_what_they_are():
    result = result_of("depth", DepthParams(order=2, depth=6, norm=1.25, angle=radians(70)))
    sentence = depth.describe_norms(result)
    ends = result.net_log10_norms[:, -1]
    assert ends.max() - ends.min() > 5.0  # decades
    assert f"end between {power_of_ten(ends.min())} and {power_of_ten(ends.max())}" in sentence
    assert power_of_ten(float(result.log10_norm[-1])) in sentence


def test_a_depth_out_of_range_does_not_hide_the_best():
    result = result_of("machine", MachineParams(order=2, depth=1, normalized=False))
    assert any(np.isnan(fit.evidence).any() for fit in result.fits)
    best = max(np.nanmax(fit.evidence) for fit in result.fits)
    assert f"log p(y) = {number(best)}." in machine.describe_evidence(result)


def test_depths_of_one_kernel_are_equally_probable():
    result = result_of("machine", MachineParams(degree=1, dataset="kink", samples=40))
    flat = replace(result, fits=tuple(fit for fit in result.fits if fit.key == "polynomial"))
    assert "at ℓ = 1 to 6 alike" in machine.describe_evidence(flat)


def test_higher_orders_are_narrower_from_one_on():
    rows = [result_of("arc_cosine", AngularParams(order=n)).normalized for n in (4, 6, 10)]
    every = dict(zip((0, 1, 2, 3, 4, 5), rows[0], strict=True)) | {6: rows[1][-1], 10: rows[2][-1]}
    for low, high in zip((1, 2, 3, 4, 5, 6), (2, 3, 4, 5, 6, 10), strict=True):
        assert (every[high][1:-1] < every[low][1:-1]).all()
    assert (every[0][-60:-1] > every[1][-60:-1]).all()
