"""A receipt printer: bytes in, bytes out, paper; single-threaded, time from outside.

Follows what the manuals say of Epson TM printers: real-time commands are obeyed on arrival even
off-line, everything else waits in a buffer that is worked off only while the printer can print.
"""

from __future__ import annotations

import random
import re
from datetime import datetime
from typing import Any, Protocol

from printing.simulator import answer, fault
from printing.simulator.command import Command, next_command
from printing.simulator.engine import Engine
from printing.simulator.fault import PrinterFaults
from printing.simulator.ink import LINE_DOTS
from printing.simulator.machine import Intake, Machine
from printing.simulator.mishap import Mishaps
from printing.simulator.realtime import (
    CLEAR,
    ENQUIRE,
    PULSE,
    STATUS,
    RealTimeCommand,
    RealTimeScanner,
)
from printing.simulator.store import MemoryPaper, PaperStore
from printing.simulator.voice import Voice
from sandbox.log import RequestLog

QUESTIONS = (b"\x10", b"\x1dr", b"\x1dI", b"\x1d(H", b"\x1da")
PULSES = re.compile(rb"\A(?:\x1bp...)+", re.DOTALL)
DRAWER = (fault.DRAWER_OPEN, fault.DRAWER_JAM)
CUTS = ("GS V", "ESC i", "ESC m")
GARBAGE_BYTES = 12
UNLIMITED = 1 << 30
UART_SECONDS = 0.05
"""How much of a paced line may come in one piece."""
PIECE = 64


class Now(Protocol):
    """A clock that can be read; any of the product's will do."""

    def now(self) -> datetime:
        """The current aware instant."""
        ...


class SimulatedPrinter:
    """One printer on a desk.

    Feed it with `receive`, let time pass with `run`, collect with `take_replies`. Not safe for
    several threads at once.
    """

    def __init__(
        self,
        machine: Machine,
        *,
        clock: Now,
        faults: PrinterFaults | None = None,
        store: PaperStore | None = None,
        log: RequestLog | None = None,
    ) -> None:
        """Switch it on.

        Args:
            machine: what kind it is.
            clock: real or virtual time, for pace and for faults that last.
            faults: armed from outside; its list is watched.
            store: keeps the paper and the state of the roll.
            log: notes every question and every paper.
        """
        self.machine = machine
        self.faults = faults or PrinterFaults(random.Random(0))  # noqa: S311 - not a secret
        self.faults.on_replaced = self._faults_replaced
        self.log = log or RequestLog(clock.now)
        self._clock = clock
        self._store = store or MemoryPaper()
        self._engine = Engine(machine=machine, store=self._store, now=clock.now)
        self._wrong = Mishaps(
            self.faults,
            now=clock.now,
            log=self.log,
            dead_seconds=machine.dead_seconds,
            on_begin=self._goes_wrong,
            on_end=self._put_right,
        )
        self._ran_at = clock.now()
        self._arrived = 0.0
        self._switch_on()

    @property
    def is_plugged(self) -> bool:
        """Whether the cable is in."""
        return fault.UNPLUG not in self._wrong

    @property
    def room(self) -> int:
        """How many bytes the wire may deliver now; 0 holds the sender where wires can."""
        if not self.is_plugged:
            return 0
        arrived = UNLIMITED if self.machine.baud is None else int(self._arrived)
        if self.machine.intake is not Intake.HARDWARE:
            return arrived
        return min(arrived, max(self.machine.buffer - len(self._buffer), 0)) if self.may_send else 0

    @property
    def may_send(self) -> bool:
        """What its modem line says to the sender (CTS); no with wires and nothing to put it in."""
        if self.machine.intake is not Intake.HARDWARE:
            return True
        return fault.STUCK not in self._wrong and len(self._buffer) < self.machine.buffer

    @property
    def is_powered(self) -> bool:
        """Whether it is switched on (DSR)."""
        return fault.POWER_CYCLE not in self._wrong

    def receive(self, data: bytes) -> int:
        """Take bytes off the wire and return how many; the rest must be offered again."""
        self.run()
        if not self.room:
            return 0
        self._open_job(data)
        length = self._wrong.passing(min(len(data), self.room))
        self._arrived -= length
        for part in self._scanner.feed(data[:length]):
            if fault.POWER_CYCLE in self._wrong:
                continue
            if isinstance(part, RealTimeCommand):
                self._obey_now(part)
            else:
                self._keep(part)
        self.run()
        return length

    def run(self) -> None:
        """Do what is to do up to the present."""
        now = self._clock.now()
        passed = max((now - self._ran_at).total_seconds(), 0.0)
        self._ran_at = now
        self._wrong.expire()
        bytes_per_second = (self.machine.baud or 0) / 10
        most = max(bytes_per_second * UART_SECONDS, 1.0)
        self._arrived = min(self._arrived + passed * bytes_per_second, most)
        self._work(passed)
        self._voice.signal_room(self.machine.buffer - len(self._buffer))
        self._voice.tell_changes()

    def opened(self) -> None:
        """Somebody has opened the port; faults may wait for that."""
        self._wrong.strike(fault.OPEN)

    def noise(self, length: int) -> bytes:
        """What so many bytes at a wrong speed look like from inside."""
        return self.faults.rng.randbytes(length)

    def take_replies(self) -> bytes:
        """What the printer has sent since the last call."""
        return self._voice.take()

    def set_condition(self, name: str, *, is_on: bool) -> None:
        """Open the cover, take the paper out, pull the cable, or undo it, by hand."""
        if is_on:
            self._wrong.begin(name)
        else:
            self._wrong.end(name)
        self.run()

    def stop(self) -> None:
        """Switch it off for good: what hangs out is torn off, the roll is kept in mind."""
        self._buffer.clear()
        self._engine.end_strip("power", is_cut=False)

    def reset(self) -> None:
        """A printer fresh from its box."""
        self._wrong.end_all()
        self._store.empty()
        self._engine = Engine(machine=self.machine, store=self._store, now=self._clock.now)
        self._switch_on()

    def ledger(self) -> dict[str, Any]:
        """Everything that became paper, and the state of the printer, as JSON data."""
        hanging = self._engine.strip
        return {
            "receipts": self._store.rows(),
            "hanging": hanging.text if hanging.has_ink else None,
            "drawer_pulses": self._engine.pulses,
            "jobs_without_paper": list(self._engine.unseen_jobs),
            "drawer": {
                "is_open": self._engine.drawer.is_open,
                "openings": self._engine.drawer.openings,
            },
            "dots_left": self._engine.dots_left,
            "lines_left": self._engine.dots_left // LINE_DOTS,
            "conditions": self._wrong.names,
            "buffered": len(self._head) + len(self._buffer),
            "unknown_commands": list(self._engine.unknown),
        }

    def _switch_on(self) -> None:
        """Everything that power-up forgets."""
        self._scanner = RealTimeScanner()
        self._head = bytearray()
        self._buffer = bytearray()
        self._voice = Voice(self.machine, self._engine, self._wrong, self._clock.now)
        self._in_job = False
        self._allowance = 0.0
        self._arrived = 0.0
        self._busy = 0.0
        self._engine.power_up()

    def _open_job(self, data: bytes) -> None:
        """Notice the first byte of a job; questions and drawer pulses between jobs are none."""
        rest = PULSES.sub(b"", data)
        if rest and not self._in_job and not rest.startswith(QUESTIONS):
            self._in_job = True
            self._wrong.strike(fault.PRINT)

    def _goes_wrong(self, name: str, seconds: float) -> None:
        if name in fault.OF_REPLIES:
            self._voice.spoil_next(name, seconds)
        elif name == fault.GARBAGE:
            self._voice.say(self.faults.rng.randbytes(GARBAGE_BYTES))
        elif name == fault.POWER_CYCLE:
            self._switch_on()
        elif name == fault.UNPLUG:
            self._in_job = False
        elif name == fault.STUCK:
            self._voice.hold(is_on=True)
        elif name in DRAWER:
            self._set_drawer(name, is_on=True)

    def _put_right(self, name: str) -> None:
        if name == fault.PAPER_OUT:
            self._engine.load_roll()
        elif name == fault.UNPLUG:
            self._voice.forget()
        elif name == fault.STUCK:
            self._voice.hold(is_on=False)
        elif name in DRAWER:
            self._set_drawer(name, is_on=False)

    def _set_drawer(self, name: str, *, is_on: bool) -> None:
        if name == fault.DRAWER_JAM:
            self._engine.drawer.is_jammed = is_on
        elif is_on:
            self._engine.drawer.is_held = True
        else:
            self._engine.drawer.close()

    def _faults_replaced(self, is_healthy: bool) -> None:
        self._wrong.end_all()
        if is_healthy and self._engine.dots_left <= 0:
            self._engine.load_roll()

    def _obey_now(self, command: RealTimeCommand) -> None:
        match command.name:
            case name if name == STATUS:
                self._answer_status(command.parameters[0])
            case name if name == PULSE:
                self._engine.pulse(command.parameters[0])
            case name if name == CLEAR:
                self._forget_data()
                self._voice.say(answer.CLEARED)
            case name if name == ENQUIRE:
                self._wrong.end(fault.CUTTER)
                if command.parameters == b"\x02":
                    self._forget_data()

    def _forget_data(self) -> None:
        self._head.clear()
        self._buffer.clear()
        self._in_job = False

    def _answer_status(self, number: int) -> None:
        if not self._in_job and self._wrong.strike(fault.STATUS):
            return
        reply = self._voice.answer_status(number)
        self.log.append(f"status {number}", reply.hex() or "nothing")

    def _keep(self, data: bytes) -> None:
        """Buffer what there is room for; the rest is lost, as on a wire without brakes."""
        for start in range(0, len(data), PIECE):
            if fault.POWER_CYCLE in self._wrong:
                return
            piece = data[start : start + PIECE]
            room = max(self.machine.buffer - len(self._buffer), 0)
            self._buffer += piece[:room]
            if len(piece) > room:
                self.log.append("overflow", f"{len(piece) - room} bytes lost")
            self._work(0.0)

    def _work(self, passed: float) -> None:
        """Work the buffer off as far as time, paper and faults allow."""
        self._busy = max(self._busy - passed, -UART_SECONDS)
        pace = self.machine.bytes_per_second
        self._allowance = UNLIMITED if pace is None else min(self._allowance + passed * pace, pace)
        while not self._wrong.is_stopped and self._step():
            pass

    def _step(self) -> bool:
        """Obey one command, or move bytes towards the head until they make one."""
        self._wrong.worked_off(0)
        command = next_command(bytes(self._head), self._wrong.run_limit)
        if command is None:
            count = int(min(PIECE, self._allowance, len(self._buffer)))
            self._head += self._buffer[:count]
            del self._buffer[:count]
            self._allowance -= count
            return count > 0
        if self._busy > 0 or self._wrong.is_stopped:
            return False
        if command.name in CUTS and self._wrong.jams():
            return False
        self._obey(command)
        return True

    def _obey(self, command: Command) -> None:
        raw = bytes(self._head[: command.size])
        del self._head[: command.size]
        before, dots = self._engine.count, self._engine.dots_left
        self._engine.obey(command, raw)
        self._wrong.worked_off(command.size)
        if self.machine.lines_per_second is not None:
            moved = dots - self._engine.dots_left
            self._busy += moved / LINE_DOTS / self.machine.lines_per_second
        if self._engine.dots_left <= 0:
            self._wrong.begin(fault.PAPER_OUT)
        if self._engine.count > before:
            self._in_job = False
            self.log.append("print", f"paper {self._engine.count}")
