"""The daily proof as a manager reads it: differences first, figures side by side."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from pos_app.services.proof import day as proofs
from pos_app.services.proof import receipt, wire
from pos_app.services.shop import PaperRules
from pos_app.store import setting
from sync.errors import Unavailable
from tests.tui.conftest import Person
from tests.tui.grocer import MANAGER_PIN

MAZOE = "6001234567890"
SIZES = [(120, 36), (80, 24)]


class Neighbour:
    """A server that holds what the till holds, but for what a test changes; SAP waits."""

    def __init__(self, person: Person) -> None:
        self.person = person
        self.is_away = False
        self.change: Callable[[Any], Any] = lambda entry: entry

    def receipt(self, number: str) -> dict[str, Any]:
        raise Unavailable(f"The line is cut, and {number} stays unknown.")

    def proof(self, day: date) -> dict[str, Any]:
        if self.is_away:
            raise Unavailable("The line is cut.")
        held = receipt.read(self.person.shop, day, till="T01")
        entries = tuple(map(self.change, held.documents))
        reads = [
            replace(proofs.server_side(held), entries=entries),
            replace(proofs.server_side(held), side=proofs.Side.SAP, word="SAP"),
        ]
        return {"sides": [wire.to_wire(read) for read in reads]}


@pytest.fixture(params=SIZES, ids=["wide", "narrow"])
async def manager(request, person, tmp_path):
    """A manager at a till that has sold once and delivered it."""
    till = await person(
        size=request.param, paper=PaperRules(folder=tmp_path / "papers"), till="T01"
    )
    await till.at("SaleScreen")
    await till.scan(MAZOE)
    await till.type("++")
    await till.at("SaleScreen")
    with till.shop.store.write() as connection:
        connection.exec_driver_sql("UPDATE outbox SET state = 'delivered'")
    neighbour = Neighbour(till)
    till.app._interior = replace(till.app._interior, receipts=lambda: neighbour)
    till.neighbour = neighbour
    await till.press("f12")
    till.enter("farai", MANAGER_PIN)
    await till.at("SaleScreen")
    return till


async def open_proof(till: Person) -> None:
    await till.press("f10")
    await till.at("ShiftScreen")
    await till.press("ctrl+r")
    await till.at("ProofScreen")


async def test_a_day_that_is_everywhere_says_so_and_becomes_a_page(manager, tmp_path):
    await open_proof(manager)
    await manager.sees("All sides say the same.", "invoices total", "tender cash")
    await manager.press("f7")
    await manager.sees("is saved as")
    [page] = (tmp_path / "papers").glob("proof-*.pdf")
    assert page.read_bytes().startswith(b"%PDF")
    await manager.press("escape")
    await manager.at("ShiftScreen")


async def test_a_difference_comes_first_and_opens_its_receipt(manager):
    manager.neighbour.change = lambda entry: replace(entry, total=entry.total + 1)
    await open_proof(manager)
    await manager.sees("differs from", "(+0.01)")
    await manager.press("enter")
    await manager.at("ReceiptsScreen")
    await manager.sees("T01-000001")
    await manager.press("escape", "escape")
    await manager.at("ProofScreen")


async def test_another_day_and_back(manager):
    await open_proof(manager)
    await manager.sees("All sides say the same.")
    await manager.press("f5")
    await manager.sees("Nothing was sold on this day.")
    await manager.press("f6")
    await manager.sees("invoices total")


async def test_a_server_that_is_away_is_an_unread_side(manager):
    manager.neighbour.is_away = True
    await open_proof(manager)
    await manager.sees("Not proven", "The line is cut.", "?")
    manager.neighbour.is_away = False
    await manager.press("f4")
    await manager.sees("All sides say the same.")


async def test_a_cashier_does_not_see_it(person):
    till = await person()
    await till.press("f10")
    await till.at("ShiftScreen")
    await till.press("ctrl+r")
    await till.settle()
    assert type(till.app.screen).__name__ == "ShiftScreen"


async def test_what_the_server_found_is_told_at_sign_in(person):
    till = await person(is_signed_in=False)
    found = {"code": "rate_missing", "subject": "ZIG", "stops": "currency",
             "sentence": "SAP has no rate of ZiG today: enter it there."}  # fmt: skip
    kept = {"day": till.shop.today.isoformat(), "unread": "", "problems": [found, found]}
    with till.shop.store.write() as connection:
        setting.write(connection, "shop.preflight", json.dumps(kept))
    till.enter("farai", MANAGER_PIN)
    await till.at("SaleScreen")
    await till.sees("SAP has no rate of ZiG today", "And 1 more")


async def test_the_last_lamp_of_a_shop_without_sap_says_in_books(person):
    till = await person()
    with till.shop.store.write() as connection:
        setting.write(connection, "shop.books", "own")
    await till.scan(MAZOE)
    await till.type("++")
    await till.at("SaleScreen")
    till.quiet.look()
    await till.sees("IN BOOKS")
    await till.press("f8")
    await till.at("ReceiptsScreen")
    await till.sees("BKS", "IN BOOKS")
