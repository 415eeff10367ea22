"""``python -m tests.conformance``: tell every story and write docs/conformance.md."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import structlog

from pos_app.store.engine import open_store
from pos_app.store.migrate import upgrade
from tests.conformance.runner import Runner, Told
from tests.conformance.story import names, server, steps
from tests.conformance.table import page
from tests.conftest import roomy_folder

PAGE = Path(__file__).parents[2] / "docs" / "conformance.md"
BROKEN = 6


def main() -> int:
    """Tell them, tell what is wrong, write the page where nothing is."""
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
    wanted = sys.argv[1:] or names()
    told: dict[str, Told] = {}
    for name in wanted:
        with tempfile.TemporaryDirectory(prefix="pos-story-", dir=roomy_folder()) as folder:
            store = open_store(Path(folder) / "server.db")
            upgrade(store)
            told |= Runner(server(name, store), Path(folder)).tell(steps(name))
            store.close()
    wrong = [sentence for one in told.values() for sentence in one.wrong]
    print("\n".join(wrong) or f"{len(told)} routes, nothing wrong")
    if not wrong and not sys.argv[1:]:
        PAGE.write_text(page(told))
    return BROKEN if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
