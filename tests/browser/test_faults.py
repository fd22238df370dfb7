"""What breaks around the app: the line, the server, the disk; and what a visitor sees of that."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from pages._ui.errors import SENTENCE
from tests.browser.pages import TIMEOUT_MS, wait_ready
from tests.browser.test_instrument import LAPTOP, NUMBERS, settle
from tests.load.serving import Server

LOST = "[data-testid=stApp]:not([data-test-connection-state=CONNECTED])"
LINKS = {
    "gradient_flow": "gf_section=Margins&gf_depth=2&gf_target=10⁻¹⁰",
    "kernels": "ke_section=2.2 RBF&ke_gamma2=4",
    "neural_collapse": "nc_section=Decision regions&nc_classes=3&nc_p=5&nc_departure=0.6",
}


def picture(page: Page) -> tuple[str, str, list[str]]:
    """Numbers in the charts, address, and controls."""
    drawn(page)
    sliders = page.get_by_role("slider").evaluate_all("all => all.map(e => e.ariaLabel + e.ariaValueText)")
    return page.evaluate(NUMBERS), page.url, sliders


def drawn(page: Page) -> None:
    """Wait until the charts are there, and of the settings on screen: between two looks at a run, nothing runs."""
    wait_ready(page)
    expect(page.locator("[class*=_progress]")).to_have_count(0, timeout=TIMEOUT_MS)
    expect(page.get_by_role("figure").first).to_be_visible(timeout=TIMEOUT_MS)
    settle(page)


def move(page: Page, key: str) -> None:
    """Move the first slider, and wait until the server knows."""
    slider = page.get_by_role("slider").first
    value = slider.get_attribute("aria-valuetext") or ""
    slider.press(key)
    expect(slider).not_to_have_attribute("aria-valuetext", value)
    page.wait_for_timeout(500)


def assert_calm(page: Page) -> None:
    assert page.get_by_test_id("stException").count() == 0
    assert page.get_by_text(SENTENCE).count() == 0


# The line


@pytest.mark.parametrize("path", ["neural_collapse"])
def test_who_loses_the_connection_comes_back_to_the_same_state(open_page, page_errors, path):
    sockets = []

    def connect(socket) -> None:
        sockets.append(socket)
        socket.connect_to_server()

    page = open_page(f"{path}?{LINKS[path]}", *LAPTOP)
    page.route_web_socket("**/_stcore/stream", connect)
    page.reload()
    drawn(page)
    page.get_by_role("button", name="Pin", exact=True).click()  # is in no link: the server has kept the session
    expect(page.get_by_text("Pinned, in grey:")).to_be_visible(timeout=TIMEOUT_MS)
    move(page, "ArrowRight")
    before = picture(page)
    sockets[-1].close()
    page.locator(LOST).wait_for(timeout=TIMEOUT_MS)
    wait_ready(page)
    assert len(sockets) == 2
    assert picture(page) == before
    assert page.get_by_text("Pinned, in grey:").count() == 1
    move(page, "ArrowLeft")
    assert picture(page)[0] != before[0]
    assert_calm(page)
    page_errors[:] = [error for error in page_errors if "when disconnected" not in error]


# The server


ROWS = "\n".join(f"{x},{y},{int(x + y > 0)}" for x in (-2, -1, 1, 2) for y in (-2.5, -0.5, 0.7, 2.2))
TABLE = {"name": "table.csv", "mimeType": "text/csv", "buffer": f"a,b,label\n{ROWS}".encode()}


def test_a_restarted_server_brings_back_the_same_picture_and_pages_say_what_is_gone(browser, tmp_path):
    with Server(tmp_path / "log.txt").running() as server:
        links = {**LINKS, "gradient_flow": f"{LINKS['gradient_flow']}&gf_data=Your own table"}
        pages = [browser.new_context(viewport={"width": 1280, "height": 800}).new_page() for _ in links]
        owner, pinned, other = pages
        for page, (path, query) in zip(pages, links.items(), strict=True):
            page.goto(f"{server.url}/{path}?{query}")
        owner.locator("input[type=file]").set_input_files(files=[TABLE])
        for page in pages:
            drawn(page)
            move(page, "ArrowRight")
        pinned.get_by_role("button", name="Pin", exact=True).click()
        expect(pinned.get_by_text("Pinned, in grey:")).to_be_visible(timeout=TIMEOUT_MS)
        before = [picture(page) for page in pages]
        server.kill()
        for page in pages:
            page.locator(LOST).wait_for(timeout=TIMEOUT_MS)
        server.start()
        expect(owner.get_by_text("no longer has your table: ")).to_be_visible(timeout=TIMEOUT_MS)
        expect(pinned.get_by_text("no longer has your pinned runs: ")).to_be_visible(timeout=TIMEOUT_MS)
        expect(pinned.get_by_text("Pinned, in grey:")).to_have_count(0)
        pinned.get_by_text("γ² = 2, the border").click()  # the first click counts
        expect(pinned.get_by_text("At 2 the slope is exactly 1")).to_be_visible(timeout=TIMEOUT_MS)
        expect(owner.get_by_role("figure")).to_have_count(0)
        owner.locator("input[type=file]").set_input_files(files=[TABLE])
        assert [picture(owner), picture(other)] == [before[0], before[2]]
        expect(other.get_by_text("no longer has")).to_have_count(0)  # nothing was lost
        for page in pages:
            assert_calm(page)
            page.context.close()


# The disk


@pytest.fixture(scope="module")
def full_disk(tmp_path_factory) -> Iterator[Server]:
    """A server that cannot write what is longer than 100 kB, as on a disk that is nearly full."""
    prefix = ("sh", "-c", 'ulimit -f 200; exec "$@"', "sh")
    with Server(tmp_path_factory.mktemp("full") / "log.txt", prefix=prefix).running() as server:
        yield server


def test_on_a_full_disk_charts_are_streamlits_own(browser, full_disk):
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    for path, query in LINKS.items():
        page.goto(f"{full_disk.url}/{path}?{query}")
        wait_ready(page)
        expect(page.locator("[data-testid=stPlotlyChart] .main-svg").first).to_be_visible(timeout=TIMEOUT_MS)
        move(page, "ArrowRight")
        wait_ready(page)
        assert_calm(page)
    context.close()
