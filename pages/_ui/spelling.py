"""What mails, pages and people make of the words and numbers of a link, and what these stand for."""

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from decimal import Decimal, InvalidOperation
from urllib.parse import unquote

_LONGEST = 100
"""Characters of a text that stands for something; labels have 50."""
_CODED = 3
"""Times that a link may have been coded, by one program after another."""
_INVISIBLE = "\u00ad\u200b\u200c\u200d\u2060\ufeff"
"""Soft hyphens and spaces without width: where a long link may be broken."""
_BEFORE = " \t\r\n\u00a0<>()[]{}\"'“”‘’«»*_`|" + _INVISIBLE
_BEHIND = _BEFORE + ".,;:!?…"
"""What a sentence puts around a link."""
_AMPERSAND = re.compile(r"&(?:amp;|#0*38;|#x0*26;)+", re.IGNORECASE)
_RAISED = re.compile(r"[⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻]+")
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", "0123456789+-")
_SIGNS = str.maketrans({**dict.fromkeys("−–‐‑﹣－", "-"), "×": "x", **dict.fromkeys(_INVISIBLE)})
_THOUSANDS = re.compile(r"(?<=\d)[ ,](?=\d{3}(?!\d))")
_PLAIN = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?")
_POWER = re.compile(r"([+-]?)(?:(\d+\.?\d*) ?[x*·] ?)?10(?: ?\^ ?\{?(?=[+-]?\d)|(?=[+-]))([+-]?\d+)\}?")
_RATIO = re.compile(r"(\d+) ?/ ?(\d+)")


def parameters(pairs: Iterable[tuple[str, str]], known: Collection[str]) -> Iterator[tuple[str, str]]:
    """Names and texts of a query whose separators were coded once more, as `&amp;` or `%26`, or are others, as `;`.

    Parameters
    ----------
    pairs : iterable of (str, str)
        Names and texts, as a server reads them.
    known : collection of str
        Names that mean something: where one of them follows, something else than `&` may separate.

    Yields
    ------
    tuple of (str, str)
        Names and texts; those that mean nothing as they came.
    """
    separator = re.compile(rf"[&;?\s{_INVISIBLE}]+(?=(?:{'|'.join(map(re.escape, sorted(known)))})=)")
    for name, text in pairs:
        whole = f"&{name}={text}" if text else f"&{name}"
        for _ in range(_CODED):
            whole = unquote(_AMPERSAND.sub("&", whole))
        first, *others = separator.split(whole)
        if first:
            yield name, text
        for other in others:
            key, _, said = other.partition("=")
            yield key, said


def spellings(text: str) -> Iterator[str]:
    """A text, and what is left without that which mails and sentences put around it."""
    yield text
    if len(text) <= _LONGEST:
        yield bare(text)
        yield bare(text).removeprefix("3D")  # of an equals sign that a mail has coded


def bare(text: str) -> str:
    """A text without what a sentence puts around it."""
    for _ in range(_CODED):
        text = unquote(text)
    return text.lstrip(_BEFORE).rstrip(_BEHIND)


def folded(text: str) -> str:
    """A text for comparisons: without case, kinds of signs, spaces, and pluses, which may have been spaces."""
    plain = unicodedata.normalize("NFC", text).translate(_SIGNS).casefold()
    return "".join(letter for letter in plain if not letter.isspace() and letter != "+")


def number(text: str) -> Decimal | None:
    """The number that a text says, as 0.00001, 1E-05, 10⁻⁵, 10^-5, 1 × 10-5, 1/4, 1 000, 1,000 or 0,5; else None.

    It is exact, however small: some controls reach 10⁻¹⁰⁰⁰⁰. A comma is a decimal one after a leading zero, and
    otherwise separates thousands; what else it may mean is not guessed.
    """
    if len(text) > _LONGEST:
        return None
    raised = _RAISED.sub(lambda found: "^" + found[0].translate(_SUPERSCRIPTS), text)
    plain = unicodedata.normalize("NFKC", raised).translate(_SIGNS).casefold().replace("**", "^").strip()
    plain = re.sub(r"^([+-]?0),(?=\d)", r"\1.", plain)
    plain = _THOUSANDS.sub("", plain)
    if power := _POWER.fullmatch(plain):
        plain = f"{power[1]}{power[2] or 1}e{power[3]}"
    try:
        if ratio := _RATIO.fullmatch(plain):
            return Decimal(ratio[1]) / Decimal(ratio[2])
        return Decimal(plain) if _PLAIN.fullmatch(plain) else None
    except (InvalidOperation, ZeroDivisionError):  # an exponent of a hundred digits; x/0
        return None
