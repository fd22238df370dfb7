"""Run all tests: ``python -m tests [pytest arguments]``; finds a Chromium first, or installs one."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

SPREAD = ("-n", "auto", "--maxprocesses", "4", "--dist", "loadfile")  # over the cores, each with a server of its own

NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "msedge",
    "microsoft-edge",
    "microsoft-edge-stable",
)
MACOS_PLACES = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
)
WINDOWS_ROOTS = ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA")
WINDOWS_PLACES = (
    "Chromium/Application/chrome.exe",
    "Google/Chrome/Application/chrome.exe",
    "Microsoft/Edge/Application/msedge.exe",
)


def find_chromium() -> str | None:
    """Path of an installed Chromium, Chrome or Edge; CHROMIUM decides where it is set."""
    if wanted := os.environ.get("CHROMIUM"):
        return shutil.which(wanted)
    found = (shutil.which(candidate) for candidate in (*NAMES, *_usual_places()))
    return next((path for path in found if path), None)


def _usual_places() -> list[str]:
    roots = [Path(os.environ[name]) for name in WINDOWS_ROOTS if name in os.environ]
    return [*MACOS_PLACES, *(str(root / place) for root in roots for place in WINDOWS_PLACES)]


def install_chromium() -> str | None:
    """Install a Chromium with the system's package manager, or else Playwright's own."""
    return _install_with_apt() or _install_with_playwright()


def _install_with_apt() -> str | None:
    if not shutil.which("apt-get"):
        return None
    sudo = ["sudo"] if os.geteuid() and shutil.which("sudo") else []
    apt = [*sudo, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]
    if not (_succeeds([*apt, "update"]) and _succeeds([*apt, "install", "-y", "chromium"])):
        return None
    return find_chromium()


def _install_with_playwright() -> str | None:
    # Ubuntu's archive has no chromium, and a bare system lacks the libraries that a browser needs
    libraries = ["--with-deps"] if shutil.which("apt-get") else []
    if not _succeeds([sys.executable, "-m", "playwright", "install", *libraries, "chromium"]):
        return None
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        return shutil.which(playwright.chromium.executable_path)


def _succeeds(command: list[str]) -> bool:
    print("+", *command, flush=True)
    try:
        return subprocess.run(command, check=False).returncode == 0
    except OSError:
        return False


def run_pytest(chromium: str, arguments: list[str]) -> int:
    """Run pytest in the repository; its exit code, which is 5 and a failure where there are no tests."""
    # the matrices are small: more threads cost more than they bring
    environment = {"OMP_NUM_THREADS": "1", **os.environ, "CHROMIUM": chromium}
    command = [sys.executable, "-m", "pytest", *SPREAD, *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode


def main(arguments: list[str]) -> int:
    """Exit code of the tests."""
    if "CHROMIUM" in os.environ and not find_chromium():
        print(f"There is no program at {os.environ['CHROMIUM']!r}, where CHROMIUM points.", file=sys.stderr)
        return 1
    chromium = find_chromium() or install_chromium()
    if chromium is None:
        print("No Chromium found and none could be installed: install one, or set CHROMIUM to it.", file=sys.stderr)
        return 1
    return run_pytest(chromium, arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
