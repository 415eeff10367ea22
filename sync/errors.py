"""What can go wrong between two systems, by the only question that matters: did it happen?

    SyncError
    ├── Unavailable      proven not processed; asking again later is safe
    ├── Rejected         proven refused; asking again changes nothing until something changed
    └── OutcomeUnknown   may have happened; settled by reading, never by repeating

Production lessons L01 and L04.
"""

from __future__ import annotations


class SyncError(Exception):
    """The exchange with another system failed; the subclass says what is known about it."""


class Unavailable(SyncError):
    """The other side did not process the request: unreachable, busy, or no session.

    Attributes:
        reason: one sentence for the operator.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Rejected(SyncError):
    """The other side read the request and refused it.

    Attributes:
        code: the other side's own code, as text.
        text: the other side's own words, verbatim.
        http_status: the status of the answer; None when the refusal came before sending.
    """

    def __init__(self, code: str, text: str, http_status: int | None = None) -> None:
        super().__init__(f"Refused with code {code}: {text}")
        self.code = code
        self.text = text
        self.http_status = http_status


class OutcomeUnknown(SyncError):
    """The request left, no usable answer came: it may have been processed.

    Attributes:
        reason: one sentence for the operator.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
