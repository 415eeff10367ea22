"""What stands beside the server in a story: a SAP that takes what is queued, and other settings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

from pos_app.services.posting import work
from pos_app.services.shop import Rules
from pos_app.store.engine import Store
from tests.api import house as houses
from tests.api.house import OTHER, House
from tests.office import company, connected

VAT = [{"from": "2026-01-01", "rate": "15.5"}]


@cache
def _made() -> tuple[Any, Rules]:
    made = houses.make(True)
    return made, made[0].rules


def server_apart(store: Store, change: Callable[[Rules], Rules] | None = None) -> House:
    """A server for stories that change its settings, which are those of no other test."""
    made, plain = _made()
    house = houses.fit(made, store)
    object.__setattr__(house.shop, "rules", change(plain) if change else plain)
    return house


def without_device(rules: Rules) -> Rules:
    """Rules of a shop that fiscalises nothing: a note follows its invoice at once."""
    return replace(rules, fiscal=replace(rules.fiscal, is_required=False))


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
