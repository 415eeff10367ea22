"""Money as whole minor units of one currency; rounding half away from zero."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal

from pos_app.errors import InvalidInput, RuleBroken

LARGEST = 10**15
"""The largest amount accepted from outside, in major units."""

_EXACT = Context(prec=80, rounding=ROUND_HALF_UP)
_PLAIN = re.compile(r"-?\d{1,20}(\.\d{1,20})?", re.ASCII)
_UNITS = tuple(Decimal(1).scaleb(-places) for places in range(13))


class AmountInvalid(InvalidInput):
    """A text or number is not an amount of money."""

    code = "amount_invalid"

    def __init__(self, amount: object, why: str) -> None:
        super().__init__(
            f"The amount {str(amount)[:40]!r} {why}: write it like 25.99.", amount=str(amount)[:40]
        )


class CurrencyMismatch(RuleBroken):
    """Two amounts of different currencies were to be added or compared."""

    code = "currency_mismatch"

    def __init__(self, one: str, other: str) -> None:
        super().__init__(
            f"Amounts in {one} and {other} cannot be put together: convert one of them first.",
            one=one,
            other=other,
        )


def half_up(value: Decimal, places: int) -> Decimal:
    """Round to ``places`` decimals (0 to 12), halves away from zero (ZIMRA FDMS 7.2 §2.3)."""
    return value.quantize(_UNITS[places], rounding=ROUND_HALF_UP, context=_EXACT)


def multiply(one: Decimal, other: Decimal) -> Decimal:
    """Multiply exactly, whatever precision the calling thread's decimal context has."""
    return _EXACT.multiply(one, other)


def divide_half_up(numerator: int, denominator: int) -> int:
    """Divide whole numbers, halves away from zero; ``denominator`` is above zero."""
    quotient = (2 * abs(numerator) + denominator) // (2 * denominator)
    return quotient if numerator >= 0 else -quotient


@dataclass(frozen=True, slots=True)
class Money:
    """An amount of one currency, in whole minor units (cents)."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if type(self.minor) is not int:
            raise AmountInvalid(self.minor, "is not a whole number of cents")

    @classmethod
    def of(cls, amount: Decimal | str, currency: str) -> Money:
        """Take an exact amount in major units.

        Raises:
            AmountInvalid: not a number, not finite, more than 2 decimals, or beyond ±10**15.
        """
        value = _number(amount)
        if half_up(value, 2) != value:
            raise AmountInvalid(amount, "has more than 2 decimals")
        return cls.rounded(value, currency)

    @classmethod
    def rounded(cls, value: Decimal, currency: str) -> Money:
        """Round a computed value to the cent, halves away from zero."""
        return cls(int(half_up(value, 2).scaleb(2, context=_EXACT)), currency)

    @classmethod
    def zero(cls, currency: str) -> Money:
        """Nothing, in this currency."""
        return cls(0, currency)

    @property
    def amount(self) -> Decimal:
        """The amount in major units, always with two decimals."""
        return Decimal(self.minor).scaleb(-2, context=_EXACT)

    @property
    def is_zero(self) -> bool:
        """Whether it is exactly nothing."""
        return self.minor == 0

    @property
    def is_negative(self) -> bool:
        """Whether it is below nothing."""
        return self.minor < 0

    def __str__(self) -> str:
        return format(self.amount, "f")

    @property
    def label(self) -> str:
        """The amount with its currency, as in ``25.99 USD``."""
        return f"{self} {self.currency}"

    def __add__(self, other: Money) -> Money:
        return Money(self.minor + self._alike(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.minor - self._alike(other), self.currency)

    def __neg__(self) -> Money:
        return Money(-self.minor, self.currency)

    def __abs__(self) -> Money:
        return Money(abs(self.minor), self.currency)

    def __mul__(self, times: int) -> Money:
        return Money(self.minor * times, self.currency)

    def __lt__(self, other: Money) -> bool:
        return self.minor < self._alike(other)

    def __le__(self, other: Money) -> bool:
        return self.minor <= self._alike(other)

    def __gt__(self, other: Money) -> bool:
        return self.minor > self._alike(other)

    def __ge__(self, other: Money) -> bool:
        return self.minor >= self._alike(other)

    def _alike(self, other: Money) -> int:
        if other.currency != self.currency:
            raise CurrencyMismatch(self.currency, other.currency)
        return other.minor

    def split_by(self, weights: Sequence[int]) -> tuple[Money, ...]:
        """Share the amount out by weight so that the parts sum to it exactly.

        Largest remainder first, then the earlier part; a negative amount mirrors the positive one.

        Args:
            weights: whole numbers, none negative, not all zero unless the amount is zero.

        Raises:
            AmountInvalid: the weights cannot carry the amount.
        """
        total = sum(weights)
        if any(weight < 0 for weight in weights) or (total == 0 and self.minor != 0):
            raise AmountInvalid(self, "cannot be shared out by these weights")
        if total == 0:
            return tuple(Money(0, self.currency) for _ in weights)
        size, sign = abs(self.minor), -1 if self.minor < 0 else 1
        shares = [divmod(size * weight, total) for weight in weights]
        parts = [whole for whole, _ in shares]
        order = sorted(range(len(shares)), key=lambda at: -shares[at][1])
        for at in order[: size - sum(parts)]:
            parts[at] += 1
        return tuple(Money(sign * part, self.currency) for part in parts)


def total(amounts: Iterable[Money], currency: str) -> Money:
    """Sum amounts of one currency; nothing at all sums to zero of it."""
    result = Money(0, currency)
    for amount in amounts:
        result += amount
    return result


def _number(amount: object) -> Decimal:
    if isinstance(amount, str):
        if not _PLAIN.fullmatch(amount.strip()):
            raise AmountInvalid(amount, "is not a plain number")
        amount = Decimal(amount.strip())
    if not isinstance(amount, Decimal):
        raise AmountInvalid(amount, "is not a decimal number")
    if not amount.is_finite():
        raise AmountInvalid(amount, "is not a finite number")
    if abs(amount) > LARGEST:
        raise AmountInvalid(amount, "is larger than the shop can book")
    return amount
