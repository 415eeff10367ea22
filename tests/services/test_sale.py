"""Posting: whole or not at all, once per identity, and every figure explained."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from sqlalchemy import select

from pos_app.domain.money import Money
from pos_app.domain.permission import PermissionMissing
from pos_app.domain.sale import Sale, SaleEmpty
from pos_app.domain.shift import ShiftNotOpen
from pos_app.domain.tender import Tender, TenderTooLow
from pos_app.errors import InsufficientStock, ReferenceConflict
from pos_app.services import basket, receipt, sale, shift, tender
from pos_app.services.shop import Shop
from pos_app.store import audit, fiscal, outbox, stock
from pos_app.store import sale as sales
from pos_app.store.engine import Store
from tests import shops


@pytest.fixture
def shop(store: Store) -> Shop:
    made = shops.open_shop(store)
    shops.open_till(made)
    return made


def cash(shop: Shop, amount: str, currency: str = "USD") -> Tender:
    return tender.make(shop, "cash", Money.of(amount, currency))


def filled(shop: Shop, *codes: str, quantity: str = "1") -> Sale:
    made = basket.start(shop, shops.actor())
    for code in codes:
        made = basket.add(shop, shops.actor(), made, code, quantity=Decimal(quantity))
    return made


def test_posted_sale_is_stored_whole(shop: Shop) -> None:
    made = filled(shop, "MILK", "BREAD", "YOGHURT")
    posted = sale.post(shop, shops.actor(), made, [cash(shop, "10")])
    assert (str(posted.total), str(posted.paid), posted.receipt) == ("5.34", "10.00", "T01-000001")
    assert posted.change == (Money.of("4.66", "USD"),)
    with shop.store.read() as connection:
        header = sales.by_id(connection, made.id)
        lines = sales.lines_of(connection, made.id)
        moves = stock.moves_of(connection, made.id)
        journal = fiscal.by_sale(connection, made.id)
        waiting = connection.execute(select(outbox.outbox)).mappings().all()
        events = audit.about(connection, posted.receipt)
    assert header is not None
    assert journal is not None
    assert header["net"] + header["vat"] == header["total"] == sum(row["gross"] for row in lines)
    assert [(row["item"], row["batch"]) for row in moves][-1] == ("YOGHURT", "Y-SOON")
    assert journal["state"] == "intent"
    assert [row["key"] for row in waiting if row["kind"] == "sale"] == [made.id]
    assert [row["action"] for row in events] == ["sale.post"]


def test_same_sale_again_is_the_first_answer(shop: Shop) -> None:
    made = filled(shop, "MILK")
    first = sale.post(shop, shops.actor(), made, [cash(shop, "5")])
    again = sale.post(shop, shops.actor(), made, [cash(shop, "5")])
    assert again == replace(first, replayed=True)
    assert shift.x(shop, shops.actor()).sale_count == 1


def test_reference_replays_and_refuses_another_content(shop: Shop) -> None:
    actor = shops.actor()
    first = sale.post(shop, actor, filled(shop, "MILK"), [cash(shop, "5")], reference="R1")
    again = sale.post(shop, actor, filled(shop, "MILK"), [cash(shop, "5")], reference="R1")
    assert (again.receipt, again.replayed) == (first.receipt, True)
    with pytest.raises(ReferenceConflict):
        sale.post(shop, actor, filled(shop, "BREAD"), [cash(shop, "5")], reference="R1")


def test_numbers_have_no_gap_after_a_refusal(shop: Shop) -> None:
    with pytest.raises(TenderTooLow):
        sale.post(shop, shops.actor(), filled(shop, "MILK"), [cash(shop, "1")])
    posted = sale.post(shop, shops.actor(), filled(shop, "MILK"), [cash(shop, "2")])
    assert posted.receipt == "T01-000001"


def test_refused_sale_leaves_nothing_behind(shop: Shop) -> None:
    made = filled(shop, "MILK", quantity="101")
    with pytest.raises(InsufficientStock) as caught:
        sale.post(shop, shops.actor(), made, [cash(shop, "201")])
    assert caught.value.details["available"] == "100"
    with shop.store.read() as connection:
        assert sales.by_id(connection, made.id) is None
        assert connection.execute(select(stock.stock_moves)).all() == []
        assert fiscal.by_sale(connection, made.id) is None
    assert shift.x(shop, shops.actor()).balances[0].expected == Money.of("70", "USD")


def test_two_currencies_settle_to_the_cent(shop: Shop) -> None:
    made = filled(shop, "BOOK", "MILK")
    given = [cash(shop, "120", "ZIG"), cash(shop, "20")]
    posted = sale.post(shop, shops.actor(), made, given)
    with shop.store.read() as connection:
        rows = sales.tenders_of(connection, made.id)
    assert sum(row["in_document"] for row in rows) == posted.total.minor
    usd = next(row for row in rows if row["currency"] == "USD")
    assert usd["tendered"] - usd["settled"] == posted.change[0].minor


def test_change_comes_from_what_the_drawer_holds(store: Store) -> None:
    shop = shops.open_shop(store)
    shops.open_till(shop, counts="USD:1=2,ZIG:10=20")
    posted = sale.post(shop, shops.actor(), filled(shop, "MILK"), [cash(shop, "5")])
    assert posted.change == (Money.of("2.00", "USD"), Money.of("26.77", "ZIG"))


def test_batches_are_taken_first_expiring_first_over_two_lines(shop: Shop) -> None:
    actor = shops.actor()
    made = basket.start(shop, actor)
    for quantity in ("4", "4"):
        made = basket.add(shop, actor, made, "YOGHURT", quantity=Decimal(quantity))
    sale.post(shop, actor, made, [cash(shop, "50")])
    with shop.store.read() as connection:
        moves = stock.moves_of(connection, made.id)
    taken = [(row["line"], row["batch"], row["quantity"]) for row in moves]
    assert taken == [
        (1, "Y-SOON", Decimal(-4)),
        (2, "Y-SOON", Decimal(-1)),
        (2, "Y-LATE", Decimal(-3)),
    ]


def test_selling_needs_an_open_shift(store: Store) -> None:
    shop = shops.open_shop(store)
    with pytest.raises(ShiftNotOpen):
        sale.post(shop, shops.actor(), filled(shop, "MILK"), [cash(shop, "5")])


def test_selling_needs_lines_and_the_permission(shop: Shop) -> None:
    with pytest.raises(SaleEmpty):
        sale.post(shop, shops.actor(), basket.start(shop, shops.actor()), [cash(shop, "5")])
    with pytest.raises(PermissionMissing):
        sale.post(shop, shops.actor("stock"), filled(shop, "MILK"), [cash(shop, "5")])


def test_audit_chain_holds_over_sales(shop: Shop) -> None:
    from pos_app.domain.audit import AuditEvent, verify

    for _ in range(3):
        sale.post(shop, shops.actor(), filled(shop, "MILK"), [cash(shop, "5")])
    with shop.store.read() as connection:
        rows = [
            (
                AuditEvent(
                    row["seq"],
                    row["at"],
                    row["actor"],
                    row["action"],
                    row["subject"],
                    row["details"],
                ),
                row["hash"],
            )
            for row in audit.walk(connection)
        ]
    assert len(rows) >= 4
    assert verify(rows) is None


def test_receipts_are_listed_newest_first_and_found_by_text(shop: Shop) -> None:
    for code in ("MILK", "BREAD"):
        sale.post(shop, shops.actor(), filled(shop, code), [cash(shop, "5")])
        shop.clock.sleep(1)
    assert [row.receipt for row in receipt.recent(shop)] == ["T01-000002", "T01-000001"]
    assert [row.receipt for row in receipt.recent(shop, text="0001")] == ["T01-000001"]
    lamps = receipt.recent(shop)[0].lamps.as_words()
    assert lamps == {
        "paid": "done",
        "fiscalised": "pending",
        "printed": "pending",
        "synced": "pending",
        "in_sap": "pending",
    }
