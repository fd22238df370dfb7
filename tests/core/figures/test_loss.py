"""The chart of the loss shows the run and its law, and says the slope that it shows."""

import numpy as np
import pytest

from core.figures.gradient_flow.loss import describe_loss, loss_figure
from core.gradient_flow import FlowParams, run_flow
from core.gradient_flow.rates import loss_law

RUNS = {
    "K = 1": FlowParams(dataset="gaussians", noise=0.3, bias=False, depth=1, samples=10),
    "K = 2": FlowParams(dataset="gaussians", noise=0.3, bias=False, depth=2, samples=10, width=8),
    "early": FlowParams(dataset="gaussians", noise=0.3, bias=False, depth=3, samples=10, width=8, target=-10),
    "not separable": FlowParams(dataset="xor", noise=0.3, bias=False, depth=1),
    "one moment": FlowParams(width=2, depth=6),
}


@pytest.fixture(scope="module", params=RUNS)
def law(request):
    return loss_law(run_flow(RUNS[request.param]))


def test_figure_is_valid_with_measurement_solid_and_law_dashed(law):
    figure = loss_figure(law)
    assert figure.layout.title.text
    assert figure.layout.xaxis.title.text == "log t"
    assert np.isfinite(figure.layout.yaxis.range).all()
    dashes = {trace.meta: trace.line.dash for trace in figure.data}
    assert dashes["measurement"] == "solid"
    assert ("derived" in dashes) is bool(np.isfinite(law.log10_constant))
    assert dashes.get("derived", "dash") == "dash"


def test_the_dashed_line_has_the_slope_of_the_law_and_ends_near_the_run(law):
    derived = [trace for trace in loss_figure(law).data if trace.meta == "derived"]
    for trace in derived:
        slope = np.diff(trace.y)[0] / np.diff(np.log10(trace.x))[0]
        assert slope == pytest.approx(law.exponent, abs=1e-4)
        assert trace.y[-1] == pytest.approx(law.log10_growth[-1], abs=0.5)


def test_the_sentence_and_the_title_have_the_measured_slope(law):
    if np.isfinite(law.slope):
        assert f"{law.slope:.2f}" in loss_figure(law).layout.title.text
        assert "2 − 2/K" in describe_loss(law)
    else:
        assert "slope of 1/(tL)" not in describe_loss(law)
