"""A receipt credited at a till and at the server at once: SAP is credited once, and people know."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from pos_app.domain.credit_note import CreditNoteType
from pos_app.domain.note import BalanceExceeded
from pos_app.domain.refund import ReturnTooMuch
from pos_app.services import invoice_view, sync
from pos_app.services.credit_note import make
from pos_app.services.credit_note.asked import AskedCreditNote, AskedLine
from pos_app.services.notification import view as notification
from pos_app.services.posting import incident, review
from pos_app.services.posting.work import work
from pos_app.services.sale import Posted
from pos_app.store import queue
from pos_app.store import sale as sales
from pos_app.store.engine import Store, open_store
from sync.sap.client import ServiceLayer
from sync.sap.simulator.in_process import InProcessHttp
from tests import pair
from tests.office import SETTINGS
from tests.proved import Four, four
from tests.services.test_posting_trade import BOSS

D = Decimal


@pytest.fixture
def till_store(tmp_path: Path, sqlite_template: Path) -> Iterator[Store]:
    path = tmp_path / "till.db"
    path.write_bytes(sqlite_template.read_bytes())
    with open_store(path) as opened:
        yield opened


@pytest.fixture
def day(till_store: Store, sqlite_store: Store) -> Four:
    return four(till_store, sqlite_store)


def sold(day: Four) -> Posted:
    """Two litres of milk, filed, at the server, in SAP."""
    posted = pair.sell(day.till, "MILK", quantity="2")
    day.arrive()
    return posted


def at_the_server(day: Four, of: Posted, quantity: str = "2") -> str:
    asked = AskedCreditNote(
        invoices=(invoice_view.get(day.server, of.sale_id).number,),
        type=CreditNoteType.RETURN,
        reason="sour",
        lines=(AskedLine(item="MILK", quantity=D(quantity)),),
    )
    return make.create(day.server, BOSS, asked).id


def at_the_till(day: Four, of: Posted) -> Posted:
    noted = day.give_back(of, 1, "2")
    day.counter.file_all()
    return noted


def credited(day: Four) -> Decimal:
    """What SAP has credited in all."""
    rows = day.gate.core.ledger()["documents"]
    return sum((D(row["DocTotal"]) for row in rows if row["set"] == "CreditNotes"), D(0))


def states(day: Four, *notes: str) -> list[str]:
    with day.server.store.read() as connection:
        rows = queue.rows_of(connection, notes, kinds=["credit_note"])
    return sorted(row["state"] for row in rows)


def post(day: Four) -> None:
    for _ in range(6):
        work(day.server, day.sap, owner="w")
        day.server.clock.sleep(120)


def test_the_note_that_comes_second_waits_for_a_person(day: Four) -> None:
    of = sold(day)
    noted = at_the_till(day, of)
    first = at_the_server(day, of)
    day.deliver()
    post(day)
    assert credited(day) == D("3.98")
    assert states(day, first, noted.sale_id) == ["Completed", "RequiresReview"]
    [one] = incident.watch(day.server)
    assert f"credit more than receipt {of.receipt} came to" in one.sentence
    assert "really given back" in one.advice
    told = notification.page(day.server, BOSS, offset=0, limit=9).notifications
    assert any("gives back what was given back before" in row.title for row in told)
    review.retry(day.server, BOSS, noted.receipt)
    post(day)
    assert credited(day) == D("3.98"), "asked again, it waits again"
    review.cancel(day.server, BOSS, noted.receipt, reason="it was one and the same milk")
    assert incident.found(day.server) == ()


def test_parts_that_fit_together_are_all_in_sap(day: Four) -> None:
    of = sold(day)
    first = at_the_server(day, of, "1")
    day.deliver()
    noted = day.give_back(of, 1, "1")
    day.counter.file_all()
    day.deliver()
    post(day)
    assert states(day, first, noted.sale_id) == ["Completed", "Completed"]
    assert credited(day) == D("3.98")


def test_a_note_that_was_taken_out_stands_in_no_others_way(day: Four) -> None:
    of = sold(day)
    noted = at_the_till(day, of)
    first = at_the_server(day, of)
    with day.server.store.read() as connection:
        [row] = queue.rows_of(connection, [first], kinds=["credit_note"])
    review.cancel(day.server, BOSS, row["reference"], reason="the till was right")
    day.deliver()
    post(day)
    assert states(day, first, noted.sale_id) == ["Cancelled", "Completed"]
    assert credited(day) == D("3.98")


@pytest.mark.postgres
@pytest.mark.parametrize("turn", range(2))
def test_at_the_very_same_moment_one_is_refused_or_waits(
    till_store: Store, postgres_store: Store, turn: int
) -> None:
    """Two processes' worth of connections to one database: who is second knows of the first."""
    day = four(till_store, postgres_store)
    of = sold(day)
    noted = at_the_till(day, of)
    line, together = day.line(), threading.Barrier(2)
    made: list[str] = []

    def of_server() -> None:
        together.wait(20)
        try:
            made.append(at_the_server(day, of))
        except (ReturnTooMuch, BalanceExceeded):
            made.append("refused")

    def of_till() -> None:
        together.wait(20)
        sync.work(day.till, line, is_forced=True)

    deeds = [of_server, of_till] if turn % 2 else [of_till, of_server]
    run(*deeds)
    sessions = [
        ServiceLayer(SETTINGS, InProcessHttp(day.gate, day.server.clock.sleep), day.server.clock)
        for _ in range(2)
    ]
    run(*(partial(work, day.server, sap, owner=f"w{at}") for at, sap in enumerate(sessions)))
    post(day)
    assert credited(day) == D("3.98")
    if made == ["refused"]:
        assert states(day, noted.sale_id) == ["Completed"]
        return
    assert states(day, made[0], noted.sale_id) == ["Completed", "RequiresReview"]
    told = notification.page(day.server, BOSS, offset=0, limit=9).notifications
    assert any("gives back what was given back before" in row.title for row in told)


@pytest.mark.postgres
def test_two_workers_that_plan_both_notes_at_once_send_one(
    till_store: Store, postgres_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    day = four(till_store, postgres_store)
    of = sold(day)
    noted = at_the_till(day, of)
    first = at_the_server(day, of)
    day.deliver()
    both = threading.Barrier(2)
    asked = sales.notes_of

    def late(*args: Any) -> Any:
        with suppress(threading.BrokenBarrierError):
            both.wait(timeout=0.5)
        return asked(*args)

    monkeypatch.setattr(sales, "notes_of", late)
    sessions = [
        ServiceLayer(SETTINGS, InProcessHttp(day.gate, day.server.clock.sleep), day.server.clock)
        for _ in range(2)
    ]
    run(
        *(
            partial(work, day.server, sap, owner=f"w{at}", limit=1)
            for at, sap in enumerate(sessions)
        )
    )
    assert states(day, first, noted.sale_id) == ["Completed", "RequiresReview"]
    assert credited(day) == D("3.98")


def run(*deeds: Callable[[], object]) -> None:
    threads = [threading.Thread(target=deed) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads)
