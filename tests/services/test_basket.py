"""The basket: what a scan means, what it costs and why, and what needs a manager."""

from __future__ import annotations

from decimal import Decimal

import pytest

from pos_app.domain import limit as limits
from pos_app.domain.item import ItemUnknown
from pos_app.domain.limit import ApprovalNeeded, Rule
from pos_app.domain.price import PriceMissing
from pos_app.domain.quantity import QuantityInvalid
from pos_app.domain.sale import SaleState
from pos_app.domain.tax import UnmappedTaxGroup
from pos_app.services import basket, hold, item, partner
from pos_app.services.shop import Shop
from pos_app.store import audit
from pos_app.store.engine import Store
from tests import shops


@pytest.fixture
def shop(store: Store) -> Shop:
    made = shops.open_shop(store)
    shops.open_till(made)
    return made


def test_barcode_code_and_label_mean_the_same_item(shop: Shop) -> None:
    actor = shops.actor()
    made = basket.start(shop, actor)
    for text in ("6001234567892", "MILK"):
        made = basket.add(shop, actor, made, text)
    assert [line.item.code for line in made.lines] == ["MILK", "MILK"]
    assert made.lines[0].quote.explanation == "list Retail USD"


@pytest.mark.parametrize("quantity", ["0", "-1", "1000000001", "1.5"])
def test_wrong_quantity_of_an_each_item(shop: Shop, quantity: str) -> None:
    actor = shops.actor()
    made = basket.start(shop, actor)
    with pytest.raises(QuantityInvalid):
        basket.add(shop, actor, made, "MILK", quantity=Decimal(quantity))


def test_what_cannot_be_sold_says_why(shop: Shop) -> None:
    actor = shops.actor()
    made = basket.start(shop, actor)
    with pytest.raises(ItemUnknown):
        basket.add(shop, actor, made, "NOTHING")
    with pytest.raises(PriceMissing):
        basket.add(shop, actor, made, "NOPRICE")
    with pytest.raises(UnmappedTaxGroup):
        basket.add(shop, actor, made, "ODDTAX")


def test_discount_above_the_limit_needs_an_approval_for_exactly_it(shop: Shop) -> None:
    actor, manager = shops.actor(), shops.actor("manager")
    made = basket.add(shop, actor, basket.start(shop, actor), "BOOK")
    with pytest.raises(ApprovalNeeded):
        basket.discount(shop, actor, made, 1, Decimal(20))
    approval = limits.approve(
        Rule.LINE_DISCOUNT,
        Decimal(20),
        approver=manager,
        cashier=actor,
        limits=(*shop.rules.limits, limits.Limit(Rule.LINE_DISCOUNT, "Manager", Decimal(50))),
        sale_id=made.id,
        reason="damaged cover",
        at=shop.clock.now(),
    )
    less = basket.discount(shop, actor, made, 1, Decimal(20), approvals=(approval,))
    assert str(less.total) == "10.00"
    with pytest.raises(ApprovalNeeded):
        basket.discount(shop, actor, made, None, Decimal(30), approvals=(approval,))
    with shop.store.read() as connection:
        actions = [row["action"] for row in audit.about(connection, made.id)]
    assert actions == ["sale.approval", "sale.discount"]


def test_customer_and_currency_change_the_prices(shop: Shop) -> None:
    actor = shops.actor()
    made = basket.add(shop, actor, basket.start(shop, actor), "MILK")
    zig = basket.set_currency(shop, actor, made, "ZIG")
    assert (zig.currency, str(zig.total)) == ("ZIG", "51.74")
    sold_to = basket.set_partner(shop, actor, made, partner.get(shop, "C0001"))
    assert sold_to.partner is not None
    assert sold_to.partner.code == "C0001"


def test_lines_are_voided_with_a_trace_and_numbers_stay(shop: Shop) -> None:
    actor = shops.actor()
    made = basket.start(shop, actor)
    for code in ("MILK", "BREAD", "BOOK"):
        made = basket.add(shop, actor, made, code)
    less = basket.void_line(shop, actor, made, 2, reason="not wanted")
    assert [line.number for line in less.lines] == [1, 3]
    with shop.store.read() as connection:
        assert audit.about(connection, made.id)[0]["details"]["item"] == "BREAD"


def test_search_knows_words_digits_and_what_has_no_price(shop: Shop) -> None:
    def codes(text: str) -> list[str]:
        return [row.item.code for row in item.search(shop, text, partner=None, currency="USD")]

    assert codes("brea bro") == ["BREAD"]
    assert "MILK" in codes("67892")
    assert codes("10% [/]") == ["NAME"]
    assert codes("zzz") == []
    without = item.search(shop, "without", partner=None, currency="USD")[0]
    assert without.quote is None
    assert "NOPRICE" in without.why_no_price


def test_parked_basket_keeps_its_goods_and_comes_back_once(shop: Shop) -> None:
    actor = shops.actor()
    made = basket.add(shop, actor, basket.start(shop, actor), "MILK", quantity=Decimal(60))
    parked = hold.hold(shop, actor, made, note="forgot the purse")
    assert parked.is_reserved
    other = basket.add(shop, actor, basket.start(shop, actor), "MILK", quantity=Decimal(60))
    assert not hold.hold(shop, actor, other).is_reserved
    again = hold.recall(shop, actor, parked.id)
    assert (again.total, again.state) == (made.total, SaleState.OPEN)
    with pytest.raises(Exception, match="changed by somebody else"):
        hold.recall(shop, actor, parked.id)


def test_l50_reservation_of_a_parked_basket_runs_out(shop: Shop) -> None:
    actor = shops.actor()
    made = basket.add(shop, actor, basket.start(shop, actor), "MILK", quantity=Decimal(60))
    hold.hold(shop, actor, made)
    shop.clock.sleep(shop.rules.hold_minutes * 60 + 1)
    assert [row.is_reserved for row in hold.list_held(shop)] == [False]
