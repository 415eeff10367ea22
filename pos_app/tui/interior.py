"""What stands behind the door of a till: opened while the door is on screen already."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from pos_app.tui.background import Background

if TYPE_CHECKING:
    from pos_app.services.charge.till import PromptServer
    from pos_app.services.original_share import Receipts
    from pos_app.services.posting.panel import QueueServer
    from pos_app.services.proof.day import Server
    from pos_app.services.shop import Shop
    from pos_app.tui.customer_view import CustomerView
    from pos_app.tui.fiscal_way import FiscalWay
    from pos_app.tui.printer_way import PrinterWay

    class Elsewhere(Receipts, Server, QueueServer, PromptServer, Protocol):
        """What a till asks of its server while a person waits: `sync.http.HttpRemote`."""


def _nowhere() -> Elsewhere | None:
    return None


@dataclass(frozen=True, slots=True)
class Interior:
    """What stands behind the door.

    Attributes:
        shop: the till's store, clock, identities and rules.
        background: its fiscal, print and sync work, not begun yet.
        quick: number to item code for ``@1`` to ``@99``.
        fiscal: the way to the fiscal device, for reading it; None on a till without one.
        receipts: where the server is asked for receipts of other tills, its side of a day, and its
            queue to SAP.
        customer: what the customer sees; None on a till without a display.
        bench: where its printer is tried out and set up.
    """

    shop: Shop
    background: Background
    quick: Mapping[str, str]
    fiscal: FiscalWay | None = None
    receipts: Callable[[], Elsewhere | None] = _nowhere
    customer: CustomerView | None = None
    bench: PrinterWay | None = None
