"""Charges through gateways, every answer about them, refunds, and what waits for a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
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
    func,
    insert,
    select,
    update,
)

from pos_app.store import tally
from pos_app.store.sale import sale_tenders, sales
from pos_app.store.schema import Flag, Instant, Json, Minor, autokey, big, table, unique_where
from pos_app.store.tally import KINDS, Asked
from pos_app.store.upsert import add_new

charges = table(
    "charges",
    autokey("entry"),
    Column("id", Text, nullable=False, unique=True),  # the provider knows it by this
    Column("version", Integer, nullable=False, server_default="1"),
    Column("provider", Text, nullable=False),
    Column("amount", Minor, nullable=False),
    Column("currency", Text, nullable=False),
    Column("phone", Text, nullable=False, server_default=""),
    Column("reference", Text, nullable=False),
    Column("partner", Text, nullable=False, server_default=""),
    Column("invoice", Text, nullable=False, server_default=""),  # as the caller named it
    Column("invoice_number", big()),
    Column("till", Text, nullable=False, server_default=""),  # which till asked; empty for none
    Column("sale", Text, nullable=False, server_default=""),  # the till's sale it was asked for
    Column("left_at", Instant),  # since when no sale of the till waits for it
    Column("state", Text, nullable=False),
    Column("is_accepted", Flag, nullable=False),  # the provider said that it has it
    Column("is_held", Flag, nullable=False),  # a person decides, no answer does
    Column("provider_status", Text, nullable=False, server_default=""),
    Column("message", Text, nullable=False, server_default=""),
    Column("external_id", Text, nullable=False, server_default=""),
    Column("poll_url", Text, nullable=False, server_default=""),
    Column("shown", Json, nullable=False),  # what the customer needs to pay
    Column("received", Minor),  # what came, where it is not what was asked for
    Column("refunded", Minor, nullable=False, server_default="0"),  # given back or on its way
    Column("booking", Text, nullable=False, server_default=""),  # due | done | till | sale | person
    Column("content_hash", Text, nullable=False),
    Column("username", Text, nullable=False),
    Column("looks", Integer, nullable=False, server_default="0"),
    Column("next_look_at", Instant),
    Column("expires_at", Instant, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("completed_at", Instant),
    Column("answered_at", Instant),
    Index("charges_by_look", "next_look_at"),
    Index("charges_by_state", "state", "entry"),
    Index("charges_by_provider", "provider", "entry"),
    Index("charges_by_booking", "booking"),
    Index("charges_by_external", "external_id"),
)

_COUNTED = tally.tally(charges, key="entry", kinds=("{row}.provider", "{row}.state"))

charge_answers = table(
    "charge_answers",
    autokey("answer"),
    Column("charge_id", Text, ForeignKey("charges.id"), nullable=False),
    Column("source", Text, nullable=False),  # start | callback | look | refund | person
    Column("digest", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Index("charge_answers_once", "charge_id", "source", "digest", unique=True),
)

charge_refunds = table(
    "charge_refunds",
    Column("id", Text, primary_key=True),
    Column("charge_id", Text, ForeignKey("charges.id"), nullable=False),
    Column("amount", Minor, nullable=False),
    Column("state", Text, nullable=False),  # sent | done | refused | person
    Column("is_accepted", Flag, nullable=False, server_default="0"),  # the provider said it has it
    Column("external_id", Text, nullable=False, server_default=""),
    Column("message", Text, nullable=False, server_default=""),
    Column("username", Text, nullable=False),
    Column("looks", Integer, nullable=False, server_default="0"),
    Column("next_look_at", Instant),
    Column("created_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Index("charge_refunds_by_charge", "charge_id"),
    Index("charge_refunds_by_look", "next_look_at"),
)

charge_matters = table(
    "charge_matters",
    autokey("matter"),
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False),  # the charge, or what an unknown one calls itself
    Column("charge_id", Text),
    Column("sentence", Text, nullable=False),
    Column("facts", Json, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("closed_at", Instant),
    Column("closed_by", Text, nullable=False, server_default=""),
    Column("note", Text, nullable=False, server_default=""),
    unique_where("charge_matters_open_once", "subject", "kind", where="closed_at IS NULL"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which charges a list is of; None is all."""

    provider: str | None = None
    state: str | None = None

    @property
    def where(self) -> list[ColumnElement[bool]]:
        """The conditions."""
        row = charges.c
        found = [] if self.provider is None else [row.provider == self.provider]
        return found + ([] if self.state is None else [row.state == self.state])


def add(connection: Connection, row: Mapping[str, Any]) -> None:
    """Store a new charge; raises UniqueViolation when its identity is taken."""
    connection.execute(insert(charges).values(dict(row)))


def by_id(connection: Connection, charge_id: str) -> RowMapping | None:
    """One charge."""
    return _first(connection, charges.c.id == charge_id)


def hold(connection: Connection, charge_id: str) -> RowMapping | None:
    """One charge, kept from other writers until the transaction ends; read before its refunds."""
    query = select(charges).where(charges.c.id == charge_id).with_for_update()
    return connection.execute(query).mappings().first()


def by_entry(connection: Connection, entry: int) -> RowMapping | None:
    """One charge by its own number."""
    return _first(connection, charges.c.entry == entry)


def change(connection: Connection, row: RowMapping, values: Mapping[str, Any]) -> bool:
    """Change a charge that was read; False when somebody else changed it in between."""
    where = (charges.c.id == row["id"]) & (charges.c.version == row["version"])
    changed = update(charges).where(where).values(version=row["version"] + 1, **values)
    return connection.execute(changed).rowcount == 1


def page(
    connection: Connection, wanted: Wanted, *, offset: int, limit: int
) -> tuple[int, list[RowMapping]]:
    """How many charges there are, and some of them from the newest back."""
    provider, state, _ = KINDS
    kinds = [] if wanted.provider is None else [provider == wanted.provider]
    kinds += [] if wanted.state is None else [state == wanted.state]
    query, asked = select(charges).where(*wanted.where), Asked(kinds=tuple(kinds))
    return tally.page(connection, _COUNTED, query, asked, offset=offset, limit=limit)


def paid(connection: Connection, wanted: Wanted, state: str) -> dict[str, int]:
    """What came in by currency, over the charges wanted that are in this state."""
    row = charges.c
    query = select(row.currency, func.sum(func.coalesce(row.received, row.amount)))
    query = query.where(*wanted.where, row.state == state).group_by(row.currency)
    return {currency: int(total) for currency, total in connection.execute(query)}


def due(connection: Connection, now: datetime, *, limit: int) -> list[RowMapping]:
    """Charges to ask about now, the longest overdue first."""
    query = select(charges).where(charges.c.next_look_at <= now).order_by(charges.c.next_look_at)
    return list(connection.execute(query.limit(limit)).mappings())


def claim(connection: Connection, row: RowMapping, until: datetime) -> bool:
    """Be the one who asks about a charge; False when another process is."""
    where = (charges.c.id == row["id"]) & (charges.c.next_look_at == row["next_look_at"])
    changed = update(charges).where(where).values(next_look_at=until)
    return connection.execute(changed).rowcount == 1


def to_book(connection: Connection, *, limit: int) -> list[RowMapping]:
    """Charges whose money is not in the books yet."""
    query = select(charges).where(charges.c.booking == "due").order_by(charges.c.entry)
    return list(connection.execute(query.limit(limit)).mappings())


def booked(connection: Connection, charge_id: str, booking: str, *, was: str = "due") -> bool:
    """Note what became of the money of a charge; False when somebody was faster, and is right."""
    where = (charges.c.id == charge_id) & (charges.c.booking == was)
    return connection.execute(update(charges).where(where).values(booking=booking)).rowcount == 1


def named(connection: Connection, till: str, names: Sequence[str]) -> list[RowMapping]:
    """Charges of a till that its sale names by the provider's number or by their identity."""
    if not names:
        return []
    row = charges.c
    is_named = row.external_id.in_(list(names)) | row.id.in_(list(names))
    query = select(charges).where(is_named, row.till == till)
    return list(connection.execute(query).mappings())


def receipts_of(connection: Connection, till: str, names: Sequence[str]) -> list[str]:
    """The receipts of a till's sales that name one of these as the reference of a tender."""
    query = (
        select(sales.c.receipt)
        .join(sale_tenders, sale_tenders.c.sale_id == sales.c.id)
        .where(sale_tenders.c.reference.in_(list(names)))
        .where(sales.c.till == till, sales.c.kind == "invoice")
    )
    return list(connection.execute(query.distinct().order_by(sales.c.receipt)).scalars())


def unclaimed(connection: Connection, before: datetime) -> list[RowMapping]:
    """Money that came before a moment for a till whose sale has not come."""
    query = select(charges).where(charges.c.booking == "till", charges.c.completed_at < before)
    return list(connection.execute(query.order_by(charges.c.entry)).mappings())


def answer(connection: Connection, row: Mapping[str, Any]) -> bool:
    """Keep an answer; False when the very same was kept before."""
    return add_new(connection, charge_answers, row)


def answers_of(connection: Connection, charge_id: str) -> list[RowMapping]:
    """Every different answer about a charge, oldest first."""
    query = select(charge_answers).where(charge_answers.c.charge_id == charge_id)
    return list(connection.execute(query.order_by(charge_answers.c.answer)).mappings())


def reserve_refund(connection: Connection, charge_id: str, minor: int) -> bool:
    """Set money aside to give back; False when it is not paid, is in doubt or has less left."""
    row = charges.c
    left = func.coalesce(row.received, row.amount) - row.refunded
    is_paid = (row.state == "Success") & row.is_held.in_([False])
    where = (row.id == charge_id) & is_paid & (left >= minor)
    values = {"refunded": row.refunded + minor, "version": row.version + 1}
    return connection.execute(update(charges).where(where).values(values)).rowcount == 1


def release_refund(connection: Connection, charge_id: str, minor: int) -> None:
    """Money set aside is not given back after all."""
    row = charges.c
    values = {"refunded": row.refunded - minor, "version": row.version + 1}
    connection.execute(update(charges).where(row.id == charge_id).values(values))


def add_refund(connection: Connection, row: Mapping[str, Any]) -> bool:
    """Store a refund before it is sent; False when its identity is known."""
    return add_new(connection, charge_refunds, row)


def refund(connection: Connection, refund_id: str) -> RowMapping | None:
    """One refund."""
    query = select(charge_refunds).where(charge_refunds.c.id == refund_id)
    return connection.execute(query).mappings().first()


def refunds_of(connection: Connection, charge_id: str) -> list[RowMapping]:
    """The refunds of a charge, oldest first."""
    query = select(charge_refunds).where(charge_refunds.c.charge_id == charge_id)
    return list(connection.execute(query.order_by(charge_refunds.c.created_at)).mappings())


def change_refund(
    connection: Connection, refund_id: str, values: Mapping[str, Any], *, among: Sequence[str]
) -> bool:
    """Change a refund that is in one of these states; False when it is not."""
    row = charge_refunds.c
    where = (row.id == refund_id) & row.state.in_(list(among))
    return connection.execute(update(charge_refunds).where(where).values(values)).rowcount == 1


def refunds_due(connection: Connection, now: datetime, *, limit: int) -> list[RowMapping]:
    """Refunds to ask about now."""
    row = charge_refunds.c
    query = select(charge_refunds).where(row.state == "sent", row.next_look_at <= now)
    return list(connection.execute(query.order_by(row.next_look_at).limit(limit)).mappings())


def claim_refund(connection: Connection, row: RowMapping, until: datetime) -> bool:
    """Be the one who asks about a refund; False when another process is."""
    where = (charge_refunds.c.id == row["id"]) & (
        charge_refunds.c.next_look_at == row["next_look_at"]
    )
    changed = update(charge_refunds).where(where).values(next_look_at=until)
    return connection.execute(changed).rowcount == 1


def open_matter(connection: Connection, row: Mapping[str, Any]) -> bool:
    """Put something before a person, once for each kind and charge; False when it is there."""
    return add_new(connection, charge_matters, row)


def matters(connection: Connection, *, is_open: bool | None, limit: int) -> list[RowMapping]:
    """What waits for a person, oldest first; with None also what waited once."""
    query = select(charge_matters).order_by(charge_matters.c.matter).limit(limit)
    if is_open is not None:
        closed = charge_matters.c.closed_at
        query = query.where(closed.is_(None) if is_open else closed.is_not(None))
    return list(connection.execute(query).mappings())


def matters_of(connection: Connection, charge_id: str) -> list[RowMapping]:
    """What was put before a person about one charge."""
    query = select(charge_matters).where(charge_matters.c.charge_id == charge_id)
    return list(connection.execute(query.order_by(charge_matters.c.matter)).mappings())


def close_matter(connection: Connection, number: int, values: Mapping[str, Any]) -> bool:
    """A person dealt with it; False when nothing of this number is open."""
    row = charge_matters.c
    where = (row.matter == number) & row.closed_at.is_(None)
    return connection.execute(update(charge_matters).where(where).values(values)).rowcount == 1


def _first(connection: Connection, condition: ColumnElement[bool]) -> RowMapping | None:
    return connection.execute(select(charges).where(condition)).mappings().first()
