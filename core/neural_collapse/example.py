"""An upload to try: features on their way to collapse."""

from functools import cache
from io import BytesIO

import numpy as np

from core.neural_collapse.least_squares import least_squares_classifier
from core.neural_collapse.params import SyntheticParams
from core.neural_collapse.statistics import feature_statistics
from core.neural_collapse.synthetic import make_features


@cache
def example_file() -> bytes:
    """An archive as the reader wants it: features on their way to collapse, and a classifier fitted with a ridge."""
    params = SyntheticParams(classes=5, departure=0.1, noise=0.15, seed=1)
    drawn, file = make_features(params), BytesIO()
    weights, bias = least_squares_classifier(feature_statistics(drawn.features, drawn.labels), ridge=0.01)
    np.savez_compressed(file, features=drawn.features, labels=drawn.labels, weights=weights, bias=bias)
    return file.getvalue()
