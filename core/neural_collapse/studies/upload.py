"""A visitor's own features: all metrics, per class too, and how far the classifier is from least squares."""

import numpy as np

from core.arrays import Array
from core.claims import Claim
from core.neural_collapse.least_squares import least_squares_classifier
from core.neural_collapse.metrics import collapse_metrics, cosines, self_duality
from core.neural_collapse.regions import disagreement, make_probes
from core.neural_collapse.result import Study, UploadResult
from core.neural_collapse.statistics import FeatureStatistics, feature_statistics, population_statistics
from core.neural_collapse.studies.conditions import PROBES, conditions_of
from core.neural_collapse.studies.scene import make_scene
from core.neural_collapse.uploaded import UploadedFeatures
from core.notation import number

_RIDGE_TO_NOISE = 10.0


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
    return Study(result, (_implication(statistics),))


def _implication(statistics: FeatureStatistics) -> Claim:
    """NC3 of least squares with a ridge well above the noise, whatever the features.

    With A = Sigma_B + lambda I, W - W_0 = -W_0 Sigma_W (A + Sigma_W)^-1 for W_0 = M^T A^-1 / C, so |W - W_0| is at most
    |Sigma_W|/lambda of |W_0|, and the two directions are at most twice that apart.
    """
    size = float(np.sqrt(np.trace(_small_gram(statistics.within_factor)) + (statistics.centered_means**2).mean()))
    unit = population_statistics(statistics.class_means / size, statistics.within_factor / size)
    ridge = _RIDGE_TO_NOISE * float(np.linalg.norm(_small_gram(unit.within_factor)))
    weights, _ = least_squares_classifier(unit, ridge=ridge)
    nc3 = float(self_duality(weights, unit.centered_means))
    singular = unit.mean_span().singular
    without = singular / (singular**2 / unit.classes + ridge)  # singular values of W_0
    alone = float(np.linalg.norm(without / np.linalg.norm(without) - singular / np.linalg.norm(singular)))
    bound = alone + 2.0 / _RIDGE_TO_NOISE
    return Claim(
        name="With a ridge above the noise, W is near that of the bare means",
        formula=r"\lambda = 10\,\|\Sigma_W\|_F: \quad \mathrm{NC3} \le \mathrm{NC3}_{\Sigma_W = 0} + \tfrac15",
        assumptions=(),
        predicted=f"at most {number(bound)}: {number(alone)} of the means alone, and 1/5",
        measured=f"NC3 = {number(nc3)} with λ = {number(ridge * size**2)}"
        if np.isfinite(nc3)
        else "not defined: all class means are equal",
        residual=nc3,
        tolerance=bound,
        allowed=f"allowed: {number(bound)}",
        why=f"{_part_of_nc2(ridge, unit)} The pseudo-inverse has no such bound: tiny noise, sampled in many "
        "dimensions, may keep its NC3 far from 0.",
    )


def _part_of_nc2(ridge: float, statistics: FeatureStatistics) -> str:
    """What the NC3 of the means alone says: with a large ridge it is small for any means."""
    if _is_small(ridge, statistics):
        return "λ is small next to the covariance between classes: what the means leave of NC3 is what NC2 lacks."
    return (
        "There is much noise, and so large a λ makes W ∝ Mᵀ by itself, whatever the means: this is no sign of collapse."
    )


def _is_small(ridge: float, statistics: FeatureStatistics) -> bool:
    """Whether the ridge leaves Sigma_B as it is on the C - 1 dimensions that it should have."""
    singular = statistics.mean_span().singular
    return len(singular) == statistics.classes - 1 and ridge <= float(singular.min()) ** 2 / statistics.classes


def _small_gram(factor: Array) -> Array:
    """F F^T or F^T F, the smaller; both have the norm of Sigma_W."""
    rows, columns = factor.shape
    return np.asarray(factor @ factor.T if rows < columns else factor.T @ factor)
