"""Problem 2.2: composed RBF kernels, by iteration and by features of a Gram matrix, with their limits."""

from math import exp, sqrt

import numpy as np
from scipy.optimize import brentq

from core.arrays import Array
from core.claims import Assumption, Claim
from core.kernels.depths import shown_depths
from core.kernels.hard_way import rbf_grams
from core.kernels.pairs import rbf_limit, rbf_pair, rbf_pairs
from core.kernels.params import RbfParams
from core.kernels.rbf import (
    composed_rbf,
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
_LONG = 5000  # layers of the limit claim
_GRID, _PAIRS, _GAMMAS, _DISTANCES = 161, 25, 121, 111
_SMALLEST, _LARGEST = -4.0, 1.5  # log10 of the distances on the logarithmic chart
_CLOSE = (1e-7, 1e-6, 1e-5)  # leading terms of 1 - k at which the small-distance claim measures
_FAR = 10.0  # in units of gamma: k is 4e-44
_SAME = 1e-12  # of 1 - k: two curves that differ by less are one
_CROSSING_SEEN = 5e-10  # of k where the depths cross: below it their difference is rounding


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
    log10_distance = np.linspace(_SMALLEST, _LARGEST, _DISTANCES)
    shown = np.array(depths) - 1
    gaps = rbf_pairs(10.0**log10_distance, gamma, params.depth)
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
        measured=rbf_grams(pairs[:, None], gamma, params.depth)[shown, 0],
        log10_distance=log10_distance,
        log10_complement=np.log10(gaps[shown]),
        log10_near=np.log10(near),
        floors=np.array([rbf_floor(gamma, depth) for depth in depths]),
        orbit=1.0 - rbf_pair(r, gamma, ORBIT),
        settled=rbf_limit(r, gamma, _LONG),
        close=_close(gamma, params.depth),
        far=1.0 - rbf_pair(_FAR * gamma, gamma, params.depth)[shown],
        meetings=_meetings(gamma, depths, 10.0**log10_distance, gaps),
        fixed_point=float(rbf_fixed_point(gamma)),
        slope=rbf_slope(gamma),
        crossing=crossing,
        map_in=map_in,
        map_out=rbf_map(map_in, gamma),
        gamma_squared=squares,
        fixed_points=rbf_fixed_point(np.sqrt(squares)),
        iterated=np.array([1.0 - rbf_pair(r, float(scale), ORBIT)[-1] for scale in np.sqrt(squares)]),
    )


def _close(gamma: float, depth: int) -> Array:
    """Small distances, and 1 - k^(l) there by explicit features, shape (2, 3)."""
    growth = max(1.0, 2.0 / gamma**2) ** (0.5 * (depth - 1))  # in any layer the pair must be close
    distances = gamma * np.sqrt(_CLOSE) / growth
    return np.stack([distances, rbf_pairs(distances, gamma, depth)[-1]])


def _meetings(gamma: float, depths: tuple[int, ...], grid: Array, gaps: Array) -> Array:
    """Where each deeper kernel meets the first, by explicit features, shape (L - 1,); NaN where it does not.

    It is between two distances of a grid, shape (T,), on which 1 - k is known for all layers, shape (l, T).
    """
    found = np.full(len(depths) - 1, np.nan)
    for i, depth in enumerate(depths[1:]):
        deeper = gaps[depth - 1] - gaps[0]
        above = np.flatnonzero(deeper > _SAME * gaps[0])
        below = np.flatnonzero(deeper < -_SAME)
        below = below[below > above[-1]] if len(above) else below[:0]
        if len(below):

            def difference(r: float, depth: int = depth) -> float:
                layers = rbf_pair(r, gamma, depth)
                return float(layers[-1] - layers[0])

            found[i] = brentq(difference, grid[above[-1]], grid[below[0]], xtol=1e-12, rtol=1e-12)
    return found


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
    """1 - k^(l) tends to (r^2/gamma^2) (2/gamma^2)^(l-1) for r -> 0: exponent and constant of explicit features."""
    constant = float(rbf_near(1.0, result.gamma, result.depth))
    distances, gaps = result.close
    slope = float(np.polyfit(np.log(distances), np.log(gaps), 1)[0])
    measured = float(gaps[0] / distances[0] ** 2)
    return Claim(
        name="Small distances",
        formula=r"1 - k^{(\ell)} \to \frac{r^2}{\gamma^2}\Big(\frac{2}{\gamma^2}\Big)^{\ell-1} \ (r \to 0)",
        assumptions=(),
        predicted=f"exponent 2, constant {number(constant)} at ℓ = {result.depth}",
        measured=f"exponent {slope:.6f}, constant {number(measured)}, by explicit features from r = "
        f"{number(float(distances[0]))} to {number(float(distances[-1]))}",
        residual=max(abs(slope - 2.0), abs(measured / constant - 1.0)),
        tolerance=5e-4,
        unit="of each; the next term is smaller by ℓ times 1 − k",
        why="Each layer multiplies small values of 1 − k by its slope 2/γ². The next term is smaller by r².",
    )


def _large(result: RbfResult) -> Claim:
    """k^(l) tends to a floor, positive from l = 2 on."""
    floor = 0.0
    for _ in range(result.depth - 1):
        floor = exp(-2.0 * (1.0 - floor) / result.gamma**2)
    measured = float(result.far[-1])
    return Claim(
        name="Large distances",
        formula=r"k^{(\ell)} \to F_\ell,\quad F_1 = 0,\ F_2 = e^{-2/\gamma^2},\ F_{\ell+1} = e^{-2(1-F_\ell)/\gamma^2}",
        assumptions=(),
        predicted=f"a floor of {_value(1.0 - floor)} at ℓ = {result.depth}",
        measured=f"{_value(1.0 - measured)} at r = {_FAR:g}γ, by explicit features",
        residual=abs(measured - floor),
        tolerance=1e-9,
        unit="of k(x, x) = 1",
        why="Features of unit length are at most √2 apart when k ≥ 0: from the second layer on no pair is far apart.",
    )


def _limit(result: RbfResult) -> Claim:
    """All pairs with r > 0 tend to the stable fixed point."""
    state = {1: "order: every pair grows alike", 0: "marginal", -1: "chaos: equal inputs stay equal, others do not"}
    side = int(np.sign(1.0 - result.slope)) if abs(result.slope - 1.0) > 1e-9 else 0
    predicted = float(rbf_fixed_point_complement(result.gamma))
    slow = abs(result.slope - 1.0) < 20.0 / _LONG  # e^-20 is what a layer's slope leaves of the start otherwise
    how = "1 − k ≈ 2/ℓ on the way" if side == 0 else f"slope {number(result.slope)} at k = 1"
    if side == 0 and result.settled > 0.0:
        return _marginal(result)
    return Claim(
        name={1: "γ² > 2: order", 0: "γ² = 2: marginal", -1: "γ² < 2: chaos"}[side],
        formula=r"k^{(\ell)} \to c^*,\quad c^* = 1\ (\gamma^2 \ge 2),\quad "
        r"c^* = -\tfrac{\gamma^2}{2} W_0\!\big({-\tfrac{2}{\gamma^2}} e^{-2/\gamma^2}\big) < 1\ (\gamma^2 < 2)",
        assumptions=(Assumption("two different inputs", result.chosen_distance > 0.0),),
        predicted=f"c* = {_value(predicted)} ({state[side]}; {how})",
        measured=f"k = {_value(result.settled)} after {_LONG} layers, by explicit features",
        residual=abs(result.settled - predicted),
        tolerance=4.0 / _LONG if slow else 1e-8,
        unit="of k(x, x); twice 2/ℓ, the way at γ² = 2" if slow else "of k(x, x) = 1",
        why="One layer maps c to exp(−2(1 − c)/γ²), with slope 2/γ² at c = 1: above 1 that point repels.",
    )


def _marginal(result: RbfResult) -> Claim:
    """gamma^2 = 2: 1 - k tends to 2/l, that is, 1/(1 - k) grows by 1/2 a layer."""
    gap = result.settled
    measured = 1.0 / rbf_pair(sqrt(2.0 * gap), result.gamma, 1)[0] - 1.0 / gap
    return Claim(
        name="γ² = 2: marginal",
        formula=r"1 - k^{(\ell)} \to \frac{2}{\ell},\quad "
        r"\frac{1}{1 - k^{(\ell+1)}} - \frac{1}{1 - k^{(\ell)}} \to \frac12",
        assumptions=(Assumption("two different inputs", result.chosen_distance > 0.0),),
        predicted="1/(1 − k) grows by 0.5 a layer",
        measured=f"by {measured:.5f} at ℓ = {_LONG}, where 1 − k = {number(gap)}, by explicit features",
        residual=abs(2.0 * measured - 1.0) + max(gap * _LONG / 2.0 - 1.0, 0.0),
        tolerance=1e-3,
        unit="of the growth; the next term is (1 − k)/12",
        why="The slope at k = 1 is exactly 1: 1 − k falls like a power of the depth, not exponentially.",
    )


def _value(complement: float) -> str:
    """A kernel value by what it lacks of 1; near 1 it is that."""
    if complement == 0.0:
        return "1"
    return number(1.0 - complement) if complement > 0.01 else f"1 − {number(complement)}"


def _crossing(result: RbfResult) -> Claim:
    """All depths agree at one distance: where explicit features say that each deeper kernel meets the first."""
    star, predicted = result.fixed_point, result.crossing
    found = result.meetings[np.isfinite(result.meetings)]
    below = result.slope > 1.0 + 1e-9
    seen = not below or (star > _CROSSING_SEEN and predicted > 2.0 * 10.0**_SMALLEST)
    residual, measured = float("nan"), "nothing to compare at ℓ = 1"
    if result.depth > 1:
        measured = "k is there too small, or r* too small, for numbers to tell"
    if result.depth > 1 and seen:
        missed = len(found) < len(result.meetings)
        residual = float("inf") if missed or not below else float(np.abs(found / predicted - 1.0).max())
        measured = "no deeper kernel meets ℓ = 1 at an r > 0" if not len(found) else "a depth meets ℓ = 1 nowhere"
        if not missed:
            measured = f"each depth meets ℓ = 1 between r = {found.min():.8g} and {found.max():.8g}"
    return Claim(
        name="All depths cross at one point",
        formula=r"k^{(\ell)}(r^*) = c^* \ \text{for every } \ell,\quad r^* = \sqrt{2\,(1 - c^*)} > 0",
        assumptions=(Assumption("γ² < 2", below), Assumption("ℓ ≥ 2", result.depth > 1)),
        predicted=f"k = {number(star)} at r = {predicted:.8g}, at every depth" if below else "c* = 1, and no r* > 0",
        measured=measured,
        residual=residual,
        tolerance=1e-6,
        unit="of r*",
        why="There k is the fixed point of the map already at ℓ = 1. For γ² ≥ 2 the depths meet only at r = 0.",
    )
