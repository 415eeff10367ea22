"""Papers as they are: text and bytes of every document and width, looked at once and kept.

To make new ones after a deliberate change: delete the file, run, look at what appears, commit it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from printing import escpos, text, trial
from printing.document import Document
from printing.layouts.cash import cash_movement
from printing.layouts.fiscal_day import fiscal_day_report
from printing.layouts.label import price_label
from printing.layouts.page import receipt_page
from printing.layouts.receipt import layout
from printing.layouts.shift import shift_report
from printing.layouts.slip import order_slip, parked_sale
from printing.layouts.statement import statement_paper
from printing.layouts.stock import count_sheet, transfer_sheet
from printing.layouts.trade import trade_paper
from printing.printer import Printer
from printing.profile import profile_named
from printing.simulator.core import SimulatedPrinter
from printing.simulator.desk import Desk
from printing.simulator.machine import MACHINES
from printing.trial import Trial
from tests.printing import page_samples as pages
from tests.printing import samples

GOLDEN = Path(__file__).parent / "golden"
PROFILES = {48: "80mm", 42: "80mm-42", 32: "58mm"}
PAPERS: dict[str, Callable[[int], Document]] = {
    "invoice": lambda width: layout(samples.INVOICE, width),
    "invoice_compact": lambda width: layout(samples.INVOICE, width, compact=True),
    "invoice_copy": lambda width: layout(replace(samples.INVOICE, copy_number=1), width),
    "credit_note": lambda width: layout(replace(samples.CREDIT_NOTE, copy_number=0), width),
    "credit_note_copy": lambda width: layout(samples.CREDIT_NOTE, width),
    "debit_note": lambda width: layout(samples.DEBIT_NOTE, width),
    "large_amounts": lambda width: layout(samples.LARGE, width),
    "not_vat": lambda width: layout(samples.NOT_VAT, width),
    "parked": lambda width: parked_sale(samples.PARKED, width),
    "order": lambda width: order_slip(samples.ORDER, width),
    "shift_x": lambda width: shift_report(replace(samples.SHIFT, closed_at=None), width),
    "shift_close": lambda width: shift_report(samples.SHIFT, width),
    "fiscal_day": lambda width: fiscal_day_report(samples.FISCAL_DAY, width),
    "fiscal_day_x": lambda width: fiscal_day_report(samples.FISCAL_DAY_X, width),
    "quotation": lambda width: trade_paper(pages.QUOTATION, width),
    "sales_order": lambda width: trade_paper(pages.ORDER, width),
    "delivery_note": lambda width: trade_paper(pages.DELIVERY, width),
    "statement": lambda width: statement_paper(pages.STATEMENT, width),
    "transfer": lambda width: transfer_sheet(pages.TRANSFER, width),
    "count": lambda width: count_sheet(pages.COUNT, width),
    "count_blind": lambda width: count_sheet(pages.BLIND, width),
    "price_label": lambda width: price_label(pages.LABEL, width),
    "cash_movement": lambda width: cash_movement(pages.CASH, width),
    "drawer_opened": lambda width: cash_movement(pages.DRAWER_OPENED, width),
}
PAGES: dict[str, Callable[[], Document]] = {
    "invoice": lambda: receipt_page(pages.CODED),
    "credit_note_copy": lambda: receipt_page(samples.CREDIT_NOTE),
    "debit_note": lambda: receipt_page(samples.DEBIT_NOTE),
    "not_vat": lambda: receipt_page(samples.NOT_VAT),
    "large_amounts": lambda: receipt_page(samples.LARGE),
    "quotation": lambda: trade_paper(pages.QUOTATION),
    "sales_order": lambda: trade_paper(pages.ORDER),
    "delivery_note": lambda: trade_paper(pages.DELIVERY),
    "statement": lambda: statement_paper(pages.STATEMENT),
    "transfer": lambda: transfer_sheet(pages.TRANSFER),
    "count": lambda: count_sheet(pages.COUNT),
}
CASES = [(name, width) for name in PAPERS for width in PROFILES]


def check(name: str, data: bytes) -> None:
    path = GOLDEN / name
    if not path.exists():
        path.write_bytes(data)
        pytest.fail(f"{path} is new: look at it, then commit it")
    assert path.read_bytes() == data


@pytest.mark.parametrize(("name", "width"), CASES)
def test_text(name: str, width: int) -> None:
    check(f"{name}_{width}.txt", text.encode(PAPERS[name](width)).encode())


@pytest.mark.parametrize("name", PAGES)
def test_page_as_text(name: str) -> None:
    check(f"{name}_page.txt", text.encode(PAGES[name]()).encode())


@pytest.mark.parametrize(("name", "width"), CASES)
def test_bytes(name: str, width: int) -> None:
    document = PAPERS[name](width)
    check(f"{name}_{width}.bin", escpos.encode(document, profile_named(PROFILES[width])))


@pytest.mark.parametrize("name", PROFILES.values())
@pytest.mark.parametrize("kind", Trial)
def test_bytes_of_test_papers(kind: Trial, name: str) -> None:
    check(f"trial_{kind}_{name}.bin", trial.job(kind, profile_named(name)))


def test_bytes_with_picture() -> None:
    check("invoice_clone_32.bin", escpos.encode(PAPERS["invoice"](32), profile_named("58mm-clone")))


@pytest.mark.parametrize(("name", "width"), CASES)
def test_the_printer_shows_what_the_text_says(name: str, width: int) -> None:
    """Two encoders and an interpreter that share no code agree on every line."""
    document, profile = PAPERS[name](width), profile_named(PROFILES[width])
    clock = samples.VirtualClock()
    printer = SimulatedPrinter(MACHINES[profile.name], clock=clock)
    Printer(Desk(printer, clock), profile, clock=clock).print(
        escpos.encode(document, profile), name
    )
    (paper,) = printer.ledger()["receipts"]
    assert paper["text"] == text.encode(document).rstrip("\n") + "\n"
    assert paper["overruns"] == 0
    assert paper["cut"] is True
    assert printer.ledger()["unknown_commands"] == []
