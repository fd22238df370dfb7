"""Cost and quality of the gradient flows: ``python -m tests.benchmarks.gradient_flow [--quick] [--hard]``."""

import argparse
import os
import platform
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import product
from statistics import median
from time import perf_counter

import numpy as np
import scipy
from scipy.integrate import solve_ivp

from core.gradient_flow import FlowParams, FlowResult, FlowStatus, run_flow, training_data
from core.gradient_flow.datasets import KINDS, with_bias
from core.gradient_flow.plain_flow import PlainFlow
from core.gradient_flow.relu_network import initial_weights
from core.gradient_flow.rosenbrock import Tolerance, integrate

LN10 = float(np.log(10.0))
TARGET = -800
RTOL, ATOL = 1e-4, 1e-6
METHODS = ("BDF", "Radau", "LSODA", "RK45")


def on_kind(dataset: str, **others: int | str) -> FlowParams:
    """Parameters with the noise and the bias that suit a data set."""
    kind = KINDS[dataset]
    return FlowParams(dataset=dataset, noise=kind.noise, bias=kind.bias, **others)


CASES = (
    on_kind("gaussians", depth=1),
    on_kind("xor", depth=2, width=8),
    on_kind("moons", depth=2, width=16),
    on_kind("gaussians", depth=3, width=16),
    on_kind("circles", depth=4, width=16),
    on_kind("circles", depth=4, width=32),
)
QUICK_CASES = (CASES[0], CASES[2])


@dataclass(frozen=True)
class Timing:
    """Seconds that an integration took, and log10 L where it ended."""

    seconds: float
    log10_loss: float

    @property
    def reached(self) -> bool:
        return self.log10_loss <= TARGET + 1e-6


class WallLimitError(Exception):
    """An integration has taken too long."""


def plain_flow(params: FlowParams, gate_width: float) -> PlainFlow:
    data = training_data(params)
    points = with_bias(data.points) if params.bias else data.points
    rng = np.random.default_rng(params.seed)
    weights = initial_weights(points.shape[1], params.depth, params.width, params.initial_norms, rng)
    return PlainFlow(weights, points, data.labels, gate_width)


def time_ours(system: PlainFlow, limit: float) -> Timing:
    start = perf_counter()
    log_loss = np.inf
    for knot in integrate(system, Tolerance(RTOL)):
        log_loss = knot.at.log_loss
        if log_loss <= TARGET * LN10 or perf_counter() - start > limit:
            break
    return Timing(perf_counter() - start, log_loss / LN10)


def time_library(system: PlainFlow, method: str, limit: float) -> Timing:
    """The same right-hand side in scipy; what is spent on watching the loss does not count."""
    start, watching, log_loss = perf_counter(), 0.0, np.inf

    def derivative(_s: float, state: np.ndarray) -> np.ndarray:
        if perf_counter() - start - watching > limit:
            raise WallLimitError
        return system.evaluate(state).derivative

    def excess(_s: float, state: np.ndarray) -> float:
        nonlocal watching, log_loss
        begin = perf_counter()
        log_loss = system.evaluate(state).log_loss
        watching += perf_counter() - begin
        return log_loss - TARGET * LN10

    excess.terminal = True
    atol = ATOL * float(np.linalg.norm(system.start))
    try:
        with np.errstate(all="ignore"):  # trial steps may leave the range
            run = solve_ivp(derivative, (0.0, 1e9), system.start, method, events=excess, rtol=RTOL, atol=atol)
        log10_loss = TARGET if run.status == 1 else log_loss / LN10
    except (WallLimitError, ValueError, np.linalg.LinAlgError):  # too slow, or a step that is not finite
        log10_loss = log_loss / LN10
    return Timing(perf_counter() - start - watching, log10_loss)


def repeated(measure: Callable[[], Timing]) -> Timing:
    """Median of three runs, or a single one that did not arrive."""
    first = measure()
    if not first.reached:
        return first
    return replace(first, seconds=median([first.seconds, measure().seconds, measure().seconds]))


def comparison(cases: tuple[FlowParams, ...], gate_width: float, limit: float) -> None:
    gates = f"gates of width {gate_width:g}" if gate_width else "hard gates"
    print(
        f"Wall seconds to log10 L = {TARGET}: plain flow in the variable s, {gates}, rtol {RTOL:g}, atol {ATOL:g} |W|."
    )
    print(f"Medians of 3; (x): did not arrive within {limit:g} s, or gave up; x is log10 L where it stopped.")
    print("Ratio: theirs / ours; > where theirs did not arrive, < 1 marked *: the other one is quicker.\n")
    print(f"{'case':<24}{'ours':>8}" + "".join(f"{method:>10}{'ratio':>8}" for method in METHODS))
    faster = []
    for params in cases:
        system = plain_flow(params, gate_width)
        ours = repeated(lambda system=system: time_ours(system, limit))
        row = f"{name(params, len(system.start)):<24}{seconds(ours):>8}"
        for method in METHODS:
            theirs = repeated(lambda system=system, method=method: time_library(system, method, limit))
            row += f"{seconds(theirs):>10}{ratio(theirs, ours):>8}"
            if theirs.reached and theirs.seconds < ours.seconds:
                faster.append(f"{method} on {name(params, len(system.start))}")
        print(row, flush=True)
    print(f"\nQuicker than ours: {', '.join(faster) or 'none'}.")


def name(params: FlowParams, parameters: int) -> str:
    width = f" w{params.width}" if params.depth > 1 else ""
    return f"{params.dataset} K{params.depth}{width} ({parameters})"


def seconds(timing: Timing) -> str:
    return f"{timing.seconds:.3f}" if timing.reached else f"({timing.log10_loss:.3g})"


def ratio(theirs: Timing, ours: Timing) -> str:
    if not ours.reached:
        return "-"
    value = theirs.seconds / ours.seconds
    if not theirs.reached:
        return f">{value:.0f}"
    return f"{value:.2f}*" if value < 1.0 else f"{value:.1f}"


def timed_runs(params: FlowParams, count: int) -> str:
    """Median time of whole runs, with the ending where it is not the target."""
    times = []
    for _ in range(count):
        start = perf_counter()
        result = run_flow(params)
        times.append(perf_counter() - start)
    ending = "" if result.status is FlowStatus.REACHED_LOSS else f" ({result.status.value})"
    return f"{median(times):.2f} s{ending}"


def figure(what: str, target: str, measured: str) -> None:
    print(f"{what:<64}{target:>10}{measured:>14}", flush=True)


def speed_figures() -> None:
    print("\nFigures of whole runs, measurements along them included\n")
    figure("what", "target", "measured")
    figure(f"default settings to 10^{TARGET}, median of 5", "< 0.5 s", timed_runs(FlowParams(), 5))
    largest = on_kind("moons", depth=6, width=32, samples=100, target=-100)
    figure("largest net (moons, n = 100, K6 w32) to 10^-100, median of 3", "< 3 s", timed_runs(largest, 3))


def survey(dynamics: str, seeds: range) -> Iterator[tuple[FlowParams, FlowResult]]:
    for dataset, depth, width, seed in product(KINDS, (2, 3, 4), (16, 32), seeds):
        params = on_kind(dataset, depth=depth, width=width, seed=seed, data_seed=seed, dynamics=dynamics, target=TARGET)
        yield params, run_flow(params)


def balance_drifts(params: FlowParams, result: FlowResult) -> tuple[float, float]:
    """Largest change of |W_k|^2 - |W_1|^2, relative to |W|^2 and to the largest |W_k|^2 of the moment."""
    start, squares = np.square(params.initial_norms), np.square(result.layer_norms)
    change = np.abs(result.balance - (start - start[0])).max(axis=1)
    return float((change / squares.sum(axis=1)).max()), float((change / squares.max(axis=1)).max())


def sphere_drift(result: FlowResult) -> float:
    return float(np.abs(result.direction_norms - 1.0).max())


def share_reached(results: list[FlowResult]) -> str:
    count = sum(result.status is FlowStatus.REACHED_LOSS for result in results)
    return f"{100 * count / len(results):.0f} % of {len(results)}"


def survey_figures() -> None:
    print("\nSurvey: 5 data sets, K = 2, 3, 4, widths 16 and 32; plain flow 5 seeds, normalized flow 1 seed\n")
    plain = list(survey("plain", range(5)))
    normalized = [result for _, result in survey("normalized", range(1))]
    of_all, of_layer = (max(drifts) for drifts in zip(*(balance_drifts(*run) for run in plain), strict=True))
    figure("what", "target", "measured")
    figure(f"plain flow: share that reaches 10^{TARGET}", "95 %", share_reached([result for _, result in plain]))
    figure("plain flow: worst balance drift, relative to |W|^2", "<= 1e-4", f"{of_all:.1e}")
    figure("plain flow: the same, relative to the largest |W_k|^2", "<= 1e-4", f"{of_layer:.1e}")
    worst = max(sphere_drift(result) for result in normalized)
    figure("normalized flow: worst | |V_k| - 1 |", "<= 1e-3", f"{worst:.1e}")
    figure(f"normalized flow: share that reaches 10^{TARGET}", "-", share_reached(normalized))
    for params, result in plain:
        if result.status is not FlowStatus.REACHED_LOSS:
            where = f"{params.dataset} K{params.depth} w{params.width} seed {params.seed}"
            print(f"  not reached: {where}: {result.status.value}, log10 L = {result.log10_loss[-1]:.3g}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="two cases with a limit of 5 s, and no survey")
    parser.add_argument("--hard", action="store_true", help="compare on hard gates instead")
    options = parser.parse_args()
    if "OMP_NUM_THREADS" not in os.environ:  # read when numpy loads: more threads only cost, on matrices this small
        command = [sys.executable, "-m", "tests.benchmarks.gradient_flow", *sys.argv[1:]]
        return subprocess.run(command, env={**os.environ, "OMP_NUM_THREADS": "1"}, check=False).returncode
    versions = f"Python {platform.python_version()}, numpy {np.__version__}, scipy {scipy.__version__}"
    print(f"{versions}, {os.environ['OMP_NUM_THREADS']} BLAS thread(s).\n")
    cases, limit = (QUICK_CASES, 5.0) if options.quick else (CASES, 20.0)
    comparison(cases, 0.0 if options.hard else 1e-3, limit)
    speed_figures()
    if not options.quick:
        survey_figures()
    return 0


if __name__ == "__main__":
    sys.exit(main())
