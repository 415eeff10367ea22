"""The fiscal day: how long it may stay open, its figures, and two accounts of it compared."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum

from pos_app.domain.money import Money
from pos_app.errors import Conflict, RuleBroken

NAMED_MOST = 5
"""So many receipts are named in a sentence; the rest are counted."""


class DayState(StrEnum):
    """How a fiscal day stands.

    UNKNOWN: the device was never greeted. WARNED: open, its legal end is near. OVER: open for
    longer than the law allows, it takes no receipt (ZIMRA FDMS 7.2, taxPayerDayMaxHrs).
    """

    UNKNOWN = "unknown"
    CLOSED = "closed"
    OPEN = "open"
    WARNED = "warned"
    OVER = "over"


class StepKind(StrEnum):
    """What can be done to a fiscal day."""

    OPEN = "open"
    CLOSE = "close"


class StepState(StrEnum):
    """Where the opening or closing of a day stands; SENT may have happened and is read up."""

    ASKED = "asked"
    SENT = "sent"
    DONE = "done"
    REFUSED = "refused"


STEP_MOVES = frozenset(
    {
        (StepState.ASKED, StepState.SENT),
        (StepState.ASKED, StepState.DONE),
        (StepState.ASKED, StepState.REFUSED),
        (StepState.SENT, StepState.DONE),
        (StepState.SENT, StepState.REFUSED),
        (StepState.SENT, StepState.ASKED),
    }
)
"""SENT is on disk before the device is told, since telling it twice undoes it; back to ASKED means:
read, and nothing had changed (production lesson L15)."""


class FiscalDayOver(RuleBroken):
    """The fiscal day has been open for as long as the law allows."""

    code = "fiscal_day_over"

    def __init__(self, day: int, hours: int) -> None:
        super().__init__(
            f"Fiscal day {day} has been open for {hours} hours and takes no more receipts: "
            "close it, and a new one is opened with the next sale.",
            fiscal_day=day,
            hours=hours,
        )


class FiscalDayShut(RuleBroken):
    """The fiscal day is closed, and this shop opens it by hand."""

    code = "fiscal_day_shut"

    def __init__(self) -> None:
        super().__init__("The fiscal day is closed: have a manager open it before selling.")


class FiscalDayBusy(RuleBroken):
    """Receipts of the day are not settled, so it cannot be closed (production lesson L14)."""

    code = "fiscal_day_busy"

    def __init__(self, receipts: Sequence[str]) -> None:
        named = ", ".join(receipts[:NAMED_MOST])
        more = len(receipts) - NAMED_MOST
        others = f" and {more} more" if more > 0 else ""
        super().__init__(
            f"The fiscal day cannot be closed before {named}{others} is settled: "
            "wait for the device, or settle what it disputes.",
            receipts=tuple(receipts),
        )


class FiscalDayAlready(Conflict):
    """The day is as somebody wants to make it."""

    code = "fiscal_day_already"

    def __init__(self, state: str) -> None:
        super().__init__(f"The fiscal day is {state} already: there is nothing to do.", state=state)


class FiscalStepPending(Conflict):
    """Somebody has asked for the day to be opened or closed, and it is not done yet."""

    code = "fiscal_step_pending"

    def __init__(self, kind: str, username: str) -> None:
        super().__init__(
            f"{username} has asked to {kind} the fiscal day: wait until the device has done it.",
            kind=kind,
            username=username,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxFigure:
    """One tax in one currency over a day; credit notes are taken off.

    Attributes:
        currency: our code.
        percent: None when exempt, which is not zero.
    """

    currency: str
    percent: Decimal | None
    net: Money
    tax: Money

    @property
    def gross(self) -> Money:
        """Net and tax."""
        return self.net + self.tax

    @property
    def name(self) -> str:
        """Currency and rate, as a difference names them."""
        return f"{self.currency} {rate_name(self.percent)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentFigure:
    """How many documents of a kind there were in a currency, and what they came to, signed."""

    currency: str
    kind: str
    count: int
    total: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class DayFigures:
    """One account of a day.

    Attributes:
        receipts: how many there were; None when this account does not say.
    """

    taxes: tuple[TaxFigure, ...] = ()
    documents: tuple[DocumentFigure, ...] = ()
    receipts: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Where two accounts of a day part.

    Attributes:
        what: the figure, such as ``USD 15.5 % tax`` or ``receipts``.
        between: whose accounts they are, such as device and till.
        said: the figure of the first; empty when it has none.
        has: the figure of the second; empty when it has none.
    """

    what: str
    between: tuple[str, str]
    said: str
    has: str

    @property
    def sentence(self) -> str:
        """The difference in words."""
        one, other = self.between
        return (
            f"{self.what}: the {one} says {self.said or 'nothing'} "
            f"and the {other} {self.has or 'nothing'}."
        )


def rate_name(percent: Decimal | None) -> str:
    """A tax rate for people."""
    return "exempt" if percent is None else f"{percent.normalize():f} %"


def day_state(
    *,
    is_open: bool,
    opened_at: datetime | None,
    now: datetime,
    hours: int,
    warn_hours: int,
) -> DayState:
    """How a day stands by the clock (production lesson L13).

    Args:
        is_open: as the device says.
        opened_at: when it was opened; None when that is not known, and then only the device can
            say that it is over.
        now: the instant.
        hours: as long as it may be open.
        warn_hours: so long before its end people are warned.
    """
    if not is_open:
        return DayState.CLOSED
    left = time_left(opened_at, now=now, hours=hours)
    if left is None or left > timedelta(hours=warn_hours):
        return DayState.OPEN
    return DayState.WARNED if left > timedelta(0) else DayState.OVER


def time_left(opened_at: datetime | None, *, now: datetime, hours: int) -> timedelta | None:
    """How long a day may still take receipts; None when nobody knows when it was opened."""
    return None if opened_at is None else opened_at + timedelta(hours=hours) - now


def closing_time(opened_at: datetime, at: time) -> datetime:
    """The first time of the clock `at` after a day was opened, in the zone of `opened_at`."""
    same_day = opened_at.replace(hour=at.hour, minute=at.minute, second=0, microsecond=0)
    return same_day if same_day > opened_at else same_day + timedelta(days=1)


def compare(
    one: DayFigures, other: DayFigures, *, between: tuple[str, str]
) -> tuple[Difference, ...]:
    """Every figure in which two accounts of a day differ, by name."""
    return tuple(
        Difference(what=what, between=between, said=said, has=has)
        for what, said, has in (*_taxes(one, other), *_counts(one, other))
    )


Parted = Iterator[tuple[str, str, str]]
"""What differs, the first figure, the second."""


def _taxes(one: DayFigures, other: DayFigures) -> Parted:
    theirs, ours = _by_name(one.taxes), _by_name(other.taxes)
    for name in sorted(theirs | ours):
        for word in ("net", "tax"):
            said = _figure(theirs.get(name), word)
            has = _figure(ours.get(name), word)
            if said != has and not _is_nothing(said, has):
                yield f"{name} {word}", _text(said), _text(has)


def _by_name(figures: Iterable[TaxFigure]) -> dict[str, TaxFigure]:
    """Figures of one currency and rate are added up, whatever tax id they stand under."""
    found: dict[str, TaxFigure] = {}
    for row in figures:
        known = found.get(row.name)
        found[row.name] = row if known is None else _sum(known, row)
    return found


def _sum(one: TaxFigure, other: TaxFigure) -> TaxFigure:
    return TaxFigure(
        currency=one.currency,
        percent=one.percent,
        net=one.net + other.net,
        tax=one.tax + other.tax,
    )


def _figure(row: TaxFigure | None, word: str) -> Money | None:
    if row is None:
        return None
    return row.net if word == "net" else row.tax


def _is_nothing(said: Money | None, has: Money | None) -> bool:
    """A figure of zero that one side does not mention is no difference."""
    return all(money is None or money.is_zero for money in (said, has))


def _text(money: Money | None) -> str:
    return "" if money is None else str(money)


def _counts(one: DayFigures, other: DayFigures) -> Parted:
    if one.receipts is not None and other.receipts is not None and one.receipts != other.receipts:
        yield "receipts", str(one.receipts), str(other.receipts)
    theirs, ours = _documents(one), _documents(other)
    if not theirs or not ours:
        return
    for name in sorted(theirs | ours):
        if theirs.get(name) != ours.get(name):
            yield name, theirs.get(name, ""), ours.get(name, "")


def _documents(figures: DayFigures) -> dict[str, str]:
    return {
        f"{row.currency} {row.kind}": f"{row.count} over {row.total}" for row in figures.documents
    }
