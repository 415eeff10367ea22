"""The fiscal journal: one row per receipt that a device must sign, from intent to fiscal record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    ForeignKey,
    Index,
    Integer,
    RowMapping,
    Text,
    bindparam,
    func,
    insert,
    or_,
    select,
    update,
)

from pos_app.store.among import among
from pos_app.store.fast import Prepared
from pos_app.store.sale import sales
from pos_app.store.schema import Instant, Json, big, table

fiscal_journal = table(
    "fiscal_journal",
    Column("sale_id", Text, ForeignKey("sales.id"), primary_key=True),
    Column("seq", big(), nullable=False, unique=True),  # order of signing on this till
    Column("number", Text, nullable=False, unique=True),  # InvoiceNumber at the device, for ever
    Column("device", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("request", Json, nullable=False),
    Column("digest", Text, nullable=False),
    Column("baseline", Json),  # what the device said of itself before the first byte
    Column("reply", Json),
    Column("reason", Text, nullable=False, server_default=""),
    Column("resends", Integer, nullable=False),
    Column("looks", Integer, nullable=False),
    Column("intended_at", Instant, nullable=False),
    Column("sent_at", Instant),
    Column("settled_at", Instant),
    Column("look_at", Instant),  # not before this instant again
    Column("device_id", Text),
    Column("device_serial", Text),
    Column("qr", Text),
    Column("verification_code", Text),
    Column("receipt_global_no", Integer),
    Column("receipt_counter", Integer),
    Column("fiscal_day", Integer),
    Column("filed_at", Text),  # the device's own local time, as it printed it
    Column(
        "correction", Text, nullable=False, server_default=""
    ),  # what took a refused one's place
    Column("corrected_at", Instant),
    Index("fiscal_journal_by_state", "state", "seq"),
)

UNSETTLED = ("intent", "sent", "unknown")


def add(connection: Connection, row: Mapping[str, Any]) -> None:
    """Store the intent to file a receipt, in the transaction that makes the sale."""
    _ADD.run(connection, row)


def by_sale(connection: Connection, sale_id: str) -> RowMapping | None:
    """The journal row of one sale."""
    return connection.execute(_BY_SALE, {"of_sale": sale_id}).mappings().first()


def by_number(connection: Connection, number: str) -> RowMapping | None:
    """The journal row of one receipt number."""
    query = select(fiscal_journal).where(fiscal_journal.c.number == number)
    return connection.execute(query).mappings().first()


def by_sales(connection: Connection, sale_ids: list[str]) -> dict[str, Mapping[str, Any]]:
    """The journal rows of several sales."""
    rows = _BY_SALES.all_mappings(connection, {"of_sales": sale_ids})
    return {row["sale_id"]: row for row in rows}


def first_unsettled(connection: Connection) -> RowMapping | None:
    """The oldest row that is not settled; later ones wait for it (production lesson L33).

    Whatever address its device had when it was sold: the address may change, the till has one.
    """
    query = (
        select(fiscal_journal)
        .where(fiscal_journal.c.state.in_(UNSETTLED))
        .order_by(fiscal_journal.c.seq)
        .limit(1)
    )
    return connection.execute(query).mappings().first()


def all_unsettled(connection: Connection, *, limit: int) -> list[RowMapping]:
    """The rows that are not settled, oldest first."""
    query = select(fiscal_journal).where(fiscal_journal.c.state.in_(UNSETTLED))
    rows = connection.execute(query.order_by(fiscal_journal.c.seq).limit(limit))
    return list(rows.mappings())


def next_due(connection: Connection, now: datetime) -> RowMapping | None:
    """The oldest unsettled row, unless it is to be left alone for now."""
    row = first_unsettled(connection)
    return row if row and (row["look_at"] is None or row["look_at"] <= now) else None


def move(
    connection: Connection, sale_id: str, *, was: str, state: str, values: Mapping[str, Any]
) -> bool:
    """Change the state of a row; False when it is no longer in the state it was read in."""
    where = (fiscal_journal.c.sale_id == sale_id) & (fiscal_journal.c.state == was)
    changed = connection.execute(update(fiscal_journal).where(where).values(state=state, **values))
    return changed.rowcount == 1


def unsettled(connection: Connection) -> tuple[int, datetime | None]:
    """How many rows wait for the device, and since when the oldest does; asked at every sale."""
    found = _UNSETTLED.first(connection, {})
    return (int(found[0]), found[1]) if found else (0, None)


def troubled(connection: Connection) -> list[RowMapping]:
    """Rows somebody must look at: unknown, refused or disputed, and not corrected yet."""
    query = select(fiscal_journal).where(
        fiscal_journal.c.state.in_(("unknown", "refused", "disputed")),
        fiscal_journal.c.corrected_at.is_(None),
    )
    return list(connection.execute(query.order_by(fiscal_journal.c.seq)).mappings())


def walk(connection: Connection) -> list[RowMapping]:
    """Every row in the order of signing."""
    return list(
        connection.execute(select(fiscal_journal).order_by(fiscal_journal.c.seq)).mappings()
    )


def filed_between(
    connection: Connection, device_id: str, after: int, until: int
) -> list[RowMapping]:
    """Our own receipts on a device with a global number in (after, until]."""
    number = fiscal_journal.c.receipt_global_no
    query = select(fiscal_journal).where(
        fiscal_journal.c.device_id == device_id, number > after, number <= until
    )
    return list(connection.execute(query).mappings())


def of_day(connection: Connection, device_id: str, day: int) -> list[RowMapping]:
    """The receipts filed on one fiscal day in the order of signing, with what was sold."""
    sold = (sales.c.currency, sales.c.total, sales.c.taxes, sales.c.shift_id)
    query = (
        select(fiscal_journal, *sold)
        .join(sales, sales.c.id == fiscal_journal.c.sale_id)
        .where(fiscal_journal.c.device_id == device_id, fiscal_journal.c.fiscal_day == day)
        .order_by(fiscal_journal.c.seq)
    )
    return list(connection.execute(query).mappings())


def date(connection: Connection, device_id: str, day: int, *, base: int) -> None:
    """Give the rows of a day that only a look-up told of the day they are proven to be of."""
    number, counter = fiscal_journal.c.receipt_global_no, fiscal_journal.c.receipt_counter
    here = (fiscal_journal.c.device_id == device_id) & (number - counter == base)
    undated = here & fiscal_journal.c.fiscal_day.is_(None)
    connection.execute(update(fiscal_journal).where(undated).values(fiscal_day=day))


def of_shift(connection: Connection, shift_id: str) -> list[RowMapping]:
    """The rows of one shift's sales."""
    query = (
        select(fiscal_journal)
        .join(sales, sales.c.id == fiscal_journal.c.sale_id)
        .where(sales.c.shift_id == shift_id)
    )
    return list(connection.execute(query.order_by(fiscal_journal.c.seq)).mappings())


def blocking(connection: Connection, states: Sequence[str]) -> list[str]:
    """The numbers of rows in these states that nobody has corrected, in the order of signing."""
    query = select(fiscal_journal.c.number).where(
        fiscal_journal.c.state.in_(states), fiscal_journal.c.corrected_at.is_(None)
    )
    return list(connection.execute(query.order_by(fiscal_journal.c.seq)).scalars())


def highest(connection: Connection, device_id: str) -> int | None:
    """The highest global number of a device among our own receipts."""
    number = func.max(fiscal_journal.c.receipt_global_no)
    query = select(number).where(fiscal_journal.c.device_id == device_id)
    return connection.execute(query).scalar()


def days(connection: Connection, device_id: str, *, limit: int = 5000) -> dict[int, int]:
    """Fiscal day by global number less counter, which is equal within a day and only there."""
    number, counter = fiscal_journal.c.receipt_global_no, fiscal_journal.c.receipt_counter
    query = (
        select(number - counter, func.max(fiscal_journal.c.fiscal_day))
        .where(fiscal_journal.c.device_id == device_id, fiscal_journal.c.fiscal_day.is_not(None))
        .group_by(number - counter)
        .limit(limit)
    )
    return {int(base): int(day) for base, day in connection.execute(query) if base is not None}


_UNSETTLED = Prepared(
    select(func.count(), func.min(fiscal_journal.c.intended_at)).where(
        or_(*(fiscal_journal.c.state == state for state in UNSETTLED))
    )
)
_ADD = Prepared(insert(fiscal_journal))
_BY_SALE = select(fiscal_journal).where(fiscal_journal.c.sale_id == bindparam("of_sale"))
_BY_SALES = Prepared(select(fiscal_journal).where(among(fiscal_journal.c.sale_id, "of_sales")))
