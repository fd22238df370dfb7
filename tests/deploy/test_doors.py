"""What visitors may say to a server: messages, origins, files, and those who do not read."""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from types import SimpleNamespace
from uuid import uuid4

import pytest
import uvicorn
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.uploaded_file_manager import UploadedFileRec
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from deploy import doors, protocol, turns, uploads
from deploy.__main__ import SETTINGS
from tests.deploy.cluster import Replica
from tests.deploy.visitor import Session, ask, upload
from tests.server import free_port

MB = 1024 * 1024
PASSED = {
    "rerun_script": "runs the visitor's own script, when it is its turn",
    "stop_script": "stops the visitor's own script",
    "file_urls_request": "names places for files, of which a request has `FILES` at most",
    "app_heartbeat": "is answered with one message",
    "backend_operation_request": "makes a file of the visitor's own page, or rows of its own table",
}
KEPT_OUT = {
    "clear_cache": "empties the caches of all visitors",
    "set_run_on_save": "watches files for the visitor's own session",
    "load_git_info": "looks through the server's folder, in the event loop",
    "debug_disconnect_websocket": "Streamlit refuses it, and writes a line into the log for each",
    "debug_shutdown_runtime": "Streamlit refuses it, and writes a line into the log for each",
}
"""What messages do where they are heard."""


def back_msg(kind: str) -> BackMsg:
    message = BackMsg()
    value = getattr(message, kind)
    if isinstance(value, bool):
        setattr(message, kind, True)
    else:
        value.SetInParent()
    if kind == "backend_operation_request":
        value.deferred_file.file_id = "x"
    return message


def test_every_message_of_the_protocol_is_decided_on():
    kinds = {field.name for field in BackMsg.DESCRIPTOR.oneofs_by_name["type"].fields}
    assert kinds == PASSED.keys() | KEPT_OUT.keys()
    assert {kind for kind in kinds if doors.heard(back_msg(kind).SerializeToString()) == kind} == PASSED.keys()
    assert set(doors.HEARD) == PASSED.keys()


def test_every_operation_of_the_protocol_is_decided_on():
    message = BackMsg()
    request = message.backend_operation_request
    for field in request.DESCRIPTOR.oneofs_by_name["payload"].fields:
        getattr(request, field.name).SetInParent()
        heard = field.name in ("deferred_file", "dataframe_chunk")
        assert bool(doors.heard(message.SerializeToString())) == heard, field.name


def test_the_last_of_two_messages_in_one_counts():
    forged = back_msg("rerun_script").SerializeToString() + back_msg("clear_cache").SerializeToString()
    assert doors.heard(forged) is None


def test_what_is_no_message_is_not_heard_and_not_logged(replica: Replica):
    before = replica.log.read_text()
    for sent in ("text", b"\xff\xff", b"", b"\x00" * 100):
        with Session(replica.url) as session:
            session.send(sent)
            assert session.run("kernels").of("script_finished") == [0]
    assert replica.log.read_text() == before


@pytest.mark.parametrize("kind", [*PASSED, *KEPT_OUT])
def test_nobody_notices_what_another_says(replica: Replica, kind: str):
    with Session(replica.url) as honest, Session(replica.url) as hostile:
        honest.run("kernels")
        before = honest.run("kernels")
        for _ in range(5):
            hostile.say(back_msg(kind))
        hostile.run("kernels")
        after = honest.run("kernels")
    assert after.of("script_finished") == [0]
    assert len(after.of("delta")) == len(before.of("delta"))
    assert "when not in development mode" not in replica.log.read_text()


def test_a_request_for_places_of_files_has_few_names(replica: Replica):
    with Session(replica.url) as session:
        session.run()
        for names in (doors.FILES + 1, 300_000, doors.FILES):
            message = back_msg("file_urls_request")
            message.file_urls_request.file_names.extend([""] * names)
            session.say(message)
        assert len(session.hear("file_urls_response").file_urls) == doors.FILES


def test_a_message_has_a_largest_size(replica: Replica):
    message = back_msg("rerun_script")
    message.rerun_script.query_string = "x" * SETTINGS["ws_max_size"]
    with Session(replica.url) as session:
        session.say(message)
        with pytest.raises(ConnectionClosed, match="1009"):
            session.hear("script_finished")


@pytest.mark.parametrize(
    ("origin", "host", "foreign"),
    [
        (None, "theory.example", False),
        ("https://theory.example", "theory.example", False),
        ("http://theory.example:8080", "theory.example:8080", False),
        ("http://theory.example:8080", "theory.example", True),
        ("http://theory.example.evil.example", "theory.example", True),
        ("http://evil.example/theory.example", "theory.example", True),
        ("http://localhost", "theory.example", True),
        ("null", "theory.example", True),
        ("", "theory.example", True),
    ],
)
def test_a_page_of_another_site_is_foreign(origin: str | None, host: str, foreign: bool):
    headers = {"host": host} | ({} if origin is None else {"origin": origin})
    assert doors.is_foreign(headers) == foreign


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1"])
def test_a_page_of_another_site_is_refused_before_streamlit_asks_who_it_is(replica: Replica, origin: str):
    with pytest.raises(InvalidStatus) as refused:
        connect(f"ws://127.0.0.1:{replica.port}/_stcore/stream", origin=origin)  # type: ignore[arg-type]
    assert refused.value.response.status_code == 403
    assert "Rejecting WebSocket" not in replica.log.read_text()


@pytest.mark.parametrize("path", ["/_stcore/agent/openapi.json", "/_stcore/agent/interact", "/_stcore/agent/mcp"])
def test_programs_have_no_way_in(replica: Replica, path: str):
    assert ask(replica.url + path).status == 404
    assert ask(replica.url + path, method="POST", body=b"{}").status == 404


def test_a_session_has_room_for_two_files(replica: Replica):
    with Session(replica.url, xsrf=True) as session:
        session_id = session.run().of("new_session")[0].initialize.session_id
        places = [f"{replica.url}/_stcore/upload_file/{session_id}/{uuid4()}" for _ in range(3)]
        assert [upload(place, session, 20 * MB) for place in places] == [204, 204, 413]
        assert ask(places[0], method="DELETE", **session.headers()).status == 204
        assert upload(places[2], session, 20 * MB) == 204


def test_a_file_says_its_size(replica: Replica):
    connection = HTTPConnection("127.0.0.1", replica.port)
    connection.putrequest("PUT", f"/_stcore/upload_file/session/{uuid4()}")
    connection.putheader("Transfer-Encoding", "chunked")
    connection.endheaders()
    assert connection.getresponse().status == 411
    connection.close()


def test_files_that_do_not_come_make_room_for_others(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(doors, "PATIENCE", 0.1)
    statuses: list[int] = []

    async def app(_scope, receive, _send) -> None:
        await receive()

    async def never() -> dict:
        await asyncio.sleep(60.0)
        raise AssertionError

    async def send(message) -> None:
        statuses.extend([message["status"]] if "status" in message else [])

    async def attack() -> None:
        budget = uploads.Budget(dict)
        guarded = doors.Doors(app, budget)
        length = [(b"content-length", str(uploads.LARGEST).encode())]
        scope = {"type": "http", "method": "PUT", "path": "/_stcore/upload_file/a/b", "headers": length}
        await asyncio.gather(*(guarded(scope, never, send) for _ in range(20)))
        assert budget.reserve("a", uploads.PER_SESSION)

    asyncio.run(attack())
    assert statuses == [408] * 20


def test_a_budget_counts_what_is_there_and_what_is_coming():
    kept = {"a": uploads.PER_SESSION - 10}
    budget = uploads.Budget(lambda: kept)
    assert budget.reserve("a", 6)
    assert not budget.reserve("a", 5)
    budget.release("a", 6)
    assert budget.reserve("a", 10)
    others = [f"other {i}" for i in range(20)]
    taken = sum(budget.reserve(other, uploads.LARGEST) for other in others)
    assert taken * uploads.LARGEST + uploads.PER_SESSION <= uploads.IN_ALL
    assert not budget.reserve("late", uploads.LARGEST)
    kept.clear()
    budget.release("a", 10)
    assert budget.reserve("late", uploads.LARGEST)


def test_files_go_with_the_visitor(monkeypatch: pytest.MonkeyPatch):
    files = MemoryUploadedFileManager("/files")
    for session in ("stays", "returns", "leaves"):
        files.add_file(session, UploadedFileRec("f", "f.csv", "text/csv", b"1,2"))
    active, closed = {"stays"}, []
    runtime = SimpleNamespace(
        uploaded_file_mgr=files, is_active_session=active.__contains__, close_session=closed.append
    )
    monkeypatch.setattr(uploads, "get_instance", lambda: runtime)
    leavers = uploads.Leavers()
    leavers.forget(runtime, 0.0)  # type: ignore[arg-type]
    active.add("returns")
    leavers.forget(runtime, uploads.AWAY / 2)  # type: ignore[arg-type]
    active.remove("returns")
    leavers.forget(runtime, uploads.AWAY)  # type: ignore[arg-type]
    assert closed == ["leaves"]
    assert uploads.kept_bytes() == {"stays": 3, "returns": 3}
    leavers.forget(runtime, 2 * uploads.AWAY)  # type: ignore[arg-type]
    assert uploads.kept_bytes() == {"stays": 3}


def test_who_has_run_least_runs_next(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(turns, "AT_ONCE", 3)
    monkeypatch.setattr(turns, "MANY_AT_ONCE", 1)
    ran: list[str] = []

    async def lesson() -> None:
        all_turns = turns.Turns()

        async def run(name: str, runs: float) -> None:
            much = await all_turns.take(runs)
            ran.append(name)
            await asyncio.sleep(0.05)
            all_turns.give(much)

        flood = [asyncio.create_task(run("hostile", turns.MANY + 1 + i)) for i in range(5)]
        await asyncio.sleep(0.01)
        assert ran == ["hostile"], "one at once of those who run much"
        gone = asyncio.create_task(run("gone", 0.0))
        honest = [asyncio.create_task(run(f"honest {i}", 1.0 - i / 10)) for i in range(4)]
        gone.cancel()
        await asyncio.sleep(0.01)
        assert ran == ["hostile", "honest 0", "honest 1"]
        await asyncio.gather(*honest)
        assert ran[3:5] == ["honest 3", "honest 2"]
        await asyncio.gather(*flood)
        assert all_turns._running == {False: 0, True: 0}

    asyncio.run(lesson())
    assert len(ran) == 9


def test_runs_are_forgotten():
    usage = turns.Usage(0.0)
    new = usage.of_late(0.0)
    for second in range(1, 61):
        usage.of_late(float(second))
        usage.add()
    assert usage.of_late(61.0) < turns.MANY, "one a second is not much"
    assert usage.of_late(61.0) < new, "who has just come runs after those at work"
    for moment in range(100):
        usage.of_late(61.0 + moment / 10)
        usage.add()
    assert usage.of_late(71.0) > turns.MANY
    assert usage.of_late(91.0) < 1.0


def finished() -> bytes:
    message = ForwardMsg()
    message.script_finished = ForwardMsg.FINISHED_SUCCESSFULLY
    return message.SerializeToString()


def test_a_session_runs_one_page_at_once(monkeypatch: pytest.MonkeyPatch):
    """Streamlit would begin a thread for each message."""
    monkeypatch.setattr(doors, "LONGEST", 1e6)

    async def lesson() -> None:
        coming: asyncio.Queue[dict] = asyncio.Queue()
        for kind in ("rerun_script", "clear_cache", "app_heartbeat", "rerun_script"):
            coming.put_nowait({"type": "websocket.receive", "bytes": back_msg(kind).SerializeToString()})

        async def send(_message) -> None: ...

        session = doors._Session(coming.get, send, turns.Turns())
        assert doors.heard((await session.receive())["bytes"]) == "rerun_script"
        assert doors.heard((await session.receive())["bytes"]) == "app_heartbeat"
        second = asyncio.create_task(session.receive())
        await asyncio.sleep(0.05)
        assert not second.done()
        await session.send({"type": "websocket.send", "bytes": finished()})
        assert doors.heard((await second)["bytes"]) == "rerun_script"
        session.end_turn()

    asyncio.run(lesson())


CHUNK = 100_000  # bytes of an answer


@contextmanager
def talker(heard: list[bytes]) -> Iterator[int]:
    """Port of a server that answers each message with much more."""

    async def app(scope, receive, send):
        if scope["type"] != "websocket":
            return
        waiting: asyncio.Queue[bytes] = asyncio.Queue()

        async def answer() -> None:  # as Streamlit: what cannot be sent yet waits in a queue
            while True:
                await send({"type": "websocket.send", "bytes": await waiting.get()})

        await receive()
        await send({"type": "websocket.accept"})
        answering = asyncio.create_task(answer())
        while (message := await receive())["type"] == "websocket.receive":
            heard.append(message["bytes"])
            waiting.put_nowait(bytes(CHUNK))
        answering.cancel()

    settings = {**SETTINGS, "lifespan": "off", "log_config": None}
    server = uvicorn.Server(uvicorn.Config(app, port=(port := free_port()), **settings))
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield port
    finally:
        server.should_exit = True
        thread.join(10)


def raw_session(port: int) -> socket.socket:
    """A session of somebody who reads no more than the handshake."""
    visitor = socket.socket()
    visitor.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
    visitor.settimeout(10)
    visitor.connect(("127.0.0.1", port))
    request = "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    visitor.sendall(f"{request}Sec-WebSocket-Key: {'A' * 22}==\r\nSec-WebSocket-Version: 13\r\n\r\n".encode())
    assert b" 101 " in visitor.recv(1000)
    return visitor


def is_cut(visitor: socket.socket, message: bytes, until: float) -> bool:
    """Whether the server ends a connection on which somebody talks."""
    while time.monotonic() < until:
        try:
            visitor.sendall(message)
        except ConnectionError:
            return True
        time.sleep(0.002)
    return False


def test_who_does_not_read_is_not_heard_and_soon_cut_off(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(protocol, "SLOW", 1.0)
    heard: list[bytes] = []
    with talker(heard) as port, raw_session(port) as visitor:
        message = bytes([0x82, 0x80 | 1, 0, 0, 0, 0, 7])  # a binary frame of one byte
        begin = time.monotonic()
        assert is_cut(visitor, message, until=begin + 8.0)
        assert len(heard) * CHUNK < 8e6, "it kept answering"  # what the system's buffers take


def test_who_reads_slowly_is_heard_to_the_end(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(protocol, "SLOW", 1.0)
    with talker([]) as port, connect(f"ws://127.0.0.1:{port}", compression=None, max_size=None) as visitor:
        for _ in range(40):
            visitor.send(b"x")
        for _ in range(40):
            time.sleep(0.01)
            assert len(visitor.recv(5)) == CHUNK
