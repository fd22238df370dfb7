"""The sections of problem 2: parameters in, a result with its claims out."""

from core.kernels.studies.arc_cosine import study_arc_cosine
from core.kernels.studies.depth import study_depth
from core.kernels.studies.derivation import study_derivation
from core.kernels.studies.machine import study_machine
from core.kernels.studies.polynomial import study_polynomial
from core.kernels.studies.rbf import study_rbf
from core.kernels.studies.width import study_width

__all__ = [
    "study_arc_cosine",
    "study_depth",
    "study_derivation",
    "study_machine",
    "study_polynomial",
    "study_rbf",
    "study_width",
]
