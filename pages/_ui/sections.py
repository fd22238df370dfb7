"""A page of sections, one open at a time, each with controls of its own, and the presets that lead through them."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from pages._ui.claim import verdict_strip
from pages._ui.controls import Choice, Control, check_address, set_control

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One tab of a page.

    Attributes
    ----------
    name : str
        Of the tab, and in the address.
    controls, more : dict of str to Control
        By the parameters' names: those always seen, and those under "More".
    draw : callable
        Draws the section from the controls' values by name.
    idle : callable
        Names of the controls that play no part, from the values of those above them: they are not drawn, and have
        their defaults.
    aside : callable or None
        Draws above the controls.
    sentence : str
        What to say where no preset belongs to the section.
    """

    name: str
    controls: dict[str, Control]
    draw: Callable[[Values], None]
    more: dict[str, Control] = field(default_factory=dict)
    idle: Callable[[Values], Collection[str]] = lambda _: ()
    aside: Callable[[], None] | None = None
    sentence: str = ""

    @property
    def parameters(self) -> dict[str, Control]:
        """All controls of the section."""
        return self.controls | self.more


@dataclass(frozen=True, slots=True)
class Preset:
    """A situation worth showing.

    Attributes
    ----------
    sentence : str
        What to say.
    section : Section
        Where it is seen.
    changes : dict of str to object
        What differs from the section's defaults, by the parameters' names.
    """

    sentence: str
    section: Section
    changes: dict[str, Any] = field(default_factory=dict)


def draw_sections(key: str, sections: Sequence[Section], presets: Mapping[str, Preset]) -> None:
    """Draw presets, tabs, controls and the open section.

    Parameters
    ----------
    key : str
        Prefix of the page's parameters in the address.
    sections : sequence of Section
        In the tabs' order; sections may share controls.
    presets : mapping of str to Preset
        By name, in order.
    """
    names = {section.name: section.name for section in sections}
    tab = Choice(key=f"{key}_section", label="Section", default=sections[0].name, options=names)
    controls = {control.key: control for section in sections for control in section.parameters.values()}
    check_address([tab, *controls.values()], key=key)
    _body(key, sections, presets)


@st.fragment
def _body(key: str, sections: Sequence[Section], presets: Mapping[str, Preset]) -> None:
    """Everything that a control may change."""
    situations = st.container(key=f"{key}_situations")
    left, right = st.columns([1, 3.2], gap="large")
    with right:
        tabs = st.tabs([section.name for section in sections], key=f"{key}_section", bind="query-params")
    index = next((i for i, tab in enumerate(tabs) if tab.open), 0)
    section = sections[index]
    with left, st.container(key="controls"):
        values = _draw_controls(section)
    with situations:
        _draw_presets(key, section, values, presets)
    with tabs[index], verdict_strip():
        section.draw(values)


def _draw_controls(section: Section) -> dict[str, Any]:
    """Draw the controls that play a part; return the values of all by their names."""
    values: dict[str, Any] = {}
    if section.aside is not None:
        section.aside()
    for name, control in section.controls.items():
        values[name] = control.default if name in section.idle(values) else control.draw()
    if section.more:
        idle = section.idle(values)
        values |= {name: control.default for name, control in section.more.items() if name in idle}
        with st.expander("More"):
            values |= {name: control.draw() for name, control in section.more.items() if name not in idle}
    return values


def _draw_presets(key: str, section: Section, values: Values, presets: Mapping[str, Preset]) -> None:
    """Draw the section's presets, with the sentence of the one that the controls stand at, whatever the seeds."""
    presets = {name: preset for name, preset in presets.items() if preset.section is section}
    if not presets:
        st.caption(section.sentence)
        return
    defaults = {name: control.default for name, control in section.parameters.items() if not name.endswith("seed")}
    current = next((n for n, p in presets.items() if values.items() >= (defaults | p.changes).items()), None)
    st.session_state[f"{key}_preset"] = current
    st.pills(
        "Situations",
        list(presets),
        key=f"{key}_preset",
        on_change=_apply_preset,
        args=(key, presets),
        label_visibility="collapsed",
        wrap=False,
    )
    st.caption(presets[current].sentence if current else "Your own setting.")


def _apply_preset(key: str, presets: Mapping[str, Preset]) -> None:
    name = st.session_state[f"{key}_preset"]
    if name is not None:
        for parameter, control in presets[name].section.parameters.items():
            set_control(control, presets[name].changes.get(parameter, control.default))
