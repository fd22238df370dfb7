"""Accuracy and cost of problem 3: ``python -m tests.benchmarks.neural_collapse``, about a minute."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from time import process_time
from typing import Any

import numpy as np

from core.neural_collapse import (
    collapse_metrics,
    disagreement,
    feature_statistics,
    least_squares_classifier,
    make_population,
    make_probes,
    simplex_etf,
    simplex_gram,
)
from core.neural_collapse.metrics import self_duality
from core.neural_collapse.network import NetworkParams, train_network
from core.neural_collapse.params import FitParams, SyntheticParams
from core.neural_collapse.statistics import FeatureStatistics
from core.neural_collapse.studies import derivation, study_implication, study_regions, study_simplex
from core.neural_collapse.unconstrained import train_unconstrained
from core.neural_collapse.unconstrained_model import UnconstrainedParams

REPEATS = 5
SEEDS = range(5)
SITUATIONS = {
    "default": SyntheticParams(),
    "C = 10": SyntheticParams(classes=10),
    "C = 20, p = 50, N = 200": SyntheticParams(classes=20, dimension=50, samples=200),
}


def main() -> None:
    """Print everything."""
    for title, rows in {
        "Exactness": exactness(),
        "Noise of 1e-8 in 512 dimensions, 10 classes": tiny_noise(),
        "Unconstrained features": unconstrained(),
        "Digits": digits(),
        "New numbers, ms of the processor": sections(),
    }.items():
        print(f"\n{title}")
        for name, value in rows:
            print(f"  {name:<64}{value}")


def exactness() -> Iterator[tuple[str, str]]:
    """The ideal case."""
    frames = [(c, p) for c in range(2, 21) for p in (c - 1, c, 100)]
    worst = max(np.abs(np.subtract(_gram(simplex_etf(c, p)), simplex_gram(c))).max() for c, p in frames)
    yield "Gram matrix of the ETF, C = 2 to 20, worst", f"{worst:.1e}"
    ideal = make_population(SyntheticParams(noise=0.0))
    weights, bias = least_squares_classifier(ideal)
    yield "NC3 without noise", f"{collapse_metrics(ideal, weights, bias).nc3:.1e}"
    probes = make_probes(ideal.class_means, 100_000)
    yield "NC4 without noise on 100 000 probes", f"{disagreement(weights, bias, ideal.class_means, probes):.1e}"
    inverse = np.linalg.pinv(ideal.centered_means, rcond=1e-10)
    yield "W against the pseudo-inverse of M, relative", f"{_apart(weights, inverse):.1e}"
    noisy = make_population(SyntheticParams(noise=0.5))
    nc3 = collapse_metrics(noisy, *least_squares_classifier(noisy)).nc3
    yield "NC3 of a population with isotropic noise of 0.5", f"{nc3:.1e}"


def tiny_noise() -> Iterator[tuple[str, str]]:
    """Against a pseudo-inverse with its default cut."""
    means = 1.0 + simplex_etf(10, 512, seed=1)
    labels = np.repeat(np.arange(10), 60)
    noise = 1e-8 * np.random.default_rng(2).standard_normal((600, 512))
    statistics = feature_statistics(means.T[labels] + noise, labels)
    fitted = least_squares_classifier(statistics)
    default = statistics.centered_means.T @ np.linalg.pinv(statistics.total) / 10
    yield "NC3", f"{collapse_metrics(statistics, *fitted).nc3:.6f}"
    yield (
        "NC3 by numpy's pseudo-inverse of Σ_T with its default cut",
        f"{self_duality(default, statistics.centered_means):.6f}",
    )
    yield "normal equations of W, relative residual", f"{_normal_residual(statistics):.1e}"


def _normal_residual(statistics: FeatureStatistics) -> float:
    """Of the rows of the problem: their residual times the rows is 0 at the solution."""
    weights, _ = least_squares_classifier(statistics)
    rows = np.concatenate([statistics.between_factor, statistics.within_factor])
    targets = np.zeros((len(rows), statistics.classes))
    targets[: statistics.classes] = (np.eye(statistics.classes) - 1.0 / statistics.classes) / np.sqrt(
        statistics.classes
    )
    residual = rows @ weights.T - targets
    return float(np.linalg.norm(rows.T @ residual) / (np.linalg.norm(rows, 2) * np.linalg.norm(targets)))


def unconstrained() -> Iterator[tuple[str, str]]:
    """Gap and time by weight decay."""
    for decay in (5e-4, 5e-3, 0.04, 0.1):
        start = process_time()
        run = train_unconstrained(UnconstrainedParams(weight_decay=decay, feature_decay=decay))
        seconds = process_time() - start
        yield f"λ = {decay:g}: gap to the minimum, time", f"{run.gaps[-1]:.1e}, {seconds:.2f} s, {run.status.value}"


def digits() -> Iterator[tuple[str, str]]:
    """The default run for some seeds."""
    for seed in SEEDS:
        start = process_time()
        run = train_network(NetworkParams(seed=seed))
        seconds, nc1 = process_time() - start, run.curves.curve("nc1")
        at = nc1[run.epochs >= (run.terminal_epoch or 0)][0]
        yield (
            f"seed {seed}: terminal epoch, NC1 there and at the end, test, time",
            f"{run.terminal_epoch}, {at:.1e}, {nc1[-1]:.1e}, {100 - 100 * run.test_errors[-1]:.1f} %, {seconds:.1f} s",
        )


def sections() -> Iterator[tuple[str, str]]:
    """Each section on numbers that are new, its map included."""
    fit = FitParams(sampled=True)
    studies: dict[str, Callable[[SyntheticParams], Any]] = {
        "Simplex ETF": study_simplex,
        "NC1 + NC2 ⇒ NC3 + NC4": lambda params: study_implication(params, fit),
        "Decision regions": lambda params: study_regions(params, fit),
        "Derivation": lambda params: derivation(params, fit),
    }
    for situation, params in SITUATIONS.items():
        for name, study in studies.items():
            times = [_milliseconds(study, replace(params, seed=seed)) for seed in range(REPEATS)]
            yield f"{name}, {situation}", f"{min(times):.1f}"


def _milliseconds(study: Callable[[SyntheticParams], Any], params: SyntheticParams) -> float:
    start = process_time()
    study(params)
    return 1e3 * (process_time() - start)


def _gram(frame: Any) -> Any:
    return frame.T @ frame


def _apart(one: Any, other: Any) -> float:
    return float(np.linalg.norm(one - other) / np.linalg.norm(other))


if __name__ == "__main__":
    main()
