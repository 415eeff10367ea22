"""Data as text a terminal can show: no control characters, and never more than one line."""

from __future__ import annotations

import unicodedata

_HARMFUL = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def plain(value: object) -> str:
    """Return a value as one line of printable text.

    Control, format and bidirectional characters become a middle dot: an item name must neither
    move the cursor nor turn the rest of the line around, on a screen or where a command answers.
    """
    text = str(value)
    if text.isascii() and text.isprintable():
        return text
    return "".join("·" if unicodedata.category(char) in _HARMFUL else char for char in text)
