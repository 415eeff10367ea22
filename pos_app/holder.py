"""One holder per device: a lock that dies with its process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout


class Holder:
    """The right to talk to one device; another process gets it only when this one lets go.

    It belongs to the process and not to the thread that took it, so that whoever stops a lane can
    give back what the lane took. A disk without locks is an error: a mark on it would outlive us.
    """

    def __init__(self, path: Path) -> None:
        self._lock = FileLock(path, thread_local=False, fallback_to_soft=False)

    @property
    def is_held(self) -> bool:
        """Whether this process holds the device."""
        return self._lock.is_locked

    def take(self, wait_seconds: float = 0) -> bool:
        """Try to become the holder; False when another process still is."""
        try:
            self._lock.acquire(timeout=wait_seconds, poll_interval=0.05)
        except Timeout:
            return False
        return True

    def release(self) -> None:
        """Let others talk to the device."""
        self._lock.release(force=True)

    @contextmanager
    def held(self, wait_seconds: float = 0) -> Iterator[bool]:
        """Hold the device for a while, if it can be had."""
        taken = self.take(wait_seconds)
        try:
            yield taken
        finally:
            if taken:
                self.release()
