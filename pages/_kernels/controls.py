"""Controls that several sections share."""

import streamlit as st

from core.kernels.params import MAX_ORDER
from pages._ui.controls import Choice, Number, set_control

DEGREE = Number(key="ke_degree", label="Degree d", default=2, low=1, high=8, step=1)
GAMMA_SQUARED = Choice(
    key="ke_gamma2",
    label="γ²",
    default=1.0,
    options={
        value: f"{value:g}"
        for value in (0.1, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 1.75, 1.9, 1.99, 2.0, 2.01, 2.1, 2.5, 3.0, 4.0, 6.0, 8.0)
    },
    widget="slider",
    help="The kernel is exp(−r²/γ²). At γ² = 2 depth changes what it does.",
)
ORDER = Number(
    key="ke_n",
    label="Order n",
    default=1,
    low=0,
    high=MAX_ORDER,
    step=1,
    help="Of the rectified power Θ(z) zⁿ: a step at n = 0, ReLU at n = 1.",
)
ANGLE = Number(
    key="ke_angle",
    label="Angle θ between the inputs",
    default=70,
    low=1,
    high=179,
    step=1,
    format="%d°",
)
WIDTHS = {value: f"{value:,}".replace(",", " ") for value in (10, 30, 100, 300, 1000, 3000, 10_000, 30_000, 100_000)}
"""Widths h, and how they are written."""
SEED = Number(key="ke_seed", label="Seed", default=0, low=0, high=50, step=1)


def draw_again() -> None:
    """A button that moves the seed on, and starts over at its end."""
    st.button("Draw again", key="ke_again", type="tertiary", on_click=_next_seed)


def _next_seed() -> None:
    seed = int(st.session_state.get(SEED.key, SEED.default)) + 1
    set_control(SEED, seed if seed <= SEED.high else SEED.low)
