"""Bias-free ReLU networks: forward and backward pass, for one or for many weights at once.

A network is a sequence of K weight arrays ``W_k`` of shape (..., out, in); the last has one row.
Leading axes are allowed, so that a whole trajectory is evaluated in one call.

The gate of neuron j on sample i is ``theta = clip(1/2 + z / (2 eps |w_j| |h_i|), 0, 1)`` with the
pre-activation z, the neuron's weight row w_j, the layer's input h_i and the gate width eps; the
activation is ``theta * z``. Derivatives hold theta fixed. The gate depends on the angle between w_j and
h_i alone, so the network stays positively homogeneous of degree one in every layer, and Euler's
identity sum(W_k * df/dW_k) = f, on which all of problem 1 rests, stays exact. eps = 0 is the ReLU.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from core.arrays import Array

Weights = Sequence[Array]

_TINY = 1e-150  # keeps a neuron or input that is exactly zero from dividing 0 by 0


@dataclass(frozen=True, slots=True, eq=False)
class Signals:
    """What one forward and backward pass leaves behind.

    The gradient of a sample's margin with respect to layer k is the outer product of
    ``backward[k][i]`` and ``inputs[k][i]``, and is never formed.

    Attributes
    ----------
    margins : Array
        y f(W; x), shape (..., n).
    inputs : list of Array
        Layer inputs, K arrays of shape (..., n, in_k).
    backward : list of Array
        Derivative of the margin by the pre-activations, K arrays of shape (..., n, out_k); the last one,
        the labels, is the same for all weights and has shape (n, 1).
    gates : list of Array
        The K - 1 gates theta in [0, 1], of shape (..., n, out_k).
    ramps : list of Array
        The same before clipping to [0, 1]; for eps = 0 the gates.
    """

    margins: Array
    inputs: list[Array]
    backward: list[Array]
    gates: list[Array]
    ramps: list[Array]


def row_norms(rows: Array) -> Array:
    """Euclidean norms over the last axis."""
    return np.asarray(np.sqrt(np.vecdot(rows, rows)))


def _ramp(pre_activation: Array, weight: Array, layer_input: Array, gate_width: float) -> Array:
    """The gate before it is clipped to [0, 1]."""
    if gate_width == 0.0:
        return (pre_activation > 0.0).astype(float)
    widths = (2.0 * gate_width) * row_norms(weight) + _TINY
    lengths = row_norms(layer_input) + _TINY
    ramp = pre_activation / (lengths[..., :, None] * widths[..., None, :])
    ramp += 0.5
    return np.asarray(ramp)


def forward(weights: Weights, points: Array, gate_width: float = 0.0) -> tuple[Array, list[Array], list[Array]]:
    """Evaluate the network.

    Parameters
    ----------
    weights : sequence of Array
        K arrays of shape (..., out, in), the last with one row.
    points : Array
        Inputs, shape (n, d).
    gate_width : float
        Width eps of the gates; 0 is the ReLU.

    Returns
    -------
    outputs : Array
        f(W; x), shape (..., n).
    inputs : list of Array
        Layer inputs, K arrays.
    ramps : list of Array
        Gates before clipping, K - 1 arrays.
    """
    outputs, inputs, _, ramps = _pass(weights, points, gate_width)
    return outputs, inputs, ramps


def _pass(weights: Weights, points: Array, gate_width: float) -> tuple[Array, list[Array], list[Array], list[Array]]:
    """Outputs, layer inputs, gates, and gates before clipping."""
    inputs, gates, ramps = [points], [], []
    for weight in weights[:-1]:
        pre_activation = inputs[-1] @ weight.mT
        ramp = _ramp(pre_activation, weight, inputs[-1], gate_width)
        gate = np.maximum(ramp, 0.0)
        np.minimum(gate, 1.0, out=gate)
        pre_activation *= gate
        ramps.append(ramp)
        gates.append(gate)
        inputs.append(pre_activation)
    return (inputs[-1] @ weights[-1].mT)[..., 0], inputs, gates, ramps


def evaluate(weights: Weights, points: Array, labels: Array, gate_width: float = 0.0) -> Signals:
    """Margins with everything that their gradients need.

    Parameters
    ----------
    weights, points, gate_width
        As in `forward`.
    labels : Array
        +1 or -1, shape (n,).

    Returns
    -------
    Signals
        Margins, layer inputs, back-propagated signals and gates.
    """
    outputs, inputs, gates, ramps = _pass(weights, points, gate_width)
    signal = labels[:, None]
    backward = [signal]
    for weight, gate in zip(weights[:0:-1], gates[::-1], strict=True):
        signal = (signal @ weight) * gate
        backward.append(signal)
    return Signals(labels * outputs, inputs, backward[::-1], gates, ramps)


def weighted_gradient(signals: Signals, coefficients: Array) -> list[Array]:
    """Sum of margin gradients, sum_i c_i dm_i/dW_k for every layer k.

    Parameters
    ----------
    signals : Signals
        From `evaluate`.
    coefficients : Array
        c, shape (..., n).

    Returns
    -------
    list of Array
        K arrays of shape (..., out, in).
    """
    return [
        (backward * coefficients[..., None]).mT @ layer_input
        for backward, layer_input in zip(signals.backward, signals.inputs, strict=True)
    ]


def squared_gradient_norms(signals: Signals) -> Array:
    """Squared Frobenius norms of dm_i/dW_k, shape (..., n, K)."""
    layers = zip(signals.backward, signals.inputs, strict=True)
    squares = [np.vecdot(b, b) * np.vecdot(h, h) for b, h in layers]
    return np.stack([np.broadcast_to(square, signals.margins.shape) for square in squares], axis=-1)


def layer_norms(weights: Weights) -> Array:
    """Frobenius norms of the layers, shape (..., K)."""
    return np.stack([np.sqrt((weight * weight).sum(axis=(-2, -1))) for weight in weights], axis=-1)


def initial_weights(
    inputs: int, depth: int, width: int, norms: Sequence[float], rng: np.random.Generator
) -> list[Array]:
    """Gaussian weights, each layer scaled to a given Frobenius norm.

    Parameters
    ----------
    inputs : int
        Dimension d of the data.
    depth : int
        Number of layers K.
    width : int
        Neurons in each hidden layer.
    norms : sequence of float
        The K Frobenius norms.
    rng : numpy.random.Generator
        Source of the entries, drawn layer by layer.

    Returns
    -------
    list of Array
        K arrays of shape (out, in).
    """
    sizes = [inputs] + [width] * (depth - 1) + [1]
    drawn = [rng.standard_normal((out, into)) for into, out in pairwise(sizes)]
    return [norm * weight / np.linalg.norm(weight) for norm, weight in zip(norms, drawn, strict=True)]
