"""The least squares classifier W = (1/C) M^T Sigma_T^+, b = (1/C) 1 - W mu_G (Webb & Lowe 1990), without Sigma_T.

With M = U S V^T and Sigma_W = F^T F, write G_1 = F U, G_2 = F (I - U U^T) and W^T = U a + b for a b across U. The
normal equations Sigma_T W^T = M/C are then

    b = -G_2^+ G_1 a,        (S^2/C + R^T R) a = S V^T / C,        R = (I - G_2 G_2^+) G_1,

and this solution is the one of least norm. No covariance is formed and nothing small is added to anything large: the
error does not grow as the noise shrinks. The first equation also shows the discontinuity: b does not change when
F is scaled, however small it is, but is 0 where F is.
"""

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import ArrayLike

from core.arrays import Array
from core.neural_collapse.simplex import check_simplex
from core.neural_collapse.spans import MeanSpan
from core.neural_collapse.statistics import FeatureStatistics
from core.validation import check_integer, check_number

_EPS = float(np.finfo(np.float64).eps)
MAX_RIDGE = 1e12
_ROUNDINGS = 4.0  # of the products that take the noise apart


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class SpanSystem:
    """The normal equations eliminated down to the span of the means: W^T = L a.

    Attributes
    ----------
    span : MeanSpan
        U, S and V.
    lift : Array
        L = U - G_2^+ G_1, shape (p, r).
    damping, modes : Array
        Singular values, shape (r,), and right singular vectors, shape (r, r), of sqrt(C) R S^-1: the noise that
        cannot be cancelled from outside of the span, in units of the means.
    """

    span: MeanSpan
    lift: Array
    damping: Array
    modes: Array

    def weights(self, noise_scale: ArrayLike = 1.0) -> Array:
        """W if all noise, and with it the square root of a ridge, were multiplied by a factor; at 0 it is M^+.

        For isotropic noise without samples that is the limit, too; in general it is not.

        Parameters
        ----------
        noise_scale : array_like
            At least 0, any shape.

        Returns
        -------
        Array
            Shape (..., C, p), where ... is the shape of the factors.
        """
        scale = np.asarray(noise_scale, dtype=np.float64)[..., None, None]
        shares = np.hypot(1.0, scale * self.damping) ** -2.0
        reduced = ((self.span.right @ self.modes) * shares) @ (self.modes.T / self.span.singular)
        return np.asarray(np.where(scale > 0.0, reduced @ self.lift.T, reduced @ self.span.basis.T))


def span_system(statistics: FeatureStatistics, *, ridge: float = 0.0) -> SpanSystem:
    """Eliminate the complement of the span of the means.

    Parameters
    ----------
    statistics : FeatureStatistics
        Of samples or of a population.
    ridge : float
        lambda, added to the diagonal of Sigma_T.

    Returns
    -------
    SpanSystem
        See `least_squares_classifier` for the rank cuts.
    """
    span = statistics.mean_span()
    carried, remainder = _eliminate(statistics, ridge)
    scaled = sqrt(statistics.classes) * remainder / span.singular
    # rows of zeros make the factor at least square, so that there are r modes
    padded = np.concatenate([scaled, np.zeros((scaled.shape[1], scaled.shape[1]))])
    _, damping, modes = np.linalg.svd(padded, full_matrices=False)
    return SpanSystem(span=span, lift=span.basis - carried, damping=damping, modes=modes.T)


def _eliminate(statistics: FeatureStatistics, ridge: float) -> tuple[Array, Array]:
    """G_2^+ G_1, shape (p, r), and R, whose Gram matrix is the noise left in the span, shape (k, r).

    A ridge adds the rows sqrt(lambda) I to [G_1, G_2]; with G_2 = X D Z^T they turn 1/D into D/(D^2 + lambda), and
    leave lambda/(D^2 + lambda) of the noise that was cancelled, and lambda itself, in the span.
    """
    split = statistics.noise_split
    largest = max(
        float(split.deviations.max(initial=0.0)), float(np.linalg.norm(split.inside, axis=0).max(initial=0.0))
    )
    cut = max(statistics.noise_floor, _ROUNDINGS * max(statistics.within_factor.shape) * _EPS * largest)
    rank = min(int((split.deviations > cut).sum()), statistics.dimension - split.inside.shape[1])
    left, deviations = split.left[:, :rank], split.deviations[:rank, None]
    shared = left.T @ split.inside
    root = sqrt(ridge)
    size = np.hypot(deviations, root)
    carried = split.directions[:, :rank] @ (shared / size * (deviations / size))
    parts = [split.inside - left @ shared, shared * (root / size), root * np.eye(split.inside.shape[1])]
    return carried, np.concatenate(parts if ridge else parts[:1])


def least_squares_classifier(statistics: FeatureStatistics, *, ridge: float = 0.0) -> tuple[Array, Array]:
    """Weights and biases that fit the indicators of the classes best, each class weighing the same.

    Minimizes sum_i |W h_i + b - e_(y_i)|^2 / (C n_(y_i)) + ridge |W|_F^2; of several minima it is the one of least |W|.

    Two rank cuts are made, and no other. Singular values of M count as 0 from the C-th on, and where they are below
    `statistics.mean_floor`. Standard deviations of the noise outside of the span of M count as 0 where they are below
    `statistics.noise_floor`, or below 4 max(m, p) eps times the largest of all.

    Parameters
    ----------
    statistics : FeatureStatistics
        Of samples or of a population. Where Sigma_W is 0, W = M^+; where all means are equal, W = 0 and b = 1/C.
    ridge : float
        lambda from 0 to 1e12 in W = (1/C) M^T (Sigma_T + lambda I)^-1; 0 is the pseudo-inverse.

    Returns
    -------
    tuple of Array
        W, shape (C, p), and b, shape (C,).

    Raises
    ------
    ValueError
        For another ridge.
    """
    check_number("ridge", ridge, 0.0, MAX_RIDGE)
    weights = span_system(statistics, ridge=ridge).weights()
    return weights, 1.0 / statistics.classes - weights @ statistics.global_mean


def unweighted_classifier(
    class_means: Array, within_factor: Array, shares: Array, *, ridge: float = 0.0
) -> tuple[Array, Array]:
    """Weights and biases that fit the indicators of the classes best, each *sample* weighing the same.

    With unequal shares of the classes W is no longer (1/C) M^T Sigma_T^+. It is found from the rows of the problem
    themselves, not from their covariance, by a singular value decomposition cut at max(rows, p) eps.

    Parameters
    ----------
    class_means : Array
        mu_c in columns, shape (p, C).
    within_factor : Array
        F with Sigma_W = F^T F, every sample weighing the same, shape (m, p).
    shares : Array
        Share of each class in the samples, positive, with the sum 1, shape (C,).
    ridge : float
        As in `least_squares_classifier`.

    Returns
    -------
    tuple of Array
        W, shape (C, p), and b, shape (C,).
    """
    check_number("ridge", ridge, 0.0, MAX_RIDGE)
    center, roots = class_means @ shares, np.sqrt(shares)[:, None]
    rows = [roots * (class_means.T - center), within_factor]
    if ridge:
        rows.append(sqrt(ridge) * np.eye(len(class_means)))
    targets = np.zeros((sum(map(len, rows)), len(shares)))
    targets[: len(shares)] = roots * (np.eye(len(shares)) - shares)
    system = np.concatenate(rows)
    solution = np.linalg.lstsq(system, targets, rcond=max(system.shape) * _EPS)[0]
    return np.asarray(solution.T), np.asarray(shares - solution.T @ center)


def vanishing_noise_nc3(classes: int, dimension: int, samples: int) -> float:
    """NC3 of the least squares classifier on samples around a simplex ETF as their isotropic noise goes to 0.

    Noise in the span is regressed on the q = p - C + 1 directions across it with nu = C (N - 1) degrees of freedom,
    however small both are. So the squared tangent t of the angle between W^T and M has the mean q/(nu - q - 1), or
    nu/(q - nu - 1) where q exceeds nu (the mean of an inverse Wishart matrix), and NC3^2 = 2 - 2/sqrt(1 + t). It is
    largest where samples just suffice, q = nu, as in double descent, and 0 at no noise.

    Parameters
    ----------
    classes, dimension, samples : int
        C from 2 to 20, p from C - 1 to 1000, and N, for each class, from 1 to 10^9.

    Returns
    -------
    float
        NC3 at the mean of t; sqrt(2) where it has no mean, |q - nu| <= 1.

    Raises
    ------
    ValueError
        For an argument outside its range.
    """
    check_simplex(classes, dimension)
    check_integer("samples", samples, 1, 10**9)
    across, freedom = dimension - classes + 1, classes * (samples - 1)
    if across == 0 or freedom == 0:
        return 0.0
    if abs(across - freedom) <= 1:
        return sqrt(2.0)
    tangent = min(across, freedom) / (abs(across - freedom) - 1)
    return sqrt(2.0 - 2.0 / sqrt(1.0 + tangent))
