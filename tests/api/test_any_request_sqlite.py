"""Whatever is asked of the API on SQLite is answered as its description says."""

from __future__ import annotations

import pytest

from pos_app.store.engine import Store
from tests.api.any_request import operations, troubles
from tests.api.house import build

EXAMPLES = 2
SHARES = 4


@pytest.mark.parametrize("share", range(SHARES))
def test_any_request_has_one_of_the_documented_answers(sqlite_store: Store, share: int) -> None:
    house = build(sqlite_store)
    found = [
        trouble
        for operation in operations(house)[share::SHARES]
        for trouble in troubles(house, operation, examples=EXAMPLES)
    ]
    assert found == [], "\n".join(found)
