"""The steps of a run while it is made, in bounded memory."""

from dataclasses import replace

import numpy as np

from core.arrays import Array
from core.gradient_flow.relu_network import Signals
from core.gradient_flow.rosenbrock import Knot
from core.gradient_flow.systems import Evaluation

MOST_STATES = 1_200
"""States that a run holds at most: twice what is measured; the largest has 36 kB."""
_WHOLE = 2  # the last knots, of which the end is made and named
_NOTHING: Array = np.empty(0)
_NO_SIGNALS = Signals(_NOTHING, [], [], [], [])


class History(list[Knot]):
    """Knots of a run: the numbers of all, whole only the last two, and states of some of those before.

    Signals of a pass take up to 1 MB, which is 1 GB for a run of a thousand steps. States are dropped evenly, every
    second when there are `MOST_STATES`, so that what is left is spread over the run as its steps are; the start stays.
    Times, losses, norms and rates are kept of each step, so none of them depends on what was dropped.
    """

    def __init__(self) -> None:
        super().__init__()
        self._stride = 1

    def append(self, knot: Knot) -> None:
        """Add the next knot, and drop of those before what nobody needs."""
        super().append(knot)
        past = len(self) - 1 - _WHOLE
        if past < 0:
            return
        self._thin(past)
        if past // self._stride >= MOST_STATES:
            self._stride *= 2
            for index in range(past):
                self._thin(index)

    def _thin(self, index: int) -> None:
        knot = self[index]
        if knot.at.state.size:
            self[index] = replace(knot, at=_lean(knot.at, with_state=index % self._stride == 0))


def _lean(at: Evaluation, *, with_state: bool) -> Evaluation:
    """An evaluation without its pass, and perhaps without its state."""
    lean = replace(at, derivative=_NOTHING, signals=_NO_SIGNALS, shares=_NOTHING)
    return lean if with_state else replace(lean, state=_NOTHING, weights=[])
