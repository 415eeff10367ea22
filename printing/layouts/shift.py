"""The X report and the close of a shift: per currency what should be there and what is."""

from __future__ import annotations

from decimal import Decimal

from printing.amount import money, plain_number
from printing.document import Align, Block, Columns, Document, Feed, Part, Size, Text
from printing.dress import AUDIT, DENOMINATIONS, OPENINGS, SIGNATURES, TENDERS
from printing.layouts.parts import MARGIN, ending, heading, labelled, labels, pair, rule, when
from printing.shift import CountTotal, Denomination, DrawerCount, DrawerOpenings, ShiftReport
from printing.words import Words, words_in


def shift_report(report: ShiftReport, width: int, words: Words | None = None) -> Document:
    """Lay out an X report (`closed_at` None) or a shift close.

    Raises:
        InexactAmount: an amount has fractions of a cent.
        UnknownLanguage: there are no texts in the report's language.
    """
    texts = words or words_in(report.language)
    title = texts.shift_x if report.closed_at is None else texts.shift_close
    blocks = [
        *_head(report, title, words=texts, width=width),
        *_counts(report, texts),
        *_tenders(report, texts),
        *(block for drawer in report.drawers for block in _drawer(drawer, texts)),
        *_foot(report, texts),
        *ending(),
    ]
    return Document(tuple(blocks), title, report.language, width)


def _head(report: ShiftReport, title: str, *, words: Words, width: int) -> list[Block]:
    closed = when(report.closed_at) if report.closed_at else ""
    copy = f"*** {words.copy} {report.copy_number} ***"
    return [
        Text(report.shop, Align.CENTRE, bold=True),
        heading(title, width),
        *([heading(copy, width)] if report.copy_number else []),
        rule(),
        *pair(f"{words.shift}: {report.shift}", f"{words.till}: {report.till}", width),
        *labels(
            (
                (words.cashier, report.cashier),
                (words.business_date, report.business_date.strftime("%d/%m/%y")),
                (words.opened, when(report.opened_at)),
                (words.closed, closed),
                (words.printed, when(report.printed_at)),
            )
        ),
        rule(),
    ]


def _counts(report: ShiftReport, words: Words) -> list[Block]:
    return [
        *_totals(words.sales, report.sales),
        *_totals(words.refunds, report.refunds),
        *([] if report.voids is None else [Columns(words.voids, str(report.voids))]),
        *_openings(report.openings, words),
        rule(),
    ]


def _openings(openings: DrawerOpenings | None, words: Words) -> list[Block]:
    """How often the drawer was opened; without a sale always, for zero says something too."""
    if openings is None:
        return []
    rows = (
        Columns(words.drawer_openings, str(openings.total)),
        Columns(words.drawer_no_sale, str(openings.no_sale), indent=MARGIN),
        Columns(words.drawer_unasked, str(openings.unasked), indent=MARGIN),
    )
    return [Part(OPENINGS, rows)]


def _totals(name: str, totals: tuple[CountTotal, ...]) -> list[Block]:
    if not totals:
        return [Columns(name, "0")]
    return [
        Columns(f"{name} {total.currency} ({total.count})", money(total.amount)) for total in totals
    ]


def _tenders(report: ShiftReport, words: Words) -> list[Block]:
    if not report.tenders:
        return []
    lines = [
        Columns(f"{total.name} {total.currency} ({total.count})", money(total.amount))
        for total in report.tenders
    ]
    return [Part(TENDERS, (Text(words.tenders, bold=True), *lines, rule()))]


def _drawer(drawer: DrawerCount, words: Words) -> list[Block]:
    moves = (
        (words.float_in, drawer.opening),
        (words.cash_sales, drawer.cash_sales),
        (words.cash_refunds, -drawer.cash_refunds),
        (words.change_given, -drawer.change_given),
        (words.paid_in, drawer.paid_in),
        (words.loans, drawer.loans),
        (words.paid_out, -drawer.paid_out),
        (words.pickups, -drawer.pickups),
    )
    return [
        Text(drawer.currency, bold=True, size=Size.TALL),
        *(Columns(name, money(amount), indent=MARGIN) for name, amount in moves if amount),
        Columns(words.expected, money(drawer.expected), bold=True),
        *_counted(drawer, words),
        rule(),
    ]


def _counted(drawer: DrawerCount, words: Words) -> list[Block]:
    if drawer.counted is None:
        return [Columns(words.counted, words.not_counted)]
    return [
        Part(DENOMINATIONS, tuple(_denomination(row) for row in drawer.denominations if row.count)),
        Columns(words.counted, money(drawer.counted), bold=True),
        _difference(drawer.counted - drawer.expected, words),
    ]


def _denomination(row: Denomination) -> Columns:
    value = plain_number(row.value) if row.value == row.value.to_integral() else money(row.value)
    return Columns(f"{value} x {row.count}", money(row.value * row.count), indent=MARGIN)


def _difference(difference: Decimal, words: Words) -> Columns:
    if difference == 0:
        return Columns(words.agrees, money(difference), bold=True)
    word = words.over if difference > 0 else words.short
    return Columns(word, money(difference), bold=True, size=Size.TALL)


def _foot(report: ShiftReport, words: Words) -> list[Block]:
    notes: list[Block] = [labelled(words.notes, report.notes)] if report.notes.strip() else []
    head: list[Block] = [Part(AUDIT, (Text(report.audit_head),))] if report.audit_head else []
    if report.closed_at is None:
        return [*notes, *head]
    signed = (Feed(2), Text(f"{words.signature}: ..................."))
    return [*notes, *head, Part(SIGNATURES, signed)]
