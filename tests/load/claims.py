"""Claims at random settings: none that is true is refuted, and each falsified run is, by the claim it is meant for."""

from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from importlib import import_module
from typing import Any

import numpy as np

from core.claims import Verdict
from tests.core.gradient_flow.endings_scan import ending_scan
from tests.load.table import Row, none_of

SCANS = ("gradient_flow.scans", "gradient_flow.rates_scan", "kernels.scans", "neural_collapse.scans")
"""Where random settings and falsified runs are, below `tests.core`."""
_BATCH = 10  # settings a process draws at a time
_SLOW = ("Watch it collapse, digits",)  # sections whose settings take up to a minute, of which a tenth is tried


def claim_rows(settings: int) -> Iterator[Row]:
    """A row for each section, over so many settings of it, one for falsified runs, and one for endings."""
    with ProcessPoolExecutor() as pool:
        for module in SCANS:
            scans = import_module(f"tests.core.{module}")
            for section in scans.SCANS:
                count = settings // 10 if section in _SLOW else settings
                seeds = [range(first, min(first + _BATCH, count)) for first in range(0, count, _BATCH)]
                found = [one for part in pool.map(partial(_scan, module, section), seeds) for one in part]
                yield _row(module, section, count, found)
            missed = [name for name, caught in pool.map(partial(_sabotage, module), scans.SABOTAGES) if not caught]
            told = f"{len(scans.SABOTAGES) - len(missed)} of {len(scans.SABOTAGES)} {' '.join(missed)}".strip()
            yield Row(f"{module}: falsified runs refuted", "all", told, not missed)
        parts = pool.map(partial(ending_scan, _BATCH), range(max(settings // _BATCH, 1)))
        yield none_of("endings that a longer run refutes", [line for part in parts for line in part], str(settings))


def _scan(module: str, section: str, seeds: Iterable[int]) -> list[tuple[str, str, str]]:
    """Name, verdict and setting of each claim, one setting a seed."""
    draw: Any = import_module(f"tests.core.{module}").SCANS[section]
    found = []
    for seed in seeds:
        setting, claims = draw(np.random.default_rng([seed, len(section)]))
        found += [(claim.name, claim.verdict.value, str(setting)) for claim in claims]
    return found


def _row(module: str, section: str, settings: int, found: list[tuple[str, str, str]]) -> Row:
    verdicts = Counter(verdict for _, verdict, _ in found)
    violated = [(name, setting) for name, verdict, setting in found if verdict == Verdict.VIOLATED.value]
    told = ", ".join(f"{count} {verdict}" for verdict, count in verdicts.most_common())
    if violated:
        told += f"; {violated[0][0]} at {violated[0][1]}"
    return Row(f"{module}, {section}: claims at {settings} random settings", "0 violated", told[:300], not violated)


def _sabotage(module: str, name: str) -> tuple[str, bool]:
    """Whether the claim holds on the true run and is violated on the falsified one."""
    true, false = import_module(f"tests.core.{module}").SABOTAGES[name]()
    return name, (true.verdict, false.verdict) == (Verdict.HOLDS, Verdict.VIOLATED)
