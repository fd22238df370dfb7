"""A page as one file that needs nothing else: parameters, charts, claims, link and versions."""

from dataclasses import dataclass
from html import escape
from importlib.metadata import version
from platform import python_version

from plotly.offline import get_plotlyjs

from core.claims import Claim
from core.notation import number
from pages._ui.chart import Chart, on_paper
from pages._ui.claim import face
from pages._ui.mathml import mathml, with_formulas
from pages._ui.page import Page, Shown
from pages._ui.plot import CONFIG

_LIBRARIES = ("streamlit", "plotly", "numpy", "scipy", "pandas")
_STYLE = """
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #1f242b; background: #fdfcf9;
  font: 16px/1.5 "Source Sans 3", "Source Sans Pro", system-ui, sans-serif; }
h1, h2, h3 { font-family: "Source Serif 4", "Source Serif Pro", Georgia, serif; line-height: 1.25; }
table { border-collapse: collapse; }
th, td { text-align: left; padding: 0.15rem 1.2rem 0.15rem 0; font-weight: normal; }
th { color: #5b626c; } figure { margin: 1.5rem 0; } figcaption, .quiet { color: #5b626c; }
.claim { border-left: 3px solid #858b94; padding-left: 0.8rem; margin: 1.2rem 0; break-inside: avoid; }
.claim.holds { border-color: #00916b; }
.claim.violated { border-color: #d55e00; } .claim p { margin: 0.2rem 0; }
a { overflow-wrap: anywhere; }
math { font-size: 1.1em; }
"""


@dataclass(frozen=True, slots=True, eq=False)
class Report:
    """What a section shows now, for a file.

    Attributes
    ----------
    page, shown
        The page, and what is on it.
    address : str
        Link that opens it.
    """

    page: Page
    shown: Shown
    address: str

    def html(self) -> bytes:
        """The file; words of visitors in it are escaped."""
        title = f"{self.page.title}: {self.shown.section.name}"
        parts = (
            f"<h1>{escape(title)}</h1>",
            self._said(),
            f'<p>Link: <a href="{escape(self.address)}">{escape(self.address)}</a></p>',
            '<p class="quiet">It was made from data that are not in the link.</p>' * (self.shown.view.source is None),
            *(_figure(chart, i) for i, chart in enumerate(self.shown.view.charts)),
            *([f"<h2>{escape(self.shown.view.heading)}</h2>"] if self.shown.view.claims else []),
            *map(_claim, self.shown.view.claims),
            "<h2>Parameters</h2>",
            self._parameters(),
            f'<p class="quiet">Theory is dashed, measurement solid or in points. {escape(versions())}.</p>',
        )
        body = "\n".join(parts)
        head = (
            f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{escape(title)}</title>'
        )
        head += f"<style>{_STYLE}</style><script>{get_plotlyjs()}</script>"
        return f'<!doctype html><html lang="en"><head>{head}</head><body>{body}</body></html>'.encode()

    def _said(self) -> str:
        """The sentence of the preset at which the controls stand."""
        name = self.page.current_preset(self.shown.section, self.shown.values)
        return f"<p><b>{escape(name)}.</b> {escape(self.page.presets[name].sentence)}</p>" if name else ""

    def _parameters(self) -> str:
        idle = self.shown.section.idle(self.shown.values)
        rows = [
            f"<tr><th>{escape(control.label)}</th><td>{escape(control.text(self.shown.values[name]))}</td></tr>"
            for name, control in self.shown.section.parameters.items()
            if name not in idle
        ]
        return f"<table>{''.join(rows)}</table>"


def versions() -> str:
    """What made the numbers."""
    return ", ".join((f"Python {python_version()}", *(f"{name} {version(name)}" for name in _LIBRARIES)))


def _figure(chart: Chart, position: int) -> str:
    drawn = on_paper(chart.figure).update_layout(paper_bgcolor="rgba(0,0,0,0)", plot_bgcolor="rgba(0,0,0,0)")
    picture = drawn.to_html(config=dict(CONFIG), full_html=False, include_plotlyjs=False, div_id=f"figure-{position}")
    return (
        f'<figure aria-label="{escape(chart.alt)}">{picture}<figcaption>{escape(chart.sentence)}</figcaption></figure>'
    )


def _claim(claim: Claim) -> str:
    style, sign, words = face(claim)
    missing = " · ".join(a.text for a in claim.assumptions if not a.met)
    met = " · ".join(a.text for a in claim.assumptions if a.met)
    bound = claim.allowed or f"tolerance {number(claim.tolerance)} {claim.unit}".strip()
    lines = (
        f"<b>{escape(claim.name)}</b> {sign} {words}",
        mathml(claim.formula),
        *([f"<b>premise not met</b>: {escape(missing)}"] if missing else []),
        f"predicted: {escape(claim.predicted)}",
        f"measured: {escape(claim.measured)}",
        with_formulas(claim.why),
        f'<span class="quiet">{escape(f"premises met: {met}. " if met else "")}{escape(bound)}</span>',
    )
    return f'<div class="claim {style}">{"".join(f"<p>{line}</p>" for line in lines)}</div>'
