"""Presenting: one chart and its claim at a time, large, and the presets as a small talk."""

import streamlit as st

from core.claims import Claim
from core.figures.variants import without_measurement
from pages._ui import quiz
from pages._ui.chart import Chart, draw_chart
from pages._ui.claim import claim_cards
from pages._ui.controls import set_control
from pages._ui.page import Page, View
from pages._ui.panel import draw_controls, read_controls
from pages._ui.pins import with_pins
from pages._ui.text import literal

PRESENT, STAGE = "present", "stage"
"""Names in the address: whether somebody presents, and which chart is on."""
_TURNED = "stage_turned"


def is_on() -> bool:
    """Whether the page is being presented."""
    return st.query_params.get(PRESENT) == "1"


def enter() -> None:
    """Begin to present."""
    st.query_params[PRESENT] = "1"
    st.session_state[_TURNED] = True


def leave() -> None:
    """Back to the whole page."""
    for name in (PRESENT, STAGE):
        st.query_params.pop(name, None)
    st.session_state[_TURNED] = True


def is_turned() -> bool:
    """Whether somebody has just begun or ended to present, so that what stands around the body is to change too."""
    return bool(st.session_state.pop(_TURNED, False))


def draw(page: Page) -> None:
    """Draw the stage: the sentence to say, a chart, its claim, and the way on."""
    with st.container(key="stage"):
        section = page.section(page.tab.value())
        values = read_controls(section)
        preset = page.current_preset(section, values)
        st.header(page.presets[preset].sentence if preset else section.sentence or page.title, anchor=False)
        view = section.show(values) or View()
        charts = {chart.key: chart for chart in view.charts}
        chart = charts.get(st.query_params.get(STAGE, ""), next(iter(charts.values()), None))
        if chart is not None:
            predicting = quiz.is_predicting(page.key, values)
            figure = with_pins(page.key, section, values, chart)
            draw_chart(
                chart,
                without_measurement(figure, chart.name) if predicting else figure,
                fill=True,
                says=not predicting,
            )
            if predicting:
                quiz.draw_reveal(page.key, values)
            else:
                claim_cards("", _evidence(view, chart))
        elif view.below is not None:
            view.below()
    _draw_way(page, preset, list(charts), chart)


def _evidence(view: View, chart: Chart) -> list[Claim]:
    """The claims that a chart shows."""
    return [claim for claim in view.claims if chart.claim and claim.name.startswith(chart.claim)]


def _draw_way(page: Page, preset: str | None, charts: list[str], chart: Chart | None) -> None:
    """Draw the buttons: through the talk, through the charts, to the controls, and out."""
    names = list(page.presets)
    if preset is not None:
        st.session_state[f"{page.key}_step"] = names.index(preset)
    here = st.session_state.get(f"{page.key}_step", -1)
    with st.container(horizontal=True, vertical_alignment="center", key="way"):
        for label, key, step in (("Previous", "Left", here - 1), ("Next", "Right", here + 1)):
            st.button(
                label,
                key=f"{page.key}_{label.lower()}",
                shortcut=key,
                disabled=not 0 <= step < len(names),
                on_click=_go,
                args=(page, names[step % len(names)], step),
            )
        place = f"{here + 1} of {len(names)}: " if preset is not None else ""
        st.markdown(literal(f"{place}{preset or 'Your own setting'}"))
        if chart is not None and len(charts) > 1:
            number = charts.index(chart.key)
            st.button(
                f"Chart {number + 1} of {len(charts)}",
                key=f"{page.key}_chart",
                shortcut="Down",
                help="On to the next chart",
                on_click=_turn_to,
                args=(charts[(number + 1) % len(charts)],),
            )
        with st.popover("Controls", key=f"{page.key}_controls", on_change="rerun") as panel:
            if panel.open:
                draw_controls(page.section(page.tab.value()))
        st.button("Leave", key=f"{page.key}_leave", shortcut="Esc", type="tertiary", on_click=leave)


def _go(page: Page, name: str, step: int) -> None:
    """Go to a preset."""
    st.session_state[f"{page.key}_step"] = step
    st.query_params.pop(STAGE, None)
    apply_preset(page, name)


def _turn_to(chart: str) -> None:
    st.query_params[STAGE] = chart


def apply_preset(page: Page, name: str) -> None:
    """Set the controls to a preset and open its section; call it from a callback."""
    preset = page.presets[name]
    set_control(page.tab, preset.section.name)
    values = preset.values()
    for control in preset.section.parameters.values():
        set_control(control, values[control.key])
