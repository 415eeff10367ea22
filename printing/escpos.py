"""Documents as ESC/POS bytes: our own encoder, so that every byte of a job is accounted for.

Text goes out only as printable characters: nothing in a name can become a command. Sources: Epson
ESC/POS command reference; what clones do differently is data in the profile.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from printing import codepages, qr
from printing.barcode import check
from printing.document import (
    Align,
    Barcode,
    Columns,
    Cut,
    Document,
    Feed,
    Logo,
    Plain,
    Qr,
    Row,
    Rule,
    Size,
    Symbology,
    Text,
)
from printing.errors import TooWide, UnprintableData
from printing.grid import plain
from printing.lines import lines_of
from printing.profile import Cutter, Font, LogoMode, Profile, QrMode

RESET = b"\x1b@"
USA = b"\x1bR\x00"
FONT_B = b"\x1bM\x01"
LEAVE_KANJI = b"\x1c."
REPORT_ALL = b"\x1da\x0f"
ASK_PAPER = b"\x1dr\x01"
CLEAR_BUFFER = b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08"
RECOVER_AND_CLEAR = b"\x10\x05\x02"
BOLD_ON, BOLD_OFF = b"\x1bE\x01", b"\x1bE\x00"
ALIGNMENT = {Align.LEFT: b"\x1ba\x00", Align.CENTRE: b"\x1ba\x01", Align.RIGHT: b"\x1ba\x02"}
SIZES = {
    Size.NORMAL: b"\x1d!\x00",
    Size.TALL: b"\x1d!\x01",
    Size.WIDE: b"\x1d!\x10",
    Size.DOUBLE: b"\x1d!\x11",
}
CODE_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
BYTE_MAX = 255
LOGO_KEY_MAX = 99
QUIET_MODULES = 4
"""What a QR code needs free above and below it (ISO/IEC 18004); the paper gives the sides."""
STRIPE_MIN, STRIPE_WANTED = 2, 3


def encode(document: Document, profile: Profile) -> bytes:
    """Return one whole job: reset, code page, the document; the printer actor adds the proof.

    Args:
        document: laid out for at most the profile's `width`.
        profile: of the printer it goes to.

    Raises:
        TooWide: the document, an amount or a code does not fit the paper.
        UnprintableData: a QR code or barcode cannot carry its text.
    """
    if document.width > profile.width:
        raise TooWide(f"The {document.title}", needs=document.width, has=profile.width)
    job = _Job(profile, document.width, page=profile.code_pages[0][0])
    job.begin()
    for block in plain(document.blocks, document.width, job.printable):
        job.add(block)
    return bytes(job.out)


def marked(job: bytes, mark: str, profile: Profile) -> bytes:
    """The same paper with a mark on a line of its own above everything else, such as COPY 1.

    Args:
        job: from `encode` for this profile; under other settings the mark stands above all of it.
        mark: the line.
        profile: of the printer it goes to.
    """
    begun = _Job(profile, profile.width, page=profile.code_pages[0][0])
    begun.begin()
    start = bytes(begun.out)
    begun.add(Text(mark, align=Align.CENTRE, bold=True))
    begun.add(Text(""))
    return bytes(begun.out) + job.removeprefix(start)


def pulse(profile: Profile) -> bytes:
    """One drawer pulse, or nothing where there is no drawer."""
    if profile.drawer_pin is None:
        return b""
    times = (profile.pulse_on_ms // 2, profile.pulse_off_ms // 2)
    return b"\x1bp" + bytes([profile.drawer_pin, *(min(time, BYTE_MAX) for time in times)])


def pulse_now(profile: Profile) -> bytes:
    """The same pulse as a command that is obeyed on arrival, off-line too (``DLE DC4`` fn 1).

    Its time is in tenths of a second, 1 to 8.
    """
    if profile.drawer_pin is None:
        return b""
    tenths = min(max(-(-profile.pulse_on_ms // 100), 1), 8)
    return b"\x10\x14\x01" + bytes([profile.drawer_pin, tenths])


def process_code(job_id: str) -> str:
    """Four letters or digits by which the printer's answer names a job."""
    number = int.from_bytes(hashlib.sha256(job_id.encode()).digest()[:8], "big")
    digits = []
    for _ in range(4):
        number, digit = divmod(number, len(CODE_DIGITS))
        digits.append(CODE_DIGITS[digit])
    return "".join(digits)


def ask_process_id(code: str) -> bytes:
    """Ask to be told this code once everything before it is on paper (``GS ( H`` fn 48)."""
    return b"\x1d(H\x06\x0000" + code.encode("ascii")


@dataclass(slots=True)
class _Job:
    """A job being written, with what the printer's state is at its end."""

    profile: Profile
    width: int
    page: int
    out: bytearray = field(default_factory=bytearray)
    bold: bool = False
    size: Size = Size.NORMAL
    align: Align = Align.LEFT

    def begin(self) -> None:
        """State from an earlier job must not show in this one: everything is set anew."""
        self.out += RESET
        if self.profile.leaves_kanji:
            self.out += LEAVE_KANJI
        self.out += USA + b"\x1bt" + bytes([self.page])
        if self.profile.font is Font.B:
            self.out += FONT_B
        if self.profile.asb:
            self.out += REPORT_ALL

    def add(self, block: Plain) -> None:
        match block:
            case Text():
                self._style(bold=block.bold, size=block.size, align=block.align)
                self._lines(lines_of(block, self.width, self.printable))
            case Columns():
                self._style(bold=block.bold, size=block.size)
                self._lines(lines_of(block, self.width, self.printable))
            case Row():
                self._style(bold=block.bold)
                self._lines(lines_of(block, self.width, self.printable))
            case Rule():
                self._style()
                self._lines(lines_of(block, self.width, self.printable))
            case Qr() | Barcode() | Logo():
                self._style(align=Align.CENTRE)
                self.out += _picture(block, self.profile)
            case Feed() | Cut():
                self._style()
                self.out += _motion(block, self.profile)

    def _style(
        self, *, bold: bool = False, size: Size = Size.NORMAL, align: Align = Align.LEFT
    ) -> None:
        if bold is not self.bold:
            self.out += BOLD_ON if bold else BOLD_OFF
        if size is not self.size:
            self.out += SIZES[size]
        if align is not self.align:
            self.out += ALIGNMENT[align]
        self.bold, self.size, self.align = bold, size, align

    def _lines(self, lines: list[str]) -> None:
        for line in lines:
            encoded, self.page = codepages.encode(line, self.profile.code_pages, self.page)
            self.out += encoded + b"\n"

    def printable(self, text: str) -> str:
        """What of a text these code pages can show."""
        return codepages.printable(text, self.profile.code_pages)


def _picture(block: Qr | Barcode | Logo, profile: Profile) -> bytes:
    match block:
        case Qr():
            return _qr(qr.payload(block.data), profile)
        case Barcode():
            return _barcode(block, profile)
        case Logo():
            return _logo(block.number, profile)


def _logo(number: int, profile: Profile) -> bytes:
    most = LOGO_KEY_MAX if profile.logo is LogoMode.KEY else BYTE_MAX
    if not 1 <= number <= most:
        raise UnprintableData("logo", f"its number is not between 1 and {most}")
    if profile.logo is LogoMode.KEY:
        return b"\x1d(L\x06\x000E" + f"{number:02}".encode("ascii") + b"\x01\x01"
    return b"\x1cp" + bytes([number, 0])


def _motion(block: Feed | Cut, profile: Profile) -> bytes:
    match block:
        case Feed():
            return b"\x1bd" + bytes([min(block.lines, BYTE_MAX)])
        case Cut():
            return _cut(profile)


def _cut(profile: Profile) -> bytes:
    feed = b"\x1bd" + bytes([profile.feed_lines]) if profile.feed_lines else b""
    match profile.cutter:
        case Cutter.NONE:
            return feed
        case Cutter.PARTIAL:
            return feed + b"\x1dVB\x00"
        case Cutter.FULL:
            return feed + b"\x1dVA\x00"


def _qr(data: bytes, profile: Profile) -> bytes:
    dots = qr.module_dots(data, wanted=profile.qr_dots, dots=profile.dots)
    quiet = b"\x1bJ" + bytes([QUIET_MODULES * dots])
    return quiet + _symbol(data, profile, dots) + quiet


def _symbol(data: bytes, profile: Profile, dots: int) -> bytes:
    if profile.qr is QrMode.RASTER:
        width, height, bits = qr.raster(data, dots)
        size = width.to_bytes(2, "little") + height.to_bytes(2, "little")
        return b"\x1dv0\x00" + size + bits
    return (
        _qr_function(b"1A2\x00")  # model 2
        + _qr_function(b"1C" + bytes([dots]))
        + _qr_function(b"1E1")  # error correction M
        + _qr_function(b"1P0" + data)
        + _qr_function(b"1Q0")
    )


def _qr_function(parameters: bytes) -> bytes:
    return b"\x1d(k" + len(parameters).to_bytes(2, "little") + parameters


def _barcode(block: Barcode, profile: Profile) -> bytes:
    check(block)
    symbol = _code128(block.data) if block.symbology is Symbology.CODE128 else _ean13(block.data)
    stripes = 35 + 11 * len(block.data) + 20 if block.symbology is Symbology.CODE128 else 95 + 18
    dots = min(STRIPE_WANTED, profile.dots // stripes)
    if dots < STRIPE_MIN:
        raise TooWide("The barcode", needs=stripes * STRIPE_MIN, has=profile.dots, unit="dots")
    return b"\x1dH\x02\x1dh\x50\x1dw" + bytes([dots]) + symbol


def _code128(data: str) -> bytes:
    coded = b"{B" + data.replace("{", "{{").encode("ascii")
    return b"\x1dkI" + bytes([len(coded)]) + coded


def _ean13(data: str) -> bytes:
    return b"\x1dkC\x0d" + data.encode("ascii")
