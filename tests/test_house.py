"""Rules of the house that no linter knows: sizes, late imports, style sheets, words."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("pos_app", "fiscal", "printing", "sync", "sandbox")

MODULE_LINES = 420
FUNCTION_LINES = 70
PARAMETERS_POSITIONAL = 5
GIVEN_BY_A_LIBRARY = {"settings_customise_sources"}

# Steps that bring a schema up to date are written by a program and only grow.
GENERATED = "pos_app/store/migrations/versions/"

LATE_IMPORTS = (
    "pos_app/cli/", "pos_app/tui/", "pos_app/devices.py", "pos_app/fiscal_port.py",
    "pos_app/store/migrate.py",
)  # fmt: skip
"""Where a function may import: commands, lazy screens, devices opened on demand, migrations."""

LATE_IMPORTS_ALLOWED = {
    "fiscal/transport.py": "a shop has one way to its device, HTTP or a serial line",
    "pos_app/config.py": "containers alone override settings from the environment",
    "pos_app/store/upsert.py": "a till never speaks to PostgreSQL",
    "printing/spelling.py": "tables of all scripts are needed by few names, and late",
    "printing/qr.py": "the picture library is needed by printers without a QR code of their own",
    "pos_app/store/tables.py": "imports every store module to know every table",
    "pos_app/bootstrap.py": "the composition root opens what a command needs",
}


def sources() -> Iterator[Path]:
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            if GENERATED not in path.as_posix():
                yield path


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


SOURCES = list(sources())


def test_modules_stay_small() -> None:
    long = {
        name_of(path): lines
        for path in SOURCES
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > MODULE_LINES
    }
    assert long == {}


def test_functions_stay_short() -> None:
    long = {}
    for path in SOURCES:
        for function in functions(ast.parse(path.read_text(encoding="utf-8"))):
            lines = (function.end_lineno or 0) - function.lineno + 1
            if lines > FUNCTION_LINES:
                long[f"{name_of(path)}:{function.name}"] = lines
    assert long == {}


def test_parameters_are_named_after_the_fifth() -> None:
    many = {}
    for path in SOURCES:
        if name_of(path).startswith("pos_app/cli/"):
            continue
        for function in functions(ast.parse(path.read_text(encoding="utf-8"))):
            count = len(function.args.posonlyargs) + len(function.args.args)
            if count > PARAMETERS_POSITIONAL and function.name not in GIVEN_BY_A_LIBRARY:
                many[f"{name_of(path)}:{function.name}"] = count
    assert many == {}


def test_imports_stand_at_the_top() -> None:
    late = set()
    for path in SOURCES:
        name = name_of(path)
        if name.startswith(LATE_IMPORTS) or name in LATE_IMPORTS_ALLOWED:
            continue
        for function in functions(ast.parse(path.read_text(encoding="utf-8"))):
            if any(isinstance(node, ast.Import | ast.ImportFrom) for node in ast.walk(function)):
                late.add(f"{name}:{function.name}")
    assert late == set()


@pytest.mark.parametrize(
    "path", sorted((ROOT / "pos_app/tui").rglob("*.tcss")), ids=lambda p: p.name
)
def test_a_style_sheet_is_one_block_of_its_screen(path: Path) -> None:
    if path.name == "app.tcss":
        return
    depth, tops = 0, []
    for line in path.read_text(encoding="utf-8").splitlines():
        text = line.strip()
        if depth == 0 and text.endswith("{"):
            tops.append(text.removesuffix("{").strip())
        depth += text.count("{") - text.count("}")
    assert len(tops) == 1, f"more than one block at the top: {tops}"


def test_no_file_speaks_of_hosts_or_folders_of_a_workplace() -> None:
    forbidden = ("/wo" + "rk/", "py" + "pi.org", "python" + "hosted")
    said = {
        f"{name_of(path)}: {word}"
        for path in [*SOURCES, *ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("*.lock")]
        for word in forbidden
        if word in path.read_text(encoding="utf-8")
    }
    assert said == set()


def test_the_benchmarks_find_what_they_measure() -> None:
    for path in sorted((ROOT / "benchmarks").glob("[a-z]*.py")):
        importlib.import_module(f"benchmarks.{path.stem}")
