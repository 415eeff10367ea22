"""Bytes for the printer: every control byte is ours, and names read as well as they can."""

from __future__ import annotations

import time
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from escpos.capabilities import CAPABILITIES
from hypothesis import given
from hypothesis import strategies as st

from printing import codepages, escpos
from printing.document import (
    Barcode,
    Block,
    Document,
    Feed,
    Logo,
    Qr,
    Symbology,
    Text,
)
from printing.errors import TooWide, UnknownProfile, UnprintableData
from printing.layouts.receipt import layout
from printing.profile import (
    CLONE_PAGES,
    EPSON_PAGES,
    PROFILES,
    Cutter,
    Profile,
    QrMode,
    adapted,
    profile_named,
)
from printing.receipt import Receipt, ReceiptLine
from printing.simulator.core import SimulatedPrinter
from printing.simulator.machine import MACHINES, PAGES
from printing.simulator.realtime import RealTimeCommand, RealTimeScanner
from tests.printing.samples import INVOICE, VirtualClock

WIDE = profile_named("80mm")
EVIL = "Milk\x1bp\x00\x32\x32\x10\x14\x01\x00\x05\x1d\x56\x00\x10\x04\x01\u202e\x9b1"


def document(*blocks: Block) -> Document:
    return Document(blocks, "test", "en", 48)


def printed(job: bytes, machine: str = "80mm") -> dict[str, Any]:
    printer = SimulatedPrinter(MACHINES[machine], clock=VirtualClock())
    assert printer.receive(job) == len(job)
    printer.stop()
    return printer.ledger()


def with_name(name: str) -> Receipt:
    line = ReceiptLine(
        name=name, quantity=Decimal(1), price=Decimal(1), amount=Decimal(1), tax_letter="A"
    )
    return replace(INVOICE, lines=(line,), cashier=name, notes=name)


def skeleton(receipt: Receipt, profile: Profile) -> list[bytes]:
    """What the job does, whatever the names are: its commands without text and code pages."""
    job = escpos.encode(layout(receipt, profile.columns), profile)
    printer = SimulatedPrinter(MACHINES[profile.name], clock=VirtualClock())
    printer.receive(job)
    ledger = printer.ledger()
    assert ledger["drawer_pulses"] == 0
    assert ledger["unknown_commands"] == []
    assert [row["overruns"] for row in ledger["receipts"]] == [0]
    parts = RealTimeScanner().feed(job)
    assert not any(isinstance(part, RealTimeCommand) for part in parts)
    return [bytes([byte]) for byte in job if byte < 0x20 and byte != 0x0A]


def test_a_job_starts_by_setting_everything() -> None:
    assert escpos.encode(document(), WIDE) == b"\x1b@\x1bR\x00\x1bt\x00\x1da\x0f"
    clone = escpos.encode(document(), profile_named("80mm-clone"))
    assert clone == b"\x1b@\x1c.\x1bR\x00\x1bt\x00"


def test_nothing_in_a_name_is_a_command() -> None:
    ledger = printed(escpos.encode(layout(with_name(EVIL), 48), WIDE))
    assert ledger["drawer_pulses"] == 0
    (paper,) = ledger["receipts"]
    assert "Milkp22V1" in paper["text"]


@pytest.mark.parametrize("name", ["80mm", "58mm", "80mm-clone"])
@given(text=st.text(max_size=60))
def test_any_name_prints_without_harm(name: str, text: str) -> None:
    profile = PROFILES[name]
    ours = skeleton(with_name("Milk"), profile)
    switches = {b"\x1b", *(bytes([number]) for number, _ in profile.code_pages)}
    theirs = skeleton(with_name(text), profile)
    assert len(theirs) >= len(ours)
    assert {byte for byte in theirs if byte not in switches} <= set(ours)


@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=1, max_size=20))
def test_plain_names_arrive_as_they_are(text: str) -> None:
    (paper,) = printed(escpos.encode(layout(with_name("A" + text), 48), WIDE))["receipts"]
    assert " ".join(("A" + text).split()) in " ".join(paper["text"].split())


def test_code_pages_are_switched_where_needed() -> None:
    job = escpos.encode(document(Text("Žluť €5 Ñandú Привет")), WIDE)
    assert printed(job)["receipts"][0]["text"] == "Žluť €5 Ñandú Привет\n"


def test_transliteration_comes_last() -> None:
    clone = profile_named("80mm-clone")
    assert codepages.printable("Žluťř", clone.code_pages) == "Žlutr"
    assert codepages.printable("≤ œuf ½ ﬁn №5 ₦9 ✓", CLONE_PAGES) == "≤ œuf ½ fin №5 NGN9 v"
    assert codepages.printable("牛奶 😀 \ue000 x", EPSON_PAGES) == "NiuNai :grinning: ? x"
    assert codepages.printable("a\u0300b\u0323", EPSON_PAGES) == "àb"


def test_page_numbers_agree_with_the_capability_database() -> None:
    """Three tables of ``ESC t`` numbers, made apart: ours, the simulator's, and a library's."""
    known = CAPABILITIES["profiles"]["TM-T88V"]["codePages"]
    default = CAPABILITIES["profiles"]["default"]["codePages"]
    for number, codec in EPSON_PAGES:
        name = known.get(str(number)) or default[str(number)]
        assert name.lower().replace("_", "") == codec.replace("_", "")
        assert PAGES[number] == codec


def test_kick_and_pulse() -> None:
    assert escpos.pulse(WIDE) == b"\x1bp\x00\x32\xfa"
    assert escpos.pulse(replace(WIDE, drawer_pin=1, pulse_on_ms=60))[2:] == b"\x01\x1e\xfa"
    assert escpos.pulse(replace(WIDE, drawer_pin=None)) == b""


def test_no_cut_without_a_knife() -> None:
    job = escpos.encode(layout(INVOICE, 32), profile_named("58mm-clone"))
    assert b"\x1dV" not in job
    full = replace(WIDE, cutter=Cutter.FULL)
    assert escpos.encode(layout(INVOICE, 48), full).endswith(b"\x1dVA\x00")


def test_too_wide_a_document_is_refused() -> None:
    with pytest.raises(TooWide, match="FISCAL TAX INVOICE needs 48 columns, this printer has 32"):
        escpos.encode(layout(INVOICE, 48), profile_named("58mm"))


def test_qr_gets_smaller_before_it_is_refused() -> None:
    narrow = replace(WIDE, dots=100)
    assert b"1C\x02" in escpos.encode(document(Qr("x" * 60)), narrow)
    with pytest.raises(TooWide, match="needs 114 dots"):
        escpos.encode(document(Qr("x" * 150)), narrow)


@pytest.mark.parametrize("data", ["", "a\x1bp", "x" * 667])
def test_qr_takes_no_control_characters(data: str) -> None:
    for mode in QrMode:
        with pytest.raises(UnprintableData):
            escpos.encode(document(Qr(data)), replace(WIDE, qr=mode))


@given(st.text(st.characters(min_codepoint=0x21, max_codepoint=0x17F), min_size=1, max_size=120))
def test_no_real_time_command_hides_in_a_picture(data: str) -> None:
    if not data.isprintable():
        return
    job = escpos.encode(document(Qr(data)), replace(WIDE, qr=QrMode.RASTER))
    assert b"\x10" not in job[job.index(b"\x1dv0") + 8 :]


def test_barcodes() -> None:
    job = escpos.encode(document(Barcode("HOLD{1}")), WIDE)
    assert b"\x1dkI\x0a{BHOLD{{1}" in job
    assert printed(job)["receipts"][0]["barcodes"] == ["HOLD{1}"]
    ean = escpos.encode(document(Barcode("6001234567899", Symbology.EAN13)), WIDE)
    assert ean.endswith(b"\x1dkC\x0d6001234567899")
    for wrong in (Barcode(""), Barcode("é"), Barcode("6001234567890", Symbology.EAN13)):
        with pytest.raises(UnprintableData):
            escpos.encode(document(wrong), WIDE)
    with pytest.raises(TooWide):
        escpos.encode(document(Barcode("X" * 20)), profile_named("58mm"))


def test_logo_and_feed() -> None:
    assert escpos.encode(document(Logo(3), Feed(900)), WIDE).endswith(
        b"\x1ba\x01\x1cp\x03\x00\x1ba\x00\x1bd\xff"
    )
    with pytest.raises(UnprintableData):
        escpos.encode(document(Logo(0)), WIDE)


def test_a_logo_is_called_as_the_printer_wants_it() -> None:
    newer = adapted(WIDE, {"logo": "key"})
    assert b"\x1d(L\x06\x000E07\x01\x01" in escpos.encode(document(Logo(7)), newer)
    assert b"\x1cp\x07\x00" in escpos.encode(document(Logo(7)), WIDE)
    assert (
        "[LOGO 01]"
        in printed(escpos.encode(document(Logo(1), Text("x")), newer))["receipts"][0]["text"]
    )
    with pytest.raises(UnprintableData):
        escpos.encode(document(Logo(100)), newer)


def test_the_smaller_font_puts_more_in_a_line() -> None:
    small = adapted(profile_named("58mm"), {"font": "b"})
    assert small.width == 42
    job = escpos.encode(layout(INVOICE, small.width), small)
    (paper,) = printed(job, "58mm")["receipts"]
    assert paper["overruns"] == 0
    assert max(len(line) for line in paper["text"].splitlines() if "[QR" not in line) == 42


def test_process_codes_name_a_job() -> None:
    codes = {escpos.process_code(f"job {number}") for number in range(500)}
    assert len(codes) == 500
    assert all(len(code) == 4 and code.isalnum() and code.isascii() for code in codes)
    assert escpos.process_code("a") == escpos.process_code("a")


def test_profiles_are_found_and_changed_by_name() -> None:
    with pytest.raises(UnknownProfile, match="'90mm'"):
        profile_named("90mm")
    changed = adapted(WIDE, {"columns": 42, "cutter": "full", "code_pages": {"0": "cp437"}})
    assert (changed.columns, changed.cutter, changed.code_pages) == (
        42,
        Cutter.FULL,
        ((0, "cp437"),),
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"colums": 42},
        {"columns": 5},
        {"columns": "48"},
        {"columns": True},
        {"asb": 1},
        {"cutter": "scissors"},
        {"qr": "big"},
        {"drawer_pin": 7},
        {"code_pages": {"0": "klingon"}},
        {"code_pages": {"0": "base64"}},
        {"code_pages": {}},
        {"code_pages": 3},
        {"pulse_on_ms": 200, "pulse_off_ms": 300},
        {"name": "x"},
    ],
)
def test_a_wrong_setting_is_named(changes: dict[str, object]) -> None:
    with pytest.raises(UnknownProfile):
        adapted(WIDE, changes)


def test_a_receipt_of_twenty_lines_is_rendered_in_five_milliseconds() -> None:
    receipt = replace(INVOICE, lines=(INVOICE.lines * 7)[:20])
    escpos.encode(layout(receipt, 48), WIDE)
    best = 1.0
    for _ in range(5):
        start = time.perf_counter()
        escpos.encode(layout(receipt, 48), WIDE)
        best = min(best, time.perf_counter() - start)
    assert best < 0.005
