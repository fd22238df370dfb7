"""Controls of all sections: one run is seen from several sides."""

import streamlit as st

from core.figures.gradient_flow.axis import AXES
from core.gradient_flow.datasets import KINDS
from core.gradient_flow.params import TARGETS, UPLOAD
from core.notation import superscript
from pages._ui.controls import Choice, Control, Number, Switch, set_control


def _suit_dataset() -> None:
    """Give a newly chosen data set the noise and the bias that suit it."""
    kind = KINDS.get(st.session_state["gf_data"])
    if kind is not None:
        set_control(MORE["noise"], kind.noise)
        set_control(MORE["bias"], kind.bias)


CONTROLS: dict[str, Control] = {
    "dataset": Choice(
        key="gf_data",
        label="Data",
        default="moons",
        options={key: kind.title for key, kind in KINDS.items()} | {UPLOAD: "Your own table"},
        on_change=_suit_dataset,
    ),
    "depth": Number(key="gf_depth", label="Layers K", default=3, low=1, high=6, step=1),
    "norm": Choice(
        key="gf_norm",
        label="Norm of a layer at the start",
        default=2.0,
        options={value: f"{value:g}" for value in (0.25, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0)},
        widget="slider",
    ),
    "norm_ratio": Choice(
        key="gf_ratio",
        label="Last layer’s norm over the first’s",
        default=1.0,
        options={0.125: "1/8", 0.25: "1/4", 0.5: "1/2", 1.0: "1, equal", 2.0: "2", 4.0: "4", 8.0: "8"},
        widget="slider",
        help="The assumption of 1.1: all layers start with one norm.",
    ),
    "flipped": Number(
        key="gf_flipped",
        label="Flipped labels",
        default=0,
        low=0,
        high=5,
        step=1,
        help="Labels turned over at random, each among samples of the other class.",
    ),
    "dynamics": Choice(
        key="gf_flow",
        label="Flow",
        default="plain",
        options={"plain": "Plain", "normalized": "Normalized"},
        widget="segmented",
        help="Plain: Ẇₖ = −∂L/∂Wₖ. Normalized: the flow of L(V, ρ) under ‖Vₖ‖ = 1, as in 1.2. "
        "They turn the directions the same way, but at speeds that differ by 1/ρₖ².",
    ),
}
MORE: dict[str, Control] = {
    "target": Choice(
        key="gf_target",
        label="Run until the loss is",
        default=-800,
        options={value: f"10{superscript(value)}" for value in TARGETS},
    ),
    "width": Choice(
        key="gf_width",
        label="Width of the hidden layers",
        default=16,
        options={value: str(value) for value in (2, 4, 8, 16, 24, 32)},
        widget="slider",
    ),
    "samples": Choice(
        key="gf_samples",
        label="Samples",
        default=40,
        options={value: str(value) for value in (4, 6, 10, 20, 40, 60, 80, 100, 150, 200)},
        widget="slider",
    ),
    "noise": Number(key="gf_noise", label="Noise", default=0.1, low=0.0, high=1.0, step=0.05, format="%.2f"),
    "bias": Switch(
        key="gf_bias",
        label="Bias coordinate",
        default=True,
        help="A coordinate that is 1 for every sample. Without it f has one sign along each ray from the origin.",
    ),
    "data_seed": Number(key="gf_dataseed", label="Seed of the data", default=0, low=0, high=20, step=1),
    "seed": Number(key="gf_seed", label="Seed of the weights", default=0, low=0, high=20, step=1),
}
AXES_OF_CHARTS: dict[str, Control] = {
    "axis": Choice(key="gf_axis", label="Against", default="time", options=AXES, widget="segmented", quiet=True),
    "early": Switch(key="gf_early", label="Zoom on the separation", default=False),
}
"""How the charts against time are drawn."""
