"""Whether what is kept of how many rows the long lists have is true, and counting them anew.

See `pos_app.store.tally`, which keeps it. The rows of a list are counted once, by all they are
grouped by, and the figures are made of that.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, text

from pos_app.store.tables import all_tables
from pos_app.store.tally import ALL_SPANS, TALLY, Grouping


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A figure that is not what counting gives.

    Attributes:
        name: of the list.
        key: whose rows, the stretch and the three kinds, as they are kept.
        missing: how many rows more there are than are kept; below zero for fewer.
    """

    name: str
    key: tuple[str, int, str, str, str]
    missing: int


def lists() -> list[str]:
    """The lists whose rows are counted as they come, change and go."""
    return sorted(made.name for made in all_tables().sorted_tables if TALLY in made.info)


def differences(connection: Connection, name: str) -> Iterator[Difference]:
    """Where the figures of a list differ from its rows."""
    grouping: Grouping = all_tables().tables[name].info[TALLY]
    for *key, missing in connection.execute(text(_compared(grouping))):
        who, span, first, second, third = key
        yield Difference(
            name=name, key=(who, int(span), first, second, third), missing=int(missing)
        )


def recount(connection: Connection, name: str) -> int:
    """Make the figures of a list those of its rows; returns how many were wrong.

    Args:
        connection: of a writing transaction; nobody else writes into the list until it ends.
        name: the list.
    """
    is_postgresql = connection.dialect.name == "postgresql"
    if is_postgresql:
        connection.execute(text(f"LOCK TABLE {name} IN SHARE MODE"))
    wrong = list(differences(connection, name))
    add = text(_ADD_ON_POSTGRESQL if is_postgresql else _ADD_ON_SQLITE)
    for found in wrong:
        who, span, first, second, third = found.key
        told = {"list": name, "who": who, "span": span, "many": found.missing}
        connection.execute(add, told | {"first": first, "second": second, "third": third})
    return len(wrong)


_ADD_ON_SQLITE = (
    "INSERT INTO tallies VALUES (:list, :who, :span, :first, :second, :third, 0, :many) "
    "ON CONFLICT DO UPDATE SET many = many + excluded.many"
)
_ADD_ON_POSTGRESQL = "SELECT tally_add(:list, :who, :span, :first, :second, :third, :many)"


def _compared(of: Grouping) -> str:
    """Every figure of a list that is not zero when what is kept is taken off what there is."""
    whose = ["''", "w"] if of.who else ["''"]
    figures = [
        f"SELECT {who}, {span}, a, b, c, n FROM counted"  # noqa: S608 - words of ours
        for who in whose
        for span in (str(ALL_SPANS), "s")
    ]
    kept = "SELECT who, span, first, second, third, -many FROM tallies WHERE list = "
    every = " UNION ALL ".join([*figures, f"{kept}'{of.name}'"])
    return (
        f"WITH counted (s, w, a, b, c, n) AS (SELECT {of.same('r')}, count(*) "  # noqa: S608
        f"FROM {of.name} r GROUP BY 1, 2, 3, 4, 5), figures (w, s, a, b, c, n) AS ({every}) "
        "SELECT w, s, a, b, c, sum(n) FROM figures GROUP BY 1, 2, 3, 4, 5 "
        "HAVING sum(n) <> 0 ORDER BY 1, 2, 3, 4, 5"
    )
