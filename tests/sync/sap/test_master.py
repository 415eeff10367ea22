from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from itertools import islice
from typing import Any

import pytest

from sync.errors import SyncError, Unavailable
from sync.sap import company, master
from sync.sap.batch_stock import CODE, batch_quantities
from sync.sap.errors import IncompleteRead, Kind, SapRejected
from sync.sap.goods import goods, goods_by_code
from sync.sap.held import read_day
from sync.sap.master_rows import ItemRow, PriceRow, StockRow
from sync.sap.paging import by_key, counted
from sync.sap.query import Query


def items(sl: Any, since: date | None = None, *, extra: Sequence[str] = ()) -> Iterator[ItemRow]:
    return (row.item for page in goods(sl, since, extra=extra) for row in page)


def prices(sl: Any) -> Iterator[PriceRow]:
    return (price for page in goods(sl) for row in page for price in row.prices)


def stock(sl: Any) -> Iterator[StockRow]:
    return (level for page in goods(sl) for row in page for level in row.stock)


ITEM_CODES = ["BREAD", "DELIVERY", "MILK1", "OLDIE", "SUGAR"]


def test_items_come_with_everything_a_till_needs(world: Any) -> None:
    rows = {row.code: row for row in items(world.sl, extra=("U_HSCode",))}
    assert list(rows) == ITEM_CODES
    milk = rows["MILK1"]
    assert milk.barcodes == ("6001234567890", "26001234567894")
    assert (milk.barcode, milk.vat_group, milk.uom) == ("6001234567890", "O01", "EA")
    assert (milk.by_batch, milk.by_serial, milk.is_inventory) == (True, False, True)
    assert milk.fields == {"U_HSCode": "04012000"}
    assert milk.updated == date(2026, 8, 10)
    assert not rows["OLDIE"].active
    assert not rows["DELIVERY"].is_inventory


def test_items_changed_since_a_day(world: Any) -> None:
    assert [row.code for row in items(world.sl, date(2026, 8, 19))] == ["BREAD"]
    assert list(items(world.sl, date(2027, 1, 1))) == []


def test_l54_items_by_code_take_few_requests(local: Any) -> None:
    codes = ["BREAD", "O'NEILL", "MILK1", *(f"X{number}" for number in range(60))]
    assert [row.item.code for row in goods_by_code(local.sl, codes)] == ["BREAD", "MILK1"]
    assert len(local.calls("GET Items")) == 3


def test_prices_leave_out_what_has_none(world: Any) -> None:
    rows = list(prices(world.sl))
    assert [(row.item_code, row.price_list, str(row.price), row.currency) for row in rows] == [
        ("BREAD", 1, "1.00", "USD"),
        ("DELIVERY", 1, "5.00", "USD"),
        ("MILK1", 1, "1.99", "USD"),
        ("MILK1", 2, "53.30", "ZiG"),
        ("MILK1", 3, "1.50", "USD"),
        ("SUGAR", 1, "3.10", "USD"),
    ]


def test_stock_of_one_warehouse_shows_zeros_too(world: Any) -> None:
    rows = list(stock(world.sl))
    main = {row.item_code: row.in_stock for row in rows if row.warehouse == "MAIN"}
    assert main == {"BREAD": 100, "MILK1": 7, "OLDIE": 0, "SUGAR": 0}
    assert len(rows) == 12


def test_batches_with_their_quantity_per_warehouse(world: Any) -> None:
    rows = list(batch_quantities(world.sl, "SHOP1"))
    assert [(row.batch, row.quantity, row.status) for row in rows] == [
        ("B1", 5, "released"),
        ("B2", 5, "released"),
        ("B3", 9, "locked"),
    ]
    assert rows[0].expiry == date(2026, 9, 1)
    assert [row.batch for row in batch_quantities(world.sl, "MAIN")] == ["B1"]
    assert list(batch_quantities(world.sl, "SHUT")) == []
    assert world.calls("POST SQLQueries") == ["201"]


def test_l60_the_stored_query_is_mended_when_somebody_changed_it(world: Any) -> None:
    list(batch_quantities(world.sl, "SHOP1"))
    world.sl.patch(f"SQLQueries('{CODE}')", {"SqlText": 'SELECT "ItemCode" FROM "OITM"'})
    assert len(list(batch_quantities(world.sl, "SHOP1"))) == 3


def test_l45_batches_that_cannot_be_read_are_unknown_not_none(world: Any) -> None:
    list(batch_quantities(world.sl, "SHOP1"))
    world.arm("error", f"GET SQLQueries('{CODE}')/List", code=702, message="no access")
    with pytest.raises(SapRejected):
        list(batch_quantities(world.sl, "SHOP1"))
    world.arm("drop_before", f"GET SQLQueries('{CODE}')/List", times=3)
    with pytest.raises(Unavailable):
        list(batch_quantities(world.sl, "SHOP1"))


def test_a_build_that_answers_an_empty_result_as_missing(world: Any) -> None:
    world.arm("error", f"GET SQLQueries('{CODE}')/List", code=-2028, message="none")
    assert list(batch_quantities(world.sl, "SHOP1")) == []


def test_batches_page_by_key(local: Any, make: Any) -> None:
    lines = [
        {"ItemCode": "MILK1", "Quantity": 1, "WarehouseCode": "SHOP1",
         "BatchNumbers": [{"BatchNumber": f"N{number}", "Quantity": 1}]}
        for number in range(25)
    ]  # fmt: skip
    local.sl.post("InventoryGenEntries", {"DocDate": "2026-08-20", "DocumentLines": lines})
    sl = local.client(page_size=4)
    rows = list(batch_quantities(sl, "SHOP1"))
    assert len({row.batch for row in rows}) == len(rows) == 28


def test_partners(world: Any) -> None:
    rows = {row.code: row for row in master.partners(world.sl)}
    assert list(rows) == ["C0001", "C0002", "C0003", "C0009", "V0001"]
    other = rows["C0002"]
    assert (other.name, other.currency, other.price_list) == ("O'Brien & Sons", "ZiG", 2)
    assert (other.credit_limit, other.balance) == (500, Decimal("12.50"))
    assert rows["C0001"].currency is None
    assert rows["V0001"].kind == "supplier"
    assert not rows["C0009"].active
    assert [row.code for row in master.partners(world.sl, date(2026, 8, 19))] == ["C0002"]


def test_small_tables(world: Any) -> None:
    sl = world.sl
    lists = list(master.price_lists(sl))
    assert [(row.number, row.is_gross, row.currency) for row in lists] == [
        (1, True, "USD"),
        (2, True, "ZiG"),
        (3, False, "USD"),
    ]
    groups = {row.code: row for row in master.vat_groups(sl)}
    assert groups["O01"].rate_on(date(2025, 12, 31)) == 15
    assert groups["O01"].rate_on(date(2026, 1, 1)) == Decimal("15.5")
    assert groups["O01"].rate_on(date(2019, 1, 1)) is None
    assert not groups["I01"].is_output
    assert not groups["OLD"].active
    assert [row.code for row in master.warehouses(sl) if row.active] == ["MAIN", "SHOP1"]
    accounts = {row.code: row for row in master.accounts(sl)}
    assert (accounts["1110"].currency, accounts["1110"].is_cash) == ("USD", True)
    assert accounts["1120"].currency is None
    assert not accounts["1199"].active
    assert [row.code for row in master.cost_centres(sl) if row.active] == ["SHOP1"]
    assert [(row.code, row.documents_code) for row in master.currencies(sl)] == [
        ("USD", "USD"),
        ("ZiG", "ZWG"),
    ]


def test_special_prices_with_their_periods(world: Any) -> None:
    rows = list(master.special_prices(world.client(page_size=1)))
    assert [(row.item_code, str(row.price), row.is_period) for row in rows] == [
        ("BREAD", "0.90", False),
        ("MILK1", "50", False),
        ("MILK1", "48.50", True),
        ("SUGAR", "3.00", False),
        ("SUGAR", "2.90", True),
    ]
    assert rows[2].valid_to == date(2026, 8, 31)
    assert rows[2].currency == "ZiG"


def test_the_company_and_its_rates(world: Any) -> None:
    told = company.company(world.sl)
    assert (told.local_currency, told.direct_rate) == ("USD", False)
    assert told.blocks_negative_stock
    assert (told.approves, told.groups_vat, told.invoices_in_payment) == (False, True, 100)
    assert company.rate(world.sl, "ZiG", date(2026, 8, 20)) == 25
    assert company.rate(world.sl, None, date(2026, 8, 20)) == 1
    with pytest.raises(SapRejected) as caught:
        company.rate(world.sl, "ZiG", date(2026, 8, 21))
    assert caught.value.kind is Kind.WAITING_FOR_RATE
    body = {"Currency": "ZiG", "RateDate": "2026-08-21", "Rate": Decimal("26.7943")}
    world.sl.post("SBOBobService_SetCurrencyRate", body)
    assert company.rate(world.sl, "ZiG", date(2026, 8, 21)) == Decimal("26.7943")


def test_user_fields_of_a_table(world: Any) -> None:
    assert company.user_fields(world.sl, "OINV") == {"U_Van_saleorder", "U_OrderNumber"}
    assert company.user_fields(world.sl, "ORCT") == frozenset()


READS = [
    ("Items", items),
    ("BusinessPartners", master.partners),
    ("PriceLists", master.price_lists),
    ("SpecialPrices", master.special_prices),
    ("VatGroups", master.vat_groups),
    ("Warehouses", master.warehouses),
    ("ChartOfAccounts", master.accounts),
    ("ProfitCenters", master.cost_centres),
    ("Currencies", master.currencies),
]


@pytest.mark.parametrize(("set_name", "read"), READS)
def test_l40_a_failed_read_raises_wherever_it_fails(local: Any, set_name: str, read: Any) -> None:
    sl = local.client(page_size=1)
    for after in (0, 1):
        local.arm("drop_before", f"GET {set_name}?", after=after, times=3)
        with pytest.raises(SyncError):
            list(read(sl))
        local.arm("lookup_fails", f"GET {set_name}/$count", times=3)
        with pytest.raises(SyncError):
            list(read(sl))
        local.clock.sleep(60)


@pytest.mark.parametrize(("set_name", "read"), READS)
def test_short_pages_lose_nothing(world: Any, set_name: str, read: Any) -> None:
    whole = list(read(world.sl))
    world.arm("short_pages", f"GET {set_name}", times=99)
    assert list(read(world.client(page_size=3))) == whole


def stream(sl: Any) -> Iterator[str]:
    return (row.code for row in items(sl))


def test_l41_rows_inserted_between_pages_lose_and_repeat_nothing(world: Any) -> None:
    sl = world.client(page_size=2)
    reading = stream(sl)
    seen = list(islice(reading, 2))
    world.sl.post("Items", {"ItemCode": "AAA", "ItemName": "before the cursor"})
    world.sl.post("Items", {"ItemCode": "ZZZ", "ItemName": "behind it"})
    seen += reading
    assert [code for code in seen if code in ITEM_CODES] == ITEM_CODES
    assert len(set(seen)) == len(seen)
    assert "ZZZ" in seen


def test_l41_rows_deleted_between_pages_lose_and_repeat_nothing(world: Any) -> None:
    sl = world.client(page_size=2)
    reading = stream(sl)
    seen = list(islice(reading, 2))
    world.sl._write("DELETE", "Items('DELIVERY')", None)
    seen += reading
    assert seen == ITEM_CODES


def test_offset_paging_would_have_lost_a_row(local: Any) -> None:
    query = Query(select=("ItemCode",), order_by="ItemCode")
    reading = local.sl.rows("Items", query, page_size=2)
    seen = list(islice(reading, 2))
    local.sl._write("DELETE", "Items('DELIVERY')", None)
    seen += reading
    assert [row["ItemCode"] for row in seen] != ITEM_CODES


def test_l41_missing_rows_are_noticed_at_the_end(local: Any) -> None:
    query = Query(select=("ItemCode",), where="Valid eq 'tYES'")
    every = by_key(local.sl, "Items", "ItemCode", query)
    lossy = (row for row in every if row["ItemCode"] != "MILK1")
    with pytest.raises(IncompleteRead, match="counts 4"):
        list(counted(local.sl, "Items", query.where, lossy))


def test_an_empty_page_that_promises_more_is_refused(local: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(
        local.sl, "page", lambda _path, *, page_size: {"value": [], "odata.nextLink": "Items"}
    )
    with pytest.raises(Unavailable, match="empty page"):
        list(by_key(local.sl, "Items", "ItemCode", Query(select=("ItemCode",))))


def test_l43_an_unknown_flag_is_not_a_no(local: Any) -> None:
    local.sl.patch("Items('MILK1')", {"ManageBatchNumbers": None})
    with pytest.raises(Unavailable, match="ManageBatchNumbers of MILK1"):
        list(items(local.sl))


def test_units_and_the_barcodes_that_name_them(world: Any) -> None:
    [group] = master.unit_groups(world.sl)
    assert group.code == "SUGAR"
    assert [(unit.code, unit.factor) for unit in group.units] == [("EA", 1), ("BOX12", 12)]
    rows = {row.code: row for row in items(world.sl)}
    assert rows["SUGAR"].uom_group == group.number
    assert rows["SUGAR"].barcode_units == (("16001111111116", group.units[1].entry),)
    assert rows["SUGAR"].barcodes == ("6001111111111", "16001111111116")
    assert (rows["BREAD"].uom_group, rows["BREAD"].barcode_units) == (-1, ())


def test_l65_special_prices_come_with_their_periods_and_quantities(world: Any) -> None:
    rows = [row for row in master.special_prices(world.sl) if row.item_code == "SUGAR"]
    assert [(row.is_period, row.price) for row in rows] == [(False, 3), (True, Decimal("2.90"))]
    assert (rows[1].valid_from, rows[1].valid_to) == (date(2026, 8, 1), date(2026, 8, 31))
    steps = [(step.quantity, step.price, step.discount_percent) for step in rows[1].quantities]
    assert steps == [(10, Decimal("2.70"), 0), (100, 0, 15)]


@pytest.mark.parametrize(
    ("day", "quantity", "price"),
    [
        (date(2026, 8, 20), "1", "2.90"),
        (date(2026, 8, 20), "10", "2.70"),
        (date(2026, 8, 20), "100", "2.6350"),
        (date(2026, 9, 1), "100", "3.00"),
    ],
)
def test_sap_s_own_price_by_period_and_quantity(
    world: Any, day: date, quantity: str, price: str
) -> None:
    told = company.own_price(world.sl, "SUGAR", "C0003", day=day, quantity=Decimal(quantity))
    assert told == (Decimal(price), "USD")
    plain = company.own_price(world.sl, "SUGAR", "C0001", day=day, quantity=Decimal(1))
    assert plain == (Decimal("3.10"), "USD")


def test_periods_and_series_as_a_preflight_reads_them(world: Any) -> None:
    [always] = company.periods(world.sl)
    assert (always.is_open, always.allows_sales) == (True, True)
    [series] = company.series(world.sl, 13)
    assert (series.next_number, series.is_locked, series.indicator) == (100001, False, "Default")
    months = [
        {"from": "2026-07-01", "to": "2026-07-31", "open": False, "indicator": "26"},
        {"from": "2026-08-01", "to": "2026-08-31", "sales": False, "indicator": "26"},
    ]
    world.core.change_company({"periods": months})
    shut, partly = company.periods(world.sl)
    assert (shut.is_open, partly.is_open, partly.allows_sales) == (False, True, False)
    assert (partly.first, partly.indicator) == (date(2026, 8, 1), "26")
    with pytest.raises(SapRejected):
        company.series(world.sl, 4711)


def test_partners_cost_centres_and_accounts_tell_all_a_server_needs(world: Any, make: Any) -> None:
    body = {
        "CardCode": "C0003",
        "DocDueDate": "2026-08-21",
        "DocumentLines": [
            {"ItemCode": "SUGAR", "WarehouseCode": "SHOP1", "PriceAfterVAT": 3, "Quantity": 2}
        ],
    }
    world.sl.post("Orders", body)
    rows = {row.code: row for row in master.partners(world.sl)}
    assert (rows["C0003"].open_orders, rows["C0003"].balance) == (6, 0)
    centres = {row.code: row for row in master.cost_centres(world.sl)}
    assert centres["SHOP1"].valid_from == date(2000, 1, 1)
    assert {row.format_code for row in master.accounts(world.sl)} >= {"1110", "6400"}


def test_l99_no_codes_no_question(local: Any) -> None:
    assert list(goods_by_code(local.sl, [])) == []
    assert list(master.partners_by_code(local.sl, [])) == []
    assert local.calls("GET") == []


def test_l98_three_hundred_odd_codes_come_in_few_questions(local: Any) -> None:
    codes = [f"O'Neil & {number} %/ü" for number in range(300)]
    for code in codes[::10]:
        local.sl.post("Items", {"ItemCode": code, "ItemName": code})
    found = [row.item.code for row in goods_by_code(local.sl, codes)]
    assert sorted(found) == sorted(codes[::10])
    assert len(local.calls("GET Items")) == len(codes) // master.CODES_PER_REQUEST


def test_l60_two_who_ask_at_once_never_get_each_others_rows(world: Any) -> None:
    """Both use the stored query of one name; what they ask for is bound, not written into it."""
    ask = {
        "SHOP1": lambda: [row.warehouse for row in batch_quantities(world.sl, "SHOP1")],
        "MAIN": lambda: [row.warehouse for row in batch_quantities(world.sl, "MAIN")],
    }
    with ThreadPoolExecutor(4) as pool:
        asked = [(place, pool.submit(ask[place])) for place in ("SHOP1", "MAIN") * 10]
    assert all(set(told.result()) == {place} for place, told in asked)


@pytest.mark.parametrize(
    ("told", "day"),
    [
        (None, None),
        ("", None),
        ("2026-08-20", date(2026, 8, 20)),
        ("2026-08-20T00:00:00Z", date(2026, 8, 20)),
        ("20260820", date(2026, 8, 20)),
    ],
)
def test_l70_every_shape_of_a_day_is_read(told: Any, day: date | None) -> None:
    assert read_day(told) == day


@pytest.mark.parametrize("told", ["20/08/2026", "2026-13-01", "0001-01-01", "/Date(1)/", 20])
def test_l70_another_shape_is_an_error_and_never_a_default(told: Any) -> None:
    with pytest.raises(Unavailable, match="cannot be read"):
        read_day(told)
