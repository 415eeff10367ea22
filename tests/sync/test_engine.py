from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.engine import PARCEL_ENVELOPES, Delivered, State, Waiting, deliver, fetch, parcels
from sync.envelope import hash_of
from sync.errors import OutcomeUnknown, Rejected, Unavailable
from sync.page import Change, Page, Position
from tests.sync.model import FAULTS, FakeClock, Network, Outbox, Server, sender


class Shop:
    """One till and one server."""

    def __init__(self, faults: Sequence[str] = ()) -> None:
        self.clock = FakeClock()
        self.outbox = Outbox(self.clock)
        self.server = Server()
        self.network = Network(self.server, faults)

    def deliver(self, epoch: str = "") -> Delivered:
        return deliver(self.outbox, self.network, sender(self.clock), epoch=epoch)

    def settle(self, passes: int = 20) -> None:
        for _ in range(passes):
            self.deliver()
            self.clock.advance(3600)


@pytest.fixture
def shop() -> Shop:
    return Shop()


def test_everything_due_is_delivered_in_one_pass(shop: Shop) -> None:
    for number in range(2 * PARCEL_ENVELOPES + 1):
        shop.outbox.add(f"sale:{number}")
    done = shop.deliver()
    assert (done.taken, done.problem) == (201, None)
    assert set(shop.outbox.states().values()) == {State.DELIVERED}
    assert [len(ids) for ids in shop.network.sent] == [100, 100, 1]
    assert shop.outbox.rows["e7"].upstream_seq == 7


def test_nothing_due_sends_nothing(shop: Shop) -> None:
    assert shop.deliver() == Delivered()
    assert shop.network.sent == []


@pytest.mark.parametrize(
    ("fault", "kind"),
    [("lose_request", Unavailable), ("lose_reply", OutcomeUnknown), ("shut_out", Rejected)],
)
def test_a_server_that_is_away_costs_no_attempt(fault: str, kind: type[Exception]) -> None:
    shop = Shop([fault] * 500)
    shop.outbox.add("sale:1")
    for _ in range(500):
        done = shop.deliver()
        assert isinstance(done.problem, kind)
    row = shop.outbox.rows["e1"]
    assert (row.state, row.attempts) == (State.PENDING, 0)
    shop.deliver()
    assert row.state is State.DELIVERED
    assert list(shop.server.taken) == ["e1"]


def test_a_conflict_is_for_a_person_at_once(shop: Shop) -> None:
    shop.outbox.add("sale:1", '{"total":1}')
    shop.deliver()
    row = shop.outbox.rows["e1"]
    row.state = State.PENDING
    row.envelope = replace(row.envelope, content_hash=hash_of('{"total":2}'))
    done = shop.deliver()
    assert done.quarantined == 1
    assert (row.state, row.reason) == (State.QUARANTINED, "other content")


def test_a_refusal_is_tried_again_and_then_put_aside(shop: Shop) -> None:
    shop.outbox.add("sale:1")
    shop.outbox.add("sale:1")
    shop.outbox.add("sale:2")
    shop.server.refused.add("e1")
    seen = []
    for _ in range(8):
        shop.deliver()
        seen.append((shop.outbox.rows["e1"].state, shop.outbox.rows["e1"].attempts))
        shop.clock.advance(3600)
    assert seen[:4] == [
        (State.PENDING, 1),
        (State.PENDING, 2),
        (State.PENDING, 3),
        (State.QUARANTINED, 4),
    ]
    assert seen[-1] == (State.QUARANTINED, 4)
    assert shop.outbox.rows["e1"].reason == "bad"
    assert shop.outbox.states()["e2"] is State.PENDING
    assert shop.outbox.states()["e3"] is State.DELIVERED
    assert list(shop.server.taken) == ["e3"]


def test_a_refused_envelope_waits_before_it_comes_again(shop: Shop) -> None:
    shop.outbox.add("sale:1")
    shop.server.refused.add("e1")
    shop.deliver()
    shop.deliver()
    assert len(shop.network.sent) == 1
    shop.clock.advance(6)
    shop.deliver()
    assert len(shop.network.sent) == 2


def test_waiting_for_another_till_costs_nothing(shop: Shop) -> None:
    shop.outbox.add("sale:1")
    shop.server.later.add("e1")
    shop.settle(50)
    row = shop.outbox.rows["e1"]
    assert (row.state, row.attempts, row.reason) == (State.PENDING, 0, "not yet")
    shop.server.later.clear()
    shop.settle(1)
    assert row.state is State.DELIVERED


def test_an_envelope_that_upsets_the_server_is_found_and_put_aside(shop: Shop) -> None:
    for number in range(50):
        shop.outbox.add(f"sale:{number}")
        shop.outbox.add(f"sale:{number}")
    shop.server.poison.add("e41")
    done = shop.deliver()
    assert (done.taken, done.problem) == (98, None)
    assert shop.outbox.rows["e41"].attempts == 1
    for _ in range(6):
        shop.clock.advance(3600)
        shop.outbox.add("other")
        shop.deliver()
    left = {name for name, state in shop.outbox.states().items() if state is not State.DELIVERED}
    assert left == {"e41", "e42"}
    assert shop.outbox.rows["e41"].state is State.QUARANTINED
    assert shop.outbox.rows["e41"].reason == "It fell over."
    assert shop.outbox.rows["e42"].state is State.PENDING


def test_a_server_that_falls_over_on_everything_accuses_nobody(shop: Shop) -> None:
    for number in range(8):
        shop.outbox.add(f"sale:{number}")
        shop.server.poison.add(f"e{number + 1}")
    for _ in range(20):
        assert shop.deliver().problem is not None
        shop.clock.advance(3600)
    assert {row.attempts for row in shop.outbox.rows.values()} == {0}
    shop.server.poison.clear()
    assert shop.deliver().taken == 8


def test_answers_from_another_epoch_are_not_taken_for_ours(shop: Shop) -> None:
    shop.outbox.add("sale:1")
    done = shop.deliver(epoch="before the restore")
    assert done.is_foreign
    assert shop.outbox.states() == {"e1": State.PENDING}
    assert shop.server.taken == {}
    assert shop.deliver(epoch="one").taken == 1


def test_parcels_are_bounded_by_size_and_number(shop: Shop) -> None:
    rows = [Waiting(shop.outbox.add("s", "x" * size), 0) for size in (5, 5, 5, 40, 1, 1, 1)]
    cut = [
        [len(row.envelope.payload) for row in part] for part in parcels(rows, most=2, characters=12)
    ]
    assert cut == [[5, 5], [5], [40], [1, 1], [1]]


@settings(max_examples=150, deadline=None)
@given(
    faults=st.lists(st.sampled_from(FAULTS), max_size=40),
    streams=st.lists(st.integers(0, 5), min_size=1, max_size=30),
    poison=st.sets(st.integers(1, 30), max_size=2),
    refused=st.sets(st.integers(1, 30), max_size=2),
)
def test_whatever_the_network_does_each_arrives_once_and_in_order(
    faults: list[str], streams: list[int], poison: set[int], refused: set[int]
) -> None:
    shop = Shop(faults)
    for stream in streams:
        shop.outbox.add(f"s{stream}")
    shop.server.poison = {f"e{number}" for number in poison}
    shop.server.refused = {f"e{number}" for number in refused}
    shop.outbox.add("another")
    for _ in range(60):
        shop.outbox.add("another")
        shop.deliver()
        shop.clock.advance(3600)
    arrived: dict[str, list[int]] = {}
    for envelope in shop.server.taken.values():
        arrived.setdefault(envelope.stream, []).append(envelope.seq)
    sent: dict[str, list[int]] = {}
    blocked = set()
    for row in shop.outbox.rows.values():
        name, stream = row.envelope.id, row.envelope.stream
        if name in shop.server.poison | shop.server.refused:
            blocked.add(stream)
        if stream not in blocked:
            assert row.state is State.DELIVERED
            sent.setdefault(stream, []).append(row.envelope.seq)
        else:
            assert row.state is not State.DELIVERED
    assert arrived == sent


class Feed:
    """A server whose feed has `size` changes, and which may fail at a look."""

    def __init__(self, size: int, fail_at: int = -1) -> None:
        self.size = size
        self.looks = 0
        self.fail_at = fail_at

    def send(self, parcel: object) -> object:
        raise AssertionError("nothing is sent here")

    def fetch(self, at: Position, *, till: str, limit: int) -> Page:
        self.looks += 1
        if self.looks == self.fail_at:
            raise Unavailable("line cut")
        until = min(at.seq + limit, self.size)
        changes = tuple(Change(n, "item", f"I{n}", {}) for n in range(at.seq + 1, until + 1))
        return Page(
            epoch="e",
            lineage=(),
            after=at.seq,
            until=until,
            head=self.size,
            changes=changes,
        )


class Copy:
    """A till's copy in memory."""

    def __init__(self) -> None:
        self.at = Position()
        self.keys: list[str] = []
        self.is_raced = False

    def position(self) -> Position:
        return self.at

    def apply(self, page: Page, at: Position) -> bool:
        if self.is_raced:
            self.is_raced = False
            return False
        self.keys += [change.key for change in page.changes]
        self.at = page.end
        return True


def test_the_feed_is_followed_to_its_head() -> None:
    copy, feed = Copy(), Feed(2500)
    done = fetch(copy, feed, till="T01")
    assert (done.changes, done.pages, done.problem) == (2500, 3, None)
    assert copy.at == Position("e", 2500)
    assert len(set(copy.keys)) == 2500
    assert fetch(copy, feed, till="T01").changes == 0


def test_a_failed_look_keeps_what_is_there_and_goes_on_from_it() -> None:
    copy = Copy()
    done = fetch(copy, Feed(2500, fail_at=3), till="T01")
    assert isinstance(done.problem, Unavailable)
    assert len(copy.keys) == 2000
    fetch(copy, Feed(2500), till="T01")
    assert len(set(copy.keys)) == len(copy.keys) == 2500


def test_another_process_may_be_faster() -> None:
    copy = Copy()
    copy.is_raced = True
    done = fetch(copy, Feed(1500), till="T01")
    assert done.changes == 1500
    assert len(set(copy.keys)) == len(copy.keys) == 1500
