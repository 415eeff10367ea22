"""What other programs say they filed on a fiscal device, and what was copied from our journal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Index,
    RowMapping,
    Select,
    Text,
    and_,
    case,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)

from pos_app.store import tally
from pos_app.store.fiscal import fiscal_journal
from pos_app.store.sale import sales
from pos_app.store.schema import Instant, Minor, autokey, big, table
from pos_app.store.tally import KINDS, Asked

OWN = "sale:"
"""What the key of an entry begins with that was copied from our own journal."""

fiscal_log = table(
    "fiscal_log",
    autokey("number"),
    Column("key", Text, nullable=False, unique=True),  # clientTransactionId
    Column("at", Instant, nullable=False),
    Column("doc_num", big(), nullable=False),
    Column("document_type", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("message", Text, nullable=False, server_default=""),
    Column("verification_code", Text, nullable=False, server_default=""),
    Column("qr", Text, nullable=False, server_default=""),
    Column("device_serial", Text, nullable=False, server_default=""),
    Column("device_id", Text, nullable=False, server_default=""),
    Column("fiscal_day", Text, nullable=False, server_default=""),
    Column("receipt_global_no", big()),
    Column("partner", Text, nullable=False, server_default=""),
    Column("partner_name", Text, nullable=False, server_default=""),
    Column("currency", Text, nullable=False),
    Column("total", Minor, nullable=False),
    Column("vat", Minor, nullable=False),
    Column("original", Text, nullable=False, server_default=""),
    Column("raw_request", Text, nullable=False, server_default=""),
    Column("raw_response", Text, nullable=False, server_default=""),
    Column("source", Text, nullable=False),
    Column("user_id", Text, nullable=False),
    Column("username", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("synced_at", Instant, nullable=False),
    Index("fiscal_log_by_time", "at", "number"),
)

_COUNTED = tally.tally(
    fiscal_log,
    key="number",
    who="username",
    kinds=("lower({row}.status)", "lower({row}.document_type)", "lower({row}.source)"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which entries a list is of; None and empty ask for all.

    Attributes:
        text: looked for in numbers, partner, codes and message.
    """

    text: str = ""
    status: str | None = None
    document_type: str | None = None
    source: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Counted:
    """The entries of a list counted by their status."""

    total: int
    success: int
    fiscalised: int
    not_fiscalised: int
    failed: int
    users: int
    latest: datetime | None


def add(connection: Connection, row: Mapping[str, Any]) -> None:
    """Store a new entry; raises UniqueViolation when its key is known."""
    connection.execute(insert(fiscal_log).values(dict(row)))


def held(connection: Connection, key: str) -> RowMapping | None:
    """The entry of a key, kept from other writers until the transaction ends."""
    query = select(fiscal_log).where(fiscal_log.c.key == key).with_for_update()
    return connection.execute(query).mappings().first()


def change(connection: Connection, key: str, values: Mapping[str, Any]) -> None:
    """Say something newer of an entry."""
    connection.execute(update(fiscal_log).where(fiscal_log.c.key == key).values(dict(values)))


def page(
    connection: Connection, wanted: Wanted, *, offset: int, limit: int
) -> tuple[Counted, list[RowMapping]]:
    """The entries wanted counted, and some of them from the newest back."""
    where = list(_conditions(wanted))
    row = fiscal_log.c
    query = select(fiscal_log).where(*where).order_by(row.at.desc(), row.number.desc())
    rows = list(connection.execute(query.offset(offset).limit(limit)).mappings())
    if wanted.text or wanted.since is not None or wanted.until is not None:
        return _looked_at(connection, where), rows
    newest = rows[0] if rows and not offset else None
    if newest is None:
        newest = connection.execute(query.limit(1)).mappings().first()
    return _kept(connection, wanted, newest["at"] if newest else None), rows


def _looked_at(connection: Connection, where: list[ColumnElement[bool]]) -> Counted:
    """The entries wanted, counted one by one."""
    row = fiscal_log.c
    counted = select(
        func.count(),
        *(_how_many(words) for words in (("success",), FISCALISED, NOT_FISCALISED, ("failed",))),
        func.count(row.username.distinct()),
        func.max(row.at),
    ).where(*where)
    found: Any = connection.execute(counted).one()
    return Counted(*found)


def _kept(connection: Connection, wanted: Wanted, latest: datetime | None) -> Counted:
    """The entries wanted, as the database counted them when they came."""
    told = zip(KINDS, (wanted.status, wanted.document_type, wanted.source), strict=True)
    asked = Asked(kinds=tuple(kind == word.lower() for kind, word in told if word))
    found = tally.many_by(connection, _COUNTED, asked, by=KINDS[0])

    def of(*words: str) -> int:
        return sum(found.get(word, 0) for word in words)

    return Counted(
        total=sum(found.values()),
        success=of("success"),
        fiscalised=of(*FISCALISED),
        not_fiscalised=of(*NOT_FISCALISED),
        failed=of("failed"),
        users=tally.people(connection, _COUNTED, asked),
        latest=latest,
    )


FISCALISED = ("fiscalised", "fiscalized")
NOT_FISCALISED = ("not fiscalised", "not fiscalized")


def _how_many(words: tuple[str, ...]) -> ColumnElement[int]:
    is_one = case((func.lower(fiscal_log.c.status).in_(words), 1), else_=0)
    return func.coalesce(func.sum(is_one), 0)


def _conditions(wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    row = fiscal_log.c
    exact = (
        (row.status, wanted.status),
        (row.document_type, wanted.document_type),
        (row.source, wanted.source),
    )
    for column, word in exact:
        if word:
            yield func.lower(column) == word.lower()
    if wanted.since is not None:
        yield row.at >= wanted.since
    if wanted.until is not None:
        yield row.at <= wanted.until
    if wanted.text:
        parts = (row.key, row.partner, row.partner_name, row.verification_code, row.message)
        found = [part.icontains(wanted.text, autoescape=True) for part in parts]
        if wanted.text.isascii() and wanted.text.isdecimal() and len(wanted.text) < 19:
            found.append(row.doc_num == int(wanted.text))
        yield or_(*found)


def posted_between(connection: Connection, since: datetime, until: datetime) -> tuple[int, int]:
    """How many sales and notes were posted within a time, and how many of them stand here."""
    within = sales.c.posted_at.between(since, until)
    query = select(func.count(), func.coalesce(func.sum(case((_stands(), 1), else_=0)), 0))
    total, tracked = connection.execute(query.select_from(sales).where(within)).one()
    return int(total), int(tracked)


def missing_between(
    connection: Connection, since: datetime, until: datetime, *, limit: int
) -> list[RowMapping]:
    """Sales and notes of a time that do not stand here, with what our journal says of them.

    Fiscalised ones come first, so that what will never be fiscalised is not in their way.
    """
    filed = fiscal_journal.c
    names = (
        filed.state, filed.reason, filed.device_id, filed.device_serial, filed.qr,
        filed.verification_code, filed.receipt_global_no, filed.fiscal_day, filed.settled_at,
    )  # fmt: skip
    query: Select[Any] = (
        select(sales, *names)
        .select_from(sales.outerjoin(fiscal_journal, filed.sale_id == sales.c.id))
        .where(and_(sales.c.posted_at.between(since, until), ~_stands()))
        .order_by(case((filed.state == "fiscalised", 0), else_=1), sales.c.posted_at, sales.c.id)
        .limit(limit)
    )
    return list(connection.execute(query).mappings())


def _stands() -> ColumnElement[bool]:
    return exists().where(fiscal_log.c.key == literal(OWN) + sales.c.id).correlate(sales)
