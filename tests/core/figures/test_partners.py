"""Every chart has one function that says what it shows."""

import inspect
from importlib import import_module

import pytest

PARTNERS = {
    "gradient_flow.norms": {"norm_growth_figure": "describe_norms"},
    "gradient_flow.margins": {},
    "gradient_flow.boundary": {},
    "kernels.polynomial": {"inner_product_figure": "describe_polynomial"},
    "kernels.rbf": {"distance_figure": "describe_rbf"},
    "kernels.arc_cosine": {"angle_figure": "describe_angular"},
    "kernels.derivation": {},
    "kernels.width": {"estimate_figure": "describe_width"},
    "kernels.depth": {"nets_figure": "describe_depth", "norm_figure": "describe_norms"},
    "kernels.machine": {},
    "neural_collapse.common": {},
    "neural_collapse.conditions": {},
    "neural_collapse.implication": {},
    "neural_collapse.regions": {},
    "neural_collapse.simplex": {},
    "neural_collapse.training": {"metrics_figure": "describe_training"},
}
"""Names that are not made of the figure's, by module."""
NO_CHARTS = {
    ("neural_collapse.common", "space_figure"),  # a frame for others
}


def charts():
    for name in PARTNERS:
        module = import_module(f"core.figures.{name}")
        for function in vars(module).values():
            if inspect.isfunction(function) and function.__module__ == module.__name__:
                chart = function.__name__
                if chart.endswith("_figure") and not chart.startswith("_") and (name, chart) not in NO_CHARTS:
                    yield name, chart


@pytest.mark.parametrize(("name", "chart"), charts())
def test_every_chart_has_its_own_sentence(name, chart):
    module = import_module(f"core.figures.{name}")
    partner = PARTNERS[name].get(chart, f"describe_{chart.removesuffix('_figure')}")
    described = inspect.signature(getattr(module, partner)).parameters
    drawn = inspect.signature(getattr(module, chart)).parameters
    needed = [key for key, value in described.items() if value.default is inspect.Parameter.empty]
    assert needed[0] == next(iter(drawn))
    assert set(needed) <= set(drawn)


def test_no_sentence_is_that_of_two_charts():
    partners = [
        (name, PARTNERS[name].get(chart, f"describe_{chart.removesuffix('_figure')}")) for name, chart in charts()
    ]
    assert len(set(partners)) == len(partners)
    assert len(partners) > 40
