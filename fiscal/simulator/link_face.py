"""The box at the device's end of the link: requests off it, replies onto it, and faults."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from typing import Any

from fiscal.link.device import Asked, DeviceLink
from fiscal.link.frame import PAYLOAD_MAX, Frame, FrameType, encode
from fiscal.link.message import seal
from fiscal.link.timing import Timers
from fiscal.operations import Op
from fiscal.simulator.answers import Answer
from fiscal.simulator.box import Box, End, Reply
from fiscal.simulator.spoil import spoiled

_REPLY_MARK = encode(Frame(FrameType.REPLY, 0, 0))[:4]
"""STX, the escaped version and the letter of a reply: how one is known among bytes."""


class PowerCut(Exception):
    """The box goes off in the middle of whatever it was doing.

    Attributes:
        said: the bytes that still left it.
    """

    def __init__(self, said: bytes = b"") -> None:
        super().__init__("power cut")
        self.said = said


class LinkFace:
    """One start of the box on one port; bytes and times in, bytes out."""

    def __init__(self, box: Box, *, rng: random.Random, timers: Timers) -> None:
        self._box = box
        self._rng = rng
        self._link = DeviceLink(box.greeting, timers)
        self._link.may_accept = lambda message: not box.refuses_frame(*_read(message))
        self._last: Asked | None = None

    def feed(self, data: bytes, now: float) -> bytes:
        """Take bytes that were read; returns the bytes to write."""
        return self._spoil(self._link.feed(data, now)) if data else b""

    def tick(self, now: float) -> bytes:
        """Let time pass; returns the bytes to write."""
        return self._spoil(self._link.tick(now))

    def take(self) -> Asked | None:
        """The request that waits to be executed, once."""
        asked, self._link.asked = self._link.asked, None
        if asked is not None:
            self._last = asked
        return asked

    def execute(self, asked: Asked, wait: Callable[[float], None]) -> Reply:
        """Do what is asked, or what the faults say instead; `wait` is the time of a busy box."""
        op, body = _read(asked.message)
        return self._box.reply(op, body, wait=wait)

    def answer(self, asked: Asked, reply: Reply, now: float) -> bytes:
        """The bytes of the reply, or none; raises PowerCut."""
        if reply.end is End.POWER_CUT:
            raise PowerCut
        if reply.end in {End.SILENCE, End.DROPPED} or reply.envelope is None:
            self._link.mute()
            return b""
        data = self._link.answer(asked, {"http": 200, "envelope": reply.envelope}, now)
        if reply.end is End.CUT_MID_REPLY:
            raise PowerCut(data[: len(data) // 2])
        op, body = _read(asked.message)
        old = _old(asked, self._box.repeats_old(op, body))
        self._box.remember(op, reply.envelope)
        return old + self._spoil(data)

    def _spoil(self, data: bytes) -> bytes:
        if _REPLY_MARK in data and self._last is not None:
            fault = self._box.spoils(*_read(self._last.message))
            if fault is not None:
                return spoiled(data, fault, self._rng)
        return data


def _old(asked: Asked, envelope: Answer | None) -> bytes:
    """The reply to an earlier request, which the host must not take for this one's."""
    if envelope is None:
        return b""
    part = seal({"http": 200, "envelope": envelope})[:PAYLOAD_MAX]
    earlier = Frame(FrameType.REPLY, asked.session, asked.seq - 1, 0, 1, part)
    elsewhere = Frame(FrameType.REPLY, asked.session ^ 1, asked.seq, 0, 1, part)
    return encode(earlier) + encode(elsewhere)


def _read(message: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    """Operation and body of a request; anything else is an operation the box does not know."""
    op, body = message.get("op"), message.get("body")
    known = op if isinstance(op, str) and op in set(Op) else ""
    return known, body if isinstance(body, Mapping) else {}
