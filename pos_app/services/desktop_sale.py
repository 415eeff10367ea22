"""Sales of desktop programs: paid at once, kept with their tenders, consolidated like a till's.

They use the shop's one stock: what a program sells is gone for reservations and tills alike, and
each line keeps the batches it was sold from.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import Connection

from pos_app.domain.currency import normalise
from pos_app.domain.hub import HubCall
from pos_app.domain.money import Money
from pos_app.domain.permission import Actor, Permission, require
from pos_app.domain.posting import PostingState
from pos_app.domain.sale import Sale
from pos_app.domain.tender import Settlement, Tender, TenderTable, settle
from pos_app.errors import NotAllowed, ReferenceConflict
from pos_app.services import credit, document, hub, invoice, invoice_view
from pos_app.services.invoice_entry import settles
from pos_app.services.invoice_order import Order, Origin
from pos_app.services.invoice_view import FIRST_OWN, Fiscal, Invoice, fiscal_of
from pos_app.services.shop import Shop
from pos_app.store import desktop_sale as desktop_sales
from pos_app.store import fiscal as journal
from pos_app.store import invoice as invoices
from pos_app.store import sale as sales
from pos_app.store.desktop_sale import Wanted
from pos_app.store.fast import Record
from pos_app.store.fault import UniqueViolation

METHODS = {
    "swipe": "card",
    "credit card": "card",
    "debit card": "card",
    "bank transfer": "transfer",
    "mobile money": "ecocash",
}
"""Other words programs use for our tender types (contract section 5: Cash, Swipe, Ecocash …)."""


class MethodNotYours(NotAllowed):
    """The user may not take this kind of money."""

    code = "payment_method_not_allowed"

    def __init__(self, username: str, method: str) -> None:
        super().__init__(
            f"{username} may not take {method}: take another payment method, or have it allowed.",
            method=method,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """Money handed over; an empty currency is the sale's own."""

    method: str
    amount: Decimal
    currency: str = ""
    reference: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A sale as a program asks for it.

    Attributes:
        reference: the caller's own, unique for ever; the same sale again gives the first answer.
        methods: names of tenders the user may take; empty is all.
        allowed: warehouses the user is assigned to; empty is every one.
    """

    reference: str
    order: Order
    handed: tuple[Handed, ...]
    methods: tuple[str, ...] = ()
    allowed: tuple[str, ...] = ()

    @property
    def content(self) -> str:
        """One text per content, to tell a repetition from a reuse."""
        told = [
            [row.method.casefold(), str(row.amount.normalize()), row.currency, row.reference]
            for row in self.handed
        ]
        return document.canonical({"order": self.order.text, "handed": told})


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A sale as it was stored, and the change given; a repetition gives the first one."""

    invoice: Invoice
    reference: str
    change: tuple[Money, ...]
    is_new: bool


def make(shop: Shop, actor: Actor, asked: Asked) -> Made:
    """Make a sale: goods taken, money stored as it was handed over, and its change.

    Raises:
        ReferenceConflict: the reference belongs to a sale of another content.
        ReferenceForgotten: it was used before these books were restored.
        MethodNotYours, UnmappedTender, TenderInvalid, TenderTooLow, TenderTooHigh: the money.
        StockInvalid: some lines cannot be served; it names each.
        PermissionMissing, AccountNeedsCustomer, ApprovalNeeded: it cannot go on account.
        WarehouseNotYours, CustomerUnusable, PriceUnusable, UnmappedTaxGroup: it cannot be made.
    """
    known = _known(shop, asked)
    if known is not None:
        return known
    origin = Origin(
        document_id=document.named(shop, "desktop_sale", asked.reference),
        sale_reference=desktop_sales.PREFIX + asked.reference,
        reference=asked.reference,
        allowed=asked.allowed,
    )
    sale = invoice.priced(shop, actor, asked.order, origin)
    paid = _settled(shop, actor, asked, sale)
    try:
        with shop.store.write() as connection:
            invoice.post(shop, connection, actor, sale, order=asked.order, origin=origin, paid=paid)
            desktop_sales.keep(connection, origin.document_id, document.content_hash(asked.content))
            _call(shop, connection, asked, origin.document_id)
    except UniqueViolation:
        known = _known(shop, asked)
        if known is None:
            raise
        return known
    return Made(
        invoice=invoice_view.get(shop, origin.document_id),
        reference=asked.reference,
        change=paid.change,
        is_new=True,
    )


def _call(shop: Shop, connection: Connection, asked: Asked, document_id: str) -> None:
    """Let whoever is connected see the sale."""
    made = invoices.by_id(connection, document_id)
    assert made is not None  # noqa: S101 - just posted
    data = {
        "id": FIRST_OWN + made["entry"],
        "externalReferenceId": asked.reference,
        "cardCode": made["partner"],
        "cardName": made["partner_name"],
        "totalAmount": str(Money(made["total"], made["currency"])),
        "currency": made["currency"],
        "warehouseCode": made["warehouse"],
        "createdAt": made["created_at"].isoformat(),
    }
    hub.call(shop, connection, HubCall.DESKTOP_SALE_CREATED, data)


def _known(shop: Shop, asked: Asked) -> Made | None:
    with shop.store.read() as connection:
        row = sales.by_reference(connection, desktop_sales.PREFIX + asked.reference)
        content = desktop_sales.content_of(connection, row["id"]) if row else None
        given = sales.change_of(connection, row["id"]) if row else []
        if row is None:
            stored = desktop_sales.PREFIX + asked.reference
            document.check_forgotten(connection, "desktop_sale", stored)
    if row is None:
        return None
    if content != document.content_hash(asked.content):
        raise ReferenceConflict(asked.reference)
    return Made(
        invoice=invoice_view.get(shop, row["id"]),
        reference=asked.reference,
        change=tuple(Money(one["amount"], one["currency"]) for one in given),
        is_new=False,
    )


def _settled(shop: Shop, actor: Actor, asked: Asked, sale: Sale) -> Settlement:
    tenders = [_tender(shop, actor, asked, row, sale.currency) for row in asked.handed]
    credit.check_tenders(shop, tenders, partner=asked.order.partner)
    paid = settle(sale.total, tenders, rate=sale.rate)
    if paid.owed.minor > 0:
        require(actor, Permission.SALE_ON_ACCOUNT)
    return paid


def _tender(shop: Shop, actor: Actor, asked: Asked, row: Handed, currency: str) -> Tender:
    allowed = {method.casefold() for method in asked.methods}
    if allowed and row.method.casefold() not in allowed:
        raise MethodNotYours(actor.username, row.method[:40])
    word = row.method.strip().casefold()
    kind = TenderTable(shop.rules.tender_types).get(METHODS.get(word, row.method.strip()))
    code = normalise(row.currency) if row.currency else currency
    return Tender(kind, Money.of(row.amount, code), row.reference)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a listed sale; amounts with VAT."""

    number: int
    item: str
    name: str
    quantity: Decimal
    unit_price: Decimal
    gross: Money
    warehouse: str
    tax_group: str
    discount_percent: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A sale in a list of them.

    Attributes:
        number: our own, for ever.
        consolidation: Pending, Consolidated or Failed; Excluded where it is an invoice of its own.
        list_id: number in the queue of the list it is in; None while it is in none.
        paid: what came in for it at once; what is owed on account did not.
        methods: tender types that paid it.
    """

    number: int
    reference: str
    source: str
    partner: str
    partner_name: str
    doc_date: date
    total: Money
    vat: Money
    paid: Money
    fiscal: Fiscal
    consolidation: str
    list_id: int | None
    reason: str
    warehouse: str
    methods: tuple[str, ...]
    payment_reference: str
    created_by: str
    created_at: datetime
    lines: tuple[Line, ...]
    is_booked: bool


def page(
    shop: Shop,
    *,
    offset: int,
    limit: int,
    warehouse: str = "",
    partner: str = "",
    consolidation: str = "",
    since: date | None = None,
    until: date | None = None,
    is_desktop: bool = True,
) -> tuple[int, tuple[Listed, ...]]:
    """How many sales these are, and some of them from the newest back.

    An empty text is any; `consolidation` is Pending, Consolidated, Failed or Excluded; the days
    are business dates, both included; those of tills are told, too, unless `is_desktop`.
    """
    wanted = Wanted(
        warehouse=warehouse,
        partner=partner,
        consolidation=consolidation,
        since=since,
        until=until,
        is_desktop=is_desktop,
    )
    with shop.store.read() as connection:
        total, rows = desktop_sales.page(connection, wanted, offset=offset, limit=limit)
        return total, tuple(listed(shop, connection, rows))


def listed(shop: Shop, connection: Connection, rows: Sequence[Record]) -> list[Listed]:
    """These sales as they are listed."""
    filed = journal.by_sales(connection, [row["id"] for row in rows])
    return [_listed(shop, connection, row, filed.get(row["id"])) for row in rows]


def _listed(shop: Shop, connection: Connection, row: Record, filed: Record | None) -> Listed:
    tenders, currency = sales.tenders_of(connection, row["id"]), row["currency"]
    paid = sum(one["in_document"] for one in tenders if settles(shop, one["type"]))
    slips = [one["reference"] for one in tenders if one["reference"]]
    return Listed(
        number=FIRST_OWN + row["entry"] if row["entry"] else row["number"],
        reference=desktop_sales.reference_of(dict(row)),
        source=row["source"] or row["till"],
        partner=row["partner"],
        partner_name=row["partner_name"],
        doc_date=row["business_date"],
        total=Money(row["total"], currency),
        vat=Money(row["vat"], currency),
        paid=Money(paid, currency),
        fiscal=fiscal_of(row, filed),
        consolidation=row["consolidation"],
        list_id=row["list_id"],
        reason=row["reason"] or "",
        warehouse=row["warehouse"],
        methods=tuple(dict.fromkeys(one["type"] for one in tenders)),
        payment_reference=slips[0] if slips else "",
        created_by=row["username"],
        created_at=row["posted_at"],
        lines=tuple(_line(line, currency) for line in sales.lines_of(connection, row["id"])),
        is_booked=row["state"] == PostingState.COMPLETED,
    )


def _line(row: Record, currency: str) -> Line:
    return Line(
        number=row["line"],
        item=row["item"],
        name=row["name"],
        quantity=row["quantity"],
        unit_price=row["unit_price"],
        gross=Money(row["gross"], currency),
        warehouse=row["warehouse"],
        tax_group=row["tax_group"],
        discount_percent=row["discount_percent"],
    )
