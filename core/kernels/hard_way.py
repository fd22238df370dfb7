"""Composition kernels and (3.2) the hard way: by explicit features and by plain quadrature, with no formula."""

from itertools import chain, combinations_with_replacement
from math import comb, cos, factorial, pi, sin, tan

import numpy as np

from core.arrays import Array, Indices
from core.kernels.polynomial import MAX_DEGREE, MAX_DEPTH
from core.kernels.quadrature import MAX_ORDER, NODES, gauss_legendre, truncation_radius
from core.kernels.rbf import MAX_DEPTH as MAX_RBF_DEPTH
from core.validation import check_integer, check_number

MAX_FEATURES = 20_000
MAX_POINTS = 200  # 32 MB of features, and 10 ms a depth for the eigendecomposition
_NEGATIVE = 1e-10  # relative to the largest eigenvalue: what rounding may leave below zero


def feature_dimension(dimension: int, degree: int, depth: int) -> int:
    """Number of features of <x, y>^d applied `depth` times: p -> C(p + d - 1, d), again and again.

    Parameters
    ----------
    dimension : int
        p, of the inputs, from 1 to 100.
    degree : int
        d, from 1 to 8.
    depth : int
        From 1 to 6.

    Returns
    -------
    int
        Exact, and soon beyond what a float can hold; `math.log10` takes it.
    """
    check_integer("dimension", dimension, 1, 100)
    check_integer("degree", degree, 1, MAX_DEGREE)
    check_integer("depth", depth, 1, MAX_DEPTH)
    for _ in range(depth):
        dimension = comb(dimension + degree - 1, degree)
    return dimension


def monomial_features(points: Array, degree: int) -> Array:
    """Explicit features of <x, y>^d: all monomials of degree d, times the square root of their multinomial weight.

    Parameters
    ----------
    points : Array
        Shape (m, p), m up to 200.
    degree : int
        d, from 1 to 8.

    Returns
    -------
    Array
        Shape (m, C(p + d - 1, d)); its rows have the inner products <x, y>^d.

    Raises
    ------
    ValueError
        For more than 20 000 features.
    """
    check_integer("number of points", len(points), 1, MAX_POINTS)
    check_integer("degree", degree, 1, MAX_DEGREE)
    count = comb(points.shape[1] + degree - 1, degree)
    if count > MAX_FEATURES:
        raise ValueError(f"number of features must be at most {MAX_FEATURES}, got {count}")
    factors = _multisets(points.shape[1], degree, count)
    features = np.tile(np.sqrt(_multinomials(factors)), (len(points), 1))
    for column in factors.T:
        features *= points[:, column]
    return features


def polynomial_the_hard_way(points: Array, degree: int, depth: int) -> Array:
    """Gram matrix of <x, y>^d composed `depth` times, through the features of the features of ...

    Parameters
    ----------
    points, degree
        As in `monomial_features`.
    depth : int
        From 1, the kernel itself, to 6.

    Returns
    -------
    Array
        Shape (m, m).

    Raises
    ------
    ValueError
        As `monomial_features`, at any depth.
    """
    check_integer("depth", depth, 1, MAX_DEPTH)
    features = points
    for _ in range(depth):
        features = monomial_features(features, degree)
    return features @ features.T


def _multisets(dimension: int, degree: int, count: int) -> Indices:
    """Which coordinates are multiplied, in ascending order, shape (count, degree)."""
    flat = chain.from_iterable(combinations_with_replacement(range(dimension), degree))
    return np.fromiter(flat, dtype=np.intp, count=count * degree).reshape(count, degree)


def _multinomials(factors: Indices) -> Array:
    """In how many orders each row can be written: d! over the factorials of its runs of equal entries."""
    run = np.ones(len(factors))
    divisor = np.ones(len(factors))
    for before, now in zip(factors.T[:-1], factors.T[1:], strict=True):
        run = np.where(before == now, run + 1.0, 1.0)
        divisor *= run
    return factorial(factors.shape[1]) / divisor


def gram_root_features(gram: Array) -> Array:
    """Features of a kernel on finitely many points: the symmetric square root of its Gram matrix.

    Parameters
    ----------
    gram : Array
        Symmetric and positive semi-definite, shape (m, m). Eigenvalues that rounding leaves below zero, down to
        -1e-10 of the largest, count as zero.

    Returns
    -------
    Array
        One row a point, shape (m, m); the rows have the Gram matrix's inner products.

    Raises
    ------
    ValueError
        For an eigenvalue further below zero: no feature map has such inner products.
    """
    values, vectors = np.linalg.eigh(gram)
    if values[0] < -_NEGATIVE * max(values[-1], 0.0):
        raise ValueError(f"gram must be positive semi-definite, got an eigenvalue of {values[0]:g}")
    return np.asarray((vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T)


def rbf_grams(points: Array, gamma: float, depth: int) -> Array:
    """Gram matrices of exp(-|x - y|^2 / gamma^2) composed once, twice ... `depth` times, through distances of features.

    Below gamma^2 = 2 every depth enlarges 1 - k of close points by 2/gamma^2, and its rounding, some 1e-16, with it.

    Parameters
    ----------
    points : Array
        Shape (m, p), m up to 200.
    gamma : float
        The width, positive.
    depth : int
        From 1, the kernel itself, to 50.

    Returns
    -------
    Array
        Shape (depth, m, m).
    """
    check_integer("number of points", len(points), 1, MAX_POINTS)
    check_number("gamma", gamma, 1e-3, 1e3)
    check_integer("depth", depth, 1, MAX_RBF_DEPTH)
    grams = [np.exp(-_squared_distances(points) / gamma**2)]
    while len(grams) < depth:
        grams.append(np.exp(-_squared_distances(gram_root_features(grams[-1])) / gamma**2))
    return np.stack(grams)


def rbf_the_hard_way(points: Array, gamma: float, depth: int) -> Array:
    """The last of `rbf_grams`, shape (m, m)."""
    return np.asarray(rbf_grams(points, gamma, depth)[-1])


def _squared_distances(rows: Array) -> Array:
    """|a - b|^2 from the differences themselves, not from a Gram matrix, shape (m, m)."""
    distances = np.empty((len(rows), len(rows)))
    for i, row in enumerate(rows):
        difference = rows - row
        distances[i] = np.vecdot(difference, difference)
    return distances


def wedge_integral(order: int, angle: float) -> float:
    """The double integral in the plane of x and y that (3.2) leaves (step 1), in Cartesian coordinates.

    It is taken over the wedge w1 > 0, v = w1 cos(theta) + w2 sin(theta) > 0 of exp(-(w1^2 + w2^2)/2) (w1 v)^n.

    Parameters
    ----------
    order : int
        n, from 0 to 20.
    angle : float
        theta in radians, from 0, where the wedge is a half plane, to pi, where it is empty.

    Returns
    -------
    float
        J_n(theta), and 2 pi k_n with k_n of (3.2) as printed, for unit vectors.
    """
    check_integer("order", order, 0, MAX_ORDER)
    check_number("angle", angle, 0.0, pi)
    radius = truncation_radius(order)
    leaves = min(radius * abs(tan(angle)), radius)  # where v = 0 leaves the box |w2| < radius
    total = _between_boundary_and_box(order, angle, leaves, radius) if leaves > 0.0 else 0.0
    return total + (_full_height(order, angle, leaves, radius) if cos(angle) > 0.0 else 0.0)


def _between_boundary_and_box(order: int, angle: float, right: float, radius: float) -> float:
    """Over 0 < w1 < right, from v = 0 up to w2 = radius."""
    w1, weight = gauss_legendre(0.0, right)
    boundary = (-w1 * cos(angle) / sin(angle))[:, None]
    # measured from the boundary, so that v has its full precision there
    above, inner_weight = gauss_legendre(np.zeros(NODES), radius - boundary[:, 0])
    return _iterated(order, w1, boundary + above, sin(angle) * above, weight, inner_weight)


def _full_height(order: int, angle: float, left: float, radius: float) -> float:
    """Over left < w1 < radius, |w2| < radius."""
    w1, weight = gauss_legendre(left, radius)
    w2, inner_weight = gauss_legendre(-radius, radius)
    return _iterated(order, w1, w2, w1[:, None] * cos(angle) + w2 * sin(angle), weight, inner_weight)


def _iterated(order: int, w1: Array, w2: Array, v: Array, weight: Array, inner_weight: Array) -> float:
    inner = (v**order * np.exp(-0.5 * w2 * w2) * inner_weight).sum(axis=1)
    return float((weight * w1**order * np.exp(-0.5 * w1 * w1)) @ inner)
