"""Test papers show what a printer really does, and answers become settings that work."""

from __future__ import annotations

from dataclasses import replace

import pytest

from printing import escpos, trial
from printing.printer import Printer
from printing.profile import PROFILES, Cutter, Profile, QrMode, adapted, profile_named
from printing.simulator.core import SimulatedPrinter
from printing.simulator.desk import Desk
from printing.simulator.machine import MACHINES, Machine
from printing.trial import AnswerUnclear, Trial, learn, question
from tests.printing.samples import VirtualClock

ANSWERS = {
    Trial.RULER: ("48", "32", "42"),
    Trial.CODEPAGE: ("", "2", "2, 16"),
    Trial.QR: ("a", "B", "both", "none"),
    Trial.CUTTER: ("y", "No"),
    Trial.DRAWER: ("yes", "n"),
}


def printed(kind: Trial, profile: Profile, machine: Machine) -> SimulatedPrinter:
    clock = VirtualClock()
    sim = SimulatedPrinter(machine, clock=clock)
    Printer(Desk(sim, clock), profile, clock=clock).print(trial.job(kind, profile), "t")
    return sim


def lines(sim: SimulatedPrinter) -> list[str]:
    ledger = sim.ledger()
    texts = [row["text"] for row in ledger["receipts"]] + [ledger["hanging"] or ""]
    return [line for text in texts for line in text.splitlines()]


@pytest.mark.parametrize("name", PROFILES)
@pytest.mark.parametrize("kind", Trial)
def test_every_paper_comes_out_of_every_printer(kind: Trial, name: str) -> None:
    profile = profile_named(name)
    machine = MACHINES.get(name, MACHINES["80mm"])
    sim = printed(kind, profile, machine)
    assert sim.ledger()["unknown_commands"] == []
    assert len(sim.ledger()["receipts"]) == 1
    if kind is not Trial.RULER:
        assert sim.ledger()["receipts"][0]["overruns"] == 0


@pytest.mark.parametrize(("name", "width"), [("58mm", 32), ("80mm-42", 42), ("80mm", 48)])
def test_the_ruler_shows_the_width_whatever_was_believed(name: str, width: int) -> None:
    for believed in PROFILES.values():
        shown = lines(printed(Trial.RULER, believed, MACHINES[name]))
        whole = [line for line in shown if line.endswith("|") and line.startswith("----+")]
        assert max(len(line) for line in whole) == width
        assert whole[-1].endswith(f" {width}|")


def test_each_code_page_has_a_line_only_it_can_print() -> None:
    profile = profile_named("80mm")
    shown = lines(printed(Trial.CODEPAGE, profile, MACHINES["80mm"]))
    for number, _codec, letters in trial.pages_shown(profile):
        assert any(line.split() == [str(number), *letters.split()] for line in shown)
    without = replace(MACHINES["80mm"], pages={0: "cp437"})
    broken = lines(printed(Trial.CODEPAGE, profile, without))
    assert sum(line in broken for line in shown) < len(shown) - 5


def test_both_codes_are_there_and_differ() -> None:
    (row,) = printed(Trial.QR, profile_named("80mm"), MACHINES["80mm"]).ledger()["receipts"]
    assert row["qr"] == [trial.NATIVE_TEXT]
    assert "[IMAGE" in row["text"]


def test_the_drawer_paper_opens_the_drawer_of_its_pin() -> None:
    for pin in (0, 1):
        machine = replace(MACHINES["80mm"], drawer_pin=pin)
        wrong = adapted(profile_named("80mm"), {"drawer_pin": 1 - pin})
        assert printed(Trial.DRAWER, wrong, machine).ledger()["drawer"]["openings"] == 0
        right = adapted(wrong, learn(Trial.DRAWER, wrong, "n"))
        assert printed(Trial.DRAWER, right, machine).ledger()["drawer"]["openings"] == 1


@pytest.mark.parametrize("name", PROFILES)
@pytest.mark.parametrize("kind", Trial)
def test_every_answer_makes_settings_that_are_valid(kind: Trial, name: str) -> None:
    profile = profile_named(name)
    known = dict(profile.code_pages)
    for answer in ANSWERS[kind]:
        if kind is Trial.CODEPAGE and not {int(n) for n in answer.replace(",", " ").split()} <= set(
            known
        ):
            continue
        adapted(profile, learn(kind, profile, answer))


def test_what_answers_teach() -> None:
    profile = profile_named("80mm")
    assert learn(Trial.RULER, profile, "48") == {}
    assert adapted(profile, learn(Trial.RULER, profile, "32")).dots == 384
    assert 16 not in dict(adapted(profile, learn(Trial.CODEPAGE, profile, "16")).code_pages)
    assert adapted(profile, learn(Trial.QR, profile, "b")).qr is QrMode.RASTER
    assert learn(Trial.QR, profile, "both") == {}
    assert adapted(profile, learn(Trial.CUTTER, profile, "n")).cutter is Cutter.NONE
    assert learn(Trial.CUTTER, profile, "y") == {}
    torn = profile_named("58mm-clone")
    assert adapted(torn, learn(Trial.CUTTER, torn, "y")).cutter is Cutter.PARTIAL


@pytest.mark.parametrize(
    ("kind", "answer"),
    [
        (Trial.RULER, "wide"),
        (Trial.RULER, "47"),
        (Trial.RULER, "²"),
        (Trial.CODEPAGE, "99"),
        (Trial.CODEPAGE, "0 2 19 16 18 17 14 13 33"),
        (Trial.QR, "c"),
        (Trial.CUTTER, ""),
        (Trial.DRAWER, "maybe"),
    ],
)
def test_a_wrong_answer_is_told_the_right_ones(kind: Trial, answer: str) -> None:
    with pytest.raises(AnswerUnclear, match="That is no answer") as raised:
        learn(kind, profile_named("80mm"), answer)
    assert question(kind).answers in str(raised.value)


def test_a_profile_without_a_drawer_sends_no_pulse() -> None:
    none = adapted(profile_named("80mm"), {"drawer_pin": "none"})
    assert b"\x1bp" not in trial.job(Trial.DRAWER, none)
    assert escpos.pulse(none) == b""
