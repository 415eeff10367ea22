"""Where a simulated printer keeps its paper: see `MemoryPaper` here, and `PaperFolder`."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Protocol

from printing.simulator.strip import PrintedPaper


class PaperStore(Protocol):
    """Keeps printed papers as ledger rows, and the state of the roll."""

    def rows(self) -> list[dict[str, Any]]:
        """Every paper's row, oldest first."""
        ...

    def keep(self, paper: PrintedPaper) -> None:
        """Store a paper, or what was learnt about the newest one."""
        ...

    def state(self) -> dict[str, Any]:
        """What was last given to `keep_state`, empty at first."""
        ...

    def keep_state(self, state: dict[str, Any]) -> None:
        """Store what outlives a power cut, as JSON data."""
        ...

    def empty(self) -> None:
        """Forget everything."""
        ...


class MemoryPaper:
    """Papers in memory, for simulations in one process."""

    def __init__(self) -> None:
        self.papers: list[PrintedPaper] = []
        self._state: dict[str, Any] = {}

    def rows(self) -> list[dict[str, Any]]:
        """See PaperStore."""
        return [paper.row() for paper in self.papers]

    def keep(self, paper: PrintedPaper) -> None:
        """See PaperStore."""
        kept = replace(paper, inked=())  # thousands of papers of a simulation are never looked at
        if self.papers and self.papers[-1].number == paper.number:
            self.papers[-1] = kept
        else:
            self.papers.append(kept)

    def state(self) -> dict[str, Any]:
        """See PaperStore."""
        return dict(self._state)

    def keep_state(self, state: dict[str, Any]) -> None:
        """See PaperStore."""
        self._state = dict(state)

    def empty(self) -> None:
        """See PaperStore."""
        self.papers.clear()
        self._state = {}


def amended(paper: PrintedPaper, *, raw: bytes, job: str | None = None) -> PrintedPaper:
    """A paper after bytes that still belong to it, such as the question whether it is printed."""
    jobs = (*paper.jobs, job) if job else paper.jobs
    return replace(paper, raw=paper.raw + raw, jobs=jobs)
