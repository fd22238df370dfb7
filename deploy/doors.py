"""What visitors may say to a server, beyond what settings of Streamlit, uvicorn and nginx bound.

It stands in the server, not in nginx alone, since a server can be reached without one.
"""

import asyncio
from asyncio import TimerHandle
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from google.protobuf.message import DecodeError
from starlette.websockets import WebSocketDisconnected
from streamlit import config
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from deploy.turns import Turns, Usage
from deploy.uploads import LARGEST, Budget

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

HEARD = ("rerun_script", "stop_script", "file_urls_request", "app_heartbeat", "backend_operation_request")
"""Messages that a browser needs. The others are for developers: `clear_cache` empties what is everybody's."""
_OPERATIONS = ("deferred_file", "dataframe_chunk")  # downloads and long tables; the others write files on the server
FILES = 20
"""Names of files in one request for places to put them; an uploader of the app asks for one."""
RATE, BURST = 20.0, 40
"""Messages of a session a second, and at once, before it waits. A slider that is dragged sends five a second."""
BYTES = 20_000
"""That count as one message more: a browser says a few kilobytes at once, and what is long takes time to read."""
UPLOADS = 2
"""Files that are read at once."""
PATIENCE = 60.0
"""Seconds for a file; nginx hands it over whole."""
LONGEST = 0.25
"""Seconds after which a page that runs has had its turn: it waits for a worker, and others may run meanwhile."""

_FINISHED, _SHORT = "script_finished", 300  # bytes of a message that says so
_UPLOADS = "/_stcore/upload_file/"
_CLOSED = ("/_stcore/agent",)  # it is off, and says so; nobody needs to know


class Doors:
    """ASGI middleware: refuses foreign pages and what no browser says, and bounds how often and how much.

    Parameters
    ----------
    app : callable
        The ASGI app behind it.
    budget : Budget
        What may be uploaded.
    """

    def __init__(self, app: Callable[..., Awaitable[None]], budget: Budget) -> None:
        self._app, self._budget = app, budget
        self._turns, self._uploads = Turns(), asyncio.Semaphore(UPLOADS)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Serve a request or a session."""
        if scope["type"] == "websocket":
            await self._session(scope, receive, send)
        elif scope["type"] == "http" and scope["path"].startswith(_CLOSED):
            await answer(send, 404, "Not found")
        elif scope["type"] == "http" and scope["method"] == "PUT" and scope["path"].startswith(_UPLOADS):
            await self._upload(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _session(self, scope: Message, receive: Receive, send: Send) -> None:
        if is_foreign(headers_of(scope)):
            await receive()
            await send({"type": "websocket.close", "code": 1008})  # before it is accepted: 403
        else:
            session = _Session(receive, send, self._turns)
            try:
                with suppress(WebSocketDisconnected):  # by Streamlit, which talks to who has just gone
                    await self._app(scope, session.receive, session.send)
            finally:
                session.end_turn()

    async def _upload(self, scope: Message, receive: Receive, send: Send) -> None:
        session = scope["path"].removeprefix(_UPLOADS).partition("/")[0]
        text = headers_of(scope).get("content-length", "")
        if not (text.isascii() and text.isdigit()):
            await answer(send, 411, "The size of the file is missing.")
            return
        if (size := int(text)) > LARGEST:
            await self._app(scope, receive, send)  # which refuses it before it reads it
            return
        reserved = self._budget.reserve(session, size)
        try:
            async with asyncio.timeout(PATIENCE), self._uploads:
                await (self._app(scope, receive, send) if reserved else _refuse(receive, send))
        except TimeoutError:
            await answer(send, 408, "The file took too long.")
        finally:
            if reserved:
                self._budget.release(session, size)


class _Session:
    """A session: what is heard of it, and when."""

    def __init__(self, receive: Receive, send: Send, turns: Turns) -> None:
        self._receive, self._send, self._turns = receive, send, turns
        self._usage = Usage(asyncio.get_running_loop().time())
        self._due = 0.0
        self._turn: bool | None = None
        self._over: TimerHandle | None = None
        self._idle = asyncio.Event()
        self._idle.set()

    async def receive(self) -> Message:
        """The next message that is heard; one that runs the page waits for its turn."""
        while True:
            message = await self._receive()
            if message["type"] != "websocket.receive":
                return message
            data = message.get("bytes") or b""
            await self._wait(1.0 + len(data) / BYTES)
            kind = heard(data)
            if kind == "rerun_script":
                await self._begin_turn()
            if kind is not None:
                return message

    async def send(self, message: Message) -> None:
        """Send a message; one that says that the page has run ends its turn."""
        data = message.get("bytes") or b""
        if self._turn is not None and 0 < len(data) < _SHORT and ForwardMsg.FromString(data).HasField(_FINISHED):
            self.end_turn()
        await self._send(message)

    async def _wait(self, cost: float) -> None:
        now = asyncio.get_running_loop().time()
        self._due = max(self._due, now - BURST / RATE) + cost / RATE
        if self._due > now:
            await asyncio.sleep(self._due - now)

    async def _begin_turn(self) -> None:
        await self._idle.wait()
        loop = asyncio.get_running_loop()
        self._turn = await self._turns.take(self._usage.of_late(loop.time()))
        self._usage.add()
        self._idle.clear()
        self._over = loop.call_later(LONGEST, self.end_turn)

    def end_turn(self) -> None:
        """Let others run."""
        if self._turn is not None and self._over is not None:
            self._turns.give(self._turn)
            self._over.cancel()
            self._turn = None
            self._idle.set()


def heard(data: bytes) -> str | None:
    """What a message is that reaches Streamlit, or None; for what is none, Streamlit would log where it failed."""
    try:
        message = BackMsg.FromString(data)
    except DecodeError:
        return None
    kind = message.WhichOneof("type")
    if kind == "file_urls_request" and len(message.file_urls_request.file_names) > FILES:
        return None
    if kind == "backend_operation_request":
        return kind if message.backend_operation_request.WhichOneof("payload") in _OPERATIONS else None
    return kind if kind in HEARD else None


def is_foreign(headers: dict[str, str]) -> bool:
    """Whether a page of another site opens a session; Streamlit would ask an outside address who this server is."""
    origin = headers.get("origin")
    if origin is None or origin in config.get_option("server.corsAllowedOrigins"):
        return False
    return urlsplit(origin).netloc != headers.get("host")


def headers_of(scope: Message) -> dict[str, str]:
    """Headers of a request by their names in lower case; of those that repeat, the last."""
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}


async def _refuse(receive: Receive, send: Send) -> None:
    """Refuse a file once it has come: who sends one hears nothing before its end."""
    while (await receive()).get("more_body"):
        pass
    await answer(send, 413, "There is no room for this file: remove others, or try again later.")


async def answer(send: Send, status: int, text: str) -> None:
    """Answer a request, and end the connection."""
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": text.encode()})
