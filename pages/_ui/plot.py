"""Figures on nodes that stay: Plotly's own JavaScript, served by this app, redraws a chart in place."""

import gzip
import json
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

import plotly.graph_objects as go
import streamlit as st
from plotly.offline import get_plotlyjs, get_plotlyjs_version
from plotly.utils import PlotlyJSONEncoder
from streamlit.components.v1 import declare_component

_HERE = Path(__file__).parent
_CODE = (_HERE / "plot.js").read_bytes()
_CODE_NAME = f"plot-{sha256(_CODE).hexdigest()[:12]}.js"
_SERVED = f"component/{__name__}.library"
_MOUNT = st.components.v2.component(
    "plot",
    js=(_HERE / "mount.js").read_text(encoding="utf-8").replace("PLACE", f"{_SERVED}/{_CODE_NAME}"),
    isolate_styles=False,
)
_PLAIN = "charts_plain"


def draw(figure: go.Figure, *, key: str, alt: str, config: dict[str, Any], fill: bool = False) -> None:
    """Draw a figure in place of the one before, or by `st.plotly_chart` where the browser cannot.

    Parameters
    ----------
    figure : plotly.graph_objects.Figure
        The figure; its layout has a height.
    key : str
        Whose place it takes.
    alt : str
        What the chart is, for those who do not see it.
    config : dict
        Plotly's configuration.
    fill : bool
        Whether it takes the height that the screen has, in place of the layout's, and larger type and thicker lines
        on a wide one.
    """
    library = _library()
    if library is None or st.session_state.get(_PLAIN):
        st.plotly_chart(figure, key=key, alt=alt, theme="streamlit", width="stretch", config=config)
        return
    spec = figure.to_dict()
    wanted = {"library": library, "alt": alt, "name": key, "config": config, "fill": fill, "figure": spec}
    data = json.dumps(wanted, cls=PlotlyJSONEncoder).encode()
    height: int | Literal["content"] = "content" if fill else int(spec["layout"]["height"])  # kept from the start
    _MOUNT(key=f"plot_{key}", data=data, height=height, on_failed_change=_fall_back)


def _fall_back() -> None:
    """The browser could not load Plotly: from now on this visitor gets Streamlit's own charts."""
    st.session_state[_PLAIN] = True


def _library() -> str | None:
    """Address of Plotly below the server's root; None where there is no place for it."""
    served = _serve_library()
    return served and served[0]


@st.cache_resource(show_spinner=False)
def _serve_library() -> tuple[str, TemporaryDirectory[str]] | None:
    """Put Plotly, and the code that calls it, in a folder that the server serves as long as it lives.

    Plotly is packed here, once: a server that packs it for each visitor would spend a quarter of a second on each.
    """
    name = f"plotly-{get_plotlyjs_version()}.js.gz"
    try:
        folder = TemporaryDirectory(prefix="plotly-")
        Path(folder.name, name).write_bytes(gzip.compress(get_plotlyjs().encode()))
        Path(folder.name, _CODE_NAME).write_bytes(_CODE)
    except OSError:
        return None
    declare_component("library", path=folder.name)
    return f"{_SERVED}/{name}", folder
