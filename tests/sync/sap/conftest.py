"""One world for every test: client, simulator and their clock, in process and over a socket."""

from __future__ import annotations

import copy
import random
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from sandbox.clock import SandboxClock
from sandbox.connection import Connections
from sandbox.fault import Fault, Faults
from sandbox.log import RequestLog
from sandbox.server import listen, server_of
from sync.sap.client import ServiceLayer
from sync.sap.documents import BatchPick, Cash, InvoiceLine, InvoiceRequest, PaymentRequest, Posted
from sync.sap.http_client import HttpxHttp
from sync.sap.port import Http
from sync.sap.settings import SapSettings
from sync.sap.simulator.core import Core
from sync.sap.simulator.gate import Gate
from sync.sap.simulator.in_process import InProcessHttp
from sync.sap.simulator.sandbox import SandboxApp
from sync.sap.simulator.shop import books_of

START = datetime(2026, 8, 20, 8, 0, tzinfo=UTC)
DAY = date(2026, 8, 20)

SHOP: dict[str, Any] = {
    "company": {
        "user_fields": {"OINV": ["U_Van_saleorder", "U_OrderNumber"], "OITM": ["U_HSCode"]}
    },
    "currencies": [
        {"code": "USD", "name": "US dollar"},
        {"code": "ZiG", "name": "Zimbabwe Gold", "iso": "ZWG"},
    ],
    "rates": [{"currency": "ZiG", "date": "2026-08-20", "rate": "25"}],
    "vat_groups": [
        {
            "code": "O01",
            "rates": [{"from": "2020-01-01", "rate": "15"}, {"from": "2026-01-01", "rate": "15.5"}],
        },
        {"code": "O0", "rates": [{"from": "2020-01-01", "rate": "0"}]},
        {"code": "OLD", "inactive": True, "rates": [{"from": "2020-01-01", "rate": "14.5"}]},
        {"code": "I01", "input": True, "rates": [{"from": "2020-01-01", "rate": "15.5"}]},
    ],
    "warehouses": [
        {"code": "SHOP1", "name": "Avondale", "city": "Harare"},
        {"code": "MAIN", "name": "Depot"},
        {"code": "SHUT", "inactive": True},
    ],
    "accounts": [
        {"code": "1110", "name": "Till USD", "currency": "USD", "cash": True},
        {"code": "1111", "name": "Till ZiG", "currency": "ZiG", "cash": True},
        {"code": "1120", "name": "EcoCash"},
        {"code": "1199", "name": "Old till", "active": False},
        {"code": "6400", "name": "Breakage"},
    ],
    "cost_centres": [{"code": "SHOP1", "name": "Avondale"}, {"code": "GONE", "active": False}],
    "credit_cards": [{"code": 1, "name": "Visa", "account": "1130"}],
    "price_lists": [
        {"number": 1, "name": "Retail USD", "currency": "USD"},
        {"number": 2, "name": "Retail ZiG", "currency": "ZiG"},
        {"number": 3, "name": "Trade", "gross": False, "currency": "USD"},
    ],
    "items": [
        {
            "code": "MILK1", "name": "Milk 1 l", "barcode": "6001234567890",
            "barcodes": ["26001234567894"], "vat_group": "O01", "uom": "EA", "warehouse": "SHOP1",
            "updated": "2026-08-10", "prices": {"1": "1.99", "2": "53.30", "3": "1.50"},
            "batches": [
                {"number": "B1", "expiry": "2026-09-01", "quantities": {"SHOP1": "5", "MAIN": "7"}},
                {"number": "B2", "expiry": "2026-09-09", "quantities": {"SHOP1": "5"}},
                {"number": "B3", "status": "locked", "quantities": {"SHOP1": "9"}},
            ],
            "fields": {"U_HSCode": "04012000"},
        },
        {
            "code": "BREAD", "name": "Bread", "vat_group": "O0", "updated": "2026-08-19",
            "prices": {"1": "1.00"}, "stock": {"SHOP1": "10", "MAIN": "100"},
        },
        {
            "code": "SUGAR", "name": "Sugar 2 kg", "vat_group": "O01", "purchase_vat_group": "I01",
            "uom_group": "SUGAR", "stock": {"SHOP1": "1000"}, "prices": {"1": "3.10"},
            "barcode": "6001111111111", "barcodes": [{"code": "16001111111116", "unit": "BOX12"}],
        },
        {"code": "DELIVERY", "vat_group": "O01", "inventory": False, "prices": {"1": "5.00"}},
        {"code": "OLDIE", "vat_group": "O01", "active": False, "stock": {"SHOP1": "3"}},
    ],
    "partners": [
        {"code": "C0001", "name": "Walk-in customer", "updated": "2026-08-01"},
        {"code": "C0002", "name": "O'Brien & Sons", "currency": "ZiG", "price_list": 2,
         "credit_limit": "500", "balance": "12.50", "updated": "2026-08-19"},
        {"code": "C0003", "name": "Trade", "currency": "USD", "price_list": 3},
        {"code": "C0009", "name": "Closed", "active": False},
        {"code": "V0001", "name": "Dairy", "kind": "supplier"},
    ],
    "special_prices": [
        {"item": "MILK1", "partner": "C0002", "price": "50", "currency": "ZiG",
         "periods": [{"from": "2026-08-01", "to": "2026-08-31", "price": "48.50"}]},
        {"item": "BREAD", "partner": "C0001", "price": "0.90", "currency": "USD"},
        {"item": "SUGAR", "partner": "C0003", "price": "3.00", "currency": "USD",
         "price_list": 1, "periods": [
            {"from": "2026-08-01", "to": "2026-08-31", "price": "2.90", "quantities": [
                {"quantity": "10", "price": "2.70"}, {"quantity": "100", "discount": "15"}]}]},
    ],
    "uom_groups": [
        {"code": "SUGAR", "base": "EA", "units": [{"unit": "BOX12", "base_quantity": "12"}]},
    ],
}  # fmt: skip


class VirtualClock:
    """Time that moves only when somebody sleeps."""

    def __init__(self) -> None:
        self._clock = SandboxClock(lambda: START)

    def now(self) -> datetime:
        return self._clock.now()

    def sleep(self, seconds: float) -> None:
        self._clock.advance(seconds)

    @property
    def sandbox(self) -> SandboxClock:
        return self._clock


@dataclass
class World:
    """A client and the simulator it talks to."""

    sl: ServiceLayer
    gate: Gate
    clock: VirtualClock
    http: Http
    settings: SapSettings
    is_socket: bool

    @property
    def core(self) -> Core:
        return self.gate.core

    def arm(self, do: str, on: str = "", **more: Any) -> None:
        """Replace the armed faults by this one."""
        self.gate.faults.replace([Fault(on=on, do=do, **more)])

    def calls(self, call: str) -> list[str]:
        """Outcomes of the calls seen so far."""
        return [row["outcome"] for row in self.gate.log.rows() if row["call"] == call]

    def unselected(self) -> list[str]:
        """Reads of entities that did not say which properties they want."""
        rows = self.gate.log.rows()
        return [
            f"{row['call']}?{row.get('query', '')}"
            for row in rows
            if row["call"].startswith("GET ")
            and not row["call"].endswith(("/$count", "/List"))
            and "$select=" not in row.get("query", "")
        ]

    def keys(self, set_name: str = "Invoices") -> list[str]:
        """The keys of everything truly committed."""
        documents = self.core.ledger()["documents"]
        return [row["U_Van_saleorder"] for row in documents if row["set"] == set_name]

    def client(self, **changes: Any) -> ServiceLayer:
        """Another client of the same simulator."""
        return ServiceLayer(replace(self.settings, **changes), self.http, self.clock)


class Stage:
    """A server that plays one application after another, since starting one takes longer."""

    def __init__(self) -> None:
        self.connections = Connections()
        self.app: Any = None
        self.listener = listen("127.0.0.1", 0)
        self.port = self.listener.getsockname()[1]
        self._server = server_of(self, self.connections)
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [self.listener]}
        )

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self.app(scope, receive, send)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(10)
        self.listener.close()


@pytest.fixture(scope="session")
def stage() -> Iterator[Stage]:
    stage = Stage()
    stage.start()
    yield stage
    stage.stop()


@pytest.fixture
def shop() -> dict[str, Any]:
    return copy.deepcopy(SHOP)


def make_gate(clock: VirtualClock, shop: dict[str, Any]) -> Gate:
    core = Core(
        lambda: books_of(shop),
        now=clock.now,
        rng=random.Random(1),
        company_db="SBO_TEST",
        user="pos",
        password="secret",
    )
    return Gate(core, Faults(random.Random(1)), RequestLog(clock.now))


def settings_for(port: int, version: int) -> SapSettings:
    return SapSettings(
        url=f"http://127.0.0.1:{port}/b1s/v{version}",
        company_db="SBO_TEST",
        user="pos",
        password="secret",
    )


@pytest.fixture
def gate(shop: dict[str, Any]) -> Gate:
    return make_gate(VirtualClock(), shop)


@pytest.fixture
def local(shop: dict[str, Any]) -> World:
    """A world in process only, for rules of the simulator that no transport can change."""
    clock = VirtualClock()
    gate = make_gate(clock, shop)
    settings = settings_for(1, 1)
    http = InProcessHttp(gate, clock.sleep)
    return World(ServiceLayer(settings, http, clock), gate, clock, http, settings, False)


@pytest.fixture(params=["in_process-v1", "in_process-v2", "socket-v1"])
def world(request: Any, shop: dict[str, Any], stage: Stage) -> Iterator[World]:
    transport, version = request.param.split("-v")
    clock = VirtualClock()
    gate = make_gate(clock, shop)
    stage.app = SandboxApp(gate, clock.sandbox, stage.connections)
    settings = settings_for(stage.port, int(version))
    is_socket = transport == "socket"
    http = HttpxHttp(settings) if is_socket else InProcessHttp(gate, clock.sleep)
    yield World(ServiceLayer(settings, http, clock), gate, clock, http, settings, is_socket)
    if isinstance(http, HttpxHttp):
        http.close()


class Make:
    """Builders of the requests most tests need."""

    day = DAY

    @staticmethod
    def line(
        item: str = "BREAD", quantity: str = "1", price: str = "1.00", **more: Any
    ) -> InvoiceLine:
        group = "O0" if item == "BREAD" else "O01"
        values = {"warehouse": "SHOP1", "vat_group": group} | more
        return InvoiceLine(
            item_code=item, quantity=Decimal(quantity), price_after_vat=Decimal(price), **values
        )

    @classmethod
    def milk(cls, quantity: str, *batches: tuple[str, str], price: str = "1.99") -> InvoiceLine:
        picks = tuple(BatchPick(name, Decimal(amount)) for name, amount in batches)
        return cls.line("MILK1", quantity, price, batches=picks)

    @classmethod
    def invoice(cls, key: str = "k-1", *lines: InvoiceLine, **more: Any) -> InvoiceRequest:
        values = {"card_code": "C0001", "doc_date": DAY, "num_at_card": f"T01-{key}"} | more
        return InvoiceRequest(key=key, lines=lines or (cls.line(),), **values)

    @staticmethod
    def payment(
        posted: Posted, amount: str, reference: str = "T01-1/USD", **more: Any
    ) -> PaymentRequest:
        values: dict[str, Any] = {
            "card_code": posted.card_code,
            "doc_date": DAY,
            "invoice_entry": posted.doc_entry,
            "invoice_currency": None,
            "applied": Decimal(amount),
        }
        if not {"transfer", "cash", "cards"} & more.keys():
            values["cash"] = Cash("1110", Decimal(amount))
        return PaymentRequest(reference=reference, **(values | more))


@pytest.fixture(scope="session")
def make() -> type[Make]:
    return Make
