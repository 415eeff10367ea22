"""Obeys ESC/POS commands in order and puts them on paper: the part behind the buffer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from printing.simulator import answer
from printing.simulator.command import TEXT, UNKNOWN, Command
from printing.simulator.machine import Machine
from printing.simulator.store import PaperStore, amended
from printing.simulator.strip import PrintedPaper, Strip, Style

QUESTIONS = (b"", b"\x1dr\x01")
"""What may stand between two papers without belonging to either."""

QR_LINES, BARCODE_LINES, DOTS_PER_LINE = 8, 4, 30


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
        self._style = Style()
        self._qr_data = b""
        self._newest: PrintedPaper | None = None
        kept = store.state()
        self.count = kept.get("count", 0)
        self.pulses = kept.get("pulses", 0)
        self.lines_left = kept.get("lines_left", machine.roll_lines)
        self.strip = Strip(machine.columns)
        self._by_name = self._actions()

    def power_up(self) -> None:
        """Forget every mode, as switching on does; the paper stays as it is."""
        self._style = Style()
        self._qr_data = b""
        self.asb_mask = 0
        self.strip.columns = self.machine.columns

    def load_roll(self) -> None:
        """Put in a new roll."""
        self.lines_left = self.machine.roll_lines
        self._keep_state()

    def end_strip(self, ended_by: str, *, is_cut: bool) -> None:
        """What hangs out becomes a paper of its own, if anything can be seen on it."""
        strip, self.strip = self.strip, Strip(self.machine.columns)
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
        )
        self._store.keep(self._newest)
        self._keep_state()

    def pulse(self) -> None:
        """Open the drawer."""
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
            "GS !": self._size,
            "GS (": self._extended,
            "GS I": self._identify,
            "GS V": self._cut,
            "GS a": self._report_mask,
            "GS k": self._barcode,
            "GS r": self._transmit,
            "GS v": self._raster,
        }

    def _text(self, data: bytes) -> None:
        codec = self.machine.pages.get(self._style.page, "ascii")
        self.lines_left -= self.strip.write(data.decode(codec, "replace"), self._style)

    def _feed(self, lines: int) -> None:
        self.lines_left -= self.strip.feed(self._style, lines)

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
        self._style.height = 2 if parameters[0] & 0x10 else 1
        self._style.width = 2 if parameters[0] & 0x20 else 1

    def _size(self, parameters: bytes) -> None:
        self._style.width = (parameters[0] >> 4 & 7) + 1
        self._style.height = (parameters[0] & 7) + 1

    def _bold(self, parameters: bytes) -> None:
        self._style.bold = bool(parameters[0] & 1)

    def _font(self, parameters: bytes) -> None:
        is_small = bool(parameters[0] & 1)
        self.strip.columns = self.machine.columns_b if is_small else self.machine.columns

    def _align(self, parameters: bytes) -> None:
        self._style.align = parameters[0] & 3

    def _page(self, parameters: bytes) -> None:
        self._style.page = parameters[0]

    def _line_feed(self, _: bytes) -> None:
        self._feed(1)

    def _feed_lines(self, parameters: bytes) -> None:
        self._feed(parameters[0])

    def _feed_dots(self, parameters: bytes) -> None:
        self._feed(max(parameters[0] // DOTS_PER_LINE, 1))

    def _pulse(self, _: bytes) -> None:
        self.pulse()

    def _report_mask(self, parameters: bytes) -> None:
        self.asb_mask = parameters[0] if self.machine.has_asb else 0
        self.wants_report = bool(self.asb_mask)

    def _transmit(self, parameters: bytes) -> None:
        near = self.lines_left <= self.machine.near_end_lines
        self.out += bytes([0x03 * near]) if parameters[0] in (1, 49) else b"\x00"
        self._end_without_knife("question")
        if not self.strip.has_ink and self.strip.raw not in QUESTIONS:
            self._end_unseen("")

    def _identify(self, parameters: bytes) -> None:
        self.out += answer.IDENTITY.get(parameters[0], b"\x00")

    def _logo(self, parameters: bytes) -> None:
        self._draw(f"[LOGO {parameters[0]}]", QR_LINES)

    def _barcode(self, parameters: bytes) -> None:
        data = parameters[1:-1] if parameters[0] <= 6 else parameters[2:]
        text = data.removeprefix(b"{B").replace(b"{{", b"{").decode("ascii", "replace")
        self.strip.barcodes.append(text)
        self._draw(f"[BARCODE: {text}]", BARCODE_LINES)

    def _raster(self, parameters: bytes) -> None:
        width = int.from_bytes(parameters[2:4], "little") * 8
        height = int.from_bytes(parameters[4:6], "little")
        self._draw(f"[IMAGE {width}x{height}]", max(height // DOTS_PER_LINE, 1))

    def _draw(self, label: str, lines: int) -> None:
        self.lines_left -= self.strip.picture(label, self._style, lines)

    def _extended(self, parameters: bytes) -> None:
        function, data = parameters[:1], parameters[3:]
        if function == b"k":
            self._qr(data)
        elif function == b"L" and data[:2] == b"0E":
            self._draw(f"[LOGO {data[2:4].decode('ascii', 'replace')}]", QR_LINES)
        elif function == b"H":
            self._ask_process_id(parameters, b"")

    def _qr(self, data: bytes) -> None:
        if data[:3] == b"1P0":
            self._qr_data = data[3:]
        elif data[:3] == b"1Q0" and self._qr_data:
            text = self._qr_data.decode("utf-8", "replace")
            self.strip.qr.append(text)
            self._draw(f"[QR: {text}]", QR_LINES)

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
            self.strip = Strip(self.machine.columns)
            self._store.keep(self._newest)

    def _end_unseen(self, job: str) -> None:
        """A job without ink, such as one that only opens the drawer, is no paper."""
        self.unseen_jobs += [job] if job else []
        self.strip = Strip(self.machine.columns)

    def _end_without_knife(self, ended_by: str) -> None:
        """Where nothing cuts, somebody tears the paper off when the job is through."""
        if not self.machine.has_cutter:
            self.end_strip(ended_by, is_cut=False)

    def _keep_state(self) -> None:
        self._store.keep_state(
            {"count": self.count, "pulses": self.pulses, "lines_left": self.lines_left}
        )
