"""Money of a till's charge, and the sale that takes it: every payment is explained by one of them.

It is no incoming payment: it comes into the books as a tender of the sale, which names it by the
provider's number or by the charge's identity. What no sale names goes before a person.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping

from pos_app.domain import charge as rule
from pos_app.domain.charge import ChargeState, Matter
from pos_app.services.charge import matter
from pos_app.services.shop import Shop
from pos_app.store import charge as charges

WAITS, CLAIMED, PERSON = "till", "sale", "person"
"""What `charges.booking` says of a till's money: waits for its sale, has it, is a person's."""

PATIENCE = timedelta(minutes=30)
"""So long money waits for the sale that takes it before a person hears of it."""


def arrived(connection: Connection, row: RowMapping, external_id: str) -> str:
    """What becomes of a till's money that comes now, as `charges.booking` says it."""
    if charges.receipts_of(connection, row["till"], _names(row, external_id)):
        return CLAIMED
    is_late = row["left_at"] is not None or ChargeState(row["state"]) in rule.UNPAID
    return PERSON if is_late else WAITS


def came(shop: Shop, connection: Connection, row: RowMapping, booking: str) -> None:
    """Put money that comes for a sale that went another way before a person."""
    if booking == PERSON:
        _put_late(shop, connection, row)


def claim(
    shop: Shop, connection: Connection, header: Mapping[str, Any], tenders: Sequence[Any]
) -> None:
    """A till's sale has arrived: whatever it names of the till's charges is explained by it.

    One payment that two sales name, as after a restore of the till, is put before a person.
    """
    names = [row["reference"] for row in tenders if row["reference"]]
    for row in charges.named(connection, header["till"], names):
        if row["booking"] == CLAIMED:
            receipts = charges.receipts_of(connection, row["till"], _names(row, row["external_id"]))
            others = [one for one in receipts if one != header["receipt"]]
            if others:
                why = f"receipt {header['receipt']} names it, and so does {', '.join(others)}."
                matter.put(shop, connection, Matter.TAKEN_TWICE, row, why=why)
            continue
        charges.booked(connection, row["id"], CLAIMED, was=row["booking"])
        if ChargeState(row["state"]) in rule.UNPAID:
            _put_unpaid(shop, connection, row, header["receipt"])
        for one in charges.matters_of(connection, row["id"]):
            if one["kind"] in {Matter.LATE, Matter.UNCLAIMED} and one["closed_at"] is None:
                note = f"taken by receipt {header['receipt']}"
                values = {"closed_at": shop.clock.now(), "closed_by": header["till"], "note": note}
                charges.close_matter(connection, one["matter"], values)


def ended(shop: Shop, connection: Connection, row: RowMapping, external_id: str) -> None:
    """Put a charge that ends without money before a person where a sale was paid with it."""
    if row["till"]:
        for receipt in charges.receipts_of(connection, row["till"], _names(row, external_id)):
            _put_unpaid(shop, connection, row, receipt)


def watch(shop: Shop) -> int:
    """Put money before a person that no sale has come for; how many there were."""
    before = shop.clock.now() - PATIENCE
    with shop.store.read() as connection:
        rows = charges.unclaimed(connection, before)
    for row in rows:
        with shop.store.write() as connection:
            if charges.booked(connection, row["id"], PERSON, was=WAITS):
                why = f"it was paid at till {row['till']}, and no sale has come that takes it."
                matter.put(shop, connection, Matter.UNCLAIMED, row, why=why)
    return len(rows)


def _names(row: RowMapping, external_id: str) -> list[str]:
    return [row["id"], *([external_id] if external_id else [])]


def _put_unpaid(shop: Shop, connection: Connection, row: RowMapping, receipt: str) -> None:
    why = f"receipt {receipt} says it was paid with it, and the provider says that it was not."
    matter.put(shop, connection, Matter.CONTRADICTION, row, why=why)


def _put_late(shop: Shop, connection: Connection, row: RowMapping) -> None:
    why = f"it was paid after all, when its sale at till {row['till']} had gone another way."
    matter.put(shop, connection, Matter.LATE, row, why=why, facts={"sale": row["sale"]})
