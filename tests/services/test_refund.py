"""Notes: whole or not at all, once per identity, never above what is left, each figure copied."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fiscal.direct import DirectTransport
from fiscal.driver import Driver
from fiscal.profile import DEBIT_NOTES
from pos_app.domain.batch import BatchNotFound, InsufficientBatch
from pos_app.domain.currency import RateMissing
from pos_app.domain.limit import ApprovalMismatch, ApprovalNeeded, Rule, approve
from pos_app.domain.money import Money
from pos_app.domain.note import (
    BalanceExceeded,
    DebitNotesOff,
    NotAnOriginal,
    NoteKind,
    NoteLineInvalid,
    NoteReasonMissing,
    NoteWorthless,
    NothingLeft,
    OriginalNotFiled,
    TaxNotAsSold,
    WantedLine,
)
from pos_app.domain.partner import AccountNeedsCustomer
from pos_app.domain.permission import PermissionMissing
from pos_app.domain.refund import CreditTooMuch, RefundTooOld, ReturnTooMuch
from pos_app.domain.sale import LineUnknown
from pos_app.domain.shift import DrawerShort, ShiftNotOpen
from pos_app.domain.tender import TenderType
from pos_app.errors import ReferenceConflict
from pos_app.ids import SystemIds
from pos_app.services import basket, original, receipt, refund, sale, shift, spool, tender
from pos_app.services.check.invariants import check
from pos_app.services.note import NoPlaceForDamaged
from pos_app.services.original import ReceiptElsewhere
from pos_app.services.original_entry import (
    EnteredLine,
    EnteredOriginal,
    OriginalDiffers,
    OriginalKnown,
)
from pos_app.services.refund import AskedNote
from pos_app.services.sale import Posted
from pos_app.services.shop import FiscalTax, Shop
from pos_app.store import audit, stock
from pos_app.store import partner as partners
from pos_app.store import sale as sales
from pos_app.store.engine import Store, open_store
from sandbox.fault import Fault
from tests import shops
from tests.counter import SUBMIT, Counter, counter


@pytest.fixture
def till(store: Store) -> Counter:
    return counter(store)


@pytest.fixture
def quick(sqlite_store: Store) -> Counter:
    return counter(sqlite_store)


def sell(
    till: Counter,
    *lines: tuple[str, str],
    currency: str = "USD",
    paid: Money | None = None,
) -> Posted:
    """One sale, filed."""
    actor = shops.actor()
    made = basket.start(till.shop, actor, currency=currency)
    for code, quantity in lines:
        made = basket.add(till.shop, actor, made, code, quantity=Decimal(quantity))
    posted = sale.post(till.shop, actor, made, [tender.make(till.shop, "cash", paid or made.total)])
    till.file()
    return posted


def back(line: int, quantity: str, **how: Any) -> WantedLine:
    return WantedLine(line=line, quantity=Decimal(quantity), **how)


def less(line: int, amount: str, currency: str = "USD") -> WantedLine:
    return WantedLine(line=line, amount=Money.of(amount, currency))


def asked(shop: Shop, of: Posted, *lines: WantedLine, **how: Any) -> AskedNote:
    wanted = {"id": shop.ids.new(), "receipt": of.receipt, "reason": "changed mind"} | how
    return AskedNote(lines=lines, **wanted)  # type: ignore[arg-type]


def give_back(till: Counter, of: Posted, *lines: WantedLine, **how: Any) -> Posted:
    return refund.post(till.shop, shops.actor(), asked(till.shop, of, *lines, **how))


def on_hand(shop: Shop, item: str, warehouse: str = "SHOP1") -> Decimal:
    with shop.store.read() as connection:
        return stock.of_places(connection, [(item, warehouse)])[item, warehouse]["on_hand"]


def drawer(shop: Shop) -> dict[str, str]:
    rows = shift.x(shop, shops.actor()).balances
    return {row.currency: str(row.expected) for row in rows if row.tender_type == "cash"}


def test_a_return_is_stored_whole_and_everything_moves_back(till: Counter) -> None:
    sold = sell(till, ("MILK", "3"), ("BREAD", "1"))
    held, there = drawer(till.shop)["USD"], on_hand(till.shop, "MILK")
    noted = give_back(till, sold, back(1, "2"), reason="sour")
    assert (noted.receipt, str(noted.total), str(noted.vat)) == ("T01-000002", "-3.98", "-0.53")
    assert (str(noted.paid), noted.change, noted.replayed) == ("-3.98", (), False)
    assert on_hand(till.shop, "MILK") == there + 2
    assert drawer(till.shop)["USD"] == str(Decimal(held) - Decimal("3.98"))
    with till.shop.store.read() as connection:
        header = sales.by_id(connection, noted.sale_id)
        (line,) = sales.lines_of(connection, noted.sale_id)
        events = audit.about(connection, noted.receipt)
    assert header is not None
    assert (header["kind"], header["original_id"], header["notes"]) == (
        "credit_note",
        sold.sale_id,
        "sour",
    )
    assert (line["quantity"], line["gross"], line["original_line"]) == (-2, -398, 1)
    assert [row["action"] for row in events] == ["refund.post"]
    assert check(till.shop) == []


def test_the_device_files_it_once_and_the_paper_names_the_original(till: Counter) -> None:
    sold = sell(till, ("MILK", "3"))
    till.print()
    noted = give_back(till, sold, back(1, "1"), reason="sour milk")
    till.file()
    till.print()
    assert till.state(noted) == "fiscalised"
    filed = till.box.ledger()["receipts"][-1]
    assert (filed["number"], filed["type"], filed["total"]) == (
        "T01-000002",
        "CreditNote",
        "-1.99",
    )
    paper = till.papers()[-1]
    for text in ("CREDIT NOTE", "CREDITED INVOICE", "T01-000001", "sour milk", "-1.99"):
        assert text in paper
    assert "COPY" not in paper
    spool.reprint(till.shop, shops.actor(), noted.receipt)
    till.print()
    assert "COPY 1" in till.papers()[-1]
    assert "CREDITED INVOICE" in till.papers()[-1]
    lamps = receipt.lamps(till.shop, noted.sale_id).as_words()
    assert lamps == {
        "paid": "done",
        "fiscalised": "done",
        "printed": "done",
        "synced": "pending",
        "in_sap": "pending",
    }
    assert check(till.shop) == []


def test_sell_three_return_two_return_two(till: Counter) -> None:
    """Production lesson L36."""
    sold = sell(till, ("MILK", "3"))
    give_back(till, sold, back(1, "2"))
    with pytest.raises(ReturnTooMuch) as caught:
        give_back(till, sold, back(1, "2"))
    assert caught.value.details["available"] == "1"
    last = give_back(till, sold)
    assert str(last.total) == "-1.99"
    with pytest.raises(NothingLeft):
        give_back(till, sold)
    till.file_all()
    with till.shop.store.read() as connection:
        notes = sales.notes_of(connection, sold.sale_id)
    assert sum(row["total"] for row in notes) == -sold.total.minor
    assert on_hand(till.shop, "MILK") == shops.ON_HAND
    assert check(till.shop) == []


def test_two_halves_racing_for_the_last_one(sqlite_path: Any) -> None:
    """Both ask for what one of them alone can have; the database lets one of them win."""
    with open_store(sqlite_path) as store:
        till = counter(store)
        sold = sell(till, ("MILK", "1"))
        ended: list[str] = []
        both = threading.Barrier(2)

        def ask() -> None:
            with open_store(sqlite_path, busy_ms=60_000) as own:
                shop = replace(till.shop, store=own)
                wanted = asked(till.shop, sold, back(1, "1"))
                both.wait()
                try:
                    ended.append(refund.post(shop, shops.actor(), wanted).receipt)
                except ReturnTooMuch as error:
                    ended.append(error.code)

        threads = [threading.Thread(target=ask) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(ended) == ["T01-000002", "return_too_much"]
        assert check(till.shop) == []


def test_a_price_correction_moves_no_goods(till: Counter) -> None:
    sold = sell(till, ("MILK", "2"))
    there = on_hand(till.shop, "MILK")
    noted = give_back(till, sold, less(1, "0.98"), reason="price on the shelf was 1.50")
    assert str(noted.total) == "-0.98"
    assert on_hand(till.shop, "MILK") == there
    with pytest.raises(CreditTooMuch):
        give_back(till, sold, less(1, "3.01"))
    rest = give_back(till, sold, back(1, "2"))
    assert str(rest.total) == "-3.00"
    till.file_all()
    till.print()
    assert {row["total"] for row in till.box.ledger()["receipts"]} == {"3.98", "-0.98", "-3.00"}
    assert "1 each @ -0.98" in till.papers()[1]
    assert check(till.shop) == []


def test_a_weight_comes_back_in_grams(till: Counter) -> None:
    sold = sell(till, ("BANANA", "1.234"))
    assert str(sold.total) == "4.26"
    first = give_back(till, sold, back(1, "0.5"))
    second = give_back(till, sold, back(1, "0.734"))
    assert (str(first.total), str(second.total)) == ("-1.73", "-2.53")
    with pytest.raises(NothingLeft):
        give_back(till, sold)
    till.file_all()
    assert till.state(second) == "fiscalised"
    assert check(till.shop) == []


def test_batches_go_back_where_they_came_from(till: Counter) -> None:
    sold = sell(till, ("YOGHURT", "8"))

    def lots() -> dict[str, Decimal]:
        with till.shop.store.read() as connection:
            rows = stock.batches_of(connection, [("YOGHURT", "SHOP1")])
        return {row["batch"]: row["on_hand"] for row in rows}

    assert lots() == {"Y-LATE": 27, "Y-SOON": 0}
    give_back(till, sold, back(1, "2", batch="Y-LATE"))
    assert lots() == {"Y-LATE": 29, "Y-SOON": 0}
    with pytest.raises(InsufficientBatch):
        give_back(till, sold, back(1, "2", batch="Y-LATE"))
    with pytest.raises(BatchNotFound):
        give_back(till, sold, back(1, "1", batch="Y-OTHER"))
    give_back(till, sold, back(1, "6"))
    assert lots() == {"Y-LATE": 30, "Y-SOON": 5}
    assert check(till.shop) == []


def test_damaged_goods_do_not_go_among_those_that_are_sold(store: Store) -> None:
    till = counter(store, damaged_warehouse="DAMAGED")
    sold = sell(till, ("MILK", "2"))
    there = on_hand(till.shop, "MILK")
    give_back(till, sold, back(1, "1", is_damaged=True))
    assert on_hand(till.shop, "MILK") == there
    assert on_hand(till.shop, "MILK", "DAMAGED") == 1
    give_back(till, sold, is_damaged=True)
    assert on_hand(till.shop, "MILK", "DAMAGED") == 2
    assert check(till.shop) == []
    nowhere = replace(till.shop, rules=replace(till.shop.rules, damaged_warehouse=""))
    again = sell(till, ("MILK", "1"))
    with pytest.raises(NoPlaceForDamaged):
        refund.post(nowhere, shops.actor(), asked(nowhere, again, is_damaged=True))


def test_money_goes_back_at_the_rate_of_the_receipt(till: Counter) -> None:
    sold = sell(till, ("BOOK", "1"), paid=Money.of("340", "ZIG"))
    till.shop.clock.sleep(60)
    held = drawer(till.shop)
    noted = give_back(till, sold)
    paid = Decimal("12.50") * shops.RATE
    assert str(noted.total) == "-12.50"
    assert Decimal(held["ZIG"]) - Decimal(drawer(till.shop)["ZIG"]) == paid
    (row,) = receipt.tenders_of(till.shop, noted.sale_id)
    assert (row.tendered.label, row.type) == ("-331.25 ZIG", "cash")
    assert check(till.shop) == []


def test_another_currency_than_was_paid_needs_an_approval(till: Counter) -> None:
    sold = sell(till, ("MILK", "1"))
    shop, cashier = till.shop, shops.actor()
    wanted = asked(shop, sold, tender="cash", currency="ZIG")
    with pytest.raises(ApprovalNeeded) as needed:
        refund.post(shop, cashier, wanted)
    assert needed.value.details["rule"] == "refund.currency"
    yes = approve(
        Rule.REFUND_CURRENCY,
        Decimal(1),
        approver=shops.actor("manager"),
        cashier=cashier,
        limits=shop.rules.limits,
        sale_id=wanted.id,
        reason="no dollars left",
        at=shop.clock.now(),
    )
    noted = refund.post(shop, cashier, wanted, approvals=[yes])
    (row,) = receipt.tenders_of(shop, noted.sale_id)
    assert row.tendered.label == "-52.74 ZIG"
    assert check(shop) == []


def test_above_the_limit_a_manager_approves_this_note_and_no_other(till: Counter) -> None:
    sold = sell(till, ("BOOK", "2"))
    shop, cashier = till.shop, shops.actor()
    wanted = asked(shop, sold)
    with pytest.raises(ApprovalNeeded) as needed:
        refund.post(shop, cashier, wanted)
    assert (needed.value.details["rule"], needed.value.details["asked"]) == ("refund", "25.00")
    boss = replace(shops.actor("manager"), role="Admin")
    yes = approve(
        Rule.REFUND,
        Decimal("25.00"),
        approver=boss,
        cashier=cashier,
        limits=shop.rules.limits,
        sale_id=wanted.id,
        reason="wrong edition",
        at=shop.clock.now(),
        currency="USD",
    )
    with pytest.raises(ApprovalMismatch):
        refund.post(shop, cashier, asked(shop, sold), approvals=[yes])
    noted = refund.post(shop, cashier, wanted, approvals=[yes])
    with shop.store.read() as connection:
        (event,) = audit.about(connection, noted.receipt)
    assert event["details"]["approvals"] == [
        {"by": "manager", "reason": "wrong edition", "rule": "refund"}
    ]


def test_an_unsettled_original_is_not_corrected(quick: Counter) -> None:
    """A note of a sale that may not be filed would hang in the air, so it is refused."""
    waiting = quick.sell("MILK")
    with pytest.raises(OriginalNotFiled) as caught:
        give_back(quick, waiting)
    assert caught.value.details["state"] == "intent"
    quick.box.faults.replace(
        [Fault(do="commit_then_silence", on=SUBMIT), Fault(do="drop_before", on="GET", times=9)]
    )
    quick.file()
    assert quick.state(waiting) == "unknown"
    with pytest.raises(OriginalNotFiled) as caught:
        give_back(quick, waiting)
    assert "make the note once it is settled" in caught.value.sentence
    quick.box.faults.replace([])
    quick.file_all()
    assert quick.state(waiting) == "fiscalised"
    give_back(quick, waiting)
    quick.file_all()
    assert quick.filed() == ["T01-000001", "T01-000002"]
    assert check(quick.shop) == []


def test_never_above_what_was_filed(quick: Counter) -> None:
    """The device's own figure counts, whatever the till's lines would still allow."""
    sold = sell(quick, ("MILK", "2"))
    row = quick.row(sold)
    reply = dict(row["reply"])
    shown = original.show(quick.shop, sold.receipt)
    assert (str(shown.filed), str(shown.left)) == ("3.98", "3.98")
    from pos_app.store import fiscal as journal

    with quick.shop.store.write() as connection:
        table = journal.fiscal_journal
        thin = {"Data": {"receipt": {"receiptTotal": "3.00"}}} | {"Code": reply.get("Code")}
        connection.execute(table.update().where(table.c.sale_id == sold.sale_id).values(reply=thin))
    with pytest.raises(BalanceExceeded) as caught:
        give_back(quick, sold)
    assert caught.value.details["available"] == "3.00"
    give_back(quick, sold, back(1, "1"))
    with pytest.raises(BalanceExceeded):
        give_back(quick, sold)


def test_refusals_say_why_and_leave_nothing(quick: Counter) -> None:
    sold = sell(quick, ("MILK", "2"))
    noted = give_back(quick, sold, back(1, "1"))
    cases: list[tuple[type[Exception], AskedNote]] = [
        (NoteReasonMissing, asked(quick.shop, sold, reason="  ")),
        (NoteReasonMissing, asked(quick.shop, sold, reason="x" * 201)),
        (LineUnknown, asked(quick.shop, sold, back(9, "1"))),
        (NoteLineInvalid, asked(quick.shop, sold, WantedLine(line=1))),
        (ReceiptElsewhere, asked(quick.shop, replace(sold, receipt="T01-999999"))),
        (NotAnOriginal, asked(quick.shop, noted)),
        (DrawerShort, asked(quick.shop, sold, tender="cash", currency="USD")),
        (DebitNotesOff, asked(quick.shop, sold, less(1, "1.00"), kind=NoteKind.DEBIT)),
    ]
    shift.move(
        quick.shop,
        shops.actor(),
        shift.MovementKind.PICKUP,
        Money.of("71.99", "USD"),
        reason="safe",
    )
    for kind, wanted in cases:
        with pytest.raises(kind):
            refund.post(quick.shop, shops.actor(), wanted)
    with pytest.raises(PermissionMissing):
        refund.post(quick.shop, shops.actor("stock"), asked(quick.shop, sold))
    shift.close_shift(quick.shop, shops.actor(), [])
    with pytest.raises(ShiftNotOpen):
        give_back(quick, sold)
    assert check(quick.shop) == []


def test_without_a_rate_on_the_receipt_there_is_no_other_currency(store: Store) -> None:
    till = counter(store)
    sold = sell(till, ("MILK", "1"))
    with till.shop.store.write() as connection:
        connection.execute(
            sales.sales.update().where(sales.sales.c.id == sold.sale_id).values(rate=None)
        )
    with pytest.raises(RateMissing):
        give_back(till, sold, tender="cash", currency="ZIG")


def test_twelve_months_and_no_day_more(quick: Counter) -> None:
    sold = sell(quick, ("MILK", "1"))
    quick.shop.clock.sleep(366 * 24 * 3600)
    with pytest.raises(RefundTooOld):
        give_back(quick, sold)


def test_a_tax_that_changed_since_is_surfaced(quick: Counter) -> None:
    """ZIMRA RCPT036 wants the taxes of the original, RCPT025 those of today."""
    sold = sell(quick, ("MILK", "1"))
    taxes = quick.shop.rules.taxes | {"O1": FiscalTax(tax_id="9", code="A", percent=Decimal(16))}
    quick.shop = replace(quick.shop, rules=replace(quick.shop.rules, taxes=taxes))
    with pytest.raises(TaxNotAsSold) as caught:
        give_back(quick, sold)
    assert "15.5 %" in caught.value.sentence
    renumbered = taxes | {"O1": FiscalTax(tax_id="9", code="A", percent=Decimal("15.5"))}
    quick.shop = replace(quick.shop, rules=replace(quick.shop.rules, taxes=renumbered))
    with pytest.raises(TaxNotAsSold):
        give_back(quick, sold)


def test_the_same_note_again_is_the_first_answer(till: Counter) -> None:
    sold = sell(till, ("MILK", "3"))
    wanted = asked(till.shop, sold, back(1, "1"))
    first = refund.post(till.shop, shops.actor(), wanted, reference="R1")
    assert refund.post(till.shop, shops.actor(), wanted, reference="R1") == replace(
        first, replayed=True
    )
    other = replace(wanted, id=till.shop.ids.new(), lines=(back(1, "2"),))
    with pytest.raises(ReferenceConflict):
        refund.post(till.shop, shops.actor(), other, reference="R1")
    assert on_hand(till.shop, "MILK") == shops.ON_HAND - 2


def test_a_buyer_who_was_named_is_named_again(quick: Counter) -> None:
    from pos_app.services import partner

    actor = shops.actor()
    made = basket.start(quick.shop, actor, partner=partner.get(quick.shop, "C0001"))
    made = basket.add(quick.shop, actor, made, "MILK", quantity=Decimal(1))
    sold = sale.post(quick.shop, actor, made, [tender.make(quick.shop, "cash", made.total)])
    quick.file()
    noted = give_back(quick, sold)
    quick.file()
    filed = quick.box.ledger()["receipts"][-1]
    assert (filed["number"], filed["buyer"]["buyerTIN"]) == (noted.receipt, "2000111222")


PAPER = EnteredOriginal(
    number="OLD-17",
    device_id="22862",
    device_serial="RVX-0001",
    receipt_global_no=216877,
    fiscal_day=534,
    filed_at=datetime(2026, 10, 11, 14, 5),  # noqa: DTZ001 - as the paper has it
    currency="USD",
    total=Decimal("9.98"),
    lines=(
        EnteredLine(item="MILK", quantity=Decimal(2), amount=Decimal("3.98")),
        EnteredLine(item="BREAD", quantity=Decimal(6), amount=Decimal("6.00")),
    ),
)


def test_a_receipt_of_another_device_is_named_by_its_place(till: Counter) -> None:
    """FDMS facts: an original another device filed goes by device, global number and day."""
    sell(till, ("BREAD", "1"))
    till.print()
    shop, boss = till.shop, replace(shops.actor(), role="Admin")
    wanted = AskedNote(
        id=shop.ids.new(),
        receipt=PAPER.number,
        reason="sour",
        lines=(back(1, "1"),),
        entered=PAPER,
    )
    with pytest.raises(ApprovalNeeded) as needed:
        refund.post(shop, shops.actor(), wanted)
    assert needed.value.details["rule"] == "refund.entered"
    noted = refund.post(shop, boss, wanted)
    till.file_all()
    till.print()
    assert till.state(noted) == "fiscalised"
    assert till.calls("POST TransactMExt") == 1
    filed = till.box.ledger()["receipts"][-1]
    assert filed["original"] == {
        "device_id": "22862",
        "receipt_global_no": 216877,
        "fiscal_day": 534,
        "number": "",
    }
    for text in ("CREDITED INVOICE", "RVX-0001", "216877", "11/10/26 14:05", "OLD-17"):
        assert text in till.papers()[-1]
    assert check(shop) == []


def test_an_entered_receipt_is_one_receipt_however_often_it_is_entered(quick: Counter) -> None:
    shop, boss = quick.shop, replace(shops.actor(), role="Admin")
    sold = sell(quick, ("BREAD", "1"))

    def post(entered: EnteredOriginal | None, *lines: WantedLine) -> Posted:
        asked_for = AskedNote(
            id=shop.ids.new(), receipt="OLD-17", reason="sour", lines=lines, entered=entered
        )
        return refund.post(shop, boss, asked_for)

    post(PAPER, back(1, "1"))
    post(PAPER, back(1, "1"), back(2, "2"))
    with pytest.raises(ReturnTooMuch):
        post(None, back(1, "1"))
    with pytest.raises(OriginalDiffers):
        post(replace(PAPER, fiscal_day=535), back(1, "1"))
    with pytest.raises(OriginalDiffers):
        post(replace(PAPER, lines=PAPER.lines[::-1]), back(1, "1"))
    with pytest.raises(OriginalKnown):
        post(replace(PAPER, number=sold.receipt), back(1, "1"))
    assert str(post(None).total) == "-4.00"
    with pytest.raises(NothingLeft):
        post(None)
    quick.file_all()
    assert check(shop) == []


def test_a_debit_note_where_the_device_is_known_to_take_one(store: Store) -> None:
    till = counter(store, device={"profile": DEBIT_NOTES})
    till.driver = Driver(DirectTransport(till.box, till.shop.clock), DEBIT_NOTES)
    rules = replace(till.shop.rules.fiscal, takes_debit_notes=True)
    till.shop = replace(till.shop, rules=replace(till.shop.rules, fiscal=rules))
    till.driver = Driver(DirectTransport(till.box, till.shop.clock), DEBIT_NOTES)
    sold = sell(till, ("MILK", "2"))
    held = Decimal(drawer(till.shop)["USD"])
    noted = give_back(till, sold, less(1, "1.00"), kind=NoteKind.DEBIT, reason="priced too low")
    till.file_all()
    till.print()
    assert (str(noted.total), till.state(noted), till.row(noted)["reason"]) == (
        "1.00",
        "fiscalised",
        "",
    )
    assert Decimal(drawer(till.shop)["USD"]) == held + 1
    assert till.box.ledger()["receipts"][-1]["type"] == "DebitNote"
    assert "DEBITED INVOICE" in till.papers()[-1]
    with pytest.raises(NoteLineInvalid):
        give_back(till, sold, back(1, "1"), kind=NoteKind.DEBIT)
    account = TenderType("account", "Account", 4, "account", ("USD",))
    kinds = (*till.shop.rules.tender_types, account)
    till.shop = replace(till.shop, rules=replace(till.shop.rules, tender_types=kinds))
    for kind in (NoteKind.DEBIT, NoteKind.CREDIT):
        with pytest.raises(AccountNeedsCustomer):
            give_back(till, sold, less(1, "1.00"), kind=kind, tender="account")
    with till.shop.store.write() as connection:
        known = partners.by_code(connection, "C0001")
        assert known is not None
        zero = Money.zero("USD")
        row = replace(known, credit_limit=zero, balance=zero)
        partners.put(connection, [row], at=till.shop.clock.now())
        mine = sales.sales.c.id == sold.sale_id
        connection.execute(sales.sales.update().where(mine).values(partner="C0001"))
    with pytest.raises(ApprovalNeeded, match=r"Credit .* of 1\.00 USD"):
        give_back(till, sold, less(1, "1.00"), kind=NoteKind.DEBIT, tender="account")
    with till.shop.store.write() as connection:
        connection.execute(sales.sales.update().where(mine).values(partner="C0000"))
    assert str(give_back(till, sold).total) == "-4.98"
    assert check(till.shop) == []


@pytest.fixture
def loose_store(sqlite_path: Path) -> Iterator[Store]:
    """An open till on a database that does not wait for its disk."""
    with open_store(sqlite_path, synchronous="OFF") as store:
        shops.open_till(shops.open_shop(store))
        yield store


@settings(
    max_examples=10,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.data())
def test_however_a_receipt_comes_back_its_parts_are_the_receipt(
    loose_store: Store, data: st.DataObject
) -> None:
    """Production lesson L36: to the cent, per tax and in all; VAT within half a cent per note."""
    rules = replace(shops.shop_rules().fiscal, device="", is_required=False)
    shop = Shop(
        store=loose_store,
        clock=shops.FixedClock(),
        ids=SystemIds(),
        rules=shops.shop_rules(fiscal=rules, may_oversell=True),
    )
    _comes_back_in_parts(shop, data)


def _comes_back_in_parts(shop: Shop, data: st.DataObject) -> None:
    cart = data.draw(
        st.lists(
            st.tuples(st.sampled_from(["MILK", "BREAD", "BOOK", "NAME"]), st.integers(1, 4)),
            min_size=1,
            max_size=4,
        )
    )
    weight = data.draw(st.integers(10, 3000))
    boss = replace(shops.actor(), role="Admin")
    made = basket.start(shop, shops.actor())
    for code, quantity in (*cart, ("BANANA", Decimal(weight) / 1000)):
        made = basket.add(shop, shops.actor(), made, code, quantity=Decimal(quantity))
    sold = sale.post(shop, shops.actor(), made, [tender.make(shop, "cash", made.total)])
    notes: list[Posted] = []
    while True:
        left = original.show(shop, sold.receipt)
        lines = [row for row in left.sold if row.returnable > 0]
        if not lines:
            break
        row = data.draw(st.sampled_from(lines))
        if len(notes) > 2:
            wanted = back(row.number, format(row.returnable, "f"))
        elif row.creditable.minor > 1 and data.draw(st.booleans()):
            amount = data.draw(st.integers(1, row.creditable.minor - 1))
            wanted = WantedLine(line=row.number, amount=Money(amount, "USD"))
        else:
            micro = data.draw(st.integers(1, int(row.returnable * 10**row.decimals)))
            wanted = WantedLine(line=row.number, quantity=Decimal(micro).scaleb(-row.decimals))
        try:
            notes.append(refund.post(shop, boss, asked(shop, sold, wanted)))
        except NoteWorthless:
            whole = back(row.number, format(row.returnable, "f"))
            notes.append(refund.post(shop, boss, asked(shop, sold, whole)))
    with shop.store.read() as connection:
        header = sales.by_id(connection, sold.sale_id)
        made = sales.notes_of(connection, sold.sale_id)
    assert header is not None
    assert sum(row["total"] for row in made) == -header["total"]
    for tax in header["taxes"]:
        parts = [part for row in made for part in row["taxes"] if part["group"] == tax["group"]]
        assert sum(part["gross"] for part in parts) == -tax["gross"]
        assert 2 * abs(sum(part["vat"] for part in parts) + tax["vat"]) <= len(parts) + 1
    assert [note.currency for note in notes] == ["USD"] * len(notes)


def test_what_came_back_in_parts_leaves_clean_books(quick: Counter) -> None:
    sold = sell(quick, ("MILK", "3"), ("BOOK", "1"), ("BANANA", "0.777"))
    boss = replace(shops.actor(), role="Admin")
    for lines in ((back(1, "1"), less(2, "3.33")), (back(3, "0.123"),), ()):
        refund.post(quick.shop, boss, asked(quick.shop, sold, *lines))
    quick.file_all()
    assert sum(Decimal(row["total"]) for row in quick.box.ledger()["receipts"]) == 0
    assert check(quick.shop) == []
