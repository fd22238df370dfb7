"""What browser tests do with any page of the app."""

from playwright.sync_api import Page, expect

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
"""How a Chromium is started: it asks for nothing but the app."""
READY = "[data-testid=stApp][data-test-connection-state=CONNECTED][data-test-script-state=notRunning]"
PLACEHOLDERS = "[data-testid=stSkeleton]"  # stand for charts whose code is still being fetched
TIMEOUT_MS = 30_000


def wait_ready(page: Page) -> None:
    """Wait until the page is connected, its script has run to the end and every chart is drawn."""
    expect(page.locator(READY)).to_be_attached(timeout=TIMEOUT_MS)
    expect(page.locator(PLACEHOLDERS)).to_have_count(0, timeout=TIMEOUT_MS)
