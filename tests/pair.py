"""A server with goods, tills that know nothing yet, and the network between them."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from decimal import Decimal

from sqlalchemy import select

from pos_app.domain.permission import EVERY, Actor, Role
from pos_app.ids import SeededIds
from pos_app.services import basket, feed, sale, sync, tender
from pos_app.services.local_remote import LocalRemote
from pos_app.services.sale import Posted
from pos_app.services.shop import Shop
from pos_app.services.sync import Synced
from pos_app.store import outbox, stock
from pos_app.store.engine import Store
from sync.envelope import Parcel, Reply
from sync.errors import OutcomeUnknown, Unavailable
from sync.page import Page, Position
from sync.remote import Remote
from tests import shops

KEY = Actor("U-key", "till-key", Role.API_USER, EVERY - {"system.admin"})


def open_server(store: Store, clock: shops.FixedClock | None = None, **changes: object) -> Shop:
    """A server whose goods are in its feed."""
    settings = {"role": "server", "till": "S01", "has_sap": True} | changes
    server = shops.open_shop(store, clock=clock, **settings)
    with store.write() as connection:
        feed.announce(connection)
    return server


def open_bare_till(
    store: Store, code: str = "T01", *, clock: shops.FixedClock | None = None
) -> Shop:
    """A till without any data; what it sells comes down to it."""
    ticking = clock or shops.FixedClock()
    return Shop(
        store=store,
        clock=ticking,
        ids=SeededIds(random.Random(code), ticking.now),
        rules=shops.shop_rules(till=code),
    )


@dataclass
class Network:
    """Carries calls to a server, and does to each what the next fault says."""

    server: Remote
    faults: list[str] = field(default_factory=list)
    late: list[Parcel] = field(default_factory=list)
    calls: int = 0

    def send(self, parcel: Parcel) -> Reply:
        fault = self._next()
        if fault == "lose_request":
            raise Unavailable("The line is cut.")
        if fault == "delay":
            # It arrives, but not before other things have happened.
            self.late.append(parcel)
            raise OutcomeUnknown("No answer in time.")
        if fault == "twice":
            self.server.send(parcel)
        reply = self.server.send(parcel)
        if fault == "lose_reply":
            raise OutcomeUnknown("The answer got lost.")
        return reply

    def fetch(self, at: Position, *, till: str, limit: int) -> Page:
        fault = self._next()
        if fault in ("lose_request", "lose_reply", "delay"):
            raise Unavailable("The line is cut.")
        if fault == "twice":
            self.server.fetch(at, till=till, limit=limit)
        return self.server.fetch(at, till=till, limit=limit)

    def arrive_late(self) -> None:
        """Let everything that was delayed arrive, newest first."""
        while self.late:
            self.server.send(self.late.pop())

    def _next(self) -> str:
        self.calls += 1
        return self.faults.pop(0) if self.faults else "none"


def remote(server: Shop, principal: str = "key-1") -> LocalRemote:
    return LocalRemote(server, principal=principal)


def sell(till: Shop, *codes: str, quantity: str = "1", reference: str = "") -> Posted:
    """One sale for cash."""
    actor = shops.actor()
    made = basket.start(till, actor)
    for code in codes:
        made = basket.add(till, actor, made, code, quantity=Decimal(quantity))
    cash = [tender.make(till, "cash", made.total)]
    return sale.post(till, actor, made, cash, reference=reference)


def work(till: Shop, line: Remote) -> Synced:
    return sync.work(till, line, is_forced=True)


def on_hand(shop: Shop, item: str, warehouse: str = "SHOP1") -> Decimal | None:
    with shop.store.read() as connection:
        row = stock.of_places(connection, [(item, warehouse)]).get((item, warehouse))
    return row["on_hand"] if row else None


def lots(shop: Shop, item: str, warehouse: str = "SHOP1") -> dict[str, Decimal]:
    with shop.store.read() as connection:
        rows = stock.batches_of(connection, [(item, warehouse)])
    return {row["batch"]: row["on_hand"] for row in rows}


def envelopes(shop: Shop) -> list[dict[str, object]]:
    with shop.store.read() as connection:
        rows = connection.execute(select(outbox.outbox).order_by(outbox.outbox.c.seq)).mappings()
        return [dict(row) for row in rows]
