from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos_app.domain.item import Item
from pos_app.domain.money import Money, half_up
from pos_app.domain.partner import Partner
from pos_app.domain.price import (
    ListPrice,
    PriceInvalid,
    PriceList,
    PriceMissing,
    PriceQuote,
    SpecialPrice,
    by_hand,
    from_label,
    overridden,
    quote,
)

RETAIL = PriceList("RETAIL", "Retail", "USD", is_gross=True)
BREAD = Item("BREAD", "Bread", "each", 0, "A")
BAG = Item("BAG", "Bag", "each", 0, "A", is_free=True)
SHOP = Partner("C0001", "Tariro Stores", "RETAIL", "USD")
DAY = date(2026, 9, 10)
LISTED = (ListPrice("MILK", "RETAIL", Decimal("9")), ListPrice("BREAD", "RETAIL", Decimal("3.50")))


def special(**facts: object) -> SpecialPrice:
    known: dict[str, object] = {"item": "BREAD", "currency": "USD"}
    return SpecialPrice(**(known | facts))  # type: ignore[arg-type]


def ask(
    *specials: SpecialPrice,
    quantity: str = "1",
    on: date = DAY,
    partner: Partner | None = SHOP,
    prices: tuple[ListPrice, ...] = LISTED,
    item: Item = BREAD,
) -> PriceQuote:
    return quote(
        item,
        partner,
        price_list=RETAIL,
        prices=prices,
        specials=specials,
        quantity=Decimal(quantity),
        on=on,
    )


def test_list_price_says_where_it_comes_from() -> None:
    found = ask()
    assert found.unit_price == Decimal("3.500000")
    assert (found.rule, found.price_list, found.currency, found.is_gross) == (
        "list", "RETAIL", "USD", True,
    )  # fmt: skip
    assert found.explanation == "list Retail"


@pytest.mark.parametrize("price", [None, "0", "-1"])
def test_l42_no_price_no_sale(price: str | None) -> None:
    prices = () if price is None else (ListPrice("BREAD", "RETAIL", Decimal(price)),)
    with pytest.raises(PriceMissing):
        ask(prices=prices)
    with pytest.raises(PriceMissing):
        ask(special(discount_percent=Decimal(10)), prices=prices)


def test_price_of_another_list_does_not_count() -> None:
    with pytest.raises(PriceMissing):
        ask(prices=(ListPrice("BREAD", "WHOLESALE", Decimal(1)),))


def test_a_free_item_costs_nothing_unless_it_has_a_price() -> None:
    found = ask(item=BAG, prices=())
    assert (str(found.unit_price), found.rule) == ("0.000000", "free")
    priced = ask(item=BAG, prices=(ListPrice("BAG", "RETAIL", Decimal("0.10")),))
    assert (str(priced.unit_price), priced.rule) == ("0.100000", "list")


def test_special_price_is_taken_as_it_is() -> None:
    # 3.50 to 3.30 is 5.714286 %: as a discount of two decimals it would miss by a cent
    found = ask(special(partner="C0001", price=Decimal("3.30"), discount_percent=Decimal("5.71")))
    assert (str(found.unit_price), found.rule) == ("3.300000", "special")
    assert found.explanation == "special price for C0001"


def test_discount_keeps_all_its_decimals() -> None:
    found = ask(special(partner="C0001", discount_percent=Decimal("5.714286")))
    assert str(found.unit_price) == "3.300000"
    assert "5.714286 % off list Retail" in found.explanation


@pytest.mark.parametrize(
    "row",
    [
        special(price=Decimal(0)),
        special(price=Decimal(0), discount_percent=Decimal(0)),
        special(),
        special(price=Decimal(-1)),
        special(item="MILK", price=Decimal(1)),
        special(partner="C0002", price=Decimal(1)),
        special(currency="ZIG", price=Decimal(1)),
        special(price=Decimal(1), valid_from=date(2026, 9, 11)),
        special(price=Decimal(1), valid_to=date(2026, 9, 9)),
        special(price=Decimal(1), from_quantity=Decimal(2)),
    ],
)
def test_specials_that_do_not_count(row: SpecialPrice) -> None:
    assert ask(row).rule == "list"


def test_period_ends_are_included() -> None:
    row = special(price=Decimal(1), valid_from=DAY, valid_to=DAY)
    assert ask(row).rule == "special"
    assert ask(row).explanation.endswith("until 2026-09-10")
    assert ask(row, on=date(2026, 9, 11)).rule == "list"


def test_which_special_wins() -> None:
    everybody = special(price=Decimal("3.40"))
    own = special(partner="C0001", price=Decimal("3.45"))
    dated = special(partner="C0001", price=Decimal("3.20"), valid_from=date(2026, 9, 1))
    newer = special(partner="C0001", price=Decimal("3.25"), valid_from=date(2026, 9, 5))
    assert ask(everybody).unit_price == Decimal("3.40")
    assert ask(everybody, own).unit_price == Decimal("3.45")
    assert ask(everybody, own, partner=None).unit_price == Decimal("3.40")
    assert ask(everybody, own, dated).unit_price == Decimal("3.20")
    assert ask(newer, dated, own, everybody).unit_price == Decimal("3.25")
    cheaper = special(partner="C0001", price=Decimal("3.24"), valid_from=date(2026, 9, 5))
    assert ask(newer, cheaper).unit_price == ask(cheaper, newer).unit_price == Decimal("3.24")


def test_quantity_break_applies_from_its_quantity() -> None:
    rows = [special(price=Decimal("3.40")), special(price=Decimal(3), from_quantity=Decimal(10))]
    assert ask(*rows, quantity="9").unit_price == Decimal("3.40")
    assert ask(*rows, quantity="10").unit_price == Decimal(3)
    assert "from 10" in ask(*rows, quantity="11").explanation


def test_special_price_needs_no_list_price() -> None:
    assert ask(special(price=Decimal(2)), prices=()).unit_price == 2


def test_price_by_hand() -> None:
    found = overridden(ask(), Decimal("1.00"), explanation="price by hand, manager Rudo")
    assert (found.unit_price, found.rule) == (Decimal("1.00"), "override")
    assert overridden(ask(), Decimal(10**9), explanation="").unit_price == 10**9
    other = by_hand(RETAIL, Decimal("2"), explanation="no list price, manager Rudo")
    assert (str(other.unit_price), other.currency, other.rule) == ("2", "USD", "override")


@pytest.mark.parametrize("price", ["0", "-1", "NaN", "Infinity", "1.0000001", "1000000001"])
def test_prices_by_hand_are_checked(price: str) -> None:
    with pytest.raises(PriceInvalid):
        overridden(ask(), Decimal(price), explanation="")
    with pytest.raises(PriceInvalid):
        by_hand(RETAIL, Decimal(price), explanation="")


@given(
    st.decimals(min_value="0.01", max_value="999.99", places=2),
    st.decimals(min_value="0.01", max_value="99.99", places=2),
    st.sampled_from([0, 3]),
)
def test_label_price_is_what_the_line_comes_to(due: Decimal, unit: Decimal, decimals: int) -> None:
    known = overridden(ask(), unit, explanation="list")
    quantity, found = from_label(known, due, decimals=decimals)
    assert half_up(found.unit_price * quantity, 2) == due
    assert Money.of(half_up(found.unit_price * quantity, 2), "USD").amount == due
    assert quantity == half_up(quantity, decimals)
    assert quantity > 0
    assert found.rule == "label"


def test_label_without_a_price_is_refused() -> None:
    with pytest.raises(PriceInvalid):
        from_label(ask(), Decimal(0), decimals=3)
    with pytest.raises(PriceInvalid):
        from_label(ask(item=BAG, prices=()), Decimal(1), decimals=3)
