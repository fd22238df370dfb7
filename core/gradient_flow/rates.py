"""How fast the loss falls: L = Theta(1 / (t (log t)^(2 - 2/K))) (Lyu & Li 2020, arXiv 1906.05890)."""

import numpy as np

from core.arrays import Array
from core.claims import Assumption, Claim
from core.gradient_flow.result import FlowResult, LossLaw
from core.notation import number, power_of_ten

LATE = 1000.0
"""log t from which on the slope has come close to its limit: it is off by a multiple of log log t / log t."""
_TOLERANCE = 0.05  # of a slope; over the random settings of the tests at most 0.032 where the claim applies
_FIRST = 0.25  # of the final log t
_SPREAD, _GROWTH = 1.25, 1.2  # largest over smallest norm, and growth of the margin: beyond, the slope feels them
_LN10 = float(np.log(10.0))


def loss_law(result: FlowResult) -> LossLaw:
    """1/(tL) along a run, its slope against log t on logarithmic axes, and the law.

    Late it is the difference of two long numbers, log(1/L) - log t, so it is taken at the snapshots, which are ends of
    steps: between them interpolation is not as exact.

    Parameters
    ----------
    result : FlowResult
        The run.
    """
    start = min(1, len(result.snapshot_log10_time) - 1)  # the first snapshot is the start, from where the grid leads on
    snapshots = result.snapshot_log10_time[start:]
    early = result.log10_time < snapshots[0]
    times = np.concatenate([result.log10_time[early], snapshots]) * _LN10
    growth = -np.concatenate([result.log10_loss[early], result.snapshot_log10_loss[start:]]) - times / _LN10
    shown = times > 1.0
    late = (np.arange(len(times)) >= int(early.sum())) & (times >= _FIRST * times[-1])
    late &= np.isfinite(result.loss_below_one_at)
    nu = float(result.smoothed_margin[-1]) if np.isfinite(result.loss_below_one_at) else float("nan")
    depth = result.depth
    return LossLaw(
        log_time=times[shown],
        log10_growth=growth[shown],
        late=late[shown],
        slope=_median_slope(np.log(times[shown & late]), growth[shown & late] * _LN10),
        exponent=2.0 - 2.0 / depth,
        log10_constant=float(np.log10(depth) + 2.0 / depth * np.log10(nu)) if nu > 0.0 else float("nan"),
    )


def _median_slope(x: Array, y: Array) -> float:
    """Median of the slopes between any two points (Theil and Sen): few bad points do not move it."""
    if len(x) < 3:
        return float("nan")
    i, j = np.triu_indices(len(x), 1)
    return float(np.median((y[j] - y[i]) / (x[j] - x[i])))


def loss_rate(result: FlowResult, law: LossLaw) -> Claim:
    """1/(tL) grows like (log t)^(2 - 2/K) (1.1)."""
    end = float(law.log_time[-1]) if len(law.log_time) else 0.0
    late = result.log10_time >= min(_FIRST * result.log10_time[-1], result.log10_time[-1])
    spread = float((result.layer_norms[late].max(axis=1) / result.layer_norms[late].min(axis=1)).max())
    first, last = float(result.smoothed_margin[late][0]), float(result.smoothed_margin[-1])
    return Claim(
        name="Rate of the loss",
        formula=r"L = \Theta\Big(\frac{1}{t\,(\log t)^{2 - 2/K}}\Big)",
        assumptions=(
            Assumption("separated, and L < 1", bool(np.isfinite(result.loss_below_one_at))),
            Assumption(f"late: log t ≥ {LATE:g} at the end, t ≥ {power_of_ten(LATE / _LN10)}", end >= LATE),
            Assumption("norms within 25 % of each other from a quarter of log t on", spread <= _SPREAD),
            Assumption("smoothed margin grown by less than 20 % since then", 0.0 < last <= _GROWTH * first),
        ),
        predicted=f"the slope of 1/(tL) against log t, on logarithmic axes, tends to 2 − 2/K = {number(law.exponent)}",
        measured=f"slope {number(law.slope)}, from a quarter of log t = {number(end)} on"
        if np.isfinite(law.slope)
        else "nothing to measure in this run",
        residual=abs(law.slope - law.exponent),
        tolerance=_TOLERANCE,
        unit="of the slope",
        why="Late the directions settle and only the norms grow (Derivation, steps 9 to 12). The slope is off by a "
        "multiple of log log t / log t, so that an early run says little.",
    )
