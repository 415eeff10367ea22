"""What stands beside the server in a story: a SAP that takes what is queued."""

from __future__ import annotations

from typing import Any

from pos_app.services.posting import work
from tests.api.house import OTHER, House
from tests.office import company, connected

VAT = [{"from": "2026-01-01", "rate": "15.5"}]


def post_to_sap(house: House, known: dict[str, Any]) -> None:
    """Let a worker take everything that is due to SAP, which then knows it."""
    gate, sap = connected(house.shop, _books()) if "sap" not in known else known["sap"]
    known["sap"] = gate, sap
    for _ in range(3):
        work.work(house.shop, sap, owner="story")


def _books() -> dict[str, Any]:
    made = company()
    made["warehouses"].append({"code": OTHER, "name": "Depot", "city": "Harare"})
    made["accounts"].append({"code": "6400", "name": "Losses", "currency": "USD", "active": True})
    made["vat_groups"].append({"code": "I1", "name": "In", "input": True, "rates": VAT})
    made["partners"].append({"code": "S0001", "name": "Dairy Supplies", "kind": "supplier"})
    return made
