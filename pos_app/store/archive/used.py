"""What callers used after the backup: their references, and the answers kept for their keys.

It is read from the books that were kept aside, so that what is sent again is not made again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from pysqlite3 import dbapi2
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from pos_app.errors import PosError
from pos_app.store import forgotten, sold
from pos_app.store.archive.content import Row, Shape, columns_of, quoted
from pos_app.store.idempotency import idempotency

Ask = Callable[[str, Sequence[Any]], list[Row]]
"""Asks the old books: a query with ``{old}`` before each table and ``?`` for each value."""

_LATE = 1000
"""Transactions that were open while the backup was made gave ids before it and ended after it."""

_NEW = (
    "FROM {old}invoices i JOIN {old}sales s ON s.id = i.id {more} "
    "WHERE i.entry > ? AND s.origin = 'api' AND {name} IS NOT NULL"
)
_NAMED = "SELECT {name}, id, number FROM {old}{table} WHERE entry > ? AND {name} IS NOT NULL"


def _of_invoices(name: str, more: str = "") -> tuple[str, str]:
    query = _NEW.format(old="{old}", more=more, name=name)
    return "invoices", f"SELECT {name}, i.id, s.receipt {query}"


def _of(table: str, name: str = "reference", more: str = "") -> tuple[str, str]:
    return table, _NAMED.format(old="{old}", table=table, name=name) + more


_REFERENCES: Mapping[str, tuple[str, str]] = {
    "invoice": _of_invoices("i.van_order"),
    "desktop_sale": _of_invoices("s.reference"),
    "reservation": _of_invoices(
        "r.external_reference", "JOIN {old}reservations r ON r.document_id = i.id"
    ),
    "transfer": _of("transfers"),
    "transfer_request": _of("transfer_requests"),
    "movement": _of("movements"),
    "quotation": _of("trades", "client_request", " AND kind = 'quotation'"),
    "sales_order": _of("trades", "client_request", " AND kind = 'sales_order'"),
}
"""By kind: the table whose ids say what is new, and the references with their documents."""

_SOLD = (
    "SELECT id, reference, receipt, content_hash, currency, total FROM {old}sales "
    "WHERE reference IS NOT NULL AND number > ?"
)


def of_file(old: Any) -> Ask:
    """Ask a database file that is open."""
    return lambda query, values: old.execute(query.format(old=""), values).fetchall()


def of_schema(connection: Connection, schema: str) -> Ask:
    """Ask the tables in a schema."""

    def ask(query: str, values: Sequence[Any]) -> list[Row]:
        told = query.format(old=f"{quoted(schema)}.").replace("?", "%s")
        return [tuple(row) for row in connection.exec_driver_sql(told, tuple(values))]

    return ask


def take_over(connection: Connection, ask: Ask, shape: Shape, *, role: str, now: int) -> bool:
    """Keep what was used after the backup; False where the old books are of another make.

    Args:
        connection: a writing transaction on the restored books.
        ask: the old books.
        shape: of the table of kept answers.
        role: ``till`` or ``server``.
        now: in microseconds.
    """
    try:
        with connection.begin_nested():
            if role == "till":
                _take_sales(connection, ask)
            else:
                _take_references(connection, ask)
                _take_answers(connection, ask, shape, now)
    except (DBAPIError, dbapi2.Error, PosError):
        return False
    return True


def _take_references(connection: Connection, ask: Ask) -> None:
    for kind, (table, query) in _REFERENCES.items():
        newest = f"SELECT COALESCE(MAX(entry), 0) FROM {quoted(table)}"  # noqa: S608
        since = int(connection.exec_driver_sql(newest).scalar_one()) - _LATE
        known = {row[0] for row in _here(connection)(query, (since,))}
        forgotten.keep(
            connection,
            (
                {"kind": kind, "reference": name, "document_id": key, "number": number}
                for name, key, number in ask(query, (since,))
                if name not in known
            ),
        )


def _take_sales(connection: Connection, ask: Ask) -> None:
    newest = "SELECT COALESCE(MAX(number), 0) FROM sales"
    last = int(connection.exec_driver_sql(newest).scalar_one())
    rows: Iterable[Row] = ask(_SOLD, (last,))
    sold.keep(connection, {row[0]: dict(zip(sold.TOLD, row[1:], strict=True)) for row in rows})


def _take_answers(connection: Connection, ask: Ask, shape: Shape, now: int) -> None:
    """Keys that were used go on giving the first answer; one at work is taken up as the same."""
    columns = columns_of(shape)
    query = f"SELECT {columns} FROM {{old}}{idempotency.name} WHERE expires_at > ?"  # noqa: S608
    rows = [tuple(row) for row in ask(query, (now,))]
    marks = ", ".join(["%s" if _is_postgres(connection) else "?"] * len(shape.columns))
    into = f"INSERT INTO {idempotency.name} ({columns}) VALUES ({marks}) ON CONFLICT DO NOTHING"  # noqa: S608
    if rows:
        connection.exec_driver_sql(into, rows)


def _here(connection: Connection) -> Ask:
    mark = "%s" if _is_postgres(connection) else "?"

    def ask(query: str, values: Sequence[Any]) -> list[Row]:
        told = query.format(old="").replace("?", mark)
        return [tuple(row) for row in connection.exec_driver_sql(told, tuple(values))]

    return ask


def _is_postgres(connection: Connection) -> bool:
    return connection.dialect.name == "postgresql"
