"""Orders, purchases and goods on their way over a range of days."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import groupby
from typing import Any

from sqlalchemy import RowMapping

from pos_app.domain.money import Money, divide_half_up
from pos_app.domain.purchase import PurchaseState
from pos_app.domain.report import Amounts, Days, share
from pos_app.domain.trade import TradeState
from pos_app.services.report.scope import Asked, within
from pos_app.services.shop import Shop
from pos_app.store import report_trade as store
from pos_app.store import warehouse as warehouses

ORDER_DONE = frozenset({TradeState.INVOICED})
ORDER_OFF = frozenset({TradeState.CANCELLED, TradeState.REJECTED})
PURCHASE_DONE = frozenset({PurchaseState.RECEIVED})
PURCHASE_OFF = frozenset({PurchaseState.CANCELLED})
NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Orders counted: open ones, those that are done, those that came to nothing.

    Attributes:
        total: of all that were not called off.
        done: how much of that was delivered, or arrived.
    """

    code: str
    name: str
    on: date | None
    open: int
    closed: int
    cancelled: int
    total: Amounts
    done: Amounts
    by_currency: Mapping[str, int]

    def average(self, currency: str) -> Money:
        """One order of a currency that was not called off."""
        return self.total.average(currency, self.by_currency.get(currency, 0))

    @property
    def orders(self) -> int:
        """How many in all."""
        return self.open + self.closed + self.cancelled

    @property
    def pending(self) -> Amounts:
        """What is still to come."""
        return self.total - self.done

    @property
    def rate(self) -> Decimal:
        """Percent of the orders that hold which are done."""
        return share(self.closed, self.open + self.closed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One sales order; its lines counted, those delivered whole and those begun."""

    number: str
    on: date
    partner: str
    partner_name: str
    state: str
    total: Money
    lines: int
    full: int
    begun: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Fulfilment:
    """Sales orders of a period and how far they were delivered.

    Attributes:
        lines: of orders not called off, by ``full``, ``part`` and ``none``.
        orders: the newest of them.
    """

    period: Days
    whole: Tally
    lines: Mapping[str, int]
    orders: tuple[Order, ...]
    by_customer: tuple[Tally, ...]
    days: tuple[Tally, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BoughtItem:
    """An item on purchase orders; worth is before tax."""

    rank: int
    code: str
    name: str
    quantity: Decimal
    received: Decimal
    orders: int
    worth: Amounts


@dataclass(frozen=True, slots=True, kw_only=True)
class Bought:
    """Purchase orders of a period."""

    period: Days
    whole: Tally
    suppliers: int
    by_supplier: tuple[Tally, ...]
    days: tuple[Tally, ...]
    items: tuple[BoughtItem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """What transfers brought into a warehouse and took out of it."""

    code: str
    name: str
    inflow: Decimal
    outflow: Decimal
    transfers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """One line of a transfer: what was sent, and what arrived; None while it is on its way."""

    on: date
    number: str
    item: str
    name: str
    quantity: Decimal
    received: Decimal | None
    origin: str
    target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """Transfers of a period.

    Attributes:
        quantity: what was sent, all items together.
        lines: the newest of them.
    """

    period: Days
    transfers: int
    quantity: Decimal
    lines: tuple[Moved, ...]
    flows: tuple[Flow, ...]


def fulfilment(shop: Shop, asked: Asked, *, limit: int) -> Fulfilment:
    """How far the orders of a period were delivered.

    Raises:
        ReportPeriodInvalid: the days are out of order.
    """
    period = asked.days(shop)
    span = within(period)
    with shop.store.read() as connection:
        rows = store.orders(connection, span, "partner", "doc_date")
        lines = store.order_lines(connection, span, "partner", "doc_date")
        partly = store.orders_partly(connection, span)
        orders = store.newest_orders(connection, span, limit=limit)
    done = [(row, int(row["gross"])) for row in lines if row["how"] == "full"]
    done += [(row, _part(row["gross"], row["fulfilled"], row["quantity"])) for row in partly]
    counts = dict.fromkeys(("full", "part", "none"), 0)
    for row in lines:
        counts[row["how"]] += int(row["lines"])
    books = _Books(rows=rows, done=done, done_states=ORDER_DONE, off_states=ORDER_OFF)
    return Fulfilment(
        period=period,
        whole=books.tally(),
        lines=counts,
        orders=tuple(_order(row) for row in orders),
        by_customer=_busiest(books.by("partner"))[:limit],
        days=books.by("doc_date"),
    )


def bought(shop: Shop, asked: Asked, *, limit: int) -> Bought:
    """What was ordered of suppliers in a period, and how much of it arrived.

    Raises:
        ReportPeriodInvalid: the days are out of order.
    """
    period = asked.days(shop)
    span = within(period)
    with shop.store.read() as connection:
        rows = store.bought(connection, span, "partner", "doc_date")
        partly = store.bought_partly(connection, span)
        suppliers = store.suppliers(connection, span)
        items = store.top_bought(connection, span, limit=limit)
        worth = store.bought_worth(connection, span, [row["item"] for row in items])
    done = [(row, int(row["total"])) for row in rows if row["state"] in PURCHASE_DONE]
    done += [
        (lines[0], _arrived(lines))
        for _, own in groupby(partly, lambda row: row["id"])
        if (lines := list(own))
    ]
    books = _Books(rows=rows, done=done, done_states=PURCHASE_DONE, off_states=PURCHASE_OFF)
    return Bought(
        period=period,
        whole=books.tally(),
        suppliers=suppliers,
        by_supplier=_busiest(books.by("partner"))[:limit],
        days=books.by("doc_date"),
        items=tuple(
            BoughtItem(
                rank=rank,
                code=row["item"],
                name=row["name"],
                quantity=row["quantity"],
                received=row["received"],
                orders=int(row["orders"]),
                worth=Amounts.sum(
                    (one["currency"], int(one["net"]))
                    for one in worth
                    if one["item"] == row["item"]
                ),
            )
            for rank, row in enumerate(items, start=1)
        ),
    )


def movement(shop: Shop, asked: Asked, *, limit: int) -> Movement:
    """What was transferred between warehouses in a period.

    Raises:
        ReportPeriodInvalid: the days are out of order.
        RecordNotFound: there is no such warehouse.
    """
    period = asked.days(shop)
    asked.scope(shop, period)
    span, place = within(period), asked.warehouse
    with shop.store.read() as connection:
        names = {one.code: one.name for one in warehouses.every(connection)}
        lines = store.moved(connection, span, warehouse=place, limit=limit)
        flows = store.flows(connection, span, warehouse=place)
        count = store.transfer_count(connection, span, warehouse=place)
    codes = sorted({row[end] for row in flows for end in ("from_warehouse", "to_warehouse")})
    return Movement(
        period=period,
        transfers=count,
        quantity=sum((row["sent"] for row in flows), NOTHING),
        lines=tuple(_moved(row) for row in lines),
        flows=tuple(_flow(code, names.get(code, code), flows) for code in codes),
    )


def _order(row: RowMapping) -> Order:
    return Order(
        number=row["number"],
        on=row["doc_date"],
        partner=row["partner"],
        partner_name=row["partner_name"],
        state=row["state"],
        total=Money(row["total"], row["currency"]),
        lines=int(row["lines"] or 0),
        full=int(row["full"] or 0),
        begun=int(row["begun"] or 0),
    )


def _moved(row: RowMapping) -> Moved:
    return Moved(
        on=row["doc_date"],
        number=row["number"],
        item=row["item"],
        name=row["name"],
        quantity=row["quantity"],
        received=row["received"],
        origin=row["from_warehouse"],
        target=row["to_warehouse"],
    )


def _flow(code: str, name: str, flows: Sequence[RowMapping]) -> Flow:
    out = [row for row in flows if row["from_warehouse"] == code]
    into = [row for row in flows if row["to_warehouse"] == code]
    return Flow(
        code=code,
        name=name,
        inflow=sum((row["received"] for row in into), NOTHING),
        outflow=sum((row["sent"] for row in out), NOTHING),
        transfers=sum(int(row["transfers"]) for row in [*out, *into]),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Books:
    """Counted orders and what was delivered of them, to be added up whole or by a column."""

    rows: Sequence[RowMapping]
    done: Sequence[tuple[RowMapping, int]]
    done_states: frozenset[Any]
    off_states: frozenset[Any]

    def by(self, column: str) -> tuple[Tally, ...]:
        """One tally for each value of a column, in order."""
        rows: dict[Any, list[RowMapping]] = {}
        for row in self.rows:
            rows.setdefault(row[column], []).append(row)
        done: dict[Any, list[tuple[RowMapping, int]]] = {}
        for row, minor in self.done:
            done.setdefault(row[column], []).append((row, minor))
        return tuple(
            replace(self, rows=rows[value], done=done.get(value, [])).tally(column)
            for value in sorted(rows)
        )

    def tally(self, column: str = "") -> Tally:
        """All of it, under the name its rows share in a column."""
        held = [row for row in self.rows if row["state"] not in self.off_states]
        closed = _count(row for row in held if row["state"] in self.done_states)
        first = self.rows[0] if column else None
        is_day = column == "doc_date"
        return Tally(
            code="" if first is None or is_day else first[column],
            name="" if first is None or is_day else first["name"],
            on=first[column] if first is not None and is_day else None,
            open=_count(held) - closed,
            closed=closed,
            cancelled=_count(self.rows) - _count(held),
            total=Amounts.sum((row["currency"], int(row["total"])) for row in held),
            done=Amounts.sum((row["currency"], minor) for row, minor in self.done),
            by_currency=Amounts.sum((row["currency"], int(row["documents"])) for row in held).minor,
        )


def _busiest(tallies: Sequence[Tally]) -> tuple[Tally, ...]:
    return tuple(sorted(tallies, key=lambda one: (-one.orders, one.code)))


def _count(rows: Iterable[RowMapping]) -> int:
    return sum(int(row["documents"]) for row in rows)


def _part(amount: int, done: Decimal, whole: Decimal) -> int:
    """The share of an amount that is done, to the cent."""
    found = Fraction(int(amount)) * Fraction(done) / Fraction(whole)
    return divide_half_up(found.numerator, found.denominator)


def _arrived(lines: Sequence[RowMapping]) -> int:
    """What of an order's total, tax and all, has arrived, by the worth of its lines."""
    net = sum(int(row["net"]) for row in lines)
    if not net:
        return 0
    came = sum(
        (int(row["net"]) * Fraction(row["received"]) / Fraction(row["quantity"]) for row in lines),
        Fraction(0),
    )
    found = int(lines[0]["total"]) * came / net
    return divide_half_up(found.numerator, found.denominator)
