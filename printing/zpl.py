"""Labels as ZPL II: laid out in dots, every text as data that no printer takes for a command.

Source: Zebra, ZPL II Programming Guide: ``^FH`` (hexadecimal field data), ``^CI28`` (UTF-8),
``^BE`` (EAN-13 from twelve digits), ``^BC`` (Code 128), ``^PQ`` (quantity).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from printing.barcode import check
from printing.clean import clean, columns
from printing.document import Barcode, Symbology
from printing.errors import TooWide
from printing.label import LabelMedia, PriceLabel
from printing.layouts.label import measure_text, note_text, price_text, unit_text
from printing.words import Words, words_in

MARK = "_"
PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 .,:/()%=+-")
"""What stands in field data as it is; every other byte goes as two hexadecimal digits."""

COPIES_MOST = 999
EDGE_MM = 2
EAN_STRIPES, QUIET_STRIPES = 95, 18
CODE_STRIPES, STRIPES_PER_SIGN = 35, 11
STRIPE_MIN, STRIPE_MOST = 2, 3


@dataclass(frozen=True, slots=True)
class _Line:
    """One line of text: how high it is in thousandths of the label, how many lines it may take."""

    text: str
    height: int
    lines: int = 1


def encode(
    label: PriceLabel, media: LabelMedia, words: Words | None = None, *, copies: int = 1
) -> bytes:
    """One label, any number of times, as one format.

    Raises:
        TooWide: the barcode does not fit the media.
        UnprintableData: the barcode cannot carry its text.
        UnknownLanguage: there are no texts in the label's language.
    """
    texts = words or words_in(label.language)
    edge = media.width * EDGE_MM // max(media.width_mm, 1)
    room = media.width - 2 * edge
    head = f"^XA^CI28^PW{media.width}^LL{media.height}^LH0,0"
    body = "".join(_fields(label, texts, media=media, edge=edge, room=room))
    return f"{head}{body}^PQ{min(max(copies, 1), COPIES_MOST)}^XZ\n".encode("ascii")


def field_data(text: str) -> str:
    """Text as field data under ``^FH``: readable where it is harmless, hexadecimal elsewhere."""
    return "".join(
        sign if sign in PLAIN else "".join(f"{MARK}{byte:02X}" for byte in sign.encode())
        for sign in clean(text).replace("\\", "/")
    )


def _fields(
    label: PriceLabel, words: Words, *, media: LabelMedia, edge: int, room: int
) -> Iterator[str]:
    top, height = edge, media.height
    for line in _lines(label, words):
        if not line.text.strip():
            continue
        size = height * line.height // 1000
        yield _text(line.text, x=edge, y=top, room=room, size=size, lines=line.lines)
        top += (size + 2) * (line.lines if _wraps(line, size, room) else 1)
    if label.barcode:
        stripes = min(height * 250 // 1000, max(height - edge - top - height // 10, height // 12))
        yield _stripes(label, x=edge, y=top, room=room, height=stripes)


def _lines(label: PriceLabel, words: Words) -> Iterator[_Line]:
    yield _Line(label.name, 95, lines=2)
    for at, row in enumerate(label.prices):
        text = f"{price_text(row)} {unit_text(label, words)}".rstrip()
        yield _Line(text, 160 if at == 0 else 95)
    yield _Line(label.content, 75)
    yield _Line(measure_text(label, words), 62)
    yield _Line("  ".join(part for part in (label.code, note_text(label)) if part), 55)


def _wraps(line: _Line, size: int, room: int) -> bool:
    """Whether the printer's letters, about half as wide as high, need more than one line."""
    return line.lines > 1 and columns(line.text) * size * 55 // 100 > room


def _text(text: str, *, x: int, y: int, room: int, size: int, lines: int) -> str:
    """A line that is made narrower where it would not fit otherwise, but stays readable."""
    natural = columns(text) * size * 55 // 100
    width = size if lines > 1 or natural <= room else max(size * room // natural, size // 2)
    return f"^FO{x},{y}^A0N,{size},{width}^FB{room},{lines},0,L^FH{MARK}^FD{field_data(text)}^FS"


def _stripes(label: PriceLabel, *, x: int, y: int, room: int, height: int) -> str:
    check(Barcode(label.barcode, label.symbology))
    is_ean, is_digits = label.symbology is Symbology.EAN13, label.barcode.isdecimal()
    # Subset C holds two digits in a sign; a last single one costs a change of subset and a sign.
    signs = (
        len(label.barcode) // 2 + len(label.barcode) % 2 * 2 if is_digits else len(label.barcode)
    )
    count = (EAN_STRIPES if is_ean else CODE_STRIPES + STRIPES_PER_SIGN * signs) + QUIET_STRIPES
    width = min(STRIPE_MOST, room // count)
    if width < STRIPE_MIN:
        raise TooWide("The barcode", needs=count * STRIPE_MIN, has=room, unit="dots")
    left = x + QUIET_STRIPES // 2 * width
    if is_ean:
        data, command = label.barcode[:12], f"^BEN,{height},Y,N"
    else:
        mode = "A" if is_digits else "N"
        data, command = label.barcode.replace(">", ">0"), f"^BCN,{height},Y,N,N,{mode}"
    return f"^FO{left},{y}^BY{width}{command}^FH{MARK}^FD{_code_data(data)}^FS"


def _code_data(data: str) -> str:
    """What a barcode carries, nothing of it changed."""
    return "".join(
        sign if sign in PLAIN or sign == ">" else f"{MARK}{ord(sign):02X}" for sign in data
    )
