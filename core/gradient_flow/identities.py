"""The steps of the derivations, each held against a measurement: of the flow by short steps, of f by differences."""

from dataclasses import dataclass

import numpy as np

from core.arrays import Array
from core.gradient_flow.differences import derivative_along, weight_derivatives
from core.gradient_flow.dynamics import SYSTEMS
from core.gradient_flow.relu_network import Weights, evaluate, layer_norms, weighted_gradient
from core.gradient_flow.result import FlowResult
from core.gradient_flow.systems import FlowSystem, Layout, join, softmin

LN10 = float(np.log(10.0))


@dataclass(frozen=True, slots=True)
class Identity:
    """Both sides of a step, in units in which nothing underflows.

    Attributes
    ----------
    left, right : tuple of float
        What was measured, and what the formula gives: one number a layer or one for all.
    residual : float
        Largest difference relative to the larger side.
    kind : str
        "equality", "inequality" for left >= right, or "law" for what is approached late.
    """

    left: tuple[float, ...]
    right: tuple[float, ...]
    residual: float
    kind: str = "equality"


@dataclass(frozen=True, slots=True, eq=False)
class Moment:
    """A run at one snapshot: what the formulas are made of."""

    system: FlowSystem
    directions: list[Array]
    norms: Array
    log_time: float
    log_loss: float
    margins: Array
    shares: Array
    gradient: list[Array]
    speeds: Array

    @property
    def rho(self) -> float:
        """Product of the norms."""
        return float(self.norms.prod())

    @property
    def mean(self) -> float:
        """c = sum_i p_i nu_i."""
        return float(self.shares @ self.margins)


def moment_of(result: FlowResult, snapshot: int) -> Moment:
    """Restart the flow of a run where it was at a snapshot."""
    directions = [layer[snapshot] for layer in result.snapshot_weights]
    log10_time = float(result.snapshot_log10_time[snapshot])
    norms = np.array([np.interp(log10_time, result.log10_time, rho) for rho in result.layer_norms.T])
    directions = [v / np.linalg.norm(v) for v in directions]
    weights = [rho * v for rho, v in zip(norms, directions, strict=True)]
    system = SYSTEMS[result.dynamics](weights, result.points, result.labels, result.gate_width)
    signals = evaluate(directions, result.points, result.labels, result.gate_width)
    log_loss, shares = softmin(float(norms.prod()) * signals.margins)
    gradient = weighted_gradient(signals, shares)
    speeds = np.ones_like(norms) if result.dynamics == "normalized" else norms**-2.0
    return Moment(
        system, directions, norms, log10_time * LN10, log_loss, signals.margins, shares, gradient, speeds
    )


def identities(result: FlowResult, snapshot: int) -> dict[str, Identity]:
    """Hold each step of the derivations against the run at one snapshot.

    Parameters
    ----------
    result : FlowResult
        The run.
    snapshot : int
        Index among its snapshots.

    Returns
    -------
    dict of str to Identity
        "euler", "rate", "multiplier", "tangent", "margin", "cauchy_schwarz", "group", "fall"; and once L < 1 and
        t > 1, "late", "loss_law" and "norm_law".
    """
    now = moment_of(result, snapshot)
    steps = {**_of_the_network(now), **_of_the_flow(now), "multiplier": multiplier(now), "margin": margin(now)}
    return {**steps, **_laws(now)} if now.log_loss < 0.0 < now.log_time else steps


def _of_the_network(now: Moment) -> dict[str, Identity]:
    """Euler's identity and Cauchy-Schwarz at the sample with the smallest margin."""
    system, first = now.system, int(now.margins.argmin())
    point, value = system.points[first], float(system.labels[first] * now.margins[first])
    derivatives = weight_derivatives(now.directions, point, system.gate_width)
    pulls = np.array([float((v * d).sum()) for v, d in zip(now.directions, derivatives, strict=True)])
    squares = np.array([float((d * d).sum()) for d in derivatives])
    below = max(0.0, float((value**2 - squares).max())) / max(value**2, 1e-300)
    return {
        "euler": _equal(pulls, np.full(len(pulls), value)),
        "cauchy_schwarz": Identity(tuple(map(float, squares)), (value**2,) * len(squares), below, "inequality"),
    }


def _of_the_flow(now: Moment) -> dict[str, Identity]:
    """Steps on the flow that runs, in units of L: squared norms, directions, margins and the loss."""
    squares, directions, margins, log_loss = flow_rates(now.system, now.system.start)
    rho, turning = now.rho, [g - v * now.mean for g, v in zip(now.gradient, now.directions, strict=True)]
    brackets = np.array([float((g * g).sum()) - now.mean**2 for g in now.gradient])
    predicted = [rho * speed * turn for speed, turn in zip(now.speeds, turning, strict=True)]
    norm_growth = (rho * now.mean) ** 2 * float((now.norms**-2.0).sum())
    turned = rho**2 * float(now.speeds @ brackets)
    return {
        "rate": _equal(squares, np.full(len(squares), 2.0 * rho * now.mean)),
        "tangent": _equal_vectors(directions, predicted),
        "group": _equal(np.array([float(now.shares @ margins)]) / rho, np.array([float(now.speeds @ brackets)])),
        "fall": _equal(np.array([-log_loss]), np.array([norm_growth + turned])),
    }


def flow_rates(system: FlowSystem, state: Array) -> tuple[Array, list[Array], Array, float]:
    """d/dt of |W_k|^2, V_k, nu_i and log L, each divided by L, measured along a flow.

    Parameters
    ----------
    system : FlowSystem
        The flow.
    state : Array
        Where it is.

    Returns
    -------
    squares, directions, margins, log_loss
        Shapes (K,), K of (out, in), (n,), and a float.
    """
    layout = Layout(system.unpack(state)[0])
    depth, size = len(layout.shapes), layout.spans[-1][1]

    def observe(at: Array) -> Array:
        weights, _ = system.unpack(at)
        lengths = layer_norms(weights)
        directions = [w / rho for w, rho in zip(weights, lengths, strict=True)]
        margins = evaluate(directions, system.points, system.labels, system.gate_width).margins
        log_loss, _ = softmin(float(lengths.prod()) * margins)
        return np.concatenate([lengths**2, join(directions), margins, [log_loss]])

    now = system.evaluate(state)
    rates = derivative_along(lambda at: system.evaluate(at).derivative, state, observe)
    rates = rates * float(np.exp(-now.log_clock - now.log_loss))
    return rates[:depth], layout.split(rates[depth : depth + size]), rates[depth + size : -1], float(rates[-1])


def multiplier(now: Moment) -> Identity:
    """2 lambda_k, as what it has to undo: half the rate of |V_k|^2 on the flow of V without it, in units of L."""
    system, layout, rho = now.system, Layout(now.directions), now.rho

    def rate(flat: Array) -> Array:
        signals = evaluate(layout.split(flat), system.points, system.labels, system.gate_width)
        log_loss, shares = softmin(rho * signals.margins)
        return rho * float(np.exp(log_loss - now.log_loss)) * join(weighted_gradient(signals, shares))

    growth = derivative_along(rate, join(now.directions), lambda flat: layer_norms(layout.split(flat)) ** 2)
    return _equal(growth / 2.0, np.full(len(growth), rho * now.mean))


def margin(now: Moment) -> Identity:
    """Rate of nu_1 on the flow of its sample alone, in units of rho exp(-rho nu_1)."""
    first = int(now.margins.argmin())
    system, nu = now.system, float(now.margins[first])
    weights = [rho * v for rho, v in zip(now.norms, now.directions, strict=True)]
    alone = type(system)(weights, system.points[[first]], system.labels[[first]], system.gate_width)  # type: ignore[call-arg]
    measured = flow_rates(alone, alone.start)[2] / now.rho
    own = weighted_gradient(
        evaluate(now.directions, alone.points, alone.labels, alone.gate_width), np.ones(1)
    )
    brackets = np.array([float((g * g).sum()) - nu**2 for g in own])
    return _equal(measured, np.array([float(now.speeds @ brackets)]))


def _laws(now: Moment) -> dict[str, Identity]:
    """What the run tends to: the loss and the norms against time, with the smoothed margin of now."""
    depth, smoothed = len(now.norms), -now.log_loss / now.rho
    exponent = 2.0 - 2.0 / depth
    constant = depth * smoothed ** (2.0 / depth)
    falling = -flow_rates(now.system, now.system.start)[3]
    law = np.exp(-now.log_time - now.log_loss), constant * now.log_time**exponent
    norm = (now.log_time / smoothed) ** (1.0 / depth)
    return {
        "late": _equal(np.array([falling]), np.array([constant * (-now.log_loss) ** exponent]), "law"),
        "loss_law": _equal(np.array([law[0]]), np.array([law[1]]), "law"),
        "norm_law": _equal(now.norms, np.full(depth, norm), "law"),
    }


def _equal(left: Array, right: Array, kind: str = "equality") -> Identity:
    scale = max(float(np.abs(left).max()), float(np.abs(right).max()), 1e-300)
    residual = float(np.abs(left - right).max()) / scale
    return Identity(tuple(map(float, left)), tuple(map(float, right)), residual, kind)


def _equal_vectors(left: Weights, right: Weights) -> Identity:
    """Layers as vectors: their lengths are shown, and the largest difference of a layer counts."""
    lengths = [np.array([float(np.linalg.norm(layer)) for layer in side]) for side in (left, right)]
    apart = np.array([float(np.linalg.norm(a - b)) for a, b in zip(left, right, strict=True)])
    scale = np.maximum(np.maximum(*lengths), 1e-300)
    return Identity(*(tuple(map(float, side)) for side in lengths), float((apart / scale).max()))
