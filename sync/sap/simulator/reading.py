"""Reading entity sets: filter, order, page, count, in the way and with the traps of the original.

The default page has 20 rows and `$top` does not lift it; only the Prefer header does (SAP
Service Layer user guide, production lesson L41).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any
from urllib.parse import quote

from sync.sap.simulator.apply import read_apply
from sync.sap.simulator.books import Books
from sync.sap.simulator.condition import Binder, Test, candidates
from sync.sap.simulator.expand import expansions, own_names
from sync.sap.simulator.expression import Node, parse
from sync.sap.simulator.refusal import Refusal
from sync.sap.simulator.schema import NUMERIC, SetSchema, invalid_property
from sync.sap.simulator.table import Row
from sync.sap.simulator.view import View

DEFAULT_PAGE = 20
DIGITS_MAX = 10
KNOWN_OPTIONS = frozenset(
    {
        "$select",
        "$filter",
        "$orderby",
        "$top",
        "$skip",
        "$inlinecount",
        "$count",
        "$format",
        "$expand",
        "$apply",
    }
)
Visible = Callable[[str, Row], bool]


@dataclass(frozen=True, slots=True)
class Page:
    """One page of rows.

    Attributes:
        rows: as the dialect shows them.
        count: matches in all, when asked for.
        next: the relative link to the next page, None on the last.
    """

    rows: list[dict[str, Any]]
    count: int | None
    next: str | None


@dataclass(frozen=True, slots=True)
class Search:
    """A question to one entity set, checked against the schema.

    Attributes:
        owner: the set.
        node: the filter's tree.
        test: the same as a test for rows.
        order: property and whether descending.
    """

    owner: SetSchema
    node: Node | None
    test: Test
    order: tuple[tuple[str, bool], ...]


class Reading:
    """Questions to one company's books.

    Args:
        books: the books.
        visible: whether a committed row may be seen yet.
        ignores_case: compare texts of a filter whatever their case.
    """

    def __init__(self, books: Books, visible: Visible, *, ignores_case: bool = False) -> None:
        self._ignores_case = ignores_case
        self._books = books
        self._visible = visible
        self._view = View(books)

    def page(self, set_name: str, options: Mapping[str, str], *, size: int, version: int) -> Page:
        """One page; raises Refusal for an option it cannot read.

        Args:
            set_name: the entity set.
            options: query options.
            size: most rows, 0 for no limit.
            version: the dialect.
        """
        if "$apply" in options:
            return self._applied(set_name, options["$apply"])
        search = self._search(set_name, options)
        top = whole_number(options, "$top")
        skip = whole_number(options, "$skip") or 0
        limit = size or len(self._books.tables[set_name])
        wanted = limit if top is None else min(limit, top)
        # One more than shown tells whether another page follows.
        found = list(islice(self._matches(search), skip, skip + wanted + 1))
        shape = self._shape(search.owner, options, version=version)
        more = len(found) > wanted and (top is None or top > wanted)
        rows = [shape(row) for row in found[:wanted]]
        count = self.count(set_name, options) if _counts(options) else None
        link = link_to(set_name, options, skip=skip + wanted, top=top, shown=wanted)
        return Page(rows, count, link if more else None)

    def count(self, set_name: str, options: Mapping[str, str]) -> int:
        """How many rows match; raises Refusal as `page`."""
        search = self._search(set_name, {"$filter": options.get("$filter", "")})
        return sum(1 for _ in self._matches(search))

    def entity(
        self, set_name: str, row: Row, options: Mapping[str, str], *, version: int
    ) -> dict[str, Any]:
        """One row as the dialect shows it; raises Refusal for an unknown property."""
        owner = self._books.schema.entity_set(set_name)
        return self._shape(owner, options, version=version)(row)

    def _shape(
        self, owner: SetSchema, options: Mapping[str, str], *, version: int
    ) -> Callable[[Row], dict[str, Any]]:
        """How a row is shown: its own properties, and what it points to where that is wanted."""
        if "$expand" not in options:
            names = self._view.names(owner, options.get("$select"))
            return self._view.shape(owner, names, version=version)
        own = self._view.shape(owner, self._view.names(owner, own_names(options)), version=version)
        pointed = list(expansions(owner, options))
        read = self._view.reader(owner.name)

        def shown(row: Row) -> dict[str, Any]:
            told = own(row)
            for name, set_name, key, select in pointed:
                other = self.find(set_name, read(row, key))
                inner = {"$select": select} if select else {}
                told[name] = other and self.entity(set_name, other, inner, version=version)
            return told

        return shown

    def _applied(self, set_name: str, text: str) -> Page:
        applied = read_apply(text)
        search = self._search(set_name, {"$filter": applied.where})
        schema = self._books.schema
        for name in applied.names:
            if schema.property_type(search.owner, name) is None:
                raise invalid_property(name, search.owner.type)
            schema.plain_type(search.owner, name)
        for name in applied.added:
            if schema.plain_type(search.owner, name) not in NUMERIC:
                raise Refusal(205, f"Property '{name}' is not numeric")
        rows = applied.rows(self._matches(search), self._view.reader(set_name))
        return Page(rows, None, None)

    def find(self, set_name: str, key: Any) -> Row | None:
        """The row of a key that may be seen, or None."""
        row = self._books.row(set_name, key)
        return row if row is not None and self._visible(set_name, row) else None

    def _search(self, set_name: str, options: Mapping[str, str]) -> Search:
        owner = self._books.schema.entity_set(set_name)
        for name in options:
            if name.startswith("$") and name not in KNOWN_OPTIONS:
                raise Refusal(202, f"Query option {name} is not supported")
        text = options.get("$filter", "").strip()
        node = parse(text) if text else None
        binder = self._binder(owner)
        test = binder.test(node) if node is not None else _any_row
        return Search(owner, node, test, self._order(owner, options.get("$orderby", "")))

    def _binder(self, owner: SetSchema) -> Binder:
        return Binder(self._books.schema, owner, self._view.reader(owner.name), self._ignores_case)

    def _order(self, owner: SetSchema, text: str) -> tuple[tuple[str, bool], ...]:
        order = []
        for term in text.split(",") if text.strip() else ():
            name, _, direction = term.strip().partition(" ")
            self._books.schema.plain_type(owner, name)
            if direction.strip() not in ("", "asc", "desc"):
                raise Refusal(202, f"Syntax error in query option $orderby: '{direction}'")
            order.append((name, direction.strip() == "desc"))
        return tuple(order)

    def _matches(self, search: Search) -> Iterator[Row]:
        name = search.owner.name
        table = self._books.tables[name]
        descending = bool(search.order) and search.order[0][1] and len(table.key) == 1
        binder = self._binder(search.owner)
        rows = (
            row
            for row in candidates(search.node, table, binder, descending=descending)
            if search.test(row) and self._visible(name, row)
        )
        return rows if _is_key_order(search.order, table.key) else self._sorted(search, rows)

    def _sorted(self, search: Search, rows: Iterator[Row]) -> Iterator[Row]:
        read = self._view.reader(search.owner.name)
        found = list(rows)
        for name, descending in reversed(search.order):
            found.sort(
                key=lambda row, name=name: sortable(read(row, name)),  # type: ignore[misc]
                reverse=descending,
            )
        return iter(found)


def _is_key_order(order: tuple[tuple[str, bool], ...], key: tuple[str, ...]) -> bool:
    """Whether candidates, which come in key order, are in the wanted order already."""
    if not order:
        return True
    if len(key) == 1:
        return order[0][0] == key[0]
    return order == tuple((name, False) for name in key)


def _any_row(_row: Row) -> bool:
    return True


def sortable(value: Any) -> tuple[bool, Any]:
    """A value to sort by; nothing comes first."""
    return value is not None, value


def whole_number(options: Mapping[str, str], name: str) -> int | None:
    """A query option that counts rows, None where it is not given; raises Refusal."""
    text = options.get(name)
    if text is None:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > DIGITS_MAX:
        raise Refusal(202, f"Value '{text}' of query option {name} is not a whole number")
    return int(text)


def _counts(options: Mapping[str, str]) -> bool:
    return options.get("$inlinecount") == "allpages" or options.get("$count") == "true"


def link_to(
    set_name: str, options: Mapping[str, str], *, skip: int, top: int | None, shown: int
) -> str:
    """The relative link to the next page.

    Args:
        set_name: the set, or the path in its place.
        options: of this page.
        skip: rows before the next page.
        top: most rows that were wanted, None for all.
        shown: rows of this page.
    """
    following = {**options, "$skip": str(skip)}
    if top is not None:
        following["$top"] = str(top - shown)
    kept = "$,()*'"
    query = "&".join(f"{name}={quote(value, safe=kept)}" for name, value in following.items())
    return f"{set_name}?{query}"
