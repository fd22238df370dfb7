"""What can be known of the data before any flow: contradictions, separating lines, the widest margin."""

import numpy as np
from scipy.optimize import linprog, nnls

from core.arrays import Array
from core.notation import number

_FAR_LOWER = 0.25
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


def ray_bound(points: Array, labels: Array, slack: float = 0.0) -> tuple[int, int, float] | None:
    """Two samples whose directions bound every normalized margin of a bias-free network.

    With |V_k| = 1, f(V; x) is positively homogeneous in x and has Lipschitz constant 1. For unit vectors u = x/|x|,
    y_i f(u_i) + y_j f(u_j) = y_i (f(u_i) - f(u_j)) <= |u_i - u_j| where the labels differ, so that not both
    margins can exceed |u_i - u_j| / (1/|x_i| + 1/|x_j|).

    Parameters
    ----------
    points, labels
        As in `contradiction`; no sample at the origin.
    slack : float
        Added to |u_i - u_j|: by how much two values of f on the unit sphere may differ besides.

    Returns
    -------
    tuple of (int, int, float) or None
        The samples and the bound, the smallest of all pairs; None where there is one class.
    """
    negative, positive = np.flatnonzero(labels < 0), np.flatnonzero(labels > 0)
    if not len(negative) or not len(positive):
        return None
    lengths = np.sqrt(np.vecdot(points, points))
    rays = points / lengths[:, None]
    distance = np.sqrt(np.square(rays[negative, None, :] - rays[None, positive, :]).sum(axis=2)) + slack
    bounds = distance / (1.0 / lengths[negative, None] + 1.0 / lengths[None, positive])
    i, j = np.unravel_index(int(bounds.argmin()), bounds.shape)
    return int(negative[i]), int(positive[j]), float(bounds[i, j])


def bias_advice(points: Array, labels: Array, depth: int, gate_width: float) -> str:
    """A sentence on the bias coordinate where it is shown to be what is missing, and nothing elsewhere.

    It is where a line separates the samples with the bias coordinate and none does without; or where two opposite
    labels are so close to one ray from the origin that they bound the margin a quarter as high as with the bias.

    Parameters
    ----------
    points, labels
        As in `contradiction`; no sample at the origin.
    depth : int
        Number of layers K.
    gate_width : float
        eps: each of the K - 1 gated layers is at most eps/8 from a ReLU on the unit sphere.
    """
    if (points[:, -1] == 1.0).all():
        return ""
    with_bias = np.column_stack([points, np.ones(len(points))])
    if linearly_separable(with_bias, labels) and not linearly_separable(points, labels):
        plane = "line" if points.shape[1] == 2 else "hyperplane"
        return f" With the bias coordinate even a {plane} separates the samples: switch it on."
    slack = (depth - 1) * gate_width / 4.0
    here, there = ray_bound(points, labels, slack), ray_bound(with_bias, labels, slack)
    if here is None or there is None or here[2] >= _FAR_LOWER * there[2]:
        return ""
    i, j = sorted(here[:2])
    angle = np.degrees(angle_between_directions(points[i], points[j]))
    return (
        f" Without the bias coordinate f has one sign along a ray from the origin; samples {i + 1} and {j + 1}, of "
        f"opposite classes, are {number(angle)}° apart as seen from there, so no normalized margin can be above "
        f"{number(here[2])}: switch the bias coordinate on."
    )


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
