"""What a report is about: days, a warehouse, and the rate by which two currencies are compared."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from pos_app.domain.report import USUAL_DAYS, Amounts, Days, Yardstick
from pos_app.errors import RecordNotFound
from pos_app.services.rate import BASE, QUOTE, current
from pos_app.services.shop import Shop
from pos_app.store import warehouse as warehouses
from pos_app.store.report import Scope
from pos_app.store.report_trade import Range


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a caller wants to see; None takes the usual.

    Attributes:
        since, until: business days, both included.
        warehouse: one of them.
    """

    since: date | None = None
    until: date | None = None
    warehouse: str | None = None

    def days(self, shop: Shop, *, usual: int = USUAL_DAYS) -> Days:
        """The days that are meant; raises ReportPeriodInvalid."""
        return Days.of(self.since, self.until, today=shop.today, usual=usual)

    def scope(self, shop: Shop, days: Days) -> Scope:
        """The same as the store takes it.

        Raises:
            RecordNotFound: there is no such warehouse.
        """
        if self.warehouse is not None:
            with shop.store.read() as connection:
                if warehouses.by_code(connection, self.warehouse) is None:
                    raise RecordNotFound("warehouse", self.warehouse)
        return Scope(
            since=days.since,
            until=days.until,
            base=BASE,
            quote=QUOTE,
            warehouse=self.warehouse,
        )


def yardstick(shop: Shop) -> Yardstick:
    """The newest rate; reports that compare across currencies print it."""
    with shop.store.read() as connection:
        found = current(shop, connection)
    return Yardstick(base=BASE, quote=QUOTE, rate=None if found is None else found.rate)


def within(days: Days) -> Range:
    """The days as the store takes them for what knows no currency."""
    return Range(days.since, days.until)


def both(base: int, quote: int) -> Amounts:
    """Sums the database laid out in two columns."""
    return Amounts({BASE: int(base or 0), QUOTE: int(quote or 0)})
