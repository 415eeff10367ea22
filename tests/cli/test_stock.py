"""pos stock why: a quantity explained for people and for programs."""

from __future__ import annotations

from tests.cli.till import Till


def test_a_quantity_is_explained_for_people_and_programs(till: Till) -> None:
    receipt = till.sell().json["receipt"]
    told = till.here("stock", "why", "MILK", "--json")
    assert told.code == 0
    [place] = told.json["warehouses"]
    [move] = place["moves"]
    assert (place["opening"], place["warehouse"], move["document"]) == ("100", "SHOP1", receipt)
    assert place["on_hand"] == move["balance"]
    words = till.here("stock", "why", "MILK").out
    assert f"MILK Milk 1 l in SHOP1: {place['on_hand']} each" in words
    assert f"sale {receipt}" in words


def test_what_cannot_be_explained_is_one_sentence(till: Till) -> None:
    for arguments in (["NOTHING"], ["MILK", "--warehouse", "NOWHERE"], ["MILK", "--at", "noon"]):
        told = till.here("stock", "why", *arguments)
        assert (told.code, told.out, len(told.err.strip().splitlines())) == (2, "", 1)
