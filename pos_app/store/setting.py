"""Who this installation is, and its gap-free number series."""

from __future__ import annotations

from sqlalchemy import Column, Connection, Text, bindparam, insert, select, update

from pos_app.store.schema import big, table

settings = table(
    "settings",
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

series = table(
    "series",
    Column("name", Text, primary_key=True),
    Column("last", big(), nullable=False),
)


def read(connection: Connection, name: str) -> str | None:
    """The value of a setting this installation keeps about itself."""
    return connection.execute(select(settings.c.value).where(settings.c.name == name)).scalar()


def write(connection: Connection, name: str, value: str) -> None:
    """Keep a value under a name."""
    changed = connection.execute(
        update(settings).where(settings.c.name == name).values(value=value)
    )
    if changed.rowcount == 0:
        connection.execute(insert(settings).values(name=name, value=value))


def next_number(connection: Connection, name: str) -> int:
    """The next number of a series, from 1, without gaps: it is given back if the transaction is."""
    last = connection.execute(_NEXT, {"series_name": name}).scalar()
    if last is None:
        connection.execute(insert(series).values(name=name, last=1))
        return 1
    return int(last)


def last_number(connection: Connection, name: str) -> int:
    """The last number given of a series, 0 before the first."""
    return int(connection.execute(select(series.c.last).where(series.c.name == name)).scalar() or 0)


_NEXT = (
    update(series)
    .where(series.c.name == bindparam("series_name"))
    .values(last=series.c.last + 1)
    .returning(series.c.last)
)
