"""Give money of a charge back: set aside first, sent once, settled by reading."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping

from pos_app.domain import charge as rule
from pos_app.domain.charge import (
    ChargeNotSo,
    ChargeRefused,
    ChargeState,
    GatewayAway,
    Matter,
    ProviderUnknown,
    RefundTooLarge,
)
from pos_app.domain.money import AmountInvalid, Money
from pos_app.domain.permission import Actor
from pos_app.errors import ReferenceConflict
from pos_app.services.charge import matter, told, view
from pos_app.services.charge.gateways import Gateways
from pos_app.services.charge.view import Refund
from pos_app.services.shop import Shop
from pos_app.store import audit
from pos_app.store import charge as charges
from sync.errors import OutcomeUnknown, Rejected, SyncError, Unavailable
from sync.gateway.port import Gateway, Known, PayBack, Progress, Seen

SENT, DONE, REFUSED, PERSON = "sent", "done", "refused", "person"
_GIVEN = frozenset({Progress.SUCCESS, Progress.REFUNDED})
_NOT_GIVEN = frozenset({Progress.FAILED, Progress.CANCELLED, Progress.EXPIRED})


def give_back(
    shop: Shop,
    gateways: Gateways,
    actor: Actor,
    charge_id: str,
    *,
    amount: Money | None = None,
    refund_id: str | None = None,
) -> Refund:
    """Give back all that is left of a charge, or a part of it.

    Where a provider takes no refunds by message, the amount is set aside and a person gives it in
    the provider's portal (`Refund.state` is ``person``); ``sent`` is not known yet.

    Raises:
        RecordNotFound: there is no such charge.
        ChargeNotSo: it is not paid.
        AmountInvalid, RefundTooLarge: the amount makes no sense.
        ChargeRefused: the provider says no; nothing was given back.
        GatewayAway: the provider was certainly not asked.
        ReferenceConflict: the identity belongs to a refund of another charge or amount.
    """
    key = refund_id or shop.ids.new()
    with shop.store.write() as connection:
        row = view.found(charges.hold(connection, charge_id), charge_id)
        known = charges.refund(connection, key)
        if known is not None:
            if known["charge_id"] != charge_id or (amount and amount.minor != known["amount"]):
                raise ReferenceConflict(key)
            return view.refund_of_row(known, row["currency"])
        gateway = gateways.of(row["provider"], row["currency"])
        money = amount or view.of_row(row).left
        _set_aside(shop, connection, actor, row, money, key=key, gateway=gateway)
    if gateway.pays_back:
        _send(shop, gateway, row, money, key=key)
    with shop.store.read() as connection:
        made = charges.refund(connection, key)
        return view.refund_of_row(view.found(made, key), row["currency"])


def _set_aside(
    shop: Shop,
    connection: Connection,
    actor: Actor,
    row: RowMapping,
    money: Money,
    *,
    key: str,
    gateway: Gateway,
) -> None:
    if row["state"] != ChargeState.SUCCESS:
        advice = "only what was paid is given back"
        raise ChargeNotSo(row["state"], ChargeState.SUCCESS, advice)
    if row["is_held"]:
        raise ChargeNotSo("in doubt", ChargeState.SUCCESS, "settle it first, by pos charge settle")
    if money.minor <= 0:
        raise AmountInvalid(money.amount, "must be above 0")
    if not charges.reserve_refund(connection, row["id"], money.minor):
        raise RefundTooLarge(money, view.of_row(row).left)
    now = shop.clock.now()
    is_new = charges.add_refund(
        connection,
        {
            "id": key,
            "charge_id": row["id"],
            "amount": money.minor,
            "state": SENT if gateway.pays_back else PERSON,
            "username": actor.username,
            "next_look_at": now + rule.SLOWEST if gateway.pays_back else None,
            "created_at": now,
        },
    )
    if not is_new:
        raise ReferenceConflict(key)
    details = {"refund": key, "minor": money.minor, "currency": money.currency}
    audit.append(
        connection,
        at=now,
        actor=actor.username,
        action="charge.refund",
        subject=row["id"],
        details=details,
    )
    if not gateway.pays_back:
        why = f"give {money.label} back in the provider's portal: it takes no refunds by message."
        facts = {"refund": key}
        matter.put(shop, connection, Matter.REFUND, row, why=why, facts=facts)


def _send(shop: Shop, gateway: Gateway, row: RowMapping, money: Money, *, key: str) -> None:
    wanted = _wanted(row, money, key)
    try:
        seen = gateway.pay_back(wanted)
    except Rejected as error:
        settle(shop, key, is_given=False, words=error.text)
        raise ChargeRefused(gateway.provider, error.text) from error
    except Unavailable as error:
        settle(shop, key, is_given=False, words=error.reason)
        raise GatewayAway(gateway.provider, error.reason) from error
    except OutcomeUnknown as error:
        _note(shop, key, {"message": error.reason[:500]})
        return
    _take(shop, wanted, seen)


def _wanted(row: RowMapping, money: Money, key: str) -> PayBack:
    known = Known(
        key=row["id"],
        external_id=row["external_id"],
        poll_url=row["poll_url"],
        phone=row["phone"],
    )
    reference = f"Refund {row['reference']}"[:200]
    return PayBack(
        key=key, of=known, reference=reference, amount=money.amount, currency=money.currency
    )


def _take(shop: Shop, wanted: PayBack, seen: Seen) -> None:
    key, odd = wanted.key, _wrong(wanted, seen)
    if odd and seen.progress in _GIVEN | _NOT_GIVEN:
        _doubt(shop, key, odd)
    elif seen.progress in _GIVEN:
        settle(shop, key, is_given=True, words=seen.message, external_id=seen.external_id)
    elif seen.progress in _NOT_GIVEN:
        settle(shop, key, is_given=False, words=seen.message or seen.status, is_late=True)
    else:
        words = (seen.message or seen.status)[:500]
        _note(shop, key, {"message": words, "is_accepted": True})


def _wrong(wanted: PayBack, seen: Seen) -> str:
    """Which fact of an answer is another than was asked; empty when all fit."""
    if seen.key not in {"", wanted.key}:
        return "reference"
    if seen.currency not in {"", wanted.currency}:
        return "currency"
    return "amount" if seen.amount not in {None, wanted.amount} else ""


def _doubt(shop: Shop, key: str, odd: str) -> None:
    """Leave a refund to a person of which the provider says what nobody asked for."""
    with shop.store.write() as connection:
        known = view.found(charges.refund(connection, key), key)
        row = view.found(charges.hold(connection, known["charge_id"]), known["charge_id"])
        values = {"state": PERSON, "next_look_at": None, "is_accepted": True}
        if charges.change_refund(connection, key, values, among=(SENT,)):
            why = f"the provider tells another {odd} of a refund of it: compare, then settle it."
            matter.put(shop, connection, Matter.REFUND, row, why=why, facts={"refund": key})


def settle(
    shop: Shop,
    refund_id: str,
    *,
    is_given: bool,
    words: str = "",
    external_id: str = "",
    is_late: bool = False,
) -> bool:
    """It is known how a refund ended; False when it was known before.

    Args:
        shop: the server.
        refund_id: the refund.
        is_given: whether the money is back.
        words: what was said of it.
        external_id: the provider's number of it.
        is_late: nobody waits for the answer any more, so a person is told of a refusal.
    """
    now = shop.clock.now()
    with shop.store.write() as connection:
        known = view.found(charges.refund(connection, refund_id), refund_id)
        # Before its refunds are counted: two that end at once would each miss the other.
        charge_id = known["charge_id"]
        charges.hold(connection, charge_id)
        values = {
            "state": DONE if is_given else REFUSED,
            "message": words[:500],
            "external_id": external_id[:200],
            "ended_at": now,
            "next_look_at": None,
        }
        if not charges.change_refund(connection, refund_id, values, among=(SENT, PERSON)):
            return False
        if not is_given:
            charges.release_refund(connection, charge_id, known["amount"])
        row = view.found(charges.by_id(connection, charge_id), charge_id)
        if is_given:
            _given(shop, connection, row, known)
        elif is_late:
            why = f"a refund of it was refused: {words[:300]}"
            matter.put(shop, connection, Matter.REFUND, row, why=why)
    return True


def _given(shop: Shop, connection: Connection, row: RowMapping, refund: RowMapping) -> None:
    """All of it is given back when every refund is done; the books are a person's then."""
    money = Money(refund["amount"], row["currency"])
    rows = charges.refunds_of(connection, row["id"])
    given = sum(one["amount"] for one in rows if one["state"] == DONE)
    paid = row["amount"] if row["received"] is None else row["received"]
    said = f"{Money(given, row['currency']).label} given back"
    values: dict[str, Any] = {"message": said}
    if given >= paid:
        values["state"] = ChargeState.REFUNDED
    charges.change(connection, row, values)
    told.tell(shop, connection, row, values.get("state", row["state"]))
    if row["booking"] in {"due", DONE}:
        why = f"{money.label} were given back: take them off the invoice they had paid."
        facts = {"refund": refund["id"]}
        matter.put(shop, connection, Matter.BOOKS, row, why=why, facts=facts)


def look(shop: Shop, gateways: Gateways, row: RowMapping, *, lease: timedelta) -> bool:
    """Ask how a refund stands that nobody knows of; False when another process does."""
    now = shop.clock.now()
    with shop.store.write() as connection:
        if not charges.claim_refund(connection, row, now + lease):
            return False
        of = view.found(charges.by_id(connection, row["charge_id"]), row["charge_id"])
    money = Money(row["amount"], of["currency"])
    try:
        gateway = gateways.of(of["provider"], of["currency"])
        wanted = _wanted(of, money, row["id"])
        seen = gateway.read_back(wanted)
    except (SyncError, ProviderUnknown) as error:
        _later(shop, row, of, words=str(error))
        return True
    if seen is not None:
        _take(shop, wanted, seen)
        _later(shop, row, of, words=seen.message or seen.status)
    elif not row["is_accepted"] and now > row["created_at"] + rule.QUIET:
        settle(shop, row["id"], is_given=False, words="the provider never got it", is_late=True)
    else:
        _later(shop, row, of, words="the provider does not know it")
    return True


def _later(shop: Shop, row: RowMapping, of: RowMapping, *, words: str) -> None:
    now = shop.clock.now()
    gap = min(rule.FIRST * 2 ** min(row["looks"], 20), rule.LONGEST)
    is_open = _note(shop, row["id"], {"looks": row["looks"] + 1, "next_look_at": now + gap})
    if is_open and now > row["created_at"] + rule.HELPLESS:
        with shop.store.write() as connection:
            why = f"nobody could say whether a refund of it was given: {words[:300]}"
            matter.put(shop, connection, Matter.REFUND, of, why=why, facts={"refund": row["id"]})


def _note(shop: Shop, key: str, values: dict[str, Any]) -> bool:
    """Write down what is known of a refund; False when it has ended."""
    with shop.store.write() as connection:
        return charges.change_refund(connection, key, values, among=(SENT,))
