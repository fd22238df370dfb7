"""The simplex equiangular tight frame: C unit vectors that are as far from each other as they can be."""

from math import sqrt

import numpy as np

from core.arrays import Array
from core.validation import check_integer

MAX_CLASSES, MAX_DIMENSION = 20, 1000


def check_simplex(classes: int, dimension: int) -> None:
    """Raise ValueError unless a simplex of C points from 2 to 20 fits in R^p, p to 1000."""
    check_integer("classes", classes, 2, MAX_CLASSES)
    check_integer("dimension", dimension, 1, MAX_DIMENSION)
    if dimension < classes - 1:
        raise ValueError(
            f"dimension must be at least classes - 1 = {classes - 1}, got {dimension}: {classes} unit vectors with "
            f"equal angles of cosine -1/{classes - 1} span {classes - 1} dimensions, so they do not fit"
        )


def simplex_gram(classes: int) -> Array:
    """Inner products C/(C-1) (I - 11^T/C) of a simplex ETF: 1 on the diagonal, -1/(C-1) off it, shape (C, C).

    Raises
    ------
    ValueError
        Unless C is an integer from 2 to 20.
    """
    check_integer("classes", classes, 2, MAX_CLASSES)
    gram = np.full((classes, classes), -1.0 / (classes - 1))
    np.fill_diagonal(gram, 1.0)
    return gram


def simplex_etf(classes: int, dimension: int, *, seed: int = 0) -> Array:
    """Columns of a simplex ETF (Papyan, Han & Donoho 2020, definition 1), turned at random.

    Parameters
    ----------
    classes : int
        C, from 2 to 20.
    dimension : int
        p, from C - 1 to 1000.
    seed : int
        Of the orthogonal matrix, which is uniform on its group.

    Returns
    -------
    Array
        Unit columns with the Gram matrix `simplex_gram`, and the sum 0, to 1e-14; shape (p, C).

    Raises
    ------
    ValueError
        For an argument outside its range.
    """
    check_simplex(classes, dimension)
    check_integer("seed", seed, 0, 2**63 - 1)
    frame = np.random.default_rng(seed).standard_normal((dimension, classes - 1))
    orthogonal, triangle = np.linalg.qr(frame)
    # the sign makes the frame uniform: without it the signs are those of the Householder reflections
    return np.asarray((orthogonal * np.sign(np.diag(triangle))) @ simplex_coordinates(classes))


def simplex_coordinates(classes: int) -> Array:
    """A simplex ETF in the fewest dimensions: the rows of Helmert's matrix but the first, scaled; shape (C-1, C)."""
    rows = np.zeros((classes - 1, classes))
    for k in range(1, classes):
        rows[k - 1, :k] = 1.0 / sqrt(k * (k + 1))
        rows[k - 1, k] = -k / sqrt(k * (k + 1))
    return sqrt(classes / (classes - 1)) * rows


def nearest_simplex(centered_means: Array) -> Array:
    """The simplex ETF of the same size nearest to centred class means, by the Frobenius norm.

    Of all a R S with orthonormal columns R, S the coordinates of an ETF and |a R S| = |M|, the polar factor R of M S^T
    is the nearest to M (the orthogonal Procrustes problem, Schonemann 1966).

    Parameters
    ----------
    centered_means : Array
        M, shape (p, C), p >= C - 1.

    Returns
    -------
    Array
        Shape (p, C); zeros for zeros.
    """
    classes = centered_means.shape[1]
    coordinates = simplex_coordinates(classes)
    left, _, right = np.linalg.svd(centered_means @ coordinates.T, full_matrices=False)
    size = float(np.linalg.norm(centered_means)) / sqrt(classes)
    return np.asarray(size * (left @ right) @ coordinates)
