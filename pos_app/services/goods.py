"""What documents that move goods without a sale have in common: places, items, batches, telling."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, RowMapping

from pos_app.domain.item import Item
from pos_app.domain.quantity import check_quantity
from pos_app.domain.webhook import WebhookEvent
from pos_app.errors import InvalidInput
from pos_app.services.invoice_price import ItemsUnknown
from pos_app.services.shop import Shop
from pos_app.services.webhook import event
from pos_app.store import batch as batches
from pos_app.store import feed, queue, stock
from pos_app.store import item as items
from pos_app.store import warehouse as warehouses
from pos_app.store.stock import Move

NOTHING = Decimal(0)


class WarehouseInvalid(InvalidInput):
    """Goods cannot go to or from a place the shop does not use."""

    code = "warehouse_invalid"

    def __init__(self, warehouse: str) -> None:
        super().__init__(
            f"Warehouse {warehouse} does not exist or is closed: check its code.",
            warehouse=warehouse,
        )


def check_warehouses(connection: Connection, codes: Iterable[str]) -> None:
    """Let goods move between warehouses in use only.

    Raises:
        WarehouseInvalid: the first that is not.
    """
    for code in sorted(set(codes)):
        found = warehouses.by_code(connection, code)
        if found is None or not found.is_active:
            raise WarehouseInvalid(code)


def known_items(connection: Connection, lines: Iterable[tuple[str, Decimal]]) -> dict[str, Item]:
    """The items of some lines, frozen ones too: goods of the shelf move whether they are sold.

    Args:
        connection: a transaction.
        lines: item code and quantity of each.

    Raises:
        ItemsUnknown: some are not known.
        QuantityInvalid: one is finer than its unit allows, or not above zero (lesson L60).
    """
    wanted = list(lines)
    codes = list(dict.fromkeys(code for code, _ in wanted))
    found = items.find_by_codes(connection, codes)
    missing = [code for code in codes if code not in found]
    if missing:
        raise ItemsUnknown(missing)
    for code, quantity in wanted:
        item = found[code]
        check_quantity(quantity, uom=item.uom, decimals=item.decimals, item=code)
    return found


def book(connection: Connection, moves: Sequence[Move], now: datetime) -> None:
    """Take the moves into the books; batches that arrive keep the dates they had where they left.

    Raises:
        InsufficientStock, StockUnknown, InsufficientBatch: a place cannot give what it should.
    """
    stock.lock(connection, [(move.item, move.warehouse) for move in moves])
    batches.carry(connection, [(move.item, move.warehouse, move.batch) for move in moves], now)
    stock.take(connection, moves, now)


def tell_tills(connection: Connection, moves: Iterable[Move]) -> None:
    """Let tills fetch the new stock; the last thing a transaction does, since all wait for it."""
    places = sorted({f"{move.item}|{move.warehouse}" for move in moves})
    if places:
        feed.changed_all(connection, [("stock", place) for place in places])


def tell_adjusted(
    shop: Shop, connection: Connection, header: Mapping[str, Any] | RowMapping, *, kind: str
) -> None:
    """Let other programs know that a count, an issue or a receipt changed the stock."""
    data = {"kind": kind, "number": header["number"], "warehouseCode": header["warehouse"]}
    adjusted = WebhookEvent.INVENTORY_ADJUSTED
    event.tell(shop, connection, adjusted, subject=header["id"], data=data)


def lots_by_line(rows: Iterable[RowMapping]) -> dict[int, dict[str, Decimal]]:
    """What a document's moves took out, by line and batch; no batch is the empty name."""
    found: dict[int, dict[str, Decimal]] = {}
    for row in rows:
        if row["quantity"] < 0:
            lots = found.setdefault(row["line"], {})
            lots[row["batch"]] = lots.get(row["batch"], NOTHING) - row["quantity"]
    return found


def told(lines: Iterable[tuple[str, Decimal]]) -> list[dict[str, str]]:
    """Lines as the audit chain keeps them."""
    return [{"item": item, "quantity": format(quantity, "f")} for item, quantity in lines]


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How far a document has come on its way to SAP.

    Attributes:
        queue_id: its row in the posting queue; None where it never goes, or does not go yet.
        state: the row's; empty without one.
        doc_entry, doc_num: what SAP calls it, once it is there.
    """

    queue_id: int | None = None
    state: str = ""
    reason: str = ""
    doc_entry: int | None = None
    doc_num: int | None = None
    ended_at: datetime | None = None

    @property
    def is_waiting(self) -> bool:
        """Whether SAP will hear of it by itself."""
        return self.state in {"Pending", "Processing", "Failed"}


def ways(
    connection: Connection, document_ids: Sequence[str], *, kinds: Iterable[str]
) -> dict[str, Way]:
    """How far these documents have come; one that is in no queue is absent."""
    wanted = frozenset(kinds)
    rows = queue.rows_of(connection, document_ids, kinds=wanted)
    posted = queue.results_of(connection, [row["queue_id"] for row in rows], kinds=wanted)
    return {row["document_id"]: _way(row, posted.get(row["queue_id"])) for row in rows}


def _way(row: RowMapping, step: RowMapping | None) -> Way:
    return Way(
        queue_id=row["queue_id"],
        state=row["state"],
        reason=row["reason"],
        doc_entry=step["doc_entry"] if step else None,
        doc_num=step["doc_num"] if step else None,
        ended_at=row["ended_at"],
    )
