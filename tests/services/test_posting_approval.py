"""A document SAP keeps for approval: approved, rejected, taken away; one document at most."""

from __future__ import annotations

from typing import Any

import pytest

from pos_app.domain.trade import TradeState
from pos_app.services.posting import incident, review
from pos_app.services.sale import Posted
from pos_app.services.trade import move
from pos_app.services.transfer import request
from pos_app.store.engine import Store
from sandbox.fault import Fault
from sync.sap.errors import SapRejected
from sync.sap.query import Query
from tests.office import Office, office
from tests.services.test_posting_trade import BOSS, ORDER, opened, promised, state_of
from tests.stockroom import Stockroom, stockroom, to_depot

NO, YES = "ardNotApproved", "ardApproved"


@pytest.fixture
def books(sqlite_store: Store) -> Office:
    return office(sqlite_store)


def held_back(books: Office, *sets: str) -> None:
    books.gate.core.change_company({"approval": list(sets)})


def decide(books: Office | Stockroom, decision: str, remarks: str = "") -> None:
    """Whoever may says yes or no in SAP to what waits there."""
    [request] = books.sap.rows(
        "ApprovalRequests", Query(select=("Code", "DraftEntry"), where="Status eq 'arsPending'")
    )
    said = {"Status": decision, "Remarks": remarks, "ApproverUserName": "mara"}
    books.sap.patch(f"ApprovalRequests({request['Code']})", {"ApprovalRequestDecisions": [said]})


def drafts(books: Office | Stockroom, name: str = "Drafts") -> list[dict[str, Any]]:
    return [dict(row) for row in books.gate.core.books.tables[name].rows()]


def add(books: Office) -> None:
    """Somebody makes the draft a document."""
    [draft] = drafts(books)
    body = {"Document": {"DocEntry": draft["DocEntry"]}}
    books.sap.post("DraftsService_SaveDraftToDocument", body)


def waiting(books: Office) -> Posted:
    held_back(books, "Invoices")
    posted = books.sell("MILK")
    books.work_on(seconds=60)
    assert (books.row(posted)["state"], books.row(posted)["waits_for"]) == ("Pending", "approval")
    return posted


def test_l57_a_rejected_draft_goes_to_a_person_and_is_not_sent_again(store: Store) -> None:
    books = office(store)
    posted = waiting(books)
    decide(books, NO, "too dear")
    books.work_on(seconds=3600)
    row = books.row(posted)
    assert row["state"] == "RequiresReview"
    for words in ("was rejected in SAP (too dear)", "nothing was booked", "remove the draft"):
        assert words in row["reason"]
    [one] = incident.found(books.shop)
    assert "remove the draft" in one.advice.lower()
    review.retry(books.shop, BOSS, posted.receipt)
    books.work_on(seconds=3600)
    assert books.row(posted)["state"] == "RequiresReview", "the draft is there still"
    assert (books.calls("POST Invoices"), len(drafts(books)), books.invoices()) == (1, 1, [])


def test_a_rejected_draft_that_is_taken_away_lets_the_document_go_anew(books: Office) -> None:
    posted = waiting(books)
    decide(books, NO)
    books.work_on(seconds=3600)
    books.sap._write("DELETE", f"Drafts({drafts(books)[0]['DocEntry']})", None, headers={})
    held_back(books)
    review.retry(books.shop, BOSS, posted.receipt)
    assert books.work_on().waiting == 0
    assert len(books.invoices(posted)) == 1
    assert len(books.payments(posted)) == 1


def test_an_approved_draft_waits_to_be_added_and_is_adopted_once(books: Office) -> None:
    posted = waiting(books)
    decide(books, YES)
    books.work_on(seconds=3600)
    assert "was approved in SAP: add it there" in books.row(posted)["reason"]
    add(books)
    held_back(books)
    assert books.work_on().waiting == 0
    assert (books.calls("POST Invoices"), len(books.invoices(posted))) == (1, 1)
    assert drafts(books)[0]["AuthorizationStatus"] == "dasGenerated"


@pytest.mark.parametrize("fault", ["lookup_fails", "truncate_json"])
def test_l02_drafts_that_cannot_be_read_are_no_no(books: Office, fault: str) -> None:
    posted = waiting(books)
    decide(books, NO)
    books.arm(Fault(on="GET Drafts", do=fault, times=3))
    books.work_on(seconds=3600)
    assert books.row(posted)["state"] == "RequiresReview"
    assert books.calls("POST Invoices") == 1


def test_who_may_not_read_requests_learns_of_the_rejection_without_its_words(
    books: Office,
) -> None:
    posted = waiting(books)
    decide(books, NO, "too dear")
    books.arm(Fault(on="GET ApprovalRequests", do="error", code=-6006, times=9))
    books.work_on(seconds=3600)
    assert "was rejected in SAP, and" in books.row(posted)["reason"]


def test_an_order_given_up_and_rejected_is_over(sqlite_store: Store) -> None:
    books = opened(sqlite_store)
    held_back(books, "Orders")
    made = promised(books)
    books.work_on(seconds=60)
    move.to_state(books.shop, BOSS, ORDER, made.entry, new=TradeState.CANCELLED)
    decide(books, NO)
    assert books.work_on(seconds=3600).waiting == 0
    assert state_of(books, f"{made.id}-1") == "Cancelled"
    assert books.calls("POST Orders") == 1


def test_a_transfer_request_that_was_rejected_goes_to_a_person(sqlite_store: Store) -> None:
    room = stockroom(sqlite_store)
    room.gate.core.change_company({"approval": ["InventoryTransferRequests"]})
    request.ask(room.shop, BOSS, to_depot(("YOGHURT", "3")))
    room.work()
    decide(room, NO, "not this week")
    room.shop.clock.sleep(3600)
    room.work()
    [one] = incident.found(room.shop)
    assert "rejected in SAP (not this week)" in one.sentence
    [draft] = drafts(room, "StockTransferDrafts")
    assert draft["AuthorizationStatus"] == "sasRejected"


def test_what_was_rejected_in_the_sandbox_stays_rejected(sqlite_store: Store) -> None:
    books = office(sqlite_store)
    waiting(books)
    decide(books, NO)
    with pytest.raises(SapRejected, match="was rejected"):
        add(books)
    said = {"ApprovalRequestDecisions": [{"Status": YES}]}
    with pytest.raises(SapRejected, match="already been decided"):
        books.sap.patch("ApprovalRequests(1)", said)
    with pytest.raises(SapRejected, match="Invalid value 'maybe'"):
        books.sap.patch("ApprovalRequests(1)", {"ApprovalRequestDecisions": [{"Status": "maybe"}]})
    assert books.invoices() == []
