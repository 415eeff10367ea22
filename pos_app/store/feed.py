"""The feed: what changed on the server, for tills to fetch; and how far a till has come."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import (
    Column,
    Connection,
    Index,
    Integer,
    RowMapping,
    Text,
    bindparam,
    delete,
    select,
    update,
)

from pos_app.store.fast import Prepared
from pos_app.store.schema import Instant, Json, big, table
from pos_app.store.upsert import upsert

# One row per changed thing, moved to the end at each change; its content stands in its own table.
feed = table(
    "feed",
    Column("kind", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("seq", big(), nullable=False),
    Index("feed_by_seq", "seq", unique=True),
)

# Its single row is locked by every change, so that commit order is sequence order.
feed_head = table(
    "feed_head",
    Column("id", Integer, primary_key=True),
    Column("seq", big(), nullable=False, server_default="0"),
    Column("epoch", Text, nullable=False, server_default=""),
    # A restored server opens a new epoch. Of each one before: its name, and the last number that
    # is still known of it.
    Column("lineage", Json, nullable=False, server_default="[]"),
)

checkpoints = table(
    "checkpoints",
    Column("source", Text, primary_key=True),
    Column("epoch", Text, nullable=False),
    Column("seq", big(), nullable=False),
    Column("fetched_at", Instant, nullable=False),  # when the source was last reached
    Column("changed_at", Instant, nullable=False),
)

# While everything is fetched anew: what the source still has. What is not here then is gone.
feed_seen = table(
    "feed_seen",
    Column("kind", Text, primary_key=True),
    Column("key", Text, primary_key=True),
)

_COUNT = Prepared(
    update(feed_head)
    .where(feed_head.c.id == 1)
    .values(seq=feed_head.c.seq + bindparam("p_count", type_=Integer))
    .returning(feed_head.c.seq)
)


def claim(connection: Connection, count: int = 1) -> int:
    """Take the next numbers of the feed and return the first of them.

    From here to the end of the transaction nobody else gets one, so that whoever has seen a number
    has seen all before it. Change rows first and claim last: the head is the last lock taken.
    """
    last = _COUNT.first(connection, {"p_count": count})
    if last is None:
        upsert(connection, feed_head, [{"id": 1}])
        last = _COUNT.first(connection, {"p_count": count})
    return int(last[0] if last else 0) - count + 1


def changed(connection: Connection, kind: str, key: str) -> int:
    """Note, in the transaction of the change itself, that a thing changed; return its number.

    Kinds and keys: ``item`` code, ``price`` item, ``special_price`` item, ``stock``
    ``item|warehouse``, ``partner`` code, ``user`` id, ``rate`` pair, ``tax_group`` code,
    ``price_list`` code, ``item_group`` code, ``warehouse`` code, ``currency`` code, ``sale_status``
    sale id, ``sold`` sale id, ``series`` till, ``setting`` name.
    """
    return changed_all(connection, [(kind, key)])


def changed_all(connection: Connection, changes: Sequence[tuple[str, str]]) -> int:
    """Note many changes at once, in their order; return the first of their numbers."""
    unique = list(dict.fromkeys(changes))
    first = claim(connection, len(unique))
    rows = [{"kind": kind, "key": key, "seq": first + at} for at, (kind, key) in enumerate(unique)]
    upsert(connection, feed, rows)
    return first


def head(connection: Connection) -> RowMapping | None:
    """Newest number, epoch, and what is known of the epochs before; None before the first."""
    return connection.execute(select(feed_head).where(feed_head.c.id == 1)).mappings().first()


def begin(connection: Connection, epoch: str) -> None:
    """Give the first epoch of a new server its name; one that has a name keeps it."""
    claim(connection, 0)
    nameless = (feed_head.c.id == 1) & (feed_head.c.epoch == "")
    connection.execute(update(feed_head).where(nameless).values(epoch=epoch))


def begin_anew(connection: Connection, epoch: str, *, is_past_known: bool = True) -> None:
    """Open a new epoch after a restore: tills then fetch all and deliver what was lost again.

    Args:
        connection: a writing transaction.
        epoch: the new name.
        is_past_known: whether the numbers so far are those the tills were told; else they deliver
            everything again.
    """
    claim(connection, 0)
    was = head(connection)
    is_told = is_past_known and was is not None and was["epoch"]
    before = [*was["lineage"], [was["epoch"], was["seq"]]] if was and is_told else []
    here = update(feed_head).where(feed_head.c.id == 1)
    connection.execute(here.values(epoch=epoch, lineage=before))


def page(connection: Connection, *, after: int, limit: int) -> list[RowMapping]:
    """Changes with a larger number, in order."""
    query = select(feed).where(feed.c.seq > after).order_by(feed.c.seq).limit(limit)
    return list(connection.execute(query).mappings())


def checkpoint(connection: Connection, source: str) -> RowMapping | None:
    """How far the copy of a source has come; None before the first page."""
    query = select(checkpoints).where(checkpoints.c.source == source)
    return connection.execute(query).mappings().first()


def keep(
    connection: Connection, source: str, *, epoch: str, seq: int, at: datetime, changed: bool
) -> None:
    """Set a checkpoint in the transaction that applies what it stands for."""
    row = {"source": source, "epoch": epoch, "seq": seq, "fetched_at": at}
    if changed or checkpoint(connection, source) is None:
        row["changed_at"] = at
        upsert(connection, checkpoints, [row])
    else:
        values = {name: row[name] for name in ("epoch", "seq", "fetched_at")}
        here = checkpoints.c.source == source
        connection.execute(update(checkpoints).where(here).values(values))


def drop_checkpoint(connection: Connection, source: str) -> None:
    """Forget a checkpoint."""
    connection.execute(delete(checkpoints).where(checkpoints.c.source == source))


def see(connection: Connection, things: Sequence[tuple[str, str]]) -> None:
    """Note things the source still has."""
    upsert(connection, feed_seen, [{"kind": kind, "key": key} for kind, key in things])


def unsee(connection: Connection, things: Sequence[tuple[str, str]]) -> None:
    """Note that the source does not have things any more."""
    gone = (feed_seen.c.kind == bindparam("p_kind")) & (feed_seen.c.key == bindparam("p_key"))
    if things:
        rows = [{"p_kind": kind, "p_key": key} for kind, key in things]
        connection.execute(delete(feed_seen).where(gone), rows)


def forget_seen(connection: Connection) -> None:
    """End the look at everything."""
    connection.execute(delete(feed_seen))


def seen(connection: Connection, kind: str) -> set[str]:
    """What the source still has of a kind."""
    return set(
        connection.execute(select(feed_seen.c.key).where(feed_seen.c.kind == kind)).scalars()
    )
