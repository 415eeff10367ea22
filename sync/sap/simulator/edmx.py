"""What the simulator serves, as the document a client may read it from: ``$metadata``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from xml.sax.saxutils import quoteattr

from sync.sap.simulator.schema import LINE_TABLES, PRIMITIVES, Schema, SetSchema

NAMESPACE = "SAPB1"
EDMX = {
    1: ("1.0", "http://schemas.microsoft.com/ado/2007/06/edmx", "2009/11/edm"),
    2: ("4.0", "http://docs.oasis-open.org/odata/ns/edmx", ""),
}
SCHEMA = {
    1: "http://schemas.microsoft.com/ado/2009/11/edm",
    2: "http://docs.oasis-open.org/odata/ns/edm",
}


def edmx(schema: Schema, *, version: int) -> str:
    """Entity types with keys, complex types, enumerations and sets of one company."""
    number, space, _ = EDMX[version]
    inside = "".join(_parts(schema, version))
    return (
        '<?xml version="1.0" encoding="utf-8"?>'
        f'<edmx:Edmx Version="{number}" xmlns:edmx="{space}"><edmx:DataServices>'
        f'<Schema Namespace="{NAMESPACE}" xmlns="{SCHEMA[version]}">{inside}</Schema>'
        "</edmx:DataServices></edmx:Edmx>"
    )


def _parts(schema: Schema, version: int) -> Iterator[str]:
    owners = {one.type: one for one in schema.sets.values()}
    for name, properties in schema.types.items():
        owner = owners.get(name)
        table = LINE_TABLES.get(name, "") if owner is None else owner.table
        own = dict.fromkeys(schema.user_fields.get(table, ()), "String")
        inside = "".join(_properties({**properties, **own}, owner, version))
        if owner is None:
            yield f'<ComplexType Name="{name}">{inside}</ComplexType>'
        else:
            key = "".join(f'<PropertyRef Name="{part}"/>' for part in owner.key)
            yield f'<EntityType Name="{name}"><Key>{key}</Key>{inside}</EntityType>'
    for name, members in schema.enums.items():
        inside = "".join(f"<Member Name={quoteattr(member)}/>" for member in members)
        yield f'<EnumType Name="{name}">{inside}</EnumType>'
    sets = "".join(
        f'<EntitySet Name="{name}" EntityType="{NAMESPACE}.{one.type}"/>'
        for name, one in schema.sets.items()
    )
    yield f'<EntityContainer Name="ServiceLayer">{sets}</EntityContainer>'


def _properties(
    properties: Mapping[str, str], owner: SetSchema | None, version: int
) -> Iterator[str]:
    """Properties of a type; user fields of its table are seen from outside like any other."""
    for name, kind in properties.items():
        is_key = owner is not None and name in owner.key
        null = ' Nullable="false"' if is_key else ""
        yield f'<Property Name="{name}" Type="{_type(kind, version)}"{null}/>'


def _type(kind: str, version: int) -> str:
    if kind.endswith("[]"):
        return f"Collection({_type(kind[:-2], version)})"
    if version == 2:
        kind = {"DateTime": "DateTimeOffset", "Time": "TimeOfDay"}.get(kind, kind)
    is_plain = kind in PRIMITIVES or kind in ("DateTimeOffset", "TimeOfDay")
    return f"{'Edm' if is_plain else NAMESPACE}.{kind}"
