"""Endings at random settings, each held against a run of several times the budget.

``ending_scan(count, seed)`` gives what was refuted; ``python -m tests.core.gradient_flow.endings_scan COUNT SEED``
prints it, with a count of the endings.
"""

import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from core.gradient_flow import FlowParams, FlowResult, integrate_flow, training_data
from core.gradient_flow.datasets import KINDS, with_bias
from core.gradient_flow.dynamics import SYSTEMS
from core.gradient_flow.params import TARGETS
from core.gradient_flow.relu_network import evaluate, initial_weights
from core.gradient_flow.rosenbrock import Knot, Tolerance, integrate

LONGER = 5
BUDGETS = (
    200,
    200,
    400,
    400,
    900,
    900,
    900,
    6_500,
)  # of the page: 12 000; from 6000 on a run that has settled is given up
_GATE_WIDTH = 1e-3


def any_params(rng: np.random.Generator) -> FlowParams:
    """A setting of all that the page's controls allow; small nets more often, as they fail more often."""

    def pick(*values):
        return values[rng.integers(len(values))]

    kind = pick(*KINDS)
    usual = rng.random() < 0.5
    samples = int(pick(4, 6, 10, 20, 20, 40))
    return FlowParams(
        dataset=kind,
        noise=KINDS[kind].noise if usual else round(0.05 * int(rng.integers(0, 21)), 2),
        bias=KINDS[kind].bias if usual else bool(rng.integers(2)),
        depth=int(pick(1, 2, 2, 3, 3, 4, 5, 6)),
        norm=float(pick(0.25, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0)),
        norm_ratio=float(pick(0.125, 0.25, 0.5, 1.0, 1.0, 1.0, 2.0, 4.0, 8.0)),
        flipped=min(int(pick(0, 0, 1, 2, 5)), samples),
        dynamics=str(pick("plain", "plain", "normalized")),
        target=int(pick(*TARGETS[:3])),
        width=int(pick(2, 4, 4, 8, 8)),
        samples=samples,
        data_seed=int(rng.integers(21)),
        seed=int(rng.integers(21)),
    )


@dataclass(frozen=True)
class Longer:
    """What the same flow does with a larger budget, and without anything that gives it up."""

    result: FlowResult
    budget: int
    later: list[Knot]

    @property
    def log_losses(self) -> np.ndarray:
        """Of the ending's last step, then of the later ones."""
        return np.array([self.result.log10_loss[-1] * np.log(10.0), *(knot.at.log_loss for knot in self.later)])

    def smallest_margins(self) -> Iterator[float]:
        """Smallest normalized margin at the later steps."""
        for knot in self.later:
            weights = knot.at.weights
            scale = np.prod([np.linalg.norm(w) for w in weights])
            yield float(knot.at.signals.margins.min() / scale)


def run_longer(params: FlowParams, budget: int, longer: int = LONGER) -> Longer:
    """A run within a budget, and the steps that come after it within several times that."""
    data = training_data(params)
    points = with_bias(data.points) if params.bias else data.points
    rng = np.random.default_rng(params.seed)
    weights = initial_weights(points.shape[1], params.depth, params.width, params.initial_norms, rng)
    result = integrate_flow(
        weights,
        points,
        data.labels,
        dynamics=params.dynamics,
        stop_log10_loss=float(params.target),
        max_evaluations=budget,
    )
    later: list[Knot] = []
    if result.status.reached:
        return Longer(result, budget, later)
    system = SYSTEMS[params.dynamics](weights, points, data.labels, _GATE_WIDTH)
    for knot in integrate(system, Tolerance()):
        if knot.evaluations > result.evaluations:
            later.append(knot)
        if knot.evaluations > longer * budget or knot.at.log_loss < 20.0 * params.target:
            break
    return Longer(result, budget, later)


def never_below_one(run: Longer, _found: re.Match) -> bool:
    """Nobody separates what cannot be separated; L < 1 would."""
    return bool((run.log_losses > -1e-9).all())


def loss_stays(run: Longer, _found: re.Match) -> bool:
    """The loss does not move by more than 0.1 %."""
    return bool(np.abs(run.log_losses - run.log_losses[0]).max() < 1e-3)


def loss_stays_below_one(run: Longer, _found: re.Match) -> bool:
    """Separated is separated."""
    return bool((run.log_losses < 0.0).all() and (run.result.normalized_margins[-1] > 0.0).all())


def zero(run: Longer, _found: re.Match) -> bool:
    """The network is 0, and nothing ever comes after it."""
    return not run.later and float(np.abs(run.result.normalized_margins[-1]).max()) < 1e-15


def margin_stays_below(run: Longer, found: re.Match) -> bool:
    """No margin exceeds the bound, rounded as it is written."""
    bound = value(found[1]) * 1.006
    return run.result.smallest_margin.max() <= bound and all(nu <= bound for nu in run.smallest_margins())


def with_bias_is_separable(run: Longer, _found: re.Match) -> bool:
    """A hard perceptron finds a plane with the bias."""
    signed = run.result.labels[:, None] * with_bias(run.result.points)
    w = np.zeros(signed.shape[1])
    for _ in range(200_000):
        wrong = int((signed @ w).argmin())
        if signed[wrong] @ w > 0.0:
            return True
        w += signed[wrong]
    return False


def budget_is_spent(run: Longer, found: re.Match) -> bool:
    """All evaluations are spent, and it was so many."""
    return run.result.evaluations >= run.budget == int(found[1].replace("\u202f", ""))


def evaluations_are_not_all_spent(run: Longer, found: re.Match) -> bool:
    """It ended earlier, after so many."""
    return run.result.evaluations == int(found[1].replace("\u202f", "")) < run.budget


def fell_by(run: Longer, found: re.Match) -> bool:
    """The fall of the loss over the last decade of time, from the result's own grid; that decade is in the run."""
    times, losses = run.result.log10_time, run.result.log10_loss
    if times[-1] - times[0] < 0.99:
        return False
    fall = 100.0 * (1.0 - 10.0 ** (losses[-1] - np.interp(times[-1] - 1.0, times, losses)))
    return abs(value(found[1]) - fall) <= 0.3 + 0.3 * fall  # between knots


def on_the_wrong_side(run: Longer, found: re.Match) -> bool:
    """So many of so many samples."""
    margins = run.result.normalized_margins[-1]
    return (int((margins <= 0.0).sum()), len(margins)) == (int(found[1]), int(found[2]))


def all_on_their_side(run: Longer, _found: re.Match) -> bool:
    """Every margin is positive."""
    return bool((run.result.normalized_margins[-1] > 0.0).all())


def no_gradient(run: Longer, found: re.Match) -> bool:
    """So many samples have margin and gradient exactly 0 at the end."""
    result = run.result
    signals = evaluate([w[-1] for w in result.snapshot_weights], result.points, result.labels, result.gate_width)
    layers = zip(signals.backward, signals.inputs, strict=True)
    gradients = sum(np.square(b).sum(axis=1) * np.square(h).sum(axis=1) for b, h in layers)
    return int(((signals.margins == 0.0) & (gradients == 0.0)).sum()) == int(found[1])


def norm_has_vanished(run: Longer, _found: re.Match) -> bool:
    """Some norm is a thousandth of what it was."""
    return bool((run.result.layer_norms[-1] / run.result.layer_norms[0]).min() < 2e-3)


def network_is_small(run: Longer, found: re.Match) -> bool:
    """All outputs are below the number."""
    margins = run.result.normalized_margins[-1] * run.result.norm_product[-1]
    return bool(np.abs(margins).max() < float(found[1]))


def not_said(_run: Longer, _found: re.Match) -> bool:
    """Words that promise what only more time would show."""
    return False


SENTENCES: dict[str, Callable[[Longer, re.Match], bool]] = {
    r"identically zero": zero,
    r"no network can separate|no bias-free network can|is 0 whatever its weights|so K = 1 cannot": never_below_one,
    r"at its minimum": loss_stays,
    r"flow is at rest": loss_stays,
    r"The data are separated": loss_stays_below_one,
    r"All samples are on their side|with all samples on their side": all_on_their_side,
    r"no normalized margin can be above ([^:]+):": margin_stays_below,
    r"With the bias coordinate even": with_bias_is_separable,
    r"within the budget of ([\d\u202f]+)": budget_is_spent,
    r"after ([\d\u202f]+) evaluations": evaluations_are_not_all_spent,
    r"hardly moves: ([^%]+) % over the last decade": fell_by,
    r"(\d+) of (\d+) samples not on their side": on_the_wrong_side,
    r"(\d+) samples? gets? no gradient": no_gradient,
    r"less than a thousandth": norm_has_vanished,
    r"\|f\| still below ([\d.]+)": network_is_small,
    r"settles|for ever|never": not_said,
}
"""What an ending asserts, by its words, and the check of it against the longer run."""


def value(text: str) -> float:
    """A number as the pages write it."""
    plain = text.translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹−", "-0123456789-")).replace(" × 10", "e").strip()
    return float(f"1e{plain[2:]}" if re.fullmatch(r"10-\d+", plain) else plain)


def refutations(run: Longer) -> list[str]:
    """The sentences of an ending that the longer run refutes."""
    if run.result.status.reached:
        return []
    found = {words: re.search(words, run.result.message) for words in SENTENCES}
    return [words for words, match in found.items() if match and not SENTENCES[words](run, match)]


def ending_scan(count: int, seed: int, *, budgets: tuple[int, ...] = BUDGETS) -> list[str]:
    """Run random settings, and those that do not reach their target with several times the budget.

    Parameters
    ----------
    count, seed : int
        How many settings, and of which sequence.
    budgets : tuple of int
        Evaluations, one of them for each setting.

    Returns
    -------
    list of str
        Setting, message and the words that were refuted, one line for each; empty if all is well.
    """
    return [line for _, line in _scan(count, seed, budgets) if line]


def _scan(count: int, seed: int, budgets: tuple[int, ...]) -> Iterator[tuple[str, str]]:
    """Ending, and what was refuted, of each setting."""
    rng = np.random.default_rng(seed)
    for _ in range(count):
        params, budget = any_params(rng), int(rng.choice(budgets))
        run = run_longer(params, budget)
        wrong = refutations(run)
        late = [k.evaluations for k in run.later if k.at.log_loss < 0.0]
        ending = run.result.status.name + (f" (L < 1 at {late[0] / run.result.evaluations:.1f})" if late else "")
        yield ending, f"{params}, budget {budget}: {run.result.message} REFUTED: {wrong}" if wrong else ""


if __name__ == "__main__":
    counts: Counter[str] = Counter()
    for how, what in _scan(int(sys.argv[1]), int(sys.argv[2]), BUDGETS):
        counts[how] += 1
        sys.stdout.write(f"{how} {what}\n")
        sys.stdout.flush()
    sys.stdout.write(f"{counts}\n")
