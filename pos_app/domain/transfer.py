"""Goods between warehouses: requests for them, their way, and what arrived of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from pos_app.errors import Conflict, InvalidInput, NotAllowed, RuleBroken

NOTHING = Decimal(0)


class RequestState(StrEnum):
    """Where a request for goods of another warehouse stands."""

    OPEN = "Open"
    APPROVED = "Approved"
    REJECTED = "Rejected"
    CONVERTED = "Converted"
    CLOSED = "Closed"


class TransferState(StrEnum):
    """Where sent goods are."""

    IN_TRANSIT = "InTransit"
    RECEIVED = "Received"
    CANCELLED = "Cancelled"


REQUEST_MOVES = frozenset(
    {
        (RequestState.OPEN, RequestState.APPROVED),
        (RequestState.OPEN, RequestState.REJECTED),
        (RequestState.OPEN, RequestState.CONVERTED),
        (RequestState.OPEN, RequestState.CLOSED),
        (RequestState.APPROVED, RequestState.CONVERTED),
        (RequestState.APPROVED, RequestState.CLOSED),
        (RequestState.APPROVED, RequestState.REJECTED),
    }
)
TRANSFER_MOVES = frozenset(
    {
        (TransferState.IN_TRANSIT, TransferState.RECEIVED),
        (TransferState.IN_TRANSIT, TransferState.CANCELLED),
        (TransferState.RECEIVED, TransferState.CANCELLED),
    }
)
"""Received goods go back only while SAP has not heard of their move."""


class SameWarehouse(InvalidInput):
    """Goods cannot move from a warehouse to itself."""

    code = "same_warehouse"

    def __init__(self, warehouse: str) -> None:
        super().__init__(
            f"Goods cannot move from warehouse {warehouse} to itself: choose another destination.",
            warehouse=warehouse,
        )


class ApprovalNeeded(Conflict):
    """Goods move here only after somebody else agreed."""

    code = "transfer_approval_needed"

    def __init__(self, number: str) -> None:
        super().__init__(
            f"Transfer request {number} is not approved: ask somebody who may approve it.",
            number=number,
        )


class RequestNeeded(NotAllowed):
    """Who may not approve transfers asks for the goods instead of sending them."""

    code = "transfer_request_needed"

    def __init__(self, username: str) -> None:
        super().__init__(
            f"{username} may not send goods without an approval: make a transfer request.",
            username=username,
        )


class OwnApproval(NotAllowed):
    """Nobody approves what they asked for themselves."""

    code = "own_approval"

    def __init__(self, username: str, number: str) -> None:
        super().__init__(
            f"{username} asked for {number} and cannot approve it: let somebody else decide.",
            username=username,
            number=number,
        )


class ArrivalInvalid(RuleBroken):
    """What is said to have arrived does not fit what was sent."""

    code = "arrival_invalid"

    def __init__(self, line: int, item: str, why: str) -> None:
        super().__init__(f"Line {line} of item {item}: {why}.", line=line, item=item)


Lots = Mapping[str, Decimal]
"""Quantity by batch; goods without batches are under the empty name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """One line that is on its way.

    Attributes:
        line: its number, from 0.
        lots: what was sent of each batch.
    """

    line: int
    item: str
    lots: Lots

    @property
    def quantity(self) -> Decimal:
        """All of it."""
        return sum(self.lots.values(), NOTHING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """What the receiver says of one line.

    Attributes:
        quantity: what arrived and is good.
        lots: the same by batch; empty where it need not be said.
        reason: why the rest did not; empty only where nothing is missing.
    """

    line: int
    quantity: Decimal
    lots: Lots
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One line as it ended: what came, what did not, and why."""

    line: int
    item: str
    arrived: Lots
    missing: Lots
    reason: str

    @property
    def quantity(self) -> Decimal:
        """What arrived."""
        return sum(self.arrived.values(), NOTHING)


def receive(sent: Sequence[Sent], counts: Iterable[Count]) -> tuple[Arrival, ...]:
    """Compare what arrived with what was sent; a line nobody counted arrived whole.

    So transit ends at nothing: each unit either arrived or is missing for a named reason.

    Raises:
        ArrivalInvalid: more than was sent, batches that were not, an unnamed difference, or a
            short line of several batches that does not say which are short.
    """
    told = {count.line: count for count in counts}
    known = {row.line: row for row in sent}
    for number, count in told.items():
        if number not in known:
            raise ArrivalInvalid(number, "", "was not sent; leave it out")
        _check(known[number], count)
    return tuple(_arrival(row, told.get(row.line)) for row in sent)


def _check(sent: Sent, count: Count) -> None:
    if count.quantity < 0 or any(part < 0 for part in count.lots.values()):
        raise ArrivalInvalid(sent.line, sent.item, "less than nothing cannot arrive")
    if count.quantity > sent.quantity:
        why = (
            f"{sent.quantity:f} were sent and {count.quantity:f} cannot arrive; "
            "book what came beside them as a goods receipt"
        )
        raise ArrivalInvalid(sent.line, sent.item, why)
    if count.lots and sum(count.lots.values(), NOTHING) != count.quantity:
        raise ArrivalInvalid(sent.line, sent.item, "its batches do not sum to what arrived")
    for lot, part in count.lots.items():
        if part > sent.lots.get(lot, NOTHING):
            why = f"of batch {lot} {sent.lots.get(lot, NOTHING):f} were sent, not {part:f}"
            raise ArrivalInvalid(sent.line, sent.item, why)
    if count.quantity < sent.quantity and not count.reason:
        raise ArrivalInvalid(sent.line, sent.item, "say why the rest did not arrive")


def _arrival(sent: Sent, count: Count | None) -> Arrival:
    arrived = dict(sent.lots) if count is None else _arrived(sent, count)
    missing = {lot: part - arrived.get(lot, NOTHING) for lot, part in sent.lots.items()}
    return Arrival(
        line=sent.line,
        item=sent.item,
        arrived={lot: part for lot, part in arrived.items() if part},
        missing={lot: part for lot, part in missing.items() if part},
        reason=count.reason if count and any(missing.values()) else "",
    )


def _arrived(sent: Sent, count: Count) -> dict[str, Decimal]:
    if count.lots:
        return dict(count.lots)
    if count.quantity == sent.quantity:
        return dict(sent.lots)
    if len(sent.lots) == 1:
        return dict.fromkeys(sent.lots, count.quantity)
    if count.quantity == 0:
        return {}
    raise ArrivalInvalid(sent.line, sent.item, "say how much arrived of each batch")
