"""A run at one moment: what the formulas are made of, and how fast the flow moves there, measured by short steps."""

from dataclasses import dataclass

import numpy as np

from core.arrays import Array
from core.gradient_flow.differences import Measured, derivative_along
from core.gradient_flow.dynamics import SYSTEMS
from core.gradient_flow.relu_network import Weights, evaluate, layer_norms, weighted_gradient
from core.gradient_flow.result import FlowResult
from core.gradient_flow.systems import FlowSystem, Layout, join, softmin

LN10 = float(np.log(10.0))


@dataclass(frozen=True, slots=True, eq=False)
class Moment:
    """A run at one snapshot: what the formulas are made of.

    Attributes
    ----------
    system : FlowSystem
        The flow, started there.
    directions, norms
        V_k and rho_k.
    log_time, log_loss : float
        Natural logarithms.
    margins, shares : Array
        nu_i and p_i, shape (n,).
    gradient : list of Array
        g_k = sum_i p_i dnu_i/dV_k.
    speeds : Array
        Factor by which the flow turns a layer: 1, or 1/rho_k^2 for the plain flow, shape (K,).
    """

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
        """Mean of the margins, c = sum_i p_i nu_i."""
        return float(self.shares @ self.margins)


def moment_of(result: FlowResult, snapshot: int) -> Moment:
    """Start the flow of a run again from where it was at a snapshot."""
    directions = [layer[snapshot] / np.linalg.norm(layer[snapshot]) for layer in result.snapshot_weights]
    log10_time = float(result.snapshot_log10_time[snapshot])
    norms = np.array([np.interp(log10_time, result.log10_time, rho) for rho in result.layer_norms.T])
    weights = [rho * v for rho, v in zip(norms, directions, strict=True)]
    system = SYSTEMS[result.dynamics](weights, result.points, result.labels, result.gate_width)
    signals = evaluate(directions, result.points, result.labels, result.gate_width)
    log_loss, shares = softmin(float(norms.prod()) * signals.margins)
    return Moment(
        system=system,
        directions=directions,
        norms=norms,
        log_time=log10_time * LN10,
        log_loss=log_loss,
        margins=signals.margins,
        shares=shares,
        gradient=weighted_gradient(signals, shares),
        speeds=norms**-2.0 if result.dynamics == "plain" else np.ones_like(norms),
    )


@dataclass(frozen=True, slots=True, eq=False)
class FlowRates:
    """d/dt of |W_k|^2, of V_k, of sum_i p_i nu_i at fixed p, and of log L, each divided by L."""

    squares: Measured
    directions: Measured
    mean_margin: Measured
    log_loss: Measured


def flow_rates(system: FlowSystem) -> FlowRates:
    """Measure a flow by short steps from its start.

    Margins are those at the gates of the start: derivatives hold them fixed, as the flow does.
    """
    layout = Layout(system.unpack(system.start)[0])
    depth, size = len(layout.shapes), layout.spans[-1][1]
    now = system.evaluate(system.start)
    gates = now.signals.gates

    def observe(state: Array) -> Array:
        weights, _ = system.unpack(state)
        lengths = layer_norms(weights)
        directions = [w / rho for w, rho in zip(weights, lengths, strict=True)]
        margins = system.labels * _through(gates, directions, system.points)
        log_loss, _ = softmin(float(lengths.prod()) * margins)
        return np.concatenate([lengths**2, join(directions), [float(now.shares @ margins), log_loss]])

    measured = derivative_along(lambda state: system.evaluate(state).derivative, system.start, observe)
    measured = measured * float(np.exp(-now.log_clock - now.log_loss))
    return FlowRates(
        measured[:depth], measured[depth : depth + size], measured[depth + size : -1], measured[depth + size + 1 :]
    )


def _through(gates: list[Array], weights: Weights, points: Array) -> Array:
    """Outputs with given gates, shape (n,)."""
    signal = points
    for weight, gate in zip(weights[:-1], gates, strict=True):
        signal = (signal @ weight.T) * gate
    return np.asarray((signal @ weights[-1].T)[:, 0])
