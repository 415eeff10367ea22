"""Batches, and which of them each line of a document takes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum

from pos_app.domain.quantity import QuantityInvalid
from pos_app.errors import InsufficientStock, InvalidInput, NotFound, RuleBroken


class BatchStatus(StrEnum):
    """What may be done with a batch."""

    RELEASED = "Released"
    LOCKED = "Locked"
    NOT_ACCESSIBLE = "NotAccessible"


class Strategy(StrEnum):
    """How batches are chosen: first expired, first admitted, or by hand."""

    FEFO = "FEFO"
    FIFO = "FIFO"
    MANUAL = "Manual"


class BatchStatusUnknown(InvalidInput):
    """A text is not the name of a batch status."""

    code = "batch_status_unknown"

    def __init__(self, status: str) -> None:
        super().__init__(
            f"Batch status {status[:40]!r} does not exist: use Released, Locked or NotAccessible.",
            status=status[:40],
        )


class BatchNotFound(NotFound):
    """The item has no such batch in the warehouse."""

    code = "batch_not_found"

    def __init__(self, item: str, warehouse: str, batch: str) -> None:
        super().__init__(
            f"Item {item} has no batch {batch} in warehouse {warehouse}: choose another batch.",
            item=item,
            warehouse=warehouse,
            batch=batch,
        )


class BatchNotReleased(RuleBroken):
    """The batch is locked or not accessible."""

    code = "batch_not_released"

    def __init__(self, item: str, batch: str, status: str) -> None:
        super().__init__(
            f"Batch {batch} of item {item} is {status}: choose a released batch.",
            item=item,
            batch=batch,
            status=status,
        )


class BatchNotManaged(InvalidInput):
    """A batch was named for an item that is not kept in batches."""

    code = "batch_not_managed"

    def __init__(self, item: str, batch: str) -> None:
        super().__init__(
            f"Item {item} is not kept in batches and batch {batch[:60]} was named: leave it out.",
            item=item,
            batch=batch[:60],
        )


class BatchNeeded(RuleBroken):
    """Batches are chosen by hand and this line names none."""

    code = "batch_needed"

    def __init__(self, line: int, item: str) -> None:
        super().__init__(
            f"Line {line} sells item {item}, which is kept in batches: choose a batch.",
            line=line,
            item=item,
        )


class InsufficientBatch(RuleBroken):
    """The chosen batch holds less than was asked of it by the whole document."""

    code = "insufficient_batch"

    def __init__(self, item: str, batch: str, requested: Decimal, available: Decimal) -> None:
        super().__init__(
            f"Batch {batch} of item {item} has only {available:f} left and {requested:f} "
            "were asked for: take fewer or add another batch.",
            item=item,
            batch=batch,
            requested=requested,
            available=available,
        )


@dataclass(frozen=True, slots=True)
class Batch:
    """One lot of an item in one warehouse; ``quantity`` is what is free to take."""

    item: str
    warehouse: str
    number: str
    quantity: Decimal
    status: BatchStatus = BatchStatus.RELEASED
    expiry: date | None = None
    admission: date | None = None

    def is_expired(self, on: date) -> bool:
        """Whether its last day is over; on the day itself it may still be sold."""
        return self.expiry is not None and self.expiry < on


@dataclass(frozen=True, slots=True)
class BatchNeed:
    """What one line of a document needs; several rows per line name several batches."""

    line: int
    item: str
    warehouse: str
    quantity: Decimal
    batch: str | None = None


@dataclass(frozen=True, slots=True)
class Allocation:
    """So much of this batch goes to this line."""

    line: int
    item: str
    warehouse: str
    batch: str
    quantity: Decimal
    available_before: Decimal = Decimal(0)
    expiry: date | None = None

    @property
    def available_after(self) -> Decimal:
        """What the batch has left for the rest of the document."""
        return self.available_before - self.quantity


def parse_status(text: str) -> BatchStatus:
    """Read a status, whatever its case, blanks and underscores.

    Raises:
        BatchStatusUnknown: none of the three.
    """
    wanted = text.replace(" ", "").replace("_", "").casefold()
    for status in BatchStatus:
        if status.value.casefold() == wanted:
            return status
    raise BatchStatusUnknown(text)


def allocate(
    needs: Sequence[BatchNeed],
    batches: Iterable[Batch],
    *,
    strategy: Strategy = Strategy.FEFO,
    on: date,
) -> tuple[Allocation, ...]:
    """Give every line of a document its batches, none twice (production lesson L43).

    Batches named by a line are charged first; the other lines then take what is left in line
    order: FEFO by expiry then admission, FIFO by admission then expiry, none last, batch number at
    the end. Only Released and unexpired batches are taken automatically; by hand an expired one
    may be named (``expired`` lists those).

    Returns:
        Allocations in line order, one per line and batch.

    Raises:
        QuantityInvalid: a need is not above zero.
        BatchNeeded: strategy MANUAL and a line names no batch.
        BatchNotFound, BatchNotReleased, InsufficientBatch: a named batch cannot serve.
        InsufficientStock: not enough is left for the lines that name none.
    """
    for need in needs:
        if not (need.quantity.is_finite() and need.quantity > 0):
            raise QuantityInvalid(need.quantity, "is not above zero", item=need.item)
        if need.batch is None and strategy is Strategy.MANUAL:
            raise BatchNeeded(need.line, need.item)
    pool = _Pool(batches)
    taken = [pool.take(need) for need in needs if need.batch is not None]
    for need in sorted((need for need in needs if need.batch is None), key=lambda row: row.line):
        taken += pool.serve(need, strategy, on=on)
    return _merged(taken)


def expired(allocations: Iterable[Allocation], *, on: date) -> tuple[Allocation, ...]:
    """Return the allocations from batches whose last day is over: a warning, not an error."""
    return tuple(row for row in allocations if row.expiry is not None and row.expiry < on)


class _Pool:
    """What is left of every batch while one document is being allocated."""

    def __init__(self, batches: Iterable[Batch]) -> None:
        self._batches: dict[tuple[str, str], list[Batch]] = {}
        self._left: dict[tuple[str, str, str], Decimal] = {}
        for batch in batches:
            self._batches.setdefault((batch.item, batch.warehouse), []).append(batch)
            key = (batch.item, batch.warehouse, batch.number)
            self._left[key] = self._left.get(key, Decimal(0)) + batch.quantity

    def take(self, need: BatchNeed) -> Allocation:
        """Charge a batch a line names; its number is compared without regard to case."""
        wanted = (need.batch or "").casefold()
        rows = self._batches.get((need.item, need.warehouse), [])
        batch = next((row for row in rows if row.number.casefold() == wanted), None)
        if batch is None:
            raise BatchNotFound(need.item, need.warehouse, need.batch or "")
        if batch.status is not BatchStatus.RELEASED:
            raise BatchNotReleased(need.item, batch.number, batch.status.value)
        left = self._left[need.item, need.warehouse, batch.number]
        if need.quantity > left:
            raise InsufficientBatch(need.item, batch.number, need.quantity, left)
        return self._charge(need, batch, quantity=need.quantity)

    def serve(self, need: BatchNeed, strategy: Strategy, *, on: date) -> list[Allocation]:
        """Charge the best batches until a line has its quantity."""
        rows = [
            row
            for row in self._batches.get((need.item, need.warehouse), [])
            if row.status is BatchStatus.RELEASED
            and not row.is_expired(on)
            and self._left[need.item, need.warehouse, row.number] > 0
        ]
        free = sum((self._left[need.item, need.warehouse, row.number] for row in rows), Decimal(0))
        if free < need.quantity:
            raise InsufficientStock(need.item, need.warehouse, need.quantity, free)
        result: list[Allocation] = []
        missing = need.quantity
        for row in sorted(rows, key=lambda batch: _order(batch, strategy)):
            part = min(missing, self._left[need.item, need.warehouse, row.number])
            result.append(self._charge(need, row, quantity=part))
            missing -= part
            if missing == 0:
                break
        return result

    def _charge(self, need: BatchNeed, batch: Batch, *, quantity: Decimal) -> Allocation:
        key = (need.item, need.warehouse, batch.number)
        before = self._left[key]
        self._left[key] = before - quantity
        return Allocation(
            line=need.line,
            item=need.item,
            warehouse=need.warehouse,
            batch=batch.number,
            quantity=quantity,
            available_before=before,
            expiry=batch.expiry,
        )


def in_order(batches: Iterable[Batch], strategy: Strategy, *, on: date) -> list[Batch]:
    """The batches that are taken by themselves, in the order they would be.

    Only released ones with something left, and unexpired on the day.
    """
    fit = (
        batch
        for batch in batches
        if batch.status is BatchStatus.RELEASED
        and batch.quantity > 0
        and (batch.expiry is None or batch.expiry >= on)
    )
    return sorted(fit, key=lambda batch: _order(batch, strategy))


def _order(batch: Batch, strategy: Strategy) -> tuple[date, date, str]:
    expiry = batch.expiry or date.max
    admission = batch.admission or date.max
    if strategy is Strategy.FIFO:
        return admission, expiry, batch.number
    return expiry, admission, batch.number


def _merged(rows: Iterable[Allocation]) -> tuple[Allocation, ...]:
    """Put a batch at most once on a line, as SAP demands, and the lines in order."""
    found: dict[tuple[int, str, str, str], Allocation] = {}
    for row in rows:
        key = (row.line, row.item, row.warehouse, row.batch)
        known = found.get(key)
        found[key] = (
            row if known is None else replace(known, quantity=known.quantity + row.quantity)
        )
    return tuple(sorted(found.values(), key=lambda row: row.line))
