"""Quizzes: hidden controls, and a measurement that is not told before it is asked for."""

import re

import pytest

from pages._ui.quiz import HIDDEN, seal
from tests.pages.actions import copied, quiz_modes
from tests.pages.charts import charts, drawn, said, words

PAGES = {
    "gf": ("pages/gradient_flow.py", {}),
    "ke": ("pages/kernels.py", {"ke_section": "2.2 RBF"}),
    "nc": ("pages/neural_collapse.py", {"nc_section": "NC1 + NC2 ⇒ NC3 + NC4"}),
}
every_page = pytest.mark.parametrize("key", PAGES)


def visible(app):
    return {
        (alt, trace.get("name"))
        for alt, chart in charts(app).items()
        for trace in chart["data"]
        if trace.get("visible", True)
    }


@every_page
def test_the_measurement_is_hidden_until_asked_for(open_app, key):
    page, address = PAGES[key]
    whole = open_app(page, **address)
    app = open_app(page, hide="measured", **address)
    assert not app.exception
    assert visible(app) < visible(whole)
    assert not re.search(r"measured: |class=\"chip", " ".join(words(app)))
    assert not said(app)
    titles = {chart["layout"]["title"]["text"] for chart in charts(app).values()}
    assert titles != {chart["layout"]["title"]["text"] for chart in charts(whole).values()}
    app.button(key=f"{key}_reveal").click().run()
    assert drawn(app) == drawn(whole)
    assert any("measured: " in text.value for text in app.markdown)


def test_another_setting_is_to_be_guessed_anew(open_app):
    app = open_app("pages/kernels.py", ke_section="2.2 RBF", hide="measured")
    app.button(key="ke_reveal").click().run()
    app.slider(key="ke_rbf_depth").set_value(3).run()
    assert app.button(key="ke_reveal")
    app.slider(key="ke_rbf_depth").set_value(5).run()
    assert not [button for button in app.button if button.key == "ke_reveal"]


def test_a_hidden_control_is_not_drawn_and_keeps_the_value_of_the_link(open_app):
    address = {"ke_section": "2.2 RBF", "ke_rbf_depth": "7"}
    whole = open_app("pages/kernels.py", **address)
    app = open_app("pages/kernels.py", hide="ke_rbf_depth", **address)
    assert "ke_rbf_depth" in {slider.key for slider in whole.slider}
    assert "ke_rbf_depth" not in {slider.key for slider in app.slider}
    assert drawn(app) == drawn(whole)
    for link in (copied(app), app.query_params):
        assert "ke_rbf_depth" not in link
        assert "7" not in "".join(link["seal"])
    again = open_app("pages/kernels.py", **copied(app))
    assert copied(again) == copied(app)
    assert drawn(again) == drawn(whole)


@pytest.mark.parametrize(
    ("seal", "said"), [("%%%", "seal cannot be read"), (seal({"ke_gamma2": "9"}), "none of ke_gamma2")]
)
def test_a_damaged_seal_is_named_and_gives_the_default(open_app, seal, said):
    app = open_app("pages/kernels.py", ke_section="2.2 RBF", hide="ke_gamma2", seal=seal)
    assert not app.exception
    assert said in " ".join(element.value for element in app.text)
    assert drawn(app) == drawn(open_app("pages/kernels.py", ke_section="2.2 RBF"))


def test_a_seal_sets_only_what_is_hidden(open_app):
    app = open_app("pages/kernels.py", ke_section="2.2 RBF", hide="ke_gamma2", seal=seal({"ke_rbf_depth": "7"}))
    assert app.slider(key="ke_rbf_depth").value == 5


def test_nothing_names_the_values_of_hidden_controls(open_app):
    address = {"ke_section": "2.2 RBF"}
    whole = open_app("pages/kernels.py", **address)
    assert whole.session_state["ke_preset"]
    sentence = whole.caption[0].value
    page = open_app("pages/kernels.py", hide="ke_gamma2", **address)
    stage = open_app("pages/kernels.py", hide="ke_gamma2", present="1", **address)
    assert page.session_state["ke_preset"] is None
    for app in (page, stage):
        said = [element.value for element in (*app.caption, *app.header)]
        assert HIDDEN in said
        assert sentence not in said


@pytest.mark.parametrize("hide", ["measured", "ke_gamma2"])
def test_files_do_not_give_a_quiz_away(open_app, hide):
    app = open_app("pages/kernels.py", ke_section="2.2 RBF", hide=hide)
    app.session_state["ke_save"] = True
    app.run()
    assert any("Nothing can be saved" in caption.value for caption in app.caption)
    assert not app.get("download_button")


@pytest.mark.parametrize("text", ["ke_nothing", "ke_rbf_depth,<script>", ",,", "measured,measured"])
def test_names_to_hide_that_mean_nothing_are_named(open_app, text):
    app = open_app("pages/kernels.py", ke_section="2.2 RBF", hide=text)
    assert not app.exception
    known = {"ke_rbf_depth", "measured", ""}
    unknown = [name for name in text.split(",") if name not in known]
    notice = " ".join(element.value for element in app.text)
    assert all(f"hide={name}" in notice for name in unknown)
    assert bool(unknown) == bool(notice)


def test_the_menu_makes_the_link(open_app):
    app = open_app("pages/kernels.py", ke_section="2.2 RBF", ke_gamma2="4")
    app.session_state["ke_quiz"] = True
    app.run()
    app.multiselect(key="ke_hide").set_value(["ke_gamma2"]).run()
    app.toggle(key="ke_stand").set_value(True).run()
    linked = copied(app) | quiz_modes(app)
    assert (linked["hide"], linked["present"], linked["ke_gamma2"]) == ("ke_gamma2,measured", "1", "4")
    other = open_app("pages/kernels.py", **linked)
    assert not other.exception
    assert other.button(key="ke_reveal")


def test_a_chart_of_which_nothing_is_left_is_left_out(open_app):
    whole = open_app("pages/neural_collapse.py")
    app = open_app("pages/neural_collapse.py", hide="measured")
    left = {alt for alt in charts(whole) if alt not in charts(app)}
    assert left == {"Matrix of the cosines between the class means."}


def test_the_main_chart_keeps_its_axes_without_numbers_where_nothing_is_known_before(open_app):
    app = open_app("pages/gradient_flow.py", hide="measured")
    main = next(iter(charts(app).values()))
    assert main["layout"]["title"]["text"] == "Norms of the layers"
    assert not any(trace["visible"] for trace in main["data"])
    assert main["layout"]["yaxis"]["showticklabels"] is False
    assert not main["layout"]["annotations"]


def test_neither_the_sentence_nor_the_stage_tells_the_answer(open_app):
    sentence = open_app("pages/gradient_flow.py").caption[0].value
    app = open_app("pages/gradient_flow.py", hide="measured")
    assert sentence not in [caption.value for caption in app.caption]
    stage = open_app("pages/gradient_flow.py", hide="measured", present="1")
    assert stage.header[0].value == "Predict first: what will be measured?"
    stage.button(key="gf_reveal").click().run()
    assert stage.header[0].value == sentence


@pytest.mark.parametrize(
    ("key", "section"),
    [("gf", "Derivation"), ("gf", "For the teacher"), ("ke", "For the teacher"), ("nc", "Derivation")],
)
def test_a_section_without_a_measurement_keeps_its_sentence(open_app, key, section):
    address = {f"{key}_section": section}
    whole, app = open_app(PAGES[key][0], **address), open_app(PAGES[key][0], hide="measured", **address)
    assert app.caption[0].value == whole.caption[0].value != ""
