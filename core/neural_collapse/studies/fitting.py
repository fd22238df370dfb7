"""Features made to order with the least squares classifier, as all sections look at them."""

from dataclasses import dataclass

import numpy as np

from core.arrays import Array
from core.claims import Assumption
from core.neural_collapse.least_squares import least_squares_classifier, unweighted_classifier
from core.neural_collapse.params import FitParams, SyntheticParams
from core.neural_collapse.result import EQUAL, Conditions
from core.neural_collapse.statistics import FeatureStatistics, feature_statistics
from core.neural_collapse.synthetic import class_counts, make_features, make_population

_NO_NOISE = 1e-20  # NC1: rounding leaves 1e-30, the least noise there is 1e-11


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """Features and a classifier.

    Attributes
    ----------
    statistics : FeatureStatistics
        Of samples or of their population.
    features : Array or None
        The samples, shape (n, p); None for a population.
    weights, bias : Array
        W and b, shapes (C, p) and (C,).
    """

    statistics: FeatureStatistics
    features: Array | None
    weights: Array
    bias: Array


def fit_classifier(params: SyntheticParams, fit: FitParams) -> Fitted:
    """Make features, and fit W and b to them."""
    if not fit.sampled:
        population = make_population(params)
        return Fitted(population, None, *_classifier(params, fit, population, population.within_factor))
    drawn = make_features(params)
    statistics = feature_statistics(drawn.features, drawn.labels)
    rows = (drawn.features - statistics.class_means.T[drawn.labels]) / np.sqrt(len(drawn.labels))
    return Fitted(statistics, drawn.features, *_classifier(params, fit, statistics, rows))


def _classifier(
    params: SyntheticParams, fit: FitParams, statistics: FeatureStatistics, unweighted_factor: Array
) -> tuple[Array, Array]:
    if fit.weighted or params.imbalance == 1.0:
        return least_squares_classifier(statistics, ridge=fit.ridge)
    counts = class_counts(params)
    return unweighted_classifier(statistics.class_means, unweighted_factor, counts / counts.sum(), ridge=fit.ridge)


def collapsed(conditions: Conditions) -> tuple[Assumption, Assumption]:
    """NC1 and NC2 of the features that are measured, up to rounding."""
    return Assumption("NC1: no noise within classes", conditions.nc1 <= _NO_NOISE), Assumption(
        "NC2: means on a simplex ETF", max(conditions.nc2_equinorm, conditions.nc2_equiangle) <= EQUAL
    )


def on_simplex(params: SyntheticParams) -> bool:
    """Whether the means that samples are drawn around are a simplex ETF, as any two are."""
    return params.departure == 0.0 or params.classes == 2


def weighs_equally(params: SyntheticParams, fit: FitParams) -> bool:
    """Whether all classes weigh the same."""
    return fit.weighted or len(set(class_counts(params))) == 1


def equal_weight(params: SyntheticParams, fit: FitParams) -> Assumption:
    """The weights of the classes are equal, or do not matter: a fit that meets every target is the best for any."""
    met = weighs_equally(params, fit) or (params.noise == 0.0 and fit.ridge == 0.0)
    return Assumption("classes weigh the same, or no noise and no ridge", met)


def untwisted(statistics: FeatureStatistics) -> Assumption:
    """Sigma_T is a multiple of the identity on span(M), the condition that is equivalent to NC3.

    What leads out of the span is measured against Sigma_W, which alone does so, and what differs inside of it against
    Sigma_T.
    """
    basis = statistics.mean_span().basis
    image = statistics.within_factor @ (statistics.within_factor.T @ basis)
    out = image - basis @ (basis.T @ image)
    inside = basis.T @ statistics.total @ basis
    uneven = inside - np.eye(len(inside)) * np.trace(inside) / max(len(inside), 1)
    met = np.linalg.norm(out) <= EQUAL * np.linalg.norm(image) and np.linalg.norm(uneven) <= EQUAL * np.linalg.norm(
        inside
    )
    return Assumption("the total covariance is a multiple of the identity on the span of the means", bool(met))
