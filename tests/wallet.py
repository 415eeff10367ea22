"""A till whose customers pay by phone: its server, the providers behind it, one clock for all."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from pos_app.domain.charge import Matter
from pos_app.domain.money import Money
from pos_app.domain.prompt import Prompt, Question
from pos_app.domain.sale import Sale
from pos_app.services import basket, sale, tender
from pos_app.services.charge import view as charges
from pos_app.services.local_remote import LocalRemote
from pos_app.services.prompt import ask, look, view
from pos_app.services.sale import Posted
from pos_app.services.shop import Shop
from pos_app.store.engine import Store, open_store
from sync.errors import OutcomeUnknown, Unavailable
from tests import gateways, pair, shops
from tests.gateways import PHONE


@dataclass
class Line:
    """A till's line to its server; `fault` spoils the next question: how it is lost."""

    remote: LocalRemote
    office: gateways.Till
    fault: str = ""
    is_cut: bool = False
    late: list[Mapping[str, Any]] = field(default_factory=list)

    def charge_ask(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        self._open()
        fault, self.fault = self.fault, ""
        if fault == "request":
            raise OutcomeUnknown("The server's answer got lost.")
        if fault == "delay":
            self.late.append(asked)
            raise OutcomeUnknown("The server's answer got lost.")
        told = self.remote.charge_ask(asked)
        if fault == "reply":
            raise OutcomeUnknown("The server's answer got lost.")
        return told

    def charge(self, charge_id: str) -> Mapping[str, Any]:
        self._open()
        self.office.pass_time(0)
        return self.remote.charge(charge_id)

    def charge_leave(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        self._open()
        return self.remote.charge_leave(asked)

    def _open(self) -> None:
        if self.is_cut:
            raise Unavailable("The server cannot be reached (no route).")


@dataclass
class Counter:
    """A till with its server, the providers behind it, and one clock for all."""

    till: Shop
    office: gateways.Till
    line: Line
    path: Path

    def sale(self, *, loaves: int = 10) -> Sale:
        made = basket.start(self.till, shops.actor())
        return basket.add(self.till, shops.actor(), made, "BREAD", quantity=Decimal(loaves))

    def ask(self, made: Sale, *, phone: str = PHONE, amount: str = "10.00") -> Prompt:
        return ask.send(self.till, self.line, self.intend(made, phone=phone, amount=amount).id)

    def intend(self, made: Sale, *, phone: str = PHONE, amount: str = "10.00") -> Prompt:
        kind = self.till.rules.tender_type("ecocash")
        money = Money.of(amount, "USD")
        question = Question(sale_id=made.id, kind=kind, money=money, phone=phone)
        return ask.intend(self.till, shops.actor(), question)

    def wait(self, seconds: float = 10) -> None:
        """Let time pass: the customer, the server and the till's background do their part."""
        self.office.pass_time(seconds)
        look.work(self.till, self.line)

    def post(self, made: Sale, *tenders: Any) -> Posted:
        return sale.post(self.till, shops.actor(), made, tenders)

    def cash(self, made: Sale) -> Posted:
        return self.post(made, tender.make(self.till, "cash", made.total))

    def deliver(self) -> None:
        pair.work(self.till, self.line.remote)

    def after(self, prompt: Prompt) -> Prompt:
        return view.get(self.till, prompt.id)

    def asked(self) -> int:
        """How often the provider was asked."""
        return len(self.office.sim.books.ledger()["transactions"])

    def matters(self) -> list[Matter]:
        return [row.kind for row in charges.waiting(self.office.shop)]

    def booking(self, prompt: Prompt) -> str:
        return charges.get(self.office.shop, prompt.id).booking

    def restart(self) -> Shop:
        """The till after a power cut: nothing but what is on disk."""
        self.till.store.close()
        self.till = replace(self.till, store=open_store(self.path, create=False))
        return self.till


@contextmanager
def opened(store: Store, template: Path, folder: Path) -> Iterator[Counter]:
    """A till with an open shift beside a server on `store`; nothing was asked yet."""
    path = folder / "till.db"
    shutil.copy(template, path)
    server = pair.open_server(store)
    clock: Any = server.clock
    office = gateways.Till.of(server)
    remote = LocalRemote(server, principal="till:T01", till="T01", gateways=office.gateways)
    till = shops.open_shop(open_store(path), clock=clock)
    shops.open_till(till)
    made = Counter(till, office, Line(remote, office), path)
    try:
        yield made
    finally:
        made.till.store.close()
