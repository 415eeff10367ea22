"""Sales over a range of days: the summary, what sells, what does not, and what was credited."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import RowMapping

from pos_app.domain.money import Money, half_up, multiply
from pos_app.domain.report import SLOW_DAYS, Amounts, Days, Yardstick
from pos_app.services.report.scope import Asked, both, yardstick
from pos_app.services.shop import Shop
from pos_app.store import report as store
from pos_app.store import report_trade
from pos_app.store.report import CREDIT_NOTE, INVOICE

NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sold:
    """Documents added up; credit notes are taken off, VAT is included.

    Attributes:
        invoices: how many; notes are not counted here.
        total, vat: of everything, credit notes taken off.
        credited: of the credit notes alone, above zero.
        by_currency: invoices in each currency.
    """

    invoices: int
    notes: int
    total: Amounts
    vat: Amounts
    credited: Amounts
    by_currency: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """Sales of a period, as the Z reports of its days add them up.

    Attributes:
        days: those with documents, in order.
    """

    period: Days
    customers: int
    whole: Sold
    days: tuple[tuple[date, Sold], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """An item or a customer in a list that begins with the most.

    Attributes:
        documents: on how many documents it stands; `invoices` are those of them that sold.
        quantity: of an item; zero for a customer.
        amounts: VAT included.
    """

    rank: int
    code: str
    name: str
    quantity: Decimal
    amounts: Amounts
    invoices: int
    documents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TopItems:
    """What sold most.

    Attributes:
        count: how many different items were sold in all.
        measure: what they were ordered by when it was worth; None for quantity.
    """

    period: Days
    count: int
    items: tuple[Ranked, ...]
    measure: Yardstick | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Slow:
    """An item that lies in stock.

    Attributes:
        last: when it was last sold within the period; None for never.
        days: since then, or how long was looked back.
        value: at average cost, in the currency of the books.
    """

    code: str
    name: str
    on_hand: Decimal
    last: date | None
    days: int
    value: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class SlowItems:
    """What lies in stock, the longest first; `count` is of all of it."""

    period: Days
    threshold: int
    count: int
    items: tuple[Slow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Credited:
    """Credit notes of a period; every amount is above zero.

    Attributes:
        of_sales: percent of what was invoiced in the period; None without a rate.
    """

    period: Days
    notes: int
    customers: int
    total: Amounts
    vat: Amounts
    of_sales: Decimal | None
    by_customer: tuple[Ranked, ...]
    days: tuple[tuple[date, int, Amounts], ...]
    items: tuple[Ranked, ...]
    by_currency: dict[str, int]
    measure: Yardstick

    def average(self, currency: str) -> Money:
        """One note of a currency."""
        return self.total.average(currency, self.by_currency.get(currency, 0))


def summary(shop: Shop, asked: Asked) -> Summary:
    """Sales of a period per day and currency.

    Raises:
        ReportPeriodInvalid: the days are out of order.
        RecordNotFound: there is no such warehouse.
    """
    period = asked.days(shop)
    scope = asked.scope(shop, period)
    with shop.store.read() as connection:
        rows = store.days(connection, scope)
        customers = store.partners(connection, scope)
    dates = sorted({row["business_date"] for row in rows})
    days = tuple((day, _sold(row for row in rows if row["business_date"] == day)) for day in dates)
    return Summary(period=period, customers=customers, whole=_sold(rows), days=days)


def top_items(shop: Shop, asked: Asked, *, limit: int, by_worth: bool = False) -> TopItems:
    """What sold most, by quantity or by worth, with what came back taken off.

    Raises:
        ReportPeriodInvalid, RecordNotFound: as for the summary.
    """
    period = asked.days(shop)
    scope, measure = asked.scope(shop, period), yardstick(shop)
    rate = (measure.rate or Decimal(1)) if by_worth else None
    with shop.store.read() as connection:
        rows = store.top_items(connection, scope, limit=limit, rate=rate)
        count = store.items(connection, scope)
    return TopItems(
        period=period,
        count=count,
        items=_ranked(rows, code="item"),
        measure=measure if by_worth else None,
    )


def slow_items(shop: Shop, asked: Asked, *, threshold: int, limit: int) -> SlowItems:
    """Items in stock without a sale for `threshold` days before the end of the period.

    A period that is shorter is looked through from so many days before its end, as nothing could be
    said of them otherwise. What was not sold in all that has no last day.

    Raises:
        ReportPeriodInvalid, RecordNotFound: as for the summary.
    """
    period = asked.days(shop, usual=SLOW_DAYS)
    since = period.until - timedelta(days=min(threshold - 1, (period.until - date.min).days))
    looked = replace(period, since=min(period.since, since))
    scope = asked.scope(shop, looked)
    with shop.store.read() as connection:
        count, rows = report_trade.unsold(connection, scope, since=since, limit=limit)
        held = report_trade.held_of(connection, [row["code"] for row in rows])
    worth: dict[str, Decimal] = {}
    for row in held:
        if asked.warehouse in (None, row["warehouse"]):
            value = multiply(row["on_hand"], row["cost"] or NOTHING)
            worth[row["item"]] = worth.get(row["item"], NOTHING) + value
    items = tuple(
        Slow(
            code=row["code"],
            name=row["name"],
            on_hand=row["on_hand"],
            last=row["last"],
            days=(period.until - row["last"]).days if row["last"] else looked.count,
            value=half_up(worth.get(row["code"], NOTHING), 2),
        )
        for row in rows
    )
    return SlowItems(period=period, threshold=threshold, count=count, items=items)


def credited(shop: Shop, asked: Asked, *, limit: int) -> Credited:
    """Credit notes of a period, and who and what they were for.

    Raises:
        ReportPeriodInvalid, RecordNotFound: as for the summary.
    """
    period = asked.days(shop)
    scope, measure = asked.scope(shop, period), yardstick(shop)
    with shop.store.read() as connection:
        rows = store.days(connection, scope)
        customers = store.partners(connection, scope, kind=CREDIT_NOTE)
        by_customer = store.top_partners(
            connection, scope, limit=limit, kind=CREDIT_NOTE, rate=measure.rate
        )
        items = store.top_items(connection, scope, limit=limit, kind=CREDIT_NOTE)
    notes = [row for row in rows if row["kind"] == CREDIT_NOTE]
    total = _total(notes, "total")
    days = sorted({row["business_date"] for row in notes})
    invoiced = _total((row for row in rows if row["kind"] == INVOICE), "total")
    return Credited(
        period=period,
        notes=sum(int(row["documents"]) for row in notes),
        customers=customers,
        total=-total,
        vat=-_total(notes, "vat"),
        of_sales=measure.percent(-total, invoiced),
        by_customer=_ranked(by_customer, code="partner", sign=-1),
        days=tuple(_day(day, notes) for day in days),
        items=_ranked(items, code="item", sign=-1),
        by_currency=_counted(notes),
        measure=measure,
    )


def _day(day: date, notes: list[RowMapping]) -> tuple[date, int, Amounts]:
    rows = [row for row in notes if row["business_date"] == day]
    return day, sum(int(row["documents"]) for row in rows), -_total(rows, "total")


def _sold(rows: Iterable[RowMapping]) -> Sold:
    found = list(rows)
    invoices = [row for row in found if row["kind"] == INVOICE]
    notes = [row for row in found if row["kind"] == CREDIT_NOTE]
    by_currency = dict.fromkeys((row["currency"] for row in found), 0) | _counted(invoices)
    return Sold(
        invoices=sum(by_currency.values()),
        notes=sum(int(row["documents"]) for row in notes),
        total=_total(found, "total"),
        vat=_total(found, "vat"),
        credited=-_total(notes, "total"),
        by_currency=by_currency,
    )


def _counted(rows: Iterable[RowMapping]) -> dict[str, int]:
    return dict(Amounts.sum((row["currency"], int(row["documents"])) for row in rows).minor)


def _total(rows: Iterable[RowMapping], name: str) -> Amounts:
    return Amounts.sum((row["currency"], int(row[name])) for row in rows)


def _ranked(rows: Iterable[RowMapping], *, code: str, sign: int = 1) -> tuple[Ranked, ...]:
    return tuple(
        Ranked(
            rank=rank,
            code=row[code],
            name=row["name"],
            quantity=row.get("quantity", NOTHING) * sign,
            amounts=both(row["base"] * sign, row["quote"] * sign),
            invoices=int(row["invoices"]),
            documents=int(row["documents"]),
        )
        for rank, row in enumerate(rows, start=1)
    )
