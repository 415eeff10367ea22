"""Pieces that several kinds of paper share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from printing.clean import columns
from printing.document import Align, Block, Cell, Columns, Cut, Feed, Row, Rule, Size, Text
from printing.receipt import Buyer, Seller
from printing.words import Words

MARGIN = 2
"""Columns by which what belongs to a line is indented."""


def heading(text: str, width: int) -> Text:
    """A centred line in large letters, in normal ones where those would not fit."""
    size = Size.DOUBLE if columns(text) <= width // 2 else Size.TALL
    return Text(text, Align.CENTRE, bold=True, size=size)


def centred(lines: Iterable[str]) -> list[Block]:
    """Each text that says something, centred."""
    return [Text(line, Align.CENTRE) for line in lines if line.strip()]


def labelled(label: str, value: object) -> Text:
    """``Label: value`` as one paragraph."""
    return Text(f"{label}: {value}")


def labels(pairs: Iterable[tuple[str, str]]) -> list[Block]:
    """A paragraph for each label whose value says something."""
    return [labelled(label, value) for label, value in pairs if value.strip()]


def when(moment: datetime) -> str:
    """``dd/MM/yy HH:mm``, as the law prints it; the moment is in the shop's own time."""
    return moment.strftime("%d/%m/%y %H:%M")


def seller_block(seller: Seller, words: Words, width: int) -> list[Block]:
    """Name, TIN, VAT number, branch if it is another, address, contacts (ZIMRA FDMS 7.2)."""
    size = Size.DOUBLE if columns(seller.name) <= width // 2 else Size.TALL
    branch = seller.branch if seller.branch.strip() != seller.name.strip() else ""
    return [
        Text(seller.name, Align.CENTRE, bold=True, size=size),
        *centred(
            (
                f"{words.tin}: {seller.tin}",
                f"{words.vat_number}: {seller.vat_number}" if seller.vat_number else "",
                branch,
                ", ".join(part for part in seller.address if part.strip()),
                f"{words.phone}: {seller.phone}" if seller.phone else "",
                f"{words.email}: {seller.email}" if seller.email else "",
            )
        ),
    ]


def buyer_block(buyer: Buyer, words: Words) -> list[Block]:
    """Who buys, under a heading."""
    return [
        Text(words.buyer, bold=True),
        Text(buyer.name),
        *([Text(buyer.trade_name)] if buyer.trade_name.strip() else []),
        *labels(((words.tin, buyer.tin), (words.vat_number, buyer.vat_number))),
        *([Text(", ".join(buyer.address))] if buyer.address else []),
        *labels(((words.phone, buyer.phone), (words.email, buyer.email))),
    ]


def pair(left: str, right: str, width: int) -> list[Block]:
    """Two short texts side by side, under each other where they do not fit."""
    if not left.strip() or not right.strip():
        return [Text(part) for part in (left, right) if part.strip()]
    if columns(left) + 2 + columns(right) <= width:
        return [Columns(left, right)]
    return [Text(left), Text(right)]


def table(header: Sequence[str], rows: Sequence[Sequence[str]], width: int) -> list[Block]:
    """A table, the first column left and the others right; stacked where it is too wide.

    Columns are as wide as what stands in them, the room left over goes to the gaps. Stacked, each
    row becomes its first cell and below it one line per further cell with the column's name.
    """
    widths = [max(columns(cell) for cell in column) for column in zip(header, *rows, strict=True)]
    spare = width - sum(widths) - (len(widths) - 1)
    if spare < 0:
        return _stacked(header, rows)
    share, rest = divmod(spare, max(len(widths) - 1, 1))
    roomy = [widths[0], *(w + share + (i < rest) for i, w in enumerate(widths[1:]))]
    return [_table_row(cells, roomy, is_header=i == 0) for i, cells in enumerate([header, *rows])]


def ending() -> list[Block]:
    """A little room and the cut."""
    return [Feed(1), Cut()]


def rule() -> Rule:
    """The line between two parts."""
    return Rule()


def _table_row(cells: Sequence[str], widths: Sequence[int], *, is_header: bool) -> Row:
    aligns = [Align.LEFT, *[Align.RIGHT] * (len(cells) - 1)]
    fields = zip(cells, widths, aligns, strict=True)
    return Row(tuple(Cell(text, width, align) for text, width, align in fields), bold=is_header)


def _stacked(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[Block]:
    blocks: list[Block] = []
    for first, *others in rows:
        blocks.append(Text(f"{header[0]} {first}".strip(), bold=True))
        named = zip(header[1:], others, strict=True)
        blocks += [Columns(name, value, indent=MARGIN) for name, value in named]
    return blocks
