"""Arc-cosine kernels composed: the recursion, its fixed points, and deep nets of finite width."""

from math import asin, inf, log, pi, sqrt

import numpy as np
from scipy.special import stdtrit

from core.arrays import Array
from core.claims import Assumption, Claim
from core.kernels.angular import angular_complement, normalized_angular_function
from core.kernels.arc_cosine import (
    arc_cosine_fixed_point,
    arc_cosine_rate,
    complements_by_layer,
    log_squared_norm,
)
from core.kernels.deep_features import deep_correlations
from core.kernels.depths import shown_depths
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
_TELLING = 1.0  # of log k: more is a factor of e
_BIAS, _BIAS_QUADRATIC = 0.25, 1.2  # times 1/h for n <= 1 and l/h for n = 2, measured on 4000 nets of width 100
FAR = 200
"""Layers after which the limits are measured."""
SMALL_ANGLE = 1e-6
"""Radians between nearly equal inputs."""
_NORM_VARIANCE = {0: 1.0, 1: 5.0}  # h times the relative variance of a layer's (2/h) sum of squares: 2 k_2n/k_n^2 - 1
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
    return DepthResult(
        order=n,
        depth=params.depth,
        width=params.width,
        chosen_angle=theta,
        norm=params.norm,
        layers=np.arange(1.0, params.depth + 1.0),
        correlation=1.0 - chosen,
        complement=chosen,
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
    last = _after(1, float(result.complement[0]), FAR - 1)
    predicted = sqrt(2.0) / (3.0 * pi)
    measured = _after(1, last, 1) ** -0.5 - last**-0.5
    return Claim(
        name="n = 1: all inputs become one, slowly",
        formula=r"1 - \rho^{(\ell)} \to \frac{9\pi^2}{2\ell^2},\quad "
        r"\frac{1}{\sqrt{1 - \rho^{(\ell+1)}}} - \frac{1}{\sqrt{1 - \rho^{(\ell)}}} \to \frac{\sqrt 2}{3\pi}",
        assumptions=(),
        predicted=f"1/√(1 − ρ) grows by {predicted:.4f} a layer",
        measured=f"by {measured:.4f} at ℓ = {FAR}, where 1 − ρ = {number(last)}",
        residual=abs(measured / predicted - 1.0),
        tolerance=0.02,
        unit="of the growth; corrections are of order √(1 − ρ)",
        why="The slope at ρ = 1 is exactly 1: the angle falls like a power of the depth, not exponentially.",
    )


def _fixed_point(result: DepthResult) -> Claim:
    """N = 0 and n >= 2: an interior fixed point attracts every pair of different inputs."""
    n, star = result.order, result.fixed_point
    measured = 1.0 - _after(n, float(result.complement[0]), FAR - 1)
    return Claim(
        name="n = 0: every pair ends at one angle" if n == 0 else f"n = {n}: nearly parallel inputs are pulled apart",
        formula=r"\rho^{(\ell)} \to \rho^* = \frac{J_n(\arccos\rho^*)}{J_n(0)} < 1",
        assumptions=(),
        predicted=f"ρ* = {star:.12g}",
        measured=f"{measured:.12g} after {FAR} layers",
        residual=abs(measured - star),
        tolerance=1e-12,
        unit="; rounding",
        why="The map has infinite slope at ρ = 1: the smallest angle grows at once."
        if n == 0
        else "The slope n²/(2n − 1) at ρ = 1 is above 1: ρ = 1 repels, for every pair but parallel inputs.",
    )


def _after(order: int, complement: float, layers: int) -> float:
    """1 - rho some layers later."""
    for _ in range(layers):
        complement = float(angular_complement(order, 2.0 * asin(sqrt(0.5 * complement))))
    return complement


def _slope(result: DepthResult) -> Claim:
    """What a layer does to a small angle."""
    n = result.order
    first, second = complements_by_layer(SMALL_ANGLE, n, 2)
    measured = float(second / (np.sqrt(2.0 * first) / pi if n == 0 else first))
    predicted = 1.0 if n == 0 else result.slope_at_one
    law = r"\frac{\sqrt{2\,(1 - \rho)}}{\pi}" if n == 0 else r"\frac{n^2}{2n-1}\,(1 - \rho)"
    what = "the ratio of both sides" if n == 0 else "the factor a layer"
    return Claim(
        name="What a layer does to nearly equal inputs",
        formula=rf"1 - \rho' \to {law} \quad (\rho \to 1)",
        assumptions=(),
        predicted=f"{what} is {number(predicted)}",
        measured=f"{measured:.9g} for inputs {number(SMALL_ANGLE)} rad apart",
        residual=abs(measured / predicted - 1.0),
        tolerance=1e-5,
        unit="of the factor",
        why="For n = 0 the slope is infinite, for n = 1 it is 1: marginal. For n ≥ 2 it is above 1: inputs are "
        "torn apart.",
    )


def _norms(result: DepthResult) -> Claim:
    """k^(l)(x, x) by the recursion, held against finite nets; it stays for ReLU, and for steps on the unit sphere."""
    n, last = result.order, result.depth - 1
    living = result.net_log10_norms[np.isfinite(result.net_log10_norms[:, last]), last] * _LN10
    spread = _NORM_VARIANCE.get(n, 0.0) * (result.depth if n else 1) / result.width
    # the mean of a logarithm lies half the variance below the logarithm of the mean
    predicted = float(result.log10_norm[last]) * _LN10 - 0.5 * spread
    measured = float(living.mean()) if len(living) else float("nan")
    bound = 4.0 * sqrt(spread / max(len(living), 1)) + 0.5 * spread
    return Claim(
        name="The norm is kept from layer to layer",
        formula=r"k^{(\ell+1)}(x, x) = (2n-1)!!\,\big(k^{(\ell)}(x, x)\big)^n",
        assumptions=(
            Assumption("n = 1, or n = 0 on the unit sphere", n == 1 or (n == 0 and result.norm == 1.0)),
            Assumption("nets wide enough to tell", bound <= _TELLING),
        ),
        predicted=f"k(x, x) = {power_of_ten(float(result.log10_norm[last]))} at ℓ = {result.depth}",
        measured=f"{power_of_ten(measured / _LN10)}, geometric mean of {len(living)} nets of width {result.width}",
        residual=abs(measured - predicted),
        tolerance=bound,
        allowed=f"allowed: ± {number(bound)} in log k, four standard errors and the bias of a finite width"
        if n in _NORM_VARIANCE
        else "the nets say nothing here",
        why="For n ≥ 2 each layer raises the norm to a power: it explodes or vanishes, unless it is divided out. "
        "For n = 1 any norm is kept, for n = 0 it is forgotten.",
    )


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
