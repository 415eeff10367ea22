"""What a provider's answer does to a charge: one transaction, whoever brings the answer."""

from __future__ import annotations

import hashlib
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, RowMapping

from pos_app.domain import charge as rule
from pos_app.domain.charge import ChargeState, Matter, Step
from pos_app.domain.money import Money
from pos_app.services.charge import claimed, matter, told, view
from pos_app.services.shop import Shop
from pos_app.store import audit
from pos_app.store import charge as charges
from sync.gateway.port import Progress, Seen, progress_of

GATEWAY = "gateway"
"""Who did it, where no person did."""

_MONEY = frozenset({Progress.SUCCESS, Progress.REFUNDED})
_ENDS = frozenset({Progress.FAILED, Progress.CANCELLED, Progress.EXPIRED})


def take(shop: Shop, charge_id: str, seen: Seen, *, source: str) -> RowMapping:
    """Let a reading settle a charge; its row afterwards.

    Raises:
        RecordNotFound: there is no such charge.
    """
    while True:
        with shop.store.write() as connection:
            row = view.found(charges.hold(connection, charge_id), charge_id)
            keep(shop, connection, row, seen, source=source)
            values = _values(shop, connection, row, seen)
            if charges.change(connection, row, values):
                _note(shop, connection, row, values)
                return view.found(charges.by_id(connection, charge_id), charge_id)


def keep(shop: Shop, connection: Connection, row: RowMapping, seen: Seen, *, source: str) -> bool:
    """Keep an answer as it came; False when the very same was kept before."""
    facts = f"{seen.status}|{seen.amount}|{seen.currency}|{seen.external_id}"
    content = seen.body if source == "callback" else facts
    return charges.answer(
        connection,
        {
            "charge_id": row["id"],
            "source": source,
            "digest": hashlib.sha256(content.encode()).hexdigest(),
            "status": seen.status[:100],
            "body": seen.body or facts,
            "at": shop.clock.now(),
        },
    )


def wrong(row: RowMapping, seen: Seen) -> str:
    """Which fact of an answer is another than the charge has; empty when all fit."""
    asked = Money(row["amount"], row["currency"])
    if seen.key and seen.key != row["id"]:
        return "reference"
    if seen.currency and seen.currency != row["currency"]:
        return "currency"
    if seen.amount is not None and seen.amount != asked.amount:
        return "amount"
    known = row["external_id"]
    return "provider's reference" if known and seen.external_id not in {"", known} else ""


def _values(shop: Shop, connection: Connection, row: RowMapping, seen: Seen) -> dict[str, Any]:
    now, progress = shop.clock.now(), seen.progress
    values: dict[str, Any] = {
        "provider_status": seen.status[:100],
        "message": seen.message or row["message"],
        "external_id": row["external_id"] or seen.external_id[:200],
        "poll_url": row["poll_url"] or seen.poll_url[:1000],
        "is_accepted": True,
        "answered_at": now,
        "looks": row["looks"] + 1,
        "next_look_at": _next(row, now, progress),
    }
    if row["is_held"]:
        return values | {"next_look_at": None}
    odd = _odd(row, seen) if progress in _MONEY else ""
    if odd:
        return values | _hold(shop, connection, row, seen, odd=odd)
    made = _made(shop, connection, row, progress)
    if made.state in rule.OPEN and now > row["expires_at"] + rule.GRACE:
        made = _overdue(made, progress)
        if made.state is ChargeState.EXPIRED:
            values["message"] = "It was not paid in time; if the customer pays after all it counts."
    _matters(shop, connection, row, made, seen)
    external_id = str(values["external_id"])
    return values | _arrived(shop, connection, row, made.state, external_id=external_id)


def _overdue(made: Step, progress: Progress) -> Step:
    """Its time is over: nobody paid, or the provider is at it still and a person has to look."""
    if progress is Progress.PENDING:
        return Step(ChargeState.EXPIRED, made.matter)
    return Step(made.state, made.matter or Matter.UNKNOWN)


def _next(row: RowMapping, now: datetime, progress: Progress) -> datetime | None:
    if progress in _MONEY:
        return None
    ended_at = ended(row) or (now if progress in _ENDS else None)
    return rule.next_look(now, looks=row["looks"], expires_at=row["expires_at"], ended_at=ended_at)


def ended(row: RowMapping) -> datetime | None:
    """When a charge ended without money; None while it is open and when it is paid."""
    at: datetime | None = row["completed_at"]
    return at if ChargeState(row["state"]) in rule.UNPAID else None


def _odd(row: RowMapping, seen: Seen) -> str:
    """What is not as it was asked for when money came; empty when all is."""
    is_told = seen.progress is not Progress.SUCCESS or seen.amount is not None
    if is_told or ChargeState(row["state"]) in rule.PAID:
        what = wrong(row, seen)
        return what and f"with another {what} than was asked for"
    return "and does not say how much"


def _made(shop: Shop, connection: Connection, row: RowMapping, progress: Progress) -> Step:
    made = rule.step(ChargeState(row["state"]), progress)
    if made.matter is Matter.FOREIGN_REFUND and row["refunded"] >= _paid(row):
        # We gave it back, or a person did for us in the provider's portal.
        now = shop.clock.now()
        for refund in charges.refunds_of(connection, row["id"]):
            values = {"state": "done", "ended_at": now, "next_look_at": None}
            charges.change_refund(connection, refund["id"], values, among=("sent", "person"))
        if row["booking"] in {"due", "done"}:
            why = "it was given back: take it off the invoice it had paid."
            matter.put(shop, connection, Matter.BOOKS, row, why=why)
        return Step(made.state)
    return made


def _paid(row: RowMapping) -> int:
    return int(row["amount"] if row["received"] is None else row["received"])


def _hold(
    shop: Shop, connection: Connection, row: RowMapping, seen: Seen, *, odd: str
) -> dict[str, Any]:
    """Money came that is not what was asked for: a person decides (contract §2.15)."""
    facts = _facts(seen)
    why = f"the provider says it is paid, {odd}."
    matter.put(shop, connection, Matter.MISMATCH, row, why=why, facts=facts)
    held: dict[str, Any] = {"is_held": True, "next_look_at": None}
    if ChargeState(row["state"]) in rule.PAID:
        return held  # what came is in the books already, whatever is told of it now
    is_ours = wrong(row, seen) == "amount" and seen.amount is not None and _fits(seen.amount)
    received = Money.rounded(seen.amount or Decimal(0), row["currency"]).minor if is_ours else None
    return held | {"received": received}


def _fits(amount: Decimal) -> bool:
    return 0 < amount < 10**13


def _matters(shop: Shop, connection: Connection, row: RowMapping, made: Step, seen: Seen) -> None:
    before = ChargeState(row["state"])
    if made.matter is not None:
        why = _WHY[made.matter].format(state=before.value, status=seen.status[:100])
        matter.put(shop, connection, made.matter, row, why=why, facts=_facts(seen))
    if made.state in rule.UNPAID and before in rule.OPEN:
        told = [one["status"] for one in charges.answers_of(connection, row["id"])]
        if any(progress_of(status) is Progress.SUCCESS for status in told):
            why = f"it was told as paid before, and reads as {seen.status[:100]!r}."
            facts = {"told": told[:20]}
            matter.put(shop, connection, Matter.CONTRADICTION, row, why=why, facts=facts)


_WHY = {
    Matter.LATE: "it was paid after all, when it was {state} here already.",
    Matter.CONTRADICTION: "it was paid, and now the provider says {status!r}.",
    Matter.DISPUTED: "the customer disputes it.",
    Matter.UNKNOWN: "its time is over, and the provider says {status!r}, which is no end.",
    Matter.FOREIGN_REFUND: "the money was given back, and not from here.",
}


def _facts(seen: Seen) -> dict[str, Any]:
    return {
        "status": seen.status[:100],
        "amount": "" if seen.amount is None else str(seen.amount)[:40],
        "currency": seen.currency[:10],
        "external_id": seen.external_id[:200],
    }


def _arrived(
    shop: Shop, connection: Connection, row: RowMapping, state: ChargeState, *, external_id: str
) -> dict[str, Any]:
    now = shop.clock.now()
    values: dict[str, Any] = {"state": state}
    if state in rule.PAID or state in rule.UNPAID:
        values["completed_at"] = row["completed_at"] or now
    if state in rule.UNPAID and row["state"] in rule.OPEN:
        claimed.ended(shop, connection, row, external_id)
    if state is ChargeState.SUCCESS and row["state"] != ChargeState.SUCCESS:
        values["completed_at"] = now
        values["booking"] = due(shop, connection, row, external_id=external_id)
    return values


def due(shop: Shop, connection: Connection, row: RowMapping, *, external_id: str) -> str:
    """What becomes of money that comes now: a payment in the books, a till's sale, or nothing."""
    if row["till"]:
        booking = claimed.arrived(connection, row, external_id)
        claimed.came(shop, connection, row, booking)
        return booking
    return "due" if row["partner"] or row["invoice_number"] is not None else ""


def _note(shop: Shop, connection: Connection, row: RowMapping, values: dict[str, Any]) -> None:
    """Write a change of state into the audit."""
    after = values.get("state", row["state"])
    if after != row["state"]:
        audit.append(
            connection,
            at=shop.clock.now(),
            actor=GATEWAY,
            action=f"charge.{str(after).lower()}",
            subject=row["id"],
            details={"from": str(row["state"]), "status": values["provider_status"]},
        )
        told.tell(shop, connection, row, after)
