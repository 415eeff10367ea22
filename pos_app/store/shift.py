"""Shifts: one cashier's accountable period on a till, its movements of money and its counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    ForeignKey,
    Index,
    Integer,
    RowMapping,
    Text,
    UniqueConstraint,
    bindparam,
    delete,
    func,
    insert,
    literal_column,
    select,
    update,
)

from pos_app.store.fast import Prepared
from pos_app.store.schema import BusinessDate, Instant, Micro, Minor, autokey, table, unique_where
from pos_app.store.upsert import upsert

shifts = table(
    "shifts",
    Column("id", Text, primary_key=True),
    Column("till", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("user_id", Text, nullable=False),
    Column("username", Text, nullable=False),
    Column("state", Text, nullable=False),  # open | counted | closed
    Column("business_date", BusinessDate, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("closed_at", Instant),
    Column("closed_by", Text),
    UniqueConstraint("till", "number"),
    # One open shift per till, whoever asks at the same moment.
    unique_where("shifts_one_open", "till", where="state <> 'closed'"),
)

shift_movements = table(
    "shift_movements",
    autokey("seq"),
    Column("shift_id", Text, ForeignKey("shifts.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("tender_type", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("amount", Minor, nullable=False),  # signed: into the drawer is positive
    Column("document_id", Text),
    Column("username", Text, nullable=False),
    Column("reason", Text, nullable=False, server_default=""),
    Column("at", Instant, nullable=False),
    # With the amount in it the balances of a long shift are summed without a look at its rows.
    Index("shift_movements_by_shift", "shift_id", "tender_type", "currency", "amount"),
)

shift_counts = table(
    "shift_counts",
    Column("shift_id", Text, ForeignKey("shifts.id"), primary_key=True),
    Column("moment", Text, primary_key=True),  # open | close
    Column("currency", Text, primary_key=True),
    Column("denomination", Micro, primary_key=True),
    Column("pieces", Integer, nullable=False),
)

shift_results = table(
    "shift_results",
    Column("shift_id", Text, ForeignKey("shifts.id"), primary_key=True),
    Column("tender_type", Text, primary_key=True),
    Column("currency", Text, primary_key=True),
    Column("expected", Minor, nullable=False),
    Column("counted", Minor, nullable=False),
)


def open_on(connection: Connection, till: str) -> Mapping[str, Any] | None:
    """The open shift of a till."""
    return _OPEN_ON.first_mapping(connection, {"on_till": till})


def open_id(connection: Connection, till: str) -> str | None:
    """Identity of the open shift of a till."""
    found = _OPEN_ID.first(connection, {"on_till": till})
    return None if found is None else found[0]


def by_id(connection: Connection, shift_id: str) -> Mapping[str, Any] | None:
    """One shift."""
    return _BY_ID.first_mapping(connection, {"of_id": shift_id})


def by_number(connection: Connection, till: str, number: int) -> RowMapping | None:
    """One shift of a till."""
    query = select(shifts).where(shifts.c.till == till, shifts.c.number == number)
    return connection.execute(query).mappings().first()


def last_number(connection: Connection, till: str) -> int:
    """The highest shift number of a till, 0 before the first."""
    query = select(func.max(shifts.c.number)).where(shifts.c.till == till)
    return int(connection.execute(query).scalar() or 0)


def add(connection: Connection, row: Mapping[str, Any]) -> None:
    """Open a shift; raises UniqueViolation when the till has an open one."""
    connection.execute(insert(shifts).values(row))


def close(connection: Connection, shift_id: str, values: Mapping[str, Any]) -> bool:
    """Close a shift; False when it is closed already."""
    where = (shifts.c.id == shift_id) & (shifts.c.state != "closed")
    return connection.execute(update(shifts).where(where).values(values)).rowcount == 1


def add_movements(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Note money that came into or left the drawer, or was settled without it."""
    _ADD_MOVEMENTS.run_many(connection, rows)


def movements_of(connection: Connection, shift_id: str) -> list[RowMapping]:
    """Every movement of a shift in order."""
    query = select(shift_movements).where(shift_movements.c.shift_id == shift_id)
    return list(connection.execute(query.order_by(shift_movements.c.seq)).mappings())


def balances(connection: Connection, shift_id: str) -> dict[tuple[str, str], int]:
    """Minor units expected per (tender type, currency)."""
    rows = _BALANCES.all(connection, {"of_shift": shift_id})
    return {(tender, currency): int(total) for tender, currency, total in rows}


def balances_of(connection: Connection, shift_id: str, tender_type: str) -> dict[str, int]:
    """Minor units expected per currency of one tender type."""
    rows = _BALANCES_OF.all(connection, {"of_shift": shift_id, "of_type": tender_type})
    return {currency: int(total) for currency, total in rows}


def add_counts(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Note the pieces counted per denomination."""
    if rows:
        connection.execute(insert(shift_counts), list(rows))


def add_results(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Note what was expected and what was counted."""
    if rows:
        connection.execute(insert(shift_results), list(rows))


def counts_of(connection: Connection, shift_id: str) -> list[RowMapping]:
    """The counts of a shift."""
    query = select(shift_counts).where(shift_counts.c.shift_id == shift_id)
    return list(connection.execute(query).mappings())


def results_of(connection: Connection, shift_id: str) -> list[RowMapping]:
    """What was expected and counted at the close of a shift."""
    query = select(shift_results).where(shift_results.c.shift_id == shift_id)
    return list(connection.execute(query).mappings())


def replace(
    connection: Connection,
    row: Mapping[str, Any],
    *,
    movements: Sequence[Mapping[str, Any]],
    counts: Sequence[Mapping[str, Any]],
    results: Sequence[Mapping[str, Any]],
) -> None:
    """Keep another till's shift as that till last told it, instead of what it told before."""
    for child in (shift_movements, shift_counts, shift_results):
        connection.execute(delete(child).where(child.c.shift_id == row["id"]))
    upsert(connection, shifts, [row])
    if movements:
        add_movements(connection, movements)
    add_counts(connection, counts)
    add_results(connection, results)


_BY_ID = Prepared(select(shifts).where(shifts.c.id == bindparam("of_id")))
# The state stands in the text: only so does SQLite see that the index of open shifts will do.
_IS_OPEN = shifts.c.till == bindparam("on_till"), shifts.c.state != literal_column("'closed'")
_OPEN_ON = Prepared(select(shifts).where(*_IS_OPEN))
_OPEN_ID = Prepared(select(shifts.c.id).where(*_IS_OPEN))
_BALANCE_KEY = (shift_movements.c.tender_type, shift_movements.c.currency)
_BALANCES = Prepared(
    select(*_BALANCE_KEY, func.sum(shift_movements.c.amount))
    .where(shift_movements.c.shift_id == bindparam("of_shift"))
    .group_by(*_BALANCE_KEY)
)
_BALANCES_OF = Prepared(
    select(shift_movements.c.currency, func.sum(shift_movements.c.amount))
    .where(
        shift_movements.c.shift_id == bindparam("of_shift"),
        shift_movements.c.tender_type == bindparam("of_type"),
    )
    .group_by(shift_movements.c.currency)
)
_ADD_MOVEMENTS = Prepared(insert(shift_movements))
