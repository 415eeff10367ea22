"""A receipt of another device or time, entered from its paper so that a note can name it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection

from pos_app.domain.money import Money, half_up
from pos_app.domain.permission import Actor, Permission, require
from pos_app.domain.quantity import check_quantity, to_micro
from pos_app.errors import Conflict, InvalidInput, RecordNotFound
from pos_app.services import original, tax
from pos_app.services.original import Original
from pos_app.services.shop import Shop
from pos_app.store import item as items
from pos_app.store import original as originals
from pos_app.store import partner as partners
from pos_app.store import sale as sales

ENTERED = "entered"
NUMBER_LENGTH_MAX, ID_LENGTH_MAX = 50, 20
SAME = ("number", "fiscal_day", "currency", "total", "business_date", "lines")
"""What must be as it was when the same receipt is entered again."""


class OriginalInvalid(InvalidInput):
    """What was entered of a receipt cannot be right."""

    code = "original_invalid"

    def __init__(self, why: str) -> None:
        super().__init__(f"The receipt that was entered {why}: read it from its paper again.")


class OriginalKnown(Conflict):
    """The receipt is known here already, and better than from its paper."""

    code = "original_known"

    def __init__(self, receipt: str) -> None:
        super().__init__(
            f"Receipt {receipt} is known on this till: name it by its number alone.",
            receipt=receipt,
        )


class OriginalDiffers(Conflict):
    """The same receipt was entered before, and otherwise."""

    code = "original_differs"

    def __init__(self, receipt: str, what: str) -> None:
        super().__init__(
            f"Receipt {receipt} was entered before with another {what}: "
            "name it by its number, or compare with its paper.",
            receipt=receipt,
            what=what,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class EnteredLine:
    """One line from the paper; the amount is what was paid for it, VAT included."""

    item: str
    quantity: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class EnteredOriginal:
    """A receipt as somebody reads it from its paper (ZIMRA FDMS 7.2, printed content).

    Attributes:
        number: its customer reference number, as it was sent to its device.
        filed_at: the device's local date and time on the paper, without a zone.
        total: of the whole receipt, and so of its lines, all of which are entered.
    """

    number: str
    device_id: str
    device_serial: str
    receipt_global_no: int
    fiscal_day: int
    filed_at: datetime
    currency: str
    total: Decimal
    lines: Sequence[EnteredLine]
    customer: str = ""


def show(shop: Shop, actor: Actor, entered: EnteredOriginal) -> Original:
    """An entered receipt as notes see it; nothing is stored before its first note is.

    Raises:
        PermissionMissing, and whatever `row_of` refuses with.
    """
    require(actor, Permission.REFUND_MAKE)
    with shop.store.read() as connection:
        row = row_of(shop, connection, entered, username=actor.username)
        return original.of_row(shop, connection, row)


def row_of(
    shop: Shop, connection: Connection, entered: EnteredOriginal, *, username: str
) -> dict[str, Any]:
    """The row of an entered receipt, or the one that is there already, which stays as it is.

    Raises:
        OriginalInvalid: it cannot be right.
        OriginalKnown: this till has sold it itself.
        OriginalDiffers: it was entered before, and otherwise.
        RecordNotFound: an item or customer nobody knows.
        UnmappedTaxGroup, UnmappedCurrency, QuantityInvalid, AmountInvalid.
    """
    for problem in _problems(shop, entered):
        raise OriginalInvalid(problem)
    if sales.by_receipt(connection, entered.number) is not None:
        raise OriginalKnown(entered.number)
    currency = shop.rules.currencies.get(entered.currency).code
    partner = partners.by_code(connection, entered.customer or shop.rules.walk_in)
    if partner is None:
        raise RecordNotFound("customer", entered.customer)
    row: dict[str, Any] = {
        "id": shop.ids.new(),
        "source": ENTERED,
        "number": entered.number,
        "device_id": entered.device_id,
        "device_serial": entered.device_serial,
        "receipt_global_no": entered.receipt_global_no,
        "fiscal_day": entered.fiscal_day,
        "filed_at": entered.filed_at.isoformat(timespec="seconds"),
        "business_date": entered.filed_at.date(),
        "partner": partner.code,
        "partner_name": partner.name,
        "currency": currency,
        "rate": None,
        "total": Money.of(entered.total, currency).minor,
        "lines": [
            _line(shop, connection, line, entered=entered, number=number)
            for number, line in enumerate(entered.lines, start=1)
        ],
        "notes": [],
        "username": username,
        "changed_at": shop.clock.now(),
    }
    if sum(line["gross"] for line in row["lines"]) != row["total"]:
        raise OriginalInvalid("has lines that do not add up to its total")
    known = originals.by_filing(connection, entered.device_id, entered.receipt_global_no)
    return row if known is None else _same(dict(known), row)


def _problems(shop: Shop, entered: EnteredOriginal) -> Iterator[str]:
    if not entered.number.strip() or len(entered.number) > NUMBER_LENGTH_MAX:
        yield "has no number, or one that is too long"
    if not entered.number.isprintable():
        yield "has a number nobody can print"
    if not entered.device_id.isdigit() or len(entered.device_id) > ID_LENGTH_MAX:
        yield "needs the number of its device, in digits"
    if not entered.device_serial.strip() or not entered.device_serial.isprintable():
        yield "needs the serial number of its device"
    if min(entered.receipt_global_no, entered.fiscal_day) < 1:
        yield "needs its global number and its fiscal day"
    if entered.filed_at.tzinfo is not None or entered.filed_at.date() > shop.today:
        yield "needs the date and time on its paper, which are not after today"
    if entered.total <= 0 or not entered.lines:
        yield "needs its total and its lines"


def _line(
    shop: Shop,
    connection: Connection,
    line: EnteredLine,
    *,
    entered: EnteredOriginal,
    number: int,
) -> dict[str, Any]:
    item = items.find_by_code(connection, line.item)
    if item is None:
        raise RecordNotFound("item", line.item)
    quantity = check_quantity(line.quantity, uom=item.uom, decimals=item.decimals, item=item.code)
    gross = Money.of(line.amount, shop.rules.currencies.get(entered.currency).code)
    if gross.minor <= 0:
        raise OriginalInvalid(f"has an amount on line {number} that is not above zero")
    group = tax.group_of(shop, connection, item, on=entered.filed_at.date())
    return {
        "line": number,
        "item": item.code,
        "name": item.name,
        "uom": item.uom,
        "decimals": item.decimals,
        "quantity": to_micro(quantity),
        "unit_price": to_micro(half_up(gross.amount / quantity, 6)),
        "discount_percent": 0,
        "gross": gross.minor,
        "tax_group": group.code,
        "tax_percent": None if group.percent is None else to_micro(group.percent),
        "hs_code": item.hs_code,
        "price_list": "",
        "price_rule": "entered from paper",
        "batches": [],
    }


def _same(known: dict[str, Any], row: Mapping[str, Any]) -> dict[str, Any]:
    for name in SAME:
        if known[name] != row[name]:
            raise OriginalDiffers(known["number"], name.replace("_", " "))
    return known
