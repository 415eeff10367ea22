"""The API server: reads beside handing out the same bytes, invoices durably, and long lists.

Client and server share the two processors of the machine the limits were set on. A server that only
hands out bytes neither knows who asks, nor counts requests, nor looks anything up.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import text

from benchmarks import shop as shops
from benchmarks.api_read import Reads
from benchmarks.http_load import flood, pace
from benchmarks.measure import percentile
from benchmarks.result import MS, Check, Result
from benchmarks.run import SMALL, Run
from pos_app.services import api_key
from pos_app.store import warehouse
from pos_app.store.engine import Store, open_store
from pos_app.store.warehouse import Warehouse

NAME = "api"
MOST_INVOICE_MS = 10.0
MOST_P99_MS = 100.0
MOST_LONG = 1.5
LINES, CONNECTIONS = 10, 8
FEW, MANY, FEWER = 1_000, 1_000_000, 50_000
PLENTY = 10**12
ENDING_SECONDS = 10


def run(bench: Run) -> list[Result]:
    """Measure and judge."""
    path = bench.small("api")
    with open_store(path, synchronous="OFF") as store:
        key, codes = _ready(store)
    seconds = 1.0 if bench.is_quick else 4.0
    with _server("shop", str(path)) as port:
        reads = Reads(database=path, port=port, key=key, seconds=seconds, serve=_server, ask=_get)
        results = [found for what in _pages(codes) for found in reads.of(what)]
        results += _invoices(port, key, codes, seconds)
    return [*results, _lists(bench, path, key, seconds)]


def _pages(codes: list[str]) -> tuple[str, ...]:
    return f"/api/Product/{codes[0]}", "/api/Stock/warehouse/SHOP1/paged?page=1&pageSize=20"


def _invoices(port: int, key: str, codes: list[str], seconds: float) -> list[Result]:
    rng = random.Random(shops.SEED)

    def make() -> bytes:
        return _post("/api/Invoice", key, _invoice(rng.sample(codes, LINES)))

    flood(port, make, seconds=1, connections=CONNECTIONS)
    rate = len(flood(port, make, seconds=seconds, connections=CONNECTIONS)) / seconds
    half = pace(port, make, count=int(rate * seconds / 2), rate=rate / 2, connections=32)
    return [
        Result(
            name=NAME,
            what=f"invoice of {LINES} lines, durable, {CONNECTIONS} at once",
            value=MS / rate,
            unit="ms",
            check=Check(at_most=MOST_INVOICE_MS),
            about={"per_second": round(rate)},
        ),
        Result(
            name=NAME,
            what="the same at half that load, p99",
            value=percentile(half, 99) * MS,
            unit="ms",
            check=Check(at_most=MOST_P99_MS),
        ),
    ]


def _lists(bench: Run, path: Path, key: str, seconds: float) -> Result:
    many = FEWER if bench.is_quick else MANY
    asked = _get("/api/Invoice?page=1&pageSize=20", key)
    taken = []
    for count in (FEW, many):
        with open_store(path, synchronous="OFF") as store:
            _fill(store, count)
        with _server("shop", str(path)) as port:
            flood(port, lambda: asked, seconds=1, connections=1)
            once = flood(port, lambda: asked, seconds=seconds, connections=1)
            taken.append(percentile(once, 50))
    return Result(
        name=NAME,
        what=f"a page of {many:,} invoices beside one of {FEW:,}",
        value=taken[1] / taken[0],
        unit="x",
        check=Check(at_most=MOST_LONG),
        about={"few_ms": round(taken[0] * MS, 2), "many_ms": round(taken[1] * MS, 2)},
    )


def _ready(store: Store) -> tuple[str, list[str]]:
    """A key of the cashier, and the codes of goods there are plenty of."""
    shop = shops.at_work(store)
    with store.write() as connection:
        warehouse.put(connection, [Warehouse("SHOP1", "Shop")])
        set_to = f"base = base + {PLENTY}, on_hand = on_hand + {PLENTY}"
        connection.execute(text(f"UPDATE stock SET {set_to}"))
        query = "SELECT code FROM items WHERE is_batch_managed = 0 AND decimals = 0 ORDER BY code"
        codes = list(connection.execute(text(query)).scalars())
    return api_key.issue(shop, shops.actor(), shops.USERNAME, "bench").key, codes[:SMALL]


def _fill(store: Store, count: int) -> None:
    """Multiply the newest invoice, its paper included, until there are so many."""
    with store.write() as connection:
        have = connection.execute(text("SELECT count(*) FROM invoices")).scalar() or 0
        for table, key in (("sales", "id"), ("invoices", "id")):
            names = [row[1] for row in connection.execute(text(f"PRAGMA table_info({table})"))]
            new = {
                key: "'copy-' || n",
                "receipt": "'COPY-' || n",
                "number": "n + 100000000",
                "entry": "n + 100000000",
                "reference": "NULL",
                "van_order": "NULL",
            }
            told = ", ".join(new.get(name, name) for name in names)
            connection.execute(
                text(
                    f"INSERT INTO {table} ({', '.join(names)}) "
                    "WITH RECURSIVE copies(n) AS "
                    f"(SELECT {have} UNION ALL SELECT n + 1 FROM copies WHERE n < {count - 1}) "
                    f"SELECT {told} FROM copies, (SELECT * FROM {table} WHERE {key} = "
                    "(SELECT id FROM invoices ORDER BY entry LIMIT 1))"
                )
            )
        connection.exec_driver_sql("ANALYZE")


def _invoice(codes: list[str]) -> bytes:
    lines = [{"itemCode": code, "quantity": 1, "warehouseCode": "SHOP1"} for code in codes]
    told = {"cardCode": "C0000", "docCurrency": "USD", "fiscalize": False, "lines": lines}
    return json.dumps(told).encode()


def _get(path: str, key: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: bench\r\nX-API-Key: {key}\r\n\r\n".encode()


def _post(path: str, key: str, body: bytes) -> bytes:
    head = (
        f"POST {path} HTTP/1.1\r\nHost: bench\r\nX-API-Key: {key}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


@contextmanager
def _server(kind: str, told: str) -> Iterator[int]:
    """A server in a process of its own; its port."""
    command = [sys.executable, "-m", "benchmarks.api_server", kind, told]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        yield int(child.stdout.readline() if child.stdout else "")
    finally:
        child.kill()  # it holds nothing anybody wants to see again
        child.wait(ENDING_SECONDS)
