"""The sale in progress: what is done to it happens in order, and nothing done is lost.

The desk belongs to the application, not to a screen: locking the till, a dialog or another place
in front leaves the sale untouched. Deeds queue on the command lane; each starts from the snapshot
the one before it left.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import TypeVar

from pos_app.domain.permission import Actor
from pos_app.domain.sale import Sale, SaleState
from pos_app.errors import NotAllowed, RuleBroken
from pos_app.services import basket
from pos_app.services.shop import Shop
from pos_app.tui.bridge import Lanes

T = TypeVar("T")

Deed = Callable[[Shop, Actor, Sale], Sale]


class NobodySignedIn(NotAllowed):
    """A deed was asked for while the till is locked."""

    code = "nobody_signed_in"

    def __init__(self) -> None:
        super().__init__("Nobody is signed in at this till: sign in first.")


class SaleInProgress(RuleBroken):
    """Another sale cannot be taken up while this one is on the desk."""

    code = "sale_in_progress"

    def __init__(self, line_count: int) -> None:
        super().__init__(
            f"A sale of {line_count} lines is in progress: park, finish or cancel it first."
        )


class NoSale(RuleBroken):
    """There is nothing on the desk to do this to."""

    code = "no_sale"

    def __init__(self) -> None:
        super().__init__("There is no sale in progress: scan an item first.")


@dataclass(slots=True)
class Desk:
    """Where the one open sale of this till lies.

    Attributes:
        sale: the newest snapshot, replaced as a whole; None before the first scan.
        actor: who works here now; None while the till is locked.
    """

    shop: Shop
    lanes: Lanes
    sale: Sale | None = None
    actor: Actor | None = None
    _numbers: count[int] = field(default_factory=lambda: count(1), repr=False)

    @property
    def has_lines(self) -> bool:
        """Whether a sale with lines is in progress."""
        return self.sale is not None and not self.sale.is_empty

    def require_actor(self) -> Actor:
        """Return who works here.

        Raises:
            NobodySignedIn: the till is locked.
        """
        if self.actor is None:
            raise NobodySignedIn
        return self.actor

    async def do(self, deed: Deed) -> Sale:
        """Change the sale, starting one if there is none; a refused deed changes nothing.

        Raises:
            PosError: whatever the deed refuses with.
        """
        actor = self.require_actor()

        def run() -> Sale:
            changed = deed(self.shop, actor, self.sale or basket.start(self.shop, actor))
            self.sale = None if changed.state is SaleState.VOIDED else changed
            return changed

        return await self.lanes.perform(f"deed {next(self._numbers)}", run)

    async def leave(self, name: str, deed: Callable[[Shop, Actor, Sale], T]) -> T:
        """Do what takes the sale off the desk: post or hold it; a refusal leaves it there.

        Raises:
            NoSale: there is none, or none with lines.
            InFlight: the same is being done already.
            PosError: whatever the deed refuses with.
        """
        actor = self.require_actor()
        if self.sale is None or self.sale.is_empty:
            raise NoSale

        def run() -> T:
            sale = self.sale
            if sale is None or sale.is_empty:
                raise NoSale
            result = deed(self.shop, actor, sale)
            self.sale = None
            return result

        return await self.lanes.perform(f"{name} {self.sale.id}", run)

    async def settled(self) -> Sale:
        """Return the sale once everything asked of it so far was done.

        Raises:
            NoSale: there is none, or none with lines.
        """
        await self.lanes.perform(f"deed {next(self._numbers)}", lambda: None)
        if self.sale is None or self.sale.is_empty:
            raise NoSale
        return self.sale

    async def take_up(self, recall: Callable[[Shop, Actor], Sale]) -> Sale:
        """Put a parked sale on the desk.

        Raises:
            SaleInProgress: the desk is not free.
            PosError: whatever the recall refuses with.
        """
        actor = self.require_actor()

        def run() -> Sale:
            if self.sale is not None and not self.sale.is_empty:
                raise SaleInProgress(len(self.sale.lines))
            self.sale = recall(self.shop, actor)
            return self.sale

        return await self.lanes.perform("recall", run)
