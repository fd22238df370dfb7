"""What can be known of the data before any flow: contradictions, separating lines, the widest margin."""

import numpy as np
from scipy.optimize import linprog, nnls

from core.arrays import Array

_SAME = 1e-12  # relative distance at which two points, or two rays, count as one


def contradiction(points: Array, labels: Array) -> tuple[int, int] | None:
    """Two samples that no bias-free network can tell apart although their labels differ.

    A positively homogeneous f has one sign along each ray from the origin, so two labels on one ray,
    or on one point, or any sample at the origin itself, cannot be classified.

    Parameters
    ----------
    points : Array
        Inputs as the network sees them, shape (n, d).
    labels : Array
        +1 or -1, shape (n,).

    Returns
    -------
    tuple of int or None
        Indices of the two samples; twice the same for a sample at the origin.
    """
    lengths = np.sqrt(np.vecdot(points, points))
    zero = np.flatnonzero(lengths == 0.0)
    if len(zero):
        return int(zero[0]), int(zero[0])
    rays = points / lengths[:, None]
    first, second = rays[labels < 0], rays[labels > 0]
    distance = np.abs(first[:, None, :] - second[None, :, :]).max(axis=2)
    close = np.argwhere(distance < _SAME)
    if not len(close):
        return None
    i, j = close[0]
    return int(np.flatnonzero(labels < 0)[i]), int(np.flatnonzero(labels > 0)[j])


def linearly_separable(points: Array, labels: Array) -> bool:
    """Whether some w has y_i <w, x_i> > 0 for all samples, by a linear program."""
    signed = labels[:, None] * points
    signed = signed / np.maximum(np.abs(signed).max(axis=1, keepdims=True), np.finfo(float).tiny)
    dimension = points.shape[1]
    # maximize t subject to signed w >= t, |w_j| <= 1
    solution = linprog(
        np.append(np.zeros(dimension), -1.0),
        A_ub=np.column_stack([-signed, np.ones(len(signed))]),
        b_ub=np.zeros(len(signed)),
        bounds=[(-1.0, 1.0)] * dimension + [(None, None)],
    )
    return bool(solution.success and -solution.fun > 1e-9)  # HiGHS's feasibility tolerance is 1e-7, scaled


def hard_margin_direction(points: Array, labels: Array) -> Array | None:
    """Unit normal of the hard-margin support vector machine through the origin.

    Least distance programming by non-negative least squares (Lawson & Hanson 1974, chapter 23):
    minimize |w| subject to y_i <w, x_i> >= 1.

    Parameters
    ----------
    points, labels
        As in `contradiction`.

    Returns
    -------
    Array or None
        Shape (d,), or None where no line separates the data.
    """
    if not linearly_separable(points, labels):
        return None
    signed = labels[:, None] * points
    system = np.vstack([signed.T, np.ones(len(signed))])
    target = np.append(np.zeros(points.shape[1]), 1.0)
    multipliers, _ = nnls(system, target)
    residual = system @ multipliers - target
    direction = -residual[:-1] / residual[-1]
    return np.asarray(direction / np.sqrt(direction @ direction))


def angle_between_directions(first: Array, second: Array) -> float:
    """Angle in radians, accurate also when it is tiny (Kahan's formula)."""
    a, b = first / np.linalg.norm(first), second / np.linalg.norm(second)
    return float(2.0 * np.arctan2(np.linalg.norm(a - b), np.linalg.norm(a + b)))
