"""A receipt as the box files it, for ever."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any

from fiscal.chain import TaxRow

_MONEY = ("total", "tax", "amount_sent", "paid_sent")

KINDS = {"FiscalInvoice": "invoice", "CreditNote": "credit", "DebitNote": "debit"}


@dataclass(frozen=True, slots=True, kw_only=True)
class FiledLine:
    """One line; price and total are negative on a credit note, the quantity never is.

    Attributes:
        type: Sale, or Discount for a line that takes off what others charge.
    """

    number: int
    code: str
    name: str
    quantity: Decimal
    price: Decimal
    total: Decimal
    tax_id: int
    tax_code: str
    tax_percent: Decimal | None
    hs_code: str
    type: str = "Sale"


@dataclass(frozen=True, slots=True, kw_only=True)
class FiledPayment:
    """Money received by one means, such as Cash or MobileWallet; negative on a credit note."""

    money_type: str
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Original:
    """The receipt a note refers to; its number is empty when another device filed it."""

    device_id: str
    receipt_global_no: int
    fiscal_day: int
    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What was filed; money is signed.

    Attributes:
        number: as sent; filed as ``{device}-{number}``.
        amount_sent: the total the till had sent; the box computes its own.
        paid_sent: the payments it had sent.
        payments: what the box files of them: one row of cash, equal to the total.
        date: local, without zone.
        filed_at: the local time on the clock of the box; the date may be some seconds ahead.
        is_tax_inclusive: whether lines include their tax, as REVMax always files them.
    """

    number: str
    type: str
    currency: str
    total: Decimal
    tax: Decimal
    amount_sent: Decimal
    paid_sent: Decimal
    lines: tuple[FiledLine, ...]
    taxes: tuple[TaxRow, ...]
    payments: tuple[FiledPayment, ...]
    buyer: Mapping[str, str] | None
    cashier: str
    comment: str
    original: Original | None
    receipt_global_no: int
    receipt_counter: int
    fiscal_day: int
    date: str
    filed_at: str
    text: str
    hash: str
    previous_hash: str
    signature: str
    qr: str
    verification_code: str
    is_tax_inclusive: bool = True

    @property
    def paid(self) -> Decimal:
        """The sum of the filed payments."""
        return sum((row.amount for row in self.payments), Decimal("0.00"))

    @property
    def is_credit(self) -> bool:
        """Whether it takes money back."""
        return self.type == "CreditNote"

    def to_dict(self) -> dict[str, Any]:
        """The receipt as JSON data, decimals as text."""
        data = {name: _plain(getattr(self, name)) for name in _NAMES}
        return data | {"kind": KINDS[self.type], "paid": _plain(self.paid)}


_NAMES = tuple(field.name for field in fields(Receipt))
_PARTS = {
    part: tuple(field.name for field in fields(part))
    for part in (FiledLine, FiledPayment, Original, TaxRow)
}


def from_dict(data: Mapping[str, Any]) -> Receipt:
    """Read `Receipt.to_dict` back; what others noted beside it is left aside."""
    plain = {name: data[name] for name in _NAMES}
    money = {name: Decimal(data[name]) for name in _MONEY}
    return Receipt(
        **{
            **plain,
            **money,
            "lines": tuple(_line(line) for line in data["lines"]),
            "taxes": tuple(_tax(row) for row in data["taxes"]),
            "payments": tuple(_payment(row) for row in data["payments"]),
            "original": Original(**data["original"]) if data["original"] else None,
        }
    )


def _plain(value: Any) -> Any:
    """JSON data of one field; written out here since a receipt is written with every sale."""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, tuple):
        return [_plain(entry) for entry in value]
    names = _PARTS.get(type(value))
    return value if names is None else {name: _plain(getattr(value, name)) for name in names}


def _line(data: Mapping[str, Any]) -> FiledLine:
    figures = {name: Decimal(data[name]) for name in ("quantity", "price", "total")}
    return FiledLine(**{**data, **figures, "tax_percent": _percent(data["tax_percent"])})


def _tax(data: Mapping[str, Any]) -> TaxRow:
    figures = {name: Decimal(data[name]) for name in ("tax", "sales")}
    return TaxRow(**{**data, **figures, "percent": _percent(data["percent"])})


def _payment(data: Mapping[str, Any]) -> FiledPayment:
    return FiledPayment(money_type=data["money_type"], amount=Decimal(data["amount"]))


def _percent(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
