"""Running a stored query: joins one row at a time, in order where a table has one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from sync.sap.simulator.books import Books
from sync.sap.simulator.sql import Column, Condition, Record, Select, parse
from sync.sap.simulator.sql_tables import TABLES
from sync.sap.simulator.table import Row

Step = Callable[[Record], Iterable[Record]]


def run(books: Books, text: str, parameters: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """The rows of a statement, as late as they are asked for.

    Raises:
        Refusal: 701 to 704, before the first row.
    """
    select = parse(text, parameters)
    found = _ordered(books, select)
    return ({label: record[column] for label, column in select.columns} for record in found)


def _ordered(books: Books, select: Select) -> Iterable[Record]:
    driver = _driver(select)
    if driver is not None:
        return _matches(books, select, driver, in_order=True)
    records = list(_matches(books, select, next(iter(select.tables)), in_order=False))
    for column, descending in reversed(select.order):
        records.sort(key=lambda record: _sortable(record[column]), reverse=descending)
    return records


def _driver(select: Select) -> str | None:
    """The table whose own order is the one asked for, or None."""
    if len(select.order) != 1:
        return None
    (alias, name), descending = select.order[0]
    is_key = TABLES[select.tables[alias]].key == name
    return alias if is_key and not descending else None


def _matches(books: Books, select: Select, first: str, *, in_order: bool) -> Iterator[Record]:
    records: Iterable[Record] = (
        _named(first, row) for row in _first_rows(books, select, first, in_order=in_order)
    )
    known = {first}
    for alias in select.tables:
        if alias != first:
            records = _extend(records, _step(books, select, alias, known))
            known.add(alias)
    return (record for record in records if _all_hold(select.conditions, record))


def _first_rows(books: Books, select: Select, alias: str, *, in_order: bool) -> Iterable[Row]:
    table = TABLES[select.tables[alias]]
    if not in_order or table.ordered is None:
        return table.rows(books)
    above = next(
        (
            condition.right.value
            for condition in select.conditions
            if condition.left == (alias, table.key) and condition.sign == ">"
        ),
        None,
    )
    return table.ordered(books, above)


def _extend(records: Iterable[Record], step: Step) -> Iterator[Record]:
    for left in records:
        for right in step(left):
            yield left | right


def _step(books: Books, select: Select, alias: str, known: set[str]) -> Step:
    """How to find the rows of one more table for what is joined so far."""
    table = TABLES[select.tables[alias]]
    pair = _equality(select, alias, known)
    if pair is None:
        every = [_named(alias, row) for row in table.rows(books)]
        return lambda _left: every
    outer, inner = pair
    lookup = table.lookups.get(inner[1])
    if lookup is not None:
        return lambda left: [_named(alias, row) for row in lookup(books, left[outer])]
    by_value: dict[Any, list[Record]] = {}
    for row in table.rows(books):
        by_value.setdefault(row[inner[1]], []).append(_named(alias, row))
    return lambda left: by_value.get(left[outer], ())


def _equality(select: Select, alias: str, known: set[str]) -> tuple[Column, Column] | None:
    """A known column and the new table's column that must equal it."""
    for condition in select.conditions:
        right = condition.right.column
        if condition.sign != "=" or right is None:
            continue
        if condition.left[0] == alias and right[0] in known:
            return right, condition.left
        if right[0] == alias and condition.left[0] in known:
            return condition.left, right
    return None


def _named(alias: str, row: Row) -> Record:
    return {(alias, name): value for name, value in row.items()}


def _all_hold(conditions: Iterable[Condition], record: Record) -> bool:
    return all(condition.holds(record) for condition in conditions)


def _sortable(value: Any) -> tuple[bool, Any]:
    return value is not None, value
