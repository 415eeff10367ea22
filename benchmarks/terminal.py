"""A program on a pseudo-terminal: what it is sent, what it paints, and when."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Self

COLUMNS, ROWS = 100, 30
QUIET = 0.25
PATIENCE = 30.0


class NotPainted(RuntimeError):
    """The program did not paint what was waited for."""


class Terminal:
    """A child process with a terminal of its own; ends with the block."""

    def __init__(self, command: Sequence[str]) -> None:
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        told = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
        self.started = time.perf_counter()
        self._child = subprocess.Popen(
            command, stdin=theirs, stdout=theirs, stderr=theirs, env=told, start_new_session=True
        )
        os.close(theirs)

    def send(self, keys: bytes) -> float:
        """Press keys; return the moment they were written."""
        os.write(self._ours, keys)
        return time.perf_counter()

    def wait_for(self, texts: Sequence[bytes], patience: float = PATIENCE) -> float:
        """Read until all of these were painted; return the moment the last of them came.

        Raises:
            NotPainted: they did not come, or the program ended.
        """
        seen, until = b"", time.perf_counter() + patience
        while time.perf_counter() < until:
            if select.select([self._ours], [], [], 0.1)[0]:
                seen += self._read()
                if all(text in seen for text in texts):
                    return time.perf_counter()
        raise NotPainted(f"{texts!r} were not painted within {patience} s")

    def run_until(self, is_over: Callable[[], bool], patience: float) -> None:
        """Read whatever is painted until something is over.

        Raises:
            NotPainted: it was not over in time, or the program ended before.
        """
        until = time.perf_counter() + patience
        while not is_over():
            if time.perf_counter() > until:
                raise NotPainted(f"the program was not done within {patience} s")
            if select.select([self._ours], [], [], 0.05)[0]:
                self._read()

    def settle(self, quiet: float = QUIET) -> int:
        """Read until nothing came for a while; return how many bytes did."""
        size = 0
        while select.select([self._ours], [], [], quiet)[0]:
            size += len(self._read())
        return size

    def _read(self) -> bytes:
        try:
            found = os.read(self._ours, 65536)
        except OSError as error:
            raise NotPainted("the program closed its terminal") from error
        if not found:
            raise NotPainted("the program ended")
        return found

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._child.send_signal(signal.SIGKILL)
        self._child.wait()
        os.close(self._ours)


def module(name: str, *told: object) -> list[str]:
    """The command that runs a module of this package in this Python."""
    return [sys.executable, "-m", f"benchmarks.{name}", *(str(one) for one in told)]
