"""From the integrator's steps to what is measured along them, and from there to a grid of times."""

from dataclasses import dataclass, fields

import numpy as np
from scipy.interpolate import CubicSpline, pchip_interpolate
from scipy.optimize import brentq, nnls

from core.arrays import Array, Indices
from core.gradient_flow.clock import log_time
from core.gradient_flow.gradient_rows import NEGLIGIBLE_SHARE
from core.gradient_flow.relu_network import (
    Signals,
    evaluate,
    layer_norms,
    row_norms,
    squared_gradient_norms,
    weighted_gradient,
)
from core.gradient_flow.rosenbrock import GAMMA, Knot, knot_at, rosenbrock_step
from core.gradient_flow.systems import FlowSystem
from core.gradient_flow.tally import Tally, stack, tally

LN10 = float(np.log(10.0))
_UNIFORM, _DENSE, _SNAPSHOTS, _MOST_KNOTS = 250, 160, 24, 600
_EARLY_LOSS = -4.0  # log10 L until which every step is kept: well past the separation
_STRETCH, _SHORT = 1.0, 0.05  # of |W|^2: the least change over which its rate is measured, and in all of a short run
_CHUNK = 500_000  # activations evaluated at once, in some 40 MB


class Trajectory:
    """A run as the ends of its steps, with their physical times.

    Parameters
    ----------
    system : FlowSystem
        The flow.
    knots : list of Knot
        Ends of the accepted steps, two or more; some may have no state, as in a `History`.
    """

    def __init__(self, system: FlowSystem, knots: list[Knot]) -> None:
        self.system, self.knots = system, knots
        self.s = np.array([knot.s for knot in knots])
        self.log_rate = np.array([knot.at.log_clock for knot in knots])
        self.log_time = log_time(self.s, self.log_rate, np.array([knot.at.log_clock_slope for knot in knots]))
        self.log_loss = np.array([knot.at.log_loss for knot in knots])
        self.norms = np.array([knot.at.norms for knot in knots])

    def kept(self) -> Indices:
        """Indices of the knots that are measured: all with a state but the start, thinned where there are very many."""
        held = np.flatnonzero([knot.at.state.size for knot in self.knots])[1:]
        count = min(len(held), _MOST_KNOTS)
        return np.asarray(held[np.unique(np.linspace(0, len(held) - 1, count).round().astype(int))])

    def weights(self, indices: Indices) -> tuple[list[Array], Array]:
        """W_k and rho_k at some knots that have a state, shapes (J, out, in) and (J, K)."""
        return self.system.unpack(np.array([self.knots[i].at.state for i in indices]))

    def grid(self, indices: Indices) -> Array:
        """Logarithms of the times of the grid: uniform, and ever denser towards the start, and the early knots."""
        times = self.log_time[indices]
        early = times[self.log_loss[indices] > _EARLY_LOSS * LN10]
        span = times[-1] - times[0]
        dense = times[0] + np.expm1(np.linspace(0.0, np.log1p(span), _DENSE))
        uniform = np.linspace(times[0], times[-1], _UNIFORM)
        wanted = np.clip(np.concatenate([uniform, dense, early]), times[0], times[-1])
        # times that differ in their last bits would coincide after a change of base
        resolution = 1e-9 * max(float(span), 1.0)
        cells = np.unique(np.round((wanted - times[0]) / resolution)) * resolution
        inner = times[0] + cells[(cells > 0.0) & (cells < span - resolution)]
        return np.unique(np.concatenate([times[:1], inner, times[-1:]]))

    def tallies(self) -> Tally:
        """What has changed until each knot, arrays of shapes (J,) and (J, K)."""
        return stack([knot.tally for knot in self.knots])

    def rate_deviation(self) -> float:
        """Largest difference between the growth of a |W_k|^2 and the integral of the predicted rate, relative to it.

        Over stretches in which |W|^2 changes by its own size by the prediction: a step carries an error too, some 1e-4
        of |W|^2. Where it changes less, all of the run is one stretch; NaN where that is less than 5 %.
        """
        sums = self.tallies()
        largest = (self.norms**2).max(axis=1)
        edges = [0]
        for i in range(len(self.knots)):
            if sums.path[i] - sums.path[edges[-1]] >= _STRETCH * largest[edges[-1]]:
                edges.append(i)
        if len(edges) == 1 and sums.path[-1] >= _SHORT * largest.max():
            edges.append(len(self.knots) - 1)
        if len(edges) == 1:
            return float("nan")
        missed = np.diff(sums.squares[edges] - sums.predicted_squares[edges, None], axis=0)
        return float((np.abs(missed).max(axis=1) / np.diff(sums.path[edges])).max())

    def rates(self) -> tuple[Array, Array, Array]:
        """d|W_k|^2/dt at the inner knots, measured and predicted.

        The measured rate uses the states alone: d log|W_k|^2/ds by central differences over two steps
        (second order on unequal steps), times |W_k|^2 ds/dt.

        Returns
        -------
        log10_time : Array
            Shape (J,).
        measured, predicted : Array
            Sign and decimal logarithm, shapes (2, J, K) and (2, J).
        """
        if len(self.knots) < 3:
            return np.empty(0), np.empty((2, 0, self.norms.shape[1])), np.empty((2, 0))
        inner = slice(1, -1)
        logs = 2.0 * np.log(self.norms)
        slope = np.gradient(logs, self.s, axis=0)[inner]
        measured = _sign_and_log(slope, logs[inner] - self.log_rate[inner, None])
        mean = np.array([knot.at.mean_exponent for knot in self.knots[inner]])
        predicted = _sign_and_log(2.0 * mean, self.log_loss[inner])
        return self.log_time[inner] / LN10, measured, predicted


def _sign_and_log(factor: Array, log_scale: Array) -> Array:
    with np.errstate(divide="ignore"):
        return np.stack([np.sign(factor), (np.log(np.abs(factor)) + log_scale) / LN10])


def end_step(system: FlowSystem, knots: list[Knot], *, log_loss: float | None, log_time: float | None) -> list[Knot]:
    """Repeat the last step with a size such that it ends where the loss, or the time, has a given value.

    Parameters
    ----------
    system : FlowSystem
        The flow.
    knots : list of Knot
        The run; its last step contains the end.
    log_loss, log_time : float or None
        The natural logarithm to hit, one of the two; the time counts from the start of the last step.
    """
    begin, end = knots[-2], knots[-1]
    linearization = system.linearize(begin.at, GAMMA * (end.s - begin.s))
    trail = [(knot.s, knot.at.log_clock) for knot in knots[:-1]]

    def shortened(step: float) -> Knot:
        raw, _ = rosenbrock_step(system, begin.at, step, linearization)
        state, correction = system.keep(raw)
        after = system.evaluate(state)
        changes = begin.tally + tally(system, begin.at, after, step, correction)
        return knot_at(trail, begin.s + step, after, end.evaluations, changes)

    def excess(step: float) -> float:
        knot = shortened(step)
        if log_time is not None:
            return float(Trajectory(system, [begin, knot]).log_time[-1]) - log_time
        return (log_loss or 0.0) - knot.at.log_loss

    first, last = 1e-9 * (end.s - begin.s), end.s - begin.s
    if not excess(first) < 0.0 < excess(last):
        return knots
    return [*knots[:-1], shortened(float(brentq(excess, first, last, xtol=1e-9 * last, rtol=1e-9)))]


@dataclass(frozen=True, slots=True, eq=False)
class Measurements:
    """Quantities along a run; the fields of `FlowResult` of the same names."""

    log_loss: Array
    norms: Array
    direction_norms: Array
    margins: Array
    shares: Array
    own: Array
    cross: Array
    total: Array


def measure(trajectory: Trajectory, indices: Indices) -> Measurements:
    """Evaluate the network at some knots, in chunks of bounded memory."""
    weights = trajectory.knots[0].at.weights
    activations = len(trajectory.system.labels) * sum(len(weight) for weight in weights)
    size = max(1, _CHUNK // activations)
    parts = [_measure(trajectory, indices[i : i + size]) for i in range(0, len(indices), size)]
    log_loss, norms, lengths, margins, shares, own, cross = (np.concatenate(one) for one in zip(*parts, strict=True))
    total = _smallest_growth(trajectory, indices, margins)
    return Measurements(log_loss, norms, lengths, margins, shares, own, cross, total)


def _smallest_growth(trajectory: Trajectory, indices: Indices, margins: Array) -> Array:
    """Rate t dnu/dt of the sample with the smallest margin at each time, by a cubic spline in s.

    From the equation of 1.2 it is a small remainder of terms that cancel; the trajectory knows it better.
    """
    if len(indices) < 2:
        return np.zeros(len(indices))
    slopes = CubicSpline(trajectory.s[indices], margins)(trajectory.s[indices], 1)
    slope = slopes[np.arange(len(indices)), margins.argmin(axis=1)]
    return np.asarray(slope * np.exp(trajectory.log_time[indices] - trajectory.log_rate[indices]))


def interpolate(on_knots: Measurements, times: Array, wanted: Array) -> Measurements:
    """Measurements at other times, by monotone cubics in log t.

    What is interpolated are the quantities, not the weights: a monotone cubic adds no dip of its own. The
    smallest norm is interpolated as its K-th power, which late on grows like log t, and the other norms by
    their squares' differences to its, so that what is conserved at the knots is conserved between them.
    """
    if len(times) < 2:
        return on_knots
    values = {field.name: getattr(on_knots, field.name) for field in fields(on_knots)}
    depth = on_knots.norms.shape[1]
    smallest = int(on_knots.norms[0].argmin())
    anchor = on_knots.norms[:, smallest]
    values["norms"] = on_knots.norms**2 - anchor[:, None] ** 2
    values["anchor"] = anchor**depth
    with np.errstate(over="ignore"):  # its harmonic means of slopes near 0, which are then 0
        values = {name: np.asarray(pchip_interpolate(times, value, wanted)) for name, value in values.items()}
    values["norms"] = np.sqrt(values["norms"] + (values.pop("anchor") ** (2.0 / depth))[:, None])
    values["shares"] = np.maximum(values["shares"], 0.0)  # a cubic may round below
    return Measurements(**values)


def _measure(trajectory: Trajectory, indices: Indices) -> tuple[Array, ...]:
    system, times = trajectory.system, trajectory.log_time[indices]
    weights, rho = trajectory.weights(indices)
    signals = evaluate(weights, system.points, system.labels, system.gate_width)
    outputs = signals.margins
    smallest = outputs.min(axis=1, keepdims=True)
    terms = np.exp(smallest - outputs)
    log_loss = np.log(terms.sum(axis=1)) - smallest[:, 0]
    shares = terms / terms.sum(axis=1, keepdims=True)
    product = rho.prod(axis=1)
    margins = outputs / product[:, None]
    own, cross = _smallest_parts(signals, rho, margins, shares, system.direction_speeds(rho))
    # t rho L is of order 1: t ~ 1 / (rho L) late on; before, exp of a moderate number
    scale = np.exp(np.minimum(times + np.log(product) + log_loss, 300.0))
    return log_loss, rho, layer_norms(weights) / rho, margins, shares, own * scale[:, None], cross * scale


def _smallest_parts(signals: Signals, rho: Array, margins: Array, shares: Array, speeds: Array) -> tuple[Array, Array]:
    """(1 / (rho L)) dnu_1/dt of the smallest margin: its own term layer by layer, shape (T, K), and the others' sum.

    Problem 1.2: own are p_1 speed_k (|dnu_1/dV_k|^2 - nu_1^2) >= 0 by Cauchy-Schwarz. Sample i adds
    p_i speed_k (<dnu_1/dV_k, dnu_i/dV_k> - nu_1 nu_i), of either sign.
    """
    rows = np.arange(len(margins))
    first = margins.argmin(axis=1)
    nu, p = margins[rows, first], shares[rows, first]
    to_directions = rho / rho.prod(axis=1, keepdims=True)
    squares = squared_gradient_norms(signals)[rows, first]
    own = speeds * p[:, None] * (squares * to_directions**2 - nu[:, None] ** 2)
    others = shares.copy()
    others[rows, first] = 0.0
    gradients = weighted_gradient(signals, others)
    products = []
    for h, b, g in zip(signals.inputs, signals.backward, gradients, strict=True):
        h_first = h[first] if h.ndim == 2 else h[rows, first]
        b_first = b[first] if b.ndim == 2 else b[rows, first]
        products.append(np.vecdot(b_first, (g @ h_first[..., None])[..., 0]))
    pull = np.stack(products, axis=1) * to_directions**2 - (nu * np.vecdot(others, margins))[:, None]
    return np.asarray(own), np.asarray((speeds * pull).sum(axis=1))


def snapshot_indices(times: Array) -> Indices:
    """Indices of up to 24 times, about evenly spaced in log t, with both ends."""
    wanted = np.linspace(times[0], times[-1], _SNAPSHOTS)
    return np.unique(np.abs(times[:, None] - wanted).argmin(axis=0))


def kkt_residual(weights: list[Array], points: Array, labels: Array, gate_width: float, shares: Array) -> float:
    """Distance of V from the cone of the gradients of the margins that carry the loss, relative to |V|.

    A KKT point of min |W|^2 s.t. y_i f(W; x_i) >= 1 is W = sum_i lambda_i dm_i/dW with lambda >= 0,
    supported on the smallest margins (Lyu & Li 2020, section 4).
    """
    signals = evaluate(weights, points, labels, gate_width)
    if signals.margins.min() <= 0.0:
        return float("nan")
    support = np.flatnonzero(shares > NEGLIGIBLE_SHARE * shares.max())
    terms = zip(signals.inputs, signals.backward, strict=True)
    gradients = np.concatenate(
        [(b[support][:, :, None] * h[support][:, None, :]).reshape(len(support), -1) for h, b in terms], axis=1
    )
    direction = np.concatenate([w.ravel() for w in weights])
    columns = np.column_stack([(gradients / row_norms(gradients)[:, None]).T, direction / row_norms(direction)])
    # the triangular factor has the same residuals and is much smaller
    triangle = np.asarray(np.linalg.qr(columns, mode="r"))
    _, distance = nnls(triangle[:, :-1], triangle[:, -1])
    return float(distance)
