"""SAP as the server sees it: one company with a ledger of its own, on a line that loses answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from pos_app.sample.shop import company
from pos_app.simulation.mischief import Fault
from pos_app.simulation.rules import QUIET_SECONDS, WAREHOUSE
from pos_app.simulation.step import StepHttp, Steps
from pos_app.simulation.world import World
from sandbox.fault import Fault as Misdeed
from sandbox.fault import Faults
from sandbox.log import RequestLog
from sync.sap.client import ServiceLayer
from sync.sap.port import Http, NotSent, Response
from sync.sap.settings import SapSettings
from sync.sap.simulator.core import Core
from sync.sap.simulator.gate import Gate
from sync.sap.simulator.in_process import InProcessHttp
from sync.sap.simulator.journal import Journal
from sync.sap.simulator.shop import books_of

KEY = "U_Van_saleorder"
ITEMS = 40
SETTINGS = SapSettings(
    url="https://sap.invalid/b1s/v1",
    company_db="SIM",
    user="pos",
    password="of the simulation",  # noqa: S106 - opens nothing
)
LOST = (
    ("POST", "commit_then_drop"),
    ("POST", "commit_then_502"),
    ("POST", "truncate_json"),
    ("POST", "hide"),
    ("POST", "stall"),
    ("POST", "drop_before"),
    ("POST", "expire_session"),
    ("GET", "lookup_fails"),
    ("GET", "drop_before"),
    ("", "refuse"),
)
ZERO, LOW, FILLED = Decimal(0), Decimal(20), Decimal(100)
HIDDEN_SECONDS = int(QUIET_SECONDS) - 60


@dataclass(frozen=True, slots=True)
class _Level:
    """How much there is of an item, or of that of its batches of which there is least."""

    item: str
    quantity: Decimal
    batches: tuple[str, ...]

    def line(self) -> dict[str, Any]:
        """The line of a goods receipt that fills it up."""
        row = {"ItemCode": self.item, "WarehouseCode": WAREHOUSE}
        if not self.batches:
            return row | {"Quantity": FILLED}
        picks = [{"BatchNumber": batch, "Quantity": FILLED} for batch in self.batches]
        return row | {"Quantity": FILLED * len(picks), "BatchNumbers": picks}


class _Watched(Journal):
    """Keeps nothing and tells what SAP commits."""

    def __init__(self, books: SapBooks) -> None:
        self._books = books

    def read(self) -> Iterator[Any]:
        """No entries."""
        return iter(())

    def append(self, entry: Mapping[str, Any]) -> None:
        """See `sync.sap.simulator.journal.Journal`."""
        for set_name, row in entry.get("put", ()):
            self._books.see(set_name, row)

    def clear(self) -> None:
        """Nothing to forget."""


class SapBooks:
    """Watches for a document that SAP has twice, the moment it is committed."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._entries: dict[tuple[str, str], int] = {}

    def see(self, set_name: str, row: Mapping[str, Any]) -> None:
        """A row was written."""
        if set_name not in {"Invoices", "IncomingPayments"}:
            return
        name = row[KEY] if set_name == "Invoices" else row["Remarks"]
        known = self._entries.setdefault((set_name, name), row["DocEntry"])
        self._world.trace.note("SAP", "has", set=set_name, entry=row["DocEntry"], key=name)
        if known != row["DocEntry"]:
            words = f"SAP has {name} both as {known} and as {row['DocEntry']} in {set_name}."
            self._world.report("sap_twice", name, words)


class Sap:
    """The company and the line to it."""

    def __init__(self, world: World, *, days: int, moves: bool) -> None:
        self._world = world
        self.is_away = False
        data = company(items=ITEMS, seed=world.seed, today=world.clock.now().date())
        data["rates"] = [_rate(world, day, moves=moves) for day in range(-1, days + 5)]
        self.core = Core(
            lambda: books_of(data),
            now=world.clock.now,
            rng=world.rng("SAP sessions"),
            company_db=SETTINGS.company_db,
            user=SETTINGS.user,
            password=SETTINGS.password,
            journal=_Watched(SapBooks(world)),
        )
        self._opening, self._batches = self.on_hand(), self._in_batches()
        self._gate = self._door()
        # The office has its own door, where nothing goes wrong.
        self._office = InProcessHttp(self._door(), world.clock.sleep)

    def http(self, steps: Steps) -> Http:
        """The network as one process uses it."""
        direct = InProcessHttp(self._gate, self._world.clock.sleep)
        return StepHttp(_Line(self, direct), steps)

    def misbehave(self) -> None:
        """Arm what goes wrong with one of the next requests."""
        mischief = self._world.mischief
        if not mischief.strikes(Fault.SAP_REPLY):
            return
        verb, do = mischief.rng.choice(LOST)
        seconds = mischief.rng.randint(1, HIDDEN_SECONDS)
        if do == "stall":
            seconds += int(SETTINGS.timeouts.write)
        on = f"{verb} {mischief.rng.choice(('Invoices', 'IncomingPayments'))}" if verb else ""
        self._gate.faults.replace([Misdeed(on=on, do=do, seconds=seconds)])

    def heal(self) -> None:
        """Forget every fault; the line is there."""
        self._gate.faults.replace([])
        self.is_away = False

    def _door(self) -> Gate:
        faults = Faults(self._world.rng("SAP faults"))
        return Gate(self.core, faults, RequestLog(self._world.clock.now))

    def deliver(self) -> None:
        """A van brings goods of which two tills may have sold the same last ones."""
        low = [row for row in self._levels() if row.quantity < LOW]
        if not low:
            return
        sl = ServiceLayer(SETTINGS, self._office, self._world.clock)
        sl.post("InventoryGenEntries", {"DocumentLines": [row.line() for row in low]})
        self._world.trace.note("SAP", "goods came", items=len(low))

    def _levels(self) -> list[_Level]:
        """What the shop has of everything it began with; nothing at all is zero."""
        there, lots = self.on_hand(), self._in_batches()
        levels = []
        for code, place in self._opening:
            if place == WAREHOUSE:
                mine = {
                    batch: lots.get((item, batch), ZERO)
                    for item, batch in self._batches
                    if item == code
                }
                least = min([there.get((code, place), ZERO), *mine.values()])
                levels.append(_Level(code, least, tuple(mine)))
        return levels

    def _in_batches(self) -> dict[tuple[str, str], Decimal]:
        """What the shop has of each batch; zeros are left out."""
        return {
            (row["item"], row["batch"]): Decimal(row["quantity"])
            for row in self.ledger()["batches"]
            if row["warehouse"] == WAREHOUSE
        }

    def ledger(self) -> dict[str, Any]:
        """What SAP has truly committed."""
        return self.core.ledger()

    def on_hand(self) -> dict[tuple[str, str], Decimal]:
        """What SAP has in stock, by item and warehouse; zeros are left out."""
        return {
            (row["item"], row["warehouse"]): Decimal(row["quantity"])
            for row in self.core.ledger()["stock"]
        }


class _Line:
    """The line to SAP, which may be cut."""

    def __init__(self, sap: Sap, http: Http) -> None:
        self._sap = sap
        self._http = http

    def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: bytes | None,
        timeout: float,
    ) -> Response:
        """See `sync.sap.port.Http`."""
        if self._sap.is_away:
            raise NotSent("no route to host")
        return self._http.send(method, url, headers=headers, body=body, timeout=timeout)


def _rate(world: World, day: int, *, moves: bool) -> dict[str, str]:
    """The rate of a day; as the central bank has it, another one each day."""
    date = (world.clock.now() + timedelta(days=day)).date()
    points = world.rng(f"rate {day}").randint(-40, 40) if moves else 0
    return {"currency": "ZiG", "date": date.isoformat(), "rate": str(Decimal(2680 + points) / 100)}
