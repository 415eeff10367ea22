"""Nothing waits longer than its limit without a named reason."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Table, select

from pos_app.services.check.violation import Books, Violation
from pos_app.store import fiscal, outbox, posting, print_job, setting, wire
from pos_app.store.schema import from_microseconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """One kind of rows on their way.

    Attributes:
        what: how a sentence calls a row; takes its name.
        waiting: states that should pass by themselves.
        troubled: states that need a person, and so a reason from the first moment.
        limit: the longest a row may wait without a reason.
        is_one_device: whether what is wrong with one row is what the others wait for.
    """

    code: str
    what: str
    table: Table
    name: str
    order: str
    since: str
    waiting: tuple[str, ...]
    troubled: tuple[str, ...]
    limit: timedelta
    is_one_device: bool = False


QUEUES = (
    Queue(
        code="fiscal",
        what="Receipt {} waits for the fiscal device",
        table=wire.plain(fiscal.fiscal_journal),
        name="number",
        order="seq",
        since="intended_at",
        waiting=("intent", "sent", "unknown"),
        troubled=("refused", "disputed"),
        limit=timedelta(hours=12),
    ),
    Queue(
        code="print",
        what="The paper of {} waits for the printer",
        table=wire.plain(print_job.print_jobs),
        name="document_id",
        order="seq",
        since="queued_at",
        waiting=("queued", "started"),
        troubled=("failed", "unconfirmed"),
        limit=timedelta(hours=12),
        is_one_device=True,
    ),
    Queue(
        code="outbox",
        what="Envelope {} waits for the server",
        table=wire.plain(outbox.outbox),
        name="id",
        order="seq",
        since="queued_at",
        waiting=("pending",),
        troubled=("quarantined",),
        limit=timedelta(hours=24),
    ),
    Queue(
        code="posting",
        what="{} waits for SAP",
        table=wire.plain(posting.postings),
        name="reference",
        order="queue_id",
        since="created_at",
        waiting=(),  # what stands still is named by incidents, see check.posting
        troubled=("RequiresReview", "Cancelled"),
        limit=timedelta(hours=24),
    ),
)


def aged(books: Books) -> Iterator[Violation]:
    """Rows that stand still and do not say why.

    A row behind another one of its queue, which says why it waits, waits for the same.
    """
    for queue in QUEUES:
        yield from _troubled(books, queue)
        yield from _waiting(books, queue)


def _troubled(books: Books, queue: Queue) -> Iterator[Violation]:
    table = queue.table
    where = table.c.state.in_(queue.troubled) & (table.c.reason == "")
    for row in books.rows(select(table).where(where)):
        name = row[queue.name]
        words = f"{queue.what.format(name)}, is {row['state']} and does not say why."
        yield Violation(f"{queue.code}_without_reason", name, words)


def _waiting(books: Books, queue: Queue) -> Iterator[Violation]:
    table, blocked = queue.table, _lane(books, queue)
    held_up: set[str] = set()
    where = table.c.state.in_((*queue.waiting, *queue.troubled))
    query = select(table).where(where).order_by(table.c[queue.order])
    for row in books.rows(query):
        stream = row.get("stream", "")
        if row["state"] in queue.troubled:
            # A quarantined envelope holds up its stream; what waits behind it has its reason.
            held_up.add(stream)
            blocked = blocked or (row["reason"] if queue.is_one_device else "")
            continue
        blocked = blocked or row["reason"]
        is_old = row[queue.since] < books.before(queue.limit)
        if is_old and not blocked and not (stream and stream in held_up):
            since = from_microseconds(row[queue.since])
            words = f"{queue.what.format(row[queue.name])} since {since:%Y-%m-%d %H:%M} UTC."
            yield Violation(f"{queue.code}_stands_still", row[queue.name], words)


def _lane(books: Books, queue: Queue) -> str:
    """Why the whole lane waits: a till knows it of its server."""
    if queue.code != "outbox":
        return ""
    lane = setting.read(books.connection, "sync.lane")
    return str(json.loads(lane)["problem"]) if lane else ""
