"""Currencies, their three codes, and frozen exchange rates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from pos_app.domain.money import Money, divide_half_up
from pos_app.domain.quantity import MICRO, QuantityInvalid, to_micro
from pos_app.errors import InvalidInput, RuleBroken

ALIASES = {
    "USD": "USD", "US$": "USD", "$": "USD",
    "ZIG": "ZIG", "ZWG": "ZIG", "ZWL": "ZIG", "ZW$": "ZIG",
}  # fmt: skip
"""How the world writes our two currencies, in upper case."""

ALL_CURRENCIES = "##"
"""SAP's mark for a partner that trades in every currency; never a currency itself (L21)."""


class UnmappedCurrency(InvalidInput):
    """A currency the shop has no table row for."""

    code = "unmapped_currency"

    def __init__(self, currency: str) -> None:
        super().__init__(
            f"Currency {currency[:20]!r} is not one the shop takes: "
            "use USD or ZIG, or map it in the settings.",
            currency=currency[:20],
        )


class RateMissing(RuleBroken):
    """No exchange rate is known for a pair of currencies."""

    code = "rate_missing"

    def __init__(self, base: str, quote: str) -> None:
        super().__init__(
            f"There is no exchange rate between {base} and {quote}: "
            f"take {quote} only, or fetch today's rate.",
            base=base,
            quote=quote,
        )


class RateInvalid(InvalidInput):
    """An exchange rate is zero, negative or too fine."""

    code = "rate_invalid"

    def __init__(self, base: str, quote: str, rate: object) -> None:
        super().__init__(
            f"The rate {str(rate)[:40]} from {base} to {quote} cannot be right: "
            "enter a number above zero with at most 6 decimals.",
            base=base,
            quote=quote,
            rate=str(rate)[:40],
        )


def normalise(code: str) -> str:
    """Return our code for a currency: ``USD`` or ``ZIG``.

    Raises:
        UnmappedCurrency: none of the known spellings; nothing is ever defaulted.
    """
    try:
        return ALIASES[code.strip().upper()]
    except KeyError:
        raise UnmappedCurrency(code) from None


def document_currency(partner_currency: str, list_currency: str) -> str:
    """Return the currency a document for this partner is written in.

    A partner of all currencies (``##`` or none) takes the price list's (production lesson L21).
    """
    if partner_currency.strip() in {"", ALL_CURRENCIES}:
        return normalise(list_currency)
    return normalise(partner_currency)


@dataclass(frozen=True, slots=True)
class Currency:
    """One currency with the code each neighbour knows it by."""

    code: str
    name: str
    fiscal_code: str
    sap_code: str
    decimals: int = 2


@dataclass(frozen=True, slots=True)
class CurrencyTable:
    """The currencies of this shop, as configured."""

    currencies: tuple[Currency, ...]

    def get(self, code: str) -> Currency:
        """Return the currency for any known spelling.

        Raises:
            UnmappedCurrency: the shop does not take it, or a neighbour's code for it is missing.
        """
        ours = normalise(code)
        for currency in self.currencies:
            if currency.code == ours and currency.fiscal_code and currency.sap_code:
                return currency
        raise UnmappedCurrency(code)


@dataclass(frozen=True, slots=True)
class Rate:
    """What one unit of ``base`` is worth in ``quote``, frozen at a moment.

    Attributes:
        rate: above zero, at most 6 decimals.
        at: the moment it became valid, with a zone.
    """

    base: str
    quote: str
    rate: Decimal
    at: datetime

    def __post_init__(self) -> None:
        try:
            micro = to_micro(self.rate)
        except QuantityInvalid:
            micro = 0
        if micro <= 0 or self.base == self.quote:
            raise RateInvalid(self.base, self.quote, self.rate)

    @property
    def micro(self) -> int:
        """The rate in whole millionths, as stored."""
        return to_micro(self.rate)


def fraction(rate: Rate | None, base: str, *, quote: str) -> tuple[int, int]:
    """Return the exact factor from ``base`` to ``quote`` as numerator and denominator.

    Raises:
        RateMissing: there is no rate, or it is for another pair.
    """
    if base == quote:
        return 1, 1
    if rate is not None and (rate.base, rate.quote) == (base, quote):
        return rate.micro, MICRO
    if rate is not None and (rate.base, rate.quote) == (quote, base):
        return MICRO, rate.micro
    raise RateMissing(base, quote)


def convert(money: Money, to: str, rate: Rate | None) -> Money:
    """Convert at a frozen rate, to the cent, halves away from zero.

    Raises:
        RateMissing: there is no rate between the two currencies.
    """
    numerator, denominator = fraction(rate, money.currency, quote=to)
    return Money(divide_half_up(money.minor * numerator, denominator), to)


def convert_up(money: Money, to: str, rate: Rate | None) -> Money:
    """Convert at a frozen rate, to the next cent up, so that it is worth at least as much.

    Raises:
        RateMissing: there is no rate between the two currencies.
    """
    numerator, denominator = fraction(rate, money.currency, quote=to)
    return Money(-(-money.minor * numerator // denominator), to)
