"""What a printer says of itself, told apart byte by byte; no input or output here.

Replies of ESC/POS printers share one line and carry no names; fixed bits tell them apart (Epson
command reference, "identifying the transmitted status"). See `StatusParser`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from printing.errors import (
    CoverOpen,
    CutterFault,
    Offline,
    PaperOut,
    PrinterFault,
    PrintingError,
)

XON, XOFF = 0x11, 0x13
QUERIES = (1, 2, 3, 4)
"""Parameters of ``DLE EOT`` that make up a whole status."""
PRINTER_QUERY = 1
"""The one whose answer carries the drawer."""

PROCESS_ID, OFFLINE_RESPONSE, BUFFER_CLEARED = 0x22, 0x23, 0x25
_HEADER = 0x37
_POWER_ON = b"\x3b\x31\x00"
"""What some printers send when power comes (Epson memory switch 1-1); no answer to anything."""
_BLOCK_MAX = 80


def ask(number: int) -> bytes:
    """The bytes of one real-time question, 1 to 4."""
    return bytes([0x10, 0x04, number])


class Paper(StrEnum):
    """What the paper sensors say."""

    OK = "ok"
    NEAR_END = "near_end"
    END = "end"


@dataclass(frozen=True, slots=True, kw_only=True)
class PrinterStatus:
    """The state of a printer at one moment.

    Attributes:
        is_known: False when the printer did not answer; then nothing else means anything.
        is_held: it told us to wait (XOFF) and has not told us to go on.
        drawer_pin_high: level of connector pin 3; whether high means open depends on the drawer.
        has_error, is_recoverable: a fault other than the cutter's, and whether it can be cleared.
    """

    is_known: bool
    is_online: bool = False
    paper: Paper = Paper.OK
    is_cover_open: bool = False
    has_cutter_fault: bool = False
    has_error: bool = False
    is_recoverable: bool = True
    is_held: bool = False
    drawer_pin_high: bool | None = None

    @property
    def problem(self) -> PrintingError | None:
        """Why nothing can be printed now, the most useful reason first; None when all is well."""
        reasons = (
            (not self.is_known, Offline()),
            (self.is_cover_open, CoverOpen()),
            (self.paper is Paper.END, PaperOut()),
            (self.has_cutter_fault, CutterFault()),
            (self.has_error, PrinterFault(is_recoverable=self.is_recoverable)),
            (not self.is_online, Offline("it says that it is off-line")),
            (self.is_held, Offline("it asks us to wait and does not go on")),
        )
        return next((reason for applies, reason in reasons if applies), None)


SILENT = PrinterStatus(is_known=False)


def from_replies(replies: Mapping[int, int]) -> PrinterStatus:
    """A status from the four answers to ``DLE EOT``; unknown unless all are there."""
    if not all(number in replies for number in QUERIES):
        return SILENT
    printer, offline, error, paper = (replies[number] for number in QUERIES)
    return PrinterStatus(
        is_known=True,
        is_online=not printer & 0x08,
        paper=_paper(near=bool(paper & 0x0C), end=bool(paper & 0x60 or offline & 0x20)),
        is_cover_open=bool(offline & 0x04),
        has_cutter_fault=bool(error & 0x08),
        has_error=bool(error & 0x64),
        is_recoverable=not error & 0x20,
        drawer_pin_high=is_pin_high(printer),
    )


def is_pin_high(reply: int) -> bool:
    """The level of drawer pin 3 in the answer to ``DLE EOT 1``."""
    return bool(reply & 0x04)


def from_report(report: bytes) -> PrinterStatus:
    """A status from the four bytes of an automatic report (ASB)."""
    first, second, third, _ = report
    return PrinterStatus(
        is_known=True,
        is_online=not first & 0x08,
        paper=_paper(near=bool(third & 0x03), end=bool(third & 0x0C)),
        is_cover_open=bool(first & 0x20),
        has_cutter_fault=bool(second & 0x08),
        has_error=bool(second & 0x64),
        is_recoverable=not second & 0x20,
        drawer_pin_high=bool(first & 0x04),
    )


def _paper(*, near: bool, end: bool) -> Paper:
    return Paper.END if end else Paper.NEAR_END if near else Paper.OK


@dataclass(frozen=True, slots=True)
class RealTime:
    """An answer to ``DLE EOT``; which one, only the asker knows."""

    value: int


@dataclass(frozen=True, slots=True)
class Report:
    """Four bytes the printer sent by itself (ASB)."""

    data: bytes

    @property
    def status(self) -> PrinterStatus:
        """What they mean."""
        return from_report(self.data)


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer to ``GS r`` or ``GS I``: everything sent before the question was processed."""

    value: int


@dataclass(frozen=True, slots=True)
class Printed:
    """The process-ID reply: the data before this code are on paper."""

    code: str


@dataclass(frozen=True, slots=True)
class Block:
    """Another block reply: its identifier and what it carried."""

    identifier: int
    data: bytes


@dataclass(frozen=True, slots=True)
class FlowSignal:
    """XON (True) or XOFF (False) that reached us as a byte."""

    may_send: bool


@dataclass(frozen=True, slots=True)
class PoweredOn:
    """The printer has just been switched on: whatever it held is gone."""


@dataclass(frozen=True, slots=True)
class Garbage:
    """A byte that is part of no reply."""

    value: int


Event = RealTime | Report | Answered | Printed | Block | FlowSignal | PoweredOn | Garbage


@dataclass(slots=True)
class StatusParser:
    """Splits what a printer sends into replies; feed it bytes as they come, in any pieces.

    A real-time answer is ``0xx1xx10``, an automatic report starts with ``0xx1xx00`` and goes on
    with three ``0xx0xxxx``, an answer to ``GS r`` is one ``0xx0xxxx``, a block starts with 37h
    and ends with NUL; XON and XOFF may stand anywhere.
    """

    _report: bytearray = field(default_factory=bytearray)
    _block: bytearray = field(default_factory=bytearray)

    def feed(self, data: Iterable[int]) -> list[Event]:
        """Return the replies that these bytes complete, in order."""
        return [event for byte in data for event in self._take(byte)]

    def forget(self) -> None:
        """Drop half-read replies, as after a reconnect."""
        self._report.clear()
        self._block.clear()

    def _take(self, byte: int) -> list[Event]:
        if self._block:
            return self._in_block(byte)
        if byte in (XON, XOFF):
            return [FlowSignal(byte == XON)]
        if self._report:
            return self._in_report(byte)
        return self._first(byte)

    def _first(self, byte: int) -> list[Event]:
        if byte & 0x93 == 0x12:
            return [RealTime(byte)]
        if byte & 0x93 == 0x10:
            self._report.append(byte)
            return []
        if byte in (_HEADER, _POWER_ON[0]):
            self._block.append(byte)
            return []
        return [Answered(byte) if byte & 0x90 == 0 else Garbage(byte)]

    def _in_report(self, byte: int) -> list[Event]:
        if byte & 0x90:
            broken: list[Event] = [Garbage(value) for value in self._report]
            self._report.clear()
            return broken + self._first(byte)
        self._report.append(byte)
        if len(self._report) < 4:
            return []
        report = Report(bytes(self._report))
        self._report.clear()
        return [report]

    def _in_block(self, byte: int) -> list[Event]:
        self._block.append(byte)
        if self._block[0] == _POWER_ON[0] and not _POWER_ON.startswith(self._block):
            return self._no_power_on()
        if byte and len(self._block) < _BLOCK_MAX:
            return []
        block = bytes(self._block)
        self._block.clear()
        return [_block(block)] if not byte else [Garbage(value) for value in block]

    def _no_power_on(self) -> list[Event]:
        """It only began like one: its first byte is what it would have been, the rest is new."""
        first, *rest = self._block
        self._block.clear()
        return [Answered(first), *self.feed(rest)]


def _block(block: bytes) -> Event:
    if block == _POWER_ON:
        return PoweredOn()
    if len(block) == 7 and block[1] == PROCESS_ID:
        return Printed(block[2:6].decode("latin-1"))
    return Block(block[1], block[2:-1])
