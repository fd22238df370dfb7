"""What a warm rerun costs the server, section by section, and what is left of many visitors."""

import asyncio
import random
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlencode

from tests.load import widgets
from tests.load.crowd import LINKS, Times, join, leave, visitors
from tests.load.serving import Server
from tests.load.session import Session, Shown
from tests.load.table import Row, at_most, none_of

PREFIXES = {"gradient_flow": "gf", "kernels": "ke", "neural_collapse": "nc"}
RERUNS = 40
_VALUES = 5  # of a control
_UNMOVED = ("gf_data", "ke_data", "nc_training", "nc_view")  # what is shown changes too much
_EMPTY = "import streamlit as st\n\n\n@st.fragment\ndef body():\n    st.slider('x', 0, 9)\n\n\nbody()\n"
_AT_ONCE = 100  # of those who come and go
_REST = 3.0  # seconds after which a server has forgotten who left


async def rerun_cost(server: Server, session: Session, reruns: int = RERUNS) -> float:
    """Milliseconds of processor time of a rerun, from one known value of a control to the next."""
    shown = _moved(session)
    values = _values(session, shown) if shown else [None]
    before = 0.0
    for turn in range(-len(values) - 2, reruns):
        if turn == 0:
            await asyncio.sleep(0.2)
            before = server.cpu()
        if shown is None:
            await session.ask(session.fragment)
        else:
            await session.set(session.widget(widgets.key_of(shown.element)), values[turn % len(values)])
        await session.settle()
    return 1e3 * (server.cpu() - before) / reruns


def _moved(session: Session) -> Shown | None:
    """The first control of a page's section that changes what is computed."""
    for shown in session.widgets("slider", "selectbox", "button_group", "checkbox"):
        key = widgets.key_of(shown.element)
        if not key.endswith("_preset") and key not in _UNMOVED and not shown.element.disabled:
            return shown
    return None


def _values(session: Session, shown: Shown) -> list:
    """Neighbouring values of a control; more than a browser keeps charts of."""
    values = widgets.options(shown.kind, shown.element)
    now = values.index(widgets.value_of(session.states[shown.element.id]))
    begin = max(0, min(now, len(values) - _VALUES))
    return values[begin : begin + _VALUES]


async def _section_rows(server: Server) -> list[Row]:
    rows = []
    for page, prefix in PREFIXES.items():
        first = Session(server.url, page)
        await first.join()
        await first.settle()
        await first.leave()
        for name in first.tabs:
            session = Session(server.url, page, urlencode({f"{prefix}_section": name}))
            await session.join()
            await session.settle()
            for button in [one for one in session.widgets("button") if one.element.label == "Use an example"]:
                await session.press(button)
                await session.settle()
            cost = await rerun_cost(server, session)
            limit = 8.0 if session.charts >= 4 else 5.0
            label = f"{server.kind}: warm rerun of /{page}, {name}"
            rows.append(at_most(label, limit, cost, "ms CPU", note=f"{session.charts} charts"))
            await session.leave()
    return rows


def section_rows(server: Server) -> list[Row]:
    """What a warm rerun of each section costs."""
    return asyncio.run(_section_rows(server))


async def _empty_cost(server: Server) -> float:
    session = Session(server.url)
    await session.join()
    return await rerun_cost(server, session)


def empty_row() -> Row:
    """What a rerun of an empty page costs, with the same settings."""
    with TemporaryDirectory() as folder:
        script = Path(folder, "empty.py")
        script.write_text(_EMPTY)
        with Server(Path(folder, "log.txt"), script=str(script)).running() as server:
            cost = asyncio.run(_empty_cost(server))
    return Row("streamlit run: rerun of an empty page, in the costs below", "", f"{cost:.3g} ms CPU")


async def _come_and_go(server: Server, number: int, times: Times) -> None:
    for begin in range(0, number, _AT_ONCE):
        page = list(LINKS)[1 + begin // _AT_ONCE % 3]
        present = await join(visitors(server.url, page, min(_AT_ONCE, number - begin)), times)
        await leave(present)
    await asyncio.sleep(_REST)


def memory_rows(server: Server) -> list[Row]:
    """Memory after 200 visitors, and after 500 more."""
    times = Times()
    asyncio.run(_come_and_go(server, 200, times))
    before = server.megabytes()
    asyncio.run(_come_and_go(server, 500, times))
    label = f"{server.kind}: memory after 500 more than 200 visitors, growth"
    note = f"of {before:.0f} MB"
    return [
        at_most(label, 50, server.megabytes() - before, "MB", note=note),
        none_of(f"{server.kind}: errors of those visitors", times.failures),
    ]


async def _wander(session: Session, until: float, times: Times) -> None:
    """Move any controls, and change to other sections."""
    if not await times.note(times.loads, session.join()):
        return
    while time.monotonic() < until:
        free = [one for one in session.widgets() if widgets.key_of(one.element) != "nc_net_epochs"]
        doing = session.move(session.rng.choice(free)) if free and session.rng.random() < 0.9 else _turn(session)
        if not (await times.note(times.reruns, doing) and await times.note([], session.settle())):
            return
        await asyncio.sleep(session.rng.uniform(0.0, 1.0))
    await session.leave()


async def _turn(session: Session) -> float:
    """Open another section."""
    session.query = urlencode({f"{PREFIXES[session.page]}_section": session.rng.choice(list(session.tabs))})
    return await session.ask()


async def _plateau(server: Server, seconds: float, number: int, times: Times) -> list[float]:
    until = time.monotonic() + seconds
    pages = list(PREFIXES)
    walkers = [Session(server.url, pages[i % 3], "", random.Random(i)) for i in range(number)]
    tasks = [asyncio.create_task(_wander(session, until, times)) for session in walkers]
    sizes = []
    while time.monotonic() < until:
        sizes.append(server.megabytes())
        await asyncio.sleep(1.0)
    await asyncio.gather(*tasks)
    return sizes


def plateau_rows(server: Server, seconds: float, number: int = 20) -> list[Row]:
    """Memory while visitors wander, in the last third against the one before."""
    times = Times()
    sizes = asyncio.run(_plateau(server, seconds, number, times))
    third = len(sizes) // 3
    growth = (sum(sizes[-third:]) - sum(sizes[-2 * third : -third])) / third
    label = f"{server.kind}: {number} random visitors, {seconds:.0f} s, growth in the last third"
    note = f"{sizes[0]:.0f} to {sizes[-1]:.0f} MB, {len(times.reruns)} changes"
    return [
        at_most(label, 50, growth, "MB", note=note),
        none_of(f"{server.kind}: errors of random visitors", times.failures, str(len(times.reruns))),
    ]
