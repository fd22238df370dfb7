"""A class that joins at once, and moves one control each, with time to think."""

import asyncio
import random
import time
from collections.abc import Awaitable, Iterator
from dataclasses import dataclass, field
from itertools import cycle

from tests.load import widgets
from tests.load.serving import Server
from tests.load.session import Session
from tests.load.table import Row, at_most, none_of, p95

THINK = 2.0
"""Seconds between two changes of a visitor."""
VALUES = 4  # of the control that a class moves
LINKS = {
    "": ("", ""),
    "gradient_flow": ("gf_depth=2", "gf_depth"),
    "kernels": ("ke_section=2.2+RBF", "ke_rbf_depth"),
    "neural_collapse": ("nc_section=NC1+%2B+NC2+%E2%87%92+NC3+%2B+NC4", "nc_noise"),
}
"""Page to the query of a link, and the control that a class moves there."""


@dataclass
class Times:
    """Seconds of loads and of reruns, and what failed."""

    loads: list[float] = field(default_factory=list)
    reruns: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    """Processor time of the server, in seconds: before, after the loads, after the reruns."""

    def cost(self, part: int, number: int) -> str:
        """Processor time of a load (0) or a rerun (1) in words."""
        return f"{1e3 * (self.cpu[part + 1] - self.cpu[part]) / max(number, 1):.1f} ms CPU each"

    async def note(self, kind: list[float], doing: Awaitable[float | None]) -> bool:
        """Take note of how long something took; whether it succeeded."""
        try:
            kind.append(await doing or 0.0)
        except Exception as error:
            self.failures.append(f"{type(error).__name__} {error}")
            return False
        return True


def visitors(url: str, page: str, number: int) -> list[Session]:
    """Visitors who are about to follow the link of a page."""
    return [Session(url, page, LINKS[page][0], random.Random(i)) for i in range(number)]


def some_values(session: Session, key: str) -> list:
    """The values between which a class moves a control."""
    shown = session.widget(key)
    return widgets.options(shown.kind, shown.element)[:VALUES]


async def warm_up(url: str, page: str) -> None:
    """Let somebody have seen all that a class will see."""
    (session,) = visitors(url, page, 1)
    key = LINKS[page][1]
    await session.join()
    await session.settle()
    for value in some_values(session, key) if key else ():
        await session.set(session.widget(key), value)
        await session.settle()
    await session.leave()


async def think(session: Session, times: Times, turns: int | None, until: float = float("inf")) -> None:
    """Move a control, with pauses."""
    key = LINKS[session.page][1]
    await asyncio.sleep(session.rng.uniform(0.0, THINK))
    for _ in _turns(turns, until):
        shown = session.widget(key)
        now = widgets.value_of(session.states[shown.element.id])
        others = [value for value in some_values(session, key) if value != now]
        if not await times.note(times.reruns, session.set(shown, session.rng.choice(others))):
            return
        await asyncio.sleep(THINK * session.rng.uniform(0.5, 1.5))


def _turns(turns: int | None, until: float) -> Iterator[int]:
    for turn in cycle((0,)) if turns is None else range(turns):
        if time.monotonic() > until:
            return
        yield turn


async def join(sessions: list[Session], times: Times) -> list[Session]:
    """Let visitors come at once; those who got in."""
    came = await asyncio.gather(*(times.note(times.loads, session.join()) for session in sessions))
    return [session for session, is_in in zip(sessions, came, strict=True) if is_in]


async def leave(sessions: list[Session]) -> None:
    """Let visitors go."""
    await asyncio.gather(*(session.leave() for session in sessions), return_exceptions=True)


async def lesson(server: Server, page: str, number: int, turns: int) -> Times:
    """A class joins a page and moves its control so many times."""
    times = Times()
    await warm_up(server.url, page)
    times.cpu.append(server.cpu())
    present = await join(visitors(server.url, page, number), times)
    times.cpu.append(server.cpu())
    await asyncio.gather(*(think(session, times, turns) for session in present))
    times.cpu.append(server.cpu())
    await leave(present)
    return times


def lesson_rows(server: Server, page: str, number: int, turns: int) -> Iterator[Row]:
    """What is said of a lesson; the overview has nothing to move."""
    turns = turns if LINKS[page][1] else 0
    times = asyncio.run(lesson(server, page, number, turns))
    name = f"{server.kind}: {number} visitors of /{page}"
    note = f"p50 {p50(times.loads):.2f}, {times.cost(0, len(times.loads))}"
    yield at_most(f"{name}, load p95", 2.5, p95(times.loads), "s", note=note)
    if turns:
        note = f"p50 {1e3 * p50(times.reruns):.0f}, {times.cost(1, len(times.reruns))}"
        yield at_most(f"{name}, rerun p95", 150, 1e3 * p95(times.reruns), "ms", note=note)
    yield none_of(f"{name}, errors and disconnects", times.failures, str(number * (1 + turns)))


def p50(seconds: list[float]) -> float:
    """The median; infinite where there is none."""
    return sorted(seconds)[len(seconds) // 2] if seconds else float("inf")


async def explore(session: Session, times: Times, until: float) -> int:
    """Start one flow after the other, none of them known; how many."""
    await times.note([], session.join())
    count = 0
    for key in cycle(("gf_flipped", "gf_flipped", "gf_ratio", "gf_flipped", "gf_norm")):
        if time.monotonic() > until or times.failures:
            break
        await times.note([], session.move(session.widget(key)))
        await times.note([], session.settle())
        count += 1
    await session.leave()
    return count


async def beside(server: Server, cached: int, others: int, seconds: float) -> tuple[Times, int]:
    """Cached visitors, beside some who start flows all the time."""
    times, until = Times(), time.monotonic() + seconds + 5.0
    await warm_up(server.url, "gradient_flow")
    present = await join(visitors(server.url, "gradient_flow", cached), times)
    links = [f"gf_dataseed={i + 1}&gf_depth={2 + i % 4}" for i in range(others)]
    explorers = [Session(server.url, "gradient_flow", link, random.Random(i)) for i, link in enumerate(links)]
    exploring = [asyncio.create_task(explore(one, times, until)) for one in explorers]
    await asyncio.sleep(2.0)  # until all of them wait for a flow
    await asyncio.gather(*(think(session, times, None, until) for session in present))
    count = sum(await asyncio.gather(*exploring))
    await leave(present)
    return times, count


def beside_rows(server: Server, seconds: float, cached: int = 100, others: int = 10) -> list[Row]:
    """What is said of that."""
    times, flows = asyncio.run(beside(server, cached, others, seconds))
    name = f"{server.kind}: {cached} cached visitors beside {others} with flows of their own"
    note = f"p50 {1e3 * p50(times.reruns):.0f}, {flows} flows"
    return [
        at_most(f"{name}, rerun p95", 400, 1e3 * p95(times.reruns), "ms", note=note),
        none_of(f"{name}, errors", times.failures),
    ]
