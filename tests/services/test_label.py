"""Labels follow prices until somebody says that they are on the shelf, whatever happens between."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from pos_app.domain.barcode import WeightEmbedded, parse_scan
from pos_app.domain.item import Item, ItemUnknown
from pos_app.domain.label import LabelCause, LabelImpossible, LabelMoved, LabelState
from pos_app.domain.permission import PermissionMissing
from pos_app.domain.price import ListPrice, SpecialPrice
from pos_app.errors import InvalidInput, RecordNotFound
from pos_app.services.label import queue, work
from pos_app.services.label.queue import Label, LabelPrinterMissing
from pos_app.services.shop import LabelRules, Shop
from pos_app.store import audit, item, price
from pos_app.store import label as rows
from pos_app.store.engine import Store
from printing.label import LabelMedia
from printing.label_printer import LabelPrinter
from printing.outcome import Outcome
from printing.printer import Printer
from printing.profile import profile_named
from printing.simulator.core import SimulatedPrinter
from printing.simulator.desk import Desk
from printing.simulator.label import SimulatedLabelPrinter
from printing.simulator.machine import MACHINES
from tests import shops

RULES = LabelRules(url="memory://", media=LabelMedia(width_mm=50, height_mm=30))
STOCK = shops.actor("manager")
WEIGHT = "21IIIIIWWWWWC"
STEAK = Item("2001", "Steak", "kg", 3, "O1", "02013000", is_weighed=True, barcodes=("00042",))


@dataclass
class Shelf:
    """A shop, its label printer, and the program that prints on it."""

    shop: Shop
    machine: SimulatedLabelPrinter
    printer: LabelPrinter

    def restart(self) -> None:
        self.printer = LabelPrinter(self.machine, clock=self.shop.clock)

    def dearer(self, code: str, usd: str) -> None:
        with self.shop.store.write() as connection:
            price.put(connection, [ListPrice(code, "1", Decimal(usd))])
        queue.refresh(self.shop)

    def print_all(self) -> None:
        for _ in range(10):
            if work.work(self.shop, self.printer).next_at is None:
                return
            self.shop.clock.sleep(5)

    @property
    def due(self) -> dict[str, Label]:
        return {row.item: row for row in queue.due(self.shop, STOCK)}

    @property
    def names(self) -> list[str]:
        return [label.fields[0] for label in self.machine.labels]

    def states(self, code: str) -> list[str]:
        with self.shop.store.read() as connection:
            found = connection.execute(rows.labels.select().order_by(rows.labels.c.seq)).mappings()
            return [row["state"] for row in found if row["item"] == code]


@pytest.fixture
def shelf(store: Store) -> Shelf:
    shop = shops.open_shop(store, label=RULES, masks=(WEIGHT,))
    with shop.store.write() as connection:
        item.put(connection, [STEAK], at=shop.clock.now())
        price.put(connection, [ListPrice("2001", "1", Decimal("8.50"))])
    assert queue.refresh(shop) == 0  # the shelves were labelled before
    machine = SimulatedLabelPrinter(shop.clock)
    return Shelf(shop, machine, LabelPrinter(machine, clock=shop.clock))


def test_a_new_price_makes_a_label_due_once(shelf: Shelf) -> None:
    assert shelf.due == {}
    shelf.dearer("MILK", "2.10")
    assert queue.refresh(shelf.shop) == 0
    (row,) = shelf.due.values()
    assert (row.item, row.cause, row.state) == ("MILK", LabelCause.PRICE, LabelState.DUE)
    assert row.was is not None
    assert (row.was.prices["USD"], row.now.prices["USD"]) == ("1.99", "2.1")
    shelf.dearer("MILK", "2.20")
    (row,) = shelf.due.values()
    assert row.was is not None
    assert (row.was.prices["USD"], row.now.prices["USD"]) == ("1.99", "2.2")


def test_two_who_look_at_once_make_one_label_due(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other has compared books and shelves, too, before the first writes."""
    queue.refresh(shelf.shop)
    with shelf.shop.store.write() as connection:
        price.put(connection, [ListPrice("MILK", "1", Decimal("2.49"))])
    real, looks = queue.facts.every, []

    def beside(*arguments: Any) -> Any:
        found = list(real(*arguments))
        if not looks:
            looks.append(True)
            queue.refresh(shelf.shop)
        return found

    monkeypatch.setattr(queue.facts, "every", beside)
    queue.refresh(shelf.shop)
    assert len(queue.due(shelf.shop, STOCK)) == 1


def test_a_price_that_goes_back_needs_no_label(shelf: Shelf) -> None:
    shelf.dearer("MILK", "2.10")
    shelf.dearer("MILK", "1.99")
    assert shelf.due == {}
    assert shelf.states("MILK") == ["cancelled"]


def test_new_goods_other_names_and_goods_that_are_gone(shelf: Shelf) -> None:
    tea = Item("TEA", "Tea 250 g", "each", 0, "O1", "09021000")
    bread = Item("BREAD", "Brown bread", "each", 0, "O2", "19059090", barcodes=("6009876543210",))
    now = shelf.shop.clock.now()
    with shelf.shop.store.write() as connection:
        item.put(connection, [tea, bread], at=now)
        price.put(connection, [ListPrice("TEA", "1", Decimal("3.00"))])
    queue.refresh(shelf.shop)
    assert {code: row.cause for code, row in shelf.due.items()} == {
        "TEA": LabelCause.NEW,
        "BREAD": LabelCause.TEXT,
    }
    gone = Item("TEA", "Tea 250 g", "each", 0, "O1", "09021000", is_active=False)
    with shelf.shop.store.write() as connection:
        item.put(connection, [gone], at=now)
    queue.refresh(shelf.shop)
    assert "TEA" in shelf.due  # it was never on the shelf, so nothing of it is taken off
    with shelf.shop.store.write() as connection:
        item.put(connection, [Item("BOOK", "School book", "each", 0, "O3", is_active=False)],
                 at=now)  # fmt: skip
    shelf.dearer("BOOK", "13.00")
    assert "BOOK" not in shelf.due


def test_a_promotion_begins_and_ends_by_itself(shelf: Shelf) -> None:
    first = shelf.shop.today + timedelta(days=1)
    special = SpecialPrice(
        item="MILK", price=Decimal("1.50"), currency="USD", valid_from=first, valid_to=first
    )
    with shelf.shop.store.write() as connection:
        price.replace_specials(connection, ["MILK"], [special])
    queue.refresh(shelf.shop)
    assert shelf.due == {}
    shelf.shop.clock.sleep(86400)
    queue.refresh(shelf.shop)
    assert shelf.due["MILK"].now.prices["USD"] == "1.5"
    _print_and_confirm(shelf)
    shelf.shop.clock.sleep(86400)
    queue.refresh(shelf.shop)
    assert shelf.due["MILK"].now.prices["USD"] == "1.99"


def _print_and_confirm(shelf: Shelf) -> None:
    ids = [row.id for row in shelf.due.values()]
    queue.ask(shelf.shop, STOCK, ids)
    shelf.print_all()
    queue.confirm(shelf.shop, STOCK, ids)


def test_from_the_price_to_the_shelf(shelf: Shelf) -> None:
    shelf.dearer("MILK", "2.10")
    shelf.dearer("BREAD", "1.20")
    ids = [row.id for row in shelf.due.values()]
    batch = queue.ask(shelf.shop, STOCK, ids, copies=2)
    assert queue.progress(shelf.shop, batch).waiting == 2
    shelf.print_all()
    assert shelf.names == ["Milk 1 l", "Milk 1 l", "Bread brown", "Bread brown"]
    milk = shelf.machine.labels[0].fields
    assert "USD 2.10" in milk
    assert "ZIG 51.74" in milk  # its own list
    assert " per l" not in " ".join(milk)  # one litre costs what the bottle costs
    told = queue.progress(shelf.shop, batch)
    assert (told.total, told.printed, told.waiting) == (2, 2, 0)
    assert {row.state for row in shelf.due.values()} == {LabelState.PRINTED}
    assert queue.refresh(shelf.shop) == 0
    assert queue.confirm(shelf.shop, STOCK, ids) == 2
    assert shelf.due == {}
    assert queue.refresh(shelf.shop) == 0
    with shelf.shop.store.read() as connection:
        events = connection.execute(audit.audit.select()).mappings().all()
    actions = [row["action"] for row in events if row["action"].startswith("label.")]
    assert actions == ["label.print", "label.confirm"]


def test_the_price_of_a_measure_and_the_rate_with_its_day(shelf: Shelf) -> None:
    shelf.dearer("YOGHURT", "2.40")
    queue.ask(shelf.shop, STOCK, [shelf.due["YOGHURT"].id])
    shelf.print_all()
    fields = shelf.machine.labels[0].fields
    assert any(text.startswith("USD 4.80, ZIG ") and text.endswith(" per kg") for text in fields)
    assert any("1 USD = 26.50 ZIG (02/11/26)" in text for text in fields)


def test_a_currency_without_a_list_stands_at_todays_rate_and_makes_no_labels_due(
    store: Store,
) -> None:
    shop = shops.open_shop(store, label=RULES, price_lists={"USD": "1"})
    queue.refresh(shop)
    machine = SimulatedLabelPrinter(shop.clock)
    queue.by_hand(shop, STOCK, "MILK")
    work.work(shop, LabelPrinter(machine, clock=shop.clock))
    assert "ZIG 52.74" in machine.labels[0].fields  # 1.99 * 26.5, half away from zero
    assert queue.due(shop, STOCK) == ()


def test_another_price_before_the_shelf_replaces_what_was_printed(shelf: Shelf) -> None:
    shelf.dearer("MILK", "2.10")
    first = shelf.due["MILK"].id
    queue.ask(shelf.shop, STOCK, [first])
    shelf.print_all()
    shelf.dearer("MILK", "2.30")
    assert shelf.states("MILK") == ["replaced", "due"]
    with pytest.raises(LabelMoved, match="replaced"):
        queue.confirm(shelf.shop, STOCK, [first])
    shelf.dearer("MILK", "1.99")  # the shelf never showed anything else
    assert shelf.due == {}


def test_labels_run_out_in_the_middle_and_nothing_is_lost_or_claimed(shelf: Shelf) -> None:
    for code in ("MILK", "BREAD", "BOOK"):
        shelf.dearer(code, "9.99")
    shelf.machine.media = 1
    batch = queue.ask(shelf.shop, STOCK, [row.id for row in shelf.due.values()])
    worked = work.work(shelf.shop, shelf.printer)
    assert "no paper" in worked.problem
    told = queue.progress(shelf.shop, batch)
    assert told.printed + told.unsure + told.waiting == 3
    assert told.printed == len(shelf.machine.labels) - told.unsure or told.unsure == 0
    shelf.machine.media = 100
    shelf.shop.clock.sleep(5)
    shelf.print_all()
    assert sorted(shelf.names) == ["Bread brown", "Milk 1 l", "School book"]
    assert {row.state for row in shelf.due.values()} == {LabelState.PRINTED}


def test_a_label_nobody_can_vouch_for_is_asked_about(shelf: Shelf) -> None:
    shelf.dearer("MILK", "2.10")
    label = shelf.due["MILK"].id
    shelf.machine.media = 1
    shelf.machine.answers_in_trouble = False
    queue.ask(shelf.shop, STOCK, [label], copies=2)
    work.work(shelf.shop, shelf.printer)
    assert shelf.due["MILK"].state is LabelState.UNSURE
    assert "Look at the printer" in shelf.due["MILK"].problem
    shelf.machine.media = 100
    shelf.restart()  # another program knows nothing of it
    shelf.print_all()
    assert shelf.due["MILK"].state is LabelState.UNSURE
    queue.ask(shelf.shop, STOCK, [label])  # "it did not come out"
    shelf.print_all()
    assert shelf.due["MILK"].state is LabelState.PRINTED


class Killed(BaseException):
    """The program dies."""


class Dying:
    """A printer in whose hands the program dies."""

    def print(self, job: bytes, job_id: str) -> Outcome:
        raise Killed

    def settle(self, job_id: str) -> Outcome | None:
        return None


def test_a_crash_while_printing_is_asked_about(shelf: Shelf) -> None:
    shelf.dearer("MILK", "2.10")
    shelf.dearer("BREAD", "1.20")
    queue.ask(shelf.shop, STOCK, [row.id for row in shelf.due.values()])
    with pytest.raises(Killed):
        work.work(shelf.shop, Dying())
    shelf.print_all()
    assert (shelf.due["MILK"].state, shelf.due["BREAD"].state) == ("unsure", "printed")
    assert "stopped while it was printing" in shelf.due["MILK"].problem
    assert queue.confirm(shelf.shop, STOCK, [shelf.due["MILK"].id]) == 1


def test_what_cannot_be_drawn_goes_back_to_the_list_with_its_reason(shelf: Shelf) -> None:
    odd = Item("ODD", "Odd", "each", 0, "O1", barcodes=("X" * 50,))
    with shelf.shop.store.write() as connection:
        item.put(connection, [odd], at=shelf.shop.clock.now())
        price.put(connection, [ListPrice("ODD", "1", Decimal(1))])
    queue.refresh(shelf.shop)
    shelf.dearer("MILK", "2.10")
    queue.ask(shelf.shop, STOCK, [row.id for row in shelf.due.values()])
    shelf.print_all()
    assert shelf.due["ODD"].state is LabelState.DUE
    assert "barcode needs" in shelf.due["ODD"].problem
    assert shelf.due["MILK"].state is LabelState.PRINTED


def test_cancelling_takes_the_shelf_for_right(shelf: Shelf) -> None:
    shelf.dearer("MILK", "2.10")
    label = shelf.due["MILK"].id
    with pytest.raises(InvalidInput):
        queue.cancel(shelf.shop, STOCK, [label], reason=" ")
    assert queue.cancel(shelf.shop, STOCK, [label], reason="Written by hand") == 1
    queue.refresh(shelf.shop)
    assert shelf.due == {}
    with pytest.raises(LabelMoved):
        queue.ask(shelf.shop, STOCK, [label])


def test_all_or_nothing_is_changed(shelf: Shelf) -> None:
    shelf.dearer("MILK", "2.10")
    label = shelf.due["MILK"].id
    with pytest.raises(RecordNotFound):
        queue.ask(shelf.shop, STOCK, [label, "nobody"])
    assert shelf.due["MILK"].state is LabelState.DUE
    with pytest.raises(LabelMoved):
        queue.confirm(shelf.shop, STOCK, [label])
    with pytest.raises(InvalidInput):
        queue.ask(shelf.shop, STOCK, [label], copies=100)


def test_a_weighed_pack_carries_its_weight(shelf: Shelf) -> None:
    queue.by_hand(shelf.shop, STOCK, "2001", weight=Decimal("0.555"))
    shelf.print_all()
    (label,) = shelf.machine.labels
    assert {"USD 4.72", "0.555 kg", "USD 8.50, ZIG 225.25 per kg"} <= set(label.fields)
    from pos_app.domain.gtin import check_digit

    code = label.fields[-1]
    scanned = code + check_digit(code)
    assert parse_scan(scanned, (WEIGHT,)) == WeightEmbedded("00042", Decimal("0.555"), scanned)
    assert shelf.due == {}  # it is in somebody's hand
    assert shelf.states("2001") == ["confirmed"]
    with pytest.raises(LabelImpossible):
        queue.by_hand(shelf.shop, STOCK, "BANANA", weight=Decimal(1))
    with pytest.raises(LabelImpossible):
        queue.by_hand(shelf.shop, STOCK, "MILK", weight=Decimal(1))
    with pytest.raises(LabelImpossible):
        queue.by_hand(shelf.shop, STOCK, "NOPRICE")
    with pytest.raises(ItemUnknown):
        queue.by_hand(shelf.shop, STOCK, "NOBODY")


def test_an_escpos_printer_makes_labels_too(store: Store) -> None:
    rules = LabelRules(url="memory://", media=RULES.media, roll=profile_named("80mm"))
    shop = shops.open_shop(store, label=rules)
    machine = SimulatedPrinter(MACHINES["80mm"], clock=shop.clock)
    printer = Printer(Desk(machine, shop.clock), profile_named("80mm"), clock=shop.clock)
    queue.by_hand(shop, STOCK, "MILK", copies=2)
    work.work(shop, printer)
    texts = [row["text"] for row in machine.ledger()["receipts"]]
    assert len(texts) == 2
    assert "USD 1.99" in texts[0]
    assert "6001234567892" in texts[0]


def test_who_may_not_and_where_there_is_no_printer(shelf: Shelf) -> None:
    with pytest.raises(PermissionMissing):
        queue.due(shelf.shop, shops.actor())
    from dataclasses import replace

    bare = replace(shelf.shop, rules=replace(shelf.shop.rules, label=None))
    with pytest.raises(LabelPrinterMissing):
        queue.by_hand(bare, STOCK, "MILK")


def test_labels_of_a_large_shop_are_found_in_time(shelf: Shelf) -> None:
    many: list[Any] = [Item(f"I{at:05}", f"Item {at}", "each", 0, "O1") for at in range(4100)]
    with shelf.shop.store.write() as connection:
        item.put(connection, many, at=shelf.shop.clock.now())
        price.put(connection, [ListPrice(row.code, "1", Decimal(1)) for row in many])
    assert queue.refresh(shelf.shop) == 4100
    assert queue.refresh(shelf.shop) == 0
    assert date(2026, 11, 2) == shelf.shop.today
