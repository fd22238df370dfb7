"""Random clicks and keys in a real browser: no error is ever shown."""

import random
import time
from dataclasses import dataclass, field

from playwright.sync_api import Error, Page, sync_playwright

from pages._ui.errors import SENTENCE
from tests.__main__ import find_chromium
from tests.browser.pages import FLAGS
from tests.load.serving import Server
from tests.load.table import Row, none_of

PAGES = ("", "gradient_flow", "kernels", "neural_collapse")
_TARGETS = "button, summary, input, [role=tab], [role=slider], [role=radio], [role=option], [role=combobox], .plotly"
_PLACES = f"""() => [...document.querySelectorAll('{_TARGETS}')].map(e => e.getBoundingClientRect())
    .filter(r => r.width && r.height).map(r => [r.x + r.width / 2, r.y + r.height / 2])"""
_KEYS = (
    *("ArrowRight", "ArrowLeft", "ArrowDown", "ArrowUp", "Home", "End", "PageDown", "Tab", "Tab", "Enter", "Escape"),
    *("Space", "7", "a", "Backspace"),
)
_FAILURES = f"""() => [...document.querySelectorAll('[data-testid=stException], [data-testid=stAlert]')]
    .map(e => e.innerText).filter((text, i, all) => text.includes('{SENTENCE[:30]}') || text.includes('encountered'))"""


@dataclass
class Monkey:
    """Somebody who hits a page at random."""

    page: Page
    url: str
    rng: random.Random
    hits: int = 0
    failures: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("pageerror", lambda error: self.failures.append(f"uncaught: {error}"))
        self.page.on("filechooser", lambda _: None)
        self.page.on("dialog", lambda dialog: dialog.dismiss())
        self.page.goto(self.url)

    def hit(self) -> None:
        """Click somewhere, or press a key, and look."""
        self.hits += 1
        if self.rng.random() < 0.55:
            self._click()
        else:
            for _ in range(self.rng.choice((1, 1, 3))):
                self.page.keyboard.press(self.rng.choice(_KEYS))
        found = self.page.evaluate(_FAILURES)
        self.failures += [f"after {self.hits} hits, {self.page.url}: {text}" for text in found]
        if found or not self.page.url.startswith(self.url):  # a link to another page
            self.page.goto(self.url)

    def _click(self) -> None:
        places = self.page.evaluate(_PLACES)
        if not places:
            self.page.wait_for_timeout(100)
            return
        x, y = self.rng.choice(places)
        height = self.page.viewport_size["height"] if self.page.viewport_size else 0
        if not 0 <= y < height:
            self.page.mouse.wheel(0, y - height / 2)
            self.page.wait_for_timeout(100)
            y = height / 2
        self.page.mouse.click(x + self.rng.uniform(-8, 8), y)


def monkey_rows(server: Server, seconds: float, seed: int = 1) -> list[Row]:
    """What became of so many seconds on each page; the pages take turns."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        contexts = [chromium.new_context(viewport={"width": 1280, "height": 800}) for _ in PAGES]
        addresses = [f"{server.url}/{path}" for path in PAGES]
        monkeys = [
            Monkey(context.new_page(), address, random.Random(f"{seed} {address[-10:]}"))
            for context, address in zip(contexts, addresses, strict=True)
        ]
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            for monkey in monkeys:
                _hit(monkey)
        chromium.close()
    return [_row(path, monkey, seconds, seed) for path, monkey in zip(PAGES, monkeys, strict=True)]


def _hit(monkey: Monkey) -> None:
    try:
        monkey.hit()
    except Error as error:
        if "navigation" not in str(error):  # a click that leaves the page is no failure
            monkey.failures.append(str(error).partition("\n")[0])


def _row(path: str, monkey: Monkey, seconds: float, seed: int) -> Row:
    what = f"Chromium: /{path}, {seconds:.0f} s of random clicks and keys, seed {seed}: errors"
    return none_of(what, monkey.failures, f"{monkey.hits} hits")
