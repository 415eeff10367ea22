"""What papers must and must not say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest

from printing import text
from printing.document import Cut, Document, Qr
from printing.errors import (
    InexactAmount,
    NotFiscalised,
    PrintingError,
    UnknownLanguage,
    UnknownProfile,
)
from printing.layouts.fiscal_day import fiscal_day_report
from printing.layouts.receipt import layout
from printing.layouts.shift import shift_report
from printing.layouts.slip import order_slip, parked_sale
from printing.receipt import Receipt
from printing.words import ENGLISH, edited
from tests.printing.samples import (
    CREDIT_NOTE,
    DEBIT_NOTE,
    FISCAL,
    FISCAL_DAY,
    INVOICE,
    NOT_VAT,
    ORDER,
    PARKED,
    SHIFT,
)


def shown(document: Document) -> str:
    return text.encode(document)


@pytest.mark.parametrize(
    "broken",
    [
        replace(INVOICE, fiscal=replace(FISCAL, qr="")),
        replace(INVOICE, fiscal=replace(FISCAL, qr="  ")),
        replace(INVOICE, fiscal=replace(FISCAL, verification_code="")),
        replace(INVOICE, fiscal=replace(FISCAL, device_id="")),
        replace(INVOICE, reference=""),
        replace(CREDIT_NOTE, original=None),
        replace(DEBIT_NOTE, original=None),
    ],
)
def test_nothing_fiscal_without_the_devices_word(broken: Receipt) -> None:
    with pytest.raises(NotFiscalised):
        layout(broken, 48)


def test_labels_of_the_law() -> None:
    assert layout(INVOICE, 48).title == "FISCAL TAX INVOICE"
    assert layout(NOT_VAT, 48).title == "FISCAL INVOICE"
    assert layout(CREDIT_NOTE, 48).title == "CREDIT NOTE"
    assert layout(DEBIT_NOTE, 48).title == "DEBIT NOTE"


def test_only_a_reprint_says_copy() -> None:
    assert "COPY" not in shown(layout(INVOICE, 48))
    assert "*** COPY 1 ***" in shown(layout(replace(INVOICE, copy_number=1), 48))


def test_a_copy_differs_in_nothing_else() -> None:
    original = shown(layout(INVOICE, 48)).splitlines()
    copy = shown(layout(replace(INVOICE, copy_number=3), 48)).splitlines()
    assert [line for line in copy if "COPY" not in line] == original


def test_number_of_items_adds_weights_as_they_are() -> None:
    assert "Number of items: 4.555" in shown(layout(INVOICE, 48))


def test_tax_is_hidden_for_sellers_without_vat() -> None:
    paper = shown(layout(NOT_VAT, 48))
    assert "15.5%" not in paper
    assert "VAT" not in paper


def test_exempt_is_not_zero_rated() -> None:
    paper = shown(layout(INVOICE, 48))
    assert "B 0%" in paper
    assert "C Exempt" in paper


def test_the_code_is_on_paper_as_picture_and_as_text() -> None:
    document = layout(INVOICE, 32)
    assert Qr(FISCAL.qr) in document.blocks
    assert "60A7-4CD9-6120-2377" in shown(document)
    assert document.blocks[-1] == Cut()


def test_branch_is_left_out_when_it_is_the_name() -> None:
    seller = replace(INVOICE.seller, branch=INVOICE.seller.name)
    assert shown(layout(replace(INVOICE, seller=seller), 48)).count(seller.name) == 1


def test_fractions_of_a_cent_are_not_rounded_in_secret() -> None:
    with pytest.raises(InexactAmount, match=r"25\.985"):
        layout(replace(INVOICE, total=Decimal("25.985")), 48)


@pytest.mark.parametrize("receipt", [INVOICE, CREDIT_NOTE, DEBIT_NOTE, NOT_VAT])
@pytest.mark.parametrize("width", [48, 42, 32])
def test_a_compact_receipt_leaves_nothing_of_the_law_out(receipt: Receipt, width: int) -> None:
    full = layout(replace(receipt, seller=replace(receipt.seller, phone="", email="")), width)
    compact = layout(receipt, width, compact=True)
    said = [word for word in shown(full).split() if set(word) != {"-"}]
    assert sorted(word for word in shown(compact).split() if set(word) != {"-"}) == sorted(said)
    assert len(shown(compact).splitlines()) < len(shown(full).splitlines())


def test_an_unknown_language_is_named() -> None:
    with pytest.raises(UnknownLanguage, match="'xx'"):
        layout(replace(INVOICE, language="xx"), 48)


@pytest.mark.parametrize("width", [48, 42, 32])
@pytest.mark.parametrize(
    "make", [lambda width: parked_sale(PARKED, width), lambda width: order_slip(ORDER, width)]
)
def test_a_slip_cannot_be_taken_for_a_receipt(make: Callable[[int], Document], width: int) -> None:
    document = make(width)
    paper = shown(document)
    assert not any(isinstance(block, Qr) for block in document.blocks)
    assert paper.startswith("*" * width)
    assert paper.count("NOT A") == 2
    for word in ("TAX", "FISCAL TAX INVOICE", "TIN", "VAT", "Invoice", "Device", "erification"):
        assert word not in paper


def test_an_x_report_counts_nothing() -> None:
    drawers = tuple(replace(drawer, counted=None, denominations=()) for drawer in SHIFT.drawers)
    paper = shown(shift_report(replace(SHIFT, closed_at=None, drawers=drawers), 42))
    assert "SHIFT X REPORT" in paper
    assert "not counted" in paper
    assert "Signature" not in paper
    assert "SHORT" not in paper


def test_over_and_short_are_words() -> None:
    paper = shown(shift_report(SHIFT, 48))
    assert "SHORT" in paper
    richer = replace(SHIFT.drawers[0], counted=Decimal("146.00"))
    paper = shown(shift_report(replace(SHIFT, drawers=(richer,)), 48))
    assert "OVER" in paper
    assert "0.88" in paper


def test_a_z_report_is_named_so_only_when_the_day_is_closed() -> None:
    assert fiscal_day_report(FISCAL_DAY, 48).title == "Z REPORT"
    assert fiscal_day_report(replace(FISCAL_DAY, closed_at=None), 48).title == "X REPORT"


def test_untaxed_groups_have_no_tax_rows() -> None:
    paper = shown(fiscal_day_report(FISCAL_DAY, 48))
    usd, zwg = paper.split("DAILY TOTALS ZWG")
    assert usd.index("DAILY TOTALS USD") > 0
    assert "Total tax amount" in usd
    assert "Total tax amount" not in zwg


def test_texts_can_be_edited_by_name() -> None:
    words = edited(ENGLISH, {"total": "TO PAY"})
    assert "TO PAY USD" in shown(layout(INVOICE, 48, words))
    with pytest.raises(UnknownProfile, match="'totall'"):
        edited(ENGLISH, {"totall": "x"})


def test_every_error_is_one_sentence_with_a_code_of_its_own() -> None:
    kinds = PrintingError.__subclasses__()
    assert len({kind.code for kind in kinds}) == len(kinds)
