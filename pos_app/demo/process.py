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
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pos_app.errors import Unavailable

PARENT = "POS_ENDS_WITH"
"""Tells a child to end with this process, however that comes; see `pos_app.cli.run`."""

READY_SECONDS = 120.0
STOP_SECONDS = 15.0


class NotReady(Unavailable):
    """A part of the demo did not come up."""

    code = "demo_not_ready"

    def __init__(self, name: str, log: Path, reason: str) -> None:
        said = f" ({reason.rstrip('.')})" if reason else ""
        super().__init__(
            f"The demo's {name} did not start{said}: read {log} for more.", log=str(log)
        )


class Child:
    """One process of the demo; everything it says on stderr goes to its log."""

    def __init__(self, name: str, arguments: Sequence[str], *, log: Path) -> None:
        self.name = name
        self._log = log
        log.parent.mkdir(parents=True, exist_ok=True)
        self._log_begins = log.stat().st_size if log.exists() else 0
        with log.open("ab") as errors:
            # A session of its own, so that Ctrl+C in the terminal reaches the demo alone.
            self._process = subprocess.Popen(  # noqa: S603 - our own command
                [sys.executable, "-m", "pos_app.cli.run", *arguments],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                start_new_session=True,
                env=os.environ | {"PYTHONUNBUFFERED": "1", PARENT: str(os.getpid())},
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
            raise self._not_ready() from error
        if not isinstance(said, dict):
            raise self._not_ready()
        return said

    def has_ended(self) -> bool:
        """Whether it is gone."""
        return self._process.poll() is not None

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
            raise self._not_ready()
        deadline = time.monotonic() + READY_SECONDS
        with selectors.DefaultSelector() as selector:
            selector.register(stream, selectors.EVENT_READ)
            while time.monotonic() < deadline:
                if selector.select(timeout=0.2):
                    return stream.readline()
                if self.has_ended():
                    break
        raise self._not_ready()

    def _not_ready(self) -> NotReady:
        """With the last thing it said on this start."""
        with self._log.open("rb") as log:
            log.seek(self._log_begins)
            said = log.read().decode("utf-8", "replace").strip()
        return NotReady(self.name, self._log, said.splitlines()[-1] if said else "")


class Children:
    """All processes of the demo; they end in the reverse order of their start."""

    def __init__(self) -> None:
        self._groups: list[list[Child]] = []

    def start(self, commands: Mapping[str, Sequence[str]], *, logs: Path) -> list[Child]:
        """Start some more, side by side; they will end side by side, too."""
        group: list[Child] = []
        self._groups.append(group)
        for name, arguments in commands.items():
            group.append(Child(name, arguments, log=logs / f"{name}.log"))
        return group

    def stop(self) -> None:
        """End them all."""
        while self._groups:
            group = self._groups[-1]
            for child in group:
                child.ask_to_stop()
            for child in group:
                child.wait()
            self._groups.pop()
