"""Cost and accuracy of the kernels: ``python -m tests.benchmarks.kernels [--quick]``."""

import argparse
import os
import platform
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from math import ceil, factorial, pi
from statistics import median
from time import get_clock_info, perf_counter, process_time
from typing import Any

import mpmath as mp
import numpy as np
import scipy
from numpy.polynomial.legendre import leggauss
from scipy.integrate import IntegrationWarning, quad
from scipy.special import hyp2f1, lambertw

from core.arrays import Array
from core.kernels import (
    angle_between,
    angular_function,
    arc_cosine_kernel,
    composed_arc_cosine,
    composed_arc_cosine_complement,
    composed_rbf_complement,
    rbf_fixed_point_complement,
    studies,
)
from core.kernels.angular import double_factorial
from core.kernels.params import AngularParams, DepthParams, MachineParams, PolynomialParams, RbfParams, WidthParams

ORDERS, QUICK_ORDERS = (0, 1, 2, 3, 5, 10, 20, 50, 100), (0, 1, 2, 5, 100)
PEER_ORDERS = (0, 1, 2, 3, 5)  # at n = 10 neural-tangents 0.6.5 asks for more memory than there is
REPEATS = 5
CHUNK = 16_384  # angles at a time, for all: arrays of this size stay in the cache
DIGITS = 60  # of the references
RANGES = {
    "Over all angles": (0.0, pi),
    "At 0": (0.0, 0.0),
    "Near 0, up to 0.1": (sys.float_info.min, 0.1),
    "From 0.1 to π/2": (0.1, 0.5 * pi),
    "From π/2 to π − 0.05": (0.5 * pi, pi - 0.05),
    "Near π, from π − 0.05 on": (pi - 0.05, pi),
}
FINE = get_clock_info("process_time").resolution < 1e-5  # not on Windows
CLOCK = process_time if FINE else perf_counter  # all is one thread: the two agree, unless other programs run
Evaluate = Callable[[int, Array], Array]
Cells = dict[tuple[str, str], Any]
"""By column and row."""


# J_n by six ways


def by_chunks(evaluate: Evaluate) -> Evaluate:
    """The same, on as many angles at a time as suit the cache."""

    def chunked(order: int, angle: Array) -> Array:
        parts = [evaluate(order, angle[start : start + CHUNK]) for start in range(0, len(angle), CHUNK)]
        return np.concatenate(parts)

    return chunked


@by_chunks
def by_hyp2f1(order: int, angle: Array) -> Array:
    """C_n c^(2n+1) 2F1(1/2, 1/2; n + 3/2; c^2)."""
    constant = 2 ** (2 * order + 1) * factorial(order) ** 2 / double_factorial(2 * order + 1)
    c = np.cos(0.5 * angle)
    return constant * c ** (2 * order + 1) * hyp2f1(0.5, 0.5, order + 1.5, c * c)


def psi_factors(angle: Any) -> tuple[Any, Any, Any]:
    """sin, 1 - cos and cos: with 1 - cos cos(psi) = (1 - cos) + 2 cos sin^2(psi/2) nothing cancels near 0."""
    return np.sin(angle), 2.0 * np.sin(0.5 * angle) ** 2, np.cos(angle)


def psi_integrand(order: int, factors: tuple[Any, Any, Any], psi: float) -> Any:
    """sin^(2n+1) cos^n(psi)/(1 - cos cos(psi))^(n+1), as a power of a number below 2."""
    sine, rise, cosine = factors
    denominator = rise + 2.0 * cosine * np.sin(0.5 * psi) ** 2
    return (sine * sine * np.cos(psi) / denominator) ** order * sine / denominator


@by_chunks
def by_gauss_legendre(order: int, angle: Array) -> Array:
    """n! times the integral over psi from 0 to pi/2, with 64 nodes."""
    nodes, weights = leggauss(64)
    total, factors = np.zeros_like(angle), psi_factors(angle)
    for node, weight in zip(nodes, weights, strict=True):
        total += weight * psi_integrand(order, factors, 0.25 * pi * (1.0 + node))
    return factorial(order) * 0.25 * pi * total


def by_quad(order: int, angle: Array) -> Array:
    """The same integral, adaptively, one angle after the other."""

    def integral(theta: float) -> float:
        factors = psi_factors(theta)
        integrand = lambda psi: psi_integrand(order, factors, psi)  # noqa: E731  short
        return quad(integrand, 0.0, 0.5 * pi, epsabs=0.0, epsrel=1e-13, limit=200)[0]

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", IntegrationWarning)
        return factorial(order) * np.array([integral(theta) for theta in angle])


@by_chunks
def by_recurrence(order: int, angle: Array) -> Array:
    """J_{n+1} = (2n + 1) cos J_n + n^2 sin^2 J_{n-1}, forward from J_0 and J_1."""
    if order == 0:
        return pi - angle
    sine, cosine = np.sin(angle), np.cos(angle)
    before, now, square = pi - angle, sine + (pi - angle) * cosine, sine * sine
    for n in range(1, order):
        before, now = now, (2 * n + 1) * cosine * now + n * n * square * before
    return now


@by_chunks
def by_closed_form(order: int, angle: Array) -> Array:
    """J_0, J_1 and J_2 as Cho & Saul print them."""
    if order == 0:
        return pi - angle
    sine, cosine = np.sin(angle), np.cos(angle)
    if order == 1:
        return sine + (pi - angle) * cosine
    return 3.0 * sine * cosine + (pi - angle) * (1.0 + 2.0 * cosine * cosine)


@dataclass(frozen=True)
class Method:
    """A way to J_n, on how many angles it is timed, and the largest n it has."""

    evaluate: Evaluate
    timed_on: int = 1_000_000
    up_to: int = 100


METHODS = {
    "ours": Method(angular_function),
    "hyp2f1": Method(by_hyp2f1, 200_000),
    "Gauss 64": Method(by_gauss_legendre, 65_536),
    "quad": Method(by_quad, 100),
    "recurrence": Method(by_recurrence),
    "closed": Method(by_closed_form, up_to=2),
}


# References


def mp_angular(orders: Sequence[int], angle: Any) -> list[Any]:
    """J_n by the recurrence, with the digits more that it loses beyond pi/2: 2n log10 tan(theta/2)."""
    top = max(*orders, 1)
    loss = max(0.0, float(mp.log10(mp.tan(0.5 * angle)))) if angle > 0 else 0.0
    with mp.workdps(mp.mp.dps + ceil((2 * top + 3) * loss) + 20):
        sine, cosine, rest = mp.sin(angle), mp.cos(angle), mp.pi - angle
        values = [rest, sine + rest * cosine]
        for n in range(1, top):
            values.append((2 * n + 1) * cosine * values[n] + (n * sine) ** 2 * values[n - 1])
    return [+values[order] for order in orders]


def mp_angular_by_series(order: int, angle: Any) -> Any:
    """The same by the hypergeometric function."""
    with mp.workdps(mp.mp.dps + 20):  # pi - theta takes 16 of them
        c = mp.cos(0.5 * angle)
        constant = mp.mpf(2) ** (2 * order + 1) * mp.factorial(order) ** 2 / mp.fac2(2 * order + 1)
        return constant * c ** (2 * order + 1) * mp.hyp2f1(0.5, 0.5, order + mp.mpf(1.5), c * c)


def chosen_angles() -> Array:
    powers = 10.0 ** -np.arange(1.0, 13.0)
    return np.sort(np.concatenate([[0.0, 0.5 * pi, pi], powers[::2], pi - powers, np.linspace(0.0, pi, 42)[1:-1]]))


def relative_errors(values: Array, exact: Sequence[Any]) -> Array:
    """Inf or nan where the value is."""
    pairs = zip(map(float, values), exact, strict=True)
    return np.array([float(abs(mp.mpf(value) / due - 1)) if np.isfinite(value) else value for value, due in pairs])


# Times and tables


def seconds(work: Callable[[], Any], repeats: int = REPEATS) -> float:
    """Median time."""
    times = []
    for _ in range(repeats):
        start = CLOCK()
        work()
        times.append(CLOCK() - start)
    return median(times)


def heading(text: str) -> None:
    print(f"\n{text}\n{'-' * len(text)}")


def compare(cells: Cells, text: Callable[[Any], str], value: Callable[[Any], float], word: str) -> None:
    """Print a table, and which others are better than ours, and where."""
    columns, rows = ([*dict.fromkeys(key[side] for key in cells)] for side in (0, 1))
    first = max(map(len, rows))
    lines = {row: [text(cells[column, row]) if (column, row) in cells else "-" for column in columns] for row in rows}
    widths = [max(map(len, column)) + 3 for column in zip(columns, *lines.values(), strict=True)]
    for name, line in {"": columns, **lines}.items():
        print(f"{name:<{first}}" + "".join(f"{cell:>{width}}" for cell, width in zip(line, widths, strict=True)))
    better: dict[str, list[str]] = {}
    for (column, row), cell in cells.items():
        if column != "ours" and value(cell) < value(cells["ours", row]):
            better.setdefault(column, []).append(row)
    found = "; ".join(f"{column} ({', '.join(at).replace(', n =', ',')})" for column, at in better.items())
    print(f"{word} than ours: {found or 'none'}.", flush=True)


def compare_times(cells: Cells, marks: Cells | None = None) -> None:
    marks = marks or {}
    texts = {key: (time, f"{marks.get(key, '')}{time:.3g}") for key, time in cells.items()}
    compare(texts, lambda cell: cell[1], lambda cell: cell[0], "Quicker")


def compare_errors(cells: Cells) -> None:
    compare(cells, worst, lambda errors: float(np.nan_to_num(errors, nan=np.inf).max(initial=0.0)), "More accurate")


def worst(errors: Array) -> str:
    """The largest error, or how many values are inf or nan."""
    lost = {"inf": int(np.isinf(errors).sum()), "nan": int(np.isnan(errors).sum())}
    if any(lost.values()):
        return " ".join(f"{name} ×{count}" for name, count in lost.items() if count)
    return f"{errors.max():.1e}" if errors.size else "-"


def compare_ranges(errors: dict[tuple[str, int], Array], angles: Array, kept: dict[int, Array]) -> None:
    """One table a range of angles."""
    for title, (low, high) in RANGES.items():
        inside = (angles >= low) & (angles <= high)
        print(f"\n{title}")
        compare_errors({(name, f"n = {n}"): error[inside & kept[n]] for (name, n), error in errors.items()})


# J_n


def angular_times(orders: Sequence[int], share: float) -> None:
    heading("Jₙ: milliseconds for 1e6 angles")
    print(f"Medians of {REPEATS}, angles uniform in [0, π], {CHUNK} at a time. ~: scaled from fewer angles.\n")
    rng, times, marks = np.random.default_rng(0), {}, {}
    for name, method in METHODS.items():
        count = max(int(method.timed_on * share), 20)
        angles = rng.uniform(0.0, pi, count)
        for n in (order for order in orders if order <= method.up_to):
            method.evaluate(n, angles[:1])  # our coefficients are computed once and for all
            with np.errstate(all="ignore"):
                spent = seconds(lambda m=method, n=n, a=angles: m.evaluate(n, a))
            times[name, f"n = {n}"] = spent * 1e9 / count
            marks[name, f"n = {n}"] = "" if count == 1_000_000 else "~"
    compare_times(times, marks)


def angular_errors(orders: Sequence[int]) -> None:
    heading("Jₙ: largest relative error")
    angles = chosen_angles()
    columns = zip(*(mp_angular(orders, mp.mpf(float(angle))) for angle in angles), strict=True)
    exact = {n: np.array(column) for n, column in zip(orders, columns, strict=True)}
    normal = {n: (due >= sys.float_info.min) & (due <= sys.float_info.max) for n, due in exact.items()}
    print(f"{len(angles)} angles: 0, π/2, π as a double, π − 1e-12 … π − 1e-1, 1e-11 … 1e-1, a uniform grid.")
    print(
        f"Reference: mpmath, the recurrence with the digits that it loses and {DIGITS} more; 2F1 in mpmath differs from"
    )
    left_out, count = sum(int((~kept).sum()) for kept in normal.values()), len(angles) * len(orders)
    print(f"it by {reference_gap(exact, angles):.0e} at most. ×: how many values are inf or nan. Left out: the values")
    print(f"below the normal doubles, {left_out} of {count}.")
    with np.errstate(all="ignore"):  # peers may leave the range; what they return says so
        errors = {
            (name, n): relative_errors(method.evaluate(n, angles), exact[n])
            for name, method in METHODS.items()
            for n in orders
            if n <= method.up_to
        }
    compare_ranges(errors, angles, normal)


def reference_gap(exact: dict[int, Any], angles: Array) -> float:
    """Largest relative difference between the two references."""
    gaps = [
        abs(mp_angular_by_series(n, mp.mpf(float(angle))) / value - 1)
        for n, values in exact.items()
        for angle, value in zip(angles, values, strict=True)
    ]
    return float(max(gaps))


# neural-tangents


def peer(orders: Sequence[int]) -> None:
    heading("neural-tangents: its layer RectifiedMonomial, from points")
    os.environ.setdefault("JAX_PLATFORMS", "cpu")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # it logs what it looks for
    with one_core() as where:
        try:
            import jax
            import neural_tangents
            from neural_tangents import stax
        except ImportError as error:
            missing = getattr(error, "name", None) in ("jax", "neural_tangents")
            print("not installed" if missing else f"cannot be imported: {error}")
            return
        jax.config.update("jax_enable_x64", True)
        print(f"neural-tangents {neural_tangents.__version__}, jax {jax.__version__}, float64, compiled; both {where}.")

        def kernel(layer: Any) -> Callable[[Array, Array], Array]:
            """J_n of unit vectors: theirs is J_n/(2 pi) at a mean square of 1, so sqrt(2) on 2 coordinates."""
            compiled = jax.jit(lambda x, y: stax.serial(stax.Dense(1), layer)[2](x, y, "nngp"))
            return lambda x, y: 2.0 * pi * np.asarray(compiled(np.sqrt(2.0) * x, np.sqrt(2.0) * y))

        kernels = {("ours", n): lambda x, y, n=n: pi * arc_cosine_kernel(x, y, n) for n in orders}
        kernels |= {("theirs", n): kernel(stax.RectifiedMonomial(n)) for n in orders}
        kernels |= {("their Relu", 1): kernel(stax.Relu())}
        compare_kernels(kernels)


@contextmanager
def one_core() -> Iterator[str]:
    """Keep this thread, and all that it starts, on one core, where the system can."""
    if not hasattr(os, "sched_setaffinity"):
        yield "on as many cores as they take"
        return
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(cores)})
    try:
        yield "on one core"
    finally:
        os.sched_setaffinity(0, cores)


def on_circle(angles: Array) -> Array:
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)


def compare_kernels(kernels: dict[tuple[str, int], Callable[[Array, Array], Array]]) -> None:
    """Errors on pairs of unit vectors, and times of Gram matrices."""
    acute = np.array([angle for angle in chosen_angles() if angle < 0.5 * pi])
    blunt = on_circle(acute[1:]) * [-1.0, 1.0]  # without the exactly opposite pair, where J_n is 0
    points, origin = np.concatenate([on_circle(acute), blunt]), np.array([[1.0, 0.0]])
    angles = np.concatenate([acute, pi - acute[1:]])
    orders = sorted({n for _, n in kernels})
    columns = zip(*(mp_angular(orders, mp.atan2(float(y), float(x))) for x, y in points), strict=True)
    exact = dict(zip(orders, columns, strict=True))
    print(
        f"Relative error at {len(points)} pairs of unit vectors in the plane, against Jₙ at their exact angle, which is"
    )
    print("in general no double; each finds the angle by itself.")
    errors = {(name, n): relative_errors(work(origin, points)[0], exact[n]) for (name, n), work in kernels.items()}
    compare_ranges(errors, angles, {n: np.full(len(angles), True) for n in orders})
    grid = on_circle(np.linspace(0.0, pi, 1000))
    for work in kernels.values():
        work(grid, grid)  # compilation does not count
    print("\nMilliseconds for a Gram matrix of 1000 × 1000 points in the plane, angles included, compilation not")
    compare_times({(name, f"n = {n}"): 1e3 * seconds(lambda w=w: w(grid, grid)) for (name, n), w in kernels.items()})


# Depth


def rbf_depth() -> None:
    heading("1 − k of the composed RBF kernel at depth 50: largest relative error")
    print("31 distances from 1e-8 to 10, against mpmath. Iterated k: k ← exp(−2(1 − k)/γ²) in doubles, then 1 − k.\n")
    distance, cells = np.geomspace(1e-8, 10.0, 31), {}
    for square in (0.5, 1.0, 1.9, 2.0, 2.1, 4.0, 20.0):
        gamma = float(np.sqrt(square))
        exact = [mp_rbf_complement(float(r), gamma, 50) for r in distance]
        k = np.exp(-((distance / gamma) ** 2))
        for _ in range(49):
            k = np.exp(-2.0 * (1.0 - k) / gamma**2)
        cells["ours", f"γ² = {square:g}"] = relative_errors(composed_rbf_complement(distance, gamma, 50), exact)
        cells["iterated k", f"γ² = {square:g}"] = relative_errors(1.0 - k, exact)
    compare_errors(cells)


def mp_rbf_complement(distance: float, gamma: float, depth: int) -> Any:
    delta = -mp.expm1(-((mp.mpf(distance) / gamma) ** 2))
    for _ in range(depth - 1):
        delta = -mp.expm1(-2 * delta / mp.mpf(gamma) ** 2)
    return delta


def by_lambertw(gamma: Array) -> Array:
    """1 - c* by scipy's Lambert function, c* = -W_0(-a exp(-a))/a."""
    a = 2.0 / gamma**2
    return 1.0 + lambertw(-a * np.exp(-a)).real / a


def rbf_fixed_points(count: int) -> None:
    heading("1 − c* of the RBF map near γ² = 2: relative error")
    print("Against Lambert's function in mpmath.\n")
    ways, cells = {"ours": rbf_fixed_point_complement, "lambertw": by_lambertw}, {}
    for excess in 10.0 ** -np.arange(0.0, 13.0, 2.0):
        gamma = np.sqrt(np.array([2.0 / (1.0 + excess)]))
        exact = [mp_rbf_fixed_point(float(gamma[0]))]
        cells |= {(name, f"2/γ² − 1 = {excess:.0e}"): relative_errors(way(gamma), exact) for name, way in ways.items()}
    compare_errors(cells)
    many = np.sqrt(2.0 / (1.0 + np.geomspace(1e-12, 1.0, count)))
    print(f"\nMilliseconds for {count} values")
    compare_times({(name, "near γ² = 2"): 1e3 * seconds(lambda w=way: w(many)) for name, way in ways.items()})


def mp_rbf_fixed_point(gamma: float) -> Any:
    with mp.workdps(2 * DIGITS):  # the branch point takes half of them
        a = 2 / mp.mpf(gamma) ** 2
        return 1 + mp.lambertw(-a * mp.exp(-a)).real / a


def arc_cosine_depth() -> None:
    heading("Arc-cosine kernels at depth 50: largest error")
    angles = np.array([1e-8, 1e-6, 1e-4, 0.01, 0.1, 0.6, 1.2, 0.5 * pi, 2.4, 3.1, pi - 1e-6])
    print(f"{len(angles)} angles from 1e-8 to π − 1e-6, against mpmath.")
    print("Iterated ρ: ρ ← Jₙ(arccos ρ)/Jₙ(0) in doubles, Jₙ by the recurrence.")
    correlations, complements = {}, {}
    for n in (0, 1, 2, 3, 5, 10):
        exact = [mp_composed_complement(float(angle), n, 50) for angle in angles]
        rho = np.cos(angles)
        for _ in range(50):
            rho = by_recurrence(n, np.arccos(np.clip(rho, -1.0, 1.0))) / (pi * double_factorial(2 * n - 1))
        for name, values in (("ours", composed_arc_cosine(angles, n, 50)), ("iterated ρ", rho)):
            gaps = [abs(1 - mp.mpf(float(v)) - due) for v, due in zip(values, exact, strict=True)]
            correlations[name, f"n = {n}"] = np.array(gaps, dtype=np.float64)
        complements["ours", f"n = {n}"] = relative_errors(composed_arc_cosine_complement(angles, n, 50), exact)
        complements["iterated ρ", f"n = {n}"] = relative_errors(1.0 - rho, exact)
    print("\nAbsolute error of the correlation ρ")
    compare_errors(correlations)
    print("\nRelative error of 1 − ρ")
    compare_errors(complements)


def mp_composed_complement(angle: float, order: int, depth: int) -> Any:
    with mp.workdps(2 * DIGITS):  # the arccosine near 1 takes half of them
        theta = mp.mpf(angle)
        for _ in range(depth):
            rho = mp_angular([order], theta)[0] / (mp.pi * mp.fac2(2 * order - 1))
            theta = mp.acos(rho)
        return 1 - rho


# Points


def clipped_angle(x: Array, y: Array) -> Array:
    """The usual way: one matrix product and an arccosine."""
    rows, columns = (points / np.linalg.norm(points, axis=1, keepdims=True) for points in (x, y))
    return np.arccos(np.clip(rows @ columns.T, -1.0, 1.0))


def mp_angle(x: Array, y: Array) -> Any:
    """Kahan's formula with many digits."""
    first, second = ([mp.mpf(float(v)) for v in point] for point in (x, y))
    p, q = (mp.sqrt(sum(v * v for v in point)) for point in (first, second))
    apart, together = (
        mp.sqrt(sum((a / p + sign * b / q) ** 2 for a, b in zip(first, second, strict=True))) for sign in (-1, 1)
    )
    return 2 * mp.atan2(apart, together)


def angles_of_points(size: int) -> None:
    heading("Angles between points: largest absolute error")
    print("Pairs in 10 dimensions, 12 in a row of the table, against mpmath. Usual: arccosine of a clipped cosine.\n")
    ways = {"ours": angle_between, "usual": clipped_angle}
    rng, cells, gaps = np.random.default_rng(0), {}, 10.0 ** -np.arange(1.0, 13.0)
    for row, angles in {"near 0": gaps, "0.3 to 2.8": np.linspace(0.3, 2.8, 12), "near π": pi - gaps}.items():
        pairs = [(x, y, mp_angle(x[0], y[0])) for x, y in pairs_at(angles, rng)]
        for name, way in ways.items():
            cells[name, row] = np.array([float(abs(way(x, y)[0, 0] - exact)) for x, y, exact in pairs])
    compare_errors(cells)
    print(f"\nMilliseconds for {size} × {size} points")
    points = {dimension: rng.standard_normal((size, dimension)) for dimension in (3, 100)}
    compare_times(
        {
            (name, f"{dimension} dimensions"): 1e3 * seconds(lambda w=way, x=x: w(x, x), 3)
            for dimension, x in points.items()
            for name, way in ways.items()
        }
    )


def pairs_at(angles: Array, rng: np.random.Generator) -> Iterator[tuple[Array, Array]]:
    """Points with an angle between them, of random directions and norms."""
    for angle in angles:
        basis = np.linalg.qr(rng.standard_normal((10, 2)))[0].T
        scale = rng.uniform(0.5, 2.0, 2)
        yield scale[0] * basis[:1], scale[1] * (np.cos(angle) * basis[:1] + np.sin(angle) * basis[1:])


def gram_matrices(size: int) -> None:
    heading(f"Gram matrix of {size} × {size} points in 3 dimensions: milliseconds")
    print("Usual: arccosine of a clipped cosine, then the closed form (n ≤ 2) or the recurrence.\n")
    x, times, diagonals = np.random.default_rng(0).standard_normal((size, 3)), {}, {}
    for n in (0, 1, 2, 5, 20):
        exact = double_factorial(2 * n - 1) * (x * x).sum(axis=1) ** n
        for name, way in (("ours", lambda x, n: arc_cosine_kernel(x, x, n)), ("usual", usual_gram)):
            times[name, f"n = {n}"] = 1e3 * seconds(lambda w=way, n=n: w(x, n))
            diagonals[name, f"n = {n}"] = np.abs(np.diag(way(x, n)) / exact - 1.0)
    compare_times(times)
    print("\nRelative error on the diagonal")
    compare_errors(diagonals)


def usual_gram(points: Array, order: int) -> Array:
    angles = clipped_angle(points, points)
    evaluate = by_closed_form if order <= 2 else by_recurrence
    norms = np.linalg.norm(points, axis=1) ** order
    return np.outer(norms, norms) * evaluate(order, angles.ravel()).reshape(angles.shape) / pi


# Sections of the page


SETTINGS: dict[str, tuple[str, tuple[Any, ...]]] = {
    "study_polynomial": ("norm", (PolynomialParams(), PolynomialParams(degree=8, depth=6))),
    "study_rbf": ("distance", (RbfParams(), RbfParams(gamma_squared=2.0, depth=50), RbfParams(gamma_squared=0.1))),
    "study_arc_cosine": ("angle", tuple(AngularParams(order=n) for n in (0, 1, 5, 10))),
    "study_derivation": ("angle", (AngularParams(), AngularParams(order=10), AngularParams(order=10, angle=3.1))),
    "study_width": (
        "angle",
        (
            WidthParams(),
            WidthParams(order=5),
            WidthParams(order=10, width=10_000),
            WidthParams(bias=0.5),
            WidthParams(distribution="uniform"),
            WidthParams(distribution="heavy", width=10_000),
            WidthParams(width=100_000),
            WidthParams(order=10, width=100_000, distribution="heavy", bias=0.5),
        ),
    ),
    "study_depth": (
        "angle",
        (DepthParams(), DepthParams(order=5), DepthParams(depth=50, width=1000), DepthParams(depth=50, width=100_000)),
    ),
    "study_machine": (
        "noise",
        (MachineParams(), MachineParams(depth=50, order=5), MachineParams(samples=200, dataset="chirp", depth=6)),
    ),
}
"""Parameters of each study, and the field that is changed a little to make them new."""


def budget(name: str, params: Any) -> float:
    """Seconds that a study may take: more for a regression, the table of quadratures and very wide layers."""
    slow = name in ("study_machine", "study_derivation") or getattr(params, "width", 0) > 10_000
    return 0.3 if slow else 0.03


def section_costs(repeats: int) -> None:
    heading("Sections of the page: milliseconds")
    print("First: caches empty. New: parameters not seen before. Known: the same again; the page's own cache, which")
    print(f"then spares it all, does not count. Medians of {repeats}; *: above the limit.\n")
    print(f"{'section':<18}{'parameters':<54}{'first':>9}{'new':>9}{'known':>9}{'limit':>7}")
    over = count = 0
    for name in studies.__all__:
        if name not in SETTINGS:
            print(f"{name:<18}no parameters for it here")
            continue
        field, sets = SETTINGS[name]
        for params in sets:
            limit, setting = budget(name, params), changed(params)
            times = section_times(getattr(studies, name), params, field, repeats)
            cells = "".join(f"{f'{1e3 * time:.1f}' + ' *'[time > limit]:>9}" for time in times)
            print(f"{name:<18}{setting:<54}{cells}{1e3 * limit:>7.0f}", flush=True)
            over, count = over + (times[1] > limit), count + 1
    print(f"Above the limit when new: {over} of {count}.")


def section_times(study: Callable[[Any], Any], params: Any, field: str, repeats: int) -> tuple[float, float, float]:
    """Seconds at first, with new parameters, and with known ones."""
    at_first = []
    for _ in range(repeats):
        clear_caches()
        at_first.append(seconds(lambda: study(params), 1))
    start = getattr(params, field)
    others = iter([replace(params, **{field: start * (1.0 - 1e-6 * k)}) for k in range(1, repeats + 1)])
    return median(at_first), seconds(lambda: study(next(others)), repeats), seconds(lambda: study(params), repeats)


def clear_caches() -> None:
    """Forget what the kernels keep between calls."""
    for module in [module for name, module in sys.modules.items() if name.startswith("core.kernels")]:
        for value in vars(module).values():
            if callable(clear := getattr(value, "cache_clear", None)):
                clear()


def changed(params: Any) -> str:
    """What differs from the defaults."""
    defaults = asdict(type(params)())
    return ", ".join(f"{key} {value}" for key, value in asdict(params).items() if value != defaults[key]) or "defaults"


def report(*, quick: bool) -> None:
    orders, share, size = (QUICK_ORDERS, 0.1, 400) if quick else (ORDERS, 1.0, 1000)
    angular_times(orders, share)
    angular_errors(orders)
    rbf_depth()
    rbf_fixed_points(int(100_000 * share))
    arc_cosine_depth()
    angles_of_points(size)
    gram_matrices(size)
    section_costs(1 if quick else 3)
    peer(PEER_ORDERS[:3] if quick else PEER_ORDERS)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer orders, angles and repetitions")
    options = parser.parse_args()
    if "OMP_NUM_THREADS" not in os.environ:  # read when numpy loads
        command = [sys.executable, "-m", "tests.benchmarks.kernels", *sys.argv[1:]]
        return subprocess.run(command, env={**os.environ, "OMP_NUM_THREADS": "1"}, check=False).returncode
    start, busy, mp.mp.dps = perf_counter(), process_time(), DIGITS
    versions = f"Python {platform.python_version()}, numpy {np.__version__}, scipy {scipy.__version__}"
    print(f"{versions}, mpmath {mp.__version__}, {os.environ['OMP_NUM_THREADS']} BLAS thread(s).")
    print(f"Times are those of {'the processor, one thread' if FINE else 'the wall clock'}.")
    report(quick=options.quick)
    spent, busy = perf_counter() - start, process_time() - busy
    print(f"\nThe whole run: {spent:.0f} s, computing for {busy:.0f} s of them.")
    if busy < 0.9 * spent:
        print("Other programs were running: they take the cache too, and close ratios of times mean nothing.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
