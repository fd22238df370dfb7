"""The derivation of 2.3: its pictures, its steps in numbers, and the statement's slips."""

from math import pi

from core.claims import Claim
from core.kernels.angular import angular_function
from core.kernels.derivation import antiderivatives, derivation_table, recurrences, repeated_differentiation
from core.kernels.params import AngularParams
from core.kernels.pictures import polar_picture, psi_picture, quadrant_picture, wedge_picture
from core.kernels.result import Study
from core.kernels.result.derivation import DerivationResult
from core.kernels.slips import statement_slips
from core.notation import digits, number, subscript

ORDERS = range(6)
"""Orders of the table."""
ENDS = (0.25 * pi, 0.75 * pi, 0.5 * pi)
"""Ends of the integral at which the arctangent formula is checked; its denominator changes sign at theta."""


def study_derivation(params: AngularParams) -> Study[DerivationResult]:
    """Follow the integral through the four steps."""
    n, theta = params.order, params.angle
    orders = sorted({*ORDERS, n})
    result = DerivationResult(
        order=n,
        angle=theta,
        formula=float(angular_function(n, theta)),
        wedge=wedge_picture(n, theta),
        quadrant=quadrant_picture(n, theta),
        polar=polar_picture(n, theta),
        psi=psi_picture(n, theta),
        exact={order: float(angular_function(order, theta)) for order in orders},
        table=derivation_table(theta, orders),
        differentiated=repeated_differentiation(orders[-1], theta)[:, 0],
        antiderivatives=antiderivatives(theta, ENDS),
        recurrences=recurrences(n, theta),
        slips=statement_slips(n, theta),
    )
    return Study(result, (_steps(result), _arctangent(result), _recurrence(result)))


def _steps(result: DerivationResult) -> Claim:
    """All steps give one number, for every order of the table."""
    residuals = {(order, step.name): step.residual for order, steps in result.table.items() for step in steps}
    (order, name), worst = max(residuals.items(), key=lambda item: item[1])
    return Claim(
        name="Every step keeps the value",
        formula=r"J_n(\theta) = \iint_{w} = \iint_{u, v} = \iint_{r, \psi} = "
        r"n!\,\sin^{2n+1}\theta \int_0^{\pi/2} \frac{\cos^n\psi\; d\psi}{(1 - \cos\theta\cos\psi)^{n+1}}",
        assumptions=(),
        predicted="(3.3) after each step, for every order of the table",
        measured=f"{len(residuals)} values; the worst, n = {order}, {name}, is off by {number(worst)}",
        residual=worst,
        tolerance=1e-9,
        unit="of Jₙ",
        why="Each step only changes variables; the quadratures use no formula of the result.",
    )


def _arctangent(result: DerivationResult) -> Claim:
    """The formula of step 4, with the angle of the point in place of the principal branch."""
    worst = max(abs(one.formula / one.integral - 1.0) for one in result.antiderivatives)
    last = result.antiderivatives[-1]
    return Claim(
        name="The arctangent formula",
        formula=r"\int_0^{\alpha} \frac{\sin\theta\; d\psi}{1 - \cos\theta\cos\psi} = "
        r"\operatorname{atan2}(\sin\alpha\sin\theta,\; \cos\alpha - \cos\theta)",
        assumptions=(),
        predicted=f"{digits(last.formula)} at α = π/2, which is π − θ",
        measured=f"{digits(last.integral)} by quadrature; at {len(ENDS)} ends α off by {number(worst)} at most",
        residual=worst,
        tolerance=1e-9,
        unit="of the integral",
        why="With t = tan(ψ/2) the integrand is rational. The arctangent as printed, with values in (−π/2, π/2), is π "
        "too small where cos α < cos θ.",
    )


def _recurrence(result: DerivationResult) -> Claim:
    """From n to n + 1 by one derivative, and by the two orders below."""
    residuals = []
    for one in result.recurrences:
        residuals.append(abs(one.raised - one.above) / one.largest)
        if one.order:
            residuals.append(abs(one.lowered - one.slope) / abs(one.slope))
            residuals.append(abs(one.three_terms - one.above) / one.largest)
    last, worst = result.recurrences[-1], max(residuals)
    found = last.three_terms if last.order else last.raised
    return Claim(
        name="From n to n + 1",
        formula=r"J_{n+1} = (2n+1)\cos\theta\, J_n - \sin\theta\, J_n',\quad "
        r"J_n' = -n^2\sin\theta\, J_{n-1}\ (n \ge 1)",
        assumptions=(),
        predicted=f"J{subscript(last.order + 1)} = {digits(found)} from the orders below",
        measured=f"{digits(last.above)} by quadrature; for n = 0 to {last.order} off by {number(worst)} at most",
        residual=worst,
        tolerance=1e-8,
        unit="of the largest term; near π the terms cancel",
        why="The first is step 4 differentiated once; the second follows from it by induction, and both make three "
        "neighbours.",
    )
