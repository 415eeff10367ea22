"""A whole day through counters, figures and the authority: discounts, three taxes, four tenders."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from fiscal.chain import TaxRow, day_text, hash_of, receipt_text
from fiscal.signing import seeded_signer
from fiscal.simulator.authority.day_rules import Closing
from fiscal.simulator.authority.facts import taxpayer_of
from fiscal.simulator.authority.gateway import Gateway
from fiscal.simulator.counters import Counters, counter_row
from fiscal.simulator.figures import report
from fiscal.simulator.receipt import FiledLine, FiledPayment, Original, Receipt
from fiscal.simulator.settings import DeviceSettings
from fiscal.simulator.state import CLOSED, Day
from tests.fiscal.samples import VirtualClock, vectors

GOLDEN: dict[str, Any] = vectors("golden_day")  # type: ignore[assignment]
DEVICE, DAY = GOLDEN["device"], GOLDEN["day"]
SIGNER = seeded_signer("golden")


def exact(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def filed(row: dict[str, Any], counter: int) -> Receipt:
    """A receipt of the golden day, signed anew."""
    is_note = row["type"] == "CreditNote"
    about = Original(device_id=DEVICE, receipt_global_no=101, fiscal_day=DAY, number="G-101")
    taxes = tuple(
        TaxRow(
            tax_id=tax["id"],
            code=tax["code"],
            percent=exact(tax["percent"]),
            tax=Decimal(tax["tax"]),
            sales=Decimal(tax["sales"]),
        )
        for tax in row["taxes"]
    )
    text = receipt_text(
        DEVICE,
        row["type"],
        currency=row["currency"],
        global_no=row["global_no"],
        date_text=row["date"],
        total=Decimal(row["total"]),
        taxes=taxes,
        previous_hash=row["previous"],
    )
    return Receipt(
        number=f"G-{row['global_no']}",
        type=row["type"],
        currency=row["currency"],
        total=Decimal(row["total"]),
        tax=sum((tax.tax for tax in taxes), Decimal(0)),
        amount_sent=Decimal(0),
        paid_sent=Decimal(0),
        lines=tuple(
            _line(number, line, is_note=is_note) for number, line in enumerate(row["lines"], 1)
        ),
        taxes=taxes,
        payments=tuple(
            FiledPayment(money_type=paid["money"], amount=Decimal(paid["amount"]))
            for paid in row["payments"]
        ),
        buyer=None,
        cashier="",
        comment="Golden day",
        original=about if is_note else None,
        receipt_global_no=row["global_no"],
        receipt_counter=counter,
        fiscal_day=DAY,
        date=row["date"],
        filed_at=row["date"],
        text=text,
        hash=hash_of(text),
        previous_hash=row["previous"],
        signature=base64.b64encode(SIGNER.sign(text)).decode(),
        qr="",
        verification_code="",
    )


def _line(number: int, row: dict[str, Any], *, is_note: bool) -> FiledLine:
    return FiledLine(
        number=number,
        code="",
        name="x",
        quantity=Decimal(row["quantity"]),
        price=Decimal(row["price"]),
        total=Decimal(row["total"]),
        tax_id=row["tax_id"],
        tax_code=row["tax_code"],
        tax_percent=exact(row["percent"]),
        hs_code="99001000",
        type="Discount" if row["price"].startswith("-") and not is_note else "Sale",
    )


@pytest.fixture
def receipts() -> list[Receipt]:
    return [filed(row, counter) for counter, row in enumerate(GOLDEN["receipts"], 1)]


def test_counters_follow_from_the_receipts(receipts: list[Receipt]) -> None:
    found = [
        (row["type"].replace("_", ""), row["currency"], row["value"])
        for row in map(counter_row, Counters(receipts).rows())
    ]
    expected = [(row["type"].lower(), row["currency"], row["value"]) for row in GOLDEN["counters"]]
    assert found == expected
    opened = date.fromisoformat(GOLDEN["opened"])
    text = day_text(DEVICE, DAY, opened=opened, counters=Counters(receipts).rows())
    assert (text, hash_of(text)) == (GOLDEN["text"], GOLDEN["hash"])


@pytest.mark.parametrize("title", ["X REPORT", "Z REPORT"])
def test_figures_of_the_report(receipts: list[Receipt], title: str) -> None:
    day = Day(number=DAY, opened=GOLDEN["opened"], receipts=receipts, counters=Counters(receipts))
    if title.startswith("Z"):
        day.status = CLOSED
    found = report(day)
    assert found["title"] == title
    documents = {name: found["currencies"][name].pop("documents") for name in GOLDEN["z"]}
    assert found["currencies"] == GOLDEN["z"]
    assert list(found["currencies"]["USD"]["net"]) == ["15.5%", "0%", "Exempt"]
    assert documents["ZWG"]["total"] == {"quantity": 1, "total": "346.00"}
    names = {"FiscalInvoice": "invoices", "CreditNote": "credit_notes"}
    for row in GOLDEN["documents"]:
        expected = {"quantity": row["count"], "total": row["amount"]}
        assert documents[row["currency"]][names[row["type"]]] == expected


def closing(day: int, opened: str, receipts: list[Receipt]) -> Closing:
    counters = tuple(Counters(receipts).rows())
    text = day_text(DEVICE, day, opened=date.fromisoformat(opened), counters=counters)
    return Closing(
        fiscal_day=day,
        counters=counters,
        receipt_counter=len(receipts),
        signature=base64.b64encode(SIGNER.sign(text)).decode(),
    )


def the_day_before() -> list[Receipt]:
    """The hundred receipts that come before the golden ones."""
    pattern, made = GOLDEN["receipts"][3], list[Receipt]()
    for number in range(1, 101):
        at = f"2026-10-04T{10 + number // 60:02d}:{number % 60:02d}:00"
        previous = made[-1].hash if made else ""
        row = pattern | {"global_no": number, "date": at, "previous": previous}
        made.append(replace(filed(row, number), fiscal_day=DAY - 1))
    return made


def test_the_authority_finds_nothing_wrong_with_it(receipts: list[Receipt]) -> None:
    gateway = Gateway(VirtualClock(datetime(2026, 10, 5, 18, tzinfo=UTC)))
    taxpayer = taxpayer_of(DeviceSettings(device_id=DEVICE))
    gateway.enrol(DEVICE, taxpayer, public_pem=SIGNER.public_pem, days=1)
    days = ((DAY - 1, "2026-10-04", the_day_before()), (DAY, GOLDEN["opened"], receipts))
    for day, opened, rows in days:
        gateway.open_day(DEVICE, day, opened=f"{opened}T08:00:00")
        assert {gateway.submit(DEVICE, row).codes for row in rows} == {()}
        gateway.close_day(DEVICE, closing(day, opened, rows))
        assert gateway.status(DEVICE).status == CLOSED
    colours = {row["colour"] for row in gateway.ledger()["devices"][DEVICE]["receipts"]}
    assert colours == {""}
