"""Taking documents to SAP: what the worker adds to SAP's own answers, and whether it grows.

A worker posts sales of five lines, each an invoice and its payments, to a simulator in a process of
its own. What passes between sending a request and having its answer is SAP's and the network's; the
rest is the worker's: claims, plans, look-ups judged, steps written down durably. Work is judged, as
on a machine with nothing else to do; what passed here, waits for the disk included, is told beside.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace

from benchmarks import shop as shops
from benchmarks.pull import memory_mb, sandbox
from benchmarks.result import MS, Check, Result
from benchmarks.run import SMALL, Run
from pos_app.sample.shop import company
from pos_app.services import sale
from pos_app.services.posting import view, work
from pos_app.services.posting.queueing import enqueue_sale
from pos_app.services.shop import Shop
from pos_app.store.engine import open_store
from sync.sap import decimal_json
from sync.sap.client import ServiceLayer
from sync.sap.http_client import HttpxHttp
from sync.sap.port import Response

NAME = "worker"
MOST_MS = 15.0
MOST_GROWTH_MB = 8.0
LINES = 5
DOCUMENTS = 3
"""Of one sale: its invoice, the cash in US dollars, the wallet in ZIG."""

WARM_UP = 20


class WorkFailed(RuntimeError):
    """Not everything was posted; the sentence says why."""


@dataclass
class Timed:
    """The network, with a watch on what its answers take, and on what asking for them costs."""

    http: HttpxHttp
    seconds: float = 0.0
    work: float = 0.0

    def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: bytes | None,
        timeout: float,
    ) -> Response:
        """Send one request; see `sync.sap.port.Http`."""
        began, worked = time.perf_counter(), time.thread_time()
        try:
            return self.http.send(method, url, headers=headers, body=body, timeout=timeout)
        finally:
            self.seconds += time.perf_counter() - began
            self.work += time.thread_time() - worked


def run(bench: Run) -> list[Result]:
    """Measure and judge."""
    count = 60 if bench.is_quick else 600
    file = bench.folder / "sap-worker.json"
    with open_store(bench.small("worker")) as store:
        made = shops.at_work(store)
        shop = replace(made, rules=replace(made.rules, has_sap=True))
        data = company(items=SMALL, seed=shops.SEED, today=shop.today)
        file.write_text(decimal_json.dumps(data), encoding="utf-8")
        with sandbox(bench.folder / "sap-worker", file) as (sl, _process):
            http = Timed(HttpxHttp(sl.settings))
            sap = ServiceLayer(sl.settings, http, shop.clock)
            rng = random.Random(shops.SEED)
            _post(shop, sap, rng, WARM_UP)
            before, http.seconds, http.work = memory_mb(os.getpid()), 0.0, 0.0
            elapsed, worked = _post(shop, sap, rng, count)
            grown = memory_mb(os.getpid()) - before
    documents = count * DOCUMENTS
    return [
        Result(
            name=NAME,
            what="work of the worker per SAP document, beside SAP's answers",
            value=(worked - http.work) / documents * MS,
            unit="ms",
            check=Check(at_most=MOST_MS),
            about={
                "documents": documents,
                "elapsed_ms": round((elapsed - http.seconds) / documents * MS, 1),
                "sap_ms": round(http.seconds / documents * MS, 1),
            },
        ),
        Result(
            name=NAME,
            what=f"memory the worker grew by in {count} sales",
            value=max(grown, 0.0),
            unit="MB",
            check=Check(at_most=MOST_GROWTH_MB),
        ),
    ]


def _post(shop: Shop, sap: ServiceLayer, rng: random.Random, count: int) -> tuple[float, float]:
    """Make so many sales, then take them to SAP: seconds that passed, and seconds of work."""
    for _ in range(count):
        basket = shops.fill_basket(shop, lines=LINES, items=SMALL, rng=rng)
        posted = sale.post(shop, shops.actor(), basket, shops.tenders_for(shop, basket))
        with shop.store.write() as connection:
            enqueue_sale(
                shop, connection, sale_id=posted.sale_id, source="T01", reference=posted.receipt
            )
    began, before = time.perf_counter(), time.thread_time()
    worked = work.work(shop, sap, owner="bench", limit=count)
    took, cost = time.perf_counter() - began, time.thread_time() - before
    if worked.done != count:
        _total, rows = view.page(shop, limit=count + WARM_UP)
        why = next((row.reason for row in rows if row.reason), worked.problem)
        raise WorkFailed(f"{worked.done} of {count} sales were posted: {why}")
    return took, cost
