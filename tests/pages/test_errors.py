"""Errors that nobody foresaw: logged once with the link, a sentence for the visitor, and the page goes on."""

import logging

import pytest

from core.figures.gradient_flow import norms as figures
from pages._ui import errors
from pages._ui.errors import SENTENCE
from tests.pages.actions import copied
from tests.pages.charts import drawn

PAGE = "pages/gradient_flow.py"
QUICK = {"gf_depth": "1", "gf_target": "10⁻¹⁰", "gf_data": "Two Gaussians"}
SECRET = "row 3: my secret"


@pytest.fixture
def broken(monkeypatch, contained):
    """The first section of problem 1 fails, while drawing its first chart."""

    def fail(*_):
        raise KeyError(SECRET)

    monkeypatch.setattr(figures, "norm_growth_figure", fail)
    yield
    contained.clear()


def logged(caplog) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.name == errors.__name__]


def test_a_section_that_fails_says_so_and_the_others_work(open_app, broken):
    app = open_app(PAGE, **QUICK)
    assert not app.exception
    assert [error.value for error in app.error] == [SENTENCE]
    assert app.slider(key="gf_depth").value == 1
    assert copied(app)["gf_depth"] == "1"
    app.session_state["gf_section"] = app.query_params["gf_section"] = "Margins"
    app.run()
    assert not app.error
    assert drawn(app)


def test_it_is_logged_once_with_the_link_and_without_a_visitors_words(open_app, broken, caplog):
    caplog.set_level(logging.ERROR)
    app = open_app(PAGE, **QUICK)
    app.slider(key="gf_flipped").set_value(1).run()
    open_app(PAGE, **QUICK)
    (text,) = logged(caplog)
    assert text.startswith("KeyError at /gradient_flow?v=1&")
    for part in ("gf_depth=1&", "gf_data=Two+Gaussians", "gf_flipped=0", "sections.py", "in fail"):
        assert part in text
    assert SECRET not in text


def test_the_link_of_the_log_repeats_the_error(open_app, broken, caplog):
    caplog.set_level(logging.ERROR)
    app = open_app(PAGE, **QUICK)
    query = logged(caplog)[0].split("?", 1)[1].split("\n", 1)[0]
    assert dict(pair.split("=", 1) for pair in query.split("&")).keys() == copied(app).keys()


def test_a_presentation_that_fails_says_so(open_app, broken):
    app = open_app(PAGE, present="1", **QUICK)
    assert not app.exception
    assert [error.value for error in app.error] == [SENTENCE]


def test_another_error_at_another_place_is_logged_too(contained, caplog):
    caplog.set_level(logging.ERROR)
    for error in (KeyError(), KeyError(), ValueError()):
        with errors.contained("page", lambda: "a=1"):
            raise error
    with errors.contained("page", lambda: 1 / 0):
        raise OSError(SECRET)
    assert [text.partition("\n")[0] for text in logged(caplog)] == [
        "KeyError at /page?a=1",
        "ValueError at /page?a=1",
        "OSError at /page?",
    ]
    contained.clear()
