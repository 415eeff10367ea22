"""Goods leave a warehouse: one transaction for document, stock, batches and the way to SAP."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping

from pos_app.domain.item import Item
from pos_app.domain.money import Money
from pos_app.domain.permission import Actor, Permission
from pos_app.domain.transfer import RequestNeeded, TransferState
from pos_app.domain.webhook import WebhookEvent
from pos_app.errors import ReferenceConflict
from pos_app.services import batch, document, goods, invoice_price
from pos_app.services.batch import Judgement, StockInvalid
from pos_app.services.posting import queueing
from pos_app.services.posting.queueing import Queueing
from pos_app.services.posting.transfer import TRANSFER
from pos_app.services.shop import Shop
from pos_app.services.transfer import view
from pos_app.services.transfer.asked import Asked, check_ends, line_row, wants_of
from pos_app.services.transfer.view import Transfer
from pos_app.services.webhook import event as webhook_event
from pos_app.store import audit, setting, stock
from pos_app.store import transfer as transfers
from pos_app.store.fault import UniqueViolation
from pos_app.store.stock import Move

Header = Mapping[str, Any] | RowMapping
"""The head of a transfer, as it is made or as it was stored."""


def send(
    shop: Shop,
    actor: Actor,
    asked: Asked,
    *,
    document_id: str | None = None,
    allowed: Sequence[str] = (),
) -> Transfer:
    """Send goods to another warehouse; without a way between, they are there at once.

    Args:
        shop: the server.
        actor: who sends them.
        asked: what moves from where to where.
        document_id: identity of the transfer, when the request has one; asked again with the same
            content it gives the first answer.
        allowed: warehouses the actor is assigned to; empty is every one.

    Raises:
        RequestNeeded: the shop wants an approval, and the actor may not give one.
        ReferenceForgotten: its reference was used before these books were restored.
        ReferenceConflict: its identity or reference belongs to a transfer of another content.
        StockInvalid: some lines cannot be served; it names each.
        SameWarehouse, WarehouseInvalid, WarehouseNotYours, ItemsUnknown: it cannot be made.
    """
    if shop.rules.stock.needs_approval and not actor.may(Permission.TRANSFER_APPROVE):
        raise RequestNeeded(actor.username)
    transfer_id = document.identity(shop, "transfer", asked.reference, document_id)
    known = _known(shop, asked, transfer_id)
    if known is not None:
        return known
    try:
        with shop.store.write() as connection:
            post(shop, connection, actor, asked, transfer_id=transfer_id, allowed=allowed)
    except UniqueViolation:
        # The same request was faster on another connection.
        known = _known(shop, asked, transfer_id)
        if known is None:
            raise
        return known
    return view.get(shop, transfer_id)


def validate(shop: Shop, actor: Actor, asked: Asked, *, allowed: Sequence[str] = ()) -> Judgement:
    """Judge a transfer as it stands now, promising nothing; raises as `send` but for the stock."""
    with shop.store.read() as connection:
        _check(connection, actor, asked, allowed)
        return batch.judge(shop, connection, wants_of(asked), strategy=asked.strategy)


def post(
    shop: Shop,
    connection: Connection,
    actor: Actor,
    asked: Asked,
    *,
    transfer_id: str,
    allowed: Sequence[str] = (),
    request: RowMapping | None = None,
) -> None:
    """Write the transfer, move its goods and queue it, all within one transaction.

    Raises:
        StockInvalid: some lines cannot be served; it names each.
        SameWarehouse, WarehouseInvalid, WarehouseNotYours, ItemsUnknown: it cannot be made.
    """
    known = _check(connection, actor, asked, allowed)
    wants = wants_of(asked)
    ends = [(line.item, place) for line in asked.lines for place in (line.source, line.target)]
    stock.lock(connection, ends)
    judgement = batch.judge(shop, connection, wants, strategy=asked.strategy)
    if not judgement.is_valid:
        raise StockInvalid(judgement.problems)
    now = shop.clock.now()
    moves = list(_moves(asked, judgement, transfer_id))
    goods.book(connection, moves, now)
    header = _header(shop, connection, actor, asked, transfer_id=transfer_id, now=now)
    if request is not None:
        header["request_id"] = request["id"]
    transfers.add(connection, header, _lines(asked, known, transfer_id))
    if not asked.in_transit:
        enqueue(shop, connection, header, priority=asked.priority)
    audit.append(
        connection,
        at=now,
        actor=actor.username,
        action="transfer.send",
        subject=header["number"],
        details=_facts(header, asked),
    )
    webhook_event.tell(
        shop,
        connection,
        WebhookEvent.TRANSFER_CREATED,
        subject=header["id"],
        data={
            "number": header["number"],
            "fromWarehouse": header["from_warehouse"],
            "toWarehouse": header["to_warehouse"],
            "status": header["state"],
        },
    )
    goods.tell_tills(connection, moves)


def enqueue(shop: Shop, connection: Connection, header: Header, *, priority: int = 0) -> None:
    """Let SAP hear of goods that arrived."""
    document = Queueing(
        kind=TRANSFER,
        document_id=header["id"],
        reference=header["reference"] or header["number"],
        source=header["source"],
        total=Money.zero(shop.rules.currency),
        created_by=header["sent_by"],
        priority=priority,
    )
    queueing.enqueue(shop, connection, document)


def _check(
    connection: Connection, actor: Actor, asked: Asked, allowed: Sequence[str]
) -> dict[str, Item]:
    check_ends(asked.lines)
    invoice_price.check_places(actor, [line.source for line in asked.lines], allowed)
    goods.check_warehouses(connection, asked.places)
    return goods.known_items(connection, [(line.item, line.quantity) for line in asked.lines])


def _known(shop: Shop, asked: Asked, transfer_id: str) -> Transfer | None:
    with shop.store.read() as connection:
        row = transfers.by_id(connection, transfer_id)
        if row is None and asked.reference:
            row = transfers.by_name(connection, asked.reference)
        if row is None:
            document.check_forgotten(connection, "transfer", asked.reference)
    if row is None:
        return None
    if row["content_hash"] != document.content_hash(asked.text):
        raise ReferenceConflict(asked.reference or transfer_id)
    return view.get(shop, row["id"])


def _header(
    shop: Shop,
    connection: Connection,
    actor: Actor,
    asked: Asked,
    *,
    transfer_id: str,
    now: datetime,
) -> dict[str, Any]:
    state = TransferState.IN_TRANSIT if asked.in_transit else TransferState.RECEIVED
    return {
        "id": transfer_id,
        "number": f"TRF-{setting.next_number(connection, 'transfer'):06d}",
        "state": state.value,
        "source": asked.program,
        "reference": asked.reference or None,
        "request_id": None,
        "from_warehouse": asked.source,
        "to_warehouse": asked.target,
        "doc_date": asked.doc_date or shop.today,
        "due_date": asked.due_date,
        "comments": asked.comments,
        "content_hash": document.content_hash(asked.text),
        "sent_by": actor.username,
        "sent_at": now,
        "ended_by": None if asked.in_transit else actor.username,
        "ended_at": None if asked.in_transit else now,
    }


def _lines(asked: Asked, known: Mapping[str, Item], transfer_id: str) -> list[dict[str, Any]]:
    return [
        line_row(line, position, known[line.item])
        | {"transfer_id": transfer_id, "received": None if asked.in_transit else line.quantity}
        for position, line in enumerate(asked.lines)
    ]


def _moves(asked: Asked, judgement: Judgement, transfer_id: str) -> Sequence[Move]:
    moves = []
    for served in judgement.served:
        line = asked.lines[served.want.position]
        parts = [(row.batch, row.quantity) for row in served.allocations]
        for lot, quantity in parts or [("", line.quantity)]:
            ends = [(line.source, -quantity)]
            ends += [] if asked.in_transit else [(line.target, quantity)]
            moves += [
                Move(
                    document_kind="transfer",
                    document_id=transfer_id,
                    line=served.want.position,
                    item=line.item,
                    warehouse=place,
                    batch=lot,
                    quantity=by,
                )
                for place, by in ends
            ]
    return moves


def _facts(header: Mapping[str, Any], asked: Asked) -> dict[str, Any]:
    return {
        "transfer": header["id"],
        "from": asked.source,
        "to": asked.target,
        "lines": goods.told((line.item, line.quantity) for line in asked.lines),
        "in_transit": asked.in_transit,
    }
