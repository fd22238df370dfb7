from math import acos, cos, factorial, pi, sin

import mpmath
import numpy as np
import pytest

from core.kernels import derivation
from core.kernels.angular import angular_function
from core.kernels.derivation import (
    arctangent_formula,
    derivation_steps,
    derivation_table,
    repeated_differentiation,
)
from core.kernels.hard_way import wedge_integral
from core.kernels.pictures import (
    PSI_POINTS,
    RADII,
    polar_picture,
    psi_picture,
    quadrant_picture,
    wedge_picture,
)
from core.kernels.quadrature import polar_integral, psi_integral, quadrant_integral, radial_integral, shear
from core.kernels.slips import MANY_ROWS, statement_slips

ANGLES = [0.02, 0.3, pi / 4, 1.2, pi / 2, 2.0, 2.9, pi - 0.02]
CASES = [(order, angle) for order in (0, 1, 2, 3, 5, 10) for angle in ANGLES]
PICTURES = [(0, 0.5), (0, 2.0), (1, 1.2), (2, pi / 2), (3, 2.4), (5, 0.8)]
SLIPS = ("1/h in the finite sum", "Factor 2 in (3.2)", "1/sin θ in step 2", "Radius in step 3", "Check point of step 3")


def closed_form(order, angle):
    t = mpmath.mpf(angle)
    s, c, rest = mpmath.sin(t), mpmath.cos(t), mpmath.pi - t
    return float([rest, s + rest * c, 3 * s * c + rest * (1 + 2 * c * c)][order])


@pytest.fixture(autouse=True)
def many_digits():
    with mpmath.workdps(40):
        yield


@pytest.mark.parametrize(("order", "angle"), CASES)
def test_every_step_has_the_value_of_the_formula(order, angle):
    steps = derivation_steps(order, angle)
    assert len(steps) == (5 if order == 0 else 4)
    assert max(step.residual for step in steps) < 1e-12
    values = [step.value for step in steps]
    assert np.ptp(values) < 1e-12 * values[0]


@pytest.mark.parametrize("angle", ANGLES)
@pytest.mark.parametrize("order", range(3))
def test_steps_against_closed_forms(order, angle):
    for step in derivation_steps(order, angle):
        assert step.value == pytest.approx(closed_form(order, angle), rel=1e-12)


@pytest.mark.parametrize("angle", [1e-6, 1e-3, pi - 1e-3, pi - 1e-6])
def test_steps_hold_up_to_the_ends(angle):
    assert max(step.residual for order in (0, 5, 20) for step in derivation_steps(order, angle)) < 1e-12


@pytest.mark.parametrize(
    ("name", "broken", "residual"),
    [
        ("quadrant_integral", lambda n, angle: sin(angle) * quadrant_integral(n, angle), 1.0 - sin(1.2)),
        ("quadrant_integral", lambda n, angle: quadrant_integral(n, angle, sheared=False), None),
        ("polar_integral", lambda n, angle: polar_integral(n, angle, "r"), 1.0),
        ("polar_integral", lambda n, angle: polar_integral(n, angle, "1"), None),
        ("wedge_integral", lambda n, angle: 0.5 * wedge_integral(n, angle), 0.5),
        ("psi_integral", lambda n, angle: psi_integral(n, angle) / factorial(n), 0.5),
    ],
)
def test_a_false_step_shows_in_its_residual_alone(monkeypatch, name, broken, residual):
    monkeypatch.setattr(derivation, name, broken)
    residuals = sorted(step.residual for step in derivation_steps(2, 1.2))
    assert residuals[-2] < 1e-12
    assert residuals[-1] > 0.05
    if residual is not None:
        assert residuals[-1] == pytest.approx(residual, rel=1e-10)


def test_table_has_the_steps_of_every_order():
    table = derivation_table(0.7)
    assert list(table) == [0, 1, 2, 3, 4, 5]
    assert [[step.value for step in table[n]] for n in table] == [
        [step.value for step in derivation_steps(n, 0.7)] for n in range(6)
    ]
    assert list(derivation_table(0.7, (4, 2))) == [4, 2]


@pytest.mark.parametrize(
    ("order", "angle", "message"),
    [
        (1, 0.0, "angle must be a number from 1e-06 to 3.14159, got 0.0"),
        (1, pi, "angle must be a number from 1e-06 to 3.14159"),
        (1, float("nan"), "angle must be a number"),
        (21, 1.0, "order must be an integer from 0 to 20, got 21"),
    ],
)
@pytest.mark.parametrize(
    "function",
    [derivation_steps, statement_slips, wedge_picture, quadrant_picture, polar_picture, psi_picture, psi_integral],
)
def test_arguments_are_checked(function, order, angle, message):
    with pytest.raises(ValueError, match=message):
        function(order, angle)


@pytest.mark.parametrize(("order", "angle"), [(0, 0.3), (1, 1.2), (4, 2.5)])
@pytest.mark.parametrize(("measure", "factor", "power"), [("r/2", 0.5, 1), ("r", 1.0, 1), ("1", 1.0, 0)])
def test_radial_integral_is_a_gamma_function(order, angle, measure, factor, power):
    psi = np.array([-1.5, -0.4, 0.0, 0.8])
    expected = []
    for p in psi:
        decay = (1 - mpmath.cos(angle) * mpmath.cos(p)) / (2 * mpmath.sin(angle) ** 2)
        half = mpmath.mpf(2 * order + power + 1) / 2
        expected.append(float(factor * (mpmath.cos(p) / 2) ** order * mpmath.gamma(half) / (2 * decay**half)))
    np.testing.assert_allclose(radial_integral(order, angle, psi, measure), expected, rtol=1e-13)


def test_measure_is_checked():
    with pytest.raises(ValueError, match=r"measure must be one of r/2, r, 1, got 'r\^2'"):
        polar_integral(1, 1.0, "r^2")


@pytest.mark.parametrize("angle", [1e-6, 0.3, 2.0, pi - 1e-6])
def test_shear_has_full_relative_precision(angle):
    psi = np.array([0.0, 1e-8, 1e-3, 1.0, 1.57])
    exact = [float(1 - mpmath.cos(mpmath.mpf(angle)) * mpmath.cos(mpmath.mpf(p))) for p in psi]
    np.testing.assert_allclose(shear(angle, psi), exact, rtol=1e-14)


@pytest.mark.parametrize(("a", "b"), [(1.0, -0.9), (1.0, 0.0), (2.0, 1.9), (3.0, -1.0)])
@pytest.mark.parametrize("alpha", [0.1, 1.0, pi / 2, 2.5, pi])
def test_arctangent_formula_with_the_angle_of_the_point(a, b, alpha):
    integral = mpmath.quad(lambda psi: 1 / (a + b * mpmath.cos(psi)), np.linspace(0.0, alpha, 5))
    value = arctangent_formula(acos(-b / a), alpha) / np.sqrt(a * a - b * b)
    assert value == pytest.approx(float(integral), rel=1e-13)


@pytest.mark.parametrize("angle", [1e-6, 0.02, 1.0, 1.57, 1.58, 3.0, pi - 1e-6])
def test_principal_branch_is_right_beyond_a_right_angle_only(angle):
    value = arctangent_formula(angle, principal=True)
    assert value == pytest.approx(pi - angle if angle > pi / 2 else -angle, rel=1e-9)
    assert arctangent_formula(angle) == pytest.approx(pi - angle, rel=1e-9)


@pytest.mark.parametrize("angle", [1e-3, 0.02, 0.4, 1.2, pi / 2, 2.0])
def test_repeated_differentiation_against_closed_forms(angle):
    values = repeated_differentiation(2, [angle])
    np.testing.assert_allclose(values[:, 0], [closed_form(n, angle) for n in range(3)], rtol=1e-14)


@pytest.mark.parametrize("angle", [0.3, 1.9, 2.8])
def test_repeated_differentiation_against_numerical_derivatives(angle):
    """The operator of (3.3) applied by mpmath's differences, one inside the other."""

    def operator(function):
        return lambda t: mpmath.diff(function, t) / mpmath.sin(t)

    function = lambda t: (mpmath.pi - t) / mpmath.sin(t)  # noqa: E731
    actual = repeated_differentiation(3, [angle])[:, 0]
    for n in range(4):
        expected = (-1) ** n * mpmath.sin(angle) ** (2 * n + 1) * function(mpmath.mpf(angle))
        assert actual[n] == pytest.approx(float(expected), rel=1e-10)
        function = operator(function)


def test_repeated_differentiation_is_exact_up_to_a_right_angle_at_every_order():
    angles = np.append(np.geomspace(1e-6, 0.1, 50), np.linspace(0.1, pi / 2, 100))
    values = repeated_differentiation(20, angles)
    assert values.shape == (21, 150)
    for n in range(21):
        np.testing.assert_allclose(values[n], angular_function(n, angles), rtol=1e-14)


@pytest.mark.parametrize(
    ("distance", "errors"),
    [(0.3, {1: 1e-14, 2: 1e-12, 3: 1e-10, 5: 1e-7}), (0.1, {1: 1e-12, 2: 1e-9, 3: 1e-7, 5: 0.1})],
)
def test_repeated_differentiation_loses_digits_towards_pi_as_documented(distance, errors):
    angle = pi - distance
    values = repeated_differentiation(5, [angle])[:, 0]
    for n, bound in errors.items():
        assert abs(values[n] / angular_function(n, angle) - 1.0) < bound
    assert abs(values[5] / angular_function(5, angle) - 1.0) > 1e-11


@pytest.mark.parametrize("angles", [[0.0, 1.0], [1.0, pi], [1.0, 4.0], [float("nan")]])
def test_repeated_differentiation_refuses_the_ends(angles):
    with pytest.raises(ValueError, match="angle must be"):
        repeated_differentiation(2, angles)


def slip(order, angle, name, seed=0):
    return next(slip for slip in statement_slips(order, angle, seed=seed) if slip.name == name)


def test_slips_are_named_once_and_say_something():
    slips = statement_slips(1, 1.2)
    assert tuple(s.name for s in slips) == (*SLIPS, "Branch of the arctangent in step 4")
    assert all(s.sentence.endswith(".") and len(s.evidence) >= 3 for s in slips)
    assert all(s.difference == s.printed - s.correct != 0.0 for s in slips)


@pytest.mark.parametrize(("order", "angle"), [(0, 1.2), (1, 0.4), (2, 2.0)])
@pytest.mark.parametrize("seed", range(3))
def test_sum_without_1_over_h_grows_with_h(order, angle, seed):
    finite = slip(order, angle, SLIPS[0], seed)
    few, many, scaled_few, scaled_many, deviation, kernel = (value for _, value in finite.evidence)
    assert finite.printed == many > 30.0 * few
    assert finite.correct == kernel == pytest.approx(angular_function(order, angle) / pi, rel=1e-15)
    assert abs(scaled_many - kernel) < 4.0 * deviation
    assert abs(scaled_few - kernel) < 40.0 * deviation
    assert finite.ratio == pytest.approx(MANY_ROWS / 2, abs=4.0 * MANY_ROWS / 2 * deviation / kernel)


def test_sum_follows_the_seed_and_spreads_as_stated():
    errors = [(lambda e: (e[3] - e[5]) / e[4])([v for _, v in slip(1, 1.2, SLIPS[0], s).evidence]) for s in range(100)]
    assert len(set(errors)) == 100
    assert 0.8 < np.std(errors) < 1.2
    assert slip(1, 1.2, SLIPS[0], 7).printed == slip(1, 1.2, SLIPS[0], 7).printed


@pytest.mark.parametrize(("order", "angle"), [(0, 1.2), (1, 0.1), (3, 2.8)])
def test_integral_is_half_of_what_is_printed(order, angle):
    half = slip(order, angle, SLIPS[1])
    assert half.ratio == pytest.approx(0.5, rel=1e-12)
    assert half.correct == pytest.approx(angular_function(order, angle) / pi, rel=1e-14)


def test_integral_at_the_documented_point():
    assert slip(0, 1.2, SLIPS[1]).printed == pytest.approx(0.3090, abs=5e-5)


@pytest.mark.parametrize(("order", "angle"), [(0, 1.2), (1, 0.1), (3, 2.8)])
def test_quadrant_needs_the_jacobian_and_the_shear(order, angle):
    factor = slip(order, angle, SLIPS[2])
    assert factor.ratio == pytest.approx(sin(angle), rel=1e-12)
    _, corrected, unsheared, exact = (value for _, value in factor.evidence)
    assert corrected == pytest.approx(exact, rel=1e-12)
    # int_0^inf u^n exp(-u^2/2) du, squared
    straight = float((2 ** (mpmath.mpf(order - 1) / 2) * mpmath.gamma(mpmath.mpf(order + 1) / 2)) ** 2) / sin(angle)
    assert unsheared == pytest.approx(straight, rel=1e-12)


@pytest.mark.parametrize(("order", "angle"), [(0, 1.2), (1, 0.1), (3, 2.8)])
def test_polar_step_needs_half_the_radius(order, angle):
    radius = slip(order, angle, SLIPS[3])
    without, whole, half, exact = (value for _, value in radius.evidence)
    assert half == pytest.approx(exact, rel=1e-12)
    assert whole == pytest.approx(2.0 * exact, rel=1e-12)
    assert radius.printed == without
    assert abs(without / exact - 1.0) > 0.01 < abs(without / (2.0 * exact) - 1.0)


@pytest.mark.parametrize(("order", "angle"), [(0, 1.2), (1, 0.4), (3, 2.8)])
def test_check_point_is_half_of_the_full_form(order, angle):
    point = slip(order, angle, SLIPS[4])
    half, whole, bare, printed, full = (value for _, value in point.evidence)
    share = 1.0 - cos(angle) * cos(pi / 4)
    assert printed == pytest.approx(factorial(order) * sin(angle) ** (2 * order + 1), rel=1e-14)
    assert full == pytest.approx(printed * cos(pi / 4) ** order / share ** (order + 1), rel=1e-12)
    assert half == pytest.approx(0.5 * full, rel=1e-12)
    assert whole == pytest.approx(full, rel=1e-12)
    assert abs(bare / full - 1.0) > 0.01
    assert point.printed == printed
    assert point.correct == half


@pytest.mark.parametrize("angle", [0.1, 1.2, 2.0])
def test_branch_is_off_by_pi_below_a_right_angle(angle):
    branch = slip(3, angle, "Branch of the arctangent in step 4")
    assert branch.correct == pytest.approx(pi - angle, rel=1e-14)
    assert branch.difference == pytest.approx(-pi if angle < pi / 2 else 0.0, abs=1e-14)


@pytest.mark.parametrize(("order", "angle"), PICTURES)
def test_wedge_picture_is_the_integrand_where_both_neurons_fire(order, angle):
    picture = wedge_picture(order, angle)
    w1, w2 = np.meshgrid(picture.w1, picture.w2)
    x, y = (w1 * a + w2 * b for a, b in picture.inputs)
    np.testing.assert_array_equal(np.isnan(picture.integrand), ~((x > 0.0) & (y > 0.0)))
    inside = ~np.isnan(picture.integrand)
    density = np.exp(-(w1**2 + w2**2) / 2.0) * (x * y) ** order
    np.testing.assert_allclose(picture.integrand[inside], density[inside], rtol=1e-12)
    cell = (picture.w1[1] - picture.w1[0]) ** 2
    assert np.nansum(picture.integrand) * cell == pytest.approx(angular_function(order, angle), rel=0.08)


@pytest.mark.parametrize(("order", "angle"), PICTURES)
def test_wedge_lies_between_its_rays(order, angle):
    picture = wedge_picture(order, angle)
    ends = picture.rays[:, 1]
    assert (picture.rays[:, 0] == 0.0).all()
    np.testing.assert_allclose(np.vecdot(ends, picture.inputs), 0.0, atol=1e-12)
    np.testing.assert_allclose(np.abs(ends).max(axis=1), picture.w1[-1], rtol=1e-14)
    unit = ends / np.linalg.norm(ends, axis=1, keepdims=True)
    assert unit[0] @ unit[1] == pytest.approx(cos(pi - angle), abs=1e-14)
    assert (picture.inputs @ unit.sum(axis=0) > 0.0).all()
    circles = picture.arcs / np.array(RADII)[:, None, None]
    np.testing.assert_allclose(np.linalg.norm(circles, axis=1), 1.0, rtol=1e-14)
    np.testing.assert_allclose(circles[:, :, [-1, 0]], np.tile(unit.T, (3, 1, 1)), atol=1e-14)
    assert (np.einsum("kc,acp->akp", picture.inputs, picture.arcs) > -1e-12).all()


@pytest.mark.parametrize(("order", "angle"), PICTURES)
def test_quadrant_picture_is_the_wedge_sheared(order, angle):
    picture = quadrant_picture(order, angle)
    u, v = np.meshgrid(picture.u, picture.v)
    w2 = (v - u * cos(angle)) / sin(angle)
    expected = np.exp(-(u**2 + w2**2) / 2.0) * (u * v) ** order / sin(angle)
    np.testing.assert_allclose(picture.integrand, expected, rtol=1e-11)
    area = np.trapezoid(np.trapezoid(picture.integrand, picture.u), picture.v)
    assert area == pytest.approx(angular_function(order, angle), rel=0.03)


@pytest.mark.parametrize(("order", "angle"), PICTURES)
def test_quadrant_picture_carries_the_images_of_arcs_and_lines(order, angle):
    wedge, picture = wedge_picture(order, angle), quadrant_picture(order, angle)
    images = np.einsum("kc,acp->akp", wedge.inputs, wedge.arcs)
    np.testing.assert_allclose(picture.arcs, images, atol=1e-14)
    u, v = picture.lines[..., 0], picture.lines[..., 1]
    assert ((u >= 0.0) & (v >= 0.0)).all()
    assert (u[:, 1] > u[:, 0]).all()
    w2 = (v - u * cos(angle)) / sin(angle)
    np.testing.assert_allclose(w2[:, 0], np.round(w2[:, 0]), atol=1e-12)
    np.testing.assert_allclose(w2[:, 1], w2[:, 0], atol=1e-12)
    assert len(np.unique(np.round(w2[:, 0]))) == len(w2)
    # a line ends where it leaves the wedge or the wedge's grid
    ends = np.stack([u, v, u - wedge.w1[-1]])
    assert (np.abs(ends).min(axis=0) < 1e-12).all()


@pytest.mark.parametrize(("order", "angle"), [*PICTURES, (1, 0.02), (1, pi - 0.02)])
def test_polar_picture_is_the_quadrant_in_polar_coordinates(order, angle):
    picture = polar_picture(order, angle)
    psi, r = np.meshgrid(picture.psi, picture.r)
    u, v = r * np.cos(psi / 2.0 + pi / 4.0), r * np.sin(psi / 2.0 + pi / 4.0)
    exponent = ((u - v) ** 2 + 2.0 * u * v * (1.0 - cos(angle))) / (2.0 * sin(angle) ** 2)
    expected = 0.5 * r * np.exp(-exponent) * (u * v) ** order / sin(angle)
    np.testing.assert_allclose(picture.integrand, expected, rtol=1e-8, atol=1e-12 * expected.max())
    area = np.trapezoid(np.trapezoid(picture.integrand, picture.psi), picture.r)
    assert area == pytest.approx(angular_function(order, angle), rel=0.03)
    assert picture.psi[0] == -picture.psi[-1] == -pi / 2
    assert picture.integrand.shape == (61, 61)


@pytest.mark.parametrize(("order", "angle"), PICTURES)
def test_ridge_is_where_the_polar_integrand_is_largest(order, angle):
    picture = polar_picture(order, angle)
    inner = np.cos(picture.psi) > 0.01
    largest = picture.r[picture.integrand.argmax(axis=0)]
    assert (np.abs(largest - picture.ridge)[inner] <= picture.r[1]).all()
    assert picture.ridge.max() < picture.r[-1]


@pytest.mark.parametrize(("order", "angle"), [*CASES, (20, 1e-3), (20, pi - 1e-3)])
def test_area_under_the_psi_picture_is_the_angular_function(order, angle):
    picture = psi_picture(order, angle)
    assert picture.psi.shape == picture.integrand.shape == (PSI_POINTS,)
    assert picture.psi[0] == 0.0
    assert picture.psi[-1] == pi / 2
    area = np.trapezoid(picture.integrand, picture.psi)
    assert area == pytest.approx(angular_function(order, angle), rel=5e-4)
