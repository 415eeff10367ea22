"""Pages put aside on disk until all have come, so that memory holds one page of a catalogue."""

from __future__ import annotations

import pickle
import tempfile
from collections.abc import Iterator
from typing import Generic, TypeVar

Page = TypeVar("Page")


class Spill(Generic[Page]):
    """Pages in a file without a name that vanishes with the process."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by close
        self._count = 0

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def add(self, page: Page) -> None:
        """Put a page aside."""
        pickle.dump(page, self._file, protocol=pickle.HIGHEST_PROTOCOL)
        self._count += 1

    def __iter__(self) -> Iterator[Page]:
        """Every page in order; may be asked for again."""
        self._file.seek(0)
        for _ in range(self._count):
            yield pickle.load(self._file)  # noqa: S301 - written by this process alone
