"""A fiscal day as plain data, for its X and Z report (ZIMRA FDMS 7.2, Z report content)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from printing.receipt import Seller


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxTotal:
    """One tax of the day, percent None for exempt; only taxed groups have a `tax` row on paper."""

    name: str
    percent: Decimal | None
    net: Decimal
    tax: Decimal
    gross: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentTotal:
    """How many documents of one kind, and their total; credit notes with their minus sign."""

    count: int
    amount: Decimal


NONE = DocumentTotal(count=0, amount=Decimal(0))


@dataclass(frozen=True, slots=True, kw_only=True)
class CurrencyTotals:
    """The day in one currency."""

    currency: str
    taxes: tuple[TaxTotal, ...]
    invoices: DocumentTotal = NONE
    credit_notes: DocumentTotal = NONE
    debit_notes: DocumentTotal = NONE

    @property
    def is_empty(self) -> bool:
        """Whether nothing was filed in it; such a currency is left out."""
        counts = (self.invoices.count, self.credit_notes.count, self.debit_notes.count)
        return not any(counts) and not any(tax.gross for tax in self.taxes)


@dataclass(frozen=True, slots=True, kw_only=True)
class FiscalDayReport:
    """A fiscal day; `closed_at` None makes it an X report.

    Attributes:
        opened_at: None when nobody here has seen it opened.
        remarks: what the shop adds below the law's content, such as where accounts part.
    """

    seller: Seller
    device_id: str
    device_serial: str
    fiscal_day: int
    opened_at: datetime | None
    currencies: tuple[CurrencyTotals, ...]
    closed_at: datetime | None = None
    remarks: tuple[str, ...] = ()
    copy_number: int = 0
    language: str = "en"
