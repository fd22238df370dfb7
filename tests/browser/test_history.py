"""Back, Forward and reload in a real browser: one entry for each act, and each entry brings everything back."""

from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.pages import TIMEOUT_MS, wait_ready

LAPTOP, PHONE = (1280, 800), (390, 844)
LINK = "kernels?ke_section=2.2+RBF&ke_gamma2=4&ke_rbf_depth=20"
POLL_MS = 100
ENTRY = "navigation.currentEntry.index"


class State(NamedTuple):
    """What a visitor sees of a page, and its address."""

    path: str
    query: dict[str, list[str]]
    headings: list[str]
    tab: list[str]
    preset: list[str]
    sentence: list[str]
    sliders: list[str]
    linked: dict[str, list[str]]


def state(page: Page) -> State:
    address = urlsplit(page.url)
    query, link = parse_qs(address.query), parse_qs(page.evaluate("document.documentElement.dataset.link") or "")
    return State(
        path=address.path,
        query=query,
        headings=page.get_by_role("heading", level=1).or_(page.locator(".st-key-stage h2")).all_inner_texts(),
        tab=page.locator("[role=tab][aria-selected=true]").all_inner_texts(),
        preset=page.locator("[class*=_preset] [aria-checked=true]").all_inner_texts(),
        sentence=page.get_by_test_id("stCaptionContainer").all_inner_texts()[:1],
        sliders=page.locator("input[type=range]").evaluate_all("all => all.map(e => e.ariaLabel + e.ariaValueText)"),
        linked={} if "present" in query else {name: link.get(name, []) for name in query},
    )


def settled(page: Page) -> State:
    """The page when nothing changes any more."""
    seen: list[State] = []
    for _ in range(TIMEOUT_MS // POLL_MS):
        page.wait_for_timeout(POLL_MS)
        wait_ready(page)
        seen.append(state(page))
        if len(seen) >= 4 and all(one == seen[-1] for one in seen[-4:]):
            return seen[-1]
    pytest.fail(f"The page does not come to rest: {seen[-2:]}")


def acted(page: Page, act: Callable[[], object]) -> State:
    """Do something that changes the page's address; the page after it. It has made one entry."""
    entry, before = page.evaluate(ENTRY), page.url
    act()
    page.wait_for_function("before => location.href !== before", arg=before, timeout=TIMEOUT_MS)
    after = settled(page)
    assert page.evaluate(ENTRY) == entry + 1, after
    return after


def returned(page: Page, wanted: State) -> None:
    """Go back, to a page as it was."""
    page.go_back()
    comes_to(page, wanted)


def comes_to(page: Page, wanted: State) -> None:
    found = None
    for _ in range(TIMEOUT_MS // (2 * POLL_MS)):
        page.wait_for_timeout(POLL_MS)
        found = state(page)
        if found == wanted:
            return
    assert found == wanted


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


def preset(page: Page, name: str) -> Locator:
    return page.locator("[class*=_preset]").get_by_text(name, exact=True)


def test_each_act_makes_one_entry_and_back_and_forward_bring_each_back(open_page):
    page = open_page(LINK, *LAPTOP)
    states = [settled(page)]
    for act in (
        preset(page, "γ² = 2, the border").click,
        lambda: page.get_by_role("slider").first.press("ArrowRight"),
        page.get_by_role("tab", name="Depth", exact=True).click,
        preset(page, "n = 2, depth 50").click,
        page.get_by_role("link", name="Neural Collapse").click,
        preset(page, "Triangle").click,
        page.get_by_role("link", name="Kernels").click,
        button(page, "Reset").click,
    ):
        states.append(acted(page, act))
    assert [one.preset for one in states[:3]] == [["γ² = 4, order"], ["γ² = 2, the border"], []]
    assert [one.tab for one in states[2:5]] == [["2.2 RBF"], ["Depth"], ["Depth"]]
    assert states[7] == states[4]  # what one left on a page is there when one comes by the menu
    assert states[8].query == {}
    for wanted in states[-2::-1]:
        returned(page, wanted)
    page.go_forward()
    comes_to(page, states[1])
    page.evaluate("history.go(7)")
    comes_to(page, states[8])
    page.go_back()
    page.go_back()  # before the first has come to its end
    comes_to(page, states[6])
    page.reload()
    wait_ready(page)
    comes_to(page, states[6])


def test_on_stage_back_leads_through_the_talk_and_out_of_it(open_page):
    page = open_page("kernels?ke_section=2.2+RBF&ke_gamma2=2&ke_rbf_depth=50", *LAPTOP)
    states = [settled(page)]
    for act in (
        button(page, "Present").click,
        lambda: page.keyboard.press("ArrowRight"),
        lambda: page.keyboard.press("ArrowDown"),
    ):
        states.append(acted(page, act))
    assert states[1].headings != states[2].headings == states[3].headings
    assert states[1].query == {**states[0].query, "present": ["1"]}
    page.reload()
    wait_ready(page)
    comes_to(page, states[3])
    for wanted in states[2::-1]:
        returned(page, wanted)
    page.go_forward()
    comes_to(page, states[1])
    states[0] = acted(page, lambda: page.keyboard.press("Escape"))
    returned(page, states[1])


def test_links_of_the_overview_open_what_they_say_and_back_what_was_left(open_page):
    page = open_page("", *LAPTOP)
    settled(page)
    states = [
        acted(page, page.get_by_role("link", name="What depth does").click),
        acted(page, page.get_by_role("link", name="Overview").click),
        acted(page, page.get_by_role("link", name="2.1 Polynomial kernels, composed").click),
    ]
    assert [one.tab for one in states] == [["Depth"], [], ["2.1 Polynomial"]]
    for wanted in states[1::-1]:
        returned(page, wanted)


def test_a_link_that_was_spelled_anew_is_one_entry_and_so_is_each_touch(open_page):
    page = open_page("", *PHONE, touch=True)
    root = page.url
    page.goto(f"{root}{LINK.replace('&', '&amp;')}&amp;ke_degree=2).")  # of which the last is a default
    page.wait_for_function("() => !location.href.includes(';')", timeout=TIMEOUT_MS)
    first = settled(page)
    assert first.preset == ["γ² = 4, order"]
    expect(page.get_by_text("From the link")).to_have_count(0)
    states = [
        first,
        acted(page, preset(page, "γ² = 1, chaos").tap),
        acted(page, page.get_by_role("tab", name="Depth").tap),
    ]
    for wanted in states[1::-1]:
        returned(page, wanted)
    page.go_back()  # past the link as it came
    page.wait_for_url(root)
    page.goto(f"{root}{LINK.replace('&', '&#038;')}")  # for a browser the rest is a place on the page
    page.wait_for_function("() => !location.hash", timeout=TIMEOUT_MS)
    comes_to(page, first)


def test_one_drag_of_a_slider_is_one_entry_and_so_is_a_key_held_down(open_page):
    page = open_page(LINK, *LAPTOP)
    settled(page)
    slider = page.get_by_role("slider").nth(1)
    box = slider.locator("xpath=..").bounding_box()
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    def drag() -> None:
        page.mouse.move(*middle)
        page.mouse.down()
        for step in range(1, 6):
            page.mouse.move(middle[0] + 8 * step, middle[1])
            page.wait_for_timeout(50)
        page.mouse.up()

    def hold() -> None:
        for _ in range(6):  # a key that is down already is repeated
            page.keyboard.down("ArrowLeft")
            page.wait_for_timeout(50)
        page.keyboard.up("ArrowLeft")

    dragged = acted(page, drag)
    slider.focus()
    acted(page, hold)
    returned(page, dragged)
