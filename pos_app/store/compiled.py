"""Statements turned into SQL: once for a kind of database, not once for each opening of one.

SQLAlchemy keeps what it compiled by engine. A store is two of them, and a program that opens a
second store would compile everything again, which takes longer than most statements themselves.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy.util import LRUCache

MOST = 2000


class CompiledStatements(LRUCache[Any, Any]):
    """What engines of one kind share: they are all made alike, so their dialects write alike."""

    def get(self, key: Any, default: Any = None) -> Any:
        """What was compiled for an engine of this kind."""
        return super().get(_of_kind(key), default)

    def __setitem__(self, key: Any, value: Any) -> None:
        """Keep it for all of them."""
        super().__setitem__(_of_kind(key), value)


def _of_kind(key: Any) -> Any:
    dialect, *others = key
    return (dialect.name, *others)


SHARED = {"compiled_cache": CompiledStatements(MOST)}
"""Execution options of every engine."""
