"""What a simulated printer says: answers, reports and XON/XOFF, in the order they come about."""

from __future__ import annotations

from printing.simulator import answer, fault
from printing.simulator.engine import Engine
from printing.simulator.machine import Intake, Machine
from printing.simulator.mishap import Mishaps

XON, XOFF = b"\x11", b"\x13"
FULL_AT, FREE_AT = 128, 256


class Voice:
    """The line from the printer; what goes wrong with it decides what leaves."""

    def __init__(self, machine: Machine, engine: Engine, wrong: Mishaps) -> None:
        self._machine = machine
        self._engine = engine
        self._wrong = wrong
        self._replies = bytearray()
        self._is_held = False
        self._reported: answer.Condition | None = None

    def say(self, reply: bytes) -> None:
        """Send something, after what the engine has answered so far."""
        self._replies += self._engine.out + reply
        self._engine.out.clear()

    def take(self) -> bytes:
        """What was sent since the last call; nothing where nothing can leave."""
        self.say(b"")
        sent = b"" if self._wrong.is_mute else bytes(self._replies)
        self._replies.clear()
        return sent

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
        state = self._state()
        is_wanted, self._engine.wants_report = self._engine.wants_report, False
        if self._engine.asb_mask and (is_wanted or state != self._reported):
            self.say(answer.report(state))
        self._reported = state

    def signal_room(self, room: int) -> None:
        """Say XOFF before the buffer is full and XON once there is room again."""
        if self._machine.intake is not Intake.XONXOFF:
            return
        if not self._is_held and room < FULL_AT:
            self._is_held = True
            self.say(XOFF)
        elif self._is_held and room >= FREE_AT and fault.STUCK not in self._wrong:
            self._is_held = False
            self.say(XON)

    def hold(self, *, is_on: bool) -> None:
        """Say XOFF or XON for no reason of the buffer's."""
        if self._machine.intake is Intake.XONXOFF:
            self.say(XOFF if is_on else XON)

    def _state(self) -> answer.Condition:
        is_out = fault.PAPER_OUT in self._wrong
        is_low = self._engine.lines_left <= self._machine.near_end_lines
        return answer.Condition(
            is_online=not self._wrong.is_stopped,
            is_cover_open=fault.COVER_OPEN in self._wrong,
            is_paper_out=is_out,
            is_near_end=is_low or is_out or fault.NEAR_END in self._wrong,
            has_cutter_fault=fault.CUTTER in self._wrong,
            is_drawer_high=False,
        )
