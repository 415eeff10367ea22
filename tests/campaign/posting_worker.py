"""A worker of the posting queue as a process of its own, to be killed; its argument is JSON."""

from __future__ import annotations

import json
import signal
import sys
import threading
from pathlib import Path
from typing import Any

from pos_app.clock import SystemClock
from pos_app.ids import SystemIds
from pos_app.services.posting import incident, work
from pos_app.services.shop import Shop
from pos_app.store.engine import open_store
from sync.sap.client import ServiceLayer
from sync.sap.http_client import HttpxHttp
from sync.sap.settings import SapSettings, Timeouts
from tests.campaign.posting_documents import rules

IDLE_SECONDS = 0.2


THREADS = 4
"""As many documents on their way at once as a session lets background work have."""


def main() -> None:
    """Post until killed, or told to end."""
    asked: dict[str, Any] = json.loads(sys.argv[1])
    shop, sap = open_shop(asked["database"], asked), connect(asked)
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    threads = [
        threading.Thread(target=_post, args=(shop, sap, f"{asked['owner']}.{number}", ended))
        for number in range(THREADS)
    ]
    for thread in threads:
        thread.start()
    while not ended.wait(IDLE_SECONDS * 25):
        incident.watch(shop)


def _post(shop: Shop, sap: ServiceLayer, owner: str, ended: threading.Event) -> None:
    while not ended.is_set():
        if not work.work(shop, sap, owner=owner, limit=20).done:
            ended.wait(IDLE_SECONDS)


def open_shop(database: str, asked: dict[str, Any]) -> Shop:
    """The server's books, by the computer's clock."""
    store = open_store(database if "://" in database else Path(database), create=False)
    made = rules(lease=asked["lease"], quiet=asked["quiet"])
    return Shop(store=store, clock=SystemClock(), ids=SystemIds(), rules=made)


def connect(asked: dict[str, Any]) -> ServiceLayer:
    """A session of its own, impatient, so that faults cost seconds and not minutes."""
    patience = asked["write"]
    timeouts = Timeouts(
        connect=5, login=20, read=patience, page=20, write=patience, read_total=20, page_total=40
    )
    settings = SapSettings(
        url=asked["url"],
        company_db=asked["company_db"],
        user=asked["user"],
        password=asked["password"],
        timeouts=timeouts,
        breaker_seconds=2,
    )
    return ServiceLayer(settings, HttpxHttp(settings), SystemClock())


if __name__ == "__main__":
    main()
