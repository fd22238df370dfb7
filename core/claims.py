"""A statement of theory held against a run: what was assumed, predicted and measured, and the verdict."""

import math
from dataclasses import dataclass
from enum import Enum


class Verdict(Enum):
    """How a statement fares on one run."""

    HOLDS = "holds"
    VIOLATED = "violated"
    DOES_NOT_APPLY = "does not apply"


@dataclass(frozen=True, slots=True)
class Assumption:
    """A condition of a statement, and whether it is met now."""

    text: str
    met: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One statement held against one run.

    Attributes
    ----------
    name : str
        Short name.
    formula : str
        The statement in LaTeX.
    assumptions : tuple of Assumption
        What it needs; a claim with an unmet assumption does not apply.
    predicted, measured : str
        Both sides in words and numbers.
    residual : float
        Their distance, not negative; NaN where nothing could be measured; then the claim does not apply.
    tolerance : float
        Largest residual at which the statement counts as holding.
    unit : str
        What the residual is relative to.
    allowed : str
        How the tolerance reads where its number and unit do not say it.
    why : str
        One sentence: why the statement holds, or what the unmet assumption changes.
    """

    name: str
    formula: str
    assumptions: tuple[Assumption, ...]
    predicted: str
    measured: str
    residual: float
    tolerance: float
    unit: str = ""
    allowed: str = ""
    why: str = ""

    @property
    def is_so(self) -> bool:
        """Whether the conclusion is true on this run, whatever the assumptions."""
        return self.residual <= self.tolerance

    @property
    def verdict(self) -> Verdict:
        """The verdict, from the assumptions and the residual alone; with nothing measured none is given."""
        if math.isnan(self.residual) or not all(assumption.met for assumption in self.assumptions):
            return Verdict.DOES_NOT_APPLY
        return Verdict.HOLDS if self.is_so else Verdict.VIOLATED
