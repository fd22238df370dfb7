from itertools import islice

import numpy as np
import pytest

from core.neural_collapse.chebyshev import MAX_STAGES, coefficients, integrate, stages_for, step


class Linear:
    """y' = A y with a symmetric negative A."""

    def __init__(self, rates, seed=0):
        basis = np.linalg.qr(np.random.default_rng(seed).standard_normal((len(rates), len(rates))))[0]
        self.basis, self.rates = basis, np.array(rates, dtype=float)
        self.matrix = -(basis * self.rates) @ basis.T
        self.calls = 0

    def derivative(self, state):
        self.calls += 1
        return self.matrix @ state

    def stiffness(self, state):
        return float(self.rates.max())

    def magnitude(self, state):
        return np.ones_like(state)

    def exact(self, start, time):
        return (self.basis * np.exp(-self.rates * time)) @ self.basis.T @ start


def stability(stages, points):
    """What one step of size 1 makes of y = 1 under y' = z y."""

    class Scalar:
        def derivative(self, state):
            return points * state

    return step(Scalar(), np.ones_like(points), points.copy(), 1.0, stages)


@pytest.mark.parametrize("stages", [2, 3, 5, 10, 50, 200, MAX_STAGES])
def test_stable_on_the_interval_that_is_claimed(stages):
    longest = (stages**2 - 1.0) / 1.54
    assert stages_for(longest * (1.0 - 1e-9)) == stages  # the largest step for which so few are chosen
    values = np.abs(stability(stages, -np.linspace(0.0, longest, 20_001)))
    assert values.max() <= 1.0 + 1e-8  # rounding of s stages
    assert values[10_000:].max() < 0.96  # damped, so that no mode survives


@pytest.mark.parametrize("stages", [2, 3, 4, 7, 20, 100])
def test_stability_polynomial_is_of_second_order(stages):
    """P(z) = 1 + z + z^2/2 + O(z^3), from its values at small z."""
    z = np.array([1e-3, -1e-3, 2e-3, -2e-3])
    np.testing.assert_allclose(stability(stages, z), 1.0 + z + z**2 / 2.0, rtol=0.0, atol=8e-9)


def test_coefficients_are_those_of_two_stages():
    """For s = 2 the method is y + h f + h^2/2 f' f, whatever its stages."""
    first, table = coefficients(2)
    assert table.shape == (1, 4)
    z = np.array([-0.7, 0.4, 1.3])
    np.testing.assert_allclose(stability(2, z), 1.0 + z + z**2 / 2.0, rtol=1e-13)
    assert first > 0.0


@pytest.mark.parametrize("stages", [2, 5, 12])
def test_order_two_on_a_nonlinear_problem(stages):
    """y' = -y^2 from 1 is 1/(1 + t)."""

    class Square:
        def derivative(self, state):
            return -(state**2)

    errors = []
    for steps in (40, 80, 160):
        state = np.ones(1)
        for _ in range(steps):
            state = step(Square(), state, -(state**2), 2.0 / steps, stages)
        errors.append(abs(float(state[0]) - 1.0 / 3.0))
    orders = np.log2(np.array(errors[:-1]) / errors[1:])
    assert orders == pytest.approx([2.0, 2.0], abs=0.1)


@pytest.mark.parametrize("tolerance", [1e-3, 1e-5, 1e-7])
def test_error_follows_the_tolerance_on_a_stiff_problem(tolerance):
    flow = Linear([0.0, 0.01, 1.0, 100.0, 10_000.0])
    start = np.array([1.0, -2.0, 0.5, 1.0, 3.0])
    worst = 0.0
    for at in integrate(flow, start, tolerance):
        worst = max(worst, float(np.abs(at.state - flow.exact(start, at.time)).max()))
        if at.time > 100.0:
            break
    assert 0.01 * tolerance < worst < 3.0 * tolerance ** (2.0 / 3.0)  # what a second order accumulates


def test_stiffness_costs_its_square_root():
    """A hundred times as stiff, ten times the evaluations; with fixed stages it would be a hundred times."""
    evaluations = []
    for stiffest in (1e1, 1e3, 1e5):
        flow = Linear([0.01, stiffest])
        # start on the slow mode, so that only stability bounds the step
        for at in integrate(flow, flow.basis[:, 0].copy(), 1e-4):
            if at.time > 10.0:
                break
        evaluations.append(at.evaluations)
    assert evaluations[1] / evaluations[0] < 20.0
    assert evaluations[2] / evaluations[1] < 20.0


def test_evaluations_are_counted():
    flow = Linear([1.0, 300.0])
    steps = list(islice(integrate(flow, np.array([1.0, 1.0]), 1e-5), 50))
    assert steps[0].time == 0.0
    assert steps[0].evaluations == 1
    assert (np.diff([at.time for at in steps]) > 0.0).all()
    # one more than counted is spent on the size of the first step
    assert flow.calls == pytest.approx(steps[-1].evaluations + 1, abs=2)
    np.testing.assert_array_equal(steps[-1].derivative, flow.matrix @ steps[-1].state)


def test_steps_that_fail_are_taken_again():
    """A jump of the rate is met with a smaller step."""

    class Jump:
        def derivative(self, state):
            t = state[1]
            return np.array([0.0 if t < 1.0 else -50.0 * (state[0] - 1.0), 1.0])

        def stiffness(self, state):
            return 50.0

        def magnitude(self, state):
            return np.ones_like(state)

    for at in integrate(Jump(), np.array([0.0, 0.0]), 1e-5):
        if at.time > 2.0:
            break
    assert at.state[0] == pytest.approx(1.0 - np.exp(-50.0 * (at.time - 1.0)), abs=1e-3)


def test_start_at_rest_stays_there():
    flow = Linear([1.0, 2.0])
    for at in islice(integrate(flow, np.zeros(2), 1e-6), 30):
        assert not at.state.any()
    assert at.time > 1e6


def test_stages_are_limited():
    assert stages_for(1e-9) == 2
    assert stages_for(650.0) == 1 + int(np.sqrt(1.0 + 1.54 * 650.0))
    flow = Linear([0.0, 1e9])
    slow = flow.basis[:, 0].copy()
    for at in islice(integrate(flow, slow, 1e-4), 60):
        np.testing.assert_allclose(at.state, slow, atol=1e-9)
