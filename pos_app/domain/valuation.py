"""What goods in a warehouse are worth in the books: their moving average, per item and warehouse.

Goods whose cost nobody told are counted and have no value, which is not a value of nothing: they
leave first, and dilute no average. What is sold before it came is taken out at the last average;
where the goods then cost something else, the rest is cost of what was sold.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from pos_app.domain.money import divide_half_up, half_up, multiply
from pos_app.domain.quantity import to_micro

NOTHING = Decimal(0)
MINOR = Decimal(100)
COST_PLACES = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """An item in a warehouse, as the books have it.

    Attributes:
        quantity: of known cost; below zero for what was sold before it came.
        unvalued: of unknown cost; below zero for what was sold before anybody knew of it.
        value: of `quantity`, in minor units of the first currency.
        cost: the last average cost of one unit, in major units; zero while none is known.
    """

    quantity: Decimal = NOTHING
    unvalued: Decimal = NOTHING
    value: int = 0
    cost: Decimal = NOTHING

    @property
    def in_all(self) -> Decimal:
        """What the books count, of known cost or not."""
        return self.quantity + self.unvalued


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a movement does to it.

    Attributes:
        after: as it is then.
        value: what its value changes by, in minor units; below zero when goods leave.
        late: cost of goods that were sold before their cost was known, in minor units.
    """

    after: Held
    value: int
    late: int = 0


@dataclass(frozen=True, slots=True)
class Load:
    """So much that comes in for so many minor units; None is an unknown cost."""

    quantity: Decimal
    value: int | None


def taken(held: Held, quantity: Decimal) -> Change:
    """Goods leave; the last ones take all the value that is left with them."""
    left = quantity
    unvalued = min(left, max(held.unvalued, NOTHING))
    left -= unvalued
    valued = min(left, max(held.quantity, NOTHING))
    value = _share(held.value, valued, held.quantity)
    left -= valued
    if left and held.cost:
        valued, value, left = valued + left, value + worth(left, held.cost), NOTHING
    after = replace(
        held,
        quantity=held.quantity - valued,
        unvalued=held.unvalued - unvalued - left,
        value=held.value - value,
    )
    return Change(after=after, value=-value)


def added(held: Held, quantity: Decimal, value: int | None) -> Change:
    """Goods come in for so many minor units; None is an unknown cost, which is not none at all."""
    if value is None:
        return Change(after=replace(held, unvalued=held.unvalued + quantity), value=0)
    unknown = min(quantity, max(-held.unvalued, NOTHING))
    early = min(quantity - unknown, max(-held.quantity, NOTHING))
    # What was sold before it came cost what it costs now; some of that is booked already.
    spent = _share(value, unknown + early, quantity)
    booked = _share(-held.value, early, -held.quantity)
    by = value - spent + booked
    after = replace(
        held,
        quantity=held.quantity + quantity - unknown,
        unvalued=held.unvalued + unknown,
        value=held.value + by,
    )
    cost = _average(after) or _unit(value, quantity) or held.cost
    return Change(after=replace(after, cost=cost), value=by, late=spent - booked)


def at_average(held: Held, quantity: Decimal) -> int | None:
    """What so many units come in for that nobody names a cost of; None while there is no average.

    Args:
        held: the item in the warehouse.
        quantity: above zero.
    """
    return worth(quantity, held.cost) if held.cost else None


def load_of(held: Held, change: Change) -> tuple[Load, ...]:
    """What left with a change, as it arrives elsewhere."""
    valued = Load(held.quantity - change.after.quantity, -change.value)
    unknown = Load(held.unvalued - change.after.unvalued, None)
    return tuple(load for load in (valued, unknown) if load.quantity)


def split(loads: Iterable[Load], quantity: Decimal) -> tuple[list[Load], list[Load]]:
    """The first of some loads up to a quantity, and the rest; no value is lost between them."""
    first: list[Load] = []
    rest: list[Load] = []
    for load in loads:
        part = min(quantity, load.quantity)
        quantity -= part
        value = None if load.value is None else _share(load.value, part, load.quantity)
        left = None if load.value is None or value is None else load.value - value
        first += [Load(part, value)] if part else []
        rest += [Load(load.quantity - part, left)] if part < load.quantity else []
    return first, rest


def worth(quantity: Decimal, cost: Decimal) -> int:
    """So many units at a cost of one, in minor units, halves away from zero."""
    return int(half_up(multiply(multiply(quantity, cost), MINOR), 0))


def _share(value: int, part: Decimal, of: Decimal) -> int:
    """So much of a value as a part is of the whole; all of it for the whole, nothing for none."""
    if part <= 0:
        return 0
    if part == of:
        return value
    return divide_half_up(value * to_micro(part), to_micro(of))


def _average(held: Held) -> Decimal:
    return _unit(held.value, held.quantity) if held.quantity > 0 else NOTHING


def _unit(value: int, quantity: Decimal) -> Decimal:
    """Of one unit, in major units; to the places the shop keeps costs in."""
    micro = divide_half_up(value * 10**10, to_micro(quantity))
    return Decimal(micro).scaleb(-COST_PLACES)
