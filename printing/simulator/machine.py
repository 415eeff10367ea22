"""Kinds of simulated printers, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

# ESC t numbers of Epson TM printers; written down apart from the encoder's own table.
PAGES: Mapping[int, str] = {
    0: "cp437",
    2: "cp850",
    3: "cp860",
    4: "cp863",
    5: "cp865",
    13: "cp857",
    14: "cp737",
    15: "iso8859-7",
    16: "cp1252",
    17: "cp866",
    18: "cp852",
    19: "cp858",
    33: "cp775",
    39: "iso8859-2",
    40: "iso8859-15",
    45: "cp1250",
    46: "cp1251",
    47: "cp1253",
    48: "cp1254",
}


class Intake(StrEnum):
    """What happens when the buffer is full.

    HARDWARE: the sender is held, nothing is lost. XONXOFF: the sender is told, and what comes all
    the same is lost when no room is left. NONE: it is lost.
    """

    HARDWARE = "hardware"
    XONXOFF = "xonxoff"
    NONE = "none"


class Replies(StrEnum):
    """How it answers real-time questions: truly, like a clone (always well), or never."""

    TRUE = "true"
    CLONE = "clone"
    SILENT = "silent"


class Sensor(StrEnum):
    """What pin 3 of the drawer connector says: nothing, or which level means open."""

    NONE = "none"
    OPEN_HIGH = "open_high"
    OPEN_LOW = "open_low"


SMALL_BUFFER = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """One kind of printer.

    Attributes:
        columns, dots: of the paper; columns are letters of font A.
        buffer: bytes it holds while it cannot print (4096 or 45 by DIP switch).
        intake: what happens when that is full.
        baud: of its serial line: bytes arrive no faster, and at another speed as noise; None takes
            any speed, at once.
        bytes_per_second: how fast it takes bytes out of its buffer; None at once.
        lines_per_second: how fast it moves paper; None at once.
        roll_lines: lines of a new roll; near_end_lines: where the near-end sensor sits.
        dead_seconds: how long it answers nothing after power comes back.
        drawer_pin: 0 for a drawer on connector pin 2, 1 for pin 5.
        drawer_sensor: what that drawer says on pin 3.
        drawer_seconds: how long it stays open until somebody closes it.
        logos: numbers (``FS p``) and keys (``GS ( L``) of the pictures it is delivered with.
    """

    name: str
    columns: int
    dots: int
    pages: Mapping[int, str] = field(default_factory=lambda: PAGES)
    buffer: int = 4096
    intake: Intake = Intake.HARDWARE
    baud: int | None = None
    bytes_per_second: float | None = None
    lines_per_second: float | None = None
    replies: Replies = Replies.TRUE
    has_asb: bool = True
    has_process_id: bool = True
    has_cutter: bool = True
    roll_lines: int = 18_000
    near_end_lines: int = 300
    dead_seconds: float = 3.0
    drawer_pin: int = 0
    drawer_sensor: Sensor = Sensor.OPEN_HIGH
    drawer_seconds: float = 4.0
    logos: frozenset[str] = frozenset({"1", "01"})

    @property
    def full_at(self) -> int:
        """Room at which it says XOFF (TM-T88III: 128 bytes; 16 with the small buffer)."""
        return 16 if self.buffer <= SMALL_BUFFER else 128

    @property
    def free_at(self) -> int:
        """Room at which it says XON again."""
        return 26 if self.buffer <= SMALL_BUFFER else 256


MACHINES: Mapping[str, Machine] = {
    machine.name: machine
    for machine in (
        Machine(name="80mm", columns=48, dots=576),
        Machine(name="80mm-42", columns=42, dots=512),
        Machine(name="58mm", columns=32, dots=384),
        Machine(
            name="80mm-clone",
            columns=48,
            dots=576,
            replies=Replies.CLONE,
            has_asb=False,
            has_process_id=False,
        ),
        Machine(
            name="58mm-clone",
            columns=32,
            dots=384,
            replies=Replies.CLONE,
            has_asb=False,
            has_process_id=False,
            has_cutter=False,
        ),
    )
}
