"""The sheet to count with: everything there is, batch by batch, and blind where it should be."""

from __future__ import annotations

from decimal import Decimal

import pytest

from pos_app.domain.permission import PermissionMissing
from pos_app.errors import RecordNotFound
from pos_app.services import count_paper
from pos_app.store import rebase, stock
from pos_app.store.engine import Store
from tests import shops


def test_every_item_and_batch_is_on_the_sheet(store: Store) -> None:
    shop, actor = shops.open_shop(store), shops.actor("manager")
    with shop.store.read() as connection:
        rows = stock.of_warehouse(connection, "SHOP1")
        batches = stock.batches_in(connection, "SHOP1")
    sheet = count_paper.sheet_of(shop, actor, "SHOP1", is_blind=False)
    assert {line.code for line in sheet.lines} == {row["item"] for row in rows}
    told = {(line.code, line.batch): line.quantity for line in sheet.lines}
    assert all(
        told[row["item"], row["batch"]] == row["on_hand"] for row in batches if row["on_hand"]
    )
    assert [line.name for line in sheet.lines] == sorted(line.name for line in sheet.lines)
    blind = count_paper.sheet_of(shop, actor, "SHOP1", is_blind=True)
    assert {line.quantity for line in blind.lines} == {None}
    assert len(blind.lines) == len(sheet.lines)


def test_a_large_warehouse_is_on_it_whole(sqlite_store: Store) -> None:
    shop = shops.open_shop(sqlite_store)
    now = shop.clock.now()
    rows = [
        {
            "item": f"BULK{at:05d}",
            "warehouse": "BIG",
            "base": Decimal(at),
            "base_seq": 1,
            "committed": Decimal(0),
            "ordered": Decimal(0),
            "changed_at": now,
        }
        for at in range(2345)
    ]
    with shop.store.write() as connection:
        rebase.rebase(connection, rows)
    sheet = count_paper.sheet_of(shop, shops.actor("manager"), "BIG", is_blind=False)
    assert [line.quantity for line in sheet.lines] == [Decimal(at) for at in range(2345)]


def test_an_empty_place_and_a_person_without_the_right_are_refused(sqlite_store: Store) -> None:
    shop = shops.open_shop(sqlite_store)
    with pytest.raises(RecordNotFound):
        count_paper.sheet_of(shop, shops.actor("manager"), "NOWHERE", is_blind=True)
    with pytest.raises(PermissionMissing):
        count_paper.sheet_of(shop, shops.actor(), "SHOP1", is_blind=True)
