"""The posting queue over HTTP: lists, review, incidents, retry, cancel, requeue."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from tests.api.house import House
from tests.api.test_desktop import QUEUE as QUEUE_INVOICE
from tests.api.test_desktop import line

BASE = "/api/DesktopIntegration/queue"


def queued(house: House, reference: str, **changes: Any) -> dict[str, Any]:
    body = {
        "externalReferenceId": reference,
        "sourceSystem": "DESKTOP_APP",
        "cardCode": "C0001",
        "docCurrency": "USD",
        "lines": [line("MILK", 2)],
    }
    answer = house.as_role("ApiUser").post(QUEUE_INVOICE, body | changes)
    assert answer.status_code == 202, answer.text
    told: dict[str, Any] = answer.json()
    return told


def fail(house: House, reference: str, *, state: str = "RequiresReview") -> None:
    """As after a refusal by SAP."""
    query = text(
        "UPDATE postings SET state = :state, attempts = 3, failures = 3, reason = 'SAP says no', "
        "reason_code = '-1116', cause = '-1116: SAP says no' WHERE reference = :reference"
    )
    with house.shop.store.write() as connection:
        connection.execute(query, {"state": state, "reference": reference})


def test_the_queue_is_listed_by_priority_and_age(house: House) -> None:
    for reference, priority in (("Q-1", 0), ("Q-2", 0), ("Q-3", 9)):
        queued(house, reference, priority=priority)
    caller = house.as_role("User")
    rows = caller.get(BASE).json()
    assert [row["externalReference"] for row in rows] == ["Q-3", "Q-1", "Q-2"]
    assert rows[0] == caller.get(f"{BASE}/Q-3").json()
    assert [row["externalReference"] for row in caller.get(BASE, limit=1).json()] == ["Q-3"]
    assert caller.get(BASE, sourceSystem="ANOTHER").json() == []
    assert caller.get(BASE, limit=0).status_code == 400
    assert caller.get(f"{BASE}/nothing").status_code == 404


def test_by_reservation(house: House) -> None:
    told = queued(house, "Q-1")
    found = house.as_role("User").get(f"{BASE}/by-reservation/{told['reservationId']}").json()
    assert (found["queueId"], found["reservationId"]) == (told["queueId"], told["reservationId"])


def test_what_needs_a_person_is_in_the_review_list_and_an_incident(house: House) -> None:
    for reference in ("Q-1", "Q-2", "Q-3"):
        queued(house, reference)
    fail(house, "Q-1")
    fail(house, "Q-3")
    caller = house.as_role("User")
    review = caller.get(f"{BASE}/review").json()
    assert [row["externalReference"] for row in review] == ["Q-1", "Q-3"]
    assert {row["lastError"] for row in review} == {"SAP says no"}
    assert {(row["isFailed"], row["statusCode"]) for row in review} == {(True, 4)}
    (one,) = caller.get(f"{BASE}/incidents").json()
    assert (one["count"], one["requiresReview"], one["exampleReference"]) == (2, 2, "Q-1")
    assert one["incident"] == review[0]["incident"]
    assert one["message"] == "SAP says no"
    assert one["advice"]


def test_the_queue_is_counted(house: House) -> None:
    for reference in ("Q-1", "Q-2"):
        queued(house, reference)
    fail(house, "Q-2")
    told = house.as_role("User").get(f"{BASE}/stats").json()
    assert (told["totalQueued"], told["pending"], told["requiresReview"]) == (2, 1, 1)
    assert told["totalAmountPending"] == 7.96
    assert told["amountsPending"] == [{"currency": "USD", "amount": 7.96}]
    assert told["oldestPendingAge"] == "2026-11-02T06:00:00Z"
    assert told["averageWaitTimeSeconds"] == 0


def test_a_failed_one_is_tried_again(house: House) -> None:
    queued(house, "Q-1")
    fail(house, "Q-1")
    caller = house.as_role("Cashier")
    answer = caller.post(f"{BASE}/Q-1/retry")
    assert (answer.status_code, answer.json()["status"]) == (200, "Pending")
    row = caller.get(f"{BASE}/Q-1").json()
    assert (row["retryCount"], row["status"], row["incident"]) == (0, "Pending", None)
    assert caller.post(f"{BASE}/nothing/retry").status_code == 404


def test_a_pending_one_is_taken_out_once(house: House) -> None:
    queued(house, "Q-1")
    queued(house, "Q-2")
    fail(house, "Q-2")
    caller = house.as_role("ApiUser")
    assert house.as_role("Cashier").delete(f"{BASE}/Q-1").status_code == 403
    answer = caller.delete(f"{BASE}/Q-1", reason="entered by hand")
    assert (answer.status_code, answer.content) == (204, b"")
    row = caller.get(f"{BASE}/Q-1").json()
    assert (row["status"], row["canCancel"]) == ("Cancelled", False)
    assert "entered by hand" in row["lastError"]
    for reference in ("Q-1", "Q-2"):
        again = caller.delete(f"{BASE}/{reference}")
        assert (again.status_code, again.json()["code"]) == (409, "posting_move_refused")


@pytest.mark.parametrize("is_dry", [True, False])
def test_many_are_tried_again(house: House, is_dry: bool) -> None:
    for reference in ("Q-1", "Q-2", "Q-3"):
        queued(house, reference)
        fail(house, reference)
    caller = house.as_role("Manager")
    body = {"dryRun": is_dry, "reason": "SAP is put right"}
    told = caller.post(f"{BASE}/requeue", body).json()
    assert (told["count"], told["dryRun"]) == (3, is_dry)
    assert told["references"] == ["Q-1", "Q-2", "Q-3"]
    left = caller.get(f"{BASE}/review").json()
    assert len(left) == (3 if is_dry else 0)
    unknown = caller.post(f"{BASE}/requeue", {"incident": "00000000"})
    assert (unknown.status_code, unknown.json()["code"]) == (404, "record_not_found")


def test_a_payment_is_found_by_its_reference(house: House) -> None:
    body = {"cardCode": "C0001", "cashSum": 5}
    made = house.as_role("Cashier").post("/api/IncomingPayment", body)
    told = made.json()
    found = house.as_role("User").get(
        f"/api/IncomingPayment/queue/{told['queueExternalReference']}"
    )
    assert (found.status_code, found.json()["documentType"]) == (200, "payment")
    assert found.json()["totalAmount"] == 5
    assert house.as_role("User").get(f"{BASE}/{told['queueId']}").status_code == 404


def test_without_sap_nobody_says_that_it_holds_an_invoice(house: House) -> None:
    queued(house, "Q-1")
    fail(house, "Q-1")
    caller = house.as_role("Manager")
    answer = caller.post(f"{BASE}/Q-1/posted", {"sapDocNum": 17})
    assert answer.status_code in {400, 409, 422}, answer.text
    assert "keeps its own books" in answer.text
    for wrong in ({"sapDocNum": 0}, {"sapDocNum": "x"}, {"sapDocNum": 2**40}, {}):
        assert caller.post(f"{BASE}/Q-1/posted", wrong).status_code == 400
    assert caller.post(f"{BASE}/nothing/posted", {"sapDocNum": 17}).status_code == 404
