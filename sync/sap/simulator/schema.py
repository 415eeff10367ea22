"""Names, types, enumerations and lengths of what the simulator serves.

The table is ``metadata.json`` beside this module (source: SAP Service Layer $metadata), with
user-defined fields added per company, since those exist per table and company only.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from importlib.resources import files
from typing import Any

from sync.sap.simulator.refusal import Refusal

PRIMITIVES = frozenset({"String", "Double", "Int32", "DateTime", "Time"})
NUMERIC = frozenset({"Double", "Int32"})
DAY = re.compile(r"\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}(\.\d+)?Z?)?$")
TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$")
INT32 = range(-(2**31), 2**31)
DOUBLE_MAX = Decimal(10) ** 13
MILLIONTH = Decimal("0.000001")
LINE_TABLES = {"DocumentLine": "INV1", "StockTransferLine": "INV1"}
"""Where the user-defined fields of lines belong: to one table, whatever the document."""


@dataclass(frozen=True, slots=True)
class SetSchema:
    """One entity set: its type, key properties and the table its user fields belong to."""

    name: str
    type: str
    key: tuple[str, ...]
    table: str


@dataclass(frozen=True, slots=True)
class Schema:
    """Everything a request is checked against.

    Attributes:
        sets: entity sets by name.
        types: property name to property type, by type name.
        enums: member name to database value, by enumeration name.
        lengths: most characters, by property name.
        not_on: properties of a type that one of its sets does not have.
        functions: parameter name to parameter type, by function name.
        user_fields: names of the user-defined fields, by table.
    """

    sets: Mapping[str, SetSchema]
    types: Mapping[str, Mapping[str, str]]
    enums: Mapping[str, Mapping[str, str]]
    lengths: Mapping[str, int]
    user_field_length: int
    not_on: Mapping[str, frozenset[str]]
    functions: Mapping[str, Mapping[str, str]]
    user_fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def entity_set(self, name: str) -> SetSchema:
        """An entity set; raises Refusal 200 for an unknown name."""
        try:
            return self.sets[name]
        except KeyError:
            raise Refusal(200, "Unrecognized resource path.") from None

    def property_type(self, owner: SetSchema, name: str) -> str | None:
        """The type of a property of a set, None when this set has no such property."""
        if name in self.user_fields.get(owner.table, ()):
            return "String"
        if name in self.not_on.get(owner.name, ()):
            return None
        return self.types[owner.type].get(name)

    def plain_type(self, owner: SetSchema, name: str) -> str:
        """The type of a property to filter or sort by; raises Refusal 201 for another kind."""
        kind = self.property_type(owner, name)
        if kind is None or kind.endswith("[]") or kind in self.types:
            raise Refusal(201, f"Property '{name}' is invalid")
        return kind

    def check_body(self, owner: SetSchema, body: Any) -> dict[str, Any]:
        """A request body with enumerations by name and dates as days.

        Raises:
            Refusal: an unknown property, a wrong type, member, date format or length.
        """
        if not isinstance(body, dict):
            raise not_an_object()
        return {name: self._check(owner, name, value) for name, value in body.items()}

    def check_call(self, function: str, body: Any) -> dict[str, Any]:
        """A function's parameters; raises Refusal as `check_body`."""
        if not isinstance(body, dict):
            raise not_an_object()
        known = self.functions[function]
        for name in body:
            if name not in known:
                raise invalid_property(name, function)
        return {
            name: self._check_value(known[name], name, value, type_name=function, limit=None)
            for name, value in body.items()
        }

    def _check(self, owner: SetSchema, name: str, value: Any) -> Any:
        kind = self.property_type(owner, name)
        if kind is None:
            raise invalid_property(name, owner.type)
        return self._check_value(kind, name, value, type_name=owner.type, limit=self._limit(name))

    def _limit(self, name: str) -> int | None:
        return self.user_field_length if name.startswith("U_") else self.lengths.get(name)

    def _check_value(
        self, kind: str, name: str, value: Any, *, type_name: str, limit: int | None
    ) -> Any:
        if value is None:
            return None
        if kind in PRIMITIVES:
            return _check_primitive(kind, name, value, type_name=type_name, limit=limit)
        if kind in self.enums:
            return self.member(kind, name, value)
        if kind.endswith("[]"):
            return self._check_rows(kind[:-2], name, value, type_name)
        if kind not in self.types or not isinstance(value, dict):
            raise wrong_type(name, type_name)
        return self._check_nested(kind, value)

    def _check_rows(self, kind: str, name: str, rows: Any, type_name: str) -> list[Any]:
        if kind not in self.types or not isinstance(rows, list):
            raise wrong_type(name, type_name)
        if not all(isinstance(row, dict) for row in rows):
            raise wrong_type(name, type_name)
        return [self._check_nested(kind, row) for row in rows]

    def _check_nested(self, kind: str, row: Mapping[str, Any]) -> dict[str, Any]:
        known = self.types[kind]
        own = self.user_fields.get(LINE_TABLES.get(kind, ""), ())
        checked = {}
        for name, value in row.items():
            if name not in known and name not in own:
                raise invalid_property(name, kind)
            checked[name] = self._check_value(
                known.get(name, "String"), name, value, type_name=kind, limit=self._limit(name)
            )
        return checked

    def member(self, kind: str, name: str, value: Any) -> str:
        """An enumeration's member name, given by name or by database value."""
        members = self.enums[kind]
        if isinstance(value, str) and value in members:
            return value
        for member, stored in members.items():
            if stored == value:
                return member
        raise Refusal(-1000, f"Invalid value '{value}' for property '{name}' of enum '{kind}'")


def load_schema(user_fields: Mapping[str, tuple[str, ...]]) -> Schema:
    """The schema of a company with these user-defined fields."""
    text = files("sync.sap.simulator").joinpath("metadata.json").read_text("utf-8")
    data = json.loads(text)
    sets = {
        name: SetSchema(name, entry["type"], tuple(entry["key"]), entry["table"])
        for name, entry in data["sets"].items()
    }
    types = {name: _flatten(groups) for name, groups in data["types"].items()}
    enums = {
        name: members if isinstance(members, dict) else {member: member for member in members}
        for name, members in data["enums"].items()
    }
    not_on = {name: frozenset(names) for name, names in data["not_on"].items()}
    length = int(data["user_field_length"])
    return Schema(
        sets,
        types,
        enums,
        data["lengths"],
        length,
        not_on,
        data["functions"],
        dict(user_fields),
    )


def not_an_object() -> Refusal:
    """A body of another shape than an object."""
    return Refusal(-1000, "The request body is not a JSON object.")


def invalid_property(name: str, type_name: str) -> Refusal:
    """A property this type does not have."""
    return Refusal(-1000, f"Property '{name}' of '{type_name}' is invalid")


def wrong_type(name: str, type_name: str) -> Refusal:
    """A value of another type than the property's."""
    return Refusal(-1000, f"Invalid value type for property '{name}' of '{type_name}'")


def _flatten(groups: Mapping[str, list[str]]) -> dict[str, str]:
    return {name: kind for kind, names in groups.items() for name in names}


def _check_primitive(kind: str, name: str, value: Any, *, type_name: str, limit: int | None) -> Any:
    if kind == "String":
        return _check_text(name, value, type_name, limit)
    if kind == "Double":
        return _check_double(name, value, type_name)
    if kind == "Int32":
        if isinstance(value, bool) or not isinstance(value, int) or value not in INT32:
            raise wrong_type(name, type_name)
        return value
    if not isinstance(value, str):
        raise wrong_type(name, type_name)
    if kind == "DateTime":
        return _check_day(name, value, type_name)
    if TIME.match(value) is None:
        raise Refusal(-1000, f"Invalid time format in property '{name}' of '{type_name}'")
    return value


def _check_double(name: str, value: Any, type_name: str) -> Decimal:
    """Six decimals are kept of a number, and what has no place in a column is refused."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise wrong_type(name, type_name)
    given = Decimal(value)
    if abs(given) >= DOUBLE_MAX:
        raise Refusal(-1000, f"Value of property '{name}' of '{type_name}' is out of range")
    exponent = given.as_tuple().exponent
    is_finer = isinstance(exponent, int) and exponent < -6
    return given.quantize(MILLIONTH, rounding=ROUND_HALF_UP) if is_finer else given


def _check_text(name: str, value: Any, type_name: str, limit: int | None) -> str:
    if not isinstance(value, str):
        raise wrong_type(name, type_name)
    if limit is not None and len(value) > limit:
        raise Refusal(-1000, f"Value too long in property '{name}' of '{type_name}'")
    return value


def _check_day(name: str, value: str, type_name: str) -> str:
    try:
        if DAY.match(value):
            return date.fromisoformat(value[:10]).isoformat()
    except ValueError:
        pass
    raise Refusal(-1000, f"Invalid date format in property '{name}' of '{type_name}'")
