"""Prepared statements do exactly what SQLAlchemy's own execution does, on both databases."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Column, MetaData, Table, bindparam, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from pos_app.domain.quantity import QuantityInvalid
from pos_app.store.engine import Store
from pos_app.store.fast import NotPreparable, Prepared
from pos_app.store.fault import UniqueViolation
from pos_app.store.schema import (
    BusinessDate,
    Flag,
    Id,
    Instant,
    Json,
    Micro,
    Minor,
    autokey,
)

METADATA = MetaData()
things = Table(
    "things",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("minor", Minor),
    Column("micro", Micro),
    Column("at", Instant),
    Column("day", BusinessDate),
    Column("flag", Flag),
    Column("json", Json),
    sqlite_strict=True,
)
counted = Table(
    "counted", METADATA, autokey("seq"), Column("name", Id, unique=True), sqlite_strict=True
)
FULL: dict[str, Any] = {
    "id": "a",
    "minor": -5,
    "micro": Decimal("1.5"),
    "at": datetime(2026, 11, 21, 1, 2, 3, 4, UTC),
    "day": date(2026, 11, 21),
    "flag": False,
    "json": {"a": [1, None]},
}
EMPTY: dict[str, Any] = {**dict.fromkeys(FULL), "id": "b"}


@pytest.fixture
def made(store: Store) -> Store:
    with store.write() as connection:
        METADATA.create_all(connection)
        Prepared(insert(things)).run_many(connection, [FULL, EMPTY])
    return store


def test_values_go_in_and_come_out_as_through_sqlalchemy(made: Store) -> None:
    query = select(things).order_by(things.c.id)
    with made.read() as connection:
        through_core = [dict(row) for row in connection.execute(query).mappings()]
        assert Prepared(query).all_mappings(connection, {}) == through_core == [FULL, EMPTY]
        assert Prepared(query).first(connection, {}) == tuple(FULL.values())


def test_one_row_by_its_key(made: Store) -> None:
    query = Prepared(select(things.c.at, things.c.micro).where(things.c.id == bindparam("wanted")))
    with made.read() as connection:
        assert query.first_mapping(connection, {"wanted": "a"}) == {
            "at": FULL["at"],
            "micro": FULL["micro"],
        }
        assert query.first(connection, {"wanted": "none"}) is None
        assert query.first_mapping(connection, {"wanted": "none"}) is None
        assert query.all(connection, {"wanted": "none"}) == []


def test_changes_say_how_many_rows_they_changed(made: Store) -> None:
    lower = Prepared(
        update(things)
        .where(things.c.id == bindparam("of_id"), things.c.micro >= bindparam("taken"))
        .values(micro=things.c.micro - bindparam("taken"))
    )
    with made.write() as connection:
        assert lower.run(connection, {"of_id": "a", "taken": Decimal("0.5")}) == 1
        assert lower.run(connection, {"of_id": "a", "taken": Decimal("1.5")}) == 0
        assert (
            lower.run_many(
                connection,
                [
                    {"of_id": "a", "taken": Decimal("0.25")},
                    {"of_id": "a", "taken": Decimal("0.75")},
                ],
            )
            == 2
        )
        assert lower.run_many(connection, []) == 0
        left = connection.execute(select(things.c.micro).where(things.c.id == "a")).scalar_one()
        assert left == 0


def test_values_the_statement_brings_itself_stay(made: Store) -> None:
    query = Prepared(
        select(func.count()).where(things.c.flag == False, things.c.id == bindparam("wanted"))  # noqa: E712
    )
    with made.read() as connection:
        assert query.first(connection, {"wanted": "a"}) == (1,)
        assert query.first(connection, {"wanted": "b"}) == (0,)


def test_numbers_that_count_up_and_come_back(made: Store) -> None:
    with made.write() as connection:
        Prepared(insert(counted)).run(connection, {"name": "a"})
        add = Prepared(insert(counted).returning(counted.c.seq))
        assert add.first(connection, {"name": "b"}) == (2,)


def test_upserts(made: Store) -> None:
    dialect: Any = postgresql if made.dialect == "postgresql" else sqlite
    words = dialect.insert(things)
    change = words.on_conflict_do_update(
        index_elements=["id"], set_={"minor": things.c.minor + words.excluded.minor}
    )
    with made.write() as connection:
        assert Prepared(change).run(connection, {"id": "a", "minor": 7}) == 1
        assert Prepared(change).run(connection, {"id": "c", "minor": 7}) == 1
        found = connection.execute(select(things.c.id, things.c.minor).order_by(things.c.id))
        assert [tuple(row) for row in found] == [("a", 2), ("b", None), ("c", 7)]


def test_deletes(made: Store) -> None:
    with made.write() as connection:
        drop = Prepared(delete(things).where(things.c.id == bindparam("of_id")))
        assert drop.run(connection, {"of_id": "a"}) == 1
        assert drop.run(connection, {"of_id": "a"}) == 0


def test_what_is_run_is_undone_with_its_transaction(made: Store) -> None:
    def fail() -> None:
        with made.write() as connection:
            Prepared(insert(things)).run(connection, {**EMPTY, "id": "c"})
            raise KeyError("stop")

    with pytest.raises(KeyError):
        fail()
    with made.read() as connection:
        assert Prepared(select(func.count()).select_from(things)).first(connection, {}) == (2,)


def test_errors_are_the_store_s_own(made: Store) -> None:
    add = Prepared(insert(things))
    with pytest.raises(UniqueViolation), made.write() as connection:
        add.run(connection, FULL)
    with pytest.raises(QuantityInvalid), made.write() as connection:
        add.run(connection, {**EMPTY, "id": "c", "micro": Decimal("0.0000001")})


def test_a_text_that_depends_on_values_is_refused(made: Store) -> None:
    with made.read() as connection:
        with pytest.raises(NotPreparable):
            Prepared(select(things).where(things.c.id.in_(["a"]))).all(connection, {})
        with pytest.raises(NotPreparable, match="wanted"):
            Prepared(select(things).where(things.c.id == bindparam("wanted"))).all(connection, {})


def test_one_statement_serves_rows_of_several_shapes(made: Store) -> None:
    add = Prepared(insert(things))
    with made.write() as connection:
        add.run(connection, {"id": "c"})
        add.run(connection, {"id": "d", "minor": 1})
        add.run(connection, {"minor": 2, "id": "e"})
        found = connection.execute(select(things.c.id, things.c.minor).order_by(things.c.id))
        assert [tuple(row) for row in found][2:] == [("c", None), ("d", 1), ("e", 2)]
