import numpy as np
import pytest

from core.gradient_flow import FlowStatus, integrate_flow
from core.gradient_flow.datasets import make_dataset
from core.gradient_flow.relu_network import initial_weights

ONE = np.ones((1, 1))
XOR = make_dataset("xor", 8, 0.0, 0, 0)
MOONS = make_dataset("moons", 20, 0.1, 0, 0)
ADVICE = ("Take", "Choose", "Switch", "Remove", "take", "choose")


def net(inputs, depth, width=8, norm=2.0, seed=0):
    return initial_weights(inputs, depth, width, [norm] * depth, np.random.default_rng(seed))


def contradictory(points, labels=(1.0, -1.0, 1.0)):
    return integrate_flow(net(2, 2), points, labels, max_evaluations=400)


def without_a_gradient():
    """The second sample is on the dead side of the only neuron."""
    return integrate_flow([np.array([[1.0, 0.1]]), ONE], np.array([[1.0, 0.0], [-1.0, 1.0]]), np.ones(2))


ENDINGS = {
    "zero network": (
        lambda: integrate_flow([-np.ones((3, 1)), np.ones((1, 3))], ONE, np.ones(1)),
        FlowStatus.ZERO_NETWORK,
        "identically zero",
    ),
    "no gradient": (without_a_gradient, FlowStatus.NO_GRADIENT, "1 sample gets no gradient"),
    "same point": (
        lambda: contradictory([[1.0, 2.0], [1.0, 2.0], [0.0, 1.0]]),
        FlowStatus.CONTRADICTION,
        "Samples 1 and 2 are the same point",
    ),
    "one ray": (
        lambda: contradictory([[1.0, 2.0], [2.0, 4.0], [0.0, 1.0]]),
        FlowStatus.CONTRADICTION,
        "Samples 1 and 2 lie on one ray",
    ),
    "origin": (
        lambda: contradictory([[1.0, 2.0], [0.0, 0.0], [0.0, 1.0]]),
        FlowStatus.CONTRADICTION,
        "Sample 2 lies at the origin",
    ),
    "xor, plain": (
        lambda: integrate_flow(net(2, 1), XOR.points, XOR.labels),
        FlowStatus.NOT_LINEARLY_SEPARABLE,
        "No line",
    ),
    "xor, normalized": (
        lambda: integrate_flow(net(2, 1), XOR.points, XOR.labels, dynamics="normalized"),
        FlowStatus.NOT_LINEARLY_SEPARABLE,
        "No line",
    ),
    "norm vanished": (
        lambda: integrate_flow([-ONE], ONE, np.ones(1), dynamics="normalized"),
        FlowStatus.NORM_VANISHED,
        "shrank to 0",
    ),
    "plateau": (
        lambda: integrate_flow(net(2, 6, 16, 0.2), XOR.points, XOR.labels, max_evaluations=60),
        FlowStatus.PLATEAU,
        "plateau",
    ),
    "not separated": (
        lambda: integrate_flow(net(2, 2, 16), MOONS.points, MOONS.labels, max_evaluations=20),
        FlowStatus.NOT_SEPARATED,
        "did not separate",
    ),
    "budget": (
        lambda: integrate_flow(net(2, 2), XOR.points, XOR.labels, max_evaluations=300, stop_log10_loss=-1e6),
        FlowStatus.BUDGET,
        "within the budget",
    ),
}


@pytest.mark.parametrize("name", ENDINGS)
def test_ending_is_named_with_its_cause_and_advice(name):
    run, status, cause = ENDINGS[name]
    result = run()
    assert result.status is status
    assert not status.reached
    assert cause in result.message
    assert any(word in result.message for word in ADVICE)
    assert result.message.endswith(".")


def test_every_status_is_reached_by_a_test():
    in_test_flow = {FlowStatus.REACHED_LOSS, FlowStatus.REACHED_TIME, FlowStatus.STOPPED}
    assert {status for _, status, _ in ENDINGS.values()} | in_test_flow == set(FlowStatus)


def test_only_the_two_ends_asked_for_count_as_reached():
    assert {status for status in FlowStatus if status.reached} == {FlowStatus.REACHED_LOSS, FlowStatus.REACHED_TIME}


def test_zero_network_stands_still():
    """Its loss is n and its weights are those it began with."""
    weights = [-np.ones((3, 1)), np.ones((1, 3))]
    result = integrate_flow(weights, [[1.0], [2.0]], [1.0, -1.0])
    np.testing.assert_allclose(result.log10_loss, np.log10(2.0))
    np.testing.assert_allclose(result.layer_norms, np.sqrt(3.0))
    assert result.evaluations == 1


def test_loss_settles_at_the_number_of_samples_without_gradient():
    result = without_a_gradient()
    assert result.log10_loss[-1] == pytest.approx(0.0, abs=1e-2)
    assert (result.normalized_margins[:, 1] == 0.0).all()


def test_loss_settles_at_its_minimum_where_no_line_separates():
    """XOR by K = 1: the margins of opposite corners cancel, so L >= n with equality at W = 0."""
    result = integrate_flow(net(2, 1), XOR.points, XOR.labels)
    assert result.log10_loss[-1] == pytest.approx(np.log10(8.0), abs=1e-6)
    assert result.layer_norms[-1, 0] < 1e-4


def test_norm_vanishes_in_the_time_of_the_exact_solution():
    """rho' = -e^rho from rho = 1 reaches 0 at t = 1 - 1/e."""
    result = integrate_flow([-ONE], ONE, np.ones(1), dynamics="normalized")
    assert 10.0 ** result.log10_time[-1] == pytest.approx(1.0 - np.exp(-1.0), rel=1e-2)


@pytest.mark.parametrize("budget", [50, 200, 1000])
def test_budget_is_kept(budget):
    result = integrate_flow(net(2, 3), MOONS.points, MOONS.labels, max_evaluations=budget, stop_log10_loss=-1e6)
    assert budget <= result.evaluations < budget + 40


def test_contradiction_is_given_up_early():
    result = integrate_flow(net(2, 3), [[1.0, 2.0], [1.0, 2.0], [1.0, 0.0]], [1.0, -1.0, 1.0])
    assert result.evaluations <= 4040
    assert result.log10_loss[-1] >= np.log10(2.0) - 1e-9  # e^-m + e^m >= 2
