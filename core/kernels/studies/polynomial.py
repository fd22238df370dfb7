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
    """On the sphere each composition narrows the kernel: measured where it falls to a half."""
    predicted = half_distances(result)
    measured = np.array([_half_distance(result, layer) for layer in range(result.depth)])
    known = np.isfinite(measured)
    last = int(np.flatnonzero(known)[-1]) if known.any() else 0
    return Claim(
        name="On the sphere it decays faster",
        formula=r"k^{(\ell)} = \tfrac12 \ \text{at}\ \|x - y\| = \sqrt{2\,(1 - 2^{-1/d^{\ell}})}",
        assumptions=(
            Assumption("|x| = |y| = 1", result.norm == 1.0),
            Assumption("ℓ ≥ 2 and d ≥ 2", result.depth > 1 and result.degree > 1),
        ),
        predicted="half of k(x, x) at the distances " + ", ".join(number(float(r)) for r in predicted),
        measured=f"by explicit features to ℓ = {last + 1}: " + ", ".join(number(float(r)) for r in measured[known])
        if known.any()
        else "–",
        residual=float(np.abs(measured[known] / predicted[known] - 1.0).max()) if known.any() else float("nan"),
        tolerance=1e-2,
        unit="of the distance; the pairs lie 3.75° apart",
        why="A higher power of a number below 1. Off the sphere k(x, x) itself grows or shrinks with depth, and "
        "distance alone no longer decides.",
    )


def _half_distance(result: PolynomialResult, layer: int) -> float:
    """Distance at which the measured kernel falls to a half; its logarithm is nearly linear in the distance squared."""
    inner = result.measured_inner / result.norm**2
    near = inner > 0.45  # half height lies at 1/2 and above; far from it rounding is all there is
    values = result.measured[layer, near] / result.measured[layer, 0]
    if not np.isfinite(values).all():
        return float("nan")
    square = np.interp(log(2.0), -np.log(values), 2.0 * (1.0 - inner[near]))
    return float(np.sqrt(square))


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
        why="Only the unit sphere is kept by every layer: each raises another norm to the power d, and it explodes or "
        "vanishes.",
    )


def _count(value: int) -> str:
    return power_of_ten(log(value) / log(10.0))
