"""The app as a running server."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

ROOT = Path(__file__).resolve().parents[1]
START_SECONDS = 60.0


@contextmanager
def served_app(log: Path) -> Iterator[str]:
    """Base URL of the app, served by `streamlit run` until the end of the block; its output goes to a file."""
    port = free_port()
    with log.open("wb") as output:
        server = subprocess.Popen(_command(port), cwd=ROOT, stdout=output, stderr=subprocess.STDOUT)
    try:
        url = f"http://127.0.0.1:{port}"
        if not is_healthy(url, server):
            raise RuntimeError(f"The app did not start:\n{log.read_text(errors='replace')}")
        yield url
    finally:
        stop(server)


def _command(port: int) -> list[str]:
    options = {"server.headless": "true", "server.address": "127.0.0.1", "server.port": str(port)}
    options["browser.gatherUsageStats"] = "false"  # without a network it puts errors on the console
    flags = [part for name, value in options.items() for part in (f"--{name}", value)]
    return [sys.executable, "-m", "streamlit", "run", "app.py", *flags]


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_healthy(url: str, server: subprocess.Popen) -> bool:
    """Whether a server that was started says, in time, that it is healthy."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urlopen(f"{url}/_stcore/health", timeout=5) as answer:
                return answer.status == 200
        except (URLError, OSError):
            time.sleep(0.1)
    return False


def stop(server: subprocess.Popen) -> None:
    """End a server, by force where it must be."""
    server.terminate()
    try:
        server.wait(timeout=10)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
