"""Slips: laid out so that nobody can take one for a fiscal receipt.

They carry no tax numbers, no tax, no QR code and no seller block, and say what they are not at the
top and at the bottom, in stars (production lesson L38).
"""

from __future__ import annotations

from printing.amount import money, plain_number
from printing.document import Align, Barcode, Block, Columns, Document, Part, Rule, Text
from printing.dress import LINES
from printing.layouts.parts import MARGIN, ending, heading, labelled, labels, pair, rule, when
from printing.slip import OrderSlip, ParkedSale, SlipLine
from printing.words import Words, words_in


def parked_sale(slip: ParkedSale, width: int, words: Words | None = None) -> Document:
    """The slip a customer keeps while a sale waits; its barcode recalls the sale.

    Raises:
        InexactAmount: the total has fractions of a cent.
        UnknownLanguage: there are no texts in the slip's language.
    """
    texts = words or words_in(slip.language)
    until = when(slip.valid_until) if slip.valid_until else ""
    blocks = [
        *_banner(texts.parked_sale, texts.not_a_receipt, width),
        Text(slip.shop, Align.CENTRE),
        labelled(texts.parked_sale.capitalize(), slip.number),
        *labels(
            (
                (texts.parked_at, when(slip.parked_at)),
                (texts.valid_until, until),
                (texts.customer, slip.customer),
            )
        ),
        *([Text(slip.label)] if slip.label.strip() else []),
        *_made_by(slip.cashier, slip.till, words=texts, width=width),
        rule(),
        Part(LINES, (*(block for line in slip.lines for block in _line(line, texts)), rule())),
        Columns(f"{texts.total} {slip.currency}", money(slip.total), bold=True),
        Barcode(slip.barcode),
        Text(texts.recall_hint, Align.CENTRE),
        *_stars(texts.not_a_receipt),
        *ending(),
    ]
    return Document(tuple(blocks), texts.parked_sale, slip.language, width)


def order_slip(slip: OrderSlip, width: int, words: Words | None = None) -> Document:
    """The slip for whoever packs or prepares; raises UnknownLanguage."""
    texts = words or words_in(slip.language)
    blocks = [
        *_banner(texts.order_slip, texts.not_fiscal, width),
        Text(slip.shop, Align.CENTRE),
        labelled(texts.order_slip.capitalize(), slip.number),
        labelled(texts.date, when(slip.ordered_at)),
        *labels(((texts.customer, slip.customer),)),
        *_made_by(slip.cashier, slip.till, words=texts, width=width),
        rule(),
        *(block for line in slip.lines for block in _line(line, texts)),
        rule(),
        *([labelled(texts.notes, slip.notes)] if slip.notes.strip() else []),
        *_stars(texts.not_fiscal),
        *ending(),
    ]
    return Document(tuple(blocks), texts.order_slip, slip.language, width)


def _banner(title: str, warning: str, width: int) -> list[Block]:
    return [*_stars(warning), heading(title, width)]


def _stars(warning: str) -> list[Block]:
    return [Rule("*"), Text(warning, Align.CENTRE, bold=True), Rule("*")]


def _made_by(cashier: str, till: str, *, words: Words, width: int) -> list[Block]:
    return pair(
        f"{words.cashier}: {cashier}" if cashier else "",
        f"{words.till}: {till}" if till else "",
        width,
    )


def _line(line: SlipLine, words: Words) -> list[Block]:
    unit = words.each if line.uom == "each" else line.uom
    note = [Text(line.note, indent=MARGIN)] if line.note.strip() else []
    return [Columns(line.name, f"{plain_number(line.quantity)} {unit}".rstrip()), *note]
