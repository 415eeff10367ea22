"""A receipt as another program words it, turned into what the fiscal device is asked to file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from fiscal.amount import line_total
from fiscal.errors import RequestInvalid
from fiscal.messages import (
    Buyer,
    ForeignOriginal,
    Kind,
    PaymentLine,
    ReceiptLine,
    ReceiptRequest,
)
from fiscal.request_check import check
from pos_app.domain.currency import normalise
from pos_app.domain.fiscal_proxy import FiscalItemsInvalid, FiscalRequestInvalid
from pos_app.services.shop import FiscalTax, Shop

KINDS: Mapping[str, Kind] = {"01": "invoice", "02": "credit", "03": "debit"}
"""The device's Istatus."""

LARGEST = Decimal(10) ** 13

Row = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a program wants filed, in the words of the contract; texts empty where not given.

    Attributes:
        items: rows by the device's own field names in lower case, such as ``itemcode``.
        payments: rows with ``name``, ``amount`` and ``rate``; none: paid in full in `currency`.
        foreign: where another device filed the original, as far as the program says.
    """

    number: str
    currency: str = ""
    branch: str = ""
    original_number: str = ""
    status: str = ""
    amount: Decimal
    tax: Decimal
    cashier: str
    comment: str = ""
    buyer: Mapping[str, str]
    items: Sequence[Row]
    payments: Sequence[Row]
    foreign: ForeignOriginal | None = None


def request_of(shop: Shop, wanted: Wanted) -> ReceiptRequest:
    """The request, with what the shop fills in: currency, branch, comment, the device's taxes.

    Raises:
        UnmappedCurrency: the device has no code for its currency.
        FiscalItemsInvalid, FiscalRequestInvalid: the device would refuse or change it.
    """
    currency = _currency(shop, wanted.currency)
    lines = tuple(_line(shop, row, number=at) for at, row in enumerate(wanted.items, start=1))
    request = ReceiptRequest(
        number=wanted.number,
        kind=_kind(wanted),
        currency=currency,
        branch=wanted.branch or shop.rules.seller.branch or shop.rules.seller.name,
        original_number=wanted.original_number,
        buyer=_buyer(wanted.buyer),
        total=wanted.amount,
        tax=wanted.tax,
        cashier=wanted.cashier,
        comment=wanted.comment or f"Invoice {wanted.number}",
        lines=lines,
        payments=_payments(shop, wanted, currency=currency),
        foreign=wanted.foreign,
    )
    try:
        check(request)
    except RequestInvalid as error:
        raise FiscalRequestInvalid(error.text) from error
    return request


def _kind(wanted: Wanted) -> Kind:
    """A receipt with an original is a credit note unless it says debit note."""
    if wanted.status not in {"", *KINDS}:
        raise FiscalRequestInvalid(f"istatus {wanted.status!r} is none of 01, 02 and 03")
    if wanted.original_number and wanted.status in {"", "01"}:
        return "credit"
    return KINDS[wanted.status or "01"]


def _currency(shop: Shop, code: str) -> str:
    """The device's code for a currency however it is spelt; the shop's own where none is given."""
    return shop.rules.currencies.get(normalise(code or shop.rules.currency)).fiscal_code


def _buyer(told: Mapping[str, str]) -> Buyer | None:
    """A named buyer is sent with name and TIN or not at all (FDMS 7.2 RCPT043)."""
    if not told.get("name") or not told.get("tin"):
        return None
    return Buyer(
        name=told["name"],
        tin=told["tin"],
        vat_number=told.get("vat_number", ""),
        address=told.get("address", ""),
        phone=told.get("phone", ""),
        email=told.get("email", ""),
    )


def _line(shop: Shop, row: Row, *, number: int) -> ReceiptLine:
    which = f"item {number}"
    quantity, price = (_number(row, name, which) for name in ("qty", "price"))
    tax = _tax(shop, row, which)
    name = row.get("itemname1", "") or row.get("itemname2", "")
    if not name:
        raise FiscalItemsInvalid(f"{which} has no ITEMNAME1")
    return ReceiptLine(
        number=number,
        code=row.get("itemcode", ""),
        name=name,
        quantity=quantity,
        price=price,
        amount=line_total(quantity, price),
        tax_id=tax.tax_id,
        tax_percent=tax.percent,
        hs_code=row.get("hscode", ""),
    )


def _tax(shop: Shop, row: Row, which: str) -> FiscalTax:
    """The tax as this server's settings map it: by the device's id, or by our own tax group.

    A rate above one is a percentage, else a fraction; one that contradicts the settings is refused
    and never sent.
    """
    named = row.get("tax", "")
    known = shop.rules.taxes
    found = known.get(named) or next((t for t in known.values() if t.tax_id == named), None)
    if found is None:
        raise FiscalItemsInvalid(f"TAX {named!r} of {which} is not a tax of this server's settings")
    if row.get("taxr"):
        rate = _number(row, "taxr", which)
        percent = rate if rate > 1 else rate * 100
        if percent != (found.percent or 0):
            configured = f"{found.percent or 0:f} %"
            raise FiscalItemsInvalid(f"TAXR of {which} is not the rate of its tax, {configured}")
    return found


def _payments(shop: Shop, wanted: Wanted, *, currency: str) -> tuple[PaymentLine, ...]:
    if not wanted.payments:
        return (PaymentLine(currency=currency, amount=wanted.amount),)
    return tuple(
        _payment(shop, row, which=f"row {at} of currenciesXml")
        for at, row in enumerate(wanted.payments, start=1)
    )


def _payment(shop: Shop, row: Row, *, which: str) -> PaymentLine:
    amount, rate = _decimal(row.get("amount", "")), _decimal(row.get("rate") or "1")
    if amount is None or rate is None:
        raise FiscalRequestInvalid(f"{which} has no usable Amount or Rate")
    return PaymentLine(currency=_currency(shop, row.get("name", "")), amount=amount, rate=rate)


def _number(row: Row, name: str, which: str) -> Decimal:
    number = _decimal(row.get(name, ""))
    if number is None:
        raise FiscalItemsInvalid(f"{name.upper()} of {which} is not a usable number")
    return number


def _decimal(text: str) -> Decimal | None:
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number) < LARGEST else None
