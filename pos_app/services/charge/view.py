"""Charges as they are read, with every answer, refund and matter about them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping

from pos_app.domain.charge import ADVICE, ChargeState, Matter
from pos_app.domain.money import Money
from pos_app.errors import RecordNotFound
from pos_app.services.shop import Shop
from pos_app.store import charge as charges
from pos_app.store.charge import Wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """One charge.

    Attributes:
        number: ours, for people to type.
        invoice: as the caller named it.
        shown: what the customer needs to pay: ``payment_url``, ``qr``, ``ussd``, ``instructions``.
        provider_status: the provider's own last word.
        received: what came, where it is not what was asked for.
        refunded: given back, or on its way back.
        booking: ``due``, ``done``, ``person``; of a till ``till`` until its ``sale`` has come;
            empty where no invoice, customer or till is named.
        is_held: no answer changes it any more, a person decides.
    """

    id: str
    number: int
    provider: str
    amount: Money
    phone: str
    reference: str
    partner: str
    invoice: str
    state: ChargeState
    provider_status: str
    message: str
    external_id: str
    shown: Mapping[str, str]
    received: Money | None
    refunded: Money
    booking: str
    is_held: bool
    expires_at: datetime
    created_at: datetime
    completed_at: datetime | None

    @property
    def left(self) -> Money:
        """What may still be given back."""
        return (self.received or self.amount) - self.refunded


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Something a person has to look at, or has looked at.

    Attributes:
        number: for people to type.
        charge: number of the charge; None where nobody knows whose money it is.
    """

    number: int
    kind: Matter
    charge_id: str | None
    sentence: str
    advice: str
    facts: Mapping[str, Any]
    opened_at: datetime
    closed_at: datetime | None
    closed_by: str
    note: str


@dataclass(frozen=True, slots=True)
class Answered:
    """One answer as it came."""

    at: datetime
    source: str
    status: str
    body: str


@dataclass(frozen=True, slots=True)
class Refund:
    """Money given back, or on its way."""

    id: str
    amount: Money
    state: str
    message: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Page:
    """Some charges, how many there are, and what came in by currency."""

    total: int
    charges: tuple[Charge, ...]
    paid: tuple[Money, ...]


@dataclass(frozen=True, slots=True)
class Whole:
    """A charge with everything about it."""

    charge: Charge
    answers: tuple[Answered, ...]
    refunds: tuple[Refund, ...]
    matters: tuple[Waiting, ...]


def get(shop: Shop, charge_id: str) -> Charge:
    """One charge by its identity or its number; raises RecordNotFound."""
    with shop.store.read() as connection:
        return of_row(found(charges.by_id(connection, charge_id), charge_id))


def whole(shop: Shop, name: str) -> Whole:
    """A charge by identity or number with all that was heard of it; raises RecordNotFound."""
    with shop.store.read() as connection:
        row = charges.by_id(connection, name)
        if row is None and name.isdigit():
            row = charges.by_entry(connection, min(int(name), 2**63 - 1))
        charge = of_row(found(row, name))
        answers = charges.answers_of(connection, charge.id)
        refunds = charges.refunds_of(connection, charge.id)
        matters = charges.matters_of(connection, charge.id)
    return Whole(
        charge,
        tuple(Answered(row["at"], row["source"], row["status"], row["body"]) for row in answers),
        tuple(refund_of_row(row, charge.amount.currency) for row in refunds),
        tuple(_waiting(row) for row in matters),
    )


def page(
    shop: Shop,
    *,
    provider: str | None = None,
    state: ChargeState | None = None,
    offset: int,
    limit: int,
) -> Page:
    """A page of charges from the newest back, with the sums of those that were paid."""
    wanted = Wanted(provider=provider, state=state.value if state else None)
    with shop.store.read() as connection:
        count, rows = charges.page(connection, wanted, offset=offset, limit=limit)
        paid = charges.paid(connection, wanted, ChargeState.SUCCESS)
    sums = tuple(Money(minor, currency) for currency, minor in sorted(paid.items()))
    return Page(count, tuple(of_row(row) for row in rows), sums)


def waiting(shop: Shop, *, with_closed: bool = False, limit: int = 1000) -> tuple[Waiting, ...]:
    """What waits for a person, oldest first."""
    with shop.store.read() as connection:
        rows: Sequence[RowMapping] = charges.matters(
            connection, is_open=None if with_closed else True, limit=limit
        )
    return tuple(_waiting(row) for row in rows)


def found(row: RowMapping | None, name: str) -> RowMapping:
    """The row, or that there is none; raises RecordNotFound."""
    if row is None:
        raise RecordNotFound("payment", name)
    return row


def of_row(row: RowMapping) -> Charge:
    """A charge from its row."""
    currency = row["currency"]
    return Charge(
        id=row["id"],
        number=row["entry"],
        provider=row["provider"],
        amount=Money(row["amount"], currency),
        phone=row["phone"],
        reference=row["reference"],
        partner=row["partner"],
        invoice=row["invoice"],
        state=ChargeState(row["state"]),
        provider_status=row["provider_status"],
        message=row["message"],
        external_id=row["external_id"],
        shown=row["shown"],
        received=None if row["received"] is None else Money(row["received"], currency),
        refunded=Money(row["refunded"], currency),
        booking=row["booking"],
        is_held=row["is_held"],
        expires_at=row["expires_at"],
        created_at=row["created_at"],
        completed_at=row["completed_at"],
    )


def refund_of_row(row: RowMapping, currency: str) -> Refund:
    """A refund from its row."""
    money = Money(row["amount"], currency)
    return Refund(row["id"], money, row["state"], row["message"], row["created_at"])


def _waiting(row: RowMapping) -> Waiting:
    kind = Matter(row["kind"])
    return Waiting(
        number=row["matter"],
        kind=kind,
        charge_id=row["charge_id"],
        sentence=row["sentence"],
        advice=ADVICE[kind],
        facts=row["facts"],
        opened_at=row["opened_at"],
        closed_at=row["closed_at"],
        closed_by=row["closed_by"],
        note=row["note"],
    )
