"""How many rows the long lists have, kept by the database itself as rows come, change and go.

A list says in all how many rows it has, and its last page is asked for as its first one is. So each
long table counts its rows as they are grouped: by whom they are of, by a few kinds, and by the
stretch of the list they stand in. A count is then the sum of a few figures, and any page is found
by stepping over whole stretches (docs/decisions/0042).

Triggers do it, so no way of writing a row can forget it, and a transaction that is undone undoes
its counts. On PostgreSQL nobody waits for a figure: each writer takes one that no other holds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, RowMapping, Select, Table, Text, select
from sqlalchemy import func as sql

from pos_app.store.schema import big, derived, dialect_ddl, table

BLOCK = 1000
"""Rows of a stretch, where it is not a day."""

NEAR = 200
"""Rows that are passed over faster one by one than by looking for their stretch."""

ALL_SPANS = -1

tallies = derived(
    table(
        "tallies",
        Column("list", Text, primary_key=True),
        Column("who", Text, primary_key=True),  # empty counts everybody's, "=code" one's
        Column("span", big(), primary_key=True, autoincrement=False),  # a day, a block, or all
        Column("first", Text, primary_key=True),
        Column("second", Text, primary_key=True),
        Column("third", Text, primary_key=True),
        Column("slot", big(), primary_key=True, autoincrement=False),
        Column("many", big(), nullable=False),
        sqlite_with_rowid=False,
    )
)

TALLY = "tally"
"""Where a table keeps how it is counted."""

KINDS = (tallies.c.first, tallies.c.second, tallies.c.third)

_ADD = """
    CREATE FUNCTION tally_add(
        of_list text, of_who text, of_span bigint, one text, two text, three text, by bigint
    ) RETURNS void LANGUAGE plpgsql AS $$
    DECLARE
        free bigint;
    BEGIN
        SELECT slot INTO free FROM tallies
        WHERE (list, who, span, first, second, third)
            = (of_list, of_who, of_span, one, two, three)
        LIMIT 1 FOR UPDATE SKIP LOCKED;
        IF FOUND THEN
            UPDATE tallies SET many = many + by
            WHERE (list, who, span, first, second, third, slot)
                = (of_list, of_who, of_span, one, two, three, free);
        ELSE
            INSERT INTO tallies
            VALUES (of_list, of_who, of_span, one, two, three, nextval('tally_slots'), by);
        END IF;
    END $$
"""

dialect_ddl(
    tallies,
    postgresql=(
        "CREATE SEQUENCE tally_slots",
        "ALTER SEQUENCE tally_slots OWNED BY tallies.slot",
        _ADD,
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """A list that is counted; its newest rows come first.

    Attributes:
        key: what rows of one stretch are sorted by.
        day: the business date that is the stretch; None makes blocks of the key.
    """

    name: str
    key: Column[Any]
    day: Column[Any] | None

    @property
    def order(self) -> tuple[ColumnElement[Any], ...]:
        """The order of the list."""
        return (self.key.desc(),) if self.day is None else (self.day.desc(), self.key.desc())

    def until(self, span: int) -> ColumnElement[bool]:
        """Whether a row stands in a stretch or behind it."""
        if self.day is None:
            return self.key < (span + 1) * BLOCK
        return self.day <= date(span // 10_000, span // 100 % 100, span % 100)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which rows of a list are wanted, as its tally knows them.

    Attributes:
        who: whose they are; None is everybody's.
        kinds: conditions on `KINDS`.
        since: the first day, until: the last one; None is any.
    """

    who: str | None = None
    kinds: tuple[ColumnElement[bool], ...] = ()
    since: date | None = None
    until: date | None = None


def tally(
    of: Table, *, key: str, day: str = "", who: str = "", kinds: tuple[str, ...] = ()
) -> Tally:
    """Have the database count the rows of a table.

    Args:
        of: the table.
        key: the column rows are sorted by, within a day.
        day: the column of the business date they are sorted by first.
        who: the column that says whose they are; empty for none.
        kinds: up to three SQL expressions of few values; ``{row}`` is the row.
    """
    grouping = Grouping(of.name, _span(key, day), who, (*kinds, "''", "''", "''")[:3])
    of.info[TALLY] = grouping
    dialect_ddl(of, sqlite=tuple(_on_sqlite(grouping)), postgresql=tuple(_on_postgresql(grouping)))
    return Tally(name=of.name, key=of.c[key], day=of.c[day] if day else None)


def page(
    connection: Connection,
    of: Tally,
    query: Select[Any],
    asked: Asked | None,
    *,
    offset: int,
    limit: int,
) -> tuple[int, list[RowMapping]]:
    """How many rows a query has in all, and some of them from the newest back.

    Args:
        connection: of a transaction.
        of: the list.
        query: the rows.
        asked: the same in the words of the tally; None where it cannot say it, then all rows
            that are wanted are counted.
        offset: how many rows are passed over.
        limit: how many are wanted.
    """
    newest = query.order_by(*of.order)
    if asked is None:
        counted = query.with_only_columns(sql.count(), maintain_column_froms=True)
        total = int(connection.execute(counted).scalar_one())
    else:
        total = many(connection, of, asked)
    if offset >= total:
        return total, []
    if asked is not None and offset >= NEAR:
        span, offset = _place(connection, of, asked, offset)
        newest = newest.where(of.until(span))
    return total, list(connection.execute(newest.offset(offset).limit(limit)).mappings())


def many(connection: Connection, of: Tally, asked: Asked) -> int:
    """How many rows of a list are wanted."""
    query = select(sql.coalesce(sql.sum(tallies.c.many), 0)).where(*_conditions(of, asked))
    return int(connection.execute(query).scalar_one())


def many_by(
    connection: Connection, of: Tally, asked: Asked, *, by: ColumnElement[str]
) -> dict[str, int]:
    """How many rows of a list are wanted, by one of `KINDS`; what there is none of is left out."""
    total = sql.sum(tallies.c.many)
    query = select(by, total).where(*_conditions(of, asked)).group_by(by).having(total != 0)
    return {kind: int(count) for kind, count in connection.execute(query)}


def people(connection: Connection, of: Tally, asked: Asked) -> int:
    """Of how many there are any of the rows wanted."""
    row = tallies.c
    where = (row.list == of.name, row.who != "", row.span == ALL_SPANS, *asked.kinds)
    each = select(row.who).where(*where).group_by(row.who).having(sql.sum(row.many) != 0)
    query = select(sql.count()).select_from(each.subquery())
    return int(connection.execute(query).scalar_one())


def _place(connection: Connection, of: Tally, asked: Asked, offset: int) -> tuple[int, int]:
    """The stretch in which a place of the list lies, and how many of its rows come before."""
    row = tallies.c
    query = (
        select(row.span, sql.sum(row.many))
        .where(*_conditions(of, asked, is_whole=False))
        .group_by(row.span)
        .order_by(row.span.desc())
    )
    for span, count in connection.execute(query):
        if offset < count:
            return int(span), offset
        offset -= int(count)
    raise AssertionError("the stretches of a list hold fewer rows than the list")


def _conditions(of: Tally, asked: Asked, *, is_whole: bool = True) -> Iterator[ColumnElement[bool]]:
    row = tallies.c
    yield row.list == of.name
    yield row.who == ("" if asked.who is None else f"={asked.who}")
    if is_whole and asked.since is None and asked.until is None:
        yield row.span == ALL_SPANS
    else:
        yield row.span >= (0 if asked.since is None else _number(asked.since))
        if asked.until is not None:
            yield row.span <= _number(asked.until)
    yield from asked.kinds


def _number(day: date) -> int:
    return day.year * 10_000 + day.month * 100 + day.day


@dataclass(frozen=True, slots=True)
class Grouping:
    """How the rows of a table are counted, in SQL."""

    name: str
    span: str
    who: str
    kinds: tuple[str, ...]

    def rows(self, row: str, by: int | str) -> list[str]:
        """The figures a row counts for, as lists of values; `by` is the last."""
        kinds = ", ".join(self.kinds)
        whose = ["''"] + ([f"'=' || {{row}}.{self.who}"] if self.who else [])
        spans = [str(ALL_SPANS), self.span]
        return [
            f"'{self.name}', {who}, {span}, {kinds}".format(row=row) + f", {by}"
            for who in whose
            for span in spans
        ]

    def same(self, row: str) -> str:
        """What makes two states of a row count for the same: the stretch, who, and the kinds."""
        whose = f"'=' || {{row}}.{self.who}" if self.who else "''"
        return ", ".join([self.span, whose, *self.kinds]).format(row=row)


def _span(key: str, day: str) -> str:
    if day:
        return f"CAST(replace({{row}}.{day}, '-', '') AS BIGINT)"
    return f"{{row}}.{key} / {BLOCK}"


def _on_sqlite(of: Grouping) -> Iterator[str]:
    for event, states in _EVENTS.items():
        rows = [f"({row})" for state, by in states for row in of.rows(state, f"0, {by}")]
        told = ",\n    ".join(rows)
        is_other = f"({of.same('OLD')}) IS NOT ({of.same('NEW')})" if len(states) > 1 else "1"
        yield (
            f"CREATE TRIGGER {of.name}_tally_{event.lower()} AFTER {event} ON {of.name}\n"
            f"WHEN {is_other}\nBEGIN INSERT INTO tallies VALUES\n    {told}\n"
            "ON CONFLICT DO UPDATE SET many = many + excluded.many; END"
        )


def _on_postgresql(of: Grouping) -> Iterator[str]:
    for event, states in _EVENTS.items():
        name = f"{of.name}_tally_{event.lower()}"
        rows = "\n    UNION ALL ".join(
            f"SELECT {row} FROM {state.lower()}_rows r"  # noqa: S608 - names of ours
            for state, by in states
            for row in of.rows("r", by)
        )
        tables = " ".join(f"{state} TABLE AS {state.lower()}_rows" for state, _ in states)
        yield (
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN\n"
            "PERFORM tally_add(l, w, s, a, b, c, sum(n)::bigint)\n"
            f"FROM (\n    {rows}\n) AS counted (l, w, s, a, b, c, n)\n"
            "GROUP BY l, w, s, a, b, c HAVING sum(n) <> 0;\nRETURN NULL; END $$"
        )
        yield (
            f"CREATE TRIGGER {name} AFTER {event} ON {of.name} REFERENCING {tables} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {name}()"
        )


_EVENTS: dict[str, tuple[tuple[str, int], ...]] = {
    "INSERT": (("NEW", 1),),
    "UPDATE": (("OLD", -1), ("NEW", 1)),
    "DELETE": (("OLD", -1),),
}
