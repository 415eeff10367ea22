"""A till and its server: what goes up, what comes down, and how old each is."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import delete, select, update

from pos_app.domain.permission import PermissionMissing, till_actor
from pos_app.domain.price import ListPrice
from pos_app.errors import RecordNotFound
from pos_app.services import copy, feed, sign_in, sync
from pos_app.services.shop import Shop
from pos_app.store import currency, item, item_table, partner, price, rebase, setting, stock
from pos_app.store import feed as feed_rows
from pos_app.store import outbox as outbox_rows
from pos_app.store import sale as sales
from pos_app.store import user as users
from pos_app.store.engine import Store, open_store
from tests import pair, shops
from tests.pair import Network, sell, work


@pytest.fixture
def server(store: Store) -> Shop:
    """The server, once on each database."""
    return pair.open_server(store)


@pytest.fixture
def till(tmp_path: Path, sqlite_template: Path) -> Iterator[Shop]:
    path = tmp_path / "till.db"
    path.write_bytes(sqlite_template.read_bytes())
    with open_store(path) as opened:
        yield pair.open_bare_till(opened)


@pytest.fixture
def line(server: Shop) -> Network:
    return Network(pair.remote(server))


@pytest.fixture
def selling(till: Shop, line: Network) -> Shop:
    """The till after its first fetch, with an open shift."""
    work(till, line)
    shops.open_till(till)
    return till


def test_a_bare_till_learns_everything_it_sells_from(till: Shop, line: Network) -> None:
    done = work(till, line)
    assert (done.problem, done.waiting, done.fetched) == ("", 0, done.done)
    assert done.fetched > 0
    with till.store.read() as connection:
        milk = item.find_by_barcode(connection, "6001234567892")
        found = item.search(connection, "milk", limit=5)
        prices = price.for_item(connection, "MILK")
        lists = price.lists(connection)
        walk_in = partner.by_code(connection, "C0000")
        rate = currency.newest_rate(connection, "USD", "ZIG")
    assert [row.code for row in milk] == ["MILK"]
    assert [row.code for row in found] == ["MILK"]
    assert {(row.price_list, row.price) for row in prices} == {
        ("1", Decimal("1.99")),
        ("2", Decimal("51.74")),
    }
    assert [row.code for row in lists] == ["1", "2"]
    assert walk_in is not None
    assert rate is not None
    assert rate.rate == shops.RATE
    assert pair.on_hand(till, "MILK") == 100
    assert pair.lots(till, "YOGHURT") == {"Y-LATE": 30, "Y-SOON": 5}


def test_people_sign_in_at_the_till_without_the_server(till: Shop, line: Network) -> None:
    work(till, line)
    assert sign_in.with_pin(till, "cashier", shops.PIN).username == "cashier"
    assert sign_in.with_password(till, "manager", shops.PASSWORD).role == "Manager"


def test_wrong_tries_at_the_till_are_not_undone_by_the_feed(
    server: Shop, till: Shop, line: Network
) -> None:
    work(till, line)
    with till.store.write() as connection:
        connection.execute(
            update(users.users).where(users.users.c.id == "U-cashier").values(pin_failures=4)
        )
    with server.store.write() as connection:
        connection.execute(
            update(users.users).where(users.users.c.id == "U-cashier").values(name="Renamed")
        )
        feed_rows.changed(connection, "user", "U-cashier")
    work(till, line)
    with till.store.read() as connection:
        found = users.by_id(connection, "U-cashier")
    assert found is not None
    assert (found.user.name, found.pin_lockout.failures) == ("Renamed", 4)


def test_a_name_given_to_somebody_else_leaves_its_owner(
    server: Shop, till: Shop, line: Network
) -> None:
    work(till, line)
    with server.store.write() as connection:
        connection.execute(delete(users.users).where(users.users.c.id == "U-second"))
        connection.execute(
            update(users.users)
            .where(users.users.c.id == "U-cashier")
            .values(username="second", username_key="second")
        )
        feed_rows.changed(connection, "user", "U-cashier")
        feed_rows.changed(connection, "user", "U-second")
    work(till, line)
    assert sign_in.with_pin(till, "second", shops.PIN).user_id == "U-cashier"


def test_a_sale_goes_up_whole_and_its_stock_comes_down_once(
    server: Shop, selling: Shop, line: Network
) -> None:
    posted = sell(selling, "MILK", "YOGHURT", quantity="2")
    assert pair.on_hand(selling, "MILK") == 98
    done = work(selling, line)
    assert (done.problem, done.waiting, done.quarantined) == ("", 0, 0)
    with server.store.read() as connection:
        header = sales.by_id(connection, posted.sale_id)
        lines = sales.lines_of(connection, posted.sale_id)
        tenders = sales.tenders_of(connection, posted.sale_id)
        change = sales.change_of(connection, posted.sale_id)
        status = sales.status_of(connection, [posted.sale_id])
    with selling.store.read() as connection:
        mine = sales.by_id(connection, posted.sale_id)
        assert [dict(row) for row in sales.lines_of(connection, posted.sale_id)] == [
            dict(row) for row in lines
        ]
        assert [dict(row) for row in sales.tenders_of(connection, posted.sale_id)] == [
            dict(row) for row in tenders
        ]
        assert [dict(row) for row in sales.change_of(connection, posted.sale_id)] == [
            dict(row) for row in change
        ]
        known = sales.status_of(connection, [posted.sale_id])
    assert header is not None
    assert mine is not None
    assert dict(header) | {"origin": ""} == dict(mine) | {"origin": ""}
    assert status[posted.sale_id]["in_sap"] == "pending"
    assert known[posted.sale_id]["in_sap"] == "pending"
    for shop in (server, selling):
        assert pair.on_hand(shop, "MILK") == 98
        assert pair.lots(shop, "YOGHURT") == {"Y-LATE": 30, "Y-SOON": 3}


def test_the_lamp_in_sap_comes_down(server: Shop, selling: Shop, line: Network) -> None:
    posted = sell(selling, "MILK")
    work(selling, line)
    with server.store.write() as connection:
        sales.set_status(
            connection, sale_id=posted.sale_id, in_sap="done", at=server.clock.now(), doc_entry=77
        )
        feed_rows.changed(connection, "sale_status", posted.sale_id)
    work(selling, line)
    with selling.store.read() as connection:
        known = sales.status_of(connection, [posted.sale_id])[posted.sale_id]
    assert (known["in_sap"], known["doc_entry"]) == ("done", 77)


def test_another_till_hears_of_the_stock_and_not_of_the_lamp(
    server: Shop, selling: Shop, line: Network, tmp_path: Path, sqlite_template: Path
) -> None:
    path = tmp_path / "second.db"
    path.write_bytes(sqlite_template.read_bytes())
    posted = sell(selling, "MILK", quantity="3")
    work(selling, line)
    with open_store(path) as opened:
        second = pair.open_bare_till(opened, "T02")
        work(second, pair.remote(server, "key-2"))
        assert pair.on_hand(second, "MILK") == 97
        with opened.read() as connection:
            assert sales.status_of(connection, [posted.sale_id]) == {}


def test_only_what_changed_comes_again(server: Shop, selling: Shop, line: Network) -> None:
    work(selling, line)
    assert work(selling, line).fetched == 0
    with server.store.write() as connection:
        price.put(connection, [ListPrice("MILK", "1", Decimal("2.15"))])
        price.drop(connection, ["BREAD"], price_list="1")
        feed_rows.changed_all(connection, [("price", "MILK"), ("price", "BREAD")])
        feed_rows.changed(connection, "price", "MILK")
    assert work(selling, line).fetched == 2
    with selling.store.read() as connection:
        milk = {row.price_list: row.price for row in price.for_item(connection, "MILK")}
        bread = {row.price_list: row.price for row in price.for_item(connection, "BREAD")}
    assert milk == {"1": Decimal("2.15"), "2": Decimal("51.74")}
    assert bread == {"2": Decimal(26)}


def test_what_is_gone_goes(server: Shop, selling: Shop, line: Network) -> None:
    sell(selling, "BOOK")
    with server.store.write() as connection:
        connection.execute(delete(item_table.items).where(item_table.items.c.code == "BOOK"))
        connection.execute(delete(price.prices).where(price.prices.c.item == "BOOK"))
        feed_rows.changed_all(connection, [("item", "BOOK"), ("price", "BOOK")])
    work(selling, line)
    with selling.store.read() as connection:
        assert item.find_by_code(connection, "BOOK") is None
        assert item.search(connection, "school", limit=5) == []
        assert price.for_item(connection, "BOOK") == []


def test_a_server_away_holds_nothing_up_and_is_asked_ever_more_slowly(
    selling: Shop, line: Network
) -> None:
    sell(selling, "MILK")
    line.faults = ["lose_request"] * 1000
    clock = selling.clock
    start = line.calls
    for _ in range(300):
        done = sync.work(selling, line)
        clock.sleep(1)
    asked = line.calls - start
    assert 12 < asked < 24
    assert done.problem == "The line is cut."
    assert done.waiting == 3  # the shift, the sale, the head of the audit chain
    assert done.next_at is not None
    assert {row["attempts"] for row in pair.envelopes(selling)} == {0}
    queues = sync.queues(selling)
    assert queues["outbox"].waiting == 3
    assert queues["outbox"].oldest_seconds == 300
    assert queues["outbox"].problem == queues["downlink"].problem == "The line is cut."
    assert queues["downlink"].oldest_seconds is not None
    assert queues["downlink"].oldest_seconds >= 290
    line.faults = []
    assert work(selling, line).waiting == 0
    queues = sync.queues(selling)
    assert (queues["outbox"].waiting, queues["outbox"].problem) == (0, "")
    assert (queues["downlink"].oldest_seconds, queues["downlink"].problem) == (0, "")


def test_nobody_waits_for_the_back_off_who_asks(selling: Shop, line: Network) -> None:
    sell(selling, "MILK")
    line.faults = ["lose_request"] * 8
    for _ in range(8):
        sync.work(selling, line, is_forced=True)
    assert sync.work(selling, line).waiting == 3
    assert sync.work(selling, line, is_forced=True).waiting == 0


@pytest.mark.parametrize("fault", ["lose_request", "lose_reply", "twice", "delay"])
def test_each_arrives_once_whatever_the_line_does(
    server: Shop, selling: Shop, line: Network, fault: str
) -> None:
    posted = [sell(selling, "MILK") for _ in range(3)]
    line.faults = [fault]
    work(selling, line)
    line.arrive_late()
    work(selling, line)
    line.arrive_late()
    with server.store.read() as connection:
        found = connection.execute(select(sales.sales.c.id)).scalars().all()
    assert sorted(found) == sorted(row.sale_id for row in posted)
    assert pair.on_hand(server, "MILK") == pair.on_hand(selling, "MILK") == 97


def test_stock_is_right_before_and_after_every_message(
    server: Shop, selling: Shop, line: Network
) -> None:
    """The feed may overtake the acknowledgement, and the acknowledgement the feed."""
    sell(selling, "MILK")
    line.faults = ["lose_reply"]
    work(selling, line)
    assert pair.on_hand(selling, "MILK") == 99
    fresh = copy.ServerCopy(selling)
    page = line.fetch(fresh.position(), till="T01", limit=1000)
    assert fresh.apply(page, fresh.position())
    # The server's figure has come and contains the sale, of which we do not know that yet.
    assert pair.on_hand(selling, "MILK") == 98
    work(selling, line)
    assert pair.on_hand(selling, "MILK") == 99
    sell(selling, "MILK")
    assert pair.on_hand(selling, "MILK") == 98


def test_a_sale_between_two_fetches_does_not_come_back_to_life(
    server: Shop, selling: Shop, line: Network
) -> None:
    with server.store.write() as connection:
        base = {"committed": Decimal(0), "ordered": Decimal(0), "changed_at": server.clock.now()}
        told = {"item": "MILK", "warehouse": "SHOP1", "base": Decimal(40), "base_seq": 9}
        rebase.rebase(connection, [base | told])
        feed_rows.changed(connection, "stock", "MILK|SHOP1")
    sell(selling, "MILK", quantity="10")
    line.faults = ["lose_request", "none"]
    sync.work(selling, line, is_forced=True)
    fetched = copy.ServerCopy(selling)
    at = fetched.position()
    fetched.apply(line.fetch(at, till="T01", limit=100), at)
    assert pair.on_hand(selling, "MILK") == 30


def test_the_audit_head_goes_up_now_and_then(server: Shop, selling: Shop, line: Network) -> None:
    for _ in range(5):
        sell(selling, "MILK")
        work(selling, line)
    kinds = [row["kind"] for row in pair.envelopes(selling)]
    assert kinds.count("audit") == 1
    selling.clock.sleep(600)
    work(selling, line)
    assert [row["kind"] for row in pair.envelopes(selling)].count("audit") == 2
    with server.store.read() as connection:
        assert setting.read(connection, "audit:T01") is not None
    line.faults = ["lose_request"] * 10
    for _ in range(10):
        selling.clock.sleep(600)
        sell(selling, "MILK")
        work(selling, line)
    assert [row["kind"] for row in pair.envelopes(selling)].count("audit") == 3


def test_a_quarantined_envelope_is_named_aged_and_can_be_released(
    server: Shop, selling: Shop, line: Network
) -> None:
    posted = sell(selling, "MILK")
    with selling.store.write() as connection:
        where = outbox_rows.outbox.c.key == posted.sale_id
        broken = {"payload": "{}", "content_hash": "0" * 64}
        kept = connection.execute(select(outbox_rows.outbox).where(where)).mappings().one()
        connection.execute(update(outbox_rows.outbox).where(where).values(broken))
    for _ in range(4):
        done = work(selling, line)
        selling.clock.sleep(3600)
    assert done.quarantined == 1
    assert "does not match its hash" in done.problem
    queue = sync.queues(selling)["outbox"]
    assert queue.waiting == 1
    assert queue.oldest_seconds == 4 * 3600
    sell(selling, "BREAD")
    assert work(selling, line).delivered >= 1
    with pytest.raises(PermissionMissing):
        sync.release(selling, shops.actor(), kept["id"])
    with pytest.raises(RecordNotFound):
        sync.release(selling, pair.KEY, "no such")
    with selling.store.write() as connection:
        good = {"payload": kept["payload"], "content_hash": kept["content_hash"]}
        connection.execute(update(outbox_rows.outbox).where(where).values(good))
    sync.release(selling, pair.KEY, kept["id"])
    done = work(selling, line)
    assert (done.quarantined, done.waiting, done.problem) == (0, 0, "")
    assert pair.on_hand(server, "MILK") == 99


def test_a_page_that_cannot_be_read_changes_nothing(
    server: Shop, selling: Shop, line: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    with server.store.write() as connection:
        price.put(connection, [ListPrice("MILK", "1", Decimal("2.15"))])
        feed_rows.changed_all(connection, [("price", "MILK"), ("stock", "MILK|SHOP1")])
    at = copy.ServerCopy(selling).position()
    page = line.fetch(at, till="T01", limit=100)
    object.__setattr__(page.changes[1], "data", {"on_hand": "many"})
    monkeypatch.setattr(line, "fetch", lambda *_args, **_kwargs: page)
    done = work(selling, line)
    assert "cannot be read" in done.problem
    assert copy.ServerCopy(selling).position() == at
    with selling.store.read() as connection:
        assert price.for_item(connection, "MILK")[0].price == Decimal("1.99")


def fill_with_items(server: Shop, count: int) -> None:
    goods = [
        shops.GOODS[0][0].__class__(f"X{n}", f"Thing {n}", "each", 0, "O1") for n in range(count)
    ]
    with server.store.write() as connection:
        item.put(connection, goods, at=server.clock.now())
        feed_rows.changed_all(connection, [("item", goods.code) for goods in goods])


def lose_items(server: Shop) -> None:
    with server.store.write() as connection:
        gone = item_table.items.c.code.like("X%")
        codes = connection.execute(select(item_table.items.c.code).where(gone)).scalars().all()
        connection.execute(delete(item_table.items).where(gone))
        feed_rows.changed_all(connection, [("item", code) for code in codes])


def item_count(shop: Shop) -> int:
    with shop.store.read() as connection:
        return item.count(connection)


def test_a_catalogue_that_shrinks_beyond_belief_is_kept_until_somebody_agrees(
    server: Shop, selling: Shop, line: Network
) -> None:
    fill_with_items(server, 300)
    work(selling, line)
    assert item_count(selling) == 308
    lose_items(server)
    done = work(selling, line)
    assert "nothing was removed" in done.problem
    assert item_count(selling) == 308
    with pytest.raises(PermissionMissing):
        sync.agree_to_loss(selling, shops.actor())
    sync.agree_to_loss(selling, pair.KEY)
    assert work(selling, line).problem == ""
    assert item_count(selling) == 8
    fill_with_items(server, 300)
    work(selling, line)
    lose_items(server)
    assert "nothing was removed" in work(selling, line).problem


def test_two_processes_of_one_till_may_synchronise_at_once(
    server: Shop, selling: Shop, line: Network
) -> None:
    """Both have the same page in hand; the second finds that it has been applied."""
    with server.store.write() as connection:
        feed_rows.changed(connection, "stock", "MILK|SHOP1")
    one, other = copy.ServerCopy(selling), copy.ServerCopy(selling)
    at = one.position()
    page = line.fetch(at, till="T01", limit=100)
    assert one.apply(page, at)
    assert not other.apply(page, at)
    assert other.position() == page.end


def test_settings_that_belong_to_one_place_stay_there(
    server: Shop, selling: Shop, line: Network
) -> None:
    with server.store.write() as connection:
        setting.write(connection, "shop.greeting", "Hello")
        setting.write(connection, "secret", "mine")
        feed_rows.changed_all(connection, [("setting", "shop.greeting"), ("setting", "secret")])
    work(selling, line)
    with selling.store.read() as connection:
        assert setting.read(connection, "shop.greeting") == "Hello"
        assert setting.read(connection, "secret") is None


def test_nothing_waits_on_a_till_that_has_sold_nothing(till: Shop) -> None:
    queues = sync.queues(till)
    assert (queues["outbox"].waiting, queues["outbox"].oldest_seconds) == (0, None)
    assert queues["downlink"].oldest_seconds is None


def test_a_new_kind_of_a_newer_server_is_passed_over(
    server: Shop, selling: Shop, line: Network
) -> None:
    at = copy.ServerCopy(selling).position()
    with server.store.write() as connection:
        feed_rows.changed(connection, "stock", "MILK|SHOP1")
    page = line.fetch(at, till="T01", limit=100)
    object.__setattr__(page.changes[0], "kind", "hologram")
    assert copy.ServerCopy(selling).apply(page, at)


def test_the_page_size_does_not_matter(server: Shop, till: Shop) -> None:
    line = pair.remote(server)
    mine = copy.ServerCopy(till)
    pages = 0
    while True:
        at = mine.position()
        page = feed.page(server, till_actor("T01", "key-1"), at, till="T01", limit=3)
        assert len(page.changes) <= 3
        mine.apply(page, at)
        pages += 1
        if page.is_last:
            break
    assert pages > 10
    assert pair.on_hand(till, "MILK") == 100
    assert line.fetch(mine.position(), till="T01", limit=3).changes == ()


def test_l39_stock_the_server_does_not_have_is_unknown_and_not_zero(
    till: Shop, line: Network
) -> None:
    work(till, line)
    with till.store.read() as connection:
        assert stock.of_places(connection, [("MILK", "ELSEWHERE")]) == {}
