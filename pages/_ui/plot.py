"""Figures on nodes that stay: Plotly's own JavaScript, served by this app, redraws charts in place.

All charts of a section go to the browser in one component, with the verdicts above them and the sentences below: each
component costs the server as much as ten plain elements, in every rerun.
"""

import gzip
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import get_ident

import plotly.graph_objects as go
import streamlit as st
from plotly.io import from_json
from plotly.offline import get_plotlyjs, get_plotlyjs_version
from plotly.utils import PlotlyJSONEncoder
from streamlit.components.v1 import declare_component

from pages._ui.browser import held
from pages._ui.text import literal
from pages._ui.work.once import once

_HERE = Path(__file__).parent
_CODE = (_HERE / "plot.js").read_bytes()
_CODE_NAME = f"plot-{sha256(_CODE).hexdigest()[:12]}.js"
_LIBRARY_NAME = f"plotly-{get_plotlyjs_version()}.js.gz"
_SERVED = f"component/{__name__}.library"
_MOUNT = st.components.v2.component(
    "plot",
    js=(_HERE / "mount.js").read_text(encoding="utf-8").replace("PLACE", f"{_SERVED}/{_CODE_NAME}"),
    isolate_styles=False,
)
_HOLD = st.components.v2.component(
    "hold", js="export default ({ data }) => Object.assign(document.documentElement.dataset, data);"
)
_PLAIN = "charts_plain"

CONFIG = {
    "displaylogo": False,
    "scrollZoom": False,
    "showSendToCloud": False,  # nothing leaves the app
    "modeBarButtonsToRemove": [
        *("select2d", "lasso2d", "autoScale2d", "zoomIn2d", "zoomOut2d"),
        *("zoom3d", "pan3d", "orbitRotation", "resetCameraLastSave3d"),
    ],
    "toImageButtonOptions": {"scale": 2},
}
"""Plotly's configuration of every chart."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A figure in its place, as it goes to the browser.

    Attributes
    ----------
    name : str
        Whose place it takes, and of its files.
    alt : str
        What it is, for those who do not see it.
    says : str
        What it shows now, below it. Words of visitors may be in it.
    figure : str
        The figure as JSON, in one line; its layout has a height.
    """

    name: str
    alt: str
    says: str
    figure: str


def picture_of(figure: go.Figure, *, name: str, alt: str, says: str = "") -> Picture:
    """Make a picture of a figure; the parameters are the picture's."""
    return Picture(name, alt, says, json.dumps(figure.to_dict(), cls=PlotlyJSONEncoder))


def draw(
    rows: Sequence[Sequence[Picture]],
    *,
    key: str,
    fill: bool = False,
    above: str = "",
    link: str = "",
) -> None:
    """Draw figures in place of those before, or by `st.plotly_chart` where the browser cannot.

    Parameters
    ----------
    rows : sequence of sequences of Picture
        From top to bottom, each from left to right.
    key : str
        Whose place they take.
    fill : bool
        Whether they take the height that the screen has, in place of the layout's, and larger type and thicker lines
        on a wide one.
    above : str
        HTML of the program's own, never a visitor's.
    link : str
        Query of the page's link, which the browser keeps for the buttons that copy it; empty for none.
    """
    library = _library()
    if library is None or st.session_state.get(_PLAIN):
        _draw_plainly(rows, key, above, link)
        return
    texts = [[{"name": one.name, "alt": one.alt, "says": one.says} for one in row] for row in rows]
    head = {"library": library, "config": CONFIG, "fill": fill, "above": above, "link": link, "rows": texts}
    head["held"] = ",".join(held())
    lines = [json.dumps(head), *(one.figure for row in rows for one in row)]
    place = "plot" if rows else "bare"  # the first keeps room until the charts are there
    _MOUNT(key=f"{place}_{key}", data="\n".join(lines).encode(), height="content", on_failed_change=_fall_back)


def _draw_plainly(rows: Sequence[Sequence[Picture]], key: str, above: str, link: str) -> None:
    """The same with what Streamlit has."""
    if above:
        st.markdown(above, unsafe_allow_html=True)
    for row in rows:
        for place, one in zip(st.columns(len(row), gap="large"), row, strict=True):
            with place:
                figure = from_json(one.figure)
                st.plotly_chart(figure, key=one.name, alt=one.alt, theme="streamlit", config=CONFIG)
                st.caption(literal(one.says))
    if link:
        _HOLD(key=f"hold_{key}", data={"link": link, "held": ",".join(held())})


def _fall_back() -> None:
    """The browser could not load Plotly: from now on this visitor gets Streamlit's own charts."""
    st.session_state[_PLAIN] = True


def _library() -> str | None:
    """Address of Plotly below the server's root; None where there is no place for it."""
    served = _serve_library()
    return served[0] if served and _fill(Path(served[1].name)) else None


@once
def _serve_library() -> tuple[str, TemporaryDirectory[str]] | None:
    """Put Plotly, and the code that calls it, in a folder that the server serves as long as it lives."""
    try:
        folder = TemporaryDirectory(prefix="plotly-", ignore_cleanup_errors=True)
    except OSError:
        return None
    if not _fill(Path(folder.name)):
        return None
    declare_component("library", path=folder.name)
    return f"{_SERVED}/{_LIBRARY_NAME}", folder


def _packed_library() -> bytes:
    return gzip.compress(get_plotlyjs().encode())


def _fill(folder: Path) -> bool:
    """Whether the files are in the folder; they are put there again after a cleaner of temporary folders has come by.

    Plotly is packed here: a server that packs it for each visitor would spend a quarter of a second on each.
    """
    contents: dict[str, Callable[[], bytes]] = {_LIBRARY_NAME: _packed_library, _CODE_NAME: lambda: _CODE}
    try:
        for name, content in contents.items():
            if not (folder / name).is_file():
                folder.mkdir(mode=0o700, exist_ok=True)
                part = folder / f"{name}.{get_ident()}"
                part.write_bytes(content())
                part.replace(folder / name)  # whole, whoever asks for it meanwhile
    except OSError:
        return False
    return True
