"""A server process for tests that kill it: ``python sync_server.py DATABASE PORT``."""

from __future__ import annotations

import sys
from pathlib import Path

import uvicorn

sys.path.insert(0, str(Path(__file__).parents[2]))

from pos_app.api.app import create_app
from pos_app.api.settings import ApiSettings
from pos_app.clock import SystemClock
from pos_app.ids import SystemIds
from pos_app.services.shop import Shop
from pos_app.store.engine import open_store
from tests import shops


def main() -> None:
    database, port = sys.argv[1:]
    shop = Shop(
        store=open_store(database, create=False),
        clock=SystemClock(),
        ids=SystemIds(),
        rules=shops.shop_rules(role="server", till="S01", has_sap=True),
    )
    app = create_app(shop, ApiSettings(jwt_secret="a signing secret long enough " * 3))
    uvicorn.run(app, host="127.0.0.1", port=int(port), log_level="error", lifespan="off", ws="none")


if __name__ == "__main__":
    main()
