"""`pos sell`: the answer, key by key; references, approvals, and what a fault leaves behind."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
from decimal import Decimal
from pathlib import Path

import pytest
from pysqlite3 import dbapi2

from pos_app.domain.price import ListPrice
from pos_app.store import price
from pos_app.store.engine import open_store
from tests import shops
from tests.cli.test_sell_bad_input import check_refused
from tests.cli.till import Till, line, milk, tender

LAMPS = {
    "paid": "done",
    "fiscalised": "pending",
    "printed": "pending",
    "synced": "pending",
    "in_sap": "pending",
}


def test_answer_has_the_keys_scripts_rely_on(till: Till) -> None:
    sold = till.sell()
    assert (sold.code, sold.err) == (0, "")
    assert len(sold.out.splitlines()) == 1
    assert re.fullmatch(r"[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}", sold.json["sale_id"])
    assert sold.json | {"sale_id": ""} == {
        "receipt": "T01-000001",
        "sale_id": "",
        "currency": "USD",
        "total": "1.99",
        "vat": "0.27",
        "paid": "10.00",
        "change": [{"currency": "USD", "amount": "8.01"}],
        "replayed": False,
        "lamps": LAMPS,
        "fiscal": None,
    }


def test_request_is_read_from_a_file_too(till: Till) -> None:
    request = till.folder / "sale.json"
    request.write_text(json.dumps(milk()), encoding="utf-8-sig")
    assert till.here("sell", str(request)).code == 0
    check_refused(till.here("sell", str(till.folder / "none.json")), 2, "malformed_input")
    check_refused(till.here("sell", str(till.folder)), 2, "malformed_input")


def test_every_key_of_a_request_counts(till: Till) -> None:
    sold = till.sell(
        customer="C0001",
        reference="order 7",
        lines=[
            line(quantity="2"),
            line(item=None, barcode="6009876543210", quantity="3"),
            line(item="YOGHURT", batch="Y-LATE", quantity="1", discount_percent="5"),
            line(item="BANANA", quantity="1.234", price="3.40"),
        ],
        approval=approval(),
        tenders=[
            tender(type="ecocash", currency="ZIG", amount="53.00", reference="EC1"),
            tender(amount="20.00"),
        ],
    )
    assert (sold.code, sold.json["total"]) == (0, "13.41")
    rows = till.rows()
    assert len(rows["sale_lines"]) == 4
    assert next(row for row in rows["batches"] if "Y-LATE" in row)[3] == Decimal(29)
    spent = Decimal("53.00") / shops.RATE + Decimal("20.00") - Decimal("13.41")
    assert sold.json["change"] == [{"currency": "USD", "amount": str(spent)}]


def test_same_reference_gives_the_first_answer_whatever_happened_since(till: Till) -> None:
    first = till.sell(reference="R1", lines=[line(quantity="99")], tenders=[tender(amount="198")])
    with open_store(till.database) as store, store.write() as connection:
        price.put(connection, [ListPrice("MILK", "1", Decimal("77.77"))])
    assert till.sell(lines=[line(quantity="1")], tenders=[tender(amount="80")]).code == 0
    before = till.rows()
    asked = milk(reference="R1", lines=[line(quantity="99")], tenders=[tender(amount="198")])
    assert till.sell(asked).json == first.json | {"replayed": True}
    till.here("shift", "close", "--user", "cashier", "--pin", shops.PIN)
    turned = json.dumps(dict(reversed(asked.items())), indent=2)
    assert till.sell(turned).json == first.json | {"replayed": True}
    assert till.rows()["sales"] == before["sales"]


@pytest.mark.parametrize(
    "change",
    [
        {"lines": [line(quantity="2")]},
        {"lines": [line(item="BREAD")]},
        {"tenders": [tender(amount="20.00")]},
        {"customer": "C0001"},
        {"user": "second"},
    ],
)
def test_same_reference_for_another_sale_is_refused(till: Till, change: dict[str, object]) -> None:
    assert till.sell(reference="R1").code == 0
    before = till.rows()
    error = check_refused(till.sell(reference="R1", **change), 3, "reference_conflict")
    assert error["details"] == {"reference": "R1", "receipt": "T01-000001"}
    assert till.rows() == before


def test_reference_of_a_refused_sale_is_still_free(till: Till) -> None:
    till.sell(reference="R1", lines=[line(item="NOPE")])
    assert till.sell(reference="R1").json["replayed"] is False


def approval(**changes: str) -> dict[str, str]:
    return {"user": "manager", "pin": shops.PIN, "reason": "damaged"} | changes


def test_manager_approves_what_a_cashier_may_not_give_alone(till: Till) -> None:
    lines = [line(discount_percent="10"), line(item="BREAD", discount_percent="5")]
    check_refused(till.sell(lines=lines), 3, "approval_needed")
    assert till.sell(lines=lines[1:]).code == 0
    sold = till.sell(lines=lines, approval=approval())
    assert (sold.code, sold.json["total"]) == (0, "2.74")


@pytest.mark.parametrize(
    ("given", "code", "name"),
    [
        (approval(pin="0000"), 3, "sign_in_refused"),
        (approval(user="nobody"), 3, "sign_in_refused"),
        (approval(user="second"), 3, "approver_not_allowed"),
        (approval(user="cashier"), 3, "approver_not_allowed"),
        (approval(reason=" "), 2, "reason_missing"),
    ],
    ids=["wrong PIN", "nobody", "another cashier", "oneself", "no reason"],
)
def test_approval_of_the_wrong_kind_is_refused(
    till: Till, given: dict[str, str], code: int, name: str
) -> None:
    before = till.rows()
    asked = milk(lines=[line(discount_percent="10")], approval=given)
    check_refused(till.sell(asked), code, name)
    assert till.rows() == before


def test_fault_nobody_foresaw_is_a_sentence_and_a_file(
    till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pos_app.services.quick_sale.sell", lambda *_: 1 / 0)
    error = check_refused(till.sell(), 4, "program_fault")
    trace = Path(error["details"]["trace"])
    assert "ZeroDivisionError" in trace.read_text()
    trace.unlink()
    monkeypatch.setenv("POS_DEBUG", "1")
    ran = till.sell()
    assert (ran.code, ran.error) == (4, "program_fault")
    assert "ZeroDivisionError" in ran.err
    Path(ran.json["error"]["details"]["trace"]).unlink()


def test_fault_after_the_sale_does_not_make_it_look_failed(
    till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pos_app.devices.Devices.settle", lambda *_: 1 / 0)
    sold = till.sell()
    assert (sold.code, sold.json["receipt"], sold.json["lamps"]) == (0, "T01-000001", LAMPS)
    assert "ZeroDivisionError" in (till.folder / "log" / "sell.log").read_text()


def test_locked_database_is_unavailable(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POS_DATABASE__BUSY_SECONDS", "0.1")
    before = till.rows()
    other = dbapi2.connect(till.database, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        check_refused(till.sell(), 5, "database_busy")
    finally:
        other.close()
    assert till.rows() == before
    assert till.sell().json["receipt"] == "T01-000001"


def test_damaged_database_is_unavailable(till: Till) -> None:
    till.database.write_bytes(b"not a database" * 1000)
    check_refused(till.sell(), 5, "database_damaged")


def test_config_that_is_wrong_is_named_in_json(till: Till) -> None:
    till.configure(hold_minutes="0")
    error = check_refused(till.sell(), 2, "config_invalid")
    assert error["details"]["key"] == "till.hold_minutes"
    assert str(till.config) in error["message"]


@pytest.mark.parametrize("device", ["/dev/none", "{file}", "{folder}", "http://127.0.0.1:9"])
def test_device_that_is_none_leaves_a_sale_pending(till: Till, device: str) -> None:
    real_file = till.folder / "precious.txt"
    real_file.write_text("not a port")
    named = device.format(file=real_file, folder=till.folder)
    till.configure(device=json.dumps(named))
    sold = till.sell()
    assert (sold.code, sold.json["receipt"], sold.json["lamps"]) == (0, "T01-000001", LAMPS)
    assert real_file.read_text() == "not a port"
    queue = till.here("status", "--json").json["queues"]["fiscal"]
    assert queue["waiting"] == 1
    assert queue["problem"].endswith(".")
    assert named.removeprefix("http://") in queue["problem"]


def fill_up(path: Path) -> None:
    """Leave no byte on the disk."""
    with path.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while file.write(b"x" * 4096):
            pass


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="mounting takes root")
@pytest.mark.process
def test_full_disk_is_unavailable_and_selling_goes_on_with_room(till: Till, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", disk], check=True)
    try:
        till.move(disk)
        before = till.rows()
        filler = disk / "filler"
        fill_up(filler)
        answers = [till.sell() for _ in range(3)]
        assert {ran.code for ran in answers} == {5}
        assert {ran.error for ran in answers} == {"disk_full"}
        filler.unlink()
        assert till.rows() == before
        assert till.sell().json["receipt"] == "T01-000001"
    finally:
        subprocess.run(["umount", disk], check=True)
