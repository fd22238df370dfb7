"""What page tests do with the actions of a page."""

import json
from urllib.parse import parse_qsl

from streamlit.testing.v1 import AppTest

from tests.pages.charts import boards


def copied(app: AppTest) -> dict[str, str]:
    """What the button that copies a link puts into the clipboard, by parameter."""
    return dict(parse_qsl(boards(app)[0]["link"], keep_blank_values=True))


def quiz_modes(app: AppTest) -> dict[str, str]:
    """What the button of the quiz adds to the link."""
    return next(data["modes"] for data in _data(app, "copy") if "quiz" in data["label"])


def _data(app: AppTest, component: str):
    protos = [element.proto for element in app.get("bidi_component")]
    return [json.loads(proto.json) for proto in protos if proto.component_name == component]


def pills(app: AppTest, key: str):
    """The presets of the open section."""
    return next((group for group in app.get("button_group") if group.key == f"{key}_preset"), None)
