"""How a run can end, and what to say of it."""

from enum import Enum


class FlowStatus(Enum):
    """Endings of a run."""

    REACHED_LOSS = "reached the target loss"
    REACHED_TIME = "reached the target time"
    STOPPED = "stopped"
    ZERO_NETWORK = "network identically zero"
    NO_GRADIENT = "samples without gradient"
    CONTRADICTION = "contradictory samples"
    NOT_LINEARLY_SEPARABLE = "not linearly separable"
    NORM_VANISHED = "norm vanished"
    AT_REST = "at rest"
    ABOVE_ONE = "loss above 1"
    PLATEAU = "plateau"
    NOT_SEPARATED = "not separated"
    NO_STEP = "no step accepted"
    BUDGET = "evaluation budget spent"

    @property
    def reached(self) -> bool:
        """Whether the run went where it was sent."""
        return self in (FlowStatus.REACHED_LOSS, FlowStatus.REACHED_TIME)
