"""The texts that are hashed and signed: receipts, days, and the authority's own replies to them.

Fields follow each other without separators, in UTF-8, money in signed cents (ZIMRA FDMS 7.2 §13).
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import IntEnum

from fiscal.amount import cents, percent_text


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxRow:
    """One tax group of a receipt; `percent` is None when exempt, `code` may be empty."""

    tax_id: int
    code: str
    percent: Decimal | None
    tax: Decimal
    sales: Decimal


class CounterType(IntEnum):
    """Fiscal counters in the order of the day text."""

    SALE_BY_TAX = 0
    SALE_TAX_BY_TAX = 1
    CREDIT_NOTE_BY_TAX = 2
    CREDIT_NOTE_TAX_BY_TAX = 3
    DEBIT_NOTE_BY_TAX = 4
    DEBIT_NOTE_TAX_BY_TAX = 5
    BALANCE_BY_MONEY_TYPE = 6

    @property
    def text(self) -> str:
        """The name in the day text."""
        return self.name.replace("_", "")


class MoneyType(IntEnum):
    """Means of payment in the order of the day text."""

    CASH = 0
    CARD = 1
    MOBILEWALLET = 2
    COUPON = 3
    CREDIT = 4
    BANKTRANSFER = 5
    OTHER = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Counter:
    """One fiscal counter: by tax, or by means of payment when `money` is set."""

    type: CounterType
    currency: str
    value: Decimal
    tax_id: int = 0
    percent: Decimal | None = None
    money: MoneyType | None = None

    @property
    def order(self) -> tuple[int, str, int, str]:
        """Counter type, then currency, then tax id or means of payment."""
        within = self.tax_id if self.money is None else int(self.money)
        return (int(self.type), self.currency, within, percent_text(self.percent))

    @property
    def text(self) -> str:
        """The counter in the day text."""
        key = percent_text(self.percent) if self.money is None else self.money.name
        return f"{self.type.text}{self.currency}{key}{cents(self.value)}"


def receipt_text(
    device_id: str,
    receipt_type: str,
    *,
    currency: str,
    global_no: int,
    date_text: str,
    total: Decimal,
    taxes: Iterable[TaxRow],
    previous_hash: str,
) -> str:
    """The text of a receipt; the first of a fiscal day has no previous hash (FDMS 7.2 §13.2.1).

    Args:
        device_id: without leading zeros.
        receipt_type: FiscalInvoice, CreditNote or DebitNote.
        currency: ISO code.
        global_no: receiptGlobalNo.
        date_text: ``YYYY-MM-DDTHH:mm:ss``, local.
        total: signed, as are the taxes.
        taxes: in any order.
        previous_hash: base64, or empty.
    """
    rows = sorted(taxes, key=lambda row: (row.tax_id, row.code))
    groups = "".join(
        f"{row.code}{percent_text(row.percent)}{cents(row.tax)}{cents(row.sales)}" for row in rows
    )
    head = f"{device_id}{receipt_type.upper()}{currency}{global_no}{date_text}"
    return f"{head}{cents(total)}{groups}{previous_hash}"


def day_text(device_id: str, fiscal_day: int, *, opened: date, counters: Iterable[Counter]) -> str:
    """The text of a fiscal day; zero counters are left out (FDMS 7.2 §13.3.1).

    Means of payment follow the order of their enumeration, which live closes were accepted with.
    """
    return f"{device_id}{fiscal_day}{opened.isoformat()}{counters_text(counters)}"


def counters_text(counters: Iterable[Counter]) -> str:
    """The counters of a day text, in order; zero ones are left out."""
    standing = sorted((entry for entry in counters if entry.value), key=lambda entry: entry.order)
    return "".join(entry.text for entry in standing)


def server_receipt_text(signature: str, receipt_id: int, server_date: str) -> str:
    """The text the authority signs when it accepts a receipt (FDMS 7.2 §13.2.2)."""
    return f"{signature}{receipt_id}{server_date}"


def server_day_text(
    device_id: str,
    fiscal_day: int,
    *,
    opened: date,
    updated: str,
    reconciliation: str,
    counters: str,
    signature: str,
) -> str:
    """The text the authority signs when a day is closed (FDMS 7.2 §13.3.2).

    Args:
        device_id: without leading zeros.
        fiscal_day: its number.
        opened: the date it was opened.
        updated: when it was closed, ``YYYY-MM-DDTHH:mm:ss``.
        reconciliation: Auto or Manual.
        counters: as `counters_text` gives them.
        signature: the device's own, base64; left out when the authority closed by hand.
    """
    own = "" if reconciliation.upper() == "MANUAL" else signature
    head = f"{device_id}{fiscal_day}{opened.isoformat()}{updated}{reconciliation.upper()}"
    return f"{head}{counters}{own}"


def hash_of(text: str) -> str:
    """SHA-256 of a text, in base64."""
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
