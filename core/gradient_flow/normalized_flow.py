"""The normalized flow, of the directions V and the norms rho (problem 1.2)."""

import numpy as np

from core.arrays import Array
from core.gradient_flow.gradient_rows import EXPLICIT_STIFFNESS, gradient_rows
from core.gradient_flow.linearization import ConstrainedLowRank, Dense, Linearization
from core.gradient_flow.relu_network import Signals, Weights, evaluate, layer_norms, weighted_gradient
from core.gradient_flow.systems import Evaluation, Layout, join, softmin

DENSE_PARAMETERS = 350
"""Up to this many parameters the flow is solved with its full Jacobian (an LU costs 4 ms there)."""


class NormalizedFlow:
    """The flow of L(V, rho) under |V_k| = 1 (problem 1.2), with one scalar q for all the norms.

    dV_k/ds = g_k - V_k c, dq/ds = c, rho_k^2 = rho_k(0)^2 + 2 q, with g = sum_i p_i dnu_i/dV,
    c = sum_i p_i nu_i, and dt/ds = 1 / (rho L).

    Parameters
    ----------
    weights, points, labels, gate_width
        As for `PlainFlow`; rho_k(0) = |W_k|, V_k(0) = W_k / |W_k|.
    """

    def __init__(self, weights: Weights, points: Array, labels: Array, gate_width: float) -> None:
        self.points, self.labels, self.gate_width = points, labels, gate_width
        self.layout = Layout(weights)
        self.initial_norms = layer_norms(weights)
        directions = [weight / norm for weight, norm in zip(weights, self.initial_norms, strict=True)]
        self.start = np.append(join(directions), 0.0)

    def _norms(self, q: Array) -> Array:
        return np.sqrt(self.initial_norms**2 + 2.0 * np.asarray(q)[..., None])

    def evaluate(self, state: Array) -> Evaluation:
        """Right-hand side at a state."""
        flat = state[:-1]
        directions = self.layout.split(flat)
        signals = evaluate(directions, self.points, self.labels, self.gate_width)
        norms = self._norms(state[-1])
        rho = float(np.prod(norms))
        log_loss, shares = softmin(rho * signals.margins)
        mean_margin = float(shares @ signals.margins)
        gradient = join(weighted_gradient(signals, shares))
        derivative = np.append(gradient - mean_margin * flat, mean_margin)
        inverse_squares = float((norms**-2.0).sum())
        descent = rho * (inverse_squares * mean_margin * mean_margin + gradient @ derivative[:-1])
        return Evaluation(
            state=state,
            derivative=derivative,
            log_loss=log_loss,
            mean_exponent=rho * mean_margin,
            log_clock=float(-np.log(rho) - log_loss),
            log_clock_slope=float(descent - mean_margin * inverse_squares),
            norms=norms,
            weights=directions,
            signals=signals,
            shares=shares,
        )

    def linearize(self, at: Evaluation, step: float) -> Linearization | None:
        """The Jacobian without its gate derivatives; in large nets also without the curvature of nu."""
        rho = float(np.prod(self._norms(at.state[-1])))
        decay = float(at.shares @ at.signals.margins)
        # once one sample carries the loss, -c I is all that is stiff
        decays = step * abs(decay) >= EXPLICIT_STIFFNESS
        rows = gradient_rows(at.weights, at.signals, at.shares, self.gate_width, step * rho, always=decays)
        if rows is None:
            return None
        norms, flat = at.norms, at.state[:-1]
        # gate rows move g by kappa dz grad z, but neither p nor the margins
        low_rank = ConstrainedLowRank(
            rows,
            gain=np.concatenate([np.full(len(rows.samples), rho), np.ones(len(rows.kinks))]),
            margins=np.concatenate([at.signals.margins[rows.samples], np.zeros(len(rows.kinks))]),
            slope=rho * float((norms**-2.0).sum()),
            directions=flat,
            gradient=at.derivative[:-1] + at.derivative[-1] * flat,
            decay=max(decay, 0.0),
        )
        if len(at.state) > DENSE_PARAMETERS + 1:
            return low_rank
        jacobian = -low_rank.formed()
        jacobian[:-1, :-1] += margin_curvature(at.weights, at.signals, at.shares)
        diagonal = np.arange(len(at.state) - 1)
        jacobian[diagonal, diagonal] -= decay
        return Dense(jacobian)

    def magnitude(self, state: Array) -> Array:
        """As for `PlainFlow` on V; on q, what changes the smallest norm by its own size."""
        flat = state[:-1]
        directions = np.maximum(np.abs(flat), np.sqrt(flat @ flat / len(flat)))
        return np.append(directions, 0.5 * self._norms(state[-1]).min() ** 2)

    def keep(self, state: Array) -> tuple[Array, Array]:
        """Back to |V_k| = 1; the differences of the norms are conserved as they share one q."""
        squares = np.add.reduceat(state[:-1] * state[:-1], self.layout.starts)
        factors = np.repeat(1.0 / np.sqrt(squares), self.layout.sizes)
        return np.append(state[:-1] * factors, state[-1]), np.zeros(len(squares))

    def unpack(self, states: Array) -> tuple[list[Array], Array]:
        """Weights rho_k V_k and the norms rho_k."""
        norms = self._norms(states[..., -1])
        directions = self.layout.split(states[..., :-1])
        return [norms[..., k, None, None] * v for k, v in enumerate(directions)], norms

    def predictions(self, at: Evaluation) -> Array:
        """2 c, and |g_k|^2 - c^2."""
        mean = at.mean_exponent / float(at.norms.prod())
        gradient = at.derivative[:-1] + at.derivative[-1] * at.state[:-1]
        return np.append(2.0 * mean, np.add.reduceat(gradient * gradient, self.layout.starts) - mean * mean)

    def has_vanished(self, state: Array) -> bool:
        """Whether the smallest norm is a thousandth of its start; for K = 1 it reaches 0 in finite time."""
        smallest = float(self.initial_norms.min()) ** 2
        return bool(smallest + 2.0 * state[-1] < 1e-6 * smallest)

    def direction_speeds(self, norms: Array) -> Array:
        """1 in every layer."""
        return np.ones_like(norms)


def margin_curvature(weights: Weights, signals: Signals, shares: Array) -> Array:
    """Hessian of sum_i p_i m_i by the weights at fixed gates and p, shape (N, N).

    The margin is linear in each layer, so only the blocks between different layers are non-zero: for
    k < l, sum_i p_i B_l[i] x T_i x H_k[i] with T_i the derivative of layer l's input by layer k's
    pre-activation.
    """
    spans = Layout(weights).spans
    hessian = np.zeros((spans[-1][1], spans[-1][1]))
    for k in range(len(weights) - 1):
        passed = signals.gates[k][:, :, None] * np.eye(len(weights[k]))
        for later in range(k + 1, len(weights)):
            outer = shares[:, None] * signals.backward[later]
            block = np.einsum("ia,ibc,ie->abce", outer, passed, signals.inputs[k], optimize=True)
            block = block.reshape(weights[later].size, weights[k].size)
            (a, b), (c, d) = spans[later], spans[k]
            hessian[a:b, c:d], hessian[c:d, a:b] = block, block.T
            if later < len(weights) - 1:
                passed = signals.gates[later][:, :, None] * (weights[later] @ passed)
    return hessian
