"""Features made to order with the least squares classifier, as all sections look at them."""

from dataclasses import dataclass

import numpy as np

from core.arrays import Array
from core.claims import Assumption
from core.neural_collapse.least_squares import least_squares_classifier, unweighted_classifier
from core.neural_collapse.params import FitParams, SyntheticParams
from core.neural_collapse.statistics import FeatureStatistics, feature_statistics
from core.neural_collapse.synthetic import class_counts, make_features, make_population


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


def collapsed(params: SyntheticParams) -> tuple[Assumption, Assumption]:
    """NC1 and NC2, exactly."""
    return Assumption("NC1: no noise within classes", params.noise == 0.0), Assumption(
        "NC2: means on a simplex ETF", params.departure == 0.0
    )


def equal_weight(params: SyntheticParams, fit: FitParams) -> Assumption:
    """All classes weigh the same."""
    return Assumption("classes weigh the same", fit.weighted or params.imbalance == 1.0)
