"""From the box to the authority: the backlog keeps its order, and nothing arrives twice."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from fiscal import wire
from fiscal.amount import line_total
from fiscal.messages import ReceiptRequest
from fiscal.profile import PERCENT
from fiscal.signing import seeded_signer
from fiscal.simulator.assembly import memory_device
from fiscal.simulator.authority.facts import GatewaySettings
from fiscal.simulator.authority.gateway import Gateway, Unreachable
from fiscal.simulator.device import Device
from fiscal.simulator.journal import MemoryJournal
from fiscal.simulator.proof import violations
from fiscal.simulator.settings import DeviceSettings
from fiscal.simulator.world import WorldInvalid, change
from tests.fiscal.samples import VirtualClock, request


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def device(clock: VirtualClock) -> Device:
    return memory_device(clock)


def file(device: Device, number: str, **more: Any) -> str:
    asked: ReceiptRequest = request(number, **more)
    answer = device.answer("TransactM", wire.transact_body(asked, PERCENT))
    return f"{answer['Code']} {answer['Message']}"


def toggle(device: Device) -> str:
    return str(device.answer("ZReport")["Message"])


def status(device: Device) -> str:
    return str(device.answer("GetDayStatus")["Data"]["fiscalDayStatus"])


def backlog(device: Device, day: str) -> list[str]:
    asked = {"fiscalDayNumber": day}
    rows = device.answer("GetUnProcessedInvoicesSummary", asked)["Data"]
    return [row["InvoiceNumber"] for row in rows]


def arrived(device: Device) -> list[tuple[str, str]]:
    """Number and colour of what the authority has, in order of arrival."""
    rows = device.ledger()["authority"]["devices"][device.device_id]["receipts"]
    return [(row["number"], row["colour"]) for row in rows]


def test_what_is_filed_arrives_and_is_countersigned(device: Device) -> None:
    assert file(device, "A") == "1 Upload Success"
    (row,) = device.ledger()["receipts"]
    assert row["delivery"]["receipt_id"] == 1
    assert row["delivery"]["server_date"] == "2026-10-05T08:00:00"
    assert arrived(device) == [("A", "")]
    assert backlog(device, "1") == []


def test_without_a_network_it_sells_on_and_catches_up_in_order(device: Device) -> None:
    file(device, "A")
    change(device, {"network": False})
    for number in ("B", "C"):
        assert file(device, number).startswith("1")
    assert backlog(device, "1") == ["B", "C"]
    assert arrived(device) == [("A", "")]
    assert device.ledger()["backlog"] == {"messages": 2, "trouble": "no network"}
    change(device, {"network": True})
    assert arrived(device) == [("A", ""), ("B", ""), ("C", "")]
    assert backlog(device, "1") == []
    assert violations(device.ledger()) == []


def test_a_day_may_open_without_a_network_and_closes_only_when_all_is_delivered(
    device: Device,
) -> None:
    file(device, "A")
    assert toggle(device) == "Fiscal Day Closed"
    change(device, {"network": False})
    assert toggle(device) == "Fiscal Day Opened"
    for number in ("B", "C"):
        file(device, number)
    assert toggle(device) == (
        "Fiscal day close failed: 3 messages are not delivered to the authority yet."
    )
    assert status(device) == "FiscalDayOpened"
    change(device, {"network": True})
    days = device.ledger()["authority"]["devices"][device.device_id]["days"]
    assert [day["number"] for day in days] == [1, 2]
    assert toggle(device) == "Fiscal Day Closed"
    assert arrived(device) == [("A", ""), ("B", ""), ("C", "")]
    assert violations(device.ledger()) == []


class Forgetful(MemoryJournal):
    """Loses power right before it can note that the authority has answered."""

    def __init__(self) -> None:
        self.is_on = True

    def append(self, event: Mapping[str, Any], *, is_durable: bool = True) -> None:
        if event["event"] == "delivered" and not self.is_on:
            raise OSError(5, "power cut")


def test_a_delivery_that_was_not_noted_is_made_again_and_counts_once(clock: VirtualClock) -> None:
    journal = Forgetful()
    device = Device(DeviceSettings(), clock, signer=seeded_signer("d"), journal=journal)
    file(device, "A")
    journal.is_on = False
    assert "init error" in device.answer("GetDayStatus")["Message"]
    assert device.gateway.ledger()["devices"]["99001"]["receipts"][0]["number"] == "A"
    journal.is_on = True
    assert arrived(device) == [("A", "")]
    assert device.ledger()["receipts"][0]["delivery"]["receipt_id"] == 1
    journal.is_on = False
    device.answer("ZReport")
    journal.is_on = True
    assert status(device) == "FiscalDayClosed"
    device.answer("ZReport")
    journal.is_on = False
    device.answer("GetDayStatus")
    journal.is_on = True
    assert file(device, "B").startswith("1")
    assert arrived(device) == [("A", ""), ("B", "")]


def test_a_lost_receipt_is_grey_until_it_is_delivered_again(device: Device) -> None:
    change(device, {"lose": 1})
    for number in ("A", "B", "C"):
        file(device, number)
    assert arrived(device) == [("B", "Grey"), ("C", "")]
    assert toggle(device) == "Fiscal day close failed: MissingReceipts"
    assert status(device) == "FiscalDayCloseFailed"
    assert violations(device.ledger()) == ["A: delivered, and the authority has it 0 times"]
    change(device, {"redeliver": True})
    assert arrived(device) == [("B", ""), ("C", ""), ("A", "")]
    assert toggle(device) == "Fiscal Day Closed"
    assert violations(device.ledger()) == []


def test_a_closing_that_takes_its_time_is_waited_for(clock: VirtualClock) -> None:
    gateway = Gateway(clock, settings=GatewaySettings(closing_seconds=20))
    device = memory_device(clock, gateway=gateway)
    file(device, "A")
    assert toggle(device) == "Fiscal Day Closed"
    assert clock.slept == 20


def test_a_closing_that_takes_longer_is_pending_and_ends_by_itself(clock: VirtualClock) -> None:
    gateway = Gateway(clock, settings=GatewaySettings(closing_seconds=300))
    device = memory_device(clock, gateway=gateway)
    file(device, "A")
    assert toggle(device).startswith("Fiscal day close is in progress")
    assert status(device) == "FiscalDayCloseInitiated"
    assert toggle(device).startswith("Fiscal day close is in progress")
    assert file(device, "B").startswith("0 Fiscal day is closed")
    clock.sleep(300)
    assert status(device) == "FiscalDayClosed"
    assert violations(device.ledger()) == []


def test_the_authority_closes_by_hand_what_a_red_receipt_keeps_open(device: Device) -> None:
    file(device, "A", currency="ZIG")
    assert toggle(device).endswith("ReceiptsWithValidationErrors")
    change(device, {"close_day": True})
    (day,) = device.ledger()["days"]
    assert (day["status"], day["reconciliation"], day["signature"]) == (
        "FiscalDayClosed",
        "Manual",
        "",
    )
    assert toggle(device) == "Fiscal Day Opened"


def test_a_certificate_that_is_over_stops_the_box_until_it_is_renewed(
    clock: VirtualClock,
) -> None:
    device = memory_device(clock, settings=DeviceSettings(certificate_days=1))
    file(device, "A")
    assert toggle(device) == "Fiscal Day Closed"
    clock.sleep(timedelta(days=1, seconds=1).total_seconds())
    assert toggle(device) == "certificate expired"
    change(device, {"network": False})
    with pytest.raises(Unreachable):
        change(device, {"renew_certificate": True})
    change(device, {"network": True, "renew_certificate": True})
    assert toggle(device) == "Fiscal Day Opened"
    assert file(device, "B").startswith("1")
    assert arrived(device) == [("A", ""), ("B", "")]


def test_what_waits_when_the_certificate_ends_arrives_after_its_renewal(
    clock: VirtualClock,
) -> None:
    device = memory_device(clock, settings=DeviceSettings(certificate_days=1))
    change(device, {"network": False})
    file(device, "A")
    clock.sleep(timedelta(days=1, seconds=1).total_seconds())
    change(device, {"network": True})
    assert device.ledger()["backlog"] == {"messages": 1, "trouble": "401"}
    assert toggle(device) == "certificate expired"
    change(device, {"renew_certificate": True})
    assert arrived(device) == [("A", "")]


def test_a_clock_that_is_ahead_dates_receipts_in_the_future(device: Device) -> None:
    change(device, {"clock_ahead_seconds": 3600})
    file(device, "A")
    assert device.ledger()["receipts"][0]["date"] == "2026-10-05T09:00:00"
    assert device.greeting()["clock"] == "2026-10-05T07:00:00+00:00"
    assert arrived(device) == [("A", "Yellow")]
    change(device, {"clock_ahead_seconds": 0})
    assert "clock is behind the last receipt" in file(device, "B")
    assert toggle(device) == "Fiscal Day Closed"


def test_a_clock_that_is_behind_cannot_date_before_the_opening(device: Device) -> None:
    change(device, {"clock_ahead_seconds": -3600})
    assert "clock is behind the last receipt" in file(device, "A")


def test_global_numbers_may_begin_anew_with_a_day(device: Device) -> None:
    for number in ("A", "B"):
        file(device, number)
    change(device, {"restart_numbers": True})
    file(device, "C")
    toggle(device)
    toggle(device)
    for number in ("D", "E"):
        file(device, number)
    rows = device.ledger()["receipts"]
    assert [(row["receipt_global_no"], row["receipt_counter"]) for row in rows] == [
        (1, 1),
        (2, 2),
        (3, 3),
        (1, 1),
        (2, 2),
    ]
    assert {colour for _, colour in arrived(device)} == {""}
    assert toggle(device) == "Fiscal Day Closed"
    assert violations(device.ledger()) == []


@pytest.mark.parametrize(
    "wanted",
    [
        {"network": "no"},
        {"network": 1},
        {"lose": "one"},
        {"lose": True},
        {"lose": -1},
        {"moon": True},
        {"clock_ahead_seconds": "x"},
        {"clock_ahead_seconds": 10**12},
    ],
)
def test_changes_nobody_can_make_change_nothing(device: Device, wanted: dict[str, Any]) -> None:
    with pytest.raises(WorldInvalid, match="cannot be set to"):
        change(device, {"network": False} | wanted)
    assert device.gateway.is_reachable


LIES: list[tuple[str, Any, str]] = [
    ("draft.line_total", lambda *given: line_total(*given) + Decimal("0.01"), "RCPT024"),
    ("draft.included_tax", lambda *given: Decimal("0.41"), "RCPT026"),
    ("filing.hash_of", lambda text: "A" * 44, "RCPT020"),
    ("filing.receipt_text", lambda *given, **more: "another text", "RCPT020"),
]


@pytest.mark.parametrize(("where", "lie", "code"), LIES, ids=[entry[0] for entry in LIES])
def test_a_box_that_errs_is_found_out(
    device: Device, monkeypatch: pytest.MonkeyPatch, where: str, lie: Any, code: str
) -> None:
    """The authority computes anew, from what was sent."""
    monkeypatch.setattr(f"fiscal.simulator.{where}", lie)
    file(device, "A")
    assert device.ledger()["receipts"][0]["problems"] == [code]


def test_a_box_that_miscounts_is_found_out(device: Device) -> None:
    file(device, "A")
    day = device._state.day
    assert day is not None
    day.counters.add(day.receipts[0])
    assert toggle(device) == "Fiscal day close failed: CountersMismatch"
