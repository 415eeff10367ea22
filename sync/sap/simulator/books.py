"""The simulated company's data, and the one way to change it: apply a whole change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from hashlib import sha256
from typing import Any

from sync.sap.simulator.company import Company
from sync.sap.simulator.promise import frozen_by, held_by
from sync.sap.simulator.schema import Schema, load_schema
from sync.sap.simulator.table import Key, Row, Table

ZERO = Decimal(0)

INDEXES: Mapping[str, tuple[str, ...]] = {
    "BarCodes": ("ItemNo", "Barcode"),
    "BatchNumberDetails": ("ItemCode",),
    "BinLocations": ("Warehouse",),
    "SerialNumberDetails": ("ItemCode", "SerialNumber"),
    "InventoryCountings": ("Remarks",),
    "InventoryPostings": ("Remarks",),
    "Orders": ("CardCode",),
    "IncomingPayments": ("CardCode",),
    "SpecialPrices": ("CardCode",),
    "VendorPayments": ("CardCode",),
}
VERSIONED = frozenset(
    {"Invoices", "CreditNotes", "Orders", "Quotations", "PurchaseOrders", "PurchaseDeliveryNotes",
     "DeliveryNotes", "Returns", "PurchaseInvoices", "InventoryGenEntries", "InventoryGenExits",
     "Drafts", "Items", "BusinessPartners"}
)  # fmt: skip
"""Sets whose entities carry a version; transfers and payments do not."""


PARTS = ("put", "remove", "stock", "batch", "serial", "bin", "balance", "rate", "price")


@dataclass(slots=True)
class Change:
    """Everything one committed request did; this is what the journal keeps.

    Attributes:
        put: entity set and the whole new row.
        remove: entity set and the parts of a key.
        stock: item, warehouse and the quantity added.
        batch: batch entry, warehouse and the quantity added.
        serial: entry of a serial number, warehouse and 1 or -1.
        bin: entry of a bin location, item and the quantity added.
        balance: partner and the local amount added to the account balance.
        rate: currency, day or empty for every day, rate; zero for none any more.
        price: item, price list, price, currency.
        company: settings replaced.
    """

    put: list[tuple[str, Row]] = field(default_factory=list)
    remove: list[tuple[str, list[Any]]] = field(default_factory=list)
    stock: list[tuple[str, str, Decimal]] = field(default_factory=list)
    batch: list[tuple[int, str, Decimal]] = field(default_factory=list)
    serial: list[tuple[int, str, Decimal]] = field(default_factory=list)
    bin: list[tuple[int, str, Decimal]] = field(default_factory=list)
    balance: list[tuple[str, Decimal]] = field(default_factory=list)
    rate: list[tuple[str, str, Decimal]] = field(default_factory=list)
    price: list[tuple[str, int, Decimal, str]] = field(default_factory=list)
    company: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The change as JSON data, empty parts left out."""
        parts = {name: getattr(self, name) for name in Change.__slots__}
        return {name: part for name, part in parts.items() if part}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Change:
        """The change written by `as_json`."""
        change = cls(company=dict(data.get("company", {})))
        for name in PARTS:
            getattr(change, name).extend(tuple(entry) for entry in data.get(name, ()))
        return change


class Books:
    """All tables, stock, prices and rates of one company."""

    def __init__(self, company: Company) -> None:
        self.company = company
        self.schema: Schema = load_schema(company.user_fields)
        self.tables = {
            name: Table(entry.key, self._indexed(name)) for name, entry in self.schema.sets.items()
        }
        self.prices: dict[str, dict[int, tuple[Decimal, str]]] = {}
        self.stock: dict[str, dict[str, Decimal]] = {}
        self.batch_stock: dict[int, dict[str, Decimal]] = {}
        self.batch_entries: dict[tuple[str, str], int] = {}
        self.serial_stock: dict[int, dict[str, Decimal]] = {}
        self.serial_entries: dict[tuple[str, str], int] = {}
        self.bin_stock: dict[tuple[int, str], Decimal] = {}
        self.balances: dict[str, Decimal] = {}
        self.rates: dict[tuple[str, str], Decimal] = {}
        self.in_series: dict[tuple[str, int], int] = {}
        self.committed: dict[tuple[str, str], Decimal] = {}
        self.ordered: dict[tuple[str, str], Decimal] = {}
        self.frozen: dict[tuple[str, str], int] = {}
        self._versions: dict[tuple[str, Key], int] = {}

    def _indexed(self, name: str) -> tuple[str, ...]:
        user = self.company.user_fields.get(self.schema.sets[name].table, ())
        return (*INDEXES.get(name, ()), *user)

    def apply(self, change: Change) -> None:
        """Make a change true; nothing in it is checked again."""
        for name, row in change.put:
            self._put(name, row)
        for name, parts in change.remove:
            self._remove(name, parts[0] if len(parts) == 1 else tuple(parts))
        self._move(change)
        for card, amount in change.balance:
            self.balances[card] = self.balances.get(card, ZERO) + amount
        for currency, day, rate in change.rate:
            self.rates[currency, day] = Decimal(rate)
            if not rate:
                del self.rates[currency, day]
        for item, price_list, price, currency in change.price:
            self.prices.setdefault(item, {})[price_list] = (Decimal(price), currency)
        if change.company:
            self._change_company(change.company)

    def _move(self, change: Change) -> None:
        for item, warehouse, quantity in change.stock:
            levels = self.stock.setdefault(item, {})
            levels[warehouse] = levels.get(warehouse, ZERO) + quantity
        for held, moves in ((self.batch_stock, change.batch), (self.serial_stock, change.serial)):
            for entry, warehouse, quantity in moves:
                levels = held.setdefault(entry, {})
                levels[warehouse] = levels.get(warehouse, ZERO) + quantity
        for place, item, quantity in change.bin:
            self.bin_stock[place, item] = self.bin_stock.get((place, item), ZERO) + quantity

    def inverse(self, change: Change) -> Change:
        """What takes a change back, as long as nothing came after it."""
        undone = Change(
            stock=[(item, place, -quantity) for item, place, quantity in change.stock],
            batch=[(entry, place, -quantity) for entry, place, quantity in change.batch],
            serial=[(entry, place, -quantity) for entry, place, quantity in change.serial],
            bin=[(entry, item, -quantity) for entry, item, quantity in change.bin],
            balance=[(card, -amount) for card, amount in change.balance],
        )
        seen: set[tuple[str, Key]] = set()
        for name, row in change.put:
            key = self.tables[name].key_of(row)
            if (name, key) in seen:
                continue
            seen.add((name, key))
            old = self.tables[name].get(key)
            if old is not None:
                undone.put.append((name, old))
            else:
                undone.remove.append((name, [row[part] for part in self.tables[name].key]))
        for name, parts in change.remove:
            old = self.tables[name].get(parts[0] if len(parts) == 1 else tuple(parts))
            if old is not None:
                undone.put.append((name, old))
        for currency, day, _ in change.rate:
            undone.rate.append((currency, day, self.rates.get((currency, day), ZERO)))
        for item, price_list, _, currency in change.price:
            before = self.prices.get(item, {}).get(price_list, (ZERO, currency))
            undone.price.append((item, price_list, *before))
        return undone

    def etag(self, set_name: str, key: Key) -> str | None:
        """The version of an entity, None in a set that SAP keeps no versions of."""
        if set_name not in VERSIONED:
            return None
        told = f"{set_name}/{key}/{self._versions.get((set_name, key), 0)}"
        return f'W/"{sha256(told.encode()).hexdigest()[:40].upper()}"'

    def row(self, set_name: str, key: Key) -> Row | None:
        """One row, or None."""
        return self.tables[set_name].get(key)

    def next_entry(self, set_name: str) -> int:
        """The next number of a set that SAP numbers itself."""
        return int(self.tables[set_name].last_key() or 0) + 1

    def on_hand(self, item: str, warehouse: str) -> Decimal:
        """Quantity in a warehouse."""
        return self.stock.get(item, {}).get(warehouse, ZERO)

    def rate(self, currency: str, day: date) -> Decimal | None:
        """The rate of a day, else the standing one, else None."""
        own = self.rates.get((currency, day.isoformat()))
        return self.rates.get((currency, "")) if own is None else own

    def batches_of(self, item: str) -> Iterator[Row]:
        """The batches of an item, by entry."""
        yield from self.tables["BatchNumberDetails"].having("ItemCode", item) or ()

    def _put(self, name: str, row: Row) -> None:
        table = self.tables[name]
        old = table.get(table.key_of(row))
        table.put(row)
        if name in VERSIONED:
            place = (name, table.key_of(row))
            self._versions[place] = self._versions.get(place, 0) + 1
        if name == "BatchNumberDetails":
            self.batch_entries[row["ItemCode"], row["Batch"]] = row["DocEntry"]
        if name == "SerialNumberDetails":
            self.serial_entries[row["ItemCode"], row["SerialNumber"]] = row["DocEntry"]
        if old is None:
            self._count(name, row, 1)
        else:
            self._hold(name, old, -1)
        self._hold(name, row, 1)

    def _remove(self, name: str, key: Key) -> None:
        row = self.tables[name].get(key)
        self.tables[name].remove(key)
        if row is not None:
            if name == "BatchNumberDetails":
                del self.batch_entries[row["ItemCode"], row["Batch"]]
            if name == "SerialNumberDetails":
                del self.serial_entries[row["ItemCode"], row["SerialNumber"]]
            self._count(name, row, -1)
            self._hold(name, row, -1)

    def _count(self, name: str, row: Row, by: int) -> None:
        """The next number of a series follows from how many it has given."""
        if (series := row.get("Series")) is not None:
            self.in_series[name, series] = self.in_series.get((name, series), 0) + by

    def _hold(self, name: str, row: Row, sign: int) -> None:
        for item, warehouse, committed, ordered in held_by(name, row):
            place = (item, warehouse)
            self.committed[place] = self.committed.get(place, ZERO) + sign * committed
            self.ordered[place] = self.ordered.get(place, ZERO) + sign * ordered
        for place in frozen_by(name, row):
            self.frozen[place] = self.frozen.get(place, 0) + sign

    def _change_company(self, changes: Mapping[str, Any]) -> None:
        """Replace settings; new user fields get their index by rebuilding the tables."""
        before = self.company
        self.company = before.with_changes(changes)
        if self.company.user_fields == before.user_fields:
            return
        self.schema = load_schema(self.company.user_fields)
        for name, table in list(self.tables.items()):
            rebuilt = Table(table.key, self._indexed(name))
            for row in table.rows():
                rebuilt.put(row)
            self.tables[name] = rebuilt
