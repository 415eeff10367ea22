"""One entity set in memory: rows by key, in key order, with indexes on chosen properties."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

Row = dict[str, Any]
Key = Any


class Table:
    """Rows are never changed in place; `put` replaces one.

    Args:
        key: the key properties; several make a tuple key.
        indexed: properties looked up by equality.
    """

    def __init__(self, key: tuple[str, ...], indexed: tuple[str, ...] = ()) -> None:
        self.key = key
        self._rows: dict[Key, Row] = {}
        self._order: list[Key] = []
        self._is_sorted = True
        self._indexes: dict[str, dict[Any, set[Key]]] = {name: {} for name in indexed}

    def __len__(self) -> int:
        return len(self._rows)

    def key_of(self, row: Mapping[str, Any]) -> Key:
        """The key of a row."""
        if len(self.key) == 1:
            return row[self.key[0]]
        return tuple(row[name] for name in self.key)

    def get(self, key: Key) -> Row | None:
        """The row of a key, or None."""
        return self._rows.get(key)

    def put(self, row: Row) -> None:
        """Insert a row, or replace the one with its key."""
        key = self.key_of(row)
        old = self._rows.get(key)
        if old is None:
            self._note_order(key)
        for name, index in self._indexes.items():
            if old is not None:
                index[old.get(name)].discard(key)
            index.setdefault(row.get(name), set()).add(key)
        self._rows[key] = row

    def remove(self, key: Key) -> None:
        """Delete the row of a key; raises KeyError when there is none."""
        old = self._rows.pop(key)
        self._order.remove(key)
        for name, index in self._indexes.items():
            index[old.get(name)].discard(key)

    def rows(self) -> Iterator[Row]:
        """Every row in key order."""
        return (self._rows[key] for key in self._sorted())

    def between(self, above: Key | None, *, inclusive: bool, descending: bool) -> Iterator[Row]:
        """Rows in key order, from a bound on when one is given."""
        order = self._sorted()
        start = 0
        if above is not None:
            start = bisect_left(order, above) if inclusive else bisect_right(order, above)
        places = range(len(order) - 1, start - 1, -1) if descending else range(start, len(order))
        # By place, not by slice: a page of twenty must not copy a hundred thousand keys.
        return (self._rows[order[place]] for place in places)

    def having(self, name: str, value: Any) -> list[Row] | None:
        """Rows whose indexed property equals a value, in key order; None without such an index."""
        index = self._indexes.get(name)
        if index is None:
            return None
        return self.of_keys(index.get(value, ()))

    def of_keys(self, keys: Iterable[Key]) -> list[Row]:
        """The rows of these keys, in key order."""
        return [self._rows[key] for key in sorted(keys)]

    def last_key(self) -> Key | None:
        """The greatest key, or None."""
        order = self._sorted()
        return order[-1] if order else None

    def _note_order(self, key: Key) -> None:
        if self._order and self._is_sorted and key < self._order[-1]:
            self._is_sorted = False
        self._order.append(key)

    def _sorted(self) -> list[Key]:
        if not self._is_sorted:
            self._order.sort()
            self._is_sorted = True
        return self._order
