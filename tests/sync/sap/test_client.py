from __future__ import annotations

import socket
import threading
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from sandbox.fault import Fault
from sync.errors import OutcomeUnknown, Unavailable
from sync.sap.client import ServiceLayer
from sync.sap.documents import find_invoice, post_invoice
from sync.sap.envelope import count_option, inline_count
from sync.sap.errors import Kind, SapRejected
from sync.sap.http_client import HttpxHttp
from sync.sap.port import NotSent
from sync.sap.query import Query, any_of, both, entity, equals, literal
from sync.sap.settings import SapSettings, Timeouts

ITEMS = Query(select=("ItemCode", "ItemName"), order_by="ItemCode")


def test_an_entity_is_found_by_key_or_proven_absent(world: Any) -> None:
    row = world.sl.find("Items", "MILK1", ITEMS)
    assert row is not None
    assert row["ItemName"] == "Milk 1 l"
    assert world.sl.find("Items", "o'clock / 100%", ITEMS) is None
    key = {"ItemCode": "MILK1", "CardCode": "C0002"}
    price = world.sl.find("SpecialPrices", key, Query(select=("Price",)))
    assert price is not None
    assert price["Price"] == Decimal(50)


def test_numbers_arrive_as_decimals(world: Any) -> None:
    row = world.sl.find("Items", "MILK1", Query(select=("ItemPrices",)))
    price = row["ItemPrices"][0]["Price"]
    assert type(price) is Decimal
    assert str(price) == "1.99"


def test_l41_pages_are_followed_to_the_end(world: Any) -> None:
    rows = list(world.sl.rows("Items", ITEMS, page_size=2))
    assert [row["ItemCode"] for row in rows] == ["BREAD", "DELIVERY", "MILK1", "OLDIE", "SUGAR"]
    assert len(world.calls("GET Items")) == 3


def test_l41_without_asking_for_more_a_page_has_twenty_rows(local: Any) -> None:
    for number in range(30):
        local.sl.post("Warehouses", {"WarehouseCode": f"W{number:02}", "WarehouseName": "x"})
    page = local.sl.get("Warehouses?$top=500")
    assert len(page["value"]) == 20
    assert "odata.nextLink" in page
    every = local.sl.get("Warehouses", page_size=0)
    assert len(every["value"]) == 33


def test_l41_short_pages_are_no_end(world: Any) -> None:
    world.arm("short_pages", "GET Items", times=99)
    assert len(list(world.sl.rows("Items", ITEMS, page_size=3))) == 5


def test_l88_a_read_survives_one_lost_answer(world: Any) -> None:
    for fault in ("drop_before", "commit_then_drop", "commit_then_502", "truncate_json"):
        world.arm(fault, "GET Items")
        assert len(list(world.sl.rows("Items", ITEMS))) == 5, fault


def test_l40_a_read_that_stays_unanswered_raises_and_is_never_empty(world: Any) -> None:
    for fault in ("drop_before", "commit_then_drop", "commit_then_502", "truncate_json"):
        world.arm(fault, "GET Items", times=3)
        with pytest.raises(Unavailable):
            list(world.sl.rows("Items", ITEMS))
        world.clock.sleep(60)


def test_l40_a_page_in_the_middle_that_fails_raises(world: Any) -> None:
    world.arm("drop_before", "GET Items", after=1, times=3)
    rows = world.sl.rows("Items", ITEMS, page_size=2)
    with pytest.raises(Unavailable):
        list(rows)


@pytest.mark.parametrize(
    ("fault", "committed"),
    [
        ("drop_before", False),
        ("commit_then_drop", True),
        ("commit_then_502", True),
        ("truncate_json", True),
    ],
)
def test_l04_a_write_without_an_answer_is_unknown_and_sent_once(
    world: Any, make: Any, fault: str, committed: bool
) -> None:
    world.arm(fault, "POST Invoices")
    with pytest.raises(OutcomeUnknown):
        post_invoice(world.sl, make.invoice("k-1"))
    assert len(world.calls("POST Invoices")) == 1
    assert (find_invoice(world.sl, "k-1") is not None) == committed
    assert world.keys() == (["k-1"] if committed else [])


def test_l04_a_refused_connection_is_proven_not_sent_in_process(local: Any, make: Any) -> None:
    local.arm("refuse", "POST Invoices")
    with pytest.raises(Unavailable):
        post_invoice(local.sl, make.invoice("k-1"))
    assert local.keys() == []


def test_an_error_before_processing_changes_nothing(world: Any, make: Any) -> None:
    world.arm("error", "POST Invoices", code=-1116, message="(1) no")
    with pytest.raises(SapRejected, match="no"):
        post_invoice(world.sl, make.invoice("k-1"))
    world.arm("error", "POST Invoices")
    with pytest.raises(SapRejected):
        post_invoice(world.sl, make.invoice("k-1"))
    assert world.keys() == []


def test_l01_a_stall_beyond_the_patience_commits_behind_the_client_s_back(
    world: Any, make: Any
) -> None:
    seconds, patience = (0.4, 0.1) if world.is_socket else (400, 300)
    timeouts = replace(Timeouts(), write=patience)
    sl = world.client(timeouts=timeouts)
    sl.count("Items")
    world.arm("stall", "POST Invoices", seconds=seconds)
    with pytest.raises(OutcomeUnknown):
        post_invoice(sl, make.invoice("k-1"))
    assert find_invoice(world.sl, "k-1") is None
    if world.is_socket:
        deadline = 200
        while find_invoice(world.sl, "k-1") is None and deadline:
            threading.Event().wait(0.02)
            deadline -= 1
    else:
        world.clock.sleep(101)
    assert find_invoice(world.sl, "k-1") is not None
    assert world.keys() == ["k-1"]


def test_l03_a_hidden_commit_becomes_visible_later(world: Any, make: Any) -> None:
    world.arm("hide", "POST Invoices", seconds=40)
    posted = post_invoice(world.sl, make.invoice("k-1"))
    assert find_invoice(world.sl, "k-1") is None
    assert world.sl.find("Invoices", posted.doc_entry, Query(select=("DocEntry",))) is None
    assert world.sl.count("Invoices") == 0
    world.clock.sleep(39)
    assert find_invoice(world.sl, "k-1") is None
    world.clock.sleep(2)
    assert find_invoice(world.sl, "k-1") == posted


def test_l03_a_lost_reply_to_a_hidden_commit_needs_both_faults(world: Any, make: Any) -> None:
    world.gate.faults.replace(
        [
            Fault(on="POST Invoices", do="hide", seconds=40),
            Fault(on="POST Invoices", do="commit_then_502"),
        ]
    )
    with pytest.raises(OutcomeUnknown):
        post_invoice(world.sl, make.invoice("k-1"))
    assert find_invoice(world.sl, "k-1") is None
    world.clock.sleep(41)
    assert find_invoice(world.sl, "k-1") is not None


def test_faults_wait_for_their_turn(world: Any, make: Any) -> None:
    world.arm("commit_then_drop", "POST Invoices", after=1, times=1)
    post_invoice(world.sl, make.invoice("k-1"))
    with pytest.raises(OutcomeUnknown):
        post_invoice(world.sl, make.invoice("k-2"))
    post_invoice(world.sl, make.invoice("k-3"))
    assert world.keys() == ["k-1", "k-2", "k-3"]


@pytest.mark.parametrize(
    ("path", "code", "kind"),
    [
        ("Nothing", "200", Kind.PERMANENT),
        ("items", "200", Kind.PERMANENT),
        ("Items?$select=Nope", "-1000", Kind.PERMANENT),
        ("Items?$filter=Nope%20eq%201", "201", Kind.PERMANENT),
        ("Items?$filter=ItemsGroupCode%20eq%20'x'", "205", Kind.PERMANENT),
        ("Items?$orderby=Nope", "201", Kind.PERMANENT),
        ("StockTransfers?$filter=Cancelled%20eq%20'tNO'", "201", Kind.PERMANENT),
        ("CreditNotes?$select=BaseEntry", "-1000", Kind.PERMANENT),
        ("IncomingPayments?$select=U_Van_saleorder", "-1000", Kind.PERMANENT),
        ("Items?$top=x", "202", Kind.REFUSED),
        ("Items?$filter=ItemCode%20eq", "202", Kind.REFUSED),
        ("Items?$expand=X", "-1000", Kind.PERMANENT),
    ],
)
def test_wrong_questions_are_refused_with_sap_s_codes(
    world: Any, path: str, code: str, kind: Kind
) -> None:
    with pytest.raises(SapRejected) as caught:
        world.sl.get(path)
    assert (caught.value.code, caught.value.kind) == (code, kind)


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ("ItemCode eq 'MILK1'", ["MILK1"]),
        ("ItemCode gt 'MILK1' and ItemCode lt 'SUGAR'", ["OLDIE"]),
        ("startswith(ItemCode,'B') or endswith(ItemCode,'R')", ["BREAD", "SUGAR"]),
        ("contains(ItemName,'1 l') and not (ItemCode eq 'BREAD')", ["MILK1"]),
        ("substringof('kg',ItemName)", ["SUGAR"]),
        ("ManageBatchNumbers eq 'tYES'", ["MILK1"]),
        ("ManageBatchNumbers eq 'Y'", ["MILK1"]),
        ("Valid eq 'tNO' or InventoryItem eq 'N'", ["DELIVERY", "OLDIE"]),
        ("UpdateDate ge '2026-08-19'", ["BREAD"]),
        ("UpdateDate ge '20260810' and UpdateDate le datetime'2026-08-19'", ["BREAD", "MILK1"]),
        ("UpdateDate eq null", ["DELIVERY", "OLDIE", "SUGAR"]),
        ("U_HSCode ne null", ["MILK1"]),
        ("QuantityOnStock ge 100", ["BREAD", "SUGAR"]),
        ("ItemCode ge 'MILK1'", ["MILK1", "OLDIE", "SUGAR"]),
        ("ItemCode ne 'O''BRIEN' and ItemsGroupCode eq 100 and ItemCode lt 'D'", ["BREAD"]),
    ],
)
def test_filters_find_what_they_say(world: Any, where: str, found: list[str]) -> None:
    query = Query(select=("ItemCode",), where=where, order_by="ItemCode")
    assert [row["ItemCode"] for row in world.sl.rows("Items", query)] == found
    assert world.sl.count("Items", where) == len(found)


def test_order_top_and_skip(world: Any) -> None:
    by_group = Query(select=("ItemCode",), order_by="ManageBatchNumbers desc,ItemCode desc", top=3)
    rows = [row["ItemCode"] for row in world.sl.rows("Items", by_group, page_size=2)]
    assert rows == ["MILK1", "SUGAR", "OLDIE"]
    page = world.sl.get("Items?$select=ItemCode&$orderby=ItemCode%20desc&$skip=1&$top=2")
    assert [row["ItemCode"] for row in page["value"]] == ["OLDIE", "MILK1"]


def test_a_count_can_come_with_a_page(world: Any) -> None:
    name, value = count_option(world.settings.url)
    page = world.sl.get(f"Items?$select=ItemCode&$top=1&{name}={value}")
    assert inline_count(page) == 5
    assert inline_count(world.sl.get("Items?$top=1")) is None


def test_a_property_of_an_entity_can_be_read_alone(world: Any) -> None:
    assert world.sl.get("Items('MILK1')/ItemName") == {"value": "Milk 1 l"}
    assert world.sl.get("Items('MILK1')/ForeignName") == {"odata.null": True}


def test_sap_answers_a_foreign_error_shape(local: Any) -> None:
    with pytest.raises(SapRejected) as caught:
        local.client(url="https://x/b1s/v2").get("Items?$select=Nope")
    assert caught.value.text == "Property 'Nope' of 'Item' is invalid"


def test_master_data_is_created_changed_and_refused_twice(world: Any) -> None:
    body = {
        "ItemCode": "NEW/1",
        "ItemName": "New",
        "ItemPrices": [{"PriceList": 1, "Price": Decimal("2.50")}],
    }
    world.sl.post("Items", body)
    with pytest.raises(SapRejected) as caught:
        world.sl.post("Items", body)
    assert caught.value.kind is Kind.SETTLED
    world.sl.patch(entity("Items", "NEW/1"), {"ItemName": "Newer"})
    row = world.sl.find("Items", "NEW/1", Query(select=("ItemName", "ItemPrices")))
    assert row["ItemName"] == "Newer"
    assert row["ItemPrices"][0]["Price"] == Decimal("2.50")


@pytest.mark.parametrize(
    "body",
    [
        {"ItemCode": "X", "Colour": "red"},
        {"ItemCode": 5},
        {"ItemCode": "X" * 51},
        {"ItemCode": "X", "Valid": "maybe"},
        {"ItemCode": "X", "ItemsGroupCode": "100"},
        {"ItemCode": "X", "ItemsGroupCode": Decimal("1.5")},
        {"ItemCode": "X", "QuantityOnStock": "5"},
        {"ItemCode": "X", "ValidFrom": "20.08.2026"},
        {"ItemCode": "X", "ItemPrices": {"PriceList": 1}},
        {"ItemCode": "X", "ItemPrices": [{"List": 1}]},
        {"ItemCode": "X", "U_Missing": "1"},
    ],
)
def test_bodies_are_checked_by_name_and_type(local: Any, body: dict[str, Any]) -> None:
    with pytest.raises(SapRejected) as caught:
        local.sl.post("Items", body)
    assert caught.value.code == "-1000"
    assert local.sl.find("Items", "X", Query(select=("ItemCode",))) is None


def test_literals_are_quoted_and_keys_encoded() -> None:
    assert literal("O'Brien") == "'O''Brien'"
    assert equals("DocTotal", Decimal("1.50")) == "DocTotal eq 1.50"
    assert both("", equals("A", 1), "") == "A eq 1"
    assert any_of("A", ["x", "y"]) == "(A eq 'x' or A eq 'y')"
    assert entity("Items", "a/b c") == "Items('a%2Fb%20c')"
    assert entity("SpecialPrices", {"ItemCode": "A", "CardCode": "*1"}).startswith("SpecialPrices(")


def test_settings_name_what_is_wrong() -> None:
    good = {"company_db": "X", "user": "u", "password": "hidden"}
    with pytest.raises(ValueError, match="b1s/v1"):
        SapSettings(url="https://sap:50000", **good)
    with pytest.raises(ValueError, match="page_size"):
        SapSettings(url="https://sap:50000/b1s/v1", page_size=0, **good)
    assert "hidden" not in repr(SapSettings(url="https://sap:50000/b1s/v1", **good))
    with pytest.raises(ValueError, match="U_Name"):
        SapSettings(url="https://sap:50000/b1s/v1", key_field="DocEntry eq 1 or U_Key", **good)


def test_a_port_nobody_listens_on_is_proven_not_sent() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        http = HttpxHttp(
            SapSettings(
                url=f"http://127.0.0.1:{port}/b1s/v1", company_db="X", user="u", password="p"
            )
        )
        with pytest.raises(NotSent):
            http.send("GET", f"http://127.0.0.1:{port}/", headers={}, body=None, timeout=5)
        http.close()


def test_an_address_nobody_can_dial_is_proven_not_sent(local: Any) -> None:
    http = HttpxHttp(local.settings)
    with pytest.raises(NotSent):
        http.send("GET", "bogus://127.0.0.1/", headers={}, body=None, timeout=5)
    http.close()


def test_a_client_asks_for_pages_of_its_own_size(local: Any) -> None:
    sl: ServiceLayer = local.client(page_size=2)
    list(sl.rows("Items", ITEMS))
    assert len(local.calls("GET Items")) == 3
