"""Statements are compiled once per kind of database, whoever opens one."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import literal, select

from pos_app.store.compiled import SHARED, CompiledStatements
from pos_app.store.engine import Store, open_store


def test_what_one_store_compiled_the_next_one_uses(tmp_path: Path) -> None:
    compiled = SHARED["compiled_cache"]
    question = select(literal("asked by two stores").label("told"))
    with open_store(tmp_path / "one.db") as one, one.write() as connection:
        assert connection.execute(question).scalar_one() == "asked by two stores"
        first = set(compiled)
    with open_store(tmp_path / "two.db") as two, two.read() as connection:
        assert connection.execute(question).scalar_one() == "asked by two stores"
    assert set(compiled) == first


def test_kinds_of_databases_are_kept_apart(sqlite_store: Store, postgres_store: Store) -> None:
    kept = CompiledStatements(10)
    for store in (sqlite_store, postgres_store):
        with store.read() as connection:
            kept[(connection.dialect, "a statement")] = store.dialect
    for store in (sqlite_store, postgres_store):
        with store.read() as connection:
            assert kept.get((connection.dialect, "a statement")) == store.dialect
    assert len(kept) == 2
