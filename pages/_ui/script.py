"""A short Python script that makes a figure again, with core alone."""

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from pages._ui.chart import Chart
from pages._ui.text import docstring
from pages._ui.work.task import Task

_PLAIN = (str, int, float, bool, type(None))
_TEMPLATE = '''"""{name}: this figure, made again by `core` alone.

{link}

Run it from the project's folder, with requirements.txt installed; it writes {key}.html beside itself.
"""

import sys
from pathlib import Path

sys.path.insert(0, ".")  # the project's folder

{imports}

study = {study}
result = study.result
figure = {figure}
figure.write_html(Path(__file__).with_name("{key}.html"))
print(f"{{len(figure.data)}} traces, in {key}.html")
'''


def script(chart: Chart, source: Task[Any], study: Any, link: str) -> str:
    """Text of a script.

    Parameters
    ----------
    chart : Chart
        The chart.
    source : Task
        Computes the study.
    study : object
        What it returned; arguments of the chart's call that are fields of it, or of its result, are named so.
    link : str
        Address of the page as it stands.

    Returns
    -------
    str
        Python.

    Raises
    ------
    TypeError
        If an argument is neither a field, nor a call, nor made of plain values and dataclasses of core.
    """
    writer = _Writer(dict(_named("study", study)))
    study_text, figure_text = writer.text(source), writer.text(chart.call)
    return _TEMPLATE.format(
        name=docstring(chart.name),
        link=docstring(link),
        key=chart.key,
        imports=writer.imports(),
        study=study_text,
        figure=figure_text,
    )


def _named(name: str, value: Any) -> Iterator[tuple[int, str]]:
    """Identity and expression of an object and all that it is made of; the result of a study has a short name."""
    if isinstance(value, _PLAIN):
        return
    yield id(value), name
    if is_dataclass(value):
        for one in fields(value):
            below = "result" if (name, one.name) == ("study", "result") else f"{name}.{one.name}"
            yield from _named(below, getattr(value, one.name))
    elif isinstance(value, tuple):
        for i, part in enumerate(value):
            yield from _named(f"{name}[{i}]", part)


class _Writer:
    """Writes expressions, and keeps what they need imported.

    Parameters
    ----------
    known : dict
        Expressions of objects that are there, by identity.
    """

    def __init__(self, known: dict[int, str]) -> None:
        self._known = known
        self._imported: dict[str, set[str]] = {}

    def imports(self) -> str:
        return "\n".join(
            f"from {module} import {', '.join(sorted(names))}" for module, names in sorted(self._imported.items())
        )

    def text(self, value: Any) -> str:
        """An expression for a value."""
        if isinstance(value, _PLAIN):
            return repr(value)
        if id(value) in self._known:
            return self._known[id(value)]
        if isinstance(value, Task):
            keywords = [f"{name}={self.text(part)}" for name, part in value.keywords.items()]
            return f"{self._import(value.function)}({', '.join([*map(self.text, value.arguments), *keywords])})"
        if isinstance(value, Mapping):
            return "{" + ", ".join(f"{self.text(key)}: {self.text(part)}" for key, part in value.items()) + "}"
        if isinstance(value, list | tuple):
            inside = ", ".join(map(self.text, value))
            return f"[{inside}]" if isinstance(value, list) else f"({inside}{',' if len(value) == 1 else ''})"
        if is_dataclass(value) and not isinstance(value, type):
            parts = ", ".join(f"{one.name}={self.text(getattr(value, one.name))}" for one in fields(value))
            return f"{self._import(type(value))}({parts})"
        raise TypeError(f"no expression for {type(value).__name__}")

    def _import(self, what: Any) -> str:
        """Name of a function or a class, which the script imports."""
        name: str = what.__name__
        self._imported.setdefault(what.__module__, set()).add(name)
        return name
