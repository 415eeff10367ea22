"""A label of goods on a roll: name, prices, the price of a measure, code and stripes."""

from __future__ import annotations

from printing.amount import money, price
from printing.document import Align, Barcode, Block, Document, Size, Text
from printing.label import LabelPrice, PriceLabel
from printing.layouts.parts import centred, ending
from printing.words import Words, words_in


def price_label(label: PriceLabel, width: int, words: Words | None = None) -> Document:
    """Lay a label out on paper.

    Raises:
        UnknownLanguage: there are no texts in the label's language.
        InexactAmount: a price of a measure has fractions of a cent.
    """
    texts = words or words_in(label.language)
    blocks: list[Block] = [
        Text(label.name, Align.CENTRE, bold=True, size=Size.TALL),
        *(Text(price_text(row), Align.CENTRE, bold=True, size=Size.DOUBLE) for row in label.prices),
        *centred((unit_text(label, texts), label.content, measure_text(label, texts))),
        *([Barcode(label.barcode, label.symbology)] if label.barcode else []),
        *centred((label.code, note_text(label))),
        *ending(),
    ]
    return Document(tuple(blocks), label.name, label.language, width, label.code)


def price_text(row: LabelPrice) -> str:
    """``USD 1.08``."""
    return f"{row.currency} {price(row.amount)}"


def unit_text(label: PriceLabel, words: Words) -> str:
    """``per kg``, or nothing for a piece."""
    return f"{words.per_unit} {label.uom}" if label.uom.strip() else ""


def measure_text(label: PriceLabel, words: Words) -> str:
    """``USD 1.60, ZIG 43.20 per l``, where the price of a measure is known."""
    known = [
        f"{row.currency} {money(row.per_unit)}" for row in label.prices if row.per_unit is not None
    ]
    return f"{', '.join(known)} {words.per_unit} {label.measure}" if known else ""


def note_text(label: PriceLabel) -> str:
    """The rate with its day, and the day of the label."""
    parts = []
    if label.rate is not None and len(label.prices) > 1:
        first, second = label.prices[0].currency, label.prices[1].currency
        on = f" ({label.rate_on:%d/%m/%y})" if label.rate_on else ""
        parts.append(f"1 {first} = {price(label.rate)} {second}{on}")
    if label.printed_on:
        parts.append(f"{label.printed_on:%d/%m/%y}")
    return "  ".join(parts)
