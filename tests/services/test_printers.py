"""Two printers, how they are, and the question about a paper nobody can prove."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from pos_app.cli.status import as_text
from pos_app.services import printer, spool, spool_question, status
from pos_app.services.shop import PrinterRules
from pos_app.store import audit, print_job
from pos_app.store.engine import Store
from printing.layouts.slip import order_slip
from printing.printer import Printer
from printing.profile import profile_named
from printing.simulator.core import SimulatedPrinter
from printing.simulator.desk import Desk
from printing.simulator.machine import MACHINES
from printing.slip import OrderSlip, SlipLine
from sandbox.fault import Fault
from tests import shops
from tests.counter import Counter, counter
from tests.services.test_spool import copies, heals, originals, print_all, sold, states

SECOND = "tcp://192.0.2.11:9100"
MIDDLE = 300
TROUBLES = {
    "paper_out": "no paper",
    "cover_open": "cover",
    "offline": "off-line",
    "unplug": "Check its power and its cable",
    "silence": "does not answer",
}


@pytest.fixture
def till(sqlite_store: Store) -> Counter:
    return counter(sqlite_store)


class Pair:
    """A till whose papers go to a second printer while the first cannot begin them."""

    def __init__(self, till: Counter, model: str) -> None:
        self.till = till
        self.second = SimulatedPrinter(MACHINES[model], clock=till.shop.clock)
        own = till.shop.rules.printers[0]
        places = (own, PrinterRules(url=SECOND, profile=profile_named(model)))
        till.shop = replace(till.shop, rules=replace(till.shop.rules, printers=places))
        till.spare = Printer(
            Desk(self.second, till.shop.clock), profile_named(model), clock=till.shop.clock
        )

    @property
    def second_papers(self) -> list[str]:
        return [row["text"] for row in self.second.ledger()["receipts"]]


@pytest.mark.parametrize("model", ["80mm", "58mm"])
@pytest.mark.parametrize("trouble", TROUBLES)
def test_a_paper_that_cannot_begin_comes_out_of_the_second_printer(
    till: Counter, trouble: str, model: str
) -> None:
    pair = Pair(till, model)
    till.jams(trouble)
    rows = [sold(till, code) for code in ("MILK", "BREAD")]
    print_all(till)
    assert till.papers() == []
    assert [row.receipt in text for row, text in zip(rows, pair.second_papers, strict=True)]
    assert all("COPY" not in text for text in pair.second_papers)
    assert max(len(line) for line in pair.second_papers[0].splitlines() if "[QR" not in line) <= (
        MACHINES[model].columns
    )
    assert [till.jobs(row)[0]["printer"] for row in rows] == [SECOND, SECOND]
    assert [states(till, row) for row in rows] == [[("confirmed", 0)]] * 2
    seen = status.status(till.shop)
    assert TROUBLES[trouble] in seen.queues["printer"].problem
    assert "second printer meanwhile" in seen.queues["printer"].problem
    heals(till)
    till.print()
    assert status.status(till.shop).queues["printer"].problem == ""
    mended = sold(till)
    print_all(till)
    assert originals(till, mended) != [], "the till's own printer comes first again"


@pytest.mark.parametrize("trouble", ["paper_out", "cover_open", "unplug", "stuck", "power_cycle"])
def test_a_paper_that_was_begun_goes_to_no_other_printer(till: Counter, trouble: str) -> None:
    pair = Pair(till, "80mm")
    till.jams(trouble, bytes=MIDDLE)
    begun, behind = sold(till), sold(till, "BREAD")
    for _ in range(5):
        till.print()
        till.shop.clock.sleep(1)
    assert states(till, begun) == [("unconfirmed", 0)]
    assert [text for text in pair.second_papers if begun.receipt in text] == []
    if trouble in ("paper_out", "cover_open", "unplug"):
        assert [behind.receipt in text for text in pair.second_papers] == [True]
    asked = status.status(till.shop).asked
    assert asked is not None
    assert asked.title == f"receipt {begun.receipt}"
    spool.answer(till.shop, shops.actor(), asked.id, is_there=False)
    for _ in range(5):
        till.print()
        till.shop.clock.sleep(1)
    heals(till)
    print_all(till)
    whole = [*till.papers(), *pair.second_papers]
    code = till.row(begun)["verification_code"]
    assert sum(code in text and "COPY" not in text for text in whole) <= 1
    assert sum(code in text and "COPY 1" in text for text in whole) == 1


def test_both_in_trouble_is_told_of_the_first_and_nothing_is_lost(till: Counter) -> None:
    pair = Pair(till, "80mm")
    till.jams("paper_out")
    pair.second.faults.replace([Fault(do="unplug")])
    row = sold(till)
    worked = till.print()
    assert worked.waiting == 1
    assert worked.problem.startswith("The printer has no paper")
    assert "meanwhile" not in worked.problem
    assert till.jobs(row)[0]["state"] == "queued"
    pair.second.faults.replace([])
    print_all(till)
    assert len(pair.second_papers) == 1


def test_the_second_alone_in_trouble_is_named_as_such(till: Counter) -> None:
    pair = Pair(till, "80mm")
    pair.second.faults.replace([Fault(do="paper_out")])
    row = sold(till)
    assert "second printer" in till.print().problem
    assert len(originals(till, row)) == 1


def test_trouble_is_named_before_anybody_sells_and_gone_when_mended(till: Counter) -> None:
    assert till.print().problem == ""
    for trouble, words in TROUBLES.items():
        till.jams(trouble)
        till.shop.clock.sleep(printer.WELL_SECONDS)
        assert words in till.print().problem
        (own,) = status.status(till.shop).printers
        assert (own.trouble != "", own.since) == (True, own.since)
        heals(till)
        assert till.print().problem == ""
        assert status.status(till.shop).printers[0].trouble == ""


def test_a_jammed_knife_is_named_and_gone_when_it_cuts(till: Counter) -> None:
    row = sold(till)
    till.jams("cutter")
    till.print()
    assert "knife" in status.status(till.shop).queues["printer"].problem
    till.machine.receive(b"\x10\x05\x01")
    till.print()
    assert status.status(till.shop).queues["printer"].problem == ""
    assert states(till, row) == [("confirmed", 0)]


def test_paper_that_is_nearly_used_up_is_a_hint_and_no_trouble(till: Counter) -> None:
    till.machine.set_condition("near_end", is_on=True)
    row = sold(till)
    till.print()
    seen = status.status(till.shop)
    assert (seen.printers[0].trouble, seen.printers[0].can_print) == ("near_end", True)
    assert "new roll" in seen.printers[0].sentence
    assert seen.queues["printer"].problem == ""
    assert states(till, row) == [("confirmed", 0)]


def test_a_mended_printer_leaves_the_question_and_no_trouble(till: Counter) -> None:
    row = sold(till)
    till.jams("unplug", bytes=MIDDLE)
    till.print()
    assert "power and its cable" in status.status(till.shop).queues["printer"].problem
    heals(till)
    till.print()
    seen = status.status(till.shop)
    assert seen.queues["printer"].problem == (
        f"Did receipt {row.receipt} come out of the printer, whole and readable?"
    )
    assert (seen.queues["printer"].waiting, seen.printers[0].trouble) == (1, "")
    assert seen.asked is not None
    assert seen.asked.follows == "COPY 1"


def test_power_lost_in_the_middle_is_named_in_the_question(till: Counter) -> None:
    sold(till)
    till.jams("power_cycle", bytes=MIDDLE, seconds=3)
    till.print()
    heals(till)
    till.print()
    asked = status.status(till.shop).asked
    assert asked is not None
    assert "switched off in the middle" in asked.reason
    told = as_text(status.status(till.shop))
    assert f"{asked.sentence} When it stopped: {asked.reason} Answer" in told


def test_what_the_cashier_has_answered_for_is_dropped_from_the_printer(till: Counter) -> None:
    """The tail of a paper that was given up does not come out of a new roll."""
    row = sold(till)
    till.jams("paper_out", bytes=MIDDLE)
    till.print()
    (asked,) = spool_question.unconfirmed(till.shop)
    assert asked.reason.startswith("The printer has no paper")
    spool.answer(till.shop, shops.actor(), asked.id, is_there=False)
    till.print()
    heals(till)
    print_all(till)
    code = till.row(row)["verification_code"]
    assert [text for text in till.papers() if code in text and "COPY" not in text] == []
    assert len(copies(till, row)) == 1
    assert states(till, row) == [("replaced", 0), ("confirmed", 1)]


def test_a_lost_slip_is_answered_with_a_slip_marked_copy(till: Counter) -> None:
    slip = OrderSlip(
        shop="Sunrise Grocers",
        number="D1",
        till="T01",
        cashier="cashier",
        ordered_at=till.shop.clock.now(),
        lines=(SlipLine(name="Milk 1 l", quantity=Decimal(2)),),
    )
    with till.shop.store.write() as connection:
        spool.queue(
            till.shop,
            connection,
            document_kind="slip",
            document_id="D1",
            number=0,
            make=lambda columns: order_slip(slip, columns),
        )
    till.jams("unplug", bytes=60)
    till.print()
    (asked,) = spool_question.unconfirmed(till.shop)
    assert asked.title == "a slip"
    spool.answer(till.shop, shops.actor(), asked.id, is_there=False)
    heals(till)
    print_all(till)
    (paper,) = [text for text in till.papers() if "Milk 1 l" in text]
    assert paper.splitlines()[0].strip() == "*** COPY 1 ***"
    with till.shop.store.read() as connection:
        rows = print_job.of_document(connection, "D1")
        events = [event["action"] for event in audit.about(connection, "D1")]
    assert [(row["state"], row["copy_number"]) for row in rows] == [
        ("replaced", 0), ("confirmed", 1),
    ]  # fmt: skip
    assert events == ["paper.missing"]


def test_an_idle_lane_writes_nothing(till: Counter) -> None:
    """What is known is asked for now and then, and written down when it is news."""
    till.print()
    with till.shop.store.read() as connection:
        before = connection.exec_driver_sql("PRAGMA data_version").scalar()
    for _ in range(20):
        till.print()
        till.shop.clock.sleep(1)
    questions = [row for row in till.machine.log.rows() if row["call"].startswith("status")]
    with till.shop.store.read() as connection:
        assert connection.exec_driver_sql("PRAGMA data_version").scalar() == before
    assert len(questions) <= 4 * 3
