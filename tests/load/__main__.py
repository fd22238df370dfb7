"""The app under load, in one table: ``python -m tests.load [--minutes M] [--walk STEPS] [--browser SECONDS]``.

By default it takes some ten minutes on two free cores: random clicks have 15 s a page, random visitors 30 s, random
walks 150 steps a page, and claims are tried at 30 settings a section. --full gives 90 s, ten minutes, 500 steps and 300
settings. It needs Linux, for the processor time of another process.
"""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.deploy.cluster import cluster_in
from tests.deploy.throughput import run_throughput, visitors_of
from tests.load import cost, crowd, fairness, hostile, memory, monkey
from tests.load.claims import claim_rows
from tests.load.serving import KINDS, Server
from tests.load.table import Row, heading, line
from tests.server import ROOT

CLASS = 200
TURNS = 3  # changes of each of them
PAGES = 4
TESTS = {
    "random walks by AppTest, {walk} steps a page": "tests/pages/test_walks.py",
    "links that nobody made, 5000 for each page": "tests/pages/test_fuzzed_links.py",
    "malformed uploads": "tests/pages/test_uploads.py tests/core/neural_collapse/test_upload.py",
    "errors are logged once, with the link": "tests/pages/test_errors.py",
    "connection, server and disk that fail": "tests/browser/test_faults.py",
    "a checkout that is read-only and lacks files": "tests/load/test_checkout.py",
}
"""What pytest does, and where it is."""


def main() -> int:
    """Print the table; whether all of it is as it should be."""
    options = _options()
    begin, failed = time.monotonic(), 0
    _say(heading())
    with TemporaryDirectory() as folder:
        for row in _rows(options, Path(folder)):
            _say(line(row))
            failed += row.ok is False
    seconds, load = time.monotonic() - begin, os.getloadavg()[1]
    _say(f"\n{failed} not as they should be; {seconds:.0f} s, load average of the machine {load:.1f}")
    return int(failed > 0)


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.load", description=__doc__)
    parser.add_argument("--minutes", type=float, default=0.5, help="of random visitors, for the memory")
    parser.add_argument("--browser", type=float, default=15.0, help="seconds of random clicks on each page")
    parser.add_argument("--walk", type=int, default=150, help="steps of a random walk on each page")
    parser.add_argument("--settings", type=int, default=30, help="at which the claims of a section are tried")
    parser.add_argument(
        "--full", action="store_true", help="10 minutes of visitors, 90 s of clicks, 500 steps, 300 settings"
    )
    parser.add_argument(
        "--only", default="", help="words of which a part's name has one: class, cost, worst, queue, claims, ..."
    )
    options = parser.parse_args()
    if options.full:
        options.minutes, options.browser, options.walk, options.settings = 10.0, 90.0, 500, 300
    return options


def _rows(options: argparse.Namespace, folder: Path) -> Iterator[Row]:
    """All rows, as they are measured."""
    if _wanted(options, "cost"):
        yield cost.empty_row()
    for kind in KINDS:
        with Server(folder / f"{kind}.txt", kind).running() as server:
            for name, part in _parts(options, server).items():
                if _wanted(options, name) and (kind == KINDS[0] or name in ("class", "beside")):
                    yield from _safely(f"{kind}: {name}", part)
            yield _log_row(server)
    if _wanted(options, "hostile"):
        with Server(folder / "hostile.txt", "asgi").running() as server:
            yield from _safely("hostile", lambda: hostile.hostile_rows(server))
            yield _log_row(server)
    if _wanted(options, "nginx"):
        yield from _safely("nginx", lambda: _nginx_rows(folder))
    if _wanted(options, "claims"):
        yield from _safely("claims", lambda: claim_rows(options.settings))
    if _wanted(options, "tests"):
        yield from _test_rows(options)


def _parts(options: argparse.Namespace, server: Server) -> dict[str, Callable[[], Iterable[Row]]]:
    """The measurements of a server, by name."""
    return {
        "class": lambda: (row for page in crowd.LINKS for row in crowd.lesson_rows(server, page, CLASS, TURNS)),
        "beside": lambda: crowd.beside_rows(server, 10.0),
        "cost": lambda: cost.section_rows(server),
        "memory": lambda: cost.memory_rows(server),
        "worst": lambda: memory.worst_rows(server),
        "clear": lambda: fairness.clear_rows(server),
        "queue": lambda: fairness.queue_rows(server),
        "plateau": lambda: cost.plateau_rows(server, 60.0 * options.minutes),
        "browser": lambda: monkey.monkey_rows(server, options.browser * PAGES),
    }


def _wanted(options: argparse.Namespace, name: str) -> bool:
    return not options.only or name in options.only.split()


def _safely(name: str, part: Callable[[], Iterable[Row]]) -> Iterator[Row]:
    """Rows of a part; one that says so where it cannot be measured."""
    try:
        yield from part()
    except Exception as error:
        yield Row(name, "", f"{type(error).__name__}: {error}"[:200], ok=False)


def _log_row(server: Server) -> Row:
    """Errors in the log of a server."""
    marks = ("Traceback", " at /", "Error")
    found = [one for one in server.said().splitlines() if any(mark in one for mark in marks)]
    return Row(f"{server.kind}: errors in the log", "0", f"{len(found)} {found[0][:100] if found else ''}", not found)


def _nginx_rows(folder: Path) -> list[Row]:
    """Runs of a page through nginx, in sessions without a pause."""
    (folder / "cluster").mkdir()
    with cluster_in(folder / "cluster") as cluster:
        first, second = cluster.replicas
        visitors = [*visitors_of(cluster, first.port, 8), *visitors_of(cluster, second.port, 8)]
        direct = run_throughput(first.url, visitors[:8], 3.0)
        through = run_throughput(cluster.url, visitors, 3.0)
    return [
        Row("asgi: a replica directly, 8 visitors without a pause: rate, p50, p95", "", str(direct).strip()),
        Row("nginx: two replicas, 16 visitors without a pause: rate, p50, p95", "", str(through).strip()),
    ]


def _test_rows(options: argparse.Namespace) -> Iterator[Row]:
    """What pytest says; walks, of which the slowest decides, beside all else."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "WALK_STEPS": str(options.walk), "FUZZED_LINKS": "5000"}
    running = {}
    for name, paths in TESTS.items():
        command = [sys.executable, "-m", "pytest", "-n", "2" if "walk" in paths else "0", *paths.split()]
        tests = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if "walk" in paths:
            running[name] = tests
            continue
        yield _pytest_row(name.format(walk=options.walk), tests)
    for name, tests in running.items():
        yield _pytest_row(name.format(walk=options.walk), tests)


def _pytest_row(name: str, tests: subprocess.Popen) -> Row:
    output = tests.communicate()[0].decode(errors="replace").strip().splitlines()
    errors = [one for one in output if one.startswith("E  ")]
    return Row(name, "passed", " ".join([output[-1], *errors[:1]])[:160], tests.returncode == 0)


if __name__ == "__main__":
    sys.exit(main())
