"""``python -m tests.conformance``: tell every story, write docs/conformance.md and the examples."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import structlog

from pos_app.store.engine import open_store
from pos_app.store.migrate import upgrade
from tests.conformance import example
from tests.conformance.odd_runner import OddRunner
from tests.conformance.runner import Runner, Told
from tests.conformance.story import names, server, shown, steps
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
            runner = OddRunner(server(name, store), Path(folder))
            told |= runner.tell(steps(name))
            store.close()
        _keep(name, runner)
    wrong = [sentence for one in told.values() for sentence in one.wrong]
    print("\n".join(wrong) or f"{len(told)} routes, nothing wrong")
    if not wrong and not sys.argv[1:]:
        PAGE.write_text(page(told))
    return BROKEN if wrong else 0


def _keep(name: str, runner: Runner) -> None:
    """Write the examples of a story whose every step went as it should."""
    kept = {route: one for route, one in runner.examples.items() if route in shown(name)}
    if kept and not any(one.wrong for one in runner.told.values()):
        (example.FOLDER / f"{name}.json").write_text(example.text(kept))


if __name__ == "__main__":
    sys.exit(main())
