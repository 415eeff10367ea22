"""Child processes of the demo: started, waited for until they say they are ready, and ended."""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pos_app.errors import Unavailable

READY_SECONDS = 120.0
STOP_SECONDS = 15.0


class NotReady(Unavailable):
    """A part of the demo did not come up."""

    code = "demo_not_ready"

    def __init__(self, name: str, log: Path) -> None:
        super().__init__(
            f"The demo's {name} did not start: read {log} for the reason.", log=str(log)
        )


class Child:
    """One process of the demo; everything it says on stderr goes to its log."""

    def __init__(self, name: str, arguments: Sequence[str], *, log: Path) -> None:
        self.name = name
        self._log = log
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as errors:
            # A session of its own, so that Ctrl+C in the terminal reaches the demo alone.
            self._process = subprocess.Popen(  # noqa: S603 - our own command
                [sys.executable, "-m", "pos_app.cli.run", *arguments],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                start_new_session=True,
                env=os.environ | {"PYTHONUNBUFFERED": "1"},
            )

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def ready(self) -> dict[str, Any]:
        """Wait for its one line of JSON.

        Raises:
            NotReady: it ended, said something else, or took too long.
        """
        line = self._line()
        try:
            said = json.loads(line)
        except ValueError as error:
            raise NotReady(self.name, self._log) from error
        if not isinstance(said, dict):
            raise NotReady(self.name, self._log)
        return said

    def ask_to_stop(self) -> None:
        """Send SIGTERM."""
        if self._process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(signal.SIGTERM)

    def wait(self) -> None:
        """Wait until it is gone; one that does not listen is killed."""
        try:
            self._process.wait(timeout=STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()

    def _line(self) -> bytes:
        stream = self._process.stdout
        if stream is None:
            raise NotReady(self.name, self._log)
        deadline = time.monotonic() + READY_SECONDS
        with selectors.DefaultSelector() as selector:
            selector.register(stream, selectors.EVENT_READ)
            while time.monotonic() < deadline:
                if selector.select(timeout=0.2):
                    return stream.readline()
                if self._process.poll() is not None:
                    break
        raise NotReady(self.name, self._log)


class Children:
    """All processes of the demo; they end in the reverse order of their start."""

    def __init__(self) -> None:
        self._started: list[Child] = []

    def start(self, name: str, arguments: Sequence[str], *, log: Path) -> Child:
        """Start one more."""
        child = Child(name, arguments, log=log)
        self._started.append(child)
        return child

    def stop(self) -> None:
        """End them all."""
        for child in reversed(self._started):
            child.ask_to_stop()
            child.wait()
        self._started.clear()
