"""The spool: paper once, proof before done, COPY on everything else, and no trouble hidden."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from pos_app.domain.permission import PermissionMissing
from pos_app.errors import DatabaseBusy, RecordNotFound
from pos_app.services import receipt, spool, spool_question, spool_work, status
from pos_app.services.sale import Posted
from pos_app.services.shop import Shop
from pos_app.services.spool import JobSettled, NotYetFiscalised
from pos_app.store import audit, print_job
from pos_app.store.engine import Store
from printing.layouts.slip import order_slip
from printing.outcome import Look, Outcome, OutcomeKind
from printing.slip import OrderSlip, SlipLine
from tests import shops
from tests.counter import Counter, counter

TROUBLES = ("paper_out", "cover_open", "offline", "unplug")
MIDDLE = 300


@pytest.fixture
def till(sqlite_store: Store) -> Counter:
    return counter(sqlite_store)


@pytest.fixture
def any_till(store: Store) -> Counter:
    return counter(store)


def sold(till: Counter, *codes: str, amount: str = "") -> Posted:
    """A sale that is filed and whose paper is queued."""
    posted = till.sell(*codes, amount=amount)
    till.file()
    return posted


def print_all(till: Counter, *, seconds: float = 600) -> None:
    """Passes whenever the lane says so, until nothing is queued or the time is over."""
    left = seconds
    while left > 0:
        worked = till.print()
        if worked.next_at is None:
            return
        wait = max((worked.next_at - till.shop.clock.now()).total_seconds(), 0.001)
        till.shop.clock.sleep(wait)
        left -= wait


def heals(till: Counter) -> None:
    till.machine.faults.replace([])
    till.shop.clock.sleep(30)
    till.machine.run()


def everywhere(till: Counter, fake: Any) -> Any:
    """A stand-in for the till's printer."""
    return {place.url: fake for place in till.shop.rules.printers}


class Fake:
    """A printer that is well and has nothing to say."""

    unfinished: str | None = None

    def print(self, job: bytes, job_id: str) -> Outcome:
        raise NotImplementedError

    def settle(self, job_id: str) -> Outcome | None:
        return None

    def look(self, *, max_age: float) -> Look | None:
        return Look(None)

    def give_up(self, job_id: str) -> None:
        raise NotImplementedError


def moved_to(shop: Shop, address: str) -> Shop:
    """The same shop with its printer at another address."""
    printers = (replace(shop.rules.printers[0], url=address),)
    return replace(shop, rules=replace(shop.rules, printers=printers))


def states(till: Counter, posted: Posted) -> list[tuple[str, int]]:
    return [(job["state"], job["copy_number"]) for job in till.jobs(posted)]


def originals(till: Counter, posted: Posted) -> list[str]:
    return [text for text in till.papers() if posted.receipt in text and "COPY" not in text]


def copies(till: Counter, posted: Posted) -> list[str]:
    return [text for text in till.papers() if posted.receipt in text and "COPY" in text]


def test_papers_come_out_once_and_in_order(any_till: Counter) -> None:
    till = any_till
    rows = [sold(till, code) for code in ("MILK", "BREAD", "BOOK")]
    worked = till.print()
    assert (worked.done, worked.waiting, worked.next_at, worked.problem) == (3, 0, None, "")
    assert till.print().done == 0
    papers = till.papers()
    assert [next(row.receipt for row in rows if row.receipt in text) for text in papers] == [
        row.receipt for row in rows
    ]
    assert all(states(till, row) == [("confirmed", 0)] for row in rows)
    assert receipt.lamps(till.shop, rows[0].sale_id).as_words()["printed"] == "done"


def test_a_row_says_started_before_the_first_byte(till: Counter) -> None:
    row = sold(till)
    seen: list[str] = []

    class Watching(Fake):
        def print(self, job: bytes, job_id: str) -> Outcome:
            seen.append(till.jobs(row)[0]["state"])
            return Outcome(kind=OutcomeKind.CONFIRMED, job_id=job_id)

    spool_work.work(till.shop, everywhere(till, Watching()))
    assert seen == ["started"]


@pytest.mark.parametrize("trouble", TROUBLES)
def test_trouble_before_the_first_byte_only_postpones(till: Counter, trouble: str) -> None:
    row = sold(till)
    till.jams(trouble)
    worked = till.print()
    (job,) = till.jobs(row)
    assert (job["state"], worked.waiting) == ("queued", 1)
    assert job["ended_at"] is None
    assert worked.next_at == job["try_at"]
    assert worked.problem == job["reason"] != ""
    assert status.status(till.shop).queues["printer"].problem == worked.problem
    assert receipt.show(till.shop, row.receipt).reasons["printed"] == worked.problem
    heals(till)
    print_all(till)
    assert len(originals(till, row)) == 1
    assert states(till, row) == [("confirmed", 0)]


def test_the_waits_grow_and_the_first_receipt_stays_the_first(till: Counter) -> None:
    rows = [sold(till, "BREAD") for _ in range(3)]
    till.jams("paper_out")
    waits = []
    for _ in range(4):
        before = till.shop.clock.now()
        worked = till.print()
        assert worked.next_at is not None
        waits.append(round((worked.next_at - before).total_seconds()))
        till.shop.clock.sleep((worked.next_at - till.shop.clock.now()).total_seconds())
    assert waits == sorted(waits)
    assert waits[0] < waits[-1]
    assert [till.jobs(row)[0]["attempts"] for row in rows] == [4, 0, 0]
    heals(till)
    print_all(till)
    found = [next(row.receipt for row in rows if row.receipt in text) for text in till.papers()]
    assert found == [row.receipt for row in rows]


@pytest.mark.parametrize("trouble", ["paper_out", "cover_open"])
def test_new_paper_brings_the_late_proof(till: Counter, trouble: str) -> None:
    row, behind = sold(till), sold(till, "BREAD")
    till.jams(trouble, bytes=MIDDLE)
    till.print()
    assert states(till, row)[0][0] == "unconfirmed"
    assert receipt.lamps(till.shop, row.sale_id).as_words()["printed"] == "failed"
    heals(till)
    print_all(till)
    assert states(till, row) == [("confirmed", 0)]
    assert len(originals(till, row)) == 1
    assert len(originals(till, behind)) == 1
    assert copies(till, row) == []


def test_a_cut_cable_asks_the_cashier_and_is_never_printed_again_by_itself(till: Counter) -> None:
    row = sold(till)
    till.jams("unplug", bytes=MIDDLE)
    till.print()
    assert states(till, row) == [("unconfirmed", 0)]
    heals(till)
    print_all(till)
    assert states(till, row) == [("unconfirmed", 0)]
    (asked,) = spool_question.unconfirmed(till.shop)
    assert (asked.document_id, asked.copy_number) == (row.sale_id, 0)
    assert asked.reason
    spool.answer(till.shop, shops.actor(), asked.id, is_there=False)
    print_all(till)
    assert states(till, row) == [("replaced", 0), ("confirmed", 1)]
    whole = [text for text in till.papers() if till.row(row)["verification_code"] in text]
    assert len(whole) == 1
    assert "COPY 1" in whole[0]
    with pytest.raises(JobSettled):
        spool.answer(till.shop, shops.actor(), asked.id, is_there=True)


def test_the_cashier_who_has_the_paper_ends_the_question(till: Counter) -> None:
    row = sold(till)
    till.jams("unplug", bytes=MIDDLE)
    till.print()
    heals(till)
    (asked,) = spool_question.unconfirmed(till.shop)
    spool.answer(till.shop, shops.actor(), asked.id, is_there=True)
    assert states(till, row) == [("confirmed", 0)]
    assert spool_question.unconfirmed(till.shop) == ()
    assert receipt.lamps(till.shop, row.sale_id).as_words()["printed"] == "done"
    with till.shop.store.read() as connection:
        actions = [event["action"] for event in audit.about(connection, row.sale_id)]
    assert actions == ["receipt.seen"]


class _Dead(BaseException):
    """The process is gone."""


class _Dying(Fake):
    """A printer whose till dies while it prints."""

    def __init__(self, till: Counter, *, is_printed: bool) -> None:
        self._till = till
        self._is_printed = is_printed

    def print(self, job: bytes, job_id: str) -> Outcome:
        if self._is_printed:
            self._till.printer.print(job, job_id)
        raise _Dead


@pytest.mark.parametrize("is_printed", [True, False])
@pytest.mark.parametrize("new_address", ["", "tcp://192.0.2.9:9100"])
def test_a_job_cut_off_by_a_restart_is_asked_about(
    till: Counter, *, is_printed: bool, new_address: str
) -> None:
    row, behind = sold(till), sold(till, "BREAD")
    with pytest.raises(_Dead):
        spool_work.work(till.shop, everywhere(till, _Dying(till, is_printed=is_printed)))
    assert states(till, row) == [("started", 0)]
    till.restart()
    if new_address:
        till.shop = moved_to(till.shop, new_address)
    assert spool_work.recover(till.shop) == 1
    assert spool_work.recover(till.shop) == 0
    print_all(till)
    assert states(till, row) == [("unconfirmed", 0)]
    assert len(originals(till, row)) == int(is_printed)
    assert states(till, behind) == [("confirmed", 0)], "the rest goes on"
    assert [asked.document_id for asked in spool_question.unconfirmed(till.shop)] == [row.sale_id]


def test_a_lane_that_could_not_write_the_end_down_finds_it_again(till: Counter) -> None:
    """The database was busy right after the paper came out; nobody restarts anything."""
    row = sold(till)
    with pytest.raises(DatabaseBusy):
        spool_work.work(_forgetful(till), till.printers)
    assert states(till, row) == [("started", 0)]
    till.print()
    assert states(till, row) == [("confirmed", 0)]
    assert len(till.papers()) == 1


def test_a_new_printer_takes_what_waited_for_the_old_one(till: Counter) -> None:
    row = sold(till)
    till.shop = moved_to(till.shop, "tcp://192.0.2.9:9100")
    worked = till.print()
    assert (worked.done, worked.waiting) == (1, 0)
    (job,) = till.jobs(row)
    assert (job["state"], job["printer"]) == ("confirmed", "tcp://192.0.2.9:9100")


def test_copies_are_numbered_and_the_original_is_one(till: Counter) -> None:
    row = sold(till)
    till.print()
    for _ in range(2):
        spool.reprint(till.shop, shops.actor(), row.receipt)
    print_all(till)
    assert states(till, row) == [("confirmed", 0), ("confirmed", 1), ("confirmed", 2)]
    assert [job["document_kind"] for job in till.jobs(row)] == ["receipt", "copy", "copy"]
    assert len(originals(till, row)) == 1
    assert ["COPY 1" in text for text in till.papers()] == [False, True, False]
    assert receipt.show(till.shop, row.receipt).copies == 2


def test_a_reprint_behind_a_waiting_original_is_a_copy(till: Counter) -> None:
    """No paper, and an impatient cashier: still one original and no second one unmarked."""
    row = sold(till)
    till.jams("paper_out")
    till.print()
    spool.reprint(till.shop, shops.actor(), row.receipt)
    heals(till)
    print_all(till)
    assert len(originals(till, row)) == 1
    assert len(copies(till, row)) == 1


def test_a_reprint_after_a_failed_original_is_the_original(till: Counter) -> None:
    rules = till.shop.rules
    till.shop = replace(till.shop, rules=replace(rules, paper=replace(rules.paper, logo=300)))
    row = sold(till)
    (failed,) = till.jobs(row)
    assert (failed["state"], failed["bytes"]) == ("failed", b"")
    assert "logo" in failed["reason"]
    assert receipt.lamps(till.shop, row.sale_id).as_words()["printed"] == "failed"
    till.shop = replace(till.shop, rules=rules)
    spool.reprint(till.shop, shops.actor(), row.receipt)
    print_all(till)
    assert len(originals(till, row)) == 1


def test_reprints_are_audited_and_need_leave(till: Counter) -> None:
    row = sold(till)
    till.print()
    with pytest.raises(PermissionMissing):
        spool.reprint(till.shop, shops.actor("stock"), row.receipt)
    job = spool.reprint(till.shop, shops.actor(), row.receipt)
    with till.shop.store.read() as connection:
        (event,) = [
            event
            for event in audit.about(connection, row.receipt)
            if event["action"] == "receipt.reprint"
        ]
    assert (event["actor"], event["details"]) == ("cashier", {"job": job, "copy": 1})


def test_what_is_not_filed_is_not_printed(till: Counter) -> None:
    posted = till.sell("MILK")
    with pytest.raises(NotYetFiscalised):
        spool.reprint(till.shop, shops.actor(), posted.receipt)
    with pytest.raises(RecordNotFound):
        spool.reprint(till.shop, shops.actor(), "T01-999999")
    with pytest.raises(RecordNotFound):
        spool.answer(till.shop, shops.actor(), "no-such-job", is_there=True)
    assert till.jobs(posted) == []


def queue_slip(till: Counter) -> str:
    slip = OrderSlip(
        shop="Sunrise Grocers",
        number="D1",
        till="T01",
        cashier="cashier",
        ordered_at=till.shop.clock.now(),
        lines=(SlipLine(name="Milk 1 l", quantity=Decimal(2)),),
    )
    with till.shop.store.write() as connection:
        return spool.queue(
            till.shop,
            connection,
            document_kind="slip",
            document_id="D1",
            number=0,
            make=lambda columns: order_slip(slip, columns),
        )


def test_other_papers_go_through_the_same_spool(till: Counter) -> None:
    job = queue_slip(till)
    till.print()
    with till.shop.store.read() as connection:
        row = print_job.by_id(connection, job)
    assert row is not None
    assert row["state"] == "confirmed"


def test_a_lost_slip_is_not_answered_with_a_receipt(till: Counter) -> None:
    job = queue_slip(till)
    till.jams("unplug", bytes=60)
    till.print()
    spool.answer(till.shop, shops.actor(), job, is_there=False)
    with till.shop.store.read() as connection:
        rows = print_job.of_document(connection, "D1")
    assert [(row["state"], row["document_kind"]) for row in rows] == [
        ("replaced", "slip"), ("queued", "slip"),
    ]  # fmt: skip


def test_a_pass_has_a_limit(till: Counter) -> None:
    for _ in range(3):
        sold(till, "BREAD")
    worked = spool_work.work(till.shop, till.printers, limit=2)
    assert (worked.done, worked.waiting) == (2, 1)
    assert worked.next_at is not None
    assert worked.next_at <= till.shop.clock.now() + timedelta(seconds=1)


def _forgetful(till: Counter) -> Any:
    """The till's shop, whose database is busy when the end of a print is to be written down."""
    store = till.shop.store

    class Failing:
        writes = 0
        read = staticmethod(store.read)

        @contextmanager
        def write(self) -> Any:
            self.writes += 1
            if self.writes > 1:
                raise DatabaseBusy(5)
            with store.write() as connection:
                yield connection

    return replace(till.shop, store=Failing())
