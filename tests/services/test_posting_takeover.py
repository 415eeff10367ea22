"""After a power cut the one worker of a SQLite file goes on at once, and sends nothing twice."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from pos_app.services.posting import attempt
from pos_app.services.posting.ahead import Ahead
from pos_app.services.posting.takeover import take_over
from pos_app.services.posting.walk import laid_out, walk
from pos_app.store import posting_claim
from pos_app.store.engine import Store
from pos_app.store.posting import posting_steps
from tests.office import Office, office

LEASE = timedelta(seconds=600)


@pytest.fixture
def house(sqlite_store: Store) -> Office:
    return office(sqlite_store)


def in_hand(house: Office) -> None:
    """A worker takes a row, and the power goes."""
    with house.shop.store.write() as connection:
        posting_claim.claim(connection, owner="dead", now=house.shop.clock.now(), lease=LEASE)


def test_what_was_in_hand_goes_on_at_the_start(house: Office) -> None:
    posted = house.sell("MILK")
    in_hand(house)
    house.work()
    assert house.row(posted)["state"] == "Processing"
    assert take_over(house.shop) == 1
    house.work()
    assert house.row(posted)["state"] == "Completed"
    assert len(house.invoices(posted)) == 1
    assert take_over(house.shop) == 0


def test_l03_what_was_being_sent_waits_until_a_no_is_believed(house: Office) -> None:
    posted = house.sell("MILK")
    in_hand(house)
    row, now = house.row(posted), house.shop.clock.now()
    with house.shop.store.write() as connection:
        laid_out(house.shop, connection, row)  # type: ignore[arg-type]
        sent = {"state": attempt.SENT, "sent_at": now}
        connection.execute(update(posting_steps).where(posting_steps.c.step == 1).values(sent))
    take_over(house.shop)
    house.work()
    assert house.row(posted)["state"] == "Pending"
    assert house.invoices(posted) == []
    house.work_on()
    assert len(house.invoices(posted)) == 1


def test_l24_a_worker_that_lives_after_all_sends_nothing_more(house: Office) -> None:
    posted = house.sell("MILK")
    with house.shop.store.write() as connection:
        row = posting_claim.claim(connection, owner="slow", now=house.shop.clock.now(), lease=LEASE)
    assert row is not None
    take_over(house.shop)
    in_hand(house)
    with pytest.raises(attempt.NotYetVisible):
        walk(house.shop, house.connect(), row, ahead=Ahead())
    assert house.invoices(posted) == []
