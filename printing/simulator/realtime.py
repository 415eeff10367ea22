"""Takes real-time commands out of a byte stream before it is buffered, as printers do."""

from __future__ import annotations

import re
from dataclasses import dataclass

STATUS, ENQUIRE, PULSE, CLEAR = "DLE EOT", "DLE ENQ", "DLE DC4 1", "DLE DC4 8"
_COMMANDS = re.compile(
    rb"\x10\x04(?P<status>[\x01-\x08])"
    rb"|\x10\x05(?P<enquire>[\x01\x02])"
    rb"|\x10\x14\x01(?P<pulse>[\x00\x01][\x01-\x08])"
    rb"|\x10\x14\x08(?P<clear>\x01\x03\x14\x01\x06\x02\x08)",
    re.DOTALL,
)
_NAMES = {"status": STATUS, "enquire": ENQUIRE, "pulse": PULSE, "clear": CLEAR}
_UNFINISHED = re.compile(
    rb"\x10(?:\x04|\x05|\x14(?:\x01.?|\x08\x01?\x03?\x14?\x01?\x06?\x02?)?)?$", re.DOTALL
)


@dataclass(frozen=True, slots=True)
class RealTimeCommand:
    """One command: its name and its parameters."""

    name: str
    parameters: bytes


class RealTimeScanner:
    """Splits what arrives into commands to obey now and bytes to buffer, in order.

    A real-time command inside other data is obeyed all the same, and taken out of it: that is why
    nobody may send one within a picture.
    """

    def __init__(self) -> None:
        self._held = b""

    def feed(self, data: bytes) -> list[RealTimeCommand | bytes]:
        """Return commands and stretches of other bytes; a half command waits for its end."""
        stream = self._held + data
        self._held = b""
        parts: list[RealTimeCommand | bytes] = []
        position = 0
        for match in _COMMANDS.finditer(stream):
            if match.start() > position:
                parts.append(stream[position : match.start()])
            parts.append(_command(match))
            position = match.end()
        rest = stream[position:]
        unfinished = _UNFINISHED.search(rest)
        if unfinished:
            self._held = rest[unfinished.start() :]
            rest = rest[: unfinished.start()]
        return [*parts, rest] if rest else parts


def _command(match: re.Match[bytes]) -> RealTimeCommand:
    kind = match.lastgroup or ""
    return RealTimeCommand(_NAMES[kind], match.group(kind))
