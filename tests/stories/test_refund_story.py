"""A receipt comes back in parts; device, till, server and the queue for SAP tell it once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import select

from fiscal.direct import DirectTransport
from fiscal.driver import Driver
from pos_app.domain.money import Money
from pos_app.domain.note import NothingLeft, WantedLine
from pos_app.services import (
    basket,
    fiscal,
    original_share,
    receipt,
    refund,
    sale,
    shift,
    tender,
)
from pos_app.services.check.invariants import check
from pos_app.services.intake_note import ADVICE
from pos_app.services.notification import view as notification
from pos_app.services.original import ReceiptElsewhere
from pos_app.services.original_entry import EnteredLine, EnteredOriginal
from pos_app.services.original_share import OriginalRefused, ServerNeeded
from pos_app.services.proof import day as proof
from pos_app.services.refund import AskedNote
from pos_app.services.sale import Posted
from pos_app.services.shop import Shop
from pos_app.store import intake, posting, stock
from pos_app.store import original as originals
from pos_app.store import sale as sales
from pos_app.store.engine import Store, open_store
from pos_app.store.migrate import upgrade
from sync.errors import Unavailable
from tests import pair, shops
from tests.fiscal.samples import make_box

BOSS = replace(shops.actor("manager"), role="Admin")


@dataclass
class House:
    """A server, a till with its device, and the network between them."""

    server: Shop
    till: Shop
    driver: Driver

    def sell(self, *lines: tuple[str, str], paid: Money | None = None) -> Posted:
        actor = shops.actor()
        made = basket.start(self.till, actor)
        for code, quantity in lines:
            made = basket.add(self.till, actor, made, code, quantity=Decimal(quantity))
        given = [tender.make(self.till, "cash", paid or made.total)]
        posted = sale.post(self.till, actor, made, given)
        fiscal.work(self.till, self.driver)
        return posted

    def give_back(self, of: str, *lines: WantedLine, **how: object) -> Posted:
        asked = AskedNote(
            id=self.till.ids.new(),
            receipt=of,
            reason="sour",
            lines=lines,
            **how,  # type: ignore[arg-type]
        )
        posted = refund.post(self.till, BOSS, asked)
        fiscal.work(self.till, self.driver)
        return posted

    def sync(self, key: str = "key-1") -> None:
        for _ in range(3):
            self.till.clock.sleep(600)
            pair.work(self.till, pair.remote(self.server, key))

    def on_hand(self, shop: Shop, item: str) -> Decimal:
        with shop.store.read() as connection:
            return Decimal(stock.of_places(connection, [(item, "SHOP1")])[item, "SHOP1"]["on_hand"])


@pytest.fixture
def house(store: Store, tmp_path: Path, sqlite_template: Path) -> Iterator[House]:
    clock = shops.FixedClock()
    server = pair.open_server(store, clock)
    path = tmp_path / "till.db"
    path.write_bytes(sqlite_template.read_bytes())
    with open_store(path) as opened:
        till = pair.open_bare_till(opened, clock=clock)
        pair.work(till, pair.remote(server))
        shops.open_till(till)
        yield House(server, till, Driver(DirectTransport(make_box(clock), clock)))


def back(line: int, quantity: str) -> WantedLine:
    return WantedLine(line=line, quantity=Decimal(quantity))


def test_a_receipt_comes_back_in_parts_until_nothing_is_left(house: House) -> None:
    sold = house.sell(("MILK", "3"), ("BANANA", "1.234"), ("YOGHURT", "2"))
    first = house.give_back(sold.receipt, back(1, "1"), back(2, "0.5"))
    house.sync()
    second = house.give_back(sold.receipt, back(1, "2"), back(3, "2"))
    third = house.give_back(sold.receipt)
    with pytest.raises(NothingLeft):
        house.give_back(sold.receipt)
    house.sync()
    notes = (first, second, third)
    assert sum((note.total.minor for note in notes), 0) == -sold.total.minor
    for shop in (house.till, house.server):
        for item in ("MILK", "BANANA"):
            assert house.on_hand(shop, item) == shops.ON_HAND
        assert house.on_hand(shop, "YOGHURT") == 35
    with house.server.store.read() as connection:
        queued = connection.execute(select(posting.postings.c.kind, posting.postings.c.total))
        assert sorted(map(tuple, queued)) == sorted(
            [("invoice", sold.total.minor)] + [("credit_note", note.total.minor) for note in notes]
        )
        flags = connection.execute(select(intake.intake.c.flags)).scalars().all()
    assert [flag for row in flags for flag in row] == []
    for note in notes:
        lamps = receipt.lamps(house.till, note.sale_id).as_words()
        assert (lamps["fiscalised"], lamps["synced"]) == ("done", "done")
    assert check(house.till) == []
    assert check(house.server, is_server=True) == []


def test_two_currencies_come_back_as_they_were_paid(house: House) -> None:
    sold = house.sell(("BOOK", "1"), paid=Money.of("340", "ZIG"))
    house.give_back(sold.receipt)
    house.sync()
    cash = {
        row.currency: str(row.expected)
        for row in shift.x(house.till, shops.actor()).balances
        if row.tender_type == "cash"
    }
    assert cash == {"USD": "70.00", "ZIG": "200.00"}
    assert check(house.till) == []
    assert check(house.server, is_server=True) == []


def test_a_receipt_from_paper_reaches_the_server_with_its_note(house: House) -> None:
    house.sell(("BREAD", "1"))
    paper = EnteredOriginal(
        number="OLD-17",
        device_id="22862",
        device_serial="RVX-0001",
        receipt_global_no=216877,
        fiscal_day=534,
        filed_at=datetime(2026, 10, 11, 14, 5),  # noqa: DTZ001 - as the paper has it
        currency="USD",
        total=Decimal("3.98"),
        lines=(EnteredLine(item="MILK", quantity=Decimal(2), amount=Decimal("3.98")),),
    )
    house.give_back("OLD-17", back(1, "1"), entered=paper)
    house.give_back("OLD-17", back(1, "1"))
    house.sync()
    with house.server.store.read() as connection:
        known = originals.by_number(connection, "OLD-17")
        assert known is not None
        assert len(sales.notes_of(connection, known["id"])) == 2
    assert house.on_hand(house.server, "MILK") == shops.ON_HAND + 2
    assert check(house.till) == []
    assert check(house.server, is_server=True) == []


def test_a_receipt_of_another_till_is_asked_of_the_server(house: House, tmp_path: Path) -> None:
    sold = house.sell(("MILK", "3"))
    house.give_back(sold.receipt, back(1, "1"))
    with open_store(tmp_path / "other.db") as opened:
        upgrade(opened)
        clock = house.till.clock
        other = pair.open_bare_till(opened, "T02", clock=clock)
        line = pair.remote(house.server, "key-2")
        pair.work(other, line)
        shops.open_till(other)
        driver = Driver(DirectTransport(make_box(clock, device_id="99002"), clock))
        house_2 = House(house.server, other, driver)
        house_2.sell(("BREAD", "1"))
        with pytest.raises(ReceiptElsewhere):
            original_share.show(other, BOSS, line, sold.receipt)  # not delivered yet
        house.sync()
        with pytest.raises(ServerNeeded):
            original_share.show(other, BOSS, Away(), sold.receipt)
        found = original_share.show(other, BOSS, line, sold.receipt)
        assert (found.is_own, str(found.left)) == (False, "3.98")
        noted = house_2.give_back(sold.receipt, back(1, "2"))
        assert str(noted.total) == "-3.98"
        with pytest.raises(NothingLeft):
            house_2.give_back(sold.receipt)
        house_2.sync("key-2")
        assert receipt.lamps(other, noted.sale_id).as_words()["fiscalised"] == "done"
        again = original_share.show(other, BOSS, line, sold.receipt)
        assert again.left.is_zero
        with pytest.raises(OriginalRefused):
            original_share.show(other, BOSS, line, noted.receipt.replace("T02", "T01"))
        assert check(other) == []
    assert pair.on_hand(house.server, "MILK") == shops.ON_HAND
    assert check(house.server, is_server=True) == []


def test_two_tills_that_do_not_know_of_each_other_are_flagged(house: House, tmp_path: Path) -> None:
    """Goods and money have changed hands twice: the server says so and loses neither note."""
    sold = house.sell(("MILK", "2"))
    house.sync()
    with open_store(tmp_path / "other.db") as opened:
        upgrade(opened)
        other = pair.open_bare_till(opened, "T02", clock=house.till.clock)
        line = pair.remote(house.server, "key-2")
        pair.work(other, line)
        shops.open_till(other)
        driver = Driver(DirectTransport(make_box(other.clock, device_id="99002"), other.clock))
        second = House(house.server, other, driver)
        original_share.show(other, BOSS, line, sold.receipt)
        house.give_back(sold.receipt)
        house.sync()
        second.give_back(sold.receipt)  # as it was told before
        second.sync("key-2")
        assert check(other) == []
    with house.server.store.read() as connection:
        rows = connection.execute(select(intake.intake.c.flags)).scalars().all()
    flags = {flag["code"]: flag["sentence"] for row in rows for flag in row}
    both = "T01-000002 and T02-000001"
    assert flags == {
        "credited_too_much": f"Together {both} credit 3.98 USD more than receipt T01-000001 came "
        f"to: {ADVICE}",
        "returned_too_much": f"By {both} 2 more came back than were sold on line 1 of receipt "
        f"T01-000001: {ADVICE}",
    }
    assert pair.on_hand(house.server, "MILK") == shops.ON_HAND + 2
    named = {row.code: row.sentence for row in check(house.server, is_server=True)}
    assert named["balance_exceeded"] == flags["credited_too_much"]
    assert set(named) <= {"balance_exceeded", "credited_too_much", "returned_too_much"}
    told = {
        row.message
        for row in notification.page(house.server, BOSS, offset=0, limit=9).notifications
    }
    assert told >= set(flags.values())
    proved = proof.of_server(house.server, house.server.today, books=None)
    assert {row.sentence for row in proved.differences} >= set(flags.values())
    with house.server.store.read() as connection:
        queued = connection.execute(select(posting.postings.c.kind)).scalars().all()
    assert sorted(queued) == ["credit_note", "credit_note", "invoice"], "SAP gets what was filed"
    house.server.clock.sleep(32 * 24 * 3600)  # type: ignore[attr-defined]
    codes = {row.code for row in check(house.server, is_server=True)}
    assert not codes & {"balance_exceeded", "credited_too_much", "returned_too_much"}


class Away:
    """A server nobody reaches."""

    def receipt(self, number: str) -> dict[str, object]:
        raise Unavailable(f"no way to ask for {number}")
