"""The one way in which page tests look at charts."""

import json
from base64 import b64decode
from typing import Any

import numpy as np
from streamlit.testing.v1 import AppTest


def drawn(app: AppTest) -> list[dict[str, Any]]:
    """What the page asks the browser to draw, chart by chart."""
    found = []
    for board in boards(app):
        texts = [text for row in board["rows"] for text in row]
        for text, figure in zip(texts, board["figures"], strict=True):
            found.append({**text, "figure": figure, "fill": board["fill"]})
    return found


def boards(app: AppTest) -> list[dict[str, Any]]:
    """What holds the charts: their rows, the line of verdicts above, the page's link, and the figures."""
    elements = [element.proto for element in app.get("bidi_component")]
    lines = [proto.bytes.split(b"\n") for proto in elements if proto.component_name == "plot"]
    return [{**json.loads(head), "figures": [json.loads(line) for line in figures]} for head, *figures in lines]


def words(app: AppTest) -> list[str]:
    """What is written around the charts: Markdown, captions, verdicts and sentences."""
    written = [str(element.value) for kind in (app.markdown, app.caption) for element in kind]
    return [*written, *(board["above"] for board in boards(app)), *said(app)]


def said(app: AppTest) -> list[str]:
    """The sentences below the charts."""
    return [one["says"] for one in drawn(app) if one["says"]]


def charts(app: AppTest) -> dict[str, dict[str, Any]]:
    """The charts on the page as plotly dictionaries, arrays decoded, by their alt texts."""
    return {wanted["alt"]: decoded(wanted["figure"]) for wanted in drawn(app)}


def decoded(node: Any) -> Any:
    """A plotly dictionary with its binary arrays as numpy arrays."""
    if isinstance(node, dict):
        if "bdata" in node:
            values = np.frombuffer(b64decode(node["bdata"]), dtype=node["dtype"])
            return values.reshape([int(n) for n in node["shape"].split(",")]) if "shape" in node else values
        return {key: decoded(value) for key, value in node.items()}
    return [decoded(value) for value in node] if isinstance(node, list) else node


def named(chart: dict[str, Any], name: str) -> dict[str, Any]:
    """The trace of a name."""
    return next(trace for trace in chart["data"] if trace.get("name") == name)
