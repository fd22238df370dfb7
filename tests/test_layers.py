"""The table of layers in the design: who may import whom."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

TABLES = "core.tables"
BASE = ("core.arrays", "core.validation", "core.claims", "core.monotone", "core.notation", TABLES)
PROBLEMS = ("core.gradient_flow", "core.kernels", "core.neural_collapse")
RESULT_MODULES = ("result", "status", "params", "datasets")
RESULT_TYPES = tuple(f"{problem}.{module}" for problem in PROBLEMS for module in RESULT_MODULES)

PAGE = (*BASE, *PROBLEMS, "core.figures", "pages._ui", "streamlit", "pandas", "plotly")
SECTIONS = ("pages._collapse", "pages._flow", "pages._kernels")
"""Sections of a page too long for one file."""


@dataclass(frozen=True)
class Layer:
    """Modules at or below some names, and what they may import besides the standard library.

    `below` names packages whose submodules may be imported too, `exactly` packages whose root alone may.
    """

    modules: tuple[str, ...]
    below: tuple[str, ...]
    exactly: tuple[str, ...] = ()

    def allows(self, target: str) -> bool:
        return target.split(".")[0] in sys.stdlib_module_names or target in self.exactly or is_below(target, self.below)


LAYERS = (
    Layer((TABLES,), (TABLES, "numpy")),  # a package, and before the modules of the base
    Layer(BASE, ("numpy",)),
    *(Layer((problem,), (*BASE, problem, "numpy", "scipy", "pandas")) for problem in PROBLEMS),
    Layer(("core.figures",), (*BASE, "core.figures", *RESULT_TYPES, "plotly", "numpy")),
    Layer(
        ("pages._ui",),
        (*BASE, "pages._ui", "core.figures.style", "core.figures.variants", "streamlit", "pandas", "plotly"),
    ),
    Layer(("core",), ()),  # core/__init__.py alone: every other module of core has a layer above
    Layer(SECTIONS, (*PAGE, *SECTIONS)),
    Layer(("pages", "app"), (*PAGE, *SECTIONS)),
)


def is_below(module: str, packages: tuple[str, ...]) -> bool:
    return any(module == package or module.startswith(f"{package}.") for package in packages)


def layer_of(module: str) -> Layer | None:
    if module.startswith("core.") and not is_below(module, (*BASE, *PROBLEMS, "core.figures")):
        return None
    return next((layer for layer in LAYERS if is_below(module, layer.modules)), None)


def sources() -> list[Path]:
    found = [*ROOT.glob("core/**/*.py"), *ROOT.glob("pages/**/*.py"), *ROOT.glob("app.py")]
    return [path.relative_to(ROOT) for path in sorted(found)]


def module_name(path: Path) -> str:
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def exists(module: str) -> bool:
    path = ROOT.joinpath(*module.split("."))
    return path.is_dir() or path.with_suffix(".py").exists()


def imports(source: str, path: Path) -> Iterator[tuple[int, str]]:
    """Line and full name of each module that a source imports, wherever the statement stands."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            package = imported_from(node, path)
            for alias in node.names:
                submodule = f"{package}.{alias.name}"
                yield node.lineno, submodule if exists(submodule) else package


def imported_from(node: ast.ImportFrom, path: Path) -> str:
    """The module named after `from`, with leading dots resolved."""
    if not node.level:
        return node.module or ""
    folder = path.parts[: len(path.parts) - node.level]
    return ".".join((*folder, node.module) if node.module else folder)


def violations(source: str, path: Path) -> list[str]:
    layer = layer_of(module_name(path))
    if layer is None:
        return [f"{path.as_posix()}:1 belongs to no layer"]
    wrong = [(line, target) for line, target in imports(source, path) if not layer.allows(target)]
    return [f"{path.as_posix()}:{line} imports {target}" for line, target in wrong]


@pytest.mark.parametrize("path", sources(), ids=Path.as_posix)
def test_imports_follow_the_layers(path: Path) -> None:
    found = violations((ROOT / path).read_text(encoding="utf-8"), path)
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("path", "line", "target"),
    [
        ("core/claims.py", "from core.notation import number", "core.notation"),
        ("core/notation.py", "import scipy", "scipy"),
        ("core/gradient_flow/flow.py", "import plotly.graph_objects as go", "plotly.graph_objects"),
        ("core/gradient_flow/flow.py", "from core.kernels import arc_cosine_kernel", "core.kernels"),
        ("core/gradient_flow/flow.py", "from ..kernels.depth import f", "core.kernels.depth"),
        ("core/kernels/__init__.py", "from ..figures import style", "core.figures"),
        ("core/neural_collapse/metrics.py", "def f():\n    import streamlit", "streamlit"),
        ("core/figures/gradient_flow/a.py", "from core.gradient_flow import flow", "core.gradient_flow.flow"),
        (
            "core/figures/gradient_flow/a.py",
            "from core.gradient_flow.flow import run_flow",
            "core.gradient_flow.flow",
        ),
        ("core/figures/gradient_flow/a.py", "from core.gradient_flow import run_flow", "core.gradient_flow"),
        ("core/figures/style.py", "import streamlit as st", "streamlit"),
        ("pages/_ui/frame.py", "from core.gradient_flow import FlowResult", "core.gradient_flow"),
        ("pages/_ui/frame.py", "from core.figures.kernels import f", "core.figures.kernels"),
        ("pages/kernels.py", "import numpy as np", "numpy"),
        ("pages/kernels.py", "from pages.gradient_flow import f", "pages.gradient_flow"),
        ("app.py", "import scipy.linalg", "scipy.linalg"),
        ("app.py", "from pages import kernels", "pages"),
    ],
)
def test_checker_catches_a_violation(path: str, line: str, target: str) -> None:
    found = violations(f'"""Docstring."""\n\n{line}\n', Path(path))
    number = 3 + line.count("\n")
    # where a submodule is not there yet, its package is named
    assert len(found) == 1
    assert found[0].startswith(f"{path}:{number} imports {target}")


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("core/gradient_flow/flow.py", "from .result import FlowResult"),
        ("core/gradient_flow/flow.py", "from core.validation import check_number"),
        ("core/figures/gradient_flow/a.py", "from core.gradient_flow.result import FlowResult"),
        ("pages/_ui/frame.py", "from core.figures.style import f"),
        ("pages/kernels.py", "from pages._ui.frame import f"),
        ("pages/kernels.py", "from core.kernels.depth import f"),
    ],
)
def test_checker_passes_what_is_allowed(path: str, line: str) -> None:
    assert violations(line, Path(path)) == []


def test_checker_wants_a_layer_for_every_module() -> None:
    assert violations("", Path("core/helpers.py")) == ["core/helpers.py:1 belongs to no layer"]


IMPORT_ALL = """
import importlib, pkgutil, sys
package = importlib.import_module(sys.argv[1])
for module in pkgutil.walk_packages(package.__path__, sys.argv[1] + "."):
    importlib.import_module(module.name)
print(*sorted({"streamlit", "plotly"} & sys.modules.keys()))
"""


@pytest.mark.parametrize("package", [name for name in PROBLEMS if exists(name)])
def test_numerics_load_no_interface(package: str) -> None:
    command = [sys.executable, "-c", IMPORT_ALL, package]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert run.stdout.split() == [], f"{package} loads {run.stdout.strip()}"
