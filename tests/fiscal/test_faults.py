"""Every fault a box can show: what it answers, what it really did, and that it repeats."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from fiscal import decimal_json, envelope, qr, wire
from fiscal.errors import FiscalError, OutcomeUnknown, Unavailable
from fiscal.profile import PERCENT
from fiscal.simulator.box import Box
from fiscal.simulator.fault import KNOWN
from fiscal.simulator.proof import violations
from sandbox.fault import Fault
from tests.fiscal.samples import VirtualClock, make_box, request

SUBMIT = "POST TransactM"


class World:
    """A box on virtual time that has filed one receipt, and what it says to the next."""

    def __init__(self, seed: int = 1) -> None:
        self.clock = VirtualClock()
        self.box: Box = make_box(self.clock, seed=seed)
        self.send("A")

    def arm(self, do: str, on: str = SUBMIT, **more: Any) -> None:
        self.box.faults.replace([Fault(do=do, on=on, **more)])

    def send(self, number: str) -> dict[str, Any]:
        return self.box.answer("TransactM", wire.transact_body(request(number), PERCENT))

    def find(self, number: str) -> dict[str, Any]:
        return self.box.answer("GetInvoice", {"InvoiceNumber": number})

    def filed(self) -> list[str]:
        return [row["number"] for row in self.box.ledger()["receipts"]]

    def outcome(self) -> str:
        return str(self.box.log.rows()[-1]["outcome"])


@pytest.fixture
def world() -> World:
    return World()


LOST = [
    ("commit_then_silence", True, "silence"),
    ("drop_before", False, "dropped"),
    ("power_cut_before_commit", False, "power_cut"),
    ("power_cut_after_commit", True, "power_cut"),
    ("power_cut_mid_reply", True, "cut_mid_reply"),
    ("flip_byte", True, "answer"),
    ("drop_bytes", True, "answer"),
    ("duplicate_bytes", True, "answer"),
    ("noise", True, "answer"),
    ("nak", False, "answer"),
]


@pytest.mark.parametrize(("do", "is_filed", "outcome"), LOST, ids=[row[0] for row in LOST])
def test_answers_that_are_lost(world: World, do: str, outcome: str, *, is_filed: bool) -> None:
    world.arm(do)
    with pytest.raises(OutcomeUnknown):
        world.send("B")
    assert world.outcome() == outcome
    world.clock.sleep(1)
    assert world.filed() == (["A", "B"] if is_filed else ["A"])
    assert world.find("B")["Code"] == str(int(is_filed))
    assert violations(world.box.ledger()) == []


@pytest.mark.parametrize("do", [row[0] for row in LOST])
def test_a_lost_answer_to_a_read_is_no_answer(world: World, do: str) -> None:
    world.arm(do, on="GET GetDayStatus")
    with pytest.raises(Unavailable):
        world.box.answer("GetDayStatus")


def test_a_power_cut_lasts_and_gives_another_boot(world: World) -> None:
    before = world.box.greeting()["bootID"]
    world.arm("power_cut_after_commit", seconds=30)
    with pytest.raises(OutcomeUnknown):
        world.send("B")
    with pytest.raises(Unavailable, match="switched off"):
        world.find("B")
    with pytest.raises(Unavailable):
        world.box.greeting()
    world.clock.sleep(30)
    assert world.find("B")["Code"] == "1"
    assert world.box.greeting()["bootID"] != before


def test_a_busy_box_takes_its_time(world: World) -> None:
    world.arm("busy", seconds=7)
    began = world.clock.now()
    assert world.send("B")["Code"] == "1"
    assert (world.clock.now() - began).total_seconds() == 7


REFUSALS = [
    ("init_error", "init error"),
    ("certificate_expired", "certificate expired"),
    ("day_closed", "Fiscal day is closed. Please open the fiscal day and try again."),
]


@pytest.mark.parametrize(("do", "text"), REFUSALS, ids=[row[0] for row in REFUSALS])
def test_refusals_that_heal(world: World, do: str, text: str) -> None:
    world.arm(do, times=2)
    for _ in range(2):
        answer = world.send("B")
        assert (answer["Code"], answer["Message"]) == ("0", text)
    assert world.send("B")["Code"] == "1"
    assert world.filed() == ["A", "B"]


def is_number(answer: dict[str, Any]) -> bool:
    return answer["Code"] == 1


def is_text(answer: dict[str, Any]) -> bool:
    data = answer["Data"]
    return isinstance(data, str) and "receipt" in decimal_json.loads(data)


def has_no_qr(answer: dict[str, Any]) -> bool:
    return answer["QRcode"] == answer["VerificationCode"] == ""


def has_no_data(answer: dict[str, Any]) -> bool:
    return not answer.get("Data")


def is_of_the_next_receipt(answer: dict[str, Any]) -> bool:
    tail = qr.parse(answer["QRcode"])
    return tail is not None and tail.receipt_global_no == 3


def is_of_another_device(answer: dict[str, Any]) -> bool:
    return answer["DeviceID"] == "99002" and answer["Data"]["receipt"]["invoiceNo"] == "99002-B"


ODD: list[tuple[str, Callable[[dict[str, Any]], bool]]] = [
    ("code_number", is_number),
    ("data_empty", has_no_data),
    ("data_string", is_text),
    ("qr_empty", has_no_qr),
    ("qr_wrong", is_of_the_next_receipt),
    ("foreign_receipt", is_of_another_device),
]


@pytest.mark.parametrize(("do", "is_odd"), ODD, ids=[row[0] for row in ODD])
def test_answers_in_odd_shapes(
    world: World, do: str, is_odd: Callable[[dict[str, Any]], bool]
) -> None:
    world.arm(do)
    answer = world.send("B")
    assert is_odd(answer)
    assert envelope.read(answer).is_success
    assert world.filed() == ["A", "B"]
    assert not is_odd(world.find("B") | {"Data": {"receipt": world.find("B")["Data"]}})


def test_data_is_left_out_in_every_way() -> None:
    seen = set()
    world = World()
    for number in range(12):
        world.arm("data_empty")
        seen.add(repr(world.send(f"B{number}").get("Data", "missing")))
    assert seen == {"''", "None", "'missing'"}


def test_an_old_reply_is_the_one_before(world: World) -> None:
    first = world.send("B")
    world.arm("old_reply")
    assert world.send("C") == first
    assert world.filed() == ["A", "B", "C"]
    assert world.send("C")["Code"] == "0"


def test_every_fault_is_tested_here() -> None:
    tested = {row[0] for row in (*LOST, *REFUSALS, *ODD)} | {"busy", "old_reply"}
    assert tested == KNOWN


def campaign(seed: int) -> tuple[list[str], list[dict[str, Any]]]:
    """Thirty sales with a fault now and then; what was heard, and what was filed."""
    world, heard = World(seed), list[str]()
    faults = [Fault(do=do, probability=0.1, times=99) for do in sorted(KNOWN)]
    world.box.faults.replace(faults)
    for number in range(30):
        try:
            answer = world.send(f"B{number:02d}")
            heard.append(f"{answer['Code']} {answer['Message']}")
        except FiscalError as error:
            heard.append(type(error).__name__)
        world.clock.sleep(5)
    return heard, world.box.ledger()["receipts"]


def test_the_same_seed_does_the_same() -> None:
    assert campaign(7) == campaign(7)
    assert campaign(7)[0] != campaign(8)[0]
