"""Money over a range of days: what was paid and how, who buys, who owes, and what is earned."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby

from sqlalchemy import Connection, RowMapping

from pos_app.domain.money import half_up, multiply
from pos_app.domain.report import Amounts, Days, Yardstick
from pos_app.domain.tender import UnmappedTender
from pos_app.domain.trade import after_both
from pos_app.services.invoice_entry import settles
from pos_app.services.report.scope import Asked, within, yardstick
from pos_app.services.shop import Shop
from pos_app.store import level as levels
from pos_app.store import report as store
from pos_app.store import report_trade
from pos_app.store.report import CREDIT_NOTE, INVOICE, Scope

MEANS = (("cash", "Cash"), ("transfer", "Transfer"), ("cheque", "Cheque"), ("card", "Card"))
"""Columns of incoming payments, and what the tenders of tills call the same."""

HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True, kw_only=True)
class Paid:
    """Payments of one day or one means; what was paid back is taken off, not counted."""

    name: str
    on: date | None
    payments: int
    amounts: Amounts


@dataclass(frozen=True, slots=True, kw_only=True)
class Payments:
    """What customers paid in a period, at tills and into the account."""

    period: Days
    payments: int
    total: Amounts
    by_means: tuple[Paid, ...]
    days: tuple[Paid, ...]
    measure: Yardstick


@dataclass(frozen=True, slots=True, kw_only=True)
class Buyer:
    """A customer: what they bought and paid in the period, and what they owe now."""

    rank: int
    code: str
    name: str
    invoices: int
    bought: Amounts
    paid: Amounts
    owes: Amounts


@dataclass(frozen=True, slots=True, kw_only=True)
class Buyers:
    """Who bought most; `count` is of every customer with an invoice in the period."""

    period: Days
    count: int
    buyers: tuple[Buyer, ...]
    measure: Yardstick


@dataclass(frozen=True, slots=True)
class Age:
    """What is open at one age."""

    invoices: int
    amounts: Amounts


@dataclass(frozen=True, slots=True, kw_only=True)
class Debtor:
    """What one customer owes, by age."""

    code: str
    name: str
    ages: tuple[Age, ...]

    @property
    def whole(self) -> Age:
        """At every age together."""
        return _together(self.ages)


@dataclass(frozen=True, slots=True, kw_only=True)
class Aging:
    """What all customers owe now, by age: 0-30, 31-60, 61-90 days, and older."""

    on: date
    ages: tuple[Age, ...]
    debtors: tuple[Debtor, ...]
    measure: Yardstick

    @property
    def whole(self) -> Age:
        """At every age together."""
        return _together(self.ages)


@dataclass(frozen=True, slots=True, kw_only=True)
class Earned:
    """What a month, or a whole period, brought in and cost.

    Attributes:
        revenue: of invoices and debit notes, with VAT; `credited` is above zero.
        vat: of what was sold, credit notes taken off.
        purchases: what arrived of purchase orders, before tax.
        cost: of what was sold, at today's average cost, in the first currency.
    """

    month: str
    invoices: int
    notes: int
    payments: int
    revenue: Amounts
    credited: Amounts
    collected: Amounts
    vat: Amounts
    purchases: Amounts
    cost: Decimal

    @property
    def net(self) -> Amounts:
        """What was sold, credit notes taken off."""
        return self.revenue - self.credited

    @property
    def gross_profit(self) -> Amounts:
        """Less VAT and what was bought in the same time, as the contract reckons it."""
        return self.net - self.vat - self.purchases


@dataclass(frozen=True, slots=True, kw_only=True)
class Profit:
    """What a period brought in and cost.

    Attributes:
        without_cost: items sold for which nobody knows a cost.
        earned: net sales less VAT less the cost of what was sold, in the first currency; None
            where something is in a currency without a rate.
    """

    period: Days
    whole: Earned
    months: tuple[Earned, ...]
    owed: Amounts
    customers: int
    without_cost: int
    measure: Yardstick

    @property
    def earned(self) -> Decimal | None:
        """The trading profit of the period."""
        sold = self.measure.money(self.whole.net - self.whole.vat)
        return None if sold is None else sold.amount - self.whole.cost


def payments(shop: Shop, asked: Asked) -> Payments:
    """What was paid in a period, by means and by day; what goes on account is no payment.

    Incoming payments belong to no warehouse and are left out where one is asked for.

    Raises:
        ReportPeriodInvalid: the days are out of order.
        RecordNotFound: there is no such warehouse.
    """
    period = asked.days(shop)
    scope = asked.scope(shop, period)
    with shop.store.read() as connection:
        rows = _payments(shop, connection, scope)
    means = sorted({row.name for row in rows})
    days = sorted({row.on for row in rows if row.on is not None})
    return Payments(
        period=period,
        payments=sum(row.payments for row in rows),
        total=_sum(row.amounts for row in rows),
        by_means=tuple(
            _joined([row for row in rows if row.name == name], name=name) for name in means
        ),
        days=tuple(_joined([row for row in rows if row.on == day], on=day) for day in days),
        measure=yardstick(shop),
    )


def buyers(shop: Shop, asked: Asked, *, limit: int) -> Buyers:
    """Who bought most in a period, credit notes taken off; worth is compared at the newest rate.

    Raises:
        ReportPeriodInvalid, RecordNotFound: as for payments.
    """
    period = asked.days(shop)
    scope, measure = asked.scope(shop, period), yardstick(shop)
    with shop.store.read() as connection:
        rows = store.top_partners(connection, scope, limit=limit, kind=None, rate=measure.rate)
        codes = [row["partner"] for row in rows]
        count = store.partners(connection, scope)
        paid = [
            (row["partner"], row["currency"], int(row["settled"]))
            for row in store.tenders_of(connection, scope, codes)
            if settles(shop, row["type"])
        ]
        if scope.warehouse is None:
            paid += [
                (row["partner"], row["currency"], int(row["total"]))
                for row in store.received_of(connection, scope, codes)
            ]
        open_rows = store.owed(connection, on=shop.today, wanted=codes)
    owes = [(row["partner"], row["currency"], int(row["open"])) for row in open_rows]
    found = tuple(
        Buyer(
            rank=rank,
            code=row["partner"],
            name=row["name"],
            invoices=int(row["invoices"]),
            bought=Amounts({scope.base: int(row["base"]), scope.quote: int(row["quote"])}),
            paid=_of_partner(paid, row["partner"]),
            owes=_of_partner(owes, row["partner"]),
        )
        for rank, row in enumerate(rows, start=1)
    )
    return Buyers(period=period, count=count, buyers=found, measure=measure)


def aging(shop: Shop) -> Aging:
    """What is open of every invoice now, by customer and by the age of the document."""
    with shop.store.read() as connection:
        rows = store.owed(connection, on=shop.today)
    by_partner = {code: list(own) for code, own in groupby(rows, lambda row: row["partner"])}
    debtors = tuple(
        Debtor(code=code, name=own[0]["name"], ages=_ages(own)) for code, own in by_partner.items()
    )
    return Aging(on=shop.today, ages=_ages(rows), debtors=debtors, measure=yardstick(shop))


def profit(shop: Shop, asked: Asked) -> Profit:
    """What a period brought in and cost, whole and by month.

    Raises:
        ReportPeriodInvalid, RecordNotFound: as for payments.
    """
    period = asked.days(shop)
    scope, measure = asked.scope(shop, period), yardstick(shop)
    with shop.store.read() as connection:
        sold = store.days(connection, scope)
        paid = _payments(shop, connection, scope)
        arrived = report_trade.arrived(connection, within(period), warehouse=asked.warehouse)
        goods = store.sold(connection, scope)
        costs = _costs(connection, goods)
        owed = store.owed(connection, on=shop.today)
        customers = store.partners(connection, scope)
    months = sorted(
        {f"{row['business_date']:%Y-%m}" for row in sold}
        | {f"{row.on:%Y-%m}" for row in paid if row.on}
        | {row["month"] for row in [*arrived, *goods]}
    )

    def earned(month: str) -> Earned:
        return _earned(
            month,
            sold=[row for row in sold if f"{row['business_date']:%Y-%m}".startswith(month)],
            paid=[row for row in paid if f"{row.on:%Y-%m}".startswith(month)],
            arrived=[row for row in arrived if row["month"].startswith(month)],
            cost=_cost((row for row in goods if row["month"].startswith(month)), costs),
        )

    return Profit(
        period=period,
        whole=earned(""),
        months=tuple(earned(month) for month in months),
        owed=_sum(Amounts({row["currency"]: int(row["open"])}) for row in owed),
        customers=customers,
        without_cost=len({row["item"] for row in goods if not costs.get(_place(row))}),
        measure=measure,
    )


def _earned(
    month: str,
    *,
    sold: Sequence[RowMapping],
    paid: Sequence[Paid],
    arrived: Sequence[RowMapping],
    cost: Decimal,
) -> Earned:
    notes = [row for row in sold if row["kind"] == CREDIT_NOTE]
    others = [row for row in sold if row["kind"] != CREDIT_NOTE]
    invoices = [row for row in sold if row["kind"] == INVOICE]
    return Earned(
        month=month,
        invoices=sum(int(row["documents"]) for row in invoices),
        notes=sum(int(row["documents"]) for row in notes),
        payments=sum(row.payments for row in paid),
        revenue=_of(others, "total"),
        credited=-_of(notes, "total"),
        collected=_sum(row.amounts for row in paid),
        vat=_of(sold, "vat"),
        purchases=_bought(arrived),
        cost=cost,
    )


def _bought(arrived: Sequence[RowMapping]) -> Amounts:
    """What arrived, at the price agreed, to the cent per line."""
    found = []
    for row in arrived:
        off = after_both(row["discount_percent"], row["of_whole"])
        value = multiply(multiply(row["quantity"], row["unit_price"]), (HUNDRED - off) / HUNDRED)
        found.append((row["currency"], int(half_up(value, 2) * HUNDRED)))
    return Amounts.sum(found)


def _costs(connection: Connection, goods: Sequence[RowMapping]) -> dict[tuple[str, str], Decimal]:
    """Average cost by item and warehouse, as far as it is known."""
    told = levels.of_items(connection, sorted({row["item"] for row in goods}))
    return {place: level.cost for place, level in told.items()}


def _cost(goods: Iterable[RowMapping], costs: dict[tuple[str, str], Decimal]) -> Decimal:
    whole = Decimal(0)
    for row in goods:
        whole += multiply(row["quantity"], costs.get(_place(row), Decimal(0)))
    return half_up(whole, 2)


def _place(row: RowMapping) -> tuple[str, str]:
    return row["item"], row["warehouse"]


def _payments(shop: Shop, connection: Connection, scope: Scope) -> list[Paid]:
    """Every payment per day and means, of tills and into the account."""
    found = [
        Paid(
            name=_tender(shop, row["type"]),
            on=row["business_date"],
            payments=int(row["payments"]),
            amounts=Amounts({row["currency"]: int(row["settled"])}),
        )
        for row in store.tenders(connection, scope)
        if settles(shop, row["type"])
    ]
    if scope.warehouse is not None:
        return found
    for row in store.received(connection, scope):
        found += [
            Paid(
                name=name,
                on=row["doc_date"],
                payments=int(row[f"{column}_payments"]),
                amounts=Amounts({row["currency"]: int(row[column])}),
            )
            for column, name in MEANS
            if row[f"{column}_payments"]
        ]
    return found


def _tender(shop: Shop, code: str) -> str:
    try:
        return shop.rules.tender_type(code).name
    except UnmappedTender:
        return code


def _joined(rows: Sequence[Paid], *, name: str = "", on: date | None = None) -> Paid:
    return Paid(
        name=name,
        on=on,
        payments=sum(row.payments for row in rows),
        amounts=_sum(row.amounts for row in rows),
    )


def _ages(rows: Sequence[RowMapping]) -> tuple[Age, ...]:
    return tuple(
        Age(
            sum(int(row["invoices"]) for row in rows if row["age"] == age),
            Amounts.sum((row["currency"], int(row["open"])) for row in rows if row["age"] == age),
        )
        for age in range(len(store.AGES) + 1)
    )


def _together(ages: Sequence[Age]) -> Age:
    return Age(sum(age.invoices for age in ages), _sum(age.amounts for age in ages))


def _of_partner(rows: Iterable[tuple[str, str, int]], code: str) -> Amounts:
    return Amounts.sum((currency, minor) for partner, currency, minor in rows if partner == code)


def _of(rows: Iterable[RowMapping], name: str) -> Amounts:
    return Amounts.sum((row["currency"], int(row[name])) for row in rows)


def _sum(parts: Iterable[Amounts]) -> Amounts:
    return Amounts.sum(pair for part in parts for pair in part.minor.items())
