"""The table that a load test prints."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """What was measured, and what it should be; `ok` is None where there is no target."""

    what: str
    target: str
    measured: str
    ok: bool | None = None


def at_most(what: str, limit: float, measured: float, unit: str, *, note: str = "") -> Row:
    """A row of a number that should not be above a limit."""
    target = f"≤ {limit:g} {unit}"
    return Row(what, target, f"{measured:.3g} {unit}{f', {note}' if note else ''}", measured <= limit)


def none_of(what: str, found: Sequence[str], total: str = "") -> Row:
    """A row of failures, of which there should be none."""
    text = f"{len(found)}{f' of {total}' if total else ''}{f': {found[0][:90]}' if found else ''}"
    return Row(what, "0", text, not found)


def heading() -> str:
    """The first lines of the table."""
    return f"| {'what':70} | {'target':12} | {'measured':50} | ok |\n|{'-' * 72}|{'-' * 14}|{'-' * 52}|----|"


def line(row: Row) -> str:
    """A line of it."""
    sign = {True: "✓", False: "✗", None: "–"}[row.ok]
    return f"| {row.what:70} | {row.target:12} | {row.measured:50} | {sign}  |"


def p95(seconds: Sequence[float]) -> float:
    """The value that 95 % do not exceed, in seconds; infinite where there is none."""
    ordered = sorted(seconds)
    return ordered[min(len(ordered) - 1, round(0.95 * (len(ordered) - 1)))] if ordered else float("inf")
