"""Prices and special prices are given back complete; which one counts is decided elsewhere."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from pos_app.domain.price import ListPrice, PriceList, SpecialPrice
from pos_app.store import price as prices
from pos_app.store.engine import Store

USD = PriceList("1", "Retail USD", "USD", is_gross=True)
ZIG = PriceList("2", "Retail ZIG", "ZIG", is_gross=False)


def listed(item: str, price_list: str, price: str) -> ListPrice:
    return ListPrice(item, price_list, Decimal(price))


def test_lists(store: Store) -> None:
    with store.write() as connection:
        prices.put_lists(connection, [ZIG, USD])
        assert prices.lists(connection) == [USD, ZIG]
        assert prices.list_by_code(connection, "2") == ZIG
        assert prices.list_by_code(connection, "3") is None
        renamed = PriceList("2", "Street", "ZIG", is_gross=True)
        prices.put_lists(connection, [renamed])
        assert prices.lists(connection) == [USD, renamed]


def test_prices_keep_six_decimals(store: Store) -> None:
    with store.write() as connection:
        prices.put(
            connection,
            [listed("A", "1", "1.990001"), listed("A", "2", "53"), listed("B", "1", "0")],
        )
        prices.put(connection, [listed("A", "2", "54.5")])
        assert prices.for_item(connection, "A") == [
            listed("A", "1", "1.990001"),
            listed("A", "2", "54.5"),
        ]
        assert prices.for_item(connection, "B") == [listed("B", "1", "0")]
        assert prices.for_item(connection, "C") == []


def test_several_items_at_once(store: Store) -> None:
    with store.write() as connection:
        prices.put(
            connection, [listed("A", "1", "1"), listed("A", "2", "2"), listed("B", "1", "3")]
        )
        assert prices.for_items(connection, ["A", "B", "C"]) == {
            "A": [listed("A", "1", "1"), listed("A", "2", "2")],
            "B": [listed("B", "1", "3")],
        }
        assert prices.for_items(connection, ["A"], price_list="2") == {"A": [listed("A", "2", "2")]}
        assert prices.for_items(connection, []) == {}


def test_a_price_taken_off_is_missing_not_zero(store: Store) -> None:
    with store.write() as connection:
        prices.put(connection, [listed("A", "1", "1"), listed("A", "2", "2")])
        prices.drop(connection, ["A"], price_list="1")
        prices.drop(connection, [], price_list="2")
        assert prices.for_item(connection, "A") == [listed("A", "2", "2")]


def test_replacing_a_list_leaves_the_others(store: Store) -> None:
    with store.write() as connection:
        prices.put(connection, [listed(f"I{number:04d}", "1", "1") for number in range(1200)])
        prices.put(connection, [listed("A", "2", "2")])
        prices.replace_list(connection, "1", [listed("A", "1", "9"), listed("B", "1", "8")])
        assert prices.page_of_list(connection, "1", limit=5) == [
            listed("A", "1", "9"),
            listed("B", "1", "8"),
        ]
        assert prices.page_of_list(connection, "1", after="A", limit=5) == [listed("B", "1", "8")]
        assert prices.for_item(connection, "I0001") == []
        assert prices.page_of_list(connection, "2", limit=5) == [listed("A", "2", "2")]


def test_special_prices_are_replaced_per_item(store: Store) -> None:
    everybody = SpecialPrice(
        item="A",
        price=Decimal("1.5"),
        currency="USD",
        valid_from=date(2026, 1, 1),
        valid_to=date(2026, 1, 31),
        from_quantity=Decimal("12.5"),
    )
    one = SpecialPrice(item="A", partner="C1", discount_percent=Decimal("7.25"), currency="ZIG")
    other = SpecialPrice(item="B", price=Decimal(2), currency="USD")
    with store.write() as connection:
        prices.replace_specials(connection, ["A", "B"], [everybody, one, other])
        assert prices.specials_for(connection, "A") == [everybody, one]
        prices.replace_specials(connection, ["A", "C"], [one])
        assert prices.specials_for(connection, "A") == [one]
        assert prices.specials_for_items(connection, ["A", "B", "C"]) == {"A": [one], "B": [other]}
        prices.replace_specials(connection, ["A", "B"], [])
        assert prices.specials_for(connection, "B") == []
