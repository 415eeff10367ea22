from __future__ import annotations

from datetime import UTC, datetime

import pytest

from sync.errors import OutcomeUnknown, Rejected, SyncError, Unavailable
from sync.sap.errors import (
    AwaitingApproval,
    BreakerOpen,
    FieldTooLong,
    IncompleteRead,
    Kind,
    LoginRefused,
    MoreThanOne,
    SapRejected,
    classify,
)

WHEN = datetime(2026, 8, 20, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("code", "text", "status", "kind"),
    [
        ("301", "Invalid session or session already timeout.", 401, Kind.SESSION),
        (301, "Invalid session or session already timeout.", 401, Kind.SESSION),
        (None, "", 401, Kind.SESSION),
        ("100000027", "Login failed", 401, Kind.CREDENTIALS),
        ("100000055", "User is locked", 401, Kind.CREDENTIALS),
        ("299", "SAML Login Failed", 500, Kind.TRANSIENT),
        ("-132", "No licence", 500, Kind.TRANSIENT),
        ("312", "Fail to connect to SLD", 500, Kind.TRANSIENT),
        ("-304", "Fail to connect to SLD", 500, Kind.TRANSIENT),
        (
            "-10",
            "Quantity falls into negative inventory  [DocumentLines.ItemCode][line: 1]",
            400,
            Kind.WAITING_FOR_STOCK,
        ),
        ("-10", "Invoice is already closed or blocked  [Message 3524-20]", 400, Kind.SETTLED),
        ("-10", "One of the base documents has already been closed", 400, Kind.BASE_CLOSED),
        ("-10", "10000521 - Define the numbering series", 400, Kind.WAITING_FOR_PERIOD),
        ("701", "Invalid SQL syntax", 400, Kind.PERMANENT),
        ("-5002", "10001153 - Insufficient quantity for item X", 400, Kind.WAITING_FOR_STOCK),
        ("-5002", "10000156 - Posting Date deviates", 400, Kind.WAITING_FOR_PERIOD),
        ("-5002", "Item is inactive", 400, Kind.REFUSED),
        ("-4014", "Cannot add row without complete selection", 400, Kind.REFUSED),
        ("-4006", "Update the exchange rate , 'USD'", 400, Kind.WAITING_FOR_RATE),
        ("-2028", "No matching records found (ODBC -2028)", 404, Kind.MISSING),
        ("-2035", "This entry already exists", 400, Kind.SETTLED),
        ("-2039", "Another user modified", 412, Kind.STALE),
        (None, "", 412, Kind.STALE),
        ("-1116", "(12) credit stopped", 400, Kind.REFUSED),
        ("-1000", "Property 'X' of 'Document' is invalid", 400, Kind.PERMANENT),
        ("-5006", "not supported", 400, Kind.PERMANENT),
        ("804", "no authorisation", 403, Kind.PERMANENT),
        ("-98765", "something new", 400, Kind.REFUSED),
        ("-98765", "something new", 500, Kind.UNKNOWN),
        (None, "<html>502</html>", 502, Kind.UNKNOWN),
        (None, "<html>404</html>", 404, Kind.UNKNOWN),
        (None, "", None, Kind.UNKNOWN),
    ],
)
def test_a_write_is_classified_by_code_status_and_what_was_sent(
    code: str | int | None, text: str, status: int | None, kind: Kind
) -> None:
    assert classify(code, text, status, sent=True) is kind


def test_a_read_has_no_outcome_to_be_unknown_about() -> None:
    assert classify(None, "<html>502</html>", 502, sent=False) is Kind.TRANSIENT
    assert classify(None, "", None, sent=False) is Kind.TRANSIENT
    assert classify("-98765", "new", 500, sent=False) is Kind.TRANSIENT


def test_words_of_a_message_never_make_a_refusal_unknown() -> None:
    text = "Comments: connection 502 timed out after negative inventory"
    assert classify("-1116", text, 400, sent=True) is Kind.REFUSED


def test_every_error_is_one_of_three_outcomes_and_says_what_to_do() -> None:
    unavailable = [
        BreakerOpen(WHEN),
        LoginRefused("100000027", "Login failed", WHEN),
        IncompleteRead("Items", counted=5, received=4),
    ]
    rejected = [
        SapRejected("-10", "no", 400, kind=Kind.REFUSED),
        AwaitingApproval(12),
        FieldTooLong("CardCode", "C" * 16, 15),
        MoreThanOne("Invoices", "k", [2, 1]),
    ]
    assert all(isinstance(error, Unavailable) for error in unavailable)
    assert all(isinstance(error, Rejected) for error in rejected)
    assert issubclass(OutcomeUnknown, SyncError)
    assert "password" in str(unavailable[1])
    assert "DocEntry 2, 1" in str(rejected[3])
