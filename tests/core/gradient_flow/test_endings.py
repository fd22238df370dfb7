import re
from dataclasses import fields
from itertools import islice, pairwise

import numpy as np
import pytest

from core.gradient_flow import FlowParams, FlowStatus, integrate_flow, run_flow
from core.gradient_flow import flow as flow_module
from core.gradient_flow.datasets import make_dataset, with_bias
from core.gradient_flow.relu_network import evaluate, initial_weights
from core.gradient_flow.separability import bias_advice, ray_bound
from tests.core.gradient_flow.endings_scan import SENTENCES, Longer, ending_scan, refutations, run_longer

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


def at_rest():
    """A neuron that is active on all samples, the third of them between the others with the other label."""
    return integrate_flow([np.array([[1.0, 0.0]]), ONE], [[1.0, 0.1], [1.0, -0.1], [1.0, 0.0]], [1.0, 1.0, -1.0])


def without_a_step():
    """An integrator that gives up after some steps, as it does where no step is small enough."""
    with pytest.MonkeyPatch.context() as patch:
        real = flow_module.integrate
        patch.setattr(flow_module, "integrate", lambda system, tolerance: islice(real(system, tolerance), 20))
        return integrate_flow(net(2, 2, 16), MOONS.points, MOONS.labels)


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
        "less than a thousandth",
    ),
    "at rest": (at_rest, FlowStatus.AT_REST, "at rest at L = 2.83"),  # 2 e^-z + e^z with z = log 2 / 2
    "above one": (
        lambda: integrate_flow(net(2, 2), XOR.points, XOR.labels, max_evaluations=160),
        FlowStatus.ABOVE_ONE,
        "All samples are on their side, but the loss is above 1",
    ),
    "no step": (without_a_step, FlowStatus.NO_STEP, "No step, however small"),
    "plateau": (
        lambda: integrate_flow(net(2, 6, 16, 0.2), XOR.points, XOR.labels, max_evaluations=60),
        FlowStatus.PLATEAU,
        "hardly moves",
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


# What a larger budget could refute is not said


def test_random_endings_stand_a_larger_budget():
    assert ending_scan(8, 3, budgets=(150, 300)) == []


@pytest.mark.parametrize("name", ENDINGS)
def test_every_ending_says_something_that_is_checked(name):
    run, _, _ = ENDINGS[name]
    result = run()
    assert any(re.search(words, result.message) for words in SENTENCES) or name == "no step", result.message
    assert not re.search(r"settles|for ever|never", result.message)


def test_a_sample_without_gradient_may_get_one_again():
    """Circles on which such a sample is reached at last: with four times the budget the loss is 10^-100."""
    params = FlowParams(
        dataset="circles",
        noise=0.0,
        flipped=1,
        norm=0.5,
        norm_ratio=4.0,
        width=8,
        dynamics="normalized",
        data_seed=11,
        seed=1,
        target=-100,
    )
    run = run_longer(params, 3_000, longer=0)
    assert run.result.status is FlowStatus.NO_GRADIENT
    assert "within the budget of 3000 evaluations" in run.result.message
    assert refutations(run) == []


def test_a_run_that_settles_at_one_is_not_told_that_its_budget_is_spent():
    """One sample of the flipped label is left at f = 0, so that L tends to 1."""
    params = FlowParams(
        dataset="gaussians10",
        depth=2,
        noise=0.3,
        bias=False,
        norm=1.0,
        flipped=1,
        width=8,
        samples=60,
        data_seed=19,
        seed=5,
    )
    result = run_flow(params)
    assert result.status in (FlowStatus.ABOVE_ONE, FlowStatus.NO_GRADIENT)
    assert 10 ** result.log10_loss[-1] == pytest.approx(1.0, abs=1e-6)
    assert result.evaluations < 12_000
    assert "budget" not in result.message
    assert "nearer target" not in result.message
    assert "smaller network" not in result.message


@pytest.mark.parametrize(
    ("words", "status"),
    [
        ("The flow is at rest at L = 3", FlowStatus.AT_REST),
        ("The loss stands at 3 within the budget of 150 evaluations", FlowStatus.BUDGET),
        ("The data are separated", FlowStatus.BUDGET),
        ("no line separates them, so K = 1 cannot", FlowStatus.NOT_LINEARLY_SEPARABLE),
        ("no normalized margin can be above 0.001: switch", FlowStatus.NOT_SEPARATED),
        ("1 sample gets no gradient", FlowStatus.NO_GRADIENT),
        ("The loss hardly moves: 0.1 % over the last decade", FlowStatus.PLATEAU),
        ("with 7 of 8 samples not on their side", FlowStatus.NOT_SEPARATED),
        ("the loss settles at 3", FlowStatus.NO_GRADIENT),
    ],
)
def test_a_false_sentence_is_refuted(words, status):
    """Of a run that separates XOR with a larger budget."""
    run = run_longer(FlowParams(dataset="xor", samples=8, noise=0.1, bias=False, depth=2, width=6, target=-10), 100)
    made = {field.name: getattr(run.result, field.name) for field in fields(run.result) if field.init}
    false = type(run.result)(**{**made, "message": words, "status": status})
    assert refutations(Longer(false, 100, run.later))


# Where the bias is what is missing


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_circles_without_bias_are_told_so(depth):
    data = make_dataset("circles", 20, 0.05, 0, 0)
    weights = initial_weights(2, depth, 8, [2.0] * depth, np.random.default_rng(0))
    result = integrate_flow(weights, data.points, data.labels, max_evaluations=400)
    assert not result.status.reached
    assert "switch the bias coordinate on" in result.message
    _, _, bound = ray_bound(data.points, data.labels, (depth - 1) * 1e-3 / 4.0)
    assert result.smallest_margin.max() <= bound
    assert bias_advice(with_bias(data.points), data.labels, depth, 1e-3) == ""


@pytest.mark.parametrize("seed", range(20))
def test_no_network_exceeds_the_bound_of_two_rays(seed):
    """The best of many random nets on two points close to one ray, gated as they are."""
    rng = np.random.default_rng(seed)
    depth, angle = int(rng.integers(1, 6)), 10.0 ** rng.uniform(-3.0, 0.0)
    points = rng.uniform(0.3, 3.0, (2, 1)) * np.array([[1.0, 0.0], [np.cos(angle), np.sin(angle)]])
    labels = np.array([1.0, -1.0])
    _, _, bound = ray_bound(points, labels, (depth - 1) * 1e-3 / 4.0)
    sizes = [2, *[4] * (depth - 1), 1]
    weights = [rng.standard_normal((4000, out, into)) for into, out in pairwise(sizes)]
    directions = [w / np.linalg.norm(w, axis=(1, 2), keepdims=True) for w in weights]
    assert evaluate(directions, points, labels, 1e-3).margins.min(axis=1).max() <= bound


def test_the_bound_is_attained_by_a_linear_network():
    """K = 1, points of one length: the best direction is along u_i - u_j."""
    points, labels = np.array([[2.0, 0.2], [2.0, -0.2]]), np.array([1.0, -1.0])
    _, _, bound = ray_bound(points, labels)
    assert bound == pytest.approx(0.2)


def test_a_line_with_bias_is_named_and_xor_is_not_promised_anything():
    shifted = np.array([[1.0, 0.0], [2.0, 0.1], [3.0, 0.0], [4.0, -0.1]])
    assert "even a line separates" in bias_advice(shifted, np.array([1.0, 1.0, -1.0, -1.0]), 3, 1e-3)
    data = make_dataset("xor", 40, 0.3, 0, 0)
    for depth in (1, 2):
        assert bias_advice(data.points, data.labels, depth, 1e-3) == ""
