"""Quotations and sales orders over HTTP: made, agreed to, turned into invoices, each once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from pos_app.domain.money import Money
from pos_app.services.trade import move
from pos_app.store import audit, partner
from tests.api.house import WAREHOUSE, House, on_hand

QUOTATION, ORDER = "/api/Quotation", "/api/SalesOrder"
SEED = {
    "id", "sapDocEntry", "sapDocNum", "cardCode", "cardName", "customerRefNo", "status",
    "statusName", "comments", "currency", "exchangeRate", "subTotal", "taxAmount",
    "discountPercent", "discountAmount", "docTotal", "lines",
}  # fmt: skip
SEED_ORDER = SEED | {
    "orderNumber", "orderDate", "deliveryDate", "warehouseCode", "invoiceId", "clientRequestId",
    "rowVersion",
}  # fmt: skip
SEED_QUOTATION = SEED | {
    "quotationNumber", "quotationDate", "validUntil", "contactPerson", "termsAndConditions",
    "salesOrderId", "isExpired",
}  # fmt: skip


def body(*lines: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Ten litres of milk with 5 % off the whole."""
    milk = {"itemCode": "MILK", "quantity": 10, "warehouseCode": WAREHOUSE}
    return {
        "cardCode": "C0001",
        "customerRefNo": "REF-001",
        "currency": "USD",
        "discountPercent": 5,
        "lines": list(lines) or [milk],
    } | changes


def line(item: str, quantity: Any, **more: Any) -> dict[str, Any]:
    return {"itemCode": item, "quantity": quantity, "warehouseCode": WAREHOUSE} | more


def order(house: House, *lines: dict[str, Any], approved: bool = True, **changes: Any) -> Any:
    made = house.as_role().post(ORDER, body(*lines, **changes))
    assert made.status_code == 201, made.text
    if not approved:
        return made.json()
    answer = house.as_role().post(f"{ORDER}/{made.json()['id']}/approve")
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_new_order_is_answered_whole(house: House) -> None:
    told = order(house, approved=False, deliveryDate="2026-12-15")
    assert set(told) >= SEED_ORDER
    assert told["orderNumber"] == "SO-20261102-0001"
    assert (told["status"], told["statusName"]) == ("Draft", "Draft")
    assert (told["subTotal"], told["discountAmount"]) == (19.90, 0.99)
    assert (told["docTotal"], told["taxAmount"], told["pricesIncludeVat"]) == (18.91, 2.54, True)
    assert told["lines"][0]["lineTotal"] == 19.90
    assert told["lines"][0]["quantityRemaining"] == 10
    assert told["deliveryDate"] == "2026-12-15"
    assert on_hand(house.shop, "MILK") == 100, "an order takes nothing"
    again = order(house, approved=False)
    assert again["orderNumber"] == "SO-20261102-0002"
    for path in (f"{ORDER}/{told['id']}", f"{ORDER}/number/{told['orderNumber']}"):
        assert house.as_role().get(path).json() == told


def test_a_new_quotation_holds_for_thirty_days(house: House) -> None:
    made = house.as_role().post(QUOTATION, body(contactPerson="Jane", termsAndConditions="30 days"))
    told = made.json()
    assert made.status_code == 201
    assert set(told) >= SEED_QUOTATION
    assert told["quotationNumber"] == "QT-20261102-0001"
    assert (told["validUntil"], told["isExpired"]) == ("2026-12-02", False)
    listed = house.as_role().get(QUOTATION, status="draft", cardCode="C0001").json()
    assert (listed["totalCount"], listed["quotations"]) == (1, [told])
    assert house.as_role().get(f"{QUOTATION}/sap").json()["totalCount"] == 0


def test_quote_to_cash(house: House) -> None:
    admin = house.as_role()
    quoted = admin.post(QUOTATION, body(line("MILK", 10), line("YOGHURT", 3))).json()
    assert admin.post(f"{QUOTATION}/{quoted['id']}/approve").json()["status"] == "Approved"
    made = admin.post(f"{QUOTATION}/{quoted['id']}/convert-to-sales-order")
    ordered = made.json()
    assert made.status_code == 200
    assert (ordered["status"], ordered["quotationId"]) == ("Draft", quoted["id"])
    assert (ordered["docTotal"], ordered["taxAmount"]) == (quoted["docTotal"], quoted["taxAmount"])
    known = admin.get(f"{QUOTATION}/{quoted['id']}").json()
    assert (known["status"], known["salesOrderId"]) == ("Converted", ordered["id"])
    refused = admin.post(f"{ORDER}/{ordered['id']}/convert-to-invoice")
    assert (refused.status_code, refused.json()["code"]) == (409, "not_convertible")
    admin.post(f"{ORDER}/{ordered['id']}/approve")
    invoiced = admin.post(f"{ORDER}/{ordered['id']}/convert-to-invoice")
    told = invoiced.json()
    assert invoiced.status_code == 200
    assert (told["docTotal"], told["vatSum"]) == (quoted["docTotal"], quoted["taxAmount"])
    assert told["numAtCard"] == "REF-001"
    done = admin.get(f"{ORDER}/{ordered['id']}").json()
    assert (done["status"], done["invoiceId"]) == ("Invoiced", told["id"])
    assert [row["quantityRemaining"] for row in done["lines"]] == [0, 0]
    assert on_hand(house.shop, "MILK") == 90
    for again in (
        admin.post(f"{ORDER}/{ordered['id']}/convert-to-invoice"),
        admin.post(f"{QUOTATION}/{quoted['id']}/convert-to-sales-order"),
    ):
        assert (again.status_code, again.json()["code"]) == (409, "not_convertible")
    assert admin.get("/api/Invoice").json()["totalCount"] == 1
    with house.shop.store.read() as connection:
        deeds = [row["action"] for row in audit.about(connection, ordered["orderNumber"])]
    assert deeds == ["sales_order.create", "sales_order.approved", "sales_order.invoiced"]


def test_an_order_is_invoiced_in_parts_and_never_beyond(house: House) -> None:
    admin = house.as_role()
    made = order(house, line("MILK", 10), line("BREAD", 4))
    path = f"{ORDER}/{made['id']}/convert-to-invoice"
    part = admin.post(path, {"lines": [{"lineNum": 0, "quantity": 4}], "numAtCard": "PART-1"})
    assert part.status_code == 200
    assert [(row["itemCode"], row["quantity"]) for row in part.json()["lines"]] == [("MILK", 4)]
    known = admin.get(f"{ORDER}/{made['id']}").json()
    assert known["status"] == "PartiallyInvoiced"
    assert [row["quantityFulfilled"] for row in known["lines"]] == [4, 0]
    twice = {"lineNum": 0, "quantity": 4}
    beyond = admin.post(path, {"lines": [twice, twice]})
    assert (beyond.status_code, beyond.json()["code"]) == (400, "fulfilled_too_much")
    strange = admin.post(path, {"lines": [{"lineNum": 7, "quantity": 1}]})
    assert (strange.status_code, strange.json()["code"]) == (400, "fulfilled_too_much")
    rest = admin.post(path)
    assert [row["quantity"] for row in rest.json()["lines"]] == [6, 4]
    assert admin.get(f"{ORDER}/{made['id']}").json()["status"] == "Invoiced"
    assert on_hand(house.shop, "MILK") == 90


def test_an_order_the_stock_cannot_serve_stays_as_it_was(house: House) -> None:
    made = order(house, line("MILK", 1000))
    answer = house.as_role().post(f"{ORDER}/{made['id']}/convert-to-invoice")
    assert (answer.status_code, answer.json()["code"]) == (400, "insufficient_stock")
    known = house.as_role().get(f"{ORDER}/{made['id']}").json()
    assert (known["status"], known["lines"][0]["quantityFulfilled"]) == ("Approved", 0)


def test_what_the_order_itself_has_committed_is_no_obstacle(house: House) -> None:
    from sqlalchemy import update

    from pos_app.store.stock import stock
    from pos_app.store.trade import trades

    made = order(house, line("MILK", 100))
    with house.shop.store.write() as connection:
        where = (stock.c.item == "MILK") & (stock.c.warehouse == WAREHOUSE)
        connection.execute(update(stock).where(where).values(committed=Decimal(100)))
    path = f"{ORDER}/{made['id']}/convert-to-invoice"
    assert house.as_role().post(path).status_code == 400, "somebody else's, as far as we know"
    with house.shop.store.write() as connection:
        connection.execute(update(trades).values(in_sap="done", doc_entry=7, doc_num=7))
    assert house.as_role().post(path).status_code == 200


def test_only_a_draft_is_changed_and_only_as_it_was_read(house: House) -> None:
    admin = house.as_role()
    made = order(house, approved=False)
    path = f"{ORDER}/{made['id']}"
    changed = admin.put(path, body(line("BREAD", 2), rowVersion=made["rowVersion"]))
    assert changed.status_code == 200
    assert [row["itemCode"] for row in changed.json()["lines"]] == ["BREAD"]
    assert changed.json()["orderNumber"] == made["orderNumber"]
    stale = admin.put(path, body(rowVersion=made["rowVersion"]))
    assert (stale.status_code, stale.json()["code"]) == (409, "stale_record")
    admin.post(f"{path}/approve")
    closed = admin.put(path, body())
    assert (closed.status_code, closed.json()["code"]) == (409, "not_editable")
    assert admin.delete(path).json()["code"] == "not_deletable"
    assert admin.patch(f"{path}/status", {"status": "Cancelled"}).json()["status"] == "Cancelled"
    assert admin.delete(path).status_code == 204
    assert admin.get(path).status_code == 404
    assert admin.get(ORDER).json()["totalCount"] == 0
    assert order(house, approved=False)["orderNumber"].endswith("-0002"), "no number comes back"


def test_what_is_left_of_a_partly_invoiced_order_is_let_go_by_hand(quick: House) -> None:
    made = order(quick)
    admin = quick.as_role()
    early = admin.patch(f"{ORDER}/{made['id']}/status", {"status": "fulfilled"})
    assert (early.status_code, early.json()["code"]) == (409, "move_refused")
    part = {"lines": [{"lineNum": 0, "quantity": 4}]}
    assert admin.post(f"{ORDER}/{made['id']}/convert-to-invoice", part).status_code < 300
    told = admin.patch(f"{ORDER}/{made['id']}/status", {"status": "fulfilled"})
    assert told.json()["status"] == "Invoiced"


@pytest.mark.parametrize(("word", "state"), [("OnHold", "OnHold"), (6, "OnHold")])
def test_states_go_by_names_synonyms_and_numbers(quick: House, word: Any, state: str) -> None:
    made = order(quick)
    path = f"{ORDER}/{made['id']}/status"
    answer = quick.as_role().patch(path, {"status": word, "comments": "asked to wait"})
    assert answer.json()["status"] == state
    refused = quick.as_role().patch(path, {"status": "PartiallyInvoiced"})
    assert (refused.status_code, refused.json()["code"]) == (409, "move_refused")
    assert quick.as_role().patch(path, {"status": "Lost"}).status_code == 400
    with quick.shop.store.read() as connection:
        last = audit.about(connection, made["orderNumber"])[-1]
    assert last["details"] == {"was": "Approved", "reason": "asked to wait"}


def test_other_prices_wait_for_somebody_who_may_agree(house: House) -> None:
    cheap = body(line("MILK", 10, unitPrice=1.50), discountPercent=0, source="Web")
    made = house.as_role("Cashier").post(ORDER, cheap)
    told = made.json()
    assert made.status_code == 201
    assert (told["status"], told["needsPriceApproval"], told["docTotal"]) == ("Pending", True, 15)
    path = f"{ORDER}/{told['id']}/approve"
    refused = house.as_role("Cashier").post(path)
    assert (refused.status_code, refused.json()["code"]) == (403, "permission_missing")
    agreed = house.as_role("Manager").post(path).json()
    assert (agreed["status"], agreed["approvedByUserName"]) == ("Approved", "the-manager")
    invoiced = house.as_role("Cashier").post(f"{ORDER}/{told['id']}/convert-to-invoice")
    assert invoiced.json()["docTotal"] == 15, "what was agreed, whoever invoices it"


def test_an_order_above_the_credit_limit_needs_more_than_a_cashier(house: House) -> None:
    with house.shop.store.write() as connection:
        known = partner.by_code(connection, "C0002")
        assert known is not None
        from dataclasses import replace

        limited = replace(
            known, credit_limit=Money.of("30.00", "USD"), balance=Money.of("20.00", "USD")
        )
        partner.put(connection, [limited], at=house.clock.now())
    told = order(house, approved=False, cardCode="C0002")
    path = f"{ORDER}/{told['id']}/approve"
    refused = house.as_role("Cashier").post(path)
    assert (refused.status_code, refused.json()["code"]) == (403, "approval_needed")
    assert house.as_role("Admin").post(path).json()["status"] == "Approved"
    with house.shop.store.read() as connection:
        last = audit.about(connection, told["orderNumber"])[-1]
    assert last["details"]["above_credit_limit"] == "8.91 USD"
    small = order(house, line("MILK", 1), approved=False, cardCode="C0002", source="Web")
    assert small["status"] == "Approved"


def test_sources_ask_for_approval_or_wait_for_it(quick: House) -> None:
    assert order(quick, approved=False, source="Web")["status"] == "Approved"
    missing = quick.as_role().post(ORDER, body(source="Mobile"))
    assert (missing.status_code, missing.json()["code"]) == (400, "client_request_missing")
    sent = body(source=1, clientRequestId="H-1")
    made = quick.as_role().post(ORDER, sent).json()
    assert (made["status"], made["source"]) == ("Pending", "Mobile")
    again = quick.as_role().post(ORDER, sent)
    assert (again.status_code, again.json()) == (201, made)
    other = quick.as_role().post(ORDER, sent | {"comments": "another"})
    assert (other.status_code, other.json()["code"]) == (409, "reference_conflict")
    assert quick.as_role().get(ORDER, source="Mobile").json()["totalCount"] == 1
    assert quick.as_role().post(ORDER, body(source="Fax")).status_code == 400


def test_the_same_key_makes_one_order_and_one_invoice(house: House) -> None:
    admin = house.as_role()
    one = admin.post(ORDER, body(), Idempotency_Key="K-1")
    two = admin.post(ORDER, body(), Idempotency_Key="K-1")
    assert one.json() == two.json()
    assert two.headers["Idempotency-Replayed"] == "true"
    path = f"{ORDER}/{one.json()['id']}"
    admin.post(f"{path}/approve")
    part = {"lines": [{"lineNum": 0, "quantity": 1}]}
    made = [
        admin.post(f"{path}/convert-to-invoice", part, Idempotency_Key="K-2").json()
        for _ in range(2)
    ]
    assert made[0] == made[1]
    assert admin.get(path).json()["lines"][0]["quantityFulfilled"] == 1


def test_a_quotation_runs_out(house: House) -> None:
    admin = house.as_role()
    made = admin.post(QUOTATION, body(validUntil="2026-11-05")).json()
    admin.post(f"{QUOTATION}/{made['id']}/approve")
    house.clock._now += timedelta(days=4)
    admin = house.as_role()
    known = admin.get(f"{QUOTATION}/{made['id']}").json()
    assert (known["status"], known["isExpired"]) == ("Approved", True)
    refused = admin.post(f"{QUOTATION}/{made['id']}/convert-to-sales-order")
    assert (refused.status_code, refused.json()["code"]) == (409, "not_convertible")
    assert "2026-11-05" in refused.json()["error"]
    assert move.expire(house.shop) == 1
    assert admin.get(QUOTATION, status="Expired").json()["totalCount"] == 1
    assert move.expire(house.shop) == 0


def test_repricing_changes_prices_alone(house: House) -> None:
    admin = house.as_role()
    made = admin.post(QUOTATION, body()).json()
    path = f"{QUOTATION}/{made['id']}/reprice"
    told = admin.put(path, body(line("MILK", 10, unitPrice=1.80), discountPercent=0))
    assert (told.status_code, told.json()["docTotal"]) == (200, 18.00)
    assert told.json()["customerRefNo"] == "REF-001"
    other = admin.put(path, body(line("MILK", 11)))
    assert (other.status_code, other.json()["code"]) == (400, "not_repriced")
    assert admin.post(f"{QUOTATION}/{made['id']}/apply-standard-vat").json()["taxAmount"] == 2.42
    admin.post(f"{QUOTATION}/{made['id']}/approve")
    assert admin.put(path, body()).status_code == 409


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"cardCode": "S0001"}, "customer_unusable"),
        ({"cardCode": "C0009"}, "partner_inactive"),
        ({"currency": "EUR"}, "unmapped_currency"),
        ({"lines": [{"itemCode": "NONE", "quantity": 1}]}, "items_unknown"),
        ({"lines": [{"itemCode": "MILK", "quantity": 1, "warehouseCode": "OLD"}]}, "warehouse_"),
        ({"lines": [{"itemCode": "MILK", "quantity": "0.5"}]}, "quantity_invalid"),
        ({"discountPercent": 100}, "line_worthless"),
    ],
)
@pytest.mark.parametrize("path", [ORDER, QUOTATION])
def test_what_cannot_be_promised_is_refused(
    quick: House, path: str, changes: dict[str, Any], code: str
) -> None:
    answer = quick.as_role().post(path, body(**changes))
    assert answer.status_code in {400, 404, 409}
    assert answer.json()["code"].startswith(code)
    assert quick.as_role().get(path).json()["totalCount"] == 0


@pytest.mark.parametrize(
    "changes",
    [
        {"lines": []},
        {"cardCode": " "},
        {"discountPercent": 101},
        {"discountPercent": True},
        {"lines": [{"itemCode": "MILK", "quantity": -1}]},
        {"lines": [{"itemCode": "MILK", "quantity": 1, "unitPrice": -2}]},
        {"lines": [{"itemCode": "MILK", "quantity": "1e400"}]},
        {"salesPersonCode": 2**40},
    ],
)
def test_wrong_fields_are_named(quick: House, changes: dict[str, Any]) -> None:
    answer = quick.as_role().post(ORDER, body(**changes))
    assert answer.status_code == 400
    assert list(answer.json()["errors"])


def test_search_and_periods(house: House) -> None:
    admin = house.as_role()
    one = order(house, approved=False, customerRefNo="50% off_now")
    order(house, approved=False, customerRefNo="other")
    found = admin.get(ORDER, search="50% OFF_").json()
    assert [row["id"] for row in found["orders"]] == [one["id"]]
    assert admin.get(ORDER, search="%").json()["totalCount"] == 1
    assert admin.get(ORDER, fromDate="2026-11-03").json()["totalCount"] == 0
    assert admin.get(ORDER, toDate="2026-11-02", pageSize=1, page=2).json()["count"] == 1
    assert admin.get(ORDER, page=9).json()["items"] == []


def test_a_user_sells_only_from_where_they_are(quick: House) -> None:
    from tests.api.house import OTHER, name_of

    with quick.shop.store.write() as connection:
        from sqlalchemy import update

        from pos_app.store.user import users

        where = users.c.username == name_of("Cashier")
        connection.execute(update(users).where(where).values(warehouses=[OTHER]))
    cashier = quick.as_role("Cashier")
    made = cashier.post(ORDER, body({"itemCode": "MILK", "quantity": 1}))
    assert made.json()["warehouseCode"] == OTHER, "where they are, unless they say so"
    refused = cashier.post(ORDER, body())
    assert (refused.status_code, refused.json()["code"]) == (403, "warehouse_not_yours")


def test_eight_who_invoice_one_order_at_once_take_no_more_than_it_has(house: House) -> None:
    made = order(house, line("MILK", 10))
    admin = house.as_role()
    path = f"{ORDER}/{made['id']}/convert-to-invoice"
    part = {"lines": [{"lineNum": 0, "quantity": 3}]}
    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(lambda _: admin.post(path, part).status_code, range(8)))
    assert sorted(statuses) == [200] * 3 + [400] * 5
    known = admin.get(f"{ORDER}/{made['id']}").json()
    assert (known["status"], known["lines"][0]["quantityFulfilled"]) == ("PartiallyInvoiced", 9)
    assert admin.get("/api/Invoice").json()["totalCount"] == 3
    assert on_hand(house.shop, "MILK") == 91


def test_a_quotation_is_converted_once_by_whoever_is_first(house: House) -> None:
    admin = house.as_role()
    made = admin.post(QUOTATION, body()).json()
    path = f"{QUOTATION}/{made['id']}/convert-to-sales-order"
    with ThreadPoolExecutor(6) as pool:
        statuses = list(pool.map(lambda _: admin.post(path).status_code, range(6)))
    assert sorted(statuses) == [200] + [409] * 5
    assert admin.get(ORDER).json()["totalCount"] == 1
