"""Look-ups may be dropped, commands never are."""

from __future__ import annotations

import asyncio
import threading

import pytest

from pos_app.errors import RecordNotFound
from pos_app.tui.bridge import InFlight, Lanes, Orphan, told


class Gate:
    """A call that waits until it is let go."""

    def __init__(self, result: object = "done") -> None:
        self.began, self.go = threading.Event(), threading.Event()
        self.result, self.count = result, 0

    def __call__(self) -> object:
        self.count += 1
        self.began.set()
        assert self.go.wait(5)
        if isinstance(self.result, Exception):
            raise self.result
        return self.result


async def began(gate: Gate) -> None:
    await asyncio.to_thread(gate.began.wait, 5)


@pytest.fixture
async def lanes():
    orphans: list[Orphan] = []
    lanes = Lanes(orphans.append)
    lanes.orphans = orphans
    yield lanes
    await lanes.close()


async def test_a_command_answers_its_asker(lanes):
    assert await lanes.perform("x", lambda: 7) == 7
    assert not lanes.is_busy


async def test_the_same_command_is_refused_while_it_runs(lanes):
    gate = Gate()
    first = asyncio.create_task(lanes.perform("post 1", gate))
    await began(gate)
    with pytest.raises(InFlight):
        await lanes.perform("post 1", gate)
    gate.go.set()
    assert (await first, gate.count) == ("done", 1)
    assert await lanes.perform("post 1", lambda: "again") == "again"


async def test_commands_run_one_after_another_in_order(lanes):
    order: list[int] = []
    threads: set[str] = set()

    def deed(number: int) -> None:
        threads.add(threading.current_thread().name)
        order.append(number)

    await asyncio.gather(*(lanes.perform(f"d{n}", lambda n=n: deed(n)) for n in range(50)))
    assert (order, len(threads)) == (list(range(50)), 1)


async def test_a_refusal_reaches_the_asker(lanes):
    def refused() -> None:
        raise RecordNotFound("item", "X")

    with pytest.raises(RecordNotFound):
        await lanes.perform("x", refused)
    assert lanes.orphans == []


@pytest.mark.parametrize("result", ["done", RecordNotFound("item", "X")])
async def test_a_command_whose_asker_left_still_ends_and_tells_the_application(lanes, result):
    gate = Gate(result)
    asker = asyncio.create_task(lanes.perform("post 1", gate))
    await began(gate)
    asker.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asker
    assert lanes.orphans == []
    gate.go.set()
    while not lanes.orphans:
        await asyncio.sleep(0.005)
    (orphan,) = lanes.orphans
    assert orphan.name == "post 1"
    assert (orphan.result, orphan.error) == (
        (None, result) if isinstance(result, Exception) else (result, None)
    )


async def test_closing_waits_for_the_command_that_runs():
    lanes = Lanes(lambda orphan: None)
    gate = Gate()
    asker = asyncio.create_task(lanes.perform("post 1", gate))
    await began(gate)
    closing = asyncio.create_task(lanes.close())
    await asyncio.sleep(0.02)
    assert not closing.done()
    gate.go.set()
    await closing
    assert await asker == "done"


async def test_a_look_up_can_be_dropped_and_the_next_one_is_not_kept_waiting(lanes):
    gate = Gate()
    slow = asyncio.create_task(lanes.ask(gate))
    await began(gate)
    slow.cancel()
    assert await lanes.ask(lambda: "next") == "next"
    gate.go.set()
    assert lanes.orphans == []


def test_a_fault_is_told_in_one_sentence_without_its_insides():
    assert (
        told(RecordNotFound("item", "X")) == "There is no item X: check the number and try again."
    )
    assert "KeyError" in told(KeyError("secret detail"))
    assert "secret detail" not in told(KeyError("secret detail"))
