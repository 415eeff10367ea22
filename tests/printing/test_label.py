"""Labels: the same goods as ZPL and as ESC/POS, and what a label printer says became of one."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from printing import escpos, zpl
from printing.clean import clean
from printing.document import Symbology
from printing.errors import CoverOpen, Offline, PaperOut, TooWide, UnprintableData
from printing.label import LabelMedia, LabelPrice, PriceLabel
from printing.label_printer import LabelPrinter, status_of
from printing.layouts.label import price_label
from printing.link import MemoryLink
from printing.outcome import OutcomeKind
from printing.profile import profile_named
from printing.simulator.label import SimulatedLabelPrinter
from tests.printing.samples import VirtualClock

D = Decimal
GOLDEN = Path(__file__).parent / "golden"
MEDIA = LabelMedia(width_mm=50, height_mm=30)
CRUSH = PriceLabel(
    name="Mazoe Orange Crush 2 l",
    prices=(
        LabelPrice(amount=D("3.20"), currency="USD", per_unit=D("1.60")),
        LabelPrice(amount=D("86.40"), currency="ZIG", per_unit=D("43.20")),
    ),
    code="1001",
    measure="l",
    barcode="6001234567899",
    symbology=Symbology.EAN13,
    rate=D("27"),
    rate_on=date(2026, 3, 2),
    printed_on=date(2026, 3, 3),
)
STEAK = PriceLabel(
    name="Beef rump steak, matured on the bone for three weeks",
    prices=(
        LabelPrice(amount=D("4.72"), currency="USD", per_unit=D("8.50")),
        LabelPrice(amount=D("127.44"), currency="ZIG", per_unit=D("229.50")),
    ),
    code="2001",
    measure="kg",
    content="0.555 kg",
    barcode="2000042005559",
    symbology=Symbology.EAN13,
    rate=D("27"),
    rate_on=date(2026, 3, 2),
    printed_on=date(2026, 3, 3),
)
FIELD = re.compile(r"\^FH_\^FD(.*?)\^FS")
PLACE = re.compile(r"\^FO(\d+),(\d+)")
C, P, U, R = OutcomeKind


def check(name: str, data: bytes) -> None:
    path = GOLDEN / name
    if not path.exists():
        path.write_bytes(data)
        pytest.fail(f"{path} is new: look at it, then commit it")
    assert path.read_bytes() == data


@pytest.mark.parametrize(("name", "label"), [("crush", CRUSH), ("steak", STEAK)])
def test_golden(name: str, label: PriceLabel) -> None:
    check(f"label_{name}.zpl", zpl.encode(label, MEDIA, copies=2))
    check(f"label_{name}.bin", escpos.encode(price_label(label, 48), profile_named("80mm")))


@pytest.mark.parametrize("label", [CRUSH, STEAK])
@pytest.mark.parametrize("size", [(50, 30), (60, 40), (40, 30), (100, 50)])
def test_nothing_stands_over_the_edge(label: PriceLabel, size: tuple[int, int]) -> None:
    media = LabelMedia(width_mm=size[0], height_mm=size[1])
    text = zpl.encode(replace(label, barcode="", name=label.name[:30]), media).decode()
    for _x, y in PLACE.findall(text):
        assert int(y) < media.height - media.height // 20


@given(st.text(max_size=60))
def test_no_name_is_a_command(name: str) -> None:
    printer = SimulatedLabelPrinter(VirtualClock())
    sent = zpl.encode(replace(CRUSH, name=f"x{name}"), MEDIA)
    plain = zpl.encode(replace(CRUSH, name="x"), MEDIA)
    assert sent.isascii()
    printer.write(sent)
    expected = SimulatedLabelPrinter(VirtualClock())
    expected.write(plain)
    assert printer.commands == expected.commands
    assert sent.count(b"^") == plain.count(b"^")
    assert b"~" not in sent


@given(st.text(max_size=60))
def test_a_name_arrives_as_it_is_readable(name: str) -> None:
    clock = VirtualClock()
    printer = SimulatedLabelPrinter(clock)
    printer.write(zpl.encode(replace(CRUSH, name=f"x{name}"), MEDIA))
    clock.sleep(1)
    printer.run()
    (label,) = printer.labels
    assert label.fields[0] == clean(f"x{name}").replace("\\", "/")


def test_a_barcode_is_never_another_number() -> None:
    with pytest.raises(UnprintableData):
        zpl.encode(replace(CRUSH, barcode="6001234567890"), MEDIA)
    with pytest.raises(TooWide):
        zpl.encode(replace(CRUSH, symbology=Symbology.CODE128, barcode="A" * 40), MEDIA)
    odd = zpl.encode(replace(CRUSH, symbology=Symbology.CODE128, barcode="A>B^C"), MEDIA)
    assert b"^FDA>0B_5EC^FS" in odd


def test_status_is_read_whole_or_not_at_all() -> None:
    first = b"\x02030,1,0,0240,002,0,0,0,000,0,0,0\x03\r\n"
    second = b"\x02000,0,1,0,0,2,4,0,00000003,1,000\x03\r\n"
    assert status_of(first) is None
    status = status_of(b"noise" + first + second)
    assert status is not None
    assert (status.left, status.is_out, status.is_head_open) == (5, True, True)
    assert isinstance(status.problem, CoverOpen)


class Desk:
    def __init__(self, **how: int) -> None:
        self.clock = VirtualClock()
        self.machine = SimulatedLabelPrinter(self.clock, **how)
        self.printer = LabelPrinter(self.machine, clock=self.clock)

    def prints(self, job_id: str = "a", copies: int = 1) -> tuple[OutcomeKind, object]:
        outcome = self.printer.print(zpl.encode(CRUSH, MEDIA, copies=copies), job_id)
        return outcome.kind, type(outcome.reason)


def test_a_label_is_confirmed_once_nothing_is_left_to_come() -> None:
    desk = Desk()
    assert desk.prints(copies=3)[0] is C
    assert len(desk.machine.labels) == 3
    assert desk.machine.labels[0].fields[0] == "Mazoe Orange Crush 2 l"


def test_out_of_labels_in_the_middle_is_unsure_and_settles_with_the_new_roll() -> None:
    desk = Desk(media=2)
    assert desk.prints(copies=3) == (U, PaperOut)
    assert len(desk.machine.labels) == 2
    unsure = desk.printer.settle("a")
    assert unsure is not None
    assert unsure.kind is U
    assert desk.prints("b") == (R, PaperOut)
    desk.machine.media = 100
    desk.clock.sleep(5)
    settled = desk.printer.settle("a")
    assert settled is not None
    assert settled.kind is C
    assert len(desk.machine.labels) == 3
    assert desk.printer.settle("a") is None


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [("is_head_open", CoverOpen), ("is_paused", Offline), ("is_silent", Offline),
     ("is_unplugged", Offline)],
)  # fmt: skip
def test_what_is_wrong_before_sends_nothing(wrong: str, reason: type) -> None:
    desk = Desk()
    setattr(desk.machine, wrong, True)
    assert desk.prints() == (R, reason)
    assert desk.machine.labels == []
    setattr(desk.machine, wrong, False)
    assert desk.prints()[0] is C


def test_a_printer_that_is_dumb_in_trouble_is_unsure() -> None:
    desk = Desk(media=1)
    desk.machine.answers_in_trouble = False
    assert desk.prints(copies=2)[0] is U
    assert len(desk.machine.labels) == 1


def test_a_restarted_program_knows_nothing_of_an_old_label() -> None:
    desk = Desk(media=0)
    desk.machine.media = 1
    assert desk.prints(copies=2)[0] is U
    assert LabelPrinter(desk.machine, clock=desk.clock).settle("a") is None


def test_a_one_way_printer_probably_prints() -> None:
    link = MemoryLink()
    printer = LabelPrinter(lambda: link, clock=VirtualClock(), answers=False)
    assert printer.print(b"^XA^XZ", "a").kind is P
    assert bytes(link.written) == b"^XA^XZ"
