"""Sent goods arrive, whole or not, or come back: transit ends at nothing either way."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from sqlalchemy import Connection, RowMapping

from pos_app.domain.move import check_move
from pos_app.domain.movement import MovementKind, reason_of
from pos_app.domain.permission import Actor, Permission, require
from pos_app.domain.transfer import (
    TRANSFER_MOVES,
    Arrival,
    Count,
    Sent,
    TransferState,
    receive,
)
from pos_app.domain.webhook import WebhookEvent
from pos_app.errors import Conflict, RecordNotFound, StaleRecord
from pos_app.services import goods, invoice_price, movement
from pos_app.services.posting.transfer import TRANSFER
from pos_app.services.shop import Shop
from pos_app.services.transfer import send, view
from pos_app.services.transfer.view import Transfer
from pos_app.services.webhook import event as webhook_event
from pos_app.store import audit, queue, stock
from pos_app.store import transfer as transfers
from pos_app.store.stock import Move


class AlreadyInSap(Conflict):
    """SAP has heard of a document, or may have."""

    code = "already_in_sap"

    def __init__(self, number: str) -> None:
        super().__init__(
            f"{number} is in SAP or on its way there: send the goods back by another transfer.",
            number=number,
        )


def arrive(
    shop: Shop,
    actor: Actor,
    transfer_id: str,
    counts: Iterable[Count] = (),
    *,
    allowed: Sequence[str] = (),
) -> Transfer:
    """Take sent goods in; lines nobody counted arrived whole. What is missing has a name.

    What did not arrive is put back where it left and issued there for its reason, so that the
    transfer is in SAP what arrived, and the loss is a document of its own.

    Args:
        shop: the server.
        actor: who receives.
        transfer_id: the transfer.
        counts: what arrived of lines that are short.
        allowed: warehouses the actor is assigned to; empty is every one.

    Raises:
        RecordNotFound, MoveRefused: there is nothing to receive.
        ArrivalInvalid, ReasonUnknown: what is said does not fit what was sent.
        WarehouseNotYours, PermissionMissing: the actor may not.
    """
    require(actor, Permission.STOCK_TRANSFER, Permission.INVENTORY_TRANSFER)
    counts = list(counts)
    for count in counts:
        if count.reason:
            reason_of(shop.rules.stock.reasons, count.reason, kind=MovementKind.ISSUE)
    with shop.store.write() as connection:
        row = _row(connection, transfer_id)
        check_move(
            TRANSFER_MOVES,
            TransferState(row["state"]),
            new=TransferState.RECEIVED,
            kind="transfer",
        )
        lines = transfers.lines_of(connection, [transfer_id])
        invoice_price.check_places(actor, [line["to_warehouse"] for line in lines], allowed)
        arrivals = receive(sent_lines(connection, lines, transfer_id), counts)
        _end(shop, connection, actor, row, state=TransferState.RECEIVED)
        _take_in(shop, connection, actor, row, lines=lines, arrivals=arrivals)
    return view.get(shop, transfer_id)


def take_back(
    shop: Shop,
    actor: Actor,
    transfer_id: str,
    *,
    allowed: Sequence[str] = (),
) -> Transfer:
    """Undo a transfer SAP has not heard of: the goods are back where they left.

    Raises:
        RecordNotFound, MoveRefused: there is nothing to undo.
        AlreadyInSap: SAP has it, or may have.
        InsufficientStock, InsufficientBatch: what arrived is gone again.
        WarehouseNotYours, PermissionMissing: the actor may not.
    """
    require(actor, Permission.STOCK_TRANSFER, Permission.INVENTORY_TRANSFER)
    with shop.store.write() as connection:
        row = _row(connection, transfer_id)
        check_move(
            TRANSFER_MOVES,
            TransferState(row["state"]),
            new=TransferState.CANCELLED,
            kind="transfer",
        )
        lines = transfers.lines_of(connection, [transfer_id])
        invoice_price.check_places(actor, [line["from_warehouse"] for line in lines], allowed)
        withdraw(shop, connection, actor, row)
        _end(shop, connection, actor, row, state=TransferState.CANCELLED)
        moves = [_turned(move) for move in stock.moves_of(connection, transfer_id)]
        now = shop.clock.now()
        goods.book(connection, moves, now)
        audit.append(
            connection,
            at=now,
            actor=actor.username,
            action="transfer.cancel",
            subject=row["number"],
            details={"transfer": transfer_id},
        )
        goods.tell_tills(connection, moves)
    return view.get(shop, transfer_id)


def withdraw(shop: Shop, connection: Connection, actor: Actor, row: RowMapping) -> None:
    """Take a document out of the queue for SAP, if it ever was in it.

    Raises:
        AlreadyInSap: it was sent, or may have been.
    """
    queued = queue.of_kind(connection, row["id"], TRANSFER)
    words = f"Taken back by {actor.username} before SAP heard of it."
    now = shop.clock.now()
    if queued and not queue.withdraw(connection, queued["queue_id"], at=now, reason=words):
        raise AlreadyInSap(row["number"])


def sent_lines(
    connection: Connection, lines: Sequence[RowMapping], transfer_id: str
) -> tuple[Sent, ...]:
    """What is on its way, by line and batch."""
    lots = goods.lots_by_line(stock.moves_of(connection, transfer_id))
    return tuple(
        Sent(line=line["line"], item=line["item"], lots=lots[line["line"]]) for line in lines
    )


def _row(connection: Connection, transfer_id: str) -> RowMapping:
    row = transfers.by_id(connection, transfer_id)
    if row is None:
        raise RecordNotFound("transfer", transfer_id)
    return row


def _end(
    shop: Shop, connection: Connection, actor: Actor, row: RowMapping, *, state: TransferState
) -> None:
    values = {"state": state.value, "ended_by": actor.username, "ended_at": shop.clock.now()}
    if not transfers.end(connection, row["id"], was=row["state"], values=values):
        raise StaleRecord("transfer", row["number"])


def _take_in(
    shop: Shop,
    connection: Connection,
    actor: Actor,
    row: RowMapping,
    *,
    lines: Sequence[RowMapping],
    arrivals: Sequence[Arrival],
) -> None:
    now = shop.clock.now()
    moves: list[Move] = []
    for line, arrival in zip(lines, arrivals, strict=True):
        ends = [(line["to_warehouse"], arrival.arrived), (line["from_warehouse"], arrival.missing)]
        moves += [
            _move(row["id"], line, place, lot, quantity)
            for place, lots in ends
            for lot, quantity in lots.items()
        ]
        told = {"received": arrival.quantity, "reason": arrival.reason}
        transfers.change_line(connection, row["id"], line["line"], told)
    losses = [(shop.ids.new(), loss) for loss in _losses(row, lines, arrivals)]
    # At once, so that what is put back and lost at the same time is nobody's to take in between.
    lost = [move for movement_id, loss in losses for move in _lost(loss, movement_id)]
    goods.book(connection, [*moves, *lost], now)
    if any(arrival.arrived for arrival in arrivals):
        send.enqueue(shop, connection, row)
    for movement_id, loss in losses:
        movement.record(shop, connection, actor, loss, movement_id=movement_id)
    audit.append(
        connection,
        at=now,
        actor=actor.username,
        action="transfer.receive",
        subject=row["number"],
        details={"transfer": row["id"], "short": _short(arrivals)},
    )
    webhook_event.tell(
        shop,
        connection,
        WebhookEvent.TRANSFER_RECEIVED,
        subject=row["id"],
        data={
            "number": row["number"],
            "fromWarehouse": row["from_warehouse"],
            "toWarehouse": row["to_warehouse"],
        },
    )
    goods.tell_tills(connection, moves)


def _losses(
    row: RowMapping, lines: Sequence[RowMapping], arrivals: Sequence[Arrival]
) -> list[movement.Asked]:
    """One goods issue per reason and warehouse."""
    found: dict[tuple[str, str], list[movement.Line]] = {}
    for line, arrival in zip(lines, arrivals, strict=True):
        if arrival.missing:
            loss = movement.Line(
                item=arrival.item,
                quantity=sum(arrival.missing.values(), goods.NOTHING),
                batches=tuple((lot, part) for lot, part in arrival.missing.items() if lot),
            )
            found.setdefault((arrival.reason, line["from_warehouse"]), []).append(loss)
    return [
        movement.Asked(
            kind=MovementKind.ISSUE,
            warehouse=place,
            reason=reason,
            lines=tuple(losses),
            comments=f"Transfer {row['number']} to {row['to_warehouse']}",
            program=row["source"],
            transfer_id=row["id"],
        )
        for (reason, place), losses in sorted(found.items())
    ]


def _lost(loss: movement.Asked, movement_id: str) -> list[Move]:
    parts = [
        (position, lot, -quantity)
        for position, line in enumerate(loss.lines)
        for lot, quantity in line.batches or (("", line.quantity),)
    ]
    return movement.moves_of(loss, parts, movement_id=movement_id)


def _short(arrivals: Sequence[Arrival]) -> list[dict[str, str]]:
    return [
        {
            "item": arrival.item,
            "missing": format(sum(arrival.missing.values(), goods.NOTHING), "f"),
            "reason": arrival.reason,
        }
        for arrival in arrivals
        if arrival.missing
    ]


def _move(transfer_id: str, line: RowMapping, place: str, lot: str, quantity: Decimal) -> Move:
    return Move(
        document_kind="transfer",
        document_id=transfer_id,
        line=line["line"],
        item=line["item"],
        warehouse=place,
        batch=lot,
        quantity=quantity,
    )


def _turned(move: RowMapping) -> Move:
    return Move(
        document_kind="transfer",
        document_id=move["document_id"],
        line=move["line"],
        item=move["item"],
        warehouse=move["warehouse"],
        batch=move["batch"],
        quantity=-move["quantity"],
    )
