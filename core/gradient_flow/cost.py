"""What a run will cost, before it is made."""

from core.gradient_flow.datasets import Dataset
from core.gradient_flow.params import UPLOAD, FlowParams

_EVALUATIONS = 6_000  # of a run that does not succeed; those that do need a fifth, the budget is twice as much
_CALL, _NEURON = 8e-5, 6.6e-8  # seconds of an evaluation, and for each neuron of each sample
_DENSE, _ENTRY = 1.3e-11, 6e-9  # with the full Jacobian, for N^3 of N parameters; with one of low rank, for N n
_PARAMETERS = 350  # up to which the Jacobian is full


def expected_seconds(params: FlowParams, dataset: Dataset | None = None) -> float:
    """Seconds on one core that a run may take; few take more, and none more than twice as long.

    Measured where many neurons slide along their kinks, which makes steps small and evaluations expensive.

    Parameters
    ----------
    params : FlowParams
        The run.
    dataset : Dataset, optional
        The user's own table, where params.dataset is "upload".
    """
    samples, dimension = params.samples, 10 if params.dataset == "gaussians10" else 2
    if params.dataset == UPLOAD and dataset is not None:
        samples, dimension = dataset.points.shape
    hidden, layers = params.width * (params.depth - 1), params.depth
    one = _CALL + _NEURON * samples * (hidden + 1)
    if params.dynamics == "normalized":
        inputs = dimension + params.bias
        parameters = inputs if layers == 1 else params.width * (inputs + 1 + (layers - 2) * params.width)
        one += _DENSE * parameters**3 if parameters <= _PARAMETERS else _ENTRY * parameters * samples
    return _EVALUATIONS * one
