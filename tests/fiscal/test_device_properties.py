"""Whatever happens to a box: gapless numbers, one chain per day, counters and books that agree."""

from __future__ import annotations

import contextlib
from collections import Counter as Count
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from fiscal import wire
from fiscal.chain import hash_of
from fiscal.errors import FiscalError
from fiscal.messages import ReceiptLine
from fiscal.profile import PERCENT
from fiscal.simulator.box import Box
from fiscal.simulator.counters import Counters, counter_of
from fiscal.simulator.fault import KNOWN
from fiscal.simulator.figures import GROSS
from fiscal.simulator.proof import violations
from fiscal.simulator.receipt import from_dict
from sandbox.fault import Fault
from tests.fiscal.samples import VirtualClock, line, make_box, request

LINES = st.lists(
    st.builds(
        lambda price, quantity, tax_id: line(price=price, quantity=quantity, tax_id=tax_id),
        st.decimals("0.01", "999", places=4).map(str),
        st.decimals("1", "99", places=3).map(str),
        st.sampled_from(["1", "2", "3"]),
    ),
    min_size=1,
    max_size=4,
)


@dataclass(frozen=True)
class Sell:
    lines: tuple[ReceiptLine, ...]
    currency: str


@dataclass(frozen=True)
class Note:
    kind: str
    about: int
    percent: int


@dataclass(frozen=True)
class Do:
    """An operation, or a change of the world."""

    what: str
    value: Any = None


STEPS = st.one_of(
    st.builds(Sell, LINES.map(tuple), st.sampled_from(["USD", "ZWG"])),
    st.builds(Note, st.sampled_from(["credit", "debit"]), st.integers(0, 9), st.integers(1, 150)),
    st.builds(Do, st.just("toggle")),
    st.builds(Do, st.just("network"), st.booleans()),
    st.builds(Do, st.just("wait"), st.integers(0, 4000)),
    st.builds(Do, st.just("fault"), st.sampled_from(sorted(KNOWN))),
)


class Day:
    """A box and a till that sends each number once, whatever it hears."""

    def __init__(self) -> None:
        self.clock = VirtualClock()
        self.box: Box = make_box(self.clock)
        self.sent = 0

    def take(self, step: Sell | Note | Do) -> None:
        with contextlib.suppress(FiscalError):
            if isinstance(step, Sell):
                self.send(list(step.lines), currency=step.currency)
            elif isinstance(step, Note):
                self.note(step)
            else:
                self.do(step)

    def note(self, step: Note) -> None:
        filed = [row for row in self.box.ledger()["receipts"] if row["type"] == "FiscalInvoice"]
        if not filed:
            return
        about = filed[step.about % len(filed)]
        part = (Decimal(about["total"]) * step.percent / 100).quantize(Decimal("0.01"))
        if part:
            tax = {515: "1", 2: "2", 1: "3"}[about["taxes"][0]["tax_id"]]
            row = line(price=str(part), quantity="1", tax_id=tax)
            currency, number = about["currency"], about["number"]
            self.send([row], kind=step.kind, original=number, currency=currency)

    def do(self, step: Do) -> None:
        if step.what == "toggle":
            self.box.answer("ZReport")
        elif step.what == "network":
            self.box.change({"network": step.value})
        elif step.what == "wait":
            self.clock.sleep(step.value)
        else:
            self.box.faults.replace([Fault(do=step.value, on="POST", seconds=1)])

    def send(self, lines: list[ReceiptLine], **more: Any) -> None:
        self.sent += 1
        asked = request(f"N-{self.sent:03d}", *lines, **more)
        self.box.answer("TransactM", wire.transact_body(asked, PERCENT))

    def end(self) -> dict[str, Any]:
        """The ledger once the power is on and everything is delivered."""
        self.box.faults.replace([])
        self.clock.sleep(60)
        self.box.change({"network": True})
        return self.box.ledger()


def check_chain(receipts: list[dict[str, Any]]) -> None:
    """Gapless, and each hash is over its text with the hash before it at the end."""
    assert [row["receipt_global_no"] for row in receipts] == list(range(1, len(receipts) + 1))
    days: Count[int] = Count()
    before: dict[str, Any] | None = None
    for row in receipts:
        days[row["fiscal_day"]] += 1
        assert row["receipt_counter"] == days[row["fiscal_day"]]
        is_first = before is None or before["fiscal_day"] != row["fiscal_day"]
        previous = "" if is_first or before is None else before["hash"]
        assert row["previous_hash"] == previous
        assert row["text"].endswith(previous)
        assert row["hash"] == hash_of(row["text"])
        before = row


def check_counters(ledger: dict[str, Any]) -> None:
    """Counters follow from the receipts, and what was sold is what was paid."""
    for day in ledger["days"]:
        mine = [row for row in ledger["receipts"] if row["fiscal_day"] == day["number"]]
        stored = [counter_of(row) for row in day["counters"]]
        assert stored == Counters(map(from_dict, mine)).rows()
        for currency in ("USD", "ZWG"):
            rows = [row for row in stored if row.currency == currency]
            sales = sum((row.value for row in rows if row.type in GROSS), Decimal(0))
            balance = sum((row.value for row in rows if row.money is not None), Decimal(0))
            totals = [Decimal(row["total"]) for row in mine if row["currency"] == currency]
            assert sales == balance == sum(totals, Decimal(0))


def check_authority(ledger: dict[str, Any]) -> None:
    """It has every receipt in order, and nothing that only a device can get wrong."""
    rows = ledger["authority"]["devices"]["99001"]["receipts"]
    assert [row["hash"] for row in rows] == [row["hash"] for row in ledger["receipts"]]
    assert not any(row["is_grey"] for row in rows)
    by_till = {"RCPT036", "RCPT031"}
    assert {code for row in rows for code in row["codes"]} <= by_till


@settings(max_examples=60, deadline=None)
@given(st.lists(STEPS, min_size=1, max_size=25))
def test_whatever_happens_the_books_agree(steps: list[Sell | Note | Do]) -> None:
    day = Day()
    for step in steps:
        day.take(step)
    ledger = day.end()
    numbers = [row["number"] for row in ledger["receipts"]]
    assert len(numbers) == len(set(numbers))
    check_chain(ledger["receipts"])
    check_counters(ledger)
    check_authority(ledger)
    assert violations(ledger) == []


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(LINES, st.sampled_from(["USD", "ZWG"])), max_size=6))
def test_z_is_the_sum_of_the_receipts(sales: list[tuple[list[ReceiptLine], str]]) -> None:
    day = Day()
    for lines, currency in sales:
        day.send(lines, currency=currency)
    answer = day.box.answer("ZReport")
    assert answer["Message"] == "Fiscal Day Closed"
    receipts = day.box.ledger()["receipts"]
    for report in answer["Data"]["ZReports"]:
        mine = [row for row in receipts if row["currency"] == report["Currency"]]
        net = sum(row["NETTAMOUNT"] for row in report["VatTotals"])
        tax = sum(row["TAXAMOUNT"] for row in report["VatTotals"])
        assert net + tax == sum(Decimal(row["total"]) * 100 for row in mine)
        assert tax == sum(Decimal(row["tax"]) * 100 for row in mine)
    assert {row["Currency"] for row in answer["Data"]["ZReports"]} == {
        row["currency"] for row in receipts
    }


@settings(max_examples=100, deadline=None)
@given(st.dates(date(2021, 1, 1), date(2030, 1, 1)), st.sampled_from(["14.5", "15", "15.5"]))
def test_exactly_one_standard_rate_holds_on_a_day(day: date, rate: str) -> None:
    now = datetime.fromisoformat(f"{day.isoformat()}T08:00:00+00:00")
    box = make_box(VirtualClock(now))
    row = replace(line(), tax_percent=Decimal(rate))
    answer = box.answer("TransactM", wire.transact_body(request("A", row), PERCENT))
    due = "14.5" if day.year < 2023 else "15" if day.year < 2026 else "15.5"
    assert answer["Code"] == ("1" if rate == due else "0")
