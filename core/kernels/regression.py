"""Gaussian-process regression, which is kernel ridge regression with a band, for inputs on a line.

The formulas are algorithm 2.1 of Rasmussen & Williams, Gaussian Processes for Machine Learning (2006): with the data in
the units of their standard deviation, K the Gram matrix, s the noise and A = K + s^2 I,

    mean(x) = k(x, X) A^-1 y,    variance(x) = k(x, x) - k(x, X) A^-1 k(X, x).
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import log, pi

import numpy as np
from numpy.typing import ArrayLike
from scipy.linalg import lapack, solve_triangular

from core.arrays import Array
from core.kernels.embedding import Embedding, finite_array, standardized
from core.validation import check_integer, check_number

Kernel = Callable[[Array, Array], Array]
"""Of points (m, 2) and (k, 2), their Gram block (m, k): symmetric and positive semi-definite."""

JITTERS = (0.0, 1e-12, 1e-11, 1e-10, 1e-9, 1e-8, 1e-7, 1e-6)
"""What is tried on the diagonal, relative to its mean: from above rounding to noise of 1/1000 of the amplitude."""
_EPS = float(np.finfo(np.float64).eps)
_MAX_CONDITION = 1e-3 / _EPS  # of what is solved with: rounding moves the mean by less than about 1e-3 of y's deviation
LARGEST = 1e100  # of a kernel's values: the squares of the amplitude and of sums of them do not overflow
_BLOCK = 32  # points whose Gram block is formed for its diagonal: few calls, few entries in vain


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Regression:
    """The posterior on a grid, and how it was reached.

    Attributes
    ----------
    grid : Array
        Inputs x, shape (g,).
    mean : Array
        Posterior mean of f, in the units of y, shape (g,).
    band : Array
        Posterior standard deviation of f at each input, without the noise, in the units of y, shape (g,).
    prior_std : Array
        The same before the data, shape (g,).
    offset, scale : float
        Mean and standard deviation of y: the regression is of (y - offset) / scale. Where y is constant, scale = 1.
    log_marginal_likelihood : float
        Natural logarithm of the Gaussian density of (y - offset) / scale under K + (noise^2 + jitter) I.
    degrees_of_freedom : float
        Effective number of parameters, tr K (K + (noise^2 + jitter) I)^-1, from 0 to m.
    condition : float
        Condition number of K + (noise^2 + jitter) I in the 1-norm, LAPACK's estimate, at most 4.5e12.
    jitter : float
        What was added to the diagonal of K besides noise^2, as if the noise had been larger: 0 where the condition
        number allows it, else the least power of ten from 1e-12 to 1e-6 times the mean diagonal that does.
    """

    grid: Array
    mean: Array
    band: Array
    prior_std: Array
    offset: float
    scale: float
    log_marginal_likelihood: float
    degrees_of_freedom: float
    condition: float
    jitter: float


def regress(
    kernel: Kernel,
    x: ArrayLike,
    y: ArrayLike,
    grid: ArrayLike,
    *,
    noise: float,
    embedding: Embedding,
    amplitude: float = 1.0,
) -> Regression:
    """Posterior of a Gaussian process with covariance amplitude^2 k and noisy data.

    Parameters
    ----------
    kernel : Kernel
        k, on embedded inputs; its diagonal need not be 1.
    x, y : array_like
        The data, shape (m,) each.
    grid : array_like
        Where to predict, shape (g,).
    noise : float
        Standard deviation s of the noise, in units of the standard deviation of y, from 0 to 10.
    embedding : Embedding
        Places inputs in the plane.
    amplitude : float
        Factor of the kernel's standard deviation, in the same units, from 1e-3 to 1e3.

    Returns
    -------
    Regression
        A variance that rounding makes negative, by about m eps times the prior one, is set to 0.

    Raises
    ------
    ValueError
        For values out of range, or a kernel that is not positive semi-definite on the inputs.
    """
    check_number("noise", noise, 0.0, 10.0)
    check_number("amplitude", amplitude, 1e-3, 1e3)
    offset, scale, target = standardized(y, len(finite_array("x", x, 1)))
    inputs, outputs = embedding(x), embedding(grid)
    gram, cross = (amplitude**2 * _block(kernel, inputs, points) for points in (inputs, outputs))
    prior = amplitude**2 * _diagonal(kernel, outputs)
    solver = _factor(gram, noise)
    white, whitened = solver.whiten(target), solver.whiten(cross)
    variance = np.maximum(prior - np.einsum("ij,ij->j", whitened, whitened), 0.0)
    return Regression(
        grid=np.array(grid, dtype=np.float64),
        mean=offset + scale * (white @ whitened),
        band=scale * np.sqrt(variance),
        prior_std=scale * np.sqrt(prior),
        offset=offset,
        scale=scale,
        log_marginal_likelihood=solver.log_density(white),
        degrees_of_freedom=solver.degrees_of_freedom(),
        condition=solver.condition,
        jitter=solver.jitter,
    )


def rounding_bound(
    kernel: Kernel, x: ArrayLike, y: ArrayLike, grid: ArrayLike, *, noise: float, embedding: Embedding, error: float
) -> float:
    """How far rounding may move the posterior mean, to first order: the largest over the grid, in deviations of y.

    With E the error of A, of norm `error` times that of A, and e(x) that of k(x, X), the mean k(x, X) A^-1 y moves by
    at most (|E| |A^-1 k(X, x)| + |e(x)|) |A^-1 y|. Where y has a part that the kernel cannot follow, |A^-1 y| is that
    part over the noise squared, however small the mean is: the condition number alone does not say it.

    Parameters
    ----------
    kernel, x, y, grid, noise, embedding
        As in `regress`.
    error : float
        Relative error of the kernel's values and of the factorization, a multiple of the machine's.
    """
    target = standardized(y, len(finite_array("x", x, 1)))[2]
    inputs, outputs = embedding(x), embedding(grid)
    gram, cross = (_block(kernel, inputs, points) for points in (inputs, outputs))
    solver = _factor(gram, noise)
    weights, influence = (solver.solve(right) for right in (target, cross))
    size = float(np.linalg.norm(gram, 1)) + solver.shift
    moved = size * np.linalg.norm(influence, axis=0) + np.linalg.norm(cross, axis=0)
    return error * float(moved.max() * np.linalg.norm(weights))


def log_evidence(gram: Array, y: ArrayLike, noise: float) -> float:
    """Log marginal likelihood of data under a Gram matrix alone, as in `Regression`.

    Parameters
    ----------
    gram : Array
        K of the inputs, shape (m, m), in units of the variance of y.
    y : array_like
        Values, shape (m,).
    noise : float
        As in `regress`.

    Raises
    ------
    ValueError
        For values out of range, or a matrix that is not positive semi-definite.
    """
    check_number("noise", noise, 0.0, 10.0)
    if not (np.abs(gram) <= LARGEST).all():
        raise ValueError(f"gram must hold numbers up to {LARGEST:g}")
    target = standardized(y, len(gram))[2]
    solver = _factor(gram, noise)
    return solver.log_density(solver.whiten(target))


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class PriorDraws:
    """Functions drawn from the prior.

    Attributes
    ----------
    values : Array
        One draw a row, shape (count, g).
    clipped : float
        Sum of the eigenvalues that rounding made negative and that were set to 0, as a share of the trace.
    """

    values: Array
    clipped: float


def prior_draws(
    kernel: Kernel, grid: ArrayLike, *, count: int, seed: int, embedding: Embedding, amplitude: float = 1.0
) -> PriorDraws:
    """Draw functions from the Gaussian process with mean 0 and covariance amplitude^2 k.

    A draw is K^(1/2) z with the symmetric root from an eigendecomposition, negative eigenvalues set to 0: no jitter
    roughens it, and with one seed it changes continuously with the kernel.

    Parameters
    ----------
    kernel, embedding, amplitude
        As in `regress`.
    grid : array_like
        Inputs, shape (g,).
    count : int
        How many draws, from 1 to 10000.
    seed : int
        Seed of z. More draws keep the earlier ones.

    Returns
    -------
    PriorDraws
        In units of the standard deviation of y, and what was clipped.

    Raises
    ------
    ValueError
        For values out of range, or a kernel that is not positive semi-definite on the grid.
    """
    check_integer("count", count, 1, 10_000)
    check_integer("seed", seed, 0, 10**6)
    check_number("amplitude", amplitude, 1e-3, 1e3)
    points = embedding(grid)
    values, vectors = np.linalg.eigh(amplitude**2 * _block(kernel, points, points))
    kept = np.maximum(values, 0.0)
    lost = float((kept - values).sum())
    if lost > JITTERS[-1] * float(kept.sum()):
        raise ValueError("The kernel has negative eigenvalues on the grid; use a positive semi-definite kernel.")
    normal = np.random.default_rng(seed).standard_normal((count, len(points)))
    draws = (normal @ vectors * np.sqrt(kept)) @ vectors.T
    return PriorDraws(values=draws, clipped=lost / float(kept.sum()) if lost else 0.0)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class _Solver:
    """Cholesky factor L of A = K + shift I, shape (m, m), lower."""

    factor: Array
    shift: float
    jitter: float
    condition: float

    def whiten(self, right: Array) -> Array:
        """L^-1 times a vector or the columns of a matrix."""
        return np.asarray(solve_triangular(self.factor, right, lower=True, check_finite=False))

    def solve(self, right: Array) -> Array:
        """A^-1 times a vector or the columns of a matrix."""
        return np.asarray(solve_triangular(self.factor, self.whiten(right), lower=True, trans="T", check_finite=False))

    def log_density(self, white: Array) -> float:
        """Of N(0, A), at the vector whose whitened form this is."""
        rest = np.log(np.diag(self.factor)).sum() + 0.5 * len(white) * log(2.0 * pi)
        return float(-0.5 * (white @ white) - rest)

    def degrees_of_freedom(self) -> float:
        """Trace of K A^-1, m - shift |L^-1|^2."""
        size = len(self.factor)
        inverse = self.whiten(np.eye(size))
        return float(np.clip(size - self.shift * (inverse * inverse).sum(), 0.0, size))


def _factor(gram: Array, noise: float) -> _Solver:
    """Factor K + noise^2 I with the least jitter that leaves rounding too small to see."""
    mean = float(np.diag(gram).mean())
    for relative in JITTERS:
        shift = noise**2 + relative * mean
        matrix = gram + shift * np.eye(len(gram))
        factor, failed = lapack.dpotrf(matrix, lower=True)
        if not failed:
            reciprocal = float(lapack.dpocon(factor, np.linalg.norm(matrix, 1), uplo="L")[0])
            if reciprocal * _MAX_CONDITION >= 1.0:
                return _Solver(factor=factor, shift=shift, jitter=relative * mean, condition=1.0 / reciprocal)
    raise ValueError(
        f"The kernel matrix is not positive definite, not even with {JITTERS[-1]:g} of its mean diagonal added to it; "
        "use a positive semi-definite kernel, or more noise."
    )


def _block(kernel: Kernel, first: Array, second: Array) -> Array:
    block = np.asarray(kernel(first, second), dtype=np.float64)
    if block.shape != (len(first), len(second)) or not (np.abs(block) <= LARGEST).all():
        raise ValueError(f"kernel must give numbers up to {LARGEST:g} in shape {(len(first), len(second))}")
    return block


def _diagonal(kernel: Kernel, points: Array) -> Array:
    """k(x, x) at each point, not negative, without the whole Gram matrix."""
    parts = (points[start : start + _BLOCK] for start in range(0, len(points), _BLOCK))
    return np.concatenate([np.maximum(np.diag(_block(kernel, part, part)), 0.0) for part in parts])
