"""The four conditions of some features and a classifier, in words that a page can show."""

from core.neural_collapse.metrics import CollapseMetrics, collapse_metrics
from core.neural_collapse.params import SyntheticParams
from core.neural_collapse.regions import disagreement, make_probes
from core.neural_collapse.result import Conditions
from core.neural_collapse.studies.fitting import Fitted
from core.neural_collapse.synthetic import make_features

PROBES = 4000
"""Points of the whole space on which NC4 is measured."""
_OTHERS = {
    "NC1, tr Σ_W / tr Σ_B": "nc1_trace",
    "NC1, class-distance normalized variance": "nc1_pairs",
    "NC2, largest |cos + 1/(C−1)|": "nc2_equiangle_max",
    "NC2, spread of the cosines": "nc2_cosine_std",
    "NC2, Gram matrix": "nc2_gram",
    "NC3, squared": "nc3_squared",
    "NC3, W M": "nc3_product",
}


def measure(fitted: Fitted, params: SyntheticParams) -> Conditions:
    """Measure all conditions of features made to order; NC4 on probes of the whole space, and on features.

    The features are the training's, or such as are drawn from the population.
    """
    features = make_features(params).features if fitted.features is None else fitted.features
    metrics = collapse_metrics(fitted.statistics, fitted.weights, fitted.bias, features)
    means = fitted.statistics.class_means
    points = make_probes(means, PROBES, seed=params.seed)
    return conditions_of(metrics, disagreement(fitted.weights, fitted.bias, means, points))


def conditions_of(metrics: CollapseMetrics, nc4: float) -> Conditions:
    """Conditions from metrics, with NC4 on probes."""
    return Conditions(
        nc1=metrics.nc1,
        nc2_equinorm=metrics.nc2_equinorm,
        nc2_equiangle=metrics.nc2_equiangle,
        nc3=metrics.nc3,
        nc4=nc4,
        nc4_features=metrics.nc4,
        others={name: float(getattr(metrics, attribute)) for name, attribute in _OTHERS.items()},
    )
