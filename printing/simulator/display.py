"""A simulated customer display: bytes in, two lines of text to look at."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from printing.errors import Offline
from printing.link import Link

_EPSON = re.compile(
    rb"(?P<init>\x1b@)|\x1bt(?P<page>.)|(?P<clear>\x0c)|\x1f\$(?P<x>.)(?P<y>.)|(?P<text>[ -\xff])",
    re.DOTALL,
)
_CD5220 = re.compile(
    rb"(?P<init>\x1b@)|\x1bc(?P<page>.)|(?P<clear>\x0c)|\x1bQ(?P<row>[AB])(?P<line>[^\r]*)\r",
    re.DOTALL,
)


@dataclass
class SimulatedDisplay:
    """Two lines; give it to an actor as its `open_link`.

    Attributes:
        seen: everything that was ever shown, newest last.
        is_unplugged, is_stuck: nobody is there; it takes no data.
        unknown: bytes that no command explains.
    """

    columns: int = 20
    codec: str = "cp437"
    lines: list[str] = field(default_factory=lambda: ["", ""])
    seen: list[tuple[str, str]] = field(default_factory=list)
    is_unplugged: bool = False
    is_stuck: bool = False
    unknown: bytes = b""

    def __call__(self) -> Link:
        """Open; raises Offline while the cable is out."""
        self._check()
        return _DisplayLink(self)

    def write(self, data: bytes) -> int:
        """Take the bytes of one or more whole commands."""
        self._check()
        if self.is_stuck:
            return 0
        obey = self._cd5220 if b"\x1bQ" in data else self._epson
        obey(data)
        self.lines = [f"{line[: self.columns]:<{self.columns}}" for line in self.lines]
        self.seen.append((self.lines[0].rstrip(), self.lines[1].rstrip()))
        return len(data)

    def _epson(self, data: bytes) -> None:
        row, at = 0, 0
        for found in self._parts(_EPSON, data):
            if found["clear"] or found["init"]:
                self.lines, row, at = ["", ""], 0, 0
            elif found["x"]:
                at, row = found["x"][0] - 1, found["y"][0] - 1
            elif found["text"]:
                line = f"{self.lines[row]:<{at}}"
                self.lines[row] = line[:at] + found["text"].decode(self.codec) + line[at + 1 :]
                at += 1

    def _cd5220(self, data: bytes) -> None:
        for found in self._parts(_CD5220, data):
            if found["row"]:
                self.lines[b"AB".index(found["row"])] = found["line"].decode(self.codec)

    def _parts(self, pattern: re.Pattern[bytes], data: bytes) -> list[re.Match[bytes]]:
        found = list(pattern.finditer(data))
        self.unknown += pattern.sub(b"", data)
        return found

    def _check(self) -> None:
        if self.is_unplugged:
            raise Offline("the cable is not plugged in")


@dataclass
class _DisplayLink:
    """A Link to a simulated display."""

    display: SimulatedDisplay

    def write(self, data: bytes, wait_seconds: float) -> int:  # noqa: ARG002 - see Link
        """See Link."""
        return self.display.write(data)

    def read(self, wait_seconds: float) -> bytes:  # noqa: ARG002 - see Link
        """It never answers."""
        return b""

    def urgent(self, data: bytes) -> None:
        """See Link."""
        self.display.write(data)

    def resume(self) -> None:
        """Nothing was lifted."""

    def discard(self) -> None:
        """Nothing waits on this wire."""

    def close(self) -> None:
        """Nothing to let go of."""
