"""Decision regions of least squares and of the nearest class mean."""

import numpy as np

from core.claims import Claim
from core.neural_collapse.params import FitParams, SyntheticParams
from core.neural_collapse.regions import DecisionRegions, decision_regions
from core.neural_collapse.result import Conditions, RegionsResult, Study
from core.neural_collapse.studies.conditions import measure
from core.neural_collapse.studies.fitting import collapsed, equal_weight, fit_classifier
from core.neural_collapse.synthetic import make_features
from core.neural_collapse.training import some_of_each
from core.notation import number

_SHOWN = 50  # features of each class in the picture


def study_regions(params: SyntheticParams, fit: FitParams) -> Study[RegionsResult]:
    """Both partitions on the plane of the first three class means."""
    fitted = fit_classifier(params, fit)
    plane = decision_regions(fitted.weights, fitted.bias, fitted.statistics.class_means, classes=(0, 1, 2))
    result = _result(params, plane, measure(fitted, params))
    return Study(result, (_same(result, params, fit),))


def _result(params: SyntheticParams, plane: DecisionRegions, conditions: Conditions) -> RegionsResult:
    chosen = tuple(range(min(params.classes, 3)))
    drawn = make_features(params)
    kept = some_of_each(drawn.labels, _SHOWN)
    kept = kept[np.isin(drawn.labels[kept], chosen)]
    return RegionsResult(
        reach=plane.reach,
        nearest_mean=plane.nearest_mean,
        least_squares=plane.least_squares,
        nearest_mean_borders=plane.nearest_mean_borders,
        least_squares_borders=plane.least_squares_borders,
        differences=plane.differences,
        share=plane.share,
        rounding=plane.rounding,
        means=plane.means,
        chosen=chosen,
        features=plane.project(drawn.features[kept]),
        labels=drawn.labels[kept],
        conditions=conditions,
    )


def _same(result: RegionsResult, params: SyntheticParams, fit: FitParams) -> Claim:
    """At the collapse both partitions are one."""
    return Claim(
        name="One partition of the plane",
        formula=r"\arg\max_c\, \langle w_c, h\rangle + b_c = \arg\min_c\, \|h - \mu_c\| \quad\text{for every } h",
        assumptions=(*collapsed(result.conditions), equal_weight(params, fit)),
        predicted="the two rules agree everywhere",
        measured=f"they differ on {number(100.0 * result.share)} % of the square, on {result.conditions.disagreement}",
        residual=max(result.share, result.conditions.nc4),
        tolerance=result.rounding,
        allowed=f"allowed: {number(100.0 * result.rounding)} % of the square, for rounding, and not one probe",
        why="NC4 is a statement on all of feature space. On the training features NC1 is enough, where the means are "
        "in general position and there is no ridge.",
    )
