"""A receipt as the box files it, for ever."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from fiscal import decimal_json
from fiscal.chain import TaxRow

_MONEY = ("total", "tax", "paid", "amount_sent", "paid_sent")

KINDS = {"FiscalInvoice": "invoice", "CreditNote": "credit", "DebitNote": "debit"}


@dataclass(frozen=True, slots=True, kw_only=True)
class FiledLine:
    """One line; price and total are negative on a credit note, the quantity never is."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Original:
    """The receipt a note refers to."""

    device_id: str
    receipt_global_no: int
    fiscal_day: int
    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What was filed; money is signed.

    Attributes:
        number: as sent; filed as ``{device}-{number}``.
        paid: the one payment the box files, in cash, equal to the total.
        amount_sent: the total the till had sent; the box computes its own.
        paid_sent: the payments it had sent.
        date: local, without zone.
        filed_at: the local time on the clock of the box; the date may be some seconds ahead.
        problems: validation codes of FDMS 7.2, such as RCPT031.
    """

    number: str
    type: str
    currency: str
    total: Decimal
    tax: Decimal
    paid: Decimal
    amount_sent: Decimal
    paid_sent: Decimal
    lines: tuple[FiledLine, ...]
    taxes: tuple[TaxRow, ...]
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
    problems: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """The receipt as JSON data, decimals as text."""
        data: dict[str, Any] = decimal_json.safe(asdict(self))
        payments = [{"money_type": "Cash", "amount": data["paid"]}]
        return data | {"kind": KINDS[self.type], "payments": payments}


def from_dict(data: Mapping[str, Any]) -> Receipt:
    """Read `Receipt.to_dict` back."""
    plain = {name: value for name, value in data.items() if name not in {"kind", "payments"}}
    money = {name: Decimal(data[name]) for name in _MONEY}
    return Receipt(
        **{
            **plain,
            **money,
            "lines": tuple(_line(line) for line in data["lines"]),
            "taxes": tuple(_tax(row) for row in data["taxes"]),
            "original": Original(**data["original"]) if data["original"] else None,
            "problems": tuple(data["problems"]),
        }
    )


def _line(data: Mapping[str, Any]) -> FiledLine:
    figures = {name: Decimal(data[name]) for name in ("quantity", "price", "total")}
    return FiledLine(**{**data, **figures, "tax_percent": _percent(data["tax_percent"])})


def _tax(data: Mapping[str, Any]) -> TaxRow:
    figures = {name: Decimal(data[name]) for name in ("tax", "sales")}
    return TaxRow(**{**data, **figures, "percent": _percent(data["percent"])})


def _percent(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
