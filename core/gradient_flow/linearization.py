"""Matrices close to the Jacobian of a flow, and the solution of the systems that an implicit step needs."""

from collections.abc import Callable
from typing import Protocol

import numpy as np
from scipy.linalg import lu_factor, lu_solve
from scipy.linalg.lapack import dpotrf, dpotrs

from core.arrays import Array
from core.gradient_flow.gradient_rows import GradientRows

Solve = Callable[[Array], Array]


class Linearization(Protocol):
    """A matrix A close to the Jacobian at one state."""

    def solver(self, step: float) -> Solve:
        """Solver of (I - step A) x = r."""
        ...


class SymmetricLowRank:
    """A = -scale P' S P, solved by the Woodbury identity with a Cholesky factor of the size of S.

    Parameters
    ----------
    rows : GradientRows
        P and S = E E'.
    scale : float
        Factor in front.
    """

    def __init__(self, rows: GradientRows, scale: float) -> None:
        self.rows, self.scale = rows, scale
        self.inner = scale * rows.root_transpose_dot(rows.root_transpose_dot(rows.gram()).T)

    def solver(self, step: float) -> Solve:
        """Solver of (I + step scale P' E E' P) x = r."""
        rows, scale = self.rows, step * self.scale
        inner = step * self.inner
        inner.flat[:: len(inner) + 1] += 1.0
        factor, _ = dpotrf(inner)

        def solve(right: Array) -> Array:
            reduced, _ = dpotrs(factor, rows.root_transpose_dot(rows.dot(right)))
            return right - scale * rows.transpose_dot(rows.root_dot(reduced))

        return solve


class GeneralLowRank:
    """A = -decay I - U Z.

    Parameters
    ----------
    left, right : Array
        U of shape (N, r) and Z of shape (r, N).
    decay : float
        Not negative.
    """

    def __init__(self, left: Array, right: Array, decay: float) -> None:
        self.left, self.right, self.decay = left, right, decay
        self.inner = right @ left

    def solver(self, step: float) -> Solve:
        """Solver by the Woodbury identity."""
        diagonal = 1.0 + step * self.decay
        factor = lu_factor(diagonal * np.eye(len(self.inner)) + step * self.inner, check_finite=False)
        left, right = step * self.left, self.right
        return lambda r: (r - left @ lu_solve(factor, right @ r, check_finite=False)) / diagonal


class Dense:
    """A as a full matrix of shape (N, N)."""

    def __init__(self, jacobian: Array) -> None:
        self.jacobian = jacobian

    def solver(self, step: float) -> Solve:
        """Solver by an LU factorization."""
        factor = lu_factor(np.eye(len(self.jacobian)) - step * self.jacobian, check_finite=False)
        return lambda r: lu_solve(factor, r, check_finite=False)
