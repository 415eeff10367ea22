"""Bulk reads by key cursor: every stable row exactly once, while others come and go.

Paging by offset over data that changes repeats rows and loses others (production lesson L41).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from sync.errors import Unavailable
from sync.sap.client import Row, ServiceLayer
from sync.sap.envelope import next_link
from sync.sap.errors import IncompleteRead
from sync.sap.query import Query, after, both, equals


def by_key(sl: ServiceLayer, set_name: str, key: str, query: Query) -> Iterator[Row]:
    """Rows in the order of one key property; each page asks for what follows the last row.

    Raises:
        SapRejected, Unavailable: also in the middle; what came before is then not complete.
    """
    for page in pages_by_key(sl, set_name, key, query):
        yield from page


def pages_by_key(sl: ServiceLayer, set_name: str, key: str, query: Query) -> Iterator[list[Row]]:
    """As `by_key`, page by page; a page is asked for when it is wanted, not before.

    Raises:
        SapRejected, Unavailable: as `by_key`.
    """
    last: Any = None
    while True:
        where = query.where if last is None else both(_nested(query.where), after(key, last))
        rows, more = _page(sl, set_name, replace(query, where=where, order_by=key))
        yield rows
        if not more:
            return
        last = rows[-1][key]


def by_two_keys(
    sl: ServiceLayer, set_name: str, keys: tuple[str, str], query: Query
) -> Iterator[Row]:
    """As `by_key` for a set whose key is two properties."""
    first, second = keys
    last: Row | None = None
    while True:
        where = query.where
        if last is not None:
            behind = both(equals(first, last[first]), after(second, last[second]))
            cursor = f"({after(first, last[first])} or ({behind}))"
            where = both(_nested(query.where), cursor)
        rows, more = _page(sl, set_name, replace(query, where=where, order_by=f"{first},{second}"))
        yield from rows
        if not more:
            return
        last = rows[-1]


def counted(sl: ServiceLayer, set_name: str, where: str, rows: Iterator[Row]) -> Iterator[Row]:
    """Pass rows on and compare their number with SAP's own count, as `pages_counted`.

    Raises:
        IncompleteRead: after the last row, when rows are missing.
    """
    for page in pages_counted(sl, set_name, where, ([row] for row in rows)):
        yield from page


def pages_counted(
    sl: ServiceLayer, set_name: str, where: str, pages: Iterator[list[Row]]
) -> Iterator[list[Row]]:
    """Pass pages on and compare the number of their rows with SAP's own count.

    Rows may be inserted or deleted meanwhile, so the smaller of the counts before and after
    is the least that must have come.

    Raises:
        IncompleteRead: after the last page, when rows are missing.
    """
    expected = sl.count(set_name, where)
    received = 0
    for page in pages:
        received += len(page)
        yield page
    if received < expected:
        least = min(expected, sl.count(set_name, where))
        if received < least:
            raise IncompleteRead(set_name, counted=least, received=received)


def _page(sl: ServiceLayer, set_name: str, query: Query) -> tuple[list[Row], bool]:
    page = sl.page(f"{set_name}?{query.options()}", page_size=sl.settings.page_size)
    rows = page["value"]
    more = next_link(page) is not None
    if more and not rows:
        raise Unavailable(f"SAP sent an empty page of {set_name} and says that more follow.")
    return rows, more


def _nested(where: str) -> str:
    return f"({where})" if " or " in where else where


def read_text(row: Mapping[str, Any], name: str) -> str:
    """A text property; SAP's null is an empty text."""
    value = row.get(name)
    return "" if value is None else str(value)
