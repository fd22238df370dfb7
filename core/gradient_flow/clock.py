"""Physical time along a run, as a logarithm: log t(s) = log of the integral of exp(log(dt/ds))."""

from collections.abc import Sequence

import numpy as np

from core.arrays import Array

_CELLS = 24
_CLUSTER = 3.0  # cell edges at v^3: the clock may rise by thousands of e-folds within one step


def log_time(s: Array, log_rate: Array, slope: Array) -> Array:
    """Natural logarithm of t at the knots of a run.

    Between knots log(dt/ds) is a cubic Hermite interpolant whose end slopes are limited to
    [0, 3 secant] (Fritsch & Carlson 1980): an overshoot by a few e-folds would be exponentiated. Each
    step is cut into cells, narrow at its steep end, in which the exponent counts as linear.

    Parameters
    ----------
    s, log_rate, slope : Array
        Clock, log(dt/ds) and its derivative by s at the knots, each of shape (J,).

    Returns
    -------
    Array
        Shape (J,), beginning with -inf.
    """
    width = np.diff(s)
    secant = np.diff(log_rate) / width
    rise = _rise(width * _limited(slope[:-1], secant), width * _limited(slope[1:], secant), np.diff(log_rate))
    exponent = log_rate[:-1, None] + rise
    change = np.abs(np.diff(exponent, axis=1))
    # the mean of exp over a cell with a linear exponent: exp(top) (1 - exp(-change)) / change
    size = np.maximum(change, 1e-12)
    mean = np.maximum(exponent[:, :-1], exponent[:, 1:]) + np.log(-np.expm1(-size) / size)
    lengths = np.diff(_edges(np.diff(log_rate)), axis=1) * width[:, None]
    parts = np.logaddexp.reduce(mean + np.log(lengths), axis=1)
    return np.concatenate([[-np.inf], np.logaddexp.accumulate(parts)])


def steep_slope(trail: Sequence[tuple[float, float]], rise: float) -> float | None:
    """Slope of log(dt/ds) at the last of some knots, where it rises by e-folds between them.

    There t is little more than exp(log_rate) / slope of its last moment. Late in a run a state is as far from the
    slow manifold as the tolerance allows, and the gradient there, with it the slope, up to twice too large; the
    values at the knots are not. The slope is that of the parabola through the last knot and two before it, each
    lower by a rise; it is off by the square of their distance.

    Parameters
    ----------
    trail : sequence of (float, float)
        s and log(dt/ds) at the knots, in order.
    rise : float
        E-folds between two of the three.

    Returns
    -------
    float or None
        None where the clock has not risen so far.
    """
    chosen = [trail[-1]]
    for s, log_rate in reversed(trail):
        if chosen[-1][1] - log_rate >= rise:
            chosen.append((s, log_rate))
            if len(chosen) == 3:
                (last, top), (middle, half), (first, low) = chosen
                secant, before = (top - half) / (last - middle), (half - low) / (middle - first)
                return secant + (secant - before) * (last - middle) / (last - first)
    return None


def _edges(total: Array) -> Array:
    """Edges of the cells as fractions of each step, clustered where the exponent is larger."""
    edges = np.linspace(0.0, 1.0, _CELLS + 1) ** _CLUSTER
    return np.where(total[:, None] >= 0.0, 1.0 - edges[::-1], edges)


def _rise(begin_slope: Array, end_slope: Array, total: Array) -> Array:
    """The Hermite interpolant of the exponent at the edges, relative to the start of the step."""
    u = _edges(total)
    v = 1.0 - u
    return u * v * v * begin_slope[:, None] + u * u * (1.0 + 2.0 * v) * total[:, None] - u * u * v * end_slope[:, None]


def _limited(slope: Array, secant: Array) -> Array:
    """Fritsch-Carlson: a slope between 0 and 3 secants, of the secant's sign."""
    low, high = np.minimum(3.0 * secant, 0.0), np.maximum(3.0 * secant, 0.0)
    return np.minimum(np.maximum(slope, low), high)
