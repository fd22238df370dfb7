"""The statements of problem 1, each held against one run."""

import numpy as np

from core.arrays import Indices, Mask
from core.claims import Assumption, Claim
from core.gradient_flow.result import FlowResult
from core.monotone import largest_drop
from core.notation import number, power_of_ten

DOMINANT_SHARE = 0.99
"""Share of the loss from which on one sample counts as carrying it alone (problem 1.2)."""
EQUAL_NORMS = 1e-3  # relative spread below which initial norms count as equal
_RATE = 0.0075  # a step is off by some 1e-4 of |W|^2, a stretch in which that doubles by up to 0.005
_IMBALANCE = 0.03  # of the growth; a run that chatters at kinks has 0.013
_KEPT = 1e-4  # of the largest difference at the start
_ROUNDING = 1e4 * float(np.finfo(float).eps)  # of |W|^2: some thousand steps with a last bit or two each
_MEAN_GROWTH = 0.08  # quadrature of squared gradients over half of the growth: 0.005 as a rule, up to 0.04
_STRETCH = 0.5  # of the whole growth: the stretches over which it is compared
_STILL = 1e-9  # of the largest margin: less is no growth to compare
_STEP_ERROR = 1e-4  # rtol
_OTHERS = 0.5  # part of its own term that the other samples may take from the smallest margin
_GROWTH = 1.5  # between 1, for a rate of exactly 1/log t, and 2, for an angle that stays
_LATE = 20.0  # log10 t from which on a rate in log t can be told: half of it is then late, too
_NO_ANGLE = 1e-7  # radians: arccos of 1 less rounding


def norm_statements(result: FlowResult) -> tuple[Claim, ...]:
    """Claims of 1.1; those on several layers need K of 2 or more."""
    several = (one_rate, equal_norms, conserved_differences) if result.depth > 1 else ()
    return tuple(claim(result) for claim in (*several, norms_grow))


def margin_statements(result: FlowResult) -> tuple[Claim, ...]:
    """Claims of 1.2; for K = 1 and separable data also the limit direction."""
    linear = () if result.svm_angle is None else (support_vector_direction,)
    return tuple(claim(result) for claim in (mean_margin_grows, margin_grows, smoothed_margin_grows, *linear))


def one_rate(result: FlowResult) -> Claim:
    """d|W_k|^2/dt is the same for all layers (1.1)."""
    deviation = result.rate_deviation
    return Claim(
        name="One rate for all layers",
        formula=r"\frac{d}{dt}\|W_k\|^2 = 2\sum_i y_i f(x_i)\,e^{-y_i f(x_i)} \quad\text{for every } k",
        assumptions=(),
        predicted="the same growth in every layer: the integral of the right-hand side",
        measured=_measured("largest deviation of a layer", 100.0 * deviation, " %"),
        residual=deviation,
        tolerance=_RATE,
        unit="of the growth, over stretches in which ‖Wₖ‖² doubles",
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
    """|W_k|^2 - |W_j|^2 does not change (1.1).

    The integrator keeps the differences, so that what it had to put right is measured too: a flow that does not
    conserve them would need much: one layer faster by 5 % is 5 % of the growth.
    """
    squares = (result.layer_norms**2).sum(axis=1)
    change = np.abs(result.balance - result.balance[0]).max(axis=1)
    size = float(np.abs(result.balance[0]).max())
    moved = float((change / (_KEPT * size + _ROUNDING * squares)).max())
    return Claim(
        name="Conserved differences",
        formula=r"\|W_k\|^2 - \|W_j\|^2 = \text{const}",
        assumptions=(),
        predicted="no change at any time",
        measured=f"largest change {number(float(change.max()))}; {_put_right(result)}",
        residual=max(moved, _imbalance(result) / _IMBALANCE),
        tolerance=1.0,
        allowed=f"allowed: a change of {_percent(_KEPT)} of the largest difference at the start and of rounding, and "
        f"growth that differs between the layers by {_percent(_IMBALANCE)} before it is put right",
        why="It follows from one rate for all, separable or not. "
        + (
            "The integrator keeps it: after each step the layers are rescaled against each other, which leaves f as it "
            "is."
            if result.dynamics == "plain"
            else "Under the normalized flow it is built in: all norms follow from one number."
        ),
    )


def _imbalance(result: FlowResult) -> float:
    """Largest difference between the growth of two layers before anything is put right, relative to the growth."""
    squares, path = result.changes.squares[-1], float(result.changes.path[-1])
    return float(np.ptp(squares)) / path if path > 0.0 else 0.0


def _put_right(result: FlowResult) -> str:
    if result.dynamics != "plain":
        return "nothing to put right"
    put_right = float(np.ptp(result.changes.corrections[-1]))
    grown = np.abs(np.diff(result.layer_norms**2, axis=0)).sum(axis=0).max()
    return (
        f"rescaling has put right {number(put_right)}, {_percent(put_right / max(float(grown), 1e-300))} of the growth"
    )


def norms_grow(result: FlowResult) -> Claim:
    """Once L < 1 all norms grow for ever (1.1)."""
    late = _once_below_one(result)
    drop = largest_drop(result.layer_norms / result.layer_norms[-1], late)
    grown = result.layer_norms[-1] / result.layer_norms[late][0] if late.any() else np.ones(1)
    return Claim(
        name="Norms keep growing once L < 1",
        formula=r"L < 1 \;\Rightarrow\; \tfrac{d}{dt}\|W_k\|^2 > 0",
        assumptions=(_separated(result),),
        predicted="every norm grows from L = 1 on",
        measured=f"no decrease; grown by a factor of {number(float(grown.min()))}{' or more' * (result.depth > 1)}"
        if drop <= 0.0
        else _measured("largest fall below an earlier value", drop),
        residual=drop,
        tolerance=1e-5,
        unit="of the final norm",
        why="With L < 1 each yᵢf(xᵢ) > −log L > 0, so every term of the rate is positive. "
        "Without separation terms of both signs compete.",
    )


def mean_margin_grows(result: FlowResult) -> Claim:
    """The margins' mean, weighted by their shares of the loss, moves up as 1.2 says, whoever carries the loss."""
    sums, speed = result.changes, r"\frac{1}{\rho_k^2}" * (result.dynamics == "plain")
    deviation, fall = _mean_deviation(result), _mean_fall(result)
    counted = float(sums.resolved_mean_margin[-1]) / max(float(sums.mean_margin[-1]), 1e-300)
    return Claim(
        name="The weighted mean margin grows",
        formula=rf"\sum_i p_i\dot\nu_i = \rho L\sum_k {speed}\big(\|g_k\|^2 - c^2\big) \ge 0,\quad "
        r"g_k = \sum_i p_i\,\partial_{V_k}\nu_i,\quad c = \sum_i p_i\nu_i",
        assumptions=(),
        predicted="it rises by the integral of the brackets, and never falls",
        measured=f"largest deviation {_percent(deviation)}, largest fall {_percent(fall)}; "
        f"compared on steps with {_percent(min(max(counted, 0.0), 1.0))} of the growth"
        if np.isfinite(deviation)
        else "nothing to measure in this run",
        residual=max(deviation, fall),
        tolerance=_MEAN_GROWTH,
        unit="of the growth, over halves of it",
        why="1.2 for any number of samples, each weighted by its share pᵢ of the loss; with one sample it is 1.2. By "
        "Cauchy–Schwarz each layer’s bracket is ≥ 0, as ⟨gₖ, Vₖ⟩ = c.",
    )


def _mean_deviation(result: FlowResult) -> float:
    """Largest relative difference between the growth of the mean margin and the integral of the brackets."""
    predicted = result.changes.brackets.sum(axis=1)
    measured = result.changes.resolved_mean_margin
    whole = float(predicted[-1])
    if whole <= _STILL * float(np.abs(result.normalized_margins).max()):
        return float("nan")
    edges = np.unique(np.searchsorted(predicted, np.arange(0.0, 1.0, _STRETCH) * whole))
    edges = np.unique(np.append(edges[predicted[edges] <= (1.0 - _STRETCH) * whole], len(predicted) - 1))
    rise, goal = np.diff(measured[edges], prepend=0.0), np.diff(predicted[edges], prepend=0.0)
    return float((np.abs(rise - goal) / np.maximum(goal, _STRETCH * whole)).max())


def _mean_fall(result: FlowResult) -> float:
    """Largest fall of the mean margin beyond the error of a step, relative to all that it moves.

    A step is off by rtol of |W|, which turns the direction of a small layer by more.
    """
    values = np.append(0.0, result.changes.mean_margin)
    turn = float((np.sqrt((result.layer_norms**2).sum(axis=1)) / result.layer_norms.min(axis=1)).max())
    error = _STEP_ERROR * turn * float(np.sqrt((result.points**2).sum(axis=1).max()))
    return max(largest_drop(values) - error, 0.0) / max(float(np.ptp(values)), 1e-300)


def margin_grows(result: FlowResult) -> Claim:
    """Where one sample carries the loss, and the others pull little, its normalized margin does not decrease (1.2)."""
    carried = _once_below_one(result) & (result.smallest_share >= DOMINANT_SHARE)
    own = result.own_growth.sum(axis=1)
    alone = carried & (result.cross_growth >= -_OTHERS * own)
    drop = largest_drop(result.smallest_margin, alone) / max(float(result.smallest_margin.max()), 1e-300)
    speed = r"\frac{1}{\rho_k^2}" * (result.dynamics == "plain")
    return Claim(
        name="The smallest margin does not decrease",
        formula=rf"\dot\nu_1 = \rho\,e^{{-\rho\nu_1}}\sum_k {speed}"
        r"\big(\|\partial_{V_k} f(V; x_1)\|^2 - f(V; x_1)^2\big) \ge 0",
        assumptions=(
            _separated(result),
            Assumption(f"one sample carries {100 * DOMINANT_SHARE:.0f} % of the loss", bool(carried.sum() > 1)),
            Assumption("the others take less than half of its own term", bool(np.isfinite(drop))),
        ),
        predicted="no decrease where both are so",
        measured=("no decrease" if drop <= 0.0 else f"largest fall below an earlier value {number(drop)} of ν₁")
        if np.isfinite(drop)
        else f"at the end the largest share of the loss is {float(result.smallest_share[-1]):.2f}",
        residual=drop,
        tolerance=_error_of_margins(result, float(result.smallest_margin.max())),
        unit="of ν₁: three gate widths ε, and the error of a step, 10⁻⁴ max |xᵢ|",
        why="The case of one sample. p₁ ≥ 0.99 alone promises nothing: the own term vanishes as V comes to rest, and "
        "then the little that the others pull can be more.",
    )


def smoothed_margin_grows(result: FlowResult) -> Claim:
    """-log L / prod |W_k| does not decrease once L < 1, whoever carries the loss."""
    late = _once_below_one(result)
    drop = largest_drop(result.smoothed_margin, late) / max(float(result.smoothed_margin.max()), 1e-300)
    return Claim(
        name="The smoothed margin does not decrease",
        formula=r"\tilde\gamma = \frac{-\log L}{\prod_k\|W_k\|}\ \text{non-decreasing once } L < 1",
        assumptions=(_separated(result),),
        predicted="no decrease from L = 1 on",
        measured="no decrease"
        if drop <= 0.0
        else _measured("largest fall below an earlier value", drop, " of its maximum"),
        residual=drop,
        tolerance=_error_of_margins(result, float(result.smoothed_margin.max())),
        unit="of its maximum: three gate widths ε, and the error of a step, 10⁻⁴ max |xᵢ|",
        why="The theorem that survives the approximation: it holds for any number of samples and under both flows "
        "(after Lyu & Li 2020).",
    )


def _error_of_margins(result: FlowResult, size: float) -> float:
    """What margins may fall in all by the computation, relative to their size.

    Derivatives hold the gates fixed, which is off where these open or close, by parts of eps of a neuron's output; and
    a step moves the directions V by its error, at most rtol, which a margin multiplies by |x_i| at most.
    """
    furthest = float(np.sqrt((result.points**2).sum(axis=1).max()))
    return 3.0 * result.gate_width + _STEP_ERROR * furthest / size if size > 0.0 else 0.0


def support_vector_direction(result: FlowResult) -> Claim:
    """K = 1: the direction tends to the hard-margin support vector machine."""
    angle = float(result.svm_angle[-1]) if result.svm_angle is not None else float("nan")
    growth = _growth_of_product(result)
    return Claim(
        name="K = 1 finds the widest margin",
        formula=r"\frac{W}{\|W\|} \to \text{hard-margin SVM, at least as fast as } 1/\log t",
        assumptions=(
            _separated(result),
            Assumption(f"a run to t = {power_of_ten(_LATE)} or later", bool(result.log10_time[-1] >= _LATE)),
        ),
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


def dips(result: FlowResult) -> Indices:
    """Indices of the times at which the smallest margin begins to fall, once L < 1.

    A fall by less than rtol of its size, 1e-4, is the integrator's own.
    """
    nu = result.smallest_margin
    noise = 1e-4 * max(float(np.abs(nu).max()), 1e-300)
    falling = (np.diff(nu) < -noise) & _once_below_one(result)[:-1]
    return np.flatnonzero(falling & ~np.append(False, falling[:-1]))


def _measured(what: str, value: float, unit: str = "") -> str:
    return f"{what} {number(value)}{unit}" if np.isfinite(value) else "nothing to measure in this run"


def _percent(fraction: float) -> str:
    return f"{number(100.0 * fraction)} %"
