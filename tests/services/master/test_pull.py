"""Fetching from SAP: whole or not at all, nothing lost by a bad answer, only news in the feed."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from pos_app.services.master import pull as master
from pos_app.services.master.pull import ALL_NOW, Rhythm
from pos_app.services.worked import Worked
from pos_app.store import currency, feed, partner, price, stock, tax, warehouse
from pos_app.store import item as items
from pos_app.store.engine import Store
from sandbox.fault import Fault
from sync.sap.client import ServiceLayer
from sync.sap.simulator.gate import Gate
from sync.sap.simulator.in_process import InProcessHttp
from tests import office, shops
from tests.office import Office

MANY = 40

Books = dict[str, Any]


@dataclass
class Fetching:
    """A server that fetches from a SAP whose books a test may change."""

    office: Office
    books: Books

    @property
    def gate(self) -> Gate:
        return self.office.gate

    @property
    def sap(self) -> ServiceLayer:
        return self.office.sap

    def pull(self) -> Worked:
        """Fetch everything, an hour later than the time before."""
        self.office.shop.clock.sleep(3600)
        return master.pull(self.office.shop, self.sap, hs_field="U_HSCode", rhythm=ALL_NOW)

    def change(self, **books: Any) -> None:
        """Let SAP have other books from now on."""
        self.books = self.books | books
        self.gate.core.load(self.books)

    def item(self, code: str) -> dict[str, Any]:
        """An item of the books, to be changed before `change`."""
        self.books = copy.deepcopy(self.books)
        found: dict[str, Any] = next(row for row in self.books["items"] if row["code"] == code)
        return found

    def news(self) -> list[tuple[str, str]]:
        """What the latest fetch put into the feed."""
        with self.office.shop.store.read() as connection:
            head = feed.head(connection)
        before = int(head["seq"]) if head else 0
        worked = self.pull()
        assert worked.problem == ""
        with self.office.shop.store.read() as connection:
            rows = feed.page(connection, after=before, limit=1000)
        assert len(rows) <= worked.done  # a place and its batches are one thing in the feed
        assert bool(rows) == bool(worked.done)
        return [(row["kind"], row["key"]) for row in rows]

    def read(self, ask: Any, *what: Any, **how: Any) -> Any:
        """Ask the server's books."""
        with self.office.shop.store.read() as connection:
            return ask(connection, *what, **how)

    def prices_of(self, code: str) -> dict[str, Decimal]:
        return {row.price_list: row.price for row in self.read(price.for_item, code)}


@pytest.fixture
def fetching(store: Store) -> Fetching:
    books = office.company()
    made = Fetching(office.office(store, books=books), books)
    first = made.pull()
    assert first.problem == ""
    assert first.done > 0
    return made


def test_a_fetch_of_unchanged_books_tells_tills_nothing(fetching: Fetching) -> None:
    """Also not of goods in batches, which once entered the feed at every fetch."""
    assert fetching.news() == []


def test_what_sap_has_is_what_the_shop_sells_from(fetching: Fetching) -> None:
    milk = fetching.read(items.find_by_code, "MILK")
    assert (milk.name, milk.tax_group, milk.hs_code) == ("Milk 1 l", "O1", "04011000")
    assert milk.barcodes == ("6001234567892",)
    banana = fetching.read(items.find_by_code, "BANANA")
    assert (banana.uom, banana.decimals, banana.is_weighed) == ("kg", 3, True)
    assert fetching.prices_of("MILK") == {"1": Decimal("1.99"), "2": Decimal("51.74")}
    rate = fetching.read(currency.newest_rate, "USD", "ZIG")
    assert rate.rate == shops.RATE
    assert fetching.read(tax.groups)
    assert [place.code for place in fetching.read(warehouse.every)] == ["SHOP1"]


@pytest.mark.parametrize(
    ("what", "news"),
    [
        ({"name": "Milk fresh 1 l"}, ("item", "MILK")),
        ({"barcodes": ["6001234567892", "4006381333931"]}, ("item", "MILK")),
        ({"vat_group": "O2"}, ("item", "MILK")),
        ({"prices": {"1": "2.05", "2": "51.74"}}, ("price", "MILK")),
        ({"stock": {"SHOP1": "99"}}, ("stock", "MILK|SHOP1")),
    ],
    ids=["name", "barcode", "tax group", "price", "stock"],
)
def test_only_what_changed_is_news(
    fetching: Fetching, what: dict[str, Any], news: tuple[str, str]
) -> None:
    fetching.item("MILK").update(what)
    fetching.change()
    assert fetching.news() == [news]
    assert fetching.news() == []


@pytest.mark.parametrize(
    "batches",
    [
        [("Y-LATE", "2027-01-31", "30"), ("Y-SOON", "2026-11-20", "4")],
        [("Y-LATE", "2027-01-31", "31"), ("Y-SOON", "2026-11-20", "4")],
        [("Y-LATE", "2027-02-01", "30"), ("Y-SOON", "2026-11-20", "5")],
        [("Y-LATE", "2027-01-31", "35")],
        [("Y-LATE", "2027-01-31", "30"), ("Y-NEW", "2027-06-30", "5")],
    ],
    ids=["sold", "another mix, one total", "expiry", "gone", "renamed"],
)
def test_a_changed_batch_is_news_once(
    fetching: Fetching, batches: Sequence[tuple[str, str, str]]
) -> None:
    fetching.item("YOGHURT")["batches"] = [
        {"number": number, "expiry": expiry, "quantities": {"SHOP1": quantity}}
        for number, expiry, quantity in batches
    ]
    fetching.change()
    assert fetching.news() == [("stock", "YOGHURT|SHOP1")]
    rows = fetching.read(stock.batches_of, [("YOGHURT", "SHOP1")])
    told = {(row["batch"], row["expiry"], row["on_hand"]) for row in rows if row["on_hand"]}
    assert told == {
        (number, date.fromisoformat(expiry), Decimal(quantity))
        for number, expiry, quantity in batches
    }
    assert fetching.news() == []


def test_own_sales_of_a_batch_count_until_sap_has_them(fetching: Fetching) -> None:
    fetching.office.sell("YOGHURT")
    place = ("YOGHURT", "SHOP1")
    assert fetching.read(stock.of_places, [place])[place]["on_hand"] == 34
    assert fetching.news() == []
    assert fetching.read(stock.of_places, [place])[place]["on_hand"] == 34
    fetching.office.work_on()
    assert ("stock", "YOGHURT|SHOP1") in fetching.news()
    assert fetching.read(stock.of_places, [place])[place]["on_hand"] == 34
    rows = fetching.read(stock.batches_of, [place])
    assert sum(row["on_hand"] for row in rows) == 34


def test_an_item_sap_has_no_more_is_no_longer_sold(fetching: Fetching) -> None:
    fetching.change(items=[row for row in fetching.books["items"] if row["code"] != "BOOK"])
    assert ("item", "BOOK") in fetching.news()
    assert not fetching.read(items.find_by_code, "BOOK").is_active
    assert fetching.news() == []


@pytest.mark.parametrize(
    ("left", "lists"), [({"1": "1.99"}, {"1"}), ({}, set())], ids=["one list", "every list"]
)
def test_a_price_taken_back_in_sap_is_taken_back_here(
    fetching: Fetching, left: dict[str, str], lists: set[str]
) -> None:
    fetching.item("MILK")["prices"] = left
    fetching.change()
    assert fetching.news() == [("price", "MILK")]
    assert set(fetching.prices_of("MILK")) == lists
    assert fetching.news() == []


def test_special_prices_come_and_go(fetching: Fetching) -> None:
    special = {"item": "MILK", "partner": "C0001", "price": "1.50", "currency": "USD"}
    fetching.change(special_prices=[special])
    assert fetching.news() == [("special_price", "MILK")]
    assert [row.price for row in fetching.read(price.specials_for, "MILK")] == [Decimal("1.5")]
    assert fetching.news() == []
    fetching.change(special_prices=[])
    assert fetching.news() == [("special_price", "MILK")]
    assert fetching.read(price.specials_for, "MILK") == []


def test_a_changed_customer_is_news(fetching: Fetching) -> None:
    changed = [row | {"name": "Canteen"} for row in fetching.books["partners"]]
    fetching.change(partners=[fetching.books["partners"][0], changed[1]])
    assert fetching.news() == [("partner", "C0001")]


@pytest.mark.parametrize(
    "on",
    [
        "GET Items", "GET BusinessPartners", "GET PriceLists", "GET SpecialPrices",
        "GET VatGroups", "GET Warehouses", "GET ChartOfAccounts", "GET SQLQueries",
        "POST SBOBobService", "POST CompanyService",
    ],
)  # fmt: skip
@pytest.mark.parametrize("do", ["error", "drop_before", "truncate_json"])
def test_a_failed_read_leaves_everything_and_is_told(fetching: Fetching, on: str, do: str) -> None:
    if (on, do) == ("POST SBOBobService", "truncate_json"):
        pytest.skip("half a number is a number; a transport notices that its body is short")
    before = _everything(fetching)
    fetching.office.arm(Fault(on=on, do=do, times=99, code="-1", message="out of order"))
    worked = fetching.pull()
    assert worked.problem
    assert worked.next_at is not None
    assert worked.next_at - fetching.office.shop.clock.now() <= timedelta(seconds=10)
    assert _everything(fetching) == before


def test_the_small_kinds_that_fail_are_told_and_stay_too(fetching: Fetching) -> None:
    before = _everything(fetching)
    for on in ("GET Currencies", "GET ProfitCenters", "GET PaymentTermsTypes", "GET UserFieldsMD",
               "GET UnitOfMeasurementGroups", "POST CompanyService_GetFinancePeriods"):  # fmt: skip
        fetching.office.arm(Fault(on=on, do="error", times=99, code="-1", message="out of order"))
        assert "out of order" in fetching.pull().problem, on
        assert _everything(fetching) == before


def test_a_read_that_breaks_in_the_middle_is_no_shorter_list(fetching: Fetching) -> None:
    """The first page of two has come: nothing of it is stored."""
    small = replace(office.SETTINGS, page_size=MANY // 2)
    clock = fetching.office.shop.clock
    fetching.office.sap = ServiceLayer(small, InProcessHttp(fetching.gate, clock.sleep), clock)
    goods = [_plain(f"G{number:03}") for number in range(MANY)]
    fetching.change(items=[*fetching.books["items"], *goods])
    assert fetching.pull().problem == ""
    assert fetching.read(items.find_by_code, f"G{MANY - 1:03}") is not None
    fetching.change(items=[row | {"name": "Renamed"} for row in fetching.books["items"]])
    fetching.office.arm(
        Fault(on="GET Items", do="error", times=99, after=2, code="-1", message="out of order")
    )
    assert fetching.pull().problem
    names = {row.name for row in fetching.read(items.page, limit=MANY * 2)}
    assert "Renamed" not in names


def test_an_implausible_shrink_is_refused_and_the_rest_still_comes(fetching: Fetching) -> None:
    full = [*fetching.books["items"], *(_plain(f"G{number:03}") for number in range(MANY))]
    fetching.change(items=full)
    assert fetching.pull().problem == ""
    customers = [row | {"name": "Renamed"} for row in fetching.books["partners"]]
    fetching.change(items=full[:10], partners=customers)
    problem = fetching.pull().problem
    assert "10 items where there were" in problem
    assert "former copy stays in use" in problem
    assert fetching.read(items.find_by_code, f"G{MANY - 1:03}").is_active
    assert fetching.prices_of(f"G{MANY - 1:03}")
    assert fetching.read(partner.by_codes, ["C0001"])["C0001"].name == "Renamed"
    fetching.change(items=full)
    assert fetching.pull().problem == ""


def test_prices_or_batches_do_not_vanish_all_at_once(fetching: Fetching) -> None:
    """Records that answer, and answer empty, are as implausible as records that are missing."""
    lots = [
        {"number": f"B{number:02}", "expiry": "2027-01-31", "quantities": {"SHOP1": "1"}}
        for number in range(MANY)
    ]
    goods = [_plain(f"G{number:03}") for number in range(MANY)]
    fetching.item("YOGHURT")["batches"] = lots
    fetching.change(items=[*fetching.books["items"], *goods])
    assert fetching.pull().problem == ""
    fetching.change(items=[row | {"prices": {}} for row in fetching.books["items"]])
    assert "0 prices where there were" in fetching.pull().problem
    assert fetching.prices_of("MILK")
    fetching.change(items=[*fetching.books["items"][:-MANY], *goods])
    fetching.item("YOGHURT")["batches"] = []
    fetching.change()
    fetching.pull()
    rows = fetching.read(stock.batches_of, [("YOGHURT", "SHOP1")])
    assert sum(row["on_hand"] for row in rows) == MANY


def test_a_currency_nobody_mapped_is_named(fetching: Fetching) -> None:
    euro = {"number": 3, "name": "Euro", "gross": True, "currency": "EUR", "active": True}
    coin = {"code": "EUR", "name": "Euro", "iso": "EUR"}
    fetching.change(
        price_lists=[*fetching.books["price_lists"], euro],
        currencies=[*fetching.books["currencies"], coin],
    )
    assert "EUR" in fetching.pull().problem
    assert len(fetching.read(price.lists)) == 2


def test_it_fetches_when_it_is_time(store: Store) -> None:
    made = office.office(store)
    shop = made.shop
    every = timedelta(minutes=10)

    def pull() -> Worked:
        return master.pull(shop, made.sap, hs_field="U_HSCode", rhythm=Rhythm(every=every))

    assert master.fetched_at(shop) is None
    first = pull()
    begun = shop.clock.now()
    assert (first.next_at, master.fetched_at(shop)) == (begun + every, begun)
    asked = made.calls("GET Items")
    shop.clock.sleep(599)
    assert pull() == Worked(next_at=begun + every)
    assert made.calls("GET Items") == asked
    shop.clock.sleep(1)
    pull()
    assert made.calls("GET Items") > asked


def test_a_days_rate_is_news_even_when_it_is_the_same(fetching: Fetching) -> None:
    fetching.office.shop.clock.sleep(24 * 3600)
    assert fetching.news() == [("rate", "USD|ZIG")]
    assert fetching.news() == []


def _plain(code: str) -> dict[str, Any]:
    return {
        "code": code,
        "name": f"Goods {code}",
        "vat_group": "O1",
        "uom": "EA",
        "barcodes": [],
        "prices": {"1": "1.00", "2": "26.00"},
        "fields": {"U_HSCode": "21069090"},
        "stock": {"SHOP1": "5"},
    }


def _everything(fetching: Fetching) -> dict[str, Any]:
    codes = [goods.code for goods, _ in shops.GOODS]
    found = {
        "items": [fetching.read(items.find_by_code, code) for code in codes],
        "prices": fetching.read(price.for_items, codes),
        "lists": fetching.read(price.lists),
        "partners": fetching.read(partner.by_codes, ["C0000", "C0001"]),
        "taxes": fetching.read(tax.groups),
        "places": fetching.read(warehouse.every),
        "rate": fetching.read(currency.newest_rate, "USD", "ZIG"),
        "stock": fetching.read(stock.of_warehouse, "SHOP1"),
        "batches": fetching.read(stock.batches_of, [("YOGHURT", "SHOP1")]),
    }
    return {name: list(rows) if isinstance(rows, list) else rows for name, rows in found.items()}
