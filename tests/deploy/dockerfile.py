"""The Dockerfile, read: there is no engine to run it."""

import shutil
from pathlib import Path

from tests.server import ROOT

SHIPPED = ROOT / "deploy" / "Dockerfile"


def instructions() -> list[tuple[str, str]]:
    """Instructions and their arguments, in order."""
    lines = SHIPPED.read_text().replace("\\\n", " ").splitlines()
    split = [line.split(maxsplit=1) for line in lines if line and not line.startswith("#")]
    return [(word, " ".join(rest.split())) for word, rest in split]


def arguments(word: str) -> list[str]:
    """Arguments of all instructions of a kind."""
    return [rest for name, rest in instructions() if name == word]


def copies() -> list[tuple[list[str], str]]:
    """Sources and target of each COPY."""
    return [(sources, target) for *sources, target in (rest.split() for rest in arguments("COPY"))]


def fill(root: Path) -> None:
    """Copy into a folder what the image gets."""
    for patterns, target in copies():
        for source in (found for pattern in patterns for found in ROOT.glob(pattern)):
            if source.is_dir():
                shutil.copytree(source, root / target, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                (root / target).mkdir(parents=True, exist_ok=True)
                shutil.copy(source, root / target)
