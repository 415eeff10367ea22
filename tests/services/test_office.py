"""Pages in the office: counted like any paper, in a queue of their own, asked about when unsure."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader

from pos_app.cli.status import as_text
from pos_app.domain.lamp import Lamp
from pos_app.services import office, receipt, spool, spool_question, status
from pos_app.services.office import OfficeMissing
from pos_app.services.shop import KindRules, OfficeRules
from pos_app.store.engine import Store
from printing.office import OfficeRefused
from printing.outcome import Outcome, OutcomeKind
from tests import shops
from tests.counter import Counter, counter

RULES = OfficeRules(folder=Path("office"))


class Room:
    """An office that takes, refuses or leaves in doubt what it is handed."""

    def __init__(self) -> None:
        self.pages: list[tuple[str, str]] = []
        self.kind = OutcomeKind.PROBABLY

    def hand(self, pdf: bytes, name: str) -> Outcome:
        if self.kind is OutcomeKind.REFUSED:
            return Outcome(kind=self.kind, job_id=name, reason=OfficeRefused("it is asleep"))
        shown = "".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages)
        self.pages.append((name, shown))
        return Outcome(kind=self.kind, job_id=name)


@pytest.fixture
def till(store: Store) -> Counter:
    return counter(store, office=RULES)


def goes_to(till: Counter, *ways: str) -> None:
    rules = till.shop.rules
    kinds = {"invoice": KindRules(goes_to=frozenset(ways))}
    paper = replace(rules.paper, kinds=kinds)
    till.shop = replace(till.shop, rules=replace(rules, paper=paper))
    till.restart()


def test_a_page_asked_for_is_a_copy_that_counts(till: Counter) -> None:
    posted, room = till.sell("MILK"), Room()
    till.file()
    till.print()
    made = office.print_receipt(till.shop, shops.actor(), posted.receipt)
    assert made.copy_number == 1
    assert office.work(till.shop, room).done == 1
    ((name, shown),) = room.pages
    assert name.startswith("T01-000001-")
    assert "COPY 1" in shown
    assert [job["copy_number"] for job in till.jobs(posted)] == [0, 1]


def test_an_invoice_of_the_office_is_the_original_and_nothing_comes_on_the_roll(
    till: Counter,
) -> None:
    goes_to(till, "office")
    posted, room = till.sell("MILK"), Room()
    till.file()
    till.print()
    assert till.papers() == []
    assert receipt.lamps(till.shop, posted.sale_id).printed is Lamp.PENDING
    office.work(till.shop, room)
    ((_, shown),) = room.pages
    assert "COPY" not in shown
    assert "FISCAL TAX INVOICE" in shown
    assert receipt.lamps(till.shop, posted.sale_id).printed is Lamp.DONE


def test_of_roll_and_page_the_second_says_copy(till: Counter) -> None:
    goes_to(till, "printer", "office")
    till.sell("MILK")
    till.file()
    room = Room()
    office.work(till.shop, room)
    till.print()
    (roll,) = till.papers()
    assert "COPY" not in roll
    assert "COPY 1" in room.pages[0][1]


def test_an_office_that_refuses_holds_back_no_receipt_and_is_tried_again(till: Counter) -> None:
    goes_to(till, "printer", "office")
    room = Room()
    room.kind = OutcomeKind.REFUSED
    till.sell("MILK")
    till.file()
    worked = office.work(till.shop, room)
    assert "it is asleep" in worked.problem
    seen = status.status(till.shop)
    assert seen.office == worked.problem
    assert f"  office: {worked.problem}" in as_text(seen).splitlines()
    till.print()
    assert len(till.papers()) == 1
    room.kind = OutcomeKind.PROBABLY
    assert office.work(till.shop, room).done == 0  # not yet
    till.shop.clock.sleep(5)
    assert office.work(till.shop, room).done == 1
    assert status.status(till.shop).office == ""


def test_a_page_nobody_can_vouch_for_is_asked_about_and_never_handed_again(till: Counter) -> None:
    goes_to(till, "office")
    posted, room = till.sell("MILK"), Room()
    room.kind = OutcomeKind.UNCONFIRMED
    till.file()
    office.work(till.shop, room)
    room.kind = OutcomeKind.PROBABLY
    till.shop.clock.sleep(60)
    office.work(till.shop, room)
    assert len(room.pages) == 1
    (asked,) = spool_question.unconfirmed(till.shop)
    assert posted.receipt in asked.title
    spool.answer(till.shop, shops.actor(), asked.id, is_there=False)
    till.print()
    assert ["COPY 1" in text for text in till.papers()] == [True]


class Killed(BaseException):
    """The program dies."""


def test_a_crash_while_handing_over_is_asked_about(till: Counter) -> None:
    class Deadly(Room):
        def hand(self, pdf: bytes, name: str) -> Outcome:
            raise Killed

    goes_to(till, "office")
    till.sell("MILK")
    till.file()
    with pytest.raises(Killed):
        office.work(till.shop, Deadly())
    till.print()  # the roll's lane leaves it alone
    room = Room()
    office.work(till.shop, room)
    assert room.pages == []
    (asked,) = spool_question.unconfirmed(till.shop)
    assert "stopped while it handed" in asked.reason


def test_pages_that_prove_nothing_and_a_till_without_an_office(till: Counter) -> None:
    room = Room()
    made = counter_page(till)
    office.print_page(till.shop, "Count SHOP1", made)
    office.work(till.shop, room)
    assert "COUNT SHEET" in room.pages[0][1]
    bare = replace(till.shop, rules=replace(till.shop.rules, office=None))
    with pytest.raises(OfficeMissing):
        office.print_page(bare, "x", made)
    with pytest.raises(OfficeMissing):
        office.print_receipt(bare, shops.actor(), "T01-000001")


def counter_page(till: Counter) -> bytes:
    from pos_app.services import saved_paper
    from pos_app.services.saved_paper import Form

    manager = shops.actor("manager")
    return saved_paper.save_count(till.shop, manager, "SHOP1", Form.PDF, is_blind=False).data
