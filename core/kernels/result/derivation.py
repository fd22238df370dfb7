"""The derivation of 2.3: pictures, the integral's value at each step, and the statement's slips."""

from dataclasses import dataclass
from math import cos, sin

from core.arrays import Array


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Step:
    """The integral for J_n after one step of the statement.

    Attributes
    ----------
    name : str
        Short name of the step.
    value : float
        The integral, by quadrature; in the last step for n = 0, by the arctangent formula.
    residual : float
        |value / J_n(theta) - 1|, with J_n as `core.kernels.angular` evaluates it.
    """

    name: str
    value: float
    residual: float


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Antiderivative:
    """The integral of sin(theta)/(1 - cos(theta) cos(psi)) over 0 < psi < alpha.

    Attributes
    ----------
    end : float
        alpha in radians.
    integral, formula : float
        By quadrature, and by the arctangent formula.
    """

    end: float
    integral: float
    formula: float


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Recurrence:
    """Three neighbouring J at one angle, and the derivative of the middle one, by quadrature.

    Attributes
    ----------
    order : int
        n.
    below, value, above : float
        J_{n-1} (0 at n = 0), J_n and J_{n+1}.
    slope : float
        dJ_n/d theta.
    angle : float
        theta in radians.
    """

    order: int
    below: float
    value: float
    slope: float
    above: float
    angle: float

    @property
    def raised(self) -> float:
        """(2n + 1) cos(theta) J_n - sin(theta) J_n', which is J_{n+1}."""
        return (2 * self.order + 1) * cos(self.angle) * self.value - sin(self.angle) * self.slope

    @property
    def lowered(self) -> float:
        """-n^2 sin(theta) J_{n-1}, which is J_n' for n >= 1."""
        return -(self.order**2) * sin(self.angle) * self.below

    @property
    def three_terms(self) -> float:
        """(2n + 1) cos(theta) J_n + n^2 sin^2(theta) J_{n-1}, which is J_{n+1} for n >= 1."""
        return (2 * self.order + 1) * cos(self.angle) * self.value - sin(self.angle) * self.lowered

    @property
    def largest(self) -> float:
        """Size of the terms, whose rounding is all that three quadratures can differ by."""
        return max(
            (2 * self.order + 1) * abs(cos(self.angle)) * self.value, abs(sin(self.angle) * self.slope), self.above
        )


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Slip:
    """A place where the statement as printed does not hold, with the number that shows it.

    Attributes
    ----------
    name : str
        Short name.
    printed : float
        What the statement gives as it is printed.
    correct : float
        What it should give.
    evidence : tuple of (str, float)
        The numbers computed for it, labelled.
    sentence : str
        What is missing.
    """

    name: str
    printed: float
    correct: float
    evidence: tuple[tuple[str, float], ...]
    sentence: str

    @property
    def ratio(self) -> float:
        """Printed / correct; 1 where the slip does no harm."""
        return self.printed / self.correct

    @property
    def difference(self) -> float:
        """Printed - correct."""
        return self.printed - self.correct


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class WedgePicture:
    """Step 1, in the plane of x and y.

    Attributes
    ----------
    w1, w2 : Array
        The grid's axes, each of shape (61,).
    integrand : Array
        exp(-(w1^2 + w2^2)/2) w1^n (w1 cos + w2 sin)^n at [w2, w1], NaN outside the wedge, shape (61, 61); near
        theta = pi the wedge may pass between all points. Its volume is J_n.
    rays : Array
        The wedge's two edges, from the origin to the edge of the grid: edge, end, coordinate; shape (2, 2, 2). The
        first is perpendicular to x, the second to y.
    inputs : Array
        Unit vectors along x and y, shape (2, 2).
    arcs : Array
        |w| = 1, 2, 3 inside the wedge: arc, coordinate, point; shape (3, 2, 61).
    """

    w1: Array
    w2: Array
    integrand: Array
    rays: Array
    inputs: Array
    arcs: Array


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class QuadrantPicture:
    """Step 2, after the shear.

    Attributes
    ----------
    u, v : Array
        The grid's axes, each of shape (61,); beyond theta = pi/2 they shrink with the integrand, as sin(theta).
    integrand : Array
        (u v)^n exp(-(u^2 + v^2 - 2 u v cos)/(2 sin^2)) / sin at [v, u], shape (61, 61). Its volume is J_n; below
        theta = 0.1 the ridge along u = v is narrower than the grid's cells.
    arcs : Array
        Images of the wedge's arcs, ellipses now, point for point: shape (3, 2, 61).
    lines : Array
        Images of the lines w2 = const at whole numbers, from v = 0 or u = 0 to as far as w1 reaches in the wedge's
        grid: line, end, coordinate; shape (L, 2, 2). The lines w1 = const stay upright.
    """

    u: Array
    v: Array
    integrand: Array
    arcs: Array
    lines: Array


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class PolarPicture:
    """Step 3, in polar coordinates.

    Attributes
    ----------
    psi, r : Array
        The grid's axes, each of shape (61,): from -pi/2 to pi/2, closer where the integrand is steep, and from 0 to
        where the integrand has fallen off.
    integrand : Array
        (r/2) (r^2 cos(psi)/2)^n exp(-r^2 (1 - cos cos psi)/(2 sin^2)) / sin at [r, psi], shape (61, 61). Its
        volume is J_n.
    ridge : Array
        The radius at which the integrand is largest, for each psi, shape (61,).
    """

    psi: Array
    r: Array
    integrand: Array
    ridge: Array


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class PsiPicture:
    """Step 4, the angle alone.

    Attributes
    ----------
    psi : Array
        From 0 to pi/2, closer where the integrand is steep, shape (201,).
    integrand : Array
        n! sin^(2n+1) cos^n(psi) / (1 - cos cos psi)^(n+1), shape (201,). The area below it is J_n.
    """

    psi: Array
    integrand: Array


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class DerivationResult:
    """Everything of the derivation at one order and angle.

    Attributes
    ----------
    order : int
        n.
    angle : float
        theta in radians.
    formula : float
        J_n(theta) by (3.3).
    wedge, quadrant, polar, psi
        What the four steps integrate.
    exact : dict of int to float
        J_n(theta) by (3.3) for the orders of the table.
    table : dict of int to tuple of Step
        The integral's value after each step, for n = 0 to 5 and the chosen n.
    differentiated : Array
        J_0, J_1, ... at theta by differentiating J_0, one after the other.
    antiderivatives : tuple of Antiderivative
        The integral of step 4 at n = 0 up to several ends; that of the statement, pi/2, comes last.
    recurrences : tuple of Recurrence
        From n to n + 1 for n = 0 up to the chosen one.
    slips : tuple of Slip
        Where the statement as printed does not hold.
    """

    order: int
    angle: float
    formula: float
    wedge: WedgePicture
    quadrant: QuadrantPicture
    polar: PolarPicture
    psi: PsiPicture
    exact: dict[int, float]
    table: dict[int, tuple[Step, ...]]
    differentiated: Array
    antiderivatives: tuple[Antiderivative, ...]
    recurrences: tuple[Recurrence, ...]
    slips: tuple[Slip, ...]
