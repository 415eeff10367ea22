"""What stands still is one incident per cause, and people try again, take out, put back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from pos_app.domain.permission import Actor, PermissionMissing, effective
from pos_app.domain.posting import PostingState
from pos_app.errors import RecordNotFound
from pos_app.services.check.invariants import check
from pos_app.services.posting import incident, review
from pos_app.services.posting.review import (
    Choice,
    MayBeInSap,
    MoveNotAllowed,
    ReasonNeeded,
    TakenOut,
)
from pos_app.services.sale import Posted
from pos_app.store import audit
from pos_app.store import incident as incidents
from pos_app.store.engine import Store
from sandbox.fault import Fault
from tests.office import Office, company, office

POST, FIND = "POST Invoices", "GET Invoices"
MONDAY = Fault(on=POST, do="error", code=-1116, message="(77) Not on a Monday", times=100_000)
MANAGER = Actor("u1", "mara", "Manager", effective("Manager"))
CLERK = Actor("u2", "cleo", "Cashier", effective("Cashier"))


@pytest.fixture
def house(sqlite_store: Store) -> Office:
    return office(sqlite_store)


@pytest.fixture
def any_house(store: Store) -> Office:
    return office(store)


def later(house: Office, **how: float) -> None:
    house.shop.clock.sleep(timedelta(**how).total_seconds())


def audited(house: Office, action: str) -> list[dict[str, Any]]:
    with house.shop.store.read() as connection:
        return [dict(row) for row in audit.walk(connection) if row["action"] == action]


def opened(house: Office) -> list[dict[str, Any]]:
    with house.shop.store.read() as connection:
        return [dict(row) for row in incidents.opened(connection)]


def copies(house: Office, of: Posted, count: int) -> None:
    """Rows of the queue like one that has failed, as after a day of one and the same refusal."""
    columns = (
        "kind, document_id, source, partner, currency, total, state, priority, attempts, "
        "attempts_max, failures, reason_code, cause, failed_since, request, lease_token, "
        "try_at, created_at, created_by"
    )
    query = text(
        f"INSERT INTO postings (key, reference, reason, {columns}) "
        f"SELECT :key, :reference, :reason, {columns} FROM postings WHERE reference = :of"
    )
    with house.shop.store.write() as connection:
        rows = [
            {
                "key": f"copy-{number}",
                "reference": f"T01-9{number:05}",
                "reason": f"SAP refused T01-9{number:05} for C{number:04}.",
                "of": of.receipt,
            }
            for number in range(count)
        ]
        connection.execute(query, rows)


def test_l81_three_hundred_rows_with_one_cause_are_one_incident(any_house: Office) -> None:
    house = any_house
    posted = house.sell("MILK")
    house.arm(MONDAY)
    house.work_on()
    copies(house, posted, 299)
    (one,) = incident.watch(house.shop)
    assert (one.rows, one.in_review, one.example) == (300, 300, posted.receipt)
    assert "Not on a Monday" in one.sentence
    assert one.advice
    choice = Choice(incident=one.name)
    dry = review.requeue(house.shop, MANAGER, choice, is_dry=True)
    assert (len(dry.references), dry.is_dry) == (300, True)
    assert house.row(posted)["state"] == "RequiresReview"
    done = review.requeue(house.shop, MANAGER, choice, reason="SAP's rule is off")
    assert done.references == dry.references
    assert house.row(posted)["state"] == "Pending"
    assert incident.watch(house.shop) == ()
    (noted,) = audited(house, "posting.requeue")
    assert (noted["details"]["rows"], noted["actor"]) == (300, "mara")


def test_rows_of_the_same_words_about_different_documents_have_one_cause(house: Office) -> None:
    house.arm(Fault(on=POST, do="error", code=-5002, message="Item 'A1' is inactive", times=3))
    first = house.sell("MILK")
    house.work_on()
    house.arm(Fault(on=POST, do="error", code=-5002, message="Item 'B2' is inactive", times=3))
    second = house.sell("BREAD")
    house.work_on()
    assert house.row(first)["cause"] == house.row(second)["cause"] != ""
    assert [one.rows for one in incident.found(house.shop)] == [2]


def test_blips_are_no_incident_and_what_lasts_is_one_that_ends(house: Office) -> None:
    posted = house.sell("MILK")
    house.arm(Fault(on="", do="refuse", times=100_000))
    house.work_on(seconds=600)
    assert incident.watch(house.shop) == ()
    house.work_on(seconds=600)
    for _ in range(3):
        (one,) = incident.watch(house.shop)
    assert (one.rows, one.in_review, one.cause) == (1, 0, "away")
    assert [row["cause"] for row in opened(house)] == ["away"]
    house.arm()
    house.work_on()
    assert house.row(posted)["state"] == "Completed"
    assert incident.watch(house.shop) == ()
    assert opened(house) == []
    with house.shop.store.read() as connection:
        (row,) = incidents.recent(connection, limit=9)
    assert (row["most_rows"], row["rows"]) == (1, 0)
    assert row["ended_at"] == house.shop.clock.now()


def test_l78_what_is_not_resolved_in_an_hour_is_one_incident_and_asked_ever_less(
    house: Office,
) -> None:
    posted = house.sell("MILK")
    house.arm(
        Fault(on=POST, do="drop_before"), Fault(on=FIND, do="lookup_fails", after=1, times=100_000)
    )
    house.work_on(seconds=3600)
    (one,) = incident.watch(house.shop)
    assert one.rows == 1
    asked = house.row(posted)["failures"]
    house.work_on(seconds=3600)
    row = house.row(posted)
    assert (row["state"], row["attempts"]) == ("Pending", 0)
    assert 0 < row["failures"] - asked <= 61, "a minute apart by then, and counted"
    assert incident.watch(house.shop)[0].since == one.since


def test_rows_behind_one_that_found_sap_away_wait_for_the_same(house: Office) -> None:
    for _ in range(5):
        house.sell("BREAD")
    house.arm(Fault(on="", do="refuse", times=100_000))
    house.work()
    later(house, minutes=16)
    (one,) = incident.found(house.shop)
    assert (one.cause, one.rows) == ("away", 5)


def test_a_queue_nobody_works_on_says_so(house: Office) -> None:
    posted = house.sell("MILK")
    later(house, minutes=14)
    assert incident.found(house.shop) == ()
    later(house, minutes=2)
    (one,) = incident.found(house.shop)
    assert (one.cause, one.example) == ("idle", posted.receipt)
    assert "worker" in one.sentence


def test_rows_that_wait_for_their_turn_are_no_fault_of_the_worker(house: Office) -> None:
    for _ in range(3):
        house.sell("BREAD")
    later(house, hours=3)
    with house.shop.store.write() as connection:
        connection.execute(text("UPDATE postings SET try_at = try_at + 1 WHERE queue_id > 1"))
    house.work()
    for _ in range(2):
        house.sell("BREAD")
    with house.shop.store.write() as connection:
        connection.execute(text("UPDATE postings SET created_at = 0 WHERE state = 'Pending'"))
    (one,) = incident.found(house.shop)
    assert (one.cause, one.rows) == ("backlog", 2)


def test_l56_a_closed_period_is_one_incident_at_once_and_goes_on_by_itself(
    sqlite_store: Store,
) -> None:
    house = office(sqlite_store)
    rows = [house.sell("BREAD") for _ in range(4)]
    shut = "10000156 - Posting Date deviates from the defined range"
    house.arm(Fault(on=POST, do="error", code=-5002, message=shut, times=100_000))
    house.work()
    (one,) = incident.found(house.shop)
    assert (one.cause, one.rows, one.in_review) == ("period", 4, 0)
    assert "period" in one.advice
    house.arm()
    house.work_on()
    assert {house.row(row)["state"] for row in rows} == {"Completed"}
    assert incident.found(house.shop) == ()


def test_l80_every_kind_of_row_in_trouble_is_in_the_list(house: Office) -> None:
    house.sell("MILK")
    house.arm(MONDAY)
    house.work_on()
    with house.shop.store.write() as connection:
        connection.execute(text("UPDATE postings SET kind = 'something_new'"))
    (one,) = incident.found(house.shop)
    assert one.rows == 1
    assert len(review.requeue(house.shop, MANAGER, Choice(), is_dry=True).references) == 1


def test_a_retry_forgets_the_attempts_and_is_audited(house: Office) -> None:
    posted = house.sell("MILK")
    house.arm(MONDAY)
    house.work_on()
    assert house.lamp(posted) == "review"
    assert review.retry(house.shop, CLERK, posted.receipt) is PostingState.PENDING
    assert house.lamp(posted) == "pending"
    row = house.row(posted)
    assert (row["attempts"], row["failures"], row["cause"]) == (0, 0, "")
    house.arm()
    house.work_on()
    assert house.row(posted)["state"] == "Completed"
    (noted,) = audited(house, "posting.retry")
    assert (noted["actor"], noted["subject"]) == ("cleo", posted.receipt)
    with pytest.raises(MoveNotAllowed):
        review.retry(house.shop, CLERK, str(row["queue_id"]))


def test_what_is_cancelled_never_reaches_sap_and_says_why(house: Office) -> None:
    posted = house.sell("MILK")
    with pytest.raises(PermissionMissing):
        review.cancel(house.shop, CLERK, posted.receipt, reason="no")
    for empty in ("", "  ", "x" * 201):
        with pytest.raises(ReasonNeeded):
            review.cancel(house.shop, MANAGER, posted.receipt, reason=empty)
    review.cancel(house.shop, MANAGER, posted.receipt, reason="entered by hand as 4711")
    house.work_on()
    assert house.invoices() == []
    row = house.row(posted)
    assert (row["state"], house.lamp(posted)) == ("Cancelled", "review")
    assert row["reason"] == "Cancelled by mara: entered by hand as 4711"
    (noted,) = audited(house, "posting.cancel")
    assert noted["details"]["reason"] == "entered by hand as 4711"
    with pytest.raises(TakenOut, match="say that SAP holds it"):
        review.retry(house.shop, MANAGER, posted.receipt)
    assert {found.code for found in check(house.shop, is_server=True)} <= {"sale_not_accepted"}


def test_what_may_be_in_sap_is_not_cancelled(house: Office) -> None:
    posted = house.sell("MILK")
    house.arm(Fault(on=POST, do="commit_then_drop"))
    house.work()
    with pytest.raises(MayBeInSap):
        review.cancel(house.shop, MANAGER, posted.receipt, reason="never mind")
    house.work_on()
    assert house.row(posted)["state"] == "Completed"


def test_l25_a_row_that_is_being_posted_is_neither_retried_nor_cancelled(house: Office) -> None:
    posted = house.sell("MILK")
    with house.shop.store.write() as connection:
        connection.execute(text("UPDATE postings SET state = 'Processing', lease_until = 0"))
    for deed in (
        lambda: review.retry(house.shop, MANAGER, posted.receipt),
        lambda: review.cancel(house.shop, MANAGER, posted.receipt, reason="no"),
    ):
        with pytest.raises(MoveNotAllowed):
            deed()


def test_of_two_people_at_once_the_second_finds_the_row_moved(house: Office) -> None:
    """One has read it, the other takes it out, then the one puts it back: it must stay out."""
    posted = house.sell("MILK")
    house.arm(MONDAY)
    house.work_on()
    with house.shop.store.read() as connection:
        seen = review.find(connection, posted.receipt)
    review.cancel(house.shop, MANAGER, posted.receipt, reason="entered by hand")
    with pytest.raises(MoveNotAllowed), house.shop.store.write() as connection:
        review.put_back(house.shop, connection, seen)
    assert house.row(posted)["state"] == "Cancelled"


def test_who_may_not_and_what_is_not_there(house: Office) -> None:
    nobody = replace(CLERK, permissions=frozenset())
    with pytest.raises(PermissionMissing):
        review.requeue(house.shop, nobody, Choice(), is_dry=True)
    with pytest.raises(RecordNotFound):
        review.retry(house.shop, CLERK, "T09-000001")
    with pytest.raises(RecordNotFound):
        review.requeue(house.shop, CLERK, Choice(incident="12345678"))


def test_a_day_old_row_without_an_incident_is_a_violation(house: Office) -> None:
    house.sell("MILK")
    later(house, hours=25)
    codes = {found.code for found in check(house.shop, is_server=True)}
    assert "posting_without_incident" in codes
    incident.watch(house.shop)
    codes = {found.code for found in check(house.shop, is_server=True)}
    assert "posting_without_incident" not in codes


def test_l57_a_draft_names_its_incident(sqlite_store: Store) -> None:
    house = office(sqlite_store, books=company(company={"approval": ["Invoices"]}))
    house.sell("MILK")
    house.work_on(seconds=1800)
    (one,) = incident.found(house.shop)
    assert one.cause == "approval"
    assert "Approve" in one.advice
