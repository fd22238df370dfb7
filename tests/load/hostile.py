"""One hostile visitor beside a class: what the others notice of each attack, and what it takes of the server.

The visitor is a process of its own, ``python -m tests.load.hostile URL ATTACK SECONDS``, which talks to this machine
alone and ends by itself.
"""

import asyncio
import os
import socket
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

from streamlit.proto.BackMsg_pb2 import BackMsg
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from tests.deploy.visitor import Session as Visitor
from tests.deploy.visitor import upload
from tests.load.crowd import Times, join, leave, p50, think, visitors, warm_up
from tests.load.serving import Server
from tests.load.table import Row, at_most, none_of, p95
from tests.server import ROOT

PAGE = "kernels"
CLASS = 100
SECONDS = 8.0  # of each attack
MEMORY = 1024  # MB, of the server and its workers: the limit in deploy
SLOWER = 1.5  # times the p95 of the class alone, where that is more than the class's limit
LIMIT = 150.0  # ms, as for a class
_SESSIONS = 6  # of the hostile visitor
_MB = 1024 * 1024
_SETTINGS: dict[str, Any] = {"subprotocols": ["streamlit"], "max_size": None, "proxy": None}

Attack = Callable[[str, float], Awaitable[None]]


def message_of(kind: str) -> BackMsg:
    """A message of a kind, as small as it can be."""
    message = BackMsg()
    value = getattr(message, kind)
    if isinstance(value, bool):
        setattr(message, kind, True)
    else:
        value.SetInParent()
    return message


def rerun(**fields: str) -> BackMsg:
    """The message that runs a page's script."""
    message = message_of("rerun_script")
    message.rerun_script.page_name = PAGE
    for name, value in fields.items():
        setattr(message.rerun_script, name, value)
    return message


async def _flood(url: str, until: float, messages: list[BackMsg], pause: float) -> None:
    """Say the same again and again, and read what comes; connect again when cut off."""
    address = f"{url.replace('http', 'ws')}/_stcore/stream"
    texts = [message.SerializeToString() for message in messages]

    async def read(connection) -> None:
        with suppress(WebSocketException):
            async for _ in connection:
                pass

    while time.monotonic() < until:
        with suppress(OSError, WebSocketException, TimeoutError):
            async with connect(address, origin=url, **_SETTINGS) as connection:  # type: ignore[arg-type]
                reading = asyncio.create_task(read(connection))
                while time.monotonic() < until and not reading.done():
                    for text in texts:
                        await asyncio.wait_for(connection.send(text), max(0.1, until - time.monotonic()))
                        await asyncio.sleep(pause)
                reading.cancel()
        await asyncio.sleep(0.05)


def _floods(*messages: BackMsg, pause: float = 0.002) -> Attack:
    async def attack(url: str, until: float) -> None:
        await asyncio.gather(*(_flood(url, until, list(messages), pause) for _ in range(_SESSIONS)))

    return attack


async def slow_readers(url: str, until: float) -> None:
    """Ask for pages in many sessions, and read nothing of them."""

    async def one() -> None:
        address = urlsplit(url)
        frame = masked(rerun().SerializeToString())
        while time.monotonic() < until:
            with suppress(OSError), socket.socket() as plain:
                plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
                plain.setblocking(False)
                loop = asyncio.get_running_loop()
                await loop.sock_connect(plain, (address.hostname, address.port))
                await loop.sock_sendall(plain, handshake(address.netloc))
                while time.monotonic() < until:
                    await asyncio.wait_for(loop.sock_sendall(plain, frame), until - time.monotonic())
                    await asyncio.sleep(0.05)
            await asyncio.sleep(0.05)

    await asyncio.gather(*(one() for _ in range(4 * _SESSIONS)), return_exceptions=True)


def handshake(host: str) -> bytes:
    """The request that opens a session."""
    lines = (
        "GET /_stcore/stream HTTP/1.1",
        f"Host: {host}",
        f"Origin: http://{host}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Key: {'A' * 22}==",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Protocol: streamlit",
    )
    return "\r\n".join([*lines, "", ""]).encode()


def masked(payload: bytes) -> bytes:
    """A binary frame of a client, of fewer than 126 bytes, with a mask of zeros."""
    return bytes([0x82, 0x80 | len(payload), 0, 0, 0, 0]) + payload


async def foreign_origins(url: str, until: float) -> None:
    """Open sessions as a page of another site does."""
    address = f"{url.replace('http', 'ws')}/_stcore/stream"
    while time.monotonic() < until:
        with suppress(OSError, WebSocketException, TimeoutError):
            async with connect(address, origin="http://evil.example", proxy=None):  # type: ignore[arg-type]
                pass
        await asyncio.sleep(0.05)


async def uploads(url: str, until: float) -> None:
    """Send one large file after the other, of sessions that stay."""

    def send() -> None:
        with Visitor(url, xsrf=True) as visitor:
            session = visitor.run(PAGE).of("new_session")[0].initialize.session_id
            while time.monotonic() < until:
                upload(f"{url}/_stcore/upload_file/{session}/{uuid4()}", visitor, 20 * _MB)

    await asyncio.gather(*(asyncio.to_thread(send) for _ in range(2 * _SESSIONS)), return_exceptions=True)


def _names() -> BackMsg:
    message = message_of("file_urls_request")
    message.file_urls_request.file_names.extend([""] * 300_000)
    return message


def _values(size: int) -> BackMsg:
    message = rerun()
    state = message.rerun_script.widget_states.widgets.add()
    state.id, state.string_value = "$$ID-0123456789abcdef-ke_data", "x" * size
    return message


def _unknown() -> BackMsg:
    return rerun(query_string=urlencode({f"unknown{i}": "1" for i in range(990)}))


ATTACKS: dict[str, Attack] = {
    "empties caches": _floods(message_of("clear_cache")),
    "says all that the protocol has": _floods(
        *(message_of(field.name) for field in BackMsg.DESCRIPTOR.oneofs_by_name["type"].fields)
    ),
    "runs a page without a pause": _floods(rerun()),
    "does not read": slow_readers,
    "comes from other sites": foreign_origins,
    "uploads without end": uploads,
    "sends huge values": _floods(_values(900_000), _values(1_100_000), pause=0.1),
    "asks for 300,000 places": _floods(_names(), pause=0.1),
    "has 990 unknown names in a link": _floods(_unknown(), pause=0.1),
}
"""What the hostile visitor does, by what is said of it."""


def hostile_rows(server: Server, number: int = CLASS, seconds: float = SECONDS) -> Iterator[Row]:
    """What a class notices of each attack."""
    with asyncio.Runner() as runner:
        times = Times()
        runner.run(warm_up(server.url, PAGE))
        present = runner.run(join(visitors(server.url, PAGE, number), times))
        for name in ATTACKS:
            alone = runner.run(_lesson(present, seconds / 2))
            beside, most = runner.run(_beside(server, name, present, seconds))
            yield _row(f"asgi: one {name}, rerun p95 of {number} others", alone, beside)
            yield at_most(f"asgi: one {name}, memory with workers", MEMORY, most, "MB")
            times.failures += beside.failures
        yield none_of("asgi: errors and disconnects of the others", times.failures, str(number))
        runner.run(leave(present))


def _row(name: str, alone: Times, beside: Times) -> Row:
    limit = max(LIMIT, SLOWER * 1e3 * p95(alone.reruns))
    usual = f"p50 {1e3 * p50(beside.reruns):.0f}, alone {1e3 * p95(alone.reruns):.0f}"
    return at_most(name, round(limit), 1e3 * p95(beside.reruns), "ms", note=usual)


async def _lesson(present: list, seconds: float) -> Times:
    times, until = Times(), time.monotonic() + seconds
    await asyncio.gather(*(think(session, times, None, until) for session in present))
    return times


async def _beside(server: Server, name: str, present: list, seconds: float) -> tuple[Times, float]:
    """A lesson beside an attack, and the most memory that server and workers had."""
    command = (sys.executable, "-m", "tests.load.hostile", server.url, name, str(seconds + 2.0))
    attack = await asyncio.create_subprocess_exec(*command, cwd=ROOT)
    try:
        await asyncio.sleep(2.0)  # until it has begun
        seen: list[float] = []
        watching = asyncio.create_task(_watch(server, seen))
        times = await _lesson(present, seconds)
        watching.cancel()
        with suppress(TimeoutError):
            await asyncio.wait_for(attack.wait(), 20.0)
    finally:
        if attack.returncode is None:
            attack.kill()
            await attack.wait()
    return times, max(seen)


async def _watch(server: Server, seen: list[float]) -> None:
    while True:
        seen.append(megabytes_with_workers(server))
        await asyncio.sleep(0.3)


def megabytes_with_workers(server: Server) -> float:
    """Memory of the server and of the processes that it started, what they share counted once."""
    total = server.megabytes()
    for task in Path(f"/proc/{server.pid}/task").iterdir():
        with suppress(OSError):  # a thread or a worker that has just ended
            for child in (task / "children").read_text().split():
                rollup = Path(f"/proc/{child}/smaps_rollup").read_text().splitlines()
                total += next(int(line.split()[1]) for line in rollup if line.startswith("Pss:")) / 1024
    return total


def main(url: str, attack: str, seconds: str) -> None:
    """Attack a server of this machine."""
    assert urlsplit(url).hostname == "127.0.0.1"
    asyncio.run(ATTACKS[attack](url, time.monotonic() + min(float(seconds), 60.0)))
    os._exit(0)  # threads that still send end with it


if __name__ == "__main__":
    main(*sys.argv[1:])
