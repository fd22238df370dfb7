"""Problem 1: norm growth and normalized margins of deep ReLU networks under the exponential loss."""

from pages._flow import boundary, derivation, margins, norms
from pages._ui.notes import notes_section
from pages._ui.page import Page, Preset
from pages._ui.sections import draw_page

XOR = {"dataset": "xor", "noise": 0.3, "bias": False}

PRESETS = {
    "Equal norms, K = 3": Preset(
        "Three layers start with one norm and keep one norm, for 800 decades of the loss.", norms.SECTION
    ),
    "Unequal norms": Preset(
        "The norms differ and grow at different rates; their squares grow at one rate. Late, the growth hides it.",
        norms.SECTION,
        {"norm_ratio": 4.0, "early": True},
    ),
    "Deep plateau": Preset(
        "Six layers with small norms: f is nearly zero, so is its gradient, and nothing happens until t ≈ 2000.",
        norms.SECTION,
        {**XOR, "depth": 6, "width": 32, "norm": 0.25, "early": True},
    ),
    "Beyond floating point": Preset(
        "Time and loss are carried as logarithms: the loss falls to 10⁻¹⁰⁰⁰⁰, and norms and loss follow their laws.",
        norms.SECTION,
        {"target": -10000},
    ),
    "Many samples share the loss": Preset(
        "The smoothed margin never decreases; what 1.2 says of the smallest one needs a single sample with the loss.",
        margins.SECTION,
    ),
    "One sample for a while, K = 3": Preset(
        "From L ≈ 1 to 10⁻³·⁶ one of four samples carries 99 % of the loss, and its margin rises; then others join.",
        margins.SECTION,
        {
            "dataset": "gaussians10",
            "noise": 0.3,
            "bias": False,
            "width": 4,
            "samples": 4,
            "data_seed": 20,
            "seed": 10,
            "target": -10,
        },
        chart="loss_share",
        claim="The smallest margin",
    ),
    "One sample carries the loss": Preset(
        "The case of 1.2: one support vector, p₁ → 1, and its margin never decreases.",
        margins.SECTION,
        {
            "dataset": "gaussians",
            "noise": 0.3,
            "bias": False,
            "depth": 1,
            "samples": 20,
            "data_seed": 2,
        },
        chart="margins",
        claim="The smallest margin",
    ),
    "Normalized flow": Preset(
        "The flow of 1.2, under ‖Vₖ‖ = 1: another clock, and the same theorem on the smoothed margin.",
        margins.SECTION,
        {"dynamics": "normalized"},
    ),
    "Moons": Preset(
        "Three layers bend their boundary between the moons; ringed are the samples that carry the loss.",
        boundary.SECTION,
    ),
    "XOR, one layer": Preset(
        "No line separates XOR: the loss settles, and the norm stops.", boundary.SECTION, {**XOR, "depth": 1}
    ),
    "XOR, two layers": Preset(
        "One hidden layer separates XOR, and the norms grow for ever.", boundary.SECTION, {**XOR, "depth": 2}
    ),
    "One flipped label": Preset(
        "A label is wrong, yet a deep network separates the data all the same, with a smaller margin.",
        boundary.SECTION,
        {"flipped": 1},
    ),
}
"""Situations worth showing."""

PAGE: Page = Page(
    key="gf",
    path="gradient_flow",
    title="Norm growth and normalized margins",
    lead="Once the loss of a deep ReLU network is below 1, the squared norms of all layers grow at **one rate, for "
    "ever**. The **mean of the margins**, weighted by their shares of the loss, always rises, and the smoothed margin "
    "never falls.",
    sections=(
        norms.SECTION,
        margins.SECTION,
        boundary.SECTION,
        derivation.SECTION,
        notes_section("teacher_gradient_flow", lambda: PAGE),
    ),
    presets=PRESETS,
)

draw_page(PAGE)
