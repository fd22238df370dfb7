"""What all visitors share, and one of them who sends messages that no page sends."""

import asyncio
from urllib.request import urlopen

from tests.load.fairness import library_of
from tests.load.session import Session

CLEARS = 22
LINK = "gf_noise=0.6&gf_flipped=3&gf_norm=0.5&gf_dataseed=3"
"""Of a flow of some 2 s."""


async def _beside_clears(url: str) -> tuple[list[int], Session, Session]:
    """Progress of a run while somebody empties the caches, and the pages of its visitor and of the next one."""
    hostile, session, next_one = Session(url), Session(url, "gradient_flow", LINK), Session(url, "gradient_flow", LINK)
    await hostile.join()
    await session.join()
    values: list[int] = []
    for turn in range(600):
        if turn < CLEARS:
            await hostile.clear_cache()
        values += [one.element.value for one in session.shown.values() if one.kind == "progress"]
        if turn >= CLEARS and not session.progress:
            break
        await asyncio.sleep(0.1)
        await session.look()
    await hostile.ask()
    await next_one.join()
    for one in (hostile, session, next_one):
        await one.leave()
    return values, session, next_one


def test_nobody_can_clear_runs_results_and_charts_of_others(app_url):
    values, session, next_one = asyncio.run(_beside_clears(app_url))
    assert values
    assert values == sorted(values)  # the run went on; one begun again falls back to 0
    assert not session.progress
    assert session.charts > 0
    assert not next_one.progress
    assert next_one.charts == session.charts
    with urlopen(f"{app_url}/{library_of(session)}") as answer:
        assert answer.status == 200
