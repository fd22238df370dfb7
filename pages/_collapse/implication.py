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
from pages._ui.call import Call
from pages._ui.chart import Chart
from pages._ui.page import Section, Values, View
from pages._ui.runs import Task, shared_result


def _show(values: Values) -> View | None:
    chosen = synthetic(values)
    if chosen is None:
        return None
    source = Task(study_implication, *chosen)
    study = shared_result(source.key, source.compute)
    result = study.result
    conditions = conditions_chart(
        {"least squares": result.conditions},
        key="conditions",
        claim="NC1 + NC2 ⇒ NC3",
        says=lambda: figures.describe_implication(result),
    )
    return View(
        rows=[[conditions, _limit(result)], [_map(result, "NC3"), _map(result, "NC4")]],
        heading="What theory says, and these features",
        claims=study.claims,
        study=study,
        source=source,
        below=lambda: _draw_others(result),
    )


def _draw_others(result: ImplicationResult) -> None:
    with st.expander("Other published definitions", key="nc_definitions", on_change="rerun") as place:
        if place.open:
            others = result.conditions.others | {"NC4 on the features": result.conditions.nc4_features}
            st.dataframe(pd.DataFrame({"definition": list(others), "value": list(others.values())}), hide_index=True)


def _limit(result: ImplicationResult) -> Chart:
    return Chart(
        call=Call(figures.limit_figure, result),
        says=lambda: figures.describe_limit(result),
        claim="The implication jumps",
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
    return Chart(
        call=Call(figures.map_figure, result, condition),
        says=lambda: figures.describe_map(result, condition),
        claim=f"NC1 + NC2 ⇒ {condition}",
        key=f"map_{condition.lower()}",
        name=f"{condition} over both dials",
        alt=f"Map: {condition} over the noise within classes and the distance from the simplex.",
        table=lambda: (
            pd.DataFrame(values, columns=result.noise_grid, index=result.departure_grid)
            .rename_axis("distance")
            .reset_index()
        ),
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
    show=_show,
)
