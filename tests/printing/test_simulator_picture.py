"""The picture of a paper shows every dot: letters, codes that can be read, logos, the cut."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import barcode
import pytest
import segno
from PIL import Image

from printing.document import Barcode, Cut, Document, Qr, Symbology
from printing.escpos import encode
from printing.profile import profile_named
from printing.simulator import graphics, picture
from printing.simulator.core import SimulatedPrinter
from printing.simulator.folder import PaperFolder
from printing.simulator.ink import Bitmap
from printing.simulator.machine import Machine
from printing.simulator.picture import MARGIN
from printing.simulator.store import MemoryPaper
from printing.simulator.strip import PrintedPaper
from tests.printing.samples import VirtualClock
from tests.printing.test_simulator import CUT, say, texts

LINK = "https://fdms.zimra.co.zw/000002286211092026000021687760A74CD961202377"


class Looked(MemoryPaper):
    """Keeps papers with their dots."""

    def __init__(self) -> None:
        super().__init__()
        self.whole: list[PrintedPaper] = []

    def keep(self, paper: PrintedPaper) -> None:
        super().keep(paper)
        self.whole.append(paper)


def desk(**how: Any) -> tuple[SimulatedPrinter, Looked]:
    store = Looked()
    machine = Machine(**{"name": "t", "columns": 48, "dots": 576, **how})
    return SimulatedPrinter(machine, clock=VirtualClock(), store=store), store


def drawn(store: Looked) -> Image.Image:
    return Image.open(io.BytesIO(picture.png(store.whole[-1])))


def ink(image: Image.Image) -> int:
    """How much black there is."""
    return sum(255 - value for value in image.tobytes())


def rows_of(image: Image.Image, top: int) -> str:
    """One row of dots between the margins, as ones and zeros."""
    return "".join(
        "1" if image.getpixel((left, top)) == 0 else "0"
        for left in range(MARGIN, image.width - MARGIN)
    )


def printed(data: bytes) -> Image.Image:
    sim, store = desk()
    say(sim, data + CUT)
    return drawn(store)


def test_the_picture_is_as_wide_as_the_paper_and_as_long_as_its_lines() -> None:
    image = printed(b"Hello\nWorld\n\x1d!\x11Big\n")
    assert image.size == (576 + 2 * MARGIN, 2 * MARGIN + 30 + 30 + 48 + 30)


def test_bold_wide_underlined_and_inverse_are_seen() -> None:
    plain = ink(printed(b"Total 25.99\n"))
    assert ink(printed(b"\x1bE\x01Total 25.99\n")) > plain * 1.1
    assert ink(printed(b"\x1d!\x11Total 25.99\n")) > plain * 3
    assert ink(printed(b"\x1b-\x01Total 25.99\n")) > plain
    assert ink(printed(b"\x1dB\x01Total 25.99\n")) > plain * 2
    assert ink(printed(b"\x1bM\x01Total 25.99\n")) < plain


def test_font_b_puts_more_into_a_line() -> None:
    sim, _ = desk()
    say(sim, b"\x1bM\x01" + b"x" * 65 + b"\n" + CUT)
    assert texts(sim) == ["x" * 64 + "\nx\n"]


@pytest.mark.parametrize("name", ["80mm", "58mm"])
def test_the_qr_code_has_the_modules_of_its_data(name: str) -> None:
    profile = profile_named(name)
    sim, store = desk(columns=profile.columns, dots=profile.dots)
    say(sim, encode(Document((Qr(LINK), Cut()), "t", "en", profile.columns), profile))
    image, code = drawn(store), segno.make_qr(LINK, error="m", boost_error=False)
    box = Image.eval(image.crop((0, 0, image.width, image.height - 3)), lambda v: 255 - v).getbbox()
    assert box is not None
    left, top, right, _ = box
    side = len(code.matrix)
    size = (right - left) // side
    seen = [
        [image.getpixel((left + x * size, top + y * size)) == 0 for x in range(side)]
        for y in range(side)
    ]
    assert seen == [[bool(module) for module in row] for row in code.matrix]


def test_a_barcode_has_the_stripes_of_its_data() -> None:
    for symbology, data, kind in (
        (Symbology.CODE128, "T01-PARKED-7", "code128"),
        (Symbology.EAN13, "6001234567899", "ean13"),
    ):
        sim, store = desk()
        document = Document((Barcode(data, symbology), Cut()), "t", "en", 48)
        say(sim, encode(document, profile_named("80mm")))
        wanted = barcode.get_barcode_class(kind)(data).build()[0].replace("G", "1")
        row = rows_of(drawn(store), MARGIN + 5).strip("0")
        bar = len(row) // len(wanted)
        assert row[::bar] == wanted


def test_a_raster_is_shown_dot_by_dot() -> None:
    sim, store = desk()
    say(sim, b"\x1dv0\x00\x02\x00\x02\x00\xaa\x0f\x55\xf0" + CUT)
    image = drawn(store)
    assert rows_of(image, MARGIN)[:16] == "1010101000001111"
    assert rows_of(image, MARGIN + 1)[:16] == "0101010111110000"


def test_a_logo_is_kept_through_a_power_cut_and_none_is_printed_where_none_is(
    tmp_path: Path,
) -> None:
    machine = Machine(name="t", columns=48, dots=576, logos=frozenset())
    sim = SimulatedPrinter(machine, clock=VirtualClock(), store=PaperFolder(tmp_path))
    say(sim, b"before\n\x1cp\x01\x00" + CUT)
    say(sim, b"\x1cq\x01\x01\x00\x01\x00" + bytes.fromhex("ff818181818181ff"))
    say(sim, b"\x1d(L\x0c\x000C0AB1\x08\x00\x01\x001\x3c")
    again = SimulatedPrinter(machine, clock=VirtualClock(), store=PaperFolder(tmp_path))
    say(again, b"\x1cp\x01\x00\x1d(L\x06\x000EAB\x01\x01" + CUT)
    assert texts(again) == ["before\n", "[LOGO 1]\n[LOGO AB]\n"]
    with Image.open(tmp_path / "paper" / "0002.png") as image:
        assert rows_of(image.convert("L"), MARGIN)[:8] == "11111111"
        assert rows_of(image.convert("L"), MARGIN + 1)[:8] == "10000001"
        assert rows_of(image.convert("L"), MARGIN + 8)[:8] == "00111100"


def test_pictures_sent_in_other_ways() -> None:
    sim, store = desk()
    say(sim, b"\x1d8L\x0b\x00\x00\x000p0\x02\x011\x08\x00\x01\x00\xf0\x1d(L\x02\x0002" + CUT)
    assert rows_of(drawn(store), MARGIN)[:16] == "1" * 8 + "0" * 8
    say(sim, b"\x1b*\x21\x01\x00\xff\x00\x0f" + CUT)
    image = drawn(store)
    column = [image.getpixel((MARGIN, MARGIN + row)) == 0 for row in range(24)]
    assert column == [True] * 8 + [False] * 8 + [False] * 4 + [True] * 4
    assert graphics.enlarged(Bitmap(2, 1, b"\x80"), 2, 3) == Bitmap(4, 3, b"\xc0" * 3)


def test_what_cannot_be_drawn_spoils_no_paper() -> None:
    sim, store = desk()
    say(sim, b"\x1d(k\x43\x0b1P0" + b"x" * 2880 + b"\x1d(k\x03\x001Q0")
    say(sim, b"\x1dkI\x02\x80\x81\x1dk\x02123\x00\x1d(L\x02\x000E" + b"still here\n" + CUT)
    assert "still here" in texts(sim)[0]
    assert drawn(store).height > 2 * MARGIN
