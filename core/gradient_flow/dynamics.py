"""The two flows by name."""

from collections.abc import Callable, Sequence

from core.arrays import Array
from core.gradient_flow.normalized_flow import NormalizedFlow
from core.gradient_flow.plain_flow import PlainFlow
from core.gradient_flow.systems import FlowSystem

SYSTEMS: dict[str, Callable[[Sequence[Array], Array, Array, float], FlowSystem]] = {
    "plain": PlainFlow,
    "normalized": NormalizedFlow,
}
