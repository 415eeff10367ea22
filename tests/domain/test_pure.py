"""The domain stays what it is: frozen data and functions of the standard library alone."""

from __future__ import annotations

import ast
import importlib
import inspect
import sys
from dataclasses import is_dataclass
from pathlib import Path

import pytest

import pos_app.domain

FOLDER = Path(pos_app.domain.__path__[0])
MODULES = sorted(path.stem for path in FOLDER.glob("*.py") if path.stem != "__init__")

FORBIDDEN = {"float", "open", "print", "input", "now", "today", "utcnow", "time", "sleep", "random"}
WORLD = {"os", "io", "time", "random", "socket", "sqlite3", "threading", "pathlib", "logging",
         "subprocess", "asyncio", "uuid", "secrets"}  # fmt: skip

IN_MEMORY = {"BytesIO", "StringIO"}
"""Of `io`: what only looks like a file."""


def tree(module: str) -> ast.Module:
    return ast.parse((FOLDER / f"{module}.py").read_text(encoding="utf-8"))


@pytest.mark.parametrize("module", MODULES)
def test_imports_only_the_domain_and_a_harmless_standard_library(module: str) -> None:
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
            if names == ["io"] and {alias.name for alias in node.names} <= IN_MEMORY:
                continue
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        for name in names:
            root = name.split(".", maxsplit=1)[0]
            ours = name == "pos_app.errors" or name.startswith("pos_app.domain.")
            assert ours or (root in sys.stdlib_module_names and root not in WORLD), name


@pytest.mark.parametrize("module", MODULES)
def test_knows_no_float_no_clock_and_no_world(module: str) -> None:
    for node in ast.walk(tree(module)):
        called = node.func if isinstance(node, ast.Call) else None
        name = getattr(called, "id", getattr(called, "attr", ""))
        assert name not in FORBIDDEN, f"{name} in line {getattr(node, 'lineno', 0)}"
        assert not (isinstance(node, ast.Constant) and isinstance(node.value, float))


@pytest.mark.parametrize("module", MODULES)
def test_every_public_record_is_frozen(module: str) -> None:
    home = importlib.import_module(f"pos_app.domain.{module}")
    for name, kind in inspect.getmembers(home, inspect.isclass):
        if is_dataclass(kind) and kind.__module__ == home.__name__ and not name.startswith("_"):
            assert kind.__dataclass_params__.frozen, name  # type: ignore[attr-defined]


def test_the_package_itself_exports_nothing() -> None:
    assert len(tree("__init__").body) == 1
