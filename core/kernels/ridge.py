"""Ridge regression on explicit features: a kernel machine without its kernel."""

import numpy as np
from numpy.typing import ArrayLike
from scipy.linalg import svd

from core.arrays import Array
from core.kernels.embedding import finite_array, standardized
from core.validation import check_number

_EPS = float(np.finfo(np.float64).eps)


def primal_ridge(features: ArrayLike, grid_features: ArrayLike, y: ArrayLike, noise: float) -> Array:
    """Ridge regression in feature space: the posterior mean of the kernel <phi(x), phi(x')> without a kernel matrix.

    Minimizes |Phi w - y|^2 + noise^2 |w|^2 by the singular value decomposition of Phi, sound for fewer and for more
    features than samples. Without noise it is the solution of least norm, with the singular values cut off
    where numpy's pseudo-inverse would: max(m, h) eps relative to the largest.

    Parameters
    ----------
    features : array_like
        Phi, shape (m, h).
    grid_features : array_like
        Features where to predict, shape (g, h).
    y : array_like
        Values, shape (m,); centred and scaled as in `regress`.
    noise : float
        As in `regress`.

    Returns
    -------
    Array
        Predictions in the units of y, shape (g,).

    Raises
    ------
    ValueError
        For shapes that do not fit, numbers that are not finite, or noise out of range.
    """
    check_number("noise", noise, 0.0, 10.0)
    train, test = finite_array("features", features, 2), finite_array("grid_features", grid_features, 2)
    if train.shape[1] != test.shape[1]:
        raise ValueError(f"grid_features must have {train.shape[1]} columns as features, got {test.shape[1]}")
    offset, scale, target = standardized(y, len(train))
    left, singular, right = svd(train, full_matrices=False, check_finite=False)
    kept = singular > max(train.shape) * _EPS * singular[0]
    left, singular, right = left[:, kept], singular[kept], right[kept]
    weights = right.T @ ((left.T @ target) / (singular + noise**2 / singular))
    return np.asarray(offset + scale * (test @ weights))
