"""Exchange rates as other programs ask for them: current, over the last days, and converted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from sqlalchemy import Connection

from pos_app.domain.currency import UnmappedCurrency, fraction, normalise
from pos_app.domain.money import divide_half_up, half_up
from pos_app.errors import InvalidInput, NotFound
from pos_app.services.rate import BASE, QUOTE
from pos_app.services.shop import Shop
from pos_app.store import currency as currencies
from pos_app.store.currency import StoredRate

PLACES = 6
MOST_DAYS = 3660


class RateUnknown(NotFound):
    """No rate is known between two currencies."""

    code = "rate_unknown"

    def __init__(self, base: str, quote: str) -> None:
        super().__init__(
            f"No exchange rate is known from {base[:10]} to {quote[:10]}: use USD and ZIG.",
            base=base[:10],
            quote=quote[:10],
        )


class DaysInvalid(InvalidInput):
    """A number of days that no history has."""

    code = "days_invalid"

    def __init__(self, days: int) -> None:
        super().__init__(f"A history of {days} days is not kept: ask for 1 to {MOST_DAYS}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """What one unit of `base` is worth in `quote`; both ways to six decimals.

    Attributes:
        number: identifies the stored rate: the second it began.
    """

    number: int
    base: str
    quote: str
    rate: Decimal
    inverse: Decimal
    at: datetime
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversion:
    """An amount in another currency, to the cent, halves away from zero."""

    amount: Decimal
    base: str
    quote: str
    result: Decimal
    rate: Decimal


def every(shop: Shop) -> list[Exchange]:
    """The current rate of every pair the shop knows, as it is stored."""
    with shop.store.read() as connection:
        found = currencies.rates(connection, BASE, QUOTE, limit=1)
    return [_exchange(row, BASE, quote=QUOTE) for row in found]


def current(shop: Shop, base: str, quote: str) -> Exchange:
    """The current rate of a pair, either way round; 1 between equals.

    Raises:
        RateUnknown: there is none.
    """
    return history(shop, base, quote, days=None)[0]


def history(shop: Shop, base: str, quote: str, *, days: int | None) -> list[Exchange]:
    """The rates of a pair that counted in the last days, newest first; None asks for the newest.

    Raises:
        RateUnknown: there is none.
        DaysInvalid: not from 1 to ten years.
    """
    if days is not None and not 1 <= days <= MOST_DAYS:
        raise DaysInvalid(days)
    one, other = _known(base, quote)
    now = shop.clock.now().replace(microsecond=0)
    if one == other:
        return [_same(one, now)]
    with shop.store.read() as connection:
        rows = _stored(connection, one, other)
    since = None if days is None else now - timedelta(days=days)
    wanted = rows[:1] if since is None else _since(rows, since)
    if not rows:
        raise RateUnknown(base, quote)
    return [_exchange(row, one, quote=other) for row in wanted]


def convert(shop: Shop, base: str, quote: str, *, amount: Decimal) -> Conversion:
    """Convert an amount at the current rate.

    Raises:
        RateUnknown: there is no rate between the two.
    """
    one, other = _known(base, quote)
    with shop.store.read() as connection:
        rows = [] if one == other else _stored(connection, one, other)
    if one != other and not rows:
        raise RateUnknown(base, quote)
    numerator, denominator = fraction(rows[0].rate if rows else None, one, quote=other)
    cents = Fraction(amount) * 100 * numerator / denominator
    return Conversion(
        amount=amount,
        base=one,
        quote=other,
        result=Decimal(divide_half_up(cents.numerator, cents.denominator)).scaleb(-2),
        rate=_quotient(numerator, denominator),
    )


def _known(base: str, quote: str) -> tuple[str, str]:
    try:
        return normalise(base), normalise(quote)
    except UnmappedCurrency:
        raise RateUnknown(base, quote) from None


def _stored(connection: Connection, one: str, other: str) -> list[StoredRate]:
    """The rates of a pair, stored either way round, newest first."""
    found = currencies.rates(connection, one, other, limit=MOST_DAYS)
    return found or currencies.rates(connection, other, one, limit=MOST_DAYS)


def _since(rows: list[StoredRate], since: datetime) -> list[StoredRate]:
    """Those that began since then, and the one that counted at that moment."""
    newer = [row for row in rows if row.rate.at >= since]
    return newer + rows[len(newer) : len(newer) + 1]


def _exchange(row: StoredRate, base: str, *, quote: str) -> Exchange:
    numerator, denominator = fraction(row.rate, base, quote=quote)
    return Exchange(
        number=int(row.rate.at.timestamp()),
        base=base,
        quote=quote,
        rate=_quotient(numerator, denominator),
        inverse=_quotient(denominator, numerator),
        at=row.rate.at,
        source=row.source,
    )


def _quotient(numerator: int, denominator: int) -> Decimal:
    """One whole number over another, to six decimals, without zeros at the end."""
    return half_up(Decimal(numerator) / denominator, PLACES).normalize()


def _same(currency: str, now: datetime) -> Exchange:
    one = Decimal(1)
    return Exchange(
        number=0, base=currency, quote=currency, rate=one, inverse=one, at=now, source="identity"
    )
