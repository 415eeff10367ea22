"""What the device is asked to file: our very figures, complete, or the sale is refused first."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fiscal.messages import ReceiptRequest
from pos_app.domain.fiscal import SaleNotFileable
from pos_app.domain.money import half_up
from pos_app.domain.sale import Sale
from pos_app.services import basket, fiscal_request, partner, sale, tender
from pos_app.services.shop import Shop
from pos_app.store import fiscal as journal
from pos_app.store.engine import Store
from tests import shops

HEADER = {"receipt": "T01-000001", "username": "cashier"}


@pytest.fixture
def shop(sqlite_store: Store) -> Shop:
    made = shops.open_shop(sqlite_store)
    shops.open_till(made)
    return made


def filled(shop: Shop, *codes: str, customer: str = "", currency: str = "USD") -> Sale:
    actor = shops.actor()
    buyer = partner.get(shop, customer) if customer else None
    made = basket.start(shop, actor, currency=currency, partner=buyer)
    for code in codes:
        made = basket.add(shop, actor, made, code)
    return made


def asked(shop: Shop, made: Sale) -> ReceiptRequest:
    return fiscal_request.for_sale(shop, made.renumbered(), HEADER)


def test_a_request_says_what_was_sold(shop: Shop) -> None:
    request = asked(shop, filled(shop, "MILK", "BREAD", "BOOK"))
    assert (request.number, request.kind, request.currency) == ("T01-000001", "invoice", "USD")
    assert (request.total, request.tax) == (Decimal("15.49"), Decimal("0.27"))
    assert [(row.tax_id, row.tax_percent) for row in request.lines] == [
        ("1", Decimal("15.5")),
        ("2", Decimal(0)),
        ("3", None),
    ]
    assert [row.hs_code for row in request.lines] == ["04011000", "19059090", "49019900"]
    assert request.comment.strip()
    assert sum(row.amount for row in request.payments) == request.total


def test_a_gift_is_not_filed(shop: Shop) -> None:
    """A price of nothing is RCPT022, and red receipts keep their day from closing."""
    made = filled(shop, "MILK", "BREAD")
    bread = made.lines[1]
    gift = replace(bread.item, is_free=True)
    free = replace(bread, item=gift, quote=replace(bread.quote, unit_price=Decimal(0)))
    request = asked(shop, replace(made, lines=(made.lines[0], free)))
    assert [(row.number, row.code) for row in request.lines] == [(1, "MILK")]
    assert request.total == made.lines[0].amount.amount


def test_zig_goes_by_its_official_code(shop: Shop) -> None:
    assert asked(shop, filled(shop, "MILK", currency="ZIG")).currency == "ZWG"


def test_a_buyer_is_named_with_a_tin_or_not_at_all(shop: Shop) -> None:
    """FDMS 7.2 RCPT043: name and TIN go together."""
    named = asked(shop, filled(shop, "MILK", customer="C0001")).buyer
    assert named is not None
    assert (named.name, named.tin) == ("Corner Canteen", "2000111222")
    assert asked(shop, filled(shop, "MILK")).buyer is None
    unregistered = filled(shop, "MILK", customer="C0001")
    assert unregistered.partner is not None
    unregistered = replace(unregistered, partner=replace(unregistered.partner, tin=""))
    assert asked(shop, unregistered).buyer is None


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    quantities=st.lists(st.integers(20, 99_999), min_size=1, max_size=6),
    percent=st.decimals(0, 50, places=6),
)
def test_the_device_computes_our_very_lines(
    shop: Shop, quantities: list[int], percent: Decimal
) -> None:
    """It ignores amounts and multiplies itself: quantity x price must be the line (lesson L11)."""
    actor = shops.actor("manager")
    made = basket.start(shop, actor)
    for at, thousandths in enumerate(quantities):
        code = "BANANA" if at % 2 else "MILK"
        quantity = Decimal(thousandths).scaleb(-3) if at % 2 else Decimal(thousandths % 40 + 1)
        made = basket.add(shop, actor, made, code, quantity=quantity)
    made = made.with_discount(None, percent)
    request = asked(shop, made)
    for row in request.lines:
        assert half_up(row.quantity * row.price, 2) == row.amount
    assert sum(row.amount for row in request.lines) == request.total == made.total.amount


@pytest.mark.parametrize("name", ["", "   ", "x" * 201])
def test_a_sale_the_device_would_refuse_is_refused_before_payment(shop: Shop, name: str) -> None:
    made = filled(shop, "MILK")
    line = made.lines[0]
    nameless = replace(line.item)
    object.__setattr__(nameless, "name", name)
    made = replace(made, lines=(replace(line, item=nameless),))
    with pytest.raises(SaleNotFileable) as refused:
        sale.post(shop, shops.actor(), made, [tender.make(shop, "cash", made.total)])
    assert "line 1" in refused.value.sentence
    with shop.store.read() as connection:
        assert journal.unsettled(connection) == (0, None)


def test_the_intent_is_on_disk_with_its_digest(shop: Shop) -> None:
    made = filled(shop, "MILK")
    posted = sale.post(shop, shops.actor(), made, [tender.make(shop, "cash", made.total)])
    with shop.store.read() as connection:
        row = journal.by_sale(connection, posted.sale_id)
    assert row is not None
    assert (row["state"], row["number"], row["looks"]) == ("intent", posted.receipt, 0)
    assert ReceiptRequest.from_json(row["request"]).digest == row["digest"]
