"""One actor per ZPL label printer: asks first, sends once, says truly what became of a label.

``~HS`` (ZPL II Programming Guide, host status) tells whether media, ribbon and head are well, and
how many formats and labels are still to come; some models do not answer it while they cannot
print. A label is on paper once nothing is left to come and the printer is well.
"""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass

from printing.clock import Budget, Clock
from printing.errors import (
    Busy,
    CoverOpen,
    Offline,
    PaperOut,
    PrinterFault,
    PrintingError,
    Unconfirmed,
)
from printing.link import Link
from printing.outcome import Outcome, OutcomeKind
from printing.transport import LinkFactory

ASK = b"~HS\r\n"
STEP = 0.05
PACE = 0.2
_FIRST = re.compile(rb"\x02\d{1,3},(\d),(\d),\d{1,4},(\d{1,3}),\d,\d,(\d),\d*,\d,\d,(\d)\x03")
_SECOND = re.compile(rb"\x02\d{1,3},\d,(\d),(\d),\d,\d,\d,(\d),(\d{1,8}),\d,\d*\x03")
KEPT = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelStatus:
    """What a label printer says of itself; `left`: formats and labels still to come."""

    left: int
    is_out: bool = False
    is_paused: bool = False
    is_head_open: bool = False
    has_ribbon_out: bool = False
    is_hot: bool = False

    @property
    def problem(self) -> PrintingError | None:
        """Why nothing can be printed now, None when all is well."""
        reasons: tuple[tuple[bool, PrintingError], ...] = (
            (self.is_head_open, CoverOpen()),
            (self.is_out, PaperOut()),
            (self.has_ribbon_out, Offline("its ribbon is used up")),
            (self.is_hot, PrinterFault(is_recoverable=True)),
            (self.is_paused, Offline("it is paused: press its pause key")),
        )
        return next((reason for applies, reason in reasons if applies), None)


def status_of(reply: bytes) -> LabelStatus | None:
    """The status in what a printer has sent, None while it is not whole."""
    first, second = _FIRST.search(reply), _SECOND.search(reply)
    if first is None or second is None:
        return None
    out, paused, formats, partial, hot = (int(value) for value in first.groups())
    head, ribbon, _waiting, labels = (int(value) for value in second.groups())
    return LabelStatus(
        left=formats + labels + partial,
        is_out=bool(out),
        is_paused=bool(paused),
        is_head_open=bool(head),
        has_ribbon_out=bool(ribbon),
        is_hot=bool(hot),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelTiming:
    """Seconds that bound every wait: for one answer, for bytes to go out, for a label to print."""

    reply: float = 1.0
    stall: float = 5.0
    print: float = 15.0


class LabelPrinter:
    """A label printer reached through links that are opened when needed."""

    def __init__(
        self,
        open_link: LinkFactory,
        *,
        clock: Clock,
        answers: bool = True,
        timing: LabelTiming | None = None,
    ) -> None:
        """Nothing is opened yet.

        Args:
            open_link: from `printing.transport.link_factory`, or a simulator's.
            clock: real or virtual time.
            answers: whether it answers ``~HS``; a file or a one-way line does not.
            timing: bounds of every wait.
        """
        self._open = open_link
        self._clock = clock
        self._answers = answers
        self._timing = timing or LabelTiming()
        self._lock = threading.Lock()
        self._link: Link | None = None
        self._unsure: str | None = None

    def print(self, job: bytes, job_id: str) -> Outcome:
        """Send one label format once and wait for what can be known of it.

        Returns:
            CONFIRMED, PROBABLY or UNCONFIRMED when bytes were sent; REFUSED with the reason when
            none was. After UNCONFIRMED, `settle` looks again.
        """
        with self._lock:
            refusal = self._refusal()
            if refusal is not None:
                return Outcome(kind=OutcomeKind.REFUSED, job_id=job_id, reason=refusal)
            sent, problem = self._send(job)
            if problem is not None and not sent:
                return Outcome(kind=OutcomeKind.REFUSED, job_id=job_id, reason=problem)
            outcome = self._verdict(job_id, sent, problem)
            is_open = outcome.kind is OutcomeKind.UNCONFIRMED and self._link is not None
            self._unsure = job_id if is_open and sent == len(job) else None
            return outcome

    def settle(self, job_id: str) -> Outcome | None:
        """Look again at the one job that was UNCONFIRMED over this very link; None: not known."""
        with self._lock:
            if self._unsure != job_id or self._link is None:
                return None
            status = self._ask()
            if status is None or status.problem is not None or status.left:
                return Outcome(kind=OutcomeKind.UNCONFIRMED, job_id=job_id)
            self._unsure = None
            return Outcome(kind=OutcomeKind.CONFIRMED, job_id=job_id)

    def close(self) -> None:
        """Let go of the port."""
        with self._lock:
            self._disconnect()

    def _refusal(self) -> PrintingError | None:
        try:
            if self._link is None:
                self._link = self._open()
        except PrintingError as error:
            return error
        if not self._answers:
            return None
        status = self._ask()
        if status is None:
            self._disconnect()
            return Offline("it says nothing; look at its media, its ribbon and its head")
        if status.problem is not None:
            return status.problem
        return Busy(self._unsure or "of somebody else") if status.left else None

    def _send(self, job: bytes) -> tuple[int, PrintingError | None]:
        sent, budget = 0, Budget(self._clock, self._timing.stall)
        try:
            while sent < len(job) and not budget.is_over:
                taken = self._link.write(job[sent:], STEP) if self._link else 0
                sent += taken
                if taken:
                    budget.refill()
                else:
                    budget.spend(STEP)
        except Offline as error:
            self._disconnect()
            return sent + int(error.took_some), error
        return sent, None if sent == len(job) else Unconfirmed("it takes no more data")

    def _verdict(self, job_id: str, sent: int, problem: PrintingError | None) -> Outcome:
        kind = OutcomeKind.UNCONFIRMED
        if problem is None and not self._answers:
            kind = OutcomeKind.PROBABLY
        elif problem is None:
            problem = self._until_printed()
            kind = OutcomeKind.CONFIRMED if problem is None else kind
        return Outcome(kind=kind, job_id=job_id, reason=problem, sent=sent)

    def _until_printed(self) -> PrintingError | None:
        """Wait until nothing is left to come; why nobody can say so, else."""
        budget = Budget(self._clock, self._timing.print)
        problem: PrintingError = Unconfirmed("it has not finished in time")
        while not budget.is_over:
            status = self._ask()
            if status is None:
                return Unconfirmed("it says nothing; look at its media, its ribbon and its head")
            if status.problem is not None:
                return status.problem
            if not status.left:
                return None
            self._clock.sleep(PACE)
            budget.spend(PACE)
        return problem

    def _ask(self) -> LabelStatus | None:
        """Ask for the status; None when there is no whole answer in time."""
        if self._link is None:
            return None
        try:
            self._link.read(0)
            self._link.write(ASK, STEP)
            heard, budget = b"", Budget(self._clock, self._timing.reply)
            while not budget.is_over:
                piece = self._link.read(STEP)
                heard = (heard + piece)[-KEPT:]
                status = status_of(heard)
                if status is not None:
                    return status
                budget.spend(0 if piece else STEP)
        except Offline:
            self._disconnect()
        return None

    def _disconnect(self) -> None:
        """Close; what was under way can never be proven over another link."""
        if self._link is not None:
            self._link.close()
        self._link = None
        self._unsure = None
