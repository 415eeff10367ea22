"""``scripts/campaign requests``: many requests nobody thought of, to every route of the API.

With ``--odd`` every kind of odd text stands in every place of every route instead.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

import structlog

from pos_app.store.engine import open_store
from pos_app.store.migrate import upgrade
from tests.api.any_request import operations, troubles
from tests.api.house import build
from tests.campaign import odd
from tests.conftest import roomy_folder

BROKEN = 6


def main() -> int:
    """Ask, and tell every answer the description does not allow."""
    parser = argparse.ArgumentParser(prog="scripts/campaign requests", description=__doc__)
    parser.add_argument("--examples", type=int, default=100, help="requests to each route")
    parser.add_argument("--database-url", help="an empty PostgreSQL; SQLite else")
    parser.add_argument("--odd", action="store_true", help="odd texts in every place instead")
    asked = parser.parse_args()
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
    if asked.odd:
        return odd.main()
    with tempfile.TemporaryDirectory(prefix="pos-requests-", dir=roomy_folder()) as folder:
        store = open_store(asked.database_url or Path(folder) / "server.db")
        upgrade(store)
        house = build(store)
        found: dict[str, list[str]] = {}
        for operation in operations(house):
            name = f"{operation.method.upper()} {operation.path}"
            told = list(troubles(house, operation, examples=asked.examples))
            print(f"{name}: {len(told) or 'nothing'} found", file=sys.stderr, flush=True)
            found |= {name: told} if told else {}
        store.close()
    print(json.dumps({"routes": len(operations(house)), "found": found}, indent=2))
    return BROKEN if found else 0


if __name__ == "__main__":
    sys.exit(main())
