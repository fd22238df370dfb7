"""What visitors may say to a server, beyond what settings of Streamlit, uvicorn and nginx bound.

It stands in the server, not in nginx alone, since a server can be reached without one.
"""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import urlsplit

from google.protobuf.message import DecodeError
from streamlit import config
from streamlit.proto.BackMsg_pb2 import BackMsg

from deploy.uploads import LARGEST, Budget

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

HEARD = ("rerun_script", "stop_script", "file_urls_request", "app_heartbeat", "backend_operation_request")
"""Messages that a browser needs. The others are for developers: `clear_cache` empties what is everybody's."""
_OPERATIONS = ("deferred_file", "dataframe_chunk")  # downloads and long tables; the others write files on the server
FILES = 20
"""Names of files in one request for places to put them; an uploader of the app asks for one."""
RATE, BURST = 10.0, 40
"""Messages of a session a second, and at once, before it waits. A slider that is dragged sends five a second."""

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
            await self._app(scope, _Ear(receive), send)

    async def _upload(self, scope: Message, receive: Receive, send: Send) -> None:
        session = scope["path"].removeprefix(_UPLOADS).partition("/")[0]
        text = headers_of(scope).get("content-length", "")
        if not (text.isascii() and text.isdigit()):
            await answer(send, 411, "The size of the file is missing.")
            return
        if (size := int(text)) > LARGEST:
            await self._app(scope, receive, send)  # which refuses it before it reads it
        elif self._budget.reserve(session, size):
            try:
                await self._app(scope, receive, send)
            finally:
                self._budget.release(session, size)
        else:
            await _skip(receive)
            await answer(send, 413, "There is no room for this file: remove others, or try again later.")


class _Ear:
    """Hears what a browser says in a session, no faster than `RATE`."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._due = 0.0

    async def __call__(self) -> Message:
        while True:
            message = await self._receive()
            if message["type"] != "websocket.receive":
                return message
            await self._wait()
            if is_heard(message.get("bytes") or b""):
                return message

    async def _wait(self) -> None:
        now = asyncio.get_running_loop().time()
        self._due = max(self._due, now - BURST / RATE) + 1 / RATE
        if self._due > now:
            await asyncio.sleep(self._due - now)


def is_heard(data: bytes) -> bool:
    """Whether a message reaches Streamlit; what is none does, for it ends the session."""
    try:
        message = BackMsg.FromString(data)
    except DecodeError:
        return True
    kind = message.WhichOneof("type")
    if kind == "file_urls_request":
        return len(message.file_urls_request.file_names) <= FILES
    if kind == "backend_operation_request":
        return message.backend_operation_request.WhichOneof("payload") in _OPERATIONS
    return kind in HEARD


def is_foreign(headers: dict[str, str]) -> bool:
    """Whether a page of another site opens a session; Streamlit would ask an outside address who this server is."""
    origin = headers.get("origin")
    if origin is None or origin in config.get_option("server.corsAllowedOrigins"):
        return False
    return urlsplit(origin).netloc != headers.get("host")


def headers_of(scope: Message) -> dict[str, str]:
    """Headers of a request by their names in lower case; of those that repeat, the last."""
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}


async def _skip(receive: Receive) -> None:
    """Read the body of a request: who sends one hears nothing before its end."""
    while (await receive()).get("more_body"):
        pass


async def answer(send: Send, status: int, text: str) -> None:
    """Answer a request, and end the connection."""
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": text.encode()})
