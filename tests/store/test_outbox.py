"""The outbox: order within a stream, and verdicts that come once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pos_app.store import outbox
from pos_app.store.engine import Store
from pos_app.store.fault import UniqueViolation

NOW = datetime(2026, 11, 2, 8, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)


def add(store: Store, *names: str) -> None:
    """Add envelopes named ``stream/number``."""
    with store.write() as connection:
        for name in names:
            outbox.enqueue(
                connection,
                id=name,
                stream=name.partition("/")[0],
                kind="sale",
                key=f"key-{name}",
                payload="{}",
                content_hash="h",
                at=NOW,
            )


def settle(store: Store, name: str, state: str, **changes: Any) -> None:
    verdict = {
        "id": name,
        "state": state,
        "attempts": 0,
        "reason": "",
        "try_at": None,
        "upstream_seq": None,
    }
    with store.write() as connection:
        outbox.settle(connection, [verdict | changes], NOW)


def due(store: Store, *, after: int = 0, limit: int = 100, now: datetime | None = NOW) -> list[str]:
    with store.read() as connection:
        rows = outbox.due(connection, after=after, limit=limit, now=now)
    return [row["id"] for row in rows]


def test_envelopes_are_due_in_their_order(store: Store) -> None:
    add(store, "a/1", "b/1", "a/2")
    assert due(store) == ["a/1", "b/1", "a/2"]
    assert due(store, limit=2) == ["a/1", "b/1"]
    with store.read() as connection:
        first = outbox.due(connection, after=0, limit=1, now=NOW)[0]
    assert due(store, after=first["seq"]) == ["b/1", "a/2"]


def test_an_identity_is_taken_once(store: Store) -> None:
    add(store, "a/1")
    with pytest.raises(UniqueViolation):
        add(store, "a/1")


def test_one_that_waits_holds_up_its_stream(store: Store) -> None:
    add(store, "a/1", "a/2", "b/1")
    settle(store, "a/1", "pending", attempts=1, reason="bad", try_at=LATER)
    assert due(store) == ["b/1"]
    assert due(store, now=LATER) == ["a/1", "a/2", "b/1"]
    assert due(store, now=None) == ["a/1", "a/2", "b/1"]


def test_one_in_quarantine_holds_up_its_stream_until_it_is_released(store: Store) -> None:
    add(store, "a/1", "a/2", "b/1")
    settle(store, "a/1", "quarantined", attempts=4, reason="bad")
    assert due(store) == due(store, now=None) == ["b/1"]
    with store.read() as connection:
        assert [row["reason"] for row in outbox.quarantined(connection)] == ["bad"]
    with store.write() as connection:
        assert outbox.release(connection, "a/1", LATER)
        assert not outbox.release(connection, "a/1", LATER)
        assert not outbox.release(connection, "b/1", LATER)
    assert due(store, now=LATER) == ["a/1", "a/2", "b/1"]
    with store.read() as connection:
        assert outbox.of_key(connection, "key-a/1")[0]["attempts"] == 0


def test_a_verdict_that_comes_late_changes_nothing(store: Store) -> None:
    """Two processes sent it; one heard the answer and the other a timeout, or a refusal."""
    add(store, "a/1")
    settle(store, "a/1", "delivered", upstream_seq=7)
    settle(store, "a/1", "quarantined", reason="bad")
    settle(store, "a/1", "pending", try_at=LATER)
    with store.read() as connection:
        row = outbox.by_id(connection, "a/1")
    assert row is not None
    assert (row["state"], row["upstream_seq"], row["delivered_at"]) == ("delivered", 7, NOW)


def test_the_queue_is_counted_and_aged(store: Store) -> None:
    with store.read() as connection:
        assert outbox.waiting(connection) == (0, None)
        assert outbox.next_try(connection, NOW) is None
    add(store, "a/1", "b/1")
    settle(store, "b/1", "pending", try_at=LATER)
    with store.read() as connection:
        assert outbox.waiting(connection) == (2, NOW)
        assert outbox.waiting(connection, "quarantined") == (0, None)
        assert outbox.next_try(connection, NOW) == LATER


def test_the_worst_envelope_speaks_for_its_stream(store: Store) -> None:
    add(store, "a/1", "a/2", "b/1", "c/1", "c/2", "d/1")
    settle(store, "a/1", "delivered")
    settle(store, "b/1", "delivered")
    settle(store, "c/1", "quarantined", reason="bad")
    with store.read() as connection:
        worst = outbox.worst_of(connection, ["a", "b", "c", "nobody"])
    assert {name: row["state"] for name, row in worst.items()} == {
        "a": "pending",
        "b": "delivered",
        "c": "quarantined",
    }


def test_what_a_server_forgot_is_offered_again(store: Store) -> None:
    add(store, "a/1", "b/1", "c/1", "d/1")
    for number, name in enumerate(("a/1", "b/1", "c/1"), start=1):
        settle(store, name, "delivered", upstream_seq=number * 10)
    with store.write() as connection:
        assert outbox.offer_again(connection, since=10, at=LATER) == 2
    assert due(store, now=LATER) == ["b/1", "c/1", "d/1"]
