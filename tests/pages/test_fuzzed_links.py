"""Links that nobody made: whatever the address says, a page comes up, and what of it was ignored is named."""

import os
import random
from collections.abc import Callable
from importlib import import_module
from types import SimpleNamespace
from urllib.parse import parse_qs, urlencode

import pytest

from pages._ui import address, controls, quiz, sections
from pages._ui.controls import Control
from pages._ui.page import Page
from tests.pages.charts import drawn

QUERIES = int(os.environ.get("FUZZED_LINKS", "2000"))  # of a page
SHOWN = 6  # of them in the app, with everything drawn
PAGES = {"gf": "gradient_flow", "ke": "kernels", "nc": "neural_collapse"}
every_page = pytest.mark.parametrize("key", PAGES)

NEVER = (  # what no control allows
    *("banana", "", " ", "nan", "NaN", "inf", "-inf", "Infinity", "1e400", "-1e400", "1e309", "--5", "0x10", "1_0x"),
    *(
        "<script>alert(1)</script>",
        "[a](javascript:b)",
        "**bold**",
        "$x$",
        "`code`",
        "{{7*7}}",
        "${7*7}",
        "%s%n",
        "%00",
    ),
    *("\x00", "\u202eevil", "😀" * 20, "ä\u0308\u0308", "\ud800", "a" * 10_000, "9" * 10_000, "[" * 5_000),
    *("None", "null", "undefined", "[1, 2]", "1,2", "2,1", "5-1", "../../etc/passwd", "' OR 1=1 --", "1;2", "１２,３"),
)


def page_of(key: str, monkeypatch: pytest.MonkeyPatch) -> Page:
    """What a page declares."""
    monkeypatch.setattr(sections, "draw_page", lambda page: None)
    return import_module(f"pages.{PAGES[key]}").PAGE


def texts_of(control: Control, rng: random.Random) -> list[str]:
    """Texts that stand for values, and some that nearly do."""
    good = control.text(control.default)
    if isinstance(control, controls.Number):
        place = rng.uniform(control.low - control.step, control.high + control.step)
        return [good, str(place), f"{place:.3e}", f" {good}", f"{good}.0", f"+{good}", str(-place), f"{control.high:g}"]
    if isinstance(control, controls.Choice):
        label = rng.choice(list(control.options.values()))
        return [good, label, label.upper(), label[:-1], f"{label} ", str(rng.choice(list(control.options)))]
    return [good, "True", "FALSE", "1", "0", "on", "yes"]


def query(page: Page, rng: random.Random) -> str:
    """Any address: known and unknown names, repeated, with texts of all kinds."""
    pairs = []
    for control in rng.sample(page.controls, rng.choice((0, 1, 1, 2, 5, len(page.controls)))):
        texts = texts_of(control, rng) if rng.random() < 0.5 else NEVER
        pairs += [(control.key, rng.choice(texts)) for _ in range(rng.choice((1, 1, 1, 3)))]
    names = (*NEVER, "present", "stage", "hide", "v", "ke_n", "gf_depth", "nc_p")
    pairs += [(rng.choice(names), rng.choice(NEVER)) for _ in range(rng.choice((0, 0, 1, 3)))]
    rng.shuffle(pairs)
    text = urlencode(pairs, errors="surrogatepass")
    return text if rng.random() < 0.8 else _broken(text, rng)


def _broken(text: str, rng: random.Random) -> str:
    """A query with a few characters out of place."""
    letters = list(text)
    for _ in range(3):
        letters.insert(rng.randrange(len(letters) + 1), rng.choice("&=%;#+?/\\\"'<>\u00e9"))
    return "".join(letters)


def parsed(text: str) -> dict[str, list[str]]:
    """A query as Streamlit reads it."""
    return parse_qs(text, keep_blank_values=True, errors="replace", max_num_fields=None)


class Params(dict):
    """Streamlit's parameters of the address, as far as pages use them."""

    def get(self, name, default=None):
        return (self.get_all(name) or [default])[-1]

    def get_all(self, name):
        return super().get(name, [])

    def from_dict(self, wanted):
        self.clear()
        self.update(wanted)


@pytest.fixture
def visit(monkeypatch: pytest.MonkeyPatch) -> Callable[[Page, dict], tuple[dict, list[str]]]:
    """Function (page, parameters) to the values of the controls and the notices, of a visit without a server."""

    def visit_(page, parameters):
        said: list[str] = []
        st = SimpleNamespace(session_state={}, query_params=Params(parameters), rerun=lambda: None)
        for module in (address, controls, quiz):
            monkeypatch.setattr(module, "st", st)
        monkeypatch.setattr(address, "_show", lambda notices, key: said.extend(notices))
        address.check_address(page.controls, key=page.key)
        return address.current_values(page.controls), said

    return visit_


@every_page
def test_a_text_stands_for_an_allowed_value_or_for_none(key, monkeypatch):
    rng = random.Random(1)
    for control in page_of(key, monkeypatch).controls:
        for text in (*NEVER, *(text for _ in range(40) for text in texts_of(control, rng))):
            value = control.parse(text)
            if text in NEVER and text != " ":
                assert value is None, (control.key, text[:40])
            if value is not None:
                assert control.snap(value) == value, (control.key, text[:40])
                assert control.parse(control.text(value)) == value, (control.key, text[:40])
                assert control.means(text, value) in (True, False)


@every_page
def test_thousands_of_links_open_and_what_is_ignored_is_named(key, monkeypatch, visit):
    page, rng = page_of(key, monkeypatch), random.Random(2)
    known = {control.key for control in page.controls} | set(address.MODES)
    for _ in range(QUERIES):
        text = query(page, rng)
        parameters = parsed(text)
        values, said = visit(page, {name: list(texts) for name, texts in parameters.items()})
        for control in page.controls:
            assert control.snap(values[control.key]) == values[control.key], text[:300]
            if parameters.get(control.key, [""])[-1] in NEVER and control.key in parameters:
                assert any(notice.startswith(f"{control.key}=") for notice in said), (control.key, text[:300])
                assert values[control.key] == control.default, (control.key, text[:300])
            if len(parameters.get(control.key, ())) > 1:
                assert any(control.key in notice for notice in said), (control.key, text[:300])
        for name in parameters.keys() - known:
            if name.lstrip(";? ").split("=")[0] in known:  # what stands before it separates, and is no part of it
                continue
            assert f"{name[:40]} means nothing here" in said, text[:300]
        assert all(len(notice) < 1000 for notice in said), text[:300]


@every_page
def test_some_of_them_in_the_app(open_app, key, monkeypatch):
    with monkeypatch.context() as patch:
        page = page_of(key, patch)
    rng = random.Random(3)
    for _ in range(SHOWN):
        text = query(page, rng)
        parameters = parsed(text)
        parameters = {name: texts for name, texts in parameters.items() if "\x00" not in name}
        app = open_app(f"pages/{PAGES[key]}.py", **parameters)
        assert not app.exception, text[:500]
        assert app.button(key=f"{key}_reset") or parameters.get("present") == ["1"], text[:500]
        ignored = [name for name, texts in parameters.items() if texts[-1] in NEVER and name not in address.MODES]
        said = " ".join(one.value for one in app.text if one.value.startswith("From the link"))
        assert not ignored or said, text[:500]
        assert len(said) < 3000
        assert not any("<script" in one.value for one in (*app.markdown, *app.caption)), text[:500]


@every_page
def test_a_link_of_ten_thousand_letters_opens(open_app, key):
    app = open_app(f"pages/{PAGES[key]}.py", **{f"{key}_section": "x" * 10_000, "y" * 10_000: "1"})
    assert not app.exception
    assert drawn(app)
    assert max(len(one.value) for one in app.text) < 1000


@every_page
def test_of_a_repeated_parameter_the_last_counts_and_that_is_said(open_app, key, monkeypatch):
    with monkeypatch.context() as patch:
        page = page_of(key, patch)
    shown = list(page.sections[0].controls.values())[:2]
    repeated = {one.key: [one.text(one.default), other_text(one)] for one in shown}
    app = open_app(f"pages/{PAGES[key]}.py", **repeated)
    assert not app.exception
    said = " ".join(one.value for one in app.text if one.value.startswith("From the link"))
    for one in shown:
        assert one.text(app.session_state[one.key]) == other_text(one)
        assert f"{one.key} is there 2 times, using {other_text(one)}" in said


def other_text(control: Control) -> str:
    """The text of a value that is not the default."""
    if isinstance(control, controls.Number):
        return control.text(control.high if control.default != control.high else control.low)
    values = [True, False] if isinstance(control, controls.Switch) else control.options
    return control.text(next(value for value in values if value != control.default))
