"""ROS34PW2, a linearly implicit W-method of order 3, with adaptive steps.

Rang & Angermann (2005), "New Rosenbrock W-methods of order 3 for partial differential algebraic
equations of index 1", BIT 45. L-stable with the exact Jacobian; of order 3 with any matrix in its place,
which allows low-rank approximations and, where the flow is not stiff, none at all.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from core.arrays import Array
from core.gradient_flow.clock import steep_slope
from core.gradient_flow.linearization import Linearization
from core.gradient_flow.systems import Evaluation, FlowSystem
from core.gradient_flow.tally import Tally, nothing, tally

GAMMA = 0.43586652150845900
_ALPHA = np.array(
    [
        [0.0, 0.0, 0.0, 0.0],
        [0.87173304301691801, 0.0, 0.0, 0.0],
        [0.84457060015369423, -0.11299064236484185, 0.0, 0.0],
        [0.0, 0.0, 1.0, 0.0],
    ]
)
_GAMMA = np.array(
    [
        [GAMMA, 0.0, 0.0, 0.0],
        [-0.87173304301691801, GAMMA, 0.0, 0.0],
        [-0.90338057013044082, 0.054180672388095326, GAMMA, 0.0],
        [0.24212380706095346, -1.2232505839045147, 0.54526025533510214, GAMMA],
    ]
)
_B = np.array([0.24212380706095346, -1.2232505839045147, 1.5452602553351020, 0.43586652150845900])
_B_EMBEDDED = np.array([0.37810903145819369, -0.096042292212423178, 0.5, 0.21793326075422950])

# In u = Gamma k no product with the Jacobian is needed (Hairer & Wanner II, IV.7).
_INVERSE = np.linalg.inv(_GAMMA)
_STAGE = _ALPHA @ _INVERSE
_COUPLING = np.eye(4) / GAMMA - _INVERSE
_UPDATE = _B @ _INVERSE
_ERROR = (_B - _B_EMBEDDED) @ _INVERSE

_SAFETY, _SHRINK, _GROW = 0.9, 0.2, 2.5
_ADVANCE = 0.1  # largest step in log|log L| and in the state, so that the steps resolve what is plotted
_FIRST_STEP = 1e-3  # as a fraction of |y| / |F(y)|
_LATE_LOG_LOSS = -20.0  # from here on the clock is steep, and its slope comes from the steps:
_RISE, _PART, _TRAIL = 2.0, 0.02, 400  # over so many e-folds, or that part of log L, among so many steps
_SMALLEST_STEP = 1e-14  # relative to s: below it s + h is s


@dataclass(frozen=True, slots=True)
class Tolerance:
    """Local error tolerance of a step.

    Attributes
    ----------
    relative : float
        Relative to the magnitude that the system gives each component.
    log_loss : float
        Error allowed in log L: late on, log L is proportional to a power of the state, and the
        relative tolerance is reduced to keep its error at this size.
    """

    relative: float = 1e-4
    log_loss: float = 0.03

    def scale(self, magnitude: Array, log_loss: float) -> Array:
        """Allowed error of components of this size, shape (N,)."""
        reduction = min(1.0, self.log_loss / (self.relative * max(abs(log_loss), 1.0)))
        return reduction * self.relative * magnitude


@dataclass(frozen=True, slots=True, eq=False)
class Knot:
    """End of an accepted step.

    Attributes
    ----------
    s : float
        The clock.
    at : Evaluation
        The system there.
    evaluations : int
        Spent so far.
    tally : Tally
        What has changed so far, measured and predicted.
    """

    s: float
    at: Evaluation
    evaluations: int
    tally: Tally


def rosenbrock_step(
    system: FlowSystem, at: Evaluation, step: float, linearization: Linearization | None
) -> tuple[Array, Array]:
    """One step of size h from a state.

    Parameters
    ----------
    system : FlowSystem
        The flow.
    at : Evaluation
        Where the step begins.
    step : float
        h, in units of the clock s.
    linearization : Linearization or None
        A; None for A = 0.

    Returns
    -------
    state, error : Array
        y at the end of the step, and the difference to the embedded method of order 2, shape (N,).
    """
    solve = None if linearization is None else linearization.solver(GAMMA * step)
    stages = np.zeros((4, len(at.state)))
    for i in range(4):
        slope = at.derivative if i == 0 else system.evaluate(at.state + _STAGE[i, :i] @ stages[:i]).derivative
        right = GAMMA * (step * slope + _COUPLING[i, :i] @ stages[:i])
        stages[i] = right if solve is None else solve(right)
    return at.state + _UPDATE @ stages, _ERROR @ stages


def knot_at(trail: Sequence[tuple[float, float]], s: float, at: Evaluation, evaluations: int, changes: Tally) -> Knot:
    """The end of a step; late in a run its clock's slope comes from s and log(dt/ds) at the ends before it."""
    if at.log_loss < _LATE_LOG_LOSS:
        slope = steep_slope([*trail, (s, at.log_clock)], max(_RISE, -_PART * at.log_loss))
        at = at if slope is None else replace(at, log_clock_slope=slope)
    return Knot(s, at, evaluations, changes)


def integrate(system: FlowSystem, tolerance: Tolerance) -> Iterator[Knot]:
    """Accepted steps from the system's start, for as long as the caller wants more.

    The iterator ends by itself only when the flow stands still (F = 0 exactly) or when no step, however
    small, is accepted.

    Parameters
    ----------
    system : FlowSystem
        The flow.
    tolerance : Tolerance
        Local error.

    Yields
    ------
    Knot
        The start, then the end of each accepted step.
    """
    at = system.evaluate(system.start)
    s, evaluations, changes = 0.0, 1, nothing(len(at.weights))
    trail = deque([(s, at.log_clock)], maxlen=_TRAIL)
    yield knot_at(trail, s, at, evaluations, changes)
    speed = float(np.sqrt(at.derivative @ at.derivative))
    if speed == 0.0:
        return
    step = _FIRST_STEP * float(np.sqrt(at.state @ at.state)) / speed
    rejected, linearization = False, system.linearize(at, GAMMA * step)
    while step > _SMALLEST_STEP * s:
        with np.errstate(all="ignore"):  # a step that leaves the flow's domain is not finite, and rejected
            raw, error = rosenbrock_step(system, at, step, linearization)
            state, correction = system.keep(raw)
            after = system.evaluate(state)
            ratio = error / tolerance.scale(system.magnitude(at.state), at.log_loss)
            size = float(np.sqrt(ratio @ ratio / len(ratio)))
            moved = float(np.sqrt(np.square(state - at.state).sum() / (at.state @ at.state)))
        evaluations += 4
        advance = max(_loss_advance(at.log_loss, after.log_loss), moved)
        falls = after.log_loss <= at.log_loss + tolerance.log_loss and np.isfinite(after.log_clock)
        if size <= 1.0 and advance <= 2.0 * _ADVANCE and falls:
            changes += tally(system, at, after, step, correction)
            s, at = s + step, after
            yield knot_at(trail, s, at, evaluations, changes)
            trail.append((s, at.log_clock))
            if not at.derivative.any():
                return
            growth = _SAFETY * size ** (-1.0 / 3.0) if size > 0.0 else _GROW
            step *= min(growth, 1.0 if rejected else _GROW, _ADVANCE / advance if advance > 0.0 else _GROW)
            rejected, linearization = False, system.linearize(at, GAMMA * step)
        else:
            # A step fails where gates open or close, and there the error falls with h^2.
            rejected = True
            step *= max(_SHRINK, _SAFETY / np.sqrt(size)) if size > 1.0 else (0.5 if np.isfinite(size) else _SHRINK)


def _loss_advance(before: float, after: float) -> float:
    """Growth of log|log L| over a step, where both losses are well below 1."""
    return abs(float(np.log(after / before))) if before < -1.0 and after < -1.0 else 0.0
