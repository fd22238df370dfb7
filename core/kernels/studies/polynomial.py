"""Problem 2.1: composed polynomial kernels, by the formula and by explicit features."""

from math import log

import numpy as np

from core.arrays import Array
from core.claims import Assumption, Claim
from core.kernels.hard_way import MAX_FEATURES, feature_dimension, monomial_features
from core.kernels.params import PolynomialParams
from core.kernels.polynomial import composed_degree, composed_polynomial
from core.kernels.result import Study
from core.kernels.result.kernels import PolynomialResult
from core.notation import number, power_of_ten, superscript

_PAIRS = 49  # angles between x and y on the half circle, every 3.75 degrees
_TURN = 0.7  # radians of the first point: on an axis it would have a single feature, and no weights
_NARROWER = 0.1  # share by which a half distance is at least below all before; at d = 2 it is 0.26
_SMALL = np.geomspace(1e-3, 0.08, 40)
_ANGLES = np.sort(np.concatenate([np.linspace(0.0, np.pi, 145), _SMALL, np.pi - _SMALL]))
"""Angles of the curves, closer where a degree of 8^6 still bends them."""


def study_polynomial(params: PolynomialParams) -> Study[PolynomialResult]:
    """Compose the kernel, take its explicit features, and hold 2.1 against them."""
    result = _compose(params)
    return Study(result, (_formula(result), _decay(result), _diagonal(result)))


def _compose(params: PolynomialParams) -> PolynomialResult:
    depths = tuple(range(1, params.depth + 1))
    square = params.norm**2
    inner = square * np.cos(_ANGLES)[::-1]
    sign, log_magnitude = (
        np.stack(part)
        for part in zip(*(composed_polynomial(inner, params.degree, depth) for depth in depths), strict=True)
    )
    angles = np.linspace(0.0, np.pi, _PAIRS)
    turned = angles + _TURN
    points = params.norm * np.column_stack([np.cos(turned), np.sin(turned)])
    return PolynomialResult(
        degree=params.degree,
        depth=params.depth,
        norm=params.norm,
        depths=depths,
        inner=inner,
        sign=sign,
        log_magnitude=log_magnitude,
        measured_inner=points @ points[0],
        measured=_explicit(points, params.degree, params.depth),
        dimensions=tuple(feature_dimension(2, params.degree, depth) for depth in depths),
    )


def _explicit(points: Array, degree: int, depth: int) -> Array:
    """Inner products of each point's features with the first one's, layer by layer, shape (depth, m)."""
    rows = np.full((depth, len(points)), np.nan)
    features = points
    for layer in range(depth):
        if feature_dimension(2, degree, layer + 1) > MAX_FEATURES:
            break
        features = monomial_features(features, degree)
        rows[layer] = features @ features[0]
    return rows


def _formula(result: PolynomialResult) -> Claim:
    """k^(l) = <x, y>^(d^l), against explicit features."""
    sign, log_magnitude = composed_rows(result, result.measured_inner)
    largest = 2.0 * np.array([composed_degree(result.degree, depth) for depth in result.depths]) * log(result.norm)
    with np.errstate(under="ignore", over="ignore", invalid="ignore"):
        predicted = sign * np.exp(log_magnitude - largest[:, None])
        residual = np.abs(result.measured * np.exp(-largest)[:, None] - predicted)
    taken = np.isfinite(result.measured[:, 0])
    counts = [number(float(n)) for n, kept in zip(result.dimensions, taken, strict=True) if kept]
    deepest = int(np.flatnonzero(taken)[-1]) + 1
    worst = float(residual[taken].max())
    return Claim(
        name="Composition multiplies the degree",
        formula=r"k^{(\ell)}(x, y) = \langle x, y\rangle^{d^{\ell}}",
        assumptions=(),
        predicted=f"degree {result.degree}{superscript(result.depth)} = {composed_degree(result.degree, result.depth)}"
        f" at ℓ = {result.depth}",
        measured=f"explicit features, {', '.join(counts)} of them, to ℓ = {deepest}: off by {number(worst)} at most",
        residual=worst,
        tolerance=1e-12,
        unit="of k(x, x)",
        why="⟨Φ(x), Φ(y)⟩ = ⟨x, y⟩ᵈ, and the same again for Φ(x) and Φ(y) as inputs. "
        + (
            f"At ℓ = {deepest + 1} there would be {_count(result.dimensions[deepest])} features."
            if deepest < result.depth
            else "The features are the monomials, weighted; no formula of the result is used."
        ),
    )


def composed_rows(result: PolynomialResult, inner: Array) -> tuple[Array, Array]:
    """Sign and logarithm of the kernels of all depths at some inner products, shape (L, M) each."""
    rows = [composed_polynomial(inner, result.degree, depth) for depth in result.depths]
    return np.stack([sign for sign, _ in rows]), np.stack([magnitude for _, magnitude in rows])


def half_distances(result: PolynomialResult) -> Array:
    """Distance on the unit sphere at which k^(l) is 1/2: sqrt(2 (1 - 2^(-1/d^l))), shape (L,)."""
    degrees = np.array([composed_degree(result.degree, depth) for depth in result.depths], dtype=np.float64)
    return np.asarray(np.sqrt(-2.0 * np.expm1(-log(2.0) / degrees)))


def _decay(result: PolynomialResult) -> Claim:
    """On the sphere each composition narrows the kernel: where the points on screen fall to a half, ever earlier."""
    predicted = half_distances(result)
    measured = np.array([_half_distance(result, layer) for layer in range(result.depth)])
    known = np.isfinite(measured)
    seen, last = measured[known], int(known.sum())
    residual, narrows = float("nan"), False
    if last > 1:
        narrows = bool((seen[1:] < (1.0 - _NARROWER) * np.minimum.accumulate(seen)[:-1]).all())
        residual = float(np.abs(seen / predicted[known] - 1.0).max()) if narrows else float("inf")
    even = " and y = −x, where k is the same" if result.degree % 2 == 0 else ""
    return Claim(
        name="On the sphere it narrows around y = x",
        formula=r"k^{(\ell)}(x, y) = \tfrac12\, k^{(\ell)}(x, x) \ \text{at}\ "
        r"\|x - y\| = \sqrt{2\,(1 - 2^{-1/d^{\ell}})},\ \text{less at each depth}",
        assumptions=(
            Assumption("|x| = |y| = 1", result.norm == 1.0),
            Assumption("ℓ ≥ 2 and d ≥ 2", result.depth > 1 and result.degree > 1),
        ),
        predicted="half of k(x, x) at the distances " + ", ".join(number(float(r)) for r in predicted),
        measured=f"by explicit features to ℓ = {last}: " + ", ".join(number(float(r)) for r in seen)
        if last
        else "nothing: the features are too many",
        residual=residual,
        tolerance=1e-2,
        unit="of the distance; the pairs lie 3.75° apart",
        why=f"A higher power of a number below 1 falls faster away from y = x{even}. Inputs of another norm are at "
        "other distances, and k(x, x) itself grows or shrinks with depth.",
    )


def _half_distance(result: PolynomialResult, layer: int) -> float:
    """Distance at which the points on screen fall to half of k(x, x): log k is nearly linear in its square."""
    square = float(result.measured_inner[0])  # of the first point with itself
    near = result.measured_inner > 0.45 * square  # half height lies at 1/2 and above; far from it is rounding alone
    values = result.measured[layer, near] / result.measured[layer, 0]
    if not np.isfinite(values).all():
        return float("nan")
    return float(np.sqrt(np.interp(log(2.0), -np.log(values), 2.0 * (square - result.measured_inner[near]))))


def _diagonal(result: PolynomialResult) -> Claim:
    """k^(l)(x, x) = |x|^(2 d^l): 1 at every depth on the unit sphere, otherwise it explodes or vanishes."""
    deepest = int(np.isfinite(result.measured[:, 0]).sum())
    exponent = 2 * composed_degree(result.degree, deepest)
    predicted, measured = result.norm**exponent, float(result.measured[deepest - 1, 0])
    return Claim(
        name="k(x, x) by depth",
        formula=r"k^{(\ell)}(x, x) = \|x\|^{2 d^{\ell}}",
        assumptions=(),
        predicted=f"{number(predicted)} at ℓ = {deepest}",
        measured=f"{number(measured)}, by explicit features",
        residual=abs(measured / predicted - 1.0),
        tolerance=1e-12,
        unit="of it",
        why="Each layer raises the norm to the power d: for d ≥ 2 only the unit sphere is kept, and k(x, x) grows or "
        "shrinks elsewhere.",
    )


def _count(value: int) -> str:
    return power_of_ten(log(value) / log(10.0))
