"""Somebody who sells: baskets, tenders, parked sales, mistakes, and a drawer to account for."""

from __future__ import annotations

import random
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

from sqlalchemy import Connection, func, select, tuple_

from pos_app.domain.money import Money
from pos_app.domain.sale import Sale
from pos_app.domain.shift import DENOMINATIONS, Count, MovementKind, parse_counts
from pos_app.domain.tender import ChangeNotPossible, Tender
from pos_app.errors import DatabaseBusy, OutcomeUnknown, PosError
from pos_app.sample import goods
from pos_app.services import basket, hold, item, partner, shift, spool, tender
from pos_app.services import sale as posting
from pos_app.services.sale import Posted
from pos_app.services.shop import Shop
from pos_app.simulation.people import cashier, manager
from pos_app.simulation.returning import Returns
from pos_app.simulation.sap import ITEMS
from pos_app.simulation.till import Till
from pos_app.simulation.world import Paid, World
from pos_app.store import outbox, stock
from pos_app.store import sale as sales

FLOAT = "USD:10=10,USD:1=50,USD:0.10=50,USD:0.01=100,ZIG:10=50,ZIG:1=50"
TRIES = 3
ROUND_TO = (Decimal(1), Decimal(5), Decimal(10), Decimal(50))


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A sale on its way to being paid; kept by whoever asked, until there is an answer."""

    sale: Sale
    tenders: tuple[Tender, ...]
    reference: str


class Cashier:
    """One person at one till."""

    def __init__(self, world: World, till: Till) -> None:
        self._world = world
        self._till = till
        self._rng = world.rng(f"{till.code} customers")
        self._returns = Returns(world, till)
        self._open: Asked | None = None
        self._parked: list[str] = []
        self._count = 0

    def open_shift(self) -> None:
        """Count the float into the drawer."""
        if shift.current(self._till.shop) is None:
            shift.open_shift(self._till.shop, cashier(), parse_counts(FLOAT))

    def close_shift(self) -> None:
        """Count the drawer; sometimes some cents are missing."""
        shop = self._till.shop
        if shift.current(shop) is None:
            return
        report = shift.x(shop, manager())
        counts: list[Count] = []
        for row in report.balances:
            if row.tender_type == "cash":
                short = self._rng.choice((0, 0, 0, 5))
                counts += _pieces(Money(max(row.expected.minor - short, 0), row.currency))
        shift.close_shift(shop, manager(), counts)

    def pick_up(self) -> None:
        """Half of the dollars go to the safe."""
        shop = self._till.shop
        report = shift.x(shop, manager())
        cash = {row.currency: row.expected for row in report.balances if row.tender_type == "cash"}
        half = Money(cash["USD"].minor // 2, "USD") if "USD" in cash else Money(0, "USD")
        if half.minor > 0:
            shift.move(shop, manager(), MovementKind.PICKUP, half, reason="safe")

    def serve(self) -> None:
        """One customer; first what the last one is still waiting for."""
        if self._open is not None:
            self._resume(self._open)
            return
        self._returns.maybe()
        rng = self._rng
        sale = self._recalled() if self._parked and rng.random() < 0.3 else self._filled()
        if not sale.lines:
            return
        if rng.random() < 0.06:
            self._parked.append(hold.hold(self._till.shop, cashier(), sale).id)
            return
        self._pay(sale)
        if rng.random() < 0.04:
            self._reprint()

    def _filled(self) -> Sale:
        shop, rng = self._till.shop, self._rng
        currency = "ZIG" if rng.random() < 0.25 else "USD"
        buyer = partner.get(shop, f"C{rng.randint(1, 20):04d}") if rng.random() < 0.2 else None
        sale = basket.start(shop, cashier(), currency=currency, partner=buyer)
        for _ in range(rng.randint(1, 5)):
            sale = self._with_line(sale)
        if len(sale.lines) > 1 and rng.random() < 0.08:
            sale = basket.void_line(shop, cashier(), sale, sale.lines[0].number, reason="mistake")
        return sale

    def _with_line(self, sale: Sale) -> Sale:
        shop, rng = self._till.shop, self._rng
        number = rng.randint(1, ITEMS)
        text = goods.code_of(number) if rng.random() < 0.5 else goods.barcode_of(number)
        found = item.by_scan(shop, text, partner=sale.partner, currency=sale.currency)
        quantity = Decimal(rng.randint(1, 4))
        if found.item.decimals >= 3:
            quantity = Decimal(rng.randint(50, 2500)) / 1000
        discount = Decimal(rng.randint(1, 5)) if rng.random() < 0.06 else None
        return basket.add_found(
            shop, cashier(), sale, found, quantity=quantity, discount_percent=discount
        )

    def _recalled(self) -> Sale:
        held = self._parked.pop(self._rng.randrange(len(self._parked)))
        return hold.recall(self._till.shop, cashier(), held)

    def _pay(self, sale: Sale) -> None:
        self._count += 1
        is_program = self._rng.random() < 0.5
        reference = f"{self._till.code}/caller/{self._count}" if is_program else ""
        tenders = tuple(self._tenders(sale))
        self._open = Asked(sale=sale, tenders=tenders, reference=reference)
        self._post(self._open)

    def _post(self, asked: Asked) -> None:
        for _ in range(TRIES):
            try:
                posted = self._asked(asked)
            except (DatabaseBusy, OutcomeUnknown):
                continue
            except PosError:
                self._open = None
                raise
            self._open = None
            self._shown(posted)
            self._check_stock(asked.sale)
            return

    def _asked(self, asked: Asked) -> Posted:
        try:
            return self._call(asked, asked.tenders)
        except ChangeNotPossible:
            total = asked.sale.total
            kind = self._till.shop.rules.tender_type("cash")
            exact = Asked(
                sale=asked.sale,
                tenders=(Tender(kind, total, ""),),
                reference=asked.reference,
            )
            self._open = exact
            return self._call(exact, exact.tenders)

    def _call(self, asked: Asked, tenders: tuple[Tender, ...]) -> Posted:
        return posting.post(
            self._till.shop, cashier(), asked.sale, tenders, reference=asked.reference
        )

    def _resume(self, asked: Asked) -> None:
        """After a crash a program asks again, and a person looks at the list of receipts."""
        if asked.reference:
            self._post(asked)
            return
        self._open = None
        with self._till.shop.store.read() as connection:
            header = sales.by_id(connection, asked.sale.id)
        self._world.trace.note(self._till.code, "customer asks", is_paid=header is not None)
        if header is not None:
            self._keep(asked.sale.id, header["receipt"], Money(header["total"], header["currency"]))

    def _shown(self, posted: Posted) -> None:
        self._world.trace.note(
            self._till.code, "paid", receipt=posted.receipt, total=posted.total.label
        )
        self._keep(posted.sale_id, posted.receipt, posted.total)
        self._till.wake()

    def _keep(self, sale_id: str, receipt: str, total: Money) -> None:
        known = self._world.paid.get(sale_id)
        fresh = Paid(sale_id=sale_id, receipt=receipt, currency=total.currency, total=total.amount)
        if known is not None and known != fresh:
            words = f"Sale {sale_id} was shown as {known.receipt} and then as {receipt}."
            self._world.report("answer_changed", receipt, words)
        self._world.paid[sale_id] = fresh
        with self._till.shop.store.read() as connection:
            leaves = [row for row in outbox.of_key(connection, sale_id) if row["kind"] == "sale"]
        if len(leaves) != 1:
            words = f"{receipt} is paid and in the outbox {len(leaves)} times."
            self._world.report("sale_in_outbox", receipt, words)

    def _check_stock(self, sale: Sale) -> None:
        """What was just sold was there, and what is left is what the moves leave."""
        places = {(line.item.code, sale.warehouse) for line in sale.lines}
        with self._till.shop.store.read() as connection:
            rows = stock.of_places(connection, places)
            moved = _counting(connection, places)
        for (code, place), row in sorted(rows.items()):
            due = row["base"] + moved.get((code, place), Decimal(0))
            if row["on_hand"] != due or due < 0:
                words = (
                    f"Till {self._till.code} sold item {code} down to {row['on_hand']:f}, "
                    f"and its moves leave {due:f}."
                )
                self._world.report("stock_differs", code, words)

    def _reprint(self) -> None:
        receipt = self._rng.choice(sorted(paid.receipt for paid in self._world.paid.values()))
        if receipt.startswith(self._till.code):
            spool.reprint(self._till.shop, cashier(), receipt)
            self._till.printing.wake(0.2)

    def _tenders(self, sale: Sale) -> list[Tender]:
        """How this customer pays: cash, the other currency's cash, a card, or two of them."""
        shop, rng = self._till.shop, self._rng
        way = rng.random()
        if way < 0.45:
            return [_cash(shop, sale.total, rng)]
        if way < 0.65:
            return [_cash(shop, tender.due(shop, sale)[-1], rng)]
        slip = f"{rng.randint(10**9, 10**10 - 1)}"
        if way < 0.85:
            kind = rng.choice(("card", "ecocash"))
            return [tender.make(shop, kind, sale.total, reference=slip)]
        part = Money(sale.total.minor * 2 // 5, sale.currency)
        if part.minor <= 0:
            return [_cash(shop, sale.total, rng)]
        first = tender.make(shop, "ecocash", part, reference=slip)
        return [first, _cash(shop, sale.total - part, rng)]


def _cash(shop: Shop, due: Money, rng: random.Random) -> Tender:

    step = rng.choice((Decimal("0.01"), *ROUND_TO))
    steps = (due.amount / step).to_integral_value(ROUND_CEILING)
    return tender.make(shop, "cash", Money.of(steps * step, due.currency))


def _counting(connection: Connection, places: set[stock.Place]) -> dict[stock.Place, Decimal]:
    """The moves at these places that their base does not contain."""
    here, moves = stock.stock, stock.stock_moves
    key = (moves.c.item, moves.c.warehouse)
    counts = moves.c.upstream_seq.is_(None) | (moves.c.upstream_seq > here.c.base_seq)
    query = (
        select(*key, func.sum(moves.c.quantity))
        .join(here, (here.c.item == moves.c.item) & (here.c.warehouse == moves.c.warehouse))
        .where(tuple_(*key).in_(sorted(places)), counts)
        .group_by(*key)
    )
    return {(row[0], row[1]): row[2] for row in connection.execute(query)}


def _pieces(cash: Money) -> list[Count]:
    """The amount in the fewest notes and coins."""
    counts, left = [], cash.amount
    for face in DENOMINATIONS[cash.currency]:
        pieces, left = divmod(left, face)
        if pieces:
            counts.append(Count(cash.currency, face, int(pieces)))
    return counts
