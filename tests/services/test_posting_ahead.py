"""Keys of many waiting documents are looked up together, and each answer stands for its own."""

from __future__ import annotations

from typing import Any

import pytest

from pos_app.services.posting import work as posting_work
from pos_app.services.posting.ahead import AT_ONCE, Ahead
from pos_app.services.sale import Posted
from pos_app.store.engine import Store
from sandbox.fault import Fault
from sync.sap import batch
from sync.sap.errors import Kind, SapRejected
from tests.office import Office, office

MANY, FEW_MORE = 12, 6
ASK = "GET Invoices"


@pytest.fixture
def house(sqlite_store: Store) -> Office:
    return office(sqlite_store)


@pytest.fixture
def any_house(store: Store) -> Office:
    return office(store)


def sold(house: Office, count: int = MANY) -> list[Posted]:
    return [house.sell("MILK") for _ in range(count)]


def states(house: Office, of: list[Posted]) -> list[str]:
    return [str(house.row(posted)["state"]) for posted in of]


def test_a_lot_is_looked_up_in_one_exchange_and_each_is_booked_once(any_house: Office) -> None:
    house = any_house
    made = sold(house)
    house.work()
    assert states(house, made) == ["Completed"] * MANY
    assert [len(house.invoices(one)) for one in made] == [1] * MANY
    assert (house.calls("POST $batch"), house.calls(ASK)) == (1, 0)
    assert house.calls("GET IncomingPayments") == 0


def test_a_few_are_asked_for_one_by_one(house: Office) -> None:
    sold(house, 3)
    house.work()
    assert (house.calls("POST $batch"), house.calls(ASK)) == (0, 3)


def test_what_sap_holds_already_is_adopted_and_never_sent_again(house: Office) -> None:
    made = sold(house)
    house.arm(Fault(on="POST Invoices", do="commit_then_drop", times=3))
    house.work_on()
    house.arm()
    house.work_on()
    assert states(house, made) == ["Completed"] * MANY
    assert [len(house.invoices(one)) for one in made] == [1] * MANY


@pytest.mark.parametrize("do", ["drop_before", "commit_then_drop", "truncate_json"])
def test_a_look_up_that_fails_whole_posts_nothing(house: Office, do: str) -> None:
    made = sold(house)
    house.arm(Fault(on="POST $batch", do=do, times=1))
    ahead = Ahead()
    worked = posting_work.work(house.shop, house.sap, owner="w", ahead=ahead)
    assert worked.problem.startswith(posting_work.AWAY)
    assert (house.invoices(), house.calls("POST Invoices")) == ([], 0)
    house.shop.clock.sleep(120)
    posting_work.work(house.shop, house.sap, owner="w", ahead=ahead)
    assert states(house, made) == ["Completed"] * MANY


def test_a_look_up_that_fails_inside_the_exchange_posts_nothing(house: Office) -> None:
    """SAP stops at the part it cannot answer, so that of those behind it nothing is known."""
    of = sold(house)
    house.arm(Fault(on=ASK, do="lookup_fails", after=2))
    house.work()
    assert (house.calls("POST $batch"), house.calls("POST Invoices")) == (1, 0)
    assert house.invoices() == []
    house.work_on()
    assert set(states(house, of)) == {"Completed"}
    assert len(house.invoices()) == len(of)


def test_a_sap_that_takes_no_batch_is_asked_one_by_one(house: Office) -> None:
    made = sold(house)
    house.arm(Fault(on="POST $batch", do="error", code=-1000, message="No batch", times=99))
    house.work()
    assert states(house, made) == ["Completed"] * MANY
    assert house.calls(ASK) == MANY


def test_one_that_sap_would_not_answer_is_not_posted_and_stops_nobody(
    house: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = sold(house)
    whole = batch.read_each

    def one_fails(sl: Any, paths: Any) -> Any:
        refusal = SapRejected("-1", "Too busy", 500, kind=Kind.TRANSIENT)
        answers = whole(sl, paths)
        return [
            refusal if made[4].sale_id in path and path.startswith("Invoices") else answer
            for path, answer in zip(paths, answers, strict=True)
        ]

    monkeypatch.setattr("sync.sap.looking.batch.read_each", one_fails)
    house.work()
    wanted = ["Completed"] * MANY
    wanted[4] = "Pending"
    assert states(house, made) == wanted
    assert house.invoices(made[4]) == []
    assert "Too busy" in house.row(made[4])["reason"]


def test_l24_a_no_is_worth_nothing_once_another_worker_had_the_row(house: Office) -> None:
    """The other worker sends the first document after we looked it up, and dies."""
    made = sold(house)
    ahead = Ahead()
    assert ahead.look(house.shop, house.sap) is None
    house.arm(Fault(on="POST Invoices", do="commit_then_drop", times=1))
    posting_work.work(house.shop, house.connect(), owner="other", limit=1)
    house.arm()
    house.shop.clock.sleep(299)
    posting_work.work(house.shop, house.sap, owner="w", ahead=ahead)
    house.work_on()
    assert [len(house.invoices(one)) for one in made] == [1] * MANY
    assert states(house, made) == ["Completed"] * MANY


def test_an_old_no_is_asked_for_again(house: Office) -> None:
    made = sold(house)
    ahead = Ahead()
    ahead.look(house.shop, house.sap)
    house.shop.clock.sleep(600)
    posting_work.work(house.shop, house.sap, owner="w", ahead=ahead)
    assert states(house, made) == ["Completed"] * MANY
    assert house.calls(ASK) == MANY


def test_no_more_than_a_bounded_number_is_asked_at_once(house: Office) -> None:
    sold(house, AT_ONCE + FEW_MORE)
    house.work()
    assert house.calls("POST $batch") == 2
    assert len(house.invoices()) == AT_ONCE + FEW_MORE
