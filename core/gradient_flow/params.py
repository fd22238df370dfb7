"""Parameters of a run: the cache key and the share link."""

from dataclasses import dataclass

import numpy as np

from core.gradient_flow.datasets import KINDS
from core.gradient_flow.dynamics import SYSTEMS
from core.validation import check_choice, check_flag, check_integer, check_number

TARGETS = (-10, -100, -800, -10000)
UPLOAD = "upload"


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowParams:
    """One run of a gradient flow.

    Attributes
    ----------
    dataset : str
        A key of `datasets.KINDS`, or "upload" for the user's own table.
    samples, noise, flipped, data_seed
        As in `datasets.make_dataset`; ignored for an upload, flipped excepted.
    bias : bool
        Add a coordinate that is 1 everywhere.
    depth, width : int
        Layers K, and neurons in each hidden layer.
    norm : float
        Geometric mean of the layers' initial Frobenius norms.
    norm_ratio : float
        |W_K| / |W_1| at the start; the layers between are spaced evenly on a logarithmic scale.
    seed : int
        Seed of the initial weights.
    dynamics : str
        "plain" for the flow of W, "normalized" for the flow of (V, rho).
    target : int
        The run ends when L = 10^target.
    """

    dataset: str = "moons"
    samples: int = 40
    noise: float = 0.1
    flipped: int = 0
    data_seed: int = 0
    bias: bool = True
    depth: int = 3
    width: int = 16
    norm: float = 2.0
    norm_ratio: float = 1.0
    seed: int = 0
    dynamics: str = "plain"
    target: int = -800

    def __post_init__(self) -> None:
        check_choice("dataset", self.dataset, (*KINDS, UPLOAD))
        check_integer("samples", self.samples, 4, 200)
        check_number("noise", self.noise, 0.0, 2.0)
        check_integer("flipped", self.flipped, 0, 200)
        if self.flipped > self.samples:
            raise ValueError(f"flipped must be at most the number of samples, {self.samples}, got {self.flipped}")
        check_integer("data_seed", self.data_seed, 0, 10**6)
        check_flag("bias", self.bias)
        check_integer("depth", self.depth, 1, 6)
        check_integer("width", self.width, 2, 32)
        check_number("norm", self.norm, 0.01, 100.0)
        check_number("norm_ratio", self.norm_ratio, 0.01, 100.0)
        check_integer("seed", self.seed, 0, 10**6)
        check_choice("dynamics", self.dynamics, SYSTEMS)
        check_choice("target", self.target, TARGETS)

    @property
    def initial_norms(self) -> tuple[float, ...]:
        """Frobenius norm of each layer at the start."""
        exponents = np.linspace(-0.5, 0.5, self.depth) if self.depth > 1 else np.zeros(1)
        return tuple(float(self.norm * self.norm_ratio**e) for e in exponents)
