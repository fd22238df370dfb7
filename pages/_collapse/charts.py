"""Charts and tables that several sections share."""

from collections.abc import Callable, Mapping

import pandas as pd

from core.arrays import Array
from core.figures.neural_collapse.common import describe_gram, gram_figure
from core.figures.neural_collapse.conditions import conditions_figure, describe_conditions, values_of
from core.neural_collapse.result import Conditions, Scene
from pages._ui.call import Call
from pages._ui.chart import Chart


def conditions_chart(
    measured: Mapping[str, Conditions], *, key: str, claim: str, says: Callable[[], str] | None = None
) -> Chart:
    """The conditions as bars, by the names of the classifiers; with another sentence where there is more to say."""
    return Chart(
        call=Call(conditions_figure, measured),
        says=says or (lambda: describe_conditions(measured)),
        key=key,
        name="The conditions",
        alt="Bars: the conditions of Neural Collapse as measured, on a logarithmic axis.",
        table=lambda: (
            pd.DataFrame({name: values_of(one) for name, one in measured.items()})
            .rename_axis("condition")
            .reset_index()
        ),
        claim=claim,
    )


def gram_chart(cosines: Array, *, names: list[str], key: str) -> Chart:
    """Cosines between the class means as a matrix."""
    target = -1.0 / (len(names) - 1)
    return Chart(
        call=Call(gram_figure, cosines, names=names, target=target),
        says=lambda: describe_gram(cosines, names=names, target=target),
        key=key,
        name="Gram matrix",
        alt="Matrix of the cosines between the class means.",
        table=lambda: pd.DataFrame(cosines, columns=names, index=names).rename_axis("class").reset_index(),
        claim="Equal angles",
    )


def scene_table(scene: Scene) -> pd.DataFrame:
    """Points of a scene."""
    parts = {"class mean": scene.means, "classifier row": scene.rows, "nearest simplex": scene.simplex}
    tables = [
        pd.DataFrame(points, columns=["x", "y", "z"]).assign(what=what, of_class=range(1, len(points) + 1))
        for what, points in parts.items()
    ]
    features = pd.DataFrame(scene.features, columns=["x", "y", "z"])
    return pd.concat([*tables, features.assign(what="feature", of_class=scene.labels + 1)])
