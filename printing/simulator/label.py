"""A simulated ZPL label printer: formats in, labels out, ``~HS`` answered; time from outside."""

from __future__ import annotations

import re
from dataclasses import dataclass

from printing.clock import Clock
from printing.errors import Offline
from printing.link import Link

FORMAT = re.compile(rb"\^XA(.*?)\^XZ", re.DOTALL)
FIELD = re.compile(rb"\^FH(.)\^FD(.*?)\^FS", re.DOTALL)
QUANTITY = re.compile(rb"\^PQ(\d+)")
SECONDS = 0.5
"""How long one label takes."""


@dataclass(frozen=True, slots=True)
class PrintedLabel:
    """One label that came out: its fields in order, as a person reads them."""

    fields: tuple[str, ...]


class SimulatedLabelPrinter:
    """A label printer on a desk; give it to an actor as its `open_link`.

    Attributes:
        labels: what came out.
        media: how many labels are left on the roll.
        is_head_open, is_paused, is_silent, is_unplugged: what is wrong with it.
        answers_in_trouble: whether ``~HS`` is answered while it cannot print; some models do not.
        commands: control commands that arrived outside of field data.
    """

    def __init__(self, clock: Clock, *, media: int = 500) -> None:
        self.labels: list[PrintedLabel] = []
        self.media = media
        self.is_head_open = False
        self.is_paused = False
        self.is_silent = False
        self.is_unplugged = False
        self.answers_in_trouble = True
        self.commands: list[bytes] = []
        self._clock = clock
        self._buffer = bytearray()
        self._to_come: list[PrintedLabel] = []
        self._next_at = clock.now().timestamp()
        self._replies = bytearray()

    def __call__(self) -> Link:
        """Open; raises Offline while the cable is out."""
        self._check()
        self._replies.clear()
        return _LabelLink(self, self._clock)

    def write(self, data: bytes) -> int:
        """Take bytes off the wire."""
        self._check()
        self._buffer += data
        self._obey()
        return len(data)

    def take_replies(self) -> bytes:
        """What it has said since the last call."""
        self._check()
        self.run()
        said = bytes(self._replies)
        self._replies.clear()
        return said

    def run(self) -> None:
        """Print what time allows."""
        now = self._clock.now().timestamp()
        while self._to_come and self._next_at <= now and not self._is_stopped:
            self.labels.append(self._to_come.pop(0))
            self.media -= 1
            self._next_at += SECONDS
        if not self._to_come or self._is_stopped:
            self._next_at = max(self._next_at, now)

    @property
    def _is_stopped(self) -> bool:
        return self.is_head_open or self.is_paused or self.media <= 0

    def _check(self) -> None:
        if self.is_unplugged:
            raise Offline("the cable is not plugged in")

    def _obey(self) -> None:
        while True:
            data = bytes(self._buffer)
            asked, form = data.find(b"~HS"), FORMAT.search(data)
            if asked >= 0 and (form is None or asked < form.start()):
                self.run()
                self._answer()
                del self._buffer[: asked + 3]
            elif form is not None:
                self._take(form[1])
                del self._buffer[: form.end()]
            else:
                return

    def _take(self, form: bytes) -> None:
        self.commands += [bytes(found) for found in re.findall(rb"[\^~][A-Z][A-Z0-9]", form)]
        fields = tuple(_read(mark, text) for mark, text in FIELD.findall(form))
        found = QUANTITY.search(form)
        if not self._to_come:
            self._next_at = self._clock.now().timestamp() + SECONDS
        self._to_come += [PrintedLabel(fields)] * (int(found[1]) if found else 1)

    def _answer(self) -> None:
        if self.is_silent or (self._is_stopped and not self.answers_in_trouble):
            return
        formats, left = (1, len(self._to_come) - 1) if self._to_come else (0, 0)
        first = (
            f"030,{int(self.media <= 0)},{int(self.is_paused)},0240,{formats:03d},0,0,0,000,0,0,0"
        )
        second = f"000,0,{int(self.is_head_open)},0,0,2,4,0,{left:08d},1,000"
        for line in (first, second, "1234,0"):
            self._replies += b"\x02" + line.encode("ascii") + b"\x03\r\n"


def _read(mark: bytes, text: bytes) -> str:
    """Field data as the printer shows it: hexadecimal bytes put back."""
    pattern = re.compile(re.escape(mark) + rb"([0-9A-F]{2})")
    return pattern.sub(lambda found: bytes.fromhex(found[1].decode("ascii")), text).decode()


class _LabelLink:
    """A Link to a simulated label printer; waiting lets the given clock's time pass."""

    def __init__(self, printer: SimulatedLabelPrinter, clock: Clock) -> None:
        self._printer = printer
        self._clock = clock

    def write(self, data: bytes, wait_seconds: float) -> int:  # noqa: ARG002 - see Link
        """See Link."""
        return self._printer.write(data)

    def read(self, wait_seconds: float) -> bytes:
        """See Link."""
        data = self._printer.take_replies()
        if not data and wait_seconds:
            self._clock.sleep(wait_seconds)
            data = self._printer.take_replies()
        return data

    def urgent(self, data: bytes) -> None:
        """See Link."""
        self._printer.write(data)

    def resume(self) -> None:
        """Nothing was lifted."""

    def discard(self) -> None:
        """Nothing waits on this wire."""

    def close(self) -> None:
        """Nothing to let go of."""
