"""What page tests do with the actions of a page."""

import json
from urllib.parse import parse_qsl

from streamlit.testing.v1 import AppTest


def copied(app: AppTest, label: str = "Copy link") -> dict[str, str]:
    """What the button that copies a link puts into the clipboard, by parameter."""
    found = [
        json.loads(element.proto.json)
        for element in app.get("bidi_component")
        if element.proto.component_name == "copy"
    ]
    query = next(data["query"] for data in found if data["label"] == label)
    return dict(parse_qsl(query, keep_blank_values=True))


def pills(app: AppTest, key: str):
    """The presets of the open section."""
    return next((group for group in app.get("button_group") if group.key == f"{key}_preset"), None)
