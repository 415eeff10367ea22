"""Rows of a source of unknown length, kept page by page."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

R = TypeVar("R")

PAGE = 200
PAGES_KEPT = 8


@dataclass(frozen=True, slots=True)
class Page(Generic[R]):
    """Rows in order, and the key the next page starts after; None when there is none."""

    rows: tuple[R, ...]
    after: object | None = None


Source = Callable[[object | None, int], Page[R]]
"""Reads a page: after which key (None is the beginning), and how many rows at most."""


def in_memory(rows: Sequence[R]) -> Source[R]:
    """A source over rows that are already there."""

    def page(after: object | None, limit: int) -> Page[R]:
        start = after if isinstance(after, int) else 0
        end = start + limit
        return Page(tuple(rows[start:end]), end if end < len(rows) else None)

    return page


class Pages(Generic[R]):
    """What of a source was read: the newest few pages, and where each page starts.

    Attributes:
        known: how many rows are known to exist.
        is_whole: whether the end of the source was seen.
    """

    def __init__(self, source: Source[R]) -> None:
        self.source = source
        self.known = 0
        self.is_whole = False
        self._starts: list[object | None] = [None]
        self._kept: OrderedDict[int, tuple[R, ...]] = OrderedDict()

    @property
    def last(self) -> int:
        """The number of the farthest page whose start is known."""
        return len(self._starts) - 1

    def row(self, index: int) -> R | None:
        """A row that is kept, else None."""
        page, at = divmod(index, PAGE)
        rows = self._kept.get(page)
        if rows is None:
            return None
        self._kept.move_to_end(page)
        return rows[at] if at < len(rows) else None

    def replace(self, old: R, new: R) -> bool:
        """Keep another row in a row's place; False if it is not kept."""
        for page, rows in self._kept.items():
            if old in rows:
                at = rows.index(old)
                self._kept[page] = (*rows[:at], new, *rows[at + 1 :])
                return True
        return False

    def is_missing(self, index: int) -> bool:
        """Whether a row exists but its page is not kept (any more)."""
        return index < self.known and index // PAGE not in self._kept

    def reading(self, page: int) -> Callable[[], Page[R]]:
        """What reads a page; to be called on the query lane."""
        source, start = self.source, self._starts[page]
        return lambda: source(start, PAGE)

    def take(self, page: int, found: Page[R]) -> None:
        """Keep a page that was read, and forget the one used longest ago."""
        self._kept[page] = found.rows
        self._kept.move_to_end(page)
        while len(self._kept) > PAGES_KEPT:
            self._kept.popitem(last=False)
        if page == self.last:
            self.known = page * PAGE + len(found.rows)
            if found.after is None:
                self.is_whole = True
            else:
                self._starts.append(found.after)
