from __future__ import annotations

import pytest

from pos_app.domain.item import BarcodeAmbiguous, Item, ItemInactive, ItemInvalid, check_active


def test_an_item_is_plain_data() -> None:
    item = Item("BREAD", "10% [/] off", "each", 0, "A", barcodes=("6001234567899",))
    assert check_active(item) is item
    assert item == Item("BREAD", "10% [/] off", "each", 0, "A", barcodes=("6001234567899",))


def test_frozen_items_are_not_sold() -> None:
    with pytest.raises(ItemInactive):
        check_active(Item("OLD", "Old", "each", 0, "A", is_active=False))


@pytest.mark.parametrize(("code", "decimals"), [("", 0), ("A", -1), ("A", 7)])
def test_impossible_items(code: str, decimals: int) -> None:
    with pytest.raises(ItemInvalid):
        Item(code, "Name", "each", decimals, "A")


def test_ambiguous_barcode_names_the_items() -> None:
    error = BarcodeAmbiguous("123", tuple(f"ITEM{n}" for n in range(9)))
    assert "9 items" in error.sentence
    assert error.details["items"] == [f"ITEM{n}" for n in range(9)]
