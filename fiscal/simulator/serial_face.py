"""The box on a pseudo-serial port: the device's end of the link, with faults on the wire."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path

from fiscal.link.device import Asked
from fiscal.link.timing import Timers
from fiscal.simulator.box import Box, Reply
from fiscal.simulator.link_face import LinkFace, PowerCut
from fiscal.simulator.pseudo_port import PseudoPort

_TICK_SECONDS = 0.02


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
                self._run(self._port, LinkFace(self._box, rng=self._rng, timers=self._timers))
            except PowerCut as cut:
                self._port.write(cut.said)
                time.sleep(_TICK_SECONDS)
                self._unplug()

    def _run(self, port: PseudoPort, face: LinkFace) -> None:
        while not self._stop.is_set() and not self._box.is_off:
            self._pump(port, face)
            asked = face.take()
            if asked is not None:
                self._execute(port, face, asked)

    def _pump(self, port: PseudoPort, face: LinkFace) -> None:
        data = port.read(_TICK_SECONDS)
        now = self._monotonic()
        _write(port, face.feed(data, now))
        _write(port, face.tick(now))

    def _execute(self, port: PseudoPort, face: LinkFace, asked: Asked) -> None:
        """Let the box work beside the line, so that a slow one still shows that it lives."""
        work: Future[Reply] = Future()

        def do() -> None:
            try:
                work.set_result(face.execute(asked, self._wait))
            except BaseException as error:  # noqa: BLE001 - raised again where it is awaited
                work.set_exception(error)

        threading.Thread(target=do, name="box", daemon=True).start()
        while not self._stop.is_set():
            try:
                reply = work.result(timeout=_TICK_SECONDS)
            except TimeoutError:
                self._pump(port, face)
            else:
                _write(port, face.answer(asked, reply, self._monotonic()))
                return

    def _wait(self, seconds: float) -> None:
        self._stop.wait(seconds)

    def _unplug(self) -> None:
        port, self._port = self._port, None
        if port is not None:
            port.close()


def _write(port: PseudoPort, data: bytes) -> None:
    if data:
        port.write(data)
