"""The log of what was filed: told by programs that file by themselves, filled from our journal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping

from pos_app.domain.fiscal import FiscalState
from pos_app.domain.money import Money
from pos_app.domain.permission import Actor
from pos_app.errors import Conflict, StaleRecord
from pos_app.services.invoice_view import FIRST_OWN, number_of
from pos_app.services.shop import Shop
from pos_app.store import credit_note as credit_notes
from pos_app.store import fiscal_log as log
from pos_app.store import invoice as invoices
from pos_app.store import sale as sales
from pos_app.store.fault import UniqueViolation
from pos_app.store.fiscal_log import FISCALISED, OWN, Counted, Wanted

USUAL_DAYS = 30
FILED = (*FISCALISED, "success")
RECORD = ("device_id", "receipt_global_no", "verification_code")
"""What names one record on one device."""

IN_DOUBT = frozenset({FiscalState.INTENT, FiscalState.SENT, FiscalState.UNKNOWN})


class FiscalLogConflict(Conflict):
    """An entry says something else than was told of the same transaction before."""

    code = "fiscal_log_conflict"

    def __init__(self, key: str, why: str) -> None:
        super().__init__(
            f"Transaction {key[:100]} {why}: look it up, and send another one under a key of its "
            "own.",
            clientTransactionId=key[:100],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One transaction as a program tells of it; empty and None are not known.

    Attributes:
        key: the program's own, unique for ever; again, it brings newer facts.
        at: when it happened; None is now.
    """

    key: str
    at: datetime | None
    doc_num: int
    document_type: str
    status: str
    total: Money
    vat: Money
    message: str = ""
    verification_code: str = ""
    qr: str = ""
    device_serial: str = ""
    device_id: str = ""
    fiscal_day: str = ""
    receipt_global_no: int | None = None
    partner: str = ""
    partner_name: str = ""
    original: str = ""
    raw_request: str = ""
    raw_response: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged:
    """One entry of the log."""

    number: int
    told: Told
    at: datetime
    user_id: str
    username: str
    created_at: datetime
    synced_at: datetime


@dataclass(frozen=True, slots=True)
class Page:
    """Some of the entries wanted, and all of them counted."""

    counted: Counted
    entries: tuple[Logged, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """What filling the log from our journal came to.

    Attributes:
        available: sales and notes posted within the time.
        tracked: of those, how many stood in the log before.
        scanned: how many were looked at now.
        found: filed on a device; ``synced`` of them went into the log.
        not_filed: no device will sign them, or refused to.
        in_doubt: nobody knows yet; they are looked at again next time.
    """

    since: datetime
    until: datetime
    available: int
    tracked: int
    scanned: int
    found: int
    synced: int
    not_filed: int
    in_doubt: int


def keep(shop: Shop, actor: Actor, told: Told) -> Logged:
    """Enter what a program tells, or take newer facts of the same transaction.

    Raises:
        FiscalLogConflict: the key belongs to another document, or another record was filed of it.
    """
    if told.key.startswith(OWN):
        raise FiscalLogConflict(told.key, "has a key of this server's own journal")
    try:
        with shop.store.write() as connection:
            return _kept(shop, connection, actor, told)
    except UniqueViolation:
        with shop.store.write() as connection:
            return _kept(shop, connection, actor, told)


def page(
    shop: Shop,
    *,
    offset: int,
    limit: int,
    text: str = "",
    status: str | None = None,
    document_type: str | None = None,
    source: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Page:
    """A page of the log from the newest back."""
    wanted = Wanted(
        text=text,
        status=status,
        document_type=document_type,
        source=source,
        since=since,
        until=until,
    )
    with shop.store.read() as connection:
        counted, rows = log.page(connection, wanted, offset=offset, limit=limit)
        return Page(counted, tuple(_logged(row) for row in rows))


def fill(
    shop: Shop,
    actor: Actor,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    most: int = 500,
    at_once: int = 100,
) -> Filled:
    """Enter what tills and this server filed and the log does not have, in small transactions.

    It goes by our own journal, which the device has signed; the device itself is not asked.
    Without a period it is the last thirty days.
    """
    end = until or shop.clock.now()
    begin = since or end - timedelta(days=USUAL_DAYS)
    with shop.store.read() as connection:
        available, tracked = log.posted_between(connection, begin, end)
        rows = log.missing_between(connection, begin, end, limit=most)
    filed = [row for row in rows if row["state"] == FiscalState.FISCALISED]
    synced = sum(
        _copy(shop, actor, filed[first : first + at_once])
        for first in range(0, len(filed), at_once)
    )
    in_doubt = sum(row["state"] in IN_DOUBT for row in rows)
    return Filled(
        since=begin,
        until=end,
        available=available,
        tracked=tracked,
        scanned=len(rows),
        found=len(filed),
        synced=synced,
        not_filed=len(rows) - len(filed) - in_doubt,
        in_doubt=in_doubt,
    )


def _copy(shop: Shop, actor: Actor, rows: Sequence[RowMapping]) -> int:
    try:
        return _copied(shop, actor, rows)
    except UniqueViolation:
        # Somebody else fills the log, too: what they entered is there now.
        return _copied(shop, actor, rows)


def _copied(shop: Shop, actor: Actor, rows: Sequence[RowMapping]) -> int:
    with shop.store.write() as connection:
        numbers = _numbers(connection, [row["id"] for row in rows])
        entries = [_of_journal(row, numbers.get(row["id"], row["number"])) for row in rows]
        new = [told for told in entries if log.held(connection, told.key) is None]
        for told in new:
            _kept(shop, connection, actor, told)
    return len(new)


def _numbers(connection: Connection, sale_ids: list[str]) -> dict[str, int]:
    """The document numbers invoices and credit notes go by now."""
    status = sales.status_of(connection, sale_ids)
    found = {
        key: number_of(row, status.get(key))
        for key, row in invoices.by_ids(connection, sale_ids).items()
    }
    for key in set(sale_ids) - set(found):
        note = credit_notes.by_id(connection, key)
        if note is not None:
            known = status.get(key)
            found[key] = int((known and known["doc_num"]) or FIRST_OWN + note["entry"])
    return found


def _of_journal(row: RowMapping, number: int) -> Told:
    return Told(
        key=f"{OWN}{row['id']}",
        at=row["settled_at"] or row["posted_at"],
        doc_num=number,
        document_type={"invoice": "Invoice", "credit_note": "CreditNote"}.get(
            row["kind"], "DebitNote"
        ),
        status="Fiscalised",
        total=Money(row["total"], row["currency"]),
        vat=Money(row["vat"], row["currency"]),
        message=row["reason"] or "",
        verification_code=row["verification_code"] or "",
        qr=row["qr"] or "",
        device_serial=row["device_serial"] or "",
        device_id=row["device_id"] or "",
        fiscal_day="" if row["fiscal_day"] is None else str(row["fiscal_day"]),
        receipt_global_no=row["receipt_global_no"],
        partner=row["partner"],
        partner_name=row["partner_name"],
        source=row["till"],
    )


def _kept(shop: Shop, connection: Connection, actor: Actor, told: Told) -> Logged:
    now = shop.clock.now()
    known = log.held(connection, told.key)
    values = _values(told) | {"synced_at": now}
    if known is None:
        log.add(
            connection,
            values
            | {
                "key": told.key,
                "at": told.at or now,
                "user_id": actor.user_id,
                "username": actor.username,
                "created_at": now,
            },
        )
    else:
        _check_same(known, values)
        log.change(connection, told.key, values | ({"at": told.at} if told.at else {}))
    row = log.held(connection, told.key)
    if row is None:
        raise StaleRecord("fiscal transaction", told.key)
    return _logged(row)


def _check_same(known: RowMapping, values: Mapping[str, Any]) -> None:
    for name in ("doc_num", "document_type"):
        if known[name] != values[name]:
            raise FiscalLogConflict(
                known["key"], f"is of {known['document_type']} {known['doc_num']}"
            )
    was_filed = known["status"].lower() in FILED
    if was_filed and any(known[name] and known[name] != values[name] for name in RECORD):
        raise FiscalLogConflict(known["key"], "was filed with another record")
    if was_filed and values["status"].lower() not in FILED:
        raise FiscalLogConflict(known["key"], "was filed, which is final")


def _values(told: Told) -> dict[str, Any]:
    return {
        "doc_num": told.doc_num,
        "document_type": told.document_type,
        "status": told.status,
        "message": told.message,
        "verification_code": told.verification_code,
        "qr": told.qr,
        "device_serial": told.device_serial,
        "device_id": told.device_id,
        "fiscal_day": told.fiscal_day,
        "receipt_global_no": told.receipt_global_no,
        "partner": told.partner,
        "partner_name": told.partner_name,
        "currency": told.total.currency,
        "total": told.total.minor,
        "vat": told.vat.minor,
        "original": told.original,
        "raw_request": told.raw_request,
        "raw_response": told.raw_response,
        "source": told.source or "InvoiceFiscalisation",
    }


def _logged(row: RowMapping) -> Logged:
    told = Told(
        key=row["key"],
        at=row["at"],
        total=Money(row["total"], row["currency"]),
        vat=Money(row["vat"], row["currency"]),
        **{name: row[name] for name in _TOLD},
    )
    return Logged(
        number=row["number"],
        told=told,
        at=row["at"],
        user_id=row["user_id"],
        username=row["username"],
        created_at=row["created_at"],
        synced_at=row["synced_at"],
    )


_TOLD = (
    "doc_num", "document_type", "status", "message", "verification_code", "qr", "device_serial",
    "device_id", "fiscal_day", "receipt_global_no", "partner", "partner_name", "original",
    "raw_request", "raw_response", "source",
)  # fmt: skip
