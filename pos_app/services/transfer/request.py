"""Requests for goods of another warehouse: asked, decided, and turned into transfers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, RowMapping

from pos_app.domain.money import Money
from pos_app.domain.move import check_move
from pos_app.domain.permission import Actor, Permission, require
from pos_app.domain.transfer import (
    REQUEST_MOVES,
    ApprovalNeeded,
    OwnApproval,
    RequestState,
)
from pos_app.errors import RecordNotFound, ReferenceConflict, StaleRecord
from pos_app.services import document, goods
from pos_app.services.posting import queueing
from pos_app.services.posting.queueing import Queueing
from pos_app.services.posting.transfer import REQUEST_CLOSE, TRANSFER_REQUEST
from pos_app.services.shop import Shop
from pos_app.services.transfer import send, view
from pos_app.services.transfer.asked import Asked, Line, check_ends, line_row
from pos_app.services.transfer.view import Request, Transfer
from pos_app.store import audit, queue, setting
from pos_app.store import transfer as transfers
from pos_app.store import transfer_request as requests
from pos_app.store.fault import UniqueViolation


def ask(shop: Shop, actor: Actor, asked: Asked, *, document_id: str | None = None) -> Request:
    """Ask for goods of another warehouse; nothing moves and nothing is held.

    Args:
        shop: the server.
        actor: who asks.
        asked: what, from where to where.
        document_id: identity of the request, when there is one; asked again with the same content
            it gives the first answer.

    Raises:
        ReferenceForgotten: its reference was used before these books were restored.
        ReferenceConflict: its identity or reference belongs to a request of another content.
        SameWarehouse, WarehouseInvalid, ItemsUnknown, QuantityInvalid: it makes no sense.
    """
    request_id = document.identity(shop, "transfer_request", asked.reference, document_id)
    known = _known(shop, asked, request_id)
    if known is not None:
        return known
    try:
        with shop.store.write() as connection:
            _keep(shop, connection, actor, asked, request_id=request_id)
    except UniqueViolation:
        # The same request was faster on another connection.
        known = _known(shop, asked, request_id)
        if known is None:
            raise
        return known
    return view.get_request(shop, request_id)


def approve(shop: Shop, actor: Actor, request_id: str, *, words: str = "") -> Request:
    """Agree that goods may be sent.

    Raises:
        PermissionMissing, OwnApproval: the actor may not.
        RecordNotFound, MoveRefused: there is nothing to decide.
    """
    require(actor, Permission.TRANSFER_APPROVE)
    with shop.store.write() as connection:
        row = _row(connection, request_id)
        if row["created_by"] == actor.username:
            raise OwnApproval(actor.username, row["number"])
        _decide(shop, connection, actor, row, state=RequestState.APPROVED, words=words)
        _enqueue(shop, connection, row)
    return view.get_request(shop, request_id)


def reject(shop: Shop, actor: Actor, request_id: str, *, words: str = "") -> Request:
    """Refuse a request; raises PermissionMissing, RecordNotFound, MoveRefused."""
    require(actor, Permission.TRANSFER_APPROVE)
    with shop.store.write() as connection:
        row = _row(connection, request_id)
        _decide(shop, connection, actor, row, state=RequestState.REJECTED, words=words)
        _drop(shop, connection, actor, row)
    return view.get_request(shop, request_id)


def close(shop: Shop, actor: Actor, request_id: str, *, words: str = "") -> Request:
    """End a request of which nothing is to come any more; raises RecordNotFound, MoveRefused."""
    with shop.store.write() as connection:
        row = _row(connection, request_id)
        _decide(shop, connection, actor, row, state=RequestState.CLOSED, words=words)
        _drop(shop, connection, actor, row)
    return view.get_request(shop, request_id)


@dataclass(frozen=True, slots=True)
class _Origin:
    """What a transfer is to be, and where its sender may take goods from."""

    transfer_id: str
    in_transit: bool
    allowed: Sequence[str]


def convert(
    shop: Shop,
    actor: Actor,
    request_id: str,
    *,
    in_transit: bool = False,
    document_id: str | None = None,
    allowed: Sequence[str] = (),
) -> Transfer:
    """Send what was asked for; of two who do so at once the second is refused.

    The same document asked for again is the first answer.

    Raises:
        RecordNotFound, MoveRefused: there is nothing to send.
        ApprovalNeeded: nobody agreed yet.
        StockInvalid, WarehouseNotYours, WarehouseInvalid: as for any transfer; it stays open.
    """
    transfer_id = document_id or shop.ids.new()
    origin = _Origin(transfer_id, in_transit, allowed)
    with shop.store.write() as connection:
        row = _row(connection, request_id)
        known = transfers.by_id(connection, transfer_id)
        if known is None or known["request_id"] != row["id"]:
            _send(shop, connection, actor, row, origin)
    return view.get(shop, transfer_id)


def _send(
    shop: Shop, connection: Connection, actor: Actor, row: RowMapping, origin: _Origin
) -> None:
    if shop.rules.stock.needs_approval and row["state"] == RequestState.OPEN:
        raise ApprovalNeeded(row["number"])
    _decide(shop, connection, actor, row, state=RequestState.CONVERTED, words=row["decision"])
    asked = replace(_asked(connection, row), in_transit=origin.in_transit)
    send.post(
        shop,
        connection,
        actor,
        asked,
        transfer_id=origin.transfer_id,
        allowed=origin.allowed,
        request=row,
    )


def _keep(
    shop: Shop, connection: Connection, actor: Actor, asked: Asked, *, request_id: str
) -> None:
    check_ends(asked.lines)
    goods.check_warehouses(connection, asked.places)
    known = goods.known_items(connection, [(line.item, line.quantity) for line in asked.lines])
    now = shop.clock.now()
    header: dict[str, Any] = {
        "id": request_id,
        "number": f"TRQ-{setting.next_number(connection, 'transfer_request'):06d}",
        "state": RequestState.OPEN.value,
        "source": asked.program,
        "reference": asked.reference or None,
        "from_warehouse": asked.source,
        "to_warehouse": asked.target,
        "doc_date": asked.doc_date or shop.today,
        "due_date": asked.due_date,
        "comments": asked.comments,
        "requester_name": asked.requester_name or actor.username,
        "requester_email": asked.requester_email,
        "requester_branch": asked.requester_branch,
        "requester_department": asked.requester_department,
        "content_hash": document.content_hash(asked.text),
        "created_by": actor.username,
        "created_at": now,
    }
    lines = [
        line_row(line, position, known[line.item]) | {"request_id": request_id}
        for position, line in enumerate(asked.lines)
    ]
    requests.add(connection, header, lines)
    if not shop.rules.stock.needs_approval:
        _enqueue(shop, connection, header, priority=asked.priority)
    audit.append(
        connection,
        at=now,
        actor=actor.username,
        action="transfer.request",
        subject=header["number"],
        details={
            "request": request_id,
            "from": asked.source,
            "to": asked.target,
            "lines": goods.told((line.item, line.quantity) for line in asked.lines),
        },
    )


def _enqueue(
    shop: Shop, connection: Connection, header: RowMapping | dict[str, Any], *, priority: int = 0
) -> None:
    """Let SAP hear of a request, once: where approval is needed, when it was given."""
    if queue.of_kind(connection, header["id"], TRANSFER_REQUEST) is not None:
        return
    queued = Queueing(
        kind=TRANSFER_REQUEST,
        document_id=header["id"],
        reference=header["reference"] or header["number"],
        source=header["source"],
        total=Money.zero(shop.rules.currency),
        created_by=header["created_by"],
        priority=priority,
    )
    queueing.enqueue(shop, connection, queued)


def _drop(shop: Shop, connection: Connection, actor: Actor, row: RowMapping) -> None:
    """Take a request back from SAP: out of the queue if SAP never heard of it, else closed."""
    queued = queue.of_kind(connection, row["id"], TRANSFER_REQUEST)
    words = f"Ended by {actor.username} before SAP heard of it."
    now = shop.clock.now()
    if queued is None or queue.is_out(queued):
        return
    if queue.withdraw(connection, queued["queue_id"], at=now, reason=words):
        return
    closing = Queueing(
        kind=REQUEST_CLOSE,
        document_id=row["id"],
        key=f"{row['id']}:close",
        reference=f"{row['number']} close",
        source=row["source"],
        total=Money.zero(shop.rules.currency),
        created_by=actor.username,
    )
    queueing.enqueue(shop, connection, closing)


def _decide(
    shop: Shop,
    connection: Connection,
    actor: Actor,
    row: RowMapping,
    *,
    state: RequestState,
    words: str,
) -> None:
    check_move(REQUEST_MOVES, RequestState(row["state"]), new=state, kind="transfer request")
    now = shop.clock.now()
    values = {
        "state": state.value,
        "decided_by": actor.username,
        "decided_at": now,
        "decision": words,
    }
    if not requests.change(connection, row["id"], was=row["state"], values=values):
        raise StaleRecord("transfer request", row["number"])
    if state is not RequestState.CONVERTED:
        audit.append(
            connection,
            at=now,
            actor=actor.username,
            action=f"transfer.request.{state.value.lower()}",
            subject=row["number"],
            details={"request": row["id"], "words": words},
        )


def _asked(connection: Connection, row: RowMapping) -> Asked:
    return Asked(
        source=row["from_warehouse"],
        target=row["to_warehouse"],
        due_date=row["due_date"],
        comments=row["comments"],
        program=row["source"],
        lines=tuple(
            Line(
                item=line["item"],
                quantity=line["quantity"],
                source=line["from_warehouse"],
                target=line["to_warehouse"],
            )
            for line in requests.lines_of(connection, [row["id"]])
        ),
    )


def _row(connection: Connection, request_id: str) -> RowMapping:
    row = requests.by_id(connection, request_id)
    if row is None:
        raise RecordNotFound("transfer request", request_id)
    return row


def _known(shop: Shop, asked: Asked, request_id: str) -> Request | None:
    with shop.store.read() as connection:
        row = requests.by_id(connection, request_id)
        if row is None and asked.reference:
            row = requests.by_reference(connection, asked.reference)
        if row is None:
            document.check_forgotten(connection, "transfer_request", asked.reference)
    if row is None:
        return None
    if row["content_hash"] != document.content_hash(asked.text):
        raise ReferenceConflict(asked.reference or request_id)
    return view.get_request(shop, row["id"])
