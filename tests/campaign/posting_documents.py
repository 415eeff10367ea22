"""Documents of all kinds for a campaign of the posting queue, made by the shop's own services."""

from __future__ import annotations

import random
from collections import Counter as Counts
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from sqlalchemy import text

from pos_app.domain.money import Money
from pos_app.domain.note import WantedLine
from pos_app.domain.partner import Partner
from pos_app.services import invoice, payment, refund
from pos_app.services.consolidation import run
from pos_app.services.invoice_order import Line, Order
from pos_app.services.payment import Application, Receipt
from pos_app.services.refund import AskedNote
from pos_app.services.sale import Posted
from pos_app.services.shop import FiscalRules, Rules
from pos_app.store import partner, warehouse
from pos_app.store.warehouse import Warehouse
from tests import shops
from tests.campaign.posting_goods import DEPOT, SHOP, SUPPLIER, Stockroom
from tests.campaign.posting_promises import Promises
from tests.office import Office, company

NO_DEVICE = FiscalRules(device="", is_required=False, deferred_count=0, deferred_hours=0)
MANAGER = replace(shops.actor("manager"), role="Admin", permissions=frozenset({"system.admin"}))
PLENTY = 500_000
GOODS = ("MILK", "BREAD", "BANANA", "BOOK", "YOGHURT", "NAME")
CANTEEN = "C0001"


def plenty() -> dict[str, Any]:
    """The books of the shop with goods for any number of sales, a depot and a supplier."""
    books = company()
    books["warehouses"].append({"code": DEPOT, "name": "Depot", "city": "Harare"})
    books["accounts"].append({"code": "6400", "name": "Losses", "currency": "USD", "active": True})
    rates = [{"from": "2026-01-01", "rate": "15.5"}]
    books["vat_groups"].append({"code": "I1", "name": "In", "input": True, "rates": rates})
    books["partners"].append({"code": SUPPLIER, "name": "Dairy", "kind": "supplier"})
    for row in books["items"]:
        if "batches" in row:
            for lot in row["batches"]:
                lot["quantities"] = dict.fromkeys(lot["quantities"], str(PLENTY))
        else:
            row["stock"] = dict.fromkeys(row["stock"], str(PLENTY))
    return books


def stock_up(house: Office) -> None:
    """As much in the shop's own books, and its depot and supplier."""
    more = PLENTY * 1_000_000
    with house.shop.store.write() as connection:
        warehouse.put(connection, [Warehouse(SHOP, "Shop"), Warehouse(DEPOT, "Depot")])
        dairy = Partner(SUPPLIER, "Dairy", "1", "USD", kind="supplier")
        partner.put(connection, [dairy], at=house.shop.clock.now())
        for table in ("stock", "batches"):
            set_to = f"base = base + {more}, on_hand = on_hand + {more}"
            connection.execute(text(f"UPDATE {table} SET {set_to}"))


@dataclass
class Maker:
    """Makes documents as a shop does all day; the same seed makes the same ones.

    Attributes:
        consolidated: the share of cash sales that wait for one invoice of many.
    """

    house: Office
    rng: random.Random
    consolidated: float = 0.0
    made: Counts[str] = field(default_factory=Counts)
    returnable: list[Posted] = field(default_factory=list)
    payable: list[tuple[int, Money]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """One chance for all, so that the same seed makes the same day."""
        shop = self.house.shop
        self.promises = Promises(shop, MANAGER, self.rng, CANTEEN)
        self.stockroom = Stockroom(shop, MANAGER, self.rng)
        sap = replace(shop.rules.sap, consolidates=True)
        rules = replace(shop.rules, sap=sap)
        self.evening = replace(self.house, shop=replace(shop, rules=rules))

    def make(self) -> str:
        """One document, of a kind by chance; returns its kind."""
        chances: tuple[tuple[int, str, Callable[[], object]], ...] = (
            (26, "cash sale", self.sell),
            (8, "sale in two currencies", self.sell_mixed),
            (8, "sale by wallet", self.sell_wallet),
            (8, "invoice on account", self.invoice),
            (6, "payment", self.pay),
            (8, "credit note", self.give_back),
            *self.promises.deeds,
            *self.stockroom.deeds,
            *(((2, "day's end", self.consolidate),) if self.consolidated else ()),
        )
        weights = [weight for weight, _kind, _deed in chances]
        _weight, kind, deed = self.rng.choices(chances, weights)[0]
        deed()
        self.made[kind] += 1
        return kind

    def finish(self) -> None:
        """The day ends: whatever is on its way to the depot arrives."""
        while self.stockroom.on_the_way:
            self.stockroom.arrive()
            self.made["transfer arrived"] += 1
        self.consolidate()

    def consolidate(self) -> None:
        """What waits for one invoice becomes lists, also in the middle of a day."""
        run.run(self.house.shop, by="boss")

    def sell(self) -> Posted:
        """A cash sale in either currency."""
        return self._sell(self.rng.choice(("USD", "USD", "ZIG")))

    def _sell(self, currency: str) -> Posted:
        goods, count = self._basket()
        waits = self.consolidated and self.rng.random() < self.consolidated
        house = self.evening if waits else self.house
        posted = house.sell(*goods, quantity=count, currency=currency)
        if currency == "USD":
            self.returnable.append(posted)
        return posted

    def sell_mixed(self) -> Posted:
        """A sale in ZIG, paid in US dollars and ZIG."""
        made = self.house.fill("BOOK", "MILK", currency="ZIG", quantity="1")
        rest = made.total.amount - Decimal("5") * shops.RATE
        house = self.house
        return house.post(made, house.tender("5", "USD"), house.tender(str(rest), "ZIG"))

    def sell_wallet(self) -> Posted:
        """A sale part cash, part from a wallet."""
        made = self.house.fill("BOOK", quantity="2")
        rest = made.total.amount - Decimal(10)
        house = self.house
        wallet = house.tender(str(rest), "USD", code="ecocash")
        return house.post(made, house.tender("10", "USD"), wallet)

    def invoice(self) -> None:
        """An invoice of a program, not paid yet."""
        goods, count = self._basket()
        lines = tuple(Line(item=item, quantity=Decimal(count), warehouse=SHOP) for item in goods)
        order = Order(partner=CANTEEN, currency="USD", lines=lines, is_fiscal=False)
        made = invoice.create(self.house.shop, MANAGER, order)
        self.payable.append((made.number, made.total))

    def pay(self) -> None:
        """Money for an invoice, all of it, or on account where none is open."""
        nothing = Money.zero("USD")
        if self.payable:
            number, due = self.payable.pop(0)
            applied = (Application(number, due),)
        else:
            due, applied = Money.of("12.34", "USD"), ()
        received = Receipt(
            partner=CANTEEN,
            currency="USD",
            cash=due,
            transfer=nothing,
            cheque=nothing,
            card=nothing,
            applications=applied,
        )
        payment.receive(self.house.shop, MANAGER, received)

    def give_back(self) -> None:
        """One of something out of an earlier sale, with the money."""
        if not self.returnable:
            self._sell("USD")
        of = self.returnable.pop(self.rng.randrange(len(self.returnable)))
        shop = self.house.shop
        line = WantedLine(line=1, quantity=Decimal(1))
        asked = AskedNote(id=shop.ids.new(), receipt=of.receipt, lines=(line,), reason="sour")
        self.house.queue(refund.post(shop, MANAGER, asked))

    def _basket(self) -> tuple[tuple[str, ...], str]:
        goods = tuple(self.rng.sample(GOODS, self.rng.randint(1, 3)))
        return goods, str(self.rng.randint(1, 3))


def rules(*, lease: float, quiet: float) -> Rules:
    """The rules of the server, with leases and quiet times of seconds."""
    made = shops.shop_rules(has_sap=True, fiscal=NO_DEVICE)
    return replace(made, sap=replace(made.sap, lease_seconds=lease, quiet_seconds=quiet))
