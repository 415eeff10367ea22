"""SAP's refusals, sorted once, as data.

    SyncError
    ├── Unavailable
    │   ├── BreakerOpen        too many connection failures in a row; nothing was sent
    │   ├── LoginRefused       user, password or company refused; do not hammer
    │   └── IncompleteRead     a read ended with fewer rows than SAP counted
    ├── Rejected
    │   └── SapRejected        SAP's code and words, and the kind they mean
    │       ├── AwaitingApproval   an approval procedure turned the document into a draft
    │       ├── RequestInvalid     refused here, before sending
    │       │   └── FieldTooLong
    │       └── MoreThanOne        several documents carry one key; nobody may post
    └── OutcomeUnknown

The text of a refusal never decides whether a call reached SAP; it only tells apart refusals
that share a code (production lesson L04, SAP Service Layer user guide).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sync.errors import Rejected, Unavailable


class Kind(StrEnum):
    """What to do about an answer.

    Members:
        TRANSIENT: proven not processed and passes by itself; costs no attempt.
        SESSION: proven not processed, the session is gone; log in and replay once.
        CREDENTIALS: proven not processed; stop and tell somebody.
        UNKNOWN: may have been processed; look it up.
        WAITING_FOR_RATE: no exchange rate for the day; resumes when there is one.
        WAITING_FOR_PERIOD: posting period closed, or no numbering series for it; resumes when
            it opens.
        WAITING_FOR_APPROVAL: it waits as a draft; resumes when somebody approves.
        WAITING_FOR_STOCK: warehouse or batch is short; resumes when goods arrive.
        WAITING_FOR_COUNT: another counting of the same goods is open; resumes when it ends.
        REFUSED: somebody has to change master data or the document.
        PERMANENT: the request itself is wrong or not allowed; repeating it is pointless.
        SETTLED: the effect seems to be there already; look it up and adopt it.
        BASE_CLOSED: the document it follows is closed; look at that one again.
        MISSING: a record named by the request does not exist, or it became a draft.
        STALE: somebody else changed the record; read again and reapply.
    """

    TRANSIENT = "transient"
    SESSION = "session"
    CREDENTIALS = "credentials"
    UNKNOWN = "unknown"
    WAITING_FOR_RATE = "waiting_for_rate"
    WAITING_FOR_PERIOD = "waiting_for_period"
    WAITING_FOR_APPROVAL = "waiting_for_approval"
    WAITING_FOR_STOCK = "waiting_for_stock"
    WAITING_FOR_COUNT = "waiting_for_count"
    REFUSED = "refused"
    PERMANENT = "permanent"
    SETTLED = "settled"
    BASE_CLOSED = "base_closed"
    MISSING = "missing"
    STALE = "stale"


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the table: SAP's code, a mark inside the text if the code is shared, a kind."""

    code: str
    kind: Kind
    mark: str = ""


RULES: Sequence[Rule] = (
    Rule("301", Kind.SESSION),
    Rule("100000027", Kind.CREDENTIALS),
    Rule("100000055", Kind.CREDENTIALS),
    Rule("299", Kind.TRANSIENT),
    Rule("-132", Kind.TRANSIENT),
    Rule("312", Kind.TRANSIENT),
    Rule("-304", Kind.TRANSIENT),
    Rule("-10", Kind.SETTLED, "[Message 3524-20]"),
    Rule("-10", Kind.SETTLED, "already closed or blocked"),
    Rule("-10", Kind.WAITING_FOR_PERIOD, "10000521"),
    Rule("-10", Kind.BASE_CLOSED, "base documents has already been closed"),
    Rule("-10", Kind.WAITING_FOR_STOCK, "falls into negative inventory"),
    Rule("-10", Kind.WAITING_FOR_COUNT, "part of an open counting"),
    Rule("-10", Kind.REFUSED),
    Rule("-5002", Kind.WAITING_FOR_STOCK, "10001153"),
    Rule("-5002", Kind.WAITING_FOR_PERIOD, "10000156"),
    Rule("-5002", Kind.REFUSED),
    Rule("-4014", Kind.REFUSED),
    Rule("-4006", Kind.WAITING_FOR_RATE),
    Rule("-2028", Kind.MISSING),
    Rule("-2035", Kind.SETTLED),
    Rule("-2039", Kind.STALE),
    Rule("-1116", Kind.REFUSED),
    Rule("-1029", Kind.PERMANENT),
    Rule("-1025", Kind.REFUSED),
    Rule("-5006", Kind.PERMANENT),
    Rule("-1000", Kind.PERMANENT),
    Rule("-6006", Kind.PERMANENT),
    Rule("804", Kind.PERMANENT),
    Rule("200", Kind.PERMANENT),
    Rule("201", Kind.PERMANENT),
    Rule("205", Kind.PERMANENT),
    Rule("701", Kind.PERMANENT),
    Rule("702", Kind.PERMANENT),
    Rule("703", Kind.PERMANENT),
    Rule("704", Kind.PERMANENT),
)


def classify(code: str | int | None, text: str, status: int | None, sent: bool) -> Kind:
    """The kind of a failed call.

    Args:
        code: SAP's own error code, None when the answer was not SAP's JSON or never came.
        text: SAP's own words.
        status: HTTP status, None when no answer came.
        sent: whether a request that changes something may have reached SAP. A read has no
            outcome to be unknown about, so for a read this is False.
    """
    if status == 401 and code is None:
        return Kind.SESSION
    if status == 412:
        return Kind.STALE
    if code is None:
        return Kind.UNKNOWN if sent else Kind.TRANSIENT
    for rule in RULES:
        if rule.code == str(code) and rule.mark in text:
            return rule.kind
    if status is not None and status >= 500:
        return Kind.UNKNOWN if sent else Kind.TRANSIENT
    return Kind.REFUSED


class BreakerOpen(Unavailable):
    """The circuit breaker is open; the request was not sent."""

    def __init__(self, until: datetime) -> None:
        super().__init__(f"SAP did not answer several times; next try after {until:%H:%M:%S}.")
        self.until = until


class LoginRefused(Unavailable):
    """SAP refused user, password or company; not tried again for a while.

    Attributes:
        code: SAP's code, such as 100000027 for a wrong password.
        text: SAP's words.
        until: when the next attempt is allowed.
    """

    def __init__(self, code: str, text: str, until: datetime) -> None:
        super().__init__(
            f"SAP refused the login ({code}: {text}); check user, password and company. "
            f"Next try after {until:%H:%M:%S}."
        )
        self.code = code
        self.text = text
        self.until = until


class IncompleteRead(Unavailable):
    """A bulk read ended with fewer rows than SAP counted (production lesson L41)."""

    def __init__(self, what: str, *, counted: int, received: int) -> None:
        super().__init__(
            f"SAP counts {counted} rows of {what} but delivered {received}; "
            "the former copy stays in use."
        )
        self.what = what
        self.counted = counted
        self.received = received


class SapRejected(Rejected):
    """SAP's refusal with the kind it means.

    Attributes:
        kind: what to do about it.
    """

    def __init__(self, code: str, text: str, http_status: int | None, *, kind: Kind) -> None:
        super().__init__(code, text, http_status)
        self.kind = kind


class AwaitingApproval(SapRejected):
    """An approval procedure turned the document into a draft (production lesson L57).

    Attributes:
        draft_entry: DocEntry of the draft.
    """

    def __init__(self, draft_entry: int, *, is_approved: bool = False) -> None:
        text = f"The document waits for approval in SAP as draft {draft_entry}."
        if is_approved:
            text = f"Draft {draft_entry} of the document was approved in SAP: add it there."
        super().__init__("-2028", text, None, kind=Kind.WAITING_FOR_APPROVAL)
        self.draft_entry = draft_entry


class DraftRejected(SapRejected):
    """Somebody said no to the draft an approval procedure made of the document (lesson L57)."""

    def __init__(self, draft_entry: int, why: str = "") -> None:
        said = f" ({why})" if why else ""
        text = (
            f"Draft {draft_entry} of it was rejected in SAP{said}, and nothing was booked: settle "
            "it with whoever rejected it. Then remove the draft there and try again, or take the "
            "document out of the queue."
        )
        super().__init__("draft_rejected", text, None, kind=Kind.PERMANENT)


class RequestInvalid(SapRejected):
    """A request that can never be posted as it stands; found before sending."""

    def __init__(self, text: str, code: str = "invalid_request") -> None:
        super().__init__(code, text, None, kind=Kind.PERMANENT)


class FieldTooLong(RequestInvalid):
    """A value SAP would refuse for its length; found before sending."""

    def __init__(self, field: str, value: str, limit: int) -> None:
        text = f"{field} has {len(value)} characters, SAP takes {limit}: {value!r}."
        super().__init__(text, "too_long")
        self.field = field


class MoreThanOne(SapRejected):
    """Several SAP documents carry one key; a person must look, nothing is posted."""

    def __init__(self, what: str, key: str, entries: Sequence[int]) -> None:
        listed = ", ".join(str(entry) for entry in entries)
        text = f"SAP holds {len(entries)} of {what} for {key!r} (DocEntry {listed})."
        super().__init__("duplicate_key", text, None, kind=Kind.REFUSED)
        self.key = key
        self.entries = tuple(entries)
