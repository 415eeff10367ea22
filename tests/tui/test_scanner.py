"""Scans are told from typing by the gaps between keys, whatever screen is in front."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from textual import events
from textual.app import ComposeResult
from textual.screen import ModalScreen
from textual.widgets import Input

from pos_app.tui.scanner import (
    GS,
    ScanAssembler,
    Scanned,
    ScanningApp,
    Stroke,
    pasted_code,
)

KEYS = {"\r": ("enter", "\r"), "\t": ("tab", "\t"), GS: ("ctrl+right_square_bracket", GS)}


def strokes(text: str, gap: float, *, start: float = 10.0) -> Iterator[Stroke]:
    for at, char in enumerate(text):
        key, character = KEYS.get(char, (char, char))
        yield Stroke(key, character, start + at * gap)


def fed(assembler: ScanAssembler, sent: Iterator[Stroke]) -> tuple[str, list[str]]:
    """What came through as typing (Enter as a line end), and the scans."""
    typed, scans = [], []
    for stroke in sent:
        through, code = assembler.feed(stroke)
        typed += through
        if code is not None:
            scans.append(code)
    typed += assembler.release()
    return "".join("\n" if one.key == "enter" else one.character or "" for one in typed), scans


@pytest.mark.parametrize(
    ("sent", "gap", "typed", "scans"),
    [
        ("6001234567890\r", 0.0001, "", ["6001234567890"]),
        ("6001234567890\r", 0.008, "", ["6001234567890"]),
        ("6001234567890\r", 0.020, "", ["6001234567890"]),
        ("6001234567890\t", 0.008, "", ["6001234567890"]),
        ("6001234567890\r", 0.060, "6001234567890\n", []),
        ("12345\r", 0.001, "12345\n", []),
        ("777777777777\r", 0.030, "777777777777\n", []),
        ("6001234567890\r6009876543210\r", 0.008, "", ["6001234567890", "6009876543210"]),
        (f"0106001234567890{GS}10B1\r", 0.008, "", [f"0106001234567890{GS}10B1"]),
        ("6001234567890", 0.008, "6001234567890", []),
        ("\r", 0.008, "\n", []),
    ],
)
def test_bursts_are_scans_and_typing_is_not(sent, gap, typed, scans):
    assert fed(ScanAssembler(), strokes(sent, gap)) == (typed, scans)


def test_typing_just_before_a_scan_stays_typing():
    sent = [*strokes("3*", 0.12), *strokes("6001234567890\r", 0.008, start=11.0)]
    assert fed(ScanAssembler(), iter(sent)) == ("3*", ["6001234567890"])


def test_a_function_key_lets_what_is_held_through_first():
    assembler = ScanAssembler()
    assembler.feed(Stroke("1", "1", 1.0))
    through, code = assembler.feed(Stroke("f9", None, 1.001))
    assert ([one.key for one in through], code) == (["1", "f9"], None)


def test_a_flood_without_an_end_is_let_through():
    typed, scans = fed(ScanAssembler(), strokes("ab" * 300, 0.001))
    assert (typed, scans) == ("ab" * 300, [])


def test_with_a_prefix_gaps_do_not_decide():
    assembler = ScanAssembler(prefix="ctrl+b")
    prefix = Stroke("ctrl+b", "\x02", 1.0)
    sent = [prefix, *strokes("123\r", 0.2, start=1.2), *strokes("456\r", 0.001, start=3.0)]
    assert fed(assembler, iter(sent)) == ("456\n", ["123"])


def test_a_prefix_without_an_end_becomes_typing():
    assembler = ScanAssembler(prefix="ctrl+b")
    sent = [Stroke("ctrl+b", "\x02", 1.0), *strokes("123", 0.01, start=1.1)]
    assert fed(assembler, iter(sent)) == ("123", [])


def test_watched_strokes_end_in_a_code_only_when_they_were_a_burst():
    assembler = ScanAssembler()
    codes = [assembler.watch(one) for one in strokes("6001234567890\r", 0.008)]
    assert codes == [None] * 13 + ["6001234567890"]
    assert [assembler.watch(one) for one in strokes("6001234567890\r", 0.06, start=20)] == [
        None
    ] * 14
    mixed = [*strokes("ab", 0.2, start=30), *strokes("6001234567890\r", 0.008, start=31)]
    assert [assembler.watch(one) for one in mixed][-1] == "6001234567890"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("6001234567890\n", "6001234567890"),
        ("two words", None),
        ("", None),
        ("1\n2", None),
        (f"01060012345678{GS}10B", f"01060012345678{GS}10B"),
        ("12\x1b[2J34", None),
    ],
)
def test_a_paste_of_one_plain_line_is_a_scan(text, code):
    assert pasted_code(text) == code


class Question(ModalScreen[None]):
    SCANS = True

    def __init__(self, seen: list[str]) -> None:
        super().__init__()
        self.seen = seen

    def compose(self) -> ComposeResult:
        yield Input()

    def on_scanned(self, message: Scanned) -> None:
        self.seen.append(message.code)


class Till(ScanningApp):
    SCANS = True

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def compose(self) -> ComposeResult:
        yield Input()

    def on_mount(self) -> None:
        self.push_screen(Question(self.seen))

    def scan(self, code: str, gap: float = 0.002) -> None:
        """Post the keys a scanner would send, stamped as the input thread stamps them."""
        start = events.Idle().time
        for at, char in enumerate(code + "\r"):
            event = events.Key(*KEYS.get(char, (char, char)))
            event.time = start + at * gap
            self.post_message(event)


async def until(condition, seconds: float = 5.0) -> None:
    deadline = asyncio.get_running_loop().time() + seconds
    while not condition():
        assert asyncio.get_running_loop().time() < deadline, "it never happened"
        await asyncio.sleep(0.005)


async def test_a_scan_through_the_application_is_whole_and_types_nothing():
    app = Till()
    async with app.run_test() as pilot:
        await pilot.pause()
        app.scan("6001234567890")
        app.scan(f"0106001234567890{GS}10B1")
        await until(lambda: len(app.seen) == 2)
        assert app.seen == ["6001234567890", f"0106001234567890{GS}10B1"]
        assert app.screen.query_one(Input).value == ""


async def test_a_scan_is_whole_while_a_dialog_opens_in_the_middle_of_it():
    app = Till()
    async with app.run_test() as pilot:
        await pilot.pause()
        app.scan("600123456")
        app.push_screen(Question(app.seen))
        app.scan("6009876543210")
        await until(lambda: len(app.seen) == 2)
        assert app.seen == ["600123456", "6009876543210"]
        assert [one.value for one in app.screen.query(Input)] == [""]


async def test_typing_arrives_unchanged():
    app = Till()
    async with app.run_test() as pilot:
        await pilot.pause()
        await pilot.press("a", "1", "b", "2")
        await until(lambda: app.screen.query_one(Input).value == "a1b2")
        assert app.seen == []


async def test_a_pasted_code_is_a_scan():
    app = Till()
    async with app.run_test() as pilot:
        await pilot.pause()
        app.post_message(events.Paste("6001234567890"))
        await until(lambda: app.seen == ["6001234567890"])
