"""Everything SAP booked on one day: read by key cursor, whole, for a comparison with our books.

Cancelled documents are read, too: that somebody took one back is what a comparison is to find.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from sync.errors import Unavailable
from sync.sap.client import Row, ServiceLayer
from sync.sap.held import lots, read_day
from sync.sap.master import CODES_PER_REQUEST, decimal_of
from sync.sap.paging import by_key, counted, read_text
from sync.sap.query import Query, any_of, equals

SALES = ("Invoices", "CreditNotes")
PAYMENTS = ("IncomingPayments", "VendorPayments")
REVERSAL = "csCancellation"
"""What SAP books to take a document back; it carries the key of the document it cancels."""

SALES_SELECT = (
    "DocEntry", "DocNum", "DocDate", "CardCode", "NumAtCard", "DocTotal", "DocTotalFc", "VatSum",
    "VatSumFc", "DocCurrency", "Cancelled", "CancelStatus", "DocumentLines",
)  # fmt: skip
PAYMENT_SELECT = (
    "DocEntry", "DocNum", "DocDate", "CardCode", "DocCurrency", "CashAccount", "CashSum",
    "TransferAccount", "TransferSum", "TransferReference", "CounterReference", "Remarks",
    "Cancelled", "PaymentCreditCards", "PaymentChecks",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class SalesDocument:
    """An A/R document; amounts positive, in its own currency.

    Attributes:
        set_name: ``Invoices`` or ``CreditNotes``.
        key: our key, empty for a document nobody here asked for.
        currency: SAP's own code.
        taxes: gross amount by VAT group.
        batches: quantity by item and batch.
    """

    set_name: str
    doc_entry: int
    doc_num: int
    doc_date: date | None
    key: str
    card_code: str
    num_at_card: str
    currency: str
    total: Decimal
    vat: Decimal
    taxes: Mapping[str, Decimal]
    is_cancelled: bool
    batches: Mapping[tuple[str, str], Decimal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentDocument:
    """A payment; amounts positive, in its own currency.

    Attributes:
        set_name: ``IncomingPayments`` or ``VendorPayments``.
        references: the texts of it that may carry our reference.
        by_account: cash and transfers by G/L account.
        other: cards and cheques, which name no account.
    """

    set_name: str
    doc_entry: int
    doc_num: int
    doc_date: date | None
    card_code: str
    references: tuple[str, ...]
    currency: str
    by_account: Mapping[str, Decimal] = field(default_factory=dict)
    other: Decimal = Decimal(0)
    is_cancelled: bool = False

    @property
    def total(self) -> Decimal:
        """All means together."""
        return sum(self.by_account.values(), self.other)


def sales(sl: ServiceLayer, day: date, *, local_currency: str) -> Iterator[SalesDocument]:
    """Invoices and credit notes dated on a day.

    Raises:
        SapRejected, Unavailable: also in the middle; what came before is then not the day.
        IncompleteRead: rows are missing.
    """
    for set_name in SALES:
        where = equals("DocDate", day)
        rows = by_key(sl, set_name, "DocEntry", _sales_query(sl, where))
        for row in counted(sl, set_name, where, rows):
            if row.get("CancelStatus") != REVERSAL:
                yield _sales(sl, set_name, row, local_currency)


def sales_by_entry(
    sl: ServiceLayer, set_name: str, entries: Sequence[int], *, local_currency: str
) -> Iterator[SalesDocument]:
    """Documents by DocEntry, whatever day they are of; unknown ones yield no row."""
    for place in range(0, len(entries), CODES_PER_REQUEST):
        where = any_of("DocEntry", entries[place : place + CODES_PER_REQUEST])
        for row in by_key(sl, set_name, "DocEntry", _sales_query(sl, where)):
            yield _sales(sl, set_name, row, local_currency)


def payments(sl: ServiceLayer, day: date, *, local_currency: str) -> Iterator[PaymentDocument]:
    """Incoming and outgoing payments dated on a day; raises as `sales`."""
    own = sl.settings.payment_key_field
    select = (*PAYMENT_SELECT, own) if own else PAYMENT_SELECT
    names = ("Remarks", "TransferReference", "CounterReference", *((own,) if own else ()))
    where = equals("DocDate", day)
    for set_name in PAYMENTS:
        rows = by_key(sl, set_name, "DocEntry", Query(select=select, where=where))
        for row in counted(sl, set_name, where, rows):
            yield _payment(set_name, row, names, local_currency)


def _sales_query(sl: ServiceLayer, where: str) -> Query:
    return Query(select=(*SALES_SELECT, sl.settings.key_field), where=where)


def _sales(sl: ServiceLayer, set_name: str, row: Row, local_currency: str) -> SalesDocument:
    try:
        currency = row.get("DocCurrency") or local_currency
        is_local = currency == local_currency
        return SalesDocument(
            set_name=set_name,
            doc_entry=int(row["DocEntry"]),
            doc_num=int(row["DocNum"]),
            doc_date=read_day(row["DocDate"]),
            key=read_text(row, sl.settings.key_field),
            card_code=read_text(row, "CardCode"),
            num_at_card=read_text(row, "NumAtCard"),
            currency=currency,
            total=decimal_of(row["DocTotal" if is_local else "DocTotalFc"]),
            vat=decimal_of(row["VatSum" if is_local else "VatSumFc"]),
            taxes=taxes_of(row["DocumentLines"], "GrossTotal" if is_local else "GrossTotalFC"),
            is_cancelled=row.get("Cancelled") == "tYES",
            batches=_batches(row["DocumentLines"]),
        )
    except (KeyError, ValueError, TypeError) as error:
        raise Unavailable(f"SAP sent a document that cannot be read: {error!r}") from error


def _batches(lines: Sequence[Row]) -> dict[tuple[str, str], Decimal]:
    made: dict[tuple[str, str], Decimal] = {}
    for line in lines:
        item = read_text(line, "ItemCode")
        for batch, quantity in lots(line):
            made[item, batch] = made.get((item, batch), Decimal(0)) + quantity
    return made


def taxes_of(lines: Sequence[Row], name: str) -> dict[str, Decimal]:
    """Amounts of a name by VAT group; raises KeyError, ValueError, TypeError."""
    made: dict[str, Decimal] = {}
    for line in lines:
        group = read_text(line, "VatGroup")
        made[group] = made.get(group, Decimal(0)) + decimal_of(line[name])
    return made


def _payment(set_name: str, row: Row, names: Sequence[str], local_currency: str) -> PaymentDocument:
    try:
        cards = [card.get("CreditSum") for card in row.get("PaymentCreditCards") or ()]
        checks = [check.get("CheckSum") for check in row.get("PaymentChecks") or ()]
        by_account: dict[str, Decimal] = {}
        for means in ("Cash", "Transfer"):
            amount = decimal_of(row.get(f"{means}Sum"))
            if amount:
                account = read_text(row, f"{means}Account")
                by_account[account] = by_account.get(account, Decimal(0)) + amount
        return PaymentDocument(
            set_name=set_name,
            doc_entry=int(row["DocEntry"]),
            doc_num=int(row["DocNum"]),
            doc_date=read_day(row["DocDate"]),
            card_code=read_text(row, "CardCode"),
            references=tuple(text for name in names if (text := read_text(row, name))),
            currency=row.get("DocCurrency") or local_currency,
            by_account=by_account,
            other=sum((decimal_of(amount) for amount in [*cards, *checks]), Decimal(0)),
            is_cancelled=row.get("Cancelled") == "tYES",
        )
    except (KeyError, ValueError, TypeError) as error:
        raise Unavailable(f"SAP sent a payment that cannot be read: {error!r}") from error
