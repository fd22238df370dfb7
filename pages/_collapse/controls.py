"""Controls that several sections share."""

from dataclasses import fields
from typing import Any

import streamlit as st

from core.neural_collapse.params import DIRECTIONS, FitParams, SyntheticParams
from core.notation import number
from pages._ui.controls import Choice, Number, Switch
from pages._ui.page import Values

CLASSES = Number(key="nc_classes", label="Classes C", default=4, low=2, high=20, step=1)
DIMENSION = Choice(
    key="nc_p",
    label="Dimension p",
    default=20,
    options={value: str(value) for value in (1, 2, 3, 4, 6, 9, 12, 20, 30, 50)},
    widget="slider",
    help="C equally spread directions need p ≥ C − 1.",
)
NOISE = Choice(
    key="nc_noise",
    label="Noise within classes",
    default=0.0,
    options={value: number(value) for value in (0.0, 1e-5, 1e-4, 1e-3, 0.01, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0)},
    widget="slider",
    help="Standard deviation per coordinate; centred class means have the root-mean-square length 1. At 0, NC1 holds.",
)
DEPARTURE = Number(
    key="nc_departure",
    label="Distance from the ETF",
    default=0.0,
    low=0.0,
    high=1.0,
    step=0.05,
    format="%.2f",
    help="Lengths and angles of the class means leave the simplex. At 0, NC2 holds, but for the noise of samples.",
)
ANISOTROPY = Choice(
    key="nc_anisotropy",
    label="Noise along one direction",
    default=1.0,
    options={0.2: "1/5", 0.5: "1/2", 1.0: "isotropic", 2.0: "2 ×", 4.0: "4 ×", 8.0: "8 ×"},
    widget="slider",
    help="Its standard deviation there, in units of that in all other directions.",
)
DIRECTION = Choice(key="nc_direction", label="That direction", default="span", options=DIRECTIONS)
SAMPLES = Choice(
    key="nc_samples",
    label="Samples N of a class",
    default=50,
    options={value: str(value) for value in (1, 2, 3, 5, 10, 20, 50, 100, 200)},
    widget="slider",
)
IMBALANCE = Choice(
    key="nc_imbalance",
    label="Largest class over smallest",
    default=1.0,
    options={1.0: "1, balanced", 2.0: "2", 5.0: "5", 10.0: "10"},
    widget="slider",
    help="Samples of the first class over samples of the last; those between fall geometrically, to 1 at least.",
)
WEIGHTED = Switch(
    key="nc_weighted",
    label="Classes weigh the same",
    default=True,
    help="On: a sample of class c weighs 1/(C n_c), and μ_G is the mean of the class means. Off: every sample weighs "
    "the same, as plain least squares has it.",
)
SAMPLED = Switch(
    key="nc_sampled",
    label="Sampled",
    default=False,
    help="On: covariances of the samples. Off: of the population they are drawn from.",
)
RIDGE = Choice(
    key="nc_ridge",
    label="Ridge λ",
    default=0.0,
    options={value: number(value) for value in (0.0, 1e-6, 1e-4, 1e-3, 0.01, 0.1)},
    widget="slider",
    help="(Σ_T + λI)⁻¹ in place of the pseudo-inverse of Σ_T.",
)
OFFSET = Choice(
    key="nc_offset",
    label="Length of the global mean",
    default=0.0,
    options={value: f"{value:g}" for value in (0.0, 1.0, 10.0)},
    widget="slider",
)
SEED = Number(key="nc_seed", label="Seed", default=0, low=0, high=20, step=1)


def synthetic(values: Values) -> tuple[SyntheticParams, FitParams] | None:
    """Features made to order and the fit to them; says so where the settings do not fit together, and returns None."""
    classes, dimension = values.get("classes", 0), values.get("dimension", 0)
    if dimension < classes - 1:
        st.info(
            f"No room: {classes} directions that all meet at the cosine −1/{classes - 1} span {classes - 1} "
            f"dimensions, and p is {dimension}. Take p ≥ {classes - 1}, or fewer classes."
        )
        return None
    try:
        return SyntheticParams(**_of(SyntheticParams, values)), FitParams(**_of(FitParams, values))
    except ValueError as error:
        st.error(f"These settings do not fit together: {error}.")
        return None


def _of(kind: type, values: Values) -> dict[str, Any]:
    """The values that a kind of parameters has."""
    return {one.name: values[one.name] for one in fields(kind) if one.name in values}
