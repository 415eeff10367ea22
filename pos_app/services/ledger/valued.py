"""What the moves of a document do to the value of the stock, before it is booked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import Connection, RowMapping

from pos_app.domain.ledger import Line
from pos_app.domain.valuation import Change, Load, added, at_average, load_of, split, taken
from pos_app.services.ledger import account
from pos_app.services.ledger.planned import Moved
from pos_app.services.shop import Shop
from pos_app.store import valuation
from pos_app.store.stock import Place

NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Valued:
    """What a document does to the stock of the books.

    Attributes:
        moved: by item and warehouse.
        late: cost of goods that were sold before it was known.
    """

    moved: Mapping[Place, Moved]
    late: int

    @property
    def value(self) -> int:
        """What the stock is worth more than before, in minor units."""
        return sum(one.value for one in self.moved.values())

    def lines(self, shop: Shop) -> Iterator[Line]:
        """The stock's side of the entry, warehouse by warehouse, and the late cost of sales."""
        by_warehouse: defaultdict[str, int] = defaultdict(int)
        for (_item, warehouse), one in self.moved.items():
            by_warehouse[warehouse] += one.value
        for warehouse, minor in sorted(by_warehouse.items()):
            yield account.line(account.stock(shop, warehouse), minor, tag=warehouse)
        yield account.line(account.cost(shop), self.late)

    def sold(self, shop: Shop) -> Iterator[Line]:
        """The same with what the goods of a sale have cost; below zero for goods that came back."""
        yield from self.lines(shop)
        yield account.line(account.cost(shop), -self.value - self.late)


def net(moves: Iterable[RowMapping]) -> dict[Place, Decimal]:
    """What moves together bring to each place."""
    sums: defaultdict[Place, Decimal] = defaultdict(Decimal)
    for move in moves:
        sums[move["item"], move["warehouse"]] += move["quantity"]
    return {place: quantity for place, quantity in sums.items() if quantity}


def averaged(connection: Connection, moves: Iterable[RowMapping]) -> Valued:
    """Goods leave, or come back, at the average of their place."""
    sums = net(moves)
    held = valuation.hold(connection, sums)
    changes: dict[Place, list[Change]] = {}
    for place, quantity in sums.items():
        one = held[place]
        changes[place] = [
            taken(one, -quantity)
            if quantity < 0
            else added(one, quantity, at_average(one, quantity))
        ]
    return _valued(sums, changes)


def came(connection: Connection, coming: Mapping[Place, Sequence[Load]]) -> Valued:
    """Goods come in for what they have cost; what names no cost is taken at the average."""
    held = valuation.hold(connection, coming)
    changes: dict[Place, list[Change]] = {}
    for place, loads in coming.items():
        for load in loads:
            one = changes[place][-1].after if place in changes else held[place]
            value = at_average(one, load.quantity) if load.value is None else load.value
            changes.setdefault(place, []).append(added(one, load.quantity, value))
    sums = {place: sum((one.quantity for one in parts), NOTHING) for place, parts in coming.items()}
    return _valued(sums, changes)


def carried(connection: Connection, moves: Iterable[RowMapping]) -> Valued:
    """Goods go from place to place and take with them what they are worth where they leave."""
    sums = net(moves)
    held = valuation.hold(connection, sums)
    changes: dict[Place, list[Change]] = {}
    loads: defaultdict[str, list[Load]] = defaultdict(list)
    for place, quantity in sums.items():
        if quantity < 0:
            changes[place] = [taken(held[place], -quantity)]
            loads[place[0]] += load_of(held[place], changes[place][0])
    for place, quantity in sums.items():
        if quantity > 0:
            parts, loads[place[0]] = split(loads[place[0]], quantity)
            for part in parts:
                one = changes[place][-1].after if place in changes else held[place]
                changes.setdefault(place, []).append(added(one, part.quantity, part.value))
    return _valued(sums, changes)


def _valued(sums: Mapping[Place, Decimal], changes: Mapping[Place, Sequence[Change]]) -> Valued:
    moved = {
        place: Moved(
            quantity=sums[place],
            value=sum(change.value for change in of_place),
            after=of_place[-1].after,
        )
        for place, of_place in changes.items()
    }
    late = sum(change.late for of_place in changes.values() for change in of_place)
    return Valued(moved=moved, late=late)
