"""The API server: reads beside handing out the same bytes, invoices durably, and long lists.

Client and server share the two processors of the machine the limits were set on. A server that only
hands out bytes neither knows who asks, nor counts requests, nor looks anything up.
"""

from __future__ import annotations

from benchmarks import api_invoice, api_list
from benchmarks.api_process import get, serving
from benchmarks.api_read import Reads
from benchmarks.result import Result
from benchmarks.run import Run
from pos_app.store.engine import open_store

NAME = "api"


def run(bench: Run) -> list[Result]:
    """Measure and judge."""
    path = bench.small("api")
    with open_store(path, synchronous="OFF") as store:
        key, codes = api_invoice.ready(store)
    seconds = 1.0 if bench.is_quick else 4.0
    with serving("shop", str(path)) as port:
        reads = Reads(database=path, port=port, key=key, seconds=seconds, serve=serving, ask=get)
        results = [found for what in _pages(codes) for found in reads.of(what)]
    results += api_invoice.on_sqlite(path, key, codes, seconds)
    results.append(api_invoice.on_postgresql(bench.folder, seconds))
    return results + api_list.run(path, key, seconds, is_quick=bench.is_quick)


def _pages(codes: list[str]) -> tuple[str, ...]:
    return f"/api/Product/{codes[0]}", "/api/Stock/warehouse/SHOP1/paged?page=1&pageSize=20"
