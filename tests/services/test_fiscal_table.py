"""The decision table of an unsettled receipt, row by row, on a device in this process.

Each test is one row of what may be done after asking the device; a receipt is only ever settled by
reading (production lessons L05, L06, L16).
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from fiscal.direct import DirectTransport
from fiscal.driver import Driver
from fiscal.errors import OutcomeUnknown, Unavailable
from fiscal.messages import BacklogRow, Filed, ReceiptRequest
from fiscal.simulator.proof import violations
from pos_app.domain.fiscal import Readiness
from pos_app.services import fiscal, fiscal_standing
from pos_app.services.sale import Posted
from pos_app.store.engine import Store
from tests.counter import SUBMIT, Counter, counter


@pytest.fixture
def till(sqlite_store: Store) -> Counter:
    return counter(sqlite_store)


def unknown(till: Counter, *, is_filed: bool) -> Posted:
    """A receipt whose answer was lost, with a device that cannot be asked for a while."""
    sold = till.sell("MILK")
    fault = "power_cut_after_commit" if is_filed else "power_cut_before_commit"
    till.breaks(fault, SUBMIT, seconds=5)
    till.file()
    assert till.state(sold) == "unknown"
    return sold


class _Device:
    """The driver of a till with one answer changed."""

    def __init__(self, till: Counter) -> None:
        self.driver = till.driver

    def __getattr__(self, name: str) -> Any:
        return getattr(self.driver, name)


def test_found_and_ours_is_adopted_with_its_record(till: Counter) -> None:
    sold = unknown(till, is_filed=True)
    till.file_all()
    row = till.row(sold)
    assert row["state"] == "fiscalised"
    (filed,) = till.box.ledger()["receipts"]
    assert (row["qr"], row["verification_code"]) == (filed["qr"], filed["verification_code"])
    assert (row["receipt_global_no"], row["filed_at"]) == (
        filed["receipt_global_no"],
        filed["date"],
    )
    assert till.calls(SUBMIT) == 1
    assert [job["copy_number"] for job in till.jobs(sold)] == [0]


@pytest.mark.parametrize(
    "change",
    [
        {"device_id": "99002"},
        {"kind": "credit"},
        {"currency": "ZWG"},
        {"total": Decimal("1.98")},
    ],
    ids=["another device", "another type", "another currency", "another total"],
)
def test_found_and_not_ours_stops_and_is_never_sent_again(
    till: Counter, change: dict[str, Any]
) -> None:
    sold = unknown(till, is_filed=True)
    till.shop.clock.sleep(60)

    class Knowing(_Device):
        def look_up(self, number: str) -> Filed | None:
            found = self.driver.look_up(number)
            return None if found is None else replace(found, **change)

    fiscal.work(till.shop, Knowing(till))
    assert till.state(sold) == "disputed"
    till.shop.clock.sleep(3600)
    till.file_all()
    assert till.calls(SUBMIT) == 1
    assert till.jobs(sold) == []


def test_missing_on_an_idle_device_that_did_not_move_is_sent_again_once(till: Counter) -> None:
    sold = unknown(till, is_filed=False)
    till.file_all()
    assert till.state(sold) == "fiscalised"
    assert (till.calls(SUBMIT), till.row(sold)["resends"]) == (2, 1)
    assert till.filed() == [sold.receipt]


def test_missing_and_in_the_backlog_is_waited_for(till: Counter) -> None:
    """The backlog holds the number although it cannot be looked up: it is being worked on."""
    sold = unknown(till, is_filed=False)
    till.shop.clock.sleep(60)

    class Working(_Device):
        def backlog(self, day: int) -> list[BacklogRow]:
            return [
                BacklogRow(
                    number=sold.receipt, amount=None, currency="USD", status="", created_at=""
                )
            ]

    worked = fiscal.work(till.shop, Working(till))
    assert (till.state(sold), till.calls(SUBMIT)) == ("unknown", 1)
    assert "still be at work" in worked.problem


def test_missing_on_a_device_that_restarts_meanwhile_is_asked_again(till: Counter) -> None:
    """Another boot id before and after the question: what it said in between proves nothing."""
    sold = unknown(till, is_filed=False)
    till.shop.clock.sleep(60)

    class Restarting(_Device):
        greetings = 0

        def hello(self) -> Any:
            self.greetings += 1
            return replace(self.driver.hello(), boot_id=f"boot {self.greetings}")

    fiscal.work(till.shop, Restarting(till))
    assert (till.state(sold), till.calls(SUBMIT)) == ("unknown", 1)
    till.file_all()
    assert till.filed() == [sold.receipt]


def test_missing_on_a_device_that_moves_meanwhile_is_asked_again(till: Counter) -> None:
    sold = unknown(till, is_filed=False)
    till.shop.clock.sleep(60)

    class Moving(_Device):
        greetings = 0

        def hello(self) -> Any:
            self.greetings += 1
            hello = self.driver.hello()
            moved = hello.last_receipt_global_no + (self.greetings > 2)
            return replace(hello, last_receipt_global_no=moved)

    fiscal.work(till.shop, Moving(till))
    assert (till.state(sold), till.calls(SUBMIT)) == ("unknown", 1)


def test_missing_on_a_device_without_boot_ids_is_believed_after_the_time_of_a_request(
    till: Counter,
) -> None:
    """Over HTTP nobody knows whether the request is still under way, until it must have ended."""
    sold = till.sell("MILK")

    class Nameless(_Device):
        is_lost = True

        def hello(self) -> Any:
            return replace(self.driver.hello(), boot_id="")

        def submit(self, request: Any) -> Filed:
            if self.is_lost:
                self.is_lost = False
                raise OutcomeUnknown("it did not answer in time")
            filed: Filed = self.driver.submit(request)
            return filed

    device = Nameless(till)
    waited = 0.0
    while till.state(sold) != "fiscalised":
        worked = fiscal.work(till.shop, device)
        if worked.next_at is not None:
            pause = (worked.next_at - till.shop.clock.now()).total_seconds()
            waited += pause
            till.shop.clock.sleep(pause)
    assert waited >= till.shop.rules.fiscal.quiet_seconds
    assert till.filed() == [sold.receipt]


def test_missing_and_moved_by_our_own_sales_is_sent_again(till: Counter) -> None:
    """The number moved, and every receipt in between is one of this till."""
    sold = unknown(till, is_filed=False)
    till.shop.clock.sleep(60)
    other = till.sell("BREAD")
    file_as_ours(till, other)
    till.file_all()
    assert till.state(sold) == "fiscalised"
    assert till.state(other) == "fiscalised"
    assert sorted(till.filed()) == [sold.receipt, other.receipt]
    assert set(till.box.ledger()["asked"].values()) == {1, 2}


def test_missing_and_moved_by_nobody_we_know_stops(till: Counter) -> None:
    sold = unknown(till, is_filed=False)
    till.shop.clock.sleep(60)
    till.file_elsewhere("T77-000001")
    till.file_all()
    assert till.state(sold) == "disputed"
    assert till.calls(SUBMIT) == 2, "ours once, the other's once"
    assert fiscal_standing.standing(till.shop).readiness is Readiness.BLOCKED


@pytest.mark.parametrize("trouble", ["init_error", "off", "port"])
def test_l05_no_answer_stays_unknown_blocks_what_is_behind_and_keeps_asking(
    till: Counter, trouble: str
) -> None:
    sold = unknown(till, is_filed=True)
    behind = till.sell("BREAD")
    till.shop.clock.sleep(60)

    class Mute(_Device):
        def look_up(self, number: str) -> Filed | None:
            if trouble == "init_error":
                raise Unavailable("init error")
            raise Unavailable("the port is closed" if trouble == "port" else "it is switched off")

    waits = []
    for _ in range(4):
        worked = fiscal.work(till.shop, Mute(till))
        assert worked.next_at is not None
        waits.append((worked.next_at - till.shop.clock.now()).total_seconds())
        till.shop.clock.sleep(waits[-1])
        assert (till.state(sold), till.state(behind)) == ("unknown", "intent")
    assert waits == sorted(waits)
    assert till.calls(SUBMIT) == 1
    till.file_all()
    assert till.filed() == [sold.receipt, behind.receipt]


def test_a_duplicate_refusal_is_looked_up_and_adopted(till: Counter) -> None:
    sold = till.sell("MILK")
    file_as_ours(till, sold)

    class Blind(_Device):
        """Hides from the search before sending, so that the sending itself meets the duplicate."""

        def hello(self) -> Any:
            return replace(self.driver.hello(), last_receipt_global_no=0)

    fiscal.work(till.shop, Blind(till))
    assert till.state(sold) == "fiscalised"
    assert till.filed() == [sold.receipt]
    assert till.calls(SUBMIT) == 2


def test_a_duplicate_refusal_over_another_sale_is_disputed(till: Counter) -> None:
    """The same number and the same total, and yet another sale: its mark in the comment tells."""
    sold = till.sell("MILK")
    twin = replace_mark(till.row(sold)["request"])
    Driver(DirectTransport(till.box, till.shop.clock)).submit(twin)
    till.file_all()
    assert till.state(sold) == "disputed"
    assert till.filed() == [sold.receipt]
    assert till.jobs(sold) == []


def test_another_refusal_uses_no_number_and_blocks_nobody(till: Counter) -> None:
    first, second = till.sell("MILK"), till.sell("BREAD")

    class Refusing(_Device):
        def submit(self, request: Any) -> Filed:
            if request.number == first.receipt:
                request = replace(request, comment=" ")
            filed: Filed = self.driver.submit(request)
            return filed

    fiscal.work(till.shop, Refusing(till))
    assert (till.state(first), till.state(second)) == ("refused", "fiscalised")
    assert till.row(second)["receipt_global_no"] == 1
    assert violations(till.box.ledger()) == []


def file_as_ours(till: Counter, sold: Posted) -> None:
    """The device files exactly what the till would ask, and nobody writes it down."""
    request = ReceiptRequest.from_json(till.row(sold)["request"])
    Driver(DirectTransport(till.box, till.shop.clock)).submit(request)


def replace_mark(text: str) -> Any:
    request = ReceiptRequest.from_json(text)
    head, _, _ = request.comment.rpartition(" ")
    return replace(request, comment=f"{head} 0123456789ab")
