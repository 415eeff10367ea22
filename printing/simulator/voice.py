"""What a simulated printer says: answers, reports and XON/XOFF, in the order they come about."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta

from printing.simulator import answer, fault
from printing.simulator.engine import Engine
from printing.simulator.machine import Intake, Machine
from printing.simulator.mishap import Mishaps

XON, XOFF = b"\x11", b"\x13"
LATE_SECONDS = 2.0
REPORTED = {
    0x01: ("is_drawer_high",),
    0x02: ("is_online", "is_cover_open"),
    0x04: ("has_cutter_fault",),
    0x08: ("is_near_end", "is_paper_out"),
}
"""What each bit of the mask of ``GS a`` makes the printer report."""


class Voice:
    """The line from the printer; what goes wrong with it decides what leaves."""

    def __init__(
        self, machine: Machine, engine: Engine, wrong: Mishaps, now: Callable[[], datetime]
    ) -> None:
        self._machine = machine
        self._engine = engine
        self._wrong = wrong
        self._now = now
        self._replies: deque[tuple[datetime, bytes]] = deque()
        self._spoils: list[tuple[str, float]] = []
        self._last = b""
        self._is_held = False
        self._reported: tuple[object, ...] = ()

    def say(self, reply: bytes) -> None:
        """Send something, after what the engine has answered so far."""
        answered = bytes(self._engine.out)
        self._engine.out.clear()
        for data in (answered, reply):
            if data:
                self._send(data)

    def spoil_next(self, name: str, seconds: float) -> None:
        """Let the next answer go wrong in a way of `fault.OF_REPLIES`."""
        self._spoils.append((name, seconds))

    def take(self) -> bytes:
        """What was sent since the last call; nothing where nothing can leave."""
        self.say(b"")
        sent, now = bytearray(), self._now()
        while self._replies and self._replies[0][0] <= now:
            sent += self._replies.popleft()[1]
        return b"" if self._wrong.is_mute else bytes(sent)

    def forget(self) -> None:
        """Drop what was not sent yet."""
        self._replies.clear()

    def answer_status(self, number: int) -> bytes:
        """Answer ``DLE EOT``; returns what was said."""
        reply = answer.real_time(number, self._state(), self._machine.replies)
        self.say(reply)
        return reply

    def tell_changes(self) -> None:
        """Report a change of state unasked, where somebody wants that (ASB)."""
        state, mask = self._state(), self._engine.asb_mask
        is_wanted, self._engine.wants_report = self._engine.wants_report, False
        watched = tuple(
            getattr(state, name) for bit, names in REPORTED.items() if mask & bit for name in names
        )
        if mask and (is_wanted or watched != self._reported):
            self.say(answer.report(state))
        self._reported = watched

    def signal_room(self, room: int) -> None:
        """Say XOFF before the buffer is full and XON once there is room again."""
        if self._machine.intake is not Intake.XONXOFF:
            return
        if not self._is_held and room < self._machine.full_at:
            self._is_held = True
            self.say(XOFF)
        elif self._is_held and room >= self._machine.free_at and fault.STUCK not in self._wrong:
            self._is_held = False
            self.say(XON)

    def hold(self, *, is_on: bool) -> None:
        """Say XOFF or XON for no reason of the buffer's."""
        if self._machine.intake is Intake.XONXOFF:
            self.say(XOFF if is_on else XON)

    def _send(self, data: bytes) -> None:
        """Put an answer on the line, as it is or as a fault makes it; none overtakes another."""
        spoils, self._spoils = self._spoils, []
        now, said = self._now(), data
        at = max([now, *(at for at, _ in self._replies)])
        for name, seconds in spoils:
            if name == fault.WRONG_BYTE:
                said = self._wrong.with_wrong_byte(said)
            elif name == fault.OLD_REPLY:
                said = self._last
            elif name == fault.DOUBLE_REPLY:
                said *= 2
            else:
                at = max(at, now + timedelta(seconds=seconds or LATE_SECONDS))
        self._last = data
        self._replies.append((at, said))

    def _state(self) -> answer.Condition:
        is_out = fault.PAPER_OUT in self._wrong
        is_low = self._engine.is_near_end
        return answer.Condition(
            is_online=not self._wrong.is_stopped,
            is_cover_open=fault.COVER_OPEN in self._wrong,
            is_paper_out=is_out,
            is_near_end=is_low or is_out or fault.NEAR_END in self._wrong,
            has_cutter_fault=fault.CUTTER in self._wrong,
            is_drawer_high=self._engine.drawer.is_pin_high,
        )
