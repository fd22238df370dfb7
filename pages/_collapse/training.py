"""Watch it collapse: unconstrained features, and a network on the digits."""

from collections.abc import Collection, Sequence

import pandas as pd

from core.arrays import Indices
from core.figures.neural_collapse import training as figures
from core.neural_collapse.network import NetworkParams
from core.neural_collapse.result import MorphResult, Study, TrainingResult
from core.neural_collapse.studies import study_digits, study_unconstrained
from core.neural_collapse.studies.training import expected_seconds
from core.neural_collapse.training import Progress
from core.neural_collapse.unconstrained_model import UnconstrainedParams
from core.notation import number
from pages._ui.call import Call
from pages._ui.chart import Chart
from pages._ui.controls import Choice, Control, Number
from pages._ui.page import Section, Values, View
from pages._ui.runs import Task, result_of

TRAININGS = {"unconstrained": "Unconstrained features", "digits": "A network on digits"}
FREE: dict[str, Control] = {
    "classes": Number(key="nc_free_classes", label="Classes C", default=4, low=2, high=10, step=1),
    "decay": Choice(
        key="nc_free_decay",
        label="Weight decay λ, of W and H",
        default=5e-3,
        options={value: f"{value:g}" for value in (5e-4, 1e-3, 2e-3, 5e-3, 0.01, 0.02, 0.04, 0.06, 0.1)},
        widget="slider",
        help="From C √N λ = 1 on all features vanish.",
    ),
    "samples": Choice(
        key="nc_free_samples",
        label="Samples N of a class",
        default=30,
        options={value: str(value) for value in (2, 5, 10, 20, 30, 50, 100)},
        widget="slider",
    ),
}
NETWORK: dict[str, Control] = {
    "hidden_layers": Number(key="nc_net_layers", label="Hidden layers", default=2, low=1, high=3, step=1),
    "width": Choice(
        key="nc_net_width",
        label="Width",
        default=64,
        options={value: str(value) for value in (16, 32, 64, 128)},
        widget="slider",
    ),
    "weight_decay": Choice(
        key="nc_net_decay",
        label="Weight decay",
        default=3e-4,
        options={value: number(value) for value in (0.0, 1e-5, 1e-4, 3e-4, 1e-3, 3e-3)},
        widget="slider",
    ),
    "epochs": Choice(
        key="nc_net_epochs",
        label="Epochs",
        default=1500,
        options={value: str(value) for value in (200, 500, 1000, 1500, 3000, 5000)},
        widget="slider",
    ),
}
SEEDS: dict[str, Control] = {
    "free_seed": Number(key="nc_free_seed", label="Seed of the start", default=0, low=0, high=20, step=1),
    "net_seed": Number(key="nc_net_seed", label="Seed of the weights", default=0, low=0, high=20, step=1),
}


def _show(values: Values) -> View | None:
    is_digits = values["training"] == "digits"
    params = _network(values) if is_digits else _free(values)
    source = Task(study_digits if is_digits else study_unconstrained, params)
    study: Study[TrainingResult] | None = result_of(
        "nc_run",
        source,
        _describe,
        complete=lambda done: done.result.complete,
        caution=lambda done: "" if done.result.complete else done.result.message,
        advice="Fewer samples or epochs, and a smaller width, take less.",
        seconds=expected_seconds(params),
    )
    if study is None:
        return None
    result = study.result
    last = _errors(result) if result.kind == "digits" else _singular(result)
    return View(
        rows=[[_metrics(result), _morph(result)], [_objective(result), last]],
        heading="What theory says, and this run",
        claims=study.claims,
        study=study,
        source=source,
    )


def _free(values: Values) -> UnconstrainedParams:
    return UnconstrainedParams(
        classes=values["classes"],
        samples=values["samples"],
        weight_decay=values["decay"],
        feature_decay=values["decay"],
        seed=values["free_seed"],
    )


def _network(values: Values) -> NetworkParams:
    return NetworkParams(**{name: values[name] for name in NETWORK}, seed=values["net_seed"])


def _describe(progress: Progress) -> tuple[float, str]:
    return progress.fraction, f"objective {number(progress.objective)}"


def _conditions(result: TrainingResult) -> pd.DataFrame:
    fits = {
        "NC3 of least squares with the ridge": result.ridge_nc3,
        "NC3 of the pseudo-inverse": result.least_squares_nc3,
    }
    return pd.DataFrame({"moment": result.moments, **result.metrics, **fits})


def _points(morph: MorphResult) -> pd.DataFrame:
    """Points of all pictures, one a row."""
    numbers: Sequence[int] | Indices = range(len(morph.names))
    parts = {"class mean": (morph.means, numbers), "classifier row": (morph.rows, numbers)}
    parts |= {"feature": (morph.features, morph.classes)}
    tables = [
        pd.DataFrame(points, columns=["x", "y", "z"]).assign(
            moment=moment, what=what, of_class=[morph.names[label] for label in labels]
        )
        for what, (pictures, labels) in parts.items()
        for moment, points in zip(morph.labels, pictures, strict=True)
    ]
    simplex = pd.DataFrame(morph.simplex, columns=["x", "y", "z"])
    return pd.concat([*tables, simplex.assign(moment=morph.labels[-1], what="nearest simplex", of_class=morph.names)])


def _metrics(result: TrainingResult) -> Chart:
    return Chart(
        call=Call(figures.metrics_figure, result),
        says=lambda: figures.describe_training(result),
        claim="NC1 goes on" if result.kind == "digits" else "The minimum is",
        key="training_metrics",
        name="Conditions along the run",
        alt="Line chart on logarithmic axes: the conditions of Neural Collapse along a training.",
        table=lambda: _conditions(result),
    )


def _morph(result: TrainingResult) -> Chart:
    return Chart(
        call=Call(figures.morph_figure, result),
        says=lambda: figures.describe_morph(result),
        claim="NC1 goes on" if result.kind == "digits" else "The minimum is",
        key="training_morph",
        name="Means on their way",
        alt="Scene in three dimensions with a slider: class means, classifier rows and features along a training.",
        table=lambda: _points(result.morph),
    )


def _objective(result: TrainingResult) -> Chart:
    return Chart(
        call=Call(figures.objective_figure, result),
        says=lambda: figures.describe_objective(result),
        claim="The last layer" if result.kind == "digits" else "The flow reaches",
        key="training_objective",
        name="Objective",
        alt="Line chart: the objective along a training, its global minimum dashed where it is known.",
        table=lambda: pd.DataFrame(
            {"moment": result.objective_moments, "objective": result.objective, "minimum": result.minimum}
        ),
    )


def _singular(result: TrainingResult) -> Chart:
    return Chart(
        call=Call(figures.singular_figure, result),
        says=lambda: figures.describe_singular(result),
        claim="C − 1",
        key="training_modes",
        name="Modes",
        alt="Line chart: strength of the modes along a training, the closed form dashed.",
        table=lambda: _modes(result),
    )


def _modes(result: TrainingResult) -> pd.DataFrame:
    modes = {f"mode_{k + 1}": values for k, values in enumerate(result.singular.T)}
    return pd.DataFrame({"moment": result.moments, **modes, "q": result.singular_target})


def _errors(result: TrainingResult) -> Chart:
    return Chart(
        call=Call(figures.error_figure, result),
        says=lambda: figures.describe_error(result),
        claim="A terminal phase",
        key="training_errors",
        name="Errors",
        alt="Line chart: training and test error along a training.",
        table=lambda: pd.DataFrame(
            {"epoch": result.moments, "train_error": result.train_error, "test_error": result.test_error}
        ),
    )


def _idle(values: Values) -> Collection[str]:
    """Controls of the training that is not chosen."""
    return (*FREE, "free_seed") if values.get("training") == "digits" else (*NETWORK, "net_seed")


SECTION = Section(
    name="Watch it collapse",
    controls={
        "training": Choice(key="nc_training", label="Training", default="unconstrained", options=TRAININGS),
        **FREE,
        **NETWORK,
    },
    more=SEEDS,
    show=_show,
    idle=_idle,
)
