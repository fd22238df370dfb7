"""The derivation of NC1 + NC2 => NC3 + NC4, every equality in numbers on the current features."""

import numpy as np

from core.arrays import Array
from core.neural_collapse.metrics import self_duality
from core.neural_collapse.params import FitParams, SyntheticParams
from core.neural_collapse.regions import disagreement, make_probes
from core.neural_collapse.result import Equality
from core.neural_collapse.simplex import simplex_gram
from core.neural_collapse.statistics import FeatureStatistics
from core.neural_collapse.studies.conditions import PROBES
from core.neural_collapse.studies.fitting import Fitted, fit_classifier
from core.notation import number

_SCORES = 500  # probes on which scores are compared


def derivation(params: SyntheticParams, fit: FitParams) -> dict[str, Equality]:
    """Both sides of each step, by the keys of the text."""
    fitted = fit_classifier(params, fit)
    statistics, means = fitted.statistics, fitted.statistics.centered_means
    inverse = _pseudo_inverse(means)
    return {
        "total": _total(fitted),
        "normal": _matrices(
            fitted.weights @ statistics.total, means.T / statistics.classes, r"W\,\Sigma_T", r"\tfrac1C M^\top"
        ),
        "between": _matrices(statistics.total, statistics.between, r"\Sigma_T", r"\Sigma_B"),
        "pseudo_inverse": _matrices(fitted.weights, inverse, "W", r"M^\dagger"),
        "frame": _frame(statistics),
        "transpose": _directions(inverse, means, r"(M^\dagger)"),
        "duality": _directions(fitted.weights, means, "W"),
        "scores": _scores(fitted),
        "nearest": _nearest(fitted, params.seed),
    }


def _size(values: Array) -> float:
    return float(np.linalg.norm(values))


def _matrices(left: Array, right: Array, name: str, other: str) -> Equality:
    return Equality(
        left=rf"$\|{name}\|_F$ = {number(_size(left))}",
        right=rf"$\|{other}\|_F$ = {number(_size(right))}",
        residual=_size(left - right) / max(_size(right), 1e-300),
    )


def _total(fitted: Fitted) -> Equality:
    """Sigma_T = Sigma_W + Sigma_B: of samples, the left side is taken from the samples themselves."""
    statistics = fitted.statistics
    parts = statistics.within + statistics.between
    total = parts
    if fitted.features is not None:
        weights = 1.0 / (statistics.classes * np.repeat(statistics.counts, statistics.counts))
        apart = fitted.features - statistics.global_mean
        total = (apart * weights[:, None]).T @ apart
    return Equality(
        left=rf"$\operatorname{{tr}}\Sigma_T$ = {number(float(np.trace(total)))}",
        right=rf"$\operatorname{{tr}}\Sigma_W + \operatorname{{tr}}\Sigma_B$ = "
        f"{number(float(np.trace(statistics.within)))} + {number(float(np.trace(statistics.between)))}",
        residual=_size(total - parts) / _size(parts),
    )


def _pseudo_inverse(means: Array) -> Array:
    """M^+, cut at rank C - 1."""
    left, singular, right = np.linalg.svd(means, full_matrices=False)
    rank = means.shape[1] - 1
    return np.asarray((right[:rank].T / singular[:rank]) @ left[:, :rank].T)


def _frame(statistics: FeatureStatistics) -> Equality:
    """M^T M = alpha^2 C/(C-1) (I - 11^T/C), alpha the root-mean-square length of the means."""
    means, classes = statistics.centered_means, statistics.classes
    gram = means.T @ means
    ideal = float(np.trace(gram)) / classes * simplex_gram(classes)
    values = np.linalg.svd(means, compute_uv=False)[: classes - 1]
    return Equality(
        left=rf"largest singular value of $M$ {number(float(values[0]))}",
        right=f"smallest {number(float(values[-1]))}",
        residual=_size(gram - ideal) / _size(ideal),
    )


def _directions(weights: Array, means: Array, name: str) -> Equality:
    return Equality(
        left=rf"${name}^\top / \|{name}\|_F$",
        right=r"$M / \|M\|_F$",
        residual=float(self_duality(weights, means)),
    )


def _scores(fitted: Fitted) -> Equality:
    """<w_c, h> + b_c and -|h - mu_c|^2 / 2, both up to a constant of h, with the best common factor, on probes."""
    means = fitted.statistics.class_means
    points = make_probes(means, _SCORES)
    scores = points @ fitted.weights.T + fitted.bias
    squares = points @ means - 0.5 * (means**2).sum(axis=0)
    first, second = (values - values.mean(axis=1, keepdims=True) for values in (scores, squares))
    factor = float((first * second).sum() / (second * second).sum())
    return Equality(
        left=r"$\langle w_c, h\rangle + b_c$",
        right=rf"{number(factor)} × $(-\tfrac12\|h - \mu_c\|^2)$, each less its mean over $c$",
        residual=_size(first - factor * second) / max(_size(first), 1e-300),
    )


def _nearest(fitted: Fitted, seed: int) -> Equality:
    means = fitted.statistics.class_means
    share = disagreement(fitted.weights, fitted.bias, means, make_probes(means, PROBES, seed=seed))
    return Equality(
        left=r"$\arg\max_c \langle w_c, h\rangle + b_c$",
        right=rf"$\arg\min_c \|h - \mu_c\|$ differ on {number(100.0 * share)} % of {PROBES} probes",
        residual=share,
    )
