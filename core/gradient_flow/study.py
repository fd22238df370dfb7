"""A run with what is said of it: computed together, shown many times."""

from dataclasses import dataclass

from core.arrays import Indices
from core.claims import Claim
from core.gradient_flow.datasets import Dataset
from core.gradient_flow.flow import Watch, run_flow
from core.gradient_flow.params import FlowParams
from core.gradient_flow.rates import loss_law, loss_rate
from core.gradient_flow.result import FlowResult, LossLaw
from core.gradient_flow.statements import dips, margin_statements, norm_statements


@dataclass(frozen=True, slots=True, eq=False)
class Study:
    """A run, its claims, the times at which its smallest margin begins to fall, and its loss against the law."""

    result: FlowResult
    norm_claims: tuple[Claim, ...]
    margin_claims: tuple[Claim, ...]
    dips: Indices
    loss_law: LossLaw


def study_flow(params: FlowParams, *, dataset: Dataset | None = None, watch: Watch | None = None) -> Study:
    """Run a flow, as `run_flow` does, and hold the statements of problem 1 against it."""
    result = run_flow(params, dataset=dataset, watch=watch)
    law = loss_law(result)
    norms = (*norm_statements(result), loss_rate(result, law))
    return Study(result, norms, margin_statements(result), dips(result), law)
