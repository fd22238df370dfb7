"""A checkout that is read-only and lacks files: pages that need none of them work, and others say so."""

import asyncio
import os
import shutil
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.load.serving import Server
from tests.load.session import BrokenError, Session
from tests.server import ROOT

PARTS = ("app.py", "core", "pages", ".streamlit")
MISSING = ("core/neural_collapse/digits.npz", "pages/_prose/gradient_flow.md")


def _without_rights() -> tuple[str, ...]:
    """What has to stand before a command for it to respect the rights of files, which root does not."""
    if os.geteuid():
        return ()
    return ("setpriv", "--bounding-set", "-dac_override", "--inh-caps", "-dac_override")


@pytest.fixture(scope="module")
def bare_server() -> Iterator[Server]:
    """A server of a checkout that is read-only, and lacks a few files."""
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        root = Path(folder, "checkout")
        for part in PARTS:
            if (ROOT / part).is_dir():
                shutil.copytree(ROOT / part, root / part, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                root.mkdir(exist_ok=True)
                shutil.copy(ROOT / part, root / part)
        for name in MISSING:
            (root / name).unlink()
        paths = [root, *root.rglob("*")]
        for path in paths:
            path.chmod(0o555 if path.is_dir() else 0o444)
        try:
            server = Server(Path(folder, "log.txt"), root=root, prefix=_without_rights())
            with server.running():
                yield server
        finally:
            for path in paths:
                path.chmod(0o755)


def visit(server: Server, page: str, query: str = "") -> Session:
    """A visit; raises an error where the page shows one."""

    async def come() -> Session:
        session = Session(server.url, page, query)
        await session.join()
        await session.settle()
        await session.leave()
        return session

    with ThreadPoolExecutor(1) as thread:  # Playwright keeps an event loop in the main one
        return thread.submit(lambda: asyncio.run(come())).result()


def test_the_checkout_is_read_only(bare_server):
    touch = [*bare_server.prefix, "touch", str(bare_server.root / "core" / "new.py")]
    assert subprocess.run(touch, check=False, capture_output=True).returncode != 0


@pytest.mark.parametrize(
    ("page", "query"),
    [
        ("", ""),
        ("gradient_flow", "gf_depth=1&gf_target=10⁻¹⁰"),
        ("kernels", "ke_section=Derivation"),
        ("neural_collapse", "nc_section=Watch+it+collapse&nc_free_samples=2"),
    ],
)
def test_pages_work_that_need_none_of_the_missing_files(bare_server, page, query):
    assert visit(bare_server, page, query).charts > 0


@pytest.mark.parametrize(
    ("page", "query", "place"),
    [
        ("neural_collapse", "nc_section=Watch+it+collapse&nc_training=A+network+on+digits&nc_net_epochs=200", "digits"),
        ("gradient_flow", "gf_section=Derivation&gf_depth=1&gf_target=10⁻¹⁰", "prose"),
    ],
)
def test_sections_that_need_one_say_so_and_it_is_logged_once_with_the_link(bare_server, page, query, place):
    for _ in range(2):
        with pytest.raises(BrokenError, match="shows an error"):
            visit(bare_server, page, query)
    said = bare_server.said()
    lines = [line for line in said.splitlines() if line.startswith(f"FileNotFoundError at /{page}?v=1&")]
    assert len(lines) == 1, said
    assert f"{place}.py" in said
    for part in query.replace("⁻¹⁰", "%E2%81%BB%C2%B9%E2%81%B0").split("&"):
        assert part in lines[0]
