"""The one way in which page tests look at charts."""

import json
from base64 import b64decode
from typing import Any

import numpy as np
from streamlit.testing.v1 import AppTest


def charts(app: AppTest) -> dict[str, dict[str, Any]]:
    """The charts on the page as plotly dictionaries, arrays decoded, by alt text up to the colon's right side."""
    return {element.proto.alt: decoded(json.loads(element.proto.spec)) for element in app.get("plotly_chart")}


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
    return next(trace for trace in chart["data"] if trace["name"] == name)
