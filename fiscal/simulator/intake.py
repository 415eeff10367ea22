"""How the box reads a TransactM body: texts only, arrays or the old XML, refusals by name."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from fiscal.amount import PRICE_DECIMALS, decimals
from fiscal.profile import Profile
from fiscal.simulator import refusal
from fiscal.simulator.refusal import Refused

FIELDS = (
    "Currency",
    "BranchName",
    "InvoiceNumber",
    "OriginalInvoiceNumber",
    "CustomerName",
    "CustomerVatNumber",
    "CustomerAddress",
    "CustomerTelephone",
    "CustomerEmail",
    "CustomerBPN",
    "InvoiceAmount",
    "InvoiceTaxAmount",
    "Istatus",
    "Cashier",
    "InvoiceComment",
)
ITEM_FIELDS = ("HH", "ITEMCODE", "ITEMNAME1", "ITEMNAME2", "QTY", "PRICE", "AMT", "TAX", "TAXR")
PAYMENT_FIELDS = ("Name", "Amount", "Rate")
FOREIGN_FIELDS = ("refDeviceId", "refReceiptGlobalNo", "refFiscalDayNo")
RECEIPT_TYPES = {"01": "FiscalInvoice", "02": "CreditNote", "03": "DebitNote"}
LINES_MAX = 500
NAME_LENGTH_MAX = 200

_HS_KEY = "HSCODE"

_XML_ROW = re.compile(r"<(?:item|currency)>(.*?)</(?:item|currency)>", re.IGNORECASE | re.DOTALL)
_XML_FIELD = re.compile(r"<(\w+)>([^<]*)</\1>")


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemIn:
    """One item as sent; the price has the sign it will be filed with."""

    number: int
    code: str
    name: str
    quantity: Decimal
    price: Decimal
    amount: Decimal
    tax: str
    rate: Decimal
    hs_code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentIn:
    """One row of money received as sent, a magnitude."""

    currency: str
    amount: Decimal
    rate: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """A TransactM body the box could read."""

    receipt_type: str
    fields: Mapping[str, str]
    amount: Decimal
    items: tuple[ItemIn, ...]
    payments: tuple[PaymentIn, ...]
    foreign: tuple[str, int, int] | None

    @property
    def number(self) -> str:
        """The InvoiceNumber as sent."""
        return self.fields["InvoiceNumber"]

    @property
    def is_credit(self) -> bool:
        """Whether it takes money back."""
        return self.receipt_type == "CreditNote"

    @property
    def is_note(self) -> bool:
        """Whether it changes a receipt that was filed before."""
        return self.receipt_type != "FiscalInvoice"


def read(body: Any, profile: Profile, *, is_extended: bool = False) -> Intake:
    """Read a body; raises Refused in the words of the box.

    Args:
        body: as it came.
        profile: the dialect the box expects.
        is_extended: whether the call is TransactMExt, which may name an original of another device.
    """
    if not isinstance(body, Mapping):
        raise Refused(refusal.NULL_FIELD)
    fields = _texts(body, FIELDS)
    if not fields["InvoiceComment"].strip():
        raise Refused(refusal.COMMENT_BLANK)
    if not fields["InvoiceNumber"].strip():
        raise Refused(refusal.NUMBER_BLANK)
    if fields["Istatus"] not in RECEIPT_TYPES:
        raise Refused("Invalid Istatus.. use 01 for an invoice or 02 for a credit note")
    receipt_type = RECEIPT_TYPES[fields["Istatus"]]
    payments = tuple(_payment(row) for row in _rows(body.get("CurrenciesXml"), PAYMENT_FIELDS))
    if not payments:
        raise Refused("Invalid CurrenciesXml.. there must be at least one currency")
    return Intake(
        receipt_type=receipt_type,
        fields=fields,
        amount=abs(_number(fields["InvoiceAmount"], "InvoiceAmount")),
        items=_items(body, profile, is_credit=receipt_type == "CreditNote"),
        payments=payments,
        foreign=_foreign(body) if is_extended else None,
    )


def _items(body: Mapping[str, Any], profile: Profile, *, is_credit: bool) -> tuple[ItemIn, ...]:
    rows = _rows(body.get("ItemsXml"), ITEM_FIELDS, extra=profile.hs_key or _HS_KEY)
    if not 0 < len(rows) <= LINES_MAX:
        raise Refused(f"Invalid ItemsXml.. there must be 1 to {LINES_MAX} items")
    return tuple(_item(row, profile, is_credit=is_credit) for row in rows)


def _texts(row: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, str]:
    """The named fields; one that is missing, null or no text breaks the box."""
    values = {name: row.get(name) for name in names}
    if not all(isinstance(value, str) for value in values.values()):
        raise Refused(refusal.NULL_FIELD)
    return {name: str(value) for name, value in values.items()}


def _rows(value: Any, names: tuple[str, ...], *, extra: str = "") -> list[dict[str, str]]:
    """Rows of an array, or of XML in a string as old clients send it; `extra` may be missing."""
    if isinstance(value, str):
        known = (*names, extra)
        value = [
            {_cased(tag, known): html.unescape(text) for tag, text in _XML_FIELD.findall(row)}
            for row in _XML_ROW.findall(value)
        ]
    if not isinstance(value, list) or not all(isinstance(row, Mapping) for row in value):
        raise Refused(refusal.NULL_FIELD)
    return [
        _texts(row, names) | ({_HS_KEY: str(row[extra])} if row.get(extra) else {}) for row in value
    ]


def _cased(tag: str, names: tuple[str, ...]) -> str:
    return next((name for name in names if name.lower() == tag.lower()), tag)


def _item(row: Mapping[str, str], profile: Profile, *, is_credit: bool) -> ItemIn:
    for field in ("ITEMNAME1", "ITEMNAME2"):
        if not row[field].strip():
            raise refusal.bad_item(field, "Item Name cannot be empty")
        if len(row[field]) > NAME_LENGTH_MAX:
            raise refusal.bad_item(field, f"Item Name is longer than {NAME_LENGTH_MAX} characters")
    quantity = _figure(row, "QTY")
    if quantity <= 0:
        raise refusal.bad_item("QTY", "Quantity must be greater than zero")
    return ItemIn(
        number=max(int(_number(row["HH"], "HH")), 1),
        code=row["ITEMCODE"],
        name=row["ITEMNAME1"],
        quantity=quantity,
        price=_price(row, profile, is_credit=is_credit),
        amount=abs(_number(row["AMT"], "AMT")),
        tax=row["TAX"].strip(),
        rate=_percent(_number(row["TAXR"], "TAXR")),
        hs_code=row.get(_HS_KEY, ""),
    )


def _price(row: Mapping[str, str], profile: Profile, *, is_credit: bool) -> Decimal:
    """The price as it will be filed: most boxes turn those of a credit note round themselves."""
    price = _figure(row, "PRICE")
    if is_credit and profile.is_credit_negative:
        return price
    if price < 0:
        raise refusal.bad_item("PRICE", "Price cannot be negative")
    return -price if is_credit else price


def _figure(row: Mapping[str, str], field: str) -> Decimal:
    number = _number(row[field], field)
    if decimals(number) > PRICE_DECIMALS:
        raise refusal.bad_item(field, f"It has more than {PRICE_DECIMALS} decimals")
    return number


def _percent(rate: Decimal) -> Decimal:
    """A rate above one is a percentage, else a fraction."""
    return rate if rate > 1 else rate * 100


def _payment(row: Mapping[str, str]) -> PaymentIn:
    return PaymentIn(
        currency=row["Name"],
        amount=abs(_number(row["Amount"], "Amount")),
        rate=_number(row["Rate"], "Rate"),
    )


def _foreign(body: Mapping[str, Any]) -> tuple[str, int, int] | None:
    device, number, day = (str(body.get(name) or "") for name in FOREIGN_FIELDS)
    if not (device and number.isdigit() and day.isdigit()):
        return None
    return device, int(number), int(day)


def _number(text: str, field: str) -> Decimal:
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        raise refusal.bad_item(field, refusal.NOT_A_NUMBER) from None
    if not number.is_finite() or abs(number) >= Decimal(10) ** 19:
        raise refusal.bad_item(field, "Value was either too large or too small")
    return number
