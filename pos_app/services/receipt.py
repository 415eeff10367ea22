"""The receipt of a sale: its five lamps, its paper, and looking it up again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import Connection

from pos_app.domain.fiscal import FiscalState
from pos_app.domain.lamp import (
    Lamp,
    Lamps,
    OutboxState,
    fiscal_lamp,
    synced_lamp,
)
from pos_app.domain.money import Money
from pos_app.errors import RecordNotFound
from pos_app.services.shop import Shop
from pos_app.store import fiscal as journal
from pos_app.store import original as originals
from pos_app.store import outbox, print_job
from pos_app.store import sale as sales
from pos_app.store.fast import Record
from printing import spool

LIMIT = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptRow:
    """One receipt in a list."""

    sale_id: str
    receipt: str
    kind: str
    at: datetime
    business_date: date
    username: str
    partner_name: str
    total: Money
    lamps: Lamps


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptLine:
    """One line as it was sold."""

    line: int
    item: str
    name: str
    quantity: Decimal
    uom: str
    unit_price: Decimal
    discount_percent: Decimal
    gross: Money
    tax_group: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptTender:
    """One tender as it was handed over, and what of it was kept."""

    type: str
    tendered: Money
    settled: Money
    reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FiscalFacts:
    """What the fiscal device said of the receipt."""

    device_id: str
    device_serial: str
    qr: str
    verification_code: str
    receipt_global_no: int | None
    receipt_counter: int | None
    fiscal_day: int | None
    filed_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptDetail:
    """Everything there is to show about one receipt.

    Attributes:
        reasons: per lamp that is not done, why; empty text when nothing is known.
        original: of a note, the number of the receipt it corrects.
        reason: of a note, why it was made.
        notes: of a sale, the numbers of the notes made of it.
    """

    row: ReceiptRow
    lines: tuple[ReceiptLine, ...]
    tenders: tuple[ReceiptTender, ...]
    change: tuple[Money, ...]
    vat: Money
    fiscal: FiscalFacts | None
    copies: int
    reasons: dict[str, str]
    original: str = ""
    reason: str = ""
    notes: tuple[str, ...] = ()


def lamps(shop: Shop, sale_id: str) -> Lamps:
    """The five lamps of one sale as they are now.

    Raises:
        RecordNotFound: there is no such sale.
    """
    with shop.store.read() as connection:
        row = sales.by_id(connection, sale_id)
        if row is None:
            raise RecordNotFound("sale", sale_id)
        return _Facts.read(connection, [sale_id]).lamps(sale_id)


def recent(
    shop: Shop, *, limit: int = LIMIT, before: datetime | None = None, text: str = ""
) -> list[ReceiptRow]:
    """Receipts from the newest back, with their lamps."""
    with shop.store.read() as connection:
        rows = sales.recent(connection, limit=limit, before=before, text=text)
        facts = _Facts.read(connection, [row["id"] for row in rows])
    return [_row(row, facts.lamps(row["id"])) for row in rows]


def show(shop: Shop, receipt: str) -> ReceiptDetail:
    """Everything about one receipt, by its number.

    Raises:
        RecordNotFound: there is no such receipt.
    """
    with shop.store.read() as connection:
        sale = sales.by_receipt(connection, receipt)
        if sale is None:
            raise RecordNotFound("receipt", receipt)
        facts = _Facts.read(connection, [sale["id"]])
        return ReceiptDetail(
            row=_row(sale, facts.lamps(sale["id"])),
            lines=tuple(_line(row, sale) for row in sales.lines_of(connection, sale["id"])),
            tenders=tuple(_tender(row) for row in sales.tenders_of(connection, sale["id"])),
            change=tuple(
                Money(row["amount"], row["currency"])
                for row in sales.change_of(connection, sale["id"])
            ),
            vat=Money(sale["vat"], sale["currency"]),
            fiscal=fiscal_facts(facts.journal.get(sale["id"])),
            copies=sum(job["copy_number"] > 0 for job in facts.jobs.get(sale["id"], [])),
            reasons=facts.reasons(sale["id"]),
            original=_original(connection, sale["original_id"]),
            reason=sale["notes"] if sale["original_id"] else "",
            notes=tuple(row["receipt"] for row in sales.notes_of(connection, sale["id"])),
        )


def _original(connection: Connection, original_id: str | None) -> str:
    if original_id is None:
        return ""
    sale = sales.by_id(connection, original_id)
    if sale is not None:
        return str(sale["receipt"])
    known = originals.by_id(connection, original_id)
    return str(known["number"]) if known else ""


def tenders_of(shop: Shop, sale_id: str) -> tuple[ReceiptTender, ...]:
    """What was handed over for one document, or back for a note."""
    with shop.store.read() as connection:
        return tuple(_tender(row) for row in sales.tenders_of(connection, sale_id))


def fiscal_facts(row: Record | None) -> FiscalFacts | None:
    """What the device said, or None while it has not filed the receipt."""
    if row is None or row["state"] != FiscalState.FISCALISED:
        return None
    return FiscalFacts(
        device_id=row["device_id"] or "",
        device_serial=row["device_serial"] or "",
        qr=row["qr"] or "",
        verification_code=row["verification_code"] or "",
        receipt_global_no=row["receipt_global_no"],
        receipt_counter=row["receipt_counter"],
        fiscal_day=row["fiscal_day"],
        filed_at=row["filed_at"] or "",
    )


@dataclass(frozen=True, slots=True)
class _Facts:
    """The rows behind the lamps of several sales, read in one go."""

    journal: Mapping[str, Record]
    jobs: Mapping[str, Sequence[Record]]
    envelopes: Mapping[str, Record]
    statuses: Mapping[str, Record]

    @classmethod
    def read(cls, connection: Connection, sale_ids: Sequence[str]) -> _Facts:
        ids = list(sale_ids)
        return cls(
            journal=journal.by_sales(connection, ids),
            jobs=print_job.of_documents(connection, ids),
            envelopes=outbox.worst_of(connection, [f"sale:{sale_id}" for sale_id in ids]),
            statuses=sales.status_of(connection, ids),
        )

    def lamps(self, sale_id: str) -> Lamps:
        """PAID is always done: only posted sales have rows here."""
        filed, jobs = self.journal.get(sale_id), self.jobs.get(sale_id, [])
        envelope = self.envelopes.get(f"sale:{sale_id}")
        status = self.statuses.get(sale_id)
        return Lamps(
            fiscalised=fiscal_lamp(FiscalState(filed["state"])) if filed else Lamp.PENDING,
            printed=Lamp(spool.lamp(spool.JobState(job["state"]) for job in jobs)),
            synced=synced_lamp(OutboxState(envelope["state"])) if envelope else Lamp.DONE,
            in_sap=Lamp(status["in_sap"]) if status else Lamp.PENDING,
        )

    def reasons(self, sale_id: str) -> dict[str, str]:
        """Why a lamp is not on yet, as far as the rows say."""
        rows = {
            "fiscalised": self.journal.get(sale_id),
            "printed": next(reversed(self.jobs.get(sale_id, [])), None),
            "synced": self.envelopes.get(f"sale:{sale_id}"),
            "in_sap": self.statuses.get(sale_id),
        }
        return {lamp: row["reason"] for lamp, row in rows.items() if row and row["reason"]}


def _row(sale: Record, lit: Lamps) -> ReceiptRow:
    return ReceiptRow(
        sale_id=sale["id"],
        receipt=sale["receipt"],
        kind=sale["kind"],
        at=sale["posted_at"],
        business_date=sale["business_date"],
        username=sale["username"],
        partner_name=sale["partner_name"],
        total=Money(sale["total"], sale["currency"]),
        lamps=lit,
    )


def _line(row: Record, sale: Record) -> ReceiptLine:
    return ReceiptLine(
        line=row["line"],
        item=row["item"],
        name=row["name"],
        quantity=row["quantity"],
        uom=row["uom"],
        unit_price=row["unit_price"],
        discount_percent=row["discount_percent"],
        gross=Money(row["gross"], sale["currency"]),
        tax_group=row["tax_group"],
    )


def _tender(row: Record) -> ReceiptTender:
    return ReceiptTender(
        type=row["type"],
        tendered=Money(row["tendered"], row["currency"]),
        settled=Money(row["settled"], row["currency"]),
        reference=row["reference"],
    )
