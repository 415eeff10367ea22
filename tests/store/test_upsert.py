"""Insert or change: the same on both databases, and what it says of itself is true."""

from __future__ import annotations

from sqlalchemy import Column, MetaData, Table, select

from pos_app.store.engine import Store
from pos_app.store.schema import Id, Minor, autokey
from pos_app.store.upsert import add_new, add_to, upsert

METADATA = MetaData()
counted = Table(
    "counted",
    METADATA,
    Column("place", Id, primary_key=True),
    Column("name", Id, primary_key=True),
    Column("amount", Minor, nullable=False),
    Column("touched", Id, nullable=False),
    sqlite_strict=True,
)
keyed = Table(
    "keyed", METADATA, autokey("number"), Column("code", Id, unique=True), sqlite_strict=True
)


def made(store: Store) -> Store:
    with store.write() as connection:
        METADATA.create_all(connection)
    return store


def row(name: str, amount: int, touched: str = "") -> dict[str, object]:
    return {"place": "W1", "name": name, "amount": amount, "touched": touched}


def test_a_row_is_inserted_then_changed(store: Store) -> None:
    with made(store).write() as connection:
        upsert(connection, counted, [row("a", 1), row("b", 2)])
        upsert(connection, counted, [row("a", 3), row("c", 4)])
        upsert(connection, counted, [])
        found = connection.execute(select(counted.c.name, counted.c.amount).order_by("name"))
        assert [tuple(each) for each in found] == [("a", 3), ("b", 2), ("c", 4)]


def test_another_unique_column_may_be_the_key(store: Store) -> None:
    with made(store).write() as connection:
        upsert(connection, keyed, [{"code": "a"}, {"code": "b"}], key=("code",))
        first = connection.execute(select(keyed).order_by("code")).all()
        upsert(connection, keyed, [{"code": "a"}], key=("code",))
        assert connection.execute(select(keyed).order_by("code")).all() == first


def test_adding_says_whether_the_row_is_new(store: Store) -> None:
    with made(store).write() as connection:
        assert add_new(connection, counted, row("a", 1))
        assert not add_new(connection, counted, row("a", 2))
        assert add_new(connection, keyed, {"code": "x"})
        assert not add_new(connection, keyed, {"code": "x"})
        assert connection.execute(select(counted.c.amount)).scalars().all() == [1]


def test_adding_to_a_row_adds(store: Store) -> None:
    with made(store).write() as connection:
        for touched in ("x", "y"):
            rows = [row("a", 2, touched), row("b", 5, touched)]
            add_to(connection, counted, column="amount", touched="touched", rows=rows)
        add_to(connection, counted, column="amount", touched="touched", rows=[])
        found = connection.execute(select(counted).order_by("name"))
        assert [(each.amount, each.touched) for each in found] == [(4, "y"), (10, "y")]
