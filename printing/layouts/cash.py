"""The slip of a cash movement, signed by both who touched the money."""

from __future__ import annotations

from printing.amount import money
from printing.cash import CashKind, CashMovement
from printing.document import Align, Block, Columns, Document, Feed, Part, Size, Text
from printing.dress import SIGNATURES
from printing.layouts.parts import (
    copy_mark,
    ending,
    heading,
    labels,
    pair,
    rule,
    signature,
    when,
)
from printing.words import Words, words_in


def cash_movement(movement: CashMovement, width: int, words: Words | None = None) -> Document:
    """Lay the slip of a cash movement out.

    Raises:
        InexactAmount: the amount has fractions of a cent.
        UnknownLanguage: there are no texts in the slip's language.
    """
    texts = words or words_in(movement.language)
    title, mark = title_of(movement.kind, texts), copy_mark(movement.copy_number, texts)
    blocks: list[Block] = [
        Text(movement.shop, Align.CENTRE, bold=True),
        heading(title, width),
        *([heading(mark, width)] if mark else []),
        rule(),
        *pair(f"{texts.shift}: {movement.shift}", f"{texts.till}: {movement.till}", width),
        *labels(
            (
                (texts.cashier, movement.cashier),
                (texts.date, when(movement.at)),
                (texts.reason, movement.reason),
                (texts.approved_by, movement.approved_by),
            )
        ),
        rule(),
        *_amount(movement, texts),
        *ending(),
    ]
    return Document(tuple(blocks), title, movement.language, width, movement.shift)


def title_of(kind: CashKind, words: Words) -> str:
    """What the slip is called."""
    return {
        CashKind.FLOAT: words.float_slip,
        CashKind.PAID_IN: words.pay_in,
        CashKind.PAID_OUT: words.pay_out,
        CashKind.PICKUP: words.pickup,
        CashKind.LOAN: words.loan,
        CashKind.NO_SALE: words.drawer_opened,
    }[kind]


def _amount(movement: CashMovement, words: Words) -> list[Block]:
    """What moved, and lines to sign; a drawer that was only opened moved nothing."""
    if movement.kind is CashKind.NO_SALE:
        return []
    name = f"{words.amount} {movement.currency}".strip()
    return [
        Columns(name, money(movement.amount), bold=True, size=Size.TALL),
        Part(SIGNATURES, (Feed(2), signature(words.cashier), Feed(1), signature(words.taken_by))),
    ]
