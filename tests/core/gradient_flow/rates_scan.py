"""The law of the loss at random settings, and on falsified runs."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from core.claims import Claim
from core.gradient_flow import FlowParams, run_flow
from core.gradient_flow.rates import loss_law, loss_rate
from tests.core.gradient_flow.endings_scan import any_params

Setting = tuple[object, Sequence[Claim]]


def loss_at_random(rng: np.random.Generator) -> Setting:
    """A random run to 10^-800, or one in four to 10^-10000; those that do not get below 1 soon are stopped."""
    params = replace(any_params(rng), target=int(rng.choice([-800, -800, -800, -10_000])))
    result = run_flow(params, watch=lambda progress: progress.log10_loss < 0.0 or progress.evaluations < 2_500)
    return params, (loss_rate(result, loss_law(result)),)


SCANS: dict[str, Callable[[np.random.Generator], Setting]] = {"Loss": loss_at_random}
"""Section -> a random setting with its claims."""


def _falsified(depth: int, change: Callable[[np.ndarray], np.ndarray]) -> tuple[Claim, Claim]:
    """The claim on a run, and on the same run with another loss; it is given log10 t, and what to add to log10 L."""
    params = FlowParams(dataset="gaussians", noise=0.3, bias=False, depth=depth, width=8, samples=10)
    result = run_flow(params)
    names = [name for name, field in result.__dataclass_fields__.items() if field.init]
    wrong = type(result)(
        **{
            **{name: getattr(result, name) for name in names},
            "snapshot_log10_loss": result.snapshot_log10_loss + change(result.snapshot_log10_time),
        }
    )
    return loss_rate(result, loss_law(result)), loss_rate(wrong, loss_law(wrong))


def _power(exponent: float) -> Callable[[np.ndarray], np.ndarray]:
    """Another power of log t in the loss."""
    return lambda log10_time: exponent * np.log10(np.maximum(log10_time, 1.0))


SABOTAGES: dict[str, Callable[[], tuple[Claim, Claim]]] = {
    "loss of one layer more": lambda: _falsified(3, _power(-1.0 / 6.0)),  # 2 - 2/4 in place of 2 - 2/3
    "loss of one layer less": lambda: _falsified(3, _power(1.0 / 3.0)),
    "loss like 1/t at K = 2": lambda: _falsified(2, _power(1.0)),
    "loss like 1/(t log t) at K = 1": lambda: _falsified(1, _power(-1.0)),
    "loss like t to the power -0.9999": lambda: _falsified(3, lambda log10_time: 1e-4 * log10_time),
}
"""Falsification -> the claim on the true run, and on the falsified one."""
