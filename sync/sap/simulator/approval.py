"""Approval procedures: a request for each draft, decided on once, and what becomes of the draft.

Decisions are written to the request, as the original wants them; a draft that was rejected is kept
and cannot be added (SAP Service Layer metadata: `ApprovalRequest`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sync.sap.simulator.books import Books, Change
from sync.sap.simulator.object_number import NUMBERS
from sync.sap.simulator.refusal import Refusal, no_match
from sync.sap.simulator.table import Row

REQUESTS = "ApprovalRequests"
DRAFTS = ("Drafts", "StockTransferDrafts")
DECISIONS = {
    "ardApproved": ("arsApproved", "Approved"),
    "ardNotApproved": ("arsNotApproved", "Rejected"),
}


def asked(books: Books, draft_set: str, draft: Row, *, today: date) -> tuple[str, Row]:
    """The request for a new draft, to be kept with it."""
    day = today.isoformat()
    code = books.next_entry(REQUESTS)
    line = {"StageCode": 1, "UserID": 1, "Status": "ardPending", "CreationDate": day}
    return REQUESTS, {
        "Code": code,
        "ApprovalTemplatesID": 1,
        "ObjectType": str(NUMBERS[draft["_set"]]),
        "IsDraft": "Y",
        "DraftEntry": draft["DocEntry"],
        "DraftType": str(NUMBERS[draft_set]),
        "Status": "arsPending",
        "CurrentStage": 1,
        "OriginatorID": 1,
        "CreationDate": day,
        "ApprovalRequestLines": [line],
        "ApprovalRequestDecisions": [],
        "_drafts": draft_set,
    }


def decide(books: Books, code: Any, body: Mapping[str, Any], *, today: date) -> Change:
    """A decision written to a request; raises Refusal for one that is made, or is none."""
    request = books.row(REQUESTS, code)
    if request is None:
        raise no_match()
    decisions = body.get("ApprovalRequestDecisions") or ()
    remarks = {"Remarks": body["Remarks"]} if "Remarks" in body else {}
    if not decisions:
        return Change(put=[(REQUESTS, request | remarks)])
    if request["Status"] != "arsPending":
        raise Refusal(-5002, "The request has already been decided on  [Status]")
    said = decisions[-1]
    if said.get("Status") not in DECISIONS:
        raise Refusal(-5002, "Decision is missing  [ApprovalRequestDecisions.Status]")
    status, word = DECISIONS[said["Status"]]
    line = {
        **request["ApprovalRequestLines"][0],
        "Status": said["Status"],
        "Remarks": said.get("Remarks"),
        "UpdateDate": today.isoformat(),
    }
    name = request["_drafts"]
    draft = books.row(name, request["DraftEntry"])
    decided = request | remarks | {"Status": status, "ApprovalRequestLines": [line]}
    change = Change(put=[(REQUESTS, decided)])
    if draft is not None:
        change.put.append((name, draft | {"AuthorizationStatus": f"{_prefix(name)}{word}"}))
    return change


def added(books: Books, draft_set: str, draft: Row) -> list[tuple[str, Row]]:
    """The draft and its request, once a document is made of it; raises Refusal if rejected."""
    prefix = _prefix(draft_set)
    status = draft.get("AuthorizationStatus")
    if status == f"{prefix}Rejected":
        raise Refusal(-5002, "The draft was rejected and cannot be added  [AuthorizationStatus]")
    was_approved = status == f"{prefix}Approved"
    word, said = ("Generated", "arsGenerated")
    if not was_approved:
        word, said = ("GeneratedbyAuthorizer", "arsGeneratedByAuthorizer")
    closed = draft | {"DocumentStatus": "bost_Close", "AuthorizationStatus": f"{prefix}{word}"}
    return [(draft_set, closed), *_requests(books, draft_set, draft, said)]


def removed(books: Books, draft_set: str, entry: Any) -> Change:
    """A draft taken away, and its request cancelled; raises Refusal for one that was added."""
    draft = books.row(draft_set, entry)
    if draft is None:
        raise no_match()
    if draft["DocumentStatus"] == "bost_Close":
        raise Refusal(-5006, "The draft was saved as a document and cannot be removed")
    put = list(_requests(books, draft_set, draft, "arsCancelled"))
    return Change(put=put, remove=[(draft_set, [draft["DocEntry"]])])


def _requests(books: Books, draft_set: str, draft: Row, status: str) -> list[tuple[str, Row]]:
    return [
        (REQUESTS, row | {"Status": status})
        for row in books.tables[REQUESTS].rows()
        if row["_drafts"] == draft_set and row["DraftEntry"] == draft["DocEntry"]
    ]


def _prefix(draft_set: str) -> str:
    return "sas" if draft_set == "StockTransferDrafts" else "das"
