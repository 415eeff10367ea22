"""Telling replies apart, in whatever pieces they come."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from printing.errors import CoverOpen, CutterFault, Offline, PaperOut, PrinterFault
from printing.status import (
    SILENT,
    Answered,
    Block,
    FlowSignal,
    Garbage,
    Paper,
    Printed,
    PrinterStatus,
    RealTime,
    Report,
    StatusParser,
    ask,
    from_replies,
    from_report,
)

WELL = {1: 0x12, 2: 0x12, 3: 0x12, 4: 0x12}


def test_questions() -> None:
    assert ask(4) == b"\x10\x04\x04"


@pytest.mark.parametrize(
    ("data", "events"),
    [
        (b"\x12", [RealTime(0x12)]),
        (b"\x7e", [RealTime(0x7E)]),
        (b"\x10\x00\x00\x0f", [Report(b"\x10\x00\x00\x0f")]),
        (b"\x1c\x00\x13\x0c\x0f", [FlowSignal(False), Report(b"\x1c\x00\x0c\x0f")]),
        (b"\x00", [Answered(0)]),
        (b"\x0f", [Answered(0x0F)]),
        (b"\x37\x22Ab1z\x00", [Printed("Ab1z")]),
        (b"\x37\x23\x40\x00", [Block(0x23, b"\x40")]),
        (b"\x37\x25\x00", [Block(0x25, b"")]),
        (b"\x11\x13", [FlowSignal(True), FlowSignal(False)]),
        (b"\xff", [Garbage(0xFF)]),
        (b"\x10\x00\x12", [Garbage(0x10), Garbage(0x00), RealTime(0x12)]),
        (
            b"\x12\x10\x00\x00\x0f\x12",
            [RealTime(0x12), Report(b"\x10\x00\x00\x0f"), RealTime(0x12)],
        ),
    ],
)
def test_replies_are_told_apart(data: bytes, events: list[object]) -> None:
    assert StatusParser().feed(data) == events
    parser = StatusParser()
    assert [event for byte in data for event in parser.feed(bytes([byte]))] == events


def test_a_block_without_end_does_not_swallow_everything() -> None:
    parser = StatusParser()
    events = parser.feed(b"\x37" + b"\x12" * 100)
    assert events[:80] == [Garbage(0x37), *[Garbage(0x12)] * 79]
    assert events[80:] == [RealTime(0x12)] * 21


def test_forgetting_a_half_reply() -> None:
    parser = StatusParser()
    parser.feed(b"\x37\x22A")
    parser.forget()
    assert parser.feed(b"\x12") == [RealTime(0x12)]


@given(st.binary(max_size=200))
def test_any_noise_is_survived(noise: bytes) -> None:
    parser = StatusParser()
    parser.feed(noise)
    parser.forget()
    assert parser.feed(b"\x37\x22abcd\x00") == [Printed("abcd")]


@pytest.mark.parametrize(
    ("replies", "problem"),
    [
        ({}, type(None)),
        ({1: 0x1A}, Offline),
        ({1: 0x1A, 2: 0x16}, CoverOpen),
        ({1: 0x1A, 2: 0x32, 4: 0x7E}, PaperOut),
        ({1: 0x1A, 3: 0x1A}, CutterFault),
        ({1: 0x1A, 2: 0x52, 3: 0x52}, PrinterFault),
        ({1: 0x1A, 3: 0x32}, PrinterFault),
        ({4: 0x1E}, type(None)),
    ],
)
def test_problems_have_names(replies: dict[int, int], problem: type) -> None:
    assert isinstance(from_replies({**WELL, **replies}).problem, problem)


def test_near_end_is_no_problem_yet() -> None:
    assert from_replies({**WELL, 4: 0x1E}).paper is Paper.NEAR_END


def test_an_unrecoverable_fault_says_so() -> None:
    status = from_replies({**WELL, 1: 0x1A, 3: 0x32})
    assert not status.is_recoverable
    assert "service" in str(status.problem)


def test_missing_answers_are_not_a_good_answer() -> None:
    assert from_replies({1: 0x12}) == SILENT
    assert isinstance(SILENT.problem, Offline)


@pytest.mark.parametrize(
    ("report", "problem"),
    [
        (b"\x10\x00\x00\x0f", type(None)),
        (b"\x18\x00\x0f\x0f", PaperOut),
        (b"\x38\x00\x00\x0f", CoverOpen),
        (b"\x18\x08\x00\x0f", CutterFault),
        (b"\x18\x20\x00\x0f", PrinterFault),
        (b"\x18\x00\x00\x0f", Offline),
    ],
)
def test_reports_say_the_same(report: bytes, problem: type) -> None:
    assert isinstance(from_report(report).problem, problem)


def test_a_held_line_is_a_problem() -> None:
    status = PrinterStatus(is_known=True, is_online=True, is_held=True)
    assert "wait" in str(status.problem)
