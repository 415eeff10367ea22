"""Which cash goes back to the customer: the currency asked for first, then the other one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pos_app.domain.currency import Rate, convert
from pos_app.domain.money import Money


@dataclass(frozen=True, slots=True)
class Purse:
    """The cash that may be given back.

    Attributes:
        drawer: what is there by currency; None is without limit.
        smallest: the smallest piece given as change; one cent where it is silent.
    """

    rate: Rate | None
    drawer: Mapping[str, Money] | None
    smallest: Mapping[str, Money]

    def give(self, wanted: Money) -> Money:
        """Return as much of an amount as the drawer holds, in whole pieces."""
        held = wanted
        if self.drawer is not None:
            held = min(wanted, self.drawer.get(wanted.currency, Money.zero(wanted.currency)))
        piece = self.smallest.get(wanted.currency)
        minor = max(held.minor, 0)
        return Money(minor - minor % (piece.minor if piece else 1), wanted.currency)


def hand_out(wanted: Money, other: str, *, purse: Purse) -> tuple[tuple[Money, ...], Money]:
    """Return the change and what of it cannot be given (zero when all can).

    Args:
        wanted: the change in the currency it should be in.
        other: the currency of what the drawer cannot give in the first; "" for none.
        purse: what is there to give.

    Raises:
        RateMissing: a second currency is needed and there is no rate.
    """
    given = purse.give(wanted)
    rest = wanted - given
    parts = [given]
    if not rest.is_zero and other:
        converted = convert(rest, other, purse.rate)
        more = purse.give(converted)
        parts.append(more)
        rest = converted - more
    return tuple(part for part in parts if part.minor > 0), rest
