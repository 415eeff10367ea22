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


TOP_TWENTY = (1, 5, 2, 4, 12, 16, 11, 9, 13, 3, 19, 7, 10, 17, 28, 23, 26, 35, 21, 43)
"""The lessons that cost a shop most, in the order of the damage."""


def test_the_costliest_lessons_have_tests_named_by_their_number() -> None:
    wanted = {*TOP_TWENTY, *range(39, 62)}
    shown = {int(number) for name in names() for number in re.findall(r"l(\d+)_", started(name))}
    assert wanted - shown == set()


def started(name: str) -> str:
    """The numbers before the words of a test's name."""
    found = NUMBERS.match(name)
    return found[0] if found else ""


def test_a_test_named_for_a_lesson_names_one_that_exists() -> None:
    numbers = {int(match[1]) for name in names() if (match := NUMBERED.match(name))}
    assert numbers <= set(range(1, 101))
