"""Problem 2.2: composed RBF kernels, by iteration and by features of a Gram matrix, with their limits."""

from math import exp, expm1, log, sqrt

import numpy as np

from core.arrays import Array
from core.claims import Assumption, Claim
from core.kernels.depths import shown_depths
from core.kernels.hard_way import rbf_grams
from core.kernels.params import RbfParams
from core.kernels.rbf import (
    composed_rbf,
    composed_rbf_complement,
    rbf_crossing,
    rbf_fixed_point,
    rbf_fixed_point_complement,
    rbf_floor,
    rbf_map,
    rbf_near,
    rbf_slope,
)
from core.kernels.result import Study
from core.kernels.result.kernels import RbfResult
from core.notation import number

ORBIT = 50
"""Layers that the chosen pair is followed through."""
_LONG = 20_000  # layers of the limit claim
_GRID, _PAIRS, _GAMMAS = 161, 25, 121
_SMALL = 1e-5  # distance of the small-distance claim, in units of the distance where the leading term is 1


def study_rbf(params: RbfParams) -> Study[RbfResult]:
    """Compose the kernel, take its features the hard way, and hold 2.2 against them."""
    result = _compose(params)
    claims = (_formula(result), _small(result), _large(result), _limit(result), _crossing(result))
    return Study(result, claims)


def _compose(params: RbfParams) -> RbfResult:
    gamma, r = sqrt(params.gamma_squared), params.distance
    depths, crossing = shown_depths(params.depth), rbf_crossing(gamma)
    reach = max(3.0, 1.15 * r, 2.5 * gamma)
    distance, pairs = np.linspace(0.0, reach, _GRID), np.linspace(0.0, reach, _PAIRS)
    log10_distance = np.linspace(-4.0, 1.5, 111)
    complement = np.stack([composed_rbf_complement(10.0**log10_distance, gamma, depth) for depth in depths])
    near = np.stack([rbf_near(10.0**log10_distance, gamma, depth) for depth in depths])
    squares = np.geomspace(0.1, 8.0, _GAMMAS)
    map_in = np.linspace(0.0, 1.0, _GRID)
    return RbfResult(
        gamma=gamma,
        chosen_distance=r,
        depth=params.depth,
        depths=depths,
        distance=distance,
        values=np.stack([composed_rbf(distance, gamma, depth) for depth in depths]),
        measured_distance=pairs,
        measured=rbf_grams(pairs[:, None], gamma, params.depth)[np.array(depths) - 1, 0],
        log10_distance=log10_distance,
        log10_complement=np.log10(complement),
        log10_near=np.log10(near),
        floors=np.array([rbf_floor(gamma, depth) for depth in depths]),
        orbit=_orbit(float(composed_rbf(r, gamma, 1)), gamma),
        fixed_point=float(rbf_fixed_point(gamma)),
        slope=rbf_slope(gamma),
        crossing=crossing,
        map_in=map_in,
        map_out=rbf_map(map_in, gamma),
        gamma_squared=squares,
        fixed_points=rbf_fixed_point(np.sqrt(squares)),
        iterated=composed_rbf(r, np.sqrt(squares), ORBIT),
    )


def _orbit(first: float, gamma: float) -> Array:
    """k^(1), k^(2), ... of one pair, shape (ORBIT,)."""
    orbit = [first]
    while len(orbit) < ORBIT:
        orbit.append(float(rbf_map(orbit[-1], gamma)))
    return np.array(orbit)


def _formula(result: RbfResult) -> Claim:
    """k^(l+1) = exp(-2 (1 - k^(l)) / gamma^2), against features of the Gram matrix."""
    predicted = np.stack([composed_rbf(result.measured_distance, result.gamma, depth) for depth in result.depths])
    worst = float(np.abs(result.measured - predicted).max())
    return Claim(
        name="The composition kernel",
        formula=r"k^{(\ell+1)}(x, y) = \exp\!\big({-2}\,(1 - k^{(\ell)}(x, y))/\gamma^2\big)",
        assumptions=(),
        predicted="the same kernel from distances between features",
        measured=f"features of {len(result.measured_distance)} points from the square root of their Gram matrix: "
        f"off by {number(worst)} at most",
        residual=worst,
        tolerance=1e-9,
        unit="of k(x, x) = 1",
        why="‖Φ(x) − Φ(y)‖² = k(x, x) + k(y, y) − 2k(x, y) = 2 − 2k, whatever the features are.",
    )


def _small(result: RbfResult) -> Claim:
    """1 - k^(l) tends to (r^2/gamma^2) (2/gamma^2)^(l-1) for r -> 0."""
    constant = float(rbf_near(1.0, result.gamma, result.depth))
    distances = np.array([1.0, 0.5]) * _SMALL * result.gamma / np.sqrt(max(1.0, result.slope) ** (result.depth - 1))
    complement = composed_rbf_complement(distances, result.gamma, result.depth)
    slope = float(np.log(complement[0] / complement[1]) / log(2.0))
    measured = float(complement[1] / distances[1] ** 2)
    residual = max(abs(slope - 2.0), abs(measured / constant - 1.0))
    return Claim(
        name="Small distances",
        formula=r"1 - k^{(\ell)} \to \frac{r^2}{\gamma^2}\Big(\frac{2}{\gamma^2}\Big)^{\ell-1} \ (r \to 0)",
        assumptions=(),
        predicted=f"slope 2, constant {number(constant)} at ℓ = {result.depth}",
        measured=f"slope {slope:.8f}, constant {number(measured)} at r = {number(float(distances[1]))}",
        residual=residual,
        tolerance=1e-8,
        unit="of each",
        why="Each layer multiplies small values of 1 − k by its slope 2/γ². The next term is smaller by r².",
    )


def _large(result: RbfResult) -> Claim:
    """k^(l) tends to a floor, positive from l = 2 on."""
    far = 10.0 * result.gamma
    measured, floor = float(composed_rbf(far, result.gamma, result.depth)), 0.0
    for _ in range(result.depth - 1):
        floor = exp(-2.0 * (1.0 - floor) / result.gamma**2)
    return Claim(
        name="Large distances",
        formula=r"k^{(\ell)} \to F_\ell,\quad F_1 = 0,\ F_2 = e^{-2/\gamma^2},\ F_{\ell+1} = e^{-2(1-F_\ell)/\gamma^2}",
        assumptions=(),
        predicted=f"a floor of {number(floor)} at ℓ = {result.depth}",
        measured=f"{number(measured)} at r = 10γ",
        residual=abs(measured - floor),
        tolerance=1e-9,
        unit="of k(x, x) = 1",
        why="Features of unit length are at most √2 apart when k ≥ 0: from the second layer on no pair is far apart.",
    )


def _limit(result: RbfResult) -> Claim:
    """All pairs with r > 0 tend to the stable fixed point."""
    state = {1: "order: every pair grows alike", 0: "marginal", -1: "chaos: equal inputs stay equal, others do not"}
    side = int(np.sign(1.0 - result.slope)) if abs(result.slope - 1.0) > 1e-9 else 0
    complement, predicted = _iterate(result), float(rbf_fixed_point_complement(result.gamma))
    slow = abs(result.slope - 1.0) < 20.0 / _LONG  # e^-20 is what a layer's slope leaves of the start otherwise
    how = "1 − k ≈ 2/ℓ on the way" if side == 0 else f"slope {number(result.slope)} at k = 1"
    return Claim(
        name={1: "γ² > 2: order", 0: "γ² = 2: marginal", -1: "γ² < 2: chaos"}[side],
        formula=r"k^{(\ell)} \to c^*,\quad c^* = 1\ (\gamma^2 \ge 2),\quad "
        r"c^* = -\tfrac{\gamma^2}{2} W_0\!\big({-\tfrac{2}{\gamma^2}} e^{-2/\gamma^2}\big) < 1\ (\gamma^2 < 2)",
        assumptions=(Assumption("two different inputs", result.chosen_distance > 0.0),),
        predicted=f"c* = {number(1.0 - predicted)} ({state[side]}; {how})",
        measured=_value(complement) + f" after {_LONG:,} layers".replace(",", " "),
        residual=abs(complement - predicted),
        tolerance=4.0 / _LONG if slow else 1e-9,
        unit="; twice 2/ℓ, the way at γ² = 2" if slow else "",
        why="One layer maps c to exp(−2(1 − c)/γ²), with slope 2/γ² at c = 1: above 1 that point repels.",
    )


def _value(complement: float) -> str:
    return f"k = {number(1.0 - complement)}" if complement > 0.1 else f"1 − k = {number(complement)}"


def _iterate(result: RbfResult) -> float:
    """1 - k after very many layers, by plain iteration."""
    delta = -expm1(-((result.chosen_distance / result.gamma) ** 2))
    for _ in range(_LONG - 1):
        before, delta = delta, -expm1(-result.slope * delta)
        if delta == before:
            break
    return delta


def _crossing(result: RbfResult) -> Claim:
    """All depths agree at one distance."""
    star = float(rbf_fixed_point(result.gamma))
    values = np.array([float(composed_rbf(result.crossing, result.gamma, depth)) for depth in result.depths])
    return Claim(
        name="All depths cross at one point",
        formula=r"k^{(\ell)}(r^*) = c^* \ \text{for every } \ell,\quad r^* = \sqrt{2\,(1 - c^*)}",
        assumptions=(Assumption("γ² < 2", result.crossing > 0.0), Assumption("ℓ ≥ 2", result.depth > 1)),
        predicted=f"k = {number(star)} at r = {number(result.crossing)}, at every depth",
        measured=f"between {number(float(values.min()))} and {number(float(values.max()))}",
        residual=float(np.abs(values - star).max()),
        tolerance=1e-9,
        unit="of k(x, x) = 1",
        why="There k is the fixed point of the map already at ℓ = 1. For γ² ≥ 2 the depths meet only at r = 0.",
    )
