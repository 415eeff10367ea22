"""``$apply``: rows added up, in groups or all together.

``aggregate(DocTotal with sum as Total,$count as N)``, ``groupby((CardCode),aggregate(…))`` and
``filter(…)/groupby(…)`` (SAP Service Layer user guide, aggregation).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sync.sap.simulator.refusal import Refusal

METHODS: Mapping[str, Callable[[Sequence[Any]], Any]] = {
    "sum": lambda values: sum(map(Decimal, values), Decimal(0)),
    "average": lambda values: (
        sum(map(Decimal, values), Decimal(0)) / len(values) if values else None
    ),
    "min": lambda values: min(values, default=None),
    "max": lambda values: max(values, default=None),
    "countdistinct": lambda values: len(set(values)),
}
ADDING = frozenset({"sum", "average"})
FILTER = re.compile(r"filter\((?P<where>.*)\)(?:/(?P<rest>(?:groupby|aggregate).*))", re.DOTALL)
GROUP = re.compile(r"groupby\(\((?P<by>[\w,\s]+)\)(?:,\s*aggregate\((?P<inside>.*)\))?\)")
AGGREGATE = re.compile(r"aggregate\((?P<inside>.*)\)")
TERM = re.compile(
    r"(?:(?P<name>\w+)\s+with\s+(?P<method>\w+)|(?P<count>\$count))\s+as\s+(?P<label>\w+)"
)


@dataclass(frozen=True, slots=True)
class Aggregate:
    """One figure: a method over a property, or how many rows there are."""

    label: str
    name: str | None
    method: str


@dataclass(frozen=True, slots=True)
class Applied:
    """What to do with rows: which ones, by what, and the figures of each group."""

    where: str
    by: tuple[str, ...]
    figures: tuple[Aggregate, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Every property it reads."""
        return (*self.by, *(one.name for one in self.figures if one.name))

    @property
    def added(self) -> tuple[str, ...]:
        """The properties it adds up, which must be numbers."""
        return tuple(one.name for one in self.figures if one.name and one.method in ADDING)

    def rows(self, rows: Iterable[Any], read: Callable[[Any, str], Any]) -> list[dict[str, Any]]:
        """The groups in order of their keys, or one row when there are no groups."""
        groups: dict[tuple[Any, ...], list[Any]] = {} if self.by else {(): []}
        for row in rows:
            groups.setdefault(tuple(read(row, name) for name in self.by), []).append(row)
        return [
            dict(zip(self.by, key, strict=True))
            | {one.label: _figure(one, members, read) for one in self.figures}
            for key, members in sorted(groups.items(), key=lambda pair: str(pair[0]))
        ]


def read_apply(text: str) -> Applied:
    """Take ``$apply`` apart; raises Refusal 202 for what this sandbox does not read."""
    filtered = FILTER.fullmatch(text.strip())
    where, rest = (filtered["where"], filtered["rest"]) if filtered else ("", text.strip())
    group = GROUP.fullmatch(rest)
    if group is not None:
        by = tuple(name.strip() for name in group["by"].split(","))
        return Applied(where, by, _figures(group["inside"] or ""))
    whole = AGGREGATE.fullmatch(rest)
    if whole is None:
        raise Refusal(202, f"Syntax error in query option $apply: '{rest}'")
    return Applied(where, (), _figures(whole["inside"]))


def _figures(text: str) -> tuple[Aggregate, ...]:
    figures = []
    for part in text.split(",") if text.strip() else ():
        match = TERM.fullmatch(part.strip())
        method = "count" if match and match["count"] else match and match["method"]
        if match is None or method not in (*METHODS, "count"):
            raise Refusal(202, f"Syntax error in query option $apply: '{part.strip()}'")
        figures.append(Aggregate(match["label"], match["name"], str(method)))
    return tuple(figures)


def _figure(one: Aggregate, members: Sequence[Any], read: Callable[[Any, str], Any]) -> Any:
    if one.name is None:
        return len(members)
    values = [value for row in members if (value := read(row, one.name)) is not None]
    return METHODS[one.method](values)
