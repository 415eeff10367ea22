"""What the measurements of one run share: a folder, how thorough to be, and the large shop."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from benchmarks import shop as shops

MANY, FEWER = 100_000, 5_000
SMALL = 2_000


@dataclass(frozen=True, slots=True)
class Run:
    """One run of the benchmarks.

    Attributes:
        folder: on the disk that is measured; gone afterwards.
        is_quick: fewer rounds and a smaller shop, to see whether everything works at all.
    """

    folder: Path
    is_quick: bool

    @property
    def many(self) -> int:
        """How many items the large shop has."""
        return FEWER if self.is_quick else MANY

    def large(self) -> Path:
        """The file of the large shop; made when it is first asked for, shared by who only looks."""
        path = self.folder / "large.db"
        if not path.exists():
            shops.make(path, items=self.many)
        return path

    def small(self, name: str) -> Path:
        """A small shop of a measurement's own."""
        template, path = self.folder / "small.db", self.folder / f"{name}.db"
        if not template.exists():
            shops.make(template, items=SMALL)
        shutil.copy(template, path)
        return path
