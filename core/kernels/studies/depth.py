"""Arc-cosine kernels composed: the recursion, its fixed points, and deep nets of finite width."""

from functools import lru_cache
from math import inf, log, pi, sqrt

import numpy as np
from scipy.special import stdtrit

from core.arrays import Array
from core.claims import Assumption, Claim
from core.kernels.angular import double_factorial, normalized_angular_function
from core.kernels.arc_cosine import (
    arc_cosine_fixed_point,
    arc_cosine_rate,
    complements_by_layer,
    log_squared_norm,
)
from core.kernels.deep_features import deep_correlations
from core.kernels.depths import shown_depths
from core.kernels.pairs import arc_cosine_pair
from core.kernels.params import DepthParams
from core.kernels.result import Study
from core.kernels.result.layers import DepthResult
from core.notation import number, power_of_ten

MOST_NETS, FEWEST_NETS, NEURONS = 12, 6, 250_000
"""Finite nets that are drawn, and how many neurons all of them may have."""
WIDE = 100
"""Width from which on a finite net is held against the recursion."""
PER_LAYER = 6
"""Neurons a layer for each layer: what deviates from the recursion grows with depth over width."""
_BIAS, _BIAS_QUADRATIC = 0.25, 1.2  # times 1/h for n <= 1 and l/h for n = 2, measured on 4000 nets of width 100
FAR = 200
"""Layers after which the limits are measured."""
SMALL_ANGLES = (1e-6, 1e-5, 1e-4)
"""Radians between nearly equal inputs."""
_SKEWED = 0.5  # skewness of a mean from which on four standard errors are no bound
_TELLING = 0.2  # relative error of a mean from which on it says nothing
_DIGITS = 1e7  # decades of a norm beyond which rounding of its logarithm shows in the ratio of two layers
_RARE = 1e-4  # probability at which a mean of few nets may lie further off in one of the layers
_GRID = 121
_LN10 = log(10.0)


def study_depth(params: DepthParams) -> Study[DepthResult]:
    """Compose the kernel, run finite nets, and hold the statements on depth against them."""
    result = _compose(params)
    return Study(result, (_limit(result), _slope(result), _norms(result), _finite(result)))


def _compose(params: DepthParams) -> DepthResult:
    n, theta = params.order, params.angle
    depths = shown_depths(params.depth)
    angle = np.linspace(0.0, pi, _GRID)
    every = complements_by_layer(angle, n, params.depth)
    chosen = complements_by_layer(theta, n, params.depth)
    star = arc_cosine_fixed_point(n)
    map_in = np.linspace(0.0, 1.0, _GRID)
    count = max(FEWEST_NETS, min(MOST_NETS, NEURONS // (params.width * params.depth)))
    nets = deep_correlations(n, theta, params.width, params.depth, count, params.seed, norm=params.norm)
    pair = _pair(n, theta)
    return DepthResult(
        order=n,
        depth=params.depth,
        width=params.width,
        chosen_angle=theta,
        norm=params.norm,
        layers=np.arange(1.0, params.depth + 1.0),
        correlation=1.0 - chosen,
        complement=chosen,
        measured=pair[: params.depth],
        far=pair[FAR - 1 :],
        parallel=np.stack([np.append(angle, arc_cosine_pair(n, angle, 2)) for angle in SMALL_ANGLES], axis=1),
        nets=nets.correlations,
        log10_norm=_log10_norms(params),
        net_log10_norms=np.where(np.isfinite(nets.log_norms), nets.log_norms / _LN10, np.nan),
        fixed_point=star,
        rate=arc_cosine_rate(n),
        slope_at_one=inf if n == 0 else n * n / (2 * n - 1),
        map_in=map_in,
        map_out=normalized_angular_function(n, np.arccos(map_in)),
        depths=depths,
        angle=angle,
        curves=1.0 - every[np.array(depths) - 1],
        log10_apart=_log10_distance(every, 1.0 - star),
    )


@lru_cache(maxsize=64)
def _pair(order: int, angle: float) -> Array:
    """1 - rho by quadrature through all layers; other nets do not need it anew."""
    return arc_cosine_pair(order, angle, FAR + 1)


def _log10_norms(params: DepthParams) -> Array:
    """log10 k^(l)(x, x) by the recursion, shape (L,)."""
    start = 2.0 * log(params.norm)
    return np.array([float(log_squared_norm(start, params.order, l)) for l in range(1, params.depth + 1)]) / _LN10  # noqa: E741


def _log10_distance(complements: Array, limit: float) -> Array:
    """log10 |rho - rho*|, at least -17: rounding."""
    return np.asarray(np.log10(np.maximum(np.abs(complements - limit), 1e-17)))


def _limit(result: DepthResult) -> Claim:
    """rho^(l) tends to the stable fixed point; at n = 1 so slowly that its rate is what can be measured."""
    return _slow_limit(result) if result.order == 1 else _fixed_point(result)


def _slow_limit(result: DepthResult) -> Claim:
    """N = 1: 1 - rho^(l) tends to 9 pi^2 / (2 l^2), that is, 1/sqrt(1 - rho) grows by sqrt(2)/(3 pi) a layer."""
    last, after = (float(gap) for gap in result.far)
    predicted = sqrt(2.0) / (3.0 * pi)
    measured = after**-0.5 - last**-0.5
    return Claim(
        name="n = 1: all inputs become one, slowly",
        formula=r"1 - \rho^{(\ell)} \to \frac{9\pi^2}{2\ell^2},\quad "
        r"\frac{1}{\sqrt{1 - \rho^{(\ell+1)}}} - \frac{1}{\sqrt{1 - \rho^{(\ell)}}} \to \frac{\sqrt 2}{3\pi}",
        assumptions=(),
        predicted=f"1/√(1 − ρ) grows by {predicted:.5f} a layer",
        measured=f"by {measured:.5f} at ℓ = {FAR}, where 1 − ρ = {number(last)}, by quadrature over rows",
        residual=abs(measured / predicted - 1.0),
        tolerance=0.01,
        unit="of the growth; corrections are of order √(1 − ρ)",
        why="The slope at ρ = 1 is exactly 1: the angle falls like a power of the depth, not exponentially.",
    )


def _fixed_point(result: DepthResult) -> Claim:
    """N = 0 and n >= 2: an interior fixed point attracts every pair of different inputs."""
    n, star, measured = result.order, result.fixed_point, 1.0 - float(result.far[0])
    return Claim(
        name=f"n = {n}: " + ("nearly parallel inputs are pulled apart" if n else "different inputs end at one angle"),
        formula=r"\rho^{(\ell)} \to \rho^* = \frac{J_n(\arccos\rho^*)}{J_n(0)} < 1",
        assumptions=(),
        predicted=f"ρ* = {star:.10g}",
        measured=f"{measured:.10g} after {FAR} layers, by quadrature over rows",
        residual=abs(measured - star),
        tolerance=1e-10,
        unit="; rounding",
        why="The map has infinite slope at ρ = 1: the smallest angle grows at once."
        if n == 0
        else "The slope n²/(2n − 1) at ρ = 1 is above 1: ρ = 1 repels, for every pair but parallel inputs.",
    )


def _slope(result: DepthResult) -> Claim:
    """What a layer does to a small angle: exponent and constant, from features of two layers."""
    n = result.order
    power, predicted = (0.5, sqrt(2.0) / pi) if n == 0 else (1.0, result.slope_at_one)
    _, first, second = result.parallel
    exponent, measured = float(np.polyfit(np.log(first), np.log(second), 1)[0]), float(second[0] / first[0] ** power)
    law = r"\frac{\sqrt{2\,(1 - \rho)}}{\pi}" if n == 0 else r"\frac{n^2}{2n-1}\,(1 - \rho)"
    return Claim(
        name="What a layer does to nearly equal inputs",
        formula=rf"1 - \rho' \to {law} \quad (\rho \to 1)",
        assumptions=(),
        predicted=f"exponent {power:g}, factor {number(predicted)}",
        measured=f"exponent {exponent:.6f}, factor {number(measured)}, by quadrature over rows for inputs "
        "10⁻⁶ to 10⁻⁴ rad apart",
        residual=max(abs(exponent / power - 1.0), abs(measured / predicted - 1.0)),
        tolerance=1e-3 if n == 0 else 1e-4,
        unit="of each; the next term of the expansion",
        why="For n = 0 the slope is infinite, for n = 1 it is 1: marginal. For n ≥ 2 it is above 1: inputs are "
        "pulled apart.",
    )


def norm_ratios(result: DepthResult) -> Array:
    """q^(l+1) over (2n-1)!! (q^(l))^n in each layer of each finite net, shape (R,), from the norms that are drawn.

    The first layer's q is |x|^2. A layer without an active neuron has the ratio 0, and ends its net. Where logarithms
    are so large that their rounding would show, no ratio is taken.
    """
    start = np.full((len(result.net_log10_norms), 1), 2.0 * np.log10(result.norm))
    logs = np.hstack([start, result.net_log10_norms])
    before, after = logs[:, :-1], logs[:, 1:]
    known = np.isfinite(before) & (np.abs(before) * max(result.order, 1) < _DIGITS)
    with np.errstate(invalid="ignore", over="ignore"):
        ratios = 10.0 ** (after - result.order * before - np.log10(float(double_factorial(2 * result.order - 1))))
    return np.asarray(np.where(np.isfinite(after), ratios, 0.0)[known])


def _norms(result: DepthResult) -> Claim:
    """Norm recursion: in expectation a layer makes (2n-1)!! q^n of a squared norm q, whatever the layers before did."""
    n, ratios = result.order, norm_ratios(result)
    spread, skewness = _ratio_moments(n)
    neurons = result.width * len(ratios)
    error = spread / sqrt(neurons)
    mean, ends = float(ratios.mean()), result.net_log10_norms[:, -1]
    living = ends[np.isfinite(ends)]
    measured = f"mean ratio {mean:.4f} ± {error:.4f} of {len(ratios)} layers of {len(result.nets)} nets"
    if len(living):
        measured += f"; at ℓ = {result.depth} they have {power_of_ten(living.min())} to {power_of_ten(living.max())}"
    return Claim(
        name="Norm recursion",
        formula=r"\mathbb E\,\frac{q^{(\ell+1)}}{(2n-1)!!\,(q^{(\ell)})^n} = 1,\quad q^{(\ell)} = k^{(\ell)}(x, x),"
        r"\ q^{(0)} = \|x\|^2",
        assumptions=(
            Assumption(
                "neurons enough for the tails of order n", error <= _TELLING and skewness / sqrt(neurons) <= _SKEWED
            ),
        ),
        predicted=f"ratio 1 in every layer; q = {power_of_ten(float(result.log10_norm[-1]))} at ℓ = {result.depth} "
        "for h → ∞",
        measured=measured,
        residual=abs(mean - 1.0),
        tolerance=4.0 * error,
        allowed=f"allowed: ± {number(4.0 * error)}, four standard errors of the mean ratio",
        why="A layer’s squared norm is a mean over its rows, right on average. "
        + (
            "Each layer raises the norm to a power, and with it the random error of all layers before: q explodes or "
            "vanishes, and single nets end far from the recursion."
            if n > 1
            else "ReLU keeps the norm on average, and its random errors add up."
            if n == 1
            else "Steps forget the norm: their errors do not add up."
        ),
    )


def _ratio_moments(order: int) -> tuple[float, float]:
    """Standard deviation and skewness of one neuron's share 2 Theta(z) z^(2n)/(2n-1)!! of a layer's ratio."""
    first = double_factorial(2 * order - 1)
    second, third = (2 ** (m - 1) * double_factorial(2 * m * order - 1) / first**m for m in (2, 3))
    variance = second - 1.0
    return sqrt(variance), (third - 3.0 * second + 2.0) / variance**1.5


def _stepped(result: DepthResult) -> bool:
    """Whether some rows tell the inputs apart: if none does, which has probability exp(-h theta/pi), none ever will."""
    return result.order > 0 or result.width * result.chosen_angle >= 5.0 * pi


def _finite(result: DepthResult) -> Claim:
    """Nets of finite width follow the recursion: errors of order 1/sqrt(h) a layer, a bias of order 1/h."""
    with np.errstate(invalid="ignore"):
        living = result.nets[np.isfinite(result.nets).all(axis=1)]
    count = len(living)
    mean = living.mean(axis=0) if count else np.full(result.depth, np.nan)
    error = living.std(axis=0, ddof=1) / sqrt(count) if count > 1 else np.full(result.depth, np.nan)
    sure = float(stdtrit(max(count - 1, 1), 1.0 - _RARE / result.depth))
    bias = (_BIAS if result.order <= 1 else _BIAS_QUADRATIC * result.layers) / result.width
    excess = np.abs(mean - result.correlation) / (sure * error + bias)
    worst = int(np.argmax(excess)) if np.isfinite(excess).all() else result.depth - 1
    bound = float((sure * error + bias)[worst])
    wide = result.width >= max(WIDE, PER_LAYER * result.depth)
    return Claim(
        name="Finite nets follow the recursion",
        formula=r"\rho^{(\ell+1)} = \frac{J_n(\arccos\rho^{(\ell)})}{J_n(0)} + O\big(\tfrac{1}{\sqrt h}\big)",
        assumptions=(
            Assumption(f"width of {WIDE} or more, and of {PER_LAYER} ℓ", wide),
            Assumption("n ≤ 2", result.order <= 2),
            Assumption("for n = 0, steps between the inputs: h θ ≥ 5π", _stepped(result)),
        ),
        predicted=f"ρ = {result.correlation[worst]:.4f} at ℓ = {worst + 1}",
        measured=f"{mean[worst]:.4f} ± {error[worst]:.4f}, mean of {count} nets of width {result.width}",
        residual=float(excess[worst]),
        tolerance=1.0,
        allowed=f"allowed: ± {number(bound)}, {sure:.1f} standard errors (Student’s t) and the bias; the worst layer",
        why="Given a layer, the rows of the next are independent: each adds an error of order 1/√h, and a bias "
        "of order 1/h. For n ≥ 3 a dozen nets say little: the tails are heavy.",
    )
