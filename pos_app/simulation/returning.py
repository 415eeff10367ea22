"""Goods that come back to a till: parts of receipts, whole ones, and prices that were wrong."""

from __future__ import annotations

from decimal import Decimal

from pos_app.domain.money import Money
from pos_app.domain.note import WantedLine
from pos_app.domain.refund import SoldLine
from pos_app.errors import DatabaseBusy, OutcomeUnknown, PosError
from pos_app.services import original, refund
from pos_app.services.original import Original
from pos_app.services.refund import AskedNote
from pos_app.services.sale import Posted
from pos_app.simulation.people import cashier
from pos_app.simulation.till import Till
from pos_app.simulation.world import Paid, World

TRIES = 3


class Returns:
    """Customers of one till who come back."""

    def __init__(self, world: World, till: Till) -> None:
        self._world = world
        self._till = till
        self._rng = world.rng(f"{till.code} returns")
        self._open: AskedNote | None = None

    def maybe(self) -> None:
        """Now and then somebody brings something back; first whoever still waits for an answer."""
        if self._open is not None:
            self._post(self._open)
        elif self._rng.random() < 0.15:
            self._one()

    def _one(self) -> None:
        mine = sorted(
            paid.receipt
            for paid in self._world.paid.values()
            if paid.receipt.startswith(f"{self._till.code}-") and paid.total > 0
        )
        if not mine:
            return
        found = original.show(self._till.shop, self._rng.choice(mine))
        self._open = self._asked(found)
        self._post(self._open)

    def _asked(self, found: Original) -> AskedNote:
        shop = self._till.shop
        code, currency = found.paid_with[0]
        slip = f"{self._rng.randint(10**9, 10**10 - 1)}"
        return AskedNote(
            id=shop.ids.new(),
            receipt=found.receipt,
            reason="came back",
            lines=self._lines(found.sold),
            tender=code,
            currency=currency,
            slip=slip if shop.rules.tender_type(code).needs_reference else "",
        )

    def _lines(self, sold: tuple[SoldLine, ...]) -> tuple[WantedLine, ...]:
        """Part of a line, a correction of its price, or without lines the whole receipt."""
        rng = self._rng
        left = [line for line in sold if line.returnable > 0 and line.creditable.minor > 1]
        way = rng.random()
        if not left or way < 0.2:
            return ()
        line = rng.choice(left)
        if way < 0.4:
            minor = rng.randint(1, line.creditable.minor - 1)
            return (WantedLine(line=line.number, amount=Money(minor, line.gross.currency)),)
        most = int(line.returnable * 10**line.decimals)
        quantity = Decimal(rng.randint(1, most)).scaleb(-line.decimals)
        return (WantedLine(line=line.number, quantity=quantity),)

    def _post(self, asked: AskedNote) -> None:
        for _ in range(TRIES):
            try:
                posted = refund.post(self._till.shop, cashier(), asked)
            except (DatabaseBusy, OutcomeUnknown):
                continue
            except PosError:
                self._open = None
                raise
            self._open = None
            self._shown(posted)
            return

    def _shown(self, posted: Posted) -> None:
        total = posted.total
        self._world.trace.note(
            self._till.code, "paid back", receipt=posted.receipt, total=total.label
        )
        fresh = Paid(
            sale_id=posted.sale_id,
            receipt=posted.receipt,
            currency=total.currency,
            total=total.amount,
        )
        known = self._world.paid.setdefault(posted.sale_id, fresh)
        if known != fresh:
            words = f"Note {posted.sale_id} was shown as {known.receipt} and as {posted.receipt}."
            self._world.report("answer_changed", posted.receipt, words)
        self._till.wake()
