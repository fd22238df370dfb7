"""The page of problem 1, by its widgets and by its address."""

import re

import numpy as np
import pytest

from core.gradient_flow import FlowParams, run_flow
from tests.pages.charts import charts, drawn, named

PAGE = "pages/gradient_flow.py"
CLOUDS = {"gf_data": "Two Gaussians", "gf_noise": "0.3", "gf_bias": "false"}
ENDINGS = {"XOR, one layer": "Not linearly separable"}  # presets whose run does not come to its target


def cards(app):
    return next(text.value for text in app.markdown if 'class="claims"' in text.value)


def preset_pills(app):
    return next(group for group in app.get("button_group") if group.key == "gf_preset")


def test_opens_with_the_claim_and_four_charts_of_the_run(open_app):
    app = open_app(PAGE)
    assert not app.exception
    assert len(drawn(app)) == 4
    growth = next(chart for alt, chart in charts(app).items() if "norm of each layer" in alt)
    result = run_flow(FlowParams())
    line = named(growth, "‖W₂‖")
    np.testing.assert_allclose(line["x"], result.log10_time, rtol=1e-6)
    np.testing.assert_allclose(line["y"], result.layer_norms[:, 1], rtol=1e-6)
    assert line["line"]["dash"] == "solid"


def test_theory_is_dashed_and_measurement_solid(open_app):
    for alt, chart in charts(open_app(PAGE)).items():
        dashes = {trace["name"]: trace["line"]["dash"] for trace in chart["data"]}
        assert "dash" in dashes.values(), alt
        assert all(dash == "solid" for name, dash in dashes.items() if name.startswith(("‖W₁‖", "‖W₂‖", "d‖"))), alt


@pytest.mark.parametrize(
    ("section", "count"), [("Norm growth", 4), ("Margins", 3), ("Decision boundary", 1), ("Derivation", 0)]
)
def test_one_section_is_drawn_at_a_time(open_app, section, count):
    app = open_app(PAGE, gf_section=section)
    assert not app.exception
    assert len(drawn(app)) == count


@pytest.mark.parametrize("section", ["Norm growth", "Margins", "Decision boundary"])
def test_presets_set_the_controls_and_run(open_app, section):
    app = open_app(PAGE, gf_section=section)
    presets = preset_pills(app).options
    assert len(presets) >= 3
    for preset in presets:
        preset_pills(app).set_value(preset).run()
        assert not app.exception
        assert preset_pills(app).value == preset
        ending = ENDINGS.get(preset)
        warnings = [warning.value for warning in app.warning]
        assert (warnings == []) if ending is None else warnings[0].startswith(f"**{ending}.**")


def test_the_plateau_lasts_as_long_as_its_sentence_says():
    """The preset says that nothing happens until t ≈ 2000."""
    params = FlowParams(dataset="xor", noise=0.3, bias=False, depth=6, width=32, norm=0.25, target=-10)
    result = run_flow(params)
    assert 1500 < 10.0**result.separated_at < 2500
    assert result.log10_loss[result.log10_time < 3.0].min() > np.log10(39.0)  # of 40 at the start


def test_xor_by_one_layer_fails_and_by_two_holds(open_app):
    xor = {"gf_data": "XOR", "gf_noise": "0.3", "gf_bias": "false"}
    one, two = open_app(PAGE, **xor, gf_depth="1"), open_app(PAGE, **xor, gf_depth="2")
    assert "Norms keep growing once L < 1: premise unmet" in cards(one)
    assert "Norms keep growing once L < 1: holds" in cards(two)
    assert preset_pills(open_app(PAGE, **xor, gf_depth="1", gf_section="Decision boundary")).value == "XOR, one layer"


def test_unequal_norms_switch_one_claim_off_and_keep_the_others(open_app):
    body = cards(open_app(PAGE, gf_ratio="4"))
    assert "Equal norms stay equal: premise unmet" in body
    for claim in ("One rate for all layers", "Conserved differences", "Norms keep growing once L < 1"):
        assert f"{claim}: holds" in body


def test_one_sample_carries_the_loss_makes_1_2_apply(open_app):
    address = {"gf_data": "Two Gaussians", "gf_noise": "0.3", "gf_bias": "false", "gf_depth": "1"}
    body = cards(open_app(PAGE, **address, gf_samples="20", gf_dataseed="2", gf_section="Margins"))
    assert "The smallest margin does not decrease: holds" in body
    assert "K = 1 finds the widest margin: holds" in body
    shared = cards(open_app(PAGE, gf_section="Margins"))
    assert "The smallest margin does not decrease: premise unmet" in shared
    assert "The smoothed margin does not decrease: holds" in shared


@pytest.mark.parametrize(
    ("name", "text", "used"),
    [
        ("gf_depth", "9", 3),
        ("gf_depth", "nan", 3),
        ("gf_depth", "1e400", 3),
        ("gf_noise", "0.07", 0.05),
        ("gf_norm", "banana", 2.0),
        ("gf_norm", "", 2.0),
        ("gf_data", "<script>", "moons"),
        ("gf_bias", "maybe", True),
    ],
)
def test_bad_value_in_the_link_is_named_and_replaced(open_app, name, text, used):
    app = open_app(PAGE, **{name: text})
    assert not app.exception
    assert app.session_state[name] == used
    assert any(f"{name}={text} is not" in notice.value for notice in app.text)
    app.button(key="gf_dismiss").click().run()
    assert not app.text


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [("gf_depth", "2", 2), ("gf_flow", "Normalized", "normalized"), ("gf_bias", "False", False)],
)
def test_good_value_in_the_link_is_taken(open_app, name, text, value):
    app = open_app(PAGE, **{name: text})
    assert app.session_state[name] == value
    assert not app.text


def test_a_new_data_set_brings_its_noise_and_bias(open_app):
    app = open_app(PAGE)
    app.selectbox(key="gf_data").set_value("xor").run()
    assert app.session_state["gf_noise"] == 0.3
    assert app.session_state["gf_bias"] is False


def test_the_axis_changes_the_charts_and_not_the_run(open_app):
    app = open_app(PAGE, gf_axis="Loss L")
    result = run_flow(FlowParams())
    growth = next(chart for alt, chart in charts(app).items() if "norm of each layer" in alt)
    np.testing.assert_allclose(named(growth, "‖W₁‖")["x"], result.log10_loss, rtol=1e-5, atol=1e-5)
    assert growth["layout"]["xaxis"]["range"][0] > growth["layout"]["xaxis"]["range"][1]  # the loss falls to the right


def test_data_in_ten_dimensions_have_no_decision_boundary(open_app):
    app = open_app(PAGE, gf_data="Gaussians, d = 10", gf_noise="0.3", gf_bias="false", gf_section="Decision boundary")
    assert not drawn(app)
    assert "two coordinates" in app.info[0].value


@pytest.mark.parametrize("flow", ["Plain", "Normalized"])
def test_derivation_holds_every_step_against_the_run(open_app, flow):
    app = open_app(PAGE, gf_section="Derivation", gf_flow=flow, gf_target="10⁻¹⁰⁰", gf_depth="2", **CLOUDS)
    (text,) = [text.value for text in app.markdown if "Step 1" in text.value]
    checks = re.findall(r'<p class="claim step">(.*)</p>', text)
    assert len(checks) == 12
    residuals = [parsed(body) for body in checks if "relative difference" in body]
    assert len(residuals) == 7
    assert max(residuals) < 1e-2
    assert sum("holds in every layer" in body for body in checks) == 1
    assert sum("% apart" in body for body in checks) == 4
    assert [len(re.findall(rf"\*\*Step {i}\.", text)) for i in range(1, 14)] == [1] * 13


def parsed(body):
    number = body.rsplit("difference ", 1)[1].translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789"))
    return float(re.sub(r"^10-", "1e-", number.replace(" × 10", "e")))


def test_derivation_has_the_formulas_of_the_flow_that_runs(open_app):
    """The plain flow turns and raises with 1/rho_k^2, the normalized one without."""
    pages = {
        flow: " ".join(text.value for text in open_app(PAGE, gf_section="Derivation", gf_flow=flow, **CLOUDS).markdown)
        for flow in ("Plain", "Normalized")
    }
    step_6 = r"e^{-\rho\nu_1}\sum_k"
    assert step_6 + r"\frac{1}{\rho_k^2}" in pages["Plain"]
    assert step_6 + r"\Big(" in pages["Normalized"]
    assert r"\dot V_k = \frac{\rho}{\rho_k^2}\sum_i" in pages["Plain"]
    assert r"\dot V_k = \rho\sum_i" in pages["Normalized"]
    for flow, page in pages.items():
        assert r"f(V; x_1)^2\Big)" in page, flow


def test_laws_are_not_given_numbers_before_their_time(open_app):
    app = open_app(PAGE, gf_section="Derivation", gf_moment="0", **CLOUDS)
    (text,) = [text.value for text in app.markdown if "Step 1" in text.value]
    assert text.count("not yet at this moment") == 4


def test_loss_is_drawn_with_its_law(open_app):
    app = open_app(PAGE, **CLOUDS)
    chart = next(chart for alt, chart in charts(app).items() if "law for the loss" in alt)
    result = run_flow(FlowParams(dataset="gaussians", noise=0.3, bias=False))
    measured, law = named(chart, "1/(tL)"), next(trace for trace in chart["data"] if trace["line"]["dash"] == "dash")
    growth = -result.snapshot_log10_loss[-1] - result.snapshot_log10_time[-1]
    assert measured["y"][-1] == pytest.approx(growth, rel=1e-5)
    constant = np.log10(3.0 * result.smoothed_margin[-1] ** (2.0 / 3.0))
    np.testing.assert_allclose(law["y"], constant + 4.0 / 3.0 * np.log10(law["x"]), rtol=1e-5)
    assert law["meta"] == "derived"
    assert measured["meta"] == "measurement"
    assert "Rate of the loss: holds" in cards(app)


def upload(app, content):
    app.file_uploader[0].set_value(("table.csv", content, "text/csv")).run()
    return app


def test_own_table_runs_and_stays_out_of_the_address(open_app):
    app = open_app(PAGE, gf_data="Your own table", gf_target="10⁻¹⁰")
    assert "Choose a CSV file" in app.info[0].value
    rows = [f"{x},{y},{'a' if x + y > 0 else 'b'}" for x in (-2, -1, 1, 2) for y in (-2.5, -0.5, 0.7, 2.2)]
    upload(app, "\n".join(["width,height,kind", *rows]).encode())
    assert not app.exception
    assert len(drawn(app)) == 4


@pytest.mark.parametrize(
    ("content", "names"),
    [
        (b"", "empty"),
        (b"a,b,label\n1,2,0\n1,x,1\n", "Row 3, column “b”"),
        (b"a,b,label\n1,2,0\n1,nan,1\n", "Row 3, column “b”"),
        (b"a,b,label\n1,2,0\n3,4,0\n", "The label column “label”"),
        (b"a,b,label\n" + b"1,2,0\n" * 300, "300 rows"),
        (b"a,b,label\n1,2,0\n1,2\n", "Row 3 has 2 columns"),
    ],
)
def test_bad_table_is_refused_in_one_sentence(open_app, content, names):
    app = upload(open_app(PAGE, gf_data="Your own table"), content)
    assert not app.exception
    assert names in app.error[0].value.replace("\\", "")


def test_words_of_a_file_are_shown_and_not_interpreted(open_app):
    content = b"a,b,label\n1,<b>[x](y)</b>$z$,0\n"
    app = upload(open_app(PAGE, gf_data="Your own table"), content)
    assert r"\<b\>\[x\]\(y\)\</b\>\$z\$" in app.error[0].value
