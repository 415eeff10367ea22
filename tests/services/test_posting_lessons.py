"""Lessons of other shops' accidents about the way to SAP that have no test beside their part."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from sqlalchemy import text

from pos_app.services.posting import incident
from pos_app.store.engine import Store
from tests.office import Office, company, office


def put_in(house: Office, item: str, quantity: int) -> None:
    """Goods that arrive in SAP."""
    line = {"ItemCode": item, "Quantity": quantity, "WarehouseCode": "SHOP1", "UnitPrice": 1}
    house.sap.post("InventoryGenEntries", {"DocDate": "2026-11-02", "DocumentLines": [line]})


def move_batch(house: Office, kind: str, lot: dict[str, object]) -> None:
    """A batch that leaves SAP, or comes back."""
    line = {
        "ItemCode": "YOGHURT",
        "Quantity": lot["Quantity"],
        "WarehouseCode": "SHOP1",
        "BatchNumbers": [lot],
    }
    house.sap.post(kind, {"DocDate": "2026-11-02", "DocumentLines": [line]})


def test_l29_a_sale_of_yesterday_that_comes_today_goes_with_its_own_date(
    sqlite_store: Store,
) -> None:
    house = office(sqlite_store)
    late, today = house.sell("MILK"), house.sell("BREAD")
    yesterday = (house.shop.today - timedelta(days=1)).isoformat()
    with house.shop.store.write() as connection:
        moved = text("UPDATE sales SET business_date = :day WHERE id = :id")
        connection.execute(moved, {"day": yesterday, "id": late.sale_id})
    house.work_on()
    assert [row["DocDate"][:10] for row in house.invoices(late)] == [yesterday]
    assert [row["DocDate"][:10] for row in house.payments(late)] == [yesterday]
    assert house.row(today)["state"] == "Completed"


def test_l46_one_short_item_among_thirty_sales_waits_alone_and_goes_once_goods_are_there(
    sqlite_store: Store,
) -> None:
    books = company()
    bread = next(row for row in books["items"] if row["code"] == "BREAD")
    bread["stock"] = {"SHOP1": "0"}
    house = office(sqlite_store, books=books)
    others = [house.sell("MILK") for _ in range(29)]
    short = house.sell("BREAD")
    house.work_on(seconds=900)
    assert {house.row(posted)["state"] for posted in others} == {"Completed"}
    row = house.row(short)
    assert (row["state"], row["waits_for"], row["attempts"]) == ("Pending", "stock", 0)
    (one,) = incident.found(house.shop)
    assert (one.rows, one.example) == (1, short.receipt)
    put_in(house, "BREAD", 5)
    house.work_on()
    assert house.row(short)["state"] == "Completed"
    assert [Decimal(row["DocTotal"]) for row in house.invoices(short)] == [short.total.amount]
    assert incident.found(house.shop) == ()


def test_l44_a_batch_emptied_meanwhile_waits_by_name_and_is_never_sold_from_another(
    sqlite_store: Store,
) -> None:
    house = office(sqlite_store)
    sold = house.sell("YOGHURT", quantity="3")
    taken = {"BatchNumber": "Y-SOON", "Quantity": 5}
    move_batch(house, "InventoryGenExits", taken)
    for _ in range(6):
        house.work()
        row = house.row(sold)
        assert (row["state"], row["waits_for"], row["attempts"]) == ("Pending", "stock", 0)
        assert all(word in row["reason"] for word in ("YOGHURT", "Y-SOON"))
        # By another session, as after a restart, nothing is sent before its time either.
        assert house.work(owner="another", sap=house.connect()).done == 0
        assert row["try_at"] > house.shop.clock.now()
        house.shop.clock.sleep(3600)
    assert house.row(sold)["failures"] == 6
    (one,) = incident.found(house.shop)
    assert (one.rows, one.example) == (1, sold.receipt)
    move_batch(house, "InventoryGenEntries", taken | {"ExpiryDate": "2026-11-20"})
    house.work_on()
    [invoice] = house.invoices(sold)
    [line] = invoice["DocumentLines"]
    assert [(lot["BatchNumber"], Decimal(lot["Quantity"])) for lot in line["BatchNumbers"]] == [
        ("Y-SOON", Decimal(3))
    ]
    assert incident.found(house.shop) == ()


def test_l79_what_waits_for_a_person_starves_nobody(sqlite_store: Store) -> None:
    house = office(sqlite_store)
    posted = house.sell("MILK")
    copied = (
        "kind, document_id, reference, source, partner, currency, total, priority, attempts, "
        "attempts_max, request, lease_token, try_at, created_at, created_by"
    )
    with house.shop.store.write() as connection:
        query = text(
            f"INSERT INTO postings (key, state, reason, cause, {copied}) "
            f"SELECT :key, 'RequiresReview', 'no', 'no', {copied} FROM postings WHERE queue_id = 1"
        )
        connection.execute(query, [{"key": f"old-{number}"} for number in range(2000)])
        connection.execute(text("UPDATE postings SET priority = -1 WHERE key LIKE 'old-%'"))
    more = [house.sell("BREAD") for _ in range(5)]
    worked = house.work()
    assert worked.done == 6
    assert {house.row(one)["state"] for one in more} == {"Completed"}
    assert house.invoices(posted)
