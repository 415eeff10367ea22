"""A quantity explained: opening and moves make on hand, now and at any moment."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from pos_app.domain.item import ItemUnknown
from pos_app.errors import RecordNotFound
from pos_app.services import stock_why
from pos_app.services.transfer import receive, send
from pos_app.store.engine import Store
from tests.stockroom import BOSS, DEPOT, SHOP, stockroom, to_depot


def test_the_chain_names_every_move_and_adds_up(store: Store) -> None:
    room = stockroom(store)
    first = send.send(room.shop, BOSS, to_depot(("MILK", "20")))
    before = room.shop.clock.now()
    room.shop.clock.sleep(60)
    send.send(room.shop, BOSS, to_depot(("MILK", "5"), in_transit=True))
    [why] = stock_why.explain(room.shop, "MILK", warehouse=SHOP)
    assert (why.opening, why.on_hand, why.available) == (100, 75, 75)
    assert [(link.document, link.quantity, link.balance) for link in why.links] == [
        ("TRF-000001", -20, 80),
        ("TRF-000002", -5, 75),
    ]
    assert [(one.number, one.other, one.quantity) for one in why.transit] == [
        ("TRF-000002", DEPOT, -5)
    ]
    [then] = stock_why.explain(room.shop, "MILK", warehouse=SHOP, at=before)
    assert (then.on_hand, len(then.links), then.is_now) == (80, 1, False)
    earlier = before - timedelta(days=1)
    [then] = stock_why.explain(room.shop, "MILK", warehouse=SHOP, at=earlier)
    assert (then.on_hand, then.links) == (100, ())
    [last] = stock_why.explain(room.shop, "MILK", warehouse=SHOP, most=1)
    assert (last.opening, len(last.links)) == (80, 1)
    receive.take_back(room.shop, BOSS, first.id)
    assert [one.on_hand for one in stock_why.explain(room.shop, "MILK")] == [0, Decimal(95)]


def test_a_posted_move_is_in_the_base_once_that_was_told_anew(store: Store) -> None:
    room = stockroom(store)
    send.send(room.shop, BOSS, to_depot(("MILK", "20")))
    room.work()
    [why] = stock_why.explain(room.shop, "MILK", warehouse=SHOP)
    assert [link.is_in_base for link in why.links] == [False]


def test_what_does_not_exist_is_said(sqlite_store: Store) -> None:
    room = stockroom(sqlite_store)
    with pytest.raises(ItemUnknown):
        stock_why.explain(room.shop, "NOTHING")
    for place in ("NOWHERE", DEPOT):
        with pytest.raises(RecordNotFound):
            stock_why.explain(room.shop, "MILK", warehouse=place)
