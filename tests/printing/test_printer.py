"""The printer actor against a printer that misbehaves, on virtual time.

Whatever happens: the state told is true, and no unmarked paper comes out twice.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from printing import escpos, text
from printing.conversation import Timing
from printing.errors import Busy, CoverOpen, MemoryLost, Offline, PaperOut
from printing.layouts.receipt import layout
from printing.link import Link, MemoryLink
from printing.outcome import Look, Outcome, OutcomeKind
from printing.printer import Printer
from printing.profile import Flow, Profile, adapted, profile_named
from printing.simulator import fault
from printing.simulator.core import SimulatedPrinter
from printing.simulator.desk import Desk, DeskLink
from printing.simulator.machine import MACHINES, Intake, Machine
from printing.status import Paper
from sandbox.fault import Fault
from tests.printing.samples import INVOICE, VirtualClock

PROFILE = profile_named("80mm")
CLONE = profile_named("80mm-clone")
JOB = escpos.encode(layout(INVOICE, 48), PROFILE)
TEXT = text.encode(layout(INVOICE, 48)).rstrip("\n") + "\n"
CLONE_JOB = escpos.encode(layout(INVOICE, 48), CLONE)
LONGEST = 20.0
C, P, U, R = OutcomeKind


class Shop:
    """A printer actor, its printer, and their clock."""

    def __init__(self, profile: Profile = PROFILE, machine: Machine | None = None) -> None:
        self.clock = VirtualClock()
        self.machine = SimulatedPrinter(machine or MACHINES[profile.name], clock=self.clock)
        self.desk = Desk(self.machine, self.clock)
        self.profile = profile
        self.printer = self.started()

    def started(self) -> Printer:
        """A till program that starts anew."""
        return Printer(self.desk, self.profile, clock=self.clock)

    def breaks(self, do: str, **how: Any) -> None:
        self.machine.faults.replace([Fault(do=do, **how)])

    def heals(self) -> None:
        self.machine.faults.replace([])
        self.clock.sleep(5)
        self.machine.run()

    def prints(self, job_id: str, job: bytes = JOB) -> Outcome:
        before = self.clock.time
        outcome = self.printer.print(job, job_id)
        assert self.clock.time - before < timedelta(seconds=LONGEST)
        return outcome

    @property
    def papers(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.machine.ledger()["receipts"]
        return rows

    def whole_papers(self) -> int:
        return sum("60A7-4CD9-6120-2377" in paper["text"] for paper in self.papers)


class Torn:
    """Opens links that hold the sender after so many bytes, for two seconds without power."""

    def __init__(self, machine: SimulatedPrinter, clock: VirtualClock, *, after: int) -> None:
        self.machine, self.clock, self.left = machine, clock, after

    def __call__(self) -> Link:
        torn = self

        class Held(DeskLink):
            def write(self, data: bytes, wait_seconds: float) -> int:
                if torn.left <= 0 and torn.left > -40:
                    torn.left -= 1
                    torn.clock.sleep(wait_seconds)
                    if torn.left == -20:
                        torn.machine._switch_on()
                    return 0
                taken = super().write(data, wait_seconds)
                torn.left -= taken if torn.left > 0 else 0
                return taken

        return Held(self.machine, self.clock)


class Announcing(Desk):
    """Opens links over which the printer says that it was just switched on, behind every job."""

    def __call__(self) -> Link:
        class Said(DeskLink):
            def read(self, wait_seconds: float) -> bytes:
                data = super().read(wait_seconds)
                return data.replace(b"\x37\x22", b"\x3b\x31\x00\x37\x22")

        return Said(self.printer, self._clock)


@pytest.fixture
def shop() -> Shop:
    return Shop()


def test_a_healthy_printer_confirms(shop: Shop) -> None:
    outcome = shop.prints("sale 1")
    assert outcome == Outcome(kind=C, job_id="sale 1", sent=outcome.sent)
    (paper,) = shop.papers
    assert paper["jobs"] == [escpos.process_code("sale 1")]
    assert paper["cut"] is True
    assert outcome.sent == len(JOB) + 3 + 11 == paper["bytes"]


def test_a_clone_probably_prints() -> None:
    shop = Shop(CLONE)
    assert shop.prints("sale 1", CLONE_JOB).kind is P
    assert len(shop.papers) == 1


def test_a_clone_with_the_wrong_profile_never_confirms() -> None:
    """The set-up says it proves what it prints; it does not, and nothing is claimed for it."""
    shop = Shop(PROFILE, MACHINES["80mm-clone"])
    outcome = shop.prints("sale 1")
    assert outcome.kind is P
    assert len(shop.papers) == 1


def test_a_one_way_printer_probably_prints() -> None:
    link, clock = MemoryLink(), VirtualClock()
    printer = Printer(lambda: link, profile_named("one-way"), clock=clock)
    assert printer.print(JOB, "a").kind is P
    assert bytes(link.written) == JOB
    assert printer.status().problem is None


def test_a_printer_that_never_answers_gets_nothing() -> None:
    link, clock = MemoryLink(), VirtualClock()
    outcome = Printer(lambda: link, PROFILE, clock=clock).print(JOB, "a")
    assert (outcome.kind, outcome.sent) == (R, 0)
    assert JOB not in bytes(link.written)


def test_status_tells_what_is_wrong(shop: Shop) -> None:
    assert shop.printer.status().problem is None
    for do, kind in ((fault.PAPER_OUT, PaperOut), (fault.COVER_OPEN, CoverOpen)):
        shop.machine.set_condition(do, is_on=True)
        assert isinstance(shop.printer.status().problem, kind)
        shop.machine.set_condition(do, is_on=False)
    shop.machine.set_condition(fault.NEAR_END, is_on=True)
    assert shop.printer.status().paper is Paper.NEAR_END
    assert shop.printer.status().problem is None
    shop.machine.set_condition(fault.UNPLUG, is_on=True)
    assert not shop.printer.status().is_known
    shop.machine.set_condition(fault.UNPLUG, is_on=False)
    assert shop.printer.status().is_online


@pytest.mark.parametrize(
    "do",
    [fault.PAPER_OUT, fault.COVER_OPEN, fault.OFFLINE, fault.UNPLUG, fault.SILENCE, fault.STUCK],
)
def test_what_is_wrong_before_refuses_and_sends_nothing(shop: Shop, do: str) -> None:
    shop.breaks(do)
    outcome = shop.prints("sale 1")
    assert (outcome.kind, outcome.sent) == (R, 0)
    assert outcome.reason is not None
    assert outcome.reason.may_pass
    shop.heals()
    assert shop.prints("sale 1 again").kind is C
    assert len(shop.papers) == 1


POSITIONS = list(range(64, len(JOB) + 64, 64))


@pytest.mark.parametrize("at", POSITIONS)
@pytest.mark.parametrize("do", [fault.PAPER_OUT, fault.COVER_OPEN, fault.OFFLINE])
def test_stopped_at_every_64th_byte_it_goes_on_and_confirms(shop: Shop, do: str, at: int) -> None:
    shop.breaks(do, bytes=at)
    outcome = shop.prints("sale 1")
    is_hit = at <= outcome.sent
    assert outcome.kind is (U if is_hit else C)
    if is_hit:
        assert outcome.reason is not None
        assert shop.prints("sale 2").kind is R
    shop.heals()
    late = shop.printer.settle("sale 1")
    assert late is not None
    assert late.kind is C
    assert shop.prints("sale 2").kind is C
    assert [paper["jobs"] for paper in shop.papers] == [
        [escpos.process_code("sale 1")],
        [escpos.process_code("sale 2")],
    ]
    assert all(paper["cut"] for paper in shop.papers)


@pytest.mark.parametrize("at", POSITIONS)
def test_unplugged_at_every_64th_byte_nothing_is_claimed(shop: Shop, at: int) -> None:
    shop.breaks(fault.UNPLUG, bytes=at)
    outcome = shop.prints("sale 1")
    shop.heals()
    again = shop.prints("sale 1 copy")
    assert again.kind is C
    confirmed = (outcome.kind is C) + 1
    assert shop.whole_papers() >= confirmed
    assert shop.papers[-1]["jobs"] == [escpos.process_code("sale 1 copy")]
    assert shop.papers[-1]["text"] == TEXT
    assert outcome.kind is (U if at <= len(JOB) + 14 else C)


@pytest.mark.parametrize("at", POSITIONS)
def test_power_lost_at_every_64th_byte_nothing_is_claimed(shop: Shop, at: int) -> None:
    shop.breaks(fault.POWER_CYCLE, bytes=at)
    outcome = shop.prints("sale 1")
    before = shop.whole_papers()
    if outcome.kind is C:
        assert before == 1
    shop.heals()
    late = shop.printer.settle("sale 1")
    assert late is None or (late.kind is C) == (outcome.kind is C)
    assert shop.whole_papers() == before
    assert shop.prints("sale 1 copy").kind is C


@pytest.mark.parametrize("at", POSITIONS)
def test_the_line_held_for_ever_is_given_up_in_time(shop: Shop, at: int) -> None:
    shop.breaks(fault.STUCK, bytes=at)
    outcome = shop.prints("sale 1")
    shop.heals()
    late = shop.printer.settle("sale 1")
    assert late is not None
    assert shop.whole_papers() == 1
    assert outcome.kind is late.kind or (outcome.kind, late.kind) == (U, C)
    if late.kind is U:
        assert "without a word" in str(late.reason), "it might have been without power"


@pytest.mark.parametrize("at", [at for at in POSITIONS if at < len(JOB)])
def test_power_lost_in_the_middle_is_named(shop: Shop, at: int) -> None:
    shop.breaks(fault.POWER_CYCLE, bytes=at, seconds=3)
    outcome = shop.prints("sale 1")
    assert outcome.kind is U
    shop.heals()
    late = shop.printer.settle("sale 1")
    assert late is not None
    assert late.kind is U
    assert isinstance(late.reason, MemoryLost)
    assert shop.whole_papers() == 0
    assert shop.printer.unfinished is None, "nothing more is to be learnt"
    assert shop.prints("sale 2").kind is C


def test_a_paper_of_which_only_the_end_came_is_not_proven() -> None:
    """A held line, a moment without power, and the rest of a long paper on a healthy printer."""
    shop = Shop(machine=replace(MACHINES["80mm"], buffer=512, bytes_per_second=200))
    shop.desk = Torn(shop.machine, shop.clock, after=900)
    shop.printer = shop.started()
    outcome = shop.prints("sale 1")
    assert outcome.kind is U
    assert "without a word" in str(outcome.reason)
    for _ in range(30):
        shop.clock.sleep(1)
        shop.machine.run()
    assert escpos.process_code("sale 1") in shop.papers[-1]["jobs"], "the printer believes it"
    assert TEXT not in [paper["text"] for paper in shop.papers]


def test_a_printer_that_says_it_was_switched_on_proves_nothing(shop: Shop) -> None:
    shop.desk = Announcing(shop.machine, shop.clock)
    shop.printer = shop.started()
    outcome = shop.prints("sale 1")
    assert outcome.kind is U
    assert isinstance(outcome.reason, MemoryLost)


def test_a_look_is_kept_until_it_is_old_or_the_printer_reports(shop: Shop) -> None:
    assert shop.printer.look(max_age=10) == Look(None)
    questions = len(shop.machine.log.rows())
    assert shop.printer.look(max_age=10) == Look(None)
    assert len(shop.machine.log.rows()) == questions
    shop.prints("sale 1")  # from here on it reports by itself
    shop.machine.set_condition(fault.COVER_OPEN, is_on=True)
    seen = shop.printer.look(max_age=10)
    assert seen is not None
    assert isinstance(seen.problem, CoverOpen)
    shop.machine.set_condition(fault.COVER_OPEN, is_on=False)
    assert shop.printer.look(max_age=10) == Look(None)
    shop.machine.set_condition(fault.NEAR_END, is_on=True)
    assert shop.printer.look(max_age=10) == Look(None, is_near_end=True)


def test_a_look_at_what_is_gone_says_why(shop: Shop) -> None:
    shop.breaks(fault.UNPLUG)
    seen = shop.printer.look(max_age=10)
    assert seen is not None
    assert isinstance(seen.problem, Offline)
    shop.heals()
    assert shop.printer.look(max_age=0) == Look(None)


def test_nobody_is_asked_while_a_job_is_half_sent(shop: Shop) -> None:
    shop.breaks(fault.STUCK, bytes=64)
    shop.machine.machine = replace(shop.machine.machine, buffer=256)
    assert shop.prints("sale 1").kind is U
    assert shop.printer.unfinished == "sale 1"
    questions = len(shop.machine.log.rows())
    assert shop.printer.look(max_age=0) == Look(None), "it reports by itself that it is well"
    shop.machine.set_condition(fault.COVER_OPEN, is_on=True)
    seen = shop.printer.look(max_age=0)
    assert seen is not None
    assert isinstance(seen.problem, CoverOpen)
    assert len(shop.machine.log.rows()) == questions


def test_of_a_silent_kind_nothing_is_known_while_a_job_is_half_sent() -> None:
    shop = Shop(CLONE)
    shop.breaks(fault.STUCK, bytes=64)
    shop.machine.machine = replace(shop.machine.machine, buffer=256)
    assert shop.prints("sale 1", CLONE_JOB).kind is U
    assert shop.printer.look(max_age=0) is None


@pytest.mark.parametrize("at", POSITIONS)
def test_silence_is_not_a_yes(shop: Shop, at: int) -> None:
    shop.breaks(fault.SILENCE, bytes=at)
    outcome = shop.prints("sale 1")
    assert outcome.kind is (U if at <= outcome.sent else C)
    assert shop.whole_papers() == 1


@pytest.mark.parametrize("at", POSITIONS)
def test_noise_does_not_confirm_and_does_not_hinder(shop: Shop, at: int) -> None:
    shop.breaks(fault.GARBAGE, bytes=at)
    outcome = shop.prints("sale 1")
    assert outcome.kind in {C, P, U}
    assert shop.whole_papers() == 1
    shop.heals()
    assert shop.prints("sale 2").kind is C


def test_a_jammed_knife_confirms_once_it_cuts(shop: Shop) -> None:
    shop.breaks(fault.CUTTER)
    outcome = shop.prints("sale 1")
    assert outcome.kind is U
    assert "knife" in str(outcome.reason)
    assert shop.papers == []
    shop.heals()
    late = shop.printer.settle("sale 1")
    assert late is not None
    assert late.kind is C
    assert len(shop.papers) == 1


@pytest.mark.parametrize("at", list(range(64, len(CLONE_JOB), 256)))
@pytest.mark.parametrize("do", [fault.PAPER_OUT, fault.UNPLUG, fault.POWER_CYCLE, fault.SILENCE])
def test_a_clone_that_always_says_well_is_not_believed(do: str, at: int) -> None:
    shop = Shop(CLONE)
    shop.breaks(do, bytes=at)
    assert shop.prints("sale 1", CLONE_JOB).kind is U
    shop.heals()
    late = shop.printer.settle("sale 1")
    if late is not None and late.kind is not U:
        assert (late.kind, shop.whole_papers()) == (P, 1)
    assert shop.prints("sale 2", CLONE_JOB).kind is P


def test_a_program_that_died_while_sending_leaves_no_trap(shop: Shop) -> None:
    """Half a command in the buffer must not swallow the next receipt's beginning."""
    half = JOB[: JOB.index(b"1P0https") + 20]
    shop.machine.receive(half)
    outcome = shop.started().print(JOB, "sale 2")
    assert outcome.kind is C
    assert [(paper["cut"], paper["text"] == TEXT) for paper in shop.papers] == [
        (False, False),
        (True, True),
    ]


def test_a_new_program_lets_an_old_job_finish(shop: Shop) -> None:
    shop.breaks(fault.PAPER_OUT, bytes=700)
    assert shop.prints("sale 1").kind is U
    fresh = shop.started()
    assert fresh.print(JOB, "sale 2").kind is R
    shop.heals()
    assert fresh.print(JOB, "sale 2").kind is C
    assert shop.whole_papers() == 2


def test_giving_up_drops_what_has_not_left(shop: Shop) -> None:
    shop.breaks(fault.STUCK, bytes=300)
    assert shop.prints("sale 1").kind is U
    shop.machine.faults.replace([])
    shop.printer.give_up("another job")
    shop.printer.give_up("sale 1")
    assert shop.prints("sale 1 copy").kind is C
    assert shop.whole_papers() == 1
    outcome = shop.printer.settle("sale 1")
    assert outcome is not None
    assert outcome.kind is U


def test_a_job_that_holds_the_line_is_named(shop: Shop) -> None:
    """The printer is well and takes no byte: the next job waits, it does not mix with it."""
    shop.breaks(fault.STUCK, bytes=300)
    assert shop.prints("sale 1").kind is U
    refused = shop.prints("sale 2")
    assert refused.kind is R
    assert isinstance(refused.reason, Busy | Offline)
    assert shop.papers == []


def test_xoff_for_ever_is_a_refusal_when_idle() -> None:
    profile = adapted(PROFILE, {"flow": "xonxoff"})
    machine = Machine(name="x", columns=48, dots=576, intake=Intake.XONXOFF)
    shop = Shop(profile, machine)
    assert profile.flow is Flow.XONXOFF
    assert shop.prints("sale 0").kind is C
    shop.machine.set_condition(fault.STUCK, is_on=True)
    shop.machine.machine = replace(machine, bytes_per_second=0.01)
    outcome = shop.prints("sale 1")
    assert (outcome.kind, outcome.sent) == (R, 0)
    assert "wait" in str(outcome.reason)
    shop.machine.machine = machine
    shop.machine.set_condition(fault.STUCK, is_on=False)
    assert shop.prints("sale 1 again").kind is C
    assert shop.whole_papers() == 2


def test_noise_that_looks_like_xoff_holds_nobody_for_ever() -> None:
    """Nobody will send XON for it; but what goes through the buffer is answered."""
    profile = adapted(PROFILE, {"flow": "xonxoff"})
    machine = Machine(name="x", columns=48, dots=576, intake=Intake.XONXOFF)
    shop = Shop(profile, machine)
    assert shop.prints("sale 0").kind is C
    shop.machine._voice.say(b"\x13")
    assert shop.prints("sale 1").kind is C
    assert shop.whole_papers() == 2


def test_the_smallest_buffer_there_is_loses_nothing() -> None:
    """45 bytes, and XOFF with 16 of them left (TM-T88III, DIP switch)."""
    profile = adapted(PROFILE, {"flow": "xonxoff", "buffer": 45})
    machine = Machine(
        name="x", columns=48, dots=576, intake=Intake.XONXOFF, buffer=45, bytes_per_second=1500
    )
    shop = Shop(profile, machine)
    assert shop.prints("sale 1").kind is C
    assert shop.papers[0]["text"] == TEXT


def test_a_small_slow_buffer_with_xon_loses_nothing() -> None:
    profile = adapted(PROFILE, {"flow": "xonxoff"})
    machine = Machine(
        name="x", columns=48, dots=576, intake=Intake.XONXOFF, buffer=1024, bytes_per_second=500
    )
    shop = Shop(profile, machine)
    assert shop.prints("sale 1").kind is C
    assert shop.whole_papers() == 1
    assert not [row for row in shop.machine.log.rows() if row["call"] == "overflow"]


@pytest.mark.parametrize("buffer", [45, 4096])
def test_a_slow_printer_holds_us_and_confirms(buffer: int) -> None:
    machine = Machine(name="x", columns=48, dots=576, buffer=buffer, bytes_per_second=400)
    shop = Shop(PROFILE, machine)
    assert shop.prints("sale 1").kind is C
    assert shop.whole_papers() == 1


def test_no_wait_trusts_the_clock() -> None:
    """A clock that stands still or leaps back must not keep anybody waiting for ever."""

    class Broken(VirtualClock):
        def sleep(self, seconds: float) -> None:
            self.time -= timedelta(seconds=seconds)

    link = MemoryLink()
    printer = Printer(lambda: link, PROFILE, clock=Broken())
    assert printer.print(JOB, "a").kind is R
    assert not printer.status().is_known


def test_a_clock_that_leaps_ahead_does_not_end_a_wait_at_once(shop: Shop) -> None:
    class Leaping(VirtualClock):
        def sleep(self, seconds: float) -> None:
            self.time += timedelta(hours=1)

    clock = Leaping()
    machine = SimulatedPrinter(MACHINES["80mm"], clock=clock)
    printer = Printer(Desk(machine, clock), PROFILE, clock=clock, timing=Timing(settle=0))
    assert printer.print(JOB, "a").kind is C


def test_an_old_answer_does_not_confirm_a_new_job(shop: Shop) -> None:
    assert shop.prints("sale 1").kind is C
    shop.breaks(fault.SILENCE, bytes=64)
    assert shop.prints("sale 1").kind is U


def test_closing_lets_go_and_opening_goes_on(shop: Shop) -> None:
    assert shop.prints("sale 1").kind is C
    shop.printer.close()
    shop.printer.close()
    assert shop.prints("sale 2").kind is C
    assert shop.printer.settle("never heard of") is None


def test_the_drawer_opens_at_once(shop: Shop) -> None:
    assert shop.printer.drawer_pin() is False
    shop.printer.kick()
    assert shop.machine.ledger()["drawer_pulses"] == 1
    assert shop.printer.drawer_pin() is True
    shop.clock.sleep(5)
    assert shop.printer.drawer_pin() is False
    assert shop.papers == []


@pytest.mark.parametrize("do", ["paper_out", "cover_open", "offline"])
def test_the_drawer_opens_though_nothing_can_be_printed(shop: Shop, do: str) -> None:
    shop.machine.set_condition(do, is_on=True)
    shop.printer.kick()
    assert shop.machine.ledger()["drawer_pulses"] == 1


@pytest.mark.parametrize("do", ["paper_out", "cover_open"])
def test_a_pulse_never_falls_into_a_job_that_has_left_in_part(do: str) -> None:
    shop = Shop(machine=Machine(name="80mm", columns=48, dots=576, buffer=256))
    shop.breaks(do, bytes=300)
    shop.prints("a")
    with pytest.raises(Busy):
        shop.printer.kick()
    assert shop.printer.drawer_pin() is None
    assert shop.machine.ledger()["drawer_pulses"] == 0
    shop.heals()
    assert shop.printer.settle("a") is not None
    shop.printer.kick()
    assert shop.machine.ledger()["drawer_pulses"] == 1
    assert shop.whole_papers() == 1


def test_a_printer_that_is_gone_opens_nothing(shop: Shop) -> None:
    shop.breaks("unplug")
    with pytest.raises(Offline):
        shop.printer.kick()
    assert shop.printer.drawer_pin() is None


def test_the_coil_of_the_drawer_rests_between_pulses(shop: Shop) -> None:
    shop.printer.kick()
    before = shop.clock.time
    shop.printer.kick()
    assert shop.clock.time - before >= timedelta(milliseconds=600)


def test_a_one_way_printer_is_sent_the_pulse() -> None:
    link = MemoryLink()
    printer = Printer(lambda: link, profile_named("one-way"), clock=VirtualClock())
    printer.kick()
    assert bytes(link.written) == b"\x1bp\x00\x32\xfa"
    assert printer.drawer_pin() is None
