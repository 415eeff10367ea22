"""One attempt at printing: what has left, how long to wait, and what the printer says of it."""

from __future__ import annotations

from dataclasses import dataclass

from printing.clock import Budget, Clock
from printing.conversation import STEP, Conversation, Timing
from printing.errors import MemoryLost, PrintingError, Unconfirmed
from printing.outcome import OutcomeKind

GAP_SECONDS = 1.5
"""A printer that takes nothing for so long, and did not say why, may have been without power."""

Judgement = tuple[OutcomeKind, PrintingError | None]
"""What became of a job, and why that is not known better."""


@dataclass(slots=True)
class Attempt:
    """A job that has begun to leave, until its fate is known or given up.

    `lost`: why no proof of it is believed any more.
    """

    job_id: str
    code: str
    data: bytes
    seconds: float
    answers_before: int
    power_ons_before: int
    sent: int = 0
    lost: PrintingError | None = None

    @property
    def is_sent(self) -> bool:
        """Whether every byte has left."""
        return self.sent == len(self.data)


class Waits:
    """The bounds of one drive, each with what makes it run."""

    def __init__(self, clock: Clock, timing: Timing, seconds: float) -> None:
        self._whole = Budget(clock, seconds)
        self._gap = Budget(clock, GAP_SECONDS)
        self._stall = Budget(clock, timing.stall)
        self._trouble = Budget(clock, timing.trouble)
        self._proof = Budget(clock, timing.reply)

    @property
    def are_over(self) -> bool:
        """Whether one of them is used up."""
        bounds = (self._whole, self._stall, self._trouble, self._proof)
        return any(bound.is_over for bound in bounds)

    @property
    def has_gap(self) -> bool:
        """Whether it took nothing for longer than it may without a word."""
        return self._gap.is_over

    def note(self, *, moved: bool, stalls: bool, is_troubled: bool, is_processed: bool) -> None:
        """Account for one step; a bound whose cause is absent starts again."""
        nominal = 0 if moved else STEP
        self._whole.spend(nominal)
        causes = (
            (self._gap, stalls and not is_troubled),
            (self._stall, stalls),
            (self._trouble, is_troubled),
            (self._proof, is_processed),
        )
        for bound, runs in causes:
            if runs:
                bound.spend(nominal)
            else:
                bound.refill()


def step(talk: Conversation, running: Attempt) -> bool:
    """One piece out, what is there in; True when anything moved."""
    if running.is_sent:
        return talk.listen(STEP)
    taken = talk.send(running.data[running.sent :])
    running.sent += taken
    heard = talk.listen(0 if taken else STEP)
    return bool(taken) or heard


def is_troubled(talk: Conversation) -> bool:
    """Whether the newest report of the printer names something that is wrong."""
    return talk.report is not None and talk.report.problem is not None


def is_processed(talk: Conversation, running: Attempt) -> bool:
    """Whether the question that travelled behind the job was answered."""
    return running.is_sent and talk.answers > running.answers_before


def doubt(running: Attempt) -> str:
    """Why nobody knows, to stand inside a sentence."""
    if not running.is_sent:
        return f"it took {running.sent} of {len(running.data)} bytes and then no more"
    return "it did not say that it printed"


def is_proven(talk: Conversation, running: Attempt) -> bool:
    """Whether the printer has said that the whole job is on paper."""
    return running.is_sent and running.code in talk.printed


def suspect(talk: Conversation, running: Attempt, *, reports: bool, has_gap: bool) -> None:
    """Take no proof any more of a job whose first part may have been forgotten.

    Args:
        talk: with the printer.
        running: the job.
        reports: whether the printer says by itself what is wrong, so that silence is no excuse.
        has_gap: it took nothing for too long.
    """
    if talk.power_ons > running.power_ons_before:
        running.lost = MemoryLost()
    elif reports and (has_gap or (running.code in talk.printed and is_troubled(talk))):
        running.lost = running.lost or Unconfirmed("it stopped in the middle without a word")


def believed(running: Attempt) -> Judgement:
    """What can be said where nothing ever answers."""
    if running.is_sent:
        return OutcomeKind.PROBABLY, None
    return OutcomeKind.UNCONFIRMED, Unconfirmed("it takes no data")


def without_proof(talk: Conversation, running: Attempt, *, has_process_id: bool) -> Judgement:
    """It is well, took every byte and said nothing: still at work, or it has forgotten the job.

    A question sent now is answered behind that of the job. An answer to this one alone means that
    the other will never come. Raises Offline.
    """
    before = talk.answers
    if not talk.is_processing():
        return OutcomeKind.UNCONFIRMED, Unconfirmed(doubt(running))
    talk.hear_out()
    if is_proven(talk, running):
        return OutcomeKind.CONFIRMED, None
    if talk.answers >= before + 2 and not has_process_id:
        return OutcomeKind.PROBABLY, None
    running.lost = MemoryLost()
    return OutcomeKind.UNCONFIRMED, running.lost
