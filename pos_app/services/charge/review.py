"""What people decide about charges: cancel, settle what nobody knows, close what waits for them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, RowMapping

from pos_app.domain import charge as rule
from pos_app.domain.charge import ChargeNotSo, ChargeState, Matter
from pos_app.domain.money import AmountInvalid, Money
from pos_app.domain.permission import Actor
from pos_app.errors import MalformedInput, RecordNotFound
from pos_app.services.charge import answer, book, matter, refund, told, view
from pos_app.services.charge.view import Charge
from pos_app.services.shop import Shop
from pos_app.store import audit
from pos_app.store import charge as charges
from sync.gateway.port import Seen


def cancel(shop: Shop, actor: Actor, charge_id: str) -> Charge:
    """Give up a charge the provider has not said it has; money that comes after all still counts.

    Raises:
        RecordNotFound: there is no such charge.
        ChargeNotSo: it is not `Pending` any more.
    """
    while True:
        with shop.store.write() as connection:
            row = view.found(charges.hold(connection, charge_id), charge_id)
            if row["state"] != ChargeState.PENDING:
                advice = "the customer may be paying it; it ends by itself when nobody pays"
                raise ChargeNotSo(row["state"], ChargeState.PENDING, advice)
            now = shop.clock.now()
            said = f"Cancelled by {actor.username}; if the customer pays after all it counts."
            values = {"state": ChargeState.CANCELLED, "message": said, "completed_at": now}
            if charges.change(connection, row, values):
                _audit(shop, connection, actor, row, action="charge.cancel", details={})
                told.tell(shop, connection, row, ChargeState.CANCELLED)
                return view.of_row(view.found(charges.by_id(connection, charge_id), charge_id))


def settle(
    shop: Shop,
    actor: Actor,
    charge_id: str,
    *,
    is_paid: bool,
    note: str,
    received: Money | None = None,
) -> Charge:
    """A person has looked into the provider's portal and says how a charge ended.

    Args:
        shop: the server.
        actor: who looked.
        charge_id: the charge.
        is_paid: whether its money came.
        note: what was found.
        received: what came, where it is not what was asked for.

    Raises:
        RecordNotFound: there is no such charge.
        MalformedInput: no reason is given.
        AmountInvalid: what came is nothing, or is in another currency.
        ChargeNotSo: it is settled already, and nothing about it is in doubt.
    """
    _check_note(note)
    while True:
        with shop.store.write() as connection:
            row = view.found(charges.hold(connection, charge_id), charge_id)
            _check_received(row, received)
            _check_doubt(row, is_paid=is_paid)
            status = "paid" if is_paid else "failed"
            seen = Seen(status=status, message=note[:500], body=f"{actor.username}: {note[:500]}")
            answer.keep(shop, connection, row, seen, source="person")
            values = _decided(shop, row, is_paid=is_paid, received=received, note=note)
            if is_paid:
                external_id = row["external_id"]
                values["booking"] = answer.due(shop, connection, row, external_id=external_id)
            if charges.change(connection, row, values):
                told.tell(shop, connection, row, values["state"])
                details = {"is_paid": is_paid, "note": note[:500]}
                _audit(shop, connection, actor, row, action="charge.settle", details=details)
                if not is_paid and row["booking"] == "done":
                    why = "it was not paid after all: take it off the invoice it had paid."
                    matter.put(shop, connection, Matter.BOOKS, row, why=why)
                break
    book.book(shop, charge_id)
    return view.get(shop, charge_id)


def _check_doubt(row: RowMapping, *, is_paid: bool) -> None:
    state = ChargeState(row["state"])
    may = row["is_held"] or state in rule.OPEN or (is_paid and state in rule.UNPAID)
    if not may:
        raise ChargeNotSo(state, "in doubt", "give the money back instead, or leave it")


def _check_received(row: RowMapping, received: Money | None) -> None:
    if received is not None and (received.minor <= 0 or received.currency != row["currency"]):
        raise AmountInvalid(received.amount, f"must be above 0 and in {row['currency']}")


def _decided(
    shop: Shop, row: RowMapping, *, is_paid: bool, received: Money | None, note: str
) -> dict[str, Any]:
    now = shop.clock.now()
    values: dict[str, Any] = {
        "is_held": False,
        "message": note[:500],
        "completed_at": now,
        "next_look_at": None,
        "state": ChargeState.SUCCESS if is_paid else ChargeState.FAILED,
    }
    if is_paid:
        if received is not None:
            values["received"] = received.minor
    elif row["booking"] == "due":
        values["booking"] = ""
    return values


def settle_refund(shop: Shop, actor: Actor, refund_id: str, *, is_given: bool, note: str) -> None:
    """A person says whether money was given back in the provider's portal.

    Raises:
        RecordNotFound: there is no such refund.
        MalformedInput: no reason is given.
        ChargeNotSo: it is known already how it ended.
    """
    _check_note(note)
    if not refund.settle(shop, refund_id, is_given=is_given, words=f"{actor.username}: {note}"):
        raise ChargeNotSo("settled", "in doubt", "look at what is known of it")


def close(shop: Shop, actor: Actor, number: int, *, note: str) -> None:
    """A person has dealt with something that waited for them.

    Raises:
        RecordNotFound: nothing of this number waits.
        MalformedInput: no reason is given.
    """
    _check_note(note)
    now = shop.clock.now()
    with shop.store.write() as connection:
        values = {"closed_at": now, "closed_by": actor.username, "note": note[:500]}
        if not charges.close_matter(connection, number, values):
            raise RecordNotFound("open matter", number)
        audit.append(
            connection,
            at=now,
            actor=actor.username,
            action="charge.close_matter",
            subject=str(number),
            details={"note": note[:500]},
        )


def _check_note(note: str) -> None:
    if not note.strip():
        raise MalformedInput("The note", "is empty: say what you found")


def _audit(
    shop: Shop,
    connection: Connection,
    actor: Actor,
    row: RowMapping,
    *,
    action: str,
    details: dict[str, Any],
) -> None:
    audit.append(
        connection,
        at=shop.clock.now(),
        actor=actor.username,
        action=action,
        subject=row["id"],
        details=details,
    )
