"""Pages as a reader program finds them: what stands on them, how many, and where they part."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from pypdf import PdfReader

from printing.document import PAGE_WIDTH, Barcode, Columns, Document, Symbology, Table, Text
from printing.errors import FileUnusable, NotFiscalised, TooWide, UnprintableData
from printing.layouts.fiscal_day import fiscal_day_report
from printing.layouts.label import price_label
from printing.layouts.page import receipt_page
from printing.layouts.shift import shift_report
from printing.layouts.statement import statement_paper
from printing.layouts.stock import count_sheet, transfer_sheet
from printing.layouts.trade import trade_paper
from printing.pdf.encode import Stationery, encode
from printing.pdf.font import fonts
from tests.printing import page_samples as pages
from tests.printing import samples

PAPERS: dict[str, Callable[[], Document]] = {
    "invoice": lambda: receipt_page(pages.CODED),
    "credit note": lambda: receipt_page(samples.CREDIT_NOTE),
    "debit note": lambda: receipt_page(samples.DEBIT_NOTE),
    "quotation": lambda: trade_paper(pages.QUOTATION),
    "sales order": lambda: trade_paper(pages.ORDER),
    "delivery note": lambda: trade_paper(pages.DELIVERY),
    "statement": lambda: statement_paper(pages.STATEMENT),
    "transfer": lambda: transfer_sheet(pages.TRANSFER),
    "count sheet": lambda: count_sheet(pages.COUNT),
    "price label": lambda: price_label(pages.LABEL, 32),
    "Z report": lambda: fiscal_day_report(samples.FISCAL_DAY, 48),
    "shift close": lambda: shift_report(samples.SHIFT, 48),
}


def read(data: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(BytesIO(data), strict=True).pages]


def words_of(document: Document) -> set[str]:
    """Every word of the texts and tables of a document."""
    found: set[str] = set()

    def look(block: object) -> None:
        match block:
            case Text():
                found.update(block.text.split())
            case Columns():
                found.update(f"{block.left} {block.right}".split())
            case Table():
                for line in block.lines:
                    found.update(" ".join((*line.cells, *line.notes)).split())
            case _:
                for name in ("blocks", "left", "right"):
                    for inner in getattr(block, name, ()):
                        look(inner)

    for block in document.blocks:
        look(block)
    return found


@pytest.mark.parametrize("name", PAPERS)
def test_every_word_of_the_document_is_on_its_pages(name: str) -> None:
    document = PAPERS[name]()
    (shown,) = read(encode(document))
    flat = re.sub(r"\s+", "", shown)
    missing = {word for word in words_of(document) if word not in flat}
    assert missing == set()
    assert "Page 1 of 1" in shown


@pytest.mark.parametrize("name", PAPERS)
def test_the_same_document_gives_the_same_bytes(name: str) -> None:
    assert encode(PAPERS[name]()) == encode(PAPERS[name]())


def test_no_date_stands_in_the_file_unless_it_is_given() -> None:
    document = receipt_page(pages.CODED)
    silent = PdfReader(BytesIO(encode(document))).metadata
    assert silent is not None
    assert silent.creation_date is None
    assert silent.title == "FISCAL TAX INVOICE T01-000042"
    moment = datetime(2026, 9, 11, 12, 5, tzinfo=UTC)
    dated = PdfReader(BytesIO(encode(document, created=moment))).metadata
    assert dated is not None
    assert dated.creation_date == moment


def test_law_content_of_a_page() -> None:
    (shown,) = read(encode(receipt_page(pages.CODED)))
    for wanted in (
        "FISCAL TAX INVOICE", "TIN: 2000123456", "VAT No: 220012345", "3/216877", "RVX-0001",
        "22862", "T01-000042", "11/09/26 14:05", "60A7-4CD9-6120-2377", "25.99", "4.555",
        "https://fdms.zimra.co.zw", "PRD001", "A 15.5%", "C Exempt", "1.081081",
    ):  # fmt: skip
        assert wanted in shown


def test_only_a_reprint_says_copy() -> None:
    assert "COPY" not in read(encode(receipt_page(pages.CODED)))[0]
    assert "*** COPY 2 ***" in read(encode(receipt_page(samples.CREDIT_NOTE)))[0]


def test_nothing_fiscal_without_the_devices_word() -> None:
    with pytest.raises(NotFiscalised):
        receipt_page(replace(samples.INVOICE, fiscal=replace(samples.FISCAL, qr="")))


def test_the_header_stands_on_every_page_and_pages_are_counted() -> None:
    shown = read(encode(receipt_page(pages.LONG)))
    assert len(shown) > 2
    for at, page in enumerate(shown, 1):
        assert f"Page {at} of {len(shown)}" in page
        assert page.count("Description") == 1
    together = "\n".join(shown)
    assert all(together.count(f"no. {at}\n") == 1 for at in range(100))


@pytest.mark.parametrize("lines", range(9, 22))
def test_totals_stand_with_the_last_line(lines: int) -> None:
    """Wherever the page ends, the totals and the VAT block have a line of the invoice above."""
    receipt = replace(pages.LONG, lines=pages.LONG.lines[:lines])
    shown = read(encode(receipt_page(receipt)))
    last = shown[-1]
    (page,) = [text for text in shown if "TOTAL USD" in text]
    assert f"no. {lines - 1}\n" in page
    assert "C Exempt 0.60 0.00 0.60" in " ".join(page.split())
    assert "Number of items" in page
    assert "60A7-4CD9-6120-2377" in last


def test_a_line_and_its_discount_are_not_parted() -> None:
    for page in read(encode(receipt_page(pages.LONG))):
        body = page.split("Amount USD", 1)[1].strip()
        assert not body.startswith("Discount")


def test_a_paper_of_many_pages_keeps_its_last_line_with_its_foot() -> None:
    lines = tuple(replace(pages.QUOTATION.lines[1], code=f"C{at}") for at in range(70))
    shown = read(encode(trade_paper(replace(pages.QUOTATION, lines=lines))))
    assert len(shown) > 3
    assert "C69" in shown[-1]
    assert "163.51" in shown[-1]


def test_letters_of_many_languages_are_shown_and_the_rest_is_told() -> None:
    names = "Łódź Ångström Привет Ελλάδα Tiếng 5 €"
    (shown,) = read(encode(_named(names)))
    assert names in shown
    assert "question mark" not in shown
    (shown,) = read(encode(_named("Tea 红茶 שלום")))
    assert "Tea HongCha slvm" in shown
    assert "question mark" not in shown
    (shown,) = read(encode(_named("Tea \ue000")))
    assert "Tea ?" in shown
    assert "question mark" in shown


def test_a_name_is_text_and_never_markup() -> None:
    name = "<b>Bread</b> &amp; (jam) \\ ) Tj ET /F1 {x} %s\x1b@\x00"
    (shown,) = read(encode(_named(name)))
    assert "<b>Bread</b> &amp; (jam) \\ ) Tj ET /F1 {x} %s@" in shown


def test_the_logo_is_a_file_of_the_shop(tmp_path: Path) -> None:
    path = tmp_path / "logo.png"
    Image.new("RGBA", (600, 150), (10, 80, 160, 128)).save(path)
    (page,) = PdfReader(BytesIO(encode(receipt_page(pages.CODED), Stationery(logo=path)))).pages
    assert [image.image.size for image in page.images if image.image] == [(600, 150)]
    (page,) = PdfReader(BytesIO(encode(receipt_page(pages.CODED)))).pages
    assert not page.images


@pytest.mark.parametrize("content", [None, b"", b"no picture", b"\x89PNG\r\n\x1a\nbroken"])
def test_a_logo_or_font_nobody_can_read_is_named(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "file"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(FileUnusable, match=str(path)):
        encode(receipt_page(pages.CODED), Stationery(logo=path))
    with pytest.raises(FileUnusable, match=str(path)):
        fonts(path)


def test_large_amounts_get_smaller_print_and_stay_whole() -> None:
    (shown,) = read(encode(receipt_page(samples.LARGE)))
    assert shown.count("13185185.16") >= 3
    with pytest.raises(TooWide):
        encode(Document((Columns("Total", "9" * 400),), "x", "en", PAGE_WIDTH))


def test_a_barcode_with_a_wrong_digit_is_refused() -> None:
    for data in ("6001234567892", "12", "600123456789x"):
        with pytest.raises(UnprintableData):
            encode(Document((Barcode(data, Symbology.EAN13),), "x", "en", 32))


@settings(max_examples=40, deadline=None)
@given(name=st.text(max_size=200), code=st.text(max_size=20), note=st.text(max_size=60))
def test_random_names_never_break_a_page(name: str, code: str, note: str) -> None:
    lines = (replace(pages.CODED.lines[0], name=name, code=code, note=note),)
    data = encode(receipt_page(replace(pages.CODED, lines=lines)))
    shown = "".join(read(data))
    assert "15.00" in shown
    assert "25.99" in shown


def _named(name: str) -> Document:
    lines = (replace(pages.CODED.lines[0], name=name, price=Decimal(1), discounts=()),)
    return receipt_page(replace(pages.CODED, lines=lines))
