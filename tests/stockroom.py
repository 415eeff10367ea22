"""A server with two warehouses and its SAP, for documents that move goods without a sale."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from pos_app.services.check import invariants
from pos_app.services.posting import work as posting_work
from pos_app.services.shop import Shop
from pos_app.services.transfer.asked import Asked, Line
from pos_app.store import posting_claim, queue, stock, warehouse
from pos_app.store.engine import Store
from pos_app.store.warehouse import Warehouse
from sandbox.fault import Fault
from sync.sap.client import ServiceLayer
from sync.sap.simulator.gate import Gate
from tests import shops
from tests.office import company, connected

SHOP, DEPOT = "SHOP1", "DEPOT"
BOSS = replace(shops.actor("manager"), role="Admin")
CONTROLLER = shops.actor("stock")
QUIET_SECONDS = 400.0


class Stockroom:
    """A server that moves goods, and the SAP they move in, too."""

    def __init__(self, shop: Shop, gate: Gate, sap: ServiceLayer) -> None:
        self.shop, self.gate, self.sap = shop, gate, sap

    def work(self) -> None:
        """Post until nothing is due any more."""
        for _ in range(12):
            posting_work.work(self.shop, self.sap, owner="w")
            self.shop.clock.sleep(QUIET_SECONDS)

    def arm(self, *faults: Fault) -> None:
        """Let SAP do something wrong."""
        self.gate.faults.replace(faults)

    def documents(self, kind: str) -> list[dict[str, Any]]:
        """What SAP has truly booked of a kind."""
        rows = self.gate.core.ledger()["documents"]
        return [row for row in rows if row["set"] == kind]

    def row(self, document_id: str, kind: str) -> dict[str, Any]:
        """A document's row of the queue."""
        with self.shop.store.read() as connection:
            found = queue.of_kind(connection, document_id, kind)
            assert found is not None
            return dict(found)

    def steps(self, document_id: str, kind: str) -> list[dict[str, Any]]:
        row = self.row(document_id, kind)
        with self.shop.store.read() as connection:
            return [dict(step) for step in posting_claim.steps_of(connection, row["queue_id"])]

    def on_hand(self, item: str, place: str) -> Decimal:
        """What the books show."""
        with self.shop.store.read() as connection:
            row = stock.of_places(connection, [(item, place)]).get((item, place))
        return row["on_hand"] if row else Decimal(0)

    def in_sap(self, item: str, place: str) -> Decimal:
        """What SAP shows."""
        rows = self.gate.core.ledger()["stock"]
        found = [row for row in rows if (row["item"], row["warehouse"]) == (item, place)]
        return Decimal(found[0]["quantity"]) if found else Decimal(0)

    def unheard(self, document_id: str) -> int:
        """How many moves of a document the stock of SAP does not contain yet."""
        with self.shop.store.read() as connection:
            rows = stock.moves_of(connection, document_id)
        return sum(row["upstream_seq"] is None for row in rows)

    def sound(self) -> None:
        """Nothing the checker finds wrong."""
        assert invariants.check(self.shop, is_server=True) == []


def stockroom(store: Store, **changes: Any) -> Stockroom:
    """Two warehouses, goods in the first."""
    shop = shops.open_shop(store, **({"has_sap": True, "role": "server", "till": "SRV"} | changes))
    with shop.store.write() as connection:
        warehouse.put(connection, [Warehouse(SHOP, "Shop"), Warehouse(DEPOT, "Depot")])
    made = company()
    made["warehouses"].append({"code": DEPOT, "name": "Depot", "city": "Harare"})
    made["accounts"].append({"code": "6400", "name": "Losses", "currency": "USD", "active": True})
    made["vat_groups"].append(
        {
            "code": "I1",
            "name": "In",
            "input": True,
            "rates": [{"from": "2026-01-01", "rate": "15.5"}],
        }
    )
    made["partners"].append({"code": "V0001", "name": "Dairy", "kind": "supplier"})
    return Stockroom(shop, *connected(shop, made))


def to_depot(*lines: tuple[str, str], **more: Any) -> Asked:
    """A transfer from the shop to the depot."""
    return Asked(
        source=SHOP,
        target=DEPOT,
        lines=tuple(
            Line(item=item, quantity=Decimal(quantity), source=SHOP, target=DEPOT)
            for item, quantity in lines
        ),
        **more,
    )
