"""Controls that are bound to the address: drawn, snapped to their grid and checked in one place."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import streamlit as st
from streamlit.errors import StreamlitAPIException

from pages._ui.spelling import bare, folded, number, spellings

_ON, _OFF = ("true", "on", "yes", "1"), ("false", "off", "no", "0")


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """A parameter of a page.

    Attributes
    ----------
    key : str
        Name in the address, unique in the app.
    label : str
        What people read.
    default : object
        Value where the address says nothing.
    help : str
        A sentence on hover.
    on_change : callable or None
        Called when a visitor moves it, before the page runs.
    """

    key: str
    label: str
    default: Any
    help: str = ""
    on_change: Callable[[], None] | None = None

    def _shared(self) -> dict[str, Any]:
        """Arguments that every widget takes."""
        change = {} if self.on_change is None else {"on_change": self.on_change}
        return {
            "key": self.key,
            "help": self.help or None,
            "bind": "query-params",
            "persist_state": "session",
            **change,
        }

    def draw(self) -> Any:
        """Draw the control and return its value, always one that it allows."""
        raise NotImplementedError

    def value(self) -> Any:
        """The value as it stands, without drawing the control."""
        held = st.session_state.get(self.key)
        if held is None and (texts := st.query_params.get_all(self.key)):
            held = self.parse(texts[-1])
        return self.default if held is None else self.snap(held)

    def snap(self, value: Any) -> Any:
        """The nearest value that is allowed."""
        return value

    def parse(self, text: str) -> Any:
        """Value that a text in the address stands for, however it is spelled; the nearest one to it, or None."""
        read = (self._read(spelling) for spelling in spellings(text))
        return next((value for value in read if value is not None), None)

    def _read(self, text: str) -> Any:
        """Value that a text says, without what may stand around it; or None."""
        raise NotImplementedError

    def text(self, value: Any) -> str:
        """A value as the address carries it."""
        return str(value)

    def means(self, text: str, value: Any) -> bool:
        """Whether a text says a value, and not only one near it."""
        return bool(self.parse(text) == value)

    def allowed(self) -> str:
        """What is allowed, in words."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice(Control):
    """One of some options.

    Attributes
    ----------
    options : mapping
        Value to label.
    widget : str
        "select", "segmented" or "slider".
    quiet : bool
        Whether the label is for screen readers only.
    """

    options: Mapping[Any, str]
    widget: str = "select"
    quiet: bool = False

    def draw(self) -> Any:
        """Draw as a list, a row of buttons or a slider."""
        values = list(self.options)
        if st.session_state.get(self.key, self.default) not in self.options:  # as an empty text in the address
            st.session_state[self.key] = self.default
        shared = {**self._shared(), "format_func": self.options.__getitem__}
        shared["label_visibility"] = "collapsed" if self.quiet else "visible"
        if self.widget == "segmented":
            value = st.segmented_control(self.label, values, default=self.default, required=True, **shared)
        elif self.widget == "slider":
            value = st.select_slider(self.label, values, value=self.default, **shared)
        else:
            value = st.selectbox(self.label, values, index=values.index(self.default), **shared)
        return self.snap(value)

    def snap(self, value: Any) -> Any:
        """An option."""
        return value if value in self.options else self.default

    def text(self, value: Any) -> str:
        """The label."""
        return self.options[value]

    def _read(self, text: str) -> Any:
        """The option that is spelled so, or that is the same number; labels outrank values, as 10⁻⁵ does −5."""
        for words in (self.options.__getitem__, str):
            for value in self.options:
                if folded(text) in (folded(words(value)), folded(bare(words(value)))):
                    return value
        said = number(text)
        for words in (self.options.__getitem__, str):
            for value in self.options:
                if said is not None and number(words(value)) == said:
                    return value
        return None

    def allowed(self) -> str:
        """The options."""
        return ", ".join(self.options.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Number(Control):
    """A number on a grid.

    Attributes
    ----------
    low, high, step : int or float
        The grid; integers for a control of integers.
    format : str
        printf format of the slider.
    """

    low: float
    high: float
    step: float
    format: str | None = None

    def draw(self) -> Any:
        """Draw as a slider."""
        held = st.session_state.get(self.key, self.default)
        if held != self.snap(held):
            st.session_state[self.key] = self.snap(held)
        ends = self.low, self.high, self.default, self.step
        return self.snap(st.slider(self.label, *ends, format=self.format, **self._shared()))

    def snap(self, value: float) -> Any:
        """Nearest point of the grid."""
        steps = round((min(max(value, self.low), self.high) - self.low) / self.step)
        snapped = self.low + steps * self.step
        return int(snapped) if isinstance(self.step, int) else round(snapped, 10)

    def text(self, value: float) -> str:
        """The number without trailing zeros."""
        return f"{value:g}"

    def means(self, text: str, value: Any) -> bool:
        """Whether the text is that number."""
        return Decimal(str(value)) in map(number, spellings(text))

    def _read(self, text: str) -> Any:
        """The nearest point of the grid, for a number between its ends."""
        said = number(text)
        return self.snap(float(said)) if said is not None and self.low <= float(said) <= self.high else None

    def allowed(self) -> str:
        """Ends and step."""
        return f"{self.low:g} to {self.high:g} in steps of {self.step:g}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Switch(Control):
    """On or off."""

    def draw(self) -> Any:
        """Draw as a toggle."""
        return bool(st.toggle(self.label, self.default, **self._shared()))

    def text(self, value: bool) -> str:
        """The value as the address carries it."""
        return str(value).lower()

    def _read(self, text: str) -> Any:
        """The truth value."""
        said = text.lower()
        return said in _ON if said in (*_ON, *_OFF) else None

    def allowed(self) -> str:
        """The two values."""
        return "true or false"


def set_control(control: Control, value: Any) -> None:
    """Set a control, and the address where no widget does it; call it from a callback, before the control is drawn.

    A widget writes its own changes to the address, but not a value that was set before it was first drawn.
    """
    st.session_state[control.key] = value
    with suppress(StreamlitAPIException):  # raised where a widget on the page owns the parameter, and writes it
        if value == control.default:
            st.query_params.pop(control.key, None)
        else:
            st.query_params[control.key] = control.text(value)
