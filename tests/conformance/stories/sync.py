"""A till at the server's door: what it delivers, fetches and asks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pos_app.services import feed
from pos_app.services.local_remote import LocalRemote
from pos_app.store.engine import open_store
from pos_app.store.migrate import upgrade
from sync.envelope import Parcel, Reply, parcel_to_wire
from sync.errors import Unavailable
from tests import pair, shops
from tests.api.house import House
from tests.api.test_queue import fail, queued
from tests.conformance.step import Act, Look, Step

OWN_KEY = {"X-API-Key": "$key"}
RECEIPT = {"number": "$receipt"}


class _Bag(LocalRemote):
    """Keeps what a till would send, for a request of the story."""

    parcel: Parcel

    def send(self, parcel: Parcel) -> Reply:
        self.parcel = parcel
        raise Unavailable("kept")


def _sell_at_a_till(house: House, known: dict[str, Any]) -> None:
    with house.shop.store.write() as connection:
        feed.announce(connection)
    known["key"] = house.till_key()
    bag = _Bag(house.shop, principal="key-1")
    with open_store(Path(known["folder"]) / "till.db") as store:
        upgrade(store)
        till = pair.open_bare_till(store)
        pair.work(till, bag)
        shops.open_till(till)
        known["receipt"] = pair.sell(till, "MILK").receipt
        pair.work(till, bag)
    known["parcel"] = parcel_to_wire(bag.parcel)


def _refuse_an_invoice(house: House, _known: dict[str, Any]) -> None:
    queued(house, "Q-1")
    fail(house, "Q-1")


STEPS = (
    Act(_sell_at_a_till),
    Step(
        route="POST /sync/envelopes",
        role="",
        headers=OWN_KEY,
        body="$parcel",
        says={"results.0.outcome": "accepted"},
        then=(
            Look(
                route="GET /api/Stock/warehouse/{warehouseCode}/items",
                at={"warehouseCode": "SHOP1"},
                query={"itemCodes": "MILK"},
                says={"items.0.inStock": 99},
            ),
        ),
    ),
    Step(
        route="GET /sync/feed",
        role="",
        headers=OWN_KEY,
        query={"till": "T01", "limit": 1000},
        says={"after": 0, "rows.0.seq": 1},
    ),
    Step(
        route="GET /sync/receipts/{number}",
        role="",
        headers=OWN_KEY,
        at=RECEIPT,
        missing_status=None,  # a till may ask for any number: what is not known is null
    ),
    Step(
        route="GET /sync/proof/{day}",
        role="",
        headers=OWN_KEY,
        at={"day": "2026-11-02"},
        missing={"day": "never"},
        missing_status=400,
        says={"sides.0.side": "server"},
    ),
    Act(_refuse_an_invoice),
    Step(
        route="GET /sync/queue",
        role="",
        headers=OWN_KEY,
        query={"user": "the-manager", "choice": "review"},
        says={"total": 1, "entries.0.reference": "Q-1"},
    ),
    Step(
        route="POST /sync/queue",
        role="",
        headers=OWN_KEY,
        body={"user": "the-manager", "deed": "requeue", "reason": "SAP is put right"},
        says={"references": ["Q-1"]},
        then=(
            Look(
                route="GET /api/DesktopIntegration/queue/{externalReference}",
                at={"externalReference": "Q-1"},
                says={"status": "Pending"},
            ),
        ),
    ),
)
