"""Figures of a report: amounts in several currencies that are never added without a named rate."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from pos_app.domain.money import Money, divide_half_up, half_up
from pos_app.errors import InvalidInput

USUAL_DAYS, SLOW_DAYS = 30, 90
MOST_DAYS = 3660
"""Ten years: no report reaches further, so that none reads a whole history by mistake."""

MOST_ROWS = 1000
_HUNDRED = Decimal(100)


class ReportPeriodInvalid(InvalidInput):
    """A report ends before it begins, or covers more than is looked through at once."""

    code = "report_period_invalid"

    def __init__(self, since: date, until: date) -> None:
        super().__init__(
            f"The report would run from {since} to {until}: put the days in order, at most "
            f"{MOST_DAYS} of them.",
            since=since,
            until=until,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """Business days, both included."""

    since: date
    until: date

    @classmethod
    def of(
        cls, since: date | None, until: date | None, *, today: date, usual: int = USUAL_DAYS
    ) -> Days:
        """A period with what was left out filled in: it ends today and has the usual length.

        Raises:
            ReportPeriodInvalid: the days are out of order, or too many.
        """
        last = until or max(today, since or today)
        first = since or last - timedelta(days=min(usual - 1, (last - date.min).days))
        if not 0 <= (last - first).days < MOST_DAYS:
            raise ReportPeriodInvalid(first, last)
        return cls(since=first, until=last)

    @property
    def count(self) -> int:
        """How many days."""
        return (self.until - self.since).days + 1


@dataclass(frozen=True, slots=True)
class Amounts:
    """Minor units by currency; a currency that is not there has none."""

    minor: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def sum(cls, parts: Iterable[tuple[str, int]]) -> Amounts:
        """Add amounts, each in its own currency."""
        found: dict[str, int] = {}
        for currency, minor in parts:
            found[currency] = found.get(currency, 0) + minor
        return cls(found)

    def of(self, currency: str) -> Money:
        """What is there in one currency."""
        return Money(self.minor.get(currency, 0), currency)

    def __add__(self, other: Amounts) -> Amounts:
        return Amounts.sum([*self.minor.items(), *other.minor.items()])

    def __sub__(self, other: Amounts) -> Amounts:
        return self + Amounts({currency: -minor for currency, minor in other.minor.items()})

    def __neg__(self) -> Amounts:
        return Amounts() - self

    def average(self, currency: str, count: int) -> Money:
        """One of `count`, to the cent; nothing of none."""
        minor = divide_half_up(self.minor.get(currency, 0), count) if count else 0
        return Money(minor, currency)


@dataclass(frozen=True, slots=True, kw_only=True)
class Yardstick:
    """What two currencies are compared by; it is printed wherever it was used.

    Attributes:
        base, quote: the shop's first currency and the other one.
        rate: units of `quote` for one of `base`; None when nobody knows it.
    """

    base: str
    quote: str
    rate: Decimal | None

    def value(self, amounts: Amounts) -> Fraction | None:
        """Everything in minor units of the base; None when that cannot be said."""
        found = Fraction(0)
        for currency, minor in amounts.minor.items():
            if currency == self.base or not minor:
                found += minor
            elif currency == self.quote and self.rate:
                found += minor / Fraction(self.rate)
            else:
                return None
        return found

    def money(self, amounts: Amounts) -> Money | None:
        """Everything in the base, to the cent; None when that cannot be said."""
        value = self.value(amounts)
        if value is None:
            return None
        return Money(divide_half_up(value.numerator, value.denominator), self.base)

    def percent(self, part: Amounts, whole: Amounts) -> Decimal | None:
        """How much of a whole a part is, to two decimals; None when that cannot be said."""
        one, other = self.value(part), self.value(whole)
        if one is None or other is None:
            return None
        return share(one, other)


def share(part: Fraction | int, whole: Fraction | int) -> Decimal:
    """A part in percent of a whole, to two decimals; nothing of nothing."""
    if not whole:
        return Decimal("0.00")
    ratio = Fraction(part) / Fraction(whole) * 10_000
    return half_up(Decimal(divide_half_up(*_positive(ratio))) / _HUNDRED, 2)


def _positive(ratio: Fraction) -> tuple[int, int]:
    return ratio.numerator, ratio.denominator
