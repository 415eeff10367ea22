"""Whatever people write into a name, on whatever printer: the job does what we meant and no more.

Every byte of a job is read by `tests.printing.job_reader`, which shares nothing with the encoder:
only known commands, no pulse of the drawer, no line wider than the paper, no amount torn.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from printing import codepages, escpos
from printing.document import Barcode, Document, Feed, Logo, Qr, Text
from printing.layouts.receipt import layout
from printing.profile import CLONE_PAGES, EPSON_PAGES, PROFILES, Profile, adapted
from tests.printing import samples
from tests.printing.job_reader import Stray, read_job
from tests.printing.test_names import MADE

CHANGED: dict[str, tuple[str, dict[str, Any]]] = {
    "80mm in small letters": ("80mm", {"font": "b"}),
    "58mm in small letters": ("58mm", {"font": "b", "qr": "raster"}),
    "40 letters, no knife": ("80mm-42", {"columns": 40, "cutter": "none", "feed_lines": 5}),
    "newer logo": ("80mm", {"logo": "key", "drawer_pin": 1, "cutter": "full"}),
    "cyrillic first": ("80mm-clone", {"code_pages": {"17": "cp866", "16": "cp1252"}}),
}
KINDS: dict[str, Profile] = {
    **PROFILES,
    **{name: adapted(PROFILES[of], changes) for name, (of, changes) in CHANGED.items()},
}
NASTY = (
    "\x1bp\x00\x32\x32", "\x10\x14\x01\x00\x05", "\x10\x04\x01", "\x1d\x56\x00", "\x1b@",
    "\x9b31m", "\u202e", "\u2066", "\u200b", "\x85", "\u2028", "\ufeff", "\x1c.", "\x1d(k",
    "牛奶", "₺₹€", "Žluťoučký", "Молоко", "γάλα", "حليب", "😀", "e\u0301\u0302\u0303\u0304",
    "\x00", "\x7f", "\ue000", "%s{}", "½", "A" * 60,
)  # fmt: skip
names = st.one_of(
    st.text(max_size=60),
    st.lists(st.one_of(st.sampled_from(NASTY), st.text(max_size=8)), max_size=6).map("".join),
)


def commands_of(name: str, kind: str, profile: Profile) -> tuple[Any, set[str]]:
    make, _ = MADE[kind]
    job = escpos.encode(make(name, profile.width), profile)
    read = read_job(job, dict(profile.code_pages))
    return read, set(read.commands)


@pytest.mark.parametrize("printer", KINDS)
@settings(max_examples=25)
@given(name=names, kind=st.sampled_from(sorted(MADE)))
@example(name="000Ғ奵\U0001f600\U0001f600\U0001f600\U0001f600", kind="count")
def test_any_name_on_any_printer(printer: str, name: str, kind: str) -> None:
    profile, amount = KINDS[printer], MADE[kind][1]
    read, commands = commands_of(name, kind, profile)
    _, meant = commands_of("Milk", kind, profile)
    assert read.pulses == 0
    assert commands <= meant | {"1b74"}, "a name brings no command but a change of the code page"
    assert max(width for _, width in read.lines) <= profile.width
    assert any(amount in line.split() for line, _ in read.lines)


@pytest.mark.parametrize("printer", KINDS)
def test_the_reader_knows_every_command_we_send(printer: str) -> None:
    """And what opens the drawer is seen by it."""
    profile = KINDS[printer]
    blocks = (Logo(7), Text("x"), Feed(2), Barcode("4821"), Qr("https://fdms.zimra.co.zw"))
    job = escpos.encode(Document(blocks, "test", "en", profile.width), profile)
    pulsed = escpos.pulse(profile) + job
    assert read_job(pulsed, dict(profile.code_pages)).pulses == 1
    marked = escpos.marked(job, "*** COPY 1 ***", profile)
    assert read_job(marked, dict(profile.code_pages)).lines[0][0] == "*** COPY 1 ***"


@pytest.mark.parametrize("evil", [name for name in NASTY if any(ord(byte) < 0x20 for byte in name)])
def test_the_reader_would_see_what_hides_in_a_name(evil: str) -> None:
    profile = KINDS["80mm"]
    job = escpos.encode(Document((Text("Milk 1 l"),), "test", "en", 48), profile)
    broken = job.replace(b"Milk", evil.encode("latin-1"))
    try:
        read = read_job(broken, dict(profile.code_pages))
    except Stray:
        return
    assert read.pulses or read.commands != read_job(job, dict(profile.code_pages)).commands


def test_a_receipt_reads_the_same_in_every_letter_the_printer_has() -> None:
    """Western, central European, Greek, Cyrillic and Turkish letters come as they are."""
    for name in ("Žluť €", "Молоко", "γαλα", "Süt şişe ğ", "Crème brûlée ½", "Ąžuolas"):
        assert codepages.printable(name, EPSON_PAGES) == name
        assert "?" not in codepages.printable(name, CLONE_PAGES)


def test_other_scripts_are_spelt_in_latin_where_the_printer_has_none_of_their_letters() -> None:
    poorest = ((0, "cp437"),)
    spelt = {
        "Молоко": "Moloko", "Привет": "Privet", "牛奶": "NiuNai", "حليب": "hlyb",
        "ミルク": "miruku", "Ŧ": "T", "ɓ": "b", "😀": ":grinning:", "\ue000": "?", "‿": "_",
    }  # fmt: skip
    for name, plain in spelt.items():
        assert codepages.printable(name, poorest) == plain


@given(st.text(st.characters(categories=["Lu", "Ll"], max_codepoint=0x17F), min_size=1))
def test_no_letter_of_latin_is_lost_on_the_poorest_printer(name: str) -> None:
    poorest = ((0, "cp437"),)
    shown = codepages.printable(name, poorest)
    assert "?" not in shown
    assert len(shown) >= len(name)


@pytest.mark.parametrize("profile", [KINDS["58mm-clone"], KINDS["80mm"]], ids=lambda row: row.name)
def test_the_code_stands_below_its_picture_as_text(profile: Profile) -> None:
    job = escpos.encode(layout(samples.INVOICE, profile.width), profile)
    after = job[max(job.rfind(b"\x1dv0"), job.rfind(b"1Q0")) :]
    assert b"60A7-4CD9-6120-2377" in after
    assert b"fdms.zimra.co.zw" in after
