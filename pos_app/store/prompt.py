"""Prompts: what a till asked of customers' wallets, one row each, written before anybody hears."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, Index, RowMapping, Text, or_, select, update

from pos_app.store.schema import Flag, Instant, Json, Minor, autokey, table
from pos_app.store.upsert import add_new

prompts = table(
    "prompts",
    autokey("entry"),
    Column("id", Text, nullable=False, unique=True),  # the server's charge has the same
    Column("sale_id", Text, nullable=False),  # the sale it was asked for
    Column("request", Text, unique=True),  # a program's reference and the place of the tender
    Column("tender", Text, nullable=False),
    Column("provider", Text, nullable=False),
    Column("amount", Minor, nullable=False),
    Column("currency", Text, nullable=False),
    Column("phone", Text, nullable=False, server_default=""),
    Column("state", Text, nullable=False),  # asked | waiting | paid | unpaid | review
    Column("use", Text, nullable=False, server_default=""),  # | taken | left
    Column("used_by", Text, nullable=False, server_default=""),  # the sale that took it
    Column("is_told", Flag, nullable=False, server_default="0"),  # the server knows it was left
    Column("received", Minor),  # what came, where it is not what was asked for
    Column("external_id", Text, nullable=False, server_default=""),
    Column("message", Text, nullable=False, server_default=""),
    Column("shown", Json, nullable=False),
    Column("username", Text, nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("next_look_at", Instant),
    Index("prompts_by_sale", "sale_id"),
    Index("prompts_by_look", "next_look_at"),
    Index("prompts_by_state", "state", "use"),
    Index("prompts_by_external", "external_id"),
)


def add(connection: Connection, row: Mapping[str, Any]) -> bool:
    """Write an intent; False when its identity or its request is known."""
    return add_new(connection, prompts, row)


def by_id(connection: Connection, prompt_id: str) -> RowMapping | None:
    """One prompt."""
    return connection.execute(select(prompts).where(prompts.c.id == prompt_id)).mappings().first()


def by_request(connection: Connection, request: str) -> RowMapping | None:
    """The prompt a program asked for."""
    return (
        connection.execute(select(prompts).where(prompts.c.request == request)).mappings().first()
    )


def of_sale(connection: Connection, sale_id: str) -> list[RowMapping]:
    """The prompts asked for a sale, oldest first."""
    query = select(prompts).where(prompts.c.sale_id == sale_id).order_by(prompts.c.entry)
    return list(connection.execute(query).mappings())


def unused(connection: Connection, *, states: tuple[str, ...]) -> list[RowMapping]:
    """Prompts in these states whose money no sale took or left, oldest first."""
    row = prompts.c
    query = select(prompts).where(row.state.in_(states), row.use == "").order_by(row.entry)
    return list(connection.execute(query).mappings())


def due(connection: Connection, now: datetime, *, limit: int) -> list[RowMapping]:
    """Prompts to ask the server about now, the longest overdue first."""
    query = select(prompts).where(prompts.c.next_look_at <= now).order_by(prompts.c.next_look_at)
    return list(connection.execute(query.limit(limit)).mappings())


def claim(connection: Connection, row: RowMapping, until: datetime) -> bool:
    """Be the one who asks about a prompt; False when another process is."""
    at = prompts.c
    where = (at.id == row["id"]) & (at.next_look_at == row["next_look_at"])
    return connection.execute(update(prompts).where(where).values(next_look_at=until)).rowcount == 1


def change(connection: Connection, prompt_id: str, values: Mapping[str, Any]) -> None:
    """Write down what is known of a prompt."""
    connection.execute(update(prompts).where(prompts.c.id == prompt_id).values(**values))


def take(connection: Connection, prompt_id: str, sale_id: str) -> bool:
    """Let a sale take the money; False when it is not there, or was taken or left."""
    row = prompts.c
    where = (row.id == prompt_id) & (row.state == "paid") & (row.use == "")
    values = {"use": "taken", "used_by": sale_id, "next_look_at": None}
    return connection.execute(update(prompts).where(where).values(values)).rowcount == 1


def by_external(connection: Connection, tender: str, external_id: str) -> RowMapping | None:
    """The prompt of a tender type that the provider knows by this number."""
    row = prompts.c
    query = select(prompts).where(row.external_id == external_id, row.tender == tender)
    return connection.execute(query).mappings().first()


def doubt(connection: Connection, now: datetime) -> None:
    """After a restore: whatever is not taken here may have been since, so it is asked about."""
    where = (prompts.c.use == "") & (prompts.c.state != "unpaid")
    connection.execute(update(prompts).where(where).values(state="waiting", next_look_at=now))


def leave(connection: Connection, sale_id: str, now: datetime, *, prompt_id: str = "") -> int:
    """The sale goes on without what its prompts may bring; how many there were.

    With an identity it is that one alone.
    """
    row = prompts.c
    is_wanted = row.id == prompt_id if prompt_id else row.sale_id == sale_id
    may_bring = or_(row.state != "unpaid", row.next_look_at.is_not(None))
    where = is_wanted & (row.use == "") & may_bring
    values = {"use": "left", "next_look_at": now}
    return connection.execute(update(prompts).where(where).values(values)).rowcount
