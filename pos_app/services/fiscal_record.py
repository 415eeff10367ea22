"""What the device said of a receipt, stored once: adopted, or disputed for a supervisor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import Connection, RowMapping

from fiscal.fiscal_day import settle_day
from fiscal.messages import Filed
from pos_app.domain.fiscal import FiscalState
from pos_app.domain.money import Money
from pos_app.services import document, spool
from pos_app.services.shop import Shop
from pos_app.store import audit, outbox
from pos_app.store import fiscal as journal
from pos_app.store import sale as sales

TOLD = (
    "number",
    "state",
    "reason",
    "device_id",
    "device_serial",
    "qr",
    "verification_code",
    "receipt_global_no",
    "receipt_counter",
    "fiscal_day",
    "filed_at",
)


@dataclass(frozen=True, slots=True)
class Step:
    """What one step on the device did.

    Attributes:
        goes_on: whether to go on at once, or to leave the device alone for now.
        is_settled: whether the row has come to its end.
    """

    goes_on: bool
    problem: str = ""
    is_settled: bool = False


def adopt(shop: Shop, row: RowMapping, filed: Filed) -> Step:
    """Store the fiscal record, queue the paper, tell the server: one transaction.

    The record must have been compared with the sale before.
    """
    with shop.store.write() as connection:
        known = settle_day(
            filed,
            baseline_day=(row["baseline"] or {}).get("fiscal_day"),
            known=journal.days(connection, filed.device_id),
        )
        moved = journal.move(
            connection,
            row["sale_id"],
            was=row["state"],
            state=FiscalState.FISCALISED.value,
            values=_values(known) | {"settled_at": shop.clock.now()},
        )
        if moved:
            if shop.rules.printer:
                spool.queue_receipt(shop, connection, row["sale_id"])
            _enqueue(shop, connection, row["sale_id"])
    return Step(goes_on=True, is_settled=True)


def dispute(shop: Shop, row: RowMapping, why: str, *, filed: Filed | None = None) -> Step:
    """Stop for a person: nothing is sent again, the rows behind may go on.

    Args:
        shop: the till.
        row: the row of the journal.
        why: one sentence for the supervisor.
        filed: what the device shows instead, if anything.
    """
    values = {"reply": filed.raw} if filed else {}
    return _end(shop, row, FiscalState.DISPUTED, why, action="fiscal.dispute", values=values)


def refuse(shop: Shop, row: RowMapping, why: str) -> Step:
    """Note that the device refused, proven not filed: a person corrects it, the rest goes on."""
    return _end(shop, row, FiscalState.REFUSED, why, action="fiscal.refuse", values={})


def _end(
    shop: Shop,
    row: RowMapping,
    state: FiscalState,
    why: str,
    *,
    action: str,
    values: Mapping[str, object],
) -> Step:
    """Leave a row to a person, tell the server and the audit chain: one transaction."""
    now = shop.clock.now()
    ended = {"reason": why, "settled_at": now, **values}
    with shop.store.write() as connection:
        if journal.move(
            connection, row["sale_id"], was=row["state"], state=state.value, values=ended
        ):
            _enqueue(shop, connection, row["sale_id"])
            audit.append(
                connection,
                at=now,
                actor="till",
                action=action,
                subject=row["number"],
                details={"reason": why},
            )
    return Step(goes_on=True, problem=why, is_settled=True)


def note_day(shop: Shop, action: str) -> None:
    """Leave a trace of a fiscal day opened or closed by the till itself."""
    with shop.store.write() as connection:
        audit.append(
            connection,
            at=shop.clock.now(),
            actor="till",
            action=action,
            subject=shop.rules.till,
            details={"device": shop.rules.fiscal.device},
        )


def total(shop: Shop, row: RowMapping) -> Money:
    """The magnitude of the sale behind a journal row."""
    with shop.store.read() as connection:
        sale = sales.by_id(connection, row["sale_id"])
    if sale is None:
        return Money.of(Decimal(0), shop.rules.currency)
    return abs(Money(sale["total"], sale["currency"]))


def _values(filed: Filed) -> dict[str, object]:
    return {
        "reply": filed.raw,
        "reason": "",
        "look_at": None,
        "device_id": filed.device_id,
        "device_serial": filed.device_serial,
        "qr": filed.qr,
        "verification_code": filed.verification_code,
        "receipt_global_no": filed.receipt_global_no,
        "receipt_counter": filed.receipt_counter,
        "fiscal_day": filed.fiscal_day,
        "filed_at": filed.filed_at,
    }


def _enqueue(shop: Shop, connection: Connection, sale_id: str) -> None:
    """Tell the server what the device said, in the sale's own stream."""
    row = journal.by_sale(connection, sale_id)
    if row is None:
        return
    text = document.canonical({name: row[name] for name in TOLD} | {"sale_id": sale_id})
    outbox.enqueue(
        connection,
        id=shop.ids.new(),
        stream=f"sale:{sale_id}",
        kind="fiscal",
        key=sale_id,
        payload=text,
        content_hash=document.content_hash(text),
        at=shop.clock.now(),
    )
