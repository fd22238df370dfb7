"""What the four steps of problem 2.3 integrate, on grids: the wedge, the sheared quadrant, the half disc, the angle."""

from math import asinh, cos, pi, sin, sqrt, tan

import numpy as np

from core.arrays import Array
from core.kernels.quadrature import check_inner, psi_integrand, shear
from core.kernels.result.derivation import PolarPicture, PsiPicture, QuadrantPicture, WedgePicture

GRID = 61
"""Points of a grid along each axis."""
PSI_POINTS = 201
"""Points of the curve of step 4."""
EXTENT = 3.2  # for n = 0 and 1: the Gaussian is below 1 % of its height there
_BEYOND_RIDGE = 1.6  # of the ridge at sqrt(2n + 1), where r^(2n+1) exp(-r^2/2) is largest: 1.6/sqrt(1/2) deviations
RADII = (1.0, 2.0, 3.0)
"""Radii |w| of the arcs whose images show the shear."""
ARC_POINTS = 61


def wedge_picture(order: int, angle: float) -> WedgePicture:
    """The integrand of step 1 at order n, from 0 to 20, and an angle inside (0, pi)."""
    check_inner(order, angle)
    extent = _extent(order)
    w1 = w2 = np.linspace(-extent, extent, GRID)
    v = w1 * cos(angle) + w2[:, None] * sin(angle)
    inside = (w1 > 0.0) & (v > 0.0)
    values = (w1 * v) ** order * np.exp(-0.5 * (w1 * w1 + (w2 * w2)[:, None]))
    edges = np.array([[0.0, 1.0], [sin(angle), -cos(angle)]])
    ends = extent * edges / np.abs(edges).max(axis=1, keepdims=True)
    return WedgePicture(
        w1=w1,
        w2=w2,
        integrand=np.where(inside, values, np.nan),
        rays=np.stack([np.zeros((2, 2)), ends], axis=1),
        inputs=np.array([[1.0, 0.0], [cos(angle), sin(angle)]]),
        arcs=_arcs(angle),
    )


def quadrant_picture(order: int, angle: float) -> QuadrantPicture:
    """The integrand of step 2 at order n, from 0 to 20, and an angle inside (0, pi)."""
    check_inner(order, angle)
    extent = _extent(order)
    u = v = np.linspace(0.0, extent * _reach(angle), GRID)
    square = (u - v[:, None]) ** 2 / (2.0 * sin(angle) ** 2)
    product = u * v[:, None]
    density = np.exp(-square - product / (2.0 * cos(0.5 * angle) ** 2)) / sin(angle)
    w1, w2 = (_arcs(angle)[:, k] for k in range(2))
    images = np.stack([w1, np.maximum(w1 * cos(angle) + w2 * sin(angle), 0.0)], axis=1)
    return QuadrantPicture(
        u=u, v=v, integrand=product**order * density, arcs=images, lines=_sheared_lines(angle, extent)
    )


def polar_picture(order: int, angle: float) -> PolarPicture:
    """The integrand of step 3 at order n, from 0 to 20, and an angle inside (0, pi)."""
    check_inner(order, angle)
    half = _graded(angle, GRID // 2 + 1)
    psi = np.concatenate([-half[:0:-1], half])
    width = sin(angle) / np.sqrt(shear(angle, psi))
    r = np.linspace(0.0, _extent(order) * width.max(), GRID)
    radius = r[:, None]
    density = 0.5 * radius * np.exp(-0.5 * (radius / width) ** 2) / sin(angle)
    values = (0.5 * radius**2 * np.cos(psi)) ** order * density
    return PolarPicture(psi=psi, r=r, integrand=values, ridge=sqrt(2 * order + 1) * width)


def psi_picture(order: int, angle: float) -> PsiPicture:
    """The integrand of step 4 at order n, from 0 to 20, and an angle inside (0, pi)."""
    check_inner(order, angle)
    psi = _graded(angle, PSI_POINTS)
    return PsiPicture(psi=psi, integrand=psi_integrand(order, angle, psi))


def _extent(order: int) -> float:
    """Half the width of the pictures: the ridge of r^(2n+1) exp(-r^2/2) is inside."""
    return max(EXTENT, sqrt(2 * order + 1) + _BEYOND_RIDGE)


def _reach(angle: float) -> float:
    """Largest u = w1, and largest v, that |w| < 1 allows in the wedge."""
    return 1.0 if cos(angle) > 0.0 else sin(angle)


def _graded(angle: float, count: int) -> Array:
    """Values of psi from 0 to pi/2 for a peak of width theta at 0, shape (count,)."""
    psi = angle * np.sinh(np.linspace(0.0, asinh(0.5 * pi / angle), count))
    psi[-1] = 0.5 * pi  # but for rounding it is
    return psi


def _arcs(angle: float) -> Array:
    """Arcs |w| = 1, 2, 3 from one edge of the wedge to the other, shape (3, 2, 61)."""
    direction = np.linspace(angle - 0.5 * pi, 0.5 * pi, ARC_POINTS)
    circle = np.stack([np.maximum(np.cos(direction), 0.0), np.sin(direction)])
    return np.asarray(np.array(RADII)[:, None, None] * circle)


def _sheared_lines(angle: float, extent: float) -> Array:
    """Images (w1, w1 cos + w2 sin) of w2 = const, w1 < extent, as far as they lie in the wedge, shape (L, 2, 2)."""
    w2 = np.arange(-int(extent), int(extent) + 1)
    edge = np.clip(-w2 * tan(angle), 0.0, extent)  # where v = 0
    ends = [edge, np.full_like(edge, extent)] if cos(angle) > 0.0 else [np.zeros_like(edge), edge]
    u = np.stack(ends, axis=1)[ends[0] < ends[1]]
    v = np.maximum(u * cos(angle) + w2[ends[0] < ends[1], None] * sin(angle), 0.0)
    return np.stack([u, v], axis=2)
