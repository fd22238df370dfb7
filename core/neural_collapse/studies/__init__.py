"""The sections of problem 3: parameters in, a result with its claims out."""

from core.neural_collapse.studies.derivation import derivation
from core.neural_collapse.studies.implication import study_implication
from core.neural_collapse.studies.regions import study_regions
from core.neural_collapse.studies.simplex import study_simplex
from core.neural_collapse.studies.training import study_digits, study_unconstrained
from core.neural_collapse.studies.upload import study_file, study_upload

__all__ = [
    "derivation",
    "study_digits",
    "study_file",
    "study_implication",
    "study_regions",
    "study_simplex",
    "study_unconstrained",
    "study_upload",
]
