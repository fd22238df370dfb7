"""Results that are kept for all visitors, within a bound in bytes."""

import sys
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from types import ModuleType
from typing import Any

_ENTRY = 500  # bytes of an entry besides key and result


def size_of(thing: Any) -> int:
    """Bytes that an object holds: arrays with the memory they are views of, and all that it refers to, once.

    Parameters
    ----------
    thing : object
        Numbers, texts, arrays and tables, in dataclasses, tuples, lists, sets, mappings and other objects.

    Returns
    -------
    int
        Bytes; functions, classes and modules count nothing.
    """
    found: dict[int, Any] = {}  # kept alive meanwhile, so that no two have one id
    left, size = [thing], 0
    while left:
        one = left.pop()
        if one is None or id(one) in found or callable(one) or isinstance(one, ModuleType):
            continue
        found[id(one)] = one
        base = getattr(one, "base", None)
        if base is not None and hasattr(one, "nbytes"):
            left.append(base)  # a view: its memory is the other's
        else:
            size += _own_size(one)
            left += _parts(one)
    return size


def _own_size(thing: Any) -> int:
    if hasattr(thing, "memory_usage"):  # a table of pandas, or a column
        usage = thing.memory_usage(deep=True)
        return int(getattr(usage, "sum", lambda: usage)())
    return max(sys.getsizeof(thing), int(getattr(thing, "nbytes", 0)))


def _parts(thing: Any) -> list[Any]:
    """What an object refers to."""
    if isinstance(thing, dict):
        return [*thing.keys(), *thing.values()]
    if isinstance(thing, (tuple, list, set, frozenset)):
        return list(thing)
    if hasattr(thing, "nbytes") or hasattr(thing, "memory_usage"):
        return []
    slots = [getattr(thing, field.name, None) for field in fields(thing)] if is_dataclass(thing) else []
    return [*slots, *getattr(thing, "__dict__", {}).values()]


class Results:
    """The latest results, by key.

    Parameters
    ----------
    limit : int
        Bytes of all together; the least used go first, but the latest always stays.
    """

    def __init__(self, limit: int) -> None:
        self._limit, self._size = limit, 0
        self._lock = threading.Lock()
        self._results: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()
        self._turns: dict[Hashable, tuple[threading.Lock, int]] = {}

    @property
    def size(self) -> int:
        """Bytes kept."""
        return self._size

    def get(self, key: Hashable) -> Any:
        """Result of a key, or None."""
        with self._lock:
            entry = self._results.get(key)
            if entry is None:
                return None
            self._results.move_to_end(key)
            return entry[0]

    def put(self, key: Hashable, result: Any) -> None:
        """Keep a result."""
        size = size_of((key, result)) + _ENTRY
        with self._lock:
            self._size += size - self._results.pop(key, (None, 0))[1]
            self._results[key] = result, size
            while self._size > self._limit and len(self._results) > 1:
                self._size -= self._results.popitem(last=False)[1][1]

    def get_or_compute(self, key: Hashable, work: Callable[[], Any]) -> Any:
        """Result of a key; where it is not known, computed once for all who ask meanwhile."""
        result = self.get(key)
        if result is None:
            with self._turn(key):
                result = self.get(key)
                if result is None:
                    result = work()
                    self.put(key, result)
        return result

    @contextmanager
    def _turn(self, key: Hashable) -> Iterator[None]:
        """One at a time of a key; other keys do not wait."""
        with self._lock:
            turn, users = self._turns.get(key, (threading.Lock(), 0))
            self._turns[key] = turn, users + 1
        try:
            with turn:
                yield
        finally:
            with self._lock:
                turn, users = self._turns.pop(key)
                if users > 1:
                    self._turns[key] = turn, users - 1
