"""Before the day: each thing SAP or our own data lacks is named, and its documents wait for it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from pos_app.services import feed
from pos_app.services.posting.work import work
from pos_app.services.preflight import morning, told
from pos_app.services.preflight.gate import Gate
from pos_app.services.sale import Posted
from pos_app.services.shop import FiscalRules
from pos_app.store.engine import Store, open_store
from sandbox.fault import Fault
from tests import pair, shops
from tests.office import Office, company, connected, office

NO_DEVICE = FiscalRules(device="", is_required=False, deferred_count=0, deferred_hours=0)
FIELDS = {
    name: ["U_Van_saleorder"]
    for name in ("OINV", "ORIN", "ORDR", "OQUT", "OPOR", "OPDN", "OWTQ", "OWTR", "OIGE", "OIGN")
} | {"ODRF": ["U_Van_saleorder"], "OITM": ["U_HSCode"]}
PRICED = "UPDATE items SET is_active = 0 WHERE code IN ('NOPRICE', 'ODDTAX')"


def books(**changes: Any) -> dict[str, Any]:
    """A company that lacks nothing, but for the changes."""
    made = company(company={"user_fields": FIELDS})
    for name, value in changes.items():
        made[name] = {**made[name], **value} if isinstance(made[name], dict) else value
    return made


def house_of(store: Store, **changes: Any) -> Office:
    house = office(store, books=books(**changes), role="server", fiscal=NO_DEVICE)
    house.shop = replace(house.shop, rules=replace(house.shop.rules, damaged_warehouse=""))
    with store.write() as connection:
        connection.execute(text(PRICED))
    return house


def named(house: Office) -> set[str]:
    return {problem.code for problem in morning.look(house.shop, house.sap).problems}


@pytest.fixture
def house(sqlite_store: Store) -> Office:
    return house_of(sqlite_store)


def test_a_company_that_lacks_nothing_is_clear(store: Store) -> None:
    house = house_of(store)
    house.sell("MILK")
    seen = morning.look(house.shop, house.sap)
    assert [problem.sentence for problem in seen.problems] == []
    assert (seen.is_clear, seen.is_whole) == (True, True)


def accounts(**changes: Any) -> list[dict[str, Any]]:
    return [row | changes if row["code"] == "1110" else row for row in company()["accounts"]]


def partners(**changes: Any) -> list[dict[str, Any]]:
    return [row | changes if row["code"] == "C0000" else row for row in company()["partners"]]


def items(**changes: Any) -> list[dict[str, Any]]:
    return [row | changes if row["code"] == "MILK" else row for row in company()["items"]]


def vat(rate: str) -> list[dict[str, Any]]:
    first, *others = company()["vat_groups"]
    return [first | {"rates": [{"from": "2026-01-01", "rate": rate}]}, *others]


LACKS: dict[str, dict[str, Any]] = {
    "field_missing": {"company": {"user_fields": {"OITM": ["U_HSCode"]}}},
    "rate_missing": {"rates": []},
    "vat_group_wrong": {"vat_groups": vat("15")},
    "account_unusable": {"accounts": accounts(active=False)},
    "partner_unusable": {"partners": partners(active=False)},
    "item_unusable": {"items": items(active=False)},
}


@pytest.mark.parametrize("code", LACKS)
def test_what_sap_lacks_is_named_and_its_documents_wait(house: Office, code: str) -> None:
    posted = house.sell("MILK", currency="ZIG" if code == "rate_missing" else "USD")
    change(house, **LACKS[code])
    assert named(house) == {code}
    assert_waits(house, posted)


def test_l56_a_field_sap_lost_is_named_within_the_hour(house: Office) -> None:
    """Asked for in one place: fetching what SAP has goes on without it."""
    gate = Gate(house.shop, house.sap)
    assert gate.look().is_clear
    house.gate.core.change_company(LACKS["field_missing"]["company"])
    house.shop.clock.sleep(3600)
    assert {problem.code for problem in gate.look().problems} == {"field_missing"}


def test_a_closed_period_holds_the_documents_of_the_day(house: Office) -> None:
    posted = house.sell("MILK")
    period = {"from": "2026-11-01", "to": "2026-11-30", "open": False}
    change(house, company={"user_fields": FIELDS, "periods": [period]})
    assert named(house) == {"period_closed"}
    assert_waits(house, posted)
    change(house)
    house.shop.clock.sleep(120)
    gate = Gate(house.shop, house.sap)
    assert work(house.shop, house.sap, owner="w", hold=gate.hold).done == 1
    assert house.lamp(posted) == "done"


@pytest.mark.parametrize(
    ("series", "code"),
    [
        ({"locked": True}, "series_unusable"),
        ({"first": 10, "last": 9}, "series_unusable"),
        ({"first": 1, "last": 100}, "series_near_end"),
        ({"first": 1, "last": 100000}, None),
    ],
)
def test_a_numbering_series_is_looked_at(
    house: Office, series: dict[str, Any], code: str | None
) -> None:
    one = {"document": 13, "number": 13, "name": "Primary", **series}
    change(house, company={"user_fields": FIELDS, "series": [one]})
    assert named(house) == ({code} if code else set())


def test_only_the_documents_of_what_is_wrong_wait(house: Office) -> None:
    milk, bread = house.sell("MILK"), house.sell("BREAD")
    change(house, items=items(active=False))
    gate = Gate(house.shop, house.sap)
    assert work(house.shop, house.sap, owner="w", hold=gate.hold).done == 1
    assert (house.row(milk)["state"], house.row(bread)["state"]) == ("Pending", "Completed")


def test_what_sap_may_hold_already_is_looked_up_and_not_held(house: Office) -> None:
    posted = house.sell("MILK")
    house.arm(Fault(on="POST IncomingPayments", do="commit_then_drop"))
    work(house.shop, house.sap, owner="w")
    milk = house.gate.core.books.tables["Items"].get("MILK")
    assert milk is not None
    house.gate.core.books.tables["Items"].put(milk | {"Frozen": "tYES"})
    assert named(house) == {"item_unusable"}
    house.shop.clock.sleep(3600)
    gate = Gate(house.shop, house.sap)
    work(house.shop, house.sap, owner="w", hold=gate.hold)
    assert house.row(posted)["state"] == "Completed"
    assert len(house.payments(posted)) == 1


def test_a_look_that_fails_says_so_and_holds_nothing(house: Office) -> None:
    house.sell("MILK")
    house.arm(Fault(on="GET VatGroups", do="error", code="-1", times=9))
    seen = morning.look(house.shop, house.sap)
    assert (seen.problems, seen.is_clear, seen.is_whole) == ((), False, False)
    assert seen.unread
    gate = Gate(house.shop, house.sap)
    assert work(house.shop, house.sap, owner="w", hold=gate.hold).done == 1


def test_one_look_serves_a_batch(house: Office) -> None:
    for _ in range(3):
        house.sell("MILK")
    gate = Gate(house.shop, house.sap)
    assert work(house.shop, house.sap, owner="w", hold=gate.hold).done == 3
    assert house.calls("GET VatGroups") == 2  # the rows, and how many there are


LACKING = {
    "price_missing": "UPDATE items SET is_active = 1 WHERE code = 'NOPRICE'",
    "tax_unknown": "UPDATE items SET is_active = 1, is_free = 1 WHERE code = 'ODDTAX'",
    "tax_differs": "UPDATE tax_groups SET percent = 15000000 WHERE code = 'O1'",
    "rate_unknown": "DELETE FROM exchange_rates",
    "rate_old": "UPDATE exchange_rates SET at = at - 86400000000",
    "walk_in_unusable": "UPDATE partners SET is_active = 0 WHERE code = 'C0000'",
    "price_list_unknown": "UPDATE price_lists SET code = '9' WHERE code = '2'",
}


@pytest.mark.parametrize("code", LACKING)
def test_what_our_own_data_lacks_is_named(house: Office, code: str) -> None:
    assert morning.look(house.shop, None).problems == ()
    with house.shop.store.write() as connection:
        assert connection.execute(text(LACKING[code])).rowcount
    found = {problem.code for problem in morning.look(house.shop, None).problems}
    assert found == {code}


def test_tills_learn_what_the_server_found(
    house: Office, tmp_path: Path, sqlite_template: Path
) -> None:
    path = tmp_path / "till.db"
    path.write_bytes(sqlite_template.read_bytes())
    change(house, rates=[])
    with house.shop.store.write() as connection:
        feed.announce(connection)
    morning.keep(house.shop, morning.look(house.shop, house.sap))
    with open_store(path) as opened:
        clock = house.shop.clock
        assert isinstance(clock, shops.FixedClock)
        till = pair.open_bare_till(opened, clock=clock)
        assert told.told(till) == ()
        pair.work(till, pair.remote(house.shop))
        assert [problem.code for problem in told.told(till)] == ["rate_missing"]
        assert "rate_missing" in {problem.code for problem in morning.of_till(till).problems}
        clock.sleep(86_400)
        assert told.told(till) == ()


def assert_waits(house: Office, posted: Posted) -> None:
    """It waits with a reason, nothing was sent, and no attempt is spent."""
    gate = Gate(house.shop, house.sap)
    worked = work(house.shop, house.sap, owner="w", hold=gate.hold)
    row = house.row(posted)
    assert (row["state"], row["attempts"], row["waits_for"]) == ("Pending", 0, "preflight")
    assert row["reason"]
    assert house.calls("POST Invoices") == 0
    assert worked.waiting == 1


def change(house: Office, **changes: Any) -> None:
    """The same SAP with other books."""
    house.gate, house.sap = connected(house.shop, books(**changes))
