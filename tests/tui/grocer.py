"""A small grocer on a real database, and a background that does its work when it is told to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path

from sqlalchemy import Connection

from pos_app.domain.batch import Strategy
from pos_app.domain.currency import Currency, CurrencyTable, Rate
from pos_app.domain.item import Item
from pos_app.domain.limit import Limit, Rule
from pos_app.domain.money import Money
from pos_app.domain.partner import Partner
from pos_app.domain.permission import Role
from pos_app.domain.price import ListPrice, PriceList
from pos_app.domain.tax import TaxGroup, TaxKind
from pos_app.domain.tender import TenderType
from pos_app.domain.user import User
from pos_app.ids import SystemIds
from pos_app.services import credential, status
from pos_app.services.shop import (
    FiscalRules,
    FiscalTax,
    PrinterRules,
    Rules,
    SapRules,
    Seller,
    Shop,
)
from pos_app.services.status import Status
from pos_app.store import currency, item, partner, price, stock, tax, user
from pos_app.store.engine import open_store
from pos_app.store.migrate import upgrade
from pos_app.store.stock import Move
from pos_app.store.user import StoredUser
from printing.profile import profile_named

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
NASTY = "10% [/] [b\x1b[2J\x07 off"
PIN, MANAGER_PIN, PASSWORD = "2580", "7391", "Right-Horse-1"

USD = Currency("USD", "US dollar", "USD", "USD")
ZIG = Currency("ZIG", "Zimbabwe Gold", "ZWG", "ZIG")

TENDERS = (
    TenderType("cash", "Cash", 0, "cash", ("USD", "ZIG"), gives_change=True, opens_drawer=True),
    TenderType("card", "Card", 1, "card", ("USD", "ZIG")),
    TenderType("ecocash", "EcoCash", 2, "transfer", ("USD", "ZIG"), needs_reference=True),
    TenderType("account", "Account", 4, "account", ("USD",)),
)

LIMITS = (
    Limit(Rule.LINE_DISCOUNT, Role.CASHIER, Decimal(5)),
    Limit(Rule.SALE_DISCOUNT, Role.CASHIER, Decimal(5)),
    Limit(Rule.VOID_SALE, Role.CASHIER, Decimal(20), "USD"),
    Limit(Rule.VOID_SALE, Role.CASHIER, Decimal(500), "ZIG"),
    Limit(Rule.REFUND, Role.CASHIER, Decimal(5), "USD"),
    Limit(Rule.REFUND, Role.MANAGER, Decimal(500)),
    Limit(Rule.REFUND_CURRENCY, Role.MANAGER, Decimal(1)),
    Limit(Rule.REFUND_ENTERED, Role.MANAGER, Decimal(1)),
    Limit(Rule.LINE_DISCOUNT, Role.MANAGER, Decimal(30)),
    Limit(Rule.SALE_DISCOUNT, Role.MANAGER, Decimal(30)),
    Limit(Rule.VOID_SALE, Role.MANAGER, None),
    Limit(Rule.DRAWER_OPEN, Role.MANAGER, Decimal(1)),
    Limit(Rule.CREDIT, Role.MANAGER, Decimal(500), "USD"),
)

GOODS = (
    # code, name, barcode, USD, ZIG, tax group, on hand
    ("1001", "Mazoe Orange Crush 2 l", "6001234567890", "3.20", "86.40", "A", 40),
    ("1002", "Gloria Plain Flour 2 kg", "6009801234567", "1.99", "53.75", "C", 120),
    ("1003", "Brown bread 700 g", "6001112223331", "1.00", "27.00", "C", 60),
    ("1004", "Cooking oil 2 l", "6004445556664", "4.15", "112.05", "A", 25),
    ("1005", "White sugar 2 kg", "6007778889990", "2.65", "71.55", "A", 80),
    ("1006", "Candles, box of 6", "6002223334447", "1.10", "29.70", "A", 3),
    ("1007", NASTY, "6005556667773", "2.50", "67.50", "A", 10),
    ("1008", "Without a price", "6008889990006", "", "", "A", 10),
    ("1009", "Unmapped tax", "6003334445553", "1.00", "27.00", "X", 10),
)
WEIGHED = Item("2001", "Beef rump steak", "kg", 3, "A", is_weighed=True, barcodes=("00042",))


PRINTER = PrinterRules(url="file:///dev/null", profile=profile_named("80mm"))


class StillClock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.at = NOW

    def now(self) -> datetime:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


class Quiet:
    """A background that looks at the queues when it is woken, and does nothing else."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.seen: Status = status.status(shop)
        self.calls: list[str] = []
        self.watchers: list[Callable[[], None]] = []

    def start(self) -> None:
        self.calls.append("start")

    def stop(self) -> None:
        self.calls.append("stop")

    def wake(self) -> None:
        self.calls.append("wake")
        self.look()

    def snapshot(self) -> Status:
        return self.seen

    def watch(self, changed: Callable[[], None]) -> Callable[[], None]:
        self.watchers.append(changed)
        return lambda: self.watchers.remove(changed)

    def look(self) -> None:
        """Read the queues anew and tell whoever watches."""
        self.seen = status.status(self.shop)
        for changed in self.watchers:
            changed()


@cache
def digest(secret: str) -> str:
    return credential.digest(secret)


def make_shop(folder: Path, clock: StillClock, **changes: object) -> Shop:
    """A till with goods, customers, users, prices in two currencies and today's rate."""
    fill(folder / "till.db")
    return reopen(folder / "till.db", clock, **changes)


def fill(path: Path) -> None:
    """Make the database."""
    store = open_store(path, synchronous="OFF")
    upgrade(store)
    with store.write() as connection:
        _fill_tables(connection)
        _fill_goods(connection)
        _fill_people(connection)
    store.close()


def reopen(path: Path, clock: StillClock, **changes: object) -> Shop:
    """The till on a database that is there."""
    store = open_store(path, synchronous="OFF")
    rules = replace(RULES, **changes)  # type: ignore[arg-type]
    return Shop(store=store, clock=clock, ids=SystemIds(), rules=rules)


RULES = Rules(
    role="till",
    till="T01",
    warehouse="MAIN",
    zone="Africa/Harare",
    currency="USD",
    currencies=CurrencyTable((USD, ZIG)),
    price_lists={"USD": "RETAIL-USD", "ZIG": "RETAIL-ZIG"},
    tender_types=TENDERS,
    taxes={
        "A": FiscalTax(tax_id="3", code="A", percent=Decimal("15.5")),
        "C": FiscalTax(tax_id="1", code="C", percent=None),
    },
    masks=("20IIIIIWWWWWC",),
    batches=Strategy.FEFO,
    walk_in="WALK-IN",
    limits=LIMITS,
    seller=Seller(name="Corner Grocer", tin="1234567890", branch="Mbare"),
    hold_minutes=60,
    fiscal=FiscalRules(device="", is_required=False, deferred_count=200, deferred_hours=24),
    printers=(),
    may_oversell=False,
    has_sap=True,
    sap=SapRules(
        local_currency="USD", accounts={}, cost_centre="", lease_seconds=600, quiet_seconds=60
    ),
)


def _fill_tables(connection: Connection) -> None:
    currency.put(connection, [USD, ZIG])
    currency.add_rate(connection, Rate("USD", "ZIG", Decimal("27"), NOW), source="hand")
    lists = [
        PriceList("RETAIL-USD", "Retail USD", "USD", is_gross=True),
        PriceList("RETAIL-ZIG", "Retail ZIG", "ZIG", is_gross=True),
        PriceList("STAFF-USD", "Staff USD", "USD", is_gross=True),
    ]
    price.put_lists(connection, lists)
    since = date(2026, 1, 1)
    groups = [
        TaxGroup(code="A", name="Standard", kind=TaxKind.STANDARD, percent=Decimal("15.5"),
                 fiscal_tax_id="3", fiscal_code="A", sap_vat_group="O1", valid_from=since),
        TaxGroup(code="C", name="Exempt", kind=TaxKind.EXEMPT, percent=None,
                 fiscal_tax_id="1", fiscal_code="C", sap_vat_group="O3", valid_from=since),
    ]  # fmt: skip
    tax.put(connection, groups)


def _fill_goods(connection: Connection) -> None:
    goods = [
        Item(code, name, "each", 0, group, hs_code="22029900", barcodes=(barcode, "6111"))
        if code in {"1001", "1002"}
        else Item(code, name, "each", 0, group, hs_code="22029900", barcodes=(barcode,))
        for code, name, barcode, _, _, group, _ in GOODS
    ]
    item.put(connection, [*goods, WEIGHED], at=NOW)
    prices = [
        ListPrice(code, f"RETAIL-{money}", Decimal(value))
        for code, _, _, usd, zig, _, _ in GOODS
        for money, value in (("USD", usd), ("ZIG", zig))
        if value
    ]
    prices += [ListPrice("2001", "RETAIL-USD", Decimal("8.50")),
               ListPrice("1001", "STAFF-USD", Decimal("2.90"))]  # fmt: skip
    price.put(connection, prices)
    moves = [
        Move(document_kind="receipt", document_id="opening", line=at, item=row[0],
             warehouse="MAIN", quantity=Decimal(row[6]))
        for at, row in enumerate(GOODS, 1)
    ]  # fmt: skip
    moves.append(Move(document_kind="receipt", document_id="opening", line=99, item="2001",
                      warehouse="MAIN", quantity=Decimal("50")))  # fmt: skip
    stock.take(connection, moves, NOW, allow_negative=True)


def _fill_people(connection: Connection) -> None:
    partners = [
        Partner("WALK-IN", "Walk-in customer", "RETAIL-USD", "##"),
        Partner("C0001", "Chipo's Tuckshop", "STAFF-USD", "USD", phone="+263771234567",
                credit_limit=Money.of("200.00", "USD"), balance=Money.of("50.00", "USD")),
        Partner("C0002", NASTY, "RETAIL-USD", "##"),
    ]  # fmt: skip
    partner.put(connection, partners, at=NOW)
    people = [
        ("thandi", "Thandi Moyo", Role.CASHIER, PIN),
        ("farai", "Farai Ncube", Role.MANAGER, MANAGER_PIN),
        ("rudo", "Rudo Dube", Role.CASHIER, ""),
        ("nasty", NASTY, Role.CASHIER, PIN),
    ]
    for username, name, role, pin in people:
        user.add(
            connection,
            StoredUser(
                user=User(f"u-{username}", username, name, role),
                password_hash=digest(PASSWORD),
                pin_hash=digest(pin) if pin else "",
                created_at=NOW,
                changed_at=NOW,
            ),
        )
