"""The sample shop on one SQLite file, filled straight through the store, for measuring."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

from pos_app.bootstrap import rules
from pos_app.clock import SystemClock
from pos_app.config import load
from pos_app.domain.currency import Rate, convert
from pos_app.domain.item import Item
from pos_app.domain.money import Money
from pos_app.domain.partner import Partner
from pos_app.domain.permission import Actor
from pos_app.domain.price import ListPrice, PriceList
from pos_app.domain.sale import Sale
from pos_app.domain.shift import parse_counts
from pos_app.domain.tax import TaxGroup, TaxKind
from pos_app.domain.tender import Tender
from pos_app.domain.user import User
from pos_app.ids import SystemIds
from pos_app.sample import goods
from pos_app.services import basket, credential, shift, tender
from pos_app.services.shop import Rules, Shop
from pos_app.store import currency, item, partner, price, rebase, tax, user
from pos_app.store.engine import Store, open_store
from pos_app.store.migrate import upgrade
from pos_app.store.user import StoredUser

EXAMPLE = Path(__file__).parents[1] / "config.example.toml"
SEED = 1
USERNAME, PIN = "cashier", "4821"
FLOAT = "USD:100=20,USD:10=50,USD:1=200,ZIG:100=100"
FAR = 10**6
_CHUNK = 5000

CASHIER = User("U-cashier", USERNAME, "Cashier", "Cashier")


def bench_rules() -> Rules:
    """The example's rules, with a fiscal device that may lag behind for as long as it takes."""
    made = rules(load(EXAMPLE))
    patient = replace(made.fiscal, deferred_count=FAR, deferred_hours=FAR)
    return replace(made, fiscal=patient, may_oversell=False)


def make(where: Path | str, *, items: int) -> None:
    """Fill a file or the database of an address: goods, prices, stock, a cashier, an open shift."""
    with open_store(where, synchronous="OFF") as store:
        upgrade(store)
        shop = at_work(store)
        with store.write() as connection:
            _put_rules(connection, shop)
        rows = goods.items(items, seed=SEED, today=shop.today)
        while chunk := list(islice(rows, _CHUNK)):
            with store.write() as connection:
                _put_goods(connection, chunk, shop)
        with store.write() as connection:
            connection.exec_driver_sql("ANALYZE")
        shift.open_shift(shop, actor(), parse_counts(FLOAT))


def at_work(store: Store) -> Shop:
    """The shop over a file that `make` made, on the machine's clock."""
    return Shop(store=store, clock=SystemClock(), ids=SystemIds(), rules=bench_rules())


def actor() -> Actor:
    """The cashier, signed in."""
    return CASHIER.actor()


def fill_basket(shop: Shop, *, lines: int, items: int, rng: random.Random) -> Sale:
    """A basket of scanned goods; the same items for the same random source."""
    sale = basket.start(shop, actor())
    for number in rng.sample(range(1, items + 1), lines):
        sale = basket.add(shop, actor(), sale, goods.barcode_of(number))
    return sale


def tenders_for(shop: Shop, sale: Sale) -> list[Tender]:
    """A third from a wallet in ZIG, the rest in cash with change to give."""
    wallet = Money(sale.total.minor // 3, sale.currency)
    in_zig = convert(wallet, "ZIG", sale.rate)
    cash = Money(sale.total.minor - wallet.minor + 100, sale.currency)
    return [
        tender.make(shop, "ecocash", in_zig, reference=sale.id),
        tender.make(shop, "cash", cash),
    ]


def _put_rules(connection: Any, shop: Shop) -> None:
    now = shop.clock.now()
    tax.put(connection, list(_groups()))
    lists = [
        PriceList("1", "Retail USD", "USD", is_gross=True),
        PriceList("2", "Retail ZIG", "ZIG", is_gross=True),
    ]
    price.put_lists(connection, lists)
    rate = Rate("USD", "ZIG", goods.ZIG_PER_USD, now - timedelta(hours=1))
    currency.add_rate(connection, rate, source="hand")
    partner.put(connection, [Partner("C0000", "Walk-in customer", "1", "##")], at=now)
    secret = credential.digest(PIN)
    cashier = StoredUser(
        user=CASHIER, pin_hash=secret, password_hash=secret, created_at=now, changed_at=now
    )
    user.put(connection, [cashier])


def _groups() -> Iterator[TaxGroup]:
    for code, kind, percent in (
        ("O1", TaxKind.STANDARD, Decimal("15.5")),
        ("O2", TaxKind.ZERO, Decimal(0)),
        ("O3", TaxKind.EXEMPT, None),
    ):
        yield TaxGroup(
            code=code,
            name=kind.value,
            kind=kind,
            percent=percent,
            fiscal_tax_id="",
            fiscal_code="",
            sap_vat_group=code,
            valid_from=date(2020, 1, 1),
        )


def _put_goods(connection: Any, rows: list[dict[str, Any]], shop: Shop) -> None:
    now = shop.clock.now()
    item.put(connection, [_item(row) for row in rows], at=now)
    price.put(connection, _prices(rows))
    places = list(_stock(rows, now))
    rebase.rebase(connection, places)
    managed = {row["code"] for row in rows if row["batch_managed"]}
    lots = [((row["item"], row["warehouse"]), 1) for row in places if row["item"] in managed]
    rebase.rebase_batches(connection, lots, list(_batches(rows, now)))


def _item(row: dict[str, Any]) -> Item:
    is_weighed = row["uom"] == "KG"
    return Item(
        code=row["code"],
        name=row["name"],
        uom="kg" if is_weighed else "each",
        decimals=3 if is_weighed else 0,
        tax_group=row["vat_group"],
        hs_code=row["fields"]["U_HSCode"],
        group=str(row["group"]),
        is_batch_managed=row["batch_managed"],
        is_weighed=is_weighed,
        barcodes=(row["barcode"], *row["barcodes"]),
    )


def _prices(rows: Iterable[dict[str, Any]]) -> Iterator[ListPrice]:
    for row in rows:
        for number in ("1", "2"):
            yield ListPrice(row["code"], number, Decimal(row["prices"][number]))


def _stock(rows: Iterable[dict[str, Any]], now: datetime) -> Iterator[dict[str, Any]]:
    for row in rows:
        for warehouse, quantity in _quantities(row).items():
            yield {
                "item": row["code"],
                "warehouse": warehouse,
                "base": quantity,
                "base_seq": 1,
                "committed": Decimal(0),
                "ordered": Decimal(0),
                "changed_at": now,
            }


def _quantities(row: dict[str, Any]) -> dict[str, Decimal]:
    if not row["batch_managed"]:
        return {place: Decimal(quantity) for place, quantity in row["stock"].items()}
    sums: dict[str, Decimal] = {}
    for batch in row["batches"]:
        for place, quantity in batch["quantities"].items():
            sums[place] = sums.get(place, Decimal(0)) + Decimal(quantity)
    return sums


def _batches(rows: Iterable[dict[str, Any]], now: datetime) -> Iterator[dict[str, Any]]:
    for row in rows:
        for batch in row.get("batches", ()):
            for warehouse, quantity in batch["quantities"].items():
                yield {
                    "item": row["code"],
                    "warehouse": warehouse,
                    "batch": batch["number"],
                    "base": Decimal(quantity),
                    "base_seq": 1,
                    "status": "Released",
                    "expiry": date.fromisoformat(batch["expiry"]),
                    "admission": date.fromisoformat(batch["admitted"]),
                    "manufactured": None,
                    "changed_at": now,
                }
