"""Stock: never below what others hold, and always its base and the moves above it."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select

from pos_app.domain.batch import InsufficientBatch
from pos_app.errors import InsufficientStock
from pos_app.store import rebase, stock
from pos_app.store.engine import Store
from pos_app.store.reservation import reservation_lines, reservations
from pos_app.store.stock import Move, StockUnknown

NOW = datetime(2026, 11, 2, 8, tzinfo=UTC)
A, B = ("A", "W1"), ("B", "W1")


def place(key: tuple[str, str], base: str, seq: int = 0) -> dict[str, Any]:
    return {
        "item": key[0],
        "warehouse": key[1],
        "base": Decimal(base),
        "base_seq": seq,
        "committed": Decimal(0),
        "ordered": Decimal(0),
        "changed_at": NOW,
    }


def lot(key: tuple[str, str], batch: str, base: str, seq: int = 0) -> dict[str, Any]:
    return {
        "item": key[0],
        "warehouse": key[1],
        "batch": batch,
        "base": Decimal(base),
        "base_seq": seq,
        "status": "Released",
        "expiry": None,
        "admission": None,
        "manufactured": None,
        "changed_at": NOW,
    }


def move(key: tuple[str, str], by: str, *, document: str = "D1", batch: str = "") -> Move:
    return Move(
        document_kind="sale",
        document_id=document,
        line=1,
        item=key[0],
        warehouse=key[1],
        quantity=Decimal(by),
        batch=batch,
    )


def fill(store: Store, *rows: dict[str, Any], lots: Sequence[dict[str, Any]] = ()) -> None:
    with store.write() as connection:
        rebase.rebase(connection, rows)
        rebase.rebase_batches(connection, [(A, 0)], list(lots))


def on_hand(store: Store) -> dict[tuple[str, ...], Decimal]:
    with store.read() as connection:
        places = connection.execute(select(stock.stock)).mappings().all()
        lots = connection.execute(select(stock.batches)).mappings().all()
    return {(row["item"], row["warehouse"]): row["on_hand"] for row in places} | {
        (row["item"], row["warehouse"], row["batch"]): row["on_hand"] for row in lots
    }


def take(store: Store, *moves: Move, **options: Any) -> None:
    with store.write() as connection:
        stock.take(connection, moves, NOW, **options)


def reserve(
    store: Store, key: tuple[str, str], quantity: str, *, name: str = "R1", **changes: Any
) -> None:
    row = {
        "id": name,
        "number": 1,
        "external_reference": f"ref-{name}",
        "source": "test",
        "document_type": "Sale",
        "currency": "USD",
        "state": "Pending",
        "total": 0,
        "renewals": 0,
        "priority": 0,
        "username": "u",
        "created_at": NOW,
        "expires_at": NOW + timedelta(hours=1),
        "extra": {},
        "document_id": f"doc-{name}",
    }
    line = {
        "reservation_id": name,
        "line": 1,
        "part": 1,
        "item": key[0],
        "warehouse": key[1],
        "batch": changes.pop("batch", ""),
        "quantity": Decimal(quantity),
        "unit_price": Decimal(0),
        "discount_percent": Decimal(0),
    }
    with store.write() as connection:
        connection.execute(insert(reservations), row | changes)
        connection.execute(insert(reservation_lines), line)


def test_moves_of_a_document_are_booked_and_explained(store: Store) -> None:
    fill(store, place(A, "10"), place(B, "5"), lots=[lot(A, "B1", "10")])
    take(store, move(A, "-2.5", batch="B1"), move(A, "-1", batch="B1"), move(B, "-5"))
    assert on_hand(store) == {A: Decimal("6.5"), B: 0, (*A, "B1"): Decimal("6.5")}
    with store.read() as connection:
        moves = stock.moves_of(connection, "D1")
    assert [(row["item"], row["quantity"], row["upstream_seq"]) for row in moves] == [
        ("A", Decimal("-2.5"), None),
        ("A", Decimal(-1), None),
        ("B", Decimal(-5), None),
    ]


def test_the_item_that_is_short_is_named_and_nothing_is_taken(store: Store) -> None:
    fill(store, place(A, "10"), place(B, "5"))
    with pytest.raises(InsufficientStock) as caught:
        take(store, move(A, "-10"), move(B, "-6"))
    assert caught.value.details == {
        "item": "B",
        "warehouse": "W1",
        "requested": "6",
        "available": "5",
        "shortage": "1",
    }
    assert on_hand(store) == {A: 10, B: 5}


def test_l39_what_nobody_told_us_of_is_unknown_and_not_zero(store: Store) -> None:
    with pytest.raises(StockUnknown, match="not known"):
        take(store, move(A, "-1"))
    take(store, move(A, "-1"), allow_negative=True)
    assert on_hand(store) == {A: -1}
    take(store, move(B, "3"))
    assert on_hand(store) == {A: -1, B: 3}


def test_a_batch_that_is_short_is_named(store: Store) -> None:
    fill(store, place(A, "10"), lots=[lot(A, "B1", "4"), lot(A, "B2", "6")])
    with pytest.raises(InsufficientBatch) as caught:
        take(store, move(A, "-2", batch="B2"), move(A, "-5", batch="B1"))
    assert (caught.value.details["batch"], caught.value.details["available"]) == ("B1", "4")
    assert on_hand(store)[A] == 10


def test_what_others_reserved_is_not_there_to_take(store: Store) -> None:
    fill(store, place(A, "10"), lots=[lot(A, "B1", "10")])
    reserve(store, A, "4", batch="B1")
    with pytest.raises(InsufficientStock) as caught:
        take(store, move(A, "-7"))
    assert caught.value.details["available"] == "6"
    with store.read() as connection:
        assert stock.reserved(connection, [A, B], NOW) == {A: 4}
        assert stock.reserved(connection, [A], NOW, reservation="R1") == {}
    take(store, move(A, "-7"), reservation="R1")
    assert on_hand(store)[A] == 3


@pytest.mark.parametrize(
    "changes",
    [
        {"expires_at": NOW},
        {"state": "Confirmed"},
        {"state": "Cancelled"},
        {"state": "Expired"},
    ],
)
def test_reservations_that_ended_hold_nothing(store: Store, changes: dict[str, Any]) -> None:
    fill(store, place(A, "10"))
    reserve(store, A, "4", **changes)
    take(store, move(A, "-10"))
    assert on_hand(store)[A] == 0


def test_a_document_may_take_what_it_reserved_under_its_own_name(store: Store) -> None:
    fill(store, place(A, "10"))
    reserve(store, A, "10")
    take(store, move(A, "-10"), reservation="doc-R1")
    assert on_hand(store)[A] == 0


def test_goods_come_back_even_when_there_is_less_than_nothing(store: Store) -> None:
    take(store, move(A, "-5"), allow_negative=True)
    take(store, move(A, "2", document="D2"))
    assert on_hand(store)[A] == -3


def test_l52_the_last_unit_is_sold_once(store: Store) -> None:
    fill(store, place(A, "1"), place(B, "1"))
    refused: list[BaseException] = []
    ready = threading.Barrier(4)

    def sell(number: int) -> None:
        moves = [move(A, "-1", document=f"D{number}"), move(B, "-1", document=f"D{number}")]
        ready.wait(10)
        try:
            take(store, *(moves if number % 2 else moves[::-1]))
        except InsufficientStock as error:
            refused.append(error)

    threads = [threading.Thread(target=sell, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(refused) == 3
    assert on_hand(store) == {A: 0, B: 0}


def test_a_base_and_an_acknowledgement_in_any_order(store: Store) -> None:
    fill(store, place(A, "10", seq=5))
    take(store, move(A, "-3"))
    with store.write() as connection:
        rebase.rebase(connection, [place(A, "7", seq=9)])
    assert on_hand(store)[A] == 4
    with store.write() as connection:
        assert rebase.reached(connection, {"D1": 8}) == [A]
    assert on_hand(store)[A] == 7


def test_an_acknowledgement_before_its_base_counts_on_top(store: Store) -> None:
    fill(store, place(A, "10", seq=5), lots=[lot(A, "B1", "10", seq=5)])
    take(store, move(A, "-3", batch="B1"))
    with store.write() as connection:
        rebase.reached(connection, {"D1": 8})
    assert on_hand(store) == {A: 7, (*A, "B1"): 7}
    with store.write() as connection:
        rebase.rebase(connection, [place(A, "20", seq=7)])
        rebase.rebase_batches(connection, [(A, 7)], [lot(A, "B1", "20", seq=7)])
    assert on_hand(store) == {A: 17, (*A, "B1"): 17}
    with store.write() as connection:
        rebase.rebase(connection, [place(A, "17", seq=8)])
        rebase.rebase_batches(connection, [(A, 8)], [lot(A, "B1", "17", seq=8)])
    assert on_hand(store) == {A: 17, (*A, "B1"): 17}


def test_a_batch_that_is_not_told_any_more_is_empty(store: Store) -> None:
    fill(store, place(A, "10"), lots=[lot(A, "B1", "4"), lot(A, "B2", "6")])
    take(store, move(A, "-1", batch="B1"))
    with store.write() as connection:
        rebase.rebase_batches(connection, [(A, 3)], [lot(A, "B2", "6", seq=3)])
    assert on_hand(store)[*A, "B1"] == -1
    with store.write() as connection:
        rebase.reached(connection, {"D1": 2})
    assert on_hand(store)[*A, "B1"] == 0


def test_what_a_restored_server_forgot_leaves_the_base_and_not_the_shelf(store: Store) -> None:
    fill(store, place(A, "90", seq=50), place(B, "5", seq=3))
    take(store, move(A, "-4", document="kept"))
    take(store, move(A, "-6", document="lost"))
    take(store, move(A, "-1", document="open"))
    with store.write() as connection:
        rebase.reached(connection, {"kept": 10, "lost": 40})
    assert on_hand(store)[A] == 89
    with store.write() as connection:
        rebase.forget(connection, 20)
    assert on_hand(store) == {A: 89, B: 5}
    with store.read() as connection:
        row = stock.of_places(connection, [A])[A]
        marks = {
            moved["document_id"]: moved["upstream_seq"]
            for name in ("kept", "lost", "open")
            for moved in stock.moves_of(connection, name)
        }
    assert (row["base"], row["base_seq"]) == (96, 20)
    assert marks == {"kept": 10, "lost": None, "open": None}
    with store.write() as connection:
        rebase.recompute(connection, [A])
    assert on_hand(store)[A] == 89


Message = tuple[str, int]


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[tuple[int, int]], list[Message]]:
    """Sales (quantity, number told by the server) and all messages about them in any order."""
    count = draw(st.integers(1, 5))
    quantities = draw(st.lists(st.integers(1, 9), min_size=count, max_size=count))
    sales = [(quantity, 10 * (at + 1)) for at, quantity in enumerate(quantities)]
    acks: list[Message] = [("ack", at) for at in range(count)]
    bases: list[Message] = [("base", number) for number in draw(st.permutations([0, 15, 35, 99]))]
    again = draw(st.lists(st.sampled_from(acks + bases), max_size=4))
    return sales, draw(st.permutations([*acks, *bases, *again]))


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(history=histories())
def test_any_order_of_messages_ends_at_the_truth(
    sqlite_store: Store, history: tuple[list[tuple[int, int]], list[Message]]
) -> None:
    sales, messages = history
    with sqlite_store.write() as connection:
        for table in (stock.stock, stock.stock_moves):
            connection.execute(delete(table))
    fill(sqlite_store, place(A, "100"))
    for at, (quantity, _) in enumerate(sales):
        take(sqlite_store, move(A, f"-{quantity}", document=f"D{at}"), allow_negative=True)
    for kind, value in [*messages, ("base", 99)]:
        with sqlite_store.write() as connection:
            if kind == "ack":
                rebase.reached(connection, {f"D{value}": sales[value][1]})
            else:
                known = sum(quantity for quantity, number in sales if number <= value)
                rebase.rebase(connection, [place(A, str(100 - known), seq=value)])
    assert on_hand(sqlite_store)[A] == 100 - sum(quantity for quantity, _ in sales)


def test_stock_is_listed_by_item_warehouse_and_batch(store: Store) -> None:
    fill(store, place(A, "1"), place(("A", "W2"), "2"), place(B, "3"), lots=[lot(A, "B1", "1")])
    with store.read() as connection:
        assert [row["warehouse"] for row in stock.of_item(connection, "A")] == ["W1", "W2"]
        assert [row["item"] for row in stock.of_warehouse(connection, "W1")] == ["A", "B"]
        assert [row["item"] for row in stock.of_warehouse(connection, "W1", after="A")] == ["B"]
        assert [row["batch"] for row in stock.batches_of(connection, [A, B])] == ["B1"]
        assert stock.of_places(connection, []) == {}
