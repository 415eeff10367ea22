"""Documents that move goods without a sale, in the books: the stock's value against its reason."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal

from sqlalchemy import Connection, RowMapping

from pos_app.domain.currency import convert
from pos_app.domain.ledger import Line, balanced, exchanged
from pos_app.domain.money import Money, divide_half_up
from pos_app.domain.movement import MovementKind, reason_of
from pos_app.domain.purchase import Line as Ordered
from pos_app.domain.purchase import totals
from pos_app.domain.quantity import to_micro
from pos_app.domain.valuation import Load, worth
from pos_app.services import rate
from pos_app.services.ledger import account, valued
from pos_app.services.ledger.planned import Planned
from pos_app.services.ledger.valued import Valued
from pos_app.services.posting.count import COUNT_POSTING
from pos_app.services.posting.step import CannotPlan
from pos_app.services.rate import BASE
from pos_app.services.shop import Shop
from pos_app.store import count as counts
from pos_app.store import movement as movements
from pos_app.store import purchase as purchases
from pos_app.store import stock
from pos_app.store import transfer as transfers
from pos_app.store.stock import Place


def plan_movement(shop: Shop, connection: Connection, row: RowMapping) -> Iterator[Planned]:
    """An issue or receipt: the account of its reason against the stock.

    Raises:
        CannotPlan: there is no such movement.
        ReasonUnknown: its reason is none of today's settings.
    """
    found = movements.by_id(connection, row["document_id"])
    if found is None:
        raise CannotPlan(f"The books hold no goods movement {row['document_id']}.")
    kind = MovementKind(found["kind"])
    why = reason_of(shop.rules.stock.reasons, found["reason"], kind=kind)
    if kind is MovementKind.ISSUE:
        moved = valued.averaged(connection, stock.moves_of(connection, found["id"]))
    else:
        coming: defaultdict[Place, list[Load]] = defaultdict(list)
        for line in movements.lines_of(connection, [found["id"]]):
            cost = line["unit_cost"]
            value = None if cost is None else worth(line["quantity"], cost)
            coming[line["item"], found["warehouse"]].append(Load(line["quantity"], value))
        moved = valued.came(connection, coming)
    against = account.line(account.reason(shop, why), -moved.value - moved.late)
    yield _planned(shop, row, moved, [against], on=found["doc_date"])


def plan_receipt(shop: Shop, connection: Connection, row: RowMapping) -> Iterator[Planned]:
    """Ordered goods that came: at what they were ordered for without VAT, owed to the supplier.

    What was ordered in another currency is stock at the rate of the moment it is booked.

    Raises:
        CannotPlan: there is no such arrival.
        RateMissing: nobody knows what its currency is worth.
    """
    receipt = purchases.receipt_by_id(connection, row["document_id"])
    order = purchases.by_id(connection, receipt["purchase_id"]) if receipt else None
    if receipt is None or order is None:
        raise CannotPlan(f"The books hold no goods receipt {row['document_id']}.")
    coming: defaultdict[Place, list[Load]] = defaultdict(list)
    owed = Money.zero(order["currency"])
    for line, net in arrived(connection, order, receipt):
        owed += net
        value = _in_base(shop, connection, net)
        coming[line["item"], line["warehouse"]].append(Load(line["quantity"], value))
    moved = valued.came(connection, coming)
    supplier = Line(account=account.received(shop), debit=-owed, partner=order["partner"])
    there = account.line(account.received(shop), moved.value + moved.late)
    # The first of the two is the stock's side, which has lines of its own.
    _stock, *against = exchanged(there, supplier)
    yield _planned(shop, row, moved, against, on=receipt["doc_date"], partner=order["partner"])


def arrived(
    connection: Connection, order: RowMapping, receipt: RowMapping
) -> Iterator[tuple[RowMapping, Money]]:
    """Each line of an arrival with what it is of its order's line, discounts taken off.

    However many arrivals there are, together they come to the very amount of the line.
    """
    lines = purchases.lines_of(connection, [order["id"]])
    priced = totals(
        [
            Ordered(
                quantity=line["quantity"],
                unit_price=line["unit_price"],
                discount_percent=line["discount_percent"],
                tax_percent=line["tax_percent"],
            )
            for line in lines
        ],
        discount_percent=order["discount_percent"],
        currency=order["currency"],
    ).lines
    whole = {
        line["line"]: (line["quantity"], price.after_discount)
        for line, price in zip(lines, priced, strict=True)
    }
    before: defaultdict[int, Decimal] = defaultdict(Decimal)
    earlier = purchases.receipts_of(connection, order["id"])
    ids = [one["id"] for one in earlier if one["entry"] < receipt["entry"]]
    for line in purchases.receipt_lines_of(connection, ids):
        before[line["purchase_line"]] += line["quantity"]
    for line in purchases.receipt_lines_of(connection, [receipt["id"]]):
        number = line["purchase_line"]
        quantity, amount = whole[number]
        until = _part(amount, before[number] + line["quantity"], quantity)
        yield line, until - _part(amount, before[number], quantity)
        before[number] += line["quantity"]


def plan_transfer(shop: Shop, connection: Connection, row: RowMapping) -> Iterator[Planned]:
    """What arrived of a transfer: from the stock of one warehouse into that of another.

    Raises:
        CannotPlan: there is no such transfer.
    """
    found = transfers.by_id(connection, row["document_id"])
    if found is None:
        raise CannotPlan(f"The books hold no transfer {row['document_id']}.")
    moved = valued.carried(connection, stock.moves_of(connection, found["id"]))
    yield _planned(shop, row, moved, [], on=found["doc_date"])


def plan_count(shop: Shop, connection: Connection, row: RowMapping) -> Iterator[Planned]:
    """A count, which moves nothing, and its posting: what was found against stock differences.

    Raises:
        CannotPlan: there is no such count, or nobody finished it.
    """
    found = counts.by_id(connection, row["document_id"])
    if found is None or found["counted_at"] is None:
        raise CannotPlan(f"The books hold no finished count {row['document_id']}.")
    day = shop.local(found["counted_at"]).date()
    yield Planned(kind=row["kind"], key=row["key"], partner="", booked_on=day, lines=())
    moved = valued.averaged(connection, stock.moves_of(connection, found["id"]))
    against = account.line(account.difference(shop), -moved.value - moved.late)
    yield _planned(shop, row, moved, [against], on=day, kind=COUNT_POSTING)


def _planned(
    shop: Shop,
    row: RowMapping,
    moved: Valued,
    against: Iterable[Line],
    *,
    on: date,
    kind: str = "",
    partner: str = "",
) -> Planned:
    return Planned(
        kind=kind or row["kind"],
        key=row["key"],
        partner=partner,
        booked_on=on,
        lines=balanced([*moved.lines(shop), *against]),
        moved=moved.moved,
    )


def _part(amount: Money, quantity: Decimal, of: Decimal) -> Money:
    minor = divide_half_up(amount.minor * to_micro(quantity), to_micro(of))
    return Money(minor, amount.currency)


def _in_base(shop: Shop, connection: Connection, amount: Money) -> int:
    return convert(amount, BASE, rate.current(shop, connection)).minor
