"""One text serves any number of keys, on both databases, and uses the index of the column."""

from __future__ import annotations

import pytest
from sqlalchemy import bindparam, select

from pos_app.domain.item import Item
from pos_app.store import item
from pos_app.store.among import among
from pos_app.store.engine import Store
from pos_app.store.fast import Prepared
from pos_app.store.item_table import items
from tests.shops import MORNING

CODES = ("A", "B", 'C"', "D'x", "Ü", "F\\", "10% [/]")
AMONG = select(items.c.code).where(among(items.c.code, "codes")).order_by(items.c.code)


@pytest.fixture
def filled(store: Store) -> Store:
    goods = [Item(code, f"Item {code}", "each", 0, "O1") for code in CODES]
    with store.write() as connection:
        item.put(connection, goods, at=MORNING)
    return store


@pytest.mark.parametrize("wanted", [(), ("A",), CODES, ("A", "A", "none"), ("none",)])
def test_finds_every_key_that_is_there_once(filled: Store, wanted: tuple[str, ...]) -> None:
    with filled.read() as connection:
        found = Prepared(AMONG).all(connection, {"codes": wanted})
        through_core = connection.execute(AMONG, {"codes": list(wanted)}).all()
    assert {code for (code,) in found} == {code for code in CODES if code in wanted}
    assert found == [tuple(row) for row in through_core]


def test_stands_beside_other_conditions(filled: Store) -> None:
    query = AMONG.where(items.c.name == bindparam("of_name"))
    with filled.read() as connection:
        found = Prepared(query).all(connection, {"codes": CODES, "of_name": "Item B"})
    assert found == [("B",)]


def test_uses_the_index_of_the_column(sqlite_store: Store) -> None:
    text = str(AMONG.compile(dialect=sqlite_store._reader.dialect))
    with sqlite_store.read() as connection:
        steps = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", ('["A"]',)).all()
    assert any("SEARCH items USING" in row[3] and "(code=?)" in row[3] for row in steps)
