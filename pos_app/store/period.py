"""Posting periods of SAP: on which days documents may be posted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date

from sqlalchemy import Column, Connection, Text, delete, select

from pos_app.store.schema import BusinessDate, Flag, Id, table
from pos_app.store.upsert import upsert

posting_periods = table(
    "posting_periods",
    Column("code", Id, primary_key=True),
    Column("name", Text, nullable=False),
    Column("first", BusinessDate, nullable=False),
    Column("last", BusinessDate, nullable=False),
    Column("is_open", Flag, nullable=False),
    Column("allows_sales", Flag, nullable=False),
    Column("indicator", Text, nullable=False),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """A posting period; `allows_sales` says whether sales documents may be posted in it, too."""

    code: str
    name: str
    first: date
    last: date
    is_open: bool
    allows_sales: bool
    indicator: str


def every(connection: Connection) -> list[Period]:
    """Every period, the earliest first."""
    query = select(posting_periods).order_by(posting_periods.c.first, posting_periods.c.code)
    return [Period(**row) for row in connection.execute(query).mappings()]


def on(connection: Connection, day: date) -> Period | None:
    """The period a day belongs to; None when SAP has none, or none was fetched."""
    of_day = (posting_periods.c.first <= day) & (posting_periods.c.last >= day)
    row = connection.execute(select(posting_periods).where(of_day)).mappings().first()
    return None if row is None else Period(**row)


def replace(connection: Connection, told: Sequence[Period]) -> None:
    """Make these the only periods."""
    connection.execute(delete(posting_periods))
    upsert(connection, posting_periods, [asdict(period) for period in told])
