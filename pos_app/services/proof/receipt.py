"""A day's receipts and payments as our own books hold them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, RowMapping

from pos_app.domain.proof import Entry, Wait
from pos_app.services.invoice_view import FIRST_OWN
from pos_app.services.shop import Shop
from pos_app.store import proof as store

PAYMENT = "payment"


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """What our own database holds of a day, read in one view of it.

    Attributes:
        till: the one till it is about; None for all of them and the server's own documents.
        receipts: those that tills made.
        made: when each of them was.
        missing: till and number of receipts that must have been made and are not here.
        documents: the same with invoices and payments made over the API.
        journal: fiscal journal rows by document.
        fiscal: which of them are to be filed.
        queued: the SAP queue by document, with what is known of the document in SAP.
        others: what else was queued on the day and waits, such as orders and goods.
        outbox: undelivered envelopes by document.
    """

    day: date
    till: str | None
    receipts: tuple[Entry, ...]
    made: Mapping[str, datetime]
    missing: tuple[tuple[str, int], ...]
    documents: tuple[Entry, ...]
    journal: Mapping[str, RowMapping]
    fiscal: frozenset[str]
    queued: Mapping[str, RowMapping]
    steps: tuple[RowMapping, ...]
    outbox: Mapping[str, RowMapping]
    others: tuple[RowMapping, ...] = ()

    @property
    def tills(self) -> frozenset[str]:
        """Whose documents there are; the server's own code for its own."""
        return frozenset(entry.till for entry in self.documents)


def read(shop: Shop, day: date, *, till: str | None) -> Day:
    """Read a day of one till, or of all tills and the server itself."""
    with shop.store.read() as connection:
        headers = store.sales_of(connection, day, till)
        tenders = _tenders(store.tenders_of(connection, day, till))
        batches = _batches(store.batches_of(connection, day, till))
        documents = [
            _entry(header, tenders[header["id"]], batches[header["id"]]) for header in headers
        ]
        receipts = [entry for entry in documents if not entry.is_own]
        if till is None:
            documents += _payments(shop, connection, day)
        return Day(
            day=day,
            till=till,
            receipts=tuple(receipts),
            made={header["id"]: header["posted_at"] for header in headers},
            missing=tuple(store.missing_of(connection, day, till)),
            documents=tuple(documents),
            journal={row["sale_id"]: row for row in store.journal_of(connection, day, till)},
            fiscal=frozenset(header["id"] for header in headers if header["is_fiscal"]),
            queued={row["document_id"]: row for row in store.postings_of(connection, day, till)},
            steps=tuple(store.steps_of(connection, day)) if till is None else (),
            others=tuple(store.others_of(connection, *span(shop, day))) if till is None else (),
            outbox={row["key"]: row for row in store.outbox_of(connection, day, till)},
        )


def span(shop: Shop, day: date) -> tuple[datetime, datetime]:
    """When a business date begins and ends in the shop's zone."""
    zone = ZoneInfo(shop.rules.zone)
    begins = datetime.combine(day, time(), zone)
    return begins, datetime.combine(day + timedelta(days=1), time(), zone)


def _tenders(rows: Iterable[RowMapping]) -> Mapping[str, dict[str, int]]:
    made: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for row in rows:
        name = f"{row['type']} {row['currency']}"
        mine = made[row["sale_id"]]
        mine[name] = mine.get(name, 0) + row["settled"]
    return made


def _batches(rows: Iterable[RowMapping]) -> Mapping[str, dict[str, Decimal]]:
    made: defaultdict[str, dict[str, Decimal]] = defaultdict(dict)
    for row in rows:
        made[row["document_id"]][batch_name(row["item"], row["batch"])] = abs(row["quantity"])
    return made


def batch_name(item: str, batch: str) -> str:
    """How a batch of a document is called on every side."""
    return f"batch {batch} of {item}"


def _entry(header: RowMapping, tenders: Mapping[str, int], batches: Mapping[str, Decimal]) -> Entry:
    taxes: dict[str, int] = {}
    for row in header["taxes"]:
        taxes[row["group"]] = taxes.get(row["group"], 0) + row["gross"]
    return Entry(
        key=header["id"],
        reference=header["receipt"],
        name=header["receipt"],
        kind=header["kind"],
        till=header["till"],
        currency=header["currency"],
        total=header["total"],
        vat=header["vat"],
        taxes=taxes,
        tenders=tenders,
        batches=batches,
        facts={
            "number": header["receipt"],
            "customer": header["partner"],
            "day": header["business_date"].isoformat(),
        },
        is_own=header["origin"] == "api",
    )


def _payments(shop: Shop, connection: Connection, day: date) -> Iterator[Entry]:
    for row in store.payments_of(connection, day):
        reference = f"PAY-{FIRST_OWN + row['entry']}"
        yield Entry(
            key=row["id"],
            reference=reference,
            name=reference,
            kind=PAYMENT,
            till=shop.rules.till,
            currency=row["currency"],
            total=row["total"],
            facts={"customer": row["partner"], "day": day.isoformat()},
            is_own=True,
        )


def undelivered(day: Day) -> Mapping[str, Wait]:
    """Receipts of a till that the server has not taken yet, or will not."""
    return {
        key: Wait(state=row["state"], reason=row["reason"], since=row["queued_at"])
        for key, row in day.outbox.items()
    }
