"""The simplex ETF."""

import pandas as pd
import streamlit as st

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
from pages._ui.chart import chart, save_menu
from pages._ui.claim import claim_cards
from pages._ui.controls import Choice
from pages._ui.runs import shared_result
from pages._ui.sections import Section, Values


def _draw(values: Values) -> None:
    chosen = synthetic(values)
    if chosen is None:
        return
    params, view = chosen[0], values["view"]
    study = shared_result(("simplex", params, view), lambda: study_simplex(params, view))
    result = study.result
    names = class_names(result.classes)
    charts = [
        chart(
            figures.simplex_figure(result),
            key="simplex",
            name="Simplex",
            alt="Scene in three dimensions: class means, rows of the classifier and clouds of features.",
            table=lambda: scene_table(result.scene),
        )
    ]
    st.caption(figures.describe_simplex(result))
    left, right = st.columns(2, gap="large")
    with left:
        charts += [
            chart(
                figures.cosines_figure(result),
                key="simplex_cosines",
                name="Cosines",
                alt="Points: cosines between all pairs of class means, with their target dashed.",
                table=lambda: pd.DataFrame(result.cosines, columns=names, index=names),
            )
        ]
    with right:
        charts += [gram_chart(result.cosines, names=names, key="simplex_gram")]
    save_menu(charts, key="nc_simplex")
    claim_cards("What theory says, and these means", study.claims)


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
    draw=_draw,
    idle=_idle,
)
