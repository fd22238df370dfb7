"""How far features and a classifier are from neural collapse: the published metrics, which do not agree.

Standard deviations are those of a population (divided by C, not C - 1). A metric that is not defined is NaN: NC1, NC3
where all class means are equal, NC2 where one equals their mean and so has no direction, NC3 where W = 0. All norms
are Frobenius norms.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.spatial.distance import pdist

from core.arrays import Array
from core.neural_collapse.regions import point_disagreements
from core.neural_collapse.statistics import FeatureStatistics, checked_features, checked_labels, checked_matrix

_EPS = float(np.finfo(np.float64).eps)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class CollapseMetrics:
    """Metrics of neural collapse; all are 0 at the collapse.

    Attributes
    ----------
    nc1 : float
        tr(Sigma_W Sigma_B^+)/C, the pseudo-inverse cut at rank C - 1 (Papyan, Han & Donoho 2020).
    nc1_trace : float
        tr Sigma_W / tr Sigma_B (Tirer & Bruna 2022).
    nc1_pairs : float
        Class-distance normalized variance, (v_c + v_c')/(2 |mu_c - mu_c'|^2) averaged over c != c', with
        v_c the mean of |h - mu_c|^2 (Galanti, Gyorgy & Hutter 2022). NaN where two means are equal.
    nc2_equinorm : float
        Standard deviation over mean of |mu_c - mu_G| (Papyan, Han & Donoho 2020).
    nc2_equiangle : float
        Mean over c != c' of |cos + 1/(C-1)| (the same, "maximal-angle equiangularity").
    nc2_equiangle_max : float
        Maximum of the same.
    nc2_cosine_std : float
        Standard deviation of the cosines over c != c' (the same, "equiangularity"): equal angles, whatever they are.
    nc2_gram : float
        |M^T M/|M^T M| - (I - 11^T/C)/sqrt(C-1)|: norms and angles together (Zhu et al. 2021, who take it of W).
    nc3 : float
        |W^T/|W| - M/|M||, not squared.
    nc3_squared : float
        Its square, which most public code reports.
    nc3_product : float
        |W M/|W M| - (I - 11^T/C)/sqrt(C-1)| (Zhu et al. 2021). NaN where W M = 0.
    nc4 : float
        Share of the given points where argmax <w_c, h> + b_c is not argmin |h - mu_c|; ties as in `regions`. NaN where
        no points are given.
    class_variances : Array
        Mean of |h - mu_c|^2 over each class, shape (C,).
    lengths : Array
        |mu_c - mu_G|, shape (C,).
    class_nc4 : Array
        nc4 over the given points of each class; NaN for a class without points, shape (C,).
    """

    nc1: float
    nc1_trace: float
    nc1_pairs: float
    nc2_equinorm: float
    nc2_equiangle: float
    nc2_equiangle_max: float
    nc2_cosine_std: float
    nc2_gram: float
    nc3: float
    nc3_squared: float
    nc3_product: float
    nc4: float
    class_variances: Array
    lengths: Array
    class_nc4: Array


def collapse_metrics(
    statistics: FeatureStatistics,
    weights: ArrayLike,
    bias: ArrayLike,
    features: ArrayLike | None = None,
    labels: ArrayLike | None = None,
) -> CollapseMetrics:
    """Metrics of features and of a classifier, which need not be the least squares one.

    Parameters
    ----------
    statistics : FeatureStatistics
        Of samples or of a population.
    weights, bias : array_like
        W, shape (C, p), and b, shape (C,).
    features : array_like, optional
        Points of NC4, shape (n, p): the training features, or probes of the whole space.
    labels : array_like of int, optional
        Their classes, for the values of each class.

    Returns
    -------
    CollapseMetrics
        Of plain numbers.

    Raises
    ------
    ValueError
        For shapes that do not fit, numbers that are not finite, or labels without features.
    """
    rows = checked_matrix("weights", weights)
    if rows.shape != statistics.centered_means.T.shape:
        raise ValueError(f"weights must have the shape {statistics.centered_means.T.shape}, got {rows.shape}")
    means = statistics.centered_means if statistics.lengths.any() else np.zeros_like(statistics.centered_means)
    nc3 = float(self_duality(rows, means))
    nc4, class_nc4 = _nearest_center(statistics, rows, bias, features, labels)
    return CollapseMetrics(
        nc1=within_to_between(statistics),
        nc1_trace=_trace_ratio(statistics),
        nc1_pairs=pair_variance(statistics),
        nc2_equinorm=equinorm(statistics),
        **angle_metrics(statistics),
        nc2_gram=simplex_distance(means.T, means),
        nc3=nc3,
        nc3_squared=nc3**2,
        nc3_product=simplex_distance(rows, means),
        nc4=nc4,
        class_variances=statistics.class_variances,
        lengths=statistics.lengths,
        class_nc4=class_nc4,
    )


def within_to_between(statistics: FeatureStatistics) -> float:
    """tr(Sigma_W Sigma_B^+)/C = |F U S^-1|^2, never negative; NaN where all means are equal."""
    span = statistics.mean_span()
    if not span.singular.size:
        return float("nan")
    return float(np.linalg.norm(statistics.within_factor @ (span.basis / span.singular)) ** 2)


def _trace_ratio(statistics: FeatureStatistics) -> float:
    between = float(np.linalg.norm(statistics.between_factor))
    if not statistics.lengths.any():
        return float("nan")
    return (float(np.linalg.norm(statistics.within_factor)) / between) ** 2


def pair_variance(statistics: FeatureStatistics) -> float:
    """Class-distance normalized variance; NaN where two class means are equal."""
    distances = pdist(statistics.centered_means.T)
    if (distances <= statistics.mean_floor).any():
        return float("nan")
    first, second = np.triu_indices(statistics.classes, 1)
    deviations = np.sqrt(statistics.class_variances)
    return float(0.5 * np.mean((deviations[first] / distances) ** 2 + (deviations[second] / distances) ** 2))


def equinorm(statistics: FeatureStatistics) -> float:
    """Standard deviation over mean of |mu_c - mu_G|; NaN where all means are equal."""
    lengths = statistics.lengths
    return float(lengths.std() / lengths.mean()) if lengths.any() else float("nan")


def cosines(statistics: FeatureStatistics) -> Array:
    """Cosines of the angles between centred class means, shape (C, C); NaN for a mean at the global mean."""
    lengths = statistics.lengths
    units = np.full_like(statistics.centered_means, np.nan)
    known = lengths > 0.0
    units[:, known] = statistics.centered_means[:, known] / lengths[known]
    return np.asarray(units.T @ units)


def angle_metrics(statistics: FeatureStatistics) -> dict[str, float]:
    """The three metrics of the angles by their names; NaN where a mean has no direction."""
    classes = statistics.classes
    pairs = cosines(statistics)[~np.eye(classes, dtype=bool)]
    apart = np.abs(pairs + 1.0 / (classes - 1))
    return {
        "nc2_equiangle": float(apart.mean()),
        "nc2_equiangle_max": float(apart.max()),
        "nc2_cosine_std": float(pairs.std()),
    }


def self_duality(weights: Array, centered_means: Array) -> Array:
    """|W^T/|W| - M/|M|| for one W or many, shape (..., C, p); shape (...), NaN where W or M is 0."""
    size = np.asarray(np.linalg.norm(weights, axis=(-2, -1)))
    length = float(np.linalg.norm(centered_means))
    if length == 0.0:
        return np.full(size.shape, np.nan)
    units = weights / np.where(size > 0.0, size, np.nan)[..., None, None]
    return np.asarray(np.linalg.norm(units - centered_means.T / length, axis=(-2, -1)))


def simplex_distance(rows: Array, columns: Array) -> float:
    """|G/|G| - (I - 11^T/C)/sqrt(C-1)| of G = A B, A (C, p), B (p, C); NaN where G is nothing but rounding."""
    classes, gram = len(rows), rows @ columns
    size, rounding = float(np.linalg.norm(gram)), max(rows.shape) * _EPS
    if size <= rounding * float(np.linalg.norm(rows)) * float(np.linalg.norm(columns)):
        return float("nan")
    ideal = (np.eye(classes) - 1.0 / classes) / np.sqrt(classes - 1.0)
    return float(np.linalg.norm(gram / size - ideal))


def _nearest_center(
    statistics: FeatureStatistics,
    weights: Array,
    bias: ArrayLike,
    features: ArrayLike | None,
    labels: ArrayLike | None,
) -> tuple[float, Array]:
    unknown = np.full(statistics.classes, np.nan)
    if features is None:
        if labels is not None:
            raise ValueError("labels must come with features")
        return float("nan"), unknown
    table = checked_features(features, statistics.dimension)
    values = point_disagreements(weights, bias, statistics.class_means, table)
    if labels is None:
        return float(values.mean()), unknown
    chosen = checked_labels(labels, len(table), statistics.classes)
    counts = np.bincount(chosen, minlength=statistics.classes)
    sums = np.bincount(chosen, weights=values, minlength=statistics.classes)
    return float(values.mean()), np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)
