"""A server restored from a backup: tills bring back what it has lost, and believe the rest."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import delete, select

from pos_app.domain.item import Item
from pos_app.domain.price import ListPrice
from pos_app.ids import SeededIds
from pos_app.services import copy, feed, shift, sync
from pos_app.services.shop import Shop
from pos_app.store import audit, item, item_table, price, rebase, stock
from pos_app.store import feed as feed_rows
from pos_app.store import sale as sales
from pos_app.store.engine import Store, open_store
from tests import pair, shops
from tests.pair import Network, sell, work


class Place:
    """A server on a file, its backups, and tills on files of their own."""

    def __init__(self, folder: Path, template: Path) -> None:
        self.folder = folder
        self.template = template
        self.clock = shops.FixedClock()
        self.open: list[Store] = []
        self.path = folder / "server.db"
        shutil.copy(template, self.path)
        self.server = pair.open_server(self._store(self.path), self.clock)
        self.backups = 0

    def _store(self, path: Path) -> Store:
        self.open.append(open_store(path, synchronous="OFF"))
        return self.open[-1]

    def _reopen(self) -> None:
        self.clock.sleep(60)
        ids = SeededIds(Random(len(self.open)), self.clock.now)
        self.server = Shop(
            store=self._store(self.path), clock=self.clock, ids=ids, rules=self.server.rules
        )

    def till(self, code: str = "T01") -> tuple[Shop, Network]:
        path = self.folder / f"{code}.db"
        shutil.copy(self.template, path)
        made = pair.open_bare_till(self._store(path), code, clock=self.clock)
        line = self.line(code)
        work(made, line)
        shops.open_till(made)
        work(made, line)
        return made, line

    def line(self, code: str = "T01") -> Network:
        return Network(pair.remote(self.server, f"key-{code}"))

    def back_up(self) -> Path:
        self.server.store.close()
        self.backups += 1
        kept = self.folder / f"backup-{self.backups}.db"
        shutil.copy(self.path, kept)
        self._reopen()
        return kept

    def restore(self, kept: Path, *, is_told: bool = True) -> None:
        self.server.store.close()
        for path in self.folder.glob("server.db*"):
            path.unlink()
        shutil.copy(kept, self.path)
        self._reopen()
        if is_told:
            feed.begin_anew(self.server)

    def sale_ids(self) -> list[str]:
        with self.server.store.read() as connection:
            return sorted(connection.execute(select(sales.sales.c.id)).scalars())

    def close(self) -> None:
        for store in self.open:
            store.close()


@pytest.fixture
def place(tmp_path: Path, sqlite_template: Path) -> Iterator[Place]:
    made = Place(tmp_path, sqlite_template)
    yield made
    made.close()


def states(till: Shop) -> set[object]:
    return {row["state"] for row in pair.envelopes(till)}


def test_what_the_backup_does_not_have_comes_again_and_nothing_twice(place: Place) -> None:
    till, line = place.till()
    kept = [sell(till, "MILK").sale_id]
    work(till, line)
    backup = place.back_up()
    line = place.line()
    kept += [sell(till, "MILK", "YOGHURT", quantity="2").sale_id for _ in range(2)]
    work(till, line)
    place.restore(backup)
    assert len(place.sale_ids()) == 1
    line = place.line()
    done = work(till, line)
    assert (done.problem, done.waiting, states(till)) == ("", 0, {"delivered"})
    assert place.sale_ids() == sorted(kept)
    for shop in (till, place.server):
        assert pair.on_hand(shop, "MILK") == 95
        assert pair.lots(shop, "YOGHURT") == {"Y-LATE": 30, "Y-SOON": 1}
    offered = [row for row in pair.envelopes(till) if row["kind"] == "sale"]
    numbers = [row["upstream_seq"] for row in offered]
    assert numbers[0] is not None
    assert numbers == sorted(numbers)  # type: ignore[type-var]


def test_stock_at_the_till_is_right_at_every_step_of_a_restore(place: Place) -> None:
    till, line = place.till()
    backup = place.back_up()
    line = place.line()
    sell(till, "MILK", quantity="4")
    work(till, line)
    place.restore(backup)
    line = place.line()
    mine = copy.ServerCopy(till)
    at = mine.position()
    # The server's figure has lost the sale, and the till counts it again.
    assert mine.apply(line.fetch(at, till="T01", limit=2000), at)
    assert pair.on_hand(till, "MILK") == 96
    assert "pending" in states(till)
    sell(till, "MILK")
    assert pair.on_hand(till, "MILK") == 95
    line.faults = ["lose_reply"]
    work(till, line)
    assert pair.on_hand(till, "MILK") == 95
    work(till, line)
    assert pair.on_hand(till, "MILK") == pair.on_hand(place.server, "MILK") == 95


def busy(server: Shop, *places: str, times: int = 60) -> None:
    """Let the feed's numbers run on."""
    with server.store.write() as connection:
        for _ in range(times):
            for place in places:
                feed_rows.changed(connection, "stock", f"{place}|SHOP1")


def test_numbers_that_are_given_again_are_not_taken_for_the_lost_ones(place: Place) -> None:
    till, _ = place.till()
    backup = place.back_up()
    sell(till, "MILK", quantity="4")
    work(till, place.line())
    place.restore(backup)
    busy(place.server, "MILK")
    mine = copy.ServerCopy(till)
    at = mine.position()
    assert mine.apply(place.line().fetch(at, till="T01", limit=2000), at)
    assert pair.on_hand(till, "MILK") == 96
    work(till, place.line())
    assert pair.on_hand(till, "MILK") == pair.on_hand(place.server, "MILK") == 96


@pytest.mark.parametrize("restores", [1, 2])
def test_bases_of_the_lost_epoch_do_not_swallow_what_the_new_one_takes(
    place: Place, restores: int
) -> None:
    till, _ = place.till()
    backup = place.back_up()
    sell(till, "MILK", quantity="4")
    for _ in range(restores):
        work(till, place.line())
        busy(place.server, "MILK", "BREAD")
        work(till, place.line())
        place.restore(backup)
    mine, line = copy.ServerCopy(till), place.line()
    at = mine.position()
    assert mine.apply(line.fetch(at, till="T01", limit=1), at)
    assert pair.on_hand(till, "MILK") == 96
    sell(till, "MILK", "BREAD")
    line.faults = ["none", "lose_request"]
    work(till, line)
    assert "pending" not in states(till)
    assert [pair.on_hand(till, code) for code in ("MILK", "BREAD")] == [95, 99]
    work(till, place.line())
    assert [pair.on_hand(till, code) for code in ("MILK", "BREAD")] == [95, 99]


def test_two_restores_and_busy_servers_between(place: Place) -> None:
    till, _ = place.till()
    backup = place.back_up()
    for _ in range(2):
        sell(till, "MILK", quantity="2")
        work(till, place.line())
        busy(place.server, "MILK", "BREAD")
        work(till, place.line())
        place.restore(backup)
        busy(place.server, "MILK", times=30)
    mine, line = copy.ServerCopy(till), place.line()
    sell(till, "BREAD")
    while True:
        at = mine.position()
        page = line.fetch(at, till="T01", limit=1)
        mine.apply(page, at)
        if page.is_last:
            break
    work(till, line)
    work(till, line)
    assert states(till) == {"delivered"}
    for shop in (till, place.server):
        assert [pair.on_hand(shop, code) for code in ("MILK", "BREAD")] == [96, 99]


def test_an_old_database_put_in_place_without_a_word_is_noticed(place: Place) -> None:
    till, _ = place.till()
    ids = [sell(till, "MILK").sale_id]
    work(till, place.line())
    backup = place.back_up()
    ids += [sell(till, "MILK").sale_id for _ in range(3)]
    work(till, place.line())
    place.restore(backup, is_told=False)
    work(till, place.line())
    assert (states(till), place.sale_ids()) == ({"delivered"}, sorted(ids))
    assert pair.on_hand(till, "MILK") == pair.on_hand(place.server, "MILK") == 96
    with place.server.store.read() as connection:
        assert "sync.rolled_back" in {row["action"] for row in audit.walk(connection)}


@pytest.mark.parametrize("limit", [1, 7, 1000])
def test_stock_never_jumps_while_everything_is_fetched_anew(place: Place, limit: int) -> None:
    till, line = place.till()
    backup = place.back_up()
    line = place.line()
    sell(till, "MILK", "BREAD", "YOGHURT", quantity="3")
    work(till, line)
    place.restore(backup)
    line = place.line()
    mine = copy.ServerCopy(till)
    while True:
        at = mine.position()
        page = line.fetch(at, till="T01", limit=limit)
        mine.apply(page, at)
        assert [pair.on_hand(till, code) for code in ("MILK", "BREAD", "YOGHURT")] == [97, 97, 32]
        assert sum(pair.lots(till, "YOGHURT").values()) == 32
        if page.is_last:
            break
    assert work(till, line).problem == ""
    assert [pair.on_hand(place.server, code) for code in ("MILK", "YOGHURT")] == [97, 32]


def test_two_restores_from_one_backup(place: Place) -> None:
    """The second epoch continues one the till has left: all is offered again, taken once."""
    till, line = place.till()
    backup = place.back_up()
    ids = []
    for _ in range(2):
        line = place.line()
        ids.append(sell(till, "MILK", quantity="2").sale_id)
        work(till, line)
        place.clock.sleep(600)
        ids.append(sell(till, "BREAD").sale_id)
        work(till, line)
        place.restore(backup)
    sell_id = sell(till, "MILK").sale_id
    for _ in range(2):
        done = work(till, place.line())
        place.clock.sleep(600)
    assert (done.problem, done.waiting, states(till)) == ("", 0, {"delivered"})
    assert place.sale_ids() == sorted([*ids, sell_id])
    assert pair.on_hand(till, "MILK") == pair.on_hand(place.server, "MILK") == 95
    assert pair.on_hand(till, "BREAD") == pair.on_hand(place.server, "BREAD") == 98


def test_what_is_told_again_comes_in_its_order(place: Place) -> None:
    till, line = place.till()
    backup = place.back_up()
    line = place.line()
    for _ in range(3):
        sell(till, "MILK")
        work(till, line)
        place.clock.sleep(600)
    shift.close_shift(till, shops.actor(), [])
    place.restore(backup)
    work(till, place.line())
    done = work(till, place.line())
    assert (done.problem, done.quarantined, done.waiting) == ("", 0, 0)


def test_two_tills_bring_back_what_each_has_sold(place: Place) -> None:
    first, _ = place.till("T01")
    second, _ = place.till("T02")
    backup = place.back_up()
    ids = [sell(first, "MILK", quantity="5").sale_id, sell(second, "MILK", quantity="7").sale_id]
    work(first, place.line("T01"))
    work(second, place.line("T02"))
    place.restore(backup)
    for _ in range(2):
        work(first, place.line("T01"))
        work(second, place.line("T02"))
    assert place.sale_ids() == sorted(ids)
    for shop in (first, second, place.server):
        assert pair.on_hand(shop, "MILK") == 88


def add_items(server: Shop, count: int, name: str) -> None:
    goods = [Item(f"{name}{n}", f"Thing {n}", "each", 0, "O1") for n in range(count)]
    codes = [row.code for row in goods]
    with server.store.write() as connection:
        item.put(connection, goods, at=server.clock.now())
        price.put(connection, [ListPrice(code, "1", Decimal(1)) for code in codes])
        feed_rows.changed_all(
            connection, [(kind, code) for kind in ("item", "price") for code in codes]
        )


def items_of(shop: Shop) -> int:
    with shop.store.read() as connection:
        return item.count(connection)


def test_what_the_restored_server_does_not_have_goes_after_the_last_page(place: Place) -> None:
    till, _ = place.till()
    backup = place.back_up()
    add_items(place.server, 20, "NEW")
    work(till, place.line())
    assert items_of(till) == 28
    place.restore(backup)
    assert work(till, place.line()).problem == ""
    assert items_of(till) == 8
    with till.store.read() as connection:
        assert price.for_item(connection, "NEW1") == []
        assert len(price.for_item(connection, "MILK")) == 2
        seen = connection.execute(select(feed_rows.feed_seen)).all()
    assert seen == []


@pytest.mark.parametrize("more", [0, 300])
def test_an_empty_server_takes_nothing_away(place: Place, more: int) -> None:
    till, _ = place.till()
    add_items(place.server, more, "OLD")
    work(till, place.line())
    backup = place.back_up()
    place.restore(backup)
    with place.server.store.write() as connection:
        for table in (item_table.barcodes, item_table.items, price.prices, feed_rows.feed):
            connection.execute(delete(table))
    for _ in range(3):
        done = work(till, place.line())
        assert "nothing was removed" in done.problem
        assert "nothing was removed" in sync.queues(till)["downlink"].problem
        place.clock.sleep(60)
    assert items_of(till) == 8 + more
    assert pair.on_hand(till, "MILK") == 100
    sell(till, "MILK")
    assert work(till, place.line()).waiting == 0
    sync.agree_to_loss(till, pair.KEY)
    place.clock.sleep(60)
    work(till, place.line())
    assert items_of(till) == 0
    assert sync.queues(till)["downlink"].problem == ""


def test_a_look_at_everything_goes_on_where_it_was_cut(place: Place) -> None:
    till, line = place.till()
    add_items(place.server, 30, "GONE")
    work(till, place.line())
    backup = place.back_up()
    place.restore(backup)
    with place.server.store.write() as connection:
        gone = item_table.items.c.code.like("GONE%")
        connection.execute(delete(item_table.items).where(gone))
        connection.execute(delete(feed_rows.feed).where(feed_rows.feed.c.key.like("GONE%")))
    line = place.line()
    mine = copy.ServerCopy(till)
    for _ in range(3):
        at = mine.position()
        mine.apply(line.fetch(at, till="T01", limit=4), at)
    assert items_of(till) == 38
    work(till, line)
    assert items_of(till) == 8


def test_stock_that_the_server_has_lost_is_none(place: Place) -> None:
    till, _ = place.till()
    backup = place.back_up()
    with place.server.store.write() as connection:
        move = stock.Move(
            document_kind="receipt",
            document_id="R1",
            line=1,
            item="MILK",
            warehouse="DEPOT",
            quantity=Decimal(50),
        )
        stock.take(connection, [move], place.clock.now())
        feed_rows.changed(connection, "stock", "MILK|DEPOT")
    work(till, place.line())
    assert pair.on_hand(till, "MILK", "DEPOT") == 50
    # What the till itself has moved there is known to the server that was.
    with till.store.write() as connection:
        stock.take(connection, [replace(move, quantity=Decimal(-3))], place.clock.now())
        rebase.reached(connection, {"R1": 1})
    place.restore(backup)
    work(till, place.line())
    assert pair.on_hand(till, "MILK", "DEPOT") == 0
    assert pair.on_hand(till, "MILK") == 100
