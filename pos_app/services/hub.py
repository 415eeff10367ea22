"""Let the hub call something out: written in the transaction of its cause, read by each process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from pos_app.domain.hub import LIFE, HubCall
from pos_app.services.shop import Shop
from pos_app.store import hub as calls

Data = Mapping[str, str | int | Sequence[str]]


@dataclass(frozen=True, slots=True)
class Call:
    """Something to be called out; `data` is its one argument, amounts and moments as text."""

    target: HubCall
    data: Data


def call(shop: Shop, connection: Connection, target: HubCall, data: Data) -> None:
    """Call something out to everybody who is connected; nothing if the transaction is undone.

    Args:
        shop: the server; a till has no hub.
        connection: of the transaction that makes it happen.
        target: what the clients listen to.
        data: its one argument.
    """
    if shop.rules.role == "server":
        row = {"target": target.value, "data": dict(data), "at": shop.clock.now()}
        calls.add(connection, row)


def forget(shop: Shop) -> None:
    """Forget calls every process has long brought to its clients."""
    before = shop.clock.now() - LIFE
    with shop.store.read() as connection:
        if not calls.has_before(connection, before):
            return
    with shop.store.write() as connection:
        calls.forget(connection, before)
