"""What all visitors share, made once in the process.

Not kept in `st.cache_resource`: one message of any visitor empties Streamlit's caches for all.
"""

import sys
import threading
from collections.abc import Callable
from types import ModuleType
from typing import Any, Generic, TypeVar

T = TypeVar("T")

_HOME = ModuleType("theory_once", "What `once` made; of no file, so that Streamlit's watcher of files never drops it.")
_made: dict[str, "once[Any]"] = sys.modules.setdefault(_HOME.__name__, _HOME).__dict__.setdefault("made", {})


class once(Generic[T]):  # noqa: N801  a decorator
    """Make a function one that is called once in the process; all get what it returned.

    Where a watcher of files has its module imported again, what the old one made is closed, if it can be, and made
    anew: it would be of old code.

    Parameters
    ----------
    function : callable
        Without arguments.
    """

    def __init__(self, function: Callable[[], T]) -> None:
        self._function = function
        self._lock = threading.Lock()
        self._results: list[T] = []
        name = f"{function.__module__}.{function.__qualname__}"
        if (old := _made.get(name)) is not None:
            old.forget()
        _made[name] = self

    def __call__(self) -> T:
        """What it returned."""
        with self._lock:
            if not self._results:
                self._results.append(self._function())
            return self._results[0]

    def forget(self) -> None:
        """Close what it returned, if that can be closed; the next call makes another."""
        with self._lock:
            for result in self._results:
                getattr(result, "close", lambda: None)()
            self._results.clear()
