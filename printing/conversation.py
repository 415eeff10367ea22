"""Talking with one printer over one open link: questions, answers, and what it says by itself."""

from __future__ import annotations

from dataclasses import dataclass, replace

from printing.clock import Budget, Clock
from printing.escpos import ASK_PAPER
from printing.link import CHUNK, Link
from printing.profile import Flow, Profile
from printing.status import (
    PRINTER_QUERY,
    QUERIES,
    SILENT,
    Answered,
    FlowSignal,
    PoweredOn,
    Printed,
    PrinterStatus,
    RealTime,
    Report,
    StatusParser,
    ask,
    from_replies,
    is_pin_high,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """Seconds that bound every wait.

    Attributes:
        settle: after opening a port, before the first byte.
        reply: for one answer to a question.
        patience: beyond the time a job needs by its length.
        stall: without one byte taken while sending.
        probe: for an earlier job to leave the buffer, before the first one over a new link.
        trouble: how long a paper end, an open cover and the like is watched before giving back.
    """

    settle: float = 0.3
    reply: float = 0.5
    patience: float = 5.0
    stall: float = 5.0
    trouble: float = 1.0
    probe: float = 2.0


HASTY = Timing(patience=2.0, stall=2.0, probe=1.0, trouble=0.5)
"""For a command that somebody waits for: what is not known soon is asked about later."""

STEP = 0.05
XOFF_MARGIN = 64
"""Bytes in one piece where XOFF stops us: printers send it with 128 bytes of room left."""
BUFFER_SHARE = 4
"""Of a small buffer less than so much is left at XOFF (45 bytes: 16)."""
READS_MAX = 64


class Conversation:
    """One open link, and everything the printer has said over it."""

    def __init__(self, link: Link, *, profile: Profile, clock: Clock, timing: Timing) -> None:
        self.link = link
        self.printed: set[str] = set()
        self.answers = 0
        self.power_ons = 0
        self.report: PrinterStatus | None = None
        self.may_send = True
        self.is_fresh = True
        self._profile = profile
        self._piece = min(XOFF_MARGIN, max(profile.buffer // BUFFER_SHARE, 1))
        self._clock = clock
        self._timing = timing
        self._parser = StatusParser()
        self._real_time: list[int] = []

    def begin(self) -> None:
        """Let a port that was just opened come to rest, and forget what lay in it."""
        if self._profile.answers:
            self._clock.sleep(self._timing.settle)
            self.drain()
        self._parser.forget()
        self.report = None

    def listen(self, wait_seconds: float) -> bool:
        """Take in what arrives within the time; True if anything did. Raises Offline."""
        data = self.link.read(wait_seconds)
        for event in self._parser.feed(data):
            match event:
                case Printed(code):
                    self.printed.add(code)
                case Answered():
                    self.answers += 1
                case Report():
                    self.report = event.status
                case RealTime(value):
                    self._real_time.append(value)
                case PoweredOn():
                    self.power_ons += 1
                case FlowSignal(may_send) if self._profile.flow is Flow.XONXOFF:
                    self._flow(may_send=may_send)
                case _:
                    pass
        return bool(data)

    def drain(self) -> None:
        """Take in everything that is there already."""
        for _ in range(READS_MAX):
            if not self.listen(0):
                return

    def send(self, data: bytes) -> int:
        """Send a piece; returns how many bytes were taken. Raises Offline."""
        if not self.may_send:
            return 0
        is_signalled = self._profile.flow is Flow.XONXOFF
        return self.link.write(data[: self._piece if is_signalled else CHUNK], STEP)

    def status(self, *, may_discard: bool) -> PrinterStatus:
        """Ask the four real-time questions; unknown when the printer is silent or unreadable.

        Args:
            may_discard: no job is under way, so a question held back by XOFF may be forced
                through, dropping what waits to be sent.

        Raises:
            Offline: the line broke.
        """
        replies: dict[int, int] = {}
        for number in QUERIES:
            value = self._ask(number, force=False)
            if value is None:
                value = self._ask(number, force=may_discard)
                self._note_forced(was_forced=may_discard and value is not None)
            if value is None:
                self._parser.forget()
                return SILENT
            replies[number] = value
        if may_discard and not self.may_send:
            self._end_stale_hold()
        return replace(from_replies(replies), is_held=not self.may_send)

    def _end_stale_hold(self) -> None:
        """Go on when XOFF means nothing any more: what goes through the buffer is answered.

        A byte of noise looks like XOFF, and then nobody ever sends XON.
        """
        before = self.answers
        self.link.urgent(ASK_PAPER)
        budget = Budget(self._clock, self._timing.reply)
        while self.answers == before and not budget.is_over:
            heard = self.listen(STEP)
            budget.spend(0 if heard else STEP)
        if self.answers > before:
            self._flow(may_send=True)

    def drawer_pin(self) -> bool | None:
        """Whether connector pin 3 is high; None when there is no answer. Raises Offline."""
        value = self._ask(PRINTER_QUERY, force=False)
        if value is None:
            self._parser.forget()
            return None
        return is_pin_high(value)

    def is_processing(self) -> bool:
        """Whether a question that goes through the buffer is answered in time (`Timing.probe`).

        Then nothing of an earlier job is left there, not even half a command. Raises Offline.
        """
        before = self.answers
        self.send(ASK_PAPER)
        budget = Budget(self._clock, self._timing.probe)
        while self.answers == before and not budget.is_over:
            heard = self.listen(STEP)
            budget.spend(0 if heard else STEP)
        return self.answers > before

    def hear_out(self) -> None:
        """Listen for as long as an answer may take, whatever comes. Raises Offline."""
        budget = Budget(self._clock, self._timing.reply)
        while not budget.is_over:
            heard = self.listen(STEP)
            budget.spend(0 if heard else STEP)

    def _flow(self, *, may_send: bool) -> None:
        if may_send and not self.may_send:
            self.link.resume()
        self.may_send = may_send

    def _note_forced(self, *, was_forced: bool) -> None:
        """An answer that only came past XOFF: the printer lives, and wants us to wait."""
        if was_forced and self._profile.flow is Flow.XONXOFF:
            self.may_send = False

    def _ask(self, number: int, *, force: bool) -> int | None:
        self.drain()
        self._real_time.clear()
        if force and self._profile.flow is Flow.XONXOFF:
            self.link.urgent(ask(number))
        elif not self.link.write(ask(number), STEP):
            return None
        budget = Budget(self._clock, self._timing.reply)
        while not budget.is_over:
            heard = self.listen(STEP)
            if self._real_time:
                return self._real_time[-1]
            budget.spend(0 if heard else STEP)
        return None
