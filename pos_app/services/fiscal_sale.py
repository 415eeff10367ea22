"""Fiscalised sales of a period: how many, what they came to, and whether SAP holds them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import TypeVar

from pos_app.domain.currency import Rate, RateMissing, convert
from pos_app.domain.money import Money
from pos_app.errors import InvalidInput
from pos_app.services import invoice_view
from pos_app.services.invoice_view import Invoice
from pos_app.services.rate import BASE, QUOTE
from pos_app.services.shop import Shop
from pos_app.store import fiscal_sale as fiscal_sales
from pos_app.store import queue
from pos_app.store import sale as sales
from pos_app.store.fast import Record
from pos_app.store.fiscal_sale import Group, Wanted

MOST_DAYS = 366


class Span(StrEnum):
    """How long a report is: around one day, or from one to another."""

    DAILY = "Daily"
    WEEKLY = "Weekly"
    MONTHLY = "Monthly"
    CUSTOM = "Custom"


class SpanInvalid(InvalidInput):
    """A report over no days, or over too many."""

    code = "span_invalid"

    def __init__(self, why: str) -> None:
        super().__init__(
            f"The report {why}: name fromDate and toDate, at most {MOST_DAYS} days apart."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """Sales summed in the shop's own currency, others converted at their own frozen rates.

    Attributes:
        in_sap: how many of them SAP holds.
        by_currency: what they came to in each currency they were made in, before conversion.
        unconverted: how many had no rate, and stand in `by_currency` alone.
    """

    count: int
    in_sap: int
    total: Money
    vat: Money
    by_currency: dict[str, Money]
    vat_by_currency: dict[str, Money]
    unconverted: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SaleSeen:
    """One sale with its row in the queue and the moment SAP had it."""

    invoice: Invoice
    reference: str
    reservation: str
    posting_state: str
    in_sap_at: datetime | None
    device: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Fiscalised sales of some days."""

    span: Span
    since: date
    until: date
    sums: Sums
    days: dict[date, Sums]
    by_warehouse: dict[str, Money]
    by_partner: dict[str, Money]
    sales: tuple[SaleSeen, ...]


def report(
    shop: Shop,
    *,
    span: Span,
    day: date | None,
    since: date | None,
    until: date | None,
    partner: str | None = None,
    warehouse: str | None = None,
    in_sap: bool | None = None,
    offset: int,
    limit: int,
) -> Report:
    """The fiscalised sales of a period; credit notes are not sales and stand in their own lists.

    Raises:
        SpanInvalid: a period of its own without both days, reversed, or longer than a year.
    """
    first, last = _days(shop, span, day, since=since, until=until)
    wanted = Wanted(since=first, until=last, partner=partner, warehouse=warehouse, in_sap=in_sap)
    with shop.store.read() as connection:
        groups = fiscal_sales.groups(connection, wanted)
        ids = fiscal_sales.page(connection, wanted, offset=offset, limit=limit)
        status = sales.status_of(connection, ids)
        queued = queue.of_documents(connection, ids)
    own = shop.rules.currency
    return Report(
        span=span,
        since=first,
        until=last,
        sums=_sums(groups, own),
        days={key: _sums(rows, own) for key, rows in _by(groups, lambda row: row.day).items()},
        by_warehouse=_totals(_by(groups, lambda row: row.warehouse), own),
        by_partner=_totals(_by(groups, lambda row: row.partner), own),
        sales=tuple(
            _seen(found, queued.get(found.id), status.get(found.id))
            for found in invoice_view.of_ids(shop, ids)
        ),
    )


def _days(
    shop: Shop, span: Span, day: date | None, *, since: date | None, until: date | None
) -> tuple[date, date]:
    on = day or shop.today
    if span is Span.CUSTOM:
        if since is None or until is None:
            raise SpanInvalid("has a period of its own and lacks one of its days")
        if since > until or (until - since).days > MOST_DAYS:
            raise SpanInvalid(f"goes from {since} to {until}")
        return since, until
    try:
        if span is Span.WEEKLY:
            first = on - timedelta(days=on.weekday())
            return first, first + timedelta(days=6)
        if span is Span.MONTHLY:
            first = on.replace(day=1)
            return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    except OverflowError:
        raise SpanInvalid(f"lies around {on}, at the end of the calendar") from None
    return on, on


def _seen(found: Invoice, queued: Record | None, status: Record | None) -> SaleSeen:
    is_there = status is not None and status["in_sap"] == "done"
    return SaleSeen(
        invoice=found,
        reference=queued["reference"] if queued else found.receipt,
        reservation=(queued["reservation_id"] or "") if queued else "",
        posting_state=queued["state"] if queued else "",
        in_sap_at=status["changed_at"] if status is not None and is_there else None,
        device=found.fiscal.device,
    )


Key = TypeVar("Key", str, date)


def _by(groups: Iterable[Group], key: Callable[[Group], Key]) -> dict[Key, list[Group]]:
    found: dict[Key, list[Group]] = {}
    for group in groups:
        found.setdefault(key(group), []).append(group)
    return dict(sorted(found.items()))


def _totals(groups: dict[str, list[Group]], own: str) -> dict[str, Money]:
    return {key: _sums(rows, own).total for key, rows in groups.items()}


def _sums(groups: Iterable[Group], own: str) -> Sums:
    count = there = unconverted = 0
    total = vat = Money.zero(own)
    by_currency: dict[str, Money] = {}
    vats: dict[str, Money] = {}
    for group in groups:
        count += group.count
        there += group.count if group.in_sap else 0
        sold, taxed = Money(group.total, group.currency), Money(group.vat, group.currency)
        nothing = Money.zero(group.currency)
        by_currency[group.currency] = by_currency.get(group.currency, nothing) + sold
        vats[group.currency] = vats.get(group.currency, nothing) + taxed
        try:
            total, vat = total + _in(sold, own, group), vat + _in(taxed, own, group)
        except RateMissing:
            unconverted += group.count
    return Sums(
        count=count,
        in_sap=there,
        total=total,
        vat=vat,
        by_currency=by_currency,
        vat_by_currency=vats,
        unconverted=unconverted,
    )


def _in(money: Money, own: str, group: Group) -> Money:
    if money.currency == own:
        return money
    at = datetime.combine(group.day, time(), UTC)
    return convert(money, own, Rate(BASE, QUOTE, group.rate, at) if group.rate else None)
