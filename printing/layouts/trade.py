"""Quotation, sales order and delivery note, for a page or a roll.

They say on their head that they are no receipt, and carry no QR code (production lesson L38).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

from printing.amount import money, plain_number, price
from printing.document import (
    PAGE_WIDTH,
    Align,
    Barcode,
    Beside,
    Block,
    Columns,
    Document,
    Feed,
    Field,
    Line,
    Part,
    Size,
    Table,
    Text,
    Together,
)
from printing.dress import SIGNATURES, TERMS
from printing.layouts.parts import (
    buyer_block,
    copy_mark,
    ending,
    filled,
    labelled,
    letterhead,
    rule,
    signature,
    table,
)
from printing.layouts.receipt import tax_name
from printing.trade import TradeKind, TradeLine, TradePaper
from printing.words import Words, words_in


def trade_paper(paper: TradePaper, width: int = PAGE_WIDTH, words: Words | None = None) -> Document:
    """Lay a quotation, sales order or delivery note out.

    Args:
        paper: what it says.
        width: columns; `PAGE_WIDTH` for a page.
        words: texts to use; those of the paper's language by default.

    Raises:
        InexactAmount: an amount has fractions of a cent.
        UnknownLanguage: there are no texts in the paper's language.
    """
    texts = words or words_in(paper.language)
    title = title_of(paper, texts)
    titles = (title, copy_mark(paper.copy_number, texts), texts.not_fiscal)
    pairs = (
        (texts.number, paper.number),
        (texts.on_date, day(paper.made_on)),
        (texts.valid_to, day(paper.valid_until)),
        (texts.your_reference, paper.reference),
        (texts.made_by, paper.made_by),
    )
    blocks: list[Block] = [
        *letterhead(paper.seller, titles, pairs, words=texts, width=width),
        *_parties(paper, texts, width),
        _lines(paper, texts),
        Together((Feed(), *_totals(paper, texts))),
        Together(tuple(_foot(paper, texts))),
        *((Feed(), Barcode(paper.barcode)) if paper.barcode else ()),
        *ending(),
    ]
    return Document(tuple(blocks), title, paper.language, width, paper.number)


def title_of(paper: TradePaper, words: Words) -> str:
    """What the paper is called."""
    match paper.kind:
        case TradeKind.QUOTATION:
            return words.quotation
        case TradeKind.SALES_ORDER:
            return words.sales_order
        case TradeKind.DELIVERY_NOTE:
            return words.delivery_note
        case TradeKind.PRO_FORMA:
            return words.pro_forma


def day(on: date | None) -> str:
    """``dd/MM/yy``, or nothing."""
    return on.strftime("%d/%m/%y") if on else ""


def _parties(paper: TradePaper, words: Words, width: int) -> list[Block]:
    customer = tuple(buyer_block(paper.partner, words, words.customer.upper()))
    address = tuple(Text(line) for line in paper.deliver_to if line.strip())
    there = (Text(words.deliver_to, bold=True), *address) if address else ()
    end = Feed() if width >= PAGE_WIDTH else rule()
    return [Beside(customer, there), end]


def _lines(paper: TradePaper, words: Words) -> Table:
    fields = (
        Field(words.code, Align.LEFT),
        Field(words.description, Align.LEFT, grows=True),
        Field(words.quantity),
        Field(words.unit, Align.LEFT),
        Field(words.unit_price),
        Field(words.tax),
        Field(f"{words.gross} {paper.currency}".strip()),
    )
    return filled(Table(fields, tuple(_line(line, words) for line in paper.lines)))


def _line(line: TradeLine, words: Words) -> Line:
    cells = (
        line.code,
        line.name,
        plain_number(line.quantity),
        words.each if line.uom == "each" else line.uom,
        _or_nothing(line.price, price),
        line.tax,
        _or_nothing(line.amount, money),
    )
    return Line(cells, (line.note,) if line.note.strip() else ())


def _or_nothing(amount: Decimal | None, shown: Callable[[Decimal], str]) -> str:
    return "" if amount is None else shown(amount)


def _totals(paper: TradePaper, words: Words) -> list[Block]:
    if paper.total is None:
        return []
    total = Columns(
        f"{words.total} {paper.currency}".strip(), money(paper.total), bold=True, size=Size.TALL
    )
    rows = [
        (tax_name(row, words), money(row.net), money(row.vat), money(row.gross))
        for row in paper.taxes
    ]
    taxes = (table((words.tax, words.net, words.vat, words.gross), rows),) if rows else ()
    return [Beside(taxes, (total,))]


def _foot(paper: TradePaper, words: Words) -> list[Block]:
    terms, notes = paper.terms, paper.notes
    blocks: list[Block] = [Part(TERMS, (labelled(words.terms, terms),))] if terms.strip() else []
    blocks += [labelled(words.notes, notes)] if notes.strip() else []
    if paper.kind is TradeKind.DELIVERY_NOTE:
        blocks += [Part(SIGNATURES, (Feed(2), signature(words.received_by)))]
    footer = [Text(line) for line in paper.footer if line.strip()]
    return [*([Feed()] if blocks or footer else []), *blocks, *footer]
