"""Take the README's pictures again: ``python -m tests.screenshots``; they go to docs/screenshots."""

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, sync_playwright

from tests.__main__ import find_chromium
from tests.browser.pages import FLAGS, TIMEOUT_MS, wait_ready
from tests.server import ROOT, served_app

FOLDER = ROOT / "docs" / "screenshots"
LAPTOP, HALL, PHONE = (1280, 800), (1920, 1080), (390, 844)


@dataclass(frozen=True)
class Shot:
    """A picture: its name, the address it shows, the screen, the theme, and buttons to press before."""

    name: str
    path: str
    size: tuple[int, int] = LAPTOP
    dark: bool = False
    press: tuple[str, ...] = ()


SHOTS = (
    Shot("overview", ""),
    Shot("norms", "gradient_flow"),
    Shot("compare", "kernels?ke_section=2.2+RBF", press=("Pin", "γ² = 4, order")),
    Shot("kernels", "kernels?ke_section=2.2+RBF", dark=True),
    Shot("collapse", "neural_collapse"),
    Shot("regions", "neural_collapse?nc_section=Decision+regions&nc_classes=3&nc_p=2&nc_noise=0&nc_departure=0.6"),
    Shot("present", "kernels?ke_section=2.2+RBF&present=1", size=HALL),
    Shot("phone", "kernels?ke_section=Depth", size=PHONE),
)


def main() -> None:
    """Take all of them."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as log, served_app(Path(log, "log.txt")) as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        for shot in SHOTS:
            take(browser, url, shot)
            print(shot.name, flush=True)
        browser.close()


def take(browser: Browser, url: str, shot: Shot) -> None:
    """Take one."""
    width, height = shot.size
    phone = shot.size == PHONE
    page = browser.new_page(
        viewport={"width": width, "height": height},
        color_scheme="dark" if shot.dark else "light",
        has_touch=phone,
        is_mobile=phone,
        device_scale_factor=2 if phone else 1,
    )
    page.goto(f"{url}/{shot.path}")
    wait_ready(page)
    page.locator("[role=figure] .main-svg").first.wait_for(state="attached", timeout=TIMEOUT_MS)
    page.locator("[data-testid=stProgress]").wait_for(state="detached", timeout=TIMEOUT_MS)
    for name in shot.press:
        page.get_by_text(name, exact=True).first.click()
        page.wait_for_timeout(1500)
    page.wait_for_timeout(1500)
    page.mouse.move(0, height - 1)
    page.screenshot(path=FOLDER / f"{shot.name}.png")
    page.close()


if __name__ == "__main__":
    main()
