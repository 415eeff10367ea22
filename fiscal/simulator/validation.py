"""The authority's validation codes: such a receipt is filed, signed and counted all the same.

Only codes a till, its clock or its configuration can cause; the device itself cannot break its
numbering, arithmetic or signature (ZIMRA FDMS 7.2, validation errors).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from fiscal.simulator.draft import Draft
from fiscal.simulator.intake import Intake
from fiscal.simulator.receipt import FiledLine, Receipt
from fiscal.simulator.settings import DeviceSettings

YELLOW = frozenset({"RCPT014", "RCPT031", "RCPT041"})
"""They never block the closing of a day; every other code here does."""

_MONTHS_OF_A_NOTE = 12
_FUTURE_TOLERANCE = timedelta(minutes=5)
_HS_LENGTHS = frozenset({4, 8})


def problems(
    intake: Intake,
    draft: Draft,
    settings: DeviceSettings,
    *,
    date: datetime,
    now: datetime,
    opened: datetime,
    original: Receipt | None,
) -> tuple[str, ...]:
    """The codes a receipt earns, in ascending order.

    Args:
        intake: as sent.
        draft: as computed.
        settings: the box.
        date: the receipt's local date.
        now: the local time.
        opened: when the fiscal day was opened, local.
        original: of a note, when this box filed it.
    """
    found = [
        *_currency(intake, settings),
        *(["RCPT014"] if date <= opened else []),
        *(["RCPT031"] if date - now > _FUTURE_TOLERANCE else []),
        *(_against(draft, original, date) if original else []),
        *(["RCPT043"] if intake.fields["CustomerName"] and not _has_tin(intake) else []),
        *(["RCPT048"] if any(not _is_hs_code(line) for line in draft.lines) else []),
    ]
    return tuple(sorted(set(found)))


def is_blocking(codes: Sequence[str]) -> bool:
    """Whether a receipt with these codes keeps its day from closing."""
    return any(code not in YELLOW for code in codes)


def _currency(intake: Intake, settings: DeviceSettings) -> Iterator[str]:
    if intake.fields["Currency"] not in settings.currencies:
        yield "RCPT010"


def _has_tin(intake: Intake) -> bool:
    return bool(intake.fields["CustomerBPN"].strip())


def _against(draft: Draft, original: Receipt, date: datetime) -> Iterator[str]:
    """What a note owes its original: age and taxes."""
    first = datetime.fromisoformat(original.date)
    months = (date.year - first.year) * 12 + date.month - first.month
    rest = date - date.replace(day=1, hour=0, minute=0, second=0)
    first_rest = first - first.replace(day=1, hour=0, minute=0, second=0)
    if (months, rest) > (_MONTHS_OF_A_NOTE, first_rest):
        yield "RCPT033"
    taxes = {(row.tax_id, row.percent) for row in original.taxes}
    if any((row.tax_id, row.percent) not in taxes for row in draft.taxes):
        yield "RCPT036"


def _is_hs_code(line: FiledLine) -> bool:
    """Four or eight digits; exactly eight for zero rated and exempt goods."""
    if not line.hs_code.isdigit() or len(line.hs_code) not in _HS_LENGTHS:
        return False
    return bool(line.tax_percent) or len(line.hs_code) == max(_HS_LENGTHS)


def is_over_balance(intake: Intake, draft: Draft, balance: Decimal) -> bool:
    """Whether a credit note takes back more than is left of its original."""
    return intake.is_credit and -draft.total > balance
