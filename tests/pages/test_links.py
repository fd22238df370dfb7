"""Links: they carry everything, open the same picture, name what they cannot use, and work for ever."""

import json
import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qsl

import pytest

from tests.pages.actions import copied, pills
from tests.pages.charts import drawn
from tests.pages.links import FOR_EVER

ROOT = Path(__file__).resolve().parents[2]
PAGES = {"gf": "pages/gradient_flow.py", "ke": "pages/kernels.py", "nc": "pages/neural_collapse.py"}
STATES = {  # a change of each kind of control, on a section that is not the first
    "gf": {
        "gf_section": "Margins",
        "gf_flow": "Normalized",
        "gf_axis": "Loss L",
        "gf_early": "true",
        "gf_target": "10⁻¹⁰",
    },
    "ke": {"ke_section": "Depth", "ke_n": "2", "ke_depth": "7", "ke_net_width": "100", "ke_seed": "3"},
    "nc": {"nc_section": "Decision regions", "nc_classes": "3", "nc_noise": "0.3", "nc_anisotropy": "4 ×"},
}
every_page = pytest.mark.parametrize("key", PAGES)


def address(app):
    """The address after the first run, by parameter."""
    return {name: texts if isinstance(texts, str) else texts[-1] for name, texts in dict(app.query_params).items()}


def notice(app):
    return " ".join(text.value for text in app.text if text.value.startswith("From the link"))


def pictures(app):
    return json.dumps(drawn(app))


@pytest.mark.parametrize(
    ("page", "query", "values"), [(page, query, values) for page, links in FOR_EVER.items() for query, values in links]
)
def test_old_links_open_what_they_stood_for(open_app, page, query, values):
    app = open_app(page, **dict(parse_qsl(query)))
    assert not app.exception
    assert notice(app) == ""
    assert {name: app.session_state[name] for name in values if name in app.session_state} == {
        name: value for name, value in values.items() if name in app.session_state
    }
    linked = copied(app)
    assert {name: linked[name] for name in dict(parse_qsl(query)) if name != "v"} == {
        name: text for name, text in parse_qsl(query) if name != "v"
    }


@every_page
def test_a_link_carries_every_parameter_and_opens_the_same_picture(open_app, key):
    app = open_app(PAGES[key], **STATES[key])
    linked = copied(app)
    assert linked["v"] == "1"
    assert linked | STATES[key] == linked
    assert len(linked) > 15  # defaults too
    other = open_app(PAGES[key], **linked)
    assert notice(other) == ""
    assert drawn(app)
    assert pictures(other) == pictures(app)
    assert copied(other) == linked


FRESH = """
import json, sys
from streamlit.testing.v1 import AppTest
from pages._ui import runs
from tests.pages.charts import drawn
runs._QUIET = 60.0
page, address = json.loads(sys.argv[1])
app = AppTest.from_file(sys.argv[2], default_timeout=60)
for name, value in address.items():
    app.query_params[name] = value
app.switch_page(page).run()
print(json.dumps(drawn(app)))
"""


@pytest.mark.parametrize("key", ["gf"])
def test_a_link_opens_the_same_picture_bit_for_bit_on_a_fresh_server(open_app, key):
    app = open_app(PAGES[key], **STATES[key])
    wanted = json.dumps([PAGES[key], copied(app)])
    command = [sys.executable, "-c", FRESH, wanted, str(ROOT / "app.py")]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    assert run.returncode == 0, run.stderr
    assert run.stdout.splitlines()[-1] == pictures(app)


@every_page
def test_a_link_of_another_tab_keeps_the_values_of_this_one(open_app, key):
    app = open_app(PAGES[key], **STATES[key])
    first = open_app(PAGES[key]).session_state[f"{key}_section"]
    app.session_state[f"{key}_section"] = app.query_params[f"{key}_section"] = first
    app.run()
    kept = {name: text for name, text in STATES[key].items() if name != f"{key}_section"}
    assert copied(app) | kept == copied(app)


@every_page
def test_what_a_link_cannot_say_is_named_in_one_line_that_can_be_dismissed(open_app, key):
    bad = {f"{key}_nonsense": "1", "depth": "9", "v": "7", **dict.fromkeys(list(STATES[key])[1:3], "banana")}
    app = open_app(PAGES[key], **bad)
    assert not app.exception
    said = notice(app)
    for name in (f"{key}_nonsense", "depth"):
        assert f"{name} means nothing here" in said
        assert name not in app.query_params
    assert "v=7 is another version" in said
    for name in list(STATES[key])[1:3]:
        assert f"{name}=banana is not" in said
    app.button(key=f"{key}_dismiss").click().run()
    assert notice(app) == ""


def test_the_value_that_is_used_instead_is_named(open_app):
    assert "gf_depth=9 is not 1 to 6 in steps of 1, using 3" in notice(open_app(PAGES["gf"], gf_depth="9"))


def test_a_link_with_very_many_names_is_answered_in_a_line(open_app):
    app = open_app(PAGES["ke"], **{f"x{i}": "1" for i in range(300)})
    assert "and 292 more" in notice(app)
    assert len(notice(app)) < 1000


@every_page
def test_words_of_a_link_are_shown_as_they_are(open_app, key):
    app = open_app(PAGES[key], **{"<b>[x](y)</b>": "1"})
    assert "<b>[x](y)</b> means nothing here" in notice(app)  # of st.text, which reads no Markdown
    assert not any("[x](y)" in element.value for element in app.markdown)


def test_the_overview_has_no_parameters_and_says_so(open_app):
    app = open_app("app.py", gf_depth="3")
    assert "gf_depth means nothing here" in notice(app)
    assert not app.exception


@every_page
def test_reset_is_a_fresh_visit(open_app, key):
    fresh = open_app(PAGES[key])
    app = open_app(PAGES[key], **STATES[key], present="", hide=f"{key}_nothing")
    app.button(key=f"{key}_pin").click().run()
    assert pictures(app) != pictures(fresh)
    app.button(key=f"{key}_reset").click().run()
    assert not app.exception
    assert pictures(app) == pictures(fresh)
    assert copied(app) == copied(fresh)
    assert dict(app.query_params) == dict(fresh.query_params) == {}
    assert pills(app, key).value == pills(fresh, key).value
    assert [text.value for text in app.text] == [text.value for text in fresh.text]


def test_reset_forgets_an_upload(open_app):
    app = open_app(PAGES["gf"], gf_data="Your own table", gf_target="10⁻¹⁰")
    rows = "\n".join(f"{x},{y},{int(x + y > 0)}" for x in (-2, -1, 1, 2) for y in (-2.5, -0.5, 0.7, 2.2))
    app.file_uploader[0].set_value(("table.csv", f"a,b,label\n{rows}".encode(), "text/csv")).run()
    assert "gf_file" in app.session_state
    app.button(key="gf_reset").click().run()
    assert "gf_file" not in app.session_state
    app.selectbox(key="gf_data").set_value("upload").run()
    assert "Choose a CSV file" in app.info[0].value


def test_uploaded_data_are_not_in_the_link_and_the_page_says_so(open_app):
    app = open_app(PAGES["gf"], gf_data="Your own table", gf_target="10⁻¹⁰")
    assert "not part of the link" in app.file_uploader[0].help
    rows = "\n".join(f"{x},{y},{int(x + y > 0)}" for x in (-2, -1, 1, 2) for y in (-2.5, -0.5, 0.7, 2.2))
    app.file_uploader[0].set_value(("table.csv", f"secret,b,label\n{rows}".encode(), "text/csv")).run()
    assert "secret" not in json.dumps(copied(app))
    assert any("Your data are not in the link" in caption.value for caption in app.caption)


def test_the_link_keeps_what_plays_no_part_now(open_app):
    app = open_app(PAGES["nc"], nc_section="Simplex ETF", nc_classes="8")
    view = next(group for group in app.get("button_group") if group.key == "nc_view")
    view.set_value(view.options[1]).run()
    chosen = copied(app)["nc_view"]
    app.slider(key="nc_classes").set_value(4).run()
    assert not [group for group in app.get("button_group") if group.key == "nc_view"]
    assert copied(app)["nc_view"] == chosen


# Spelled anew


def through_a_mail(address):
    """A link after a mail has coded its separators, and a sentence has ended behind it."""
    first, *others = address
    return {
        first: address[first],
        **{f"amp;{name}": address[name] for name in others[:-1]},
        **behind(address, others[-1]),
    }


def behind(address, name):
    return {f"amp;amp;{name}": f"{address[name]})."}


@every_page
def test_a_link_out_of_a_mail_opens_what_it_stood_for_and_the_address_is_as_it_was(open_app, key):
    wanted = open_app(PAGES[key], **STATES[key])
    app = open_app(PAGES[key], **through_a_mail(STATES[key]))
    assert notice(app) == ""
    assert pictures(app) == pictures(wanted)
    assert copied(app) == copied(wanted)
    assert address(app) == address(wanted)


@pytest.mark.parametrize("text", ["1e-5", "0.00001", "1E-05", "10^-5", "10⁻⁵", "10−5", "1 × 10⁻⁵", "0,00001"])
def test_a_number_of_a_link_is_that_number_in_every_spelling(open_app, text):
    app = open_app(PAGES["nc"], nc_section="NC1 + NC2 ⇒ NC3 + NC4", nc_noise=text)
    assert notice(app) == ""
    assert app.session_state["nc_noise"] == 1e-5
    assert address(app)["nc_noise"] == "10⁻⁵"


def test_what_stands_for_nothing_is_still_named_as_it_came(open_app):
    app = open_app(PAGES["nc"], **{"nc_noise": "1e-7).", "amp;nc_p": "0,7", "amp;other": "1"})
    for said in ("nc_noise=1e-7). is not 0, 10⁻⁵", "nc_p=0,7 is not 1, 2", "amp;other means nothing here"):
        assert said in notice(app)
    assert dict(app.query_params) == {}


def test_a_copied_link_leaves_what_is_not_a_default_in_the_address(open_app):
    linked = copied(open_app(PAGES["ke"], **STATES["ke"]))
    app = open_app(PAGES["ke"], **linked)
    assert address(app) == {"v": "1", **STATES["ke"]}


def test_what_a_choice_brings_with_it_is_in_the_address_too(open_app):
    app = open_app(PAGES["gf"], gf_target="10⁻¹⁰")
    app.selectbox(key="gf_data").set_value("xor").run()
    assert {"gf_noise": "0.3", "gf_bias": "false"}.items() <= address(app).items()  # gf_data is the browser's to write
    app = open_app(PAGES["ke"], ke_section="Finite width")
    app.button(key="ke_again").click().run()
    assert address(app) == {"ke_section": "Finite width", "ke_seed": "1"}
