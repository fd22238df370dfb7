"""What all visitors share, and one of them who sends messages that no page sends."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from urllib.request import urlopen

from tests.load.fairness import library_of
from tests.load.session import Session

CLEARS = 22
LINK = "gf_noise=0.6&gf_flipped=3&gf_norm=0.5&gf_dataseed=3"
"""Of a flow of some 2 s."""


async def _beside_clears(url: str) -> tuple[list[str], int, Session, Session]:
    """What a run's visitor reads while somebody empties the caches; then the status of the charts' code, and pages."""
    hostile, session, next_one = Session(url), Session(url, "gradient_flow", LINK), Session(url, "gradient_flow", LINK)
    await hostile.join()
    await session.join()
    texts = [session.progress]
    while texts[-1]:
        if len(texts) <= CLEARS:
            await hostile.clear_cache()
        await asyncio.sleep(0.1)
        await session.look()
        texts.append(session.progress)
    await hostile.clear_cache()
    await hostile.ask()  # so that it is done
    status = await asyncio.to_thread(_status, f"{url}/{library_of(session)}")
    await next_one.join()
    for one in (hostile, session, next_one):
        await one.leave()
    return texts, status, session, next_one


def _status(url: str) -> int:
    with urlopen(url) as answer:
        return int(answer.status)


def test_nobody_can_clear_runs_results_and_charts_of_others(app_url):
    with ThreadPoolExecutor() as thread:  # a browser of another test may have a loop of its own in this one
        texts, status, session, next_one = thread.submit(lambda: asyncio.run(_beside_clears(app_url))).result()
    begun = [text.startswith("L = ") for text in texts[:-1]]
    assert any(begun)
    assert begun == sorted(begun)  # one that is begun again waits again
    assert status == 200
    assert session.charts > 0
    assert not next_one.progress  # the result is known
    assert next_one.charts == session.charts
