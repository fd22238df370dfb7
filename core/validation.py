"""Argument checks with one wording: "<name> must be <what>, got <value>"."""

from collections.abc import Collection
from typing import Any


def check_integer(name: str, value: Any, low: int, high: int) -> None:
    """Raise ValueError unless value is an integer from low to high; a bool is not one."""
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise ValueError(f"{name} must be an integer from {low} to {high}, got {value!r}")


def check_number(name: str, value: Any, low: float, high: float) -> None:
    """Raise ValueError unless value is a finite number from low to high."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise ValueError(f"{name} must be a number from {low:g} to {high:g}, got {value!r}")


def check_choice(name: str, value: Any, choices: Collection[Any]) -> None:
    """Raise ValueError unless value is one of the choices."""
    if value not in choices:
        raise ValueError(f"{name} must be one of {', '.join(str(c) for c in choices)}, got {value!r}")


def check_flag(name: str, value: Any) -> None:
    """Raise ValueError unless value is True or False."""
    if not isinstance(value, bool):
        raise ValueError(f"{name} must be True or False, got {value!r}")
