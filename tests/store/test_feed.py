"""The feed: numbers in the order of commits, each thing once at its latest place."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

from pos_app.store import feed
from pos_app.store.engine import Store

NOW = datetime(2026, 11, 2, 8, tzinfo=UTC)


def keys(store: Store, after: int = 0, limit: int = 100) -> list[tuple[int, str]]:
    with store.read() as connection:
        rows = feed.page(connection, after=after, limit=limit)
    return [(row["seq"], row["key"]) for row in rows]


def test_a_change_moves_its_thing_to_the_end(store: Store) -> None:
    with store.write() as connection:
        assert feed.changed(connection, "item", "A") == 1
        assert feed.changed_all(connection, [("item", "B"), ("item", "C"), ("item", "B")]) == 2
        assert feed.changed(connection, "item", "A") == 4
        assert feed.claim(connection, 3) == 5
        assert feed.changed(connection, "price", "A") == 8
    assert keys(store) == [(2, "B"), (3, "C"), (4, "A"), (8, "A")]
    assert keys(store, after=3, limit=1) == [(4, "A")]


def test_a_change_that_is_undone_was_none(store: Store) -> None:
    try:
        with store.write() as connection:
            feed.changed(connection, "item", "A")
            raise LookupError
    except LookupError:
        pass
    assert keys(store) == []
    with store.write() as connection:
        assert feed.changed(connection, "item", "B") == 1


def test_whoever_saw_a_number_has_seen_all_before_it(store: Store) -> None:
    """Readers beside writers never find a gap that is filled later."""
    stop = threading.Event()
    problems: list[str] = []
    done: list[int] = []

    def write(name: int) -> None:
        for number in range(25):
            with store.write() as connection:
                feed.changed(connection, "item", f"{name}-{number}")
        done.append(name)

    def read() -> None:
        after, seen = 0, 0
        while True:
            is_last_look = stop.is_set()
            rows = keys(store, after=after, limit=7)
            seen += len(rows)
            after = rows[-1][0] if rows else after
            if not rows and is_last_look:
                break
        if seen != 75:
            problems.append(f"a reader saw {seen} of 75")

    writers = [threading.Thread(target=write, args=(name,)) for name in range(3)]
    readers = [threading.Thread(target=read) for _ in range(2)]
    for thread in (*writers, *readers):
        thread.start()
    for thread in writers:
        thread.join(60)
    stop.set()
    for thread in readers:
        thread.join(60)
    assert (problems, len(done)) == ([], 3)


def test_epochs_follow_each_other(store: Store) -> None:
    with store.read() as connection:
        assert feed.head(connection) is None
    with store.write() as connection:
        feed.begin(connection, "first")
        feed.begin(connection, "not again")
        feed.changed(connection, "item", "A")
        feed.begin_anew(connection, "second")
        feed.changed(connection, "item", "B")
        feed.begin_anew(connection, "third")
    with store.read() as connection:
        head = feed.head(connection)
    assert head is not None
    assert (head["epoch"], head["lineage"]) == ("third", [["first", 1], ["second", 2]])
    with store.write() as connection:
        feed.begin_anew(connection, "fourth", is_past_known=False)
        head = feed.head(connection)
    assert head is not None
    assert (head["epoch"], head["lineage"], head["seq"]) == ("fourth", [], 2)


def test_a_checkpoint_says_when_it_was_reached_and_when_it_moved(store: Store) -> None:
    later = NOW + timedelta(minutes=1)
    with store.write() as connection:
        assert feed.checkpoint(connection, "s") is None
        feed.keep(connection, "s", epoch="e", seq=1, at=NOW, changed=False)
        feed.keep(connection, "s", epoch="e", seq=1, at=later, changed=False)
        row = feed.checkpoint(connection, "s")
        assert row is not None
        assert (row["fetched_at"], row["changed_at"]) == (later, NOW)
        feed.keep(connection, "s", epoch="e", seq=2, at=later, changed=True)
        row = feed.checkpoint(connection, "s")
        assert row is not None
        assert (row["seq"], row["changed_at"]) == (2, later)
        feed.drop_checkpoint(connection, "s")
        assert feed.checkpoint(connection, "s") is None


def test_a_look_at_everything_remembers_what_is_there(store: Store) -> None:
    with store.write() as connection:
        feed.see(connection, [("item", "A"), ("item", "B"), ("price", "A")])
        feed.see(connection, [("item", "A")])
        feed.unsee(connection, [("item", "B"), ("item", "never")])
        assert feed.seen(connection, "item") == {"A"}
        feed.forget_seen(connection)
        assert feed.seen(connection, "price") == set()
