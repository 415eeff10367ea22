"""What the device said of a receipt, stored once: adopted, or disputed for a supervisor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, RowMapping

from fiscal import envelope, wire
from fiscal.fiscal_day import settle_day
from fiscal.messages import Filed, ReceiptRequest
from pos_app.domain.currency import UnmappedCurrency, normalise
from pos_app.domain.fiscal import (
    Baseline,
    Decision,
    FiscalRequest,
    FiscalState,
    Lookup,
    LookupOutcome,
    decide,
    mark_in,
)
from pos_app.domain.money import AmountInvalid, Money
from pos_app.services import document, fiscal_figure, fiscal_told, spool
from pos_app.services.shop import Shop
from pos_app.store import audit, outbox
from pos_app.store import fiscal as journal
from pos_app.store import fiscal_day as fiscal_days
from pos_app.store import fiscal_device as devices
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


def judge(shop: Shop, row: RowMapping, filed: Filed) -> Step:
    """Adopt what is this very sale, to the cent; anything else is for a supervisor (lesson L11)."""
    decision = decide(
        lookup_of(filed),
        asked(shop, row, filed.device_id),
        baseline=baseline(row),
        device_now=None,
        unexplained=0,
    )
    if decision is Decision.ADOPT:
        return adopt(shop, row, filed)
    return dispute(shop, row, difference(filed), filed=filed)


def difference(filed: Filed) -> str:
    """One sentence for the supervisor about a record that is not what was asked for."""
    return (
        f"The device knows {filed.number} as {filed.kind or 'a receipt'} of "
        f"{filed.currency} {filed.total} on device {filed.device_id}, "
        "which is not this sale: a supervisor must compare them."
    )


def lookup_of(filed: Filed) -> Lookup:
    """What the device said, in the words of the decision."""
    return Lookup(
        LookupOutcome.FOUND,
        device_id=filed.device_id,
        number=filed.number,
        receipt_type=filed.kind or "",
        total=_total(filed),
        global_number=filed.receipt_global_no or 0,
        mark=mark_in(comment_in(filed)),
    )


def asked(shop: Shop, row: RowMapping, device_id: str) -> FiscalRequest:
    """What was asked of the device; before anything was sent, of the one that answers now."""
    request = ReceiptRequest.from_json(row["request"])
    return FiscalRequest(
        device_id=baseline(row).device_id or device_id,
        number=row["number"],
        receipt_type=request.kind,
        total=total(shop, row),
        mark=mark_in(request.comment),
    )


def baseline(row: RowMapping) -> Baseline:
    """Where the device stood before the request was first sent."""
    stored = row["baseline"] or {}
    return Baseline(
        stored.get("device_id", ""),
        stored.get("last_global_number", 0),
        stored.get("boot_id", ""),
    )


def comment_in(filed: Filed) -> str:
    """The comment in the device's record, its own prefix taken off; empty when it keeps none."""
    notes = str(fiscal_figure.receipt_in(filed.raw).get("receiptnotes") or "")
    return notes.removeprefix(f"{filed.device_id}-").strip()


def _total(filed: Filed) -> Money | None:
    """None for a total or a currency no sale of ours can have."""
    if filed.total is None:
        return None
    try:
        return Money.of(abs(filed.total), normalise(filed.currency))
    except (UnmappedCurrency, AmountInvalid):
        return None


def adopt(shop: Shop, row: RowMapping, filed: Filed) -> Step:
    """Store the fiscal record, queue the paper, tell the server: one transaction.

    The record must have been compared with the sale before.
    """
    with shop.store.write() as connection:
        record(shop, connection, row, filed)
    return Step(goes_on=True, is_settled=True)


def record(shop: Shop, connection: Connection, row: RowMapping, filed: Filed) -> bool:
    """Store the fiscal record in a transaction; False when the row has moved meanwhile."""
    known = dated(connection, filed, (row["baseline"] or {}).get("fiscal_day"))
    state, values = FiscalState.FISCALISED.value, _values(known)
    ended = values | {"settled_at": shop.clock.now()}
    moved = journal.move(connection, row["sale_id"], was=row["state"], state=state, values=ended)
    if moved:
        fiscal_told.tell(shop, connection, row["number"], state, values)
        devices.reach(
            connection,
            known.device_id,
            known.receipt_global_no or 0,
            is_first_of_day=known.receipt_counter == 1,
        )
        if known.receipt_counter == 1 and known.fiscal_day is not None:
            base = {"base_global_no": known.day_base}
            fiscal_days.change(connection, known.device_id, known.fiscal_day, base)
        _queue_papers(shop, connection, row["sale_id"])
        _enqueue(shop, connection, row["sale_id"])
    return moved


def _queue_papers(shop: Shop, connection: Connection, sale_id: str) -> None:
    """Queue the paper of a filed sale where the settings send it; the first one is the original."""
    if shop.rules.office is None:
        ways = frozenset({"printer"})
    else:
        sale = sales.by_id(connection, sale_id)
        ways = shop.rules.paper.of(sale["kind"] if sale else "invoice").goes_to
    if "printer" in ways and shop.rules.printer:
        spool.queue_receipt(shop, connection, sale_id)
    if "office" in ways:
        spool.queue_filed_page(shop, connection, sale_id)


def dated(connection: Connection, filed: Filed, baseline_day: int | None) -> Filed:
    """The record with its fiscal day, as far as that can be proven."""
    if filed.fiscal_day is not None:
        return filed
    known = journal.days(connection, filed.device_id)
    known |= fiscal_days.bases(connection, filed.device_id)
    return settle_day(filed, baseline_day=baseline_day, known=known)


def found_row(connection: Connection, filed: Filed, *, why: str, now: datetime) -> dict[str, Any]:
    """A receipt that no row of the journal accounts for, as it is kept."""
    known = dated(connection, filed, None)
    return {
        "device_id": known.device_id,
        "receipt_global_no": known.receipt_global_no,
        "number": known.number,
        "why": why,
        "kind": known.kind or "",
        "currency": known.currency,
        "total": str(known.total),
        "record": known.raw,
        "receipt_counter": known.receipt_counter,
        "fiscal_day": known.fiscal_day,
        "found_at": now,
    }


def found_record(row: RowMapping) -> Filed:
    """The record of a receipt that was found, read anew from what the device said."""
    filed = wire.filed(envelope.read(row["record"]))
    return replace(filed, fiscal_day=row["fiscal_day"])


def dispute(shop: Shop, row: RowMapping, why: str, *, filed: Filed | None = None) -> Step:
    """Stop for a person: nothing is sent again, the rows behind may go on.

    Args:
        shop: the till.
        row: the row of the journal.
        why: one sentence for the supervisor.
        filed: what the device shows instead, if anything.
    """
    values = {"reply": filed.raw} if filed else {}
    return _end(shop, row, FiscalState.DISPUTED, why, values=values, filed=filed)


def refuse(shop: Shop, row: RowMapping, why: str) -> Step:
    """Note that the device refused, proven not filed: a person corrects it, the rest goes on."""
    return _end(shop, row, FiscalState.REFUSED, why)


def _end(
    shop: Shop,
    row: RowMapping,
    state: FiscalState,
    why: str,
    *,
    values: Mapping[str, object] | None = None,
    filed: Filed | None = None,
) -> Step:
    """Leave a row to a person, tell the server and the audit chain: one transaction."""
    now = shop.clock.now()
    ended = {"reason": why, "settled_at": now, **(values or {})}
    with shop.store.write() as connection:
        if journal.move(
            connection, row["sale_id"], was=row["state"], state=state.value, values=ended
        ):
            _enqueue(shop, connection, row["sale_id"])
            fiscal_told.tell(shop, connection, row["number"], state, ended)
            audit.append(
                connection,
                at=now,
                actor="till",
                action="fiscal.refuse" if state is FiscalState.REFUSED else "fiscal.dispute",
                subject=row["number"],
                details={"reason": why},
            )
            if filed is not None and filed.receipt_global_no is not None:
                devices.add_found(connection, found_row(connection, filed, why="disputed", now=now))
    return Step(goes_on=True, problem=why, is_settled=True)


def tell(shop: Shop, connection: Connection, sale_id: str) -> None:
    """Tell the server how the receipt stands now."""
    _enqueue(shop, connection, sale_id)


def total(shop: Shop, row: RowMapping) -> Money:
    """The magnitude of the sale behind a journal row."""
    with shop.store.read() as connection:
        sale = sales.by_id(connection, row["sale_id"])
    if sale is None:
        return Money.of(Decimal(0), shop.rules.currency)
    return abs(Money(sale["total"], sale["currency"]))


def _values(filed: Filed) -> dict[str, object]:
    return columns(filed) | {"reason": "", "look_at": None}


def columns(filed: Filed) -> dict[str, object]:
    """A fiscal record as a journal keeps it."""
    return {
        "reply": filed.raw,
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
    figures = fiscal_figure.excerpt(row["reply"])
    told = {name: row[name] for name in TOLD} | {"sale_id": sale_id, "reply": figures}
    text = document.canonical(told)
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
