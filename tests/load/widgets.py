"""What a browser tells the server of its widgets: the values at first, and others."""

import math
import random
from typing import Any

from streamlit.proto.WidgetStates_pb2 import WidgetState

_NUMBERS = 0  # sliders of numbers, others are of options
KINDS = ("slider", "selectbox", "button_group", "checkbox", "multiselect")
"""Widgets that have a value."""


def first_state(kind: str, element: Any) -> WidgetState:
    """What a browser sends of a widget that nobody has touched."""
    state = WidgetState(id=element.id)
    chosen = element.set_value
    if kind == "slider" and _of_numbers(element):
        state.double_array_value.data.extend(element.value if chosen else element.default)
    elif kind == "slider":
        places = [element.options[int(i)] for i in element.default]
        state.string_array_value.data.extend(element.raw_value if chosen and element.raw_value else places)
    elif kind == "selectbox":
        state.string_value = element.raw_value if chosen else element.options[element.default]
    elif kind == "checkbox":
        state.bool_value = element.value if chosen else element.default
    else:
        texts = options(kind, element)
        values = element.raw_values if chosen else [texts[i] for i in element.default]
        state.string_array_value.SetInParent()
        state.string_array_value.data.extend(values)
    return state


def options(kind: str, element: Any) -> list[Any]:
    """All values of a widget, as `state_of` takes them."""
    if kind == "checkbox":
        return [False, True]
    if kind == "slider" and _of_numbers(element):
        count = math.floor((element.max - element.min) / element.step + 1e-9)
        return [round(element.min + i * element.step, 10) for i in range(count + 1)]
    if kind == "button_group":
        return [option.content or option.content_icon for option in element.options]
    return list(element.options)


def state_of(kind: str, element: Any, value: Any) -> WidgetState:
    """What a browser sends of a widget that was set to a value."""
    state = WidgetState(id=element.id)
    if kind == "slider" and _of_numbers(element):
        state.double_array_value.data.append(value)
    elif kind == "selectbox":
        state.string_value = value
    elif kind == "checkbox":
        state.bool_value = value
    else:
        state.string_array_value.data.append(value)
    return state


def value_of(state: WidgetState) -> Any:
    """The value that a state says."""
    value = getattr(state, str(state.WhichOneof("value")))
    return next(iter(value.data)) if getattr(value, "data", None) else value


def key_of(element: Any) -> str:
    """Key of a widget, from its id: $$ID-hash-key; empty for what is none."""
    return getattr(element, "id", "").split("-", 2)[-1]


def another(kind: str, element: Any, state: WidgetState, rng: random.Random) -> WidgetState:
    """A state with another value."""
    values = [value for value in options(kind, element) if value != value_of(state)]
    return state_of(kind, element, rng.choice(values)) if values else state


def _of_numbers(element: Any) -> bool:
    return not element.options
