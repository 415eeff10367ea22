"""Words for searching are the same on both databases, whatever is typed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from pos_app.store.words import after_prefix, backwards, place_of, search_text, words_of


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Coca-Cola 2L", ["coca", "cola", "2", "l"]),
        ("CRÈME brûlée 500ml", ["creme", "brulee", "500", "ml"]),
        ("PRD000123", ["prd", "000123"]),
        ("10% [/] off\x1b[31m", ["10", "off", "31", "m"]),
        ("Straße_42", ["strasse", "42"]),
        ("  \t'\"*&|!():", []),
        ("", []),
    ],
)
def test_words_are_letters_or_digits_without_case_and_accents(text: str, words: list[str]) -> None:
    assert words_of(text) == words


@given(some.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    once = search_text(text)
    assert search_text(once) == once


@given(some.text(min_size=1), some.text())
def test_a_prefix_is_a_range(prefix: str, rest: str) -> None:
    if not (prefix + rest).isascii():
        return
    assert prefix <= prefix + rest <= after_prefix(prefix)


def test_a_code_from_its_end() -> None:
    assert backwards("prd-012") == "210-DRP"


def test_places() -> None:
    words = ["milk", "fresh", "2", "l"]
    assert place_of(words, ["mil"]) == (0, 0, 4)
    assert place_of(words, ["fresh", "2"]) == (1, -2, 4)
    assert place_of(words, ["mil", "sour"]) is None
