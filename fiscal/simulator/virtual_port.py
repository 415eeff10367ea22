"""A box behind a serial line that takes its time, in one thread and on virtual time."""

from __future__ import annotations

import heapq
import itertools
import random
from collections.abc import Callable, Iterable
from datetime import datetime

from fiscal.clock import Clock
from fiscal.errors import NotThere
from fiscal.link.device import Asked
from fiscal.link.timing import Timers
from fiscal.serial_port import READ_SECONDS, Line
from fiscal.simulator.box import Box, Reply
from fiscal.simulator.link_face import LinkFace, PowerCut

BITS_PER_BYTE = 10

Tamper = Callable[[bytes], Iterable[bytes | float]]
"""What becomes of bytes on the line: pieces, and pauses in seconds between them."""


def untouched(data: bytes) -> Iterable[bytes | float]:
    """Everything arrives as it was sent."""
    return (data,)


class VirtualLine:
    """A cable with a box at its end; `open_port` is what a transport is given to open it.

    Bytes arrive as late as their number and the speed make them; the box is busy as long as its
    faults say, and what it did is done when it is asked.

    Attributes:
        to_device, to_host: damage done on the way; may be exchanged at any time.
        baud: of the device; at another one it reads and says nonsense.
        carried: bytes that went over the line, both ways.
    """

    def __init__(
        self,
        box: Box,
        clock: Clock,
        *,
        baud: int = 115200,
        timers: Timers | None = None,
        seed: int = 1,
    ) -> None:
        self._box = box
        self._clock = clock
        self._rng = random.Random(seed)  # noqa: S311 - chooses damage, keeps no secret
        self._timers = timers or Timers()
        self._began = clock.now()
        self._order = itertools.count()
        self._coming: list[tuple[float, int, Callable[[], None]]] = []
        self._free_at = {True: 0.0, False: 0.0}
        self._port: VirtualPort | None = None
        self._plugged_at = 0.0
        self._face = self._start()
        self.to_device: Tamper = untouched
        self.to_host: Tamper = untouched
        self.baud = baud
        self.carried = 0

    def monotonic(self) -> float:
        """Virtual seconds since the line was laid."""
        now: datetime = self._clock.now()
        return (now - self._began).total_seconds()

    def open_port(self, address: str, line: Line, baud: int) -> VirtualPort:
        """Plug the host in; raises NotThere while the box is off or unplugged."""
        del line
        if not self.is_plugged:
            raise NotThere(address)
        self._port = VirtualPort(self, address, baud)
        return self._port

    @property
    def is_plugged(self) -> bool:
        """Whether there is a port to open."""
        return not self._box.is_off and self.monotonic() >= self._plugged_at

    def unplug(self, seconds: float) -> None:
        """Pull the cable for a while; the box stays on and forgets nothing."""
        self._cut(self.monotonic() + seconds)

    def reboot(self) -> None:
        """Start the box anew while the cable stays in, as an adapter of its own power allows."""
        self._box.device.restart()
        self._coming.clear()
        self._face = self._start()

    def carry(self, data: bytes, baud: int, *, is_up: bool) -> None:
        """Put bytes on the line, towards the device when `is_up`."""
        self.carried += len(data)
        at = max(self.monotonic(), self._free_at[is_up])
        for piece in (self.to_device if is_up else self.to_host)(data):
            if isinstance(piece, float):
                at += piece
                continue
            at += len(piece) * BITS_PER_BYTE / baud
            readable = piece if baud == self.baud else self._rng.randbytes(len(piece))
            self._at(at, self._arrival(readable, is_up=is_up))
        self._free_at[is_up] = at

    def pass_time(self, port: VirtualPort, seconds: float) -> None:
        """Let time pass until something has come for the host, or for as long as this."""
        ends = self.monotonic() + seconds
        while not port.received and self._coming and self._coming[0][0] <= ends:
            at, _, deed = heapq.heappop(self._coming)
            self._advance(at)
            deed()
            self._tick()
        if not port.received:
            self._advance(ends)
            self._tick()

    def _start(self) -> LinkFace:
        return LinkFace(self._box, rng=self._rng, timers=self._timers)

    def _arrival(self, data: bytes, *, is_up: bool) -> Callable[[], None]:
        return (lambda: self._hear(data)) if is_up else (lambda: self._bring(data))

    def _bring(self, data: bytes) -> None:
        if self._port is not None:
            self._port.received += data

    def _hear(self, data: bytes) -> None:
        self._say(self._face.feed(data, self.monotonic()))
        asked = self._face.take()
        if asked is not None:
            self._execute(asked)

    def _execute(self, asked: Asked) -> None:
        """What it did is done at once, and told when a busy box has come to its end."""
        busy: list[float] = []
        reply = self._face.execute(asked, busy.append)
        face = self._face
        self._at(self.monotonic() + sum(busy), lambda: self._answer(face, asked, reply))

    def _answer(self, face: LinkFace, asked: Asked, reply: Reply) -> None:
        if face is not self._face:
            return
        try:
            self._say(face.answer(asked, reply, self.monotonic()))
        except PowerCut as cut:
            self._bring(cut.said)
            self._cut(self.monotonic())
            self._face = self._start()

    def _tick(self) -> None:
        self._say(self._face.tick(self.monotonic()))

    def _say(self, data: bytes) -> None:
        if data and self._port is not None:
            self.carry(data, self._port.baud, is_up=False)

    def _cut(self, plugged_at: float) -> None:
        self._plugged_at = plugged_at
        self._coming.clear()
        port, self._port = self._port, None
        if port is not None:
            port.is_dead = True

    def _at(self, at: float, deed: Callable[[], None]) -> None:
        heapq.heappush(self._coming, (at, next(self._order), deed))

    def _advance(self, to: float) -> None:
        seconds = to - self.monotonic()
        if seconds > 0:
            self._clock.sleep(seconds)


class VirtualPort:
    """The host's end while it is plugged in."""

    def __init__(self, line: VirtualLine, address: str, baud: int) -> None:
        self.address = address
        self.baud = baud
        self.received = b""
        self.is_dead = False
        self._line = line

    def read(self) -> bytes:
        """What has arrived, or what arrives within a moment of virtual time."""
        if not self.received:
            self._look()
            self._line.pass_time(self, READ_SECONDS)
        data, self.received = self.received, b""
        return data

    def write(self, data: bytes) -> None:
        """Put bytes on the line; raises OSError when the cable is out."""
        self._look()
        self._line.carry(data, self.baud, is_up=True)

    def set_baud(self, baud: int) -> None:
        """Change the speed of this end."""
        self._look()
        self.baud = baud
        self.received = b""

    def close(self) -> None:
        """Stop listening."""
        self.is_dead = True

    def _look(self) -> None:
        if self.is_dead:
            raise OSError("the port is gone")
