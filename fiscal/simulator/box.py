"""A device with faults around it: what really happened and what is answered part ways here."""

from __future__ import annotations

import contextlib
import random
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Any

from fiscal.clock import Clock
from fiscal.errors import OutcomeUnknown, Unavailable
from fiscal.operations import POSTS, WRITES
from fiscal.simulator import fault as faulty
from fiscal.simulator import world
from fiscal.simulator.answers import Answer, camel_cased
from fiscal.simulator.assembly import add_sister, memory_sister
from fiscal.simulator.device import Device
from fiscal.simulator.journal import JournalBroken
from fiscal.simulator.mangle import mangled
from fiscal.simulator.world import WorldInvalid
from sandbox.fault import Fault, Faults
from sandbox.log import RequestLog

BUSY_SECONDS = 2.0
OFF_SECONDS = 0.3
ID_LENGTH_MAX = 10


class End(Enum):
    """How an exchange ends on the side of the box."""

    ANSWER = auto()
    SILENCE = auto()
    DROPPED = auto()
    POWER_CUT = auto()
    CUT_MID_REPLY = auto()


@dataclass(frozen=True, slots=True)
class Reply:
    """What the box does with a request; the envelope is there for ANSWER and CUT_MID_REPLY."""

    end: End
    envelope: Answer | None = None


class Box:
    """One box for all its faces; safe to use from several threads."""

    def __init__(
        self,
        device: Device,
        clock: Clock,
        *,
        faults: Faults | None = None,
        log: RequestLog | None = None,
        rng: random.Random | None = None,
        make_sister: Callable[[str], Device] | None = None,
    ) -> None:
        """Put faults around a device.

        Args:
            device: what really happens.
            clock: lets the time of a busy box pass.
            faults: armed ones; none by default.
            log: of the calls.
            rng: chooses the shape of what is left out.
            make_sister: makes another device of the same owner; in memory by default.
        """
        self.faults = faults or Faults(random.Random(0), known=faulty.KNOWN)  # noqa: S311
        self.log = log or RequestLog(clock.now)
        self._device = device
        self._clock = clock
        self._rng = rng or random.Random(0)  # noqa: S311 - shapes, no secret
        self._make_sister = make_sister or (lambda device_id: memory_sister(device, device_id))
        self._lock = threading.RLock()
        self._off: tuple[datetime, datetime] | None = None
        self._last: dict[str, Answer] = {}

    @property
    def device(self) -> Device:
        """The device itself; not for use beside running faces."""
        return self._device

    @property
    def is_off(self) -> bool:
        """Whether the power is cut."""
        return self._off is not None and self._off[0] <= self._clock.now() < self._off[1]

    def greeting(self) -> dict[str, Any]:
        """What it says of itself; raises Unavailable while it is off."""
        if self.is_off:
            raise Unavailable("it is switched off")
        with self._lock:
            return self._device.greeting()

    def ledger(self) -> dict[str, Any]:
        """What is truly committed."""
        with self._lock:
            return self._device.ledger()

    def reset(self) -> None:
        """Forget everything that was filed and asked."""
        with self._lock:
            self._device.reset()
            self._last = {}

    def change(self, wanted: Mapping[str, Any]) -> dict[str, Any]:
        """Change what is around the device; see `world.change`."""
        with self._lock:
            return world.change(self._device, wanted)

    def ask_sister(self, device_id: str, op: str, body: Mapping[str, Any] | None) -> Answer:
        """Let another device of the same owner do something; it is made when it is new.

        Raises:
            WorldInvalid: the id is this device's own, or none at all.
        """
        if not (device_id.isascii() and device_id.isdigit() and len(device_id) <= ID_LENGTH_MAX):
            raise WorldInvalid(f"device_id {device_id!r} is not a number of up to 10 digits.")
        with self._lock:
            if device_id == self._device.device_id:
                raise WorldInvalid(f"device_id {device_id} is this device itself: choose another.")
            known = {sister.device_id: sister for sister in self._device.sisters}
            if device_id not in known:
                known[device_id] = self._make_sister(device_id)
                add_sister(self._device, known[device_id])
            return known[device_id].answer(op, body)

    def reply(
        self, op: str, body: Mapping[str, Any] | None, *, wait: Callable[[float], None]
    ) -> Reply:
        """Do what is asked, or what the faults say instead.

        Args:
            op: the operation.
            body: its object or parameters.
            wait: lets the time of a busy box pass, showing that it is busy where that is possible.
        """
        self._note(op, body)
        reply = self._strike_before(op, body)
        if reply is None:
            busy = self._take(op, body, faulty.BUSY)
            if busy:
                wait(busy.seconds or BUSY_SECONDS)
            with self._lock:
                reply = self._execute(op, body)
        code = reply.envelope["Code"] if reply.envelope else ""
        detail = {"number": str((body or {}).get("InvoiceNumber", "")), "code": str(code)}
        self.log.append(faulty.call_name(op), reply.end.name.lower(), detail)
        if reply.envelope and self._device.settings.is_camel_case:
            return replace(reply, envelope=camel_cased(reply.envelope))
        return reply

    def refuses_frame(self, op: str, body: Mapping[str, Any] | None) -> bool:
        """Whether it pretends not to have been able to read this request."""
        return self._take(op, body, faulty.NAK) is not None

    def spoils(self, op: str, body: Mapping[str, Any] | None) -> Fault | None:
        """The damage done to these bytes of a reply, if any."""
        return self._take(op, body, faulty.BYTES)

    def repeats_old(self, op: str, body: Mapping[str, Any] | None) -> Answer | None:
        """The reply to an earlier request, when it is to be sent in place of the right one."""
        old = self._last.get(_family(op))
        return old if old and self._take(op, body, faulty.OLD) else None

    def remember(self, op: str, envelope: Answer) -> None:
        """Keep a reply that was sent, to be repeated wrongly later."""
        self._last[_family(op)] = envelope

    def answer(self, op: str, body: Mapping[str, Any] | None = None) -> Answer:
        """The answer within one process, where every loss shows as what it means.

        Raises:
            Unavailable: it is off, or a read got no answer.
            OutcomeUnknown: a write got no answer.
        """
        lost = OutcomeUnknown if op in WRITES else Unavailable
        if self.is_off:
            raise Unavailable("it is switched off")
        if self.refuses_frame(op, body):
            raise lost("it cannot read what it is sent")
        reply = self.reply(op, body, wait=self._clock.sleep)
        if reply.end is not End.ANSWER or reply.envelope is None:
            raise lost("it went silent before it answered")
        if self.spoils(op, body):
            raise lost("its reply was damaged")
        old = self.repeats_old(op, body)
        self.remember(op, reply.envelope)
        return old or reply.envelope

    def _note(self, op: str, body: Mapping[str, Any] | None) -> None:
        number = (body or {}).get("InvoiceNumber")
        if op in POSTS and isinstance(number, str):
            # A disk that cannot take the note cannot take the receipt either: that is refused.
            with self._lock, contextlib.suppress(OSError):
                self._device.note_asked(number)

    def _strike_before(self, op: str, body: Mapping[str, Any] | None) -> Reply | None:
        refusing = self._take(op, body, frozenset(faulty.REFUSING))
        if refusing:
            with self._lock:
                return Reply(End.ANSWER, self._device.refusal(faulty.REFUSING[refusing.do]))
        before = self._take(op, body, faulty.BEFORE)
        if before is None:
            return None
        if before.do == "drop_before":
            return Reply(End.DROPPED)
        return self._cut_power(before, End.POWER_CUT)

    def _execute(self, op: str, body: Mapping[str, Any] | None) -> Reply:
        try:
            envelope = self._device.answer(op, body)
        except JournalBroken:
            return Reply(End.SILENCE)
        after = self._take(op, body, faulty.AFTER)
        if after is None:
            change = self._take(op, body, faulty.ANSWER)
            if change is None:
                return Reply(End.ANSWER, envelope)
            return Reply(End.ANSWER, mangled(envelope, change.do, self._rng))
        if after.do == "commit_then_silence":
            return Reply(End.SILENCE)
        if after.do == "power_cut_mid_reply":
            return self._cut_power(after, End.CUT_MID_REPLY, envelope)
        return self._cut_power(after, End.POWER_CUT)

    def _cut_power(self, fault: Fault, end: End, envelope: Answer | None = None) -> Reply:
        now = self._clock.now()
        with self._lock:
            self._off = (now, now + timedelta(seconds=fault.seconds or OFF_SECONDS))
            self._device.restart()
            self._last = {}
        return Reply(end, envelope)

    def _take(self, op: str, body: Mapping[str, Any] | None, only: frozenset[str]) -> Fault | None:
        return faulty.take(self.faults, op, body, only=only)


def _family(op: str) -> str:
    return "post" if op in POSTS else op
