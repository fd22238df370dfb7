"""The network as a function on the plane, at the snapshots of a run."""

import numpy as np

from core.gradient_flow.relu_network import forward
from core.gradient_flow.result import Boundary, FlowResult

_RESOLUTION = 57  # points to a side: smooth to the eye, and 24 frames stay below half a megabyte
_SUPPORT_SHARE = 0.01


def is_planar(result: FlowResult) -> bool:
    """Whether the data have two coordinates, or two and a bias."""
    x = result.points
    return x.shape[1] == 2 or (x.shape[1] == 3 and bool((x[:, 2] == 1.0).all()))


def boundary(result: FlowResult) -> Boundary:
    """Evaluate the snapshots on a square around the samples.

    Parameters
    ----------
    result : FlowResult
        A run on planar data.

    Raises
    ------
    ValueError
        If the data have more than two coordinates.
    """
    if not is_planar(result):
        raise ValueError("a decision boundary can be drawn for data with two coordinates only")
    planar = result.points[:, :2]
    low, high = planar.min(axis=0), planar.max(axis=0)
    centre, half = (low + high) / 2.0, 0.62 * float((high - low).max()) + 1e-9
    x, y = (np.linspace(c - half, c + half, _RESOLUTION) for c in centre)
    grid = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    if result.points.shape[1] == 3:
        grid = np.column_stack([grid, np.ones(len(grid))])
    levels = []
    for index in range(len(result.snapshot_log10_time)):
        weights = [layer[index] for layer in result.snapshot_weights]
        levels.append(forward(weights, grid, result.gate_width)[0].reshape(len(y), len(x)))
    size = np.maximum(np.abs(levels).max(axis=(1, 2), keepdims=True), 1e-300)
    shares = np.array([np.interp(result.snapshot_log10_time, result.log10_time, p) for p in result.loss_shares.T]).T
    return Boundary(
        x=x,
        y=y,
        levels=np.array(levels) / size,
        points=planar,
        labels=result.labels,
        support=shares >= _SUPPORT_SHARE,
        log10_time=result.snapshot_log10_time,
        log10_loss=result.snapshot_log10_loss,
        line=result.svm_direction,
    )
