"""First and second moments of features with classes, kept as factors that resolve noise of 1e-8 and less.

A covariance squares: within-class noise of 1e-8 next to means of size 1 is 1e-16 in Sigma_T, which is rounding. So
Sigma_W = F^T F is kept as F and Sigma_B = M M^T / C as M, and nothing here ever adds the two before it must.
Each sample has the weight 1/(C n_c), which is 1/(N C) in balanced classes; with it, and with the mean of the class
means as the global mean, the formulas of the balanced case hold verbatim.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from math import sqrt

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.linalg import svd
from scipy.sparse import csr_array

from core.arrays import Array, Indices
from core.neural_collapse.spans import MeanSpan, NoiseSplit

_EPS = float(np.finfo(np.float64).eps)
_LARGEST = 1e100  # its square, and products of a few of them, are far from overflow
_BLOCK = 4_000_000  # numbers held at a time, 32 MB


@dataclass(frozen=True, eq=False, kw_only=True)
class FeatureStatistics:
    """Moments of features in R^p with classes 0 to C-1. What is costly is decomposed once, when it is asked for.

    Attributes
    ----------
    class_means : Array
        mu_c in columns, shape (p, C).
    global_mean : Array
        mu_G, the mean of the class means, shape (p,).
    centered_means : Array
        M, with the columns mu_c - mu_G, shape (p, C).
    counts : Indices
        n_c, samples of each class; zeros for a population, which has none; shape (C,).
    within_factor : Array
        F with Sigma_W = F^T F: rows (h - mu_c)/sqrt(C n_c), reduced to a triangle if there are more than p of them;
        shape (m, p), m <= p.
    class_variances : Array
        Trace of each class's own covariance, the mean of |h - mu_c|^2 over the class, shape (C,).
    mean_floor : float
        Length below which a centred mean, or a singular value of M, is rounding error and counts as 0:
        max(p, C) eps times the largest root-mean-square length of a class's features.
    noise_floor : float
        Standard deviation below which within-class noise counts as 0. The same number for samples; 0 for a
        population, whose covariance is exact.
    """

    class_means: Array
    global_mean: Array
    centered_means: Array
    counts: Indices
    within_factor: Array
    class_variances: Array
    mean_floor: float
    noise_floor: float

    @property
    def classes(self) -> int:
        """The number of classes, C."""
        return int(self.class_means.shape[1])

    @property
    def dimension(self) -> int:
        """The number of coordinates, p."""
        return int(self.class_means.shape[0])

    @property
    def between_factor(self) -> Array:
        """Rows (mu_c - mu_G)/sqrt(C), so that Sigma_B is its Gram matrix, shape (C, p)."""
        return np.asarray(self.centered_means.T / sqrt(self.classes))

    @property
    def within(self) -> Array:
        """Sigma_W, shape (p, p), formed when asked for."""
        return np.asarray(self.within_factor.T @ self.within_factor)

    @property
    def between(self) -> Array:
        """Sigma_B, shape (p, p), formed when asked for."""
        return np.asarray(self.centered_means @ self.centered_means.T / self.classes)

    @property
    def total(self) -> Array:
        """Sigma_T = Sigma_W + Sigma_B, shape (p, p), formed when asked for: noise of 1e-8 is lost in it."""
        return np.asarray(self.within + self.between)

    @property
    def lengths(self) -> Array:
        """|mu_c - mu_G|, 0 where it is below `mean_floor`, shape (C,)."""
        lengths = np.linalg.norm(self.centered_means, axis=0)
        return np.where(lengths > self.mean_floor, lengths, 0.0)

    def mean_span(self) -> MeanSpan:
        """Singular value decomposition of M, cut at rank C - 1 at most and at `mean_floor`."""
        return self._mean_span

    @cached_property
    def _mean_span(self) -> MeanSpan:
        left, singular, right = np.linalg.svd(self.centered_means, full_matrices=False)
        rank = min(self.classes - 1, int((singular > self.mean_floor).sum())) if self.lengths.any() else 0
        return MeanSpan(basis=left[:, :rank], singular=singular[:rank], right=right[:rank].T)

    @cached_property
    def noise_split(self) -> NoiseSplit:
        """The within-class factor in the span of the means and across it."""
        basis = self.mean_span().basis
        inside = self.within_factor @ basis
        across = inside @ basis.T
        np.subtract(self.within_factor, across, out=across)
        across -= (across @ basis) @ basis.T  # twice is enough (Kahan): what rounding left in the span goes
        # transposed, it is in the order that LAPACK overwrites
        directions, deviations, left = svd(across.T, full_matrices=False, overwrite_a=True, check_finite=False)
        return NoiseSplit(inside=inside, left=left.T, deviations=deviations, directions=directions)


def feature_statistics(features: ArrayLike, labels: ArrayLike) -> FeatureStatistics:
    """Moments of samples.

    Parameters
    ----------
    features : array_like
        h, one sample a row, shape (samples, p). Read in blocks: an array of any number type is not copied whole.
    labels : array_like of int
        Class of each sample, 0 to C - 1, each class at least once and C at least 2; shape (samples,).

    Returns
    -------
    FeatureStatistics
        Each sample weighted with 1/(C n_c).

    Raises
    ------
    ValueError
        For shapes that do not fit, numbers that are not finite or beyond 1e100, labels that are no integers from 0,
        fewer than 2 classes, or a class without a sample.
    """
    table = checked_features(features)
    classes = checked_labels(labels, len(table))
    counts = np.bincount(classes)
    means = np.zeros((counts.size, table.shape[1]))
    for _ in range(2):  # the second pass takes off the rounding of the first: equal samples have themselves as mean
        means += _class_sums(table, classes, means) / counts[:, None]
    factor, variances = _within(table, classes, means, counts)
    scale = float(np.sqrt((means**2).sum(axis=1) + variances).max())
    floor = max(means.shape) * _EPS * scale
    return _statistics(means.T.copy(), counts, factor, variances, floor, floor)


def population_statistics(
    class_means: ArrayLike, covariance_factor: ArrayLike, counts: ArrayLike | None = None
) -> FeatureStatistics:
    """Moments of a population whose classes share one covariance, without samples.

    Parameters
    ----------
    class_means : array_like
        mu_c in columns, shape (p, C).
    covariance_factor : array_like
        F with Sigma_W = F^T F, shape (m, p) for any m >= 1.
    counts : array_like of int, optional
        To be carried along, shape (C,); classes weigh the same whatever they are. Zeros by default.

    Returns
    -------
    FeatureStatistics
        With Sigma_W as given.

    Raises
    ------
    ValueError
        For shapes that do not fit, numbers that are not finite or beyond 1e100, or fewer than 2 classes.
    """
    means = checked_matrix("class_means", class_means)
    factor = checked_matrix("covariance_factor", covariance_factor)
    if means.shape[1] < 2:
        raise ValueError(f"class_means must have at least 2 columns, one for each class, got {means.shape[1]}")
    if factor.shape[1] != means.shape[0]:
        raise ValueError(f"covariance_factor must have {means.shape[0]} columns, got {factor.shape[1]}")
    numbers = np.zeros(means.shape[1], dtype=np.intp) if counts is None else np.array(counts, dtype=np.intp)
    if numbers.shape != (means.shape[1],):
        raise ValueError(f"counts must be {means.shape[1]} integers, one for each class, got shape {numbers.shape}")
    variances = np.full(means.shape[1], float((factor**2).sum()))
    floor = max(means.shape) * _EPS * float(np.linalg.norm(means, axis=0).max())
    return _statistics(means, numbers, factor, variances, floor, 0.0)


def _statistics(
    means: Array, counts: Indices, factor: Array, variances: Array, mean_floor: float, noise_floor: float
) -> FeatureStatistics:
    global_mean = means.mean(axis=1)
    return FeatureStatistics(
        class_means=means,
        global_mean=global_mean,
        centered_means=means - global_mean[:, None],
        counts=counts,
        within_factor=factor,
        class_variances=variances,
        mean_floor=mean_floor,
        noise_floor=noise_floor,
    )


def blocks(rows: int, columns: int) -> Iterator[slice]:
    """Slices of rows that hold 4 x 10^6 numbers at most, or one row."""
    size = max(1, _BLOCK // max(1, columns))
    yield from (slice(start, min(start + size, rows)) for start in range(0, rows, size))


def _class_sums(table: NDArray[np.number], labels: Indices, means: Array) -> Array:
    """Sum of h - mu_c over each class, shape (C, p)."""
    sums = np.zeros_like(means)
    for part in blocks(*table.shape):
        chosen = labels[part]
        member = csr_array((np.ones(chosen.size), (chosen, np.arange(chosen.size))), (len(means), chosen.size))
        sums += member @ (table[part].astype(np.float64) - means[chosen])
    return sums


def _within(table: NDArray[np.number], labels: Indices, means: Array, counts: Indices) -> tuple[Array, Array]:
    """The factor of Sigma_W, and each class's variance; the factor is a triangle that takes up block after block."""
    classes, dimension = means.shape
    variances, filled = np.zeros(classes), 0
    block = max((part.stop - part.start for part in blocks(*table.shape)), default=0)
    factor = np.empty((min(len(table), dimension + block), dimension))
    for part in blocks(*table.shape):
        chosen = labels[part]
        if filled + chosen.size > len(factor):
            triangle = np.linalg.qr(factor[:filled], mode="r")
            filled = len(triangle)
            factor[:filled] = triangle
        rows = factor[filled : filled + chosen.size]
        np.subtract(table[part], means[chosen], out=rows)
        variances += np.bincount(chosen, weights=np.einsum("ij,ij->i", rows, rows), minlength=classes)
        rows /= np.sqrt(classes * counts[chosen, None].astype(np.float64))
        filled += chosen.size
    factor = factor[:filled]
    if filled > dimension:
        factor = np.asarray(np.linalg.qr(factor, mode="r"))
    return factor, variances / counts


def checked_features(features: ArrayLike, dimension: int | None = None) -> NDArray[np.number]:
    """Samples as rows, of the number type they come in.

    Raises
    ------
    ValueError
        Unless they are a table of finite numbers with at least one row and one column, or `dimension` of them.
    """
    table = np.asarray(features)
    if table.ndim != 2 or 0 in table.shape or table.dtype.kind not in "iuf":
        raise ValueError(
            "features must be a table of real numbers with one row for each sample, "
            f"got shape {table.shape} of {table.dtype}"
        )
    if dimension is not None and table.shape[1] != dimension:
        raise ValueError(f"features must have {dimension} columns, got {table.shape[1]}")
    for part in blocks(*table.shape):
        _check_size("features", table[part])
    return table


def checked_labels(labels: ArrayLike, samples: int, classes: int | None = None) -> Indices:
    """Class of each sample, shape (samples,).

    Raises
    ------
    ValueError
        Unless they are integers from 0, below `classes` if that is given; otherwise with every class from 0 to the
        largest at least once, and at least 2 of them.
    """
    array = np.asarray(labels)
    if array.shape != (samples,) or array.dtype.kind not in "iu":
        raise ValueError(
            f"labels must be {samples} integers, one for each row of features, got shape {array.shape} of {array.dtype}"
        )
    if int(array.min()) < 0:
        raise ValueError(f"labels must be integers from 0, got {int(array.min())}")
    if classes is None:
        _check_every_class(array)
    elif int(array.max()) >= classes:
        raise ValueError(f"labels must be integers from 0 to {classes - 1}, got {int(array.max())}")
    return array.astype(np.intp)


def _check_every_class(labels: NDArray[np.integer]) -> None:
    found = np.unique(labels)
    if found[-1] != found.size - 1:
        missing = int((found != np.arange(found.size)).argmax())
        raise ValueError(
            f"labels must name every class from 0 to {int(found[-1])} at least once, got no sample of class {missing}"
        )
    if found.size < 2:
        raise ValueError("labels must name at least 2 classes, got 1")


def checked_matrix(name: str, values: ArrayLike) -> Array:
    """A matrix of finite numbers of moderate size as doubles, copied.

    Raises
    ------
    ValueError
        For other shapes, types and numbers.
    """
    matrix = checked_numbers(name, values)
    if matrix.ndim != 2 or matrix.size == 0:
        raise ValueError(f"{name} must be a matrix with rows and columns, got shape {matrix.shape}")
    return matrix


def checked_numbers(name: str, values: ArrayLike) -> Array:
    """The same of any shape."""
    numbers = np.asarray(values)
    if numbers.dtype.kind not in "iuf":
        raise ValueError(f"{name} must be real numbers, got {numbers.dtype}")
    _check_size(name, numbers)
    return numbers.astype(np.float64)


def _check_size(name: str, values: NDArray[np.number]) -> None:
    good = np.abs(values.astype(np.float64)) <= _LARGEST  # false for NaN
    if not good.all():
        raise ValueError(f"{name} must be finite and at most 1e100 in size, got {float(values[~good][0])!r}")
