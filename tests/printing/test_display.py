"""Customer displays: two lines in two command sets, and never a command in a name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from printing.display import Commands, Display, DisplayProfile, DisplayText, encode, spread
from printing.errors import Offline, UnknownProfile
from printing.simulator.display import SimulatedDisplay
from tests.printing.samples import VirtualClock

SETS = [Commands.EPSON, Commands.CD5220]


def test_golden_bytes() -> None:
    text = DisplayText("2x3.20 Café", spread("TOTAL", "6.40 USD"))
    epson = DisplayProfile(commands=Commands.EPSON, code_page=2, codec="cp850")
    assert encode(text, epson) == (
        b"\x1bt\x02\x0c\x1f$\x01\x012x3.20 Caf\x82         \x1f$\x01\x02TOTAL       6.40 USD"
    )
    cd5220 = DisplayProfile(commands=Commands.CD5220)
    assert encode(text, cd5220) == (
        b"\x1bc\x00\x1bQA2x3.20 Caf\x82         \r\x1bQBTOTAL       6.40 USD\r"
    )
    plain = DisplayProfile(commands=Commands.TEXT)
    assert encode(text, plain).decode().splitlines()[1:3] == [
        "|2x3.20 Café         |", "|TOTAL       6.40 USD|",
    ]  # fmt: skip


def test_an_amount_is_never_cut() -> None:
    assert spread("TOTAL", "6.40 USD") == "TOTAL       6.40 USD"
    assert spread("CHANGE", "12345678.90 ZIG") == "CHAN 12345678.90 ZIG"
    assert len(spread("CHANGE", "1234567890123.90 ZIG")) == 20


@pytest.mark.parametrize("commands", SETS)
@given(first=st.text(max_size=40), second=st.text(max_size=40))
def test_whatever_a_name_is_two_lines_are_shown(
    commands: Commands, first: str, second: str
) -> None:
    display = SimulatedDisplay()
    profile = DisplayProfile(commands=commands)
    Display(display, profile, clock=VirtualClock()).show(DisplayText(first, second))
    assert display.unknown == b""
    assert [len(line) for line in display.lines] == [20, 20]


@pytest.mark.parametrize("commands", SETS)
def test_a_shorter_text_leaves_nothing_of_a_longer_one(commands: Commands) -> None:
    display = SimulatedDisplay()
    actor = Display(display, DisplayProfile(commands=commands), clock=VirtualClock())
    actor.show(DisplayText("A very long name indeed", "TOTAL"))
    actor.show(DisplayText("Tea", ""))
    assert display.seen[-1] == ("Tea", "")


def test_a_display_that_is_gone_or_takes_nothing_is_given_up_in_time() -> None:
    display, clock = SimulatedDisplay(), VirtualClock()
    actor = Display(display, DisplayProfile(), clock=clock)
    display.is_unplugged = True
    with pytest.raises(Offline):
        actor.show(DisplayText("a"))
    display.is_unplugged, display.is_stuck = False, True
    before = clock.time
    with pytest.raises(Offline, match="takes no data"):
        actor.show(DisplayText("a"))
    assert (clock.time - before).total_seconds() < 2
    display.is_stuck = False
    actor.show(DisplayText("a"))
    assert display.seen[-1] == ("a", "")


@pytest.mark.parametrize("codec", ["cp9999", "utf-16", "utf-8", "cp037", "base64", "cp\0"])
def test_a_codec_that_is_no_code_page_is_refused(codec: str) -> None:
    with pytest.raises(UnknownProfile):
        DisplayProfile(codec=codec)
