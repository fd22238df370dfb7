"""Adam (Kingma & Ba 2015, algorithm 1), and the cosine schedule of its rate (Loshchilov & Hutter 2017, equation 5)."""

from math import cos, pi
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]
FIRST_DECAY, SECOND_DECAY, EPSILON = 0.9, 0.999, 1e-8
"""The published beta_1, beta_2 and epsilon."""
# Squares of gradients, and products of weights with a decay of 1e-4, stay above the smallest normal float32, 1e-38.
_DUST_PARAMETER, _DUST_FIRST, _DUST_SECOND = 1e-12, 1e-16, 1e-30


class Adam:
    """Moments of the gradient of a vector of parameters.

    Parameters
    ----------
    parameters : Floats
        The parameters, changed in place by `update`; their number type is kept.
    first_decay, second_decay, epsilon : float
        beta_1, beta_2 and epsilon.
    """

    def __init__(
        self,
        parameters: Floats,
        *,
        first_decay: float = FIRST_DECAY,
        second_decay: float = SECOND_DECAY,
        epsilon: float = EPSILON,
    ) -> None:
        self.parameters = parameters
        self.first, self.second = np.zeros_like(parameters), np.zeros_like(parameters)
        self._decays, self._epsilon, self.count = (first_decay, second_decay), epsilon, 0

    def update(self, gradient: Floats, rate: float) -> None:
        """Take one step with a gradient, at a learning rate."""
        self.count += 1
        first_decay, second_decay = self._decays
        self.first *= first_decay
        self.first += (1.0 - first_decay) * gradient
        self.second *= second_decay
        self.second += (1.0 - second_decay) * gradient**2
        # the corrections of both moments' bias, multiplied into the rate and into epsilon
        correction = (1.0 - second_decay**self.count) ** 0.5
        size = np.sqrt(self.second)
        size += self._epsilon * correction
        np.divide(self.first, size, out=size)
        size *= rate * correction / (1.0 - first_decay**self.count)
        self.parameters -= size

    def sweep(self) -> None:
        """Set to 0 what is too small to matter next to parameters of 0.1.

        Parameters of neurons that are off decay for ever, and so do their moments. Below 1e-38 float32 arithmetic is
        done without the processor's help, which makes a training run four times as long.
        """
        for size, values in (
            (_DUST_PARAMETER, self.parameters),
            (_DUST_FIRST, self.first),
            (_DUST_SECOND, self.second),
        ):
            values[np.abs(values) < size] = 0.0


def cosine_rate(largest: float, step: int, steps: int) -> float:
    """Learning rate of a step from 0 to steps: half a wave from the largest to 0, without restarts."""
    return 0.5 * largest * (1.0 + cos(pi * step / steps))
