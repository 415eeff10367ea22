"""Texts made for searching: the same words on both databases, whatever their own rules are."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

_WORD = re.compile(r"[^\W\d_]+|\d+")
_LAST = "\U0010ffff"
"""Sorts behind every character, so it ends a range of prefixes."""


def words_of(*texts: str) -> list[str]:
    """The words of some texts, folded: no case, no accents; letters and digits are apart.

    So ``5kg`` and ``5 KG`` are the same, and ``000123`` finds ``PRD000123``.
    """
    folded = unicodedata.normalize("NFKD", " ".join(texts)).casefold()
    plain = "".join(letter for letter in folded if not unicodedata.combining(letter))
    return _WORD.findall(plain)


def search_text(*texts: str) -> str:
    """What is stored for searching: the folded words in their order."""
    return " ".join(words_of(*texts))


def backwards(code: str) -> str:
    """A code from its end, upper case, so that its last digits are a prefix."""
    return code[::-1].upper()


def after_prefix(prefix: str) -> str:
    """The end of the range of texts that begin with a prefix."""
    return prefix + _LAST


def all_prefixes(words: Iterable[str], *, dialect: str) -> str:
    """A full-text query: every word is the beginning of some word of the text."""
    if dialect == "sqlite":
        return " AND ".join(f'"{word}"*' for word in words)
    return " & ".join(f"'{word}':*" for word in words)


def place_of(words: list[str], wanted: list[str]) -> tuple[int, int, int] | None:
    """How well a text fits: where the first word stands, how many are whole, how long it is.

    None when a wanted word begins none of the text's words.
    """
    first, whole = len(words), 0
    for number, prefix in enumerate(wanted):
        places = [place for place, word in enumerate(words) if word.startswith(prefix)]
        if not places:
            return None
        if number == 0:
            first = places[0]
        whole += any(words[place] == prefix for place in places)
    return first, -whole, len(words)
