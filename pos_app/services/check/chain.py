"""The receipts of a device as a chain: numbers without a gap, counters per day, time and tax."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from sqlalchemy import RowMapping, select

from fiscal import envelope
from fiscal import wire as device_wire
from pos_app.services.check.violation import Books, Violation
from pos_app.store import audit, fiscal, fiscal_device, wire

_JOURNAL = wire.plain(fiscal.fiscal_journal).c
_FOUND = wire.plain(fiscal_device.fiscal_found).c
_AUDIT = wire.plain(audit.audit).c

ACCEPTED = "fiscal.accept_device"
"""A supervisor has said who filed what this till did not."""


@dataclass(frozen=True, slots=True)
class Filed:
    """One receipt of a device, ours or found on it."""

    global_no: int
    counter: int | None
    day: int | None
    at: str
    number: str

    @property
    def base(self) -> int | None:
        """Global number less counter: equal within a fiscal day and only there."""
        return None if self.counter is None else self.global_no - self.counter


def chained(books: Books) -> Iterator[Violation]:
    """What does not fit together among the receipts of each device (FDMS 7.2 §2.2)."""
    accepted = _accepted(books)
    for device, filed in _by_device(books).items():
        for rows in _series(filed):
            yield from _shared(device, rows)
            if not books.rules.fiscal.is_shared:
                yield from _gaps(device, rows, accepted.get(device, set()))
            yield from _days(device, rows)
            yield from _times(rows)


def _series(rows: list[Filed]) -> list[list[Filed]]:
    """Receipts in the order of their global numbers, apart where those begin at 1 again.

    They may with the first receipt of a fiscal day and nowhere else (FDMS 7.2 §2.2).
    """
    begun = sorted({row.day for row in rows if row.day is not None and row.base == 0})
    anew = [day for day in begun if _is_after_all_before(day, rows)]
    found: defaultdict[int, list[Filed]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: row.global_no):
        found[0 if row.day is None else bisect_right(anew, row.day)].append(row)
    return [found[number] for number in sorted(found)]


def _is_after_all_before(day: int, rows: list[Filed]) -> bool:
    """Whether there were earlier days, and every receipt of them is older than this day's."""
    earlier = [row.at for row in rows if row.day is not None and row.day < day]
    return bool(earlier) and max(earlier) < min(row.at for row in rows if row.day == day)


def _shared(device: str, rows: list[Filed]) -> Iterator[Violation]:
    for before, row in pairwise(rows):
        if before.global_no == row.global_no:
            words = (
                f"Receipts {before.number} and {row.number} share global number "
                f"{row.global_no} of device {device}."
            )
            yield Violation("fiscal_number_shared", row.number, words)


def _by_device(books: Books) -> dict[str, list[Filed]]:
    ours = select(
        _JOURNAL.device_id, _JOURNAL.receipt_global_no, _JOURNAL.receipt_counter,
        _JOURNAL.fiscal_day, _JOURNAL.filed_at, _JOURNAL.number,
    ).where(_JOURNAL.receipt_global_no.is_not(None), _JOURNAL.device_id.is_not(None))  # fmt: skip
    theirs = select(
        _FOUND.device_id, _FOUND.receipt_global_no, _FOUND.receipt_counter, _FOUND.fiscal_day,
        _FOUND.record, _FOUND.number,
    )  # fmt: skip
    found: defaultdict[str, dict[tuple[int, str], Filed]] = defaultdict(dict)
    for row in books.rows(theirs):
        at = device_wire.filed(envelope.read(json.loads(row["record"]))).filed_at
        found[row["device_id"]][row["receipt_global_no"], row["number"]] = _filed(row, at or "")
    for row in books.rows(ours):
        key = row["receipt_global_no"], row["number"]
        found[row["device_id"]][key] = _filed(row, row["filed_at"] or "")
    return {device: list(rows.values()) for device, rows in found.items()}


def _filed(row: RowMapping, at: str) -> Filed:
    return Filed(
        global_no=row["receipt_global_no"],
        counter=row["receipt_counter"],
        day=row["fiscal_day"],
        at=at,
        number=row["number"],
    )


def _accepted(books: Books) -> dict[str, set[int]]:
    """Numbers of each device that a supervisor has accounted for, device by device."""
    found: defaultdict[str, set[int]] = defaultdict(set)
    query = select(_AUDIT.subject, _AUDIT.details).where(_AUDIT.action == ACCEPTED)
    for row in books.rows(query):
        details = json.loads(row["details"])
        low, high = sorted((int(details["till"]), int(details["device"])))
        found[row["subject"]].update(range(low + 1, high + 1))
    return found


def _gaps(device: str, rows: list[Filed], accepted: set[int]) -> Iterator[Violation]:
    """Between the first and the last receipt we know, nobody else has filed any."""
    for before, row in pairwise(rows):
        missing = set(range(before.global_no + 1, row.global_no)) - accepted
        if missing:
            span = _span(missing)
            words = (
                f"Device {device} has filed global number {span} between {before.number} and "
                f"{row.number}, and no receipt here has it."
            )
            yield Violation("fiscal_number_missing", row.number, words)


def _span(numbers: set[int]) -> str:
    low, high = min(numbers), max(numbers)
    return str(low) if low == high else f"{low} to {high}"


def _days(device: str, rows: list[Filed]) -> Iterator[Violation]:
    """Within a day global number less counter is one figure, another day has another."""
    by_day: defaultdict[int, dict[int, Filed]] = defaultdict(dict)
    first: dict[int, Filed] = {}
    for row in rows:
        if row.day is None or row.base is None:
            continue
        by_day[row.day].setdefault(row.base, row)
        other = first.setdefault(row.base, row)
        if other.day != row.day:
            words = (
                f"{other.number} and {row.number} count from the same first receipt of device "
                f"{device} and are of fiscal days {other.day} and {row.day}."
            )
            yield Violation("fiscal_day_forked", row.number, words)
    for day, bases in by_day.items():
        if len(bases) > 1:
            names = " and ".join(row.number for row in list(bases.values())[:2])
            words = (
                f"Fiscal day {day} of device {device} is forked: {names} do not count from the "
                "same first receipt."
            )
            yield Violation("fiscal_day_forked", f"{device}/{day}", words)
    yield from _order(device, rows)


def _order(device: str, rows: Iterable[Filed]) -> Iterator[Violation]:
    last: Filed | None = None
    for row in rows:
        if row.day is None:
            continue
        if last is not None and last.day is not None and row.day < last.day:
            words = (
                f"{row.number} is of fiscal day {row.day} of device {device} and comes after "
                f"{last.number} of day {last.day}."
            )
            yield Violation("fiscal_day_backwards", row.number, words)
        last = row


def _times(rows: Iterable[Filed]) -> Iterator[Violation]:
    """Every receipt is dated later than the one before it (FDMS 7.2, RCPT030)."""
    last: Filed | None = None
    for row in rows:
        if last is not None and row.at and last.at and row.at <= last.at:
            words = (
                f"{row.number} was filed at {row.at}, not after {last.number} of {last.at}, "
                "although its number is higher."
            )
            yield Violation("fiscal_time_backwards", row.number, words)
        last = row if row.at else last
