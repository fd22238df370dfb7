"""How much nginx costs, and a second replica brings: the same visitors with and without them."""

import re
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from http.client import HTTPConnection
from statistics import median, quantiles
from threading import Barrier
from urllib.parse import urlsplit
from uuid import uuid4

from tests.deploy.cluster import Cluster
from tests.deploy.visitor import Session, ask

PAGE = "kernels"


@dataclass(frozen=True)
class Throughput:
    """How often something was done, by all visitors together, and how long each time took, in seconds."""

    seconds: float
    times: list[float]

    def __str__(self) -> str:
        slow = quantiles(self.times, n=20)[-1]
        return f"{len(self.times) / self.seconds:7.1f}/s {1e3 * median(self.times):7.1f} ms {1e3 * slow:7.1f} ms"


def run_throughput(url: str, visitors: Sequence[str], seconds: float) -> Throughput:
    """Runs of a page in a session of each visitor, one after the other without a pause."""
    return _measure([partial(_run_again, url, visitor) for visitor in visitors], seconds)


def file_throughput(url: str, visitors: Sequence[str], seconds: float) -> Throughput:
    """Downloads of Streamlit's largest script but one, each visitor on one connection."""
    script = re.search(r"static/js/index\.[\w-]+\.js", ask(url).body.decode())
    assert script
    return _measure([partial(_load_again, url, visitor, script[0]) for visitor in visitors], seconds)


def visitors_of(cluster: Cluster, port: int, number: int) -> list[str]:
    """Visitors whom nginx sends to one replica."""
    found: list[str] = []
    while len(found) < number:
        visitor = uuid4().hex
        ask(f"{cluster.url}/?probe={visitor}", Cookie=f"visitor={visitor}")
        if cluster.answered_by(visitor) == port:
            found.append(visitor)
    return found


Again = Callable[[Barrier, float], list[float]]


def _measure(tasks: Sequence[Again], seconds: float) -> Throughput:
    start = Barrier(len(tasks))
    with ThreadPoolExecutor(len(tasks)) as pool:
        times = [time for taken in pool.map(lambda task: task(start, seconds), tasks) for time in taken]
    return Throughput(seconds, times)


def _run_again(url: str, visitor: str, start: Barrier, seconds: float) -> list[float]:
    with Session(url, cookies={"visitor": visitor}) as session:
        session.run(PAGE)
        return _repeat(lambda: session.run(PAGE), start, seconds)


def _load_again(url: str, visitor: str, path: str, start: Barrier, seconds: float) -> list[float]:
    connection = HTTPConnection(urlsplit(url).netloc)

    def load() -> None:
        connection.request("GET", f"/{path}", headers={"Cookie": f"visitor={visitor}", "Accept-Encoding": "gzip"})
        connection.getresponse().read()

    try:
        return _repeat(load, start, seconds)
    finally:
        connection.close()


def _repeat(action: Callable[[], object], start: Barrier, seconds: float) -> list[float]:
    start.wait()
    times, begin = [], time.perf_counter()
    while (now := time.perf_counter()) < begin + seconds:
        action()
        times.append(time.perf_counter() - now)
    return times
