"""Pins: earlier runs in grey, named by what differs, three at most."""

import pytest

from core.figures import style
from tests.pages.charts import charts, drawn

PAGES = {
    "gf": (
        "pages/gradient_flow.py",
        {"gf_target": "10⁻¹⁰"},
        "gf_ratio",
        4.0,
        "Last layer’s norm over the first’s 1, equal",
    ),
    "ke": ("pages/kernels.py", {"ke_section": "2.2 RBF"}, "ke_rbf_depth", 3, "Depth ℓ 5"),
    "nc": ("pages/neural_collapse.py", {}, "nc_departure", 0.5, "Distance from the ETF 0"),
}


def move(app, key, value):
    widgets = {widget.key: widget for widget in (*app.slider, *app.select_slider)}
    widgets[key].set_value(value)
    return app.run()


def legends(app):
    return {trace["name"] for chart in charts(app).values() for trace in chart["data"] if trace.get("legendgroup")}


@pytest.mark.parametrize("key", PAGES)
def test_a_later_run_is_drawn_over_the_pinned_one(open_app, key):
    page, address, control, value, name = PAGES[key]
    app = open_app(page, **address)
    alone = drawn(app)
    app.button(key=f"{key}_pin").click().run()
    assert drawn(app) == alone  # the run itself is not drawn over itself
    move(app, control, value)
    assert not app.exception
    assert legends(app) == {name}
    before = {one["alt"]: one["figure"] for one in alone}
    under = [trace for trace in charts(app)[alone[0]["alt"]]["data"] if trace.get("legendgroup")]
    measured = [trace for trace in before[alone[0]["alt"]]["data"] if trace.get("line", {}).get("dash") != "dash"]
    assert under[0]["line"]["color"] == style.GREY
    assert len(under) >= 1
    assert measured
    app.button(key=f"{key}_unpin_0").click().run()
    assert legends(app) == set()


def test_there_are_three_pins_at_most_and_the_oldest_gives_way(open_app):
    app = open_app("pages/kernels.py", ke_section="2.2 RBF")
    for depth in (1, 2, 3, 4):
        move(app, "ke_rbf_depth", depth)
        app.button(key="ke_pin").click().run()
    move(app, "ke_rbf_depth", 10)
    assert legends(app) == {"Depth ℓ 2", "Depth ℓ 3", "Depth ℓ 4"}


def test_pins_stay_with_their_section(open_app):
    app = open_app("pages/kernels.py", ke_section="2.2 RBF")
    app.button(key="ke_pin").click().run()
    app.session_state["ke_section"] = app.query_params["ke_section"] = "Depth"
    app.run()
    move(app, "ke_depth", 7)
    assert legends(app) == set()
    app.session_state["ke_section"] = app.query_params["ke_section"] = "2.2 RBF"
    app.run()
    move(app, "ke_rbf_depth", 7)
    assert legends(app) == {"Depth ℓ 5"}


def test_many_differences_are_counted(open_app):
    app = open_app("pages/neural_collapse.py")
    app.button(key="nc_pin").click().run()
    app.session_state["nc_more"] = True  # opens the controls under "More"
    app.run()
    for key, value in {
        "nc_classes": 3,
        "nc_departure": 0.2,
        "nc_noise": 0.3,
        "nc_anisotropy": 4.0,
        "nc_seed": 5,
    }.items():
        move(app, key, value)
    assert legends(app) == {"Classes C 4, Noise within classes 0, Distance from the ETF 0, and 2 more"}
