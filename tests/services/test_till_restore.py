"""A till restored from a backup, and the older one it was a copy of."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import select

from pos_app.errors import ReferenceForgotten
from pos_app.ids import SeededIds
from pos_app.services import sale, shift, sync
from pos_app.services.shop import Shop
from pos_app.store import sale as sales
from pos_app.store import setting, sold
from pos_app.store.engine import open_store
from sync.page import Position
from tests import pair, shops
from tests.pair import sell, work


@pytest.fixture
def rig(tmp_path: Path, sqlite_template: Path) -> Iterator[tuple[Shop, Shop, Shop]]:
    """A server; a till that went on after its backup; and the backup, restored as a new life."""
    paths = [tmp_path / name for name in ("server.db", "till.db", "copy.db")]
    for path in paths[:2]:
        shutil.copy(sqlite_template, path)
    clock = shops.FixedClock()
    with open_store(paths[0]) as above:
        server = pair.open_server(above, clock)
        line = pair.remote(server)
        with open_store(paths[1]) as below:
            till = pair.open_bare_till(below, clock=clock)
            work(till, line)
            shops.open_till(till)
            sell(till, "MILK")
            work(till, line)
        shutil.copy(paths[1], paths[2])
        with open_store(paths[1]) as below, open_store(paths[2]) as restored:
            rng = Random("after the backup")
            till = replace(till, store=below, ids=SeededIds(rng, clock.now))
            for _ in range(3):
                sell(till, "MILK")
            work(till, line)
            shift.close_shift(till, shops.actor(), [])
            shops.open_till(till)
            work(till, line)
            clock.sleep(3600)
            rng = Random("the new life")
            # What a new life owes to its fiscal device is told in test_fiscal_device.py.
            free = replace(till.rules, fiscal=replace(till.rules.fiscal, is_required=False))
            newer = replace(till, store=restored, ids=SeededIds(rng, clock.now), rules=free)
            with restored.write() as connection:
                sync.begin_life(connection, newer)
            yield server, till, newer


def test_a_restored_till_goes_on_behind_its_own_numbers(rig: tuple[Shop, Shop, Shop]) -> None:
    server, _, newer = rig
    line = pair.remote(server)
    assert work(newer, line).problem == ""
    with newer.store.read() as connection:
        assert setting.last_number(connection, "receipt:T01") == 4
        assert setting.last_number(connection, "shift:T01") == 2
    assert pair.on_hand(newer, "MILK") == pair.on_hand(server, "MILK") == 96
    assert sell(newer, "MILK").receipt == "T01-000005"
    done = work(newer, line)
    assert (done.problem, done.quarantined) == ("", 0)
    with server.store.read() as connection:
        receipts = connection.execute(select(sales.sales.c.receipt)).scalars().all()
    assert sorted(receipts) == [f"T01-00000{number}" for number in range(1, 6)]
    assert pair.on_hand(newer, "MILK") == pair.on_hand(server, "MILK") == 95


def test_a_reference_of_the_forgotten_life_is_not_sold_again(
    rig: tuple[Shop, Shop, Shop],
) -> None:
    server, older, newer = rig
    line = pair.remote(server)
    told = sell(older, "MILK", reference="ORDER-7")
    assert work(older, line).problem == ""
    with older.store.read() as connection:
        assert sold.by_reference(connection, "ORDER-7") is None, "it has the sale itself"
    assert work(newer, line).problem == ""
    for _ in range(2):
        with pytest.raises(ReferenceForgotten) as refused:
            sell(newer, "MILK", reference="ORDER-7")
        assert told.receipt in refused.value.sentence
        assert "1.99 USD" in refused.value.sentence
    with pytest.raises(ReferenceForgotten):
        sale.replay(newer, "ORDER-7", "whatever")
    assert not sell(newer, "MILK", reference="ORDER-8").replayed
    second = replace(newer, rules=replace(newer.rules, till="T02"))
    work(second, pair.remote(server, "key-2"))
    page = pair.remote(server, "key-2").fetch(Position("", 0), till="T02", limit=500)
    assert not [change for change in page.changes if change.kind == "sold"]


def test_the_older_till_is_fenced_and_keeps_what_it_has(rig: tuple[Shop, Shop, Shop]) -> None:
    server, older, newer = rig
    line = pair.remote(server)
    sell(newer, "MILK")
    work(newer, line)
    sell(older, "MILK")
    for _ in range(3):
        done = work(older, line)
    assert "newer life" in done.problem
    assert done.waiting > 0
    assert {row["attempts"] for row in pair.envelopes(older)} == {0}
    assert "newer life" in sync.queues(older)["outbox"].problem


def test_other_tills_do_not_hear_of_its_numbers(rig: tuple[Shop, Shop, Shop]) -> None:
    server, _, newer = rig
    second = replace(newer, rules=replace(newer.rules, till="T02"))
    work(second, pair.remote(server, "key-2"))
    with newer.store.read() as connection:
        assert setting.last_number(connection, "receipt:T02") == 0
        assert setting.last_number(connection, "receipt:T01") == 1
