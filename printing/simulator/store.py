"""Where a simulated printer keeps its paper: in memory, or in a folder that outlives it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
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

    def state(self) -> dict[str, int]:
        """What was last given to `keep_state`, empty at first."""
        ...

    def keep_state(self, state: dict[str, int]) -> None:
        """Store counters."""
        ...

    def empty(self) -> None:
        """Forget everything."""
        ...


class MemoryPaper:
    """Papers in memory, for simulations in one process."""

    def __init__(self) -> None:
        self.papers: list[PrintedPaper] = []
        self._state: dict[str, int] = {}

    def rows(self) -> list[dict[str, Any]]:
        """See PaperStore."""
        return [paper.row() for paper in self.papers]

    def keep(self, paper: PrintedPaper) -> None:
        """See PaperStore."""
        if self.papers and self.papers[-1].number == paper.number:
            self.papers[-1] = paper
        else:
            self.papers.append(paper)

    def state(self) -> dict[str, int]:
        """See PaperStore."""
        return dict(self._state)

    def keep_state(self, state: dict[str, int]) -> None:
        """See PaperStore."""
        self._state = dict(state)

    def empty(self) -> None:
        """See PaperStore."""
        self.papers.clear()
        self._state = {}


class PaperFolder:
    """A folder with ``paper/NNNN.bin`` and ``.txt``, the ledger, and the state of the roll.

    The text appears last and whole, so whoever sees it can read both. The ledger is a file of
    JSON lines; a later line with the same number replaces an earlier one.
    """

    def __init__(self, directory: Path) -> None:
        self._ledger = directory / "ledger.jsonl"
        self._state = directory / "printer.json"
        self.paper = directory / "paper"
        self.paper.mkdir(parents=True, exist_ok=True)
        self._rows = _read_ledger(self._ledger)
        if self._ledger.exists() and not self._ledger.read_bytes().endswith(b"\n"):
            _write(self._ledger, "".join(_line(row) for row in self.rows()).encode())

    def rows(self) -> list[dict[str, Any]]:
        """See PaperStore."""
        return [self._rows[number] for number in sorted(self._rows)]

    def keep(self, paper: PrintedPaper) -> None:
        """See PaperStore."""
        name = f"{paper.number:04d}"
        _write(self.paper / f"{name}.bin", paper.raw)
        _write(self.paper / f"{name}.txt", paper.text.encode())
        self._rows[paper.number] = paper.row()
        with self._ledger.open("a", encoding="utf-8") as ledger:
            ledger.write(_line(paper.row()))

    def state(self) -> dict[str, int]:
        """See PaperStore."""
        try:
            kept = json.loads(self._state.read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            return {}
        return {str(name): int(value) for name, value in kept.items()}

    def keep_state(self, state: dict[str, int]) -> None:
        """See PaperStore."""
        _write(self._state, json.dumps(state).encode())

    def empty(self) -> None:
        """See PaperStore."""
        self._rows.clear()
        for path in (*self.paper.glob("*.bin"), *self.paper.glob("*.txt")):
            path.unlink()
        self._ledger.unlink(missing_ok=True)
        self._state.unlink(missing_ok=True)


def _read_ledger(path: Path) -> dict[int, dict[str, Any]]:
    rows: dict[int, dict[str, Any]] = {}
    if not path.exists():
        return rows
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            row = json.loads(line)
        except ValueError:
            continue  # the last line of a process that was killed while writing it
        rows[int(row["number"])] = row
    return rows


def _line(row: dict[str, Any]) -> str:
    return json.dumps(row, ensure_ascii=False) + "\n"


def _write(path: Path, data: bytes) -> None:
    """Put the whole content in place at once."""
    waiting = path.with_name(f".{path.name}.new")
    waiting.write_bytes(data)
    waiting.replace(path)


def amended(paper: PrintedPaper, *, raw: bytes, job: str | None = None) -> PrintedPaper:
    """A paper after bytes that still belong to it, such as the question whether it is printed."""
    jobs = (*paper.jobs, job) if job else paper.jobs
    return replace(paper, raw=paper.raw + raw, jobs=jobs)
