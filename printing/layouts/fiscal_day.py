"""The X and Z report of a fiscal day (ZIMRA FDMS 7.2, Z report content)."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from printing.amount import money, plain_number
from printing.document import Block, Columns, Document, Part, Size, Text
from printing.dress import REMARKS
from printing.fiscal_day import CurrencyTotals, DocumentTotal, FiscalDayReport, TaxTotal
from printing.layouts.parts import MARGIN, ending, heading, labels, rule, seller_block, table, when
from printing.words import Words, words_in

ROOMY = 40
"""From this width on the documents table names its amounts in full."""


def fiscal_day_report(report: FiscalDayReport, width: int, words: Words | None = None) -> Document:
    """Lay out a Z report, or an X report while the day is open.

    Raises:
        InexactAmount: an amount has fractions of a cent.
        UnknownLanguage: there are no texts in the report's language.
    """
    texts = words or words_in(report.language)
    title = texts.x_report if report.closed_at is None else texts.z_report
    sold = [totals for totals in report.currencies if not totals.is_empty]
    by_code = sorted(sold, key=lambda totals: totals.currency)
    blocks = [
        *_head(report, title, words=texts, width=width),
        *(block for totals in by_code for block in _currency(totals, texts, width)),
        *_remarks(report.remarks),
        *ending(),
    ]
    return Document(tuple(blocks), title, report.language, width)


def _remarks(remarks: Iterable[str]) -> list[Block]:
    rows: list[Block] = [Text(remark) for remark in remarks if remark.strip()]
    return [Part(REMARKS, (*rows, rule()))] if rows else []


def _head(report: FiscalDayReport, title: str, *, words: Words, width: int) -> list[Block]:
    copy = f"*** {words.copy} {report.copy_number} ***"
    return [
        heading(title, width),
        *([heading(copy, width)] if report.copy_number else []),
        *seller_block(report.seller, words, width),
        rule(),
        *labels(
            (
                (words.fiscal_day, str(report.fiscal_day)),
                (words.opened, when(report.opened_at) if report.opened_at else ""),
                (words.closed, when(report.closed_at) if report.closed_at else ""),
                (words.device_serial, report.device_serial),
                (words.device_id, report.device_id),
            )
        ),
        rule(),
    ]


def _currency(totals: CurrencyTotals, words: Words, width: int) -> list[Block]:
    taxes = sorted(totals.taxes, key=_by_percent)
    taxed = [tax for tax in taxes if tax.percent]
    return [
        Text(f"{words.daily_totals} {totals.currency}", bold=True, size=Size.TALL),
        *_block(words.total_net, ((_row(words.net_of, tax), tax.net) for tax in taxes)),
        *(
            _block(words.total_tax, ((_row(words.tax_of, tax), tax.tax) for tax in taxed))
            if taxed
            else []
        ),
        *_block(words.total_gross, ((_row(words.gross_of, tax), tax.gross) for tax in taxes)),
        *_documents(totals, words, width),
        rule(),
    ]


def _by_percent(tax: TaxTotal) -> Decimal:
    """Highest rate first, zero-rated before exempt."""
    return Decimal(1) if tax.percent is None else -tax.percent


def _row(what: str, tax: TaxTotal) -> str:
    """Say of each row what it is: without it, three rows of one tax look alike."""
    rate = "" if tax.percent is None else f" {plain_number(tax.percent)}%"
    return f"{what}, {f'{tax.name}{rate}'.strip()}"


def _block(total_name: str, rows: Iterable[tuple[str, Decimal]]) -> list[Block]:
    listed = list(rows)
    total = sum((amount for _, amount in listed), Decimal(0))
    lines = [Columns(name, money(amount), indent=MARGIN) for name, amount in listed]
    return [*lines, Columns(total_name, money(total), bold=True)]


def _documents(totals: CurrencyTotals, words: Words, width: int) -> list[Block]:
    kinds = (
        (words.invoices, totals.invoices),
        (words.credit_notes, totals.credit_notes),
        (words.debit_notes, totals.debit_notes),
    )
    count = sum(kind.count for _, kind in kinds)
    amount = sum((kind.amount for _, kind in kinds), Decimal(0))
    total = (words.total_documents, DocumentTotal(count=count, amount=amount))
    rows = [_document_row(name, kind) for name, kind in (*kinds, total)]
    amount_name = words.total_amount if width >= ROOMY else words.gross
    return [table((words.documents, words.quantity, amount_name), rows)]


def _document_row(name: str, total: DocumentTotal) -> tuple[str, str, str]:
    return (name, str(total.count), money(total.amount))
