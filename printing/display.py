"""Customer displays of two lines: what they show, and the commands that make them show it.

Command sets: Epson DM-D (ESC/POS for displays: ``FF`` clears, ``US $ n m`` moves the cursor) and
CD5220 (``ESC Q A`` and ``ESC Q B`` write a line up to ``CR``); most poles speak one of them.
Text goes out only as printable characters: nothing in a name can become a command.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from printing.clock import Budget, Clock
from printing.codepages import is_code_page, printable
from printing.errors import Offline, UnknownProfile

if TYPE_CHECKING:  # a till reads its settings without the ways to devices
    from printing.link import Link
    from printing.transport import LinkFactory

COLUMNS = 20
STEP = 0.05
STALL_SECONDS = 1.0


class Commands(StrEnum):
    """Which commands a display understands."""

    EPSON = "epson"
    CD5220 = "cd5220"
    TEXT = "text"
    """None: lines of text, for a file or a terminal to look at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DisplayProfile:
    """One kind of display: its commands, its width, its code page and the codec of that page."""

    commands: Commands = Commands.EPSON
    columns: int = COLUMNS
    code_page: int = 0
    codec: str = "cp437"

    def __post_init__(self) -> None:
        if not is_code_page(self.codec):
            raise UnknownProfile(f"codec {self.codec!r}", ("cp437", "cp850", "cp1252"))


@dataclass(frozen=True, slots=True)
class DisplayText:
    """What stands on the two lines."""

    first: str = ""
    second: str = ""


def spread(left: str, right: str, columns: int = COLUMNS) -> str:
    """A text and an amount at the two ends of a line; the amount is never cut."""
    room = columns - len(right) - 1
    return f"{left[: max(room, 0)]:<{max(room, 0)}} {right}" if room > 0 else right[:columns]


def encode(text: DisplayText, profile: DisplayProfile) -> bytes:
    """The bytes that make a display show these lines and nothing else."""
    lines = [_line(line, profile) for line in (text.first, text.second)]
    match profile.commands:
        case Commands.EPSON:
            page = b"\x1bt" + bytes([profile.code_page])
            first, second = (b"\x1f$\x01" + bytes([at]) + line for at, line in enumerate(lines, 1))
            return page + b"\x0c" + first + second
        case Commands.CD5220:
            page = b"\x1bc" + bytes([profile.code_page])
            return page + b"\x1bQA" + lines[0] + b"\r" + b"\x1bQB" + lines[1] + b"\r"
        case Commands.TEXT:
            edge = b"+" + b"-" * profile.columns + b"+\n"
            return edge + b"".join(b"|" + line + b"|\n" for line in lines) + edge


def begin(profile: DisplayProfile) -> bytes:
    """What comes first over a new line: a display that was switched on has everything to learn."""
    return b"" if profile.commands is Commands.TEXT else b"\x1b@"


def _line(text: str, profile: DisplayProfile) -> bytes:
    """Exactly one line, in the page's own bytes; what it lacks in the nearest plain spelling."""
    codec = "utf-8" if profile.commands is Commands.TEXT else profile.codec
    plain = printable(text, ((profile.code_page, profile.codec),))
    return f"{plain[: profile.columns]:<{profile.columns}}".encode(codec, "replace")


class Display:
    """A display reached through links that are opened when needed; every call is bounded."""

    def __init__(self, open_link: LinkFactory, profile: DisplayProfile, *, clock: Clock) -> None:
        self._open = open_link
        self._profile = profile
        self._clock = clock
        self._link: Link | None = None

    def show(self, text: DisplayText) -> None:
        """Show these lines.

        Raises:
            Offline: nobody takes them; the line is closed, and opened again with the next ones.
        """
        data = encode(text, self._profile)
        try:
            if self._link is None:
                self._link = self._open()
                data = begin(self._profile) + data
            self._send(self._link, data)
        except Offline:
            self.close()
            raise

    def close(self) -> None:
        """Let go of the port."""
        if self._link is not None:
            self._link.discard()
            self._link.close()
        self._link = None

    def _send(self, link: Link, data: bytes) -> None:
        budget = Budget(self._clock, STALL_SECONDS)
        link.read(0)  # a display that talks back must not fill the line
        while data:
            taken = link.write(data, STEP)
            data = data[taken:]
            if not taken:
                budget.spend(STEP)
            if budget.is_over:
                raise Offline("it takes no data")
