"""One actor per printer: asks first, sends once, says truly what became of it.

Never prints twice by itself: bytes of a job leave once, in order, and a job whose end is unknown
is only ever listened for. Every call is bounded in time. Proof, best first (Epson command
reference; `Outcome`): the process-ID reply, then an answer to ``GS r`` that travelled behind the
job together with a healthy status, then nothing.

One hole is left open by the protocol: a serial printer that loses power in the middle of a job
and comes back before the rest is sent would confirm that rest. Jobs fit the usual buffer, so the
rest is then already lost with it.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

from printing import escpos
from printing.clock import Budget, Clock
from printing.conversation import STEP, Conversation, Timing
from printing.errors import Busy, Offline, PrintingError, Unconfirmed
from printing.outcome import Outcome, OutcomeKind
from printing.profile import Profile
from printing.status import SILENT, PrinterStatus
from printing.transport import LinkFactory

REMEMBERED = 64
LINES_MORE = 10


@dataclass(slots=True)
class _Running:
    """A job that has begun to leave, until its fate is known or given up."""

    job_id: str
    code: str
    data: bytes
    seconds: float
    answers_before: int
    sent: int = 0

    @property
    def is_sent(self) -> bool:
        return self.sent == len(self.data)


class _Waits:
    """The bounds of one drive, each with what makes it run."""

    def __init__(self, clock: Clock, timing: Timing, seconds: float) -> None:
        self._whole = Budget(clock, seconds)
        self._stall = Budget(clock, timing.stall)
        self._trouble = Budget(clock, timing.trouble)
        self._proof = Budget(clock, timing.reply)

    @property
    def are_over(self) -> bool:
        bounds = (self._whole, self._stall, self._trouble, self._proof)
        return any(bound.is_over for bound in bounds)

    def note(self, *, moved: bool, stalls: bool, is_troubled: bool, is_processed: bool) -> None:
        """Account for one step; a bound whose cause is absent starts again."""
        nominal = 0 if moved else STEP
        self._whole.spend(nominal)
        causes = (
            (self._stall, stalls),
            (self._trouble, is_troubled),
            (self._proof, is_processed),
        )
        for bound, runs in causes:
            if runs:
                bound.spend(nominal)
            else:
                bound.refill()


class Printer:
    """A printer reached through links that are opened when needed and reopened when broken."""

    def __init__(
        self,
        open_link: LinkFactory,
        profile: Profile,
        *,
        clock: Clock,
        timing: Timing | None = None,
    ) -> None:
        """Nothing is opened yet.

        Args:
            open_link: from `printing.transport.link_factory`, or a simulator's.
            profile: what the printer can do.
            clock: real or virtual time.
            timing: bounds of every wait.
        """
        self._open = open_link
        self._profile = profile
        self._clock = clock
        self._timing = timing or Timing()
        self._lock = threading.Lock()
        self._talk: Conversation | None = None
        self._running: _Running | None = None
        self._pulsed_at: datetime | None = None
        self._ended: dict[str, Outcome] = {}

    def status(self) -> PrinterStatus:
        """What the printer says of itself now; never raises, unknown when it is silent."""
        with self._lock:
            try:
                return self._ask(self._connected())
            except PrintingError:
                self._disconnect()
                return SILENT

    def print(self, job: bytes, job_id: str) -> Outcome:
        """Send one job once and wait for what can be known of it.

        Args:
            job: from `printing.escpos.encode`, whole.
            job_id: unique for each attempt that may leave ink; a reprint has another.

        Returns:
            CONFIRMED, PROBABLY or UNCONFIRMED when bytes were sent; REFUSED with the reason when
            none was. After UNCONFIRMED, `settle` listens on.
        """
        with self._lock:
            refusal = self._refusal()
            if refusal is not None:
                return Outcome(kind=OutcomeKind.REFUSED, job_id=job_id, reason=refusal)
            self._running = self._job(job, job_id, self._connected())
            seconds = self._running.seconds + self._timing.patience
            return self._carry_on(self._running, seconds)

    def kick(self) -> None:
        """Open the drawer now, whatever waits to be printed.

        A healthy printer takes the pulse at once behind what it has; one that cannot print (no
        paper, cover open) takes it in real time (``DLE DC4``), so that change can be given.

        Raises:
            Busy: a job has left in part, and a pulse now would fall inside one of its commands.
            Offline: nobody takes it.
        """
        with self._lock:
            self._let_coil_rest()
            problem = self._refusal()
            talk, running = self._talk, self._running
            if talk is None:
                raise problem or Offline()
            if running is not None and not running.is_sent:
                raise Busy(running.job_id)
            try:
                self._pulse(talk, is_well=problem is None)
            except Offline:
                self._disconnect()
                raise
            self._pulsed_at = self._clock.now()

    def drawer_pin(self) -> bool | None:
        """Whether pin 3 is high now; None when the printer does not say, or is taking a job."""
        with self._lock:
            is_taking = self._running is not None and not self._running.is_sent
            if is_taking or not self._profile.answers:
                return None
            try:
                return self._connected().drawer_pin()
            except PrintingError:
                self._disconnect()
                return None

    def settle(self, job_id: str) -> Outcome | None:
        """Go on listening for a job that was UNCONFIRMED; None when it is not known here.

        Sends what of the job has not left yet (a printer that was out of paper takes the rest),
        never a byte of it twice. Bounded like `print`.
        """
        with self._lock:
            if self._running is not None and self._running.job_id == job_id:
                return self._carry_on(self._running, self._seconds_more(self._running))
            return self._ended.get(job_id)

    def give_up(self, job_id: str) -> None:
        """Drop what has not left of a job, and ask the printer to forget what it holds of it."""
        with self._lock:
            if self._running is None or self._running.job_id != job_id:
                return
            if self._talk is not None:
                try:
                    self._talk.link.urgent(escpos.CLEAR_BUFFER)
                    self._talk.is_fresh = True
                except Offline:
                    self._disconnect()
            self._running = None

    def close(self) -> None:
        """Let go of the port; an unfinished job stays unconfirmed for ever."""
        with self._lock:
            if self._talk is not None and self._running is not None:
                self._talk.link.discard()
            self._disconnect()

    def _let_coil_rest(self) -> None:
        """A coil that is pulsed again and again burns: it pulls a fifth of the time at most."""
        if self._pulsed_at is None:
            return
        rest = timedelta(milliseconds=self._profile.pulse_on_ms + self._profile.pulse_off_ms)
        left = (self._pulsed_at + rest - self._clock.now()).total_seconds()
        if left > 0:
            self._clock.sleep(left)

    def _pulse(self, talk: Conversation, *, is_well: bool) -> None:
        data = escpos.pulse(self._profile) if is_well else escpos.pulse_now(self._profile)
        if not talk.may_send:
            if self._running is not None:
                raise Busy(self._running.job_id)
            talk.link.urgent(data)
        elif not talk.link.write(data, STEP):
            raise Offline("it takes no data")

    def _refusal(self) -> PrintingError | None:
        """Why no job can be sent now, with nothing of it sent; None when one can."""
        earlier = self._running
        if earlier is not None:
            self._carry_on(earlier, self._seconds_more(earlier))
        try:
            talk = self._connected()
            if not self._profile.answers:
                return None
            status = self._ask(talk)
        except PrintingError as error:
            self._disconnect()
            return error
        problem = status.problem
        if problem is None and self._running is not None:
            if not self._running.is_sent:
                return Busy(self._running.job_id)
            self._running = None  # it is well, took everything, and has nothing more to say
            talk.is_fresh = True
        if not status.is_known and self._running is None:
            self._disconnect()
        return problem or self._clear_way(talk)

    def _clear_way(self, talk: Conversation) -> PrintingError | None:
        """Make sure that no half command of an earlier job would swallow the start of this one.

        A program that died while sending, or a cable pulled out, leaves one in the buffer.
        """
        if not talk.is_fresh:
            return None
        try:
            if not talk.is_processing(self._timing.probe):
                talk.link.urgent(escpos.CLEAR_BUFFER)
                talk.link.resume()
        except Offline as error:
            self._disconnect()
            return error
        talk.is_fresh = False
        return None

    def _job(self, job: bytes, job_id: str, talk: Conversation) -> _Running:
        code = escpos.process_code(job_id)
        data = job
        if self._profile.answers:
            data += escpos.ASK_PAPER
        if self._profile.process_id:
            data += escpos.ask_process_id(code)
        lines = job.count(b"\n") + LINES_MORE
        seconds = len(data) * 10 / self._profile.baud + lines / self._profile.lines_per_second
        talk.printed.discard(code)
        return _Running(job_id, code, data, seconds, talk.answers)

    def _seconds_more(self, running: _Running) -> float:
        """How long to listen again: for an answer only, or for the rest to go out as well."""
        return self._timing.trouble if running.is_sent else self._timing.patience

    def _carry_on(self, running: _Running, seconds: float) -> Outcome:
        talk = self._talk
        try:
            outcome = self._lost(running) if talk is None else self._drive(talk, running, seconds)
        except Offline as error:
            self._disconnect()
            is_clean = running.sent == 0 and not error.took_some
            kind = OutcomeKind.REFUSED if is_clean else OutcomeKind.UNCONFIRMED
            outcome = self._outcome(running, kind, error)
        return self._remember(outcome)

    def _drive(self, talk: Conversation, running: _Running, seconds: float) -> Outcome:
        """Send and listen until the fate is known or the time is over."""
        waits = _Waits(self._clock, self._timing, seconds)
        while not waits.are_over:
            moved = _step(talk, running)
            if self._is_over(talk, running):
                break
            waits.note(
                moved=moved,
                stalls=not moved and not running.is_sent,
                is_troubled=talk.report is not None and talk.report.problem is not None,
                is_processed=_is_processed(talk, running),
            )
        return self._verdict(talk, running)

    def _is_over(self, talk: Conversation, running: _Running) -> bool:
        if not running.is_sent:
            return False
        if running.code in talk.printed or not self._profile.answers:
            return True
        return not self._profile.process_id and _is_processed(talk, running)

    def _verdict(self, talk: Conversation, running: _Running) -> Outcome:
        if running.is_sent and running.code in talk.printed:
            return self._outcome(running, OutcomeKind.CONFIRMED)
        if not self._profile.answers:
            if running.is_sent:
                return self._outcome(running, OutcomeKind.PROBABLY)
            return self._outcome(running, OutcomeKind.UNCONFIRMED, Unconfirmed("it takes no data"))
        status = self._ask(talk)
        if running.is_sent and running.code in talk.printed:
            return self._outcome(running, OutcomeKind.CONFIRMED)
        if _is_processed(talk, running) and status.problem is None:
            return self._outcome(running, OutcomeKind.PROBABLY)
        reason = status.problem or Unconfirmed(_doubt(running))
        return self._outcome(running, OutcomeKind.UNCONFIRMED, reason)

    def _lost(self, running: _Running) -> Outcome:
        reason = Offline("the line broke in the middle of a job")
        return self._outcome(running, OutcomeKind.UNCONFIRMED, reason)

    def _outcome(
        self, running: _Running, kind: OutcomeKind, reason: PrintingError | None = None
    ) -> Outcome:
        return Outcome(kind=kind, job_id=running.job_id, reason=reason, sent=running.sent)

    def _remember(self, outcome: Outcome) -> Outcome:
        """Keep the latest word on a job, and let go of it once no more can be learnt."""
        self._ended[outcome.job_id] = outcome
        while len(self._ended) > REMEMBERED:
            del self._ended[next(iter(self._ended))]
        if outcome.kind is not OutcomeKind.UNCONFIRMED or self._talk is None:
            self._running = None
        return outcome

    def _ask(self, talk: Conversation) -> PrinterStatus:
        """Ask, unless a half-sent job would swallow the question (it may end inside a command)."""
        running = self._running
        if not self._profile.answers:
            return PrinterStatus(is_known=True, is_online=True)
        if running is not None and not running.is_sent:
            talk.drain()
            return talk.report or SILENT
        return talk.status(may_discard=running is None)

    def _connected(self) -> Conversation:
        if self._talk is None:
            talk = Conversation(
                self._open(), profile=self._profile, clock=self._clock, timing=self._timing
            )
            self._talk = talk
            talk.begin()
        return self._talk

    def _disconnect(self) -> None:
        """Close; what was under way can never be proven over another link."""
        if self._talk is not None:
            self._talk.link.close()
        self._talk = None
        self._running = None


def _step(talk: Conversation, running: _Running) -> bool:
    """One piece out, what is there in; True when anything moved."""
    if running.is_sent:
        return talk.listen(STEP)
    taken = talk.send(running.data[running.sent :])
    running.sent += taken
    heard = talk.listen(0 if taken else STEP)
    return bool(taken) or heard


def _is_processed(talk: Conversation, running: _Running) -> bool:
    """Whether the question that travelled behind the job was answered."""
    return running.is_sent and talk.answers > running.answers_before


def _doubt(running: _Running) -> str:
    if not running.is_sent:
        return f"it took {running.sent} of {len(running.data)} bytes and then no more"
    return "it did not say that it printed"
