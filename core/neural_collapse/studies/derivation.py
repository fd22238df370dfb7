"""The derivation of NC1 + NC2 => NC3 + NC4, every step as a claim in numbers of the current features."""

from dataclasses import dataclass

import numpy as np

from core.arrays import Array
from core.claims import Assumption, Claim
from core.neural_collapse.metrics import self_duality
from core.neural_collapse.params import FitParams, SyntheticParams
from core.neural_collapse.regions import make_probes
from core.neural_collapse.result import EQUAL
from core.neural_collapse.simplex import simplex_gram
from core.neural_collapse.statistics import FeatureStatistics
from core.neural_collapse.studies.conditions import PROBES, measure
from core.neural_collapse.studies.fitting import Fitted, collapsed, fit_classifier
from core.notation import number

_SCORES = 500  # probes on which scores are compared
_STEPS, _STEP = 20, 0.1  # random steps away from (W, b), and their length in units of |W|
_UNRESOLVED = 1e-10  # of a loss: the rise that a step of a tenth causes keeps 4 digits fewer than the loss


@dataclass(frozen=True, slots=True, eq=False)
class Points:
    """Weighted points with the moments of the features: the samples, or for a population 2 p points of each class.

    These, mu_c +- sqrt(p) f for the rows f of a factor of Sigma_W, have its means and its covariance exactly.

    Attributes
    ----------
    features, targets : Array
        Rows h, shape (n, p), and e_y, shape (n, C).
    shares : Array
        Weights, those of a class 1/C together, shape (n,).
    global_mean : Array
        Their mean, shape (p,).
    """

    features: Array
    targets: Array
    shares: Array
    global_mean: Array

    @classmethod
    def of(cls, fitted: Fitted) -> "Points":
        """The points of what was fitted."""
        statistics = fitted.statistics
        means, classes = statistics.class_means.T, statistics.classes
        if fitted.features is None:
            rows = np.sqrt(len(statistics.within_factor)) * statistics.within_factor
            around = np.concatenate([rows, -rows]) if rows.any() else np.zeros_like(means[:1])
            features = (means[:, None] + around).reshape(-1, statistics.dimension)
            counts = np.full(classes, len(around))
        else:
            features, counts = fitted.features, statistics.counts
        shares = np.repeat(1.0 / (classes * counts), counts)
        return cls(features, np.repeat(np.eye(classes), counts, axis=0), shares, shares @ features)

    @property
    def total(self) -> Array:
        """Sigma_T as the statement defines it: without Sigma_W and Sigma_B."""
        apart = self.features - self.global_mean
        return np.asarray((apart * self.shares[:, None]).T @ apart)

    def residuals(self, weights: Array, bias: Array) -> Array:
        """W h + b - e_y, shape (n, C)."""
        return np.asarray(self.features @ weights.T + bias - self.targets)

    def loss(self, weights: Array, bias: Array, ridge: float) -> float:
        """What least squares minimizes: half the mean square of the residuals, and the ridge."""
        fit = self.shares @ (self.residuals(weights, bias) ** 2).sum(axis=1)
        return 0.5 * float(fit + ridge * (weights**2).sum())


def derivation(params: SyntheticParams, fit: FitParams) -> dict[str, Claim]:
    """Each step by its key in the text."""
    fitted = fit_classifier(params, fit)
    points, conditions = Points.of(fitted), measure(fitted, params)
    return steps(fitted, points, collapsed(conditions), conditions.nc4, fit.ridge)


def steps(
    fitted: Fitted, points: Points, premises: tuple[Assumption, Assumption], nc4: float, ridge: float
) -> dict[str, Claim]:
    """The steps for a classifier, which they do not take for that of least squares."""
    statistics, means = fitted.statistics, fitted.statistics.centered_means
    inverse, (nc1, nc2) = _pseudo_inverse(means), premises
    bare = Assumption("no ridge", ridge == 0.0)
    return {
        "total": _total(statistics, points),
        "bias": _bias(fitted, points),
        "normal": _normal(fitted, points, ridge),
        "least": _least(fitted, points, ridge),
        "between": _matrices("Step 3", points.total, statistics.between, (r"\Sigma_T", r"\Sigma_B"), (nc1,)),
        "pseudo_inverse": _matrices("Step 4", fitted.weights, inverse, ("W", r"M^\dagger"), (nc1, bare)),
        "frame": _frame(statistics, nc2),
        "transpose": _directions("Step 6", inverse, means, r"(M^\dagger)", (nc2,)),
        "duality": _directions("Step 7", fitted.weights, means, "W", premises),
        "scores": _scores(fitted, premises),
        "nearest": _nearest(nc4, premises),
    }


def _size(values: Array) -> float:
    return float(np.linalg.norm(values))


def _step(
    name: str,
    formula: str,
    sides: tuple[str, str],
    residual: float,
    assumptions: tuple[Assumption, ...] = (),
    tolerance: float = EQUAL,
) -> Claim:
    """A step: what is to be equal, both sides in Markdown with LaTeX, and their distance."""
    return Claim(
        name=name,
        formula=formula,
        assumptions=assumptions,
        predicted=sides[1],
        measured=sides[0],
        residual=residual,
        tolerance=tolerance,
    )


def _matrices(
    name: str, left: Array, right: Array, symbols: tuple[str, str], assumptions: tuple[Assumption, ...]
) -> Claim:
    sides = [rf"$\|{symbol}\|_F$ = {number(_size(one))}" for symbol, one in zip(symbols, (left, right), strict=True)]
    residual = _size(left - right) / max(_size(right), 1e-300)
    return _step(name, f"{symbols[0]} = {symbols[1]}", (sides[0], sides[1]), residual, assumptions)


def _total(statistics: FeatureStatistics, points: Points) -> Claim:
    """Sigma_T = Sigma_W + Sigma_B, the left side from the features themselves."""
    total, parts = points.total, statistics.within + statistics.between
    traces = [number(float(np.trace(one))) for one in (total, statistics.within, statistics.between)]
    return _step(
        "Step 1",
        r"\Sigma_T = \Sigma_W + \Sigma_B",
        (
            rf"$\operatorname{{tr}}\Sigma_T$ = {traces[0]}",
            rf"$\operatorname{{tr}}\Sigma_W + \operatorname{{tr}}\Sigma_B$ = {traces[1]} + {traces[2]}",
        ),
        _size(total - parts) / _size(parts),
    )


def _bias(fitted: Fitted, points: Points) -> Claim:
    """The residuals average to 0 at b."""
    residuals = points.residuals(fitted.weights, fitted.bias)
    mean = float(np.abs(points.shares @ residuals).max())
    largest = float(np.abs(residuals).max())
    return _step(
        "Step 2, bias",
        r"\partial\mathcal L/\partial b = 0",
        (f"largest mean residual {number(mean)}, of residuals up to {number(largest)}", "0"),
        mean * fitted.statistics.classes,  # in units of the mean of a target, 1/C
    )


def _normal(fitted: Fitted, points: Points, ridge: float) -> Claim:
    """The gradient of the loss in W, from the residuals, is 0: in units of M^T/C, of which W Sigma_T is made."""
    residuals = points.residuals(fitted.weights, fitted.bias) * points.shares[:, None]
    gradient = residuals.T @ points.features + ridge * fitted.weights
    # all of the gradient's terms: rounding of each is in it
    scale = _size(np.abs(residuals).T @ np.abs(points.features)) + _size(fitted.statistics.centered_means)
    image = fitted.weights @ points.total + ridge * fitted.weights
    goal = fitted.statistics.centered_means.T / fitted.statistics.classes
    added = r" + \lambda W" if ridge else ""
    return _step(
        "Step 2, weights",
        rf"W\,\Sigma_T{added} = \tfrac1C M^\top",
        (
            rf"$\|\partial\mathcal L/\partial W\|_F$ = {number(_size(gradient))}; "
            rf"$\|W\,\Sigma_T{added}\|_F$ = {number(_size(image))}",
            rf"$\|\tfrac1C M^\top\|_F$ = {number(_size(goal))}",
        ),
        max(_size(gradient) / scale, _size(image - goal) / max(_size(goal), 1e-300)),
    )


def _least(fitted: Fitted, points: Points, ridge: float) -> Claim:
    """Steps away from (W, b) raise the loss, and by as much as steps the other way: from losses alone."""
    generator = np.random.default_rng(0)
    least, slopes, rises = points.loss(fitted.weights, fitted.bias, ridge), [], []
    for _ in range(_STEPS):
        direction = generator.standard_normal(fitted.weights.shape)
        direction *= _STEP * _size(fitted.weights) / _size(direction)
        shift = _STEP * generator.standard_normal(len(fitted.bias)) / len(fitted.bias)
        there, back = (
            points.loss(fitted.weights + sign * direction, fitted.bias + sign * shift, ridge) for sign in (1.0, -1.0)
        )
        rises += [there - least, back - least]
        slopes.append(abs(there - back) / (there + back - 2.0 * least))
    return _step(
        "Step 2, minimum",
        r"\mathcal L(W + \delta W, b + \delta b) > \mathcal L(W, b)",
        (
            rf"$\mathcal L$ = {number(least)}; {2 * _STEPS} random steps of a tenth of $\|W\|_F$ change it by "
            f"{number(min(rises))} to {number(max(rises))}",
            "only rises, as large as those of the opposite steps",
        ),
        max(slopes) if min(rises) > 0.0 else float("inf"),
        tolerance=_UNRESOLVED,
    )


def _pseudo_inverse(means: Array) -> Array:
    """M^+, cut at rank C - 1."""
    left, singular, right = np.linalg.svd(means, full_matrices=False)
    rank = means.shape[1] - 1
    return np.asarray((right[:rank].T / singular[:rank]) @ left[:, :rank].T)


def _frame(statistics: FeatureStatistics, nc2: Assumption) -> Claim:
    """M^T M = alpha^2 C/(C-1) (I - 11^T/C), alpha the root-mean-square length of the means."""
    means, classes = statistics.centered_means, statistics.classes
    gram = means.T @ means
    ideal = float(np.trace(gram)) / classes * simplex_gram(classes)
    values = np.linalg.svd(means, compute_uv=False)[: classes - 1]
    return _step(
        "Step 5",
        r"M^\top M = \alpha^2 \tfrac{C}{C-1} (I - \tfrac1C 11^\top)",
        (
            rf"largest singular value of $M$ {number(float(values[0]))}",
            f"smallest {number(float(values[-1]))}",
        ),
        _size(gram - ideal) / _size(ideal),
        (nc2,),
    )


def _directions(name: str, weights: Array, means: Array, symbol: str, assumptions: tuple[Assumption, ...]) -> Claim:
    sides = rf"${symbol}^\top / \|{symbol}\|_F$", r"$M / \|M\|_F$"
    return _step(name, rf"{symbol}^\top \propto M", sides, float(self_duality(weights, means)), assumptions)


def _scores(fitted: Fitted, premises: tuple[Assumption, ...]) -> Claim:
    """<w_c, h> + b_c and -|h - mu_c|^2 / 2, both up to a constant of h, with the best common factor, on probes."""
    means = fitted.statistics.class_means
    points = make_probes(means, _SCORES)
    scores = points @ fitted.weights.T + fitted.bias
    squares = points @ means - 0.5 * (means**2).sum(axis=0)
    first, second = (values - values.mean(axis=1, keepdims=True) for values in (scores, squares))
    factor = float((first * second).sum() / (second * second).sum())
    return _step(
        "Step 8",
        r"\langle w_c, h\rangle + b_c = -\tfrac\beta2 \|h - \mu_c\|^2 + \text{const}(h)",
        (
            r"$\langle w_c, h\rangle + b_c$",
            rf"{number(factor)} × $(-\tfrac12\|h - \mu_c\|^2)$, each less its mean over $c$",
        ),
        _size(first - factor * second) / max(_size(first), 1e-300),
        premises,
    )


def _nearest(nc4: float, premises: tuple[Assumption, ...]) -> Claim:
    return _step(
        "Step 9",
        r"\arg\max_c \langle w_c, h\rangle + b_c = \arg\min_c \|h - \mu_c\|",
        (
            r"$\arg\max_c \langle w_c, h\rangle + b_c$",
            rf"$\arg\min_c \|h - \mu_c\|$: they differ on {number(100.0 * nc4)} % of {PROBES} probes",
        ),
        nc4,
        premises,
    )
