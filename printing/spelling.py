"""What stands in for a character that a printer or a font does not have."""

# ruff: noqa: RUF001 - look-alike characters are what the table below is about

from __future__ import annotations

import unicodedata
from collections.abc import Callable

from printing.clean import REPLACEMENT

# What reads best where no page has the character itself; decomposition comes after these.
SUBSTITUTES = {
    "‘": "'", "’": "'", "‚": ",", "‛": "'", "“": '"', "”": '"', "„": '"', "‹": "<", "›": ">",
    "«": '"', "»": '"', "–": "-", "—": "-", "―": "-", "‐": "-", "‑": "-", "−": "-", "…": "...",
    "•": "*", "·": ".", "×": "x", "÷": "/", "€": "EUR", "£": "GBP", "¥": "JPY", "₺": "TL",
    "₹": "Rs", "₽": "RUB", "₦": "NGN", "₵": "GHS", "©": "(c)", "®": "(R)", "™": "TM", "°": " deg",
    "½": "1/2", "¼": "1/4", "¾": "3/4", "ß": "ss", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE",
    "ø": "o", "Ø": "O", "đ": "d", "Đ": "D", "ł": "l", "Ł": "L", "ð": "d", "Ð": "D", "þ": "th",
    "Þ": "Th", "ı": "i", "ŋ": "ng", "Ŋ": "Ng", "ɓ": "b", "ɗ": "d", "ƙ": "k", "№": "No", "µ": "u",
    "μ": "u", "≤": "<=", "≥": ">=", "≠": "!=", "→": "->", "←": "<-", "✓": "v", "✗": "x",
}  # fmt: skip


def nearest(character: str, has: Callable[[str], bool]) -> str:
    """The character itself where it can be shown, else its nearest plain spelling.

    Args:
        character: one, from a text that was cleaned.
        has: whether a character beyond ASCII can be shown as it is.

    Returns:
        Characters that can be shown, nothing for a mark without its letter, in Latin letters what
        is written in others, ``?`` last of all.
    """
    if character.isascii() or has(character):
        return character
    if character in SUBSTITUTES:
        return SUBSTITUTES[character]
    if unicodedata.category(character) in {"Mn", "Me"}:
        return ""
    return _decomposed(character, has)


def _decomposed(character: str, has: Callable[[str], bool]) -> str:
    parts = unicodedata.normalize("NFKD", character)
    if parts == character:
        return _in_latin(character)
    text = "".join(_part(part, has) for part in parts if not unicodedata.combining(part))
    return text if text.strip(REPLACEMENT) else REPLACEMENT


def _part(part: str, has: Callable[[str], bool]) -> str:
    if part.isascii():
        return part if part.isprintable() else ""
    return part if has(part) else SUBSTITUTES.get(part) or _in_latin(part)


def _in_latin(character: str) -> str:
    """How it is written in plain Latin letters; ``?`` where nobody writes it so."""
    from anyascii import anyascii

    spelt = anyascii(character)
    return spelt if spelt.isascii() and spelt.isprintable() and spelt.strip() else REPLACEMENT
