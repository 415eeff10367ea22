"""An append-only file of committed changes: what is in it happened, what is torn did not."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sync.sap import decimal_json


class JournalDamaged(Exception):
    """A line in the middle of the journal cannot be read."""

    def __init__(self, path: Path, line: int) -> None:
        super().__init__(f"Line {line} of {path} is damaged; start with another directory.")


class Journal:
    """One JSON object per line; a line without its end is a write a crash cut off.

    Written straight to the operating system, so that a killed process loses nothing it
    acknowledged.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)

    def read(self) -> Iterator[Any]:
        """Every whole entry, oldest first; a torn tail is cut off the file.

        Raises:
            JournalDamaged: an entry that is not the last cannot be read.
        """
        whole = 0
        with self._path.open("rb") as file:
            for number, line in enumerate(file, 1):
                if not line.endswith(b"\n"):
                    break
                try:
                    entry = decimal_json.loads(line)
                except ValueError as error:
                    raise JournalDamaged(self._path, number) from error
                whole += len(line)
                yield entry
        os.ftruncate(self._file, whole)

    def append(self, entry: Any) -> None:
        """Keep one entry; raises OSError when the disk refuses, and then keeps none of it."""
        before = os.fstat(self._file).st_size
        data = memoryview(decimal_json.dumps(entry).encode() + b"\n")
        try:
            while data:
                data = data[os.write(self._file, data) :]
        except OSError:
            os.ftruncate(self._file, before)
            raise

    def clear(self) -> None:
        """Forget everything."""
        os.ftruncate(self._file, 0)

    def close(self) -> None:
        """Give the file back."""
        os.close(self._file)
