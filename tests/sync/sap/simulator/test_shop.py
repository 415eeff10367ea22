from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sync.sap.simulator.core import load
from sync.sap.simulator.shop import ShopInvalid, books_of, read_shop


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"itemz": []}, "itemz"),
        ({"company": {"colour": "red"}}, "colour"),
        ({"company": {"periods": [{"from": "x", "to": "y"}]}}, "company"),
        ({"items": [{"name": "no code"}]}, "an item has no code"),
        ({"items": [{"code": "A", "colour": "red"}]}, "colour"),
        ({"items": [{"code": "A", "prices": {"9": "1"}}]}, "unknown list 9"),
        ({"items": [{"code": "A", "prices": {"1": "much"}}]}, "much"),
        ({"items": [{"code": "A", "stock": {"NOWHERE": "1"}}]}, "NOWHERE"),
        ({"items": [{"code": "A", "fields": {"U_Nope": "1"}}]}, "U_Nope"),
        (
            {
                "items": [
                    {
                        "code": "A",
                        "stock": {"SHOP1": "9"},
                        "batches": [{"number": "B", "quantities": {"SHOP1": "1"}}],
                    }
                ]
            },
            "differs",
        ),
        ({"partners": [{"code": "C", "kind": "friend"}]}, "friend"),
        ({"vat_groups": [{"code": "X"}]}, "no rates"),
        ({"rates": [{"currency": "ZiG"}]}, "rate"),
        ({"items": ["A"]}, "cannot be read"),
        ({"price_lists": [{}]}, "number"),
    ],
)
def test_a_wrong_shop_is_refused_with_its_place(
    shop: dict[str, Any], change: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(ShopInvalid, match=sentence):
        books_of(shop | change)


def test_a_file_that_is_no_shop(tmp_path: Path) -> None:
    for content in ("", "[]", "{", "\x00"):
        path = tmp_path / "shop.json"
        path.write_text(content)
        with pytest.raises(ShopInvalid):
            read_shop(path)
    with pytest.raises(ShopInvalid):
        read_shop(tmp_path / "missing.json")


def test_numbers_and_decimal_strings_mean_the_same(shop: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "shop.json"
    path.write_text(json.dumps(shop))
    books = books_of(read_shop(path))
    assert books.on_hand("MILK1", "SHOP1") == 19
    assert str(books.prices["MILK1"][1][0]) == "1.99"


def test_loading_again_starts_again(local: Any, shop: dict[str, Any]) -> None:
    with pytest.raises(ShopInvalid):
        load(local.core, {"itemz": []})
    assert local.sl.count("Items") == 5
    load(local.core, shop | {"items": shop["items"][:2], "special_prices": []})
    assert local.sl.count("Items") == 2


def test_a_large_shop_is_indexed(shop: dict[str, Any]) -> None:
    items = [
        {"code": f"I{n:06}", "name": f"Item {n}", "barcode": f"600{n:010}", "vat_group": "O01",
         "prices": {"1": "1.99"}, "stock": {"SHOP1": "5"}}
        for n in range(20_000)
    ]  # fmt: skip
    books = books_of(shop | {"items": items})
    assert len(books.tables["Items"]) == 20_000
    assert books.tables["BarCodes"].having("Barcode", "6000000019999")
