"""A paper as one shop wants it: lines above and below, with or without logo and optional parts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from printing.document import (
    PAGE_WIDTH,
    Align,
    Beside,
    Block,
    Cut,
    Document,
    Feed,
    Logo,
    Part,
    Text,
    Together,
)

CONTACTS, CASHIER, SIGNATURES, TERMS = "contacts", "cashier", "signatures", "terms"
TENDERS, DENOMINATIONS, OPENINGS, AUDIT = "tenders", "denominations", "openings", "audit"
REMARKS, AGES, LINES = "remarks", "ages", "lines"

ORDER_SLIP = "order_slip"
RECEIPT_PARTS = (CONTACTS, CASHIER)
PARTS: Mapping[str, tuple[str, ...]] = {
    "invoice": RECEIPT_PARTS,
    "credit_note": RECEIPT_PARTS,
    "debit_note": RECEIPT_PARTS,
    "quotation": (CONTACTS, TERMS),
    "sales_order": (CONTACTS, TERMS),
    "delivery_note": (CONTACTS, TERMS, SIGNATURES),
    "statement": (CONTACTS, AGES),
    "transfer": (SIGNATURES,),
    "count": (SIGNATURES,),
    "shift": (TENDERS, DENOMINATIONS, OPENINGS, AUDIT, SIGNATURES),
    "fiscal_day": (CONTACTS, REMARKS),
    "cash": (SIGNATURES,),
    "parked_sale": (LINES,),
    ORDER_SLIP: (),
    "proof": (),
}
"""Every kind of paper, and what a shop may leave out of it."""

RECEIPTS = ("invoice", "credit_note", "debit_note")
STOCK_PAGES = ("transfer", "count")
PAGES = (*RECEIPTS, "quotation", "sales_order", "delivery_note", "statement", *STOCK_PAGES, "proof")
"""Kinds that can be laid out for an A4 page."""


def without(document: Document, names: Iterable[str]) -> Document:
    """The same document without some of its optional parts."""
    gone = frozenset(names)
    return replace(document, blocks=_kept(document.blocks, gone)) if gone else document


def without_logo(document: Document) -> Document:
    """The same document without its picture."""
    return replace(document, blocks=_unpictured(document.blocks))


def framed(
    document: Document, *, header: Sequence[str] = (), footer: Sequence[str] = (), logo: int = 0
) -> Document:
    """The same document between lines of the shop's own.

    Args:
        document: one that has no such lines itself.
        header: paragraphs above.
        footer: paragraphs below.
        logo: number of a picture in the printer's memory that comes first on a roll; 0 for none.
    """
    is_page = document.width >= PAGE_WIDTH
    align = Align.LEFT if is_page else Align.CENTRE
    above: list[Block] = [Logo(logo)] if logo and not is_page else []
    above += [Text(line, align) for line in header if line.strip()]
    below: list[Block] = [Text(line, align) for line in footer if line.strip()]
    end = len(document.blocks)
    while end and isinstance(document.blocks[end - 1], Feed | Cut):
        end -= 1
    inner, ending = document.blocks[:end], document.blocks[end:]
    room: list[Block] = [Feed()] if below else []
    return replace(document, blocks=(*above, *inner, *room, *below, *ending))


def _kept(blocks: Iterable[Block], gone: frozenset[str]) -> tuple[Block, ...]:
    made: list[Block] = []
    for block in blocks:
        match block:
            case Part(name, inner):
                made += () if name in gone else _kept(inner, gone)
            case Together(inner):
                made.append(Together(_kept(inner, gone)))
            case Beside(left, right):
                made.append(Beside(_kept(left, gone), _kept(right, gone)))
            case _:
                made.append(block)
    return tuple(made)


def _unpictured(blocks: Iterable[Block]) -> tuple[Block, ...]:
    made: list[Block] = []
    for block in blocks:
        match block:
            case Logo():
                continue
            case Part(name, inner):
                made.append(Part(name, _unpictured(inner)))
            case Together(inner):
                made.append(Together(_unpictured(inner)))
            case Beside(left, right):
                made.append(Beside(_unpictured(left), _unpictured(right)))
            case _:
                made.append(block)
    return tuple(made)
