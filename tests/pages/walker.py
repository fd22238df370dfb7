"""A visitor who tries everything, at random, and looks at whether the page is right."""

import math
import os
import random
import re
from dataclasses import dataclass, field, fields, is_dataclass
from html import unescape
from typing import Any

from streamlit.testing.v1 import AppTest

from core.claims import Claim
from pages._ui.controls import Choice, Control, Number
from pages._ui.page import Page, Section, View
from tests.pages.charts import boards, drawn, said

STEPS = int(os.environ.get("WALK_STEPS", "30"))
"""Of a walk; `python -m tests.load` asks for more."""
SLOW = ("nc_net_epochs", "nc_net_width", "gf_target")  # controls that are left alone: they only make runs longer
PANELS = ("save", "quiz", "tables", "controls", "more")
NO_NUMBER = re.compile(r"(?<![\w\\])(nan|NaN|inf|Infinity)(?!\w)")
CARD = re.compile(r'<div id="claim-\d+" class="claim \w+" role="group" aria-label="(.*): ([a-z; ]+)">')
CHIP = re.compile(r'<a class="chip \w+" href="#claim-\d+" title="([a-z; ]+)">. (.*?)</a>')
_LONG = ("study_flow", "study_digits")  # are computed again after one step in
_SELDOM = 8


@dataclass
class Shot:
    """What a section showed."""

    page: Page
    section: Section
    values: dict[str, Any]
    view: View


@dataclass
class Walker:
    """A visitor of a page.

    Attributes
    ----------
    app : AppTest
        The page.
    seed : int
        Of what the visitor does.
    shots : list of Shot
        Is given what sections show.
    """

    app: AppTest
    seed: int
    shots: list[Shot]
    steps: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.rng = random.Random(self.seed)

    def step(self) -> None:
        """Do something, and look."""
        shot = self.shots[-1]
        self.shots.clear()
        acts = (self._move, self._tab, self._preset, self._press, self._panel)
        act = self.rng.choices(acts, weights=(60, 8, 10, 17, 5))[0]
        self.steps.append(act.__name__)
        act(shot)
        self.look()
        self.shots[:] = self.shots[-1:] or [shot]  # while somebody presents, sections are drawn elsewhere

    def _keys(self) -> set[str]:
        kinds = ("slider", "select_slider", "selectbox", "toggle", "button_group")
        return {widget.key for kind in kinds for widget in getattr(self.app, kind)}

    def _move(self, shot: Shot) -> None:
        there = self._keys()
        free = [one for one in shot.section.parameters.values() if one.key in there and one.key not in SLOW]
        if not free:
            return self._tab(shot)
        control = self.rng.choice(free)
        value = some_value(control, self.rng)
        self.steps.append(f"{control.key}={value}")
        widget = next(one for kind in WIDGETS for one in getattr(self.app, kind) if one.key == control.key)
        widget.set_value(value).run()
        return None

    def _tab(self, shot: Shot) -> None:
        name = self.rng.choice(shot.page.sections).name
        self.steps.append(name)
        self.app.session_state[shot.page.tab.key] = self.app.query_params[shot.page.tab.key] = name
        self.app.run()

    def _preset(self, shot: Shot) -> None:
        pills = [group for group in self.app.button_group if group.key == f"{shot.page.key}_preset"]
        if not pills:
            return self._tab(shot)
        name = self.rng.choice(pills[0].options)
        self.steps.append(name)
        pills[0].set_value(name).run()
        return None

    def _press(self, shot: Shot) -> None:
        button = self.rng.choice([one for one in self.app.button if not one.disabled])
        self.steps.append(f"press {button.key or button.label}")
        button.click().run()

    def _panel(self, shot: Shot) -> None:
        key = f"{shot.page.key}_{self.rng.choice(PANELS)}"
        self.steps.append(key)
        is_open = key in self.app.session_state and bool(self.app.session_state[key])
        self.app.session_state[key] = not is_open
        self.app.run()

    def look(self) -> None:
        """Whether there is an error, a number that is none, or a claim that is not what was computed."""
        told = f"seed {self.seed}, step {len(self.steps)}: {self.steps[-12:]}"
        assert not self.app.exception, f"{told}\n{self.app.exception[0].value}"
        words = texts(self.app)
        for text in (*words, *chart_texts(self.app)):
            assert not NO_NUMBER.search(text), f"{told}\n{text}"
        for shot in self.shots[-1:]:
            if shot.view.claims and any('class="claims"' in text for text in words):  # else they are to be guessed
                check_cards(shot.view.claims, words, told)
            source = shot.view.source
            if source is not None and (source.function.__name__ not in _LONG or self.rng.randrange(_SELDOM) == 0):
                check_claims(shot, told)


WIDGETS = ("slider", "select_slider", "selectbox", "toggle", "button_group")


def some_value(control: Control, rng: random.Random) -> Any:
    """Any value of a control."""
    if isinstance(control, Number):
        return control.snap(rng.uniform(control.low, control.high))
    return rng.choice(list(control.options)) if isinstance(control, Choice) else rng.random() < 0.5


def texts(app: AppTest) -> list[str]:
    """What is written on a page."""
    kinds = ("title", "header", "subheader", "markdown", "caption", "text", "info", "warning", "error")
    written = [str(element.value) for kind in kinds for element in getattr(app, kind)]
    return [*written, *(board["above"] for board in boards(app)), *said(app)]


def chart_texts(app: AppTest) -> list[str]:
    """What is written in charts."""
    found = []
    for chart in drawn(app):
        layout, data = chart["figure"]["layout"], chart["figure"]["data"]
        found += [str(layout.get("title", {}).get("text")), *(str(trace.get("name")) for trace in data)]
        found += [str(note.get("text")) for note in layout.get("annotations", ())]
    return found


def expected_words(claim: Claim) -> str:
    """The verdict as the page has to say it, from residual, tolerance and assumptions."""
    met, is_so = all(assumption.met for assumption in claim.assumptions), claim.residual <= claim.tolerance
    if math.isnan(claim.residual):
        return "not measured" if met else "premise unmet; not measured"
    if met:
        return "holds" if is_so else "violated"
    return f"premise unmet; conclusion {'holds' if is_so else 'fails'}"


def check_cards(claims: Any, words: list[str], told: str) -> None:
    """Cards and chips say of each claim what its numbers say."""
    expected = [(claim.name, expected_words(claim)) for claim in claims]
    cards = next(text for text in words if '<div class="claims">' in text).replace("\N{NO-BREAK SPACE}", " ")
    assert CARD.findall(cards) == expected, told
    chips = next(text for text in words if 'class="chips"' in text)
    assert [(unescape(name), verdict) for verdict, name in CHIP.findall(chips)] == expected, told
    for claim in claims:
        assert f"predicted: {claim.predicted}<br>measured: {claim.measured}" in cards, told


def check_claims(shot: Shot, told: str) -> None:
    """The claims are those of the parameters on screen, computed anew."""
    source = shot.view.source
    assert source is not None
    other = {"angle", *shot.section.idle(shot.values)}  # degrees on screen, and names of what plays no part
    for params in filter(is_dataclass, source.arguments):
        for one in fields(params):
            if one.name in shot.values.keys() - other:
                assert getattr(params, one.name) == shot.values[one.name], f"{told}: {one.name}"
    study = source.function(*source.arguments, **source.keywords)
    fresh = {repr(claim) for one in fields(study) for claim in _claims(getattr(study, one.name))}
    assert fresh >= {repr(claim) for claim in shot.view.claims}, told


def _claims(value: Any) -> list[Claim]:
    return [one for one in value if isinstance(one, Claim)] if isinstance(value, tuple) else []
