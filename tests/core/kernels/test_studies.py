"""Numbers of the sections against plain formulas; claims hold where theory applies, and fail where it is falsified."""

from collections import Counter
from dataclasses import fields, is_dataclass, replace
from math import exp, log, pi, radians

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from core.claims import Verdict
from core.figures.kernels import polynomial as figures
from core.kernels.datasets import Samples, make_samples
from core.kernels.embedding import embedding_for
from core.kernels.params import (
    AngularParams,
    DepthParams,
    MachineParams,
    PolynomialParams,
    RbfParams,
    WidthParams,
)
from core.kernels.studies import depth, machine, polynomial, study_derivation, study_machine, width
from core.notation import number
from tests.core.kernels.references import correlations
from tests.core.kernels.scans import NORMS, SABOTAGES, SCANS, STUDIES, study


def claim(params, words):
    """The claim whose name has these words; every section's claims have different names."""
    return next(c for c in study(params).claims if words in c.name)


# --- settings at random: everything that the page's controls allow ---

COUNTS = {"polynomial": 40, "rbf": 30, "arc_cosine": 60, "derivation": 20, "width": 20, "depth": 40, "machine": 12}


@pytest.mark.parametrize("section", SCANS)
def test_no_claim_is_violated_at_any_setting(section):
    rng = np.random.default_rng(17)
    verdicts, violated = Counter(), []
    for _ in range(COUNTS[section]):
        params, claims = SCANS[section](rng)
        for statement in claims:
            verdicts[statement.name.split(":")[0].split("=")[0], statement.verdict] += 1
            if statement.verdict is Verdict.VIOLATED:
                violated.append((statement.name, statement.measured, number(statement.residual), params))
            assert statement.residual >= 0.0 or np.isnan(statement.residual), (statement.name, params)
            assert "nan" not in statement.predicted + statement.measured.replace("nan ±", ""), (statement, params)
    assert not violated
    for name in {name for name, _ in verdicts}:  # every statement was put to the test
        assert verdicts[name, Verdict.HOLDS] > 0, name


@pytest.mark.parametrize("name", SABOTAGES)
def test_a_falsified_run_is_noticed(name):
    true, falsified = SABOTAGES[name]()
    assert true.verdict is Verdict.HOLDS, true
    assert falsified.verdict is Verdict.VIOLATED, falsified


def test_every_statement_has_its_sabotage():
    names = {true.name.split(":")[0] for true, _ in (both() for both in SABOTAGES.values())}
    for params in (*PLAIN, AngularParams(order=0), RbfParams(gamma_squared=2.0), RbfParams(gamma_squared=4.0)):
        assert {statement.name.split(":")[0] for statement in study(params).claims} <= names
    assert {statement.name for statement in study_derivation(AngularParams()).claims} <= names


HARD = [
    WidthParams(order=7, angle=radians(160), width=3000, seed=1),  # one layer in thousands carries the mean
    DepthParams(order=2, angle=radians(44), depth=34, width=3000, seed=10),  # few nets, whose spread says little
    DepthParams(order=2, angle=radians(70), depth=34, width=3000, seed=4),
    DepthParams(order=1, angle=radians(70), depth=50, width=10_000, seed=5),
    DepthParams(order=1, angle=radians(70), depth=50, width=100, seed=2),
    DepthParams(order=0, angle=radians(1), depth=34, width=100, seed=3),  # often no step lies between the inputs
    DepthParams(order=0, angle=radians(1), depth=4, width=100, seed=9),
    DepthParams(order=0, angle=radians(70), depth=50, width=1000, seed=45),  # fifty layers: one of them may be off
    DepthParams(order=1, angle=radians(20), depth=4, width=300, seed=9),
    MachineParams(dataset="gap", samples=20, depth=5, degree=7, noise=0.001, normalized=False),  # condition 1e20
    MachineParams(dataset="gap", samples=80, depth=50, degree=8, order=0, noise=0.001),
    MachineParams(dataset="step", samples=80, depth=10, degree=5, order=8, noise=0.001, normalized=False),
    MachineParams(samples=3, order=1, noise=0.1),  # a wide layer: as few samples as may be
    MachineParams(dataset="gap", samples=3, data_noise=0.7, data_seed=19, order=1, noise=0.001),
    MachineParams(samples=3, data_noise=0.25, data_seed=8, order=1, noise=0.001, normalized=False),
    MachineParams(dataset="gap", samples=200, order=0, noise=0.001),  # and more than the narrow layer has rows
    MachineParams(dataset="chirp", samples=80, order=1, noise=1.0, normalized=False),
]


@pytest.mark.parametrize("params", HARD, ids=str)
def test_no_claim_is_violated_where_tails_rounding_or_chance_are_worst(params):
    assert [(c.name, c.measured) for c in study(params).claims if c.verdict is Verdict.VIOLATED] == []


PLAIN = [kind() for kind in STUDIES if kind is not DepthParams] + [DepthParams(width=1000)]


@pytest.mark.parametrize("params", PLAIN, ids=lambda params: type(params).__name__)
def test_plain_settings_hold_and_two_runs_are_bit_for_bit_the_same(params):
    first, second = study(params), STUDIES[type(params)](params)
    assert [c.verdict for c in first.claims] == [Verdict.HOLDS] * len(first.claims)
    assert first.claims == second.claims
    assert_same(first.result, second.result)


def assert_same(first, second):
    if is_dataclass(first):
        for field in fields(first):
            assert_same(getattr(first, field.name), getattr(second, field.name))
    elif isinstance(first, tuple) and first and is_dataclass(first[0]):
        for one, other in zip(first, second, strict=True):
            assert_same(one, other)
    else:
        np.testing.assert_array_equal(first, second)


# --- an assumption switched off changes the verdict, and only of the claims that need it ---

HOLDS, OFF = Verdict.HOLDS, Verdict.DOES_NOT_APPLY
SWITCHES = [
    (PolynomialParams(norm=0.8), {"Composition": HOLDS, "On the sphere": OFF, "k(x, x)": HOLDS}),
    (PolynomialParams(norm=1.25), {"Composition": HOLDS, "On the sphere": OFF, "k(x, x)": HOLDS}),
    (PolynomialParams(depth=1), {"Composition": HOLDS, "On the sphere": OFF, "k(x, x)": HOLDS}),
    (PolynomialParams(degree=1), {"Composition": HOLDS, "On the sphere": OFF, "k(x, x)": HOLDS}),
    (RbfParams(gamma_squared=1.99), {"γ² < 2: chaos": HOLDS, "All depths cross": HOLDS, "Large": HOLDS}),
    (RbfParams(gamma_squared=2.0), {"γ² = 2: marginal": HOLDS, "All depths cross": OFF, "Small": HOLDS}),
    (RbfParams(gamma_squared=2.01), {"γ² > 2: order": HOLDS, "All depths cross": OFF, "Small": HOLDS}),
    (RbfParams(depth=1), {"γ² < 2: chaos": HOLDS, "All depths cross": OFF, "Large": HOLDS}),
    (RbfParams(distance=0.0), {"γ² < 2: chaos": OFF, "All depths cross": HOLDS, "Small": HOLDS}),
    (AngularParams(order=5, angle=radians(150)), {"Jₙ from J₀": HOLDS, "The integral": HOLDS}),
    (AngularParams(order=5, angle=radians(177)), {"Jₙ from J₀": OFF, "The integral": HOLDS, "Nearly opposite": HOLDS}),
    (WidthParams(distribution="signs"), {"On average": OFF, "Standard": OFF, "The error falls": HOLDS, "95 %": OFF}),
    (WidthParams(distribution="uniform"), {"On average": OFF, "Standard": OFF, "The error falls": HOLDS, "95 %": OFF}),
    (WidthParams(distribution="heavy"), {"On average": OFF, "The error falls": OFF, "95 %": OFF}),
    (WidthParams(bias=0.25), {"On average": OFF, "Standard": OFF, "The error falls": HOLDS, "95 %": OFF}),
    (WidthParams(order=3, width=100), {"On average": OFF, "Standard": OFF, "The error falls": OFF, "95 %": OFF}),
    (WidthParams(order=0, width=10), {"On average": HOLDS, "Standard": HOLDS, "The error falls": HOLDS, "95 %": OFF}),
    (DepthParams(width=1000), {"Norm recursion": HOLDS, "Finite nets": HOLDS, "n = 1: all": HOLDS}),
    (DepthParams(order=2, width=1000), {"Norm": HOLDS, "Finite nets": HOLDS, "pulled apart": HOLDS, "What": HOLDS}),
    (DepthParams(order=3, width=1000), {"Norm recursion": HOLDS, "Finite nets": OFF, "pulled apart": HOLDS}),
    (DepthParams(order=0), {"Norm recursion": HOLDS, "Finite nets": HOLDS, "n = 0: different": HOLDS}),
    (DepthParams(order=0, angle=radians(1), width=100), {"Finite nets": OFF, "n = 0: different": HOLDS}),
    (DepthParams(order=0, norm=2.0), {"Norm recursion": HOLDS, "Finite nets": HOLDS}),
    (DepthParams(norm=1.25, width=1000), {"Norm recursion": HOLDS, "Finite nets": HOLDS, "n = 1: all": HOLDS}),
    (DepthParams(width=30), {"Norm recursion": HOLDS, "Finite nets": OFF, "n = 1: all": HOLDS}),
    (DepthParams(order=5, depth=3), {"Norm recursion": OFF, "Finite nets": OFF}),
    (MachineParams(), {"a wide layer": HOLDS, "The kernel trick": HOLDS, "narrows the band": HOLDS}),
    (MachineParams(order=2), {"a wide layer": OFF, "The kernel trick": HOLDS, "narrows the band": HOLDS}),
    (MachineParams(samples=200), {"a wide layer": OFF, "The kernel trick": HOLDS, "narrows the band": HOLDS}),
    (MachineParams(degree=8, depth=2, noise=0.001, normalized=False), {"The kernel trick": OFF}),
]


@pytest.mark.parametrize(("params", "verdicts"), SWITCHES, ids=lambda value: str(value) if is_dataclass(value) else "")
def test_an_assumption_has_its_switch(params, verdicts):
    for name, verdict in verdicts.items():
        statement = claim(params, name)
        assert statement.verdict is verdict, statement
        assert all(a.met for a in statement.assumptions) is (verdict is HOLDS), statement


def test_where_differentiating_is_said_not_to_apply_it_does_fail():
    """The switch is no excuse: at n = 5 and 178 degrees double precision has no digit left."""
    statement = claim(AngularParams(order=5, angle=radians(178)), "Jₙ from J₀")
    assert statement.residual > 1.0


def test_signs_and_a_bias_do_compute_another_kernel():
    for params in (WidthParams(distribution="signs"), WidthParams(bias=1.0)):
        statement = claim(params, "On average")
        assert statement.residual > 4 * statement.tolerance


# --- what a verdict is made of ---


@pytest.mark.parametrize("norm", NORMS)
def test_the_degree_is_held_against_features_at_any_norm(norm):
    result = study(PolynomialParams(degree=3, depth=2, norm=norm)).result
    assert polynomial._formula(result).verdict is Verdict.HOLDS
    wrong = replace(result, measured=result.measured * (1.0 + 1e-6))
    assert polynomial._formula(wrong).verdict is Verdict.VIOLATED


@pytest.mark.parametrize(("norm", "halves"), [(1.0, (0.765, 0.564, 0.407)), (1.25, (0.957, 0.705, 0.509)), (0.8, ())])
def test_the_card_on_narrowing_measures_what_is_on_screen(norm, halves):
    """Off the sphere half of k(x, x) lies at |x| times the distance, and the theorem fails; so it does at d = 1."""
    params = PolynomialParams(norm=norm)
    statement, screen = claim(params, "On the sphere"), figures.describe_sphere(study(params).result)
    measured = [float(text) for text in statement.measured.split(": ")[1].split(", ")]
    exact = [norm * np.sqrt(2.0 - 2.0 * 0.5 ** (1 / 2**layer)) for layer in (1, 2, 3)]
    np.testing.assert_allclose(measured, halves or exact, rtol=2e-3)
    assert f"at distance {number(exact[0])} at ℓ = 1 and {number(exact[-1])} at ℓ = 3" in screen
    assert statement.is_so is (norm == 1.0)
    if norm != 1.0:
        assert statement.residual == pytest.approx(abs(norm - 1.0), abs=2e-3)


def test_degree_one_narrows_nothing_and_one_layer_says_nothing():
    assert not claim(PolynomialParams(degree=1), "On the sphere").is_so
    assert np.isnan(claim(PolynomialParams(depth=1), "On the sphere").residual)


@pytest.mark.parametrize("gamma_squared", [2.0, 2.01, 4.0])
def test_no_depths_cross_where_depth_makes_inputs_alike(gamma_squared):
    statement = claim(RbfParams(gamma_squared=gamma_squared), "All depths cross")
    assert statement.verdict is Verdict.DOES_NOT_APPLY
    assert not statement.is_so
    assert "no deeper kernel meets" in statement.measured


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(("samples", "degree"), [(40, 1), (80, 1), (80, 2), (200, 1)])
def test_a_regression_that_cannot_follow_its_data_is_held_to_its_own_rounding(samples, degree, seed):
    """A kink has nothing for a straight line: weights of 1/noise^2, and a curve of nearly 0."""
    params = MachineParams(
        dataset="kink", degree=degree, samples=samples, noise=0.001, data_noise=0.0, data_seed=seed, normalized=False
    )
    data = make_samples("kink", samples, 0.0, seed)
    statement = machine._primal(params, data, embedding_for(data.x, margin=0.15, normalized=False))
    assert statement.verdict is Verdict.HOLDS, statement
    assert statement.tolerance < 1e-5


@pytest.mark.parametrize("order", [0, 1, 2, 3])
def test_the_norm_recursion_is_held_layer_by_layer_at_any_norm(order):
    """Twelve nets at n = 2 end decades from the recursion; each of their layers is right on average."""
    statement = claim(DepthParams(order=order, depth=6, norm=1.25, width=1000), "Norm recursion")
    assert statement.verdict is Verdict.HOLDS, statement
    result = study(DepthParams(order=order, depth=6, norm=1.25, width=1000)).result
    ratios, squares = depth.norm_ratios(result), 1.25**2
    below = np.column_stack([np.full(len(result.nets), np.log10(squares)), result.net_log10_norms[:, :-1]])
    expected = 10.0 ** (result.net_log10_norms - order * below) / {0: 1, 1: 1, 2: 3, 3: 15}[order]
    np.testing.assert_allclose(ratios, expected.ravel(), rtol=1e-6)
    draws = np.random.default_rng(0).standard_normal(400_000)
    share = np.where(draws > 0, 2.0 * draws ** (2 * order), 0.0) / {0: 1, 1: 1, 2: 3, 3: 15}[order]
    assert depth._ratio_moments(order)[0] == pytest.approx(share.std(), rel=0.15)


def test_the_exponent_of_the_error_is_that_of_the_layers():
    result = study(WidthParams(width=100)).result
    exponent, error = width.error_exponent(result)
    slope = np.polyfit(np.log(result.rate_widths), np.log(result.rate_std), 1)[0]
    assert abs(exponent - slope) < 4.0 * error
    assert 0.005 < error < 0.03
    tilted = replace(result, rate_std=result.rate_std * result.rate_widths**0.1)
    assert width.error_exponent(tilted)[0] == pytest.approx(exponent + 0.1)


@pytest.mark.parametrize("distribution", ["uniform", "signs"])
def test_other_rows_with_a_variance_have_errors_like_the_root_of_h_too(distribution):
    statement = claim(WidthParams(distribution=distribution, angle=radians(70)), "The error falls")
    assert statement.verdict is Verdict.HOLDS, statement


# --- the numbers themselves, against plain formulas ---


def test_polynomial_features_have_the_power_as_their_kernel():
    result = study(PolynomialParams(degree=2, depth=4)).result
    for row, power in zip(result.measured, (2, 4, 8, 16), strict=True):
        np.testing.assert_allclose(row, result.measured_inner**power, atol=1e-12)
    values = result.sign * np.exp(result.log_magnitude)
    np.testing.assert_allclose(values, [result.inner**power for power in (2, 4, 8, 16)], rtol=1e-12)
    assert result.dimensions == (3, 6, 21, 231)


def test_features_too_many_are_left_out_and_said():
    params = PolynomialParams(degree=8, depth=6)
    result = study(params).result
    assert np.isfinite(result.measured).all(axis=1).tolist() == [True, True, False, False, False, False]
    assert "At ℓ = 3 there would be" in claim(params, "Composition").why


def test_rbf_curves_are_the_iterated_map():
    result = study(RbfParams(gamma_squared=1.5, depth=7)).result
    k = np.exp(-(result.distance**2) / 1.5)
    for layer in range(1, 8):
        if layer in result.depths:
            row = result.depths.index(layer)
            np.testing.assert_allclose(result.values[row], k, rtol=1e-12)
        k = np.exp(-2.0 * (1.0 - k) / 1.5)
    np.testing.assert_allclose(result.orbit[:3], orbit_of(exp(-1.0 / 1.5), 1.5, 3), rtol=1e-12)
    assert result.fixed_point == pytest.approx(orbit_of(0.5, 1.5, 3000)[-1], abs=1e-12)
    assert result.floors[:2].tolist() == [0.0, pytest.approx(exp(-2.0 / 1.5))]
    assert result.slope == pytest.approx(2.0 / 1.5)
    np.testing.assert_allclose(
        result.measured[-1], np.interp(result.measured_distance, result.distance, result.values[-1]), atol=2e-3
    )


def orbit_of(k, gamma_squared, count):
    orbit = [k]
    while len(orbit) < count:
        orbit.append(exp(-2.0 * (1.0 - orbit[-1]) / gamma_squared))
    return orbit


@pytest.mark.parametrize("order", [0, 1, 4, 10])
def test_the_chosen_order_is_drawn_among_the_usual_ones(order):
    result = study(AngularParams(order=order)).result
    assert set(result.orders) == {0, 1, 2, 3, 5, order}
    row = result.orders.index(order)
    exact = [float(correlations(float(angle), order)[order]) for angle in result.angle[1:-1:20]]
    np.testing.assert_allclose(result.normalized[row, 1:-1:20], exact, rtol=1e-12)
    every = round((len(result.angle) - 1) / (len(result.integral_angle) - 1))
    np.testing.assert_allclose(result.integrals[row], result.values[row, ::every], rtol=1e-12, atol=1e-300)
    inner = result.angle < pi / 2
    np.testing.assert_allclose(result.differentiated[row, inner][1:], result.values[row, inner][1:], rtol=1e-12)


def test_the_derivation_has_the_chosen_order_in_its_table():
    result = study_derivation(AngularParams(order=8, angle=2.0)).result
    assert list(result.table) == [0, 1, 2, 3, 4, 5, 8]
    assert result.table[8][0].value == pytest.approx(result.formula, rel=1e-12)
    assert len(result.differentiated) == 9
    np.testing.assert_allclose(result.differentiated[list(result.exact)], list(result.exact.values()), rtol=1e-9)


def test_the_streams_of_a_layer_are_unbiased_and_spread_as_computed():
    result = study(WidthParams(order=1, angle=radians(70), width=10_000)).result
    kernel = (np.sin(result.angle) + (pi - result.angle) * np.cos(result.angle)) / pi
    assert result.kernel == pytest.approx(kernel, rel=1e-13)
    assert result.limit == pytest.approx(kernel, rel=1e-13)
    late = result.widths > 1000
    scores = (result.streams[:, late] - kernel) / result.std[late]
    assert np.abs(scores).max() < 5.0
    assert 0.3 < scores.std() < 2.0
    np.testing.assert_allclose(result.std * np.sqrt(result.widths), result.width_std * 100.0, rtol=1e-12)
    low, high = result.quantiles
    assert (low < kernel).all()
    assert (kernel < high).all()
    assert abs((high[-1] - kernel) / (1.96 * result.std[-1]) - 1.0) < 0.05


def test_wider_layers_extend_the_streams_and_do_not_change_them():
    short, long = (study(WidthParams(width=h)).result for h in (1000, 30_000))
    assert short.widths[-1] == 10_000
    assert long.widths[-1] == 30_000
    assert short.widths[0] == long.widths[0]
    np.testing.assert_array_equal(short.streams[:, 0], long.streams[:, 0])


def test_infinite_moments_have_no_limit():
    result = study(WidthParams(order=5, distribution="heavy")).result
    assert np.isinf(result.limit)
    assert np.isfinite(result.streams).all()
    assert np.isfinite(result.kernel)


@pytest.mark.parametrize("order", [0, 1, 2, 5])
def test_the_recursion_of_depth_is_the_map_applied_again(order):
    result = study(DepthParams(order=order, angle=radians(40), depth=10)).result
    rho = float(correlations(radians(40), order)[order])
    for layer in range(10):
        assert result.correlation[layer] == pytest.approx(rho, abs=1e-12)
        rho = float(correlations(float(np.arccos(rho)), order)[order])
    np.testing.assert_allclose(result.complement, 1.0 - result.correlation, atol=1e-15)
    assert result.fixed_point == pytest.approx(float(correlations(float(np.arccos(result.fixed_point)), order)[order]))


def test_norms_are_raised_to_a_power():
    result = study(DepthParams(order=2, depth=4, norm=1.25)).result
    square, expected = 1.25**2, []
    for _ in range(4):
        square = 3.0 * square**2
        expected.append(np.log10(square))
    np.testing.assert_allclose(result.log10_norm, expected, rtol=1e-12)
    assert np.abs(result.net_log10_norms[:, 0] - expected[0]).max() < 0.3  # of a width of 300


def test_the_neurons_of_all_nets_are_bounded():
    result = study(DepthParams(width=10_000, depth=50)).result
    assert len(result.nets) == depth.FEWEST_NETS
    assert len(study(DepthParams(depth=1)).result.nets) == depth.MOST_NETS


def test_regression_is_the_textbook_formula():
    params = MachineParams(depth=2, gamma_squared=1.5, noise=0.2)
    result = study(params).result
    fit = next(fit for fit in result.fits if fit.key == "rbf")
    low, high = result.grid[0], result.grid[-1]

    def kernel(a, b):
        s = 0.5 * pi * (2.0 * (a - low) / (high - low) - 1.0)
        t = 0.5 * pi * (2.0 * (b - low) / (high - low) - 1.0)
        squared = 2.0 - 2.0 * np.cos(s[:, None] - t)
        return np.exp(-2.0 * (1.0 - np.exp(-squared / 1.5)) / 1.5)

    y = (result.y - result.y.mean()) / result.y.std()
    gram = kernel(result.x, result.x) + 0.2**2 * np.eye(len(y))
    cross = kernel(result.grid, result.x)
    np.testing.assert_allclose(
        fit.mean, result.y.mean() + result.y.std() * (cross @ np.linalg.solve(gram, y)), atol=1e-9
    )
    variance = 1.0 - np.einsum("ij,ji->i", cross, np.linalg.solve(gram, cross.T))
    np.testing.assert_allclose(fit.std, result.y.std() * np.sqrt(variance), atol=1e-9)
    evidence = multivariate_normal(np.zeros(len(y)), gram).logpdf(y)
    assert fit.log_evidence == pytest.approx(evidence, abs=1e-8)
    assert fit.evidence[fit.evidence_depths.index(2)] == pytest.approx(evidence, abs=1e-8)
    trace = np.trace(np.linalg.solve(gram, gram - 0.2**2 * np.eye(len(y))))
    assert fit.effective_parameters == pytest.approx(trace, abs=1e-8)


def test_the_polynomial_stops_at_its_depth():
    fits = {fit.key: fit for fit in study(MachineParams(depth=50)).result.fits}
    assert {key: fit.depth for key, fit in fits.items()} == {"polynomial": 6, "rbf": 50, "arc_cosine": 50}
    assert fits["polynomial"].evidence_depths == (1, 2, 3, 4, 5, 6)
    assert fits["rbf"].evidence_depths == (1, 2, 3, 5, 10, 20, 50)


@pytest.mark.parametrize("normalized", [True, False])
@pytest.mark.parametrize("dataset", ["sine", "gap"])
def test_the_evidence_at_the_chosen_depth_is_that_of_the_fit(dataset, normalized):
    result = study(MachineParams(dataset=dataset, depth=3, degree=2, samples=20, normalized=normalized)).result
    assert len(result.fits) == 3
    for fit in result.fits:
        assert fit.evidence[fit.evidence_depths.index(fit.depth)] == pytest.approx(fit.log_evidence, rel=1e-9)


def test_own_points_are_what_is_fitted():
    own = Samples(np.array([10.0, 30.0, 20.0]), np.array([-5.0, 5.0, 0.0]), ("time", "level"))
    result = study_machine(MachineParams(dataset="upload", noise=0.001), own).result
    assert result.names == ("time", "level")
    assert result.truth is None
    np.testing.assert_array_equal(result.x, own.x)
    for fit in result.fits:
        np.testing.assert_allclose(np.interp(own.x, result.grid, fit.mean), [-5.0, 5.0, 0.0], atol=0.3)


def test_other_points_give_another_fit():
    first, second = (
        study_machine(MachineParams(dataset="upload"), make_samples("sine", 12, 0.1, seed)).result for seed in (0, 1)
    )
    assert np.abs(first.fits[1].mean - second.fits[1].mean).max() > 0.01


def test_an_upload_without_points_is_refused():
    with pytest.raises(ValueError, match="samples must be given"):
        study_machine(MachineParams(dataset="upload"))


def test_kernels_that_leave_the_range_of_numbers_are_named_and_the_others_are_fitted():
    result = study(MachineParams(order=3, degree=1, depth=20, normalized=False)).result
    assert [fit.key for fit in result.fits] == ["polynomial", "rbf"]
    assert len(result.failures) == 1
    assert result.failures[0].startswith("Arc-cosine, n = 3:")
    assert claim(MachineParams(order=3, degree=1, depth=20, normalized=False), "band").verdict is Verdict.HOLDS


def test_a_kernel_in_range_at_the_chosen_depth_is_fitted_whatever_it_does_deeper():
    """Off the circle |x| is at most sqrt(2): at depth 1 no kernel of the page exceeds 2^10."""
    result = study(MachineParams(order=2, degree=8, depth=1, normalized=False)).result
    assert [fit.key for fit in result.fits] == ["polynomial", "rbf", "arc_cosine"]
    assert not result.failures


@pytest.mark.parametrize("depth_", [1, 3, 50])
def test_off_the_circle_one_number_is_not_lost(depth_):
    """n = 1 keeps |x| at any depth: nothing may fail."""
    result = study(MachineParams(order=1, degree=1, depth=depth_, normalized=False)).result
    assert len(result.fits) == 3
    arc = result.fits[-1]
    t = 2.0 * (result.grid - result.grid[0]) / (result.grid[-1] - result.grid[0]) - 1.0
    np.testing.assert_allclose(arc.prior_std, result.y.std() * np.sqrt(1.0 + t * t), rtol=1e-12)


def test_the_slope_of_claims_is_the_logarithm_of_what_is_seen():
    """The small-distance claim against the curves of the chart, in the range where both are right."""
    result = study(RbfParams(gamma_squared=0.5, depth=4)).result
    inside = (result.log10_complement[-1] < -4) & (result.log10_complement[-1] > -10)
    slope = np.polyfit(result.log10_distance[inside], result.log10_complement[-1][inside], 1)[0]
    assert slope == pytest.approx(2.0, abs=1e-3)
    constant = result.log10_complement[-1][inside] - 2.0 * result.log10_distance[inside]
    assert constant.mean() == pytest.approx(log(1.0 / 0.5 * (2.0 / 0.5) ** 3, 10), abs=1e-3)
