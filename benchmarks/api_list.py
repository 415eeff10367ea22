"""A page of a list of the API server, short and long: the first one, a late one, one customer's."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from pathlib import Path

from sqlalchemy import Connection, text

from benchmarks.api_process import get, serving
from benchmarks.http_load import Maker, flood
from benchmarks.measure import percentile
from benchmarks.result import MS, Check, Result
from pos_app.store.engine import open_store

NAME = "api"
FEW, MANY, FEWER = 1_000, 1_000_000, 50_000
DAYS = 1_000
"""Over how many days the invoices lie: a long list is one of years."""
SIZE = 20
MOST = 1.5


def run(path: Path, key: str, seconds: float, *, is_quick: bool) -> list[Result]:
    """Measure the same pages at few rows and at many."""
    many = FEWER if is_quick else MANY
    few_ms, many_ms = (_taken(path, key, count, seconds) for count in (FEW, many))
    return [
        Result(
            name=NAME,
            what=f"{what} of {many:,} invoices beside one of {FEW:,}",
            value=many_ms[what] / few_ms[what],
            unit="x",
            check=Check(at_most=MOST),
            measured=many_ms[what] * MS,
            reference=few_ms[what] * MS,
        )
        for what in few_ms
    ]


def _pages(count: int) -> Mapping[str, str]:
    last = count // SIZE
    return {
        "first page": f"page=1&pageSize={SIZE}",
        "last page": f"page={last}&pageSize={SIZE}",
        "page in the middle": f"page={last // 2}&pageSize={SIZE}",
        "first page of one customer": f"cardCode=C0000&page=1&pageSize={SIZE}",
        "first page of what is open": f"status=Open&page=1&pageSize={SIZE}",
        "first page of one warehouse": f"warehouseCode=SHOP1&page=1&pageSize={SIZE}",
    }


def _taken(path: Path, key: str, count: int, seconds: float) -> dict[str, float]:
    """The median seconds of each page, nobody else asking; every one is really read."""
    with open_store(path, synchronous="OFF") as store:
        with store.write() as connection:
            _fill(connection, count)
        with store.write() as connection:
            connection.exec_driver_sql("ANALYZE")
    taken = {}
    with serving("shop", str(path)) as port:
        for what, asked in _pages(count).items():
            make = _asking(f"/api/Invoice?{asked}", key)
            flood([port], make, seconds=seconds / 4, connections=1)
            taken[what] = percentile(flood([port], make, seconds=seconds, connections=1), 50)
    return taken


def _asking(path: str, key: str) -> Maker:
    """Asks for a page under another name each time, so that no answer is given again."""
    numbers = itertools.count()
    return lambda: get(f"{path}&n={next(numbers)}", key)


def _fill(connection: Connection, count: int) -> None:
    """Multiply the newest invoice, its paper included, until there are so many of as many days."""
    have = connection.execute(text("SELECT count(*) FROM invoices")).scalar() or 0
    day = f"date('2020-01-01', '+' || (n * {DAYS} / {count}) || ' days')"
    new = {
        "id": "'copy-' || n",
        "receipt": "'COPY-' || n",
        "number": "n + 100000000",
        "entry": "n + 100000000",
        "doc_date": day,
        "business_date": day,
        "reference": "NULL",
        "van_order": "NULL",
    }
    for table in ("sales", "invoices"):
        names = [row[1] for row in connection.execute(text(f"PRAGMA table_info({table})"))]
        told = ", ".join(new.get(name, name) for name in names)
        connection.execute(
            text(
                f"INSERT INTO {table} ({', '.join(names)}) "
                "WITH RECURSIVE copies(n) AS "
                f"(SELECT {have} UNION ALL SELECT n + 1 FROM copies WHERE n < {count - 1}) "
                f"SELECT {told} FROM copies, (SELECT * FROM {table} WHERE id = "
                "(SELECT id FROM invoices ORDER BY entry LIMIT 1))"
            )
        )
