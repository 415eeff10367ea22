"""The box on a pseudo-serial port: the device's end of the link, with faults on the wire."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from fiscal.link.device import Asked, DeviceLink
from fiscal.link.frame import Frame, FrameType, encode
from fiscal.link.message import seal
from fiscal.link.timing import Timers
from fiscal.operations import Op
from fiscal.simulator.answers import Answer
from fiscal.simulator.box import Box, End
from fiscal.simulator.pseudo_port import PseudoPort
from fiscal.simulator.spoil import spoiled

_TICK_SECONDS = 0.02
_REPLY_MARK = encode(Frame(FrameType.REPLY, 0, 0))[:4]
"""STX, the escaped version and the letter of a reply: how one is known among bytes."""


class _PowerCut(Exception):
    """The box goes off in the middle of whatever it was doing."""


class SerialFace:
    """Serves a box on a thread of its own, until stopped.

    A power cut pulls the port and brings it back under the same link when the box is on again.
    """

    def __init__(
        self,
        box: Box,
        link_path: Path,
        *,
        rng: random.Random,
        timers: Timers | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Make the port at once; raises LinkTaken, or OSError."""
        self._box = box
        self._path = link_path
        self._rng = rng
        self._timers = timers or Timers()
        self._monotonic = monotonic
        self._port: PseudoPort | None = PseudoPort(link_path)
        self._stop = threading.Event()
        self._last: Asked | None = None
        self._thread = threading.Thread(target=self._serve, name="serial", daemon=True)

    def start(self) -> None:
        """Begin to serve."""
        self._thread.start()

    def stop(self) -> None:
        """Stop serving, close the port and remove the link."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout=10)
        self._unplug()

    def _serve(self) -> None:
        while not self._stop.is_set():
            if self._box.is_off:
                self._unplug()
                self._stop.wait(_TICK_SECONDS)
                continue
            if self._port is None:
                self._port = PseudoPort(self._path)
            try:
                self._run(self._port, DeviceLink(self._box.greeting, self._timers))
            except _PowerCut:
                self._unplug()

    def _run(self, port: PseudoPort, link: DeviceLink) -> None:
        link.may_accept = self._may_accept
        while not self._stop.is_set() and not self._box.is_off:
            self._pump(port, link)
            asked, link.asked = link.asked, None
            if asked is not None:
                self._execute(port, link, asked)

    def _pump(self, port: PseudoPort, link: DeviceLink) -> None:
        data = port.read(_TICK_SECONDS)
        now = self._monotonic()
        self._write(port, link.feed(data, now) if data else b"")
        self._write(port, link.tick(now))

    def _execute(self, port: PseudoPort, link: DeviceLink, asked: Asked) -> None:
        op, body = _read(asked.message)
        self._last = asked

        def wait(seconds: float) -> None:
            ends = self._monotonic() + seconds
            while self._monotonic() < ends and not self._stop.is_set():
                self._pump(port, link)

        reply = self._box.reply(op, body, wait=wait)
        if reply.end is End.POWER_CUT:
            raise _PowerCut
        if reply.end in {End.SILENCE, End.DROPPED} or reply.envelope is None:
            link.mute()
            return
        message = {"http": 200, "envelope": reply.envelope}
        data = link.answer(asked, message, self._monotonic())
        if reply.end is End.CUT_MID_REPLY:
            port.write(data[: len(data) // 2])
            time.sleep(_TICK_SECONDS)
            raise _PowerCut
        self._write_old(port, asked, self._box.repeats_old(op, body))
        self._box.remember(op, reply.envelope)
        self._write(port, data)

    def _may_accept(self, message: Mapping[str, Any]) -> bool:
        return not self._box.refuses_frame(*_read(message))

    def _write_old(self, port: PseudoPort, asked: Asked, old: Answer | None) -> None:
        """Send the reply to an earlier request, which the host must not take for this one's."""
        if old is None:
            return
        part = seal({"http": 200, "envelope": old})[:1024]
        earlier = Frame(FrameType.REPLY, asked.session, asked.seq - 1, 0, 1, part)
        elsewhere = Frame(FrameType.REPLY, asked.session ^ 1, asked.seq, 0, 1, part)
        port.write(encode(earlier) + encode(elsewhere))

    def _write(self, port: PseudoPort, data: bytes) -> None:
        if _REPLY_MARK in data and self._last is not None:
            fault = self._box.spoils(*_read(self._last.message))
            if fault is not None:
                data = spoiled(data, fault, self._rng)
        if data:
            port.write(data)

    def _unplug(self) -> None:
        port, self._port = self._port, None
        if port is not None:
            port.close()


def _read(message: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    """Operation and body of a request; anything else is an operation the box does not know."""
    op, body = message.get("op"), message.get("body")
    known = op if isinstance(op, str) and op in set(Op) else ""
    return known, body if isinstance(body, Mapping) else {}
