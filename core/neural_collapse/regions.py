"""Two rules on feature space, the linear classifier's and the nearest class mean's, and where they differ.

The collapse of one to the other (NC4) is a statement about every point h, so it is measured on probes of the whole
space, and exactly, by polygons, on a plane of it. Where a rule has a tie it names several classes; on such a point the
disagreement is 1 - |A and B| / |A or B| for the sets A and B that the two rules name: 0 where they tie alike, as two
equal partitions do on their boundary, and (C-1)/C for a classifier that prefers no class at all. Everywhere else it is
0 or 1.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import ArrayLike

from core.arrays import Array, Mask
from core.neural_collapse.partition import Partition
from core.neural_collapse.statistics import blocks, checked_features, checked_matrix, checked_numbers
from core.validation import check_choice, check_integer, check_number

_EPS = float(np.finfo(np.float64).eps)
_TIE = 1e-12  # scores this close, relative to |w| |h|, are a tie: a hundred times what rounding W leaves
SPACES = ("all", "span")
MAX_PROBES = 1_000_000


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class DecisionRegions:
    """Both partitions of a square of a plane, the points o + x e_1 + y e_2 with |x|, |y| <= reach.

    Polygons are convex, with their corners (x, y) in rows, counter-clockwise.

    Attributes
    ----------
    reach : float
        Half a side of the square.
    least_squares, nearest_mean : tuple of Array
        The region of each of the C classes by either rule; of no rows where a class has none. Classes that tie
        everywhere on the square have the same.
    least_squares_borders, nearest_mean_borders : Array
        End points of the edges between regions, shape (k, 2, 2).
    differences : tuple of Array
        Polygons on which the rules do not name the same classes; none where their area is no more than `rounding`.
    share : float
        Area of `differences` over that of the square, ties counted as the module says: `disagreement` for points that
        are uniform on the square.
    rounding : float
        Largest share that rounding of the scores can make of two partitions that are one.
    means : Array
        Class means projected on the plane, (x, y) in rows, shape (C, 2).
    origin : Array
        o, the centre of the means that span the plane, shape (p,).
    basis : Array
        e_1 and e_2 in columns, orthonormal, shape (p, 2).
    """

    reach: float
    least_squares: tuple[Array, ...]
    nearest_mean: tuple[Array, ...]
    least_squares_borders: Array
    nearest_mean_borders: Array
    differences: tuple[Array, ...]
    share: float
    rounding: float
    means: Array
    origin: Array
    basis: Array

    def project(self, points: ArrayLike) -> Array:
        """Coordinates (x, y) of points (n, p), projected on the plane, shape (n, 2)."""
        return np.asarray((np.asarray(points, dtype=np.float64) - self.origin) @ self.basis)


def make_probes(class_means: ArrayLike, count: int, *, seed: int = 0, space: str = "all", spread: float = 1.0) -> Array:
    """Gaussian points around the centre of the class means, on their scale.

    Parameters
    ----------
    class_means : array_like
        mu_c in columns, shape (p, C).
    count : int
        Points, from 1 to 10^6.
    seed : int
        Of the points.
    space : str
        "all" spreads them over R^p, "span" over the span of the centred means only.
    spread : float
        Root-mean-square length of a point's part in the span, in units of that of the centred means. The standard
        deviation is the same in every direction of the space.

    Returns
    -------
    Array
        Shape (count, p).

    Raises
    ------
    ValueError
        For an argument outside its range.
    """
    means = checked_matrix("class_means", class_means)
    check_integer("count", count, 1, MAX_PROBES)
    check_integer("seed", seed, 0, 2**63 - 1)
    check_choice("space", space, SPACES)
    check_number("spread", spread, 0.0, 1e6)
    dimension, classes = means.shape
    center = means.mean(axis=1, keepdims=True)
    left, singular, _ = np.linalg.svd(means - center, full_matrices=False)
    rank = max(1, int((singular > 1e-12 * singular[0]).sum()))
    deviation = spread * float(np.linalg.norm(singular)) / sqrt(classes * rank)
    generator = np.random.default_rng(seed)
    if space == "span":
        return np.asarray(center.T + deviation * generator.standard_normal((count, rank)) @ left[:, :rank].T)
    return np.asarray(center.T + deviation * generator.standard_normal((count, dimension)))


def disagreement(weights: ArrayLike, bias: ArrayLike, class_means: ArrayLike, probes: ArrayLike) -> float:
    """Share of points on which argmax_c <w_c, h> + b_c is not argmin_c |h - mu_c|.

    Parameters
    ----------
    weights, bias : array_like
        W, shape (C, p), and b, shape (C,).
    class_means : array_like
        mu_c in columns, shape (p, C).
    probes : array_like
        h in rows, shape (n, p).

    Returns
    -------
    float
        From 0 to 1; ties count as the module says, so boundaries that coincide count as agreement.

    Raises
    ------
    ValueError
        For shapes that do not fit or numbers that are not finite.
    """
    return float(point_disagreements(weights, bias, class_means, probes).mean())


def point_disagreements(weights: ArrayLike, bias: ArrayLike, class_means: ArrayLike, points: ArrayLike) -> Array:
    """The same point by point, shape (n,); for many classifiers, W (..., C, p) and b (..., C), shape (..., n)."""
    rules = _Rules.of(weights, bias, class_means)
    table = checked_features(points, len(rules.center))
    parts = [rules.disagreements(table[part].astype(np.float64)) for part in blocks(*table.shape)]
    return np.concatenate(parts, axis=-1)


def decision_regions(
    weights: ArrayLike,
    bias: ArrayLike,
    class_means: ArrayLike,
    *,
    classes: Sequence[int] = (0, 1, 2),
    reach: float = 1.8,
) -> DecisionRegions:
    """Both partitions on the plane through three class means.

    All classes compete on it. Two classes span a line; the plane then also holds the part of w_1 - w_0 across it.

    Parameters
    ----------
    weights, bias, class_means : array_like
        As in `disagreement`, p at least 2.
    classes : sequence of int
        The three classes; the first lies upwards from the centre. Ignored for C = 2.
    reach : float
        Half a side in units of the largest distance of a mean of the plane from its centre.

    Returns
    -------
    DecisionRegions
        Exact but for rounding, which it states.

    Raises
    ------
    ValueError
        For shapes that do not fit, numbers that are not finite, or an argument outside its range.
    """
    rules = _Rules.of(checked_matrix("weights", weights), bias, class_means)
    check_number("reach", reach, 0.01, 1000.0)
    means = rules.means + rules.center[:, None]
    chosen = means[:, _chosen(classes, means.shape[1])]
    origin = chosen.mean(axis=1)
    basis = _plane(chosen - origin[:, None], rules.weights)
    half = reach * (float(np.linalg.norm(chosen - origin[:, None], axis=0).max()) or 1.0)
    linear, nearest = rules.partitions(origin, basis, half)
    differences, share = linear.differences(nearest)
    rounding = linear.rounding + nearest.rounding
    return DecisionRegions(
        reach=half,
        least_squares=linear.polygons,
        nearest_mean=nearest.polygons,
        least_squares_borders=linear.borders,
        nearest_mean_borders=nearest.borders,
        differences=differences if share > rounding else (),
        share=share if share > rounding else 0.0,
        rounding=rounding,
        means=(means - origin[:, None]).T @ basis,
        origin=origin,
        basis=basis,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Rules:
    """Both rules as scores that are largest for the class they name, about the centre of the means.

    They are <w_c, d> + b_c + <w_c, center> and <m_c, d> - |m_c|^2/2 with d = h - center: centred means lose no digits
    to a common offset. Scores have the shape (..., C, n) for n points.
    """

    weights: Array  # (..., C, p)
    bias: Array  # at the center, (..., C, 1)
    bias_error: Array  # (..., 1)
    means: Array  # centred, (p, C)
    center: Array  # (p,)

    @classmethod
    def of(cls, weights: ArrayLike, bias: ArrayLike, class_means: ArrayLike) -> "_Rules":
        means = checked_matrix("class_means", class_means)
        rows, constants = checked_numbers("weights", weights), checked_numbers("bias", bias)
        if rows.shape[-2:] != means.T.shape:
            raise ValueError(
                f"weights must have the shape {means.T.shape}, that of class_means turned, got {rows.shape}"
            )
        if constants.shape != rows.shape[:-1]:
            raise ValueError(f"bias must have the shape {rows.shape[:-1]}, got {constants.shape}")
        center = means.mean(axis=1)
        size = np.abs(constants).max(axis=-1) + _steepest(rows) * float(np.linalg.norm(center))
        shifted = (constants + rows @ center)[..., None]
        return cls(rows, shifted, 16.0 * _EPS * np.asarray(size)[..., None], means - center[:, None], center)

    def disagreements(self, points: Array) -> Array:
        """At points (n, p), shape (..., n)."""
        apart = (points - self.center).T
        squares = np.einsum("ij,ij->j", self.means, self.means)
        linear, nearest = self.weights @ apart + self.bias, self.means.T @ apart - 0.5 * squares[:, None]
        return self._compare(linear, nearest, np.asarray(np.linalg.norm(apart, axis=0)))

    def partitions(self, origin: Array, basis: Array, reach: float) -> tuple[Partition, Partition]:
        """Both rules on a square of a plane, from their scores as affine functions of its coordinates."""
        start = origin - self.center
        squares = np.einsum("ij,ij->j", self.means, self.means)
        linear = np.column_stack([self.weights @ start + self.bias[:, 0], self.weights @ basis])
        nearest = np.column_stack([self.means.T @ start - 0.5 * squares, self.means.T @ basis])
        ties = self._ties(np.array([np.linalg.norm(start) + sqrt(2.0) * reach]))
        linear_error, nearest_error = (float(tie[0]) for tie in ties)
        return Partition.of(linear, reach, linear_error), Partition.of(nearest, reach, nearest_error)

    def _compare(self, linear: Array, nearest: Array, distance: Array) -> Array:
        """Disagreements of the scores of both rules at some distances from the center."""
        linear_tie, nearest_tie = self._ties(distance)
        return _set_disagreement(_named(linear, linear_tie), _named(nearest, nearest_tie))

    def _ties(self, distance: Array) -> tuple[Array, Array]:
        """What of a score is rounding at some distances from the center, of either rule."""
        longest = float(np.linalg.norm(self.means, axis=0).max())
        shift = 16.0 * _EPS * float(np.linalg.norm(self.center))  # rounding of the centred means
        linear = _TIE * np.asarray(_steepest(self.weights))[..., None] * distance + self.bias_error
        return linear, (_TIE * longest + shift) * (distance + longest)


def _steepest(weights: Array) -> Array:
    """Largest |w_c|, shape (...)."""
    return np.asarray(np.linalg.norm(weights, axis=-1).max(axis=-1))


def _named(scores: Array, tie: Array) -> Mask:
    """Classes whose score is within the tie (..., n) of the largest, for scores (..., C, n)."""
    return np.asarray(scores >= (scores.max(axis=-2) - tie)[..., None, :])


def _set_disagreement(first: Mask, second: Mask) -> Array:
    """1 - |A and B| / |A or B| for sets of classes as masks (..., C, n), shape (..., n)."""
    # narrow integers: sums of masks are most of the time of a dial map
    common, either = (np.add.reduce(sets, axis=-2, dtype=np.int16) for sets in (first & second, first | second))
    return np.asarray(1.0 - common / either)


def _chosen(classes: Sequence[int], available: int) -> list[int]:
    if available == 2:
        return [0, 1]
    chosen = list(classes)
    for number in chosen:
        check_integer("classes", number, 0, available - 1)
    if len(set(chosen)) != 3 or len(chosen) != 3:
        raise ValueError(f"classes must be three different classes, got {classes!r}")
    return chosen


def _plane(means: Array, weights: Array) -> Array:
    """Orthonormal e_1, e_2 (p, 2) of the plane: e_2 towards the first mean, e_1 towards the last one's side.

    Where the means span less than a plane, differences of the weights complete it, then axes.
    """
    dimension = len(means)
    if dimension < 2:
        raise ValueError("class_means must have at least 2 rows to span a plane, got 1")
    upward = [means[:, 0], *(means[:, -1] - means.T[:-1])]
    fallback = [*(weights[1:] - weights[0]), *np.eye(dimension)[:3]]
    found: list[Array] = []
    for vector in (*upward, *fallback):
        across = vector.copy()
        for _ in range(2):  # twice is enough (Kahan): the second takes off what rounding left
            across -= sum((unit * (unit @ across) for unit in found), np.zeros(dimension))
        if float(np.linalg.norm(across)) > 1e-9 * float(np.linalg.norm(vector)):
            found.append(across / np.linalg.norm(across))
        if len(found) == 2:
            break
    return np.column_stack(found[::-1])
