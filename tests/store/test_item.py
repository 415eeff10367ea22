"""Items are found by exactly what was scanned, and by what people remember of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from pos_app.domain.item import Item
from pos_app.store import item as items
from pos_app.store.engine import Store
from pos_app.store.item import BarcodeUse, ItemFilter, ItemGroup

NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)


def an_item(code: str, name: str, *barcodes: str, group: str = "", is_active: bool = True) -> Item:
    return Item(
        code=code,
        name=name,
        uom="EA",
        decimals=0,
        tax_group="STD",
        hs_code="12345678",
        group=group,
        is_active=is_active,
        barcodes=barcodes,
    )


SHOP = (
    an_item("COKE2L", "Coca-Cola 2L", "5449000000996"),
    an_item("COKE500", "Coca-Cola 500ml", "5449000131805", "111"),
    an_item("COCOA", "Cocoa powder 250g", "111"),
    an_item("RICE2", "Golden rice 2kg", "6001234500002", group="DRY"),
    an_item("RICE10", "Rice, golden, 10kg", "6001234510001", group="DRY"),
    an_item("OLD", "Coca-Cola glass bottle", "222", is_active=False),
    an_item("ODD", "10% [/] off  CRÈME\x1b", "333"),
)


@pytest.fixture
def shop(store: Store) -> Store:
    put(store, SHOP)
    return store


def put(store: Store, goods: Sequence[Item], at: datetime = NOW) -> None:
    with store.write() as connection:
        items.put(connection, goods, at=at)


def search(store: Store, text: str, *, warehouse: str = "", limit: int = 50) -> list[str]:
    with store.read() as connection:
        found = items.search(connection, text, limit=limit, warehouse=warehouse)
    return [item.code for item in found]


def last_digits(store: Store, digits: str, limit: int = 50) -> list[str]:
    with store.read() as connection:
        return [item.code for item in items.by_last_digits(connection, digits, limit=limit)]


def test_an_item_comes_back_as_it_was_put(shop: Store) -> None:
    with shop.read() as connection:
        for item in SHOP:
            found = items.find_by_code(connection, item.code)
            assert found == replace(item, barcodes=tuple(sorted(item.barcodes)))
        assert items.find_by_code(connection, "coke2l") is None
        assert items.find_by_code(connection, "") is None


def test_a_barcode_finds_every_item_that_has_it(shop: Store) -> None:
    with shop.read() as connection:
        assert [item.code for item in items.find_by_barcode(connection, "111")] == [
            "COCOA",
            "COKE500",
        ]
        assert [item.code for item in items.find_by_barcode(connection, "222")] == ["OLD"]
        assert items.find_by_barcode(connection, "11") == []


def test_codes_in_bulk_leave_out_what_nobody_has(shop: Store) -> None:
    with shop.read() as connection:
        found = items.find_by_codes(connection, ["COKE2L", "none", "COCOA"])
        assert found.keys() == {"COKE2L", "COCOA"}
        assert found["COCOA"].barcodes == ("111",)
        assert items.find_by_codes(connection, []) == {}


def test_putting_again_changes_everything_but_the_identity(shop: Store) -> None:
    changed = replace(SHOP[0], name="Pepsi 2L", barcodes=("999",), is_free=True)
    put(shop, [changed])
    with shop.read() as connection:
        assert items.find_by_code(connection, "COKE2L") == changed
        assert items.find_by_barcode(connection, "5449000000996") == []
        assert items.count(connection) == len(SHOP)
    assert search(shop, "pepsi") == ["COKE2L"]
    assert search(shop, "coca") == ["COKE500"]


def test_barcodes_may_stand_for_several_units(store: Store) -> None:
    use = BarcodeUse(barcode="CASE", item="COKE2L", uom="Case", factor=Decimal(12))
    single = BarcodeUse(barcode="ONE", item="COKE2L", uom="EA")
    with store.write() as connection:
        items.put(connection, SHOP[:2], at=NOW, uses=[use, single])
    with store.read() as connection:
        assert items.uses_of_barcode(connection, "CASE") == [use]
        assert items.barcodes_of(connection, "COKE2L") == [use, single]
        assert items.barcodes_of(connection, "COKE500") == []
        assert items.find_by_barcode(connection, "CASE")[0].barcodes == ("CASE", "ONE")


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("coca", {"COKE2L", "COKE500"}),
        ("COCA", {"COKE2L", "COKE500"}),
        ("co", {"COKE2L", "COKE500", "COCOA"}),
        ("rice golden", {"RICE2", "RICE10"}),
        ("gold ri 2", {"RICE2"}),
        ("10 kg", {"RICE10"}),
        ("10kg", {"RICE10"}),
        ("creme", {"ODD"}),
        ("10% [/]", {"ODD", "RICE10"}),
        ("coke2l", {"COKE2L"}),
        ("ola", set()),
        ("coca rice", set()),
        ("", set()),
        ("  ' \" * & | ! ( ) : \\ %_", set()),
        ("NEAR(a b) AND OR NOT", set()),
        ("\x00", set()),
        ("a " * 2000, set()),
    ],
)
def test_words_find_items_by_their_beginnings(shop: Store, text: str, codes: set[str]) -> None:
    assert set(search(shop, text)) == codes


def test_better_places_come_first(shop: Store) -> None:
    assert search(shop, "rice") == ["RICE10", "RICE2"]
    assert search(shop, "golden") == ["RICE2", "RICE10"]
    assert search(shop, "co", limit=1) == ["COCOA"]
    assert search(shop, "co", limit=0) == []


def test_the_exact_code_comes_before_everything(shop: Store) -> None:
    put(shop, [an_item("CO", "Zzz co"), an_item("CO2", "Co co co")])
    assert search(shop, "co")[0] == "CO"


def test_what_was_sold_here_comes_first(shop: Store) -> None:
    with shop.write() as connection:
        items.sold(connection, "W1", ["COKE500", "COKE500"], NOW)
        items.sold(connection, "W2", ["COKE2L"], NOW)
    assert search(shop, "co", warehouse="W1")[0] == "COKE500"
    assert search(shop, "co", warehouse="W2")[0] == "COKE2L"
    assert search(shop, "co", warehouse="W3")[0] == "COCOA"
    with shop.write() as connection:
        for minutes in range(3):
            items.sold(connection, "W1", ["COCOA"], NOW + timedelta(minutes=minutes))
    assert search(shop, "co", warehouse="W1")[:2] == ["COCOA", "COKE500"]


def test_among_thousands_the_recent_and_the_well_named_are_found(store: Store) -> None:
    """More items fit than are ranked; those that matter must be among them all the same."""
    many = [an_item(f"X{number:05d}", f"Brand thing {number}") for number in range(2000)]
    put(store, [*many, an_item("Y", "Thing of its own"), an_item("Z", "Good thing")])
    with store.write() as connection:
        items.sold(connection, "W1", ["Z"], NOW)
    assert search(store, "thi", warehouse="W1", limit=5)[0] == "Z"
    assert "Y" in search(store, "thing", warehouse="W1", limit=5)
    assert len(search(store, "thing", limit=50)) == 50


def test_last_digits_of_code_or_barcode(shop: Store) -> None:
    assert last_digits(shop, "0001") == ["RICE10"]
    assert last_digits(shop, "10") == ["RICE10"]
    assert last_digits(shop, "11") == ["COCOA", "COKE500"]
    assert last_digits(shop, "2l") == ["COKE2L"]
    assert last_digits(shop, "222") == []
    assert last_digits(shop, "") == []
    assert last_digits(shop, "%") == []
    assert len(last_digits(shop, "1", limit=2)) == 2


def test_pages_follow_each_other_without_gap(shop: Store) -> None:
    seen: list[str] = []
    with shop.read() as connection:
        while True:
            after = seen[-1] if seen else ""
            found = items.page(connection, after=after, limit=3)
            seen += [item.code for item in found]
            if len(found) < 3:
                break
    assert seen == sorted(item.code for item in SHOP)


def test_pages_may_be_filtered(shop: Store) -> None:
    dry, inactive = ItemFilter(group="DRY"), ItemFilter(is_active=False)
    with shop.read() as connection:
        codes = [item.code for item in items.page(connection, limit=9, only=dry)]
        assert codes == ["RICE10", "RICE2"]
        assert items.count(connection, only=dry) == 2
        assert [item.code for item in items.page(connection, limit=9, only=inactive)] == ["OLD"]
        assert items.count(connection, only=ItemFilter(is_batch_managed=True)) == 0


def test_groups(store: Store) -> None:
    with store.write() as connection:
        items.put_groups(connection, [ItemGroup("2", "Dry"), ItemGroup("1", "Drinks")])
        items.put_groups(connection, [ItemGroup("2", "Dry goods")])
        assert items.groups(connection) == [ItemGroup("1", "Drinks"), ItemGroup("2", "Dry goods")]


def test_names_are_kept_to_the_letter(shop: Store) -> None:
    with shop.read() as connection:
        found = items.find_by_code(connection, "ODD")
    assert found is not None
    assert found.name == "10% [/] off  CRÈME\x1b"


def test_a_search_is_undone_with_its_item(shop: Store) -> None:
    def fail() -> None:
        with shop.write() as connection:
            items.put(connection, [an_item("NEW", "Novelty")], at=NOW)
            raise KeyError("stop")

    with pytest.raises(KeyError):
        fail()
    assert search(shop, "novelty") == []


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    names=some.lists(some.text(alphabet="abc 12-é", min_size=1, max_size=12), max_size=12),
    text=some.text(alphabet="abc 12é", min_size=1, max_size=4),
)
def test_search_finds_what_reading_all_names_finds(
    sqlite_store: Store, names: list[str], text: str
) -> None:
    from pos_app.store.words import place_of, words_of

    with sqlite_store.write() as connection:
        for table in ("barcodes", "item_recent", "items"):
            connection.exec_driver_sql(f"DELETE FROM {table}")
        goods = [an_item(f"Q{number}", name) for number, name in enumerate(names)]
        items.put(connection, goods, at=NOW)
        found = {item.code for item in items.search(connection, text, limit=99)}
    wanted = words_of(text)
    expected = {
        item.code
        for item in goods
        if wanted and place_of(words_of(item.name, item.code), wanted) is not None
    }
    assert found == expected
