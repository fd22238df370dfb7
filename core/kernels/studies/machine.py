"""The kernel machine: Gaussian-process regression with the three kernels at any depth."""

from functools import partial
from math import isfinite, nan, sqrt

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
from core.kernels.polynomial import composed_degree, composed_polynomial
from core.kernels.rbf import composed_rbf
from core.kernels.regression import LARGEST, Kernel, log_evidence, prior_draws, regress, rounding_bound
from core.kernels.result import Study
from core.kernels.result.machine import MachineFit, MachineResult
from core.kernels.ridge import primal_ridge
from core.notation import number

DEPTHS = (1, 2, 3, 5, 10, 20, 50)
"""Depths at which the evidence is compared; the polynomial stops at 6."""
KERNELS = ("polynomial", "rbf", "arc_cosine")
_GRID, _DRAWS = 161, 4
_FEW = 60  # samples up to which each has points of its own on the curves
_WIDEST, _LAYERS = (
    3200,
    (64, 32, 16),
)  # rows of the widest random layers, and how many there are with a 16th, a 4th, all
_COARSE = 4  # every so many points of the grid: where the layers are compared
_NEXT_ORDER = 0.05  # of the exponent
_PARTED = 1e-5  # of the deviation of y: rounding that may part two curves by more says nothing
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
    """On the unit circle <x, y> = 1 - |x - y|^2/2: a rounded product may lie above 1, and is raised to d^l."""
    sign, log_magnitude = composed_polynomial(first @ second.T, degree, depth)
    squared = np.square(first[:, None] - second).sum(axis=-1)
    close = np.logical_and.outer(_log_norm(first) == 0.0, _log_norm(second) == 0.0) & (squared < 1.0)
    precise = composed_degree(degree, depth) * np.log1p(-0.5 * np.minimum(squared, 1.0))
    with np.errstate(over="ignore", under="ignore"):
        return np.asarray(sign * np.exp(np.where(close, precise, log_magnitude)))


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
    kernel, noise = _kernel("polynomial", params, depth), params.noise
    dual = regress(kernel, data.x, data.y, grid, noise=noise, embedding=embedding)
    primal = primal_ridge(train, test, data.y, noise)
    # a power of an inner product has its degree times the error of that; ten for the rest, measured up to 4
    error = (10.0 + 2.0 * composed_degree(params.degree, depth)) * _EPS
    bound = rounding_bound(kernel, data.x, data.y, grid, noise=noise, embedding=embedding, error=error)
    residual = float(np.abs(primal - dual.mean).max()) / dual.scale
    return Claim(
        name="The kernel trick",
        formula=r"\phi(x)^\top(\Phi^\top\Phi + s^2 I)^{-1}\Phi^\top y = k(x, X)\,(K + s^2 I)^{-1} y",
        assumptions=(
            Assumption(f"rounding moves a curve by less than {number(_PARTED)}", bound < _PARTED and not dual.jitter),
        ),
        predicted="one curve, with features or without",
        measured=f"polynomial at ℓ = {depth}, {train.shape[1]} features: they differ by {number(residual)} at most",
        residual=residual,
        tolerance=bound,
        unit="standard deviations of y; what rounding may do, to first order",
        why="The regression needs inner products of features only, so a kernel is enough, at any depth.",
    )


def _layer(params: MachineParams, data: Samples, embedding: Embedding) -> Claim:
    """A wide random layer with a ridge-trained readout tends to the arc-cosine machine like 1/sqrt(h)."""
    grid = embedding.grid(_GRID)[::_COARSE]
    limit = regress(_kernel("arc_cosine", params, 1), data.x, data.y, grid, noise=params.noise, embedding=embedding)
    train, test = embedding(data.x), embedding(grid)
    target = (data.y - limit.offset) / limit.scale
    goal = (limit.mean - limit.offset) / limit.scale
    wide = min(_WIDEST, _BUDGET // len(data.x))
    widths = np.array([wide // 16, wide // 4, wide])
    squares = [
        np.array([np.mean((_readout(train, test, target, params, int(h), seed) - goal) ** 2) for seed in range(count)])
        for h, count in zip(widths, _LAYERS, strict=True)
    ]
    errors = np.sqrt([square.mean() for square in squares])
    exponent, sure = _exponent(widths, squares)
    return Claim(
        name="At ℓ = 1, a wide layer is this kernel machine",
        formula=r"\Big(\mathbb E\,\big|\hat f_h(x) - f_\infty(x)\big|^2\Big)^{1/2} \propto h^{-1/2}",
        assumptions=(
            Assumption("n ≤ 1", params.order <= 1),
            Assumption("the narrowest layer has twice as many rows as there are samples", widths[0] >= 2 * len(data.x)),
            Assumption("and is off by less than 0.1", bool(errors[0] < 0.1)),
            Assumption("noise of 0.1 or more, for a tame inverse", params.noise >= 0.1),
        ),
        predicted="exponent −½",
        measured=(f"exponent −{-exponent:.2f}" if isfinite(exponent) else "nothing to fit")
        + "; off by "
        + ", ".join(f"{number(float(e))} with h = {h}" for h, e in zip(widths, errors, strict=True)),
        residual=abs(exponent + 0.5),
        tolerance=4.0 * sure + _NEXT_ORDER,
        allowed=f"allowed: ± {number(4.0 * sure + _NEXT_ORDER)}, four standard errors over "
        f"{', '.join(map(str, _LAYERS))} random layers, and {_NEXT_ORDER:g} for terms of order 1/h",
        why="Training only the readout of a random layer is ridge regression on its features. "
        "Higher orders have heavy tails.",
    )


def _exponent(widths: Array, squares: list[Array]) -> tuple[float, float]:
    """Exponent of the root mean square in the width, and its standard error from the scatter of the layers."""
    means = np.array([square.mean() for square in squares])
    if means.min() < _NOTHING**2:
        return nan, nan
    errors = np.array([0.5 * square.std(ddof=1) / square.mean() / sqrt(len(square)) for square in squares])
    x, weight = np.log(widths), errors**-2.0
    x = x - (weight @ x) / weight.sum()
    square = float(weight @ x**2)
    return float(weight @ (x * 0.5 * np.log(means))) / square, 1.0 / sqrt(square)


def _readout(train: Array, test: Array, target: Array, params: MachineParams, width: int, seed: int) -> Array:
    """Predictions of a random layer whose readout is trained by ridge regression, in deviations of y."""
    left, right = _random_layer(train, test, params.order, width, seed)
    gram = left @ left.T + params.noise**2 * np.eye(len(left))
    return np.asarray(right @ (left.T @ np.linalg.solve(gram, target)))


def _random_layer(train: Array, test: Array, order: int, width: int, seed: int) -> tuple[Array, Array]:
    """Features sqrt(2/h) (w x)_+^n of both sets of points, normalized as the kernel is."""
    rows = np.random.default_rng([seed, width]).standard_normal((train.shape[1], width))
    scale = sqrt(2.0 / (width * double_factorial(2 * order - 1)))
    left, right = (points @ rows for points in (train, test))
    return tuple(scale * np.where(z > 0.0, np.maximum(z, 0.0) ** order, 0.0) for z in (left, right))  # type: ignore[return-value]


def _narrower(params: MachineParams, data: Samples, embedding: Embedding) -> Claim:
    """More samples can only narrow the band, of any kernel: against the narrowest with fewer of them."""
    grid, size = embedding.grid(_GRID)[::_COARSE], len(data.x)
    counts = sorted({max(size // 4, 1), max(size // 2, 1), size - 1, size})
    wider, ratios = 0.0, []
    for key in KERNELS:
        kernel = _kernel(key, params, 1)
        fits = [regress(kernel, data.x[:m], data.y[:m], grid, noise=params.noise, embedding=embedding) for m in counts]
        shares = np.array([np.square(fit.band / fit.prior_std) for fit in fits])
        least = np.minimum.accumulate(shares, axis=0)
        wider = max(wider, float((shares[1:] - least[:-1]).max()))
        ratios.append(np.sqrt(shares[-1] / np.maximum(shares[-2], _NOTHING)))
    return Claim(
        name="At ℓ = 1, a sample only narrows the band",
        formula=r"\operatorname{var}(f(x) \mid y_1, \dots, y_m) \le \operatorname{var}(f(x) \mid y_1, \dots, y_{m-1})",
        assumptions=(),
        predicted=f"with {', '.join(map(str, counts[:-1]))} and {size} samples the band is nowhere wider than before",
        measured=f"all three kernels: wider by {number(wider)}; with the last sample between "
        f"{number(float(np.min(ratios)))} and {number(float(np.max(ratios)))} of the width without it",
        residual=wider,
        tolerance=1e-11,
        unit="of the prior variance; rounding",
        why="What a sample takes away from the variance is a square. It does not depend on y.",
    )
