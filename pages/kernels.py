"""Problem 2: composition kernels and arc-cosine kernels."""

from typing import Any

import streamlit as st

from pages._kernels import arc_cosine, depth, derivation, machine, polynomial, rbf, width
from pages._kernels.section import Section
from pages._ui.controls import apply, check_address
from pages._ui.frame import frame

SECTIONS: tuple[Section, ...] = (
    polynomial.SECTION,
    rbf.SECTION,
    arc_cosine.SECTION,
    derivation.SECTION,
    width.SECTION,
    depth.SECTION,
    machine.SECTION,
)
NAMES = tuple(section.name for section in SECTIONS)

PRESETS: dict[str, tuple[str, Section, dict[str, Any]]] = {
    "A power of a power": (
        "Composing ⟨x, y⟩² three times gives ⟨x, y⟩⁸: a polynomial kernel still, of one degree.",
        polynomial.SECTION,
        {},
    ),
    "Off the unit sphere": (
        "With norm 1.25 the kernel explodes: depth raises the norm to a power.",
        polynomial.SECTION,
        {"norm": 1.25},
    ),
    "γ² = 1, chaos": (
        "Below 2, depth keeps different inputs apart: all pairs end at one value below 1.",
        rbf.SECTION,
        {},
    ),
    "γ² = 2, the border": (
        "At 2 the slope is exactly 1: fifty layers still remember a little.",
        rbf.SECTION,
        {"gamma_squared": 2.0, "depth": 50},
    ),
    "γ² = 4, order": (
        "Above 2, depth makes all inputs look alike.",
        rbf.SECTION,
        {"gamma_squared": 4.0, "depth": 20},
    ),
    "n = 0, the angle itself": (
        "A layer of steps sees the angle alone: J₀ = π − θ, with a cusp where inputs agree.",
        arc_cosine.SECTION,
        {"order": 0},
    ),
    "n = 1, ReLU": ("The kernel of a wide ReLU layer.", arc_cosine.SECTION, {}),
    "n = 2": ("Squared ReLU: the kernel narrows.", arc_cosine.SECTION, {"order": 2}),
    "n = 5": (
        "Five derivatives of J₀: near π they lose all digits, the integral does not.",
        arc_cosine.SECTION,
        {"order": 5, "angle": 175},
    ),
    "From wedge to angle": (
        "The derivation: four pictures of one number. Move θ and they move together.",
        derivation.SECTION,
        {},
    ),
    "Width 1000": ("A thousand random rows: the kernel to within some per cent.", width.SECTION, {}),
    "Too narrow": (
        "n = 3 and a hundred rows: the tail is so heavy that the normal band is wrong.",
        width.SECTION,
        {"order": 3, "width": 100},
    ),
    "Rows of ±1": (
        "The weights are no longer Gaussian: (3.2) and (3.3) part company.",
        width.SECTION,
        {"distribution": "signs"},
    ),
    "Rows with a bias": (
        "A bias is one more coordinate: inputs look more alike, and the kernel is another one.",
        width.SECTION,
        {"bias": 1.0},
    ),
    "ReLU, depth 50": (
        "Fifty ReLU layers: every pair of inputs looks nearly the same.",
        depth.SECTION,
        {"depth": 50},
    ),
    "n = 2, depth 50": (
        "Squared ReLU: nearly equal inputs are torn apart, layer by layer.",
        depth.SECTION,
        {"order": 2, "depth": 50, "angle": 3},
    ),
    "Norm 1.25": (
        "Off the unit sphere the features of squared ReLU explode doubly exponentially.",
        depth.SECTION,
        {"order": 2, "depth": 6, "norm": 1.25},
    ),
    "Regression": (
        "Three kernels, one data set: mean, band, and which depth the data prefer.",
        machine.SECTION,
        {},
    ),
    "Depth 50 forgets": (
        "At depth 50 the RBF kernel knows only equal from different, and ReLU hardly sees a difference.",
        machine.SECTION,
        {"depth": 50},
    ),
}
"""Situations worth showing: a sentence to say, the section, and what differs from its defaults."""


def main() -> None:
    """Draw the page."""
    frame("Deep networks as kernel machines")
    st.title("Deep networks as kernel machines", anchor=False)
    with st.container(key="lead"):
        st.markdown(
            "Apply a kernel’s feature map again and again: the result is **a kernel once more**, and **one number, the "
            "slope at k = 1**, decides whether depth makes inputs alike or tears them apart."
        )
    controls = {control.key: control for section in SECTIONS for control in section.parameters.values()}
    check_address(list(controls.values()), key="ke")
    _body()


@st.fragment
def _body() -> None:
    """Everything that a control may change."""
    presets = st.container(key="ke_situations")
    left, right = st.columns([1, 3.2], gap="large")
    with right:
        tabs = st.tabs(NAMES, key="ke_section", bind="query-params")
    index = next((i for i, tab in enumerate(tabs) if tab.open), 0)
    section = SECTIONS[index]
    with left, st.container(key="controls"):
        values = {name: control.draw() for name, control in section.controls.items()}
        if section.more:
            with st.expander("More"):
                values |= {name: control.draw() for name, control in section.more.items()}
    with presets:
        _presets(section, values)
    with tabs[index]:
        section.draw(values)


def _presets(section: Section, values: dict[str, Any]) -> None:
    """Draw the presets, with the sentence of the one that the controls stand at."""
    defaults = {name: control.default for name, control in section.parameters.items()}
    current = next(
        (name for name, (_, of, changes) in PRESETS.items() if of is section and values == defaults | changes), None
    )
    st.session_state["ke_preset"] = current
    st.pills(
        "Situations",
        list(PRESETS),
        key="ke_preset",
        on_change=_apply_preset,
        label_visibility="collapsed",
        wrap=False,
    )
    st.caption(PRESETS[current][0] if current else "Your own setting.")


def _apply_preset() -> None:
    name = st.session_state["ke_preset"]
    if name is not None:
        _, section, changes = PRESETS[name]
        apply({"ke_section": section.name})
        apply({control.key: changes.get(key, control.default) for key, control in section.parameters.items()})


main()
