"""Problem 3: neural collapse from the least squares solution."""

from core.neural_collapse.least_squares import least_squares_classifier, vanishing_noise_nc3
from core.neural_collapse.metrics import CollapseMetrics, collapse_metrics, cosines
from core.neural_collapse.params import SyntheticParams
from core.neural_collapse.regions import DecisionRegions, decision_regions, disagreement, make_probes
from core.neural_collapse.simplex import simplex_etf, simplex_gram
from core.neural_collapse.statistics import FeatureStatistics, feature_statistics, population_statistics
from core.neural_collapse.synthetic import (
    DialMap,
    SyntheticFeatures,
    dial_map,
    make_features,
    make_population,
)
from core.neural_collapse.upload import read_features
from core.neural_collapse.uploaded import UploadedFeatures

__all__ = [
    "CollapseMetrics",
    "DecisionRegions",
    "DialMap",
    "FeatureStatistics",
    "SyntheticFeatures",
    "SyntheticParams",
    "UploadedFeatures",
    "collapse_metrics",
    "cosines",
    "decision_regions",
    "dial_map",
    "disagreement",
    "feature_statistics",
    "least_squares_classifier",
    "make_features",
    "make_population",
    "make_probes",
    "population_statistics",
    "read_features",
    "simplex_etf",
    "simplex_gram",
    "vanishing_noise_nc3",
]
