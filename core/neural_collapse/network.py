"""A network trained on handwritten digits past zero training error, and how far its last features collapse."""

import numpy as np

from core.arrays import Array, Indices
from core.neural_collapse.adam import Adam, cosine_rate
from core.neural_collapse.digits import CLASSES, load_digits, pixels, split_digits
from core.neural_collapse.morph import Moment, Morph, make_morph, some_of_each, spread_frames
from core.neural_collapse.network_result import NetworkParams, NetworkResult, describe, terminal_epoch
from core.neural_collapse.perceptron import Perceptron, initial_parameters
from core.neural_collapse.statistics import feature_statistics
from core.neural_collapse.training import CurveRecorder, Progress, Run, TrainingStatus, Watch, finish

__all__ = ["SECOND_DECAY", "NetworkParams", "NetworkResult", "network_run", "train_network"]

SECOND_DECAY = 0.99
"""Adam's beta_2. The usual 0.999 remembers the first, large gradients for a thousand epochs, most of a run."""
_INPUT_SCALE = 2.0  # of pixels from 0 to 1: about a unit of variance where the pixels vary most
_RECORDS = 61
_PACE = 5  # epochs between two reports, some 5 ms at the default size
_SHOWN_TRAIN, _SHOWN_TEST = 20, 10  # images of each digit in the pictures
_SWEEP_EPOCHS = 20


def train_network(params: NetworkParams, *, watch: Watch | None = None) -> NetworkResult:
    """Train with Adam on all training images at once, with a cosine schedule of the learning rate.

    The arithmetic of training is that of float32, which halves its time; metrics are taken from float64 features of
    the weights.

    Parameters
    ----------
    params : NetworkParams
        Network, data and training.
    watch : callable, optional
        Called with a `Progress` every few milliseconds; the run ends where it returns False, with what was reached.

    Returns
    -------
    NetworkResult
        The run, whatever its ending; the same for the same parameters, bit for bit, on one installation.
    """
    return finish(network_run(params), watch)


def network_run(params: NetworkParams) -> Run[NetworkResult]:
    """The same as a generator, which ends where it is sent False."""
    training = _Training(params)
    recorder = _Recorder(params, training)
    wanted = set(_record_epochs(params.epochs))
    status: TrainingStatus | None = None
    for epoch in range(params.epochs + 1):
        training.look()
        if epoch in wanted:
            recorder.add(epoch)
        if epoch == params.epochs:
            break
        if epoch % _PACE == 0 and not (yield Progress(epoch / params.epochs, training.objectives[-1], epoch)):
            recorder.add(epoch)
            status = TrainingStatus.STOPPED
            break
        training.update(cosine_rate(params.learning_rate, epoch, params.epochs))
    return recorder.result(status)


def _record_epochs(epochs: int) -> Indices:
    """Up to `_RECORDS` epochs, the first and the last among them, evenly spaced in their logarithm."""
    spaced = np.geomspace(1.0, epochs, _RECORDS - 1).round().astype(np.intp)
    return np.unique(np.append(0, spaced))


class _Training:
    """The network, its data and its optimizer."""

    def __init__(self, params: NetworkParams) -> None:
        self.split = split_digits(params.per_class, params.data_seed)
        labels = load_digits().labels
        self.labels, self.test_labels = labels[self.split.train], labels[self.split.test]
        mean = pixels(self.split.train).mean(axis=0)
        self.inputs = _INPUT_SCALE * pixels(self.split.train, mean)
        self.test_inputs = _INPUT_SCALE * pixels(self.split.test, mean)
        start = initial_parameters(params.sizes, params.initial_scale, np.random.default_rng(params.seed))
        self.network = Perceptron(params.sizes, start.astype(np.float32))
        self.decay = params.weight_decay
        self.objectives: list[float] = []
        self.errors: list[float] = []
        self._adam = Adam(self.network.parameters, second_decay=SECOND_DECAY)
        self._gradient = np.empty_like(self.network.parameters)
        self._single = self.inputs.astype(np.float32)
        self._targets = np.eye(CLASSES, dtype=np.float32)[self.labels]

    def look(self) -> None:
        """Evaluate the network as it is."""
        self._signals = self.network.activations(self._single)
        self.objectives.append(self.network.objective(self._signals, self._targets, self.decay))
        self.errors.append(float((self._signals[-1].argmax(axis=1) != self.labels).mean()))

    def update(self, rate: float) -> None:
        """One step of Adam from where `look` was."""
        self.network.gradient(self._signals, self._targets, self.decay, self._gradient)
        self._adam.update(self._gradient, rate)
        if self._adam.count % _SWEEP_EPOCHS == 0:
            self._adam.sweep()


class _Recorder:
    """Collects what is shown of a run."""

    def __init__(self, params: NetworkParams, training: _Training) -> None:
        self._params, self._training = params, training
        self._shown = some_of_each(training.labels, _SHOWN_TRAIN), some_of_each(training.test_labels, _SHOWN_TEST)
        self._curves, self._moments = CurveRecorder(params.weight_decay), list[Moment]()
        self._epochs, self._losses = list[int](), list[float]()
        self._test_errors, self._nearest_errors = list[float](), list[float]()

    def add(self, epoch: int) -> None:
        """Record the network as it is, once for each epoch."""
        if self._epochs and self._epochs[-1] == epoch:
            return
        training = self._training
        network = Perceptron(self._params.sizes, training.network.parameters.astype(np.float64))
        features, outputs = _features(network, training.inputs)
        test_features, test_outputs = _features(network, training.test_inputs)
        statistics = feature_statistics(features, training.labels)
        weights, bias = (np.asarray(part, dtype=np.float64) for part in network.layers[-1])
        self._curves.add(statistics, weights, bias, features, test_features)
        train, test = self._shown
        shown = np.concatenate([features[train], test_features[test]])
        self._moments.append(Moment(statistics.class_means, weights, shown))
        self._epochs.append(epoch)
        self._losses.append(network.objective([outputs], np.eye(CLASSES)[training.labels], 0.0))
        self._predictions = test_outputs.argmax(axis=1)
        nearest = nearest_mean(test_features, statistics.class_means)
        self._test_errors.append(float((self._predictions != training.test_labels).mean()))
        self._nearest_errors.append(float((nearest != training.test_labels).mean()))

    def result(self, status: TrainingStatus | None) -> NetworkResult:
        """All of it; a run that was not stopped is named by its training error."""
        training = self._training
        if status is None:
            status = TrainingStatus.NOT_FITTED if training.errors[-1] else TrainingStatus.TERMINAL_PHASE
        errors = np.array(training.errors)
        return NetworkResult(
            params=self._params,
            split=training.split,
            objectives=np.array(training.objectives),
            train_errors=errors,
            epochs=np.array(self._epochs),
            losses=np.array(self._losses),
            test_errors=np.array(self._test_errors),
            nearest_errors=np.array(self._nearest_errors),
            curves=self._curves.curves(),
            morph=self._morph(),
            predictions=self._predictions,
            status=status,
            message=describe(status, errors, terminal_epoch(errors), self._test_errors[-1]),
        )

    def _morph(self) -> Morph:
        (train, test), training = self._shown, self._training
        frames = spread_frames(len(self._moments))
        labels = np.concatenate([training.labels[train], training.test_labels[test]])
        held_out = np.repeat([False, True], [len(train), len(test)])
        return make_morph([self._moments[i] for i in frames], frames, labels, held_out)


def _features(network: Perceptron, inputs: Array) -> tuple[Array, Array]:
    """Features and outputs of a network with float64 parameters."""
    *_, features, outputs = network.activations(inputs)
    return np.asarray(features, dtype=np.float64), np.asarray(outputs, dtype=np.float64)


def nearest_mean(features: Array, class_means: Array) -> Indices:
    """Class whose mean is nearest, for features (n, p) and means (p, C), shape (n,)."""
    scores = features @ class_means - 0.5 * np.einsum("ij,ij->j", class_means, class_means)
    return np.asarray(scores.argmax(axis=1))
