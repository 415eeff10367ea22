"""The first entry of the books: what was there when they began to count goods."""

from __future__ import annotations

from sqlalchemy import Connection

from pos_app.domain.ledger import balanced
from pos_app.domain.valuation import Held, added, worth
from pos_app.services.ledger import account
from pos_app.services.ledger.planned import Moved, Planned
from pos_app.services.ledger.valued import Valued
from pos_app.services.shop import Shop
from pos_app.store import level as levels
from pos_app.store import valuation
from pos_app.store.stock import Place

OPENING = valuation.OPENING
KEY = "stock"


def plan(shop: Shop, connection: Connection) -> Planned | None:
    """Take stock: what is on the shelves, at the cost SAP kept where the shop had it; once.

    What is on its way into the books is not in it, since it is booked by itself. Goods without a
    known cost are counted and have no value.
    """
    if valuation.opened_at(connection) is not None:
        return None
    found = {
        (row["item"], row["warehouse"]): row["quantity"]
        for row in valuation.standing(connection, shop.clock.now())
    }
    known = levels.of_items(connection, {item for item, _warehouse in found})
    costs = {place: level.cost for place, level in known.items() if found.get(place, 0) > 0}
    moved: dict[Place, Moved] = {}
    for place, quantity in found.items():
        cost = costs.get(place)
        change = added(Held(), quantity, worth(quantity, cost) if cost else None)
        moved[place] = Moved(quantity=quantity, value=change.value, after=change.after)
    there = Valued(moved=moved, late=0)
    against = account.line(account.opening(shop), -there.value)
    return Planned(
        kind=OPENING,
        key=KEY,
        partner="",
        booked_on=shop.today,
        lines=balanced([*there.lines(shop), against]),
        moved=moved,
    )
