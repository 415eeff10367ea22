"""A shop with books: its sales in the posting queue, and the SAP they go to, on one clock."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

from pos_app.domain.money import Money
from pos_app.domain.partner import Partner
from pos_app.domain.sale import Sale
from pos_app.domain.tender import Tender
from pos_app.services import basket, partner, sale, tender
from pos_app.services.posting import work as posting_work
from pos_app.services.posting.queueing import enqueue_sale
from pos_app.services.sale import Posted
from pos_app.services.shop import Shop
from pos_app.services.worked import Worked
from pos_app.store import posting_claim, queue
from pos_app.store import sale as sales
from pos_app.store.engine import Store
from sandbox.fault import Fault, Faults
from sandbox.log import RequestLog
from sync.sap.client import ServiceLayer
from sync.sap.settings import SapSettings
from sync.sap.simulator.core import Core
from sync.sap.simulator.gate import Gate
from sync.sap.simulator.in_process import InProcessHttp
from sync.sap.simulator.shop import books_of
from tests import shops

SETTINGS = SapSettings(url="https://sap.invalid/b1s/v1", company_db="T", user="u", password="p")
FLOAT = "USD:10=90,USD:1=90,USD:0.01=9000,ZIG:10=900,ZIG:1=900,ZIG:0.01=90000"
QUIET = timedelta(seconds=300)


def company(**changes: Any) -> dict[str, Any]:
    """The books of the shop of the tests."""
    made: dict[str, Any] = {
        "company": {"user_fields": {"OINV": ["U_Van_saleorder"], "OITM": ["U_HSCode"]}},
        "currencies": [
            {"code": "USD", "name": "US dollar", "iso": "USD"},
            {"code": "ZiG", "name": "Zimbabwe Gold", "iso": "ZWG"},
        ],
        "rates": [{"currency": "ZiG", "rate": str(shops.RATE)}],
        "vat_groups": [
            {"code": "O1", "name": "Standard", "rates": [{"from": "2026-01-01", "rate": "15.5"}]},
            {"code": "O2", "name": "Zero", "rates": [{"from": "2026-01-01", "rate": "0"}]},
            {"code": "O3", "name": "Exempt", "rates": [{"from": "2026-01-01", "rate": "0"}]},
        ],
        "warehouses": [{"code": "SHOP1", "name": "Shop", "city": "Harare"}],
        "accounts": [
            _account("1110", "USD", is_cash=True),
            _account("1111", "ZiG", is_cash=True),
            _account("1120", "USD", is_cash=False),
            _account("1121", "ZiG", is_cash=False),
        ],
        "price_lists": [
            {"number": 1, "name": "Retail USD", "gross": True, "currency": "USD", "active": True},
            {"number": 2, "name": "Retail ZIG", "gross": True, "currency": "ZiG", "active": True},
        ],
        "items": [_item(goods, price) for goods, price in shops.GOODS if goods.tax_group != "X9"],
        "partners": [
            {"code": "C0000", "name": "Walk-in customer", "currency": "##", "price_list": 1},
            {
                "code": "C0001",
                "name": "Corner Canteen",
                "currency": "USD",
                "price_list": 1,
                "tin": "2000111222",
            },
        ],
        "special_prices": [],
    }
    for name, value in changes.items():
        known = made.get(name)
        made[name] = {**known, **value} if isinstance(known, dict) else value
    return made


def _account(code: str, currency: str, *, is_cash: bool) -> dict[str, Any]:
    return {
        "code": code,
        "name": f"Account {code}",
        "currency": currency,
        "cash": is_cash,
        "active": True,
    }


def _item(goods: Any, price: str) -> dict[str, Any]:
    row: dict[str, Any] = {
        "code": goods.code,
        "name": goods.name,
        "vat_group": goods.tax_group,
        "uom": goods.uom.upper() if goods.decimals else "EA",
        "barcodes": list(goods.barcodes),
        "prices": {"1": price, "2": str(Decimal(price) * 26)} if price else {},
        "fields": {"U_HSCode": goods.hs_code},
    }
    if goods.is_batch_managed:
        return row | {
            "batch_managed": True,
            "batches": [
                {"number": number, "expiry": expiry.isoformat(), "quantities": {"SHOP1": quantity}}
                for number, expiry, quantity in shops.BATCHES
            ],
        }
    return row | {"stock": {"SHOP1": str(shops.ON_HAND)}}


@dataclass
class Office:
    """A shop whose sales are posted, and the SAP they go to."""

    shop: Shop
    gate: Gate
    sap: ServiceLayer
    slips: Counter[str] = field(default_factory=Counter)

    def arm(self, *faults: Fault) -> None:
        """Let SAP do something wrong."""
        self.gate.faults.replace(faults)

    def connect(self) -> ServiceLayer:
        """Another session to the same SAP."""
        return ServiceLayer(
            SETTINGS, InProcessHttp(self.gate, self.shop.clock.sleep), self.shop.clock
        )

    def fill(
        self, *codes: str, currency: str = "USD", quantity: str = "1", customer: str = ""
    ) -> Sale:
        """A basket."""
        actor = shops.actor()
        buyer: Partner | None = partner.get(self.shop, customer) if customer else None
        made = basket.start(self.shop, actor, currency=currency, partner=buyer)
        for code in codes:
            made = basket.add(self.shop, actor, made, code, quantity=Decimal(quantity))
        return made

    def tender(self, amount: str, currency: str = "USD", *, code: str = "cash") -> Tender:
        """One thing handed over."""
        slip = "" if code == "cash" else self._slip(f"REF-{amount}-{currency}")
        return tender.make(self.shop, code, Money.of(amount, currency), reference=slip)

    def _slip(self, name: str) -> str:
        """A confirmation pays one receipt: the next of the same amount has another number."""
        self.slips[name] += 1
        return name if self.slips[name] == 1 else f"{name}-{self.slips[name]}"

    def post(self, made: Sale, *tenders: Tender, change_currency: str | None = None) -> Posted:
        """Make a sale and queue it for SAP."""
        given: Sequence[Tender] = tenders
        if not tenders and not made.total.is_zero:
            given = [tender.make(self.shop, "cash", made.total)]
        posted = sale.post(self.shop, shops.actor(), made, given, change_currency=change_currency)
        self.queue(posted)
        return posted

    def queue(self, posted: Posted) -> None:
        """Put a sale on its way to SAP."""
        with self.shop.store.write() as connection:
            enqueue_sale(
                self.shop,
                connection,
                sale_id=posted.sale_id,
                source="T01",
                reference=posted.receipt,
            )

    def sell(self, *codes: str, **how: Any) -> Posted:
        """One sale for cash, queued."""
        return self.post(self.fill(*(codes or ("MILK",)), **how))

    def work(self, *, owner: str = "w", sap: ServiceLayer | None = None) -> Worked:
        """One pass of the posting lane."""
        return posting_work.work(self.shop, sap or self.sap, owner=owner)

    def work_on(self, *, seconds: float = 4 * 3600) -> Worked:
        """Passes whenever the lane says so, until nothing is due any more or the time is over."""
        left = seconds
        while True:
            worked = self.work()
            if worked.next_at is None or left <= 0:
                return worked
            wait = max((worked.next_at - self.shop.clock.now()).total_seconds(), 0.001)
            self.shop.clock.sleep(wait)
            left -= wait

    def row(self, posted: Posted) -> dict[str, Any]:
        """The sale's row of the queue."""
        with self.shop.store.read() as connection:
            found = queue.by_reference(connection, posted.receipt)
        assert found is not None
        return dict(found)

    def steps(self, posted: Posted) -> list[dict[str, Any]]:
        with self.shop.store.read() as connection:
            rows = posting_claim.steps_of(connection, self.row(posted)["queue_id"])
        return [dict(row) for row in rows]

    def lamp(self, posted: Posted) -> str:
        with self.shop.store.read() as connection:
            return str(sales.status_of(connection, [posted.sale_id])[posted.sale_id]["in_sap"])

    def invoices(self, posted: Posted | None = None) -> list[dict[str, Any]]:
        """What SAP has truly booked."""
        rows: list[dict[str, Any]] = self.gate.core.ledger()["invoices"]
        key = posted.sale_id if posted else None
        return [row for row in rows if key in (None, row["U_Van_saleorder"])]

    def payments(self, posted: Posted | None = None) -> list[dict[str, Any]]:
        """The payments SAP has truly booked."""
        rows: list[dict[str, Any]] = self.gate.core.ledger()["payments"]
        mine = f"{posted.receipt}-" if posted else ""
        return [row for row in rows if row["Remarks"].startswith(mine)]

    def calls(self, call: str) -> int:
        """How often SAP was asked for something."""
        return sum(row["call"].startswith(call) for row in self.gate.log.rows())


def office(store: Store, *, books: dict[str, Any] | None = None, **changes: Any) -> Office:
    """A shop with an open shift and its SAP."""
    shop = shops.open_shop(store, **({"has_sap": True} | changes))
    shops.open_till(shop, counts=FLOAT)
    return Office(shop, *connected(shop, books or company()))


def connected(shop: Shop, books: dict[str, Any]) -> tuple[Gate, ServiceLayer]:
    """A SAP with these books, and a session to it on the shop's clock."""
    core = Core(
        lambda: books_of(books),
        now=shop.clock.now,
        rng=random.Random(1),
        company_db="T",
        user="u",
        password="p",
    )
    gate = Gate(core, Faults(random.Random(1)), RequestLog(shop.clock.now))
    return gate, ServiceLayer(SETTINGS, InProcessHttp(gate, shop.clock.sleep), shop.clock)
