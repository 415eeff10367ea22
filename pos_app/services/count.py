"""Counts of a warehouse: quantities entered, locked, looked at by somebody else, booked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, RowMapping

from pos_app.domain.count import (
    MOVES,
    CountClosed,
    CountEmpty,
    CountState,
    OwnCount,
    difference,
)
from pos_app.domain.item import Item
from pos_app.domain.money import Money
from pos_app.domain.move import check_move
from pos_app.domain.permission import Actor, Permission, require
from pos_app.domain.quantity import check_quantity
from pos_app.errors import InvalidInput, RecordNotFound
from pos_app.services import count_view, goods, invoice_price
from pos_app.services.count_view import Count
from pos_app.services.invoice_price import ItemsUnknown
from pos_app.services.movement import BatchesNotWanted, BatchesWanted
from pos_app.services.posting import queueing
from pos_app.services.posting.count import COUNT
from pos_app.services.posting.queueing import Queueing
from pos_app.services.shop import Shop
from pos_app.store import audit, setting, stock
from pos_app.store import batch as batches
from pos_app.store import count as counts
from pos_app.store import item as items
from pos_app.store.stock import Move


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered:
    """What somebody counted of an item, or of one batch of it; zero is a count."""

    item: str
    counted: Decimal
    batch: str = ""


class CountedTwice(InvalidInput):
    """One item, or one batch of it, stands twice among what is entered at once."""

    code = "counted_twice"

    def __init__(self, item: str, batch: str) -> None:
        what = f"Batch {batch} of item {item}" if batch else f"Item {item}"
        super().__init__(
            f"{what} is entered twice: enter it once, with all that was found.",
            item=item,
            batch=batch,
        )


def start(
    shop: Shop,
    actor: Actor,
    warehouse: str,
    *,
    is_blind: bool = True,
    comments: str = "",
    document_id: str | None = None,
    allowed: Sequence[str] = (),
) -> Count:
    """Begin to count a warehouse; a blind count shows what the books say once it is locked.

    Raises:
        PermissionMissing, WarehouseNotYours, WarehouseInvalid: it cannot be.
    """
    require(actor, Permission.STOCK_COUNT)
    invoice_price.check_places(actor, [warehouse], allowed)
    count_id = document_id or shop.ids.new()
    with shop.store.write() as connection:
        if counts.by_id(connection, count_id) is None:
            goods.check_warehouses(connection, [warehouse])
            header = {
                "id": count_id,
                "number": f"CNT-{setting.next_number(connection, 'count'):06d}",
                "state": CountState.OPEN.value,
                "warehouse": warehouse,
                "is_blind": is_blind,
                "comments": comments,
                "created_by": actor.username,
                "created_at": shop.clock.now(),
            }
            counts.add(connection, header)
            _note(shop, connection, actor, header, action="count.start")
    return count_view.get(shop, count_id)


def enter(
    shop: Shop,
    actor: Actor,
    entry: int,
    entered: Sequence[Entered],
    *,
    allowed: Sequence[str] = (),
) -> Count:
    """Enter quantities; each is kept beside what the books say at this very moment.

    Raises:
        PermissionMissing, WarehouseNotYours: the actor may not.
        RecordNotFound, CountClosed: there is nothing to enter into.
        ItemsUnknown, CountedTwice, BatchesWanted, BatchesNotWanted, QuantityInvalid: it makes no
            sense.
    """
    require(actor, Permission.STOCK_COUNT)
    with shop.store.write() as connection:
        row = _held(connection, entry)
        invoice_price.check_places(actor, [row["warehouse"]], allowed)
        if row["state"] != CountState.OPEN:
            raise CountClosed(row["number"], row["state"])
        known = _known(connection, entered)
        place = row["warehouse"]
        stock.lock(connection, [(line.item, place) for line in entered])
        now = shop.clock.now()
        rows = [
            {
                "count_id": row["id"],
                "item": line.item,
                "batch": line.batch,
                "name": known[line.item].name,
                "uom": known[line.item].uom,
                "book": _book(connection, place, line),
                "counted": line.counted,
                "counted_by": actor.username,
                "counted_at": now,
            }
            for line in entered
        ]
        counts.put_lines(connection, rows)
        told = [f"{line.item}|{line.batch}={line.counted:f}" for line in entered]
        _note(shop, connection, actor, row, action="count.enter", lines=told)
    return count_view.by_entry(shop, entry)


def lock(shop: Shop, actor: Actor, entry: int, *, allowed: Sequence[str] = ()) -> Count:
    """Say that all is counted; from now on a blind count shows its differences.

    Raises:
        PermissionMissing, WarehouseNotYours, RecordNotFound, MoveRefused, CountEmpty: it cannot be.
    """
    require(actor, Permission.STOCK_COUNT)
    with shop.store.write() as connection:
        row = _held(connection, entry)
        invoice_price.check_places(actor, [row["warehouse"]], allowed)
        if not counts.lines_of(connection, [row["id"]]):
            raise CountEmpty(row["number"])
        values = {"counted_at": shop.clock.now()}
        _move(shop, connection, actor, row, state=CountState.COUNTED, values=values)
    return count_view.by_entry(shop, entry)


def reopen(shop: Shop, actor: Actor, entry: int, *, allowed: Sequence[str] = ()) -> Count:
    """Ask for a recount.

    Raises:
        PermissionMissing, WarehouseNotYours, RecordNotFound, MoveRefused: it cannot be.
    """
    require(actor, Permission.STOCK_ADJUST, Permission.INVENTORY_ADJUST)
    with shop.store.write() as connection:
        row = _held(connection, entry)
        invoice_price.check_places(actor, [row["warehouse"]], allowed)
        _move(shop, connection, actor, row, state=CountState.OPEN, values={"counted_at": None})
    return count_view.by_entry(shop, entry)


def cancel(shop: Shop, actor: Actor, entry: int, *, allowed: Sequence[str] = ()) -> Count:
    """Book nothing of it.

    Raises:
        PermissionMissing, WarehouseNotYours, RecordNotFound, MoveRefused: it cannot be.
    """
    require(actor, Permission.STOCK_COUNT)
    with shop.store.write() as connection:
        row = _held(connection, entry)
        invoice_price.check_places(actor, [row["warehouse"]], allowed)
        values = {"ended_by": actor.username, "ended_at": shop.clock.now()}
        _move(shop, connection, actor, row, state=CountState.CANCELLED, values=values)
    return count_view.by_entry(shop, entry)


def book(shop: Shop, actor: Actor, entry: int, *, allowed: Sequence[str] = ()) -> Count:
    """Book the differences; SAP hears of those there are.

    Raises:
        PermissionMissing, WarehouseNotYours, OwnCount: the actor may not.
        RecordNotFound, MoveRefused: it is not locked, or booked already.
        InsufficientStock, InsufficientBatch: less is left, or free, than is missing; count again.
    """
    require(actor, Permission.STOCK_ADJUST, Permission.INVENTORY_ADJUST)
    with shop.store.write() as connection:
        row = _held(connection, entry)
        invoice_price.check_places(actor, [row["warehouse"]], allowed)
        lines = counts.lines_of(connection, [row["id"]])
        if actor.username in {line["counted_by"] for line in lines}:
            raise OwnCount(actor.username, row["number"])
        now = shop.clock.now()
        values = {"ended_by": actor.username, "ended_at": now}
        moves = _moves(row, lines)
        stock.lock(connection, [(move.item, move.warehouse) for move in moves])
        _bear(connection, moves, now)
        goods.book(connection, moves, now)
        _move(shop, connection, actor, row, state=CountState.POSTED, values=values)
        if moves:
            _enqueue(shop, connection, actor, row)
            goods.tell_adjusted(shop, connection, row, kind=COUNT)
        goods.tell_tills(connection, moves)
    return count_view.by_entry(shop, entry)


def _known(connection: Connection, entered: Sequence[Entered]) -> dict[str, Item]:
    codes = list(dict.fromkeys(line.item for line in entered))
    known = items.find_by_codes(connection, codes)
    missing = [code for code in codes if code not in known]
    if missing:
        raise ItemsUnknown(missing)
    seen: set[tuple[str, str]] = set()
    for line in entered:
        if (line.item, line.batch) in seen:
            raise CountedTwice(line.item, line.batch)
        seen.add((line.item, line.batch))
        item = known[line.item]
        if line.counted:
            check_quantity(line.counted, uom=item.uom, decimals=item.decimals, item=item.code)
        if item.is_batch_managed and not line.batch:
            raise BatchesWanted(item.code, "count each batch by itself")
        if line.batch and not item.is_batch_managed:
            raise BatchesNotWanted(item.code)
    return known


def _book(connection: Connection, place: str, line: Entered) -> Decimal:
    """On hand now, of the item or of its batch; what nobody told of is nothing here."""
    if line.batch:
        return batches.on_hand(connection, (line.item, place, line.batch)) or goods.NOTHING
    row = stock.of_places(connection, [(line.item, place)]).get((line.item, place))
    return row["on_hand"] if row is not None else goods.NOTHING


def _moves(row: RowMapping, lines: Sequence[RowMapping]) -> list[Move]:
    found = []
    for number, line in enumerate(lines):
        by = difference(line["counted"], line["book"])
        if by:
            found.append(
                Move(
                    document_kind="count",
                    document_id=row["id"],
                    line=number,
                    item=line["item"],
                    warehouse=row["warehouse"],
                    batch=line["batch"],
                    quantity=by,
                )
            )
    return found


def _bear(connection: Connection, moves: Sequence[Move], now: datetime) -> None:
    for move in moves:
        if move.batch:
            lot = (move.item, move.warehouse, move.batch)
            batches.bear(connection, lot, expiry=None, at=now)


def _enqueue(shop: Shop, connection: Connection, actor: Actor, row: RowMapping) -> None:
    queued = Queueing(
        kind=COUNT,
        document_id=row["id"],
        reference=row["number"],
        source="API",
        total=Money.zero(shop.rules.currency),
        created_by=actor.username,
    )
    queueing.enqueue(shop, connection, queued)


def _held(connection: Connection, entry: int) -> RowMapping:
    row = counts.held(connection, entry)
    if row is None:
        raise RecordNotFound("count", entry)
    return row


def _move(
    shop: Shop,
    connection: Connection,
    actor: Actor,
    row: RowMapping,
    *,
    state: CountState,
    values: dict[str, Any],
) -> None:
    check_move(MOVES, CountState(row["state"]), new=state, kind="count")
    counts.change(connection, row["id"], {"state": state.value} | values)
    _note(shop, connection, actor, row, action=f"count.{state.value.lower()}")


def _note(
    shop: Shop,
    connection: Connection,
    actor: Actor,
    row: RowMapping | dict[str, Any],
    *,
    action: str,
    **facts: Any,
) -> None:
    audit.append(
        connection,
        at=shop.clock.now(),
        actor=actor.username,
        action=action,
        subject=row["number"],
        details={"count": row["id"], "warehouse": row["warehouse"]} | facts,
    )
