"""Pieces that several kinds of paper share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from printing.clean import columns
from printing.document import (
    PAGE_WIDTH,
    Align,
    Beside,
    Block,
    Columns,
    Cut,
    Feed,
    Field,
    Line,
    Logo,
    Part,
    Rule,
    Size,
    Table,
    Text,
)
from printing.dress import CONTACTS
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
            )
        ),
        Part(
            CONTACTS,
            tuple(
                centred(
                    (
                        f"{words.phone}: {seller.phone}" if seller.phone else "",
                        f"{words.email}: {seller.email}" if seller.email else "",
                    )
                )
            ),
        ),
    ]


def seller_lines(seller: Seller, words: Words) -> tuple[Block, ...]:
    """The same on the left of a page."""
    branch = seller.branch if seller.branch.strip() != seller.name.strip() else ""
    address = ", ".join(part for part in seller.address if part.strip())
    return (
        Text(seller.name, bold=True, size=Size.TALL),
        *(Text(line) for line in (branch, address) if line.strip()),
        *labels(((words.tin, seller.tin), (words.vat_number, seller.vat_number))),
        Part(
            CONTACTS,
            tuple(labels(((words.phone, seller.phone), (words.email, seller.email)))),
        ),
    )


def page_title(title: str, *marks: str) -> tuple[Block, ...]:
    """The name of a page on its right, and below it what else must not be overlooked."""
    return (
        Text(title, Align.RIGHT, bold=True, size=Size.DOUBLE),
        *(Text(mark, Align.RIGHT, bold=True, size=Size.TALL) for mark in marks if mark),
    )


def page_head(left: tuple[Block, ...], right: tuple[Block, ...]) -> tuple[Block, ...]:
    """The head of a page: the shop under its logo, and what this is."""
    return (Beside((Logo(), *left), right), rule())


def copy_mark(copy_number: int, words: Words) -> str:
    """The mark of everything that is not the one original (VAT Act s20: one original only)."""
    return f"*** {words.copy} {copy_number} ***" if copy_number else ""


def letterhead(
    seller: Seller,
    titles: tuple[str, ...],
    pairs: Sequence[tuple[str, str]],
    *,
    words: Words,
    width: int,
) -> list[Block]:
    """The head of a business paper on a page, or the same one under the other on a roll.

    Args:
        seller: who writes.
        titles: the name of the paper, then marks such as COPY.
        pairs: what identifies it; those that say nothing are left out.
        words: texts to use.
        width: columns; from `PAGE_WIDTH` on it is a page.
    """
    if width >= PAGE_WIDTH:
        right = (*page_title(*titles), Feed(), *facts(pairs))
        return list(page_head(seller_lines(seller, words), right))
    marks = [Text(mark, Align.CENTRE, bold=True) for mark in titles[1:] if mark]
    return [
        *seller_block(seller, words, width),
        rule(),
        heading(titles[0], width),
        *marks,
        rule(),
        *labels(pairs),
        rule(),
    ]


def facts(pairs: Iterable[tuple[str, str]]) -> tuple[Block, ...]:
    """Names on the left and what they are on the right, without those that say nothing."""
    return tuple(Columns(name, value) for name, value in pairs if value.strip())


def filled(table: Table) -> Table:
    """The same table without the columns in which nothing stands."""
    says = [any(line.cells[at].strip() for line in table.lines) for at in range(len(table.fields))]
    if all(says) or not table.lines:
        return table
    kept = [at for at, is_there in enumerate(says) if is_there]
    lines = (replace(line, cells=tuple(line.cells[at] for at in kept)) for line in table.lines)
    return Table(tuple(table.fields[at] for at in kept), tuple(lines))


def signature(label: str) -> Text:
    """A line to sign on."""
    return Text(f"{label}: {'_' * 20}")


def buyer_block(buyer: Buyer, words: Words, title: str = "") -> list[Block]:
    """Who buys, under a heading."""
    return [
        Text(title or words.buyer, bold=True),
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


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    """A table of short texts, the first column left and the others right."""
    fields = (Field(header[0], Align.LEFT), *(Field(title) for title in header[1:]))
    return Table(fields, tuple(Line(tuple(row)) for row in rows))


def ending() -> list[Block]:
    """A little room and the cut."""
    return [Feed(1), Cut()]


def rule() -> Rule:
    """The line between two parts."""
    return Rule()
