"""Tax groups, each from a date on."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Column, Connection, Text, select

from pos_app.domain.tax import TaxGroup, TaxKind
from pos_app.store.fast import Prepared
from pos_app.store.schema import BusinessDate, Id, Micro, table
from pos_app.store.upsert import upsert

tax_groups = table(
    "tax_groups",
    Column("code", Id, primary_key=True),
    Column("valid_from", BusinessDate, primary_key=True),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("percent", Micro),  # none for exempt goods, which is not zero
    Column("fiscal_tax_id", Text, nullable=False),
    Column("fiscal_code", Text, nullable=False),
    Column("sap_vat_group", Text, nullable=False),
)


def groups(connection: Connection) -> list[TaxGroup]:
    """Every tax group with every date it changed, by code and date."""
    return [
        TaxGroup(
            code=row["code"],
            name=row["name"],
            kind=TaxKind(row["kind"]),
            percent=row["percent"],
            fiscal_tax_id=row["fiscal_tax_id"],
            fiscal_code=row["fiscal_code"],
            sap_vat_group=row["sap_vat_group"],
            valid_from=row["valid_from"],
        )
        for row in _EVERY.all_mappings(connection, {})
    ]


def put(connection: Connection, groups: Iterable[TaxGroup]) -> None:
    """Insert or change tax groups; what is valid from another date is another row."""
    rows = [
        {
            "code": group.code,
            "valid_from": group.valid_from,
            "name": group.name,
            "kind": group.kind.value,
            "percent": group.percent,
            "fiscal_tax_id": group.fiscal_tax_id,
            "fiscal_code": group.fiscal_code,
            "sap_vat_group": group.sap_vat_group,
        }
        for group in groups
    ]
    upsert(connection, tax_groups, rows)


_EVERY = Prepared(select(tax_groups).order_by(tax_groups.c.code, tax_groups.c.valid_from))
