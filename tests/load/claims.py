"""Claims at random settings: none that is true is refuted, and each falsified run is, by the claim it is meant for."""

from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from importlib import import_module
from typing import Any

import numpy as np

from core.claims import Verdict
from tests.load.table import Row

PROBLEMS = ("gradient_flow", "kernels", "neural_collapse")
_BATCH = 10  # settings a process draws at a time


def claim_rows(settings: int) -> Iterator[Row]:
    """A row for each section, over so many settings of it, and one for each problem's falsified runs."""
    with ProcessPoolExecutor() as pool:
        for problem in PROBLEMS:
            scans = import_module(f"tests.core.{problem}.scans")
            for section in scans.SCANS:
                seeds = [range(first, min(first + _BATCH, settings)) for first in range(0, settings, _BATCH)]
                found = [one for part in pool.map(partial(_scan, problem, section), seeds) for one in part]
                yield _row(problem, section, settings, found)
            missed = [name for name, caught in pool.map(partial(_sabotage, problem), scans.SABOTAGES) if not caught]
            told = f"{len(scans.SABOTAGES) - len(missed)} of {len(scans.SABOTAGES)} {' '.join(missed)}".strip()
            yield Row(f"{problem}: falsified runs refuted", "all", told, not missed)


def _scan(problem: str, section: str, seeds: Iterable[int]) -> list[tuple[str, str, str]]:
    """Name, verdict and setting of each claim, one setting a seed."""
    draw: Any = import_module(f"tests.core.{problem}.scans").SCANS[section]
    found = []
    for seed in seeds:
        setting, claims = draw(np.random.default_rng([seed, len(section)]))
        found += [(claim.name, claim.verdict.value, str(setting)) for claim in claims]
    return found


def _row(problem: str, section: str, settings: int, found: list[tuple[str, str, str]]) -> Row:
    verdicts = Counter(verdict for _, verdict, _ in found)
    violated = [(name, setting) for name, verdict, setting in found if verdict == Verdict.VIOLATED.value]
    told = ", ".join(f"{count} {verdict}" for verdict, count in verdicts.most_common())
    if violated:
        told += f"; {violated[0][0]} at {violated[0][1]}"
    return Row(f"{problem}, {section}: claims at {settings} random settings", "0 violated", told[:300], not violated)


def _sabotage(problem: str, name: str) -> tuple[str, bool]:
    """Whether the claim holds on the true run and is violated on the falsified one."""
    true, false = import_module(f"tests.core.{problem}.scans").SABOTAGES[name]()
    return name, (true.verdict, false.verdict) == (Verdict.HOLDS, Verdict.VIOLATED)
