"""Problem 1: deep ReLU networks under the exponential loss, integrated to losses of 10^-10000."""

from core.gradient_flow.datasets import Dataset, read_table
from core.gradient_flow.flow import MAX_EVALUATIONS, Progress, integrate_flow, run_flow, training_data
from core.gradient_flow.params import FlowParams
from core.gradient_flow.result import FlowResult
from core.gradient_flow.status import FlowStatus

__all__ = [
    "MAX_EVALUATIONS",
    "Dataset",
    "FlowParams",
    "FlowResult",
    "FlowStatus",
    "Progress",
    "integrate_flow",
    "read_table",
    "run_flow",
    "training_data",
]
