"""Transfers and requests on their way to SAP, as programs ask about them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy import Connection, RowMapping

from pos_app.domain.permission import Actor
from pos_app.domain.posting import PostingState
from pos_app.errors import RecordNotFound
from pos_app.services import goods
from pos_app.services.posting import review
from pos_app.services.posting.transfer import TRANSFER, TRANSFER_REQUEST
from pos_app.services.shop import Shop
from pos_app.services.transfer import receive, request
from pos_app.services.transfer.view import POLL_SECONDS, Transfer, get
from pos_app.store import queue
from pos_app.store import transfer as transfers
from pos_app.store import transfer_request as requests

KINDS = (TRANSFER, TRANSFER_REQUEST)


@dataclass(frozen=True, slots=True, kw_only=True)
class Queued:
    """Where one document stands."""

    queue_id: int
    document_id: str
    reference: str
    source: str
    target: str
    is_request: bool
    state: PostingState
    attempts: int
    attempts_max: int
    reason: str
    program: str
    doc_entry: int | None
    doc_num: int | None
    quantity: Decimal
    line_count: int
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    next_at: datetime | None
    waited: timedelta

    @property
    def is_failed(self) -> bool:
        """Whether somebody or something has to try again."""
        return self.state in {PostingState.FAILED, PostingState.REQUIRES_REVIEW}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stats:
    """How many stand where."""

    counts: dict[PostingState, int]
    oldest: datetime | None
    quantity: Decimal


def booked(shop: Shop, made: Transfer, *, seconds: float) -> Transfer:
    """Give SAP a moment: the transfer as it is once SAP has it, or when the time is up."""
    end = shop.clock.now() + timedelta(seconds=seconds)
    while made.way.is_waiting and shop.clock.now() < end:
        shop.clock.sleep(POLL_SECONDS)
        made = get(shop, made.id)
    return made


def status(shop: Shop, name: str) -> Queued:
    """Where a document stands, by its reference or its number in the queue.

    Raises:
        RecordNotFound: nothing in the queue goes by that name.
    """
    with shop.store.read() as connection:
        return _queued(shop, connection, [_row(connection, name)])[0]


def listed(
    shop: Shop, *, program: str = "", states: Sequence[PostingState] = (), limit: int
) -> list[Queued]:
    """Documents in the order in which they are taken, of one program or in some states."""
    with shop.store.read() as connection:
        wanted = [state.value for state in states]
        _total, rows = queue.page(
            connection, kinds=KINDS, source=program, states=wanted, limit=limit
        )
        return _queued(shop, connection, rows)


def stats(shop: Shop) -> Stats:
    """How many documents stand where, and what waits."""
    with shop.store.read() as connection:
        found = queue.counts(connection, kinds=KINDS)
        counts = {PostingState(state): count for state, count in found.items()}
        oldest = queue.oldest_pending(connection, KINDS)
        pending = queue.documents_in(connection, KINDS, state=PostingState.PENDING)
        quantity = sum(
            (line["quantity"] for line in _lines(connection, pending)), start=goods.NOTHING
        )
    return Stats(counts=counts, oldest=oldest, quantity=quantity)


def cancel(shop: Shop, actor: Actor, name: str, *, allowed: Sequence[str] = ()) -> None:
    """Undo a document SAP has not heard of: its goods go back, or the request is closed.

    Raises:
        RecordNotFound: nothing in the queue goes by that name.
        AlreadyInSap, MoveRefused: it is too late.
    """
    found = status(shop, name)
    if found.state is not PostingState.PENDING:
        raise receive.AlreadyInSap(found.reference)
    if found.is_request:
        request.close(shop, actor, found.document_id)
    else:
        receive.take_back(shop, actor, found.document_id, allowed=allowed)


def retry(shop: Shop, actor: Actor, name: str) -> Queued:
    """Let a document be tried again now, its attempts forgotten.

    Raises:
        RecordNotFound: nothing in the queue goes by that name.
        PermissionMissing, MoveNotAllowed: as `review.retry`.
    """
    review.retry(shop, actor, str(status(shop, name).queue_id))
    return status(shop, name)


def _row(connection: Connection, name: str) -> RowMapping:
    row = queue.named(connection, name, kinds=KINDS)
    if row is None:
        raise RecordNotFound("queued transfer", name)
    return row


def _lines(connection: Connection, ids: Sequence[str]) -> list[RowMapping]:
    return [*transfers.lines_of(connection, ids), *requests.lines_of(connection, ids)]


def _queued(shop: Shop, connection: Connection, rows: Sequence[RowMapping]) -> list[Queued]:
    ids = [row["document_id"] for row in rows]
    ways = goods.ways(connection, ids, kinds=KINDS)
    lines: dict[str, list[RowMapping]] = {}
    for line in _lines(connection, ids):
        owner = line["transfer_id"] if "transfer_id" in line else line["request_id"]
        lines.setdefault(owner, []).append(line)
    return [_one(shop, row, ways[row["document_id"]], lines[row["document_id"]]) for row in rows]


def _one(shop: Shop, row: RowMapping, way: goods.Way, lines: Sequence[RowMapping]) -> Queued:
    state = PostingState(row["state"])
    is_waiting = state in {PostingState.PENDING, PostingState.FAILED}
    return Queued(
        queue_id=row["queue_id"],
        document_id=row["document_id"],
        reference=row["reference"],
        source=lines[0]["from_warehouse"],
        target=lines[0]["to_warehouse"],
        is_request=row["kind"] == TRANSFER_REQUEST,
        state=state,
        attempts=row["attempts"],
        attempts_max=row["attempts_max"],
        reason=row["reason"],
        program=row["source"],
        doc_entry=way.doc_entry,
        doc_num=way.doc_num,
        quantity=sum((line["quantity"] for line in lines), start=goods.NOTHING),
        line_count=len(lines),
        created_at=row["created_at"],
        started_at=row["started_at"],
        ended_at=row["ended_at"],
        next_at=row["try_at"] if is_waiting else None,
        waited=(row["ended_at"] or shop.clock.now()) - row["created_at"],
    )
