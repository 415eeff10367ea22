"""Ways to ask beside plain reads: the document of all types, expanded rows, figures."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from sync.errors import OutcomeUnknown, Unavailable
from sync.sap.errors import SapRejected
from sync.sap.simulator.message import Request
from tests.sync.sap.conftest import DAY


def sell(local: Any, card: str, *prices: str) -> None:
    for price in prices:
        line = {"ItemCode": "DELIVERY", "PriceAfterVAT": Decimal(price), "WarehouseCode": "SHOP1"}
        body = {"CardCode": card, "DocDate": DAY.isoformat(), "DocumentLines": [line]}
        local.sl.post("Invoices", body)


@pytest.mark.parametrize("version", [1, 2])
def test_the_metadata_names_every_set_type_and_user_field(local: Any, version: int) -> None:
    headers = {"b1s-metadatawithoutsession": "true"}
    path = f"/b1s/v{version}/$metadata"
    answer = local.core.respond(Request(method="GET", path=path, headers=headers))
    assert answer.status == 200
    root = ET.fromstring(answer.body)
    names = [one.get("Name") for one in root.iter() if one.tag.endswith("}EntitySet")]
    assert {"Items", "Invoices", "DeliveryNotes", "SerialNumberDetails"} <= set(names)
    fields = {one.get("Name") for one in root.iter() if one.tag.endswith("}Property")}
    assert {"U_Van_saleorder", "ItemCode"} <= fields
    assert local.core.respond(Request(method="GET", path=path)).status == 401


def test_rows_show_what_they_point_to(local: Any) -> None:
    sell(local, "C0001", "5")
    path = "Invoices?$select=DocEntry&$expand=BusinessPartner($select=CardName)"
    [row] = local.sl.get(path)["value"]
    assert row == {"DocEntry": 1, "BusinessPartner": {"CardName": "Walk-in customer"}}
    older = "Invoices(1)?$select=DocEntry,BusinessPartner/CardName&$expand=BusinessPartner"
    assert local.sl.get(older)["BusinessPartner"] == {"CardName": "Walk-in customer"}
    with pytest.raises(SapRejected, match="'Colour'"):
        local.sl.get("Invoices?$select=DocEntry&$expand=Colour")


def test_figures_over_rows_and_groups(local: Any) -> None:
    sell(local, "C0001", "5", "7")
    sell(local, "C0003", "1")
    total = "aggregate(DocTotal with sum as Total,$count as N)"
    assert local.sl.get(f"Invoices?$apply={total}")["value"] == [{"Total": 13, "N": 3}]
    rows = local.sl.get(f"Invoices?$apply=groupby((CardCode),{total})")["value"]
    assert rows == [
        {"CardCode": "C0001", "Total": 12, "N": 2},
        {"CardCode": "C0003", "Total": 1, "N": 1},
    ]
    few = "filter(DocTotal gt 4)/groupby((CardCode),aggregate(DocTotal with max as Most))"
    path = f"Invoices?$apply={few.replace(' ', '%20')}"
    assert local.sl.get(path)["value"] == [{"CardCode": "C0001", "Most": 7}]
    for wrong in ("aggregate(DocTotal with guess as X)", "aggregate(Colour with sum as X)"):
        with pytest.raises(SapRejected):
            local.sl.get(f"Invoices?$apply={wrong.replace(' ', '%20')}")


def test_a_node_that_is_gone_is_unknown_for_a_change_and_asked_again_for_a_read(
    local: Any,
) -> None:
    local.arm("node_down", "GET Items", times=1)
    assert local.sl.count("Items") == 5
    local.arm("node_down", "GET Items", times=99)
    with pytest.raises(Unavailable):
        local.sl.count("Items")
    local.arm("node_down", "POST Invoices", times=1)
    with pytest.raises(OutcomeUnknown):
        sell(local, "C0001", "5")
    assert local.core.ledger()["invoices"] == []


def test_a_code_sent_as_text_means_the_same(local: Any) -> None:
    local.arm("code_as_text", "GET Items", times=1)
    with pytest.raises(SapRejected) as caught:
        local.sl.get("Items?$select=Colour")
    assert caught.value.code == "-1000"


def test_a_ping_needs_no_session_and_tells_who_answers(local: Any) -> None:
    for path, sender in (("/ping/", "load balancer"), ("/ping/node/1", "node")):
        told = json.loads(local.core.respond(Request(method="GET", path=path)).body)
        assert (told["message"], told["sender"]) == ("pong", sender)
        assert told["timestamp"] == local.clock.now().timestamp()


def test_the_root_lists_the_sets(local: Any) -> None:
    rows = local.sl.get("")["value"]
    assert {"name": "Items", "kind": "EntitySet", "url": "Items"} in rows


def test_days_inside_collections_follow_the_dialect_too(local: Any) -> None:
    headers = {"cookie": local.sl._session.ticket().cookie}
    for version, day in ((1, "2020-01-01"), (2, "2020-01-01T00:00:00Z")):
        path = f"/b1s/v{version}/VatGroups('O01')"
        told = json.loads(
            local.core.respond(Request(method="GET", path=path, headers=headers)).body
        )
        assert told["VatGroups_Lines"][0]["Effectivefrom"] == day


def test_a_bare_crossjoin_is_refused_as_sap_refuses_it(local: Any) -> None:
    with pytest.raises(SapRejected) as caught:
        local.sl.get("$crossjoin(Orders,Orders/DocumentLines)")
    assert caught.value.code == "-1000"


def test_a_verb_may_travel_in_a_header(local: Any) -> None:
    headers = {"x-http-method-override": "PATCH"}
    local.sl._write("POST", "Items('BREAD')", {"ItemName": "Loaf"}, headers=headers)
    assert local.sl.get("Items('BREAD')/ItemName")["value"] == "Loaf"
