"""What a page is made of: sections with their controls, what they show, and the presets that lead through them."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import streamlit as st

from core.claims import Claim
from pages._ui.address import link
from pages._ui.chart import Chart
from pages._ui.controls import Choice, Control
from pages._ui.work.task import Task

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class View:
    """What a section shows for some values of its controls.

    Attributes
    ----------
    rows : sequence of sequences of Chart
        From top to bottom, each from left to right; the first chart is the main one.
    heading : str
        Of the claims.
    claims : sequence of Claim
        What theory says, and how it fares.
    study : object
        What the charts are drawn from; they are made again by `source` and named by its fields in scripts.
    source : Task or None
        Computes the study; None where it needs what is not in the link.
    private : Task or None
        In place of `source` where the study is made from data that are not in the link.
    below : callable or None
        Draws what comes after the claims.
    """

    rows: Sequence[Sequence[Chart]] = ()
    heading: str = ""
    claims: Sequence[Claim] = ()
    study: Any = None
    source: Task[Any] | None = None
    private: Task[Any] | None = None
    below: Callable[[], None] | None = None

    @property
    def charts(self) -> list[Chart]:
        """All charts, in reading order."""
        return [chart for row in self.rows for chart in row]


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One tab of a page.

    Attributes
    ----------
    name : str
        Of the tab, and in the address.
    show : callable
        What is shown for the controls' values by name; None where that is nothing. It may draw notices and inputs
        above the charts.
    controls, more, display : dict of str to Control
        By the parameters' names: those always seen, those under "More", and those above the charts, which change how
        a result is drawn.
    idle : callable
        Names of the controls that play no part, from the values of those above them: they are not drawn, and have
        their defaults.
    aside, after : callable or None
        Draw above and below the controls.
    sentence : str
        What to say where no preset belongs to the section.
    measures : bool
        Whether it has charts with a measurement, which a quiz may hide.
    """

    name: str
    show: Callable[[Values], View | None]
    controls: dict[str, Control] = field(default_factory=dict)
    more: dict[str, Control] = field(default_factory=dict)
    display: dict[str, Control] = field(default_factory=dict)
    idle: Callable[[Values], Collection[str]] = lambda _: ()
    aside: Callable[[], None] | None = None
    after: Callable[[], None] | None = None
    sentence: str = ""
    measures: bool = True

    @property
    def parameters(self) -> dict[str, Control]:
        """All controls of the section."""
        return self.controls | self.more | self.display


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
    chart, claim : str
        In a talk: key of the chart to begin with, and how the name of its claim begins; empty for the section's first
        chart, and for the chart's own claim.
    """

    sentence: str
    section: Section
    changes: dict[str, Any] = field(default_factory=dict)
    chart: str = ""
    claim: str = ""

    def values(self) -> dict[str, Any]:
        """Values of all of the section's parameters, by the controls' keys."""
        parameters = self.section.parameters.items()
        return {control.key: self.changes.get(name, control.default) for name, control in parameters}

    def is_at(self, values: Values) -> bool:
        """Whether the controls stand at it, whatever the seeds that it does not name, and however it is displayed."""
        computed = self.section.controls | self.section.more
        return all(
            values[name] == self.changes.get(name, control.default)
            for name, control in computed.items()
            if name in self.changes or not name.endswith("seed")
        )


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """What is on a page: the section, its values by the parameters' names, and the view."""

    section: Section
    values: dict[str, Any]
    view: View


@dataclass(frozen=True, eq=False, kw_only=True)
class Page:
    """A page of sections, one open at a time.

    Attributes
    ----------
    key : str
        Prefix of the page's parameters in the address.
    path : str
        Last part of the page's address.
    title, lead : str
        The claim of the page; the lead is Markdown.
    sections : sequence of Section
        In the tabs' order; sections may share controls.
    presets : mapping of str to Preset
        By name, in the order of a talk.
    """

    key: str
    path: str
    title: str
    lead: str
    sections: Sequence[Section]
    presets: Mapping[str, Preset]

    @cached_property
    def tab(self) -> Choice:
        """The parameter that says which section is open."""
        names = {section.name: section.name for section in self.sections}
        return Choice(key=f"{self.key}_section", label="Section", default=self.sections[0].name, options=names)

    @cached_property
    def controls(self) -> list[Control]:
        """All parameters of the page, each once."""
        found = {control.key: control for section in self.sections for control in section.parameters.values()}
        return [self.tab, *found.values()]

    def remember(self, shown: Shown) -> None:
        """Keep what is on the page, for what is done with it later."""
        st.session_state[f"{self.key}_shown"] = shown

    def shown(self) -> Shown | None:
        """What is on the page; None before it was drawn."""
        shown: Shown | None = st.session_state.get(f"{self.key}_shown")
        return shown

    def section(self, name: str) -> Section:
        """The section of a name."""
        return next(section for section in self.sections if section.name == name)

    def current_preset(self, section: Section, values: Values) -> str | None:
        """Name of the preset at which a section's controls stand."""
        here = (name for name, one in self.presets.items() if one.section is section and one.is_at(values))
        return next(here, None)

    def preset_link(self, name: str) -> str:
        """Query of the link that opens a preset."""
        preset = self.presets[name]
        return link(self.controls, {self.tab.key: preset.section.name, **preset.values()})
