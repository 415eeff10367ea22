"""The page that says which test shows which lesson tells the truth."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
ROW = re.compile(r"\| (L\d+) \| (.+?) \| (.+) \|")
NAME = re.compile(r"`(test_\w+)`")
DEFINED = re.compile(r"^(?:async )?def (test_\w+)", re.MULTILINE)
NUMBERS = re.compile(r"^test_(?:l\d+_)+")
NUMBERED = re.compile(r"test_l(\d+)_")


def rows() -> dict[str, str]:
    """What shows each lesson."""
    text = (ROOT / "docs" / "lessons.md").read_text(encoding="utf-8")
    return {match[1]: match[3] for line in text.splitlines() if (match := ROW.fullmatch(line))}


def names() -> set[str]:
    """Every test of the project."""
    files = sorted((ROOT / "tests").rglob("test_*.py"))
    return {name for path in files for name in DEFINED.findall(path.read_text(encoding="utf-8"))}


def plain(name: str) -> str:
    """The words of a test's name."""
    return NUMBERS.sub("test_", name)


def test_every_lesson_has_a_row_that_names_tests_or_says_that_none_shows_it() -> None:
    told = rows()
    assert list(told) == [f"L{number:02}" for number in range(1, 101)]
    silent = [
        name for name, text in told.items() if not NAME.search(text) and "not shown" not in text
    ]
    assert silent == []


def test_every_test_the_page_names_exists() -> None:
    """With or without the number of a lesson before its words."""
    known = {plain(name) for name in names()}
    named = {name for text in rows().values() for name in NAME.findall(text)}
    assert {name for name in named if plain(name) not in known} == set()


def test_a_test_named_for_a_lesson_names_one_that_exists() -> None:
    numbers = {int(match[1]) for name in names() if (match := NUMBERED.match(name))}
    assert numbers <= set(range(1, 101))
