"""Names, texts and numbers of links as they arrive: from mails, pages, slides and people."""

from decimal import Decimal
from html import escape
from importlib import import_module
from urllib.parse import parse_qsl, quote

import pytest

from pages._ui import sections
from pages._ui.controls import Choice, Number, Switch
from pages._ui.spelling import bare, folded, number, parameters

PAGES = ("gradient_flow", "kernels", "neural_collapse")
KNOWN = {"v", "gf_section", "gf_depth", "gf_norm"}
MEANT = [("v", "1"), ("gf_section", "Norm growth"), ("gf_depth", "4"), ("gf_norm", "0.5")]
LINK = "v=1&gf_section=Norm+growth&gf_depth=4&gf_norm=0.5"

HUNDRED_THOUSANDTH = (
    *("0.00001", ".00001", "1e-5", "1E-05", "1.0e-5", "+1e-5", "10^-5", "10**-5", "10^{-5}", "10⁻⁵", "10-5", "10−5"),
    *("1×10⁻⁵", "1 × 10^-5", "1x10-5", "1·10⁻⁵", "1.0*10^-5", "1/100000", "1/100 000", "0,00001", "１e-５"),
)
NONE = ("", "nan", "inf", "0x10", "1_0", "5-1", "--5", "1,2", "2,1", "1 2", "10", "1/0", "e5", "1e", "10^", "1e-5x")


@pytest.fixture(params=PAGES)
def page(request, monkeypatch):
    monkeypatch.setattr(sections, "draw_page", lambda page: None)
    return import_module(f"pages.{request.param}").PAGE


@pytest.mark.parametrize("text", HUNDRED_THOUSANDTH)
def test_all_that_people_write_is_the_number(text):
    assert number(text) == Decimal("0.00001")


@pytest.mark.parametrize("text", NONE)
def test_what_is_no_number_is_none(text):
    assert number(text) is None or (text == "10" and number(text) == 10)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("−800", "-800"),
        ("1e-10000", "1e-10000"),  # beyond floats
        ("10⁻¹⁰⁰⁰⁰", "1e-10000"),
        ("1 000", "1000"),
        ("1\u202f000", "1000"),
        ("100,000", "100000"),
        ("0,5", "0.5"),
        ("-0,5", "-0.5"),
        ("3.0 × 10⁻⁴", "0.0003"),
        ("10²", "100"),
        ("1e" + "9" * 30, None),
        ("9" * 10_000, None),
    ],
)
def test_numbers_are_exact(text, value):
    assert number(text) == (None if value is None else Decimal(value))


@pytest.mark.parametrize(
    "link",
    [
        LINK,
        escape(LINK),
        escape(escape(LINK)),
        escape(escape(escape(LINK))),
        LINK.replace("&", "&AMP;"),
        LINK.replace("&", "%26amp%3B"),
        LINK.replace("&", "%26"),
        LINK.replace("&", "%2526"),
        LINK.replace("&", ";"),
        LINK.replace("&", "&amp;", 1),
        LINK.replace("&", "&%23038%3B"),
        LINK.replace("&", "%0D%0A%26"),
        LINK.replace("&", "&%20"),
        LINK.replace("&", "&%E2%80%8B"),
        LINK.replace("=", "%3D"),
        quote(LINK.replace("+", " ")),
        quote(quote(LINK.replace("+", "%20"))),
        f"?{LINK}",
    ],
)
def test_a_query_is_read_however_its_separators_were_coded(link):
    assert list(parameters(parse_qsl(link, keep_blank_values=True), KNOWN)) == MEANT


def test_what_means_nothing_stays_as_it_came_and_hides_nothing():
    pairs = [("amp;other", "1"), ("fbclid", "a;b"), ("gf_norm", ""), ("x", "1&amp;gf_depth=2")]
    assert list(parameters(pairs, KNOWN)) == [*pairs, ("gf_depth", "2")]


@pytest.mark.parametrize(
    "around", ["{}.", "{})", "({})", "<{}>", "{}%3E", "{},", "“{}”", "{}\u00a0", " {}\r\n", "{}…", "*{}*"]
)
def test_what_a_sentence_puts_around_a_link_is_no_part_of_it(around):
    assert bare(around.format("Norm growth")) == "Norm growth"
    depth = Number(key="d", label="", default=1, low=1, high=6, step=1)
    assert depth.parse(around.format("4")) == 4
    assert depth.means(around.format("4"), 4)


def test_every_value_of_every_control_is_understood_in_all_its_spellings(page):
    for control in page.controls:
        if isinstance(control, Choice):
            values = list(control.options)
            assert len({folded(control.text(value)) for value in values}) == len(values), control.key
        elif isinstance(control, Number):
            values = [control.low, control.high, control.default, control.snap(control.low + 3 * control.step)]
        else:
            assert isinstance(control, Switch)
            values = [True, False]
        for value in values:
            text = control.text(value)
            spellings = [
                text,
                text.upper(),
                f" {text}.",
                text.replace(" ", ""),
                text.replace(" ", "\u00a0"),
                f"3D{text}",
            ]
            spellings += [text.replace("+", " "), text.replace(" ", "+"), quote(text), quote(quote(text))]
            said = number(text) if not isinstance(control, Switch) else None
            if said is not None:
                spellings += [f"{said:e}", f"{said:E}", text.replace("-", "−")]
            if said is not None and said.adjusted() > -10:
                spellings += [f"{said:f}", f"+{said:f}", f"{said / 10:f} × 10¹", f"{said * 10:f}·10^-1"]
                spellings += [f"{said:f}".replace(".", ",")] if said < 1 else []
            for spelling in spellings:
                assert control.parse(spelling) == value, (control.key, spelling)
                assert control.means(spelling, value), (control.key, spelling)


def test_a_number_that_is_none_of_the_options_is_none_of_them(page):
    for control in page.controls:
        if isinstance(control, Choice):
            assert control.parse("1.2345e-3") is None
            assert control.parse("banana") is None
