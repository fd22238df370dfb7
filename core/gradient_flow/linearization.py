"""Matrices close to the Jacobian of a flow, and the solution of the systems that an implicit step needs."""

from collections.abc import Callable
from functools import cached_property
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


class ConstrainedLowRank:
    """A = -decay I - U Z of (g - V c, c) by (V, q), with U and Z made of the rows P, which stay unformed.

    With E E' = S and the gain D of the rows, U = [(P' - V m') E; m' E] with a last column (V, -1), and
    Z = E' [D P, slope m] with a last row (g, 0).

    Parameters
    ----------
    rows : GradientRows
        P and S = E E', r rows.
    gain, margins : Array
        The diagonal of D, and m, shape (r,).
    slope : float
        d(rho) / dq.
    directions, gradient : Array
        V and g, shape (N,).
    decay : float
        Not negative.
    """

    def __init__(
        self,
        rows: GradientRows,
        *,
        gain: Array,
        margins: Array,
        slope: float,
        directions: Array,
        gradient: Array,
        decay: float,
    ) -> None:
        self.rows, self.gain, self.margins, self.slope = rows, gain, margins, slope
        self.directions, self.gradient, self.decay = directions, gradient, decay

    @cached_property
    def inner(self) -> Array:
        """Product Z U, shape (r + 1, r + 1)."""
        rows, margins, gain = self.rows, self.margins, self.gain
        along = rows.dot(self.directions)
        product = rows.gram()
        product -= np.outer(along, margins)
        product *= gain[:, None]
        product += np.outer(self.slope * margins, margins)
        inner = np.empty((len(gain) + 1, len(gain) + 1))
        inner[:-1, :-1] = rows.root_transpose_dot(rows.root_transpose_dot(product).T).T
        inner[:-1, -1] = rows.root_transpose_dot(gain * along - self.slope * margins)
        level = float(self.directions @ self.gradient)
        inner[-1, :-1] = rows.root_transpose_dot(rows.dot(self.gradient) - level * margins)
        inner[-1, -1] = level
        return inner

    def right(self, vector: Array) -> Array:
        """Product Z x, shape (r + 1,)."""
        flat = vector[:-1]
        reduced = self.rows.root_transpose_dot(self.gain * self.rows.dot(flat) + self.slope * self.margins * vector[-1])
        return np.append(reduced, self.gradient @ flat)

    def left(self, reduced: Array) -> Array:
        """Product U c, shape (N + 1,)."""
        combined, last = self.rows.root_dot(reduced[:-1]), reduced[-1]
        moved = float(self.margins @ combined) - last
        return np.append(self.rows.transpose_dot(combined) - moved * self.directions, moved)

    def formed(self) -> Array:
        """U Z as a matrix, shape (N + 1, N + 1)."""
        matrix = self.rows.matrix if self.rows.matrix is not None else self.rows.form()
        z = np.column_stack([matrix * self.gain[:, None], self.slope * self.margins])
        u = np.column_stack([matrix - np.outer(self.margins, self.directions), self.margins])
        z = np.vstack([self.rows.root_transpose_dot(z), np.append(self.gradient, 0.0)])
        u = np.vstack([self.rows.root_transpose_dot(u), np.append(self.directions, -1.0)])
        return np.asarray(u.T @ z)

    def solver(self, step: float) -> Solve:
        """Solver by the Woodbury identity."""
        diagonal = 1.0 + step * self.decay
        matrix = step * self.inner
        matrix.flat[:: len(matrix) + 1] += diagonal
        factor = lu_factor(matrix, overwrite_a=True, check_finite=False)
        return lambda r: (r - step * self.left(lu_solve(factor, self.right(r), check_finite=False))) / diagonal


class Dense:
    """A as a full matrix of shape (N, N)."""

    def __init__(self, jacobian: Array) -> None:
        self.jacobian = jacobian

    def solver(self, step: float) -> Solve:
        """Solver by an LU factorization."""
        factor = lu_factor(np.eye(len(self.jacobian)) - step * self.jacobian, check_finite=False)
        return lambda r: lu_solve(factor, r, check_finite=False)
