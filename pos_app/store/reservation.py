"""Reservations: soft, expiring claims on stock."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    ForeignKey,
    Index,
    Integer,
    RowMapping,
    Text,
    Update,
    and_,
    bindparam,
    func,
    insert,
    or_,
    select,
    tuple_,
    update,
)

from pos_app.domain.reservation import ReservationState
from pos_app.store import setting, tally
from pos_app.store.fast import Prepared
from pos_app.store.schema import Instant, Json, Micro, Minor, big, table
from pos_app.store.tally import KINDS, Asked

reservations = table(
    "reservations",
    Column("id", Text, primary_key=True),
    Column("number", big(), nullable=False, unique=True),
    Column("external_reference", Text, nullable=False, unique=True),
    Column("source", Text, nullable=False),
    Column("document_type", Text, nullable=False),
    Column("partner", Text, nullable=False, server_default=""),
    Column("partner_name", Text, nullable=False, server_default=""),
    Column("currency", Text, nullable=False),
    Column("state", Text, nullable=False),  # Pending | Confirmed | Cancelled | Expired | Failed
    Column("total", Minor, nullable=False),
    Column("renewals", Integer, nullable=False),
    Column("notes", Text, nullable=False, server_default=""),
    Column("priority", Integer, nullable=False),
    Column("username", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("end_reason", Text),
    Column("document_id", Text),
    Column("extra", Json, nullable=False),
    Index("reservations_by_state", "state", "expires_at"),
    Index("reservations_by_turn", "state", "number"),
    Index("reservations_by_partner", "partner", "number"),
)

_COUNTED = tally.tally(
    reservations, key="number", who="partner", kinds=("{row}.state", "{row}.source")
)
_RUNNING = {ReservationState.PENDING, ReservationState.EXPIRED}

reservation_lines = table(
    "reservation_lines",
    Column("reservation_id", Text, ForeignKey("reservations.id"), primary_key=True),
    Column("line", Integer, primary_key=True),
    Column("part", Integer, primary_key=True),  # one per batch of the line
    Column("item", Text, nullable=False),
    Column("warehouse", Text, nullable=False),
    Column("batch", Text, nullable=False, server_default=""),
    Column("quantity", Micro, nullable=False),
    Column("unit_price", Micro, nullable=False),
    Column("discount_percent", Micro, nullable=False),
    Index("reservation_lines_by_place", "item", "warehouse"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which reservations a list is of; None and empty ask for all.

    Attributes:
        states: as they stand now: what has run out is Expired before anybody sweeps it.
    """

    states: tuple[ReservationState, ...] = ()
    source: str | None = None
    partner: str | None = None
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """What reservations that count hold of one batch, or of goods without one."""

    item: str
    warehouse: str
    batch: str
    quantity: Decimal


def add(
    connection: Connection, header: Mapping[str, Any], lines: Sequence[Mapping[str, Any]]
) -> None:
    """Store a reservation under the next number.

    Raises:
        UniqueViolation: its reference was used before, whatever became of that reservation.
    """
    number = setting.next_number(connection, "reservation")
    connection.execute(insert(reservations).values(number=number, **header))
    if lines:
        connection.execute(insert(reservation_lines), list(lines))


def by_id(connection: Connection, reservation_id: str) -> RowMapping | None:
    """One reservation."""
    query = select(reservations).where(reservations.c.id == reservation_id)
    return connection.execute(query).mappings().first()


def by_reference(connection: Connection, reference: str) -> RowMapping | None:
    """The reservation a caller knows by its own reference."""
    query = select(reservations).where(reservations.c.external_reference == reference)
    return connection.execute(query).mappings().first()


def page(
    connection: Connection, wanted: Wanted, now: datetime, *, offset: int, limit: int
) -> tuple[int, list[RowMapping]]:
    """How many reservations these are, and some of them from the newest back."""
    query = select(reservations).where(*_conditions(wanted, now))
    asked = _asked(wanted)
    return tally.page(connection, _COUNTED, query, asked, offset=offset, limit=limit)


def _asked(wanted: Wanted) -> Asked | None:
    """What is wanted in the words of the tally, which does not know what has run out by now."""
    if wanted.reference is not None or _RUNNING.intersection(wanted.states):
        return None
    state, source, _ = KINDS
    kinds = [source == wanted.source] if wanted.source is not None else []
    kinds += [state.in_([one.value for one in wanted.states])] if wanted.states else []
    return Asked(who=wanted.partner, kinds=tuple(kinds))


def claims(
    connection: Connection, places: Iterable[tuple[str, str]], now: datetime
) -> tuple[list[Claim], dict[tuple[str, str], int]]:
    """What is held at these places, batch by batch, and by how many reservations each."""
    lines = reservation_lines.c
    counting = (
        tuple_(lines.item, lines.warehouse).in_(sorted(set(places))),
        _in_state(ReservationState.PENDING, now),
    )
    joined = reservation_lines.join(reservations)
    held = (
        select(lines.item, lines.warehouse, lines.batch, func.sum(lines.quantity))
        .select_from(joined)
        .where(*counting)
        .group_by(lines.item, lines.warehouse, lines.batch)
        .order_by(lines.item, lines.warehouse, lines.batch)
    )
    many = (
        select(lines.item, lines.warehouse, func.count(lines.reservation_id.distinct()))
        .select_from(joined)
        .where(*counting)
        .group_by(lines.item, lines.warehouse)
    )
    found = [Claim(*row) for row in connection.execute(held)]
    return found, {(row[0], row[1]): int(row[2]) for row in connection.execute(many)}


def _conditions(wanted: Wanted, now: datetime) -> Iterator[ColumnElement[bool]]:
    row = reservations.c
    if wanted.states:
        yield or_(*(_in_state(state, now) for state in wanted.states))
    if wanted.source is not None:
        yield row.source == wanted.source
    if wanted.partner is not None:
        yield row.partner == wanted.partner
    if wanted.reference is not None:
        yield row.external_reference == wanted.reference


def _in_state(state: ReservationState, now: datetime) -> ColumnElement[bool]:
    row = reservations.c
    pending = row.state == ReservationState.PENDING.value
    if state is ReservationState.PENDING:
        return and_(pending, row.expires_at > now)
    if state is ReservationState.EXPIRED:
        return or_(row.state == state.value, and_(pending, row.expires_at <= now))
    return row.state == state.value


def lines_of(connection: Connection, reservation_ids: Iterable[str]) -> list[RowMapping]:
    """The lines of these reservations, each batch of a line as a part of its own."""
    lines = reservation_lines
    query = select(lines).where(lines.c.reservation_id.in_(list(reservation_ids)))
    return list(connection.execute(query.order_by(*lines.primary_key)).mappings())


def move(
    connection: Connection,
    reservation_id: str,
    *,
    was: str,
    state: str,
    at: datetime,
    reason: str = "",
    document_id: str | None = None,
) -> bool:
    """End a reservation; False when it is no longer in the state it was read in."""
    where = (reservations.c.id == reservation_id) & (reservations.c.state == was)
    values: dict[str, Any] = {"state": state, "ended_at": at, "end_reason": reason}
    if document_id is not None:
        values["document_id"] = document_id
    return connection.execute(update(reservations).where(where).values(values)).rowcount == 1


def confirm_for(connection: Connection, document_id: str, at: datetime) -> int:
    """Confirm what is still reserved for a document, in the transaction that takes the goods."""
    return _CONFIRM.run(connection, {"of_document": document_id, "now": at})


def prolong(
    connection: Connection, reservation_id: str, *, expires_at: datetime, renewals: int
) -> bool:
    """Move the end of a pending reservation; False when somebody renewed or ended it meanwhile."""
    row = reservations.c
    where = and_(
        row.id == reservation_id,
        row.state == ReservationState.PENDING.value,
        row.renewals == renewals - 1,
    )
    values = {"expires_at": expires_at, "renewals": renewals}
    return connection.execute(update(reservations).where(where).values(values)).rowcount == 1


def expire(connection: Connection, now: datetime) -> list[RowMapping]:
    """Mark the pending reservations that have run out, and return them.

    They stopped counting by themselves.
    """
    row = reservations.c
    overdue = (row.state == ReservationState.PENDING.value) & (row.expires_at <= now)
    values = {"state": ReservationState.EXPIRED.value, "ended_at": now, "end_reason": ""}
    marked = update(reservations).where(overdue).values(values).returning(reservations)
    return list(connection.execute(marked).mappings())


def belong(connection: Connection, reservation_id: str, document_id: str) -> None:
    """Say which document a reservation is kept for, before that document is posted."""
    mine = reservations.c.id == reservation_id
    connection.execute(update(reservations).where(mine).values(document_id=document_id))


def release_for(connection: Connection, document_id: str, at: datetime, *, reason: str) -> int:
    """Cancel what is still reserved for a document that will not take the goods."""
    row = reservations.c
    mine = (row.document_id == document_id) & (row.state == ReservationState.PENDING.value)
    values = {"state": ReservationState.CANCELLED.value, "ended_at": at, "end_reason": reason}
    return connection.execute(update(reservations).where(mine).values(values)).rowcount


def _confirming() -> Update:
    row, document = reservations.c, bindparam("of_document", type_=Text)
    return (
        update(reservations)
        .where(
            or_(row.id == document, row.document_id == document),
            row.state == ReservationState.PENDING.value,
        )
        .values(
            state=ReservationState.CONFIRMED.value,
            ended_at=bindparam("now", type_=Instant),
            end_reason="",
            document_id=document,
        )
    )


_CONFIRM = Prepared(_confirming())
