"""Papers as a shop wants them: whatever is left out, the law stands."""

from __future__ import annotations

import pytest

from printing import escpos, text
from printing.document import PAGE_WIDTH, Cut, Logo
from printing.dress import PAGES, PARTS, framed, without, without_logo
from printing.layouts.cash import cash_movement
from printing.layouts.page import receipt_page
from printing.layouts.receipt import layout
from printing.layouts.shift import shift_report
from printing.layouts.stock import transfer_sheet
from printing.pdf.encode import encode as encode_pdf
from printing.profile import profile_named
from tests.printing import page_samples as pages
from tests.printing import samples


def test_everything_optional_gone_the_law_stands() -> None:
    for document in (layout(samples.INVOICE, 48), receipt_page(samples.INVOICE)):
        bare = text.encode(without(document, PARTS["invoice"]))
        whole = text.encode(document)
        seller, fiscal = samples.INVOICE.seller, samples.INVOICE.fiscal
        for wanted in (seller.name, seller.tin, fiscal.verification_code, fiscal.qr,
                       "FISCAL TAX INVOICE", fiscal.device_serial, "Number of items"):  # fmt: skip
            assert wanted in bare
        assert "Cashier" in whole
        assert "Cashier" not in bare
        assert "Tel" not in bare


def test_what_is_left_out_of_a_shift() -> None:
    document = shift_report(samples.SHIFT, 42)
    bare = text.encode(without(document, PARTS["shift"]))
    assert "TENDERS" in text.encode(document)
    for gone in ("TENDERS", "Signature", " x "):
        assert gone not in bare
    assert "Counted" in bare


def test_lines_of_the_shop_stand_above_and_below_but_before_the_cut() -> None:
    slip = cash_movement(pages.CASH, 32)
    framed_slip = framed(slip, header=("Head office", " "), footer=("Keep this slip",), logo=3)
    lines = text.encode(framed_slip).rstrip("\n").splitlines()
    assert lines[0].strip() == "Head office"
    assert lines[-1].strip() == "Keep this slip"
    assert framed_slip.blocks[0] == Logo(3)
    assert isinstance(framed_slip.blocks[-1], Cut)
    assert escpos.encode(framed_slip, profile_named("58mm")).startswith(
        escpos.encode(slip, profile_named("58mm"))[:8]
    )
    assert framed(slip) == slip


def test_pages_with_and_without_their_picture() -> None:
    page = transfer_sheet(pages.TRANSFER, PAGE_WIDTH)
    bare = without_logo(framed(page, footer=("Two copies",)))
    assert "Logo" not in repr(bare)
    assert encode_pdf(bare).startswith(b"%PDF")
    assert "Two copies" in text.encode(bare)


@pytest.mark.parametrize("kind", PAGES)
def test_every_page_is_a_kind(kind: str) -> None:
    assert kind in PARTS
