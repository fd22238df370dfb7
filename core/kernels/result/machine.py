"""Results of the kernel machine."""

from dataclasses import dataclass

from core.arrays import Array


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class MachineFit:
    """One kernel's regression; G points of the grid, C draws.

    Attributes
    ----------
    name : str
        The kernel in words.
    key : str
        "polynomial", "rbf" or "arc_cosine".
    depth, wanted_depth : int
        The depth that was used, at most the kernel's limit, and the one that was asked for.
    mean, std, prior_std : Array
        Posterior mean, its standard deviation, and the prior's, shape (G,).
    shallow_mean : Array
        Posterior mean of the same kernel at depth 1, shape (G,).
    draws : Array
        From the prior on `MachineResult.draw_grid`, shape (C, 161).
    log_evidence, effective_parameters : float
        Log marginal likelihood, and tr K (K + s^2)^-1.
    jitter : float
        What was added to the diagonal of K besides the noise; 0 if nothing.
    evidence_depths : tuple of int
    evidence : Array
        Log marginal likelihood at these depths.
    """

    name: str
    key: str
    depth: int
    wanted_depth: int
    mean: Array
    std: Array
    prior_std: Array
    shallow_mean: Array
    draws: Array
    log_evidence: float
    effective_parameters: float
    jitter: float
    evidence_depths: tuple[int, ...]
    evidence: Array


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class MachineResult:
    """Regression on one data set with three kernels.

    Attributes
    ----------
    names : tuple of str
        Of x and y.
    x, y : Array
        The samples, shape (m,).
    grid, draw_grid : Array
        Of the curves, rising, shape (G,), and of the draws, shape (161,).
    truth : Array or None
        The function without noise, shape (G,).
    fits : tuple of MachineFit
        Of the kernels that could be fitted.
    failures : tuple of str
        A sentence for each kernel that could not.
    """

    names: tuple[str, str]
    x: Array
    y: Array
    grid: Array
    draw_grid: Array
    truth: Array | None
    fits: tuple[MachineFit, ...]
    failures: tuple[str, ...]
