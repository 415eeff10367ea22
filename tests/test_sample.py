"""The sample shop: the same from the same seed, any size of it one item at a time."""

from __future__ import annotations

import tracemalloc
from datetime import date
from itertools import islice

from pos_app.domain.gtin import check_digit
from pos_app.sample import goods, shop

TODAY = date(2026, 11, 2)
MANY, FEW = 100_000, 2_000
MOST_GROWN = 1_000_000
"""Bytes; the same goods kept in memory would be fifteen times as many."""


def test_goods_come_one_at_a_time_however_many_are_asked_for() -> None:
    asked = goods.items(MANY, seed=1, today=TODAY)
    few = list(islice(asked, FEW))
    assert few == list(goods.items(FEW, seed=1, today=TODAY)), "their number changes none of them"
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        for _ in islice(asked, 4 * FEW):
            pass
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most - before < MOST_GROWN


def test_every_item_has_its_own_code_name_and_barcode() -> None:
    made = list(goods.items(FEW, seed=7, today=TODAY))
    for key in ("code", "name", "barcode"):
        assert len({row[key] for row in made}) == FEW, key
    assert all(row["barcode"][-1] == check_digit(row["barcode"][:-1]) for row in made)
    assert [row["code"] for row in made[:3]] == ["PRD001", "PRD002", "PRD003"]


def test_a_seed_makes_one_shop_and_another_seed_another() -> None:
    first = shop.company(items=50, seed=1, today=TODAY)
    assert first == shop.company(items=50, seed=1, today=TODAY)
    assert first["items"] != shop.company(items=50, seed=2, today=TODAY)["items"]
    roles = {user.role for user in shop.users(seed=1)}
    assert roles == {role for _, role in shop.ROLES}
