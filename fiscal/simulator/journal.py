"""An append-only file of events: a whole line happened, a torn tail did not."""

from __future__ import annotations

import fcntl
import json
import os
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol


class JournalDamaged(OSError):
    """A line that is not the last cannot be read."""

    def __init__(self, path: Path, line: int) -> None:
        super().__init__(f"Line {line} of {path} is damaged: start with another directory.")


class JournalInUse(OSError):
    """Another process has the directory."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} is in use by another process: stop that or use another one.")


class JournalBroken(OSError):
    """An event could be neither written nor taken back: nobody knows whether it will be there."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} can no longer be written: mend the disk and start again.")


class Journal(Protocol):
    """Where a box keeps its events."""

    def read(self) -> Iterator[dict[str, Any]]:
        """Every event kept, oldest first."""
        ...

    def append(self, event: Mapping[str, Any], *, is_durable: bool = True) -> None:
        """Keep one event, all of it or none; durable ones survive a power cut."""
        ...

    def clear(self) -> None:
        """Forget everything."""
        ...

    def close(self) -> None:
        """Give the storage back."""
        ...


class MemoryJournal:
    """Keeps nothing; for boxes that live as long as their process."""

    def read(self) -> Iterator[dict[str, Any]]:
        """No events."""
        return iter(())

    def append(self, event: Mapping[str, Any], *, is_durable: bool = True) -> None:
        """Nothing to keep."""

    def clear(self) -> None:
        """Nothing to forget."""

    def close(self) -> None:
        """Nothing to give back."""


class FileJournal:
    """One event per line, each with a checksum, written and flushed before anything is answered.

    Raises:
        JournalInUse: another process holds the file.
        OSError: it cannot be made or written.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._is_broken = False
        is_new = not path.exists()
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(self._file)
            raise JournalInUse(path.parent) from error
        if is_new:
            _sync_directory(path.parent)

    def read(self) -> Iterator[dict[str, Any]]:
        """Every whole event; a torn tail is cut off the file. Raises JournalDamaged."""
        whole = 0
        with self._path.open("rb") as file:
            lines = file.readlines()
        for number, line in enumerate(lines, 1):
            event = _decode(line)
            if event is None:
                if number < len(lines):
                    raise JournalDamaged(self._path, number)
                break
            whole += len(line)
            yield event
        os.ftruncate(self._file, whole)

    def append(self, event: Mapping[str, Any], *, is_durable: bool = True) -> None:
        """Write one line; on an error the file is as before.

        Raises:
            JournalBroken: it is not, and nothing more is written.
            OSError: nothing was written.
        """
        if self._is_broken:
            raise JournalBroken(self._path)
        before = os.fstat(self._file).st_size
        text = json.dumps(event, separators=(",", ":"), ensure_ascii=False).encode()
        try:
            self._write(b"%08x %s\n" % (zlib.crc32(text), text), is_durable=is_durable)
        except OSError:
            self._take_back(before)
            raise

    def _write(self, line: bytes, *, is_durable: bool) -> None:
        left = memoryview(line)
        while left:
            left = left[os.write(self._file, left) :]
        if is_durable:
            os.fsync(self._file)

    def _take_back(self, size: int) -> None:
        try:
            os.ftruncate(self._file, size)
            os.fsync(self._file)
        except OSError as error:
            self._is_broken = True
            raise JournalBroken(self._path) from error

    def clear(self) -> None:
        """Empty the file."""
        os.ftruncate(self._file, 0)
        os.fsync(self._file)

    def close(self) -> None:
        """Close the file and with it give the lock back."""
        os.close(self._file)


def _decode(line: bytes) -> dict[str, Any] | None:
    checksum, _, text = line.removesuffix(b"\n").partition(b" ")
    if not line.endswith(b"\n") or checksum != b"%08x" % zlib.crc32(text):
        return None
    event: dict[str, Any] = json.loads(text)
    return event


def _sync_directory(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
