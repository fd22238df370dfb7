"""The statements of problem 1, each held against one run."""

import numpy as np

from core.arrays import Array, Indices, Mask
from core.claims import Assumption, Claim
from core.gradient_flow.result import FlowResult
from core.notation import number, power_of_ten

DOMINANT_SHARE = 0.99
"""Share of the loss from which on one sample counts as carrying it alone (problem 1.2)."""
EQUAL_NORMS = 1e-3  # relative spread below which initial norms count as equal
_RATE = 0.1  # the largest of some 300 runs is 0.058; half of the rates of a run are within 1e-4
_DRIFT = 1e-3  # the largest of some 300 runs is 2.5e-4, after 12 000 evaluations
_GROWTH = 1.5  # between 1, for a rate of exactly 1/log t, and 2, for an angle that stays
_NO_ANGLE = 1e-7  # radians: arccos of 1 less rounding


def norm_statements(result: FlowResult) -> tuple[Claim, ...]:
    """Claims of 1.1; those on several layers need K of 2 or more."""
    several = (one_rate, equal_norms, conserved_differences) if result.depth > 1 else ()
    return tuple(claim(result) for claim in (*several, norms_grow))


def margin_statements(result: FlowResult) -> tuple[Claim, ...]:
    """Claims of 1.2; for K = 1 and separable data also the limit direction."""
    linear = () if result.svm_angle is None else (support_vector_direction,)
    return tuple(claim(result) for claim in (margin_grows, smoothed_margin_grows, homogeneity, *linear))


def one_rate(result: FlowResult) -> Claim:
    """d|W_k|^2/dt is the same for all layers (1.1)."""
    deviation = result.rate_deviation
    return Claim(
        name="One rate for all layers",
        formula=r"\frac{d}{dt}\|W_k\|^2 = 2\sum_i y_i f(x_i)\,e^{-y_i f(x_i)} \quad\text{for every } k",
        assumptions=(),
        predicted="the same rate in every layer",
        measured=_measured("largest deviation of a layer", 100.0 * deviation, " %"),
        residual=deviation,
        tolerance=_RATE,
        unit="of the growth over two steps of the integrator, or of 1 % of ‖Wₖ‖²",
        why="There is no k on the right-hand side. It needs neither separation nor equal norms.",
    )


def equal_norms(result: FlowResult) -> Claim:
    """Layers that start with one norm keep one norm (1.1)."""
    spread = result.layer_norms.max(axis=1) / result.layer_norms.min(axis=1) - 1.0
    return Claim(
        name="Equal norms stay equal",
        formula=r"\|W_1\| = \dots = \|W_K\| \text{ at } t = 0 \;\Rightarrow\; \text{for all } t",
        assumptions=(Assumption("equal norms at the start", bool(spread[0] < EQUAL_NORMS)),),
        predicted="no spread between the layers",
        measured=f"largest spread {_percent(float(spread.max()))}, at the end {_percent(float(spread[-1]))}",
        residual=float(spread.max()),
        tolerance=1e-3,
        unit="of the norm",
        why="With unequal norms only the squares grow at one rate: d‖Wₖ‖/dt = (…)/‖Wₖ‖ differs from layer to layer.",
    )


def conserved_differences(result: FlowResult) -> Claim:
    """|W_k|^2 - |W_j|^2 does not change (1.1)."""
    squares = (result.layer_norms**2).sum(axis=1)
    drift = float((np.abs(result.balance - result.balance[0]) / squares[:, None]).max())
    return Claim(
        name="Conserved differences",
        formula=r"\|W_k\|^2 - \|W_j\|^2 = \text{const}",
        assumptions=(),
        predicted="no change at any time",
        measured=f"largest change {number(drift)} of ‖W‖²",
        residual=drift,
        tolerance=_DRIFT,
        unit="of ‖W‖²",
        why="It follows from one rate for all, separable or not. Under the normalized flow it is built in.",
    )


def norms_grow(result: FlowResult) -> Claim:
    """Once L < 1 all norms grow for ever (1.1)."""
    late = _once_below_one(result)
    drop = _largest_drop(result.layer_norms[late] / result.layer_norms[-1]) if late.sum() > 1 else float("nan")
    grown = result.layer_norms[-1] / result.layer_norms[late][0] if late.any() else np.ones(1)
    return Claim(
        name="Norms keep growing once L < 1",
        formula=r"L < 1 \;\Rightarrow\; \tfrac{d}{dt}\|W_k\|^2 > 0",
        assumptions=(_separated(result),),
        predicted="every norm grows from L = 1 on",
        measured=f"no decrease; grown by a factor of {number(float(grown.min()))}{' or more' * (result.depth > 1)}"
        if drop <= 0.0
        else _measured("largest decrease", drop),
        residual=drop,
        tolerance=1e-5,
        unit="of the final norm",
        why="With L < 1 each yᵢf(xᵢ) > −log L > 0, so every term of the rate is positive. "
        "Without separation terms of both signs compete.",
    )


def margin_grows(result: FlowResult) -> Claim:
    """Where one sample carries the loss, its normalized margin does not decrease (1.2)."""
    carried = _once_below_one(result) & (result.smallest_share >= DOMINANT_SHARE)
    drop = _largest_drop(result.smallest_margin, carried) / max(float(result.smallest_margin.max()), 1e-300)
    share = float(result.smallest_share[-1])
    return Claim(
        name="The smallest margin does not decrease",
        formula=r"\dot\nu_1 = \rho\,e^{-\rho\nu_1}\sum_k\big(\|\partial_{V_k} f(x_1)\|^2 - f(x_1)^2\big) \ge 0",
        assumptions=(
            _separated(result),
            Assumption(f"one sample carries {100 * DOMINANT_SHARE:.0f} % of the loss", bool(carried.sum() > 1)),
        ),
        predicted="no decrease while p₁ ≥ 0.99",
        measured=("no decrease" if drop <= 0.0 else f"largest decrease {number(drop)} of ν₁")
        if carried.sum() > 1
        else f"at the end the largest share of the loss is {share:.2f}: several samples carry it together",
        residual=drop if carried.sum() > 1 else float("nan"),
        tolerance=max(3.0 * result.gate_width, 1e-4),
        unit="of ν₁; three gate widths ε",
        why="By Cauchy–Schwarz each layer's bracket is ≥ 0. When several samples share the loss, their cross terms "
        "may pull ν₁ down for a while.",
    )


def smoothed_margin_grows(result: FlowResult) -> Claim:
    """-log L / prod |W_k| does not decrease once L < 1, whoever carries the loss."""
    late = _once_below_one(result)
    drop = _largest_drop(result.smoothed_margin, late) / max(float(result.smoothed_margin.max()), 1e-300)
    return Claim(
        name="The smoothed margin does not decrease",
        formula=r"\tilde\gamma = \frac{-\log L}{\prod_k\|W_k\|}\ \text{non-decreasing once } L < 1",
        assumptions=(_separated(result),),
        predicted="no decrease from L = 1 on",
        measured="no decrease" if drop <= 0.0 else _measured("largest decrease", drop, " of its maximum"),
        residual=drop,
        tolerance=max(3.0 * result.gate_width, 1e-4),
        unit="of its maximum; three gate widths ε",
        why="The theorem that survives the approximation: it holds for any number of samples and under both flows "
        "(after Lyu & Li 2020).",
    )


def homogeneity(result: FlowResult) -> Claim:
    """Euler's identity in every layer."""
    residual = float(result.homogeneity.max())
    return Claim(
        name="Homogeneity",
        formula=r"\sum_{i,j} W_k^{ij}\,\frac{\partial f}{\partial W_k^{ij}} = f \quad\text{for every layer } k",
        assumptions=(),
        predicted="equal in every layer, on every sample",
        measured=f"largest difference {number(residual)} of max |f|",
        residual=residual,
        tolerance=1e-10,
        unit="of max |f|",
        why="ReLU is positively homogeneous, and there are no biases inside the network.",
    )


def support_vector_direction(result: FlowResult) -> Claim:
    """K = 1: the direction tends to the hard-margin support vector machine."""
    angle = float(result.svm_angle[-1]) if result.svm_angle is not None else float("nan")
    growth = _growth_of_product(result)
    return Claim(
        name="K = 1 finds the widest margin",
        formula=r"\frac{W}{\|W\|} \to \text{hard-margin SVM, at least as fast as } 1/\log t",
        assumptions=(_separated(result),),
        predicted="angle × log t does not grow while log t doubles",
        measured=f"it grows by a factor of {number(growth)}, to {number(angle)} rad at "
        f"t = {power_of_ten(float(result.log10_time[-1]))}"
        if np.isfinite(growth)
        else "nothing to measure in this run",
        residual=growth,
        tolerance=_GROWTH,
        allowed=f"allowed: a factor of {_GROWTH:g}; an angle that stays would give 2",
        why="For linear classifiers the limit is known exactly (Soudry et al. 2018). For K ≥ 2 it is a KKT point, "
        "reached so slowly that no finite run is called converged.",
    )


def _growth_of_product(result: FlowResult) -> float:
    """Growth of angle * log t from half of the final log t on; 0 where the angle is no more than rounding."""
    if result.svm_angle is None or not np.isfinite(result.loss_below_one_at):
        return float("nan")
    times, angles = result.snapshot_log10_time, result.svm_angle
    if angles[-1] < _NO_ANGLE:
        return 0.0
    half = float(np.interp(0.5 * times[-1], times, angles * times))
    return float(angles[-1] * times[-1] / half) if half > 0.0 and times[-1] > 0.0 else float("nan")


def _separated(result: FlowResult) -> Assumption:
    return Assumption("separated, and L < 1", bool(np.isfinite(result.loss_below_one_at)))


def _once_below_one(result: FlowResult) -> Mask:
    """Mask of the times after which L stays below 1, shape (T,)."""
    if not np.isfinite(result.loss_below_one_at):
        return np.zeros(len(result.log10_time), dtype=bool)
    return np.asarray(result.log10_time >= result.loss_below_one_at)


def _largest_drop(values: Array, where: Mask | None = None) -> float:
    """Largest decrease between neighbouring times that both count; NaN where there are none."""
    change = np.diff(values, axis=0)
    if where is not None:
        change = change[where[:-1] & where[1:]]
    return max(float(-change.min()), 0.0) if change.size else float("nan")


def dips(result: FlowResult) -> Indices:
    """Indices of the times at which the smallest margin begins to fall, once all samples are classified.

    A fall by less than rtol of its size, 1e-4, is the integrator's own.
    """
    nu = result.smallest_margin
    noise = 1e-4 * max(float(np.abs(nu).max()), 1e-300)
    falling = (np.diff(nu) < -noise) & (nu[:-1] > 0.0)
    return np.flatnonzero(falling & ~np.append(False, falling[:-1]))


def _measured(what: str, value: float, unit: str = "") -> str:
    return f"{what} {number(value)}{unit}" if np.isfinite(value) else "nothing to measure in this run"


def _percent(fraction: float) -> str:
    return f"{number(100.0 * fraction)} %"
