"""Whether a fiscal day can be closed (ZIMRA FDMS 7.2, closeDay)."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from fiscal.chain import Counter, day_text
from fiscal.signing import is_signed
from fiscal.simulator.authority.register import DayFile, Received, counters_of
from fiscal.simulator.authority.verdict import is_blocking


class CloseError(StrEnum):
    """Why a day stays open, in the order in which it is tested."""

    BAD_CERTIFICATE_SIGNATURE = "BadCertificateSignature"
    MISSING_RECEIPTS = "MissingReceipts"
    RECEIPTS_WITH_VALIDATION_ERRORS = "ReceiptsWithValidationErrors"
    COUNTERS_MISMATCH = "CountersMismatch"


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """What a device sends to close a day.

    Attributes:
        counters: without those that are zero.
        receipt_counter: of the last receipt of the day, 0 for a day without one.
        signature: over the day text, base64.
    """

    fiscal_day: int
    counters: tuple[Counter, ...]
    receipt_counter: int
    signature: str


def close_error(
    closing: Closing, day: DayFile, received: Sequence[Received], *, device_id: str, public_pem: str
) -> CloseError | None:
    """The first thing that keeps the day open; None when it can be closed."""
    opened = datetime.fromisoformat(day.opened).date()
    text = day_text(device_id, day.number, opened=opened, counters=closing.counters)
    if not is_signed(text, base64.b64decode(closing.signature), public_pem):
        return CloseError.BAD_CERTIFICATE_SIGNATURE
    if any(row.verdict.is_grey for row in received) or _lacks_the_last(closing, received):
        return CloseError.MISSING_RECEIPTS
    if any(is_blocking(row.verdict.codes) for row in received):
        return CloseError.RECEIPTS_WITH_VALIDATION_ERRORS
    if list(closing.counters) != counters_of(received).rows():
        return CloseError.COUNTERS_MISMATCH
    return None


def _lacks_the_last(closing: Closing, received: Sequence[Received]) -> bool:
    return closing.receipt_counter > max(
        (row.receipt.receipt_counter for row in received), default=0
    )
