"""Problem 2.3: the arc-cosine kernel, by the formula, by the integral and by differentiating J_0."""

from functools import lru_cache
from math import factorial, pi

import numpy as np

from core.arrays import Array
from core.claims import Assumption, Claim
from core.kernels.angular import angular_complement, angular_function, double_factorial, normalized_angular_function
from core.kernels.arc_cosine import arc_cosine_kernel
from core.kernels.derivation import repeated_differentiation
from core.kernels.hard_way import wedge_integral
from core.kernels.params import AngularParams
from core.kernels.result import Study
from core.kernels.result.kernels import AngularResult
from core.notation import digits, number, subscript

ORDERS = (0, 1, 2, 3, 5)
"""Orders that are always drawn, besides the chosen one."""
_GRID, _INTEGRALS = 181, 19
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
        integral_angle=np.linspace(0.0, pi, _INTEGRALS),
        integrals=np.stack(rows),
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
    """1 - J_n/J_n(0) near theta = 0."""
    n, small = result.order, 1e-6
    measured = float(angular_complement(n, small))
    predicted = small / pi if n == 0 else n * n / (2 * n - 1) * 0.5 * small * small
    law = r"\theta/\pi" if n == 0 else r"\frac{n^2}{2n-1}\,\frac{\theta^2}{2}"
    return Claim(
        name="Nearly parallel inputs",
        formula=rf"1 - \frac{{J_n(\theta)}}{{J_n(0)}} \to {law} \quad (\theta \to 0),\quad J_n(0) = \pi\,(2n-1)!!",
        assumptions=(),
        predicted=f"{number(predicted)} at θ = 10⁻⁶",
        measured=number(measured),
        residual=abs(measured / predicted - 1.0),
        tolerance=1e-5,
        unit="of the prediction; the next term is smaller by θ",
        why="At n = 0 the kernel has a cusp; from n = 1 on it is smooth there, and its slope n²/(2n − 1) in cos θ "
        "decides what depth does.",
    )


def _opposite(result: AngularResult) -> Claim:
    """J_n near theta = pi."""
    n, gap = result.order, 1e-4
    measured = float(angular_function(n, pi - gap))
    predicted = factorial(n) ** 2 / double_factorial(2 * n + 1) * gap ** (2 * n + 1)
    return Claim(
        name="Nearly opposite inputs",
        formula=r"J_n(\theta) \to \frac{(n!)^2}{(2n+1)!!}\,(\pi - \theta)^{2n+1} \quad (\theta \to \pi)",
        assumptions=(),
        predicted=f"{number(predicted)} at π − θ = 10⁻⁴",
        measured=number(measured),
        residual=abs(measured / predicted - 1.0),
        tolerance=1e-7,
        unit="of the prediction; the next term is smaller by (π − θ)²",
        why="The wedge of rows that see both inputs closes. From n = 2 on recurrence and closed forms have no "
        "correct digit here.",
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
