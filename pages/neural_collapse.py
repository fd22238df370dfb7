"""Problem 3: Neural Collapse and the simplex ETF."""

from pages._collapse import derivation, features, implication, regions, simplex, training
from pages._ui.notes import notes_section
from pages._ui.page import Page, Preset
from pages._ui.sections import draw_page

PRESETS = {
    "Tetrahedron": Preset("Four classes, as far apart as they can be: the corners of a tetrahedron.", simplex.SECTION),
    "Noisy features": Preset(
        "Features scatter around their means, alike in all directions: NC1 fails, yet the rows of the classifier point "
        "at the means.",
        simplex.SECTION,
        {"noise": 0.1},
    ),
    "Triangle": Preset("Three classes make a triangle, in a plane.", simplex.SECTION, {"classes": 3, "dimension": 2}),
    "C = 10": Preset(
        "Ten classes need nine dimensions; every cosine is −1/9, and this is a shadow.",
        simplex.SECTION,
        {"classes": 10},
    ),
    "Off the simplex": Preset(
        "Means of unequal lengths and angles: NC2 fails, and the classifier's rows leave the means.",
        simplex.SECTION,
        {"departure": 0.6},
    ),
    "No room": Preset(
        "Four equal angles do not fit in a plane: C − 1 dimensions are needed.", simplex.SECTION, {"dimension": 2}
    ),
    "Ideal collapse": Preset("No noise, an exact simplex: NC3 and NC4 follow, to the last digit.", implication.SECTION),
    "Isotropic noise": Preset(
        "Isotropic noise breaks NC1 and, in the population, leaves NC3 and NC4 alone.",
        implication.SECTION,
        {"noise": 0.1},
    ),
    "Anisotropic noise": Preset(
        "Noise along one direction turns the classifier away from the means.",
        implication.SECTION,
        {"anisotropy": 4.0, "noise": 0.3},
    ),
    "Tiny sampled noise": Preset(
        "Noise of 10⁻⁵, but sampled, in 20 dimensions: NC3 is far from 0, however small the noise.",
        implication.SECTION,
        {"noise": 1e-5, "sampled": True},
    ),
    "Oblique noise": Preset(
        "No samples, noise of 10⁻⁵, stretched half along and half across the span of the means: NC3 jumps "
        "all the same.",
        implication.SECTION,
        {"noise": 1e-5, "anisotropy": 4.0, "direction": "oblique"},
    ),
    "A ridge repairs it": Preset(
        "The same samples with λ = 0.001 in place of the pseudo-inverse.",
        implication.SECTION,
        {"noise": 1e-5, "sampled": True, "ridge": 1e-3},
    ),
    "NC1 without NC2": Preset("No noise, but no simplex: NC3 and NC4 fail.", implication.SECTION, {"departure": 0.5}),
    "Unbalanced": Preset(
        "One class has ten times the samples of another. Weigh classes equally, and the formulas hold verbatim.",
        implication.SECTION,
        {"noise": 0.1, "imbalance": 10.0},
    ),
    "Unbalanced, unweighted": Preset(
        "Every sample weighs the same: the large class draws the classifier to itself, and NC3 and NC4 fail.",
        implication.SECTION,
        {"noise": 0.1, "imbalance": 10.0, "weighted": False},
    ),
    "A slice of four": Preset(
        "Four classes at the collapse, on the plane through three of the means: both rules cut it alike, and the "
        "fourth class wins nowhere on it.",
        regions.SECTION,
    ),
    "One partition": Preset(
        "Three classes at the collapse: least squares and the nearest mean cut the plane alike.",
        regions.SECTION,
        {"classes": 3, "dimension": 2},
    ),
    "Two partitions": Preset(
        "Three classes off the simplex: on the grey area the two rules differ.",
        regions.SECTION,
        {"classes": 3, "dimension": 2, "departure": 0.6},
    ),
    "Stretched noise": Preset(
        "Noise along one direction: NC2 holds, yet least squares cuts elsewhere.",
        regions.SECTION,
        {"classes": 3, "dimension": 2, "noise": 0.3, "anisotropy": 4.0},
    ),
    "Unconstrained features": Preset(
        "Free features under weight decay flow to a simplex: all four conditions go to 0.", training.SECTION
    ),
    "Near the threshold": Preset(
        "Weight decay just below the threshold: a small simplex, and a slow way there.",
        training.SECTION,
        {"decay": 0.04},
    ),
    "Beyond the threshold": Preset(
        "Too much weight decay: the best features are none at all.", training.SECTION, {"decay": 0.1}
    ),
    "Digits": Preset(
        "A network on handwritten digits: after zero training error its features go on collapsing.",
        training.SECTION,
        {"training": "digits"},
    ),
    "No weight decay": Preset(
        "Digits without weight decay: the error is zero as soon, but the collapse stops early.",
        training.SECTION,
        {"training": "digits", "weight_decay": 0.0},
    ),
    "One hidden layer": Preset(
        "Digits with one hidden layer: it fits and generalizes, but cannot gather its features.",
        training.SECTION,
        {"training": "digits", "hidden_layers": 1},
    ),
    "At the collapse": Preset("No noise, a simplex: every step is an equality.", derivation.SECTION),
    "With noise": Preset(
        "Isotropic noise: steps 3 and 4 fail, yet NC3 and NC4 hold: they ask for less.",
        derivation.SECTION,
        {"noise": 0.1},
    ),
    "No simplex": Preset("Without NC2 the chain breaks at step 5.", derivation.SECTION, {"departure": 0.5}),
}
"""Situations worth showing."""

PAGE: Page = Page(
    key="nc",
    path="neural_collapse",
    title="Neural Collapse",
    lead="When features of a class become one point (**NC1**) and the points a simplex, an equiangular tight frame "
    "(**NC2**), least squares "
    "makes the rows of the classifier point at the means (**NC3**), and for every point of the space its "
    "answer is the nearest class mean (**NC4**).",
    sections=(
        simplex.SECTION,
        implication.SECTION,
        regions.SECTION,
        training.SECTION,
        features.SECTION,
        derivation.SECTION,
        notes_section("teacher_neural_collapse", lambda: PAGE),
    ),
    presets=PRESETS,
)

draw_page(PAGE)
