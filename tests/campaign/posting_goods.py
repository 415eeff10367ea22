"""Purchases, transfers, counts and goods in and out of a campaign of the posting queue."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from pos_app.domain.movement import MovementKind
from pos_app.domain.permission import Actor
from pos_app.domain.purchase import PurchaseState
from pos_app.domain.transfer import Count as Arrived
from pos_app.services import count, movement
from pos_app.services.count import Entered
from pos_app.services.purchase import make, receive
from pos_app.services.purchase.asked import Arrived as Came
from pos_app.services.purchase.asked import AskedLine, AskedPurchase, Receipt
from pos_app.services.purchase.view import Purchase
from pos_app.services.shop import Shop
from pos_app.services.transfer import receive as transfer_receive
from pos_app.services.transfer import request, send
from pos_app.services.transfer.asked import Asked, Line
from pos_app.services.transfer.view import Request, Transfer
from pos_app.store import batch, stock

SHOP, DEPOT, SUPPLIER = "SHOP1", "DEPOT", "V0001"
GOODS = ("MILK", "BREAD", "BOOK", "YOGHURT")
LOOSE = ("MILK", "BREAD", "BOOK")
LOT, LASTS = "Y-NEW", date(2027, 5, 31)


@dataclass
class Stockroom:
    """Goods that move without a customer; the same seed moves the same ones."""

    shop: Shop
    boss: Actor
    rng: random.Random
    ordered: list[Purchase] = field(default_factory=list)
    asked: list[Request] = field(default_factory=list)
    on_the_way: list[Transfer] = field(default_factory=list)

    @property
    def deeds(self) -> tuple[tuple[int, str, Callable[[], object]], ...]:
        """What may happen, and how often."""
        return (
            (3, "purchase order", self.order),
            (4, "goods received", self.receive),
            (1, "purchase order ended", self.end_order),
            (3, "transfer", self.send),
            (2, "transfer arrived", self.arrive),
            (2, "transfer request", self.ask),
            (2, "transfer of a request", self.convert),
            (1, "transfer request closed", self.close),
            (3, "count", self.count),
            (3, "goods issue", self.issue),
            (3, "goods receipt", self.take_in),
        )

    def order(self) -> None:
        """An approved order to the supplier."""
        lines = (
            AskedLine(
                item="MILK",
                quantity=Decimal(self.rng.randint(20, 60)),
                unit_price=Decimal("1.10"),
                tax_percent=Decimal("15.5"),
            ),
            AskedLine(
                item="YOGHURT",
                quantity=Decimal(20),
                unit_price=Decimal("0.95"),
                tax_percent=Decimal("15.5"),
            ),
        )
        asked = AskedPurchase(partner=SUPPLIER, warehouse=SHOP, lines=lines)
        made = make.create(self.shop, self.boss, asked)
        approved = make.to_state(self.shop, self.boss, made.entry, PurchaseState.APPROVED)
        self.ordered.append(approved)

    def receive(self) -> None:
        """A part of an order."""
        if not self.ordered:
            self.order()
        order = self.ordered[0]
        came = (
            Came(line=0, item="MILK", quantity=Decimal(10)),
            Came(line=1, item="YOGHURT", quantity=Decimal(10), batch=LOT, expiry=LASTS),
        )
        got = receive.receive(self.shop, self.boss, order.entry, Receipt(lines=came))
        if any(line.received for line in order.lines) or got.state is PurchaseState.RECEIVED:
            self.ordered.pop(0)
        else:
            self.ordered[0] = got

    def end_order(self) -> None:
        """Nothing more is expected of an order."""
        if not self.ordered:
            self.order()
        order = self.ordered.pop()
        is_used = order.state is PurchaseState.PARTIALLY_RECEIVED
        ended = PurchaseState.RECEIVED if is_used else PurchaseState.CANCELLED
        make.to_state(self.shop, self.boss, order.entry, ended)

    def send(self) -> None:
        """Goods for the depot, there at once or on the way."""
        asked = self._wanted(in_transit=self.rng.random() < 0.5)
        made = send.send(self.shop, self.boss, asked)
        if asked.in_transit:
            self.on_the_way.append(made)

    def arrive(self) -> None:
        """All of it, or one piece less."""
        if not self.on_the_way:
            self.on_the_way.append(send.send(self.shop, self.boss, self._wanted(in_transit=True)))
        sent = self.on_the_way.pop(0)
        short: list[Arrived] = []
        if self.rng.random() < 0.3:
            less = sent.lines[0].quantity - 1
            short.append(Arrived(line=0, quantity=less, lots={}, reason="damaged"))
        transfer_receive.arrive(self.shop, self.boss, sent.id, short)

    def ask(self) -> None:
        """Goods the depot asks for."""
        made = request.ask(self.shop, replace(self.boss, username="depot"), self._wanted())
        self.asked.append(request.approve(self.shop, self.boss, made.id))

    def convert(self) -> None:
        """What was asked for is sent."""
        if not self.asked:
            self.ask()
        request.convert(self.shop, self.boss, self.asked.pop(0).id)

    def close(self) -> None:
        """What was asked for is not needed any more."""
        if not self.asked:
            self.ask()
        request.close(self.shop, self.boss, self.asked.pop().id)

    def count(self) -> None:
        """One counts, another books; one thing is missing, one too many."""
        counter = replace(self.boss, username="counter")
        made = count.start(self.shop, self.boss, SHOP)
        less, more = self.rng.sample(LOOSE, 2)
        lot, held = self._lot()
        entered = [
            Entered(item=less, counted=self._held(less) - 1),
            Entered(item=more, counted=self._held(more) + 1),
            Entered(item="YOGHURT", counted=held + self.rng.choice((-1, 0, 1)), batch=lot),
        ]
        count.enter(self.shop, counter, made.entry, entered)
        count.lock(self.shop, counter, made.entry)
        count.book(self.shop, self.boss, made.entry)

    def issue(self) -> None:
        """Broken goods leave."""
        lines = tuple(
            movement.Line(item=item, quantity=Decimal(1)) for item in self.rng.sample(GOODS, 2)
        )
        self._move(MovementKind.ISSUE, "damaged", lines)

    def take_in(self) -> None:
        """Found goods come in."""
        lines = (
            movement.Line(item="BREAD", quantity=Decimal(2), unit_cost=Decimal("0.70")),
            movement.Line(
                item="YOGHURT",
                quantity=Decimal(3),
                unit_cost=Decimal("0.95"),
                lots=(movement.NewLot(batch=LOT, quantity=Decimal(3), expiry=LASTS),),
            ),
        )
        self._move(MovementKind.RECEIPT, "found", lines)

    def _move(
        self, kind: MovementKind, reason: str, lines: tuple[movement.Line, ...]
    ) -> movement.Movement:
        asked = movement.Asked(kind=kind, warehouse=SHOP, reason=reason, lines=lines)
        return movement.book(self.shop, self.boss, asked)

    def _wanted(self, *, in_transit: bool = False) -> Asked:
        lines = tuple(
            Line(item=item, quantity=Decimal(self.rng.randint(2, 6)), source=SHOP, target=DEPOT)
            for item in self.rng.sample(GOODS, self.rng.randint(1, 3))
        )
        return Asked(source=SHOP, target=DEPOT, lines=lines, in_transit=in_transit)

    def _held(self, item: str) -> Decimal:
        with self.shop.store.read() as connection:
            return Decimal(stock.of_places(connection, [(item, SHOP)])[item, SHOP]["on_hand"])

    def _lot(self) -> tuple[str, Decimal]:
        lot = self.rng.choice(("Y-SOON", "Y-LATE"))
        with self.shop.store.read() as connection:
            held = batch.on_hand(connection, ("YOGHURT", SHOP, lot))
        assert held is not None
        return lot, held
