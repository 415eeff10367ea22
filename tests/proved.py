"""A till, its fiscal device, its server and the server's SAP, set side by side at the day's end."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from pos_app.domain.note import WantedLine
from pos_app.domain.proof import Proof
from pos_app.services import refund, sync
from pos_app.services.local_remote import LocalRemote
from pos_app.services.posting.work import work as post
from pos_app.services.proof import day as proofs
from pos_app.services.refund import AskedNote
from pos_app.services.sale import Posted
from pos_app.services.shop import Shop
from pos_app.store.engine import Store
from sync.sap.client import ServiceLayer
from sync.sap.simulator.gate import Gate
from tests import pair, shops
from tests.counter import Counter, counter
from tests.office import FLOAT, company, connected

MANAGER = replace(shops.actor("manager"), role="Admin")


@dataclass
class Four:
    """The four sides of a day."""

    counter: Counter
    server: Shop
    gate: Gate
    sap: ServiceLayer

    @property
    def till(self) -> Shop:
        """The till's shop."""
        return self.counter.shop

    def sell(self, *codes: str, **how: Any) -> Posted:
        """One sale for cash, on the till alone."""
        return self.counter.sell(*codes, **how)

    def give_back(self, of: Posted, line: int, quantity: str) -> Posted:
        """A credit note for a line of a receipt."""
        lines = (WantedLine(line=line, quantity=Decimal(quantity)),)
        asked = AskedNote(id=self.till.ids.new(), receipt=of.receipt, lines=lines, reason="sour")
        return refund.post(self.till, MANAGER, asked)

    def arrive(self) -> None:
        """Everything is filed, delivered and posted."""
        self.counter.file_all()
        self.deliver()
        post(self.server, self.sap, owner="w")
        self.deliver()

    def deliver(self) -> None:
        """A round between till and server."""
        sync.work(self.till, self.line(), is_forced=True)

    def line(self) -> LocalRemote:
        """The till's way to its server."""
        return LocalRemote(self.server, principal="key-1", till="T01", books=self.sap)

    def prove(self) -> Proof:
        """As the server sees the day."""
        return proofs.of_server(self.server, self.server.today, books=self.sap)

    def prove_till(self) -> Proof:
        """As the till sees it."""
        return proofs.of_till(self.till, self.till.today, server=self.line())

    def both(self) -> tuple[Proof, Proof]:
        """As both see it."""
        return self.prove(), self.prove_till()

    def document(self, set_name: str, posted: Posted) -> dict[str, Any]:
        """SAP's own row of a document."""
        table = self.gate.core.books.tables[set_name]
        return next(
            dict(row) for row in table.rows() if row.get("U_Van_saleorder") == posted.sale_id
        )

    def payment(self, posted: Posted, set_name: str = "IncomingPayments") -> dict[str, Any]:
        """SAP's own row of a receipt's payment."""
        table = self.gate.core.books.tables[set_name]
        return next(dict(row) for row in table.rows() if row["Remarks"].startswith(posted.receipt))

    def change(self, set_name: str, row: dict[str, Any], **values: Any) -> None:
        """Somebody changes a row in SAP, behind everybody's back."""
        self.gate.core.books.tables[set_name].put(row | values)

    def remove(self, set_name: str, row: dict[str, Any]) -> None:
        """Somebody takes a row out of SAP, which only a restored database does."""
        self.gate.core.books.tables[set_name].remove(row["DocEntry"])


def four(till: Store, server: Store) -> Four:
    """A till with an open shift, its server and SAP, all on one clock."""
    made = counter(till, is_open=False)
    clock = made.shop.clock
    assert isinstance(clock, shops.FixedClock)
    shop = pair.open_server(server, clock)
    shops.open_till(made.shop, counts=FLOAT)
    return Four(made, shop, *connected(shop, company()))
