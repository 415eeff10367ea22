"""Make text from outside safe to put on paper: no control codes, no direction tricks."""

from __future__ import annotations

import unicodedata

REPLACEMENT = "?"
_GONE = frozenset({"Cc", "Cf"})
_SPACES = frozenset({"Zs", "Zl", "Zp"})
_UNKNOWN = frozenset({"Cs", "Co", "Cn"})
_BREAKS = frozenset("\t\n\v\f\r\x85")
MARKS_MAX = 3


def clean(text: str) -> str:
    """Return text without control, format and direction characters.

    Tabs and line breaks become spaces; C0, C1, bidirectional and zero-width characters go;
    unassigned and private ones become ``?``; more than three marks on one letter go. A name can
    therefore never carry a printer command (production practice: ESC/POS injection).
    """
    if text.isascii() and text.isprintable():
        return text
    kept: list[str] = []
    marks = 0
    for character in unicodedata.normalize("NFC", text):
        safe = _safe(character)
        is_mark = unicodedata.category(character) in {"Mn", "Me"}
        marks = marks + 1 if is_mark else 0
        if marks <= MARKS_MAX and not (is_mark and not kept):
            kept.append(safe)
    return "".join(kept)


def _safe(character: str) -> str:
    if character in _BREAKS:
        return " "
    category = unicodedata.category(character)
    if category in _SPACES:
        return " "
    if category in _GONE:
        return ""
    return REPLACEMENT if category in _UNKNOWN else character


def columns(text: str) -> int:
    """How many columns of a fixed-width font the text takes: wide signs two, marks none."""
    if text.isascii():
        return len(text)
    return sum(_width(character) for character in text)


def _width(character: str) -> int:
    if unicodedata.category(character) in {"Mn", "Me"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1
