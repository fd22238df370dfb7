"""A visitor's own features: all metrics, per class too, and how far the classifier is from least squares."""

import numpy as np

from core.claims import Assumption, Claim
from core.neural_collapse.least_squares import least_squares_classifier
from core.neural_collapse.metrics import collapse_metrics, cosines, self_duality
from core.neural_collapse.regions import disagreement, make_probes
from core.neural_collapse.result import Study, UploadResult
from core.neural_collapse.statistics import feature_statistics
from core.neural_collapse.studies.conditions import PROBES, conditions_of
from core.neural_collapse.studies.scene import make_scene
from core.neural_collapse.upload import UploadedFeatures
from core.notation import number


def study_upload(uploaded: UploadedFeatures) -> Study[UploadResult]:
    """Measure uploaded features."""
    statistics = feature_statistics(uploaded.features, uploaded.labels)
    fitted = least_squares_classifier(statistics)
    probes = make_probes(statistics.class_means, PROBES)
    own = collapse_metrics(statistics, *fitted, uploaded.features, uploaded.labels)
    given, distance, shown, weights = None, float("nan"), own, fitted[0]
    if uploaded.weights is not None:
        bias = np.zeros(len(uploaded.weights)) if uploaded.bias is None else uploaded.bias
        shown = collapse_metrics(statistics, uploaded.weights, bias, uploaded.features, uploaded.labels)
        given = conditions_of(shown, disagreement(uploaded.weights, bias, statistics.class_means, probes))
        distance = float(self_duality(uploaded.weights, fitted[0].T))
        weights = uploaded.weights
    result = UploadResult(
        names=uploaded.class_names,
        samples=len(uploaded.labels),
        dimension=uploaded.features.shape[1],
        counts=np.bincount(uploaded.labels, minlength=len(uploaded.class_names)),
        given=given,
        fitted=conditions_of(own, disagreement(*fitted, statistics.class_means, probes)),
        scene=make_scene(statistics, weights, uploaded.features, uploaded.labels),
        classifier_distance=distance,
        cosines=cosines(statistics),
        lengths=statistics.lengths,
        variances=statistics.class_variances,
        class_nc4=shown.class_nc4,
    )
    return Study(result, (_implication(result),))


def _implication(result: UploadResult) -> Claim:
    """What NC1 and NC2, as far as they are reached, make of the least squares classifier."""
    nc1, nc2 = result.fitted.nc1, max(result.fitted.nc2_equinorm, result.fitted.nc2_equiangle)
    return Claim(
        name="NC1 + NC2 ⇒ NC3 on your features",
        formula=r"\mathrm{NC1},\ \mathrm{NC2} \approx 0 \;\Rightarrow\; \mathrm{NC3} \approx 0",
        assumptions=(
            Assumption("NC1 below 0.01", nc1 < 0.01),
            Assumption("NC2 below 0.05", nc2 < 0.05),
        ),
        predicted="the least squares classifier is nearly self-dual",
        measured=f"NC1 = {number(nc1)}, NC2 = {number(nc2)}, NC3 = {number(result.fitted.nc3)}",
        residual=result.fitted.nc3,
        tolerance=0.3,
        unit="of 1",
        why="In few dimensions. With p > C − 1 and few samples even tiny noise keeps NC3 away from 0.",
    )
