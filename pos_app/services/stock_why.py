"""Why the book shows this quantity: what was there, and every move since (invariant 7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Connection, RowMapping

from pos_app.domain.item import Item, ItemUnknown
from pos_app.errors import RecordNotFound
from pos_app.services.shop import Shop
from pos_app.store import item as items
from pos_app.store import stock, stock_chain
from pos_app.store import warehouse as warehouses

NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One move, and what was there after it.

    Attributes:
        is_in_base: whether the figure told from above contains it by now.
    """

    at: datetime
    kind: str
    document: str
    batch: str
    quantity: Decimal
    balance: Decimal
    is_in_base: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """Goods somebody has reserved."""

    reference: str
    quantity: Decimal
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Transit:
    """Goods on their way; negative where they left from here."""

    number: str
    other: str
    quantity: Decimal
    sent_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """One place explained: opening and links make on hand.

    Attributes:
        base: what was told from above, with every move that is contained in it.
        opening: what was there before the first link, as far as is known today.
        is_now: whether it is about this moment; reservations are known of this moment only.
    """

    item: str
    name: str
    uom: str
    warehouse: str
    at: datetime
    is_now: bool
    on_hand: Decimal
    base: Decimal
    opening: Decimal
    links: tuple[Link, ...]
    holds: tuple[Hold, ...]
    transit: tuple[Transit, ...]

    @property
    def reserved(self) -> Decimal:
        """What others hold."""
        return sum((hold.quantity for hold in self.holds), NOTHING)

    @property
    def available(self) -> Decimal:
        """What is free to take."""
        return self.on_hand - self.reserved


def explain(
    shop: Shop,
    code: str,
    *,
    warehouse: str = "",
    at: datetime | None = None,
    most: int = 50,
) -> list[Why]:
    """Explain an item's quantity, in one warehouse or in each that knows it.

    Args:
        shop: the till or server.
        code: the item.
        warehouse: one place; empty for all.
        at: how it was at a moment: today's figure less what moved since.
        most: how many moves are listed; older ones are in the opening.

    Raises:
        ItemUnknown: there is no such item.
        RecordNotFound: there is no such warehouse, or nobody ever told of the item there.
    """
    now = shop.clock.now()
    with shop.store.read() as connection:
        item = items.find_by_codes(connection, [code]).get(code)
        if item is None:
            raise ItemUnknown(code)
        rows = stock.of_item(connection, code)
        if warehouse:
            rows = [row for row in rows if row["warehouse"] == warehouse]
            if not rows and warehouses.by_code(connection, warehouse) is None:
                raise RecordNotFound("warehouse", warehouse)
            if not rows:
                raise RecordNotFound("stock of the item in warehouse", warehouse)
        until = min(at, now) if at is not None else now
        return [
            _why(connection, item, row, until=until, is_now=until == now, most=most) for row in rows
        ]


def _why(
    connection: Connection,
    item: Item,
    row: RowMapping,
    *,
    until: datetime,
    is_now: bool,
    most: int,
) -> Why:
    place = (item.code, row["warehouse"])
    on_hand = row["on_hand"] - stock_chain.after(connection, place, since=until)
    moves = stock_chain.before(connection, place, until=until, limit=most)
    opening = on_hand - sum((move["quantity"] for move in moves), NOTHING)
    found = stock_chain.holds(connection, place, until) if is_now else []
    return Why(
        item=item.code,
        name=item.name,
        uom=item.uom,
        warehouse=row["warehouse"],
        at=until,
        is_now=is_now,
        on_hand=on_hand,
        base=row["base"],
        opening=opening,
        links=tuple(_links(connection, moves, opening, base_seq=row["base_seq"])),
        holds=tuple(
            Hold(
                reference=hold["external_reference"],
                quantity=hold["quantity"],
                expires_at=hold["expires_at"],
            )
            for hold in found
        ),
        transit=tuple(_transit(connection, place)) if is_now else (),
    )


def _links(
    connection: Connection, moves: list[RowMapping], opening: Decimal, *, base_seq: int
) -> list[Link]:
    names = stock_chain.names(connection, {move["document_id"] for move in moves})
    balance, links = opening, []
    for move in moves:
        balance += move["quantity"]
        upstream = move["upstream_seq"]
        links.append(
            Link(
                at=move["at"],
                kind=move["document_kind"],
                document=names.get(move["document_id"], move["document_id"]),
                batch=move["batch"],
                quantity=move["quantity"],
                balance=balance,
                is_in_base=upstream is not None and upstream <= base_seq,
            )
        )
    return links


def _transit(connection: Connection, place: stock.Place) -> list[Transit]:
    found = []
    for row in stock_chain.on_their_way(connection, place[0]):
        if place[1] in {row["from_warehouse"], row["to_warehouse"]}:
            leaves = row["from_warehouse"] == place[1]
            found.append(
                Transit(
                    number=row["number"],
                    other=row["to_warehouse"] if leaves else row["from_warehouse"],
                    quantity=-row["quantity"] if leaves else row["quantity"],
                    sent_at=row["sent_at"],
                )
            )
    return found
