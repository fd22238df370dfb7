"""What a visitor's browser says to the server: requests, and a session over a WebSocket."""

import re
from dataclasses import dataclass, field
from socket import create_connection
from typing import Any, Self
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import ProxyHandler, Request, build_opener

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect

TIMEOUT = 30.0
OPENER = build_opener(ProxyHandler({}))  # an error is an answer, a redirect is followed


@dataclass(frozen=True)
class Answer:
    """Status, headers in lower case with all their values, and body."""

    status: int
    headers: dict[str, list[str]]
    body: bytes

    def header(self, name: str) -> str:
        """The only value of a header; empty without it."""
        (value,) = self.headers.get(name, [""])
        return value


def ask(url: str, *, method: str = "GET", body: bytes | None = None, **headers: str) -> Answer:
    """The answer to a request; underscores in names of headers are hyphens."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        with OPENER.open(Request(url, body, named, method=method), timeout=TIMEOUT) as answer:
            return _answer(answer.status, answer)
    except HTTPError as error:
        with error:
            return _answer(error.code, error)


def _answer(status: int, answer) -> Answer:
    headers: dict[str, list[str]] = {}
    for name, value in answer.headers.items():
        headers.setdefault(name.lower(), []).append(value)
    return Answer(status, headers, answer.read())


@dataclass
class Run:
    """What a run of a page's script sent."""

    messages: list[ForwardMsg] = field(default_factory=list)
    size: int = 0

    def of(self, kind: str) -> list:
        """Messages of a kind."""
        return [getattr(message, kind) for message in self.messages if message.WhichOneof("type") == kind]

    def elements(self, kind: str) -> list:
        """Elements of a kind."""
        news = [delta.new_element for delta in self.of("delta") if delta.WhichOneof("type") == "new_element"]
        return [getattr(element, kind) for element in news if element.WhichOneof("type") == kind]

    def library(self) -> str:
        """Address of the library that draws the charts."""
        found = re.search(rb"component/[\w.]+/plotly-[\w.]+", b"".join(m.SerializeToString() for m in self.messages))
        assert found, "no chart asks for its library"
        return found[0].decode()


class Session:
    """A visitor's session.

    Parameters
    ----------
    url : str
        Base URL of the server.
    query : str
        Query of the WebSocket's address; the server ignores it, logs do not.
    cookies : dict, optional
        What the browser sends along.
    name : str, optional
        Under which the visitor knows the server; without one, its address.
    xsrf : bool
        Whether to ask for the cookie that uploads need.
    """

    def __init__(
        self, url: str, *, query: str = "", cookies: dict[str, str] | None = None, name: str = "", xsrf: bool = False
    ) -> None:
        self.cookies = dict(cookies or {})
        if xsrf:
            ready = ask(f"{url}/_stcore/health", **self.headers())
            part = ready.header("set-cookie").partition(";")[0].partition("=")
            self.cookies[part[0]] = part[2]
        cookie = self.headers().get("Cookie")
        address = urlsplit(url)
        host = f"{name or address.hostname}:{address.port}"
        self._socket = connect(
            f"ws://{host}/_stcore/stream?{query}",
            sock=create_connection((address.hostname, address.port), TIMEOUT),
            origin=f"http://{host}",  # type: ignore[arg-type]
            subprotocols=["streamlit", self.cookies.get("_streamlit_xsrf", "none")],  # type: ignore[list-item]
            additional_headers={"Cookie": cookie} if cookie else None,
            compression=None,
            max_size=None,
            open_timeout=TIMEOUT,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def headers(self) -> dict[str, str]:
        """Headers of the visitor's requests, as `ask` takes them."""
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers = {"Cookie": cookie, "X_Xsrftoken": self.cookies.get("_streamlit_xsrf", "")}
        return {name: value for name, value in headers.items() if value}

    def say(self, message: BackMsg) -> None:
        """Send a message, and hear nothing."""
        self.send(message.SerializeToString())

    def send(self, data: bytes | str) -> None:
        """Send anything."""
        self._socket.send(data)

    def hear(self, kind: str) -> Any:
        """The next message of a kind."""
        while True:
            message = self._next()
            if message.WhichOneof("type") == kind:
                return getattr(message, kind)

    def run(self, page: str = "", query: str = "") -> Run:
        """Run a page's script to its end."""
        message = BackMsg()
        message.rerun_script.page_name = page
        message.rerun_script.query_string = query
        message.rerun_script.widget_states.SetInParent()
        self.say(message)
        return self._receive()

    def _next(self) -> ForwardMsg:
        data = self._socket.recv(timeout=TIMEOUT)
        assert isinstance(data, bytes)
        return ForwardMsg.FromString(data)

    def _receive(self) -> Run:
        run = Run()
        while True:
            message = self._next()
            run.messages.append(message)
            run.size += message.ByteSize()
            if message.WhichOneof("type") == "script_finished" and run.of("new_session"):
                if message.script_finished == ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                    continue
                return run


def upload(place: str, session: Session, size: int) -> int:
    """Status of the answer to a file whose request is so many bytes."""
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="f.csv"\r\n\r\n'
    tail = b"\r\n--x--\r\n"
    body = head + bytes(size - len(head) - len(tail)) + tail
    kind = "multipart/form-data; boundary=x"
    return ask(place, method="PUT", body=body, Content_Type=kind, **session.headers()).status
