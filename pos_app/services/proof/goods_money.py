"""What a document of goods or a promise comes to by our own books, beside what its step tells."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import Connection, RowMapping

from pos_app.domain.money import Money, half_up, multiply
from pos_app.domain.movement import MovementKind, reason_of
from pos_app.services.ledger import goods
from pos_app.services.posting import movement, purchase, trade, trade_open
from pos_app.services.shop import Shop
from pos_app.store import movement as movements
from pos_app.store import purchase as purchases
from pos_app.store import trade as trades

HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth:
    """The money of a document, as far as we know it.

    Attributes:
        total: None where the step tells it, or SAP alone knows what the goods are worth.
        vat: None where there is none.
        taxes: gross by tax group; None where SAP taxes each line by itself.
        account: of the reason goods move for.
        rounding: minor units by which SAP's VAT may be rounded otherwise, and a purchase's total.
        lowered: lines of an order that were lowered in SAP, which prices them anew: its total and
            the gross of their groups may be rounded otherwise by so many minor units.
    """

    total: Money | None = None
    vat: int | None = None
    taxes: Mapping[str, int] | None = None
    account: str = ""
    rounding: int = 0
    lowered: int = 0


NOTHING = Worth()


def worth(shop: Shop, connection: Connection, row: RowMapping) -> Worth:
    """The money of the document a row of the queue stands for; the row is planned already.

    Raises:
        ReasonUnknown: goods moved for a reason that is none of today's.
    """
    reader = _READERS.get(row["kind"])
    return reader(shop, connection, row) if reader else NOTHING


def _promise(shop: Shop, connection: Connection, row: RowMapping) -> Worth:
    """SAP extracts VAT line by line or once: half a cent for each line may be rounded otherwise."""
    del shop
    found = trades.ever(connection, row["document_id"])
    if found is None:
        return NOTHING
    lines = trades.lines_of(connection, [found["id"]])
    lowered = trade_open.lowered_of(connection, row)
    if lowered:
        return _lowered(found["currency"], lines, lowered)
    taxes: dict[str, int] = {}
    for tax in found["taxes"]:
        taxes[tax["group"]] = taxes.get(tax["group"], 0) + tax["gross"]
    return Worth(vat=found["vat"], taxes=taxes, rounding=len(lines) // 2)


def _lowered(currency: str, lines: Sequence[RowMapping], lowered: Mapping[int, Decimal]) -> Worth:
    """An order some of whose lines were lowered in SAP, priced anew line by line."""
    taxes: dict[str, int] = {}
    vat = 0
    for line in lines:
        gross = Money(line["gross"], currency)
        left = lowered.get(line["line"] - 1)
        if left is not None:
            each = half_up(gross.amount / line["quantity"], 6)
            gross = Money.rounded(each * left, currency)
        percent = line["tax_percent"] or Decimal(0)
        net = Money.rounded(gross.amount * HUNDRED / (HUNDRED + percent), currency)
        vat += gross.minor - net.minor
        taxes[line["tax_group"]] = taxes.get(line["tax_group"], 0) + gross.minor
    rounding = len(lines) // 2 + len(lowered)
    return Worth(vat=vat, taxes=taxes, rounding=rounding, lowered=len(lowered))


def _order(shop: Shop, connection: Connection, row: RowMapping) -> Worth:
    """The total is in the step."""
    del shop
    found = purchases.by_id(connection, row["document_id"])
    if found is None:
        return NOTHING
    lines = purchases.lines_of(connection, [found["id"]])
    return Worth(vat=found["tax"], rounding=len(lines))


def _receipt(shop: Shop, connection: Connection, row: RowMapping) -> Worth:
    """What arrived at the prices of its order, with VAT: a cent per line may differ."""
    del shop
    found = purchases.receipt_by_id(connection, row["document_id"])
    order = purchases.by_id(connection, found["purchase_id"]) if found else None
    if found is None or order is None:
        return NOTHING
    percents = {
        line["line"]: line["tax_percent"] for line in purchases.lines_of(connection, [order["id"]])
    }
    net = vat = Money.zero(order["currency"])
    lines = 0
    for line, part in goods.arrived(connection, order, found):
        tax = multiply(part.amount, percents[line["purchase_line"]]) / HUNDRED
        net, lines = net + part, lines + 1
        vat += Money.of(half_up(tax, 2), order["currency"])
    return Worth(total=net + vat, vat=vat.minor, rounding=lines)


def _movement(shop: Shop, connection: Connection, row: RowMapping) -> Worth:
    """What comes in has a cost where each line names one; what goes out costs what SAP knows."""
    found = movements.by_id(connection, row["document_id"])
    if found is None:
        return NOTHING
    kind = MovementKind(found["kind"])
    why = reason_of(shop.rules.stock.reasons, found["reason"], kind=kind)
    lines = movements.lines_of(connection, [found["id"]])
    total = None
    if kind is MovementKind.RECEIPT and all(line["unit_cost"] is not None for line in lines):
        parts = (half_up(multiply(line["quantity"], line["unit_cost"]), 2) for line in lines)
        total = Money.of(sum(parts, Decimal(0)), shop.rules.sap.local_currency)
    return Worth(total=total, account=why.account, rounding=0)


_READERS: Mapping[str, Callable[[Shop, Connection, RowMapping], Worth]] = {
    trade.QUOTATION: _promise,
    trade.SALES_ORDER: _promise,
    purchase.PURCHASE_ORDER: _order,
    purchase.PURCHASE_RECEIPT: _receipt,
    movement.GOODS_ISSUE: _movement,
    movement.GOODS_RECEIPT: _movement,
}
