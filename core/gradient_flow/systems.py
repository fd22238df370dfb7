"""What a gradient flow is to the integrator: an autonomous system dy/ds = F(y).

The physical time t and the loss L both leave the range of floating point (L = 10^-10000), so neither is
ever formed: systems run in a clock s that neither over- nor underflows, and carry log L and log(dt/ds).
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from core.arrays import Array
from core.gradient_flow.linearization import Linearization
from core.gradient_flow.relu_network import Signals, Weights


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """Right-hand side of a system at one state.

    Attributes
    ----------
    state, derivative : Array
        y and F(y), shape (N,).
    log_loss : float
        Natural logarithm of L.
    mean_exponent : float
        sum_i p_i y_i f(W; x_i); times 2 L it is d|W_k|^2/dt (problem 1.1).
    log_clock, log_clock_slope : float
        log(dt/ds) and its derivative by s.
    norms : Array
        |W_k| under the plain flow, rho_k under the normalized one, shape (K,).
    weights : list of Array
        The weights that the network was evaluated at.
    signals : Signals
        The pass.
    shares : Array
        p, each sample's share of the loss, shape (n,).
    """

    state: Array
    derivative: Array
    log_loss: float
    mean_exponent: float
    log_clock: float
    log_clock_slope: float
    norms: Array
    weights: list[Array]
    signals: Signals
    shares: Array


class FlowSystem(Protocol):
    """What the integrator and the measurements need to know of a flow.

    Attributes
    ----------
    points, labels, gate_width
        As for `PlainFlow`.
    start : Array
        Initial state, shape (N,).
    layout : Layout
        Of the layers at the front of a state.
    """

    points: Array
    labels: Array
    gate_width: float
    start: Array
    layout: "Layout"

    def evaluate(self, state: Array) -> Evaluation:
        """Right-hand side at a state."""
        ...

    def linearize(self, at: Evaluation, step: float) -> Linearization | None:
        """A close to the Jacobian, for steps up to this size, or None where A = 0 serves."""
        ...

    def magnitude(self, state: Array) -> Array:
        """Size against which the error of each component is measured, shape (N,)."""
        ...

    def keep(self, state: Array) -> tuple[Array, Array]:
        """The state with what the flow conserves restored, and what that added to |W_k|^2, shape (K,)."""
        ...

    def unpack(self, states: Array) -> tuple[list[Array], Array]:
        """Weights W_k, and the norms rho_k that the margins are normalized by, of states (..., N)."""
        ...

    def predictions(self, at: Evaluation) -> Array:
        """By ds, growth of any |W_k|^2 (problem 1.1) and what each layer adds to sum_i p_i dnu_i (1.2), (1 + K,)."""
        ...

    def has_vanished(self, state: Array, /) -> bool:
        """Whether a norm has shrunk to 0, where its direction and with it the flow ends."""
        ...

    def direction_speeds(self, norms: Array) -> Array:
        """Factor in front of rho (sum_i p_i dnu_i/dV_k - V_k c) L in dV_k/dt, shape of norms."""
        ...


def softmin(exponents: Array) -> tuple[float, Array]:
    """Logarithm of sum(exp(-m)), and the shares exp(-m) / sum(exp(-m))."""
    smallest = exponents.min()
    terms = np.exp(smallest - exponents)
    total = terms.sum()
    return float(np.log(total) - smallest), terms / total


class Layout:
    """Views of a flat vector as layers.

    Parameters
    ----------
    weights : sequence of Array
        Layers of the shapes that the views shall have.
    """

    def __init__(self, weights: Weights) -> None:
        self.shapes = [weight.shape for weight in weights]
        ends = np.cumsum([weight.size for weight in weights])
        self.spans = [(int(end) - weight.size, int(end)) for end, weight in zip(ends, weights, strict=True)]
        self.starts = np.array([start for start, _ in self.spans])
        self.size = self.spans[-1][1]
        self.sizes = np.array([end - start for start, end in self.spans])

    def split(self, flat: Array) -> list[Array]:
        """Layers of vectors (..., N), shapes (..., out, in)."""
        lead = flat.shape[:-1]
        pairs = zip(self.spans, self.shapes, strict=True)
        return [flat[..., a:b].reshape(lead + shape) for (a, b), shape in pairs]


def join(layers: Weights) -> Array:
    """Layers as one flat vector, shape (N,)."""
    return np.concatenate([layer.ravel() for layer in layers])
