"""Put something about a charge before a person, once for each kind."""

from __future__ import annotations

from typing import Any

import structlog
from sqlalchemy import Connection, RowMapping

from pos_app.domain.charge import Matter
from pos_app.domain.money import Money
from pos_app.services.shop import Shop
from pos_app.store import charge as charges


def put(
    shop: Shop,
    connection: Connection,
    kind: Matter,
    row: RowMapping,
    *,
    why: str,
    facts: dict[str, Any] | None = None,
) -> None:
    """Something about a charge that is known."""
    money = Money(row["amount"], row["currency"]).label
    sentence = f"Payment {row['entry']} of {money} by {row['provider']}: {why}"
    told = {"subject": row["id"], "charge_id": row["id"], "facts": facts or {}}
    _put(shop, connection, kind, sentence, told)


def unmatched(
    shop: Shop, connection: Connection, *, subject: str, sentence: str, facts: dict[str, Any]
) -> None:
    """A message about money nobody here asked for."""
    told = {"subject": subject, "charge_id": None, "facts": facts}
    _put(shop, connection, Matter.UNMATCHED, sentence, told)


def _put(
    shop: Shop, connection: Connection, kind: Matter, sentence: str, told: dict[str, Any]
) -> None:
    row = told | {"kind": kind, "sentence": sentence, "opened_at": shop.clock.now()}
    if charges.open_matter(connection, row):
        structlog.get_logger(lane="charge").warning("matter opened", kind=kind.value, why=sentence)
