"""Every route of the contract does what the contract says, on both databases."""

from __future__ import annotations

from pathlib import Path

import pytest

from pos_app.store.engine import Store
from tests.cheap import cheap
from tests.conformance.catalogue import catalogue
from tests.conformance.example import without_ids, written
from tests.conformance.odd_runner import OddRunner
from tests.conformance.runner import Runner, Told, catalogued
from tests.conformance.story import REFUSED, names, routes, server, shown, steps
from tests.conformance.table import page

__all__ = ["cheap"]

PAGE = Path(__file__).parents[2] / "docs" / "conformance.md"
TOLD: dict[str, Told] = {}


@pytest.mark.usefixtures("cheap")
@pytest.mark.parametrize("name", names())
def test_a_story_goes_as_the_contract_says(store: Store, tmp_path: Path, name: str) -> None:
    is_sqlite = store.dialect == "sqlite"
    runner = (OddRunner if is_sqlite else Runner)(server(name, store), tmp_path)
    told = runner.tell(steps(name))
    assert [sentence for one in told.values() for sentence in one.wrong] == []
    if not is_sqlite:
        return  # numbers with gaps, names of files: the examples are those of the other database
    TOLD.update(told)
    heard = {route: one for route, one in runner.examples.items() if route in shown(name)}
    heard_as, shown_as = without_ids(heard), without_ids(written(name))
    assert heard_as == shown_as, f"once looked at: `python -m tests.conformance {name}`"


def test_every_route_is_in_a_story() -> None:
    asked = {catalogued(route) for name in names() for route in routes(name)}
    assert asked == set(catalogue()) - set(REFUSED)


def test_the_page_shows_what_was_seen() -> None:
    if set(TOLD) != {route for name in names() for route in routes(name)}:
        pytest.skip("not every story was told in this run")
    assert PAGE.read_text() == page(TOLD)
