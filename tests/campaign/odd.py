"""Every kind of odd text in every place of every route, while its story is told."""

from __future__ import annotations

import json
import sys
import tempfile
from collections import Counter
from pathlib import Path

from pos_app.store.engine import open_store
from pos_app.store.migrate import upgrade
from tests.conformance.odd_runner import OddRunner
from tests.conformance.odd_text import ODD
from tests.conformance.story import names, server, steps
from tests.conftest import roomy_folder

BROKEN = 6


def main() -> int:
    """Ask, look at the books after whatever is accepted, and tell what became of each kind."""
    tally: Counter[tuple[str, str, str]] = Counter()
    wrong: list[str] = []
    asked = 0
    for name in names():
        with tempfile.TemporaryDirectory(prefix="pos-odd-", dir=roomy_folder()) as folder:
            store = open_store(Path(folder) / "server.db", synchronous="OFF")
            upgrade(store)
            runner = OddRunner(server(name, store), Path(folder), every_kind=True)
            told = runner.tell(steps(name))
            store.close()
        wrong += [sentence for one in told.values() for sentence in one.wrong]
        asked += runner.asked
        tally += runner.tally
        print(f"{name}: {runner.asked} requests", file=sys.stderr, flush=True)
    kinds = {kind: _outcomes(kind, tally) for kind in ODD}
    print(json.dumps({"requests": asked, "texts": kinds, "wrong": wrong}, indent=2))
    return BROKEN if wrong else 0


def _outcomes(kind: str, tally: Counter[tuple[str, str, str]]) -> dict[str, int]:
    found: Counter[str] = Counter()
    for (one, _, outcome), count in tally.items():
        found[outcome] += count if one == kind else 0
    return {outcome: found[outcome] for outcome in ("given back", "accepted", "refused")}
