"""Obeys ESC/POS commands in order and puts them on paper: the part behind the buffer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from printing.simulator import answer, graphics
from printing.simulator.command import TEXT, UNKNOWN, Command
from printing.simulator.drawer import Drawer
from printing.simulator.graphics import Logos
from printing.simulator.ink import FONT_A, FONT_B, LINE_DOTS, Bitmap, QrCode, Stripes, Style
from printing.simulator.machine import Machine
from printing.simulator.store import PaperStore, amended
from printing.simulator.strip import PrintedPaper, Strip

QUESTIONS = (b"", b"\x1dr\x01")
"""What may stand between two papers without belonging to either."""

QR_DOTS, TEXT_BELOW = 240, 24
"""Paper of a QR code of usual size, by which the roll is counted, and of a barcode's text."""

PICTURE_FUNCTIONS = {66: 2, 67: 9, 69: 4, 112: 8}
"""Functions of ``GS ( L`` with the bytes they need at least."""

QR_LEVELS = {48: "L", 49: "M", 50: "Q", 51: "H"}


class Engine:
    """Print head, knife, drawer and roll; answers collect in `out`.

    The caller sees to it that nothing is obeyed while the printer cannot print.
    """

    def __init__(self, *, machine: Machine, store: PaperStore, now: Callable[[], datetime]) -> None:
        self.machine = machine
        self.out = bytearray()
        self.asb_mask = 0
        self.wants_report = False
        self.unknown: list[str] = []
        self.unseen_jobs: list[str] = []
        self._store = store
        self._now = now
        self._newest: PrintedPaper | None = None
        self.drawer = Drawer(machine, now)
        self.logos = Logos(machine.logos)
        kept = store.state()
        self.count = kept.get("count", 0)
        self.pulses = kept.get("pulses", 0)
        self.dots_left: int = kept.get("dots_left", machine.roll_lines * LINE_DOTS)
        if "logos" in kept:
            self.logos.restore(kept["logos"])
        self.strip = Strip(machine.dots)
        self.power_up()
        self._by_name = self._actions()

    def power_up(self) -> None:
        """Forget every mode, as switching on does; the paper stays as it is."""
        self._style = Style()
        self._qr_data, self._qr_dots, self._qr_level = b"", 3, "L"
        self._bar, self._bar_height, self._has_bar_text = 3, 162, False
        self._graphics: Bitmap | None = None
        self.asb_mask = 0

    @property
    def is_near_end(self) -> bool:
        """Whether the roll is thin enough for the sensor that says so."""
        return self.dots_left <= self.machine.near_end_lines * LINE_DOTS

    def load_roll(self) -> None:
        """Put in a new roll."""
        self.dots_left = self.machine.roll_lines * LINE_DOTS
        self._keep_state()

    def end_strip(self, ended_by: str, *, is_cut: bool) -> None:
        """What hangs out becomes a paper of its own, if anything can be seen on it."""
        strip, self.strip = self.strip, Strip(self.machine.dots)
        if not strip.has_ink:
            return
        self.count += 1
        self._newest = PrintedPaper(
            number=self.count,
            at=self._now(),
            text=strip.text,
            raw=bytes(strip.raw),
            is_cut=is_cut,
            ended_by=ended_by,
            jobs=tuple(strip.jobs),
            qr=tuple(strip.qr),
            barcodes=tuple(strip.barcodes),
            pulses=strip.pulses,
            overruns=strip.overruns,
            inked=tuple(strip.inked),
            dots=self.machine.dots,
        )
        self._store.keep(self._newest)
        self._keep_state()

    def pulse(self, pin: int) -> None:
        """Pull a drawer's magnet, that of connector pin 2 (0) or 5 (1)."""
        self.drawer.pulse(pin & 1)
        self.pulses += 1
        self.strip.pulses += 1
        self._keep_state()

    def obey(self, command: Command, raw: bytes) -> None:
        """Carry one command out.

        Args:
            command: from `next_command`.
            raw: its bytes, kept with the paper they are on.
        """
        if command.name == "GS (" and command.parameters[:1] == b"H" and not self.strip.has_ink:
            self._ask_process_id(command.parameters, raw)
            return
        self.strip.raw += raw
        if command.name == TEXT:
            self._text(command.parameters)
        elif command.name == UNKNOWN:
            self.unknown.append(raw.hex())
        elif command.name in self._by_name:
            self._by_name[command.name](command.parameters)

    def _actions(self) -> Mapping[str, Callable[[bytes], None]]:
        return {
            "LF": self._line_feed,
            "FF": self._line_feed,
            "ESC @": self._reset,
            "ESC !": self._mode,
            "ESC *": self._column_image,
            "ESC -": self._underline,
            "ESC 2": self._usual_spacing,
            "ESC 3": self._spacing,
            "ESC E": self._bold,
            "ESC M": self._font,
            "ESC a": self._align,
            "ESC t": self._page,
            "ESC d": self._feed_lines,
            "ESC J": self._feed_dots,
            "ESC p": self._pulse,
            "ESC i": self._old_cut,
            "ESC m": self._old_cut,
            "FS p": self._logo,
            "FS q": self._define_logos,
            "GS !": self._size,
            "GS (": self._extended,
            "GS 8": self._long_graphics,
            "GS B": self._inverse,
            "GS H": self._bar_text,
            "GS I": self._identify,
            "GS V": self._cut,
            "GS a": self._report_mask,
            "GS h": self._bar_tall,
            "GS k": self._barcode,
            "GS r": self._transmit,
            "GS v": self._raster,
            "GS w": self._bar_wide,
        }

    def _text(self, data: bytes) -> None:
        codec = self.machine.pages.get(self._style.page, "ascii")
        self.dots_left -= self.strip.write(data.decode(codec, "replace"), self._style)

    def _feed(self, lines: int) -> None:
        self.dots_left -= self.strip.feed(self._style, lines)

    def _reset(self, command: bytes) -> None:
        """A new job: what the one before left uncut becomes a paper of its own."""
        del self.strip.raw[-len(b"\x1b@") :]
        if self.strip.has_ink or self.strip.raw in QUESTIONS:
            self.end_strip("reset", is_cut=False)
        self.strip.raw += b"\x1b@" + command
        self.power_up()

    def _cut(self, parameters: bytes) -> None:
        if self.strip.has_ink and parameters[:1] in (b"A", b"B", b"a", b"b"):
            self._feed(1)
        if self.machine.has_cutter:
            self.end_strip("cut", is_cut=True)

    def _old_cut(self, _: bytes) -> None:
        self._cut(b"B")

    def _mode(self, parameters: bytes) -> None:
        self._style.bold = bool(parameters[0] & 0x08)
        self._style.underline = 1 if parameters[0] & 0x80 else 0
        self._style.font = FONT_B if parameters[0] & 1 else FONT_A
        self._style.height = 2 if parameters[0] & 0x10 else 1
        self._style.width = 2 if parameters[0] & 0x20 else 1

    def _size(self, parameters: bytes) -> None:
        self._style.width = (parameters[0] >> 4 & 7) + 1
        self._style.height = (parameters[0] & 7) + 1

    def _bold(self, parameters: bytes) -> None:
        self._style.bold = bool(parameters[0] & 1)

    def _underline(self, parameters: bytes) -> None:
        self._style.underline = min(parameters[0] & 0x0F, 2)

    def _inverse(self, parameters: bytes) -> None:
        self._style.is_inverse = bool(parameters[0] & 1)

    def _font(self, parameters: bytes) -> None:
        self._style.font = FONT_B if parameters[0] & 1 else FONT_A

    def _spacing(self, parameters: bytes) -> None:
        self._style.spacing = parameters[0]

    def _usual_spacing(self, _: bytes) -> None:
        self._style.spacing = LINE_DOTS

    def _align(self, parameters: bytes) -> None:
        self._style.align = parameters[0] & 3

    def _page(self, parameters: bytes) -> None:
        self._style.page = parameters[0]

    def _line_feed(self, _: bytes) -> None:
        self._feed(1)

    def _feed_lines(self, parameters: bytes) -> None:
        self._feed(parameters[0])

    def _feed_dots(self, parameters: bytes) -> None:
        self.dots_left -= self.strip.advance(self._style, parameters[0])

    def _pulse(self, parameters: bytes) -> None:
        self.pulse(parameters[0])

    def _report_mask(self, parameters: bytes) -> None:
        self.asb_mask = parameters[0] if self.machine.has_asb else 0
        self.wants_report = bool(self.asb_mask)

    def _transmit(self, parameters: bytes) -> None:
        is_about_drawer = parameters[0] in (2, 50)
        bits = self.drawer.is_pin_high if is_about_drawer else 0x03 * self.is_near_end
        self.out += bytes([bits])
        self._end_without_knife("question")
        if not self.strip.has_ink and self.strip.raw not in QUESTIONS:
            self._end_unseen("")

    def _identify(self, parameters: bytes) -> None:
        self.out += answer.IDENTITY.get(parameters[0], b"\x00")

    def _logo(self, parameters: bytes) -> None:
        self._draw_logo(str(parameters[0]), 1 + (parameters[1] & 1), 1 + (parameters[1] >> 1 & 1))

    def _draw_logo(self, name: str, across: int, down: int) -> None:
        """A picture kept inside; nothing is printed where there is none under that name."""
        picture = self.logos.find(name)
        if picture is not None:
            self._draw(f"[LOGO {name}]", graphics.enlarged(picture, across, down))

    def _define_logos(self, parameters: bytes) -> None:
        self.logos.define_all(parameters)
        self._keep_state()

    def _bar_text(self, parameters: bytes) -> None:
        self._has_bar_text = bool(parameters[0] & 3)

    def _bar_tall(self, parameters: bytes) -> None:
        self._bar_height = max(parameters[0], 1)

    def _bar_wide(self, parameters: bytes) -> None:
        self._bar = max(parameters[0], 1)

    def _barcode(self, parameters: bytes) -> None:
        data = parameters[1:-1] if parameters[0] <= 6 else parameters[2:]
        text = data.removeprefix(b"{B").replace(b"{{", b"{").decode("ascii", "replace")
        self.strip.barcodes.append(text)
        mark = Stripes(parameters[0], text, self._bar, self._bar_height, self._has_bar_text)
        dots = mark.height + TEXT_BELOW * mark.has_text
        self.dots_left -= self.strip.picture(f"[BARCODE: {text}]", mark, self._style, dots)

    def _raster(self, parameters: bytes) -> None:
        self._image(graphics.raster(parameters))

    def _column_image(self, parameters: bytes) -> None:
        self._image(graphics.column_image(parameters))

    def _image(self, picture: Bitmap) -> None:
        self._draw(f"[IMAGE {picture.width}x{picture.height}]", picture)

    def _draw(self, label: str, picture: Bitmap) -> None:
        if not picture.width or not picture.height:
            return
        self.dots_left -= self.strip.picture(label, picture, self._style, picture.height)

    def _extended(self, parameters: bytes) -> None:
        function, data = parameters[:1], parameters[3:]
        if function == b"k":
            self._qr(data)
        elif function == b"L":
            self._picture_memory(data)
        elif function == b"H":
            self._ask_process_id(parameters, b"")

    def _long_graphics(self, parameters: bytes) -> None:
        if parameters[:1] == b"L":
            self._picture_memory(parameters[5:])

    def _picture_memory(self, data: bytes) -> None:
        """``GS ( L`` and ``GS 8 L``: a picture to print now, or to keep under a key."""
        if len(data) < 2 or len(data) - 2 < PICTURE_FUNCTIONS.get(data[1], 0):
            return
        function, rest = data[1], data[2:]
        match function:
            case 112:
                picture = graphics.sized(rest[4:8], rest[8:])
                across, down = 1 + (rest[1] > 1), 1 + (rest[2] > 1)
                self._graphics = picture and graphics.enlarged(picture, across, down)
            case 2 | 50 if self._graphics is not None:
                self._image(self._graphics)
                self._graphics = None
            case 69:
                self._draw_logo(rest[:2].decode("latin-1"), 1 + (rest[2] > 1), 1 + (rest[3] > 1))
            case 65 | 66 | 67:
                self._keep_picture(function, rest)

    def _keep_picture(self, function: int, rest: bytes) -> None:
        if function == 67:
            self.logos.define(rest)
        elif function == 66:
            self.logos.delete(rest[:2].decode("latin-1"))
        else:
            self.logos.clear()
        self._keep_state()

    def _qr(self, data: bytes) -> None:
        if data[:2] == b"1C" and len(data) > 2:
            self._qr_dots = max(data[2], 1)
        elif data[:2] == b"1E" and len(data) > 2:
            self._qr_level = QR_LEVELS.get(data[2], "L")
        elif data[:3] == b"1P0":
            self._qr_data = data[3:]
        elif data[:3] == b"1Q0" and self._qr_data:
            text = self._qr_data.decode("utf-8", "replace")
            self.strip.qr.append(text)
            mark = QrCode(self._qr_data, self._qr_dots, self._qr_level)
            self.dots_left -= QR_DOTS + self.strip.picture(f"[QR: {text}]", mark, self._style, 0)

    def _ask_process_id(self, parameters: bytes, raw: bytes) -> None:
        """Answer that what came before is on paper; the code is noted with that paper."""
        code = parameters[5:9]
        if parameters[3:5] != b"00" or len(code) != 4 or not self.machine.has_process_id:
            return
        self.out += answer.printed(code)
        name = code.decode("latin-1")
        if self.strip.has_ink:
            self.strip.jobs.append(name)
            self._end_without_knife("process id")
        elif self.strip.raw not in QUESTIONS:
            self._end_unseen(name)
        elif self._newest is not None:
            self._newest = amended(self._newest, raw=bytes(self.strip.raw) + raw, job=name)
            self.strip = Strip(self.machine.dots)
            self._store.keep(self._newest)

    def _end_unseen(self, job: str) -> None:
        """A job without ink, such as one that only opens the drawer, is no paper."""
        self.unseen_jobs += [job] if job else []
        self.strip = Strip(self.machine.dots)

    def _end_without_knife(self, ended_by: str) -> None:
        """Where nothing cuts, somebody tears the paper off when the job is through."""
        if not self.machine.has_cutter:
            self.end_strip(ended_by, is_cut=False)

    def _keep_state(self) -> None:
        self._store.keep_state(
            {
                "count": self.count,
                "pulses": self.pulses,
                "dots_left": self.dots_left,
                "logos": self.logos.as_data(),
            }
        )
