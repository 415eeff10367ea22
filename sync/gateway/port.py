"""What the shop needs of a gateway, whoever is behind it.

Every call ends in one of the ways of `sync.errors`: done, certainly not done, unknown. A callback
is a hint that something happened; only a reading settles it (`Gateway.read`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Protocol


class Progress(StrEnum):
    """How far a payment is, in one vocabulary for all providers."""

    PENDING = "pending"
    PROCESSING = "processing"
    SUCCESS = "success"
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    REFUNDED = "refunded"
    DISPUTED = "disputed"
    UNKNOWN = "unknown"


_WORDS: Mapping[Progress, tuple[str, ...]] = {
    Progress.PENDING: (
        *("pending", "created", "sent", "new", "initiated", "ok"),
        *("created but not paid", "awaiting redirect", "pending subscriber validation"),
    ),
    Progress.PROCESSING: ("processing", "awaiting delivery", "in progress", "processing charge"),
    # Delivered: PayNow's word for paid and handed over, with the money still in its window.
    Progress.SUCCESS: ("paid", "success", "successful", "completed", "delivered", "claimed"),
    Progress.FAILED: ("failed", "failure", "error", "declined", "rejected"),
    Progress.CANCELLED: ("cancelled", "canceled"),
    Progress.EXPIRED: ("expired", "timed out", "timeout"),
    Progress.REFUNDED: ("refunded", "reversed"),
    Progress.DISPUTED: ("disputed",),
}
_PROGRESS = {word: progress for progress, words in _WORDS.items() for word in words}


def progress_of(status: str) -> Progress:
    """What a provider's status means; a word nobody knows is unknown, never a failure."""
    return _PROGRESS.get(" ".join(status.replace("_", " ").lower().split()), Progress.UNKNOWN)


class Forged(Exception):
    """A callback whose signature does not fit its content."""


class Unreadable(Exception):
    """A callback that is no message of this provider at all; the sentence says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A payment to ask a customer for.

    Attributes:
        key: ours, unique for ever; the provider knows the payment by it.
        reference: what the customer reads.
        amount: in whole currency units with two decimals.
        currency: ``USD`` or ``ZIG``.
        phone: digits with the country, ``263771234567``; empty where none is needed.
    """

    key: str
    reference: str
    amount: Decimal
    currency: str
    phone: str = ""
    email: str = ""
    return_url: str = ""
    callback_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """What a provider said when it took an order.

    Attributes:
        status: its own word.
        poll_url: where it wants to be asked, if it named a place.
        payment_url: where the customer pays.
        qr: what a QR code for the customer holds.
        ussd: what the customer dials.
        code: what the customer types into the provider's app.
        instructions: one sentence for the customer.
    """

    status: str
    external_id: str = ""
    poll_url: str = ""
    payment_url: str = ""
    qr: str = ""
    ussd: str = ""
    code: str = ""
    instructions: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of a payment that is asked about."""

    key: str
    external_id: str = ""
    poll_url: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a provider says of a payment; what it does not say is empty or None.

    Attributes:
        status: its own word.
        body: its own message, for whoever has to compare.
    """

    status: str
    key: str = ""
    external_id: str = ""
    amount: Decimal | None = None
    currency: str = ""
    poll_url: str = ""
    message: str = ""
    body: str = ""

    @property
    def progress(self) -> Progress:
        """What its word means."""
        return progress_of(self.status)


@dataclass(frozen=True, slots=True, kw_only=True)
class PayBack:
    """Money to give back, whole or in part.

    Attributes:
        key: ours, new for each one.
        of: the payment it was.
    """

    key: str
    of: Known
    reference: str
    amount: Decimal
    currency: str


class Gateway(Protocol):
    """One account at one provider."""

    @property
    def provider(self) -> str:
        """``paynow``, ``innbucks`` or ``ecocash``."""
        ...

    @property
    def currencies(self) -> tuple[str, ...]:
        """``USD``, ``ZIG``."""
        ...

    @property
    def life(self) -> timedelta:
        """How long a customer has to pay."""
        ...

    @property
    def needs_phone(self) -> bool:
        """Whether the customer's number must be known."""
        ...

    @property
    def pays_back(self) -> bool:
        """Whether it takes refunds by message; else a person gives them in its portal."""
        ...

    @property
    def is_sandbox(self) -> bool:
        """Whether no money moves."""
        ...

    def start(self, order: Order) -> Started:
        """Ask for a payment, once.

        Raises:
            Unavailable: certainly not asked for.
            Rejected: the provider says no.
            OutcomeUnknown: it may be asked for.
        """
        ...

    def can_read(self, known: Known) -> bool:
        """Whether there is a way to ask about this payment."""
        ...

    def read(self, known: Known) -> Seen | None:
        """Ask how a payment stands; None when the provider says that it has no such payment.

        Raises:
            Unavailable, OutcomeUnknown: it cannot be known now.
        """
        ...

    def pay_back(self, wanted: PayBack) -> Seen:
        """Give money back, once; raises as `start`."""
        ...

    def read_back(self, wanted: PayBack) -> Seen | None:
        """Ask how a refund stands; returns and raises as `read`."""
        ...

    def hear(self, body: bytes, headers: Mapping[str, str]) -> Seen:
        """Read a callback; header names are lower case.

        Raises:
            Forged: its signature is wrong or missing.
            Unreadable: it is no message of this provider.
        """
        ...
