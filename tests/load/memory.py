"""Memory of the server and its workers under the worst that the controls, and files within the limits, ask for."""

import asyncio
import io
import re
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pages._ui.work.worker import MEGABYTES
from tests.load.serving import Server
from tests.load.session import Session
from tests.load.table import Row, at_most
from tests.server import ROOT

_BIG = "gf_bias=false&gf_depth=6&gf_width=32&gf_samples=200&gf_norm=0.25&gf_target=10⁻¹⁰⁰⁰⁰"
_NET = "nc_section=Watch+it+collapse&nc_training=A+network+on+digits&nc_net_epochs=5000"
WORST = {
    "a plain flow that never separates": f"gradient_flow?gf_data=XOR&gf_noise=0.3&gf_dataseed=1&{_BIG}",
    "a normalized flow with many kinks": f"gradient_flow?gf_noise=0.6&gf_flow=Normalized&gf_flipped=5&{_BIG}",
    "the widest network, the most epochs": f"neural_collapse?{_NET}&nc_net_layers=3&nc_net_width=128",
    "the widest layer": "kernels?ke_section=Finite+width&ke_width=100+000&ke_seed=9",
    "the deepest wide network": "kernels?ke_section=Depth&ke_depth=50&ke_net_width=10+000&ke_seed=9",
    "the kernel machine with most points": "kernels?ke_section=Kernel+machine&ke_samples=200&ke_machine_depth=50",
}
"""Settings to the links that ask for them."""
_SECONDS = 25.0  # of each; what a run takes at most, it takes from its first thousand steps on
_LOOK = 0.1  # seconds between two measurements
_AT_ONCE = 10  # uploads


@dataclass
class Peak:
    """The most memory seen, in megabytes, each page of it counted once."""

    server: float = 0.0
    worker: float = 0.0
    together: float = 0.0

    def look(self, server: Server) -> None:
        """Measure now."""
        own = megabytes(server.pid)
        workers = [megabytes(pid) for pid in server.workers()]
        self.server, self.worker = max(self.server, own), max(self.worker, *workers, 0.0)
        self.together = max(self.together, own + sum(workers))


def megabytes(pid: int) -> float:
    """Proportional set size of a process; 0 for one that is gone."""
    with suppress(OSError):
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
        return int(re.findall(r"^Pss: +(\d+)", text, re.MULTILINE)[0]) / 1024
    return 0.0


def allowed() -> float:
    """Megabytes that a replica may have, of the unit in deploy."""
    unit = (ROOT / "deploy" / "systemd" / "theory@.service").read_text()
    (number, suffix) = re.findall(r"^MemoryMax=(\d+)([GM])$", unit, re.MULTILINE)[0]
    return int(number) * (1024.0 if suffix == "G" else 1.0)


@asynccontextmanager
async def _watched(server: Server) -> AsyncIterator[Peak]:
    peak = Peak()

    async def watch() -> None:
        while True:
            await asyncio.to_thread(peak.look, server)
            await asyncio.sleep(_LOOK)

    watching = asyncio.create_task(watch())
    try:
        yield peak
    finally:
        watching.cancel()
        peak.look(server)


async def _for_a_while(doing: Awaitable[object]) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(doing, _SECONDS)


async def _follow(server: Server, link: str) -> None:
    page, _, query = link.partition("?")
    session = Session(server.url, page, query)
    await session.join()
    try:
        await _for_a_while(session.settle())
    finally:
        await session.leave()


def features(rows: int = 2440, columns: int = 4096, classes: int = 200) -> bytes:
    """An archive of as many numbers as are read, small as it holds few bits of each."""
    rng = np.random.default_rng(0)
    labels = np.arange(rows) % classes
    values = rng.normal(size=(classes, columns))[labels] + rng.normal(size=(rows, columns))
    file = io.BytesIO()
    np.savez_compressed(file, features=values.round(1).astype(np.float16), labels=labels)
    return file.getvalue()


def table(size: int = 19 * 10**6) -> bytes:
    """A table of so many bytes, its label last."""
    row = ",".join(f"{i % 7}.{i % 10}" for i in range(200))
    rows = (f"{i % 10}{row[1:]},{i % 10}\n" for i in range(size // (len(row) + 3)))
    return "".join(rows).encode()


async def _upload(server: Server, name: str, content: bytes) -> str:
    """Upload a file, and wait a while for what comes of it; what the page says where that is nothing."""
    session = Session(server.url, "neural_collapse", "nc_section=Your+features")
    try:
        await session.join()
        await session.upload(next(one for one in session.shown.values() if one.kind == "file_uploader"), name, content)
        await _for_a_while(session.settle())
        return "" if session.charts or session.progress else " ".join(session.alerts) or "no charts"
    except Exception as error:
        return f"{type(error).__name__} {error}"
    finally:
        with suppress(Exception):
            await session.leave()


async def _all(server: Server) -> list[Row]:
    limit, rows = allowed(), []
    for name, link in WORST.items():
        async with _watched(server) as peak:
            await _follow(server, link)
        rows.append(at_most(f"{server.kind}: worker, {name}", MEGABYTES, peak.worker, "MB"))
    async with _watched(server) as peak:
        await asyncio.gather(*(_follow(server, link) for link in WORST.values()))
    rows.append(_together(server, "all of these at once", peak, limit))
    async with _watched(server) as peak:
        failed = await _upload(server, "features.npz", features())
    rows.append(_together(server, "an archive of 10⁷ numbers", peak, limit, failed))
    async with _watched(server) as peak:
        found = await asyncio.gather(*(_upload(server, "f.csv", table() + b"\n" * i) for i in range(_AT_ONCE)))
    rows.append(_together(server, f"{_AT_ONCE} tables of 19 MB at once", peak, limit, next(filter(None, found), "")))
    return rows


def _together(server: Server, name: str, peak: Peak, limit: float, failed: str = "") -> Row:
    note = f"server {peak.server:.0f}, a worker {peak.worker:.0f}"
    return at_most(f"{server.kind}: server and workers, {name}", limit, peak.together, "MB", note=failed or note)


def worst_rows(server: Server) -> list[Row]:
    """Memory under each of the worst settings and uploads, and together."""
    return asyncio.run(_all(server))
