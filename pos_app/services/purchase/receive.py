"""Ordered goods arrive: counted on their order, in stock with their batches, and told to SAP."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, RowMapping

from pos_app.domain.item import Item
from pos_app.domain.money import Money
from pos_app.domain.permission import Actor, Permission, require
from pos_app.domain.purchase import (
    RECEIVABLE,
    LineUnknown,
    NotReceivable,
    OverReceived,
    after_receipt,
)
from pos_app.domain.webhook import WebhookEvent
from pos_app.errors import ReferenceConflict
from pos_app.services import document, goods, invoice_price
from pos_app.services.movement import BatchesWanted
from pos_app.services.posting import queueing
from pos_app.services.posting.purchase import PURCHASE_RECEIPT
from pos_app.services.posting.queueing import Queueing
from pos_app.services.purchase import make, view
from pos_app.services.purchase.asked import Arrived, Receipt
from pos_app.services.purchase.view import Purchase
from pos_app.services.shop import Shop
from pos_app.services.webhook import event as webhook_event
from pos_app.store import audit, setting, stock
from pos_app.store import batch as batches
from pos_app.store import purchase as purchases
from pos_app.store.stock import Move


def receive(
    shop: Shop,
    actor: Actor,
    entry: int,
    receipt: Receipt,
    *,
    document_id: str | None = None,
    allowed: Sequence[str] = (),
) -> Purchase:
    """Take ordered goods in, never more than was ordered; each arrival is a document of its own.

    A batch number of an item that is not kept in batches is written down and has no stock.

    Args:
        shop: the server.
        actor: who receives.
        entry: the order's number in lists.
        receipt: what came.
        document_id: identity of the arrival, when the request has one.
        allowed: warehouses the actor is assigned to; empty is every one.

    Raises:
        PermissionMissing, WarehouseNotYours: the actor may not.
        RecordNotFound, NotReceivable: nothing is expected of it.
        LineUnknown, OverReceived, BatchesWanted, QuantityInvalid, WarehouseInvalid: it does not
            fit the order.
        ReferenceConflict: the identity belongs to an arrival of another content.
    """
    require(actor, Permission.PURCHASING_RECEIVE)
    receipt_id = document_id or shop.ids.new()
    with shop.store.write() as connection:
        order = make.held(connection, entry)
        known = purchases.receipt_by_id(connection, receipt_id)
        if known is None:
            _take_in(
                shop,
                connection,
                actor,
                order,
                receipt=receipt,
                receipt_id=receipt_id,
                allowed=allowed,
            )
        elif known["content_hash"] != document.content_hash(receipt.text):
            raise ReferenceConflict(receipt_id)
    return view.by_entry(shop, entry)


def _take_in(
    shop: Shop,
    connection: Connection,
    actor: Actor,
    order: RowMapping,
    *,
    receipt: Receipt,
    receipt_id: str,
    allowed: Sequence[str],
) -> None:
    if order["state"] not in RECEIVABLE:
        raise NotReceivable(order["number"], order["state"])
    lines = _lines(connection, order, receipt, receipt_id=receipt_id)
    places = [line["warehouse"] for line in lines]
    invoice_price.check_places(actor, places, allowed)
    goods.check_warehouses(connection, places)
    known = goods.known_items(connection, [(line["item"], line["quantity"]) for line in lines])
    _count(connection, order, lines)
    now = shop.clock.now()
    moves = _moves(lines, known, receipt_id)
    stock.lock(connection, [(move.item, move.warehouse) for move in moves])
    for line, move in zip(lines, moves, strict=True):
        if move.batch:
            lot = (move.item, move.warehouse, move.batch)
            batches.bear(connection, lot, expiry=line["expiry"], at=now)
    goods.book(connection, moves, now)
    header = {
        "id": receipt_id,
        "number": f"GRN-{setting.next_number(connection, 'purchase_receipt'):06d}",
        "purchase_id": order["id"],
        "doc_date": shop.today,
        "comments": receipt.comments,
        "content_hash": document.content_hash(receipt.text),
        "received_by": actor.username,
        "received_at": now,
    }
    purchases.add_receipt(connection, header, lines)
    _tell(shop, connection, actor, order, header=header, moves=moves)


def _tell(
    shop: Shop,
    connection: Connection,
    actor: Actor,
    order: RowMapping,
    *,
    header: dict[str, Any],
    moves: Sequence[Move],
) -> None:
    """Move the order on, queue the arrival, write the deed down, let tills fetch the stock."""
    rows = purchases.lines_of(connection, [order["id"]])
    state = after_receipt((row["quantity"], row["received"]) for row in rows)
    values = {"state": state.value, "changed_at": header["received_at"]}
    purchases.change(connection, order["id"], values)
    queued = Queueing(
        kind=PURCHASE_RECEIPT,
        document_id=header["id"],
        reference=header["number"],
        source="API",
        partner=order["partner"],
        total=Money.zero(order["currency"]),
        created_by=actor.username,
    )
    queueing.enqueue(shop, connection, queued)
    audit.append(
        connection,
        at=header["received_at"],
        actor=actor.username,
        action="purchase.receive",
        subject=header["number"],
        details={
            "purchase": order["number"],
            "lines": goods.told((move.item, move.quantity) for move in moves),
        },
    )
    webhook_event.tell(
        shop,
        connection,
        WebhookEvent.PURCHASE_RECEIVED,
        subject=order["id"],
        data={"number": header["number"], "order": order["number"], "cardCode": order["partner"]},
    )
    goods.tell_tills(connection, moves)


def _lines(
    connection: Connection, order: RowMapping, receipt: Receipt, *, receipt_id: str
) -> list[dict[str, Any]]:
    ordered = {row["line"]: row for row in purchases.lines_of(connection, [order["id"]])}
    rows = []
    for position, line in enumerate(receipt.lines):
        found = ordered.get(line.line)
        if found is None or found["item"] != line.item:
            raise LineUnknown(order["number"], line.line, line.item)
        rows.append(
            {
                "receipt_id": receipt_id,
                "line": position,
                "purchase_line": line.line,
                "item": line.item,
                "warehouse": _place(line, receipt, found),
                "quantity": line.quantity,
                "batch": line.batch or found["batch"],
                "expiry": line.expiry,
            }
        )
    return rows


def _place(line: Arrived, receipt: Receipt, ordered: RowMapping) -> str:
    return str(line.warehouse or receipt.warehouse or ordered["warehouse"])


def _count(connection: Connection, order: RowMapping, lines: Sequence[dict[str, Any]]) -> None:
    for line in lines:
        number, quantity = line["purchase_line"], line["quantity"]
        if not purchases.receive(connection, order["id"], number, quantity):
            rows = purchases.lines_of(connection, [order["id"]])
            left = next(
                (row["quantity"] - row["received"] for row in rows if row["line"] == number),
                Decimal(0),
            )
            raise OverReceived(number, line["item"], quantity, left)


def _moves(lines: Sequence[dict[str, Any]], known: dict[str, Item], receipt_id: str) -> list[Move]:
    moves = []
    for line in lines:
        is_managed = known[line["item"]].is_batch_managed
        if is_managed and not line["batch"]:
            raise BatchesWanted(line["item"], "say which batch arrived")
        moves.append(
            Move(
                document_kind="purchase",
                document_id=receipt_id,
                line=line["line"],
                item=line["item"],
                warehouse=line["warehouse"],
                batch=line["batch"] if is_managed else "",
                quantity=line["quantity"],
            )
        )
    return moves
