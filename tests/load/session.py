"""A visitor's session in a load test: what a browser says, and what it hears, over Streamlit's WebSocket."""

import asyncio
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.client import HTTPConnection
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlencode, urlsplit
from uuid import uuid4

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect

from pages._ui.errors import SENTENCE
from tests.load import widgets

TIMEOUT = 60.0
_KEPT_RUNS = 2  # that a browser keeps a large message which is not used again
_DONE = (ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY)


class BrokenError(Exception):
    """A page that shows an error, or a session that was cut."""


@dataclass
class Shown:
    """An element of the page."""

    kind: str
    element: Any
    fragment: str
    run: int


@dataclass
class Session:
    """A visitor.

    Attributes
    ----------
    url : str
        Base URL of the server.
    page, query : str
        Where the visitor is.
    rng : random.Random
        Decides what the visitor does.
    """

    url: str
    page: str = ""
    query: str = ""
    rng: random.Random = field(default_factory=random.Random)
    shown: dict[tuple[int, ...], Shown] = field(default_factory=dict)
    states: dict[str, WidgetState] = field(default_factory=dict)
    tabs: dict[str, None] = field(default_factory=dict)
    session_id: str = ""
    _files: list[WidgetState] = field(default_factory=list)
    _page_hash: str = ""
    _known: dict[str, tuple[int, ForwardMsg]] = field(default_factory=dict)
    _run: int = 0
    _fragments: set[str] = field(default_factory=set)
    _polls: dict[str, float] = field(default_factory=dict)
    _socket: ClientConnection | None = None

    async def join(self) -> float:
        """Open the page; the seconds until it is there."""
        begin = time.perf_counter()
        address = urlsplit(self.url)
        async with asyncio.timeout(TIMEOUT):
            for path in ("health", "host-config"):
                await _get(address.hostname or "", address.port or 80, f"/_stcore/{path}")
            self._socket = await connect(
                f"ws://{address.netloc}/_stcore/stream",
                subprotocols=["streamlit", "none"],  # type: ignore[list-item]
                origin=self.url,  # type: ignore[arg-type]
                compression=None,
                max_size=None,
                open_timeout=TIMEOUT,
                ping_interval=None,
                proxy=None,
            )
        await self.ask()
        return time.perf_counter() - begin

    async def leave(self) -> None:
        """Close the page."""
        if self._socket is not None:
            await self._socket.close()

    async def ask(self, fragment: str = "", trigger: WidgetState | None = None, *, poll: bool = False) -> float:
        """Run the page's script, or a fragment of it; the seconds until it has run."""
        assert self._socket is not None
        begin = time.perf_counter()
        message = BackMsg()
        rerun = message.rerun_script
        rerun.query_string, rerun.page_script_hash = self.query, self._page_hash
        rerun.page_name = "" if self._page_hash else self.page
        rerun.fragment_id, rerun.is_auto_rerun = fragment, poll
        rerun.widget_states.widgets.extend(self.states[one.element.id] for one in self.widgets())
        rerun.widget_states.widgets.extend([*self._files, trigger] if trigger else self._files)
        rerun.cached_message_hashes.extend(self._known)
        rerun.context_info.url = f"{self.url}/{self.page}"
        async with asyncio.timeout(TIMEOUT):
            await self._socket.send(message.SerializeToString())
            await self._hear()
        self._check()
        return time.perf_counter() - begin

    async def clear_cache(self) -> None:
        """Ask the server to empty its caches, as the key C does on one's own machine."""
        assert self._socket is not None
        await self._socket.send(BackMsg(clear_cache=True).SerializeToString())

    async def upload(self, one: Shown, name: str, content: bytes) -> float:
        """Upload a file to a widget; the seconds until the page shows it."""
        begin, file_id = time.perf_counter(), str(uuid4())
        path = f"/_stcore/upload_file/{self.session_id}/{file_id}"
        await asyncio.to_thread(_put, self.url, path, name, content)
        state = WidgetState(id=one.element.id)
        urls = {"file_id": file_id, "upload_url": path, "delete_url": path}
        state.file_uploader_state_value.uploaded_file_info.add(
            name=name, size=len(content), file_id=file_id, file_urls=urls
        )
        self._files.append(state)
        await self.ask(one.fragment)
        return time.perf_counter() - begin

    @property
    def progress(self) -> str:
        """What a progress bar says; empty where there is none."""
        return next((one.element.text for one in self.shown.values() if one.kind == "progress"), "")

    @property
    def alerts(self) -> list[str]:
        """What the page warns of."""
        return [one.element.body for one in self.shown.values() if one.kind == "alert"]

    async def look(self) -> None:
        """Look once after a computation."""
        for fragment in list(self._polls)[:1]:
            await self.ask(fragment, poll=True)

    async def settle(self) -> None:
        """Look after a computation as long as it lasts, as its progress bar does."""
        while self._polls:
            fragment, seconds = next(iter(self._polls.items()))
            await asyncio.sleep(seconds)
            await self.ask(fragment, poll=True)

    def widgets(self, *kinds: str) -> Iterator[Shown]:
        """The widgets that have a value, in the page's order."""
        for _, one in sorted(self.shown.items()):
            if one.kind in (kinds or widgets.KINDS):
                yield one

    @property
    def charts(self) -> int:
        """Number of charts."""
        components = [one.element for one in self.shown.values() if one.kind == "bidi_component"]
        return sum(one.bytes.count(b"\n") for one in components if one.component_name == "plot")

    @property
    def fragment(self) -> str:
        """The fragment that a control runs; empty where there is none."""
        names = [one.fragment for one in self.shown.values() if one.fragment]
        return max(set(names), key=names.count, default="")

    def widget(self, key: str) -> Shown:
        """The widget of a key."""
        return next(one for one in self.shown.values() if widgets.key_of(one.element) == key)

    async def set(self, one: Shown, value: Any) -> float:
        """Set a widget; the seconds until the page shows it."""
        return await self._change(one, widgets.state_of(one.kind, one.element, value))

    async def move(self, one: Shown) -> float:
        """Set a widget to any other value."""
        return await self._change(one, widgets.another(one.kind, one.element, self.states[one.element.id], self.rng))

    async def press(self, one: Shown) -> float:
        """Press a button."""
        return await self.ask(one.fragment, WidgetState(id=one.element.id, trigger_value=True))

    async def _change(self, one: Shown, state: WidgetState) -> float:
        self.states[one.element.id] = state
        if one.element.query_param_key:
            query = dict(parse_qsl(self.query, keep_blank_values=True))
            self.query = urlencode({**query, one.element.query_param_key: _text(widgets.value_of(state))})
        return await self.ask(one.fragment)

    async def _hear(self) -> None:
        """Take in what the server says until the script has run."""
        assert self._socket is not None
        begun = False
        while True:
            data = await self._socket.recv()
            assert isinstance(data, bytes)
            message = ForwardMsg.FromString(data)
            kind = message.WhichOneof("type")
            begun |= kind == "new_session"
            if kind == "script_finished" and begun:
                if message.script_finished in _DONE:
                    return self._finish()
                if message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                    raise BrokenError("the script does not compile")
            elif kind in self._ears:
                self._ears[kind](self, message)

    def _know(self, message: ForwardMsg) -> None:
        """Draw a message that the browser has kept."""
        known = ForwardMsg()
        known.CopyFrom(self._known[message.ref_hash][1])
        known.metadata.CopyFrom(message.metadata)
        self._draw(known)

    def _poll(self, message: ForwardMsg) -> None:
        self._polls[message.auto_rerun.fragment_id] = message.auto_rerun.interval

    def _go(self, message: ForwardMsg) -> None:
        self._page_hash = message.navigation.page_script_hash or self._page_hash

    def _address(self, message: ForwardMsg) -> None:
        self.query = message.page_info_changed.query_string

    def _begin(self, message: ForwardMsg) -> None:
        self._run += 1
        self.session_id = message.new_session.initialize.session_id or self.session_id
        self._page_hash = message.new_session.page_script_hash
        self._fragments = set(message.metadata.run.fragment_ids)
        if not self._fragments <= self._polls.keys() or not self._fragments:
            self._polls.clear()

    def _draw(self, message: ForwardMsg) -> None:
        if message.hash and message.metadata.cacheable:
            self._known[message.hash] = self._run, message
        path, delta = tuple(message.metadata.delta_path), message.delta
        if label := delta.add_block.tab.label:
            self.tabs[label] = None
        kind = delta.new_element.WhichOneof("type") if delta.WhichOneof("type") == "new_element" else None
        if kind is None:
            self.shown.pop(path, None)
            return
        element = getattr(delta.new_element, kind)
        self.shown[path] = Shown(kind, element, delta.fragment_id, self._run)
        if kind in widgets.KINDS and (element.id not in self.states or element.set_value):
            self.states[element.id] = widgets.first_state(kind, element)

    def _finish(self) -> None:
        """Forget what this run has not drawn again."""
        for path, one in list(self.shown.items()):
            if one.run != self._run and (not self._fragments or one.fragment in self._fragments):
                del self.shown[path]
        self._known = {name: known for name, known in self._known.items() if self._run - known[0] < _KEPT_RUNS}

    _ears: ClassVar = {
        "new_session": _begin,
        "delta": _draw,
        "ref_hash": _know,
        "auto_rerun": _poll,
        "navigation": _go,
        "page_info_changed": _address,
    }

    def _check(self) -> None:
        for one in self.shown.values():
            if one.kind == "exception" and not one.element.is_warning:
                raise BrokenError(f"{self.page}?{self.query} shows {one.element.type}: {one.element.message}")
            if one.kind == "alert" and SENTENCE in one.element.body:
                raise BrokenError(f"{self.page}?{self.query} shows an error")


def _text(value: Any) -> str:
    """A value as the browser puts it into the address."""
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(value)


def _put(url: str, path: str, name: str, content: bytes) -> None:
    """A file as a browser sends it."""
    address = urlsplit(url)
    connection = HTTPConnection(address.hostname or "", address.port, timeout=TIMEOUT)
    connection.request("GET", "/_stcore/health")
    answer = connection.getresponse()
    answer.read()
    token = (answer.getheader("set-cookie") or "").partition(";")[0].partition("=")[2]
    mark = uuid4().hex
    head = f'--{mark}\r\nContent-Disposition: form-data; name="{name}"; filename="{name}"\r\n\r\n'
    headers = {
        "Content-Type": f"multipart/form-data; boundary={mark}",
        "Cookie": f"_streamlit_xsrf={token}",
        "X-Xsrftoken": token,
    }
    connection.request("PUT", path, head.encode() + content + f"\r\n--{mark}--\r\n".encode(), headers)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    if answer.status >= 300:
        raise BrokenError(f"an upload of {len(content)} bytes is answered with {answer.status}")


async def _get(host: str, port: int, path: str) -> None:
    """A request as a browser makes it before it opens a session."""
    reader, writer = await asyncio.open_connection(host, port)
    try:
        writer.write(f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n\r\n".encode())
        answer = await reader.read(-1)
    finally:
        writer.close()
    if b" 200 " not in answer[:20]:
        raise BrokenError(f"{path} answers {answer[:60]!r}")
