"""Runs against solutions that do not come from this package."""

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.special import expi

from core.gradient_flow import FlowStatus, integrate_flow
from tests.core.gradient_flow.helpers import unflatten

REFERENCE = json.loads(Path(__file__).with_name("reference.json").read_text())
TIMES = np.array(REFERENCE["stated_log10_t"], dtype=float)
CASES = {case["name"]: case for case in REFERENCE["cases"]}
FLOWS = {"A": "plain", "B": "normalized"}


def run_case(case, **options):
    sizes = case["widths"]
    shapes = [np.empty((out, into)) for into, out in pairwise(sizes)]
    points = np.reshape(case["X"], (len(case["y"]), sizes[0]))
    weights = unflatten(np.array(case["W0"]), shapes)
    return integrate_flow(
        weights, points, case["y"], dynamics=FLOWS[case["flow"]], stop_log10_loss=-1e4, stop_log10_time=100.5, **options
    )


def at_times(result, values, times=TIMES):
    return np.interp(times, result.log10_time, values)


@pytest.mark.parametrize("gate_width", [0.0, 1e-3])
@pytest.mark.parametrize("name", CASES)
def test_reference_case(name, gate_width):
    """Two independent integrators agree on these values to 1e-8."""
    case = CASES[name]
    assert case["eps"] == 0.0
    result = run_case(case, gate_width=gate_width)
    assert result.status is FlowStatus.REACHED_TIME
    log_loss, norms, margin = (np.array([row[key] for row in case["values"]]) for key in ("log10L", "norms", "nu_min"))
    np.testing.assert_allclose(at_times(result, result.log10_loss), log_loss, rtol=0.0, atol=0.02)
    for k, expected in enumerate(norms.T):
        np.testing.assert_allclose(at_times(result, result.layer_norms[:, k]), expected, rtol=5e-3)
    np.testing.assert_allclose(at_times(result, result.smallest_margin), margin, rtol=0.0, atol=2e-3)


@pytest.mark.parametrize("name", CASES)
def test_gates_change_the_loss_as_little_as_the_page_says(name):
    """The README and the page's derivation say 0.005 in log10 L on these cases."""
    hard, gated = (run_case(CASES[name], gate_width=width) for width in (0.0, 1e-3))
    change = at_times(gated, gated.log10_loss) - at_times(hard, hard.log10_loss)
    assert np.abs(change).max() <= 0.005


@pytest.mark.parametrize("dynamics", ["plain", "normalized"])
@pytest.mark.parametrize("start", [0.3, 1.0, 2.0])
def test_one_linear_neuron(start, dynamics):
    """K = 1, x = y = 1: w' = e^-w, so w = log(t + e^w0), and V = 1 under either flow."""
    result = integrate_flow([[[start]]], [[1.0]], [1.0], dynamics=dynamics, stop_log10_time=80.0, stop_log10_loss=-1e3)
    times = np.array([-1.0, 0.0, 1.0, 3.0, 10.0, 40.0, 79.0])
    exact = np.logaddexp(times * np.log(10.0), start)
    np.testing.assert_allclose(at_times(result, result.layer_norms[:, 0], times), exact, rtol=3e-3)
    np.testing.assert_allclose(at_times(result, result.log10_loss, times), -exact / np.log(10.0), atol=0.02)


@pytest.mark.parametrize("dynamics", ["plain", "normalized"])
@pytest.mark.parametrize("start", [0.5, 1.5])
def test_two_linear_neurons_in_a_row(start, dynamics):
    """K = 2, x = y = 1, both weights w: w' = w e^(-w^2), so Ei(w^2) - Ei(w0^2) = 2t."""
    result = integrate_flow(
        [[[start]], [[start]]], [[1.0]], [1.0], dynamics=dynamics, stop_log10_time=80.0, stop_log10_loss=-1e3
    )
    times = np.array([-1.0, 0.0, 1.0, 3.0, 10.0, 40.0, 79.0])

    def excess(square, log10_time):
        return np.log(expi(square) - expi(start**2)) - np.log(2.0) - log10_time * np.log(10.0)

    low = start**2 * (1.0 + 1e-9)
    squares = np.array([brentq(excess, low, 600.0, args=(time,), xtol=1e-12) for time in times])
    for norms in result.layer_norms.T:
        np.testing.assert_allclose(at_times(result, norms, times), np.sqrt(squares), rtol=3e-3)
    np.testing.assert_allclose(at_times(result, result.log10_loss, times), -squares / np.log(10.0), atol=0.02)


def test_stopping_early_is_the_same_run():
    short = integrate_flow([[[1.0]]], [[1.0]], [1.0], stop_log10_time=20.0, stop_log10_loss=-1e3)
    long = integrate_flow([[[1.0]]], [[1.0]], [1.0], stop_log10_time=30.0, stop_log10_loss=-1e3)
    assert short.status is FlowStatus.REACHED_TIME
    assert short.log10_time[-1] == pytest.approx(20.0, abs=1e-6)
    assert short.log10_loss[-1] == pytest.approx(at_times(long, long.log10_loss, 20.0), abs=1e-3)
