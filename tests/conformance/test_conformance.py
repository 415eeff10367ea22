"""Every route of the contract does what the contract says, on both databases."""

from __future__ import annotations

from pathlib import Path

import pytest

from pos_app.store.engine import Store
from tests.cheap import cheap
from tests.conformance.runner import Runner
from tests.conformance.story import names, server, steps

__all__ = ["cheap"]


@pytest.mark.usefixtures("cheap")
@pytest.mark.parametrize("name", names())
def test_a_story_goes_as_the_contract_says(store: Store, tmp_path: Path, name: str) -> None:
    told = Runner(server(name, store), tmp_path).tell(steps(name))
    assert [sentence for one in told.values() for sentence in one.wrong] == []
