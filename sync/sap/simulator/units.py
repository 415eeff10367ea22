"""Units of measure of a shop file: groups, their units, and the barcodes that name one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sync.sap.simulator.books import Books
from sync.sap.simulator.shop_rows import ShopInvalid, decimal, known
from sync.sap.simulator.table import Row

UNITS, GROUPS = "UnitOfMeasurements", "UnitOfMeasurementGroups"
MANUAL = -1
"""The group of items that have no other unit than their own."""


class Units:
    """Numbers of the units and groups of one shop, given as they come."""

    def __init__(self, books: Books, entries: Iterable[Mapping[str, Any]]) -> None:
        self._books = books
        self._units: dict[str, int] = {}
        self._groups: dict[str, int] = {}
        for entry in entries:
            self._add(entry)

    def group(self, item: str, code: str) -> int:
        """The number of a group; raises ShopInvalid when the file has none."""
        if code not in self._groups:
            raise ShopInvalid(f"item {item}", f"has the unknown unit group {code}")
        return self._groups[code]

    def unit(self, item: str, code: str) -> int:
        """The number of a unit; raises ShopInvalid when the file has none."""
        if code not in self._units:
            raise ShopInvalid(f"item {item}", f"has a barcode for the unknown unit {code}")
        return self._units[code]

    def _add(self, entry: Mapping[str, Any]) -> None:
        code = entry.get("code")
        if not isinstance(code, str) or not code:
            raise ShopInvalid("a unit group", "has no code")
        place = f"unit group {code}"
        known(place, entry, {"code", "name", "base", "units"})
        base = self._entry(str(entry.get("base", "EA")))
        rows = [_definition(base, 1, 1)]
        for unit in entry.get("units", ()):
            known(place, unit, {"unit", "quantity", "base_quantity"})
            told = self._entry(str(unit["unit"]))
            alternate = decimal(place, unit.get("quantity", 1))
            inside = decimal(place, unit["base_quantity"])
            if alternate <= 0 or inside <= 0:
                raise ShopInvalid(place, f"has no quantity for the unit {unit['unit']}")
            rows.append(_definition(told, alternate, inside))
        number = len(self._groups) + 1
        self._groups[code] = number
        group = {"AbsEntry": number, "Code": code, "Name": entry.get("name", code)}
        rows_named = {"BaseUoM": base, "UoMGroupDefinitionCollection": rows}
        self._books.tables[GROUPS].put(group | rows_named)

    def _entry(self, code: str) -> int:
        if code not in self._units:
            number = self._units[code] = len(self._units) + 1
            self._books.tables[UNITS].put({"AbsEntry": number, "Code": code, "Name": code})
        return self._units[code]


def _definition(unit: int, alternate: Any, inside: Any) -> Row:
    return {
        "AlternateUoM": unit,
        "AlternateQuantity": decimal("a unit", alternate),
        "BaseQuantity": decimal("a unit", inside),
        "Active": "tYES",
    }
