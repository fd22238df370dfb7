"""A multilayer perceptron with ReLU, the regularized squared loss, and its gradient."""

from collections.abc import Sequence
from itertools import pairwise
from math import sqrt

import numpy as np

from core.arrays import Array
from core.neural_collapse.adam import Floats


class Perceptron:
    """Layers of one parameter vector.

    Layer l has weights W_l (out, in) and biases b_l (out,); h_0 = x, h_l = max(W_l h_(l-1) + b_l, 0), and the last
    layer is linear: W h + b with the features h.

    Parameters
    ----------
    sizes : sequence of int
        Inputs, neurons of each hidden layer, outputs.
    parameters : Floats
        W_1, b_1, W_2, ... in one vector, whose number type is that of all arithmetic. Changes of it are seen.
    """

    def __init__(self, sizes: Sequence[int], parameters: Floats) -> None:
        self.sizes, self.parameters = tuple(sizes), parameters
        self.layers = self.split(parameters)

    def split(self, vector: Floats) -> list[tuple[Floats, Floats]]:
        """Views of a vector like the parameters, as (W_l, b_l)."""
        views, start = [], 0
        for into, out in pairwise(self.sizes):
            middle, end = start + out * into, start + out * (into + 1)
            views.append((vector[start:middle].reshape(out, into), vector[middle:end]))
            start = end
        return views

    def activations(self, inputs: Floats) -> list[Floats]:
        """The inputs, h_l of each hidden layer, and the outputs; rows are samples."""
        signals = [inputs]
        for weights, bias in self.layers:
            signals.append(signals[-1] @ weights.T)
            signals[-1] += bias
            if len(signals) <= len(self.layers):
                np.maximum(signals[-1], 0.0, out=signals[-1])
        return signals

    def objective(self, signals: Sequence[Floats], targets: Floats, decay: float) -> float:
        """|outputs - targets|^2/(2n) + decay/2 times the sum of all |W_l|^2; biases are free."""
        error = signals[-1] - targets
        squares = sum(float(np.vdot(weights, weights)) for weights, _ in self.layers)
        return 0.5 * (float(np.vdot(error, error)) / len(targets) + decay * squares)

    def gradient(self, signals: Sequence[Floats], targets: Floats, decay: float, out: Floats) -> None:
        """Write the gradient of the objective into a vector like the parameters."""
        slopes = self.split(out)
        error = signals[-1] - targets
        error /= len(targets)
        for level in range(len(self.layers) - 1, -1, -1):
            weights, (d_weights, d_bias) = self.layers[level][0], slopes[level]
            np.matmul(error.T, signals[level], out=d_weights)
            d_weights += decay * weights
            np.sum(error, axis=0, out=d_bias)
            if level > 0:
                error = error @ weights
                error *= signals[level] > 0.0


def initial_parameters(sizes: Sequence[int], scale: float, generator: np.random.Generator) -> Array:
    """Gaussian weights of variance 2/in (He et al. 2015) times scale^2, in the last layer half of it; biases 0."""
    parts = []
    for level, (into, out) in enumerate(pairwise(sizes), start=2):
        gain = 1.0 if level == len(sizes) else 2.0
        parts += [scale * sqrt(gain / into) * generator.standard_normal(out * into), np.zeros(out)]
    return np.concatenate(parts)
