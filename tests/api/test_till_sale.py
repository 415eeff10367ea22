"""Sales that tills made, as programs find them among the invoices."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pos_app.services import feed
from pos_app.services.shop import Shop
from pos_app.store.engine import open_store
from pos_app.store.migrate import upgrade
from tests import pair, shops
from tests.api.house import House


@pytest.fixture
def till(house: House, tmp_path: Path) -> Iterator[Shop]:
    """A till that has its goods from the server and one sale to tell of."""
    with house.shop.store.write() as connection:
        feed.announce(connection)
    with open_store(tmp_path / "till.db") as store:
        upgrade(store)
        made = pair.open_bare_till(store, clock=house.clock)
        pair.work(made, pair.remote(house.shop))
        shops.open_till(made)
        yield made


def test_a_tills_sale_is_an_invoice_paid_at_once(house: House, till: Shop) -> None:
    posted = pair.sell(till, "MILK")
    pair.work(till, pair.remote(house.shop))
    (told,) = house.as_role("Manager").get("/api/Invoice").json()["items"]
    assert told["receiptNumber"] == posted.receipt
    assert (told["docStatus"], told["paidToDate"]) == ("Closed", told["docTotal"])
    assert told["lines"][0]["itemCode"] == "MILK"
    assert told["sapStatus"] == "Pending"
    again = house.as_role("Manager").get(f"/api/Invoice/{told['id']}")
    assert again.json() == told
    payment = {
        "cardCode": told["cardCode"],
        "cashSum": 1,
        "paymentInvoices": [{"docEntry": told["id"], "sumApplied": 1}],
    }
    answer = house.as_role("Admin").post("/api/IncomingPayment", payment)
    assert answer.json()["code"] == "payment_over_applied"
