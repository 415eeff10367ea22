"""Every event there is: what causes it, and that one notice of it is written down."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from pos_app.domain.charge import ChargeRefused
from pos_app.domain.webhook import MEANING, NEVER_TOLD, WebhookEvent, WebhookInvalid, events_of
from pos_app.errors import DiskFull
from pos_app.services import reservation
from pos_app.services.backup import make as backups
from pos_app.services.charge import refund
from pos_app.services.master import pull as master
from pos_app.services.master.pull import ALL_NOW
from pos_app.services.posting import line as sap_line
from pos_app.services.posting import work as posting
from pos_app.services.seal import Seal
from pos_app.services.shop import BackupRules
from pos_app.services.webhook import book, work
from pos_app.services.webhook.book import Wanted
from pos_app.store import rebase
from pos_app.store import webhook as rows
from pos_app.store.archive import pack
from pos_app.store.engine import Store
from sandbox.fault import Fault
from sync.envelope import Envelope, Outcome
from sync.webhook.address import Policy
from tests import office, shops
from tests.api.house import OTHER, SECRET, WAREHOUSE, House, _place, build, invoice_body
from tests.api.test_credit_note import without_device
from tests.gateways import POOR, Till
from tests.services.test_intake import fiscal, give, sold, still  # noqa: F401 - fixtures

BOSS = shops.actor("manager")
HELD = "/api/DesktopIntegration/reservations"
MILK = {"itemCode": "MILK", "quantity": 10, "warehouseCode": WAREHOUSE}


@dataclass
class World:
    """A server with everything that may cause something, and a webhook that hears of all."""

    house: House
    folder: Path
    patch: pytest.MonkeyPatch
    sold: Envelope

    def post(self, path: str, body: Any = None, role: str = "Admin") -> dict[str, Any]:
        answer = self.house.as_role(role).post(path, body)
        assert answer.status_code < 300, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def invoice(self) -> dict[str, Any]:
        return self.post("/api/Invoice", invoice_body())

    def pay(self, **more: Any) -> None:
        self.post("/api/IncomingPayment", {"cardCode": "C0001", "cashSum": 19.9} | more)

    def hold(self) -> Any:
        line = MILK | {"lineNum": 0, "unitPrice": 1.99}
        asked = {"externalReferenceId": "R-1", "sourceSystem": "App", "documentType": "Invoice"}
        told = self.post(HELD, asked | {"cardCode": "C0001", "currency": "USD", "lines": [line]})
        return told["reservation"]["reservationId"]

    def stock(self, quantity: str) -> None:
        with self.house.shop.store.write() as connection:
            place = _place("MILK", WAREHOUSE, quantity, self.house.clock.now())
            rebase.rebase(connection, [place])
        work.watch_stock(self.house.shop)

    def books(self, *faults: Fault, **changes: Any) -> None:
        """Fetch from a SAP with such books, and post there."""
        gate, sap = office.connected(self.house.shop, office.company() | changes)
        gate.faults.replace(faults)
        worked = master.pull(self.house.shop, sap, hs_field="U_HSCode", rhythm=ALL_NOW)
        assert not worked.problem
        for _ in range(4):
            posting.work(self.house.shop, sap, owner="w")
            self.house.clock.sleep(3600)


Cause = Callable[[World], object]


def order(world: World, kind: str) -> dict[str, Any]:
    return world.post(f"/api/{kind}", {"cardCode": "C0001", "currency": "USD", "lines": [MILK]})


def purchase(world: World) -> str:
    line = {"itemCode": "MILK", "quantity": 5, "unitPrice": 1.0, "taxPercent": 15.5}
    body = {"cardCode": "S0001", "warehouseCode": WAREHOUSE, "lines": [line]}
    path = f"/api/PurchaseOrder/{world.post('/api/PurchaseOrder', body, 'Manager')['id']}"
    world.post(f"{path}/approve", role="Manager")
    return path


def credit(world: World) -> None:
    line = {"itemCode": "MILK", "quantity": 2, "unitPrice": 1.99}
    for _ in without_device(world.house):
        body = {"cardCode": "C0001", "type": "Return", "originalInvoiceId": world.invoice()["id"]}
        world.post("/api/CreditNote", body | {"reason": "Broken", "lines": [line]})


def settle(world: World) -> None:
    made = world.invoice()
    line = {"docEntry": made["docEntry"], "sumApplied": 19.9, "invoiceType": "it_Invoice"}
    world.pay(paymentInvoices=[line])


def send(world: World, *, transit: bool = False) -> str:
    line = {"itemCode": "MILK", "quantity": 20}
    body = {"fromWarehouse": WAREHOUSE, "toWarehouse": OTHER, "lines": [line]}
    made = world.post("/api/InventoryTransfer", body | {"inTransit": transit})
    return f"/api/InventoryTransfer/{made['transfer']['docEntry']}/receive"


def issue(world: World) -> None:
    body = {"warehouseCode": WAREHOUSE, "reason": "damaged"}
    line = {"itemCode": "MILK", "quantity": 3}
    world.post("/api/GoodsIssue", body | {"lines": [line]}, role="Manager")


def charge(world: World, **wish: Any) -> None:
    till = Till.of(world.house.shop)
    with suppress(ChargeRefused):
        made = till.ask(**wish)
        till.pass_time(60)
        refund.give_back(till.shop, till.gateways, BOSS, made.id)
        till.pass_time(60)


def expire(world: World) -> None:
    world.hold()
    world.house.clock.sleep(86_400)
    reservation.sweep(world.house.shop)


def filed(world: World, **facts: Any) -> None:
    for envelope in (world.sold, fiscal(world.sold, **facts)):
        assert give(world.house.shop, envelope).outcome is Outcome.ACCEPTED


def backup(world: World) -> None:
    shop = world.house.shop
    rules = replace(shop.rules, backup=BackupRules(folder=world.folder))
    backups.make(replace(shop, rules=rules), BOSS)


def no_backup(world: World) -> None:
    def full(*_: object) -> None:
        raise DiskFull("backups")

    world.patch.setattr(pack, "pack", full)
    with suppress(DiskFull):
        backup(world)


def lost_and_found(world: World) -> None:
    for is_up in (True, False, False, True):
        sap_line.note(world.house.shop, is_up=is_up, problem="" if is_up else "It is away.")


def posted(world: World) -> None:
    world.invoice()
    world.books()


def refused(world: World) -> None:
    world.invoice()
    away = Fault(on="POST Invoices", do="error", code=-1116, message="Not on a Monday", times=9)
    world.books(away)


def run_low(world: World) -> None:
    for quantity in ("5", "0", "500"):
        world.stock(quantity)


def new_price(world: World) -> None:
    world.books()
    items = office.company()["items"]
    items[0]["prices"] = {"1": "2.05"}
    world.books(items=items)


def new_customer(world: World) -> None:
    partners = office.company()["partners"]
    world.books(partners=[*partners, partners[0] | {"code": "C7777"}])
    world.books(partners=[*partners, partners[0] | {"code": "C7777", "name": "Another name"}])


E = WebhookEvent
CAUSES: Mapping[WebhookEvent, tuple[Cause, Mapping[str, Any]]] = {
    E.INVOICE_CREATED: (World.invoice, {"cardCode": "C0001", "docTotal": "19.90"}),
    E.INVOICE_PAID: (settle, {"cardCode": "C0001", "docTotal": "19.90"}),
    E.CREDIT_NOTE_CREATED: (credit, {"docTotal": "-3.98"}),
    E.PAYMENT_RECEIVED: (World.pay, {"cardCode": "C0001", "docTotal": "19.90"}),
    E.PAYMENT_FAILED: (lambda it: charge(it, phone=POOR), {"amount": "10.00"}),
    E.PAYMENT_REFUNDED: (charge, {"provider": "ecocash", "status": "Refunded"}),
    E.SALE_RECEIVED: (filed, {"till": "T01"}),
    E.QUOTATION_CHANGED: (lambda it: order(it, "Quotation"), {"change": "create"}),
    E.SALES_ORDER_CHANGED: (lambda it: order(it, "SalesOrder"), {"change": "create"}),
    E.RESERVATION_CREATED: (World.hold, {"externalReferenceId": "R-1", "status": "Pending"}),
    E.RESERVATION_RENEWED: (
        lambda it: it.post(f"{HELD}/renew", {"reservationId": it.hold()}),
        {"status": "Pending", "expiresAt": "2026-11-02T07:00:00+00:00"},
    ),
    E.RESERVATION_CONFIRMED: (
        lambda it: it.post(f"{HELD}/confirm", {"reservationId": it.hold()}),
        {"status": "Confirmed", "externalReferenceId": "R-1"},
    ),
    E.RESERVATION_CANCELLED: (
        lambda it: it.post(f"{HELD}/cancel", {"reservationId": it.hold(), "reason": "left"}),
        {"status": "Cancelled", "reason": "left"},
    ),
    E.RESERVATION_EXPIRED: (expire, {"status": "Expired", "externalReferenceId": "R-1"}),
    E.PURCHASE_APPROVED: (purchase, {"cardCode": "S0001"}),
    E.PURCHASE_RECEIVED: (
        lambda it: it.post(
            f"{purchase(it)}/receive",
            {"lines": [{"lineNum": 0, "itemCode": "MILK", "quantityReceived": 5}]},
            role="Manager",
        ),
        {"cardCode": "S0001"},
    ),
    E.TRANSFER_CREATED: (send, {"fromWarehouse": WAREHOUSE, "toWarehouse": OTHER}),
    E.TRANSFER_RECEIVED: (
        lambda it: it.post(send(it, transit=True)),
        {"fromWarehouse": WAREHOUSE, "toWarehouse": OTHER},
    ),
    E.STOCK_LOW: (run_low, {"itemCode": "MILK", "warehouseCode": WAREHOUSE, "inStock": "5"}),
    E.STOCK_OUT: (run_low, {"itemCode": "MILK", "warehouseCode": WAREHOUSE, "inStock": "0"}),
    E.STOCK_REPLENISHED: (run_low, {"itemCode": "MILK", "inStock": "500"}),
    E.INVENTORY_ADJUSTED: (issue, {"kind": "issue", "warehouseCode": WAREHOUSE}),
    E.CUSTOMER_CREATED: (new_customer, {"cardCode": "C7777", "isActive": True}),
    E.CUSTOMER_UPDATED: (new_customer, {"cardCode": "C7777", "cardName": "Another name"}),
    E.PRICE_CHANGED: (new_price, {"itemCodes": ["MILK"], "count": 1}),
    E.FISCAL_FILED: (filed, {"deviceId": "D1", "receiptGlobalNo": 12, "fiscalDay": 7}),
    E.FISCAL_FAILED: (
        lambda it: filed(it, state="refused", reason="RCPT010", receipt_global_no=None),
        {"status": "refused", "reason": "RCPT010"},
    ),
    E.DOCUMENT_POSTED: (
        posted,
        {"kind": "invoice", "docNum": 100001},
    ),
    E.DOCUMENT_REVIEW: (refused, {"kind": "invoice", "docNum": None}),
    E.SAP_LOST: (lost_and_found, {"reason": "It is away."}),
    E.SAP_RESTORED: (lost_and_found, {"reason": None}),
    E.BACKUP_COMPLETED: (backup, {}),
    E.BACKUP_FAILED: (no_backup, {}),
}


@pytest.mark.parametrize("event", WebhookEvent)
def test_a_cause_writes_down_one_notice_for_each_who_asked(
    event: WebhookEvent,
    sqlite_store: Store,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    sold: Envelope,  # noqa: F811
) -> None:
    world = World(build(sqlite_store), tmp_path, monkeypatch, sold)
    asked = Wanted(name="All", url="https://hooks.example.com/", events=(event.value,))
    how = {"attempts_most": 3, "timeout_seconds": 30}
    seal = Seal(SECRET, book.PURPOSE)
    for _ in range(2):
        book.add(world.house.shop, BOSS, replace(asked, **how), seal=seal, policy=Policy())
    cause, expected = CAUSES[event]
    cause(world)
    assert MEANING[event].description.endswith(".")
    message = rows.webhook_messages
    with world.house.shop.store.read() as connection:
        found = connection.execute(select(message).order_by(message.c.seq)).mappings().all()
    first = [row for row in found if row["data"].items() >= expected.items()]
    assert [(row["webhook"], row["event"]) for row in first] == [(1, event), (2, event)]
    assert len({row["event_id"] for row in first}) == 1


def test_what_never_comes_says_what_to_ask_for() -> None:
    for name, instead in NEVER_TOLD.items():
        with pytest.raises(WebhookInvalid, match="ask for"):
            events_of((name,))
        assert instead
