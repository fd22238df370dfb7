"""NC1 + NC2 => NC3 + NC4."""

import pandas as pd
import streamlit as st

from core.figures.neural_collapse import implication as figures
from core.neural_collapse.result import ImplicationResult
from core.neural_collapse.studies import study_implication
from pages._collapse.charts import conditions_chart
from pages._collapse.controls import (
    ANISOTROPY,
    CLASSES,
    DEPARTURE,
    DIMENSION,
    DIRECTION,
    IMBALANCE,
    NOISE,
    OFFSET,
    RIDGE,
    SAMPLED,
    SAMPLES,
    SEED,
    WEIGHTED,
    synthetic,
)
from pages._ui.chart import Chart, chart, save_menu
from pages._ui.claim import claim_cards
from pages._ui.runs import shared_result
from pages._ui.sections import Section, Values


def _draw(values: Values) -> None:
    chosen = synthetic(values)
    if chosen is None:
        return
    study = shared_result(("implication", *chosen), lambda: study_implication(*chosen))
    result = study.result
    left, right = st.columns(2, gap="large")
    with left:
        charts = [conditions_chart({"least squares": result.conditions}, key="conditions")]
    with right:
        charts += [_limit(result)]
    st.caption(figures.describe_implication(result))
    left, right = st.columns(2, gap="large")
    with left:
        charts += [_map(result, "NC3")]
    with right:
        charts += [_map(result, "NC4")]
    with st.expander("Other published definitions"):
        others = result.conditions.others | {"NC4 on the training features": result.conditions.nc4_features}
        st.dataframe(pd.DataFrame({"definition": list(others), "value": list(others.values())}), hide_index=True)
    save_menu(charts, key="nc_implication")
    claim_cards("What theory says, and these features", study.claims)


def _limit(result: ImplicationResult) -> Chart:
    return chart(
        figures.limit_figure(result),
        key="limit",
        name="Towards no noise",
        alt="Line chart on logarithmic axes: NC3 as noise vanishes, of the population, of samples and with a ridge.",
        table=lambda: pd.DataFrame(
            {
                "noise": result.levels,
                "population": result.nc3_population,
                "samples": result.nc3_sampled,
                "samples_ridge": result.nc3_ridge,
            }
        ),
    )


def _map(result: ImplicationResult, condition: str) -> Chart:
    values = result.nc3_map if condition == "NC3" else result.nc4_map
    return chart(
        figures.map_figure(result, condition),
        key=f"map_{condition.lower()}",
        name=f"{condition} over both dials",
        alt=f"Map: {condition} over the noise within classes and the distance from the simplex.",
        table=lambda: pd.DataFrame(values, columns=result.noise_grid.round(3), index=result.departure_grid.round(3)),
    )


SECTION = Section(
    name="NC1 + NC2 ⇒ NC3 + NC4",
    controls={
        "noise": NOISE,
        "departure": DEPARTURE,
        "anisotropy": ANISOTROPY,
        "sampled": SAMPLED,
        "ridge": RIDGE,
        "classes": CLASSES,
    },
    more={
        "dimension": DIMENSION,
        "direction": DIRECTION,
        "samples": SAMPLES,
        "imbalance": IMBALANCE,
        "weighted": WEIGHTED,
        "offset": OFFSET,
        "seed": SEED,
    },
    draw=_draw,
)
