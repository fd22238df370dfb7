"""Words of visitors on the page: shown as they are, never as Markdown or HTML."""

import re

_SPECIAL = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>$~:&])")


def literal(text: str) -> str:
    """Markdown that shows a text as it is."""
    return _SPECIAL.sub(r"\\\1", text)
