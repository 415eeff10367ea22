"""The five lamps of a receipt, in the same words on screen, in JSON and in reports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum

from pos_app.domain.fiscal import FiscalState
from pos_app.domain.posting import PostingState


class Lamp(StrEnum):
    """The words a lamp can show."""

    DONE = "done"
    PENDING = "pending"
    UNKNOWN = "unknown"
    REFUSED = "refused"
    DISPUTED = "disputed"
    FAILED = "failed"
    QUARANTINED = "quarantined"
    REVIEW = "review"


class OutboxState(StrEnum):
    """Where an envelope stands on its way to the server."""

    PENDING = "pending"
    DELIVERED = "delivered"
    QUARANTINED = "quarantined"


FISCAL_LAMPS: Mapping[FiscalState, Lamp] = {
    FiscalState.DRAFT: Lamp.PENDING,
    FiscalState.INTENT: Lamp.PENDING,
    FiscalState.SENT: Lamp.PENDING,
    FiscalState.FISCALISED: Lamp.DONE,
    FiscalState.REFUSED: Lamp.REFUSED,
    FiscalState.UNKNOWN: Lamp.UNKNOWN,
    FiscalState.DISPUTED: Lamp.DISPUTED,
}

OUTBOX_LAMPS: Mapping[OutboxState, Lamp] = {
    OutboxState.PENDING: Lamp.PENDING,
    OutboxState.DELIVERED: Lamp.DONE,
    OutboxState.QUARANTINED: Lamp.QUARANTINED,
}

POSTING_LAMPS: Mapping[PostingState, Lamp] = {
    PostingState.PENDING: Lamp.PENDING,
    PostingState.PROCESSING: Lamp.PENDING,
    PostingState.COMPLETED: Lamp.DONE,
    PostingState.FAILED: Lamp.PENDING,
    PostingState.REQUIRES_REVIEW: Lamp.REVIEW,
    PostingState.CANCELLED: Lamp.REVIEW,
    PostingState.COLLECTED: Lamp.PENDING,
    PostingState.LISTED: Lamp.PENDING,
}


@dataclass(frozen=True, slots=True)
class Lamps:
    """PAID, FISCALISED, PRINTED, SYNCED, IN SAP; the print spool names its own word."""

    paid: Lamp = Lamp.DONE
    fiscalised: Lamp = Lamp.PENDING
    printed: Lamp = Lamp.PENDING
    synced: Lamp = Lamp.PENDING
    in_sap: Lamp = Lamp.PENDING

    def as_words(self) -> dict[str, str]:
        """Return the lamps as the JSON of every front end has them."""
        return {name: lamp.value for name, lamp in asdict(self).items()}

    @property
    def are_all_done(self) -> bool:
        """Whether nothing is left to do for the receipt."""
        return set(asdict(self).values()) == {Lamp.DONE}


def fiscal_lamp(state: FiscalState) -> Lamp:
    """Return the lamp of a journal state."""
    return FISCAL_LAMPS[state]


def synced_lamp(state: OutboxState | None) -> Lamp:
    """Return the lamp of an envelope; None is one the outbox has delivered and forgotten."""
    return Lamp.DONE if state is None else OUTBOX_LAMPS[state]


def sap_lamp(state: PostingState | None, *, is_unclear: bool = False) -> Lamp:
    """Return the lamp of a queue row; None when the server has not told of one yet.

    Args:
        state: the row's state.
        is_unclear: the last attempt may have posted it; it is being looked up.
    """
    if state is None:
        return Lamp.PENDING
    lamp = POSTING_LAMPS[state]
    return Lamp.UNKNOWN if is_unclear and lamp is Lamp.PENDING else lamp
