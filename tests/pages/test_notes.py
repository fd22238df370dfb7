"""Notes for the teacher: one page a problem, whose links open what they name."""

import re
from urllib.parse import parse_qsl

import pytest

from tests.pages.actions import pills

PAGES = {"gf": "pages/gradient_flow.py", "ke": "pages/kernels.py", "nc": "pages/neural_collapse.py"}
HEADINGS = ("assumes", "symbols", "Ranges", "Five minutes", "Fifteen minutes", "Questions", "goes wrong")


@pytest.mark.parametrize("key", PAGES)
def test_the_notes_have_their_parts_and_every_link_opens_its_preset(open_app, key):
    app = open_app(PAGES[key], **{f"{key}_section": "For the teacher"})
    assert not app.exception
    text = next(element.value for element in app.markdown if "#### " in element.value)
    assert "{{" not in text
    headings = re.findall(r"^#### (.*)$", text, re.MULTILINE)
    for words in HEADINGS:
        assert any(words.lower() in heading.lower() for heading in headings), words
    assert 400 < len(text.split()) < 1300
    links = dict(re.findall(r"\[([^\]]+)\]\([a-z_]+\?([^)]+)\)", text))
    assert len(links) >= 5
    for name, query in links.items():
        other = open_app(PAGES[key], **dict(parse_qsl(query)))
        assert not other.exception
        assert not [text for text in other.text if text.value.startswith("From the link")]
        assert pills(other, key).value == name
