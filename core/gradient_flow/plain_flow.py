"""The plain flow, of the weights W."""

import numpy as np

from core.arrays import Array
from core.gradient_flow.gradient_rows import gradient_rows
from core.gradient_flow.linearization import Linearization, SymmetricLowRank
from core.gradient_flow.relu_network import Weights, evaluate, layer_norms, weighted_gradient
from core.gradient_flow.systems import Evaluation, Layout, join, softmin

_NEWTON_STEPS = 60  # a handful do, unless a norm is nearly 0


class PlainFlow:
    """dW_k/dt = -dL/dW_k, run as dW/ds = R^(2-K) G with G = sum_i p_i dm_i/dW and R = |W|.

    In s each e-fold of the norm costs a bounded stretch; dt/ds = R^(2-K) / L.

    Parameters
    ----------
    weights : sequence of Array
        Initial weights.
    points : Array
        Inputs, shape (n, d).
    labels : Array
        +1 or -1, shape (n,).
    gate_width : float
        Gate width eps.
    """

    def __init__(self, weights: Weights, points: Array, labels: Array, gate_width: float) -> None:
        self.points, self.labels, self.gate_width = points, labels, gate_width
        self.layout = Layout(weights)
        self.start = join(weights)
        self.depth = len(weights)
        squares = layer_norms(weights) ** 2
        self._balance = squares - squares[0]

    def evaluate(self, state: Array) -> Evaluation:
        """Right-hand side at a state."""
        weights = self.layout.split(state)
        signals = evaluate(weights, self.points, self.labels, self.gate_width)
        log_loss, shares = softmin(signals.margins)
        gradient = join(weighted_gradient(signals, shares))
        radius = np.sqrt(state @ state)
        speed = radius ** (2 - self.depth)
        # d log R / ds = K R^-K (p . m) by Euler's identity; -d log L / ds = R^(2-K) |G|^2.
        mean_exponent = float(shares @ signals.margins)
        radial = (2 - self.depth) * self.depth * radius ** (-self.depth) * mean_exponent
        return Evaluation(
            state=state,
            derivative=speed * gradient,
            log_loss=log_loss,
            mean_exponent=mean_exponent,
            log_clock=float((2 - self.depth) * np.log(radius) - log_loss),
            log_clock_slope=float(radial + speed * (gradient @ gradient)),
            norms=np.sqrt(np.add.reduceat(state * state, self.layout.starts)),
            weights=weights,
            signals=signals,
            shares=shares,
        )

    def linearize(self, at: Evaluation, step: float) -> Linearization | None:
        """A = -R^(2-K) P' S P."""
        scale = float(np.sqrt(at.state @ at.state)) ** (2 - self.depth)
        rows = gradient_rows(at.weights, at.signals, at.shares, self.gate_width, step * scale)
        return None if rows is None else SymmetricLowRank(rows, scale)

    def magnitude(self, state: Array) -> Array:
        """Each weight's size, or the root mean square of all where that is larger."""
        return np.maximum(np.abs(state), np.sqrt(state @ state / len(state)))

    def keep(self, state: Array) -> tuple[Array, Array]:
        """Rescale the layers against each other so that |W_k|^2 - |W_1|^2 stays what it was.

        The factors have product 1, so that neither f nor a gate changes.
        """
        squares = np.add.reduceat(state * state, self.layout.starts)
        if self.depth == 1 or not np.isfinite(squares).all():
            return state, np.zeros(self.depth)
        kept = self._balance + _common_square(squares, self._balance)
        factors = np.repeat(np.sqrt(kept / squares), self.layout.sizes)
        return state * factors, kept - squares

    def unpack(self, states: Array) -> tuple[list[Array], Array]:
        """Weights W_k and their Frobenius norms."""
        weights = self.layout.split(states)
        return weights, layer_norms(weights)

    def predictions(self, at: Evaluation) -> Array:
        """2 R^(2-K) sum_i p_i m_i, and R^(2-K) rho / rho_k^2 (|g_k|^2 - c^2)."""
        pace = np.exp(at.log_clock + at.log_loss)
        squares, rho = at.norms**2, at.norms.prod()
        gradients = np.add.reduceat(at.derivative * at.derivative, self.layout.starts) / (pace * rho) ** 2
        brackets = gradients - (at.mean_exponent / rho) ** 2 / squares
        return np.append(2.0 * pace * at.mean_exponent, pace * rho * brackets)

    def has_vanished(self, _state: Array) -> bool:
        """Never: W passes through 0 or takes for ever to get there."""
        return False

    def direction_speeds(self, norms: Array) -> Array:
        """1 / rho_k^2: the plain flow turns large layers slowly."""
        return np.asarray(norms**-2.0)


def _common_square(squares: Array, balance: Array) -> float:
    """The q for which prod_k (balance_k + q) is the product of the squares, by Newton's method on its logarithm.

    That is concave and not positive where the iteration begins, so the iterates rise to the root.
    """
    goal = float(np.log(squares).sum())
    lowest = -float(balance.min())
    q = lowest + max(float((squares - balance).min()) - lowest, 1e-3 * float(squares.min()))
    for _ in range(_NEWTON_STEPS):
        step = (goal - float(np.log(balance + q).sum())) / float((1.0 / (balance + q)).sum())
        q += step
        if step <= 1e-15 * abs(q):  # from here on rounding moves it back and forth
            break
    return q
