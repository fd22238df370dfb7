"""The page of problem 2, by its widgets and by its address."""

from html import unescape

import numpy as np
import pytest
from streamlit.elements.widgets import data_editor

from core.kernels.params import MachineParams, RbfParams
from core.kernels.studies import study_machine, study_rbf
from core.notation import superscript
from pages._ui.text import literal
from tests.pages.charts import charts, drawn, named, said, words

PAGE = "pages/kernels.py"
SECTIONS = {  # and what a chart of each says in its alt text
    "2.1 Polynomial": (3, "the polynomial kernel and its compositions"),
    "2.2 RBF": (4, "the RBF kernel and its compositions"),
    "2.3 Arc-cosine": (4, "angular functions"),
    "Derivation": (4, "wedge"),
    "Finite width": (3, "random layers"),
    "Depth": (4, "finite nets"),
    "Kernel machine": (4, "regression with"),
}
OWN = {"ke_section": "Kernel machine", "ke_data": "Your own points"}


def cards(app):
    return unescape(next(text.value for text in app.markdown if 'class="claims"' in text.value))


def preset_pills(app):
    return next(group for group in app.get("button_group") if group.key == "ke_preset")


def chart_of(app, words):
    return next(chart for alt, chart in charts(app).items() if words in alt)


def mean_of(app):
    return named(chart_of(app, "the rbf kernel"), "mean")["y"]


def go_to(app, section):
    """What the browser does when somebody opens a tab: the address changes with it."""
    app.query_params["ke_section"] = app.session_state["ke_section"] = section
    return app.run()


def dashes(chart):
    """Role of each line of a chart: measurement solid, theory dash, limits dot."""
    lines = (trace for trace in chart["data"] if trace["type"] == "scatter" and "dash" in trace.get("line", {}))
    return {trace["name"]: trace["line"]["dash"] for trace in lines}


# --- sections ---


def test_opens_with_the_claim_and_the_charts_of_the_first_section(open_app):
    app = open_app(PAGE)
    assert not app.exception
    assert "a kernel once more" in app.markdown[0].value
    assert len(drawn(app)) == 3
    assert app.session_state["ke_section"] == "2.1 Polynomial"
    assert not app.text  # no notice


@pytest.mark.parametrize("section", SECTIONS)
def test_the_address_opens_one_section_and_draws_it_alone(open_app, section):
    app = open_app(PAGE, ke_section=section)
    count, words = SECTIONS[section]
    assert not app.exception
    assert len(drawn(app)) == count
    assert any(words in alt for alt in charts(app))
    assert not app.text
    body = cards(app)
    assert ": holds" in body
    assert ": violated" not in body
    others = [other for name, (_, other) in SECTIONS.items() if name != section]
    for alt, chart in charts(app).items():
        assert not any(other in alt for other in others)
        assert chart["layout"]["title"]["text"]
        check_roles(alt, chart)


def check_roles(alt, chart):
    """Theory is dashed, measurement solid, wherever the names tell which is which."""
    roles = dashes(chart)
    assert set(roles.values()) <= {"solid", "dash", "dot"}
    for name, role in roles.items():
        if name.startswith(("h → ∞", "fixed point", "normal", "one layer", "predicted", "the function")):
            assert role == "dash", (alt, name)
        if "nets of width" in name or name in ("layers as they grow", "measured", "mean"):
            assert role == "solid", (alt, name)


@pytest.mark.parametrize(
    ("section", "address", "values"),
    [
        ("2.1 Polynomial", {"ke_degree": "3", "ke_poly_depth": "4", "ke_poly_norm": "1.25"}, (3, 4, 1.25)),
        ("2.2 RBF", {"ke_gamma2": "2", "ke_rbf_depth": "50", "ke_r": "0.35"}, (2.0, 50, 0.35)),
        ("2.3 Arc-cosine", {"ke_n": "0", "ke_angle": "120"}, (0, 120)),
        ("Derivation", {"ke_n": "10", "ke_angle": "179"}, (10, 179)),
        (
            "Finite width",
            {"ke_n": "2", "ke_width": "100 000", "ke_weights": "random signs", "ke_bias": "0.5", "ke_seed": "7"},
            (2, 100_000, "signs", 0.5, 7),
        ),
        ("Depth", {"ke_depth": "50", "ke_net_width": "10", "ke_depth_norm": "2"}, (50, 10, 2.0)),
        (
            "Kernel machine",
            {"ke_data": "Step", "ke_machine_depth": "20", "ke_prior": "true", "ke_noise": "0.5", "ke_sphere": "false"},
            ("step", 20, True, 0.5, False),
        ),
    ],
)
def test_good_values_in_the_link_are_taken(open_app, section, address, values):
    app = open_app(PAGE, ke_section=section, **address)
    app.session_state["ke_more"] = True  # opens the controls under "More"
    app.run()
    assert not app.exception
    assert not app.text
    assert tuple(app.session_state[name] for name in address) == values


def test_the_charts_show_the_values_of_the_link(open_app):
    app = open_app(PAGE, ke_section="2.2 RBF", ke_gamma2="4", ke_rbf_depth="3", ke_r="0.5")
    result = study_rbf(RbfParams(gamma_squared=4.0, depth=3, distance=0.5)).result
    stairs = chart_of(app, "Cobweb")["data"]
    orbit = next(trace for trace in stairs if "pair" in trace["name"])
    np.testing.assert_allclose(orbit["x"][::2], result.orbit, rtol=1e-6)
    curve = named(chart_of(app, "floors"), "ℓ = 3")
    np.testing.assert_allclose(curve["y"], result.values[2], rtol=1e-6)


def test_a_value_outlives_a_visit_to_another_section(open_app):
    app = open_app(PAGE, ke_section="2.2 RBF", ke_gamma2="4")
    go_to(app, "2.1 Polynomial")
    assert any("polynomial" in alt for alt in charts(app))
    assert "ke_gamma2" not in app.query_params  # it plays no part there
    go_to(app, "2.2 RBF")
    assert app.query_params["ke_gamma2"] == "4"
    assert app.select_slider(key="ke_gamma2").value == 4.0


def test_sections_share_the_order_and_the_angle(open_app):
    app = open_app(PAGE, ke_section="2.3 Arc-cosine", ke_n="4", ke_angle="100")
    go_to(app, "Derivation")
    assert any("wedge" in alt for alt in charts(app))
    assert (app.slider(key="ke_n").value, app.slider(key="ke_angle").value) == (4, 100)
    assert not app.exception  # the two have one kind of parameters, but not one result


@pytest.mark.parametrize(
    ("section", "address", "count"),
    [
        ("Depth", {"ke_n": "2"}, 5),
        ("Depth", {"ke_depth_norm": "2"}, 5),
        ("Kernel machine", {"ke_n": "3", "ke_degree": "1", "ke_machine_depth": "20", "ke_sphere": "false"}, 3),
        ("Kernel machine", {"ke_prior": "true"}, 4),
    ],
)
def test_a_chart_comes_where_it_says_something_and_goes_where_it_cannot(open_app, section, address, count):
    app = open_app(PAGE, ke_section=section, **address)
    assert not app.exception
    assert len(drawn(app)) == count


@pytest.mark.parametrize(
    "address",
    [
        {"ke_section": "2.1 Polynomial", "ke_degree": "8", "ke_poly_depth": "6", "ke_poly_norm": "2"},
        {"ke_section": "2.1 Polynomial", "ke_degree": "1", "ke_poly_depth": "1", "ke_poly_norm": "0.5"},
        {"ke_section": "2.2 RBF", "ke_gamma2": "0.1", "ke_rbf_depth": "50", "ke_r": "0.05"},
        {"ke_section": "2.2 RBF", "ke_gamma2": "8", "ke_rbf_depth": "50", "ke_r": "4"},
        {"ke_section": "2.3 Arc-cosine", "ke_n": "10", "ke_angle": "179"},
        {"ke_section": "Derivation", "ke_n": "10", "ke_angle": "1"},
        {"ke_section": "Finite width", "ke_n": "10", "ke_angle": "179", "ke_width": "10", "ke_bias": "2"},
        {"ke_section": "Finite width", "ke_n": "5", "ke_weights": "heavy tails (Student t, 5 degrees of freedom)"},
        {"ke_section": "Depth", "ke_n": "10", "ke_depth": "50", "ke_net_width": "10", "ke_depth_norm": "0.5"},
        {"ke_section": "Depth", "ke_n": "10", "ke_depth": "1", "ke_net_width": "10"},
        {
            "ke_section": "Kernel machine",
            "ke_n": "10",
            "ke_degree": "8",
            "ke_machine_depth": "50",
            "ke_sphere": "false",
        },
        {"ke_section": "Kernel machine", "ke_samples": "3", "ke_noise": "0.001", "ke_gamma2": "0.1"},
    ],
    ids=lambda address: " ".join(address.values()),
)
def test_the_ends_of_the_controls_are_drawn_without_an_error(open_app, address):
    app = open_app(PAGE, **address)
    assert not app.exception
    assert drawn(app)
    assert ": violated" not in cards(app)


# --- presets ---


@pytest.mark.parametrize("section", SECTIONS)
def test_every_preset_is_recognized_and_its_address_opens_it(open_app, section):
    presets = preset_pills(open_app(PAGE, ke_section=section)).options
    assert presets
    sentences = set()
    for preset in presets:
        app = open_app(PAGE, ke_section=section)
        preset_pills(app).set_value(preset).run()
        check_preset(app, section, preset)
        sentences.add(app.caption[0].value)
        address = {name: value for name, value in app.query_params.items() if name != "ke_section"}
        other = open_app(PAGE, ke_section=section, **address)
        check_preset(other, section, preset)
        assert not other.text, preset  # nothing in the address needs correcting
    assert len(sentences) == len(presets)
    assert "Your own setting." not in sentences


def check_preset(app, section, preset):
    assert not app.exception, preset
    assert preset_pills(app).value == preset
    assert app.session_state["ke_section"] == section, preset
    assert not app.warning, preset
    assert drawn(app), preset
    assert ": violated" not in cards(app), preset


@pytest.mark.parametrize("section", SECTIONS)
def test_presets_follow_each_other_in_one_visit(open_app, section):
    app = open_app(PAGE, ke_section=section)
    presets = preset_pills(app).options
    for preset in [*presets[1:], presets[0]]:
        preset_pills(app).set_value(preset).run()
        check_preset(app, section, preset)


def test_a_moved_control_leaves_the_preset(open_app):
    app = open_app(PAGE, ke_section="2.2 RBF")
    assert preset_pills(app).value is not None
    app.slider(key="ke_r").set_value(2.0).run()
    assert preset_pills(app).value is None
    assert app.caption[0].value == "Your own setting."


def test_doubly_exponential_growth_is_a_number_people_can_read(open_app):
    app = open_app(PAGE, ke_section="Depth", ke_n="2", ke_depth="6", ke_depth_norm="1.25")
    exponent = np.log10(3.0) * (2**6 - 1) + 2 * 2**6 * np.log10(1.25)
    assert any(f"10{superscript(int(exponent))}" in sentence for sentence in said(app))


# --- values that cannot be used ---

BAD = [
    ("2.1 Polynomial", "ke_degree", "9", 2),
    ("2.1 Polynomial", "ke_poly_depth", "nan", 3),
    ("2.1 Polynomial", "ke_poly_norm", "1.1", 1.0),
    ("2.1 Polynomial", "ke_poly_norm", "", 1.0),
    ("2.2 RBF", "ke_gamma2", "1e400", 1.0),
    ("2.2 RBF", "ke_gamma2", "two", 1.0),
    ("2.2 RBF", "ke_rbf_depth", "1e400", 5),
    ("2.2 RBF", "ke_r", "0.07", 0.05),
    ("2.2 RBF", "ke_r", "-1", 1.0),
    ("2.3 Arc-cosine", "ke_n", "11", 1),
    ("2.3 Arc-cosine", "ke_angle", "ninety", 70),
    ("Finite width", "ke_width", "1001", 1000),
    ("Finite width", "ke_weights", "<script>alert(1)</script>", "gaussian"),
    ("Depth", "ke_net_width", "100 000", 300),
    ("Depth", "ke_depth", "", 20),
    ("Kernel machine", "ke_data", "<b>sine</b>", "sine"),
    ("Kernel machine", "ke_prior", "maybe", False),
    ("Kernel machine", "ke_sphere", "2", True),
    ("Kernel machine", "ke_data_noise", "0.07", 0.05),
]


@pytest.mark.parametrize(("section", "name", "text", "used"), BAD)
def test_bad_value_in_the_link_is_named_and_replaced(open_app, section, name, text, used):
    app = open_app(PAGE, ke_section=section, **{name: text})
    assert not app.exception
    assert app.session_state[name] == used
    assert any(f"{name}={text} is not" in notice.value for notice in app.text)
    assert len(drawn(app)) == SECTIONS[section][0]
    app.button(key="ke_dismiss").click().run()
    assert not app.text


@pytest.mark.parametrize("section", ["<script>", "2.4", "", "polynomial"])
def test_a_section_that_is_not_there_opens_the_first(open_app, section):
    app = open_app(PAGE, ke_section=section)
    assert not app.exception
    assert any("polynomial kernel" in alt for alt in charts(app))
    assert any("ke_section" in notice.value for notice in app.text)


def test_many_bad_values_are_all_named_and_names_of_another_page_too(open_app):
    app = open_app(PAGE, ke_section="2.2 RBF", ke_gamma2="x", ke_rbf_depth="y", ke_r="z", gf_depth="99")
    assert not app.exception
    notice = " ".join(text.value for text in app.text)
    for notice_part in ("ke_gamma2=x is not", "ke_rbf_depth=y is not", "ke_r=z is not", "gf_depth means nothing here"):
        assert notice_part in notice


@pytest.mark.parametrize(
    ("section", "name", "text", "value"),
    [
        ("2.2 RBF", "ke_gamma2", "2.0", 2.0),
        ("2.2 RBF", "ke_rbf_depth", "5.0", 5),
        ("2.1 Polynomial", "ke_poly_norm", "1.0", 1.0),
        ("Finite width", "ke_width", "100000", 100_000),
        ("Finite width", "ke_weights", "signs", "signs"),
        ("Kernel machine", "ke_prior", "True", True),
        ("Kernel machine", "ke_data", "sine", "sine"),
    ],
)
def test_another_spelling_of_a_value_needs_no_notice(open_app, section, name, text, value):
    app = open_app(PAGE, ke_section=section, **{name: text})
    assert app.session_state[name] == value
    assert not app.text


# --- verdicts ---

OFF, HOLDS = "premise unmet", "holds"


@pytest.mark.parametrize(
    ("section", "address", "verdicts"),
    [
        (
            "2.1 Polynomial",
            {},
            {"On the sphere it narrows around y = x": HOLDS, "Composition multiplies the degree": HOLDS},
        ),
        (
            "2.1 Polynomial",
            {"ke_poly_norm": "0.8"},
            {"On the sphere it narrows around y = x": OFF, "Composition multiplies the degree": HOLDS},
        ),
        ("2.2 RBF", {"ke_gamma2": "1.99"}, {"γ² < 2: chaos": HOLDS, "All depths cross at one point": HOLDS}),
        ("2.2 RBF", {"ke_gamma2": "2"}, {"γ² = 2: marginal": HOLDS, "All depths cross at one point": OFF}),
        ("2.2 RBF", {"ke_gamma2": "2.01"}, {"γ² > 2: order": HOLDS, "All depths cross at one point": OFF}),
        ("2.3 Arc-cosine", {"ke_n": "5"}, {"Jₙ from J₀ by differentiating": HOLDS}),
        (
            "2.3 Arc-cosine",
            {"ke_n": "5", "ke_angle": "178"},
            {"Jₙ from J₀ by differentiating": OFF, "The integral is Jₙ": HOLDS},
        ),
        ("Finite width", {}, {"On average the layer is the kernel": HOLDS, "The error falls like 1/√h": HOLDS}),
        ("Finite width", {"ke_weights": "random signs"}, {"On average the layer is the kernel": OFF}),
        ("Finite width", {"ke_weights": "uniform"}, {"On average the layer is the kernel": OFF}),
        ("Finite width", {"ke_bias": "1"}, {"On average the layer is the kernel": OFF, "The error falls": HOLDS}),
        (
            "Finite width",
            {"ke_weights": "heavy tails (Student t, 5 degrees of freedom)"},
            {"On average the layer is the kernel": OFF},
        ),
        ("Finite width", {"ke_n": "3", "ke_width": "100"}, {"The error falls like 1/√h": OFF, "95 % within": OFF}),
        ("Depth", {"ke_net_width": "1000"}, {"Norm recursion": HOLDS, "Finite nets follow": HOLDS}),
        ("Depth", {"ke_net_width": "1000", "ke_n": "2"}, {"Norm recursion": HOLDS, "Finite nets follow": HOLDS}),
        ("Depth", {"ke_n": "0", "ke_depth_norm": "2"}, {"Norm recursion": HOLDS, "Finite nets follow": HOLDS}),
        ("Depth", {"ke_n": "5", "ke_depth": "3"}, {"Norm recursion": OFF, "Finite nets follow": OFF}),
        ("Depth", {"ke_net_width": "30"}, {"Norm recursion": HOLDS, "Finite nets follow": OFF}),
        ("Kernel machine", {}, {"The kernel trick": HOLDS, "a wide layer is this kernel machine": HOLDS}),
        ("Kernel machine", {"ke_n": "2"}, {"The kernel trick": HOLDS, "a wide layer is this kernel machine": OFF}),
        ("Kernel machine", {"ke_samples": "200"}, {"a wide layer is this kernel machine": OFF}),
    ],
)
def test_an_assumption_switched_off_changes_the_verdict(open_app, section, address, verdicts):
    body = cards(open_app(PAGE, ke_section=section, **address))
    labels = [part.split('"')[0] for part in body.split('aria-label="')[1:]]
    for name, verdict in verdicts.items():
        label = next(label for label in labels if name in label)
        assert label.split(": ")[-1].startswith(verdict)


def test_kernels_off_the_circle_warn_in_one_sentence_each(open_app):
    address = {"ke_n": "3", "ke_degree": "1", "ke_machine_depth": "20"}
    assert not open_app(PAGE, ke_section="Kernel machine", **address).warning
    app = open_app(PAGE, ke_section="Kernel machine", ke_sphere="false", **address)
    assert len(app.warning) == 1
    assert app.warning[0].value.startswith("Arc-cosine, n = 3: ")
    assert "unit circle" in app.warning[0].value
    assert any("the rbf kernel" in alt for alt in charts(app))
    assert not any("the arc-cosine kernel" in alt for alt in charts(app))


# --- the derivation ---


def test_the_derivation_has_a_value_after_each_step_and_notes_on_the_statement(open_app):
    app = open_app(PAGE, ke_section="Derivation", ke_n="2", ke_angle="120")
    bodies = [html.proto.body for html in app.get("html")]
    table = next(body for body in bodies if body.startswith('<div class="steps">'))
    assert table.count("<tr") == 1 + 6
    assert table.count('class="chosen"') == 1
    exact = 3 * np.sin(2 * np.pi / 3) * np.cos(2 * np.pi / 3) + np.pi / 3 * (1 + 2 * np.cos(2 * np.pi / 3) ** 2)
    row = table.split('class="chosen"')[1].split("</tr>")[0]
    assert row.count(f"{exact:.9f}") == 5
    assert sum("by quadrature" in text for text in words(app)) >= 4
    notes = next(text.value for text in app.markdown if "Factor 2" in text.value)
    assert notes.split("### Notes on the statement")[1].count("- **") == 6


def test_four_pictures_move_together(open_app):
    narrow, wide = (open_app(PAGE, ke_section="Derivation", ke_angle=angle) for angle in ("30", "150"))
    for (alt, first), (_, second) in zip(charts(narrow).items(), charts(wide).items(), strict=True):
        assert not np.array_equal(first["data"][0]["y"], second["data"][0]["y"]) or not np.array_equal(
            first["data"][0].get("z"), second["data"][0].get("z")
        ), alt


# --- own points ---


def upload(app, content, name="table.csv"):
    app.file_uploader[0].set_value((name, content, "text/csv")).run()
    return app


def edit(app, **state):
    """What the browser sends when somebody types into the table."""
    editor = app.data_editor[0].key
    app.session_state[editor] = {"edited_rows": {}, "added_rows": [], "deleted_rows": []} | state
    return app.run()


def data(app):
    points = named(chart_of(app, "the rbf kernel"), "data")
    return points["x"], points["y"]


def titles(app):
    layout = chart_of(app, "the rbf kernel")["layout"]
    return layout["xaxis"]["title"]["text"], layout["yaxis"]["title"]["text"]


def test_own_points_start_from_a_table_of_the_sine(open_app):
    app = open_app(PAGE, **OWN)
    assert not app.exception
    assert len(drawn(app)) == 4
    table = app.data_editor[0].value
    assert list(table.columns) == ["x", "y"]
    assert len(table) == 12
    np.testing.assert_allclose(data(app), table.to_numpy().T, rtol=1e-6)
    assert "the function" not in {t["name"] for t in chart_of(app, "the rbf kernel")["data"]}
    assert ": violated" not in cards(app)


def test_a_file_is_fitted_and_stays_out_of_the_address(open_app):
    app = upload(open_app(PAGE, **OWN), b"time,level\n0,1\n10,5\n20,2\n30,8\n40,3\n")
    assert not app.exception
    assert not app.error
    x, y = data(app)
    assert (list(x), list(y)) == ([0, 10, 20, 30, 40], [1, 5, 2, 8, 3])
    assert titles(app) == ("time", "level")
    assert app.data_editor[0].value.to_numpy().tolist() == [[0, 1], [10, 5], [20, 2], [30, 8], [40, 3]]
    assert not any("level" in str(value) for value in app.query_params.values())


def pasted(count):
    return [{"x": float(i), "y": float(i % 7)} for i in range(count)]


def test_pasted_rows_are_added_once(open_app):
    app = open_app(PAGE, **OWN)
    edited = edit(app, added_rows=pasted(180), edited_rows={0: {"y": 9.0}, 99: {"y": 1.0}}, deleted_rows=[1, 2])
    assert not app.exception
    assert not app.error
    x, y = data(edited)
    assert len(x) == 12 - 2 + 180
    assert y[0] == 9.0
    assert list(x[10:]) == list(range(180))
    (table,) = app.data_editor
    assert not app.session_state[table.key]["added_rows"]
    again = app.run()
    assert app.data_editor[0].key == table.key
    np.testing.assert_array_equal(data(again), (x, y))


def test_many_pasted_rows_are_refused_before_they_are_added(open_app, monkeypatch):
    app = open_app(PAGE, **OWN)
    before = data(app)
    added = []
    monkeypatch.setattr(data_editor, "_apply_row_additions", lambda _, rows, *a: added.append(len(rows)))
    edit(app, added_rows=pasted(16_000))
    assert [error.value for error in app.error] == [
        literal("16,000 rows were pasted; at most 200 can be used, so paste a sample.")
    ]
    assert not any(added)
    np.testing.assert_array_equal(data(app), before)
    app.run()
    assert not app.error
    np.testing.assert_array_equal(data(app), before)


def test_pasted_rows_that_are_not_whole_stay_in_the_table(open_app):
    app = open_app(PAGE, **OWN)
    edit(app, added_rows=[*pasted(20), {"x": 3.0}, {"y": "evil"}, {"x": [1], "y": {"a": 1}}])
    assert not app.exception
    assert "Row 33 has x but no y" in app.error[0].value.replace("\\", "")
    assert len(app.data_editor[0].value) == 12 + 23
    edit(app, edited_rows={32: {"y": 1.0}})
    assert not app.error
    assert len(data(app)[0]) == 33


@pytest.mark.parametrize(
    "content", [b"0,1\n1,2\n2,0\n", b"x;y\n0;1\n1;2\n2;0\n", b"\xef\xbb\xbfx\ty\n0\t1\n1\t2\n2\t0\n"]
)
def test_files_come_with_and_without_names_and_with_any_separator(open_app, content):
    app = upload(open_app(PAGE, **OWN), content)
    assert not app.error
    assert [list(values) for values in data(app)] == [[0, 1, 2], [1, 2, 0]]
    assert titles(app) == ("x", "y")


@pytest.mark.parametrize(
    ("content", "names"),
    [
        (b"", "empty"),
        (b"x,y\n", "no data"),
        (b"x\n1\n2\n3\n", "1 column"),
        (b"1,2,3\n4,5,6\n7,8,9\n", "3 columns"),
        (b"x,y\n1,2\n2,word\n3,4\n", "Row 3, column “y” holds “word”"),
        (b"x,y\n1,2\n2,nan\n3,4\n", "Row 3, column “y”"),
        (b"x,y\n1,2\n2,inf\n3,4\n", "Row 3, column “y”"),
        (b"x,y\n1,2\n2,1e7\n3,4\n", "Row 3, column “y”"),
        (b"x,y\n1,2\n1,3\n1,4\n", "same x"),
        (b"x,y\n1,2\n2,3\n", "2 rows"),
        (b"x,y\n" + b"1,2\n2,3\n" * 150, "300 rows"),
        (b"x,y\n1,2\n2,3,4\n5,6\n", "Row 3 has 3 columns"),
        (b"\xff\xfe\x00", "UTF-8"),
        (b"x,y\n1,2\n2,\n3,4\n", "Row 3, column “y”"),
    ],
)
def test_a_bad_file_is_refused_in_one_sentence_and_the_points_stay_in_the_table(open_app, content, names):
    app = open_app(PAGE, **OWN)
    before = app.data_editor[0].value
    upload(app, content)
    assert not app.exception
    assert len(app.error) == 1
    assert names in app.error[0].value.replace("\\", "")
    assert not drawn(app)
    assert before.equals(app.data_editor[0].value)


def test_a_good_file_after_a_bad_one_clears_the_error(open_app):
    app = upload(open_app(PAGE, **OWN), b"x,y\n1,word\n")
    assert app.error
    upload(app, b"x,y\n0,1\n1,2\n2,0\n")
    assert not app.error
    assert list(data(app)[1]) == [1, 2, 0]


def test_words_of_a_file_are_shown_and_not_interpreted(open_app):
    app = upload(open_app(PAGE, **OWN), b"a,b\n1,<b>[x](y)</b>$z$\n2,3\n3,4\n")
    assert r"\<b\>\[x\]\(y\)\</b\>\$z\$" in app.error[0].value
    upload(app, b"<b>a</b>,<img src=x>\n0,1\n1,2\n2,0\n")
    assert not app.error
    assert titles(app) == ("&lt;b&gt;a&lt;/b&gt;", "&lt;img src=x&gt;")  # as plotly is told to show them


def test_a_cell_that_is_typed_into_moves_the_fit(open_app):
    app = open_app(PAGE, **OWN)
    before = mean_of(app)
    edit(app, edited_rows={0: {"y": 4.0}}, added_rows=[{"x": 2.0, "y": -3.0}], deleted_rows=[5])
    assert not app.exception
    x, y = data(app)
    assert len(x) == 12
    assert (y[0], x[-1], y[-1]) == (4.0, 2.0, -3.0)
    middle = len(before) // 2
    assert abs(mean_of(app)[middle] - before[middle]) > 1e-3


def test_a_row_that_is_not_finished_leaves_the_charts_in_place(open_app):
    app = open_app(PAGE, **OWN)
    edit(app, edited_rows={0: {"y": 4.0}})
    edit(app, edited_rows={0: {"y": 4.0}}, added_rows=[{"x": 2.0}])
    assert not app.exception
    assert "Row 13 has x but no y" in app.error[0].value.replace("\\", "")
    assert data(app)[1][0] == 4.0
    edit(app, edited_rows={0: {"y": 4.0}}, added_rows=[{}])  # an empty row is no row
    assert not app.error
    assert len(data(app)[0]) == 12


def test_an_unfinished_first_edit_leaves_the_charts_in_place(open_app):
    app = edit(open_app(PAGE, **OWN), edited_rows={3: {"x": None}})
    assert app.error
    assert len(drawn(app)) == 4


def test_points_outlive_a_visit_to_another_section_and_another_data_set(open_app):
    app = edit(open_app(PAGE, **OWN), edited_rows={0: {"y": 4.0}})
    go_to(go_to(app, "2.1 Polynomial"), "Kernel machine")
    assert data(app)[1][0] == 4.0
    assert app.data_editor[0].value["y"][0] == 4.0
    app.selectbox(key="ke_data").set_value("step").run()
    assert not app.data_editor
    app.selectbox(key="ke_data").set_value("upload").run()
    assert data(app)[1][0] == 4.0


def test_two_visitors_do_not_see_each_others_points(open_app):
    first, second = open_app(PAGE, **OWN), open_app(PAGE, **OWN)
    upload(first, b"secret,salary\n0,10\n1,20\n2,0\n")
    second.run()
    assert len(data(second)[0]) == 12
    assert titles(second) == ("x", "y")
    upload(second, b"time,level\n0,10\n1,20\n2,0\n")  # the same numbers under other names
    assert titles(second) == ("time", "level")
    assert titles(first.run()) == ("secret", "salary")


def test_small_units_are_not_rounded_away(open_app):
    app = upload(open_app(PAGE, **OWN), b"x,y\n1e-7,1e-9\n2e-7,3e-9\n3e-7,2e-9\n")
    assert not app.error
    np.testing.assert_allclose(data(app), [[1e-7, 2e-7, 3e-7], [1e-9, 3e-9, 2e-9]], rtol=1e-6)


def test_controls_of_the_built_in_data_do_not_touch_own_points(open_app):
    app = open_app(PAGE, ke_samples="40", ke_data_noise="0.5", **OWN)
    assert not app.exception
    assert len(data(app)[0]) == 12


def test_built_in_data_are_those_of_the_study(open_app):
    app = open_app(PAGE, ke_section="Kernel machine", ke_data="Step", ke_samples="20", ke_data_seed="3", ke_degree="3")
    params = MachineParams(dataset="step", samples=20, data_seed=3, degree=3)
    result = study_machine(params).result
    np.testing.assert_allclose(data(app), [result.x, result.y], rtol=1e-6)
    np.testing.assert_allclose(mean_of(app), result.fits[1].mean, rtol=1e-5, atol=1e-6)


# --- numbers and pictures to take home ---


@pytest.mark.parametrize("section", SECTIONS)
def test_the_numbers_of_every_chart_can_be_saved(open_app, section, monkeypatch):
    files = {}
    monkeypatch.setattr(
        "streamlit.download_button", lambda label, content, name, *a, **k: files.update({name: content})
    )
    app = open_app(PAGE, ke_section=section)
    assert not files  # nothing is prepared before somebody asks
    app.session_state["ke_save"] = True
    app.run()
    assert not app.exception
    tables = {name: content().decode() for name, content in files.items() if name.endswith(".csv")}
    assert len(tables) == SECTIONS[section][0]
    for name, table in tables.items():
        header, *rows = table.strip().splitlines()
        assert len(rows) > 5, name
        assert all(column.strip() for column in header.split(",")), name
        assert len({row.count(",") for row in [header, *rows]}) == 1, name
    assert len(set(tables.values())) == len(tables)  # each chart has numbers of its own


def test_a_picture_is_a_page_that_needs_no_network(open_app, monkeypatch):
    files = {}
    monkeypatch.setattr(
        "streamlit.download_button", lambda label, content, name, *a, **k: files.update({name: content})
    )
    app = open_app(PAGE, ke_section="2.2 RBF")
    app.session_state["ke_save"] = True
    app.run()
    page = files["rbf_cobweb.html"]().decode()
    assert "Plotly.newPlot" in page
    assert 'src="http' not in page


# --- the derivation's numbers at the current setting ---


@pytest.mark.parametrize(("order", "angle"), [("1", "70"), ("0", "150"), ("3", "90")])
def test_the_arctangent_formula_and_the_recurrence_are_written_and_used(open_app, order, angle):
    app = open_app(PAGE, ke_section="Derivation", ke_n=order, ke_angle=angle)
    text = next(element.value for element in app.markdown if "### The derivation" in element.value)
    theta = np.radians(float(angle))
    formula, numbers, recurrence = (text.index(part) for part in (r"\operatorname{atan2}", "so atan2(", "(2)\n"))
    assert formula < numbers < recurrence
    assert f"= {np.pi - theta:.8g} = π − θ" in text
    assert f"At θ = {angle}° quadrature of step 4 gives" in text
    body = cards(app)
    assert body.count(": holds") == 3
