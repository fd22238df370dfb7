"""Problem 2: composition kernels and arc-cosine kernels."""

from pages._kernels import arc_cosine, depth, derivation, machine, polynomial, rbf, width
from pages._ui.notes import notes_section
from pages._ui.page import Page, Preset
from pages._ui.sections import draw_page

PRESETS = {
    "A power of a power": Preset(
        "Three layers of ⟨x, y⟩² give ⟨x, y⟩⁸: still a polynomial kernel, of degree 2³.", polynomial.SECTION
    ),
    "Off the unit sphere": Preset(
        "With norm 1.25 k(x, x) grows from 2.44 to 35.5: depth raises the norm to a power.",
        polynomial.SECTION,
        {"norm": 1.25},
        claim="k(x, x)",
    ),
    "γ² = 1, chaos": Preset(
        "Below 2, depth keeps different inputs apart: all pairs of them end at one value below 1.", rbf.SECTION
    ),
    "γ² = 2, the border": Preset(
        "At 2 the slope is exactly 1: all inputs become alike, but after fifty layers 1 − k is still 0.036.",
        rbf.SECTION,
        {"gamma_squared": 2.0, "depth": 50},
    ),
    "γ² = 4, order": Preset(
        "Above 2, depth makes all inputs look alike.",
        rbf.SECTION,
        {"gamma_squared": 4.0, "depth": 20},
    ),
    "n = 0, the angle itself": Preset(
        "A layer of steps sees the angle alone: J₀ = π − θ, with a cusp where inputs agree.",
        arc_cosine.SECTION,
        {"order": 0},
    ),
    "n = 1, ReLU": Preset("The kernel of a wide ReLU layer.", arc_cosine.SECTION),
    "n = 2, squared ReLU": Preset("Squared ReLU: the kernel narrows.", arc_cosine.SECTION, {"order": 2}),
    "n = 5, rounding": Preset(
        "Five derivatives of J₀: near π they lose all digits, the integral does not.",
        arc_cosine.SECTION,
        {"order": 5, "angle": 178},
    ),
    "From wedge to angle": Preset(
        "The derivation: four pictures of one number. Move θ and they move together.", derivation.SECTION
    ),
    "Width 1000": Preset(
        "A thousand random rows: layers scatter around the kernel by 8.5 % (one standard deviation).", width.SECTION
    ),
    "Too narrow": Preset(
        "n = 3 and a hundred rows: no layer falls below the normal band, nearly 4 % lie above it.",
        width.SECTION,
        {"order": 3, "width": 100},
    ),
    "Rows of ±1": Preset(
        "Weights of ±1, two coordinates: the layer has a limit, but not (3.3).",
        width.SECTION,
        {"distribution": "signs"},
    ),
    "Rows with a bias": Preset(
        "A bias is one more coordinate: inputs look more alike, and the kernel is another one.",
        width.SECTION,
        {"bias": 1.0},
    ),
    "ReLU, depth 20": Preset("Twenty ReLU layers: a pair at 70° goes from correlation 0.51 to 0.95.", depth.SECTION),
    "ReLU, depth 50": Preset(
        "Fifty ReLU layers: every pair of inputs has a correlation above 0.98.",
        depth.SECTION,
        {"depth": 50},
    ),
    "n = 2, depth 50": Preset(
        "Squared ReLU: inputs 3° apart are pulled apart, layer by layer, until ρ = 0.38.",
        depth.SECTION,
        {"order": 2, "depth": 50, "angle": 3},
    ),
    "Norm 1.25": Preset(
        "Squared ReLU: the norm grows doubly exponentially (below |x|² = 1/3 it vanishes), and single nets end "
        "decades away from the recursion.",
        depth.SECTION,
        {"order": 2, "depth": 6, "norm": 1.25},
        chart="depth_norms",
    ),
    "Regression": Preset("Three kernels, one data set: mean, band, and which depth the data prefer.", machine.SECTION),
    "Depth 50 forgets": Preset(
        "At depth 50 the RBF fit is flat with a spike at every sample; ReLU follows too flatly, and is overconfident.",
        machine.SECTION,
        {"depth": 50},
        chart="machine_rbf",
    ),
}
"""Situations worth showing."""

PAGE: Page = Page(
    key="ke",
    path="kernels",
    title="Deep networks as kernel machines",
    lead="Apply a kernel’s feature map again and again: the result is **a kernel once more**. For RBF and arc-cosine "
    "kernels its **slope at k = 1** decides: below 1, depth makes all inputs alike; above 1, all different inputs end "
    "equally far apart; at exactly 1 (γ² = 2, ReLU), inputs become alike, but slowly.",
    sections=(
        polynomial.SECTION,
        rbf.SECTION,
        arc_cosine.SECTION,
        derivation.SECTION,
        width.SECTION,
        depth.SECTION,
        machine.SECTION,
        notes_section("teacher_kernels", lambda: PAGE),
    ),
    presets=PRESETS,
)

draw_page(PAGE)
