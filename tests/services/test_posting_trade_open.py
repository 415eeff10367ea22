"""An order that comes to SAP after its invoice: SAP expects what is open of it, and no more."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from pos_app.domain.proof import Proof
from pos_app.domain.trade import Part, TradeState
from pos_app.services.check import invariants
from pos_app.services.posting import ahead
from pos_app.services.posting import work as posting_work
from pos_app.services.posting.trade_open import OPEN
from pos_app.services.proof import day as proofs
from pos_app.services.trade import convert, move
from pos_app.services.trade.convert import AskedInvoice
from pos_app.services.trade.view import Trade
from pos_app.store import queue
from pos_app.store.engine import Store
from sandbox.fault import Fault
from tests.office import Office
from tests.services.test_posting_trade import (
    BOSS,
    ORDER,
    QUOTATION,
    D,
    documents,
    opened,
    promised,
    row_of,
)


@pytest.fixture
def books(store: Store) -> Office:
    return opened(store)


@pytest.fixture
def quick(sqlite_store: Store) -> Office:
    return opened(sqlite_store)


def waiting(books: Office, made: Trade | None = None) -> Trade:
    """An order that SAP keeps as a draft until somebody approves it."""
    books.gate.core.change_company({"approval": ["Orders"]})
    made = made or promised(books)
    books.work()
    return made


def invoiced(books: Office, made: Trade, *parts: tuple[int, str]) -> None:
    asked = AskedInvoice(parts=tuple(Part(line, D(quantity)) for line, quantity in parts))
    convert.to_invoice(books.shop, BOSS, made.entry, asked)


def approve(books: Office) -> None:
    """Somebody approves in SAP what waits there."""
    [draft] = books.gate.core.books.tables["Drafts"].rows()
    books.sap.post(
        "DraftsService_SaveDraftToDocument", {"Document": {"DocEntry": draft["DocEntry"]}}
    )
    books.gate.core.change_company({"approval": []})


def open_of(books: Office, made: Trade) -> list[tuple[Decimal, Decimal, str]]:
    """Of each line in SAP: its quantity, what is open of it, and its state."""
    return [
        (D(line["Quantity"]), D(line["RemainingOpenQuantity"]), line["LineStatus"][5:])
        for line in row_of(books, "Orders", made)["DocumentLines"]
    ]


def committed(books: Office, item: str) -> Decimal:
    row = books.sap.get(f"Items('{item}')?$select=ItemWarehouseInfoCollection")
    [place] = [one for one in row["ItemWarehouseInfoCollection"] if one["WarehouseCode"] == "SHOP1"]
    return D(place["Committed"])


def prove(books: Office) -> Proof:
    return proofs.of_server(books.shop, books.shop.today, books=books.sap)


def told(books: Office) -> list[tuple[str, frozenset[str]]]:
    return [
        (one.code, frozenset(figure.name for figure in one.figures))
        for one in prove(books).differences
    ]


def test_an_order_after_its_invoice_commits_what_is_open(books: Office) -> None:
    made = waiting(books)
    invoiced(books, made, (1, "4"))
    books.work_on(seconds=60)
    approve(books)
    assert books.work_on(seconds=600).waiting == 0
    assert open_of(books, made) == [(6, 6, "Open"), (3, 3, "Open")]
    assert (committed(books, "MILK"), committed(books, "YOGHURT")) == (6, 3)
    invoiced(books, made, (1, "2"))
    assert books.work_on().waiting == 0
    assert open_of(books, made) == [(6, 4, "Open"), (3, 3, "Open")], "this one follows the order"
    assert books.calls(f"PATCH Orders({row_of(books, 'Orders', made)['DocEntry']})") == 1
    assert told(books) == []
    assert invariants.check(books.shop, is_server=True) == []


def test_a_line_invoiced_whole_is_closed_and_keeps_what_was_ordered(quick: Office) -> None:
    made = waiting(quick)
    invoiced(quick, made, (1, "2"), (2, "3"))
    quick.work_on(seconds=60)
    approve(quick)
    quick.work_on(seconds=600)
    assert open_of(quick, made) == [(8, 8, "Open"), (3, 3, "Close")]
    assert (committed(quick, "MILK"), committed(quick, "YOGHURT")) == (8, 0)
    assert told(quick) == []
    invoiced(quick, made)
    assert quick.work_on().waiting == 0
    assert row_of(quick, "Orders", made)["DocumentStatus"] == "bost_Close"
    assert (committed(quick, "MILK"), committed(quick, "YOGHURT")) == (0, 0)


def test_an_order_made_from_a_quotation_is_lowered_like_any_other(quick: Office) -> None:
    quoted = promised(quick, QUOTATION)
    quick.work()
    made = convert.to_order(quick.shop, BOSS, quoted.entry)
    quick.gate.core.change_company({"approval": ["Orders"]})
    move.approve(quick.shop, BOSS, ORDER, made.entry)
    quick.work()
    invoiced(quick, made, (1, "9"))
    quick.work_on(seconds=60)
    approve(quick)
    quick.work_on(seconds=600)
    assert open_of(quick, made)[0] == (1, 1, "Open")


def test_an_order_invoiced_whole_before_it_came_is_closed(quick: Office) -> None:
    made = waiting(quick)
    invoiced(quick, made)
    quick.work_on(seconds=60)
    approve(quick)
    assert quick.work_on(seconds=600).waiting == 0
    assert row_of(quick, "Orders", made)["DocumentStatus"] == "bost_Close"
    assert committed(quick, "MILK") == 0


def test_an_invoice_that_finds_one_line_closed_in_sap_leaves_no_other_open(quick: Office) -> None:
    """It stands alone as a whole, so what it took of the other line is open there still."""
    made = promised(quick)
    quick.work_on()
    entry = row_of(quick, "Orders", made)["DocEntry"]
    quick.sap.patch(f"Orders({entry})", {"DocumentLines": [{"LineNum": 1, "LineStatus": "C"}]})
    invoiced(quick, made, (1, "4"), (2, "1"))
    assert quick.work_on().waiting == 0
    assert open_of(quick, made) == [(6, 6, "Open"), (3, 3, "Close")]


FAULTS = ("commit_then_drop", "commit_then_502", "drop_before")


@pytest.mark.parametrize("do", FAULTS)
def test_whatever_happens_to_the_line_it_is_lowered_once(quick: Office, do: str) -> None:
    made = waiting(quick)
    invoiced(quick, made, (1, "4"))
    quick.work_on(seconds=60)
    approve(quick)
    quick.arm(Fault(on="PATCH Orders", do=do))
    assert quick.work_on(seconds=900).waiting == 0
    assert open_of(quick, made)[0] == (6, 6, "Open")
    assert told(quick) == []


def test_an_order_somebody_changes_at_that_moment_is_read_again(
    quick: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = waiting(quick)
    invoiced(quick, made, (1, "4"))
    quick.work_on(seconds=60)
    approve(quick)
    patch = type(quick.sap).patch

    def late(self: Any, path: str, *args: Any, **how: Any) -> None:
        monkeypatch.undo()
        self.patch(path, {"Comments": "called, comes at noon"})
        patch(self, path, *args, **how)

    monkeypatch.setattr(type(quick.sap), "patch", late)
    assert quick.work_on(seconds=600).waiting == 0
    assert open_of(quick, made)[0] == (6, 6, "Open")
    assert row_of(quick, "Orders", made)["Comments"] == "called, comes at noon"


def test_a_yes_that_changed_nothing_goes_to_a_person(
    quick: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Production lesson L59: an action that answered yes and did nothing."""
    made = waiting(quick)
    invoiced(quick, made, (1, "4"))
    quick.work_on(seconds=60)
    approve(quick)
    monkeypatch.setattr(type(quick.sap), "patch", lambda *_args, **_how: None)
    quick.work_on(seconds=600)
    with quick.shop.store.read() as connection:
        [row] = queue.rows_of(connection, [made.id], kinds=[OPEN])
    assert row["state"] == "RequiresReview"
    assert "bring line 1 to 6 there by hand" in row["reason"]


def test_an_order_given_up_meanwhile_is_ended_and_not_lowered(
    quick: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Looked up with others, too, it stops none of them."""
    monkeypatch.setattr(ahead, "FEW", 1)
    made = waiting(quick)
    invoiced(quick, made, (1, "4"))
    quick.work_on(seconds=60)
    approve(quick)
    quick.arm(Fault(on="PATCH Orders", do="error", code=-5002, message="locked", times=9))
    quick.work()
    move.to_state(quick.shop, BOSS, ORDER, made.entry, new=TradeState.CANCELLED)
    assert quick.work_on(seconds=600).waiting == 0
    assert row_of(quick, "Orders", made)["DocumentStatus"] == "bost_Close"


def _more(row: dict[str, Any]) -> None:
    row["DocumentLines"][0]["Quantity"] = D(10)


def _less(row: dict[str, Any]) -> None:
    row["DocumentLines"][0]["Quantity"] = D(5)


def _dearer(row: dict[str, Any]) -> None:
    row["DocTotal"] += D("0.02")


TAMPERED = {_more: {"MILK in SHOP1"}, _less: {"MILK in SHOP1"}, _dearer: {"total"}}


@pytest.mark.parametrize("deed", TAMPERED)
def test_a_lowered_order_changed_in_sap_is_named_by_the_proof(
    quick: Office, deed: Callable[[dict[str, Any]], None]
) -> None:
    made = waiting(quick)
    invoiced(quick, made, (1, "4"))
    quick.work_on(seconds=60)
    approve(quick)
    quick.work_on(seconds=600)
    assert told(quick) == []
    row = row_of(quick, "Orders", made)
    row["DocumentLines"] = [dict(line) for line in row["DocumentLines"]]
    deed(row)
    quick.gate.core.books.tables["Orders"].put(row)
    assert told(quick) == [("sap_differs", frozenset(TAMPERED[deed]))]


def test_a_shop_without_sap_has_nothing_to_lower(sqlite_store: Store) -> None:
    books = opened(sqlite_store, has_sap=False)
    made = promised(books)
    invoiced(books, made, (1, "4"))
    assert posting_work.work(books.shop, None, owner="w").waiting == 0
    with books.shop.store.read() as connection:
        assert queue.rows_of(connection, [made.id], kinds=[OPEN]) == []
    assert documents(books, "Orders") == []
