"""The end of a day: what was sold, to whom, and which invoices of SAP it became."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

from pos_app.domain.money import Money
from pos_app.errors import RecordNotFound
from pos_app.services import desktop_sale
from pos_app.services.consolidation import view
from pos_app.services.consolidation.view import Consolidated
from pos_app.services.desktop_sale import Listed
from pos_app.services.shop import Shop

MOST_SALES = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """What some sales come to, in one currency; different ones are never added up."""

    count: int
    total: Money
    vat: Money
    paid: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """One customer's sales of the day in one currency, and what they became."""

    partner: str
    partner_name: str
    sums: Sums
    lists: tuple[Consolidated, ...]
    sales: tuple[Listed, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One business date.

    Attributes:
        sums: by currency, the shop's own first.
        waiting: sales that are in no document of SAP yet.
    """

    day: date
    at: datetime
    sums: tuple[Sums, ...]
    lists: tuple[Consolidated, ...]
    customers: tuple[Customer, ...]
    waiting: tuple[Listed, ...]

    @property
    def posted(self) -> int:
        """Consolidated invoices that are booked."""
        return sum(one.is_posted for one in self.lists)


def report(shop: Shop, day: date) -> Report:
    """Everything sold on a business date, by tills and programs.

    Raises:
        RecordNotFound: nothing was.
    """
    _total, sold = desktop_sale.page(
        shop, since=day, until=day, is_desktop=False, offset=0, limit=MOST_SALES
    )
    if not sold:
        raise RecordNotFound("sale of the day", day.isoformat())
    lists = view.of_day(shop, day).lists
    by_currency = _grouped(sold, lambda one: one.total.currency)
    codes = sorted(by_currency, key=lambda code: (code != shop.rules.currency, code))
    return Report(
        day=day,
        at=shop.clock.now(),
        sums=tuple(_sums(by_currency[code]) for code in codes),
        lists=lists,
        customers=tuple(_customers(sold, lists)),
        waiting=tuple(one for one in sold if not one.is_booked),
    )


def _customers(sold: Sequence[Listed], lists: Sequence[Consolidated]) -> Iterable[Customer]:
    for (partner, currency), mine in sorted(
        _grouped(sold, lambda one: (one.partner, one.total.currency)).items()
    ):
        yield Customer(
            partner=partner,
            partner_name=mine[0].partner_name,
            sums=_sums(mine),
            lists=tuple(
                one for one in lists if (one.partner, one.total.currency) == (partner, currency)
            ),
            sales=tuple(mine),
        )


Key = TypeVar("Key")


def _grouped(sold: Iterable[Listed], key: Callable[[Listed], Key]) -> dict[Key, list[Listed]]:
    made: defaultdict[Key, list[Listed]] = defaultdict(list)
    for one in sold:
        made[key(one)].append(one)
    return dict(made)


def _sums(sold: Sequence[Listed]) -> Sums:
    currency = sold[0].total.currency
    return Sums(
        count=len(sold),
        total=Money(sum(one.total.minor for one in sold), currency),
        vat=Money(sum(one.vat.minor for one in sold), currency),
        paid=Money(sum(one.paid.minor for one in sold), currency),
    )
