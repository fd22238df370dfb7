"""Formulas of claims as MathML, which browsers set without help: the part of LaTeX that claims are written in."""

import re
from html import escape

_TOKEN = re.compile(r"\\[a-zA-Z]+|\\.|\s+|.", re.DOTALL)
_LETTERS = {
    "alpha": "α",
    "gamma": "γ",
    "theta": "θ",
    "lambda": "λ",
    "mu": "μ",
    "nu": "ν",
    "pi": "π",
    "rho": "ρ",
    "sigma": "σ",
    "phi": "φ",
    "psi": "ψ",
    "ell": "ℓ",
    "Theta": "Θ",
    "Sigma": "Σ",
    "Phi": "Φ",
    "nabla": "∇",
    "partial": "∂",
    "infty": "∞",
}
_OPERATORS = {
    "to": "→",
    "le": "≤",
    "ge": "≥",
    "Rightarrow": "⇒",
    "propto": "∝",
    "mid": "|",
    "top": "⊤",
    "dagger": "†",
    "sum": "∑",
    "prod": "∏",
    "int": "∫",
    "iint": "∬",
    "dots": "…",
    "langle": "⟨",
    "rangle": "⟩",
    "|": "‖",
    "%": "%",
    "{": "{",
    "}": "}",
}
_FUNCTIONS = frozenset(("sin", "cos", "arccos", "log", "exp", "min", "max", "arg"))
_SPACES = {"quad": "1em", ",": "0.17em", ";": "0.28em", " ": "0.25em", "!": "-0.17em"}
_SIZES = frozenset(("big", "Big", "left", "right"))
_ACCENTS = {"hat": "^", "tilde": "~", "dot": "˙"}


class _Reader:
    """Turns tokens into MathML, from left to right.

    Parameters
    ----------
    latex : str
        A formula.
    """

    def __init__(self, latex: str) -> None:
        self._tokens: list[str] = [token for token in _TOKEN.findall(latex) if not token.isspace()]
        self._raw = latex

    def row(self, end: str | None = None) -> str:
        """Everything up to a token, or to the end."""
        parts = []
        while self._tokens and self._tokens[0] != end:
            parts.append(self._scripted())
        if end is not None:
            self._next()
        return f"<mrow>{''.join(parts)}</mrow>"

    def _next(self) -> str:
        if not self._tokens:
            raise ValueError(f"the formula ends too early: {self._raw}")
        return self._tokens.pop(0)

    def _scripted(self) -> str:
        """An atom with its index and exponent."""
        base, below, above = self._atom(), "", ""
        while self._tokens and self._tokens[0] in "_^'":
            kind = self._next()
            if kind == "_":
                below = self._argument()
            else:
                above += "<mo>′</mo>" if kind == "'" else self._argument()
        if below and above:
            return f"<msubsup>{base}{below}<mrow>{above}</mrow></msubsup>"
        if below:
            return f"<msub>{base}{below}</msub>"
        return f"<msup>{base}<mrow>{above}</mrow></msup>" if above else base

    def _argument(self) -> str:
        """What a command or a script takes: a group, or one token, which of a number is one digit."""
        if self._tokens and self._tokens[0].isdigit():
            return f"<mn>{self._next()}</mn>"
        return self._atom()

    def _atom(self) -> str:
        token = self._next()
        if token == "{":
            return self.row("}")
        if token.startswith("\\"):
            return self._command(token[1:])
        if token.isdigit():
            while self._tokens and re.fullmatch(r"[\d.]", self._tokens[0]):
                token += self._next()
            return f"<mn>{token}</mn>"
        kind = "mi" if token.isalpha() else "mo"
        return f"<{kind}>{escape(token.replace('-', '−'))}</{kind}>"

    def _command(self, name: str) -> str:
        if name in _LETTERS:
            return f"<mi>{_LETTERS[name]}</mi>"
        if name in _OPERATORS:
            return f'<mo stretchy="false">{escape(_OPERATORS[name])}</mo>'
        if name in _FUNCTIONS:
            return f"<mi>{name}</mi>"
        if name in _SPACES:
            return f'<mspace width="{_SPACES[name]}"></mspace>'
        if name in _SIZES:
            return self._atom()
        return self._with_argument(name)

    def _with_argument(self, name: str) -> str:
        if name in ("frac", "tfrac"):
            return f"<mfrac>{self._argument()}{self._argument()}</mfrac>"
        if name == "sqrt":
            return f"<msqrt>{self._argument()}</msqrt>"
        if name in _ACCENTS:
            return f"<mover>{self._argument()}<mo>{_ACCENTS[name]}</mo></mover>"
        if name == "not":
            return self._atom().replace("</mo>", "\u0338</mo>")
        if name in ("text", "mathrm", "operatorname", "mathbb"):
            return f"<mtext>{escape(self._text())}</mtext>"
        raise ValueError(f"no MathML for \\{name}")

    def _text(self) -> str:
        """The words of an argument, spaces between them kept."""
        if self._tokens and self._tokens[0] != "{":
            token: str = self._next()
            return token
        words = re.search(r"\{([^{}]*)\}", self._raw[self._raw_place() :])
        if words is None:
            raise ValueError(f"a text is not closed: {self._raw}")
        while self._next() != "}":
            pass
        return str(words[1]).replace("\\ ", " ")

    def _raw_place(self) -> int:
        """Where in the formula the reader is: as many tokens from its end as are left."""
        ends = [match.start() for match in _TOKEN.finditer(self._raw) if not match[0].isspace()]
        return ends[len(ends) - len(self._tokens)]


def mathml(latex: str) -> str:
    """A formula as MathML.

    Parameters
    ----------
    latex : str
        The formula, without dollar signs.

    Returns
    -------
    str
        An element ``math``.

    Raises
    ------
    ValueError
        If it has a command that is not known here.
    """
    return f'<math display="inline">{_Reader(latex).row()}</math>'


def with_formulas(text: str) -> str:
    """A text as HTML, with the formulas between its dollar signs."""
    parts = text.split("$")
    return "".join(mathml(part) if i % 2 else escape(part) for i, part in enumerate(parts))
