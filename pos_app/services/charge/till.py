"""Charges that tills ask for: the door of the server, and what is told through it.

A till writes its intent first and gives it the identity of the charge, so that asking again tells
how the first one stands.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Any, Protocol

from sqlalchemy import Connection, RowMapping

from pos_app.domain import charge as rule
from pos_app.domain.charge import ChargeRefused, ChargeState, GatewayAway
from pos_app.domain.money import Money
from pos_app.domain.permission import Actor, require_till
from pos_app.errors import MalformedInput, RecordNotFound
from pos_app.services.charge import ask as asking
from pos_app.services.charge import claimed, look, view
from pos_app.services.charge.ask import Wish
from pos_app.services.charge.gateways import Gateways
from pos_app.services.shop import Shop
from pos_app.store import audit
from pos_app.store import charge as charges

EAGER = timedelta(seconds=3)
"""A till that waits has its provider asked anew when the last answer is older."""

KEYS = ("id", "provider", "amount", "currency", "phone", "reference", "sale")
LONGEST = 100


class PromptServer(Protocol):
    """Where a till asks: `sync.http.HttpRemote`."""

    def charge_ask(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        """What `ask` says; raises a SyncError where there is no answer."""
        ...

    def charge(self, charge_id: str) -> Mapping[str, Any]:
        """What `tell` says; raises as `charge_ask`, Rejected when nobody knows it."""
        ...

    def charge_leave(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        """What `leave` says; raises as `charge_ask`."""
        ...


def ask(shop: Shop, gateways: Gateways, till: Actor, asked: Mapping[str, Any]) -> dict[str, Any]:
    """On the server: send a till's question to the customer, once, and say how it stands.

    Raises:
        TillKeyNeeded: no till asks.
        MalformedInput, AmountInvalid, ProviderUnknown, PhoneInvalid: it cannot be asked so;
            nothing was stored.
        ReferenceConflict: the identity belongs to another content.
    """
    require_till(till, till.till)
    key, wish = _read(till, asked)
    with suppress(ChargeRefused, GatewayAway):  # the charge says so itself
        asking.ask(shop, gateways, till, wish, charge_id=key)
    return _told(shop, key)


def tell(shop: Shop, gateways: Gateways, till: Actor, charge_id: str) -> dict[str, Any]:
    """On the server: how a till's charge stands; the provider is asked when nobody has of late.

    Raises:
        TillKeyNeeded: no till asks.
        RecordNotFound: no such charge of this till has arrived.
    """
    require_till(till, till.till)
    row = _own(shop, till, charge_id)
    now = shop.clock.now()
    last = row["answered_at"] or row["created_at"]
    is_open = ChargeState(row["state"]) in rule.OPEN and not row["is_held"]
    if (
        is_open
        and row["next_look_at"] is not None
        and now - last >= EAGER
        and look.claim(shop, row)
    ):
        look.look(shop, gateways, _own(shop, till, charge_id))
    return _told(shop, charge_id)


def leave(shop: Shop, gateways: Gateways, till: Actor, asked: Mapping[str, Any]) -> dict[str, Any]:
    """On the server: the sale goes on without this charge; money that comes is a person's.

    What has not arrived yet is kept as cancelled under its identity: should the question still be
    on its way, the customer is not asked any more.

    Raises:
        TillKeyNeeded, MalformedInput, ProviderUnknown, PhoneInvalid: as `ask`.
    """
    require_till(till, till.till)
    key, wish = _read(till, asked)
    with shop.store.read() as connection:
        is_known = charges.by_id(connection, key) is not None
    if not is_known:
        asking.shut(shop, gateways, till, wish, charge_id=key)
    while True:
        with shop.store.write() as connection:
            row = view.found(charges.hold(connection, key), key)
            if row["till"] != till.till or row["booking"] in {claimed.CLAIMED, claimed.PERSON}:
                break
            values: dict[str, Any] = {"left_at": row["left_at"] or shop.clock.now()}
            if row["state"] == ChargeState.SUCCESS:
                values["booking"] = claimed.PERSON
                claimed.came(shop, connection, row, claimed.PERSON)
            if charges.change(connection, row, values):
                _audit(shop, connection, till, row, action="charge.leave")
                break
    return _told(shop, key)


def _audit(
    shop: Shop, connection: Connection, till: Actor, row: RowMapping, *, action: str
) -> None:
    audit.append(
        connection,
        at=shop.clock.now(),
        actor=till.username,
        action=action,
        subject=row["id"],
        details={"till": row["till"], "sale": row["sale"], "state": row["state"]},
    )


def _own(shop: Shop, till: Actor, charge_id: str) -> RowMapping:
    with shop.store.read() as connection:
        row = charges.by_id(connection, charge_id)
    if row is None or row["till"] != till.till:
        raise RecordNotFound("payment", charge_id[:LONGEST])
    return row


def _read(till: Actor, asked: Mapping[str, Any]) -> tuple[str, Wish]:
    for name in KEYS:
        said = asked.get(name)
        if not isinstance(said, str) or len(said) > LONGEST or not said.isprintable():
            raise MalformedInput("The question", f"needs a text of at most {LONGEST} as {name!r}")
    if not asked["id"]:
        raise MalformedInput("The question", "has no identity")
    amount = Money.of(asked["amount"], asked["currency"])
    if amount.minor <= 0:
        raise MalformedInput("The question", "asks for nothing")
    return asked["id"], Wish(
        provider=asked["provider"],
        amount=amount,
        phone=asked["phone"],
        reference=asked["reference"],
        till=till.till,
        sale=asked["sale"],
    )


def _told(shop: Shop, key: str) -> dict[str, Any]:
    found = view.get(shop, key)
    left = (found.expires_at - shop.clock.now()).total_seconds()
    return {
        "id": found.id,
        "state": found.state.value,
        "is_held": found.is_held,
        "message": found.message,
        "external_id": found.external_id,
        "received": str(found.received) if found.received else "",
        "is_claimed": found.booking == claimed.CLAIMED,
        "seconds_left": max(round(left), 0),
        "shown": dict(found.shown),
    }
