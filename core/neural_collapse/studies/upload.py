"""A visitor's own features: all metrics, per class too, and how far the classifier is from least squares."""

from collections.abc import Sequence

import numpy as np

from core.arrays import Array
from core.claims import Claim
from core.neural_collapse.least_squares import least_squares_classifier, span_system
from core.neural_collapse.metrics import collapse_metrics, cosines, self_duality
from core.neural_collapse.regions import disagreement, make_probes
from core.neural_collapse.result import Study, UploadResult
from core.neural_collapse.statistics import FeatureStatistics, feature_statistics
from core.neural_collapse.studies.conditions import PROBES, conditions_of
from core.neural_collapse.studies.head_order import find_head_order
from core.neural_collapse.studies.scene import make_scene
from core.neural_collapse.upload import read_features
from core.neural_collapse.uploaded import RefusedFileError, UploadedFeatures
from core.notation import number
from core.tables import Watch

_RIDGE_TO_NOISE = 10.0
_PROBE_NUMBERS = 4_000_000  # of probes held at a time


def study_file(content: bytes, filename: str, *, watch: Watch = lambda _: True) -> Study[UploadResult]:
    """Read a file of features and measure them: as one task, so that nobody else has to hold the features.

    Raises
    ------
    RefusedFileError
        Where `read_features` refuses the file.
    """
    try:
        uploaded = read_features(content, filename, watch=watch)
    except ValueError as error:
        raise RefusedFileError(str(error)) from error
    watch(1.0)
    return study_upload(uploaded)


def study_upload(uploaded: UploadedFeatures) -> Study[UploadResult]:
    """Measure uploaded features."""
    statistics = feature_statistics(uploaded.features, uploaded.labels)
    heads = [least_squares_classifier(statistics)]
    if uploaded.weights is not None:
        bias = np.zeros(len(uploaded.weights)) if uploaded.bias is None else uploaded.bias
        heads.append((uploaded.weights, bias))
    metrics = [collapse_metrics(statistics, *head, uploaded.features, uploaded.labels) for head in heads]
    fitted, *given = map(conditions_of, metrics, _on_probes(statistics, heads))
    weights, bias = heads[-1]
    result = UploadResult(
        names=uploaded.class_names,
        samples=len(uploaded.labels),
        dimension=uploaded.features.shape[1],
        counts=np.bincount(uploaded.labels, minlength=len(uploaded.class_names)),
        given=given[0] if given else None,
        fitted=fitted,
        scene=make_scene(statistics, weights, uploaded.features, uploaded.labels),
        classifier_distance=float(self_duality(weights, heads[0][0].T)) if given else float("nan"),
        cosines=cosines(statistics),
        lengths=statistics.lengths,
        variances=statistics.class_variances,
        class_nc4=metrics[-1].class_nc4,
        label=uploaded.label,
        notes=uploaded.notes,
        order=find_head_order(uploaded, statistics, bias, metrics[-1].nc4),
    )
    return Study(result, (_implication(statistics),))


def _on_probes(statistics: FeatureStatistics, heads: Sequence[tuple[Array, Array]]) -> list[float]:
    """NC4 of classifiers on probes of the whole space, of which few are held at a time."""
    count = max(1, min(PROBES, _PROBE_NUMBERS // statistics.dimension))
    parts = [min(count, PROBES - start) for start in range(0, PROBES, count)]
    sums = np.zeros(len(heads))
    for seed, part in enumerate(parts):
        probes = make_probes(statistics.class_means, part, seed=seed)
        sums += [part * disagreement(*head, statistics.class_means, probes) for head in heads]
    return list(sums / PROBES)


def _implication(statistics: FeatureStatistics) -> Claim:
    """NC3 of least squares with a ridge well above the noise, whatever the features.

    With A = Sigma_B + lambda I, W - W_0 = -W_0 Sigma_W (A + Sigma_W)^-1 for W_0 = M^T A^-1 / C, so |W - W_0| is at most
    |Sigma_W|/lambda of |W_0|, and the two directions are at most twice that apart.
    """
    ridge = _RIDGE_TO_NOISE * statistics.noise_split.covariance_norm
    nc3 = float(self_duality(span_system(statistics, ridge=ridge).weights(), statistics.centered_means))
    singular = statistics.mean_span().singular
    without = singular / (singular**2 / statistics.classes + ridge)  # singular values of W_0
    alone = float(np.linalg.norm(without / np.linalg.norm(without) - singular / np.linalg.norm(singular)))
    bound = alone + 2.0 / _RIDGE_TO_NOISE
    return Claim(
        name="With a ridge above the noise, W is near that of the bare means",
        formula=r"\lambda = 10\,\|\Sigma_W\|_F: \quad \mathrm{NC3} \le \mathrm{NC3}_{\Sigma_W = 0} + \tfrac15",
        assumptions=(),
        predicted=f"at most {number(bound)}: {number(alone)} of the means alone, and 1/5",
        measured=f"NC3 = {number(nc3)} with λ = {number(ridge)}"
        if np.isfinite(nc3)
        else "not defined: all class means are equal",
        residual=nc3,
        tolerance=bound,
        allowed=f"allowed: {number(bound)}",
        why=f"{_part_of_nc2(ridge, statistics)} The pseudo-inverse has no such bound: tiny noise, sampled in many "
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
