"""Money asked of a customer's wallet through a gateway: its states, and what each answer does.

Unknown is a state: a charge that was sent and not answered stays `Pending` until the provider is
read. What a customer's phone does is known late, so an end without money (`Failed`, `Cancelled`,
`Expired`) is ours alone; money that comes after it counts, and a person hears of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from pos_app.domain.money import Money
from pos_app.errors import Conflict, InvalidInput, RuleBroken, Unavailable


class ChargeState(StrEnum):
    """Where a charge stands, in the contract's words (§2.15); `Expired` is ours."""

    PENDING = "Pending"
    PROCESSING = "Processing"
    SUCCESS = "Success"
    FAILED = "Failed"
    CANCELLED = "Cancelled"
    EXPIRED = "Expired"
    REFUNDED = "Refunded"


OPEN = frozenset({ChargeState.PENDING, ChargeState.PROCESSING})
UNPAID = frozenset({ChargeState.FAILED, ChargeState.CANCELLED, ChargeState.EXPIRED})
PAID = frozenset({ChargeState.SUCCESS, ChargeState.REFUNDED})


class Matter(StrEnum):
    """Why a person has to look at a charge."""

    LATE = "late"
    UNCLAIMED = "unclaimed"
    TAKEN_TWICE = "taken_twice"
    CONTRADICTION = "contradiction"
    MISMATCH = "mismatch"
    DISPUTED = "disputed"
    FOREIGN_REFUND = "foreign_refund"
    UNKNOWN = "unknown"
    UNMATCHED = "unmatched"
    NOT_BOOKED = "not_booked"
    REFUND = "refund"
    BOOKS = "books"


ADVICE: Mapping[Matter, str] = {
    Matter.LATE: "Serve the customer, or give the money back, then close this.",
    Matter.TAKEN_TWICE: "One of the receipts was not paid with it: find out which, and how it was.",
    Matter.UNCLAIMED: "Serve the customer or give the money back, then close this; a sale that "
    "takes it closes it itself.",
    Matter.CONTRADICTION: "Look into the provider's portal which is true, settle it, close this.",
    Matter.MISMATCH: "Look into the portal what came, then settle it as paid or as failed.",
    Matter.DISPUTED: "Answer the dispute in the provider's portal, then close this.",
    Matter.FOREIGN_REFUND: "Correct the invoice it had paid, then close this.",
    Matter.UNKNOWN: "Look for the reference in the provider's portal, then settle it.",
    Matter.UNMATCHED: "Find out in the portal whose money it is, then close this.",
    Matter.NOT_BOOKED: "Enter the payment by hand or give the money back, then close this.",
    Matter.REFUND: "Look into the portal, give the money back there if need be, then settle it.",
    Matter.BOOKS: "Take it off the invoice here and in SAP, then close this.",
}
"""What to do about a matter."""


class ProviderUnknown(InvalidInput):
    """No gateway of this name is set up, or it does not take the currency."""

    code = "provider_unknown"

    def __init__(self, provider: str, currency: str, known: str) -> None:
        super().__init__(
            f"No gateway {provider[:30]!r} takes {currency[:5]}: use {known or 'another tender'}.",
            provider=provider[:30],
            currency=currency[:5],
        )


class PhoneInvalid(InvalidInput):
    """A number no wallet can have."""

    code = "phone_invalid"

    def __init__(self, phone: str) -> None:
        super().__init__(
            f"{phone[:30]!r} is no mobile number of Zimbabwe: write it as 0771234567.",
            phoneNumber=phone[:30],
        )


class ChargeRefused(RuleBroken):
    """The provider said no to a charge or a refund."""

    code = "charge_refused"

    def __init__(self, provider: str, words: str) -> None:
        super().__init__(
            f"The gateway {provider} refused it ({words[:100]}): let the customer pay another way.",
            provider=provider,
        )


class GatewayAway(Unavailable):
    """The provider was certainly not asked."""

    code = "gateway_away"

    def __init__(self, provider: str, words: str) -> None:
        super().__init__(
            f"The gateway {provider} could not be asked, no money moves ({words[:80]}): try again.",
            provider=provider,
        )


class ChargeNotSo(Conflict):
    """The charge is not in a state that allows this."""

    code = "charge_not_so"

    def __init__(self, state: str, wanted: str, advice: str) -> None:
        super().__init__(f"The payment is {state}, not {wanted}: {advice}.", status=state)


class RefundTooLarge(RuleBroken):
    """More would be given back than was paid."""

    code = "refund_too_large"

    def __init__(self, asked: Money, left: Money) -> None:
        super().__init__(
            f"Only {left.label} of the payment are left to give back, not {asked.label}: "
            "give back less.",
            asked=asked,
            left=left,
        )


class CallbackForged(Conflict):
    """A callback whose signature does not fit."""

    code = "callback_forged"

    def __init__(self, provider: str) -> None:
        super().__init__(
            f"The signature of this {provider} message is wrong: check the key in the settings."
        )


class CallbackMismatch(Conflict):
    """A callback that tells other facts than the charge has."""

    code = "callback_mismatch"

    def __init__(self, what: str) -> None:
        super().__init__(
            f"The message tells another {what} than the payment has: it was kept for a person."
        )


@dataclass(frozen=True, slots=True)
class Step:
    """What an answer makes of a charge.

    Attributes:
        state: where it stands then.
        matter: why a person has to look; None for no reason.
    """

    state: ChargeState
    matter: Matter | None = None


def step(state: ChargeState, progress: str) -> Step:
    """What a provider's answer makes of a charge in a state; `progress` is a gateway's word.

    Answers that are not final never undo one that is: they come out of order.
    """
    if progress == "disputed":
        return Step(state, Matter.DISPUTED)
    if progress == "success":
        late = Matter.LATE if state in UNPAID else None
        return Step(state if state in PAID else ChargeState.SUCCESS, late)
    if progress == "refunded":
        known = state is ChargeState.REFUNDED
        return Step(ChargeState.REFUNDED, None if known else Matter.FOREIGN_REFUND)
    if progress in _ENDS:
        return _ended(state, _ENDS[progress])
    if progress in {"pending", "processing"} and state is ChargeState.PENDING:
        return Step(ChargeState.PROCESSING)
    return Step(state)


_ENDS = {
    "failed": ChargeState.FAILED,
    "cancelled": ChargeState.CANCELLED,
    "expired": ChargeState.EXPIRED,
}


def _ended(state: ChargeState, end: ChargeState) -> Step:
    if state in OPEN:
        return Step(end)
    return Step(state, Matter.CONTRADICTION if state is ChargeState.SUCCESS else None)


FIRST = timedelta(seconds=5)
SLOWEST = timedelta(minutes=1)
"""At most so long from one question to the next while the customer may be paying."""

LONGEST = timedelta(hours=6)
"""At most so long afterwards."""

GRACE = timedelta(minutes=1)
AFTERWARDS = timedelta(hours=72)
"""How long after its end a charge is still asked about: late money (peers' issue no. 38)."""

QUIET = timedelta(minutes=5)
"""So long an "unknown to us" of the provider is not believed (production lesson L03)."""

HELPLESS = timedelta(hours=24)
"""After so long without an answer a person has to look."""


def next_look(
    now: datetime, *, looks: int, expires_at: datetime, ended_at: datetime | None = None
) -> datetime | None:
    """When to ask next; None when nothing is expected any more.

    While the customer may be paying soon at first, then every `SLOWEST`. Once it ended, by a word
    of the provider's (`ended_at`) or because its time is over, after as long again as it has been
    over, at most `LONGEST`: late money is heard of early, and asking does not go on for ever.
    """
    over = expires_at + GRACE if ended_at is None else min(ended_at, expires_at + GRACE)
    if now > over + AFTERWARDS:
        return None
    if now >= over:
        return now + min(max(now - over, SLOWEST), LONGEST)
    gap: timedelta = min(FIRST * (1 << min(looks, 20)), SLOWEST)
    return now + min(gap, max(over - now, FIRST))


MOBILE_DIGITS = 12
COUNTRY = "263"


def phone_of(said: str) -> str:
    """A mobile number as ``263771234567``; raises PhoneInvalid."""
    digits = "".join(letter for letter in said if letter not in " -()+.")
    if digits.startswith("07"):
        digits = COUNTRY + digits[1:]
    elif digits.startswith("7") and len(digits) == MOBILE_DIGITS - len(COUNTRY):
        digits = COUNTRY + digits
    is_mobile = digits.startswith(COUNTRY + "7") and len(digits) == MOBILE_DIGITS
    if not (digits.isascii() and digits.isdigit() and is_mobile):
        raise PhoneInvalid(said)
    return digits
