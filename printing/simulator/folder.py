"""A folder of paper that outlives the simulated printer: bytes, text and picture of each."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from printing.simulator import picture
from printing.simulator.strip import PrintedPaper


class PaperFolder:
    """A folder with ``paper/NNNN.bin``, ``.png`` and ``.txt``, the ledger, the state of the roll.

    The text appears last and whole, so whoever sees it can read all three. The ledger is a file of
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
        if paper.number not in self._rows:  # what is learnt later changes no dot
            _write(self.paper / f"{name}.png", picture.png(paper))
        _write(self.paper / f"{name}.txt", paper.text.encode())
        self._rows[paper.number] = paper.row()
        with self._ledger.open("a", encoding="utf-8") as ledger:
            ledger.write(_line(paper.row()))

    def state(self) -> dict[str, Any]:
        """See PaperStore."""
        try:
            kept = json.loads(self._state.read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            return {}
        return dict(kept)

    def keep_state(self, state: dict[str, Any]) -> None:
        """See PaperStore."""
        _write(self._state, json.dumps(state).encode())

    def empty(self) -> None:
        """See PaperStore."""
        self._rows.clear()
        for ending in ("bin", "png", "txt"):
            for path in self.paper.glob(f"*.{ending}"):
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
