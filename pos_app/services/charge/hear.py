"""Callbacks: proven, kept as they came, and a reason to read the provider at once.

A callback alone moves no money: it may be forged by whoever learnt a key, late, doubled or out of
order. What it says that the reading does not say is put before a person.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import RowMapping

from pos_app.domain import charge as rule
from pos_app.domain.charge import CallbackForged, CallbackMismatch, ChargeState, Matter
from pos_app.errors import MalformedInput, RecordNotFound
from pos_app.services.charge import answer, book, look, matter, view
from pos_app.services.charge.gateways import Gateways
from pos_app.services.charge.view import Charge
from pos_app.services.shop import Shop
from pos_app.store import charge as charges
from sync.gateway.port import Forged, Gateway, Progress, Seen, Unreadable

_UNPAID = frozenset({Progress.FAILED, Progress.CANCELLED, Progress.EXPIRED})


def hear(
    shop: Shop, gateways: Gateways, provider: str, body: bytes, headers: Mapping[str, str]
) -> Charge:
    """Take a callback; the same once more changes nothing.

    Raises:
        RecordNotFound: no such gateway is set up, or nobody here asked for this money.
        MalformedInput: it is no message of this provider.
        CallbackForged: its signature is wrong.
        CallbackMismatch: it tells other facts than the charge has; it was kept.
    """
    gateway, seen = _proven(gateways, provider, body, headers)
    with shop.store.write() as connection:
        row = charges.by_id(connection, seen.key)
        is_ours = row is not None and row["provider"] == provider
        if row is None or not is_ours:
            subject = f"{provider}:{seen.key or seen.external_id}"[:300]
            sentence = f"{provider} tells of a payment nobody here asked for: {seen.status[:100]}"
            facts = {"body": seen.body}
            matter.unmatched(shop, connection, subject=subject, sentence=sentence, facts=facts)
    if row is None or not is_ours:
        raise RecordNotFound("payment", seen.key[:60])
    if row["currency"] not in gateway.currencies or answer.wrong(row, seen):
        _mismatch(shop, row, seen)
    if not _note(shop, row, seen):
        return view.get(shop, row["id"])
    return _follow(shop, gateways, row["id"], seen)


def _proven(
    gateways: Gateways, provider: str, body: bytes, headers: Mapping[str, str]
) -> tuple[Gateway, Seen]:
    """The account whose key fits, and what it says."""
    accounts = gateways.named(provider)
    if not accounts:
        raise RecordNotFound("gateway", provider)
    for account in accounts:
        try:
            return account, account.hear(body, headers)
        except Forged:
            continue
        except Unreadable as error:
            raise MalformedInput("The callback", str(error)) from error
    raise CallbackForged(provider)


def _mismatch(shop: Shop, row: RowMapping, seen: Seen) -> None:
    what = answer.wrong(row, seen) or "currency"
    with shop.store.write() as connection:
        answer.keep(shop, connection, row, seen, source="callback")
        why = f"a message of the provider tells another {what}."
        facts = {"body": seen.body}
        matter.put(shop, connection, Matter.MISMATCH, row, why=why, facts=facts)
    raise CallbackMismatch(what)


def _note(shop: Shop, row: RowMapping, seen: Seen) -> bool:
    """Keep it and have the charge read now; False when it is a repetition."""
    while True:
        with shop.store.write() as connection:
            known = view.found(charges.hold(connection, row["id"]), row["id"])
            values = {
                # Whoever tells of it has it, even if the answer to our question got lost.
                "is_accepted": True,
                "next_look_at": shop.clock.now(),
                "poll_url": known["poll_url"] or seen.poll_url[:1000],
                "external_id": known["external_id"] or seen.external_id[:200],
            }
            if not answer.keep(shop, connection, known, seen, source="callback"):
                return False
            if known["is_held"] or charges.change(connection, known, values):
                return True


def _follow(shop: Shop, gateways: Gateways, charge_id: str, seen: Seen) -> Charge:
    """Read the provider; what it cannot say now, the background work asks later."""
    with shop.store.read() as connection:
        row = view.found(charges.by_id(connection, charge_id), charge_id)
    if row["next_look_at"] is not None and look.claim(shop, row):
        with shop.store.read() as connection:
            claimed = view.found(charges.by_id(connection, charge_id), charge_id)
        look.look(shop, gateways, claimed)
        book.book(shop, charge_id)
    with shop.store.write() as connection:
        row = view.found(charges.by_id(connection, charge_id), charge_id)
        state = ChargeState(row["state"])
        says_paid = seen.progress is Progress.SUCCESS and state in rule.UNPAID
        says_unpaid = seen.progress in _UNPAID and state is ChargeState.SUCCESS
        if says_paid or says_unpaid:
            why = f"a message says {seen.status[:100]!r}, and read it is {state.value}."
            facts = {"body": seen.body}
            matter.put(shop, connection, Matter.CONTRADICTION, row, why=why, facts=facts)
    return view.of_row(row)
