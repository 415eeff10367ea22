"""Transit, differences and movements recomputed; each planted corruption is named."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from sqlalchemy import text

from pos_app.domain.transfer import Count
from pos_app.services import count
from pos_app.services.check import invariants
from pos_app.services.count import Entered
from pos_app.services.transfer import receive, send
from pos_app.store.engine import Store
from tests.stockroom import BOSS, SHOP, Stockroom, stockroom, to_depot


@pytest.fixture
def room(store: Store) -> Stockroom:
    """One transfer that came short, one on its way, one that came back."""
    made = stockroom(store)
    short = send.send(made.shop, BOSS, to_depot(("MILK", "20"), in_transit=True))
    lost = [Count(line=0, quantity=Decimal(18), lots={}, reason="missing")]
    receive.arrive(made.shop, BOSS, short.id, lost)
    send.send(made.shop, BOSS, to_depot(("BREAD", "2"), in_transit=True))
    back = send.send(made.shop, BOSS, to_depot(("BREAD", "2")))
    receive.take_back(made.shop, BOSS, back.id)
    return made


def test_a_sound_stockroom_has_no_violations(room: Stockroom) -> None:
    room.sound()


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("UPDATE transfers SET state = 'Received' WHERE state = 'InTransit'", "transit_differs"),
        ("UPDATE transfers SET state = 'Cancelled' WHERE state = 'InTransit'", "transit_differs"),
        (
            "UPDATE transfer_lines SET received = 19000000 WHERE received = 18000000",
            "arrival_differs",
        ),
        ("UPDATE movements SET transfer_id = NULL", "difference_unnamed"),
        ("UPDATE movement_lines SET quantity = 1000000", "movement_differs"),
        ("DELETE FROM postings WHERE kind = 'goods_issue'", "goods_not_queued"),
        ("DELETE FROM postings WHERE kind = 'transfer' AND state = 'Pending'", "goods_not_queued"),
    ],
)
def test_a_corruption_is_named(room: Stockroom, statement: str, code: str) -> None:
    with room.shop.store.write() as connection:
        assert connection.execute(text(statement)).rowcount > 0
    found = invariants.check(room.shop, is_server=True)
    assert code in {violation.code for violation in found}


def test_a_count_that_moved_something_else_is_named(room: Stockroom) -> None:
    made = count.start(room.shop, BOSS, SHOP)
    helper = replace(BOSS, username="helper")
    counted = [Entered(item="MILK", counted=Decimal(70))]
    count.enter(room.shop, helper, made.entry, counted)
    count.lock(room.shop, helper, made.entry)
    count.book(room.shop, BOSS, made.entry)
    room.sound()
    with room.shop.store.write() as connection:
        connection.execute(text("UPDATE count_lines SET counted = 71000000"))
    found = invariants.check(room.shop, is_server=True)
    assert {violation.code for violation in found} == {"count_differs"}
