"""The paper of a sale: what was filed, complete as the law wants it, in the words of the shop."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from pos_app.domain.money import Money
from pos_app.domain.tax import UnmappedTaxGroup
from pos_app.domain.tender import UnmappedTender
from pos_app.services import basket, paper, partner, sale, tender
from pos_app.services.sale import Posted
from pos_app.store import fiscal as journal
from pos_app.store import sale as sales
from pos_app.store.engine import Store
from printing.errors import NotFiscalised
from printing.receipt import Receipt
from tests import shops
from tests.counter import Counter, counter


@pytest.fixture
def till(sqlite_store: Store) -> Counter:
    return counter(sqlite_store)


def made(till: Counter, posted: Posted, *, copy_number: int = 0, **filed: Any) -> Receipt:
    with till.shop.store.read() as connection:
        header = sales.by_id(connection, posted.sale_id)
        row = journal.by_sale(connection, posted.sale_id)
        assert header is not None
        assert row is not None
        return paper.receipt_of(
            till.shop,
            sale=header,
            lines=sales.lines_of(connection, posted.sale_id),
            tenders=sales.tenders_of(connection, posted.sale_id),
            change=sales.change_of(connection, posted.sale_id),
            filed={**row, **filed},
            copy_number=copy_number,
        )


def sell(till: Counter, *codes: str, customer: str = "", **how: Any) -> Posted:
    actor = shops.actor()
    buyer = partner.get(till.shop, customer) if customer else None
    basket_of = basket.start(till.shop, actor, partner=buyer)
    for code in codes:
        basket_of = basket.add(till.shop, actor, basket_of, code, quantity=how.get("quantity"))
    given = how.get("given") or [tender.make(till.shop, "cash", basket_of.total)]
    posted = sale.post(till.shop, actor, basket_of, given)
    till.file()
    return posted


def test_lines_and_taxes_add_up_to_what_was_filed(till: Counter) -> None:
    posted = sell(till, "MILK", "BREAD", "BOOK", "YOGHURT")
    receipt = made(till, posted)
    assert receipt.total == posted.total.amount
    assert sum(line.amount for line in receipt.lines) == receipt.total
    assert sum(row.gross for row in receipt.taxes) == receipt.total
    assert sum(row.vat for row in receipt.taxes) == posted.vat.amount
    (filed,) = till.box.ledger()["receipts"]
    told = {(row.letter, row.gross, row.vat) for row in receipt.taxes}
    assert told == {
        (row["code"], Decimal(row["sales"]), Decimal(row["tax"])) for row in filed["taxes"]
    }


def test_exempt_has_no_percent_and_zero_has_one(till: Counter) -> None:
    receipt = made(till, sell(till, "BREAD", "BOOK"))
    assert {row.letter: row.percent for row in receipt.taxes} == {"B": Decimal(0), "C": None}


def test_a_registered_buyer_is_named_as_filed(till: Counter) -> None:
    """FDMS 7.2: a buyer who wants to claim the VAT must stand on the receipt."""
    posted = sell(till, "MILK", customer="C0001")
    receipt = made(till, posted)
    assert receipt.buyer is not None
    assert (receipt.buyer.name, receipt.buyer.tin, receipt.buyer.vat_number) == (
        "Corner Canteen",
        "2000111222",
        "220111222",
    )
    till.print()
    (text,) = till.papers()
    assert "Corner Canteen" in text
    assert "2000111222" in text
    (filed,) = till.box.ledger()["receipts"]
    assert filed["buyer"] is not None


def test_nobody_in_particular_is_no_buyer(till: Counter) -> None:
    posted = sell(till, "MILK")
    assert made(till, posted).buyer is None
    (filed,) = till.box.ledger()["receipts"]
    assert not filed["buyer"]


def test_a_weight_and_a_price_by_hand_print_what_was_paid(till: Counter) -> None:
    receipt = made(till, sell(till, "BANANA", quantity=Decimal("1.234")))
    (line,) = receipt.lines
    assert (line.quantity, line.price, line.amount) == (
        Decimal("1.234"),
        Decimal("3.45"),
        Decimal("4.26"),
    )


def test_two_currencies_show_rate_and_worth(till: Counter) -> None:
    zig, usd = Money.of("120", "ZIG"), Money.of("20", "USD")
    given = [tender.make(till.shop, "cash", money) for money in (zig, usd)]
    posted = sell(till, "BOOK", given=given)
    receipt = made(till, posted)
    foreign, own = receipt.tenders
    assert (foreign.currency, foreign.amount, foreign.rate) == ("ZIG", zig.amount, shops.RATE)
    assert foreign.equivalent == Decimal("4.53")
    assert (own.equivalent, own.rate) == (None, None)
    assert [(row.currency, row.amount) for row in receipt.change] == [
        (money.currency, money.amount) for money in posted.change
    ]


def test_a_zig_sale_shows_dollars_at_the_other_rate(till: Counter) -> None:
    actor = shops.actor()
    zig = basket.add(
        till.shop, actor, basket.start(till.shop, actor, currency="ZIG"), "BOOK", quantity=None
    )
    posted = sale.post(
        till.shop, actor, zig, [tender.make(till.shop, "cash", Money.of("20", "USD"))]
    )
    till.file()
    (row,) = made(till, posted).tenders
    assert (row.amount, row.rate, row.equivalent) == (
        Decimal("20.00"),
        Decimal("0.037736"),
        Decimal("530.00"),
    )
    assert [str(money) for money in posted.change] == ["7.73"]


def test_the_device_dates_the_paper(till: Counter) -> None:
    posted = sell(till, "MILK")
    assert made(till, posted).issued_at.isoformat() == till.row(posted)["filed_at"]


@pytest.mark.parametrize("field", ["qr", "verification_code", "device_id"])
def test_an_incomplete_record_makes_no_paper(till: Counter, field: str) -> None:
    posted = sell(till, "MILK")
    with pytest.raises(NotFiscalised):
        made(till, posted, **{field: ""})


def test_a_forgotten_tender_or_tax_is_named(till: Counter) -> None:
    posted = sell(till, "MILK")
    rules = till.shop.rules
    till.shop = replace(till.shop, rules=replace(rules, tender_types=()))
    with pytest.raises(UnmappedTender):
        made(till, posted)
    till.shop = replace(till.shop, rules=replace(rules, taxes={}))
    with pytest.raises(UnmappedTaxGroup):
        made(till, posted)
