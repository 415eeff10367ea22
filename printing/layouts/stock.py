"""Transfer sheet and count sheet, for a page or a roll."""

from __future__ import annotations

from collections.abc import Sequence

from printing.amount import plain_number
from printing.document import (
    PAGE_WIDTH,
    Align,
    Beside,
    Block,
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
from printing.dress import SIGNATURES
from printing.layouts.parts import (
    copy_mark,
    ending,
    facts,
    filled,
    heading,
    labelled,
    labels,
    page_head,
    page_title,
    rule,
    signature,
    when,
)
from printing.stock import CountSheet, StockLine, TransferSheet
from printing.words import Words, words_in

TO_WRITE = "________"


def transfer_sheet(
    sheet: TransferSheet, width: int = PAGE_WIDTH, words: Words | None = None
) -> Document:
    """Lay a transfer sheet out; what arrives is written beside what was sent.

    Raises:
        UnknownLanguage: there are no texts in the sheet's language.
    """
    texts = words or words_in(sheet.language)
    pairs = (
        (texts.number, sheet.number),
        (texts.from_warehouse, sheet.source),
        (texts.to_warehouse, sheet.target),
        (texts.on_date, when(sheet.made_at)),
        (texts.made_by, sheet.made_by),
    )
    blocks = [
        *_head(sheet.shop, texts.transfer, copy_mark(sheet.copy_number, texts), pairs, width),
        _table(sheet.lines, texts.sent, texts.received, texts),
        Together(tuple(_foot(sheet.notes, (texts.sent_by, texts.taken_by), texts))),
        *ending(),
    ]
    return Document(tuple(blocks), texts.transfer, sheet.language, width, sheet.number)


def count_sheet(sheet: CountSheet, width: int = PAGE_WIDTH, words: Words | None = None) -> Document:
    """Lay a count sheet out; a blind one does not tell what the books say.

    Raises:
        UnknownLanguage: there are no texts in the sheet's language.
    """
    texts = words or words_in(sheet.language)
    pairs = (
        (texts.number, sheet.number),
        (texts.warehouse, sheet.warehouse),
        (texts.on_date, when(sheet.made_at)),
        (texts.made_by, sheet.made_by),
    )
    blocks = [
        *_head(sheet.shop, texts.count_sheet, copy_mark(sheet.copy_number, texts), pairs, width),
        _table(sheet.lines, texts.in_books, texts.counted, texts),
        Together(tuple(_foot(sheet.notes, (texts.counted_by, texts.checked_by), texts))),
        *ending(),
    ]
    return Document(tuple(blocks), texts.count_sheet, sheet.language, width, sheet.number)


def _head(
    shop: str, title: str, mark: str, pairs: Sequence[tuple[str, str]], width: int
) -> list[Block]:
    if width >= PAGE_WIDTH:
        left = (Text(shop, bold=True, size=Size.TALL), *facts(pairs))
        return [*page_head(left, page_title(title, mark)), Feed()]
    return [
        Text(shop, Align.CENTRE, bold=True),
        heading(title, width),
        *([heading(mark, width)] if mark else []),
        rule(),
        *labels(pairs),
        rule(),
    ]


def _table(lines: Sequence[StockLine], told: str, asked: str, words: Words) -> Table:
    fields = (
        Field(words.code, Align.LEFT),
        Field(words.description, Align.LEFT, grows=True),
        Field(words.unit, Align.LEFT),
        Field(told),
        Field(asked),
    )
    return filled(Table(fields, tuple(_line(line, words) for line in lines)))


def _line(line: StockLine, words: Words) -> Line:
    cells = (
        line.code,
        line.name,
        words.each if line.uom == "each" else line.uom,
        "" if line.quantity is None else plain_number(line.quantity),
        TO_WRITE if line.answer is None else plain_number(line.answer),
    )
    return Line(cells, tuple(note for note in (line.batch, line.note) if note.strip()))


def _foot(notes: str, signers: tuple[str, str], words: Words) -> list[Block]:
    said: list[Block] = [labelled(words.notes, notes)] if notes.strip() else []
    left, right = signers
    signed = (Feed(2), Beside((signature(left), Feed()), (signature(right),)))
    return [Feed(), *said, Part(SIGNATURES, signed)]
