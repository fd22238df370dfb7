"""One hostile visitor, or a hall of them, beside an honest one: whose runs begin, and who can stop them."""

import asyncio
import json
import time
from collections.abc import Iterator
from urllib.request import urlopen

from tests.load.serving import Server
from tests.load.session import Session
from tests.load.table import Row, at_most, none_of

FLOW = "gf_noise=0.6&gf_flipped=3&gf_samples=100&gf_norm=0.5"
"""A flow of some 4 s that ends where its budget does, whatever its target."""
SLOWEST = (
    "gf_noise=1&gf_flipped=5&gf_samples=200&gf_depth=4&gf_width=32&gf_norm=1&gf_flow=Normalized"
    "&gf_dataseed={}&gf_seed={}"
)
MIDDLING = "gf_noise=1&gf_flipped=5&gf_samples=150&gf_depth=4&gf_norm=1&gf_dataseed={}&gf_seed={}"
"""Flows that are short enough for the worker which takes no long ones."""
SMALL = "gf_noise=0.3&gf_depth=2&gf_width=8&gf_seed=19"
QUICK = "ke_section=Kernel+machine&ke_data_noise=0.35"
_CLEARS = 22
_WAITS = ("Waiting", "Two of your runs")
_START = 5.0  # seconds in which an honest run begins


async def _timed(session: Session) -> float:
    begin = time.monotonic()
    await session.join()
    await session.settle()
    return time.monotonic() - begin


async def _clear(server: Server, failures: list[str]) -> None:
    """Empty the server's caches, again and again."""
    hostile = Session(server.url)
    await hostile.join()
    for _ in range(_CLEARS):
        await hostile.clear_cache()
        await asyncio.sleep(0.2)
    try:
        await hostile.ask()
    except Exception as error:
        failures.append(str(error))
    await hostile.leave()


def library_of(session: Session) -> str:
    """Address of Plotly on a page with charts."""
    parts = [one.element for one in session.shown.values() if one.kind == "bidi_component"]
    heads = [json.loads(one.bytes.partition(b"\n")[0]) for one in parts if one.component_name == "plot"]
    return str(heads[0]["library"])


async def _clearing(server: Server) -> Iterator[Row]:
    alone = await _timed(Session(server.url, "gradient_flow", f"{FLOW}&gf_target=10⁻⁸⁰⁰"))
    failures: list[str] = []
    session = Session(server.url, "gradient_flow", f"{FLOW}&gf_target=10⁻¹⁰⁰")
    beside, _ = await asyncio.gather(_timed(session), _clear(server, failures))
    again = await _timed(Session(server.url, "gradient_flow", f"{FLOW}&gf_target=10⁻¹⁰⁰"))
    try:
        with urlopen(f"{server.url}/{library_of(session)}") as answer:
            answer.read(1)
    except OSError as error:
        failures.append(f"Plotly is not served: {error}")
    name = f"{server.kind}: {_CLEARS} times clear_cache"
    return iter(
        [
            at_most(f"{name}, a flow beside it", max(2.0 * alone, alone + 3.0), beside, "s", note=f"alone {alone:.1f}"),
            at_most(f"{name}, the same flow afterwards", 0.5 * beside + 0.5, again, "s"),
            none_of(f"{name}, what is lost", failures),
        ]
    )


def clear_rows(server: Server) -> Iterator[Row]:
    """What one visitor who empties the caches does to another's run, results and charts."""
    return asyncio.run(_clearing(server))


async def _begun(session: Session) -> float:
    """Seconds until a session's run has begun, or is done."""
    begin = time.monotonic()
    await session.join()
    while session.progress.startswith(_WAITS):
        await asyncio.sleep(0.25)
        await session.look()
    return time.monotonic() - begin


async def _wait(session: Session, until: asyncio.Event) -> None:
    """Ask for a run and look after it, as a browser does, until an event."""
    await session.join()
    while not until.is_set():
        await asyncio.sleep(1.0)
        await session.look()
    await session.leave()


async def _flood(server: Server, kind: str, link: str, seed: int, number: int) -> list[Row]:
    """Sessions that ask for such flows, and honest ones that come when these wait."""
    done = asyncio.Event()
    hostile = [Session(server.url, "gradient_flow", link.format(i % 20, i // 20)) for i in range(number)]
    waiting = [asyncio.create_task(_wait(session, done)) for session in hostile]
    await asyncio.sleep(8.0)
    flow = Session(server.url, "gradient_flow", f"{SMALL}&gf_dataseed={seed}")
    flow_seconds = await _begun(flow)
    quick_seconds = await _begun(Session(server.url, "kernels", f"{QUICK}&ke_data_seed={seed}"))
    queued = sum(session.progress.startswith(_WAITS) for session in hostile)
    done.set()
    gone = await asyncio.gather(*waiting, return_exceptions=True)
    name = f"{server.kind}: {number} sessions with {kind}"
    return [
        at_most(f"{name}, a small flow begins", _START, flow_seconds, "s", note=f"{queued} wait"),
        at_most(f"{name}, a kernel machine begins", _START, quick_seconds, "s"),
        none_of(f"{name}, errors", [str(one) for one in gone if one is not None]),
    ]


def queue_rows(server: Server, number: int = 60) -> Iterator[Row]:
    """When honest runs begin while all workers are wanted for others."""
    for seed, (kind, link) in enumerate({"the slowest flow": SLOWEST, "flows of some 4 s": MIDDLING}.items()):
        yield from asyncio.run(_flood(server, kind, link, seed + 7, number))
