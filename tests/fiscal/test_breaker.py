"""A device that stays silent is left alone for a while, by reads alone."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from fiscal import envelope
from fiscal.breaker import Breaker
from fiscal.envelope import Envelope
from fiscal.errors import LinkBusy, NotThere, OutcomeUnknown, Unavailable
from fiscal.operations import Op
from fiscal.port import ask
from tests.fiscal.samples import VirtualClock

YES = envelope.read({"Code": "1"})


class World:
    """Something to ask, and how often it was asked."""

    def __init__(self) -> None:
        self.clock = VirtualClock()
        self.breaker = Breaker(self.monotonic)
        self.asked = 0
        self.problem: Exception | None = Unavailable("silence")

    def monotonic(self) -> float:
        return self.clock.slept

    def once(self, left: float) -> Envelope:
        self.asked += 1
        if self.problem is not None:
            raise self.problem
        return YES

    def ask(self, op: Op = Op.DAY_STATUS) -> Envelope:
        return ask(
            self.once,
            op,
            clock=self.clock,
            monotonic=self.monotonic,
            timeout=15,
            breaker=self.breaker,
        )

    def fail(self, times: int) -> None:
        for _ in range(times):
            with pytest.raises(Unavailable):
                self.ask()


def test_a_read_is_repeated_three_times_with_growing_pauses() -> None:
    world = World()
    world.fail(1)
    assert (world.asked, world.clock.slept) == (4, pytest.approx(1.7))


def test_after_five_silences_reads_rest_for_a_minute_and_then_one_tries() -> None:
    world = World()
    world.fail(5)
    asked = world.asked
    with pytest.raises(Unavailable, match="silence; it is asked again in 60 seconds"):
        world.ask()
    world.clock.sleep(59)
    world.fail(1)
    assert world.asked == asked
    world.clock.sleep(2)
    world.fail(1)
    assert world.asked == asked + 4
    world.fail(3)
    assert world.asked == asked + 4
    world.clock.sleep(60)
    world.problem = None
    assert world.ask() is YES
    assert world.ask() is YES


def test_what_is_to_be_filed_is_sent_whatever_the_reads_did() -> None:
    world = World()
    world.fail(6)
    asked = world.asked
    world.problem = OutcomeUnknown("silence")
    with pytest.raises(OutcomeUnknown):
        world.ask(Op.TRANSACT)
    assert world.asked == asked + 1
    world.problem = None
    world.ask(Op.TRANSACT)
    assert world.ask() is YES


@pytest.mark.parametrize("make", [lambda: LinkBusy("x"), lambda: NotThere("x")])
def test_a_port_that_is_not_there_or_taken_is_no_silence(make: Callable[[], Exception]) -> None:
    world = World()
    world.problem = make()
    world.fail(20)
    world.problem = None
    assert world.ask() is YES
