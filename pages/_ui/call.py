"""A figure that is still to be made: drawn here, and written down in a script that makes it again."""

from collections.abc import Callable
from functools import cached_property
from typing import Any, Self

from pages._ui.work.task import Task


class Call(Task[Any]):
    """A call that is made once, when its value is asked for; calls among its arguments stand for their values."""

    @classmethod
    def known(cls, value: Any, function: Callable[..., Any], *arguments: Any) -> Self:
        """A call whose value is known already."""
        made = cls(function, *arguments)
        made.__dict__["value"] = value
        return made

    @cached_property
    def value(self) -> Any:
        """What the function returns."""
        keywords = {name: _value(argument) for name, argument in self.keywords.items()}
        return self.function(*map(_value, self.arguments), **keywords)


def _value(argument: Any) -> Any:
    return argument.value if isinstance(argument, Call) else argument
