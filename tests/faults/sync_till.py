"""A till's synchronisation for tests that kill it: ``python sync_till.py DATABASE URL KEY``."""

from __future__ import annotations

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from pos_app.clock import SystemClock
from pos_app.ids import SystemIds
from pos_app.services import sync
from pos_app.services.shop import Shop
from pos_app.store.engine import open_store
from sync.http import HttpRemote
from tests import shops


def main() -> None:
    database, url, key = sys.argv[1:]
    shop = Shop(
        store=open_store(database, create=False),
        clock=SystemClock(),
        ids=SystemIds(),
        rules=shops.shop_rules(till="T01"),
    )
    with HttpRemote(url, key) as remote:
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        while sync.work(shop, remote, is_forced=True).waiting:
            time.sleep(0.01)


if __name__ == "__main__":
    main()
