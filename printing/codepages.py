"""Code pages of receipt printers: which can show a character, and what stands in for the rest."""

from __future__ import annotations

import string
from functools import lru_cache

from printing.clean import REPLACEMENT, clean
from printing.spelling import nearest

Pages = tuple[tuple[int, str], ...]
"""Numbers of ``ESC t`` with the Python codec of each page, most wanted first."""

HIGH = 0x80

PLAIN = (string.ascii_letters + string.digits).encode("ascii")
"""What stands at the same place in every page; some have percent or backslash elsewhere."""


def is_code_page(codec: str) -> bool:
    """Whether a Python codec has one letter for one byte, as pages of printers and displays do."""
    try:
        has_plain = PLAIN.decode(codec) == PLAIN.decode("ascii")
        beyond = (bytes([byte]).decode(codec, "ignore") for byte in range(HIGH, 0x100))
        return has_plain and any(beyond)
    except (LookupError, ValueError):
        return False


@lru_cache(maxsize=8192)
def locate(character: str, pages: Pages) -> tuple[int, int] | None:
    """Page number and byte of a character beyond ASCII, or None where no page has it."""
    for number, codec in pages:
        byte = _byte(character, codec)
        if byte is not None:
            return number, byte
    return None


def printable(text: str, pages: Pages) -> str:
    """Text made of characters these pages have, one column each.

    Control and direction characters go (see `printing.clean`); a character no page has becomes
    the nearest plain spelling, last of all ``?``.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_showable(character, pages) for character in clean(text))


def encode(text: str, pages: Pages, current: int) -> tuple[bytes, int]:
    """Bytes of a printable text with the page switches in it, and the page left selected.

    Args:
        text: what `printable` returned for the same pages.
        pages: the printer's pages.
        current: the page selected now.
    """
    if text.isascii():
        return text.encode("ascii"), current
    codecs = dict(pages)
    out = bytearray()
    for character in text:
        if character.isascii():
            out.append(ord(character))
            continue
        byte = _byte(character, codecs[current])
        if byte is None:
            found = locate(character, pages)
            if found is None:
                byte = ord(REPLACEMENT)
            else:
                current, byte = found
                out += b"\x1bt" + bytes([current])
        out.append(byte)
    return bytes(out), current


@lru_cache(maxsize=8192)
def _byte(character: str, codec: str) -> int | None:
    try:
        encoded = character.encode(codec)
    except UnicodeEncodeError:
        return None
    return encoded[0] if len(encoded) == 1 and encoded[0] >= HIGH else None


@lru_cache(maxsize=8192)
def _showable(character: str, pages: Pages) -> str:
    return nearest(character, lambda wanted: locate(wanted, pages) is not None)
