"""The simplex ETF."""

import pandas as pd

from core.arrays import Array
from core.figures.neural_collapse import simplex as figures
from core.figures.neural_collapse.common import class_names
from core.neural_collapse.studies import study_simplex
from core.neural_collapse.studies.scene import VIEWS
from pages._collapse.charts import gram_chart, scene_table
from pages._collapse.controls import (
    ANISOTROPY,
    CLASSES,
    DEPARTURE,
    DIMENSION,
    DIRECTION,
    NOISE,
    SAMPLES,
    SEED,
    synthetic,
)
from pages._ui.call import Call
from pages._ui.chart import Chart
from pages._ui.controls import Choice
from pages._ui.page import Section, Values, View
from pages._ui.runs import Task, shared_result


def _show(values: Values) -> View | None:
    chosen = synthetic(values)
    if chosen is None:
        return None
    params, view = chosen[0], values["view"]
    source = Task(study_simplex, params, view)
    study = shared_result(source.key, source.compute)
    result = study.result
    names = class_names(result.classes)
    scene = Chart(
        key="simplex",
        name="Simplex",
        call=Call(figures.simplex_figure, result),
        says=lambda: figures.describe_simplex(result),
        alt="Scene in three dimensions: class means, rows of the classifier and clouds of features.",
        table=lambda: scene_table(result.scene),
        claim="Self-duality",
    )
    cosines = Chart(
        key="simplex_cosines",
        name="Cosines",
        call=Call(figures.cosines_figure, result),
        says=lambda: figures.describe_cosines(result),
        alt="Points: cosines between all pairs of class means, with their target dashed.",
        table=lambda: _pairs(result.cosines, result.target),
        claim="Equal angles",
    )
    return View(
        rows=[[scene], [cosines, gram_chart(result.cosines, names=names, key="simplex_gram")]],
        heading="What theory says, and these means",
        claims=study.claims,
        study=study,
        source=source,
    )


def _pairs(cosines: Array, target: float) -> pd.DataFrame:
    """Each pair of classes once."""
    count = len(cosines)
    pairs = [(i, j) for i in range(count) for j in range(i + 1, count)]
    rows = [(i + 1, j + 1, cosines[i, j], target) for i, j in pairs]
    table = pd.DataFrame(rows, columns=["class", "other", "cosine", "target"])
    return table.rename_axis("pair").reset_index().assign(pair=range(1, len(pairs) + 1))


def _idle(values: Values) -> tuple[str, ...]:
    """Up to four classes there is one view."""
    return ("view",) if values.get("classes", 0) <= 4 else ()


SECTION = Section(
    name="Simplex ETF",
    controls={
        "classes": CLASSES,
        "view": Choice(key="nc_view", label="Seen along", default="all", options=VIEWS, widget="segmented"),
        "dimension": DIMENSION,
        "noise": NOISE,
        "departure": DEPARTURE,
    },
    more={"anisotropy": ANISOTROPY, "direction": DIRECTION, "samples": SAMPLES, "seed": SEED},
    show=_show,
    idle=_idle,
)
