"""The one way in which page tests look at charts."""

import json
from base64 import b64decode
from typing import Any

import numpy as np
from streamlit.testing.v1 import AppTest


def drawn(app: AppTest) -> list[dict[str, Any]]:
    """What the page asks the browser to draw, chart by chart."""
    elements = [element.proto for element in app.get("bidi_component")]
    return [json.loads(proto.bytes) for proto in elements if proto.component_name == "plot"]


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
