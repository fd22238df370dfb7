"""The kernel machine: Gaussian-process regression with the three kernels at any depth."""

from functools import partial
from math import log2, nan, sqrt

import numpy as np

from core.arrays import Array
from core.claims import Assumption, Claim
from core.kernels.angular import double_factorial
from core.kernels.arc_cosine import angle_between, complements_by_layer, composed_arc_cosine
from core.kernels.datasets import Samples, make_samples, truth
from core.kernels.embedding import Embedding, embedding_for
from core.kernels.hard_way import MAX_FEATURES, feature_dimension, monomial_features
from core.kernels.params import UPLOAD, MachineParams
from core.kernels.polynomial import MAX_DEPTH as MAX_POLYNOMIAL_DEPTH
from core.kernels.polynomial import composed_polynomial
from core.kernels.rbf import composed_rbf
from core.kernels.regression import LARGEST, Kernel, log_evidence, prior_draws, regress
from core.kernels.result import Study
from core.kernels.result.machine import MachineFit, MachineResult
from core.kernels.ridge import primal_ridge
from core.notation import number

DEPTHS = (1, 2, 3, 5, 10, 20, 50)
"""Depths at which the evidence is compared; the polynomial stops at 6."""
KERNELS = ("polynomial", "rbf", "arc_cosine")
_GRID, _DRAWS = 161, 4
_FEW = 60  # samples up to which each has points of its own on the curves
_WIDEST, _RATIO, _LAYERS = 3200, 16, 8  # rows of the wide random layers, the narrow ones' share, how many of each
_CONDITION = 1e10  # beyond it rounding alone may part the two curves by more than a line's width
_ROUNDING = 1e-14  # of the logarithm of a norm
_NOTHING = 1e-12  # an error of the order of rounding: nothing was fitted
_EPS = float(np.finfo(np.float64).eps)
_BUDGET = 60_000  # samples times rows: what the singular value decompositions may cost, 0.1 s


def study_machine(params: MachineParams, samples: Samples | None = None) -> Study[MachineResult]:
    """Fit the three kernels, and hold the statements on kernel machines against them.

    Parameters
    ----------
    params : MachineParams
        What to fit.
    samples : Samples or None
        The user's own points, for the data set "upload".

    Raises
    ------
    ValueError
        For an upload without points.
    """
    data = samples
    if params.dataset != UPLOAD:
        data = make_samples(params.dataset, params.samples, params.data_noise, params.data_seed)
    if data is None:
        raise ValueError("samples must be given for the data set upload")
    embedding = embedding_for(data.x, margin=0.15, normalized=params.normalized)
    result = _fit_all(params, data, embedding)
    return Study(result, tuple(claim(params, data, embedding) for claim in (_primal, _layer, _narrower)))


def _fit_all(params: MachineParams, data: Samples, embedding: Embedding) -> MachineResult:
    grid = _drawn(data.x, embedding)
    fits, failures = [], []
    for key in KERNELS:
        depth = min(params.depth, MAX_POLYNOMIAL_DEPTH) if key == "polynomial" else params.depth
        if _in_range(_kernel(key, params, depth), embedding(np.append(data.x, grid[[0, -1]]))):
            fits.append(_fit(key, params, data, embedding, grid))
        else:
            failures.append(
                f"{_name(key, params)}: the kernel’s values leave the range of numbers, as each layer raises the norms "
                "of the inputs to a power. Put the inputs on the unit circle, or lower n or d."
            )
    known = None if params.dataset == UPLOAD else truth(params.dataset, grid)
    return MachineResult(
        names=data.names,
        x=data.x,
        y=data.y,
        grid=grid,
        draw_grid=embedding.grid(_GRID),
        truth=known,
        fits=tuple(fits),
        failures=tuple(failures),
    )


def _in_range(kernel: Kernel, points: Array) -> bool:
    """Whether a kernel's values are numbers that a regression can use."""
    return bool(np.abs(kernel(points, points)).max() <= LARGEST)


def _drawn(x: Array, embedding: Embedding) -> Array:
    """The grid of the curves: even, and with every sample and its close neighbours, where a deep kernel has needles."""
    even = embedding.grid(_GRID)
    if len(x) > _FEW:
        return even
    beside = (even[1] - even[0]) * np.array([-0.1, 0.0, 0.1])
    return np.unique(np.concatenate([even, np.clip(np.add.outer(beside, x).ravel(), even[0], even[-1])]))


def _fit(key: str, params: MachineParams, data: Samples, embedding: Embedding, grid: Array) -> MachineFit:
    limit = MAX_POLYNOMIAL_DEPTH if key == "polynomial" else DEPTHS[-1]
    depth = min(params.depth, limit)
    at = partial(regress, x=data.x, y=data.y, noise=params.noise, embedding=embedding)
    fitted = at(_kernel(key, params, depth), grid=grid)
    depths = tuple(d for d in DEPTHS if d <= limit) if key != "polynomial" else tuple(range(1, limit + 1))
    grams = _grams(key, params, embedding(data.x), depths)
    evidence = [log_evidence(gram, data.y, params.noise) if np.abs(gram).max() <= LARGEST else nan for gram in grams]
    prior = _kernel(key, params, depth)
    draws = prior_draws(prior, embedding.grid(_GRID), count=_DRAWS, seed=params.draws_seed, embedding=embedding).values
    return MachineFit(
        name=_name(key, params),
        key=key,
        depth=depth,
        wanted_depth=params.depth,
        mean=fitted.mean,
        std=fitted.band,
        prior_std=fitted.prior_std,
        shallow_mean=at(_kernel(key, params, 1), grid=grid).mean,
        draws=fitted.offset + fitted.scale * draws,
        log_evidence=fitted.log_marginal_likelihood,
        effective_parameters=fitted.degrees_of_freedom,
        jitter=fitted.jitter,
        evidence_depths=depths,
        evidence=np.array(evidence),
    )


def _name(key: str, params: MachineParams) -> str:
    return {
        "polynomial": f"Polynomial, d = {params.degree}",
        "rbf": f"RBF, γ² = {params.gamma_squared:g}",
        "arc_cosine": f"Arc-cosine, n = {params.order}",
    }[key]


def _kernel(key: str, params: MachineParams, depth: int) -> Kernel:
    """A kernel on points of the plane, with k = 1 for unit vectors that agree."""
    if key == "polynomial":
        return partial(_polynomial, degree=params.degree, depth=depth)
    if key == "rbf":
        return partial(_rbf, gamma=sqrt(params.gamma_squared), depth=depth)
    return partial(_arc_cosine, order=params.order, depth=depth)


def _grams(key: str, params: MachineParams, points: Array, depths: tuple[int, ...]) -> list[Array]:
    """Gram matrices at several depths; those of the arc-cosine kernel share their layers, and both triangles."""
    if key != "arc_cosine":
        return [_kernel(key, params, depth)(points, points) for depth in depths]
    rows, columns = np.triu_indices(len(points))
    layers = complements_by_layer(angle_between(points, points)[rows, columns], params.order, depths[-1])
    grams = []
    for depth in depths:
        correlation = np.empty((len(points), len(points)))
        correlation[rows, columns] = correlation[columns, rows] = 1.0 - layers[depth - 1]
        grams.append(_with_norms(correlation, points, points, params.order, depth))
    return grams


def _polynomial(first: Array, second: Array, *, degree: int, depth: int) -> Array:
    sign, log_magnitude = composed_polynomial(first @ second.T, degree, depth)
    with np.errstate(over="ignore", under="ignore"):
        return np.asarray(sign * np.exp(log_magnitude))


def _rbf(first: Array, second: Array, *, gamma: float, depth: int) -> Array:
    return composed_rbf(np.linalg.norm(first[:, None] - second, axis=-1), gamma, depth)


def _arc_cosine(first: Array, second: Array, *, order: int, depth: int) -> Array:
    correlation = composed_arc_cosine(angle_between(first, second), order, depth)
    return _with_norms(correlation, first, second, order, depth)


def _with_norms(correlation: Array, first: Array, second: Array, order: int, depth: int) -> Array:
    """Correlation times the norms: k^(l)(x, x) = |x|^(2 n^l), when the factors (2n-1)!! are divided out."""
    power = float(order**depth)
    with np.errstate(over="ignore", under="ignore"):
        left, right = (np.exp(power * _log_norm(points)) for points in (first, second))
        return np.asarray(np.multiply.outer(left, right) * correlation)


def _log_norm(points: Array) -> Array:
    """Log |x|; exactly 0 on the unit circle, where rounding would be raised to a power of up to 10^50."""
    logarithm = 0.5 * np.log(np.square(points).sum(axis=1))
    return np.where(np.abs(logarithm) < _ROUNDING, 0.0, logarithm)


def _primal(params: MachineParams, data: Samples, embedding: Embedding) -> Claim:
    """Ridge regression on explicit features is the kernel machine."""
    fits = [d for d in range(1, MAX_POLYNOMIAL_DEPTH + 1) if feature_dimension(2, params.degree, d) <= MAX_FEATURES]
    depth = min(params.depth, fits[-1])
    grid = embedding.grid(_GRID)
    train, test = embedding(data.x), embedding(grid)
    for _ in range(depth):
        train, test = monomial_features(train, params.degree), monomial_features(test, params.degree)
    dual = regress(_kernel("polynomial", params, depth), data.x, data.y, grid, noise=params.noise, embedding=embedding)
    primal = primal_ridge(train, test, data.y, params.noise)
    size = max(float(np.abs(dual.mean - dual.offset).max()), _NOTHING * dual.scale)
    residual = float(np.abs(primal - dual.mean).max()) / size
    return Claim(
        name="The kernel trick",
        formula=r"\phi(x)^\top(\Phi^\top\Phi + s^2 I)^{-1}\Phi^\top y = k(x, X)\,(K + s^2 I)^{-1} y",
        assumptions=(Assumption("a well-conditioned kernel matrix", dual.condition < _CONDITION and not dual.jitter),),
        predicted="one curve, with features or without",
        measured=f"polynomial at ℓ = {depth}, {train.shape[1]} features: they differ by {number(residual)} at most",
        residual=residual,
        tolerance=max(1e-9, 30.0 * _EPS * dual.condition),
        unit="of the largest value; rounding, times the condition number",
        why="The regression needs inner products of features only, so a kernel is enough, at any depth.",
    )


def _layer(params: MachineParams, data: Samples, embedding: Embedding) -> Claim:
    """A wide random layer with a ridge-trained readout tends to the arc-cosine machine like 1/sqrt(h)."""
    grid = embedding.grid(_GRID)
    limit = regress(_kernel("arc_cosine", params, 1), data.x, data.y, grid, noise=params.noise, embedding=embedding)
    train, test = embedding(data.x), embedding(grid)
    wide = min(_WIDEST, _BUDGET // len(data.x))
    errors = []
    for width in (wide // _RATIO, wide):
        apart = [
            primal_ridge(*_random_layer(train, test, params.order, width, seed), data.y, params.noise) - limit.mean
            for seed in range(_LAYERS)
        ]
        errors.append(float(np.sqrt(np.mean(np.square(apart)))) / limit.scale)
    ratio, predicted = errors[0] / errors[1] if errors[1] > _NOTHING else float("nan"), sqrt(_RATIO)
    return Claim(
        name="At ℓ = 1, a wide layer is this kernel machine",
        formula=r"\Big|\hat f_h(x) - f_\infty(x)\Big| \propto \frac{1}{\sqrt h}",
        assumptions=(
            Assumption("n ≤ 1", params.order <= 1),
            Assumption(
                "the narrow layer has twice as many rows as there are samples", wide >= 2 * _RATIO * len(data.x)
            ),
            Assumption("and is off by less than 0.1", errors[0] < 0.1),
            Assumption("noise of 0.1 or more, for a tame inverse", params.noise >= 0.1),
        ),
        predicted=f"{_RATIO} times the rows, {predicted:g} times closer",
        measured=f"off by {number(errors[0])} with h = {wide // _RATIO}, {number(errors[1])} with h = {wide}"
        + (f": {ratio:.1f} times closer" if ratio == ratio else "; there is nothing to fit"),
        residual=abs(log2(ratio / predicted)),
        tolerance=1.0,
        allowed=f"allowed: 2 to 8 times, over {_LAYERS} random layers of each width",
        why="Training only the readout of a random layer is ridge regression on its features. "
        "Higher orders have heavy tails.",
    )


def _random_layer(train: Array, test: Array, order: int, width: int, seed: int) -> tuple[Array, Array]:
    """Features sqrt(2/h) (w x)_+^n of both sets of points, normalized as the kernel is."""
    rows = np.random.default_rng([seed, width]).standard_normal((train.shape[1], width))
    scale = sqrt(2.0 / (width * double_factorial(2 * order - 1)))
    left, right = (points @ rows for points in (train, test))
    return tuple(scale * np.where(z > 0.0, np.maximum(z, 0.0) ** order, 0.0) for z in (left, right))  # type: ignore[return-value]


def _narrower(params: MachineParams, data: Samples, embedding: Embedding) -> Claim:
    """One more sample can only narrow the band, of any kernel."""
    grid = embedding.grid(_GRID)[::4]
    at = partial(regress, grid=grid, noise=params.noise, embedding=embedding)
    ratios = []
    for key in KERNELS:
        kernel = _kernel(key, params, 1)
        scale, fewer = (at(kernel, x=x, y=y) for x, y in ((data.x, data.y), (data.x[:-1], data.y[:-1])))
        ratios.append((scale.band / scale.scale) / np.maximum(fewer.band / fewer.scale, _NOTHING))
    low, high = float(np.min(ratios)), float(np.max(ratios))
    return Claim(
        name="At ℓ = 1, a sample only narrows the band",
        formula=r"\operatorname{var}(f(x) \mid y_1, \dots, y_m) \le \operatorname{var}(f(x) \mid y_1, \dots, y_{m-1})",
        assumptions=(),
        predicted="with the last sample the band is nowhere wider than without it",
        measured=f"all three kernels: between {number(low)} and {number(high)} of the width without it",
        residual=max(high - 1.0, 0.0),
        tolerance=1e-6,
        unit="of the width; rounding",
        why="What a sample takes away from the variance is a square. It does not depend on y.",
    )
