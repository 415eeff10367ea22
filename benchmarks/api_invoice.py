"""Invoices posted to the API server, durably: how many a second, and how long one takes at half."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import text

from benchmarks import shop as shops
from benchmarks.api_process import post, serving
from benchmarks.http_load import Maker, flood, pace
from benchmarks.measure import percentile
from benchmarks.postgres import postgres
from benchmarks.result import MS, Check, Result
from benchmarks.run import SMALL
from pos_app.services import api_key
from pos_app.store import warehouse
from pos_app.store.engine import Store, open_store
from pos_app.store.warehouse import Warehouse

NAME = "api"
LINES, CONNECTIONS, PACED = 10, 8, 32
MOST_MS, MOST_KEYED_MS, MOST_P99_MS = 10.0, 12.0, 100.0
MOST_SHARE, GOAL_SHARE = 1.0, 0.8
"""What two processes may take of the time one takes; on two processors with all else on them."""
ROUNDS = 3
PLENTY = 10**12


def ready(store: Store) -> tuple[str, list[str]]:
    """A key of the cashier, and the codes of goods there are plenty of."""
    shop = shops.at_work(store)
    with store.write() as connection:
        warehouse.put(connection, [Warehouse("SHOP1", "Shop")])
        set_to = f"base = base + {PLENTY}, on_hand = on_hand + {PLENTY}"
        connection.execute(text(f"UPDATE stock SET {set_to}"))
        query = "SELECT code FROM items WHERE is_batch_managed = 0 AND decimals = 0 ORDER BY code"
        codes = list(connection.execute(text(query)).scalars())
    return api_key.issue(shop, shops.actor(), shops.USERNAME, "bench").key, codes[:SMALL]


def on_sqlite(path: Path, key: str, codes: Sequence[str], seconds: float) -> list[Result]:
    """One process on a file: without idempotency keys, and with them."""
    results = []
    with serving("shop", str(path)) as port:
        for has_key in (False, True):
            make = _maker(key, codes, has_key=has_key)
            rate = _rate([port], make, seconds)
            half = pace(port, make, count=int(rate * seconds), rate=rate / 2, connections=PACED)
            keyed = ", each under a key of its own" if has_key else ""
            results += [
                Result(
                    name=NAME,
                    what=f"invoice of {LINES} lines, durable, {CONNECTIONS} at once{keyed}",
                    value=MS / rate,
                    unit="ms",
                    check=Check(at_most=MOST_KEYED_MS if has_key else MOST_MS),
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
    return results


def on_postgresql(folder: Path, seconds: float) -> Result:
    """Two processes on one PostgreSQL beside one process; every commit is on the disk."""
    with postgres(folder) as address:
        shops.make(address, items=SMALL)
        with open_store(address) as store:
            key, codes = ready(store)
        make = _maker(key, codes, has_key=False)
        with serving("shop", address) as first, serving("shop", address) as second:
            # In turns, so that what else the machine does meets both alike.
            one, two = [], []
            for _ in range(ROUNDS):
                one.append(_rate([first], make, seconds))
                two.append(_rate([first, second], make, seconds))
    return Result(
        name=NAME,
        what=f"invoices of {LINES} lines on PostgreSQL: two processes beside one",
        value=max(one) / max(two),
        unit="x",
        check=Check(at_most=MOST_SHARE, goal=GOAL_SHARE),
        measured=MS / max(two),
        reference=MS / max(one),
        about={"one_per_second": round(max(one)), "two_per_second": round(max(two))},
    )


def _rate(ports: Sequence[int], make: Maker, seconds: float) -> float:
    """Invoices a second when everybody asks again at once; the servers are warm by then."""
    flood(ports, make, seconds=1, connections=CONNECTIONS)
    return len(flood(ports, make, seconds=seconds, connections=CONNECTIONS)) / seconds


def _maker(key: str, codes: Sequence[str], *, has_key: bool) -> Maker:
    rng, numbers = random.Random(shops.SEED), itertools.count()

    def make() -> bytes:
        once = f"bench-{next(numbers)}" if has_key else ""
        return post("/api/Invoice", key, _invoice(rng.sample(codes, LINES)), once=once)

    return make


def _invoice(codes: Sequence[str]) -> bytes:
    lines = [{"itemCode": code, "quantity": 1, "warehouseCode": "SHOP1"} for code in codes]
    return json.dumps({"cardCode": "C0000", "docCurrency": "USD", "lines": lines}).encode()
