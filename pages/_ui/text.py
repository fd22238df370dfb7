"""Words on the page: those of visitors as they are, never as Markdown or HTML, and numbers with their units."""

import re

_SPECIAL = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>$~:&])")


def literal(text: str) -> str:
    """Markdown that shows a text as it is."""
    return _SPECIAL.sub(r"\\\1", text)


def unbroken(text: str) -> str:
    """The text with each percent sign in the line of its number."""
    return text.replace(" %", "\N{NO-BREAK SPACE}%")
