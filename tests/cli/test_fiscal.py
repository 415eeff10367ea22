"""pos fiscal on a device behind a serial link: the day, its figures, and receipts in trouble."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any

import pytest

from fiscal.simulator.box import Box
from sandbox.fault import Fault
from tests import shops
from tests.cli.till import Till, line
from tests.fiscal.samples import make_box, served

WHO = ("--user", "manager", "--pin", shops.PIN, "--json")


@pytest.fixture
def rig(till: Till) -> Iterator[tuple[Till, Box]]:
    """A till with a device on a serial port; both clocks stand still together."""
    box = make_box(till.clock)
    with served(box, till.folder, ways=("serial",)) as addresses:
        till.configure(device=f'"{addresses.serial}"')
        yield till, box


def pos(till: Till, *arguments: str) -> Any:
    ran = till.here("fiscal", *arguments, *WHO)
    assert ran.code == 0, ran.out + ran.err
    return ran.json


def test_a_day_from_opening_to_its_signed_z(rig: tuple[Till, Box]) -> None:
    till, box = rig
    till.sell()
    assert pos(till, "close")["state"] == "done"
    till.clock.sleep(5)
    opened = pos(till, "open", "--reason", "morning")
    assert (opened["step"], opened["state"], opened["by"]) == ("open", "done", "manager")
    assert till.sell(lines=[line(), line(item="BOOK")], tenders=[cash("20.00")]).code == 0
    x = pos(till, "x")
    assert (x["receipts"], x["closed_at"]) == (1, None)
    status = till.here("fiscal", "status", "--json").json
    assert (status["readiness"], status["day"]["state"]) == ("ready", "open")
    assert status["day"]["hours_left"] == "24.0"
    closed = pos(till, "close")
    assert (closed["fiscal_day"], closed["is_z"], closed["differences"]) == (2, True, [])
    assert closed["till"] == closed["device"]
    assert pos(till, "z", "--day", "1")["fiscal_day"] == 1
    assert pos(till, "z", "--sign", "counted")["signed_by"] == "manager"
    assert [day["status"] for day in box.ledger()["days"]] == ["FiscalDayClosed"] * 2


def cash(amount: str) -> dict[str, object]:
    return {"type": "cash", "currency": "USD", "amount": amount}


def test_refusals_have_their_exit_codes(rig: tuple[Till, Box]) -> None:
    till, _box = rig
    till.sell()
    again = till.here("fiscal", "open", *WHO)
    assert (again.code, again.error) == (3, "fiscal_day_already")
    cashier = till.here("fiscal", "close", "--user", "cashier", "--pin", shops.PIN, "--json")
    assert (cashier.code, cashier.error) == (3, "permission_missing")
    assert till.here("fiscal", "z", "--day", "9", *WHO).code == 2
    assert till.here("fiscal", "close").code == 2


def test_a_device_that_is_gone_keeps_the_wish(till: Till) -> None:
    till.configure(device='"/dev/not-there"')
    ran = till.here("fiscal", "close", *WHO)
    assert (ran.code, ran.error) == (5, "fiscal_step_waiting")
    assert till.here("fiscal", "status", "--json").json["day"]["step"]["state"] == "asked"
    back = pos(till, "cancel", "--reason", "not today")
    assert (back["state"], back["problem"]) == ("refused", "Taken back: not today")


def test_a_disputed_receipt_is_shown_and_settled(rig: tuple[Till, Box]) -> None:
    till, box = rig
    box.faults.replace(
        [
            Fault(do="commit_then_silence", on="POST TransactM"),
            Fault(do="foreign_receipt", on="GET GetInvoice", times=3),
        ]
    )
    sold = till.sell().json
    assert sold["lamps"]["fiscalised"] == "disputed"
    (row,) = till.here("fiscal", "status", "--json").json["receipts"]
    assert (row["receipt"], row["state"]) == (sold["receipt"], "disputed")
    assert "look_again" in row["may"]
    box.faults.replace([])
    busy = till.here("fiscal", "close", *WHO)
    assert (busy.code, busy.error) == (3, "fiscal_day_busy")
    done = pos(till, "settle", sold["receipt"], "look_again")
    assert done["fiscalised"] == "done"
    late = ("settle", sold["receipt"], "write_off", "--reason", "x", "--correction", "T01-000002")
    assert till.here("fiscal", *late, *WHO).code == 3


def test_people_read_lines(rig: tuple[Till, Box]) -> None:
    till, _box = rig
    till.sell()
    told = till.here("fiscal", "status").out
    assert "readiness: ready" in told
    assert "  state: open" in told
    shown = till.here("fiscal", "close", "--user", "manager", "--pin", shops.PIN).out
    assert "rate 15.5 %, net 1.72, tax 0.27, gross 1.99" in shown


def test_the_journal_is_compared_with_the_device_and_its_ledger(rig: tuple[Till, Box]) -> None:
    till, _box = rig
    till.sell()
    till.sell()
    clean = till.here("check", "--device", "--json")
    assert (clean.code, clean.json) == (0, {"violations": []})
    assert "2 of 2 receipts looked up." in clean.err
    spot = till.here("check", "--device", "--spot", "1")
    assert "1 of 1 receipts looked up." in spot.err
    with sqlite3.connect(till.database) as books:
        books.execute("UPDATE fiscal_journal SET receipt_counter = 9 WHERE seq = 2")
    odd = till.here("check", "--device", "--json")
    assert odd.code == 6
    assert {row["code"] for row in odd.json["violations"]} == {
        "device_differs", "fiscal_day_forked",
    }  # fmt: skip
    nowhere = till.here("check", "--sandbox", "http://127.0.0.1:1/_sandbox")
    assert nowhere.code == 5


def test_a_device_that_is_away_leaves_nothing_compared(rig: tuple[Till, Box]) -> None:
    till, box = rig
    till.sell()
    box.faults.replace([Fault(do="drop_before", on="GET GetInvoice", times=9)])
    ran = till.here("check", "--device")
    assert (ran.code, ran.out) == (5, "")
    assert "fiscal device cannot be used" in ran.err
    till.configure(device='""')
    without = till.here("check", "--device")
    assert (without.code, "has no fiscal device" in without.err) == (5, True)
