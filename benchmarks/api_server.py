"""A server to be measured, as a process: the shop's own, or one that only hands out some bytes.

``python -m benchmarks.api_server shop DATABASE LOGS`` and ``… bytes FILE LOGS`` print their port
and end with their standard input.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from dataclasses import replace
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from benchmarks import shop as shops
from pos_app import log
from pos_app.api import server
from pos_app.api.server import HttpServer
from pos_app.api.settings import ApiSettings
from pos_app.domain.rate_limit import Rule, Rules
from pos_app.store.engine import Store, open_store

SECRET = "the signing secret of a server that only lives to be measured, and no longer"
ROOMY = Rule(10**9, 60)


def main() -> None:
    """Serve until told to end."""
    kind, told, logs = sys.argv[1:4]
    threading.Thread(target=_end_with_whoever_started_it, daemon=True).start()
    if kind == "bytes":
        _bytes(Path(told).read_bytes())
        return
    log.to_file(Path(logs) / f"server-{os.getpid()}.log")  # a line for each invoice, as in a shop
    store = open_store(told if "://" in told else Path(told))
    _check_durable(store)
    made = shops.at_work(store)
    # Nobody is waited for: an invoice is answered once it is durable here.
    shop = replace(made, rules=replace(made.rules, has_sap=False))
    settings = ApiSettings(jwt_secret=SECRET, limits=Rules(ROOMY, ROOMY, ROOMY))
    server.run(shop, settings, "127.0.0.1", 0, _tell)
    store.close()


def _check_durable(store: Store) -> None:
    """Refuse to measure what a power cut would take back."""
    asked = "PRAGMA synchronous" if store.dialect == "sqlite" else "SHOW synchronous_commit"
    with store.write() as connection:
        found = connection.exec_driver_sql(asked).scalar_one()
    if found not in (2, "on"):
        raise SystemExit(f"{asked} says {found}: an answer would not be durable")


def _end_with_whoever_started_it() -> None:
    sys.stdin.read()
    os._exit(0)


def _bytes(body: bytes) -> None:
    async def page(_request: Request) -> Response:
        return Response(body, media_type="application/json")

    app = Starlette(routes=[Route("/{path:path}", page)])
    serving = HttpServer(app, host="127.0.0.1", port=0)
    serving.start()
    _tell(serving.port)
    signal.pause()


def _tell(port: int) -> None:
    print(port, flush=True)


if __name__ == "__main__":
    main()
