"""What both ways of training share: progress, endings, and metrics along a run."""

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TypeVar

import numpy as np

from core.arrays import Array
from core.neural_collapse.least_squares import least_squares_classifier
from core.neural_collapse.metrics import CollapseMetrics, collapse_metrics
from core.neural_collapse.morph import Morph as Morph
from core.neural_collapse.morph import projection as projection
from core.neural_collapse.morph import some_of_each as some_of_each
from core.neural_collapse.regions import disagreement
from core.neural_collapse.statistics import FeatureStatistics

R = TypeVar("R")


class TrainingStatus(Enum):
    """Endings of a run."""

    REACHED_MINIMUM = "reached the global minimum"
    VANISHED = "features vanished"
    BUDGET = "evaluation budget spent"
    TERMINAL_PHASE = "trained through the terminal phase"
    NOT_FITTED = "training error left"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is.

    Attributes
    ----------
    fraction : float
        From 0 to 1.
    objective : float
        What is minimized.
    count : int
        Evaluations of the flow, or epochs.
    """

    fraction: float
    objective: float
    count: int


Watch = Callable[[Progress], bool]
Run = Generator[Progress, bool, R]
"""A run in progress: yields how far it is, is sent whether to go on, and returns its result."""


def finish(run: Run[R], watch: Watch | None) -> R:
    """Go through a run.

    Parameters
    ----------
    run : generator
        Yields its progress and ends, with a result, when it is sent False.
    watch : callable, optional
        Called with each `Progress`; the run ends where it returns False.
    """
    answer: bool | None = None  # a generator is started with None
    while True:
        try:
            progress = next(run) if answer is None else run.send(answer)
        except StopIteration as end:
            result: R = end.value
            return result
        answer = watch is None or watch(progress)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class ClassifierCurves:
    """Metrics of one classifier at T times of a run.

    Attributes
    ----------
    metrics : tuple of CollapseMetrics
        Of length T; NC4 is taken on the training features.
    elsewhere : Array
        NC4 on other points, held-out features or probes of feature space, shape (T,).
    distance : Array
        |W' - W|/|W| of this classifier's W' and the trained W, shape (T,); NaN where W = 0.
    """

    metrics: tuple[CollapseMetrics, ...]
    elsewhere: Array
    distance: Array

    def curve(self, name: str) -> Array:
        """One metric by the name it has in `CollapseMetrics`, shape (T,), or (T, C) for those of each class."""
        return np.array([getattr(one, name) for one in self.metrics], dtype=np.float64)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class CollapseCurves:
    """Metrics of three classifiers on the same features.

    Attributes
    ----------
    trained : ClassifierCurves
        The trained W and b.
    least_squares : ClassifierCurves
        W = (1/C) M^T Sigma_T^+, which is discontinuous at NC1 = 0 and may be far off just before.
    ridge : ClassifierCurves
        W = (1/C) M^T (Sigma_T + lambda_W I)^-1 with the weight decay of the training: of all W, with a free bias, the
        one with the least objective on the features as they are.
    """

    trained: ClassifierCurves
    least_squares: ClassifierCurves
    ridge: ClassifierCurves

    def curve(self, name: str, *, least_squares: bool = False) -> Array:
        """A metric of the trained classifier, or of the least squares one."""
        return (self.least_squares if least_squares else self.trained).curve(name)

    @property
    def trained_elsewhere(self) -> Array:
        """NC4 of the trained classifier on other points, shape (T,)."""
        return self.trained.elsewhere


class CurveRecorder:
    """Collects the metrics of a run.

    Parameters
    ----------
    decay : float
        lambda_W of the training.
    """

    def __init__(self, decay: float) -> None:
        self._decay = decay
        self._rows: list[list[tuple[CollapseMetrics, float, float]]] = []

    def add(
        self, statistics: FeatureStatistics, weights: Array, bias: Array, features: Array, elsewhere: Array
    ) -> None:
        """Measure one moment.

        Parameters
        ----------
        statistics : FeatureStatistics
            Of the training features.
        weights, bias : Array
            The trained classifier, shapes (C, p) and (C,).
        features, elsewhere : Array
            Points of NC4, shapes (n, p) and (m, p).
        """
        size = float(np.linalg.norm(weights))
        fits = [(weights, bias), *(least_squares_classifier(statistics, ridge=ridge) for ridge in (0.0, self._decay))]
        row = []
        for fit in fits:
            metrics = collapse_metrics(statistics, *fit, features)
            distance = float(np.linalg.norm(fit[0] - weights)) / size if size else np.nan
            row.append((metrics, disagreement(*fit, statistics.class_means, elsewhere), distance))
        self._rows.append(row)

    def curves(self) -> CollapseCurves:
        """All that was measured."""
        trained, least_squares, ridge = (_join(column) for column in zip(*self._rows, strict=True))
        return CollapseCurves(trained=trained, least_squares=least_squares, ridge=ridge)


def _join(column: Sequence[tuple[CollapseMetrics, float, float]]) -> ClassifierCurves:
    metrics, elsewhere, distance = zip(*column, strict=True)
    return ClassifierCurves(metrics=metrics, elsewhere=np.array(elsewhere), distance=np.array(distance))
