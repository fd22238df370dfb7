"""Where the statement of problem 2.3 as printed does not hold, each with the number that shows it."""

from math import cos, factorial, pi, sin, sqrt

import numpy as np

from core.kernels.angular import angular_function
from core.kernels.derivation import arctangent_formula
from core.kernels.hard_way import wedge_integral
from core.kernels.quadrature import check_inner, polar_integral, psi_integrand, quadrant_integral, radial_integral
from core.kernels.result.derivation import Slip

FEW_ROWS, MANY_ROWS = 100, 10_000
"""Rows h of the two finite layers that show how the sum before (3.2) grows."""


def statement_slips(order: int, angle: float, *, seed: int = 0) -> tuple[Slip, ...]:
    """Where the statement as printed does not hold, each with the number that shows it at this order and angle.

    Parameters
    ----------
    order, angle
        As in `derivation_steps`.
    seed : int
        Of the finite layers' random rows.

    Returns
    -------
    tuple of Slip
        In the statement's order; the inputs x and y are unit vectors.
    """
    check_inner(order, angle)
    return (
        _finite_sum(order, angle, seed),
        _factor_two(order, angle),
        _shear_factor(order, angle),
        _polar_radius(order, angle),
        _check_point(order, angle),
        _branch(angle),
    )


def _finite_sum(order: int, angle: float, seed: int) -> Slip:
    few, many = (_layer_sum(order, angle, rows, seed) for rows in (FEW_ROWS, MANY_ROWS))
    kernel, squares = (float(angular_function(n, angle)) / pi for n in (order, 2 * order))
    return Slip(
        name="1/h in the finite sum",
        printed=many,
        correct=kernel,
        evidence=(
            (f"sum of h = {FEW_ROWS} rows", few),
            (f"sum of h = {MANY_ROWS} rows", many),
            (f"2/h times the sum of {FEW_ROWS}", 2.0 * few / FEW_ROWS),
            (f"2/h times the sum of {MANY_ROWS}", 2.0 * many / MANY_ROWS),
            ("its standard deviation", sqrt((2.0 * squares - kernel**2) / MANY_ROWS)),
            ("Jₙ/π", kernel),
        ),
        sentence="As printed the sum grows in proportion to h; 2/h times it converges to (3.3), 1/h times it to (3.2).",
    )


def _layer_sum(order: int, angle: float, rows: int, seed: int) -> float:
    """The sum before (3.2) over Gaussian rows w, with x and y in the plane of w1 and w2."""
    w = np.random.default_rng(seed).standard_normal((rows, 2))
    both = np.stack([w[:, 0], w @ np.array([cos(angle), sin(angle)])])
    return float((both[:, (both > 0.0).all(axis=0)].prod(axis=0) ** order).sum())


def _factor_two(order: int, angle: float) -> Slip:
    integral, kernel = wedge_integral(order, angle) / (2.0 * pi), float(angular_function(order, angle)) / pi
    return Slip(
        name="Factor 2 in (3.2)",
        printed=integral,
        correct=kernel,
        evidence=(("the integral (3.2)", integral), ("Jₙ/(2π)", 0.5 * kernel), ("Jₙ/π, (3.3)", kernel)),
        sentence="The integral (3.2) as printed is Jₙ/(2π); with a factor 2 in front (Cho & Saul 2009) it is (3.3).",
    )


def _shear_factor(order: int, angle: float) -> Slip:
    bare, exact = quadrant_integral(order, angle), float(angular_function(order, angle))
    return Slip(
        name="1/sin θ in step 2",
        printed=bare,
        correct=exact,
        evidence=(
            ("quadrant without 1/sin θ", bare),
            ("with 1/sin θ", bare / sin(angle)),
            ("with 1/sin θ, exponent −(u² + v²)/2", quadrant_integral(order, angle, sheared=False) / sin(angle)),
            ("Jₙ", exact),
        ),
        sentence="The change of variables brings a factor 1/sin θ and turns the exponent into "
        "−(u² + v² − 2uv cos θ)/(2 sin²θ).",
    )


def _polar_radius(order: int, angle: float) -> Slip:
    without, exact = polar_integral(order, angle, "1"), float(angular_function(order, angle))
    return Slip(
        name="Radius in step 3",
        printed=without,
        correct=exact,
        evidence=(
            ("with dr dψ", without),
            ("with r dr dψ", polar_integral(order, angle, "r")),
            ("with (r/2) dr dψ", polar_integral(order, angle)),
            ("Jₙ", exact),
        ),
        sentence="u and v lack their radius: u = r cos(ψ/2 + π/4), v = r sin(ψ/2 + π/4), du dv = (r/2) dr dψ.",
    )


def _check_point(order: int, angle: float) -> Slip:
    psi = np.array([0.25 * pi])
    half, whole, bare = (float(radial_integral(order, angle, psi, m)[0]) / sin(angle) for m in ("r/2", "r", "1"))
    printed = factorial(order) * sin(angle) ** (2 * order + 1)
    full = float(psi_integrand(order, angle, psi)[0])
    return Slip(
        name="Check point of step 3",
        printed=printed,
        correct=half,
        evidence=(
            ("r integral at ψ = π/4 with (r/2) dr", half),
            ("with r dr", whole),
            ("with dr", bare),
            ("n! sin²ⁿ⁺¹θ", printed),
            ("n! sin²ⁿ⁺¹θ cosⁿψ/(1 − cos θ cos ψ)ⁿ⁺¹", full),
        ),
        sentence="The r integral is (n!/2) sin²ⁿ⁺¹θ cosⁿψ/(1 − cos θ cos ψ)ⁿ⁺¹ for ψ in (−π/2, π/2); "
        "folding ψ to (0, π/2) absorbs the ½.",
    )


def _branch(angle: float) -> Slip:
    below, right = arctangent_formula(angle, principal=True), arctangent_formula(angle)
    return Slip(
        name="Branch of the arctangent in step 4",
        printed=below,
        correct=right,
        evidence=(("principal branch", below), ("angle of the point, atan2", right), ("π − θ", pi - angle)),
        sentence="For θ < π/2 the denominator −cos θ is negative and the principal branch gives −θ; "
        "the angle of the point, atan2, gives π − θ.",
    )
