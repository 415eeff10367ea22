"""Reservations by their other paths, stock less what is reserved, and invoices of a desktop."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest

from pos_app.domain.trade import TradeKind
from pos_app.services import invoice_queue
from pos_app.services.posting.work import work
from pos_app.services.reservation import Ask, AskLine
from pos_app.services.trade import view
from pos_app.store.engine import Store
from tests.api.house import WAREHOUSE, House, build, on_hand
from tests.api.test_desktop import RESERVATIONS, ask, line, reserve
from tests.shops import actor

DESKTOP = "/api/DesktopIntegration"
STOCK = f"{DESKTOP}/stock/{WAREHOUSE}"


def get(house: House, path: str, **query: Any) -> Any:
    return house.as_role("User").get(DESKTOP + path, **query)


def post(house: House, path: str, body: Any, role: str = "ApiUser", **headers: str) -> Any:
    return house.as_role(role).post(DESKTOP + path, body, **headers)


def test_a_reservation_is_found_by_its_reference_alone(house: House) -> None:
    held = reserve(house).json()["reservation"]
    assert get(house, "/reservations/by-reference/R-1").json() == held
    assert get(house, f"/reservations/by-reference/{held['reservationId']}").status_code == 404


def test_reservations_are_listed_as_they_stand_now(house: House) -> None:
    reserve(house, "SHORT", reservationDurationMinutes=5, lines=[line("MILK", 1)])
    reserve(house, "LONG", sourceSystem="Van", lines=[line("YOGHURT", 7)])
    reserve(house, "GONE", cardCode="C0002", lines=[line("MILK", 1)])
    house.as_role("User").delete(f"{RESERVATIONS}/GONE")
    house.clock.sleep(300)

    def listed(**query: Any) -> list[str]:
        told = get(house, "/reservations", **query).json()
        assert told["items"] == told["reservations"]
        return [row["externalReferenceId"] for row in told["reservations"]]

    assert listed() == ["LONG"], "what ran out holds nothing, swept or not"
    assert listed(activeOnly="false") == ["GONE", "LONG", "SHORT"]
    assert listed(status="Expired") == ["SHORT"]
    assert listed(status="Expired", activeOnly="true") == []
    assert listed(status="Cancelled", cardCode="C0002") == ["GONE"]
    assert listed(sourceSystem="DesktopApp") == []
    assert listed(externalReferenceId="LONG") == ["LONG"]
    page = get(house, "/reservations", activeOnly="false", page=2, pageSize=2).json()
    assert (page["totalCount"], page["totalPages"], page["hasMore"]) == (3, 2, False)
    assert [row["lines"][0]["reservedQuantity"] for row in page["items"]] == [1]
    assert get(house, "/reservations", status="Sold").status_code == 400
    assert get(house, "/reservations", page=10**12).json()["items"] == []


def test_the_other_paths_confirm_and_cancel_by_name(house: House) -> None:
    reserve(house, "A", lines=[line("MILK", 3)])
    reserve(house, "B", lines=[line("MILK", 2)])
    told = post(house, "/reservations/confirm", {"reservationId": "A", "numAtCard": "PO-2"})
    assert told.status_code == 200, told.text
    assert told.json()["invoice"]["numAtCard"] == "PO-2"
    gone = post(house, "/reservations/cancel", {"reservationId": "B", "reason": "left"}).json()
    assert gone["reservation"]["cancellationReason"] == "left"
    assert on_hand(house.shop, "MILK") == 97
    for path in ("confirm", "cancel", "renew"):
        assert post(house, f"/reservations/{path}", {}).status_code == 400
        answer = post(house, f"/reservations/{path}", {"reservationId": "NO"})
        assert answer.status_code == 404
    assert post(house, "/reservations/renew", {"reservationId": "A"}).status_code == 409


def test_a_hold_is_renewed_ten_times_and_no_more(house: House) -> None:
    reserve(house, lines=[line("MILK", 100)])
    house.clock.sleep(3599)
    told = post(house, "/reservations/renew", {"reservationId": "R-1", "extensionMinutes": 5})
    assert told.json()["reservation"]["expiresAt"] == "2026-11-02T07:04:59Z"
    assert told.json()["reservation"]["renewalCount"] == 1
    assert reserve(house, "R-2", lines=[line("MILK", 1)]).status_code == 400
    bad = post(house, "/reservations/renew", {"reservationId": "R-1", "extensionMinutes": 0})
    assert bad.status_code == 400
    for _ in range(9):
        assert post(house, "/reservations/renew", {"reservationId": "R-1"}).status_code == 200
    late = post(house, "/reservations/renew", {"reservationId": "R-1"})
    assert (late.status_code, late.json()["code"]) == (400, "renewals_exhausted")
    house.clock.sleep(3600)
    over = post(house, "/reservations/renew", {"reservationId": "R-1"})
    assert (over.status_code, over.json()["code"]) == (409, "reservation_expired")


def test_every_renewal_of_many_at_once_counts(house: House) -> None:
    reserve(house)
    caller, body = house.as_role("ApiUser"), {"reservationId": "R-1"}
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda _: caller.post(f"{RESERVATIONS}/renew", body), range(12)))
    renewed = [answer for answer in answers if answer.status_code == 200]
    assert len(renewed) <= 10
    seen = get(house, "/reservations/R-1").json()
    assert seen["renewalCount"] == len(renewed)


def test_stock_is_told_less_what_is_reserved(house: House) -> None:
    reserve(house, "A")
    reserve(house, "B", lines=[line("YOGHURT", 1)])
    told = get(house, f"/stock/{WAREHOUSE}/YOGHURT").json()
    assert told == {
        "itemCode": "YOGHURT",
        "warehouseCode": WAREHOUSE,
        "totalReservedQuantity": 8,
        "availableQuantity": 27,
        "physicalQuantity": 35,
        "committedQuantity": 0,
        "activeReservationCount": 2,
        "batchReservations": [
            {
                "batchNumber": "Y-LATE",
                "totalReservedQuantity": 3,
                "availableQuantity": 27,
                "physicalQuantity": 30,
                "expiryDate": told["batchReservations"][0]["expiryDate"],
            },
            {
                "batchNumber": "Y-SOON",
                "totalReservedQuantity": 5,
                "availableQuantity": 0,
                "physicalQuantity": 5,
                "expiryDate": "2026-11-20",
            },
        ],
    }
    lots = get(house, f"/stock/{WAREHOUSE}/YOGHURT/batches").json()
    assert [(lot["batchNumber"], lot["availableQuantity"], lot["status"]) for lot in lots] == [
        ("Y-LATE", 27, "Released"),
        ("Y-SOON", 0, "Released"),
    ]
    both = get(house, f"/stock/{WAREHOUSE}", itemCodes="YOGHURT,MILK,NOPE").json()
    assert [(row["itemCode"], row["availableQuantity"]) for row in both] == [
        ("MILK", 90),
        ("YOGHURT", 27),
    ]
    every = get(house, f"/stock/{WAREHOUSE}").json()
    assert {"MILK", "YOGHURT"} <= {row["itemCode"] for row in every}
    assert get(house, f"/stock/{WAREHOUSE}/MILK/batches").json() == []
    for path in (
        f"/{WAREHOUSE}/NOPE",
        "/NOPE/MILK",
        "/NOPE",
        "/DEPOT/YOGHURT",
        "/NOPE/MILK/batches",
    ):
        assert get(house, f"/stock{path}").status_code == 404, path


def test_lines_are_judged_against_what_others_hold(house: House) -> None:
    reserve(house, lines=[line("MILK", 95)])

    def judge(**changes: Any) -> dict[str, Any]:
        answer = post(house, "/stock/validate", {"lines": [line("MILK", 10)]} | changes)
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        return told

    told = judge()
    assert told["isValid"] is False
    assert (told["errors"][0]["errorCode"], told["errors"][0]["availableQuantity"]) == (
        "INSUFFICIENT_STOCK",
        5,
    )
    assert judge(excludeReservationId="R-1") == {
        "isValid": True,
        "message": "The stock is there for every line.",
        "errors": [],
    }
    unknown = {"lines": [line("MILK", 1)], "excludeReservationId": "NO"}
    assert post(house, "/stock/validate", unknown).status_code == 404
    assert post(house, "/stock/validate", {"lines": []}).status_code == 400


def invoice_body(reference: str | None = "D-1", **changes: Any) -> dict[str, Any]:
    return {
        "externalReferenceId": reference,
        "cardCode": "C0001",
        "docCurrency": "USD",
        "lines": [line("YOGHURT", 7)],
    } | changes


def test_a_desktop_invoice_is_made_and_read_by_every_path(house: House) -> None:
    answer = post(house, "/invoices", invoice_body())
    told = answer.json()
    assert (answer.status_code, told["wasQueued"], told["queueStatus"]) == (202, True, "Pending")
    made = told["invoice"]
    assert on_hand(house.shop, "YOGHURT") == 28
    assert get(house, f"/invoices/{made['docEntry']}").json() == made
    assert get(house, f"/invoices/by-docnum/{made['docNum']}").json() == made
    assert get(house, "/invoices/customer/C0001").json() == [made]
    assert get(house, "/invoices/customer/C0001", fromDate="2026-11-03").json() == []
    assert get(house, "/invoices/paged").json() == [made]
    assert get(house, "/invoices/paged", page=2).json() == []
    days = {"fromDate": "2026-11-02", "toDate": "2026-11-02"}
    assert get(house, "/invoices/date-range", **days).json() == [made]
    assert get(house, "/invoices/date-range", fromDate="2026-11-02").status_code == 400
    for path in ("1", "by-docnum/1", "customer/NO", "1/pdf"):
        assert get(house, f"/invoices/{path}").status_code == 404
    assert get(house, "/credit-notes/by-docnum/1").status_code == 404
    paper = get(house, f"/invoices/{made['docEntry']}/pdf")
    assert paper.json()["code"] == "not_yet_fiscalised"
    forged = get(house, f"/invoices/{made['docEntry']}/pdf", fiscalQrCode="https://example.com/qr")
    assert forged.status_code == 400
    again = post(house, "/invoices", invoice_body())
    assert (again.status_code, again.json()["code"]) == (409, "already_queued")
    assert get(house, "/queue/D-1").json()["reservationId"] == told["reservationId"]


def test_a_lost_reply_makes_no_second_invoice(house: House) -> None:
    lines = (AskLine(number=0, item="MILK", warehouse=WAREHOUSE, quantity=Decimal(1)),)
    made = [
        invoice_queue.enqueue(
            house.shop,
            actor("manager"),
            Ask(reference=reference, source="D", partner="C0001", lines=lines),
            invoice_queue.Heading(),
            document_id="THE-REQUEST",
        )
        for reference in ("FIRST", "SECOND")
    ]
    assert made[0] == made[1]
    assert on_hand(house.shop, "MILK") == 99


def test_queued_goes_by_both_paths(house: House) -> None:
    answer = post(house, "/invoices/queued", invoice_body())
    assert (answer.status_code, answer.json()["externalReference"]) == (202, "D-1")
    assert post(house, "/invoices/queue", invoice_body()).status_code == 409


def test_a_desktop_invoice_is_judged_without_making_it(house: House) -> None:
    told = post(house, "/invoices/validate", invoice_body()).json()
    assert (told["isValid"], told["batchesAllocated"], told["strategy"]) == (True, 2, "FEFO")
    path = "/invoices/validate?allocationStrategy=FIFO&autoAllocateBatches=false"
    by_hand = post(house, path, invoice_body()).json()
    assert by_hand["errors"][0]["errorCode"] == "BatchAllocationRequired"
    short = post(house, "/invoices/validate", invoice_body(lines=[line("MILK", 101)])).json()
    assert (short["isValid"], short["errors"][0]["errorCode"]) == (False, "InsufficientTotalStock")
    assert post(house, "/invoices/validate", invoice_body(cardCode="NO")).status_code == 400
    assert on_hand(house.shop, "YOGHURT") == 35
    assert post(house, "/invoices/validate?allocationStrategy=X", invoice_body()).status_code == 400


def ordered(house: House) -> int:
    body = {
        "cardCode": "C0001",
        "lines": [line("MILK", 10, lineNum=0), line("BREAD", 5, lineNum=1)],
    }
    made = house.as_role("Manager").post("/api/SalesOrder", body)
    assert made.status_code == 201, made.text
    entry = int(made.json()["id"])
    assert house.as_role("Manager").post(f"/api/SalesOrder/{entry}/approve").status_code == 200
    return entry


def test_an_order_is_converted_once_part_by_part(house: House) -> None:
    entry = ordered(house)
    path = "/sales-orders/convert-to-invoice"
    part = {"salesOrderId": entry, "externalReferenceId": "CONV-1"}
    part["lines"] = [{"lineNum": 0, "itemCode": "MILK", "quantity": 4}]  # type: ignore[assignment]
    first = post(house, path, part)
    told = first.json()
    assert first.status_code == 202, first.text
    assert (told["externalReference"], told["status"]) == ("CONV-1", "Pending")
    assert get(house, "/queue/CONV-1").json()["queueId"] == told["queueId"]
    assert on_hand(house.shop, "MILK") == 96
    again = post(house, path, part)
    assert (again.status_code, again.json()["code"]) == (409, "duplicate_order")
    rest = post(house, path, {"salesOrderId": entry}).json()
    assert rest["externalReference"].startswith(f"SO-CONV-{rest['salesOrderNumber']}-")
    assert on_hand(house.shop, "MILK") == 90
    assert view.by_entry(house.shop, TradeKind.SALES_ORDER, entry).state.value == "Invoiced"
    assert post(house, path, {"salesOrderId": entry}).status_code == 409


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"salesOrderId": 99}, 404),
        ({"salesOrderId": 0}, 400),
        ({"docCurrency": "ZIG"}, 400),
        ({"lines": [{"lineNum": 0, "itemCode": "BREAD", "quantity": 1}]}, 400),
        ({"lines": [{"lineNum": 0, "unitPrice": 0.01, "quantity": 1}]}, 400),
        ({"lines": [{"lineNum": 9, "quantity": 1}]}, 400),
        ({"lines": [{"lineNum": 0, "quantity": 11}]}, 400),
    ],
)
def test_what_a_conversion_refuses(quick: House, change: dict[str, Any], status: int) -> None:
    body = {"salesOrderId": ordered(quick)} | change
    answer = post(quick, "/sales-orders/convert-to-invoice", body)
    assert answer.status_code == status, answer.text


def test_fifty_clients_reserve_one_item_and_exactly_the_stock_goes(house: House) -> None:
    caller = house.as_role("ApiUser")
    bodies = [ask(f"R{at}", lines=[line("YOGHURT", 1)]) for at in range(50)]
    with ThreadPoolExecutor(50) as pool:
        held = list(pool.map(lambda body: caller.post(RESERVATIONS, body), bodies))
        won = [row.json()["reservation"] for row in held if row.status_code == 201]
        assert {row.status_code for row in held} == {201, 400}
        confirmed = list(
            pool.map(lambda row: caller.put(f"{RESERVATIONS}/{row['reservationId']}/confirm"), won)
        )
    assert [row.status_code for row in confirmed] == [200] * 35
    assert on_hand(house.shop, "YOGHURT") == 0


def test_a_desktop_invoice_is_there_at_once_where_nobody_is_waited_for(sqlite_store: Store) -> None:
    house = build(sqlite_store, has_sap=False, post_soon=lambda: work(house.shop, None, owner="w"))
    answer = post(house, "/invoices", invoice_body())
    told = answer.json()
    assert (answer.status_code, told["wasQueued"], told["queueStatus"]) == (201, False, "Completed")
    assert told["sapDocNum"] == 1
    assert get(house, "/invoices/by-docnum/1").json()["numAtCard"] == "D-1"
