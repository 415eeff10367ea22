"""``$crossjoin``: several sets, or documents and their rows, side by side in one answer.

Asked for by its path, or by ``QueryService_PostQuery`` with the path and the options in its body,
which is how lines are searched without reading their documents (SAP Service Layer user guide).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from sync.sap.simulator.books import Books
from sync.sap.simulator.condition import COMPARE, Binder, composed
from sync.sap.simulator.expression import Both, Call, Compare, Match, Node, parse
from sync.sap.simulator.reading import Page, Visible, link_to, sortable, whole_number
from sync.sap.simulator.refusal import Refusal
from sync.sap.simulator.schema import LINE_TABLES, SetSchema, invalid_property
from sync.sap.simulator.table import Row
from sync.sap.simulator.view import View

PATH = re.compile(r"\$crossjoin\((?P<members>[\w,/\s]+)\)")
TERM = re.compile(r"(?P<name>[\w/]+)\(\$select=(?P<select>[\w,\s]+)\)")
SPLIT = re.compile(r",(?![^(]*\))")
OPTION = re.compile(r"(?:[^&']|'(?:[^']|'')*')+")
KNOWN = frozenset({"$expand", "$filter", "$orderby", "$top", "$skip"})
INVALID = "Invalid crossjoin"

Record = dict[str, Row]
Test = Callable[[Record], bool]


@dataclass(frozen=True, slots=True)
class Member:
    """One set of a join, or the rows of one collection of a set that is joined too.

    Attributes:
        label: how names in the request begin.
        owner: the set, or what stands for the collection's type.
        parent: the set whose rows hold the collection, None for a set itself.
        collection: its name.
    """

    label: str
    owner: SetSchema
    parent: SetSchema | None = None
    collection: str = ""


def options_of(text: str) -> dict[str, str]:
    """Query options out of a body, where nothing is encoded and texts may hold any sign."""
    pairs = (part.partition("=") for part in OPTION.findall(text.removeprefix("?")))
    return {name.strip(): value for name, _, value in pairs}


class Join:
    """One join over a company's books; raises Refusal -1000 for a path that is none."""

    def __init__(self, books: Books, visible: Visible, path: str) -> None:
        match = PATH.fullmatch(path.strip())
        if match is None:
            raise Refusal(-1000, INVALID)
        self._books = books
        self._visible = visible
        self._view = View(books)
        self._path = path.strip()
        labels = [label.strip() for label in match["members"].split(",")]
        self._members = {label: _member(books, label, labels) for label in labels}

    def page(self, options: Mapping[str, str], *, size: int, version: int) -> Page:
        """One page of records; raises Refusal for an option it cannot read."""
        for name in options:
            if name not in KNOWN:
                raise Refusal(202, f"Query option {name} is not supported")
        shown = self._shapes(options.get("$expand", ""), version)
        text = options.get("$filter", "").strip()
        node = parse(text, with_names=True) if text else None
        test = composed(node, self._leaf) if node is not None else None
        top = whole_number(options, "$top")
        skip = whole_number(options, "$skip") or 0
        found = self._ordered(self._records(node), options.get("$orderby", ""), test)
        limits = [limit for limit in (size or None, top) if limit is not None]
        limit = min(limits, default=None)
        # One more than shown tells whether another page follows.
        rows = list(islice(found, skip, None if limit is None else skip + limit + 1))
        more = limit is not None and len(rows) > limit and limit != top
        records = rows if limit is None else rows[:limit]
        told = [{label: shape(one[label]) for label, shape in shown.items()} for one in records]
        shown_rows = len(records)
        link = link_to(self._path, options, skip=skip + shown_rows, top=top, shown=shown_rows)
        return Page(told, None, link if more else None)

    def _shapes(self, text: str, version: int) -> dict[str, Callable[[Row], Row]]:
        """What is shown of each member that is expanded; without any the join is invalid."""
        shapes = {}
        for part in SPLIT.split(text):
            match = TERM.fullmatch(part.strip())
            member = self._members.get(match["name"]) if match else None
            if match is None or member is None:
                raise Refusal(-1000, INVALID)
            names = [name.strip() for name in match["select"].split(",")]
            for name in names:
                if self._books.schema.property_type(member.owner, name) is None:
                    raise invalid_property(name, member.owner.type)
            shapes[member.label] = self._view.shape(member.owner, names, version=version)
        return shapes

    def _records(self, node: Node | None) -> Iterator[Record]:
        records: Iterator[Record] = iter([{}])
        known: list[str] = []
        for member in self._members.values():
            records = self._extend(records, member, _equality(node, member.label, known))
            known.append(member.label)
        return records

    def _extend(
        self, records: Iterator[Record], member: Member, pair: tuple[str, str] | None
    ) -> Iterator[Record]:
        """Every record with every row of one more member, or with those equal in a pair."""
        rows = list(self._rows(member))
        if pair is None:
            return (one | {member.label: row} for one in records for row in rows)
        outer, inner = pair
        read = self._view.reader(member.owner.name)
        _, _, name = inner.rpartition("/")
        by_value: dict[Any, list[Row]] = {}
        for row in rows:
            by_value.setdefault(read(row, name), []).append(row)
        return (
            one | {member.label: row}
            for one in records
            for row in by_value.get(self._read(one, outer), ())
        )

    def _rows(self, member: Member) -> Iterator[Row]:
        if member.parent is None:
            name = member.owner.name
            table = self._books.tables[name].rows()
            yield from (row for row in table if self._visible(name, row))
            return
        for row in self._books.tables[member.parent.name].rows():
            if self._visible(member.parent.name, row):
                key = {name: row[name] for name in member.parent.key}
                yield from (key | line for line in row.get(member.collection) or ())

    def _ordered(self, records: Iterable[Record], text: str, test: Test | None) -> Iterable[Record]:
        kept = records if test is None else (one for one in records if test(one))
        terms = [term.split() for term in text.split(",") if term.strip()]
        for term in reversed(terms):
            if len(term) > 2 or term[1:] not in ([], ["asc"], ["desc"]):
                raise Refusal(202, f"Syntax error in query option $orderby: '{' '.join(term)}'")
            self._known(term[0])
            kept = sorted(
                kept,
                key=lambda one, name=term[0]: sortable(self._read(one, name)),  # type: ignore[misc]
                reverse=term[1:] == ["desc"],
            )
        return kept

    def _read(self, record: Record, path: str) -> Any:
        label, _, name = path.rpartition("/")
        return self._view.reader(label)(record[label], name)

    def _known(self, path: str) -> tuple[Member, str]:
        """The member and the property a name means; raises Refusal 201."""
        label, _, name = path.rpartition("/")
        member = self._members.get(label)
        if member is None:
            raise Refusal(201, f"Property '{path}' is invalid")
        self._books.schema.plain_type(member.owner, name)
        return member, name

    def _leaf(self, node: Match | Call | Compare) -> Test:
        return self._match(node) if isinstance(node, Match) else self._plain(node)

    def _plain(self, node: Compare | Call) -> Test:
        member, name = self._known(node.name)
        read = self._view.reader(member.owner.name)
        test = Binder(self._books.schema, member.owner, read).test(replace(node, name=name))
        return lambda one: test(one[member.label])

    def _match(self, node: Match) -> Test:
        for path in (node.name, node.other):
            self._known(path)
        compare = COMPARE.get(node.operator)

        def test(one: Record) -> bool:
            left, right = self._read(one, node.name), self._read(one, node.other)
            if compare is None:
                return bool(left == right) is (node.operator == "eq")
            return left is not None and right is not None and compare(left, right)

        return test


def _member(books: Books, label: str, labels: list[str]) -> Member:
    set_name, slash, collection = label.partition("/")
    owner = books.schema.entity_set(set_name)
    if not slash:
        return Member(label, owner)
    kind = (books.schema.property_type(owner, collection) or "").removesuffix("[]")
    if kind not in books.schema.types or set_name not in labels:
        raise Refusal(-1000, INVALID)
    table = LINE_TABLES.get(kind, "")
    return Member(label, SetSchema(label, kind, (), table), owner, collection)


def _equality(node: Node | None, label: str, known: list[str]) -> tuple[str, str] | None:
    """A known property and the new member's one that must equal it."""
    for part in node.parts if isinstance(node, Both) else (node,):
        if not isinstance(part, Match) or part.operator != "eq":
            continue
        for one, other in ((part.name, part.other), (part.other, part.name)):
            if one.rpartition("/")[0] in known and other.rpartition("/")[0] == label:
                return one, other
    return None
