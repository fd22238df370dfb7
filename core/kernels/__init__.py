"""Problem 2: composition kernels and arc-cosine kernels."""

from core.kernels.angular import angular_complement, angular_function, normalized_angular_function
from core.kernels.arc_cosine import (
    angle_between,
    arc_cosine_fixed_point,
    arc_cosine_kernel,
    composed_arc_cosine,
    composed_arc_cosine_complement,
)
from core.kernels.polynomial import composed_polynomial
from core.kernels.random_features import random_feature_std
from core.kernels.rbf import composed_rbf, composed_rbf_complement, rbf_fixed_point, rbf_fixed_point_complement

__all__ = [
    "angle_between",
    "angular_complement",
    "angular_function",
    "arc_cosine_fixed_point",
    "arc_cosine_kernel",
    "composed_arc_cosine",
    "composed_arc_cosine_complement",
    "composed_polynomial",
    "composed_rbf",
    "composed_rbf_complement",
    "normalized_angular_function",
    "random_feature_std",
    "rbf_fixed_point",
    "rbf_fixed_point_complement",
]
