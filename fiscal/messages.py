"""What is said to a fiscal device and what it says back, as data; amounts are Decimal."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from fiscal.amount import plain

Kind = Literal["invoice", "credit", "debit"]

RECEIPT_TYPES: Mapping[str, Kind] = {
    "fiscalinvoice": "invoice",
    "creditnote": "credit",
    "debitnote": "debit",
}
"""The device's receiptType, in lower case, and our kind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptLine:
    """One line to file; every figure is a magnitude, VAT included.

    Attributes:
        number: from 1.
        quantity: above zero.
        price: at most 6 decimals, such that round(quantity x price, 2) is the amount.
        amount: two decimals.
        tax_id: the device's tax id, configuration and never a constant.
        tax_percent: None when exempt, which is not zero.
        hs_code: customs code; sent only when the profile names a key for it.
    """

    number: int
    code: str
    name: str
    quantity: Decimal
    price: Decimal
    amount: Decimal
    tax_id: str
    tax_percent: Decimal | None
    hs_code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentLine:
    """Money received, in a device currency; the device files all of it as cash."""

    currency: str
    amount: Decimal
    rate: Decimal = Decimal(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Buyer:
    """A customer who wants the tax back; name and TIN go together."""

    name: str
    tin: str = ""
    vat_number: str = ""
    address: str = ""
    phone: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignOriginal:
    """Where the original of a note was filed when that was another device."""

    device_id: str
    receipt_global_no: int
    fiscal_day_no: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptRequest:
    """One receipt to file. Its number is allocated once and never used for anything else.

    Attributes:
        number: the InvoiceNumber, at most 50 characters with the device's prefix, 39 without.
        currency: the device's code, such as ZWG, never the spoken ZiG.
        original_number: of a credit or debit note, as it was sent then.
        total: magnitude, VAT included.
        tax: the VAT part of the total.
        comment: must not be blank, the device refuses that.
        foreign: the original, when another device filed it.
    """

    number: str
    kind: Kind
    currency: str
    total: Decimal
    tax: Decimal
    cashier: str
    comment: str
    lines: tuple[ReceiptLine, ...]
    payments: tuple[PaymentLine, ...]
    branch: str = ""
    original_number: str = ""
    buyer: Buyer | None = None
    foreign: ForeignOriginal | None = None

    def to_json(self) -> str:
        """The one canonical text: equal requests give equal texts."""
        return json.dumps(_plain(self), sort_keys=True, separators=(",", ":"), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> ReceiptRequest:
        """Read `to_json` back; raises ValueError, KeyError or TypeError for anything else."""
        data = json.loads(text)
        foreign, buyer = data["foreign"], data["buyer"]
        return cls(
            **{
                **data,
                "total": Decimal(data["total"]),
                "tax": Decimal(data["tax"]),
                "lines": tuple(_line(line) for line in data["lines"]),
                "payments": tuple(_payment(payment) for payment in data["payments"]),
                "buyer": Buyer(**buyer) if buyer else None,
                "foreign": ForeignOriginal(**foreign) if foreign else None,
            }
        )

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical text, as hexadecimal."""
        return digest_of(self.to_json())


@dataclass(frozen=True, slots=True, kw_only=True)
class FiledTax:
    """One tax group of a filed receipt, as magnitudes; percent is None when exempt."""

    code: str
    percent: Decimal | None
    sales: Decimal
    tax: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Filed:
    """What the device says of a receipt it filed; facts, not yet compared with any request.

    Attributes:
        number: as it was sent, the device's prefix taken off; empty when the answer lacks it.
        receipt_global_no: from the answer, else from the tail of the QR data.
        fiscal_day: the receipt's own day; None when only a look-up answered, which does not tell
            it. See `fiscal.fiscal_day.settle_day`.
        device_day: the day the device was on when it answered.
        filed_at: the device's local time, as it printed it.
        total: magnitude, VAT included.
        raw: the answer, as JSON data with numbers as text.
        taxes: its tax groups; empty when the answer does not show them.
    """

    number: str
    device_id: str
    device_serial: str
    qr: str
    verification_code: str
    verification_link: str
    receipt_global_no: int | None
    receipt_counter: int | None
    fiscal_day: int | None
    filed_at: str | None
    kind: Kind | None
    currency: str
    total: Decimal | None
    raw: dict[str, Any]
    device_day: int | None = None
    taxes: tuple[FiledTax, ...] = ()

    @property
    def day_base(self) -> int | None:
        """Global number minus counter: equal for receipts of one fiscal day and only for them."""
        if self.receipt_global_no is None or self.receipt_counter is None:
            return None
        return self.receipt_global_no - self.receipt_counter

    @property
    def is_complete(self) -> bool:
        """Whether a lawful paper can be printed from it, its fiscal day apart."""
        parts = (self.qr, self.verification_code, self.number, self.kind)
        figures = (self.receipt_global_no, self.receipt_counter, self.total, self.filed_at)
        return all(parts) and None not in figures


@dataclass(frozen=True, slots=True, kw_only=True)
class DayStatus:
    """The fiscal day as the device sees it; `status` is its own word."""

    is_open: bool
    last_receipt_global_no: int
    last_fiscal_day_no: int
    status: str
    device_id: str = ""
    device_serial: str = ""

    @property
    def is_closing(self) -> bool:
        """Whether it was closed and the authority has not judged that yet."""
        return self.status.casefold() == "fiscaldaycloseinitiated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """Who the device files for."""

    tin: str
    bpn: str
    vat_number: str
    company_name: str
    address: str
    registration_number: str
    serial_number: str
    device_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hello:
    """Where the device stands; the baseline of a request is taken from it before it is sent.

    Attributes:
        boot_id: changes when the device restarts; empty over HTTP, which does not tell.
        last_invoice_number: empty when unknown.
        fiscal_day: the current or last fiscal day.
        clock: the device's clock, aware; None when it does not tell.
        is_idle: False while it still executes a request whose asker is gone; over HTTP it does not
            tell, which counts as idle.
    """

    device_id: str
    serial: str
    boot_id: str
    last_receipt_global_no: int
    last_invoice_number: str
    is_day_open: bool
    fiscal_day: int
    clock: datetime | None
    is_idle: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class BacklogRow:
    """A receipt the device has filed and not yet delivered to the authority."""

    number: str
    amount: Decimal | None
    currency: str
    status: str
    created_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class License:
    """The device's software licence, in its own loose words."""

    status: str
    start: str
    end: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ZTotal:
    """One tax rate of a Z report; `rate` is the device's own text."""

    rate: str
    net: Decimal
    tax: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class ZCurrency:
    """The totals of one currency."""

    currency: str
    date: str
    totals: tuple[ZTotal, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ZReport:
    """The totals of a closed fiscal day.

    Attributes:
        is_recovered: the day is closed; the answer that carried the totals was lost, or they
            cannot be read.
    """

    fiscal_day: int | None
    currencies: tuple[ZCurrency, ...]
    message: str
    raw: dict[str, Any]
    is_recovered: bool = False


def digest_of(text: str) -> str:
    """The digest of a request that has been written as its canonical text already."""
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, str | int):
        return value
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, tuple):
        return [_plain(entry) for entry in value]
    if hasattr(value, "__dataclass_fields__"):
        return {name: _plain(getattr(value, name)) for name in value.__dataclass_fields__}
    return value


def _line(data: Mapping[str, Any]) -> ReceiptLine:
    percent = data["tax_percent"]
    figures = {name: Decimal(data[name]) for name in ("quantity", "price", "amount")}
    exact = None if percent is None else Decimal(percent)
    return ReceiptLine(**{**data, **figures, "tax_percent": exact})


def _payment(data: Mapping[str, Any]) -> PaymentLine:
    return PaymentLine(
        currency=data["currency"], amount=Decimal(data["amount"]), rate=Decimal(data["rate"])
    )
