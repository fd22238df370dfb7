import numpy as np
import pytest

from core.gradient_flow import normalized_flow
from core.gradient_flow.normalized_flow import NormalizedFlow, margin_curvature
from core.gradient_flow.plain_flow import PlainFlow
from core.gradient_flow.relu_network import evaluate, weighted_gradient
from core.gradient_flow.systems import softmin
from tests.core.gradient_flow.helpers import derivative, flatten, relu_margins, relu_network, small_network, unflatten

DEPTHS = [1, 2, 3, 4]
FLOWS = [PlainFlow, NormalizedFlow]


def log_loss(weights, points, labels):
    return np.log(np.exp(-relu_margins(weights, points, labels)).sum())


def plain(depth, gate_width=0.0, **size):
    net = small_network(depth, **size)
    return PlainFlow(*net, gate_width), net


def normalized(depth, gate_width=0.0, **size):
    """The system, and a state off its start: other norms, and |V_k| a little off 1."""
    weights, points, labels = small_network(depth, **size)
    unequal = [(k + 1.0) * weight for k, weight in enumerate(weights)]
    system = NormalizedFlow(unequal, points, labels, gate_width)
    return system, np.append(1.01 * system.start[:-1], 0.7)


def state_of(flow, depth):
    if flow is PlainFlow:
        system, _ = plain(depth)
        return system, system.start
    return normalized(depth)


def matrix_of(linearization, size):
    """A, from its solver alone: solver(h) applies the inverse of I - hA."""
    solve = linearization.solver(0.01)
    inverse = np.stack([solve(column) for column in np.eye(size)], axis=1)
    return 100.0 * (np.eye(size) - np.linalg.inv(inverse))


def jacobian(system, state):
    return derivative(lambda y: system.evaluate(y).derivative, state)


@pytest.mark.parametrize("exponents", [[0.3, -0.2, 5.0], [700.0, 701.0], [-2e4, 0.0], [3e4, 3e4 + 1.0]])
def test_softmin_against_shifted_sums(exponents):
    value, shares = softmin(np.array(exponents))
    shifted = np.exp(min(exponents) - np.array(exponents))
    assert value == pytest.approx(np.log(shifted.sum()) - min(exponents), rel=1e-14)
    np.testing.assert_allclose(shares, shifted / shifted.sum())
    assert shares.sum() == pytest.approx(1.0, abs=1e-15)


@pytest.mark.parametrize("depth", DEPTHS)
def test_plain_flow_descends_the_gradient_of_log_loss(depth):
    system, (weights, points, labels) = plain(depth)
    gradient = derivative(lambda flat: log_loss(unflatten(flat, weights), points, labels), system.start)
    radius = np.linalg.norm(system.start)
    np.testing.assert_allclose(system.evaluate(system.start).derivative, -(radius ** (2 - depth)) * gradient, atol=1e-7)


@pytest.mark.parametrize("depth", DEPTHS)
def test_plain_flow_in_physical_time_is_the_negative_gradient(depth):
    system, (weights, points, labels) = plain(depth)
    at = system.evaluate(system.start)
    gradient = derivative(lambda flat: np.exp(log_loss(unflatten(flat, weights), points, labels)), system.start)
    np.testing.assert_allclose(at.derivative * np.exp(-at.log_clock), -gradient, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("depth", DEPTHS)
def test_normalized_flow_is_problem_1_2(depth):
    """V_k' = rho sum_i y_i e^(-rho nu_i) (df/dV_k - V_k f), rho_k' = (rho / rho_k) sum_i nu_i e^(-rho nu_i)."""
    system, state = normalized(depth)
    points, labels = system.points, system.labels
    at = system.evaluate(state)
    weights, norms = system.unpack(state)
    directions = [weight / norm for weight, norm in zip(weights, norms, strict=True)]
    flat = flatten(directions)
    nu, rho = relu_margins(directions, points, labels), norms.prod()
    gradients = derivative(lambda v: relu_margins(unflatten(v, directions), points, labels), flat)
    turning = rho * np.exp(-rho * nu) @ (gradients - np.outer(nu, flat))
    rates = at.derivative * np.exp(-at.log_clock)
    np.testing.assert_allclose(rates[:-1], turning, rtol=1e-6, atol=1e-7 * np.abs(turning).max())
    growth = rho / norms * (nu @ np.exp(-rho * nu))
    np.testing.assert_allclose(rates[-1] / norms, growth, rtol=1e-10)
    assert at.log_loss == pytest.approx(np.log(np.exp(-rho * nu).sum()), rel=1e-12)


def test_normalized_flow_starts_at_the_given_weights():
    weights, points, labels = small_network(3)
    system = NormalizedFlow(weights, points, labels, 0.0)
    unpacked, norms = system.unpack(system.start)
    np.testing.assert_allclose(norms, [np.linalg.norm(weight) for weight in weights], rtol=1e-14)
    for weight, expected in zip(unpacked, weights, strict=True):
        np.testing.assert_allclose(weight, expected, rtol=1e-13)


@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize("flow", FLOWS)
def test_clock_slope_along_the_flow(flow, depth):
    system, state = state_of(flow, depth)
    if flow is NormalizedFlow:
        state = np.append(state[:-1] / 1.01, 0.7)  # the formula uses <V, g> = K c, not |V_k| = 1
    at = system.evaluate(state)
    clock, loss = (
        derivative(lambda h, name=name: getattr(system.evaluate(state + h[0] * at.derivative), name), np.zeros(1), 1e-5)
        for name in ("log_clock", "log_loss")
    )
    assert at.log_clock_slope == pytest.approx(clock[0], rel=1e-6, abs=1e-7)
    assert loss[0] < 0.0


@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize("flow", FLOWS)
def test_mean_exponent_is_the_rate_of_the_squared_norms(flow, depth):
    """Problem 1.1: d|W_k|^2/dt = 2 L sum_i p_i m_i in every layer."""
    system, state = state_of(flow, depth)
    at = system.evaluate(state)

    def squares(h):
        return system.unpack(state + h[0] * at.derivative)[1] ** 2

    rate = derivative(squares, np.zeros(1), 1e-5)[:, 0] * np.exp(-at.log_clock)
    np.testing.assert_allclose(rate, 2.0 * np.exp(at.log_loss) * at.mean_exponent, rtol=1e-6)


@pytest.mark.parametrize("depth", DEPTHS)
def test_normalized_jacobian_is_exact_with_hard_gates(depth):
    system, state = normalized(depth)
    linearization = system.linearize(system.evaluate(state), 1e9)
    expected = jacobian(system, state)
    np.testing.assert_allclose(matrix_of(linearization, len(state)), expected, atol=1e-6 * np.abs(expected).max())


@pytest.mark.parametrize("depth", DEPTHS)
def test_plain_matrix_lacks_only_curvature_and_the_change_of_radius(depth):
    """J = A + R^(2-K) sum_i p_i m_i'' + (2-K) F W' / R^2; for K = 2 the last term vanishes."""
    system, (weights, _, _) = plain(depth)
    at, state = system.evaluate(system.start), system.start
    square = state @ state
    curvature = square ** (1.0 - depth / 2.0) * margin_curvature(weights, at.signals, at.shares)
    radius = (2 - depth) * np.outer(at.derivative, state) / square
    matrix = matrix_of(system.linearize(at, 1e9), len(state))
    expected = jacobian(system, state)
    np.testing.assert_allclose(matrix + curvature + radius, expected, atol=1e-6 * np.abs(expected).max())


def test_large_normalized_net_lacks_only_curvature(monkeypatch):
    monkeypatch.setattr(normalized_flow, "DENSE_PARAMETERS", 10)
    system, state = normalized(3)
    at = system.evaluate(state)
    matrix = matrix_of(system.linearize(at, 1e9), len(state))
    matrix[:-1, :-1] += margin_curvature(at.weights, at.signals, at.shares)
    # a negative mean margin would make the decay a growth, and is left out
    matrix[np.arange(len(state) - 1), np.arange(len(state) - 1)] -= min(at.shares @ at.signals.margins, 0.0)
    expected = jacobian(system, state)
    np.testing.assert_allclose(matrix, expected, atol=1e-6 * np.abs(expected).max())


@pytest.mark.parametrize("step", [1e-3, 0.1, 10.0])
@pytest.mark.parametrize("flow", FLOWS)
def test_solver_inverts_the_same_matrix_at_every_step(flow, step):
    system, state = state_of(flow, 3)
    linearization = system.linearize(system.evaluate(state), 1e9)
    matrix = matrix_of(linearization, len(state))
    right = np.random.default_rng(0).standard_normal(len(state))
    solution = linearization.solver(step)(right)
    np.testing.assert_allclose(solution - step * matrix @ solution, right, atol=1e-8)


@pytest.mark.parametrize("flow", FLOWS)
def test_gate_that_pulls_back_to_its_kink_is_in_the_matrix(flow):
    """One neuron, almost perpendicular to its sample: the gate moves by 1 / (2 eps) per unit of angle."""
    weights = [np.array([[1.0, 0.0]]), np.array([[1.0]])]
    system = flow(weights, np.array([[2e-4, 1.0]]), -np.ones(1), 1e-3)
    at = system.evaluate(system.start)
    matrix, expected = matrix_of(system.linearize(at, 1e9), len(system.start)), jacobian(system, system.start)
    assert np.linalg.norm(expected, 2) > 100.0
    assert np.linalg.norm(matrix - expected, 2) < 0.02 * np.linalg.norm(expected, 2)


@pytest.mark.parametrize("flow", FLOWS)
def test_explicit_step_where_nothing_is_stiff(flow):
    system, state = state_of(flow, 3)
    assert system.linearize(system.evaluate(state), 1e-9) is None


@pytest.mark.parametrize("depth", [1, 2])
def test_normalized_decay_is_stiff_by_itself(depth):
    """One sample: p = 1 and S = 0, but V still relaxes at the rate c."""
    weights, points, _ = small_network(depth, samples=1)
    system = NormalizedFlow(weights, points, np.sign([relu_network(weights, points[0])]), 0.0)
    assert system.linearize(system.evaluate(system.start), 1e4) is not None


@pytest.mark.parametrize("depth", [2, 3, 4, 5])
def test_margin_curvature_against_finite_differences(depth):
    weights, points, labels = small_network(depth)
    shares = np.random.default_rng(0).dirichlet(np.ones(len(points)))

    def gradient(flat):
        return flatten(weighted_gradient(evaluate(unflatten(flat, weights), points, labels), shares))

    hessian = margin_curvature(weights, evaluate(weights, points, labels), shares)
    np.testing.assert_allclose(hessian, derivative(gradient, flatten(weights)), atol=1e-8)


@pytest.mark.parametrize("flow", FLOWS)
def test_direction_speeds_relate_the_two_flows(flow):
    """dV_k/dt of either flow is rho L (sum_i p_i dnu_i/dV_k - V_k c) times its speed."""
    weights, points, labels = small_network(3, norm=1.5)
    weights = [(k + 1.0) * weight for k, weight in enumerate(weights)]
    system = flow(weights, points, labels, 0.0)
    at = system.evaluate(system.start)

    def directions(h):
        moved, norms = system.unpack(system.start + h[0] * at.derivative)
        return flatten([weight / norm for weight, norm in zip(moved, norms, strict=True)])

    rate = unflatten(derivative(directions, np.zeros(1), 1e-5)[:, 0] * np.exp(-at.log_clock), weights)
    _, norms = system.unpack(system.start)
    unit = [weight / norm for weight, norm in zip(weights, norms, strict=True)]
    signals = evaluate(unit, points, labels)
    terms = np.exp(-norms.prod() * signals.margins)
    common = zip(weighted_gradient(signals, terms), unit, strict=True)
    for k, (gradient, v) in enumerate(common):
        expected = norms.prod() * (gradient - v * (terms @ signals.margins)) * system.direction_speeds(norms)[k]
        np.testing.assert_allclose(rate[k], expected, atol=1e-6 * np.abs(expected).max())
