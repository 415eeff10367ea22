"""Both ends of the link on a wire of bytes, in virtual time: at most once, whatever happens."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fiscal.link.device import DeviceLink
from fiscal.link.frame import ENQ, SYN, Frame, FrameType, encode
from fiscal.link.host import HostLink, Phase
from fiscal.link.message import MessageTooLong, seal, split, unseal
from fiscal.link.timing import Timers
from fiscal.simulator.spoil import spoiled
from sandbox.fault import Fault

TIMERS = Timers()
STEP = 0.01
LONG = "x" * 3000

Lossy = Callable[[bytes], bytes]


def whole(data: bytes) -> bytes:
    return data


@dataclass
class Wire:
    """A host and a device, the bytes between them, and time."""

    to_device: Lossy = whole
    to_host: Lossy = whole
    work_seconds: float = 0.0
    reply: dict[str, Any] = field(default_factory=lambda: {"answer": "done"})
    session: int = 7
    now: float = 0.0
    executed: list[Mapping[str, Any]] = field(default_factory=list)
    boots: int = 0

    def __post_init__(self) -> None:
        self.host = HostLink(self.session, TIMERS)
        self.boot()

    def boot(self) -> None:
        self.boots += 1
        self.device = DeviceLink(lambda: {"boot": self.boots}, TIMERS)
        self._working: Any = None
        self._ready_at = 0.0

    def greet(self) -> None:
        self.run(self.host.greet("till", self.now))

    def ask(self, text: str = "hello", limit: float = 90.0) -> None:
        self.run(self.host.ask({"text": text}, self.now), limit)

    def run(self, data: bytes, limit: float = 90.0) -> None:
        """Carry bytes until the host is done, or for a while after its time is up."""
        ends = self.now + limit
        self._carry(data)
        while not self.host.is_over and self.now < ends:
            self.now += STEP
            self._carry(self.host.tick(self.now))
            self._back(self.device.tick(self.now))
            self._work()

    def _carry(self, data: bytes) -> None:
        if data:
            self._back(self.device.feed(self.to_device(data), self.now))
            self._take()

    def _back(self, data: bytes) -> None:
        if data:
            self._carry(self.host.feed(self.to_host(data), self.now))

    def _take(self) -> None:
        asked, self.device.asked = self.device.asked, None
        if asked is not None:
            self.executed.append(asked.message)
            self._working, self._ready_at = asked, self.now + self.work_seconds

    def _work(self) -> None:
        if self._working is not None and self.now >= self._ready_at:
            asked, self._working = self._working, None
            self._back(self.device.answer(asked, self.reply, self.now))


def first(count: int, change: Lossy) -> Lossy:
    """Do something to the first chunks only."""
    left = [count]

    def lossy(data: bytes) -> bytes:
        left[0] -= 1
        return change(data) if left[0] >= 0 else data

    return lossy


def gone(_data: bytes) -> bytes:
    return b""


def test_greeting_and_requests() -> None:
    wire = Wire()
    wire.greet()
    standing = {"lastSession": 0, "lastSeqCompleted": 0, "isIdle": True, "deflate": True}
    assert wire.host.message == {"boot": 1, **standing}
    for text in ("one", "two", LONG):
        wire.ask(text)
        assert wire.host.phase is Phase.DONE
        assert wire.host.message == {"answer": "done"}
    assert [entry["text"] for entry in wire.executed] == ["one", "two", LONG]


def test_long_replies_come_in_parts() -> None:
    wire = Wire(reply={"answer": LONG * 5})
    wire.greet()
    wire.ask()
    assert wire.host.message == {"answer": LONG * 5}


@pytest.mark.parametrize("text", ["short", LONG])
@pytest.mark.parametrize("lost", [1, 2, 3])
def test_lost_chunks_towards_the_device_are_repeated(text: str, lost: int) -> None:
    wire = Wire()
    wire.greet()
    wire.to_device = first(lost, gone)
    wire.ask(text)
    assert wire.host.phase is Phase.DONE
    assert len(wire.executed) == 1


@pytest.mark.parametrize("lost", [1, 2, 3])
def test_lost_chunks_towards_the_host_do_not_execute_twice(lost: int) -> None:
    wire = Wire()
    wire.greet()
    wire.to_host = first(lost, gone)
    wire.ask(LONG)
    assert wire.host.phase is Phase.DONE
    assert len(wire.executed) == 1


def test_a_reply_that_is_always_lost_leaves_it_unknown() -> None:
    wire = Wire()
    wire.greet()
    wire.to_host = lambda data: b"" if b"\x02\x10\x41R" in data else data
    wire.ask()
    assert wire.host.phase is Phase.FAILED
    assert len(wire.executed) == 1
    assert wire.now < 30


def test_nobody_there() -> None:
    wire = Wire(to_device=gone)
    wire.greet()
    assert wire.host.phase is Phase.FAILED
    assert wire.host.problem == "it does not acknowledge"
    assert wire.now == pytest.approx(1.5, abs=0.1)


def test_a_device_that_asks_its_box_first_is_waited_for() -> None:
    host = HostLink(7, TIMERS)
    data = host.greet("t", 0.0)
    assert host.tick(0.6) == data
    for second in (1, 2, 3, 4, 5):
        host.feed(bytes([SYN]), float(second))
        assert host.tick(second + 0.9) == b""
    assert host.tick(8.1) == data
    host.feed(encode(Frame(FrameType.HELLO, 7, 0, 0, 1, seal({"boot": 1}))), 8.2)
    assert host.phase is Phase.DONE


@pytest.mark.parametrize("work", [0.1, 2.9, 20.0])
def test_a_busy_device_is_waited_for(work: float) -> None:
    wire = Wire(work_seconds=work)
    wire.greet()
    wire.ask()
    assert wire.host.phase is Phase.DONE
    assert len(wire.executed) == 1


def test_without_signs_of_life_the_host_asks_and_gives_up() -> None:
    wire = Wire(work_seconds=1000)
    wire.greet()
    asked: list[bytes] = []
    wire.to_host = lambda data: data.replace(bytes([SYN]), b"")
    wire.to_device = lambda data: asked.append(data) or data  # type: ignore[func-returns-value]
    wire.ask()
    assert wire.host.phase is Phase.FAILED
    assert asked.count(bytes([ENQ])) == 3
    assert 5.9 < wire.now < 6.5


@pytest.mark.parametrize(("gap", "phase"), [(2.9, Phase.DONE), (30.0, Phase.FAILED)])
def test_gap_between_signs_of_life(gap: float, phase: Phase) -> None:
    wire = Wire(work_seconds=gap)
    wire.greet()
    wire.to_host = lambda data: data.replace(bytes([SYN]), b"")
    wire.ask()
    assert wire.host.phase is phase


def test_an_enquiry_brings_a_lost_reply() -> None:
    wire = Wire()
    wire.greet()
    lost = [4]

    def drop_replies(data: bytes) -> bytes:
        if b"\x02\x10\x41R" in data and lost[0]:
            lost[0] -= 1
            return b""
        return data

    wire.to_host = drop_replies
    wire.ask()
    assert wire.host.phase is Phase.DONE
    assert len(wire.executed) == 1


def test_a_rebooted_device_answers_no_old_request() -> None:
    wire = Wire(work_seconds=1.0)
    wire.greet()
    data = wire.host.ask({"text": "a"}, wire.now)
    wire.run(data, limit=0.5)
    wire.boot()
    wire.run(b"")
    assert wire.host.phase is Phase.FAILED
    assert wire.host.problem == "it was restarted before it answered"
    assert len(wire.executed) == 1


def test_frames_of_an_older_session_are_refused_and_not_executed() -> None:
    wire = Wire()
    wire.greet()
    old = wire.host
    wire.host = HostLink(8, TIMERS)
    wire.greet()
    wire.host = old
    wire.ask()
    assert wire.host.phase is Phase.FAILED
    assert "STALE_SESSION" in wire.host.problem
    assert wire.executed == []


def device_frames(device: DeviceLink, *frames: Frame) -> list[tuple[str, bytes]]:
    """What a device says to hand-made frames, as letters and payloads."""
    host = HostLink(7, TIMERS)
    reader = host._reader
    out = b"".join(device.feed(encode(frame), 0.0) for frame in frames)
    heard = reader.feed(out, 0.0)
    return [(chr(frame.type), frame.payload) for frame in heard if isinstance(frame, Frame)]


def greeted() -> DeviceLink:
    device = DeviceLink(lambda: {"boot": 1}, TIMERS)
    device.feed(encode(Frame(FrameType.HELLO, 7, 0, 0, 1, seal({"host": "t"}))), 0.0)
    return device


def request(text: str, *, seq: int = 1, session: int = 7) -> Frame:
    return Frame(FrameType.REQUEST, session, seq, 0, 1, seal({"text": text}))


def test_the_same_request_again_is_acknowledged_and_not_executed() -> None:
    device = greeted()
    assert device_frames(device, request("a")) == [("A", b"")]
    asked, device.asked = device.asked, None
    assert asked is not None
    reply = device.answer(asked, {"x": 1}, 0.0)
    assert reply
    again = device_frames(device, request("a"))
    assert again == [("A", b""), ("R", seal({"x": 1}))]
    assert device.asked is None


def test_another_content_under_the_same_number_is_a_conflict() -> None:
    device = greeted()
    device_frames(device, request("a"))
    device.asked = None
    assert device_frames(device, request("b")) == [("E", b"SEQ_CONFLICT")]
    assert device.asked is None


def test_older_numbers_other_sessions_and_work_in_progress_are_refused() -> None:
    device = greeted()
    device_frames(device, request("a", seq=5))
    assert device_frames(device, request("b", seq=6)) == [("E", b"BUSY")]
    assert device_frames(device, request("b", seq=4)) == [("E", b"STALE_SEQ")]
    assert device_frames(device, request("b", session=9)) == [("E", b"STALE_SESSION")]


def test_enquiry_with_nothing_to_repeat_says_so() -> None:
    device = DeviceLink(dict, TIMERS)
    host = HostLink(7, TIMERS)
    (frame,) = host._reader.feed(device.feed(bytes([ENQ]), 0.0), 0.0)
    assert frame == Frame(FrameType.ERROR, 0, 0, 0, 1, b"NOTHING")


def test_parts_out_of_order_are_asked_for_in_order() -> None:
    device = greeted()
    parts = split(seal({"text": LONG}))
    frames = [
        Frame(FrameType.REQUEST, 7, 1, place, len(parts), part) for place, part in enumerate(parts)
    ]
    assert device_frames(device, frames[2]) == [("N", b"O")]
    assert device_frames(device, frames[0], frames[0], frames[1]) == [("A", b"")] * 3
    assert device_frames(device, frames[3]) == [("N", b"O")]
    assert device_frames(device, frames[2], frames[3]) == [("A", b"")] * 2
    assert device.asked is not None
    assert device.asked.message["text"] == LONG


def test_a_message_whose_digest_does_not_fit_is_not_executed() -> None:
    device = greeted()
    sealed = seal({"text": "a"}).replace(b'"a"', b'"b"')
    frame = Frame(FrameType.REQUEST, 7, 1, 0, 1, sealed)
    assert device_frames(device, frame) == [("A", b""), ("E", b"BAD_MESSAGE")]
    assert device.asked is None


def test_unreadable_parts_end_in_an_error_after_three_tries() -> None:
    device = greeted()
    parts = split(seal({"text": LONG}))
    device.feed(encode(Frame(FrameType.REQUEST, 7, 1, 0, len(parts), parts[0])), 0.0)
    broken = encode(Frame(FrameType.REQUEST, 7, 1, 1, len(parts), parts[1]))[:40] + b"\x03"
    host = HostLink(7, TIMERS)
    said = [host._reader.feed(device.feed(broken, 0.0), 0.0) for _ in range(4)]
    letters = [chr(entry.type) for found in said for entry in found if isinstance(entry, Frame)]
    assert letters == ["N", "N", "N", "E"]


def test_a_reply_to_a_session_that_is_over_stays_unsaid() -> None:
    device = greeted()
    device_frames(device, request("a"))
    asked = device.asked
    assert asked is not None
    device.feed(encode(Frame(FrameType.HELLO, 8, 0, 0, 1, seal({"host": "t"}))), 0.0)
    assert device.answer(asked, {"x": 1}, 0.0) == b""


def test_a_reply_of_another_request_is_not_taken() -> None:
    host = HostLink(7, TIMERS)
    host.greet("t", 0.0)
    host.feed(encode(Frame(FrameType.HELLO, 7, 0, 0, 1, seal({}))), 0.0)
    host.ask({"text": "a"}, 0.0)
    host.feed(encode(Frame(FrameType.ACK, 7, 1, 0, 1)), 0.0)
    for stray in (
        Frame(FrameType.REPLY, 7, 0, 0, 1, seal({"wrong": 1})),
        Frame(FrameType.REPLY, 6, 1, 0, 1, seal({"wrong": 1})),
        Frame(FrameType.ACK, 7, 1, 0, 1),
        Frame(FrameType.HELLO, 7, 1, 0, 1, seal({"wrong": 1})),
    ):
        assert host.feed(encode(stray), 0.1) == b""
        assert host.phase is Phase.WAITING
    host.feed(encode(Frame(FrameType.REPLY, 7, 1, 0, 1, seal({"right": 1}))), 0.2)
    assert host.message == {"right": 1}


KINDS = ("flip_byte", "drop_bytes", "duplicate_bytes", "noise", "lose")


def shaky(rng: random.Random, rate: float) -> Lossy:
    """A wire that damages a share of all chunks."""

    def lossy(data: bytes) -> bytes:
        if rng.random() >= rate:
            return data
        kind = rng.choice(KINDS)
        return b"" if kind == "lose" else spoiled(data, Fault(do=kind), rng)

    return lossy


@settings(max_examples=120, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from([0.05, 0.2, 0.5]), st.sampled_from([10, 1500, 4000]))
def test_on_a_shaky_wire_a_request_is_done_at_most_once_and_replies_are_true(
    seed: int, rate: float, size: int
) -> None:
    rng = random.Random(seed)
    wire = Wire(to_device=shaky(rng, rate), to_host=shaky(rng, rate))
    for number in range(3):
        if wire.host.phase in {Phase.IDLE, Phase.FAILED}:
            wire.host = HostLink(100 + number, TIMERS)
            wire.greet()
            if wire.host.phase is Phase.FAILED:
                continue
        wire.reply = {"echo": f"{number}", "fill": "y" * size}
        before = len(wire.executed)
        wire.ask(f"{number}" + "x" * size)
        assert wire.host.is_over, "nothing waits for ever"
        assert len(wire.executed) - before <= 1
        if wire.host.phase is Phase.DONE:
            assert len(wire.executed) - before == 1
            assert wire.host.message == wire.reply
    texts = [entry["text"] for entry in wire.executed]
    assert len(texts) == len(set(texts))


def test_a_late_acknowledgement_does_not_count_for_the_next_part() -> None:
    host = HostLink(7, TIMERS)
    host.greet("t", 0.0)
    host.feed(encode(Frame(FrameType.HELLO, 7, 0, 0, 1, seal({}))), 0.0)
    host.ask({"text": LONG}, 0.0)
    late = encode(Frame(FrameType.ACK, 7, 1, 0, 4))
    assert host.feed(late, 0.1) != b""
    assert host.feed(late, 0.2) == b""
    assert host.phase is Phase.SENDING


def test_a_reply_that_is_too_long_ends_in_an_error_and_not_in_silence() -> None:
    wire = Wire(reply={"rows": [f"{number:064d}" for number in range(5000)]})
    wire.greet()
    wire.ask()
    assert wire.host.phase is Phase.FAILED
    assert "REPLY_TOO_LONG" in wire.host.problem
    assert not wire.host.is_refused
    assert len(wire.executed) == 1


def test_more_parts_than_a_device_has_room_for_are_refused_before_it_executes() -> None:
    wire = Wire()
    wire.device = DeviceLink(lambda: {"boot": 1}, TIMERS, parts_max=2)
    wire.greet()
    wire.ask("".join(chr(0x4E00 + number) for number in range(3000)))
    assert wire.host.phase is Phase.FAILED
    assert wire.host.is_refused
    assert wire.executed == []
    wire.ask("short")
    assert wire.host.phase is Phase.DONE


def test_more_items_than_a_receipt_may_have_are_refused_at_both_ends() -> None:
    message = {"op": "TransactM", "body": {"ItemsXml": [{}] * 501}}
    with pytest.raises(MessageTooLong, match="501 items"):
        HostLink(7, TIMERS).ask(message, 0.0)
    device = greeted()
    frame = Frame(FrameType.REQUEST, 7, 1, 0, 1, seal(message, is_deflated=True)[:1024])
    assert device_frames(device, frame) == [("A", b""), ("E", b"TOO_LONG")]
    assert device.asked is None


def test_messages_are_made_small_only_for_an_end_that_reads_such() -> None:
    device = greeted()
    device_frames(device, request("a"))
    asked, device.asked = device.asked, None
    assert asked is not None
    assert b'"x":1' in device.answer(asked, {"x": 1}, 0.0)
    wire = Wire(reply={"answer": "y" * 5000})
    wire.greet()
    sizes: list[int] = []

    def weighed(data: bytes) -> bytes:
        sizes.append(len(data))
        return data

    wire.to_device = wire.to_host = weighed
    wire.ask("x" * 5000)
    assert wire.host.message == {"answer": "y" * 5000}
    assert sum(sizes) < 1000


def test_the_greeting_tells_what_the_link_knows() -> None:
    device = greeted()
    device_frames(device, request("a", seq=4))
    asked, device.asked = device.asked, None
    assert asked is not None
    hello = Frame(FrameType.HELLO, 8, 0, 0, 1, seal({"host": "t"}))
    ((_, said),) = device_frames(device, hello)
    assert unseal(said)["isIdle"] is False
    device.answer(asked, {"x": 1}, 0.0)
    ((_, said),) = device_frames(device, replace(hello, session=9))
    assert unseal(said) == {
        "boot": 1,
        "lastSession": 7,
        "lastSeqCompleted": 4,
        "isIdle": True,
        "deflate": True,
    }


def test_a_line_with_echo_is_not_taken_for_a_device() -> None:
    host = HostLink(7, TIMERS)
    data = host.greet("t", 0.0)
    assert host.feed(data, 0.0) == b""
    assert host.phase is Phase.GREETING
    host.feed(encode(Frame(FrameType.HELLO, 7, 0, 0, 1, seal({"boot": 1}))), 0.1)
    assert host.message == {"boot": 1}
    data = host.ask({"text": "a"}, 0.2)
    assert host.feed(data, 0.2) == b""
    host.feed(encode(Frame(FrameType.ACK, 7, 1, 0, 1)), 0.3)
    now = 3.4
    for _ in range(3):
        assert host.tick(now) == bytes([ENQ])
        host.feed(bytes([ENQ]), now)
        now += 1.1
    host.tick(now)
    assert host.phase is Phase.FAILED


def test_a_slow_line_is_given_the_time_its_bytes_take() -> None:
    slow = replace(TIMERS, byte=10 / 9600)
    host = HostLink(7, slow)
    host.greet("t", 0.0)
    host.feed(encode(Frame(FrameType.HELLO, 7, 0, 0, 1, seal({}))), 0.0)
    data = host.ask({"text": LONG}, 1.0)
    needed = len(data) * 10 / 9600
    assert needed > 1.0
    assert host.tick(1.0 + needed + 0.49) == b""
    assert host.tick(1.0 + needed + 0.51) == data


def test_damaged_replies_are_asked_for_again_three_times_and_then_enquired_after() -> None:
    host = HostLink(7, TIMERS)
    host.greet("t", 0.0)
    host.feed(encode(Frame(FrameType.HELLO, 7, 0, 0, 1, seal({}))), 0.0)
    host.ask({"text": "a"}, 0.0)
    host.feed(encode(Frame(FrameType.ACK, 7, 1, 0, 1)), 0.0)
    broken = b"\x02garbage\x03"
    said = [host.feed(broken, 0.1) for _ in range(5)]
    assert [bool(data) for data in said] == [True, True, True, False, False]
    assert host.tick(3.2) == bytes([ENQ])


def test_a_request_numbered_zero_is_none() -> None:
    device = greeted()
    assert device_frames(device, request("a", seq=0)) == [("E", b"STALE_SEQ")]
    assert device.asked is None
