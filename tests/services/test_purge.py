"""What is over is forgotten in small steps, and by no request of somebody who waits."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, insert, select

from pos_app.services import idempotency, purge
from pos_app.services.idempotency import Asked, Claim
from pos_app.services.shop import Shop
from pos_app.store import session as sessions
from pos_app.store.engine import Store
from pos_app.store.idempotency import idempotency as answers
from pos_app.store.purge import MOST
from tests.shops import open_shop

ASKED = Asked("user:rudo", "POST", "/api/Invoice", "K-0", "hash")


@pytest.fixture
def shop(store: Store) -> Shop:
    return open_shop(store)


def count(shop: Shop, rows: Any) -> int:
    with shop.store.read() as connection:
        return int(connection.execute(select(func.count()).select_from(rows)).scalar_one())


def keep(shop: Shop, number: int) -> None:
    """Answers of an hour in which so many requests came."""
    now = shop.clock.now()
    one = {
        "principal": "user:rudo", "method": "POST", "path": "/api/Invoice", "request_hash": "hash",
        "document_id": "D", "claim": "C", "lease_until": now, "status": 201, "headers": {},
        "body": b"{}", "created_at": now, "expires_at": now + idempotency.LIFE,
    }  # fmt: skip
    with shop.store.write() as connection:
        connection.execute(insert(answers), [one | {"key": f"K-{row}"} for row in range(number)])


def test_no_request_pays_for_the_hour_before(shop: Shop) -> None:
    keep(shop, 3)
    shop.clock.sleep(3600)  # type: ignore[attr-defined]
    assert isinstance(idempotency.claim(shop, ASKED), Claim), "its own old answer is over"
    assert count(shop, answers) == 3, "the others are left to the background"


def test_what_is_over_goes_in_steps_and_what_is_not_stays(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(purge, "ROUNDS", 2)
    keep(shop, 2 * MOST + 1)
    assert purge.purge(shop) == 0
    shop.clock.sleep(3600)  # type: ignore[attr-defined]
    idempotency.claim(shop, Asked("user:rudo", "POST", "/api/Invoice", "fresh", "hash"))
    assert purge.purge(shop) == 2 * MOST, "one look does not take for ever"
    assert purge.purge(shop) == 1
    assert count(shop, answers) == 1


def test_sessions_that_are_over_go_with_their_tokens(shop: Shop) -> None:
    now = shop.clock.now()
    with shop.store.write() as connection:
        for name, ends in (("old", now), ("open", now + timedelta(days=1))):
            row = {"id": name, "user_id": "U", "step": 0, "created_at": now, "used_at": now}
            sessions.begin(connection, row | {"expires_at": ends})
            token = {"hash": name, "session_id": name, "step": 0, "expires_at": ends}
            sessions.add_token(connection, token)
    assert purge.purge(shop) == 2
    with shop.store.write() as connection:
        assert sessions.by_token(connection, "old") is None
        assert sessions.by_token(connection, "open") is not None
