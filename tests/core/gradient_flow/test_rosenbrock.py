import numpy as np
import pytest
from scipy.integrate import solve_ivp

from core.gradient_flow import rosenbrock
from core.gradient_flow.linearization import Dense
from core.gradient_flow.plain_flow import PlainFlow
from core.gradient_flow.rosenbrock import GAMMA, Tolerance, integrate, rosenbrock_step
from core.gradient_flow.systems import Evaluation
from tests.core.gradient_flow.helpers import small_network

ALPHA, GAMMAS, B, EMBEDDED = rosenbrock._ALPHA, rosenbrock._GAMMA, rosenbrock._B, rosenbrock._B_EMBEDDED
WRONG = np.array([[-1.0, 0.7], [-0.4, -2.0]])


class VanDerPol:
    """y'' = (1 - y^2) y' - y."""

    start = np.array([1.0, 0.5])

    def right_side(self, y):
        return np.array([y[1], (1.0 - y[0] ** 2) * y[1] - y[0]])

    def jacobian(self, y):
        return np.array([[0.0, 1.0], [-2.0 * y[0] * y[1] - 1.0, 1.0 - y[0] ** 2]])

    def evaluate(self, y):
        return Evaluation(
            state=y,
            derivative=self.right_side(y),
            log_loss=0.0,
            mean_exponent=0.0,
            log_clock=0.0,
            log_clock_slope=0.0,
            norms=np.empty(0),
            weights=[],
            signals=None,
            shares=np.ones(1),
        )


class Linear(VanDerPol):
    """y' = z y for a complex z, as a real system."""

    start = np.array([1.0, 0.0])

    def __init__(self, z):
        self.matrix = np.array([[z.real, -z.imag], [z.imag, z.real]])

    def right_side(self, y):
        return self.matrix @ y

    def growth(self):
        """|R(z)| with the exact Jacobian."""
        state, _ = rosenbrock_step(self, self.evaluate(self.start), 1.0, Dense(self.matrix))
        return np.linalg.norm(state)


def march(system, steps, jacobian):
    state = system.start
    for _ in range(steps):
        matrix = jacobian(state)
        linearization = None if matrix is None else Dense(matrix)
        state, _ = rosenbrock_step(system, system.evaluate(state), 2.0 / steps, linearization)
    return state


@pytest.mark.parametrize(
    "jacobian",
    [lambda y: None, lambda y: WRONG, VanDerPol().jacobian],
    ids=["A = 0", "wrong A", "exact A"],
)
def test_order_is_three_with_any_matrix(jacobian):
    """Rang & Angermann 2005: a W-method of order 3."""
    system = VanDerPol()
    exact = solve_ivp(lambda _, y: system.right_side(y), (0.0, 2.0), system.start, "DOP853", rtol=1e-13, atol=1e-14)
    steps = np.array([40, 80, 160, 320])
    errors = [np.linalg.norm(march(system, count, jacobian) - exact.y[:, -1]) for count in steps]
    assert -np.polyfit(np.log(steps), np.log(errors), 1)[0] == pytest.approx(3.0, abs=0.2)


@pytest.mark.parametrize("linearization", [None, Dense(WRONG)], ids=["A = 0", "wrong A"])
def test_embedded_method_has_order_two(linearization):
    system, steps = VanDerPol(), np.array([0.04, 0.02, 0.01, 0.005])
    at = system.evaluate(system.start)
    errors = [np.linalg.norm(rosenbrock_step(system, at, step, linearization)[1]) for step in steps]
    assert np.polyfit(np.log(steps), np.log(errors), 1)[0] == pytest.approx(3.0, abs=0.2)


CONDITIONS = {
    "1": (B.sum(), 1.0),
    "alpha": (B @ ALPHA.sum(1), 1 / 2),
    "gamma": (B @ GAMMAS.sum(1), 0.0),
    "alpha^2": (B @ ALPHA.sum(1) ** 2, 1 / 3),
    "alpha alpha": (B @ ALPHA @ ALPHA.sum(1), 1 / 6),
    "alpha gamma": (B @ ALPHA @ GAMMAS.sum(1), 0.0),
    "gamma alpha": (B @ GAMMAS @ ALPHA.sum(1), 0.0),
    "gamma gamma": (B @ GAMMAS @ GAMMAS.sum(1), 0.0),
    "embedded 1": (EMBEDDED.sum(), 1.0),
    "embedded alpha": (EMBEDDED @ ALPHA.sum(1), 1 / 2),
    "embedded gamma": (EMBEDDED @ GAMMAS.sum(1), 0.0),
}


@pytest.mark.parametrize("name", CONDITIONS)
def test_order_conditions_of_w_methods(name):
    """Hairer & Wanner II, section IV.7: order 3, and order 2 of the embedded method."""
    actual, expected = CONDITIONS[name]
    assert actual == pytest.approx(expected, abs=1e-14)


def test_stiffly_accurate():
    np.testing.assert_allclose((ALPHA + GAMMAS)[-1], B, atol=1e-15)
    np.testing.assert_array_equal(np.diag(GAMMAS), GAMMA)


@pytest.mark.parametrize("z", [-1e2, -1e4, -1e6, -1e8, -1e4 + 1e4j])
def test_l_stable(z):
    """R(z) falls like 1 / z."""
    assert Linear(complex(z)).growth() < 20.0 / abs(z)


@pytest.mark.parametrize("y", [0.1, 0.5, 1.0, 2.0, 5.0, 20.0, 1e3])
def test_a_stable_on_the_imaginary_axis(y):
    assert Linear(1j * y).growth() <= 1.0 + 1e-12


@pytest.fixture(scope="module")
def flow_knots():
    system = PlainFlow(*small_network(2, width=20, samples=4, seed=1), 1e-3)
    knots = []
    for knot in integrate(system, Tolerance()):
        knots.append(knot)
        if knot.at.log_loss < -2000.0 or knot.evaluations > 3000:
            break
    return knots


def test_steps_resolve_what_is_plotted(flow_knots):
    states = np.array([knot.at.state for knot in flow_knots])
    turns = np.linalg.norm(np.diff(states, axis=0), axis=1) / np.linalg.norm(states[:-1], axis=1)
    assert turns.max() <= 0.2
    late = np.array([knot.at.log_loss for knot in flow_knots if knot.at.log_loss < -1.0])
    assert np.diff(np.log(-late)).max() <= 0.2


def test_loss_never_rises_by_more_than_its_tolerance(flow_knots):
    log_loss = np.array([knot.at.log_loss for knot in flow_knots])
    assert log_loss[-1] < -2000.0
    assert np.diff(log_loss).max() <= Tolerance().log_loss


def test_clock_and_evaluations_count_up(flow_knots):
    assert (np.diff([knot.s for knot in flow_knots]) > 0.0).all()
    evaluations = np.diff([knot.evaluations for knot in flow_knots])
    assert (evaluations >= 4).all()
    assert (evaluations % 4 == 0).all()


def test_integrator_error_falls_with_the_tolerance():
    """K = 1, one sample x = 1 of norm w: dw/ds = w, so w = w0 e^s."""
    errors = []
    for relative in (1e-3, 1e-5, 1e-7):
        system = PlainFlow([np.ones((1, 1))], np.ones((1, 1)), np.ones(1), 0.0)
        knot = next(knot for knot in integrate(system, Tolerance(relative)) if knot.s > 1.0)
        errors.append(abs(knot.at.state[0] * np.exp(-knot.s) - 1.0))
    assert errors[0] < 5e-3
    assert errors[1] < errors[0] / 5
    assert errors[2] < errors[1] / 5


def test_no_step_where_the_flow_stands_still():
    system = PlainFlow([-np.ones((2, 1)), np.ones((1, 2))], np.ones((1, 1)), np.ones(1), 0.0)
    assert len(list(integrate(system, Tolerance()))) == 1


def test_tolerance_tightens_with_the_log_loss():
    tolerance, size = Tolerance(1e-4, 0.03), np.array([1.0, 10.0])
    np.testing.assert_allclose(tolerance.scale(size, -1.0), 1e-4 * size)
    np.testing.assert_allclose(tolerance.scale(size, -3000.0), 1e-5 * size)
