"""Whatever somebody sends: an answer in SAP's shape, never a fault of the simulator's own."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sandbox.clock import ClockDamaged, KeptClock, SandboxClock
from sandbox.fault import Fault, FaultInvalid
from sync.sap.simulator.company import CompanyInvalid
from sync.sap.simulator.latency import LatencyInvalid, read_latency
from sync.sap.simulator.message import Request
from sync.sap.simulator.sandbox import run
from sync.sap.simulator.shop import ShopInvalid

MANY = "9" * 5000
LINE = {"ItemCode": "DELIVERY", "Quantity": 1, "WarehouseCode": "SHOP1", "PriceAfterVAT": 1}
INVOICE = {"CardCode": "C0001", "DocDate": "2026-08-20", "DocumentLines": [LINE]}
COUNTED = {"ItemCode": "BREAD", "WarehouseCode": "SHOP1", "Counted": "tYES", "CountedQuantity": 5}
VALUES = (
    "1e400", "1e30", "1e-30", "-1", "0", '"x"', '"1e5"', "[]", "{}", "null", "true", MANY,
    '"\\ud800"',
)  # fmt: skip
BODIES = (
    b"{", b"[]", b"null", b'"x"', b"5", b"\xff\xfe", b'{"a":' * 2000, b"[" * 100_000,
    b'{"CardCode":NaN}', b'{"\\ud800":1}', b'{"Document":5}', b'{"ItemPriceParams":5}',
    b'{"DocumentTypeParams":[]}', b'{"PeriodCategoryParams":true}', b'{"Currency":[],"Date":{}}',
    b'{"Currency":"ZiG","RateDate":"20260820","Rate":"x"}', b'{"ParamList":5}',
    b'{"DecimalData":{"Value":1,"Context":"rcNothing"}}', b'{"CardCode":"C0001","RefDate":"x"}',
)  # fmt: skip
CALLS = (
    "Login", "Invoices", "IncomingPayments", "SQLQueries('x')/List", "Invoices(1)/Cancel",
    "DraftsService_SaveDraftToDocument", "OrdersService_Preview", "SBOBobService_GetCurrencyRate",
    "SBOBobService_SetCurrencyRate", "CompanyService_GetItemPrice", "SBOBobService_GetDueDate",
    "SeriesService_GetDocumentSeries", "CompanyService_GetFinancePeriods", "$batch",
    "CompanyService_RoundDecimal",
)  # fmt: skip
PATHS = (
    f"Items?$top={MANY}", f"Items?$skip={'9' * 40}", "Items?$skip=%C2%B2", "Items?$top=-1",
    "Items?$filter=" + "(" * 5000 + "a eq 1" + ")" * 5000, "Items?$filter=" + "not%20" * 5000,
    "Items?$filter=Valid%20eq%205", "Items?$filter=QuantityOnStock%20gt%20" + "9" * 500,
    "Items?$filter=UpdateDate%20ge%20'%C2%B2026-01-01'", "Items?$filter=%FF%FE", "Items?%zz=1",
    "Items?$orderby=ItemPrices", "Items?$orderby=,", "Items?$select=,", "Items?$expand=",
    "Items?$apply=aggregate(ItemName%20with%20sum%20as%20X)",
    "Items?$apply=aggregate(ItemPrices%20with%20max%20as%20X)",
    "Items?$apply=groupby((ItemPrices))", "Items('A", "Items()", "Items('%zz')", "Items//",
    f"Invoices({MANY})", "Invoices(99999999999999)", "Invoices('1')", "Invoices(1.5)",
    "SpecialPrices(ItemCode='BREAD',CardCode=5)", "SQLQueries('stock')/List?$skip=x",
    f"SQLQueries('stock')/List?$skip={MANY}", "$crossjoin(Orders)", "", "%00", "../..",
    "I" * 60_000,
)  # fmt: skip


@pytest.fixture
def cookie(local: Any) -> str:
    body = {"CompanyDB": "SBO_TEST", "UserName": "pos", "Password": "secret"}
    path = "/b1s/v1/Login"
    answer = local.core.respond(Request(method="POST", path=path, body=json.dumps(body).encode()))
    text = "SELECT ItemCode FROM OITM ORDER BY ItemCode"
    local.sl.post("SQLQueries", {"SqlCode": "stock", "SqlName": "stock", "SqlText": text})
    return f"B1SESSION={json.loads(answer.body)['SessionId']}"


def ask(local: Any, cookie: str, method: str, path: str, body: bytes = b"", **headers: str) -> Any:
    """The answer, which has SAP's envelope when it is a refusal."""
    where, _, query = path.partition("?")
    named = {name.replace("_", "-"): text for name, text in headers.items()} | {"cookie": cookie}
    answer = local.core.respond(
        Request(method=method, path=f"/b1s/v1/{where}", query=query, headers=named, body=body)
    )
    assert answer.status < 500
    if answer.status >= 400:
        assert set(json.loads(answer.body)["error"]) == {"code", "message"}
    for name, value in answer.headers:
        assert f"{name}{value}".isascii()
        assert "\n" not in value
    return answer


def with_value(body: dict[str, Any], name: str, value: str) -> bytes:
    """A body whose property holds a piece of JSON as it is."""
    return json.dumps(body | {name: "@"}).replace('"@"', value).encode()


def test_bodies_nobody_can_read_are_refused(local: Any, cookie: str) -> None:
    for call in CALLS:
        for body in BODIES:
            ask(local, cookie, "POST", call, body)
    local.core.sessions.unlock()
    assert local.core.ledger()["documents"] == []


@pytest.mark.parametrize("method", ["GET", "POST", "PATCH", "PUT", "DELETE", "TRACE"])
def test_paths_and_options_nobody_can_read_are_refused(
    local: Any, cookie: str, method: str
) -> None:
    for path in PATHS:
        ask(local, cookie, method, path)
    assert local.sl.count("Items") == 5


def test_values_no_property_holds_are_refused_and_leave_the_books_readable(
    local: Any, cookie: str
) -> None:
    for value in VALUES:
        for name in ("Quantity", "PriceAfterVAT", "UnitPrice", "UoMEntry", "BaseEntry", "VatGroup"):
            line = with_value(LINE, name, value).decode()
            ask(
                local, cookie, "POST", "Invoices", with_value(INVOICE, "DocumentLines", f"[{line}]")
            )
        for name in ("DocRate", "DocCurrency", "Rounding", "DocTime", "Series", "CardCode"):
            ask(local, cookie, "POST", "Invoices", with_value(INVOICE, name, value))
        for name in ("ItemCode", "Valid", "ItemPrices", "UpdateDate", "ItemsGroupCode"):
            ask(local, cookie, "PATCH", "Items('BREAD')", with_value({}, name, value))
            ask(local, cookie, "POST", "Items", with_value({"ItemCode": "N"}, name, value))
        row = with_value(COUNTED, "CountedQuantity", value).decode()
        rows = f'{{"InventoryCountingLines":[{row}]}}'.encode()
        ask(local, cookie, "POST", "InventoryCountings", rows)
        ask(local, cookie, "POST", "BatchNumberDetails", with_value({}, "Batch", value))
        ask(local, cookie, "POST", "VatGroups", with_value({"Code": "Z"}, "VatGroups_Lines", value))
        ask(local, cookie, "POST", "PriceLists", with_value({"PriceListNo": 9}, "Factor", value))
    assert len(list(json.loads(ask(local, cookie, "GET", "Items").body)["value"])) >= 5
    local.core.ledger()


def test_a_stored_query_keeps_a_text_that_runs(local: Any, cookie: str) -> None:
    for method in ("PATCH", "PUT"):
        for text in (b'{"SqlText":null}', b'{"SqlText":""}', b'{"SqlText":"DELETE"}'):
            assert ask(local, cookie, method, "SQLQueries('stock')", text).status == 400
    assert ask(local, cookie, "GET", "SQLQueries('stock')/List").status == 200


def test_headers_nobody_can_read_are_passed_over(local: Any, cookie: str) -> None:
    for text in ("odata.maxpagesize=x", "odata.maxpagesize=-1", f"odata.maxpagesize={MANY}"):
        assert ask(local, cookie, "GET", "Items?$select=ItemCode", prefer=text).status == 200
    for text in ("²", "-5", MANY):
        assert ask(local, cookie, "GET", "Items", b1s_pagesize=text).status == 200


def test_a_key_of_any_alphabet_is_made_found_and_named_in_the_location(
    local: Any, cookie: str
) -> None:
    for code in ("日本", "a\nb", "O'Brien", "a/b", "50 %", "😀"):
        made = ask(local, cookie, "POST", "Items", json.dumps({"ItemCode": code}).encode())
        assert made.status == 201
        place = made.header("Location").removeprefix("/b1s/v1/")
        assert json.loads(ask(local, cookie, "GET", place).body)["ItemCode"] == code


def test_batches_of_strange_parts_are_refused(local: Any, cookie: str) -> None:
    head = b"--b1\r\nContent-Type: application/http\r\n\r\n"
    nested = b"".join(
        b"--b%d\r\nContent-Type: multipart/mixed;boundary=b%d\r\n\r\n" % (depth, depth + 1)
        for depth in range(1, 1000)
    )
    for body in (
        head + b"GET\r\n\r\n--b1--",
        head + b"POST http://[x/Items HTTP/1.1\r\n\r\n\r\n--b1--",
        head + b"POST $batch HTTP/1.1\r\n\r\n\r\n--b1--",
        head + b"POST Invoices HTTP/1.1\r\n\r\n{bad\r\n--b1--",
        b"--b1\r\nContent-Type: message/rfc822\r\n\r\nGET Items HTTP/1.1\r\n\r\n--b1--",
        nested,
    ):
        kind = "multipart/mixed;boundary=b1"
        ask(local, cookie, "POST", "$batch", body, content_type=kind)


def test_numbers_keep_six_decimals_and_amounts_fit_their_column(local: Any) -> None:
    row = LINE | {"DiscountPercent": json.loads("5.7142857142", parse_float=str)}
    body = json.dumps(INVOICE | {"DocumentLines": [row]}).replace('"5.7142857142"', "5.7142857142")
    local.sl.count("Items")
    answer = local.sl.post_raw("Invoices", body.encode(), content_type="application/json")
    assert b'"DiscountPercent":5.714286' in answer.body


def test_a_row_of_master_data_that_is_in_use_stays(local: Any, cookie: str) -> None:
    for path in ("Items('BREAD')", "BusinessPartners('C0002')", "Warehouses('SHOP1')"):
        answer = ask(local, cookie, "DELETE", path)
        assert json.loads(answer.body)["error"]["code"] == -10
    assert ask(local, cookie, "DELETE", "Items('DELIVERY')").status == 204
    assert ask(local, cookie, "DELETE", "BusinessPartners('C0001')").status == 204


def test_the_control_door_refuses_what_nobody_can_obey(local: Any, tmp_path: Any) -> None:
    for wrong in ({"times": "x"}, {"on": None}, {"probability": "1"}, {"after": True}):
        with pytest.raises(FaultInvalid):
            Fault.read({"do": "refuse"} | wrong)
    for settings in (
        [], {"session_minutes": "x"}, {"session_minutes": 0}, {"user_fields": 5},
        {"user_fields": {"OINV": [5]}}, {"approval": ["Nope"]}, {"refuse": {"Invoices": 5}},
        {"local_currency": "XXX"}, {"direct_rate": 5}, {"series": [5]}, {"periods": [{}]},
    ):  # fmt: skip
        with pytest.raises(CompanyInvalid):
            local.core.change_company(settings)
    for figures in ({"read": -1}, {"read": 1e400}, {"login": [1]}):
        with pytest.raises(LatencyInvalid):
            read_latency(figures)
    clock = SandboxClock()
    for seconds in (1e13, -1e13):
        with pytest.raises(OverflowError):
            clock.advance(seconds)
    assert clock.offset.total_seconds() == 0


def test_a_turned_clock_is_still_turned_after_a_restart(tmp_path: Any) -> None:
    first = KeptClock(tmp_path / "clock.json")
    first.advance(86_400)
    first.keep()
    assert KeptClock(tmp_path / "clock.json").offset.total_seconds() == 86_400
    (tmp_path / "clock.json").write_text("{")
    with pytest.raises(ClockDamaged, match="remove it"):
        KeptClock(tmp_path / "clock.json")


@pytest.mark.parametrize("text", ['{"items": 5}', "[" * 100_000, "{", '{"items": [{"code": 5}]}'])
def test_a_shop_that_cannot_be_loaded_is_not_kept(tmp_path: Any, text: str) -> None:
    given = tmp_path / "shop.json"
    given.write_text(text)
    with pytest.raises(ShopInvalid):
        run(port=0, directory=tmp_path / "sap", shop=given)
    assert not (tmp_path / "sap" / "shop.json").exists()
