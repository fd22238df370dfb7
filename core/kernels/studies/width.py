"""A layer of finitely many rows as an estimate of the arc-cosine kernel."""

from functools import lru_cache
from math import inf, isfinite, nan, pi, sqrt

import numpy as np
from scipy.interpolate import pchip_interpolate

from core.arrays import Array, Indices
from core.claims import Assumption, Claim
from core.kernels.angular import angular_function
from core.kernels.feature_law import estimate_quantiles, estimate_skewness, normal_band_coverage
from core.kernels.params import WidthParams
from core.kernels.random_features import (
    independent_estimates,
    layer_std,
    log_spaced_widths,
    random_feature_std,
    running_estimate,
)
from core.kernels.result import Study
from core.kernels.result.layers import NORMAL_95, WidthResult
from core.kernels.weights import DISTRIBUTIONS, Layer, infinite_width_limit
from core.notation import number

STREAMS = 8
SHORT = 10_000
"""Rows of the streams, unless more are asked for."""
_WIDTHS = 50
_ROWS, _FEWEST, _MOST = 200_000, 20, 2000  # rows for the independent layers, and how many layers at least and at most
_QUANTILES = 7  # widths at which the exact quantiles are computed; between them log q is smooth in log h
_NORMAL_ENOUGH = 0.01  # by which the exact coverage of the normal band may differ from 95 %
_LEVELS = (0.025, 0.975)
_SKEWED = 0.5  # skewness from which on the two tails are too different for a normal band
_TELLING = 0.3  # of sigma: larger tolerances would say nothing
_NARROWEST, _RATE_WIDTHS, _RATE_LAYERS = (
    30,
    5,
    400,
)  # up to SHORT: widths at which the exponent of the error is measured, over so many layers each
_RATE_ROWS = 400_000  # of the widest of them: fewer layers there
_FEWEST_WIDTHS = 3
_SHARP = 0.15  # four standard errors of an exponent beyond which it says nothing
_HEAVY = 30.0  # kurtosis above which a few hundred layers do not show their standard deviation


def study_width(params: WidthParams) -> Study[WidthResult]:
    """Draw layers, and hold them against the limit and the exact standard deviation."""
    result = _draw(params)
    return Study(result, (_mean(result), _spread(result), _rate(result), _band(result)))


def _draw(params: WidthParams) -> WidthResult:
    n, theta, h = params.order, params.angle, params.width
    layer = Layer(distribution=params.distribution, bias=params.bias)
    kernel, std = float(angular_function(n, theta)) / pi, float(random_feature_std(n, theta, h))
    widths = log_spaced_widths(10, max(SHORT, h), _WIDTHS)
    quantiles = _quantiles(n, theta, max(SHORT, h))
    count = int(np.clip(_ROWS // h, _FEWEST, _MOST))
    replicates = (independent_estimates(n, theta, h, count, params.seed, layer=layer) - kernel) / std
    low, high = (estimate_quantiles(n, theta, [h], levels=_LEVELS)[:, 0] - kernel) / std
    inside = (replicates >= low - 1e-12) & (replicates <= high + 1e-12)  # steps at n = 0 count as inside
    rate_widths = np.unique(np.rint(np.geomspace(_NARROWEST, SHORT, _RATE_WIDTHS)).astype(np.intp))
    exact, skewness = float(normal_band_coverage(n, theta, [h])[0]), estimate_skewness(n, theta, h)
    return WidthResult(
        order=n,
        width=h,
        angle=theta,
        distribution=DISTRIBUTIONS[params.distribution],
        bias=params.bias,
        exact=params.distribution == "gaussian" and params.bias == 0.0,
        kernel=kernel,
        limit=float(infinite_width_limit(n, theta, layer)),
        widths=widths.astype(np.float64),
        streams=running_estimate(n, theta, widths, params.seed, streams=STREAMS, layer=layer).estimates,
        std=float(random_feature_std(n, theta, 1)) / np.sqrt(widths),
        quantiles=_between(quantiles, widths),
        replicates=replicates,
        width_std=std,
        finite=isfinite(layer_std(n, theta, h, layer)),
        row_kurtosis=_row_kurtosis(n, theta, Layer()),
        law_kurtosis=_row_kurtosis(n, theta, layer),
        rate_widths=rate_widths.astype(np.float64),
        rate_layers=np.array([_layers(int(width)) for width in rate_widths], dtype=np.float64),
        rate_std=np.array([_measured_std(params, layer, int(width)) for width in rate_widths]),
        skewness=skewness,
        normal_coverage=exact,
        nearly_normal=abs(exact - 0.95) <= _NORMAL_ENOUGH and abs(skewness) <= _SKEWED,
        coverage=float((np.abs(replicates) <= NORMAL_95).mean()),
        quantile_coverage=float(inside.mean()),
    )


def _layers(width: int) -> int:
    """How many independent layers of a width the exponent is measured over."""
    return min(_RATE_LAYERS, _RATE_ROWS // width)


def _measured_std(params: WidthParams, layer: Layer, width: int) -> float:
    """Standard deviation over independent layers of a width, other ones at each width."""
    seed = int(np.random.SeedSequence([params.seed, width]).generate_state(1)[0])
    estimates = independent_estimates(params.order, params.angle, width, _layers(width), seed, layer=layer)
    return float(estimates.std(ddof=1))


@lru_cache(maxsize=256)
def _quantiles(order: int, angle: float, widest: int) -> tuple[Array, Array]:
    """A few widths, and the exact quantiles there; another seed does not need them anew."""
    widths = log_spaced_widths(10, widest, _QUANTILES if order else _WIDTHS)
    return widths.astype(np.float64), estimate_quantiles(order, angle, widths, levels=_LEVELS)


def _between(known: tuple[Array, Array], widths: Indices) -> Array:
    """Quantiles at all widths, shape (2, T); 0 below the smallest width at which one is positive."""
    few, values = known
    if len(few) == len(widths):
        return values
    rows = np.zeros((len(values), len(widths)))
    for row, value in zip(rows, values, strict=True):
        positive = value > 0.0
        if positive.sum() > 1:
            inside = widths >= few[positive][0]
            logs = pchip_interpolate(np.log(few[positive]), np.log(value[positive]), np.log(widths[inside]))
            row[inside] = np.exp(logs)
    return rows


def _gaussian_rows(result: WidthResult) -> tuple[Assumption, ...]:
    return (
        Assumption("Gaussian weights", result.distribution == DISTRIBUTIONS["gaussian"]),
        Assumption("no bias", result.bias == 0.0),
    )


def _light(result: WidthResult) -> Assumption:
    return Assumption("tails that these layers can show", _kurtosis(result) < _HEAVY)


def _told(result: WidthResult) -> Assumption:
    sharp = result.width_std / sqrt(len(result.replicates)) < 0.1 * result.kernel
    return Assumption("a standard error below a tenth of kₙ", sharp)


def _mean(result: WidthResult) -> Claim:
    """The estimate has the kernel as its mean, at every width."""
    count = len(result.replicates)
    mean = float(result.replicates.mean())
    return Claim(
        name="On average the layer is the kernel",
        formula=r"\mathbb E\,\frac2h \sum_{i=1}^h \langle w_i, x\rangle_+^n \langle w_i, y\rangle_+^n = k_n(x, y)",
        assumptions=(*_gaussian_rows(result), _light(result), _told(result)),
        predicted=f"kₙ = {number(result.kernel)} at every width",
        measured=f"{number(result.kernel + mean * result.width_std)}, mean of {count} layers of {result.width} rows",
        residual=abs(mean) * sqrt(count),
        tolerance=4.0,
        unit="standard errors of that mean",
        why="Twice (3.2) is the mean of one row. Gaussian rows may be turned, so any plane of x and y will do; other "
        "rows see how the inputs lie to the axes. A bias is one more coordinate, and makes the angle smaller.",
    )


def _row_kurtosis(order: int, angle: float, layer: Layer) -> float:
    """Excess kurtosis of a row's term, from the moments E X^m = 2^(m-1) k_mn of its law; infinite or NaN without."""
    first, second, third, fourth = (
        2.0 ** (m - 1) * infinite_width_limit(m * order, angle, layer) for m in (1, 2, 3, 4)
    )
    variance = second - first**2
    if not isfinite(fourth) or variance <= 0.0:
        return inf if variance > 0.0 else nan
    central = fourth - 4.0 * first * third + 6.0 * first**2 * second - 3.0 * first**4
    return central / variance / variance - 3.0


def _kurtosis(result: WidthResult) -> float:
    """Of the estimate of a layer of the rows of (3.2), at the chosen width."""
    return 3.0 + result.row_kurtosis / result.width


def _spread(result: WidthResult) -> Claim:
    """The standard deviation at the chosen width is sqrt((2 k_2n - k_n^2)/h)."""
    bound = 2.0 * sqrt((_kurtosis(result) - 1.0) / len(result.replicates))
    measured = float(result.replicates.std(ddof=1))
    return Claim(
        name="Standard deviation of the estimate",
        formula=r"\sigma = \sqrt{\frac{2 k_{2n} - k_n^2}{h}}",
        assumptions=(
            *_gaussian_rows(result),
            _light(result),
            Assumption("enough layers to tell", bound <= _TELLING),
        ),
        predicted=f"σ = {number(result.width_std)} at h = {result.width}",
        measured=f"{number(measured * result.width_std)} over {len(result.replicates)} layers",
        residual=abs(measured - 1.0),
        tolerance=bound,
        unit="of σ; four standard errors",
        why="Rows are independent, and the square of a row’s term is a term of order 2n. For large n a few rows "
        "carry the sum.",
    )


def error_exponent(result: WidthResult) -> tuple[float, float]:
    """Exponent of the standard deviation in h, fitted to independent layers of several widths, and its standard error.

    Weights are the exact variances of the logarithms, (kurtosis - 1)/(4 layers); widths whose tails their layers
    cannot show are left out. NaN where fewer than three are left.
    """
    kurtosis = 3.0 + result.law_kurtosis / result.rate_widths
    known = (result.rate_std > 0.0) & (kurtosis < _HEAVY)
    if known.sum() < _FEWEST_WIDTHS:
        return nan, nan
    x, y = np.log(result.rate_widths[known]), np.log(result.rate_std[known])
    weight = 4.0 * result.rate_layers[known] / (kurtosis[known] - 1.0)
    x = x - (weight @ x) / weight.sum()
    square = float(weight @ x**2)
    return float(weight @ (x * y)) / square, 1.0 / sqrt(square)


def _rate(result: WidthResult) -> Claim:
    """The error falls like 1/sqrt(h), whatever the rows: its exponent, over independent layers of several widths."""
    exponent, error = error_exponent(result)
    first, last = (int(width) for width in result.rate_widths[[0, -1]])
    layers = int(result.rate_layers.sum())
    return Claim(
        name="The error falls like 1/√h",
        formula=r"\sigma \propto h^{-1/2}",
        assumptions=(
            Assumption("tails that these layers can show", 4.0 * error <= _SHARP),
            Assumption("a finite variance of a row’s term", result.finite),
        ),
        predicted="exponent −½",
        measured=f"exponent −{-exponent:.3f} ± {error:.3f}, over {layers} layers of {first} to {last} rows"
        if isfinite(exponent)
        else "the layers’ tails are too heavy for an exponent",
        residual=abs(exponent + 0.5),
        tolerance=4.0 * error,
        allowed=f"allowed: ± {number(4.0 * error)}, four standard errors",
        why="The estimate is a mean of h independent terms, one a row, of whatever law with a variance.",
    )


def _band(result: WidthResult) -> Claim:
    """Within 1.96 sigma lie 95 % of all layers, if the layer is wide enough to be normal."""
    count, exact = len(result.replicates), result.normal_coverage
    return Claim(
        name="95 % within 1.96 σ",
        formula=r"P\big(|\hat k_n - k_n| \le 1.96\,\sigma\big) \to 0.95 \quad (h \to \infty)",
        assumptions=(
            *_gaussian_rows(result),
            Assumption(f"wide enough to be normal (exact: {100 * exact:.1f} %)", result.nearly_normal),
        ),
        predicted="95 %",
        measured=f"{100 * result.coverage:.1f} % of {count} layers; {100 * result.quantile_coverage:.1f} % between the "
        "exact 2.5 % and 97.5 % quantiles",
        residual=abs(result.coverage - 0.95),
        tolerance=_NORMAL_ENOUGH + 4.0 * sqrt(0.95 * 0.05 / count),
        unit="(1 % and four standard errors)",
        why=f"The skewness of the estimate is {number(result.skewness)}. A narrow layer has a heavy right tail; then "
        "only the exact quantiles are right.",
    )
