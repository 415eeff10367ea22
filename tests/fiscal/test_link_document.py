"""docs/fiscal-link.md is true: its bytes, its codes, its times, its limits."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from fiscal import decimal_json, wire
from fiscal.link.code import LinkCode
from fiscal.link.device import DeviceLink
from fiscal.link.frame import PAYLOAD_MAX, Frame, FrameType, encode
from fiscal.link.host import HostLink, Phase
from fiscal.link.message import LINES_MAX, MESSAGE_MAX, seal
from fiscal.link.timing import Timers
from fiscal.operations import Op

PAGE = (Path(__file__).parents[2] / "docs/fiscal-link.md").read_text(encoding="utf-8")
SESSION = 0xC0FFEE01


@dataclass(frozen=True)
class Step:
    """One step of the exchange as the page shows it."""

    sender: str
    type: FrameType
    seq: int
    message: str
    data: bytes


def steps() -> list[Step]:
    block = PAGE.split("## An exchange, byte by byte")[1].split("```")[1]
    found = re.findall(
        r"^(till|device) (\w) (\d+) ?(.*)\n((?:  [0-9A-F ]+\n)+)", block, re.MULTILINE
    )
    return [
        Step(sender, FrameType(ord(letter)), int(seq), message, bytes.fromhex(data))
        for sender, letter, seq, message, data in found
    ]


def test_each_step_is_the_frame_it_says() -> None:
    assert [(step.sender, chr(step.type)) for step in steps()] == [
        ("till", "H"),
        ("device", "H"),
        ("till", "D"),
        ("device", "A"),
        ("device", "R"),
        ("till", "A"),
    ]
    for step in steps():
        payload = seal(decimal_json.loads(step.message)) if step.message else b""
        assert encode(Frame(step.type, SESSION, step.seq, 0, 1, payload)) == step.data


def test_a_till_says_these_bytes_to_a_device_that_says_those() -> None:
    hello, greeting, asked, taken, reply, thanks = steps()
    host = HostLink(SESSION, Timers())
    assert host.greet("T01", 0.0) == hello.data
    assert host.feed(greeting.data, 0.1) == b""
    assert wire.hello(host.message).last_invoice_number == "T01-000041"
    assert host.ask({"op": "GetDayStatus", "body": {}}, 0.2) == asked.data
    assert host.feed(taken.data, 0.3) == b""
    assert host.feed(reply.data, 0.4) == thanks.data
    assert host.phase is Phase.DONE
    assert host.message == decimal_json.loads(reply.message)


def test_a_device_understands_the_bytes_of_the_till() -> None:
    hello, _, asked, taken, _, _ = steps()
    device = DeviceLink(dict, Timers())
    device.feed(hello.data, 0.0)
    assert device.feed(asked.data, 0.1) == taken.data
    assert device.asked is not None
    assert device.asked.message == decimal_json.loads(asked.message)


@pytest.mark.parametrize("code", LinkCode)
def test_every_code_is_explained(code: LinkCode) -> None:
    assert f"`E {code}`" in PAGE


@pytest.mark.parametrize("type_", FrameType)
def test_every_type_has_its_row(type_: FrameType) -> None:
    assert f"\n| `{chr(type_)}` |" in PAGE


def test_limits_and_times_are_those_of_the_code() -> None:
    times = Timers()
    assert f"0 to {PAYLOAD_MAX} bytes" in PAGE
    assert f"{MESSAGE_MAX:,} bytes" in PAGE
    assert f"{LINES_MAX} items" in PAGE
    waits = ", ".join(f"{wait:g}" for wait in times.resend)
    greeting = ", ".join(f"{wait:g}" for wait in times.greeting)
    for row in (
        f"repeated | {waits}, and once more {times.resend[-1]:g}, each beside the time",
        f"the greeting repeated | {greeting}, and once more {times.greeting[-1]:g}; 3 from",
        f"that ends it | {times.gap:g} |",
        f"works, every | {times.busy:g} |",
        f"waits for a reply | {times.silence:g} |",
        f"an answer, three times | {times.enquiry:g} |",
    ):
        assert row in PAGE
    assert (times.enquiries, times.naks) == (3, 3)


def test_every_operation_with_a_parameter_names_it() -> None:
    for op in (Op.SET_LICENSE, Op.GET_INVOICE, Op.BACKLOG):
        assert f"of {op.value}" in PAGE
