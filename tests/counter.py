"""A till with its fiscal device and its receipt printer, all in this process and on one clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from fiscal.direct import DirectTransport
from fiscal.driver import Driver
from fiscal.port import Transport
from fiscal.simulator.box import Box
from pos_app.domain.money import Money
from pos_app.services import basket, fiscal, sale, spool_work, status, tender
from pos_app.services.drawer.watch import DrawerWatch
from pos_app.services.printer import Printers
from pos_app.services.sale import Posted
from pos_app.services.shop import Shop
from pos_app.services.worked import Worked
from pos_app.store import fiscal as journal
from pos_app.store import outbox, print_job
from pos_app.store.engine import Store
from printing.printer import Printer
from printing.profile import profile_named
from printing.simulator.core import SimulatedPrinter
from printing.simulator.desk import Desk
from printing.simulator.machine import MACHINES
from sandbox.fault import Fault
from tests import shops
from tests.fiscal.samples import line, make_box, request

PROFILE = "80mm"
SUBMIT = "POST TransactM"
LOOK_UP = "GET GetInvoice"


@dataclass
class Counter:
    """The till and what stands on its counter."""

    shop: Shop
    box: Box
    machine: SimulatedPrinter
    driver: Driver = field(init=False)
    printer: Printer = field(init=False)
    spare: Printer | None = None
    drawer: DrawerWatch = field(init=False)

    def __post_init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        """A till program that starts anew on what is on disk."""
        self.driver = Driver(self.transport())
        self.printer = Printer(
            Desk(self.machine, self.shop.clock), profile_named(PROFILE), clock=self.shop.clock
        )
        self.drawer = DrawerWatch(self.shop, self.printer)

    @property
    def printers(self) -> Printers:
        """The actors by address; the second printer too, where the till has one."""
        actors = (self.printer, self.spare)
        return {
            place.url: actor
            for place, actor in zip(self.shop.rules.printers, actors, strict=False)
            if actor
        }

    def transport(self) -> Transport:
        """The way to the fiscal device that a program opens when it starts."""
        return DirectTransport(self.box, self.shop.clock)

    def breaks(self, do: str, on: str = "", **how: Any) -> None:
        """Let the fiscal device do something wrong."""
        self.box.faults.replace([Fault(do=do, on=on, **how)])

    def jams(self, do: str, **how: Any) -> None:
        """Let the printer do something wrong."""
        self.machine.faults.replace([Fault(do=do, **how)])

    def sell(self, *codes: str, amount: str = "", currency: str = "USD") -> Posted:
        """One sale for cash."""
        actor = shops.actor()
        made = basket.start(self.shop, actor, currency=currency)
        for code in codes or ("MILK",):
            made = basket.add(self.shop, actor, made, code, quantity=Decimal(1))
        paid = Money.of(amount, currency) if amount else made.total
        return sale.post(self.shop, actor, made, [tender.make(self.shop, "cash", paid)])

    def file(self) -> Worked:
        """One pass of the fiscal lane."""
        return fiscal.work(self.shop, self.driver)

    def file_all(self, *, seconds: float = 3600) -> Worked:
        """Passes whenever the lane says so, until nothing waits or the time is over."""
        left = seconds
        while True:
            worked = self.file()
            if worked.next_at is None or left <= 0:
                return worked
            wait = max((worked.next_at - self.shop.clock.now()).total_seconds(), 0.001)
            self.shop.clock.sleep(wait)
            left -= wait

    def print(self) -> Worked:
        """One pass of the print lane."""
        self.drawer.work()
        return spool_work.work(self.shop, self.printers)

    def row(self, posted: Posted) -> dict[str, Any]:
        """The fiscal journal's row of a sale."""
        with self.shop.store.read() as connection:
            found = journal.by_sale(connection, posted.sale_id)
        assert found is not None
        return dict(found)

    def state(self, posted: Posted) -> str:
        return str(self.row(posted)["state"])

    def filed(self) -> list[str]:
        """The numbers the device has truly filed, in its order."""
        return [row["number"] for row in self.box.ledger()["receipts"]]

    def calls(self, call: str) -> int:
        """How often the device was asked for something."""
        return sum(row["call"].startswith(call) for row in self.box.log.rows())

    def jobs(self, posted: Posted) -> list[dict[str, Any]]:
        with self.shop.store.read() as connection:
            return [dict(row) for row in print_job.of_document(connection, posted.sale_id)]

    def told(self, posted: Posted) -> Sequence[dict[str, Any]]:
        """The envelopes that say what the fiscal device said."""
        with self.shop.store.read() as connection:
            rows = connection.execute(outbox.outbox.select()).mappings()
            return [
                dict(row)
                for row in rows
                if row["kind"] == "fiscal" and row["key"] == posted.sale_id
            ]

    def papers(self) -> list[str]:
        """The text of every paper that came out."""
        return [row["text"] for row in self.machine.ledger()["receipts"]]

    def shop_says(self, problem: str) -> bool:
        """Whether the status line shows a problem of the fiscal device."""
        return status.status(self.shop).queues["fiscal"].problem == problem

    def file_elsewhere(self, number: str, *, price: str = "1.99", currency: str = "USD") -> None:
        """Somebody else files a receipt on this device."""
        asked = request(number, line(quantity="1", price=price), currency=currency)
        Driver(DirectTransport(self.box, self.shop.clock)).submit(asked)


def counter(
    store: Store, *, is_open: bool = True, device: dict[str, Any] | None = None, **changes: Any
) -> Counter:
    """A filled till; its shift is open unless that is not wanted.

    Args:
        store: its database.
        is_open: whether to open a shift.
        device: settings of the fiscal device.
        changes: rules of the shop.
    """
    shop = shops.open_shop(store, **changes)
    if is_open:
        shops.open_till(shop)
    box = make_box(shop.clock, **(device or {}))
    machine = SimulatedPrinter(MACHINES[PROFILE], clock=shop.clock)
    return Counter(shop, box, machine)
