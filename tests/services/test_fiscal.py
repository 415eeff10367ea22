"""Filing on the device: each receipt once, every doubt settled by reading alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import update

from fiscal.direct import DirectTransport
from fiscal.driver import Driver
from fiscal.errors import OutcomeUnknown, Unavailable
from fiscal.messages import Filed, Hello, ReceiptRequest
from fiscal.simulator.proof import violations
from pos_app.domain.fiscal import FiscalBacklogFull, FiscalStopped, Readiness
from pos_app.errors import DatabaseBusy
from pos_app.services import (
    basket,
    fiscal,
    fiscal_settle,
    fiscal_standing,
    receipt,
    sale,
    shift,
    status,
    tender,
)
from pos_app.services.sale import Posted
from pos_app.store import audit
from pos_app.store import fiscal as journal
from pos_app.store.engine import Store
from sandbox.fault import Fault
from tests import shops
from tests.counter import LOOK_UP, SUBMIT, Counter, counter
from tests.fiscal.samples import make_box

LOSING = (
    "commit_then_silence",
    "power_cut_after_commit",
    "power_cut_mid_reply",
    "flip_byte",
    "old_reply",
    "qr_empty",
    "data_empty",
    "data_string",
    "code_number",
)
NOT_FILING = ("drop_before", "power_cut_before_commit", "nak")


@pytest.fixture
def till(sqlite_store: Store) -> Counter:
    return counter(sqlite_store)


@pytest.fixture
def any_till(store: Store) -> Counter:
    return counter(store)


def assert_adopted_once(till: Counter, *sold: Posted) -> None:
    """Filed once, in order; one original paper and one envelope each; the device's chain holds."""
    assert till.filed() == [posted.receipt for posted in sold]
    assert violations(till.box.ledger()) == []
    for posted in sold:
        row = till.row(posted)
        assert row["state"] == "fiscalised"
        assert [job["copy_number"] for job in till.jobs(posted)] == [0]
        assert [job["document_kind"] for job in till.jobs(posted)] == ["receipt"]
        assert len(till.told(posted)) == 1
        filed = next(r for r in till.box.ledger()["receipts"] if r["number"] == posted.receipt)
        assert (row["receipt_global_no"], row["filed_at"]) == (
            filed["receipt_global_no"],
            filed["date"],
        )
        assert row["qr"]
        assert row["fiscal_day"] == filed["fiscal_day"]


def test_what_was_sold_is_filed_in_order(any_till: Counter) -> None:
    till = any_till
    sold = [till.sell("MILK"), till.sell("BREAD", "BOOK"), till.sell("BANANA")]
    worked = till.file()
    assert (worked.done, worked.waiting, worked.next_at, worked.problem) == (3, 0, None, "")
    assert_adopted_once(till, *sold)
    assert till.calls(LOOK_UP) == 0


def test_nothing_to_file_asks_the_device_nothing(till: Counter) -> None:
    assert till.file().waiting == 0
    assert till.box.log.rows() == []


def test_a_zig_sale_is_filed_under_the_authoritys_code(till: Counter) -> None:
    sold = till.sell("MILK", currency="ZIG")
    till.file()
    assert till.state(sold) == "fiscalised"
    (filed,) = till.box.ledger()["receipts"]
    assert (filed["currency"], Decimal(filed["total"])) == ("ZWG", sold.total.amount)


@pytest.mark.parametrize("fault", LOSING)
def test_l05_a_lost_or_damaged_reply_is_adopted_once(till: Counter, fault: str) -> None:
    first = till.sell("MILK")
    till.file()
    second, third = till.sell("BREAD"), till.sell("BOOK")
    till.breaks(fault, SUBMIT)
    till.file_all()
    assert_adopted_once(till, first, second, third)
    assert till.box.ledger()["asked"][second.receipt] == 1


@pytest.mark.parametrize("fault", NOT_FILING)
def test_what_never_reached_the_device_is_sent_again_once(till: Counter, fault: str) -> None:
    first, second = till.sell("MILK"), till.sell("BREAD")
    till.breaks(fault, SUBMIT)
    till.file_all()
    assert_adopted_once(till, first, second)
    assert till.row(first)["resends"] == 1
    assert till.row(second)["resends"] == 0


def test_a_lost_reply_and_then_a_dead_line_wait_and_hold_back_the_rest(any_till: Counter) -> None:
    till = any_till
    first, second = till.sell("MILK"), till.sell("BREAD")
    till.breaks("power_cut_after_commit", SUBMIT, seconds=40)
    worked = till.file()
    assert (worked.done, worked.waiting) == (0, 2)
    assert worked.problem
    assert (till.state(first), till.state(second)) == ("unknown", "intent")
    assert worked.next_at == till.shop.clock.now() + timedelta(seconds=1)
    asked = till.calls("")
    assert till.file().done == 0, "not before it is time"
    assert till.calls("") == asked
    till.file_all()
    assert_adopted_once(till, first, second)


def test_the_wait_grows_while_nothing_answers(till: Counter) -> None:
    sold = till.sell("MILK")
    till.driver = Driver(_Off())
    waits = []
    for _ in range(8):
        worked = till.file()
        assert worked.next_at is not None
        waits.append((worked.next_at - till.shop.clock.now()).total_seconds())
        till.shop.clock.sleep(waits[-1])
    assert waits == [1, 2, 5, 10, 20, 30, 30, 30]
    assert till.row(sold)["reason"]
    assert till.filed() == []


def test_a_duplicate_of_our_own_is_looked_up_and_adopted(till: Counter) -> None:
    """A database of before the sale was filed: the device knows the number already."""
    sold = till.sell("MILK")
    till.file()
    forget(till, sold)
    till.file()
    assert till.filed() == [sold.receipt]
    assert till.state(sold) == "fiscalised"
    assert (till.calls(SUBMIT), till.calls(LOOK_UP)) == (2, 1)


@pytest.mark.parametrize(
    ("price", "currency"), [("1.98", "USD"), ("1.99", "ZWG")], ids=["total", "currency"]
)
def test_a_number_taken_by_somebody_else_is_disputed(
    till: Counter, price: str, currency: str
) -> None:
    till.file_elsewhere("T01-000001", price=price, currency=currency)
    first, second = till.sell("MILK"), till.sell("BREAD")
    worked = till.file_all()
    assert till.state(first) == "disputed"
    assert till.state(second) == "fiscalised", "others go on"
    assert till.box.ledger()["asked"] == {first.receipt: 2, second.receipt: 1}
    assert till.filed() == ["T01-000001", second.receipt]
    assert till.jobs(first) == []
    assert [told["kind"] for told in till.told(first)] == ["fiscal"]
    reason = till.row(first)["reason"]
    assert "supervisor" in reason
    assert price in reason
    assert worked.waiting == 0
    assert till.shop_says(reason)
    assert actions(till, first.receipt) == ["sale.post", "fiscal.dispute"]
    till.shop.clock.sleep(3600)
    till.restart()
    till.file_all()
    assert till.box.ledger()["asked"][first.receipt] == 2, "nothing is sent again"


@pytest.mark.parametrize("currency", ["ZAR", "", "EURO"])
def test_a_record_in_a_strange_currency_is_disputed(till: Counter, currency: str) -> None:
    sold = till.sell("MILK")
    worked = fiscal.work(till.shop, _Knowing(till, currency=currency))
    assert (till.state(sold), worked.waiting) == ("disputed", 0)


@pytest.mark.parametrize("total", [Decimal("1.985"), Decimal("1.99001"), None])
def test_a_record_over_an_impossible_total_is_disputed(
    till: Counter, total: Decimal | None
) -> None:
    sold = till.sell("MILK")
    fiscal.work(till.shop, _Knowing(till, total=total))
    assert till.state(sold) == "disputed"


def test_a_credit_note_under_our_number_is_disputed(till: Counter) -> None:
    sold = till.sell("MILK")
    fiscal.work(till.shop, _Knowing(till, kind="credit"))
    assert till.state(sold) == "disputed"


def test_the_receipt_of_a_sister_device_is_disputed(till: Counter) -> None:
    sold = till.sell("MILK")
    till.box.faults.replace(
        [
            fault_of("commit_then_silence", SUBMIT),
            fault_of("foreign_receipt", LOOK_UP),
        ]
    )
    till.file_all()
    assert till.state(sold) == "disputed"
    assert till.calls(SUBMIT) == 1
    assert "99002" in till.row(sold)["reason"]


@pytest.mark.parametrize(
    "change", [{"total": Decimal("1.98")}, {"currency": "ZWG"}, {"kind": "credit"}]
)
def test_an_answer_about_something_else_is_never_adopted(
    till: Counter, change: dict[str, Any]
) -> None:
    """The device says yes at once, but not to what it was asked."""
    sold = till.sell("MILK")
    fiscal.work(till.shop, _Answering(till, **change))
    assert till.state(sold) == "disputed"
    assert till.jobs(sold) == []


def test_a_device_moved_by_nobody_we_know_is_not_written_to(till: Counter) -> None:
    first, second = till.sell("MILK"), till.sell("BREAD")
    till.breaks("drop_before", SUBMIT)
    till.driver = Driver(_Intruded(till))
    till.file_all()
    assert till.state(first) == "disputed"
    assert "does not know of" in till.row(first)["reason"]
    assert till.box.ledger()["asked"][first.receipt] == 1
    assert till.state(second) == "intent", "nothing goes out before somebody has looked"
    assert "global number 1" in till.row(second)["reason"]
    with pytest.raises(FiscalStopped):
        till.sell("MILK")
    fiscal_settle.accept_device(till.shop, shops.actor("manager"), reason="the shop next door")
    till.file_all()
    assert till.state(second) == "fiscalised"
    assert till.filed() == ["T77-000001", second.receipt]


def test_another_device_on_the_cable_is_not_written_to(till: Counter) -> None:
    sold = till.sell("MILK")
    till.breaks("power_cut_before_commit", SUBMIT, seconds=30)
    till.file()
    assert till.state(sold) == "unknown"
    other = counter_box(till, device_id="99555")
    till.box = other
    till.restart()
    till.file_all()
    assert till.state(sold) == "disputed"
    assert till.filed() == []


def test_a_replaced_device_gets_what_was_never_sent(sqlite_store: Store) -> None:
    """New address, new box: receipts that never left are not forgotten with the old one."""
    till = counter(sqlite_store)
    first = till.sell("MILK")
    rules = till.shop.rules
    till.shop = replace(
        till.shop,
        rules=replace(rules, fiscal=replace(rules.fiscal, device="http://192.0.2.10:8001")),
    )
    second = till.sell("BREAD")
    worked = till.file()
    assert worked.waiting == 0
    assert_adopted_once(till, first, second)


def test_a_closed_day_is_opened_first(till: Counter) -> None:
    till.driver.close_day()
    sold = till.sell("MILK")
    worked = till.file()
    assert (worked.done, worked.waiting) == (1, 0)
    assert till.state(sold) == "fiscalised"
    assert till.row(sold)["fiscal_day"] == 2
    assert actions(till, "T01") == ["fiscal.open_day"]


def test_a_day_past_its_legal_length_is_closed_and_a_new_one_opened(till: Counter) -> None:
    first = till.sell("MILK")
    till.file()
    till.shop.clock.sleep(25 * 3600)
    second = till.sell("MILK")
    worked = till.file()
    assert (worked.done, worked.waiting) == (1, 0)
    assert [till.row(posted)["fiscal_day"] for posted in (first, second)] == [1, 2]
    assert [day["status"] for day in till.box.ledger()["days"]] == [
        "FiscalDayClosed",
        "FiscalDayOpened",
    ]
    assert actions(till, "T01") == ["fiscal.close_day", "fiscal.open_day"]


def test_a_day_that_closes_between_greeting_and_filing_is_opened(till: Counter) -> None:
    sold = till.sell("MILK")
    till.driver = Driver(_ClosingAfterHello(till))
    till.file_all()
    assert till.state(sold) == "fiscalised"
    assert till.filed() == [sold.receipt]


@pytest.mark.parametrize("fault", ["commit_then_silence", "drop_before"])
def test_the_lost_answer_to_opening_a_day_toggles_it_once(till: Counter, fault: str) -> None:
    till.driver.close_day()
    sold = till.sell("MILK")
    till.breaks(fault, "GET ZReport")
    till.file_all()
    assert till.state(sold) == "fiscalised"
    assert [day["status"] for day in till.box.ledger()["days"]] == [
        "FiscalDayClosed",
        "FiscalDayOpened",
    ]


def test_a_day_that_does_not_open_is_waited_for_and_not_toggled_to_and_fro(till: Counter) -> None:
    sold = till.sell("MILK")
    device = _NeverOpen(till)
    worked = fiscal.work(till.shop, device)
    assert device.opened == 1
    assert worked.next_at is not None
    assert till.state(sold) == "intent"


@pytest.mark.parametrize("fault", ["init_error", "certificate_expired"])
def test_a_device_that_is_not_well_is_waited_for(till: Counter, fault: str) -> None:
    first, second = till.sell("MILK"), till.sell("BREAD")
    till.breaks(fault, SUBMIT, times=3)
    worked = till.file()
    assert (worked.done, worked.waiting) == (0, 2)
    assert worked.problem
    assert (till.state(first), till.state(second)) == ("intent", "intent")
    till.file_all()
    assert_adopted_once(till, first, second)


def test_a_refused_receipt_is_named_and_does_not_block(till: Counter) -> None:
    first, second = till.sell("MILK"), till.sell("BREAD")
    spoil(till, first)
    worked = till.file_all()
    assert till.state(first) == "refused"
    assert "lines add up" in till.row(first)["reason"]
    assert till.state(second) == "fiscalised"
    assert till.filed() == [second.receipt]
    assert worked.waiting == 0
    assert till.jobs(first) == []
    assert len(till.told(first)) == 1
    assert receipt.lamps(till.shop, first.sale_id).as_words()["fiscalised"] == "refused"
    assert till.shop_says(till.row(first)["reason"])


@pytest.mark.parametrize("is_filed", [True, False])
def test_a_row_left_in_sent_is_looked_up_before_anything_else(
    till: Counter, *, is_filed: bool
) -> None:
    """The till died after it said SENT: with the request on its way, or before its first byte."""
    sold = till.sell("MILK")
    with pytest.raises(_Dead):
        fiscal.work(till.shop, _Dying(till, is_filed=is_filed))
    assert till.state(sold) == "sent"
    till.restart()
    calls_before = till.calls("")
    till.file_all()
    after = [row["call"] for row in till.box.log.rows()[calls_before:]]
    assert after[0] == LOOK_UP
    assert_adopted_once(till, sold)
    assert till.box.ledger()["asked"][sold.receipt] == 1


def test_dying_before_the_answer_is_stored_costs_nothing(till: Counter) -> None:
    """The reply has arrived, and the till dies before it can write it down."""
    sold = till.sell("MILK")
    device = till.driver
    with pytest.raises(DatabaseBusy):
        fiscal.work(_forgetful(till), device)
    assert till.state(sold) == "sent"
    till.restart()
    till.file_all()
    assert_adopted_once(till, sold)


def test_a_device_that_loses_everything_ends_with_a_person(till: Counter) -> None:
    first = till.sell("MILK")
    till.breaks("drop_before", SUBMIT, times=100)
    till.file_all()
    assert till.state(first) == "disputed"
    assert "keeps losing" in till.row(first)["reason"]
    assert till.box.ledger()["asked"][first.receipt] == 1 + fiscal.RESENDS_MAX
    assert till.filed() == []


def test_a_late_commit_after_the_resend_is_still_one_receipt(till: Counter) -> None:
    """The device said "not found" and filed it after all: the second sending is a duplicate."""
    sold = till.sell("MILK")
    till.driver = Driver(_Late(till))
    till.file_all()
    assert_adopted_once(till, sold)


def test_a_slow_device_is_waited_for(till: Counter) -> None:
    sold = till.sell("MILK")
    till.breaks("busy", SUBMIT, seconds=120)
    till.file_all()
    assert_adopted_once(till, sold)


def test_a_terse_device_is_read_back(sqlite_store: Store) -> None:
    till = counter(sqlite_store, device={"is_terse": True})
    sold = till.sell("MILK")
    till.file()
    assert_adopted_once(till, sold)
    till.print()
    assert len(till.papers()) == 1


def test_the_paper_is_of_the_stored_record_alone(till: Counter) -> None:
    sold = till.sell("MILK", amount="5")
    till.file()
    till.print()
    (paper,) = till.papers()
    row = till.row(sold)
    assert row["qr"] in paper
    assert row["verification_code"] in paper
    assert "COPY" not in paper
    assert sold.receipt in paper


def test_without_a_printer_nothing_is_queued(sqlite_store: Store) -> None:
    till = counter(sqlite_store, printers=())
    sold = till.sell("MILK")
    till.file()
    assert till.state(sold) == "fiscalised"
    assert till.jobs(sold) == []
    assert len(till.told(sold)) == 1


@pytest.mark.parametrize("lost", ["tender_types", "taxes"])
def test_paper_that_cannot_be_made_does_not_unmake_the_record(
    sqlite_store: Store, lost: str
) -> None:
    """The shop no longer knows a tender or a tax the sale was made with."""
    till = counter(sqlite_store)
    sold = till.sell("MILK")
    gone: Any = () if lost == "tender_types" else {}
    till.shop = replace(till.shop, rules=replace(till.shop.rules, **{lost: gone}))
    till.file()
    assert till.state(sold) == "fiscalised"
    (job,) = till.jobs(sold)
    assert job["state"] == "failed"
    assert job["reason"].endswith(".")
    assert len(till.told(sold)) == 1


def test_work_stops_at_its_limit_and_goes_on_next_time(till: Counter) -> None:
    sold = [till.sell("BREAD") for _ in range(4)]
    worked = fiscal.work(till.shop, till.driver, limit=3)
    assert (worked.done, worked.waiting) == (3, 1)
    assert worked.next_at is None
    fiscal.work(till.shop, till.driver, limit=3)
    assert_adopted_once(till, *sold)


def test_what_is_told_to_the_server_is_the_record(till: Counter) -> None:
    sold = till.sell("MILK")
    till.file()
    (told,) = till.told(sold)
    row = till.row(sold)
    data = json.loads(told["payload"])
    figures = data.pop("reply")["data"]["receipt"]
    assert figures["receipttotal"] == str(sold.total.amount)
    assert {name: data[name] for name in data} == {name: row[name] for name in data}
    assert {"sale_id", "number", "state", "qr", "receipt_global_no", "fiscal_day"} <= set(data)
    assert told["stream"] == f"sale:{sold.sale_id}"


def test_the_status_shows_what_waits_and_what_is_wrong(till: Counter) -> None:
    till.sell("MILK")
    till.shop.clock.sleep(90)
    queue = status.status(till.shop).queues["fiscal"]
    assert (queue.waiting, queue.oldest_seconds) == (1, 90)


@pytest.fixture
def strict(store: Store) -> Counter:
    """A shop where three receipts may wait, for two hours."""
    till = counter(store)
    rules = till.shop.rules
    limits = replace(rules.fiscal, deferred_count=3, deferred_hours=2)
    till.shop = replace(till.shop, rules=replace(rules, fiscal=limits))
    return till


def test_selling_goes_on_without_the_device_up_to_the_limit(strict: Counter) -> None:
    till = strict
    assert fiscal_standing.standing(till.shop).readiness is Readiness.READY
    till.driver = Driver(_Off())
    sold = []
    for waiting in range(1, 4):
        sold.append(till.sell("MILK"))
        till.file()
        now = fiscal_standing.standing(till.shop)
        assert (now.waiting, now.most, now.hours) == (waiting, 3, 2)
        assert "switched off" in now.reason
        wanted = Readiness.DEGRADED if waiting < 3 else Readiness.BLOCKED
        assert now.readiness is wanted
    with pytest.raises(FiscalBacklogFull) as refused:
        till.sell("MILK")
    assert "3 receipts" in refused.value.sentence
    assert shift.x(till.shop, shops.actor()).sale_count == 3
    till.restart()
    till.file_all()
    assert fiscal_standing.standing(till.shop).readiness is Readiness.READY
    sold.append(till.sell("MILK"))
    till.file()
    assert_adopted_once(till, *sold)


def test_an_old_receipt_alone_stops_selling_and_a_replay_is_still_answered(
    strict: Counter,
) -> None:
    till = strict
    actor = shops.actor()
    made = basket.add(till.shop, actor, basket.start(till.shop, actor), "MILK")
    paid = [tender.make(till.shop, "cash", made.total)]
    first = sale.post(till.shop, actor, made, paid)
    till.shop.clock.sleep(2 * 3600)
    till.sell("MILK")
    till.shop.clock.sleep(1)
    with pytest.raises(FiscalBacklogFull):
        till.sell("MILK")
    now = fiscal_standing.standing(till.shop)
    assert (now.readiness, now.waiting, now.oldest_seconds) == (Readiness.BLOCKED, 2, 7201)
    again = sale.post(till.shop, actor, made, paid)
    assert (again.receipt, again.replayed) == (first.receipt, True)


def test_what_a_person_has_to_settle_does_not_stop_selling(strict: Counter) -> None:
    till = strict
    for _ in range(4):
        spoil(till, till.sell("MILK"))
        till.file()
    till.shop.clock.sleep(3 * 3600)
    assert fiscal_standing.standing(till.shop).readiness is Readiness.READY
    till.sell("MILK")


def test_a_shop_without_a_device_is_always_ready(sqlite_store: Store) -> None:
    till = counter(sqlite_store)
    rules = till.shop.rules
    none = replace(rules.fiscal, is_required=False, deferred_count=0, deferred_hours=0)
    till.shop = replace(till.shop, rules=replace(rules, fiscal=none))
    till.sell("MILK")
    till.sell("MILK")
    assert fiscal_standing.standing(till.shop).readiness is Readiness.READY


def test_a_lane_that_is_not_there_is_noticed(till: Counter) -> None:
    till.sell("MILK")
    till.shop.clock.sleep(31)
    assert fiscal_standing.standing(till.shop).readiness is Readiness.DEGRADED


class _Off:
    """A transport to a device that is switched off."""

    def hello(self, *, timeout: float) -> Any:
        raise Unavailable("it is switched off")

    def request(self, *_: Any, **__: Any) -> Any:
        raise Unavailable("it is switched off")

    def close(self) -> None:
        pass


class _Dead(BaseException):
    """The process is gone."""


class _Wrapped:
    """The driver of a till, with one thing about it changed."""

    def __init__(self, till: Counter) -> None:
        self._driver = till.driver

    def hello(self) -> Hello:
        return self._driver.hello()

    def submit(self, request: ReceiptRequest) -> Filed:
        return self._driver.submit(request)

    def look_up(self, number: str) -> Filed | None:
        return self._driver.look_up(number)

    def day_status(self) -> Any:
        return self._driver.day_status()

    def backlog(self, day: int) -> Any:
        return self._driver.backlog(day)

    def open_day(self) -> Any:
        return self._driver.open_day()

    def close_day(self) -> Any:
        return self._driver.close_day()


class _Answering(_Wrapped):
    """Files what it is asked and answers with something else in the record."""

    def __init__(self, till: Counter, **change: Any) -> None:
        super().__init__(till)
        self._change = change

    def submit(self, request: ReceiptRequest) -> Filed:
        return replace(self._driver.submit(request), **self._change)


class _Knowing(_Wrapped):
    """Loses every answer and shows a strange record when it is asked."""

    def __init__(self, till: Counter, **change: Any) -> None:
        super().__init__(till)
        self._change = change

    def submit(self, request: ReceiptRequest) -> Filed:
        self._driver.submit(request)
        raise OutcomeUnknown("it went silent")

    def look_up(self, number: str) -> Filed | None:
        found = self._driver.look_up(number)
        return None if found is None else replace(found, **self._change)


class _Dying(_Wrapped):
    """The till dies while the request is on its way."""

    def __init__(self, till: Counter, *, is_filed: bool) -> None:
        super().__init__(till)
        self._is_filed = is_filed

    def submit(self, request: ReceiptRequest) -> Filed:
        if self._is_filed:
            self._driver.submit(request)
        raise _Dead


class _NeverOpen(_Wrapped):
    """Says yes to opening the day and leaves it closed."""

    opened = 0

    def hello(self) -> Hello:
        return replace(super().hello(), is_day_open=False)

    def open_day(self) -> Any:
        self.opened += 1
        return replace(super().open_day(), is_open=False)


class _Direct(DirectTransport):
    """The way to the box, with something happening on it."""

    def __init__(self, till: Counter) -> None:
        super().__init__(till.box, till.shop.clock)
        self._till = till
        self._is_over = False


class _Intruded(_Direct):
    """Somebody else files on the device while our request is lost."""

    def request(self, op: Any, body: Any = None, *, timeout: float) -> Any:
        if op == "TransactM" and not self._is_over:
            self._is_over = True
            try:
                return super().request(op, body, timeout=timeout)
            finally:
                self._till.file_elsewhere("T77-000001")
        return super().request(op, body, timeout=timeout)


class _ClosingAfterHello(_Direct):
    """The day is closed by hand in the moment after the device was greeted."""

    def request(self, op: Any, body: Any = None, *, timeout: float) -> Any:
        if op == "TransactM" and not self._is_over:
            self._is_over = True
            super().request("ZReport", timeout=timeout)
        return super().request(op, body, timeout=timeout)


class _Late(_Direct):
    """Answers nothing, says "not found", and only then commits."""

    def __init__(self, till: Counter) -> None:
        super().__init__(till)
        self._pending: Any = None

    def request(self, op: Any, body: Any = None, *, timeout: float) -> Any:
        if op == "TransactM" and not self._is_over:
            self._is_over = True
            self._pending = body
            raise OutcomeUnknown("it did not answer in time")
        if op == "TransactM" and self._pending is not None:
            late, self._pending = self._pending, None
            super().request(op, late, timeout=timeout)
        return super().request(op, body, timeout=timeout)


def fault_of(do: str, on: str, **how: Any) -> Any:
    return Fault(do=do, on=on, **how)


def counter_box(till: Counter, **settings: Any) -> Any:
    return make_box(till.shop.clock, **settings)


def forget(till: Counter, sold: Posted) -> None:
    """As in a backup of before: the intent stands, nothing of what came after it."""
    table = journal.fiscal_journal
    values = dict.fromkeys(("baseline", "reply", "qr", "receipt_global_no", "device_id"))
    with till.shop.store.write() as connection:
        connection.execute(
            update(table).where(table.c.sale_id == sold.sale_id).values(state="intent", **values)
        )


def spoil(till: Counter, sold: Posted) -> None:
    """A request that cannot be filed as it stands."""
    table = journal.fiscal_journal
    wrong = till.row(sold)["request"].replace('"total":"1.99"', '"total":"2.99"')
    with till.shop.store.write() as connection:
        connection.execute(
            update(table).where(table.c.sale_id == sold.sale_id).values(request=wrong)
        )


def actions(till: Counter, subject: str) -> list[str]:
    with till.shop.store.read() as connection:
        found = [row["action"] for row in audit.about(connection, subject)]
    return [action for action in found if action != "shift.open"]


def _forgetful(till: Counter) -> Any:
    """The till's shop, whose disk fails when the device's answer is to be written down."""
    store = till.shop.store

    class Failing:
        read: Callable[..., Any] = staticmethod(store.read)

        @contextmanager
        def write(self) -> Any:
            if till.filed():
                raise DatabaseBusy(5)
            with store.write() as connection:
                yield connection

    return replace(till.shop, store=Failing())
