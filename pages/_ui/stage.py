"""Presenting: one chart and its claim at a time, large, and the presets as a small talk."""

from collections.abc import Collection

import streamlit as st

from core.claims import Claim
from core.figures.variants import without_measurement
from pages._ui import quiz
from pages._ui.chart import Chart, picture
from pages._ui.claim import claim_cards
from pages._ui.controls import set_control
from pages._ui.page import Page, Preset, Section, Values, View
from pages._ui.panel import draw_controls, draw_display, read_controls
from pages._ui.pins import with_pins
from pages._ui.plot import draw as draw_pictures
from pages._ui.runs import forget_earlier
from pages._ui.spelling import bare
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
    """Draw the stage: the sentence to say, a chart beside what it shows and its claim, and the way on."""
    section = page.section(page.tab.value())
    values = read_controls(section)
    name = page.current_preset(section, values)
    preset = page.presets[name] if name else Preset(section.sentence or page.title, section)
    quizzed = quiz.hides(section.parameters.values())
    with st.container(key="stage"):
        heading = st.container()
        view = section.show(values) or View()
        charts = {chart.key: chart for chart in view.charts}
        chart = charts.get(_wanted(page, charts, preset.chart), next(iter(charts.values()), None))
        predicting = chart is not None and quiz.is_predicting(page.key, values)
        said = quiz.HIDDEN if quizzed else preset.sentence
        heading.header(quiz.QUESTION if predicting else said, anchor=False)
        if chart is not None:
            begins = (preset.claim if chart.key == (preset.chart or next(iter(charts))) else "") or chart.claim
            claims = [claim for claim in view.claims if begins and claim.name.startswith(begins)]
            _draw_chart(page, section, values, chart, claims, predicting=predicting)
        elif view.below is not None:
            view.below()
    _draw_controls(page)
    _draw_way(page, name, list(charts), chart, quizzed=quizzed)


def _wanted(page: Page, charts: Collection[str], default: str) -> str:
    """The chart that the address asks for; one that is not there leaves the address, and is named if a link said it."""
    said, seen = st.query_params.get(STAGE, default), f"{page.key}_stage_seen"
    wanted = said if said in charts else bare(said)
    if charts and wanted not in charts and STAGE in st.query_params:
        if not st.session_state.get(seen):
            st.text(f"From the link: {STAGE}={said[:40]} is no chart here, showing another.")
        del st.query_params[STAGE]
        wanted = default
    if charts:  # what is still computed has none yet
        st.session_state[seen] = True
    return wanted


def _draw_chart(
    page: Page, section: Section, values: Values, chart: Chart, claims: list[Claim], *, predicting: bool
) -> None:
    """Draw a chart, and beside it what it shows and its claim, or the way to see them."""
    figure = with_pins(page.key, section, values, chart)
    left, right = st.columns([2.3, 1], gap="large")
    with left:
        shown = without_measurement(figure, chart.name) if predicting else figure
        draw_pictures([[picture(chart, shown, says=False)]], key="stage", fill=True)
    with right:
        if predicting:
            quiz.draw_reveal(page.key, values)
            return
        st.caption(literal(chart.sentence))
        if claims:
            claim_cards("", claims)


def _draw_way(page: Page, preset: str | None, charts: list[str], chart: Chart | None, *, quizzed: bool) -> None:
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
        st.markdown(literal("Quiz" if quizzed else f"{place}{preset or 'Your own setting'}"))
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
        st.button("Controls", key=f"{page.key}_adjust", on_click=_turn_controls, args=(page,))
        st.button("Leave", key=f"{page.key}_leave", shortcut="Esc", type="tertiary", on_click=leave)


def _go(page: Page, name: str, step: int) -> None:
    """Go to a preset."""
    st.session_state[f"{page.key}_step"] = step
    st.query_params.pop(STAGE, None)
    forget_earlier()
    apply_preset(page, name)


def _draw_controls(page: Page) -> None:
    """Draw the controls above the buttons; unseen they are there too, since one that vanishes leaves the address."""
    shown = st.session_state.get(f"{page.key}_controls")
    with st.container(key=f"adjust{'' if shown else '_later'}"):
        section = page.section(page.tab.draw())
        draw_controls(section)
        draw_display(section)


def _turn_controls(page: Page) -> None:
    name = f"{page.key}_controls"
    st.session_state[name] = not st.session_state.get(name)


def _turn_to(chart: str) -> None:
    st.query_params[STAGE] = chart


def apply_preset(page: Page, name: str) -> None:
    """Set the controls to a preset and open its section; call it from a callback."""
    preset = page.presets[name]
    set_control(page.tab, preset.section.name)
    values = preset.values()
    for control in preset.section.parameters.values():
        set_control(control, values[control.key])
