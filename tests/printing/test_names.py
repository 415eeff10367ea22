"""Whatever people write into a name: no paper breaks, no amount is torn, nothing is raised."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from printing import escpos, text
from printing.clean import columns
from printing.document import PAGE_WIDTH, Document
from printing.layouts.cash import cash_movement
from printing.layouts.label import price_label
from printing.layouts.page import receipt_page
from printing.layouts.receipt import layout
from printing.layouts.statement import statement_paper
from printing.layouts.stock import count_sheet, transfer_sheet
from printing.layouts.trade import trade_paper
from printing.profile import profile_named
from tests.printing import page_samples as pages
from tests.printing import samples

ROLLS = {48: "80mm", 42: "80mm-42", 32: "58mm", 24: "58mm"}
Make = Callable[[str, int], Document]


def receipt(name: str) -> object:
    lines = tuple(replace(line, name=name, note=name, code=name[:20]) for line in samples.LINES)
    buyer = replace(pages.PARTNER, name=name, address=(name, name))
    return replace(samples.CREDIT_NOTE, lines=lines, buyer=buyer, notes=name, footer=(name,))


def stock(name: str) -> tuple[object, ...]:
    return tuple(
        replace(line, name=name, code=name[:20], batch=name) for line in pages.TRANSFER.lines
    )


MADE: dict[str, tuple[Make, str]] = {
    "receipt": (lambda name, width: layout(receipt(name), width), "15.00"),  # type: ignore[arg-type]
    "compact": (
        lambda name, width: layout(receipt(name), width, compact=True),  # type: ignore[arg-type]
        "15.00",
    ),
    "quotation": (
        lambda name, width: trade_paper(
            replace(
                pages.QUOTATION,
                lines=tuple(
                    replace(line, name=name, code=name[:20], note=name)
                    for line in pages.QUOTATION.lines
                ),
                deliver_to=(name,),
                terms=name,
            ),
            width,
        ),
        "150.00",
    ),
    "statement": (
        lambda name, width: statement_paper(
            replace(
                pages.STATEMENT,
                lines=tuple(replace(line, what=name) for line in pages.STATEMENT.lines),
            ),
            width,
        ),
        "195.50",
    ),
    "transfer": (
        lambda name, width: transfer_sheet(
            replace(pages.TRANSFER, lines=stock(name), source=name),  # type: ignore[arg-type]
            width,
        ),
        "25.5",
    ),
    "count": (
        lambda name, width: count_sheet(
            replace(pages.COUNT, lines=stock(name), warehouse=name),  # type: ignore[arg-type]
            width,
        ),
        "25.5",
    ),
    "label": (lambda name, width: price_label(replace(pages.LABEL, name=name), width), "29.20"),
    "cash": (
        lambda name, width: cash_movement(replace(pages.CASH, reason=name, cashier=name), width),
        "800.00",
    ),
}


@pytest.mark.parametrize("kind", MADE)
@given(name=st.text(max_size=80), width=st.sampled_from((24, 32, 42, 48, PAGE_WIDTH)))
def test_rolls_and_texts_hold_any_name(kind: str, name: str, width: int) -> None:
    make, amount = MADE[kind]
    document = make(name, width)
    lines = text.encode(document).splitlines()
    assert all(columns(line) <= width for line in lines if not line.lstrip().startswith("["))
    assert any(amount in line.split() for line in lines)
    if width in ROLLS:
        job = escpos.encode(document, profile_named(ROLLS[width]))
        assert amount.encode() in job


@given(name=st.text(max_size=80))
def test_a_page_as_text_holds_any_name(name: str) -> None:
    lines = text.encode(receipt_page(receipt(name))).splitlines()  # type: ignore[arg-type]
    shown = [line for line in lines if not line.lstrip().startswith("[")]
    assert all(columns(line) <= PAGE_WIDTH for line in shown)
    assert any("15.00" in line.split() for line in lines)


@given(
    amount=st.decimals(min_value=Decimal("0.01"), max_value=Decimal("99999999.99"), places=2),
    width=st.sampled_from((24, 32, 42, 48, PAGE_WIDTH)),
)
def test_amounts_stand_whole_in_tables_of_any_width(amount: Decimal, width: int) -> None:
    lines = tuple(replace(line, amount=amount, price=amount) for line in pages.QUOTATION.lines)
    shown = text.encode(trade_paper(replace(pages.QUOTATION, lines=lines), width))
    assert shown.split().count(f"{amount:f}") >= 2 * len(lines)
