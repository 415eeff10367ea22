"""Labels: what the shelf shows of each item, and every label that is due, printed or done."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Index,
    Integer,
    RowMapping,
    Text,
    delete,
    func,
    insert,
    literal,
    select,
    update,
)

from pos_app.store.item_table import chunks
from pos_app.store.schema import Id, Instant, Micro, autokey, table
from pos_app.store.upsert import upsert

label_facts = table(
    "label_facts",
    Column("item", Id, primary_key=True),
    Column("facts", Text, nullable=False),  # what the shelf shows, as far as anybody knows
    Column("at", Instant, nullable=False),
)

labels = table(
    "labels",
    autokey("seq"),
    Column("id", Id, nullable=False, unique=True),
    Column("item", Id, nullable=False),
    Column("cause", Text, nullable=False),  # see pos_app.domain.label
    Column("state", Text, nullable=False),
    Column("was", Text),  # facts as JSON
    Column("now", Text, nullable=False),
    Column("copies", Integer, nullable=False),
    Column("weight", Micro),  # of a pack
    Column("batch", Text),  # labels that were asked for together
    Column("username", Text, nullable=False, server_default=""),
    Column("reason", Text, nullable=False, server_default=""),
    Column("due_at", Instant, nullable=False),
    Column("asked_at", Instant),
    Column("try_at", Instant),
    Column("printed_at", Instant),
    Column("ended_at", Instant),
    Index("labels_by_state", "state", "seq"),
    Index("labels_by_item", "item", "state"),
)

Facts = dict[str, Any]


def shown(connection: Connection) -> dict[str, Facts]:
    """What the shelf shows of every item it shows anything of."""
    query = select(label_facts.c.item, label_facts.c.facts)
    return {row.item: json.loads(row.facts) for row in connection.execute(query)}


def has_any(connection: Connection) -> bool:
    """Whether anything is known of the shelves."""
    return (
        connection.execute(select(literal(1)).select_from(label_facts).limit(1)).first() is not None
    )


def show(connection: Connection, facts: Mapping[str, Facts], at: datetime) -> None:
    """Note what the shelf shows of some items from now on."""
    rows = [
        {"item": item, "facts": json.dumps(told, sort_keys=True), "at": at}
        for item, told in facts.items()
    ]
    for chunk in chunks(rows):
        upsert(connection, label_facts, chunk)


def forget(connection: Connection, items: Iterable[str]) -> None:
    """The shelf shows nothing of these items any more."""
    for chunk in chunks(items):
        connection.execute(delete(label_facts).where(label_facts.c.item.in_(chunk)))


def add(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Add labels; `was` and `now` are plain data."""
    if rows:
        connection.execute(insert(labels), [_packed(row) for row in rows])


def by_id(connection: Connection, label_id: str) -> dict[str, Any] | None:
    """One label."""
    query = select(labels).where(labels.c.id == label_id)
    row = connection.execute(query).mappings().first()
    return _unpacked(row) if row else None


def by_ids(connection: Connection, ids: Sequence[str]) -> list[dict[str, Any]]:
    """Some labels, oldest first."""
    found: list[dict[str, Any]] = []
    for chunk in chunks(ids):
        query = select(labels).where(labels.c.id.in_(chunk)).order_by(labels.c.seq)
        found += [_unpacked(row) for row in connection.execute(query).mappings()]
    return found


def in_states(connection: Connection, states: Sequence[str]) -> list[dict[str, Any]]:
    """Labels in some states, oldest first."""
    query = select(labels).where(labels.c.state.in_(states)).order_by(labels.c.seq)
    return [_unpacked(row) for row in connection.execute(query).mappings()]


def next_due(connection: Connection, state: str, now: datetime) -> dict[str, Any] | None:
    """The oldest label in a state, unless it is to be left alone for now."""
    query = select(labels).where(labels.c.state == state).order_by(labels.c.seq).limit(1)
    row = connection.execute(query).mappings().first()
    if row is None or (row["try_at"] is not None and row["try_at"] > now):
        return None
    return _unpacked(row)


def first_try(connection: Connection, state: str) -> datetime | None:
    """When the oldest label in a state is to be tried."""
    query = select(labels.c.try_at).where(labels.c.state == state).order_by(labels.c.seq).limit(1)
    return connection.execute(query).scalar()


def counts(connection: Connection) -> dict[str, int]:
    """How many labels there are in each state."""
    query = select(labels.c.state, func.count()).group_by(labels.c.state)
    return {state: int(count) for state, count in connection.execute(query)}


def batch_counts(connection: Connection, batch: str) -> dict[str, int]:
    """How many labels of one batch there are in each state."""
    query = select(labels.c.state, func.count()).where(labels.c.batch == batch)
    rows = connection.execute(query.group_by(labels.c.state))
    return {state: int(count) for state, count in rows}


def change(
    connection: Connection, ids: Sequence[str], *, was: Sequence[str], values: Mapping[str, Any]
) -> int:
    """Change labels that are still in one of these states; returns how many were."""
    told = _packed(values)
    count = 0
    for chunk in chunks(ids):
        where = labels.c.id.in_(chunk) & labels.c.state.in_(was)
        count += connection.execute(update(labels).where(where).values(told)).rowcount
    return count


def _packed(row: Mapping[str, Any]) -> dict[str, Any]:
    packed = dict(row)
    for name in ("was", "now"):
        if isinstance(packed.get(name), dict):
            packed[name] = json.dumps(packed[name], sort_keys=True)
    return packed


def _unpacked(row: RowMapping) -> dict[str, Any]:
    unpacked = dict(row)
    for name in ("was", "now"):
        unpacked[name] = None if row[name] is None else json.loads(row[name])
    return unpacked
