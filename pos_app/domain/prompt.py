"""Money a till asks of a customer's wallet through its server: where it stands, and whose it is.

The till knows a charge of the server (`domain.charge`) as a prompt: written before the server hears
of it, sent once, settled by reading. Unknown is a state (`ASKED`), and it holds up nothing but that
one tender: the sale may be paid another way, and the prompt is watched on.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from pos_app.domain.charge import ChargeState
from pos_app.domain.money import Money
from pos_app.domain.tender import TenderType
from pos_app.errors import OutcomeUnknown, RuleBroken, Unavailable


class PromptState(StrEnum):
    """Where a prompt stands, as far as the till was told."""

    ASKED = "asked"  # on disk; whether anybody heard of it is not known
    WAITING = "waiting"  # the server has it, the customer may be asked
    PAID = "paid"
    UNPAID = "unpaid"  # it ended without money; money that comes after all goes to a person
    REVIEW = "review"  # a person decides at the server


OPEN = frozenset({PromptState.ASKED, PromptState.WAITING})


class PromptUse(StrEnum):
    """What became of its money at the till."""

    NONE = ""  # nothing yet: the sale it is for may take it
    TAKEN = "taken"  # a posted sale took it, once
    LEFT = "left"  # the sale went another way: money goes to a person


_STATES = {
    ChargeState.PENDING: PromptState.WAITING,
    ChargeState.PROCESSING: PromptState.WAITING,
    ChargeState.SUCCESS: PromptState.PAID,
    ChargeState.REFUNDED: PromptState.REVIEW,
}


def state_of(charge: str, *, is_held: bool) -> PromptState:
    """What the server's word for a charge means at the till; raises ValueError for no word."""
    known = ChargeState(charge)
    return PromptState.REVIEW if is_held else _STATES.get(known, PromptState.UNPAID)


QUICK, SLOW = timedelta(seconds=1), timedelta(seconds=30)
QUICK_FOR = timedelta(minutes=10)
QUIET = timedelta(seconds=30)
"""So long a server that knows nothing of a prompt may still be about to hear of it."""


def next_look(now: datetime, asked_at: datetime) -> datetime:
    """When to ask the server again: often while a customer stands there, then now and then."""
    return now + (QUICK if now - asked_at < QUICK_FOR else SLOW)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a customer is asked.

    Attributes:
        sale_id: the sale it is for.
        kind: a tender with a gateway.
        phone: the customer's number, as it was said.
        request: a program's own key; with it a customer is asked once.
    """

    sale_id: str
    kind: TenderType
    money: Money
    phone: str
    request: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """One question to a customer's wallet.

    Attributes:
        tender: code of the tender type it pays with.
        amount: what was asked for, or what came where a person said so.
        reference: the provider's own number of the payment, else ours; what the receipt shows.
        message: one sentence of how it ended or why it waits.
        shown: what the customer needs: ``payment_url``, ``qr``, ``ussd``, ``instructions``.
        used_by: the sale that took its money.
    """

    id: str
    sale_id: str
    tender: str
    provider: str
    amount: Money
    phone: str
    state: PromptState
    use: PromptUse
    reference: str
    message: str
    shown: dict[str, str]
    username: str
    asked_at: datetime
    expires_at: datetime
    used_by: str = ""

    @property
    def is_open(self) -> bool:
        """Whether nobody knows yet how it ends."""
        return self.state in OPEN

    @property
    def is_offered(self) -> bool:
        """Whether its money came and no sale has taken it."""
        return self.state is PromptState.PAID and self.use is PromptUse.NONE

    def seconds_left(self, now: datetime) -> int:
        """How long the customer may still take."""
        return max(round((self.expires_at - now).total_seconds()), 0)


class PromptServerAway(Unavailable):
    """A till without a server asks no wallet."""

    code = "prompt_server_away"

    def __init__(self, tender: str) -> None:
        super().__init__(
            f"{tender} is asked through the server, and this till has none: type the reference of "
            "the customer's confirmation, or take another tender.",
            tender=tender,
        )


class PromptNotTakeable(RuleBroken):
    """The money of a prompt is not there, is somebody else's, or was taken already."""

    code = "prompt_not_takeable"

    def __init__(self, amount: Money, why: str) -> None:
        super().__init__(
            f"The payment of {amount.label} cannot be taken for this sale, {why}: "
            "take another tender, or ask a manager."
        )


class PromptUnpaid(RuleBroken):
    """The customer did not pay."""

    code = "prompt_unpaid"

    def __init__(self, tender: str, amount: Money, words: str) -> None:
        super().__init__(
            f"{tender} {amount.label} was not paid ({words[:150].rstrip('.')}): "
            "take another tender, or ask once more.",
            tender=tender,
            amount=amount,
            currency=amount.currency,
        )


class PromptUnsettled(OutcomeUnknown):
    """Nobody can say yet whether the customer pays."""

    code = "prompt_unsettled"

    def __init__(self, tender: str, amount: Money, prompt_id: str) -> None:
        super().__init__(
            f"Nobody knows yet whether {tender} {amount.label} was paid: ask again with the same "
            "reference, nothing is asked of the customer twice.",
            tender=tender,
            amount=amount,
            currency=amount.currency,
            prompt=prompt_id,
        )


class ReferenceUsed(RuleBroken):
    """One confirmation for two sales."""

    code = "tender_reference_used"

    def __init__(self, reference: str, receipt: str) -> None:
        super().__init__(
            f"The confirmation {reference[:60]} has paid receipt {receipt} already: "
            "look at the customer's message again, or take another tender.",
            reference=reference[:60],
            receipt=receipt,
        )
