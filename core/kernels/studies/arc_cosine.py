"""Problem 2.3: the arc-cosine kernel, by the formula, by the integral and by differentiating J_0."""

from dataclasses import dataclass
from functools import lru_cache
from math import factorial, pi

import numpy as np

from core.arrays import Array
from core.claims import Assumption, Claim
from core.kernels.angular import angular_function, double_factorial, normalized_angular_function
from core.kernels.arc_cosine import arc_cosine_kernel
from core.kernels.derivation import repeated_differentiation
from core.kernels.hard_way import wedge_integral
from core.kernels.pairs import arc_cosine_gap
from core.kernels.params import AngularParams
from core.kernels.result import Study
from core.kernels.result.kernels import AngularResult
from core.notation import digits, number, subscript, superscript

ORDERS = (0, 1, 2, 3, 5)
"""Orders that are always drawn, besides the chosen one."""
_GRID, _INTEGRALS = 181, 19
_SMALL, _NEAR_PI = (1e-6, 1e-5, 1e-4), (1e-4, 1e-3, 1e-2)
"""Angles, and distances of angles from pi, at which limits are measured."""
_CLOSE = 0.06  # radians from pi, times n: below it differentiating loses more than 1e-6, measured for n from 3 to 10


def study_arc_cosine(params: AngularParams) -> Study[AngularResult]:
    """J_n three ways, and the statements of 2.3 held against them."""
    result = _evaluate(params)
    claims = (_integral(result), _differentiation(result), _near(result), _opposite(result), _semidefinite(result))
    return Study(result, claims)


def _evaluate(params: AngularParams) -> AngularResult:
    orders = tuple(sorted({*ORDERS, params.order}))
    angle = np.linspace(0.0, pi, _GRID)
    rows = [_row(order) for order in orders]
    return AngularResult(
        order=params.order,
        chosen_angle=params.angle,
        orders=orders,
        angle=angle,
        values=np.stack([angular_function(order, angle) for order in orders]),
        normalized=np.stack([normalized_angular_function(order, angle) for order in orders]),
        chosen_value=float(normalized_angular_function(params.order, params.angle)),
        integral_angle=np.linspace(0.0, pi, _INTEGRALS),
        integrals=np.stack(rows),
        parallel=np.array([[a, arc_cosine_gap(params.order, a)] for a in _SMALL]).T,
        opposite=np.array([[a, wedge_integral(params.order, pi - a)] for a in _NEAR_PI]).T,
        differentiated=_differentiated(max(orders))[list(orders)],
    )


@lru_cache(maxsize=32)
def _row(order: int) -> Array:
    """The double integral at the angles of the chart; the same for every visitor."""
    return np.array([wedge_integral(order, float(angle)) for angle in np.linspace(0.0, pi, _INTEGRALS)])


@lru_cache(maxsize=32)
def _differentiated(order: int) -> Array:
    """J_0 ... J_n by differentiating, shape (n + 1, T), NaN at both ends, where the operator is singular."""
    inner = repeated_differentiation(order, np.linspace(0.0, pi, _GRID)[1:-1])
    return np.pad(inner, ((0, 0), (1, 1)), constant_values=np.nan)


def _integral(result: AngularResult) -> Claim:
    """(3.2), with Cho & Saul's factor 2, is (3.3)."""
    n, theta = result.order, result.chosen_angle
    formula, integral = float(angular_function(n, theta)), wedge_integral(n, theta)
    return Claim(
        name="The integral is Jₙ",
        formula=r"J_n(\theta) = \iint_{w_1 > 0,\ v > 0} e^{-(w_1^2 + w_2^2)/2}\, w_1^n\, v^n\, dw_1 dw_2,"
        r"\quad v = w_1\cos\theta + w_2\sin\theta",
        assumptions=(),
        predicted=f"J{subscript(n)} = {digits(formula)} at θ = {theta:.4g}",
        measured=f"{digits(integral)} by quadrature in the plane",
        residual=abs(integral / formula - 1.0),
        tolerance=1e-9,
        unit="of Jₙ",
        why="2 · (3.2) as printed, times π: with the factor 2 of Cho & Saul (2009) the kernel is ‖x‖ⁿ‖y‖ⁿ Jₙ/π.",
    )


def _differentiation(result: AngularResult) -> Claim:
    """J_n follows from J_0 by repeated differentiation."""
    n, theta = result.order, result.chosen_angle
    formula = float(angular_function(n, theta))
    derived = float(repeated_differentiation(n, np.array([theta]))[n, 0])
    safe = _CLOSE * n
    return Claim(
        name="Jₙ from J₀ by differentiating",
        formula=r"J_n(\theta) = (-1)^n \sin^{2n+1}\theta\,\Big(\frac{1}{\sin\theta}\frac{d}{d\theta}\Big)^{\!n} "
        r"\frac{\pi - \theta}{\sin\theta}",
        assumptions=(Assumption(f"π − θ ≥ {safe:.2g}", theta <= pi - safe),) if n > 2 else (),
        predicted=digits(formula),
        measured=f"{digits(derived)}, off by {number(abs(derived / formula - 1.0))}",
        residual=abs(derived / formula - 1.0),
        tolerance=1e-6,
        unit="of Jₙ",
        why="True at every angle; but near π the terms cancel, and double precision loses all digits. The charts use "
        "a form that does not.",
    )


def _near(result: AngularResult) -> Claim:
    """1 - J_n/J_n(0) near theta = 0: exponent and constant of the distance of the features, by quadrature."""
    n = result.order
    power, constant = (1, 1.0 / pi) if n == 0 else (2, 0.5 * n * n / (2 * n - 1))
    law = r"\frac{\theta}{\pi}" if n == 0 else r"\frac{n^2}{2n-1}\,\frac{\theta^2}{2}"
    why = "At n = 0 the kernel has a cusp there."
    if n > 0:
        why = (
            f"The slope n²/(2n − 1) in cos θ decides what depth does. Jₙ is {2 * n} times differentiable there, and "
            f"not smooth: it has a term |θ|{superscript(2 * n + 1)}."
        )
    return _power_law(
        _Law(power=power, constant=constant, tolerance=1e-5),
        result.parallel,
        name="Nearly parallel inputs",
        formula=rf"1 - \frac{{J_n(\theta)}}{{J_n(0)}} \to {law} \quad (\theta \to 0),\quad J_n(0) = \pi\,(2n-1)!!",
        how="by the distance of the features, θ from 10⁻⁶ to 10⁻⁴",
        why=why,
    )


def _opposite(result: AngularResult) -> Claim:
    """J_n near theta = pi: exponent and constant of the double integral."""
    n = result.order
    return _power_law(
        _Law(power=2 * n + 1, constant=factorial(n) ** 2 / double_factorial(2 * n + 1), tolerance=1e-5),
        result.opposite,
        name="Nearly opposite inputs",
        formula=r"J_n(\theta) \to \frac{(n!)^2}{(2n+1)!!}\,(\pi - \theta)^{2n+1} \quad (\theta \to \pi)",
        how="by the double integral, π − θ from 10⁻⁴ to 10⁻²",
        why="The wedge of rows that see both inputs closes. From n = 2 on the closed form has no correct digit at "
        "π − θ = 10⁻⁴: its terms cancel.",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Law:
    """A power law, and how far exponent and constant may be off: the next term of the expansion."""

    power: int
    constant: float
    tolerance: float


def _power_law(law: _Law, points: Array, *, how: str, **words: str) -> Claim:
    """A power law held against measured points, shape (2, 3), of which the first is the closest to the limit."""
    x, y = points
    exponent, constant = float(np.polyfit(np.log(x), np.log(y), 1)[0]), float(y[0] / x[0] ** law.power)
    return Claim(
        assumptions=(),
        predicted=f"exponent {law.power}, constant {number(law.constant)}",
        measured=f"exponent {exponent:.6f}, constant {number(constant)}, {how}",
        residual=max(abs(exponent / law.power - 1.0), abs(constant / law.constant - 1.0)),
        tolerance=law.tolerance,
        unit="of each; the next term of the expansion",
        **words,
    )


def _semidefinite(result: AngularResult) -> Claim:
    """The Gram matrix of any points has no negative eigenvalue."""
    points = np.random.default_rng(0).standard_normal((40, 3))
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    values = np.linalg.eigvalsh(arc_cosine_kernel(points, points, result.order))
    return Claim(
        name="A kernel: no negative eigenvalue",
        formula=r"\sum_{ij} c_i c_j\, k_n(x_i, x_j) \ge 0",
        assumptions=(),
        predicted="a Gram matrix with eigenvalues ≥ 0",
        measured=f"from {number(float(values[0]))} to {number(float(values[-1]))} on 40 points of the sphere",
        residual=max(float(-values[0] / values[-1]), 0.0),
        tolerance=1e-13,
        unit="of the largest; rounding",
        why="It is an inner product of features, in the limit of infinitely many rows.",
    )
