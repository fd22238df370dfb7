"""The derivation of 2.3: its pictures, its steps in numbers, and the statement's slips."""

from core.claims import Claim
from core.kernels.angular import angular_function
from core.kernels.derivation import derivation_table, repeated_differentiation
from core.kernels.params import AngularParams
from core.kernels.pictures import polar_picture, psi_picture, quadrant_picture, wedge_picture
from core.kernels.result import Study
from core.kernels.result.derivation import DerivationResult
from core.kernels.slips import statement_slips
from core.notation import number

ORDERS = range(6)
"""Orders of the table."""


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
        slips=statement_slips(n, theta),
    )
    return Study(result, (_steps(result),))


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
