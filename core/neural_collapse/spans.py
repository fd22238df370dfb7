"""Class means and noise, decomposed: what the least squares solution is made of."""

from dataclasses import dataclass

import numpy as np

from core.arrays import Array


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class MeanSpan:
    """Singular value decomposition M = U S V^T of the centred means, cut at its rank r, which is at most C - 1.

    Attributes
    ----------
    basis : Array
        U, an orthonormal basis of the span of the means, shape (p, r).
    singular : Array
        S, falling, shape (r,).
    right : Array
        V, shape (C, r).
    """

    basis: Array
    singular: Array
    right: Array


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class NoiseSplit:
    """The within-class factor F in the span of the means and across it, with U the basis of the span.

    Attributes
    ----------
    inside : Array
        F U, shape (m, r).
    left, deviations, directions : Array
        Singular value decomposition X D Z^T of F (I - U U^T): orthonormal columns X (m, k), D falling (k,), and
        orthonormal columns Z (p, k) across the span; k = min(m, p), and what rounding leaves in the span is in D, too.
    """

    inside: Array
    left: Array
    deviations: Array
    directions: Array

    @property
    def covariance_norm(self) -> float:
        """|Sigma_W|_F, which is that of F F^T = F U (F U)^T + X D^2 X^T."""
        mixed = self.deviations[:, None] * (self.left.T @ self.inside)
        squares = np.linalg.norm(self.inside.T @ self.inside) ** 2 + 2.0 * np.linalg.norm(mixed) ** 2
        return float(np.sqrt(squares + np.linalg.norm(self.deviations**2) ** 2))
