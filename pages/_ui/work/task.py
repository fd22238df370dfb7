"""Something to compute: a function with its arguments, which a process of its own can be sent."""

import inspect
import pickle
from collections.abc import Callable, Hashable
from functools import cache, cached_property
from typing import Any, Generic, TypeVar

T = TypeVar("T")
Watch = Callable[[Any], bool]
"""Is given a report of progress, and says whether to go on."""


class Task(Generic[T]):
    """A function of a module with its arguments.

    Parameters
    ----------
    function : callable
        Found by its name in its module. Where it takes `watch`, it reports its progress to that.
    *arguments, **keywords
        Its arguments, hashable or with a `digest`.
    """

    def __init__(self, function: Callable[..., T], *arguments: Any, **keywords: Any) -> None:
        self.function, self.arguments, self.keywords = function, arguments, keywords

    @cached_property
    def key(self) -> Hashable:
        """The same for all calls that compute the same."""
        bound = _signature(self.function).bind_partial(*self.arguments, **self.keywords)
        bound.apply_defaults()
        given = ((name, getattr(value, "digest", value)) for name, value in bound.arguments.items() if name != "watch")
        return self.function.__module__, self.function.__qualname__, tuple(given)

    def pickled(self) -> bytes:
        """What a worker is sent."""
        return pickle.dumps((self.function, self.arguments, self.keywords), pickle.HIGHEST_PROTOCOL)

    def compute(self, watch: Watch | None = None) -> T:
        """Compute it here."""
        return call(self.function, self.arguments, self.keywords, watch)


def call(function: Callable[..., T], arguments: tuple[Any, ...], keywords: dict[str, Any], watch: Watch | None) -> T:
    """Call a function, with `watch` if it takes one."""
    if watch is not None and "watch" in _signature(function).parameters:
        keywords = keywords | {"watch": watch}
    return function(*arguments, **keywords)


@cache
def _signature(function: Callable[..., Any]) -> inspect.Signature:
    return inspect.signature(function)
