"""Parameters and result of training a network on handwritten digits."""

from dataclasses import dataclass, field

import numpy as np

from core.arrays import Array, Indices
from core.neural_collapse.digits import CLASSES, MAX_PER_CLASS, PIXELS, Split
from core.neural_collapse.morph import Morph
from core.neural_collapse.training import CollapseCurves, TrainingStatus
from core.notation import number
from core.validation import check_integer, check_number


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkParams:
    """One training of a network.

    Attributes
    ----------
    hidden_layers, width : int
        Number of hidden layers, and neurons in each; the features are the last one's, so p = width.
    per_class : int
        N, training images of each digit.
    weight_decay : float
        lambda in the objective |f - Y|^2/(2n) + lambda/2 sum |W_l|^2; part of the gradient that Adam sees.
    learning_rate : float
        Largest rate of Adam, at the start of the cosine.
    epochs : int
        Updates, each with all training images.
    initial_scale : float
        Standard deviation of the weights at the start, in units of He's.
    data_seed, seed : int
        Of the draw of the training images, and of the weights.
    """

    hidden_layers: int = 2
    width: int = 64
    per_class: int = 100
    weight_decay: float = 3e-4
    learning_rate: float = 0.01
    epochs: int = 1500
    initial_scale: float = 0.7
    data_seed: int = 0
    seed: int = 0

    def __post_init__(self) -> None:
        check_integer("hidden_layers", self.hidden_layers, 1, 3)
        check_integer("width", self.width, 16, 128)
        check_integer("per_class", self.per_class, 2, MAX_PER_CLASS)
        check_number("weight_decay", self.weight_decay, 0.0, 0.1)
        check_number("learning_rate", self.learning_rate, 1e-4, 0.1)
        check_integer("epochs", self.epochs, 10, 5000)
        check_number("initial_scale", self.initial_scale, 0.01, 3.0)
        check_integer("data_seed", self.data_seed, 0, 10**6)
        check_integer("seed", self.seed, 0, 10**6)

    @property
    def sizes(self) -> tuple[int, ...]:
        """Inputs, neurons of the hidden layers, outputs."""
        return (PIXELS, *(self.width,) * self.hidden_layers, CLASSES)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class NetworkResult:
    """A training run: E epochs, of which T were recorded, about evenly spaced in their logarithm.

    Attributes
    ----------
    params : NetworkParams
        What was run.
    split : Split
        Images trained on and held out, as places in `digits.load_digits`.
    objectives : Array
        Squared loss and weight decay before epoch 0, 1, ..., and at the end, shape (E + 1,).
    train_errors : Array
        Share of training images that the network gets wrong, at the same times, shape (E + 1,).
    epochs : Indices
        The recorded ones, from 0 to E, shape (T,).
    losses : Array
        The squared loss |f - Y|^2/(2n) alone, on the training images, shape (T,).
    test_errors : Array
        Share of held-out images that the network gets wrong, shape (T,).
    nearest_errors : Array
        The same of the nearest class mean, shape (T,).
    curves : CollapseCurves
        Metrics; "elsewhere" are the features of the held-out images.
    morph : Morph
        Up to 41 pictures, with 20 training images and 10 others of each digit.
    predictions : Indices
        The trained network's answers to the held-out images, shape (1797 - n,).
    status : TrainingStatus
        TERMINAL_PHASE, NOT_FITTED or STOPPED.
    message : str
        The same in a sentence, with advice.
    terminal_epoch : int or None
        Start of the terminal phase of training: the first epoch from which the training error stays 0.
    """

    params: NetworkParams
    split: Split
    objectives: Array
    train_errors: Array
    epochs: Indices
    losses: Array
    test_errors: Array
    nearest_errors: Array
    curves: CollapseCurves
    morph: Morph
    predictions: Indices
    status: TrainingStatus
    message: str

    terminal_epoch: int | None = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "terminal_epoch", terminal_epoch(self.train_errors))


def terminal_epoch(train_errors: Array) -> int | None:
    """First place from which errors (E + 1,) stay 0; None where the last is not 0."""
    wrong = np.flatnonzero(train_errors)
    start = int(wrong[-1]) + 1 if wrong.size else 0
    return start if start < len(train_errors) else None


def describe(status: TrainingStatus, errors: Array, terminal: int | None, test_error: float) -> str:
    """A sentence on how a run ended, with advice."""
    epochs, accuracy = len(errors) - 1, f"{100.0 * (1.0 - test_error):.1f} %"
    match status:
        case TrainingStatus.TERMINAL_PHASE:
            return (
                f"From epoch {terminal} of {epochs} on every training image is right; {accuracy} of the others "
                "are. A finite run collapses only so far; how far depends on depth, width, weight decay and time."
            )
        case TrainingStatus.STOPPED:
            return f"Stopped after {epochs} epochs; what was reached is shown."
    return (
        f"After {epochs} epochs {number(100.0 * float(errors[-1]))} % of the training images are still wrong, so there "
        "is no terminal phase. Take more epochs, more neurons or a smaller weight decay."
    )
