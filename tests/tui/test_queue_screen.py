"""The queue to SAP on the screen of a till: told by the server, acted on there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pytest

from pos_app.domain.permission import till_actor
from pos_app.domain.user import User
from pos_app.errors import PosError
from pos_app.services.posting import line, panel
from pos_app.services.sale import Posted
from pos_app.store import audit, user
from pos_app.store.engine import Store
from pos_app.store.user import StoredUser
from sandbox.fault import Fault
from sync.errors import OutcomeUnknown, Rejected, Unavailable
from tests.office import Office, office
from tests.services.test_posting_by_hand import by_person
from tests.tui.conftest import Person
from tests.tui.grocer import MANAGER_PIN

MONDAY = Fault(
    on="POST Invoices", do="error", code=-1116, message="(77) Not on a Monday", times=100_000
)
SIZES = [(120, 36), (80, 24)]


@dataclass
class Line:
    """The till's line to its server."""

    house: Office
    is_cut: bool = False
    loses_answers: bool = False

    def queue(self, *, user: str, choice: str) -> Mapping[str, Any]:
        if self.is_cut:
            raise Unavailable("The server cannot be reached (no route).")
        try:
            return panel.tell(self.house.shop, TILL, username=user, choice=choice)
        except PosError as error:
            raise Rejected(error.code, error.sentence, 409) from error

    def queue_deed(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        if self.is_cut:
            raise Unavailable("The server cannot be reached (no route).")
        try:
            done = panel.act(self.house.shop, TILL, asked, sap=self.house.sap)
        except PosError as error:
            raise Rejected(error.code, error.sentence, 409) from error
        if self.loses_answers:
            raise OutcomeUnknown("The server's answer got lost.")
        return done


TILL = till_actor("T01", "till")


@dataclass
class Desk:
    person: Person
    line: Line
    sold: list[Posted]

    @property
    def house(self) -> Office:
        return self.line.house

    def states(self) -> list[str]:
        return [str(self.house.row(posted)["state"]) for posted in self.sold]


@pytest.fixture
def desk(person: Any, sqlite_store: Store) -> Any:
    async def come(
        size: tuple[int, int] = SIZES[0], *, fails: bool = True, username: str = "farai"
    ) -> Desk:
        house = office(sqlite_store)
        manager = User("u-farai", "farai", "Farai", "Manager")
        now = house.shop.clock.now()
        with house.shop.store.write() as connection:
            user.put(connection, [StoredUser(user=manager, created_at=now, changed_at=now)])
        sold = [house.sell("BREAD") for _ in range(3)]
        if fails:
            house.arm(MONDAY)
            house.work_on()
        till = await person(size=size)
        till.enter(username, MANAGER_PIN) if username == "farai" else till.enter(username)
        server = Line(house)
        till.app._interior = replace(till.app._interior, receipts=lambda: server)
        made = Desk(till, server, sold)
        await till.press("f10")
        await till.at("ShiftScreen")
        await till.press("f2")
        return made

    return come


@pytest.mark.parametrize("size", SIZES)
async def test_what_stands_still_is_one_line_with_what_to_do(desk: Any, size: Any) -> None:
    made = await desk(size)
    await made.person.at("QueueScreen")
    await made.person.sees("3 documents", "3 need a person", "Not on a Monday", "Put right in SAP")


async def test_all_of_it_is_tried_again_after_a_question(desk: Any) -> None:
    made = await desk()
    await made.person.at("QueueScreen")
    await made.person.press("f9")
    await made.person.sees("Try 3 documents again", made.sold[0].receipt)
    await made.person.press("n")
    assert made.states() == ["RequiresReview"] * 3
    await made.person.press("f9")
    await made.person.sees("Try 3 documents again")
    await made.person.press("y")
    await made.person.sees("Tried again: 3 documents", "Nothing stands still")
    assert made.states() == ["Pending"] * 3
    made.house.arm()
    made.house.work_on()
    await made.person.press("f7")
    await made.person.sees("Everything is in SAP")
    with made.house.shop.store.read() as connection:
        deeds = [(row["action"], row["actor"]) for row in audit.walk(connection)]
    assert ("posting.requeue", "farai") in deeds


async def test_one_document_is_tried_again_and_one_is_taken_out_with_a_reason(desk: Any) -> None:
    made = await desk()
    await made.person.at("QueueScreen")
    await made.person.press("f6")
    await made.person.sees("Needs a person", *(posted.receipt for posted in made.sold))
    await made.person.press("f8")
    await made.person.sees("is tried again")
    assert made.states() == ["Pending", "RequiresReview", "RequiresReview"]
    await made.person.press("ctrl+x")
    await made.person.sees("Why does SAP not hear of it")
    await made.person.press("enter")
    await made.person.sees("Type the reason")
    await made.person.type("entered by hand as 17\r")
    await made.person.sees("is taken out of the queue")
    assert made.states() == ["Pending", "Cancelled", "RequiresReview"]
    assert "by farai: entered by hand as 17" in made.house.row(made.sold[1])["reason"]


async def test_one_that_somebody_entered_by_hand_is_told_by_its_number(desk: Any) -> None:
    made = await desk()
    await made.person.at("QueueScreen")
    await made.person.press("f6")
    await made.person.sees("Needs a person", made.sold[0].receipt)
    await made.person.press("ctrl+s")
    await made.person.sees("The number that SAP shows")
    await made.person.type("x\r")
    await made.person.sees("such as 5001")
    await made.person.press("escape")
    made.house.arm()
    number = by_person(made.house, made.sold[0], item="BREAD")
    await made.person.press("ctrl+s")
    await made.person.sees("The number that SAP shows")
    await made.person.type(f"{number}\r")
    await made.person.sees(f"{made.sold[0].receipt} is in SAP as {number}")
    assert made.states() == ["Pending", "RequiresReview", "RequiresReview"]
    made.house.work_on()
    assert made.states()[0] == "Completed"


async def test_a_server_that_is_away_is_not_an_empty_queue(desk: Any) -> None:
    made = await desk()
    await made.person.at("QueueScreen")
    await made.person.sees("3 documents")
    made.line.is_cut = True
    await made.person.press("f4")
    await made.person.sees("does not tell", "3 documents", "does not answer")
    made.line.is_cut, made.line.loses_answers = False, True
    await made.person.press("f6")
    await made.person.press("f8")
    await made.person.sees("answer was lost", "renew the list")


async def test_the_connection_is_told(desk: Any) -> None:
    made = await desk(fails=False)
    await made.person.at("QueueScreen")
    await made.person.sees("SAP was not asked yet", "3 wait", "Nothing stands still")
    line.note(made.house.shop, is_up=True)
    await made.person.press("f4")
    await made.person.sees("SAP answers.")
    line.note(made.house.shop, is_up=False, problem="No route to SAP.")
    await made.person.press("f4")
    await made.person.sees("SAP does not answer: No route to SAP.")


async def test_a_cashier_has_no_such_key(desk: Any) -> None:
    made = await desk(username="thandi")
    await made.person.at("ShiftScreen")


async def test_the_server_checks_who_decides(sqlite_store: Store) -> None:
    house = office(sqlite_store)
    posted = house.sell("BREAD")
    for asked in (
        {"user": "nobody", "deed": "cancel", "document": posted.receipt, "reason": "x"},
        {"user": "cashier", "deed": "cancel", "document": posted.receipt, "reason": "x"},
        {"user": "manager", "deed": "explode", "document": posted.receipt},
    ):
        with pytest.raises(PosError):
            panel.act(house.shop, TILL, asked)
    assert house.row(posted)["state"] == "Pending"
