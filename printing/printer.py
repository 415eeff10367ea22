"""One actor per printer: asks first, sends once, says truly what became of it.

Never prints twice by itself: bytes of a job leave once, in order, and a job whose end is unknown
is only ever listened for. Every call is bounded in time. Proof, best first (Epson command
reference; `Outcome`): the process-ID reply, then an answer to ``GS r`` that travelled behind the
job together with a healthy status, then nothing.

A printer that loses power in the middle of a job and comes back before the rest is sent would
prove that rest. So no proof is taken of a job in which the printer said that it was switched on,
stopped taking data without saying why, or never said that the trouble it reported was over.
"""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

from printing import escpos
from printing.attempt import (
    Attempt,
    Judgement,
    Waits,
    believed,
    doubt,
    is_processed,
    is_proven,
    is_troubled,
    step,
    suspect,
    without_proof,
)
from printing.clock import Clock
from printing.conversation import STEP, Conversation, Timing
from printing.errors import Busy, Offline, PrintingError, Unconfirmed
from printing.outcome import Look, Outcome, OutcomeKind
from printing.profile import Profile
from printing.status import SILENT, Paper, PrinterStatus
from printing.transport import LinkFactory

REMEMBERED = 64
LINES_MORE = 10


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
        self._running: Attempt | None = None
        self._pulsed_at: datetime | None = None
        self._ended: dict[str, Outcome] = {}
        self._look: tuple[datetime, Look, PrinterStatus | None] | None = None

    def status(self) -> PrinterStatus:
        """What the printer says of itself now; never raises, unknown when it is silent."""
        with self._lock:
            try:
                return self._ask(self._connected())
            except PrintingError:
                self._disconnect()
                return SILENT

    @property
    def unfinished(self) -> str | None:
        """The job that has begun to leave and whose fate is not known; `give_up` lets go of it."""
        running = self._running
        return running.job_id if running else None

    def look(self, *, max_age: float) -> Look | None:
        """How the printer is; asked anew only when what is known is older than that.

        Args:
            max_age: seconds; what the printer has said by itself meanwhile counts as new.

        Returns:
            None while a job is half sent, when no question may be asked, and nothing was reported.
        """
        with self._lock:
            if self._running is not None and not self._running.is_sent:
                return _look_of(self._newest_report())
            now = self._clock.now()
            seen_at, seen, report = self._look or (now, None, None)
            is_fresh = 0 <= (now - seen_at).total_seconds() < max_age
            if seen is None or not is_fresh or self._newest_report() != report:
                seen = self._asked()
                self._look = (now, seen, self._talk.report if self._talk else None)
            return seen

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
            self._look = None
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

    def _newest_report(self) -> PrinterStatus | None:
        """What the printer has last said of itself unasked; None over a line that broke."""
        if self._talk is not None:
            try:
                self._talk.drain()
            except Offline:
                self._disconnect()
        return self._talk.report if self._talk else None

    def _asked(self) -> Look:
        try:
            status = self._ask(self._connected())
        except PrintingError as error:
            self._disconnect()
            return Look(error)
        if not status.is_known and self._running is None:
            self._disconnect()
        return Look(status.problem, is_near_end=status.paper is Paper.NEAR_END)

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
            if not talk.is_processing():
                talk.link.urgent(escpos.CLEAR_BUFFER)
                talk.link.resume()
        except Offline as error:
            self._disconnect()
            return error
        talk.is_fresh = False
        return None

    def _job(self, job: bytes, job_id: str, talk: Conversation) -> Attempt:
        code = escpos.process_code(job_id)
        data = job
        if self._profile.answers:
            data += escpos.ASK_PAPER
        if self._profile.process_id:
            data += escpos.ask_process_id(code)
        lines = job.count(b"\n") + LINES_MORE
        seconds = len(data) * 10 / self._profile.baud + lines / self._profile.lines_per_second
        talk.printed.discard(code)
        return Attempt(job_id, code, data, seconds, talk.answers, talk.power_ons)

    def _seconds_more(self, running: Attempt) -> float:
        """How long to listen again: for an answer only, or for the rest to go out as well."""
        return self._timing.trouble if running.is_sent else self._timing.patience

    def _carry_on(self, running: Attempt, seconds: float) -> Outcome:
        talk = self._talk
        try:
            outcome = self._lost(running) if talk is None else self._drive(talk, running, seconds)
        except Offline as error:
            self._disconnect()
            is_clean = running.sent == 0 and not error.took_some
            kind = OutcomeKind.REFUSED if is_clean else OutcomeKind.UNCONFIRMED
            outcome = self._outcome(running, kind, error)
        return self._remember(outcome)

    def _drive(self, talk: Conversation, running: Attempt, seconds: float) -> Outcome:
        """Send and listen until the fate is known or the time is over."""
        waits = Waits(self._clock, self._timing, seconds)
        while not waits.are_over:
            moved = step(talk, running)
            suspect(talk, running, reports=self._profile.asb, has_gap=waits.has_gap)
            if self._is_over(talk, running):
                break
            waits.note(
                moved=moved,
                stalls=not moved and not running.is_sent and talk.may_send,
                is_troubled=is_troubled(talk),
                is_processed=is_processed(talk, running),
            )
        return self._verdict(talk, running)

    def _is_over(self, talk: Conversation, running: Attempt) -> bool:
        if not running.is_sent:
            return False
        if running.code in talk.printed or not self._profile.answers:
            return True
        return not self._profile.process_id and is_processed(talk, running)

    def _verdict(self, talk: Conversation, running: Attempt) -> Outcome:
        kind, reason = self._judged(talk, running)
        return self._outcome(running, kind, reason)

    def _judged(self, talk: Conversation, running: Attempt) -> Judgement:
        if running.lost is not None and running.is_sent:
            return OutcomeKind.UNCONFIRMED, running.lost
        if is_proven(talk, running):
            return OutcomeKind.CONFIRMED, None
        if not self._profile.answers:
            return believed(running)
        return self._asked_after(talk, running)

    def _asked_after(self, talk: Conversation, running: Attempt) -> Judgement:
        problem = self._ask(talk).problem
        if is_proven(talk, running):
            return OutcomeKind.CONFIRMED, None
        if problem is not None or not running.is_sent:
            return OutcomeKind.UNCONFIRMED, problem or Unconfirmed(doubt(running))
        if is_processed(talk, running):
            return OutcomeKind.PROBABLY, None
        return without_proof(talk, running, has_process_id=self._profile.process_id)

    def _lost(self, running: Attempt) -> Outcome:
        reason = Offline("the line broke in the middle of a job")
        return self._outcome(running, OutcomeKind.UNCONFIRMED, reason)

    def _outcome(
        self, running: Attempt, kind: OutcomeKind, reason: PrintingError | None = None
    ) -> Outcome:
        return Outcome(kind=kind, job_id=running.job_id, reason=reason, sent=running.sent)

    def _remember(self, outcome: Outcome) -> Outcome:
        """Keep the latest word on a job, and let go of it once no more can be learnt."""
        self._ended[outcome.job_id] = outcome
        while len(self._ended) > REMEMBERED:
            del self._ended[next(iter(self._ended))]
        running = self._running
        is_hopeless = running is not None and running.lost is not None and running.is_sent
        if outcome.kind is not OutcomeKind.UNCONFIRMED or self._talk is None or is_hopeless:
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


def _look_of(status: PrinterStatus | None) -> Look | None:
    if status is None:
        return None
    return Look(status.problem, is_near_end=status.paper is Paper.NEAR_END)
