"""What columns take, what they give back, and what they refuse."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some
from sqlalchemy import Column, Connection, MetaData, Table, create_engine, select
from sqlalchemy.pool import StaticPool

from pos_app.domain.quantity import QuantityInvalid
from pos_app.store.engine import Store
from pos_app.store.fault import CheckViolation
from pos_app.store.schema import (
    BusinessDate,
    Flag,
    Id,
    Instant,
    Json,
    Micro,
    Minor,
    SortText,
    WrongValue,
    append_only,
    autokey,
    canonical_json,
    from_microseconds,
    metadata,
    table,
    to_microseconds,
)

probe = Table(
    "probe",
    MetaData(),
    Column("id", Id, primary_key=True),
    Column("minor", Minor),
    Column("micro", Micro),
    Column("at", Instant),
    Column("day", BusinessDate),
    Column("flag", Flag),
    Column("json", Json),
    Column("words", SortText),
    sqlite_strict=True,
)


def there_and_back(store: Store, **values: Any) -> Any:
    with store.write() as connection:
        probe.drop(connection, checkfirst=True)
        probe.create(connection)
        connection.execute(probe.insert(), {"id": "1", **values})
    with store.read() as connection:
        return connection.execute(select(probe)).mappings().one()


def test_every_type_comes_back_as_it_went_in(store: Store) -> None:
    values = {
        "minor": 2**62,
        "micro": Decimal("-1234567.000001"),
        "at": datetime(2026, 11, 21, 4, 5, 6, 789012, UTC),
        "day": date(2026, 2, 28),
        "flag": True,
        "json": {"b": [1, None, True], "a": "ä"},
        "words": "coca cola",
    }
    assert dict(there_and_back(store, **values)) == {"id": "1", **values}


def test_nothing_stays_nothing(store: Store) -> None:
    found = there_and_back(store)
    assert {name: found[name] for name in found if name != "id"} == dict.fromkeys(
        ("minor", "micro", "at", "day", "flag", "json", "words")
    )


@pytest.mark.parametrize(
    ("column", "value", "error"),
    [
        ("minor", Decimal(1), WrongValue),
        ("minor", True, WrongValue),
        ("micro", 1.5, WrongValue),
        ("micro", "1.5", WrongValue),
        ("micro", Decimal("0.0000001"), QuantityInvalid),
        ("micro", Decimal("NaN"), QuantityInvalid),
        ("micro", Decimal(10) ** 13, WrongValue),
        ("at", datetime(2026, 1, 1), WrongValue),  # noqa: DTZ001 - naive on purpose
        ("at", 17, WrongValue),
        ("day", datetime(2026, 1, 1, tzinfo=UTC), WrongValue),
        ("day", "2026-01-01", WrongValue),
        ("flag", 1, WrongValue),
        ("json", {"price": 1.5}, WrongValue),
        ("json", {"price": Decimal(1)}, WrongValue),
        ("json", {1: "one"}, WrongValue),
    ],
)
def test_a_value_of_another_kind_is_refused(
    sqlite_store: Store, column: str, value: object, error: type[Exception]
) -> None:
    with pytest.raises(error):
        there_and_back(sqlite_store, **{column: value})


@given(some.integers(-(2**53), 2**53))
def test_any_moment_survives(microseconds: int) -> None:
    assert to_microseconds(from_microseconds(microseconds)) == microseconds


def test_a_moment_in_another_zone_is_the_same_moment() -> None:
    there = datetime(2026, 1, 1, 2, tzinfo=timezone(timedelta(hours=2)))
    assert to_microseconds(there) == to_microseconds(datetime(2026, 1, 1, tzinfo=UTC))


@given(
    some.decimals(
        min_value=-(10**12), max_value=10**12, places=6, allow_nan=False, allow_infinity=False
    )
)
def test_any_amount_of_six_decimals_survives(value: Decimal) -> None:
    stored = Micro().process_bind_param(value, create_engine("postgresql+psycopg://").dialect)
    assert isinstance(stored, int)
    assert (
        Micro().process_result_value(stored, create_engine("postgresql+psycopg://").dialect)
        == value
    )


def test_equal_values_are_equal_json() -> None:
    assert canonical_json({"b": 1, "a": [1, 2]}) == canonical_json({"a": (1, 2), "b": 1})
    assert canonical_json({"a": "é"}) == '{"a":"é"}'


def test_flags_and_dates_are_checked_by_the_database_too(store: Store) -> None:
    with pytest.raises(CheckViolation), store.write() as connection:
        connection.exec_driver_sql(
            "INSERT INTO accounts (code, name, kind, currency, balance, is_active) "
            "VALUES ('1', 'n', 'k', 'USD', 0, 2)"
        )


def test_columns_of_the_shop_are_never_floats() -> None:
    from pos_app.store.tables import all_tables

    kinds = {
        (type(column.type).__name__, str(column.type))
        for made in all_tables().tables.values()
        for column in made.columns
    }
    assert not [kind for kind in kinds if set(kind) & {"FLOAT", "REAL", "NUMERIC", "DATETIME"}]


def test_every_table_is_strict_on_sqlite(sqlite_store: Store) -> None:
    with sqlite_store.read() as connection:
        listed = connection.exec_driver_sql("PRAGMA table_list").mappings()
        loose = [
            row["name"]
            for row in listed
            if not row["strict"] and "_text" not in row["name"] and "sqlite_" not in row["name"]
        ]
    assert loose == []


def test_append_only_tables_refuse_changes(sqlite_store: Store) -> None:
    refused_on(sqlite_store)


@pytest.mark.postgres
def test_append_only_tables_refuse_changes_on_postgres(postgres_store: Store) -> None:
    refused_on(postgres_store)


def refused_on(store: Store) -> None:
    name = f"kept_{store.dialect}"
    kept = table(name, autokey(), Column("fact", Id, nullable=False))
    append_only(kept)
    try:
        with store.write() as connection:
            kept.create(connection)
            connection.execute(kept.insert(), [{"fact": "a"}, {"fact": "b"}])
        for statement in (kept.update().values(fact="c"), kept.delete()):
            with pytest.raises(CheckViolation, match="append-only"), store.write() as connection:
                connection.execute(statement)
        with store.read() as connection:
            assert connection.execute(select(kept.c.fact)).scalars().all() == ["a", "b"]
    finally:
        metadata.remove(kept)


def test_numbers_count_up_by_themselves(store: Store) -> None:
    counted = Table("counted", MetaData(), autokey("seq"), Column("x", Id), sqlite_strict=True)
    with store.write() as connection:
        counted.create(connection)
        added = [connection.execute(counted.insert(), {"x": "a"}) for _ in range(3)]
    assert [tuple(row.inserted_primary_key or ()) for row in added] == [(1,), (2,), (3,)]


def test_sorting_text_sorts_by_bytes_on_both(store: Store) -> None:
    with store.write() as connection:
        probe.create(connection)
        words = ["b", "a", "ä", "B", "a b", "ab"]
        connection.execute(probe.insert(), [{"id": word, "words": word} for word in words])
        found = connection.execute(select(probe.c.words).order_by(probe.c.words)).scalars().all()
    assert found == sorted(words, key=str.encode)


def test_a_strict_table_keeps_text_out_of_numbers() -> None:
    from pysqlite3 import dbapi2

    engine = create_engine("sqlite://", module=dbapi2, poolclass=StaticPool)

    def stored(connection: Connection) -> None:
        probe.create(connection)
        connection.exec_driver_sql("INSERT INTO probe (id, minor) VALUES ('1', 'abc')")

    with engine.begin() as connection, pytest.raises(Exception, match="cannot store TEXT"):
        stored(connection)
    engine.dispose()
