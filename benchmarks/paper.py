"""What a paper costs: a receipt for the roll, and the same one as a page of PDF."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

from benchmarks.measure import Stopwatch, calmest
from benchmarks.result import Check, Result
from benchmarks.run import Run
from pos_app.sample import goods
from printing import escpos
from printing.layouts.page import receipt_page
from printing.layouts.receipt import layout
from printing.pdf.encode import encode
from printing.profile import profile_named
from printing.receipt import (
    FiscalRecord,
    Receipt,
    ReceiptKind,
    ReceiptLine,
    Seller,
    TaxRow,
    TenderLine,
)

NAME = "paper"
ROLL_MS, PAGE_MS = 5.0, 60.0
LINES = 20
ROUNDS, PAPERS = 8, 25
PAUSE = 0.002
"""Between two papers: they come one by one, and whoever rested is let in at once."""
NAMES = ("Full cream milk 2 l", "Café au lait 1 l", "Long grain rice, extra fine, 5 kg bag")


def run(bench: Run) -> list[Result]:
    """Measure and judge."""
    rounds = 1 if bench.is_quick else ROUNDS
    made, profile = _receipt(), profile_named("80mm")
    return [
        _measured(
            f"receipt of {LINES} lines for the roll, p99",
            lambda: escpos.encode(layout(made, profile.columns), profile),
            rounds,
            at_most=ROLL_MS,
        ),
        _measured(
            f"invoice of {LINES} lines as an A4 page, p99",
            lambda: encode(receipt_page(made)),
            rounds,
            at_most=PAGE_MS,
        ),
    ]


def _measured(what: str, make: Callable[[], bytes], rounds: int, *, at_most: float) -> Result:
    """Time a paper; fonts and libraries were loaded by the first one, before the watch."""
    size = len(make())
    watch = Stopwatch()
    for _ in range(PAPERS * rounds):
        time.sleep(PAUSE)
        watch.call(make)
    return Result(
        name=NAME,
        what=what,
        value=calmest(watch.taken, rounds) * 1e3,
        unit="ms",
        check=Check(at_most=at_most),
        about={
            "bytes": size,
            "median_ms": round(watch.median * 1e3, 3),
            "p99_of_all_ms": round(watch.p99 * 1e3, 3),
        },
    )


def _receipt() -> Receipt:
    lines = tuple(_line(at) for at in range(LINES))
    total = sum((line.amount for line in lines), Decimal(0))
    vat = (total * Decimal("15.5") / Decimal("115.5")).quantize(Decimal("0.01"))
    return Receipt(
        kind=ReceiptKind.INVOICE,
        seller=Seller(
            name="Sample Shop (Pvt) Ltd",
            tin="2000123456",
            vat_number="220123456",
            branch="First Street",
            address=("12 First Street", "Harare"),
        ),
        fiscal=FiscalRecord(
            device_id="99001",
            device_serial="RVX-0001",
            fiscal_day=7,
            receipt_counter=3,
            receipt_global_no=216877,
            qr="https://fdms.zimra.co.zw/000009900105102026000021687760A74CD961202377",
            verification_code="60A7-4CD9-6120-2377",
            verification_url="https://fdms.zimra.co.zw",
        ),
        reference="T01-000042",
        issued_at=datetime(2026, 10, 5, 14, 5),  # noqa: DTZ001 - the shop's own local time
        currency="USD",
        lines=lines,
        total=total,
        tenders=(TenderLine(name="Cash", amount=total, currency="USD"),),
        taxes=(TaxRow(letter="A", percent=Decimal("15.5"), net=total - vat, vat=vat, gross=total),),
    )


def _line(at: int) -> ReceiptLine:
    quantity, each = Decimal(1 + at % 4), Decimal(95 + at * 37) / 100
    return ReceiptLine(
        code=goods.code_of(at + 1),
        name=f"{NAMES[at % len(NAMES)]} {at * 7919 % 10007}",
        quantity=quantity,
        price=each,
        amount=quantity * each,
        tax_letter="A",
    )
