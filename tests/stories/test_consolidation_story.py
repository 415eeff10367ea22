"""A day consolidated: sold, listed with answers lost, a receipt that came late, and proven."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import delete, select

from pos_app.domain.proof import Proof, Side
from pos_app.services.check.invariants import check
from pos_app.services.consolidation import run
from pos_app.services.posting.work import work as post
from pos_app.services.sale import Posted
from pos_app.store import consolidation as lists
from pos_app.store.engine import Store, open_store
from pos_app.store.fiscal import fiscal_journal
from sandbox.fault import Fault
from tests.proved import Four, four


@pytest.fixture
def till_store(tmp_path: Path, sqlite_template: Path) -> Iterator[Store]:
    path = tmp_path / "till.db"
    path.write_bytes(sqlite_template.read_bytes())
    with open_store(path) as opened:
        yield opened


def consolidating(till: Store, server: Store) -> Four:
    house = four(till, server)
    sap = replace(house.server.rules.sap, consolidates=True)
    house.server = replace(house.server, rules=replace(house.server.rules, sap=sap))
    return house


def told(proof: Proof) -> list[tuple[str, str]]:
    return [(row.code, row.reference) for row in proof.differences]


def work_on(house: Four) -> None:
    """Passes of the worker until nothing is left, and the till hears of it."""
    for _ in range(40):
        worked = post(house.server, house.sap, owner="w")
        if worked.next_at is None:
            break
        wait = (worked.next_at - house.server.clock.now()).total_seconds()
        house.server.clock.sleep(max(wait, 0.001))
    house.deliver()


def test_a_day_consolidated_with_lost_answers_and_a_late_receipt_is_proven(
    till_store: Store, store: Store
) -> None:
    house = consolidating(till_store, store)
    first = house.sell("MILK", "BREAD", "BOOK")
    second = house.sell("MILK", "YOGHURT", amount="10.00")
    gold = house.sell("MILK", currency="ZIG")
    house.arrive()
    assert told(house.prove()) == [("sap_waiting", one.receipt) for one in (first, second, gold)]
    run.run(house.server, by="manager")
    late = house.sell("BREAD")
    house.gate.faults.replace(
        [
            Fault(on="POST Invoices", do="commit_then_drop", times=2),
            Fault(on="POST IncomingPayments", do="commit_then_502", times=2, after=1),
            Fault(on="GET Invoices", do="lookup_fails", times=3),
        ]
    )
    work_on(house)
    house.gate.faults.replace([])
    house.arrive()
    assert told(house.prove()) == [("sap_waiting", late.receipt)]
    run.run(house.server, by="manager")
    work_on(house)
    note = house.give_back(first, 1, "1")
    house.arrive()
    work_on(house)
    for proof in house.both():
        assert told(proof) == []
        assert not [row.name for row in proof.sums if row.differs]
    sums = {(row.currency, row.name): row.values for row in house.prove().sums}
    assert sums["USD", "invoices"] == dict.fromkeys(Side, 3)
    assert sums["USD", "tender cash USD"][Side.SAP] == sums["USD", "tender cash USD"][Side.SERVER]
    invoices = [row["NumAtCard"] for row in house.gate.core.ledger()["invoices"]]
    assert len(invoices) == len(set(invoices)) == 5
    assert check(house.server, is_server=True) == []
    assert note.receipt


@pytest.fixture
def day(till_store: Store, sqlite_store: Store) -> tuple[Four, Posted]:
    house = consolidating(till_store, sqlite_store)
    house.sell("MILK")
    sold = house.sell("MILK")
    house.arrive()
    run.run(house.server, by="manager")
    work_on(house)
    assert told(house.prove()) == []
    return house, sold


def shrunk(house: Four) -> None:
    [row] = [dict(one) for one in house.gate.core.books.tables["Invoices"].rows()]
    house.change("Invoices", row, DocTotal=Decimal("3.90"))


def gone(house: Four) -> None:
    [row] = [dict(one) for one in house.gate.core.books.tables["Invoices"].rows()]
    house.remove("Invoices", row)


NAME = "CONSOL-20261102-C0000-USD-1"
DEEDS: dict[str, tuple[Callable[[Four], None], str]] = {
    "another total in SAP": (shrunk, "sap_differs"),
    "taken out of SAP": (gone, "sap_missing"),
}


@pytest.mark.parametrize("deed", DEEDS)
def test_a_consolidated_invoice_that_differs_is_named_and_not_its_receipts(
    day: tuple[Four, Posted], deed: str
) -> None:
    house, sold = day
    change, code = DEEDS[deed]
    change(house)
    assert told(house.prove()) == [(code, NAME)]
    assert ("sap_waiting", sold.receipt) in told(house.prove_till())


def test_a_list_somebody_changed_is_named_with_the_receipt_it_lost(
    day: tuple[Four, Posted],
) -> None:
    house, sold = day
    members = lists.consolidation_members
    with house.server.store.write() as connection:
        connection.execute(delete(members).where(members.c.sale_id == sold.sale_id))
    found = told(house.prove())
    assert ("sap_list_changed", NAME) in found
    assert ("sap_missing", sold.receipt) in found
    codes = {row.code for row in check(house.server, is_server=True)}
    assert {"consolidation_changed", "consolidation_member_missing"} <= codes


def test_l07_a_consolidated_invoice_is_never_filed(till_store: Store, sqlite_store: Store) -> None:
    house = consolidating(till_store, sqlite_store)
    for _ in range(3):
        house.sell("MILK")
    house.arrive()
    run.run(house.server, by="manager")
    work_on(house)
    house.counter.file_all()
    assert len(house.counter.box.ledger()["receipts"]) == 3
    assert len(house.gate.core.ledger()["invoices"]) == 1
    with house.server.store.read() as connection:
        filed = connection.execute(select(fiscal_journal.c.number)).scalars().all()
    assert len(filed) <= 3
