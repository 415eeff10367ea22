"""Posting a sale of five lines durably, beside the same rows written through the bare driver.

The sale is posted by the real service into one file. Then the very rows it made are read back and
written into a second file, in one transaction with prepared SQL and nothing else: the same schema,
settings, rows and commit. Both take turns, so that whatever else the machine does falls on both.
"""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pysqlite3 import dbapi2

from benchmarks import shop as shops
from benchmarks.measure import Stopwatch
from benchmarks.result import Check, Result, ratio
from benchmarks.run import SMALL, Run
from pos_app.services import sale
from pos_app.services.shop import Shop
from pos_app.store import fiscal as journal
from pos_app.store.engine import open_store

NAME = "posting"
MOST = 4.0
GOAL = 2.0
LINES = 5
WARM_UP = 20
PAUSE = 0.005

PRAGMAS = ("busy_timeout = 5000", "synchronous = FULL", "foreign_keys = ON", "journal_mode = WAL")

CHILDREN = {
    "sale_lines": "sale_id",
    "sale_tenders": "sale_id",
    "sale_change": "sale_id",
    "stock_moves": "document_id",
    "shift_movements": "document_id",
    "fiscal_journal": "sale_id",
    "outbox": "key",
}
"""Tables with rows of one sale, and the column that names it."""

TAKE_STOCK = (
    "UPDATE stock SET on_hand = on_hand + ?, changed_at = ? "
    "WHERE item = ? AND warehouse = ? AND on_hand + ? >= 0"
)
TAKE_BATCH = (
    "UPDATE batches SET on_hand = on_hand + ?, changed_at = ? "
    "WHERE item = ? AND warehouse = ? AND batch = ? AND on_hand + ? >= 0"
)
NOTE_SOLD = (
    "INSERT INTO item_recent (warehouse, item, last_sold_at, sold_count) VALUES (?, ?, ?, 1) "
    "ON CONFLICT (warehouse, item) DO UPDATE SET last_sold_at = excluded.last_sold_at, "
    "sold_count = sold_count + 1"
)
COUNT = (
    "INSERT INTO series (name, last) VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET last = last + 1"
)


@dataclass(frozen=True, slots=True)
class Written:
    """Rows of one sale, by table: what the bare driver is to write."""

    inserts: list[tuple[str, list[tuple[Any, ...]]]]
    stock: list[tuple[Any, ...]]
    batches: list[tuple[Any, ...]]
    sold: list[tuple[Any, ...]]
    series: list[tuple[str]]


def run(bench: Run) -> list[Result]:
    """Measure and judge."""
    count = 60 if bench.is_quick else 500
    ours, bare = _compare(bench.small("posted"), bench.small("bare"), count)
    return [
        ratio(
            NAME,
            "posting a 5-line sale durably",
            measured=ours.median,
            reference=bare.median,
            check=Check(at_most=MOST, goal=GOAL),
            about={"sales": count, "p99_ms": round(ours.p99 * 1e3, 3)},
        )
    ]


def _compare(path: Path, twin: Path, count: int) -> tuple[Stopwatch, Stopwatch]:
    """Let both take turns: whoever syncs a disk first often pays for what others left unsynced."""
    ours, bare = Stopwatch(), Stopwatch()
    with open_store(path) as store:
        shop = shops.at_work(store)
        reading, writing = _bare(path), _bare(twin)
        rng = random.Random(shops.SEED)
        rows = _rows_of(reading, _post(shop, rng, ours))
        for number in range(WARM_UP + count):
            if number == WARM_UP:
                ours, bare = Stopwatch(), Stopwatch()
            if number % 2:
                _write(writing, rows, bare)
            sale_id = _post(shop, rng, ours)
            if not number % 2:
                _write(writing, rows, bare)
            rows = _rows_of(reading, sale_id)
            _file(shop, sale_id)
        reading.close()
        writing.close()
    return ours, bare


def _post(shop: Shop, rng: random.Random, watch: Stopwatch) -> str:
    made = shops.fill_basket(shop, lines=LINES, items=SMALL, rng=rng)
    tenders = shops.tenders_for(shop, made)
    time.sleep(PAUSE)
    with watch.running():
        posted = sale.post(shop, shops.actor(), made, tenders)
    return posted.sale_id


def _file(shop: Shop, sale_id: str) -> None:
    """Leave nothing waiting for the fiscal device, as on a till whose device answers."""
    with shop.store.write() as connection:
        journal.move(connection, sale_id, was="intent", state="fiscalised", values={})


def _bare(path: Path) -> Any:
    connection = dbapi2.connect(str(path), isolation_level=None, cached_statements=512)
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")
    return connection


def _rows_of(connection: Any, sale_id: str) -> Written:
    """Every row a sale made, as the database holds it."""
    header = _selected(connection, "sales", "id = ?", sale_id)
    inserts = [("sales", header)] + [
        (name, _selected(connection, name, f"{column} = ?", sale_id))
        for name, column in CHILDREN.items()
    ]
    inserts.append(("audit", _selected(connection, "audit", "seq = (SELECT max(seq) FROM audit)")))
    moves = connection.execute(
        "SELECT item, warehouse, batch, quantity, at FROM stock_moves WHERE document_id = ?",
        (sale_id,),
    ).fetchall()
    return Written(
        inserts=[(_insert(connection, name), rows) for name, rows in inserts if rows],
        stock=[(by, at, item, place, by) for item, place, _, by, at in moves],
        batches=[(by, at, item, place, lot, by) for item, place, lot, by, at in moves if lot],
        sold=[(place, item, at) for item, place, _, _, at in moves],
        series=[("receipt:T01",), ("audit",)],
    )


def _selected(connection: Any, table: str, where: str, *told: str) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = connection.execute(
        f"SELECT * FROM {table} WHERE {where}", told
    ).fetchall()
    return rows


def _insert(connection: Any, table: str) -> str:
    width = len(connection.execute(f"PRAGMA table_info({table})").fetchall())
    return f"INSERT INTO {table} VALUES ({', '.join('?' * width)})"


def _write(connection: Any, rows: Written, watch: Stopwatch) -> None:
    time.sleep(PAUSE)
    with watch.running():
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(COUNT, rows.series)
        for text, values in rows.inserts:
            connection.executemany(text, values)
        connection.executemany(TAKE_STOCK, rows.stock)
        connection.executemany(TAKE_BATCH, rows.batches)
        connection.executemany(NOTE_SOLD, rows.sold)
        connection.execute("COMMIT")
