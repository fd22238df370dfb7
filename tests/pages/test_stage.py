"""Presenting: one chart and its claim at a time, and the presets as a talk."""

import re

import pytest

from tests.pages.actions import copied
from tests.pages.charts import drawn

PAGES = {"gf": "pages/gradient_flow.py", "ke": "pages/kernels.py", "nc": "pages/neural_collapse.py"}
every_page = pytest.mark.parametrize("key", PAGES)


def on_stage(open_app, key, **address):
    return open_app(PAGES[key], present="1", **address)


def claims(app):
    return re.findall(r'aria-label="([^"]+): ', "".join(text.value for text in app.markdown))


def place(app):
    """Name of the preset that is on, as the line at the foot says it."""
    words = [text.value.replace("\\", "") for text in app.markdown]
    return next(text for text in words if re.match(r"\d+ of \d+: |Your own setting", text))


@every_page
def test_the_button_begins_and_ends_a_presentation(open_app, key):
    app = open_app(PAGES[key])
    whole = drawn(app)
    app.button(key=f"{key}_present").click().run()
    assert app.query_params["present"] == ["1"] or app.query_params["present"] == "1"
    assert not app.exception
    assert [(one["alt"], one["fill"]) for one in drawn(app)] == [(whole[0]["alt"], True)]
    assert not app.tabs
    app.button(key=f"{key}_leave").click().run()
    assert len(drawn(app)) == len(whole)
    assert "present" not in app.query_params


@every_page
def test_the_talk_goes_through_all_presets_with_a_sentence_and_a_claim_each(open_app, key):
    app = on_stage(open_app, key)
    assert app.button(key=f"{key}_previous").disabled
    names, sentences, shown = [], [], []
    while True:
        assert not app.exception, place(app)
        names.append(place(app).split(": ", 1)[1])
        sentences.append(app.header[0].value)
        assert len(drawn(app)) <= 1
        assert len(claims(app)) <= 1
        shown.append(claims(app))
        if app.button(key=f"{key}_next").disabled:
            break
        app.button(key=f"{key}_next").click().run()
    assert place(app).startswith(f"{len(names)} of {len(names)}")
    assert len(set(names)) == len(names) >= 10
    assert len(set(sentences)) == len(sentences)
    assert sum(bool(one) for one in shown) > 0.7 * len(shown)
    app.button(key=f"{key}_previous").click().run()
    assert place(app).split(": ", 1)[1] == names[-2]


@every_page
def test_a_link_opens_the_same_moment_of_a_talk(open_app, key):
    app = on_stage(open_app, key)
    for _ in range(3):
        app.button(key=f"{key}_next").click().run()
    app.button(key=f"{key}_chart").click().run()
    here = {name: value[-1] if isinstance(value, list) else value for name, value in app.query_params.items()}
    other = open_app(PAGES[key], **here)
    assert place(other) == place(app)
    assert drawn(other) == drawn(app)


def test_the_charts_of_a_section_come_one_after_the_other(open_app):
    app = on_stage(open_app, "ke", ke_section="2.2 RBF")
    alts = [drawn(app)[0]["alt"]]
    for number in range(2, 5):
        app.button(key="ke_chart").click().run()
        assert app.button(key="ke_chart").label == f"Chart {number} of 4"
        alts.append(drawn(app)[0]["alt"])
    assert len(set(alts)) == 4
    app.button(key="ke_chart").click().run()
    assert drawn(app)[0]["alt"] == alts[0]


def test_the_claim_is_that_of_the_chart(open_app):
    app = on_stage(open_app, "ke", ke_section="2.2 RBF")
    assert claims(app) == ["The composition kernel"]
    app.query_params["stage"] = "rbf_small"
    assert claims(app.run()) == ["Small distances"]


def test_a_chart_that_is_not_there_is_named(open_app):
    app = on_stage(open_app, "ke", ke_section="2.2 RBF", stage="<b>cobweb")
    assert app.text[0].value == "From the link: stage=<b>cobweb is no chart here, showing another."
    assert drawn(app) == drawn(on_stage(open_app, "ke", ke_section="2.2 RBF"))
    assert not app.run().text


def test_controls_can_be_moved_on_stage(open_app):
    app = on_stage(open_app, "ke", ke_section="2.2 RBF")
    before = drawn(app)
    app.button(key="ke_adjust").click().run()
    app.slider(key="ke_rbf_depth").set_value(3).run()
    assert drawn(app) != before
    assert place(app) == "Your own setting"
    app.button(key="ke_next").click().run()  # goes on from where the talk was
    assert place(app).startswith("4 of")


def test_a_section_without_charts_can_be_presented(open_app):
    app = on_stage(open_app, "nc", nc_section="Derivation")
    assert not app.exception
    assert any("not equal" in text.value or "equal" in text.value for text in app.markdown)


def test_the_link_of_the_page_does_not_present(open_app):
    assert "present" not in copied(open_app(PAGES["ke"]))


def test_a_preset_begins_with_the_chart_and_the_claim_that_it_is_about(open_app):
    address = {"ke_section": "Depth", "ke_n": "2", "ke_depth": "6", "ke_depth_norm": "1.25"}
    app = on_stage(open_app, "ke", **address)
    assert "squared norm of the features" in drawn(app)[0]["alt"]
    assert claims(app) == ["Norm recursion"]
    app = on_stage(open_app, "ke", ke_section="2.1 Polynomial", ke_poly_norm="1.25")
    assert claims(app) == ["k(x, x) by depth"]
