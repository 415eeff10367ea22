"""A small shop for tests: its rules, its goods and its people, on any store and any clock."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from pos_app.bootstrap import rules
from pos_app.config import load
from pos_app.domain.currency import Rate
from pos_app.domain.item import Item
from pos_app.domain.partner import Partner
from pos_app.domain.permission import Actor
from pos_app.domain.price import ListPrice, PriceList
from pos_app.domain.shift import parse_counts
from pos_app.domain.tax import TaxGroup, TaxKind
from pos_app.domain.user import User
from pos_app.ids import SeededIds
from pos_app.services import credential, shift
from pos_app.services.shop import BackupRules, Rules, Shop
from pos_app.store import currency, item, partner, price, rebase, tax, user
from pos_app.store.engine import Store
from pos_app.store.user import StoredUser

EXAMPLE = Path(__file__).parents[1] / "config.example.toml"
MORNING = datetime(2026, 11, 2, 6, 0, tzinfo=UTC)
PIN = "4821"
PASSWORD = "Correct-Horse-7"
FLOAT = "USD:10=5,USD:1=20,ZIG:10=20"

GROUPS = (
    ("O1", "Standard", TaxKind.STANDARD, Decimal("15.5")),
    ("O2", "Zero", TaxKind.ZERO, Decimal(0)),
    ("O3", "Exempt", TaxKind.EXEMPT, None),
)

GOODS = (
    (Item("MILK", "Milk 1 l", "each", 0, "O1", "04011000", barcodes=("6001234567892",)), "1.99"),
    (
        Item("BREAD", "Bread brown", "each", 0, "O2", "19059090", barcodes=("6009876543210",)),
        "1.00",
    ),
    (Item("BANANA", "Bananas", "kg", 3, "O2", "08039000", is_weighed=True), "3.45"),
    (Item("BOOK", "School book", "each", 0, "O3", "49019900"), "12.50"),
    (Item("YOGHURT", "Yoghurt 500 g", "each", 0, "O1", "04032000", is_batch_managed=True), "2.35"),
    (Item("NAME", "10% [/] off [b", "each", 0, "O1", "21069090"), "5.00"),
    (Item("NOPRICE", "Without a price", "each", 0, "O1", "21069090"), ""),
    (Item("ODDTAX", "Of an unmapped group", "each", 0, "X9", "21069090"), "5.00"),
)

BATCHES = (("Y-LATE", date(2027, 1, 31), "30"), ("Y-SOON", date(2026, 11, 20), "5"))
ON_HAND = Decimal(100)
RATE = Decimal("26.5")


class FixedClock:
    """A clock that moves only when it is told to."""

    def __init__(self, now: datetime = MORNING) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now

    def sleep(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)


def shop_rules(**changes: object) -> Rules:
    """The example's rules: a till T01 on warehouse SHOP1."""
    made = replace(rules(load(EXAMPLE)), backup=BackupRules())
    return replace(made, **changes)  # type: ignore[arg-type]


def open_shop(store: Store, *, clock: FixedClock | None = None, **changes: object) -> Shop:
    """A shop with goods, prices, stock, customers, people and a rate; no shift is open."""
    ticking = clock or FixedClock()
    shop = Shop(
        store=store,
        clock=ticking,
        ids=SeededIds(random.Random(7), ticking.now),
        rules=shop_rules(**changes),
    )
    fill(shop)
    return shop


def fill(shop: Shop) -> None:
    """Put the master data in."""
    now = shop.clock.now()
    warehouse = shop.rules.warehouse
    with shop.store.write() as connection:
        tax.put(connection, [_group(*row) for row in GROUPS])
        item.put(connection, [goods for goods, _ in GOODS], at=now)
        price.put_lists(
            connection,
            [PriceList("1", "Retail USD", "USD", True), PriceList("2", "Retail ZIG", "ZIG", True)],
        )
        price.put(connection, list(_prices()))
        rate = Rate("USD", "ZIG", RATE, now - timedelta(hours=1))
        currency.add_rate(connection, rate, source="test")
        partner.put(connection, PARTNERS, at=now)
        user.put(connection, people(now))
        rebase.rebase(
            connection,
            [
                {
                    "item": goods.code,
                    "warehouse": warehouse,
                    "base": Decimal(35) if goods.is_batch_managed else ON_HAND,
                    "base_seq": 1,
                    "committed": Decimal(0),
                    "ordered": Decimal(0),
                    "changed_at": now,
                }
                for goods, _ in GOODS
            ],
        )
        rebase.rebase_batches(
            connection,
            [(("YOGHURT", warehouse), 1)],
            [
                {
                    "item": "YOGHURT",
                    "warehouse": warehouse,
                    "batch": number,
                    "base": Decimal(quantity),
                    "base_seq": 1,
                    "status": "Released",
                    "expiry": expiry,
                    "admission": None,
                    "manufactured": None,
                    "changed_at": now,
                }
                for number, expiry, quantity in BATCHES
            ],
        )


PARTNERS = (
    Partner("C0000", "Walk-in customer", "1", "##"),
    Partner("C0001", "Corner Canteen", "1", "USD", tin="2000111222", vat_number="220111222"),
)


def people(now: datetime) -> list[StoredUser]:
    """One user per role the till knows, all with the same secrets."""
    roles = {"cashier": "Cashier", "second": "Cashier", "manager": "Manager", "stock": "User"}
    pin, password = _digest(PIN), _digest(PASSWORD)
    return [
        StoredUser(
            user=User(f"U-{name}", name, name.title(), role),
            pin_hash=pin,
            password_hash=password,
            created_at=now,
            changed_at=now,
        )
        for name, role in roles.items()
    ]


_DIGESTS: dict[str, str] = {}


def _digest(secret: str) -> str:
    if secret not in _DIGESTS:
        _DIGESTS[secret] = credential.digest(secret)
    return _DIGESTS[secret]


def actor(name: str = "cashier") -> Actor:
    """One of the people, signed in."""
    return next(row.user.actor() for row in people(MORNING) if row.user.username == name)


def open_till(shop: Shop, *, counts: str = FLOAT) -> None:
    """Open the cashier's shift."""
    shift.open_shift(shop, actor(), parse_counts(counts))


def _group(code: str, name: str, kind: TaxKind, percent: Decimal | None) -> TaxGroup:
    return TaxGroup(
        code=code,
        name=name,
        kind=kind,
        percent=percent,
        fiscal_tax_id="",
        fiscal_code="",
        sap_vat_group=code,
        valid_from=date(2026, 1, 1),
    )


def _prices() -> list[ListPrice]:
    rows = []
    for goods, amount in GOODS:
        if amount:
            rows.append(ListPrice(goods.code, "1", Decimal(amount)))
            rows.append(ListPrice(goods.code, "2", Decimal(amount) * 26))
    return rows
