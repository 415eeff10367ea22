"""A fiscal day with its three accounts - device, journal, shifts - and where they part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, RowMapping

from pos_app.domain.fiscal_day import DayFigures, Difference, compare
from pos_app.services import fiscal_figure
from pos_app.services.fiscal_figure import ShiftPart
from pos_app.store import fiscal as journal

DEVICE, TILL, SHIFTS = "device", "till", "shifts"
"""Whose accounts of a day are compared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FiscalDay:
    """One fiscal day with its accounts.

    Attributes:
        till: what the journal has of it.
        device: what the device says of it; None when it does not say.
        is_z: whether that is its Z report, or the sum of its answers because the Z was lost.
        differences: where device, journal and shifts part; empty when all agree.
        found: receipts of the day on the device that no sale here stands behind.
        is_foreign: whether somebody else has opened or closed it.
        signed_by: the manager who has looked at it.
    """

    device_id: str
    fiscal_day: int
    opened_at: datetime | None
    opened_by: str
    closed_at: datetime | None
    closed_by: str
    is_foreign: bool
    till: DayFigures
    device: DayFigures | None
    is_z: bool
    differences: tuple[Difference, ...]
    shifts: tuple[ShiftPart, ...]
    found: tuple[str, ...]
    signed_by: str
    signed_at: datetime | None
    note: str

    @property
    def is_clean(self) -> bool:
        """Whether nobody has to look at it."""
        return not self.differences and not self.is_foreign and not self.found


def of(connection: Connection, row: RowMapping) -> FiscalDay:
    """The three accounts of a day, and where they part."""
    device_id, number = row["device_id"], row["fiscal_day"]
    rows = journal.of_day(connection, device_id, number)
    till, sold = fiscal_figure.of_journal(rows), fiscal_figure.of_sales(rows)
    device = _device_account(row, rows)
    parted = compare(till, sold, between=(TILL, SHIFTS))
    if device is not None:
        parted = (*compare(device, till, between=(DEVICE, TILL)), *parted)
    return FiscalDay(
        device_id=device_id,
        fiscal_day=number,
        opened_at=row["opened_at"],
        opened_by=row["opened_by"],
        closed_at=row["closed_at"],
        closed_by=row["closed_by"],
        is_foreign=row["is_opening_foreign"] or row["is_closing_foreign"],
        till=till,
        device=device,
        is_z=row["z"] is not None,
        differences=parted,
        shifts=fiscal_figure.shift_parts(connection, rows),
        found=fiscal_figure.found_numbers(connection, device_id, number),
        signed_by=row["signed_by"],
        signed_at=row["signed_at"],
        note=row["note"],
    )


def _device_account(row: RowMapping, rows: Sequence[RowMapping]) -> DayFigures | None:
    """The Z report with the count of the device, or what the device said receipt by receipt."""
    if row["z"] is None:
        return fiscal_figure.of_records(entry["reply"] for entry in rows)
    count = None
    if row["base_global_no"] is not None and row["last_global_no"] is not None:
        count = row["last_global_no"] - row["base_global_no"]
    return DayFigures(taxes=fiscal_figure.of_z(row["z"]).taxes, receipts=count)
