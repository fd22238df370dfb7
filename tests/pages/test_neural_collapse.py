"""The page of problem 3, by its widgets and by its address."""

import csv
import io
import re
from html import unescape
from itertools import islice
from random import Random

import pytest

from core.claims import Verdict
from core.neural_collapse.example import example_file
from core.neural_collapse.params import FitParams, SyntheticParams
from core.neural_collapse.studies import derivation, study_implication
from core.notation import number
from pages._collapse import derivation as derivation_page
from pages._collapse import implication, regions, simplex
from pages._ui.claim import face
from pages._ui.controls import Choice, Number
from tests.core.neural_collapse.malformed import malformed_uploads
from tests.pages.charts import charts, drawn, named, said

PAGE = "pages/neural_collapse.py"
SECTIONS = {  # how many charts, and what one of them says in its alt text
    "Simplex ETF": (3, "rows of the classifier and clouds of features"),
    "NC1 + NC2 ⇒ NC3 + NC4": (4, "NC3 as noise vanishes"),
    "Decision regions": (1, "regions of least squares"),
    "Watch it collapse": (4, "with a slider"),
    "Your features": (0, ""),
    "Derivation": (0, ""),
}
TERMINAL = {"nc_section": "Watch it collapse", "nc_training": "A network on digits", "nc_net_epochs": "200"}
OWN = {"nc_section": "Your features"}


def cards(app):
    return unescape(next((text.value for text in app.markdown if 'class="claims"' in text.value), ""))


def preset_pills(app):
    return next((group for group in app.get("button_group") if group.key == "nc_preset"), None)


def chart_of(app, words):
    return next(chart for alt, chart in charts(app).items() if words in alt)


def go_to(app, section):
    app.query_params["nc_section"] = app.session_state["nc_section"] = section
    return app.run()


def healthy(app):
    """No traceback, and no number that is none in what is read."""
    assert not app.exception, app.exception[0].value
    words = [element.value for kind in (app.markdown, app.caption, app.error, app.warning) for element in kind]
    assert not re.search(r"\bnan\b|\binf\b", " ".join(map(str, words)).lower())
    return app


def upload(app, content, name="features.npz"):
    return app.file_uploader[0].set_value((name, content, "application/octet-stream")).run()


# Sections and addresses


@pytest.mark.parametrize("section", SECTIONS)
def test_the_address_opens_one_section_and_draws_it_alone(open_app, section):
    app = healthy(open_app(PAGE, nc_section=section))
    count, words = SECTIONS[section]
    assert len(drawn(app)) == count
    assert not app.text  # no notice
    if count:
        assert any(words in alt for alt in charts(app))
        assert ": violated" not in cards(app)


@pytest.mark.parametrize(
    ("section", "address", "values"),
    [
        ("Simplex ETF", {"nc_classes": "10", "nc_p": "9", "nc_view": "Classes 1 to 4"}, (10, 9, "four")),
        ("NC1 + NC2 ⇒ NC3 + NC4", {"nc_noise": "10⁻⁵", "nc_sampled": "true", "nc_ridge": "0.001"}, (1e-5, True, 1e-3)),
        ("Decision regions", {"nc_classes": "3", "nc_p": "2", "nc_departure": "0.6"}, (3, 2, 0.6)),
        ("Watch it collapse", {"nc_free_decay": "0.04", "nc_free_classes": "3"}, (0.04, 3)),
        ("Derivation", {"nc_anisotropy": "4 ×", "nc_weighted": "false"}, (4.0, False)),
    ],
)
def test_good_values_in_the_link_are_taken(open_app, section, address, values):
    app = healthy(open_app(PAGE, nc_section=section, **address))
    assert not app.text
    known = {name: app.session_state[name] for name in address if name in app.session_state}
    assert tuple(known.values()) == tuple(v for k, v in zip(address, values, strict=True) if k in known)
    assert known


@pytest.mark.parametrize(
    "address", [{"nc_classes": "99"}, {"nc_noise": "banana"}, {"nc_departure": "nan"}, {"nc_direction": "<script>"}]
)
def test_values_that_cannot_be_used_are_named_and_replaced(open_app, address):
    app = healthy(open_app(PAGE, nc_section="NC1 + NC2 ⇒ NC3 + NC4", **address))
    assert next(iter(address)).removeprefix("nc_") in app.text[0].value
    assert len(drawn(app)) == 4


# Presets


def test_every_preset_is_named_by_its_sentence_and_kept_in_the_address(open_app):
    app, seen = open_app(PAGE), []
    for section in SECTIONS:
        go_to(app, section)
        for name in preset_pills(app).options if preset_pills(app) else ():
            preset_pills(app).set_value(name).run()
            healthy(app)
            assert preset_pills(app).value == name
            assert app.caption[0].value != "Your own setting."
            seen.append(name)
            address = {key: value[-1] if isinstance(value, list) else value for key, value in app.query_params.items()}
            other = healthy(open_app(PAGE, **address))
            assert other.caption[0].value == app.caption[0].value, name
            assert cards(other) == cards(app)
    assert len(seen) == len(set(seen)) >= 20


@pytest.mark.parametrize(
    ("section", "preset", "verdict"),
    [
        ("NC1 + NC2 ⇒ NC3 + NC4", "Ideal collapse", "NC1 + NC2 ⇒ NC3: holds"),
        ("NC1 + NC2 ⇒ NC3 + NC4", "Isotropic noise", "NC3 needs less than NC1 + NC2: holds"),
        ("NC1 + NC2 ⇒ NC3 + NC4", "Anisotropic noise", "NC3 needs less than NC1 + NC2: premise unmet"),
        ("NC1 + NC2 ⇒ NC3 + NC4", "Tiny sampled noise", "The implication jumps at NC1 = 0: holds"),
        ("NC1 + NC2 ⇒ NC3 + NC4", "NC1 without NC2", "NC1 + NC2 ⇒ NC3: premise unmet; conclusion fails"),
        ("NC1 + NC2 ⇒ NC3 + NC4", "Isotropic noise", "NC1 + NC2 ⇒ NC3: premise unmet; conclusion holds"),
        ("NC1 + NC2 ⇒ NC3 + NC4", "Oblique noise", "NC3 needs less than NC1 + NC2: premise unmet; conclusion fails"),
        ("Decision regions", "Two partitions", "One partition of the plane: premise unmet"),
        ("Watch it collapse", "Beyond the threshold", "The minimum is a collapse: premise unmet"),
        ("Watch it collapse", "Digits", "NC1 goes on falling: holds"),
        ("Watch it collapse", "No weight decay", "NC1 goes on falling: premise unmet"),
    ],
)
def test_presets_show_what_they_say(open_app, section, preset, verdict):
    app = open_app(PAGE, nc_section=section)
    preset_pills(app).set_value(preset).run()
    assert verdict in cards(app)


# Controls


def test_settings_that_do_not_fit_are_said_in_one_sentence_and_can_be_left(open_app):
    app = open_app(PAGE, nc_p="2")
    assert "Take p ≥ 3" in app.info[0].value
    assert not drawn(app)
    app.select_slider(key="nc_p").set_value(3).run()
    assert not app.info
    assert len(drawn(healthy(app))) == 3


def test_a_line_has_no_plane(open_app):
    app = healthy(open_app(PAGE, nc_section="Decision regions", nc_classes="2", nc_p="1"))
    assert "p ≥ 2" in app.info[0].value


def test_controls_that_play_no_part_are_not_there(open_app):
    app = open_app(PAGE)
    assert "nc_view" not in [group.key for group in app.get("button_group")]
    app.slider(key="nc_classes").set_value(5).run()
    assert "nc_view" in [group.key for group in app.get("button_group")]
    watch = open_app(PAGE, nc_section="Watch it collapse")
    keys = {widget.key for widget in (*watch.slider, *watch.select_slider)}
    assert "nc_free_decay" in keys
    assert "nc_net_width" not in keys
    watch.selectbox(key="nc_training").set_value("digits")
    watch.session_state["nc_net_epochs"] = 200
    keys = {widget.key for widget in (*watch.run().slider, *watch.select_slider)}
    assert "nc_net_width" in keys
    assert "nc_free_decay" not in keys


def test_the_dials_move_the_point_on_the_maps_and_the_conditions(open_app):
    app = open_app(PAGE, nc_section="NC1 + NC2 ⇒ NC3 + NC4")
    app.select_slider(key="nc_noise").set_value(0.5).run()
    app.slider(key="nc_departure").set_value(0.4).run()
    for condition in ("NC3", "NC4"):
        here = named(chart_of(app, f"Map: {condition}"), "the dials")
        assert (here["x"][0], here["y"][0]) == pytest.approx((0.5, 0.4))
    params = SyntheticParams(noise=0.5, departure=0.4)
    conditions = study_implication(params, FitParams()).result.conditions
    assert f"NC3 is {number(conditions.nc3)}" in said(app)[0]
    bars = named(chart_of(app, "Bars"), "least squares")
    assert number(conditions.nc1) in bars["text"]


def test_each_step_of_the_derivation_has_the_face_of_its_verdict_and_names_what_it_lacks(open_app):
    app = open_app(PAGE, nc_section="Derivation", nc_noise="0.1", nc_departure="0.5")
    checks = derivation(SyntheticParams(departure=0.5), FitParams())
    (text,) = [text.value for text in app.markdown if "Step 1" in text.value]
    shown = text.split('<div class="claim step')[1:]
    assert len(shown) == len(checks)
    for text, check in zip(shown, checks.values(), strict=True):
        style, sign, words = face(check)
        assert text.startswith(f" {style}")
        assert f"{sign} {words}" in text
        assert f"{number(check.residual)} apart" in text
        assert ("Not met" in text) == (check.verdict is Verdict.DOES_NOT_APPLY)
        assert all((one.text in text) != one.met for one in check.assumptions)
    assert {check.verdict for check in checks.values()} == {Verdict.HOLDS, Verdict.DOES_NOT_APPLY}


@pytest.mark.parametrize("section", [name for name in SECTIONS if name != "Your features"])
def test_a_section_opens_at_its_first_preset_where_all_that_it_claims_applies_and_holds(open_app, section):
    app = healthy(open_app(PAGE, nc_section=section))
    assert preset_pills(app).value == preset_pills(app).options[0]
    shown = cards(app) or next(text.value for text in app.markdown if "Step 1" in text.value)
    verdicts = re.findall(r'class="claim (?:step )?(\w+)"', shown)
    assert verdicts
    assert set(verdicts) == {"holds"}


# Trainings


def test_both_trainings_show_their_run(open_app):
    app = healthy(open_app(PAGE, nc_section="Watch it collapse"))
    assert len(named(chart_of(app, "with a slider"), "class means")["x"]) == 5 * 4
    assert "The minimum is a collapse: holds" in cards(app)
    digits = healthy(open_app(PAGE, **TERMINAL))
    frames = chart_of(digits, "with a slider")["frames"]
    assert len(frames) > 20
    assert "zero training error" in str(chart_of(digits, "training and test error")["layout"]["annotations"])
    assert "A finite run collapses only so far" in " ".join(said(digits))


# Uploads


def test_the_page_says_what_it_takes_and_has_an_example(open_app):
    app = healthy(open_app(PAGE, **OWN))
    assert "np.savez" in " ".join(text.value for text in app.markdown)
    next(button for button in app.button if button.label == "Use an example").click().run()
    assert len(drawn(healthy(app))) == 3
    assert ": holds" in cards(app)
    assert "250 samples of 5 classes" in " ".join(text.value for text in app.caption)


def test_an_archive_and_a_table_are_measured(open_app):
    app = healthy(upload(open_app(PAGE, **OWN), example_file()))
    table = next(frame.value for frame in app.dataframe if "your classifier" in frame.value)
    assert table["condition"].tolist()[:4] == ["NC1", "NC2 lengths", "NC2 angles", "NC3"]
    rows = "\n".join(f"{x},{y},{name}" for x, y, name in [(0, 0, "a"), (0, 1, "a"), (5, 0, "b"), (5, 2, "b")])
    healthy(upload(app, rows.encode(), "t.csv"))
    assert "4 samples of 2 classes" in " ".join(text.value for text in app.caption)
    assert "your classifier" not in app.dataframe[-1].value


def test_the_report_is_a_table_of_conditions_and_one_of_classes(open_app):
    from core.neural_collapse.studies import study_upload
    from core.neural_collapse.upload import read_features
    from pages._collapse.features import report

    result = study_upload(read_features(example_file(), "features.npz")).result
    first, second = report(result).decode().split("\n\n")
    conditions = {row["condition"]: row for row in csv.DictReader(io.StringIO(first))}
    assert float(conditions["NC3"]["your classifier"]) == pytest.approx(result.given.nc3)
    assert float(conditions["NC3"]["least squares"]) == pytest.approx(result.fitted.nc3)
    classes = list(csv.DictReader(io.StringIO(second)))
    assert [int(row["samples"]) for row in classes] == result.counts.tolist()


def test_a_strangers_words_are_shown_as_they_are(open_app):
    rows = "x,y,label\n0,0,<b>a</b>\n0,1,<b>a</b>\n3,0,$x$\n3,1,$x$\n0,5,=1+1\n1,5,=1+1\n"
    app = healthy(upload(open_app(PAGE, **OWN), rows.encode(), "t.csv"))
    gram = chart_of(app, "Matrix of the cosines")["data"][0]
    assert "&lt;b&gt;a&lt;/b&gt;" in list(gram["x"])
    upload(app, b"x,<img src=x>\n1,word\n", "t.csv")
    assert "<img" not in app.error[0].value.replace("\\<", "")


def test_a_bad_file_says_why(open_app):
    app = upload(open_app(PAGE, **OWN), example_file())
    upload(app, b"\x80\x04pickle", "weights.pkl.npz")
    assert len(app.error) == 1
    upload(app, example_file())
    assert not app.error
    assert len(drawn(healthy(app))) == 3


def test_malformed_files_never_break_the_page(open_app):
    app, refused = open_app(PAGE, **OWN), 0
    for name, content in islice(malformed_uploads(3), 0, None, 4):
        upload(app, content, name)
        assert not app.exception, (name, content[:80])
        refused += len(app.error)
        assert len(app.error) <= 1
        assert bool(app.error) != bool(drawn(app)), name
    assert refused > 150


# A visitor who tries everything


def test_a_random_walk_meets_no_exception(open_app):
    rng, app = Random(5), open_app(PAGE)
    sections = [simplex.SECTION, implication.SECTION, regions.SECTION, derivation_page.SECTION]
    for _ in range(15):
        section = rng.choice(sections)
        go_to(app, section.name)
        for control in rng.sample(list(section.parameters.values()), 4):
            if isinstance(control, Number):
                value = control.low + control.step * rng.randrange(int((control.high - control.low) / control.step) + 1)
            else:
                value = rng.choice(list(control.options) if isinstance(control, Choice) else [True, False])
            app.session_state[control.key] = type(control.default)(value)
            healthy(app.run())
            assert app.error or app.info or drawn(app) or section is derivation_page.SECTION
