"""Accept envelopes of tills on the server: each once, checked, never recomputed, never dropped."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from pos_app.domain.permission import Actor, Permission, require, require_till
from pos_app.domain.webhook import WebhookEvent
from pos_app.errors import Conflict, NotAllowed, OutcomeUnknown, RecordNotFound, Unavailable
from pos_app.services import intake_facts, intake_sale
from pos_app.services.received import Received, Refusal
from pos_app.services.shop import Shop
from pos_app.services.webhook import event as webhook_event
from pos_app.store import audit, feed, setting
from pos_app.store import intake as accepted
from pos_app.store.fault import UniqueViolation
from sync.envelope import TAKEN, Envelope, Outcome, Parcel, Reply, Result, hash_of

TRIES = 2
"""How often a transaction is tried again after it met another one."""

Taker = Callable[[Shop, Connection, str, Envelope], Received]

TAKERS: Mapping[str, Taker] = {
    "sale": intake_sale.take,
    "fiscal": intake_facts.take_fiscal,
    "shift": intake_facts.take_shift,
    "audit": intake_facts.take_audit,
}


class TillFenced(Conflict):
    """Another life of the till has taken over: it was restored or copied (lesson L16)."""

    code = "till_fenced"

    def __init__(self, till: str) -> None:
        super().__init__(
            f"Till {till} was restored from a backup or copied, and this is the older one: "
            "stop using it, its newer life has taken over.",
            till=till,
        )


class TillNotYours(NotAllowed):
    """The key belongs to another till."""

    code = "till_not_yours"

    def __init__(self, till: str) -> None:
        super().__init__(
            f"This key is not the one till {till} signed on with: "
            "give the till its own key, or release the till on the server "
            "with `pos user key release`.",
            till=till,
        )


@dataclass(frozen=True, slots=True)
class _Till:
    """Who a till is, as it first said."""

    principal: str
    incarnation: str


def accept(shop: Shop, actor: Actor, parcel: Parcel, *, principal: str) -> Reply:
    """Take the envelopes of a parcel, one transaction each, in their order.

    A till that knows another epoch than this server's is told so, and nothing is taken: it has to
    offer again first what a restored server has lost.

    An envelope that is not taken holds up those behind it in its stream, and no others. When the
    database cannot go on, the rest stays unanswered and comes again.

    Args:
        shop: the server.
        actor: whose key it is.
        parcel: what came.
        principal: name of the key; a till's first parcel binds the till to it.

    Raises:
        TillKeyNeeded: the key is not the till's own.
        TillNotYours, TillFenced: the till is bound to another key, or has a newer life.
        Unavailable: nothing was taken.
    """
    require_till(actor, parcel.till)
    epoch = _admit(shop, actor, parcel, principal)
    if parcel.epoch not in ("", epoch):
        return Reply(epoch=epoch, results=())
    results: list[Result] = []
    held_up: set[str] = set()
    for envelope in parcel.envelopes:
        if envelope.stream in held_up:
            results.append(_result(envelope, Outcome.LATER, "behind", _BEHIND))
            continue
        try:
            result = _take(shop, actor, parcel.till, envelope)
        except (Unavailable, OutcomeUnknown):
            if results:
                break
            raise
        if result.outcome not in TAKEN:
            held_up.add(envelope.stream)
        results.append(result)
    return Reply(epoch=epoch, results=tuple(results))


def release_till(shop: Shop, actor: Actor, till: str) -> None:
    """Let a till sign on anew, with any of its keys and in an older one of its lives too.

    Raises:
        PermissionMissing: the actor may not.
        RecordNotFound: no till of this code ever signed on.
    """
    require(actor, Permission.SYNC_MANAGE)
    with shop.store.write() as connection:
        if _known(connection, till) is None:
            raise RecordNotFound("till", till)
        setting.write(connection, _name(till), json.dumps({"principal": "", "incarnation": ""}))
        _tell(shop, connection, actor, action="till.release", subject=till, facts={})


_BEHIND = "An earlier envelope of its stream was not taken."


def _admit(shop: Shop, actor: Actor, parcel: Parcel, principal: str) -> str:
    """Check that the till is who it was, bind it the first time, and return the epoch."""
    with shop.store.read() as connection:
        head = feed.head(connection)
        known = _known(connection, parcel.till)
    now = _Till(principal, parcel.incarnation)
    if known == now and head is not None and head["epoch"]:
        return str(head["epoch"])
    with shop.store.write() as connection:
        feed.begin(connection, shop.ids.new())
        known = _known(connection, parcel.till)
        if known is not None and known.principal not in ("", principal):
            raise TillNotYours(parcel.till)
        # Incarnations are UUIDv7: a later life of a till has the larger one.
        if known is not None and known.incarnation > parcel.incarnation:
            raise TillFenced(parcel.till)
        if known != now:
            text = json.dumps({"principal": principal, "incarnation": parcel.incarnation})
            setting.write(connection, _name(parcel.till), text)
            facts = {"principal": principal, "incarnation": parcel.incarnation}
            facts["audit"] = intake_facts.forget_audit(connection, parcel.till)
            _tell(shop, connection, actor, action="till.admit", subject=parcel.till, facts=facts)
        found = feed.head(connection)
    return str(found["epoch"]) if found else ""


def _known(connection: Connection, till: str) -> _Till | None:
    text = setting.read(connection, _name(till))
    if text is None:
        return None
    data = json.loads(text)
    return _Till(data["principal"], data["incarnation"])


def _name(till: str) -> str:
    return f"till:{till}"


def _take(shop: Shop, actor: Actor, till: str, envelope: Envelope) -> Result:
    for attempt in range(1, TRIES + 1):
        try:
            with shop.store.write() as connection:
                return _taken(shop, connection, till, envelope)
        except Refusal as refusal:
            if refusal.outcome is Outcome.CONFLICT:
                _alarm(shop, actor, till, envelope, refusal)
            return _result(envelope, refusal.outcome, refusal.code, refusal.sentence)
        except (UniqueViolation, Unavailable) as error:
            # Somebody took the same envelope, or stood in the way: look again.
            if attempt == TRIES:
                if isinstance(error, Unavailable):
                    raise
                return _result(envelope, Outcome.LATER, "busy", "The server is busy with it.")
    raise AssertionError("unreachable")


def _taken(shop: Shop, connection: Connection, till: str, envelope: Envelope) -> Result:
    if hash_of(envelope.payload) != envelope.content_hash:
        raise Refusal(Outcome.REFUSED, "damaged", "Its content does not match its hash.")
    known = accepted.by_id(connection, envelope.id)
    if known is not None:
        if (known["content_hash"], known["till"]) != (envelope.content_hash, till):
            raise Refusal(
                Outcome.CONFLICT, "other_content", "The same envelope came with another content."
            )
        return _result(envelope, Outcome.REPLAYED, upstream_seq=known["upstream_seq"])
    taker = TAKERS.get(envelope.kind)
    if taker is None:
        words = f"This server does not know envelopes of the kind {envelope.kind[:40]!r} yet."
        raise Refusal(Outcome.REFUSED, "unknown_kind", words)
    received = taker(shop, connection, till, envelope)
    if received.upstream_seq is not None:
        return _result(envelope, Outcome.REPLAYED, upstream_seq=received.upstream_seq)
    # The first number is the envelope's own: every change of this transaction has it or a later
    # one, and every change before has an earlier one.
    number = feed.claim(connection)
    if received.changes:
        feed.changed_all(connection, received.changes)
    accepted.add(connection, _row(shop, till, envelope, number=number, received=received))
    if envelope.kind == "sale":
        data = {"reference": envelope.key, "till": till, "envelope": envelope.id}
        event = WebhookEvent.SALE_RECEIVED
        webhook_event.tell(shop, connection, event, subject=envelope.key, data=data)
    return _result(envelope, Outcome.ACCEPTED, upstream_seq=number)


def _row(
    shop: Shop, till: str, envelope: Envelope, *, number: int, received: Received
) -> dict[str, Any]:
    return {
        "id": envelope.id,
        "till": till,
        "till_seq": envelope.seq,
        "kind": envelope.kind,
        "key": envelope.key,
        "content_hash": envelope.content_hash,
        "upstream_seq": number,
        "accepted_at": shop.clock.now(),
        "flags": list(received.flags),
    }


def _alarm(shop: Shop, actor: Actor, till: str, envelope: Envelope, refusal: Refusal) -> None:
    """Leave a trace of two documents that claim to be one."""
    facts = {
        "till": till,
        "envelope": envelope.id,
        "kind": envelope.kind,
        "code": refusal.code,
        "reason": refusal.sentence,
    }
    with shop.store.write() as connection:
        _tell(shop, connection, actor, action="sync.conflict", subject=envelope.key, facts=facts)


def _tell(
    shop: Shop,
    connection: Connection,
    actor: Actor,
    *,
    action: str,
    subject: str,
    facts: dict[str, Any],
) -> None:
    audit.append(
        connection,
        at=shop.clock.now(),
        actor=actor.username,
        action=action,
        subject=subject,
        details=facts,
    )


def _result(
    envelope: Envelope,
    outcome: Outcome,
    code: str = "",
    reason: str = "",
    *,
    upstream_seq: int | None = None,
) -> Result:
    return Result(
        id=envelope.id,
        content_hash=envelope.content_hash,
        outcome=outcome,
        upstream_seq=upstream_seq,
        code=code,
        reason=reason,
    )
