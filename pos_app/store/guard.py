"""Keeps this process from opening its live SQLite files behind SQLite's back.

POSIX drops all locks a process holds on a file when the process closes any descriptor of it. After
one ``open()`` and ``close()`` of the live database another process believes it is alone, and
deletes the write-ahead log with every sale in it; the integrity check of what is left says ok.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

_SUFFIXES = ("", "-wal", "-shm", "-journal")
_PATHS_IN: Mapping[str, tuple[int, ...]] = {
    "open": (0,),
    "os.truncate": (0,),
    "os.remove": (0,),
    "os.rename": (0, 1),
    "os.link": (0,),
    "shutil.copyfile": (0, 1),
    "shutil.move": (0, 1),
    "sqlite3.connect": (0,),
}
"""Audit events that would open, replace or remove a file, and where their paths stand."""


class LiveDatabaseTouched(PermissionError):
    """Code in this process tried to open, move or remove a database that is in use."""

    def __init__(self, event: str, path: str) -> None:
        super().__init__(
            f"{event} on {path} would drop the locks of the live database and could lose sales: "
            "read it through the store, or copy it with a backup."
        )


class _Guard:
    """The files in use, by name and by identity, and how often each was taken into use."""

    def __init__(self) -> None:
        self._uses: dict[str, int] = {}
        self._names: frozenset[str] = frozenset()
        self._identities: frozenset[tuple[int, int]] = frozenset()

    def add(self, path: str) -> None:
        """Take one more use of a database."""
        self._uses[path] = self._uses.get(path, 0) + 1
        self._refresh()

    def remove(self, path: str) -> None:
        """Give one use back; the last one frees the files."""
        uses = self._uses.pop(path, 0)
        if uses > 1:
            self._uses[path] = uses - 1
        self._refresh()

    def watch(self, event: str, arguments: tuple[object, ...]) -> None:
        """Refuse the event if it touches a file in use; called for every audit event."""
        places = _PATHS_IN.get(event)
        if places is None or not self._uses:
            return
        for place in places:
            self._check(event, arguments[place])

    def _refresh(self) -> None:
        self._names = frozenset(path + suffix for path in self._uses for suffix in _SUFFIXES)
        self._identities = frozenset(filter(None, map(_identity, self._uses)))

    def _check(self, event: str, path: object) -> None:
        if not isinstance(path, str | bytes | os.PathLike):
            return
        text = os.fsdecode(path)
        if text.startswith("file:"):
            text = text[5:].partition("?")[0]
        is_guarded = _identity(text) in self._identities or (
            text.endswith(tuple(map(os.path.basename, self._names)))
            and os.path.realpath(text) in self._names
        )
        if is_guarded:
            raise LiveDatabaseTouched(event, text)


def _identity(path: str) -> tuple[int, int] | None:
    try:
        found = os.stat(path)  # noqa: PTH116 - runs inside every open(): a Path costs more than the stat
    except (OSError, ValueError):
        return None
    return found.st_dev, found.st_ino


_guard = _Guard()
_installed: list[bool] = []


def guard_database(path: Path | str) -> None:
    """Refuse, from now on, every way round SQLite to a database file and its log in this process.

    Code that calls ``open``, ``os.open``, ``shutil.copy``, ``Path.read_bytes``, the standard
    library's own ``sqlite3`` and the like on it gets `LiveDatabaseTouched`, whatever name or link
    it uses. An audit hook cannot be taken out again, so one hook serves the whole process.
    """
    _guard.add(os.path.realpath(path))
    if not _installed:
        _installed.append(True)
        sys.addaudithook(_guard.watch)


def release_database(path: Path | str) -> None:
    """Give a database free again after its last connection is closed."""
    _guard.remove(os.path.realpath(path))
