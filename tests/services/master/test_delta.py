"""Between two whole reads only what changed is fetched: by day of change, and by new documents."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from pos_app.services.master import pull as master
from pos_app.services.master.pull import Rhythm
from pos_app.store import item, level, partner, payment_terms, period, price, stock
from pos_app.store.engine import Store
from pos_app.store.payment_terms import PaymentTerms
from sandbox.fault import Fault
from sync.sap.client import ServiceLayer
from sync.sap.port import Response
from sync.sap.simulator.in_process import InProcessHttp
from tests import office
from tests.office import Office

OFTEN = Rhythm(every=timedelta(0))
MINUTE, HOUR, DAY = 60, 3600, 24 * 3600
MANY = 300
DUE = [{"number": 2, "name": "30 days", "days": 30}]


class Counting(InProcessHttp):
    """Counts the rows that come over the line."""

    rows = 0

    def send(self, *told: Any, **named: Any) -> Response:
        response = super().send(*told, **named)
        try:
            body = json.loads(response.body or b"null")
        except ValueError:
            return response
        listed = body.get("value") if isinstance(body, Mapping) else body
        self.rows += len(listed) if isinstance(listed, list) else 0
        return response


class Fetcher:
    """A server that fetches by deltas, and how much came over the line."""

    def __init__(self, store: Store, **books: Any) -> None:
        self.office: Office = office.office(store, books=office.company(**books))
        self.http = Counting(self.office.gate, self.office.shop.clock.sleep)
        self.sap = ServiceLayer(office.SETTINGS, self.http, self.office.shop.clock)
        assert self.pull().problem == ""

    def pull(self, *, after: float = MINUTE, rhythm: Rhythm = OFTEN) -> Any:
        self.office.shop.clock.sleep(after)
        return master.pull(self.office.shop, self.sap, hs_field="U_HSCode", rhythm=rhythm)

    def read(self, ask: Any, *what: Any, **how: Any) -> Any:
        with self.office.shop.store.read() as connection:
            return ask(connection, *what, **how)

    def on_hand(self, code: str) -> Decimal:
        place = (code, "SHOP1")
        found: Decimal = self.read(stock.of_places, [place])[place]["on_hand"]
        return found

    def invoice(self, code: str = "MILK", quantity: int = 3, **line: Any) -> None:
        """Somebody else sells straight in SAP."""
        row = {"ItemCode": code, "Quantity": quantity, "PriceAfterVAT": 1, "WarehouseCode": "SHOP1"}
        body = {"CardCode": "C0001", "DocumentLines": [{**row, **line}]}
        self.sap.post("Invoices", body)


def plain(number: int) -> dict[str, Any]:
    return {
        "code": f"G{number:04}",
        "name": f"Goods {number}",
        "vat_group": "O1",
        "uom": "EA",
        "prices": {"1": "1.00", "2": "26.00"},
        "stock": {"SHOP1": "5"},
    }


@pytest.fixture
def shop(store: Store) -> Fetcher:
    return Fetcher(store)


def test_l99_an_unchanged_sap_sends_almost_nothing(store: Store) -> None:
    goods = [*office.company()["items"], *map(plain, range(MANY))]
    shop = Fetcher(store, items=goods)
    first = shop.http.rows
    assert first > MANY
    shop.http.rows = 0
    assert shop.pull().done == 0
    assert shop.http.rows < first * 0.05


def test_a_sale_made_in_sap_moves_stock_batches_and_balance(shop: Fetcher) -> None:
    shop.invoice()
    lot = [{"BatchNumber": "Y-LATE", "Quantity": 2, "BaseLineNumber": 0}]
    shop.invoice("YOGHURT", 2, BatchNumbers=lot)
    assert shop.pull().problem == ""
    assert (shop.on_hand("MILK"), shop.on_hand("YOGHURT")) == (97, 33)
    lots = shop.read(stock.batches_of, [("YOGHURT", "SHOP1")])
    assert {row["batch"]: row["on_hand"] for row in lots} == {"Y-LATE": 28, "Y-SOON": 5}
    balance = shop.read(partner.by_codes, ["C0001"])["C0001"].balance
    assert balance.amount == Decimal(5)
    assert shop.pull().done == 0


def test_l52_own_sales_count_once_whatever_comes_first(shop: Fetcher) -> None:
    shop.office.sell("MILK", quantity="4")
    assert shop.on_hand("MILK") == 96
    shop.pull()
    assert shop.on_hand("MILK") == 96
    shop.office.work_on()
    shop.pull()
    assert shop.on_hand("MILK") == 96
    shop.pull(after=DAY)
    assert shop.on_hand("MILK") == 96


def test_documents_that_could_not_be_asked_for_are_asked_for_again(shop: Fetcher) -> None:
    shop.invoice()
    shop.office.arm(Fault(on="GET Orders", do="error", times=9, code="-1", message="out of order"))
    assert "out of order" in shop.pull().problem
    assert shop.on_hand("MILK") == 100
    shop.office.arm()
    assert shop.pull().problem == ""
    assert shop.on_hand("MILK") == 97


def test_a_kind_that_fails_keeps_the_documents_it_follows_unseen(shop: Fetcher) -> None:
    shop.invoice()
    fault = Fault(on="GET BusinessPartners", do="error", times=9, code="-1", message="no")
    shop.office.arm(fault)
    assert shop.pull().problem
    assert shop.on_hand("MILK") == 97
    shop.office.arm()
    assert shop.pull().problem == ""
    assert shop.read(partner.by_codes, ["C0001"])["C0001"].balance.amount == 3


def test_a_changed_item_comes_at_once_and_a_hidden_price_with_the_day(shop: Fetcher) -> None:
    shop.sap.patch("Items('MILK')", {"ItemName": "Milk fresh"})
    shop.pull()
    assert shop.read(item.find_by_code, "MILK").name == "Milk fresh"
    shop.office.gate.core.books.prices["BREAD"][1] = (Decimal("1.10"), "USD")
    shop.pull(after=DAY)
    assert [row.price for row in shop.read(price.for_item, "BREAD")][:1] == [Decimal("1.10")]


def test_special_prices_are_never_older_than_the_hour(shop: Fetcher) -> None:
    special = {"ItemCode": "MILK", "CardCode": "C0001", "Price": 1.5, "Currency": "USD"}
    shop.sap.post("SpecialPrices", {**special, "Price": Decimal("1.5")})
    shop.pull()
    assert shop.read(price.specials_for, "MILK") == []
    shop.pull(after=HOUR)
    assert [row.price for row in shop.read(price.specials_for, "MILK")] == [Decimal("1.5")]


def test_how_old_each_kind_is_and_what_is_wrong_with_it(shop: Fetcher) -> None:
    before = {row.kind: row for row in master.state(shop.office.shop)}
    assert {row.read_at for row in before.values()} == {shop.office.shop.clock.now()}
    fault = Fault(on="GET SpecialPrices", do="error", times=9, code="-1", message="out of order")
    shop.office.arm(fault)
    shop.pull(after=HOUR)
    now = {row.kind: row for row in master.state(shop.office.shop)}
    assert now["goods"].read_at == shop.office.shop.clock.now()
    assert now["special_prices"].read_at == before["special_prices"].read_at
    assert "out of order" in now["special_prices"].problem


def test_each_kind_is_read_whole_when_its_time_has_come(shop: Fetcher) -> None:
    """What docs/sap.md promises: each time, hourly, each business day, weekly."""
    whole: dict[str, float] = {}
    known = {row.kind: row.whole_at for row in master.state(shop.office.shop)}
    passed = 0.0
    for age in (MINUTE, HOUR, DAY, 7 * DAY):
        shop.pull(after=age - passed)
        passed = age
        for row in master.state(shop.office.shop):
            if row.whole_at != known[row.kind]:
                whole.setdefault(row.kind, age)
                known[row.kind] = row.whole_at
    often, weekly = {"rates": MINUTE}, {"goods": DAY, "partners": 7 * DAY}
    hourly = dict.fromkeys(known.keys() - often.keys() - weekly.keys(), HOUR)
    assert whole == often | hourly | weekly


def test_units_levels_and_periods_come_along(store: Store) -> None:
    milk = {**plain(1), "uom_group": "M", "barcodes": ["6001", {"code": "16001", "unit": "BOX12"}]}
    milk |= {"minimum": {"SHOP1": "10"}, "cost": "1.10"}
    group = {"code": "M", "base": "EA", "units": [{"unit": "BOX12", "base_quantity": "12"}]}
    month = {"from": "2026-11-01", "to": "2026-11-30", "sales": False, "indicator": "26"}
    company = office.company()["company"] | {"periods": [month]}
    goods = [*office.company()["items"], milk]
    shop = Fetcher(store, items=goods, uom_groups=[group], company=company, payment_terms=DUE)
    [use] = shop.read(item.uses_of_barcode, "16001")
    assert (use.item, use.uom, use.factor) == ("G0001", "box12", 12)
    assert shop.read(item.uses_of_barcode, "6001")[0].factor == 1
    assert shop.read(payment_terms.by_number, 2) == PaymentTerms(2, "30 days", 30, 0)
    held = shop.read(period.on, shop.office.shop.today)
    assert (held.is_open, held.allows_sales, held.indicator) == (True, False, "26")
    [kept] = shop.read(level.of_items, ["G0001", "MILK"]).values()
    assert (kept.item, kept.minimum, kept.cost) == ("G0001", 10, Decimal("1.10"))


def test_a_barcode_of_an_unknown_unit_sells_nothing(shop: Fetcher) -> None:
    """It might stand for a case of twelve; sold as one piece it would be a gift."""
    barcode = {"ItemNo": "MILK", "Barcode": "99", "UoMEntry": 7}
    shop.sap.post("BarCodes", barcode)
    shop.pull(after=DAY)
    assert shop.read(item.uses_of_barcode, "99") == []
    goods = next(row for row in master.state(shop.office.shop) if row.kind == "goods")
    assert (goods.flaws, "99" in goods.flaw) == (1, True)


def test_a_price_sync_reads_everything_now(shop: Fetcher) -> None:
    shop.office.gate.core.books.prices["BREAD"][1] = (Decimal("1.20"), "USD")
    assert shop.pull(rhythm=replace(OFTEN, goods_days=0)).problem == ""
    assert shop.read(price.for_item, "BREAD")[0].price == Decimal("1.20")


def test_what_is_gone_for_good_is_confirmed_once(store: Store) -> None:
    """A shrink somebody confirmed is the new measure, also of prices and places."""
    goods = [*office.company()["items"], *map(plain, range(60))]
    shop = Fetcher(store, items=goods)
    shop.office.gate.core.load(office.company())
    whole = replace(OFTEN, goods_days=0)
    assert "items where there were" in shop.pull(rhythm=whole).problem
    assert shop.read(item.find_by_code, "G0007").is_active
    sap, made = shop.sap, shop.office.shop
    told = master.pull(made, sap, hs_field="U_HSCode", rhythm=whole, accepts_shrink=True)
    assert told.problem == ""
    assert not shop.read(item.find_by_code, "G0007").is_active
    assert shop.pull(rhythm=whole).problem == ""
