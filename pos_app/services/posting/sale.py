"""A sale into SAP: its invoice, then one payment per currency."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import zip_longest
from typing import Any

from sqlalchemy import Connection

from pos_app.domain.money import Money, half_up
from pos_app.domain.tender import SapMeans
from pos_app.services import sap_access
from pos_app.services.posting import trade
from pos_app.services.posting.account import account_of, code_of, rate_of, shown_code
from pos_app.services.posting.money_step import PaymentStep
from pos_app.services.posting.step import AnyStep, CannotPlan, Mismatch, Step
from pos_app.services.shop import Shop
from pos_app.store import invoice as invoices
from pos_app.store import sale as sales
from pos_app.store import stock
from pos_app.store import trade as trades
from pos_app.store.fast import Record
from sync.sap import documents
from sync.sap.client import ServiceLayer
from sync.sap.goods_requests import BaseLine, OrderKind
from sync.sap.requests import (
    BatchPick,
    Cash,
    InvoiceLine,
    InvoiceRequest,
    PaymentRequest,
    Posted,
    Transfer,
)

INVOICE = "invoice"

COMMENTS_MOST = 254
"""Characters SAP takes."""


@dataclass(frozen=True)
class InvoiceStep(Step[Posted]):
    """The A/R invoice.

    Attributes:
        total: what the customer paid or owes; SAP's is the same to the cent.
        goods: lines of receipts whose goods leave with it; empty for all of its one receipt.
    """

    request: InvoiceRequest
    total: Money
    goods: tuple[tuple[str, int], ...] = ()
    kind = INVOICE
    moves_goods = True

    @property
    def key(self) -> str:
        """The identity of the sale."""
        return self.request.key

    @property
    def moved(self) -> tuple[tuple[str, int], ...]:
        """The lines of the receipts it stands for."""
        return self.goods

    @property
    def set_name(self) -> str:
        """Where SAP keeps it."""
        return "Invoices"

    def find(self, sap: ServiceLayer) -> Posted | None:
        """By its key."""
        return documents.find_invoice(sap, self.key)

    def check(self, held: Posted) -> None:
        """The same customer's and the same to the cent (production lesson L11)."""
        wanted = self.request
        total = held.doc_total if wanted.currency is None else held.doc_total_fc
        is_ours = held.card_code == wanted.card_code
        if not is_ours or Money.of(total, self.total.currency) != self.total:
            raise Mismatch(
                f"SAP holds invoice {held.doc_num} for {held.card_code} over {total} under the key "
                f"of receipt {wanted.num_at_card} for {wanted.card_code} over {self.total}: "
                "compare the two and correct SAP."
            )

    @property
    def sending(self) -> Mapping[str, Any]:
        """The order it follows: one that does not leaves its goods open there."""
        entry = self.request.order_entry
        return {} if entry is None else {trade.FOLLOWS: entry}

    def prepared(self, sap: ServiceLayer) -> InvoiceStep:
        """On its order while SAP expects as much of it, else alone: the goods have left anyway."""
        entry = self.request.order_entry
        if entry is None:
            return self
        wanted: dict[BaseLine, Decimal] = {}
        for line in self.request.lines:
            if line.base_line is not None:
                base = BaseLine(entry, line.base_line)
                wanted[base] = wanted.get(base, Decimal(0)) + line.quantity
        if trade.leaves_enough(sap, OrderKind.ORDER, wanted):
            return self
        return replace(self, request=replace(self.request, order_entry=None))

    def send(self, sap: ServiceLayer) -> Posted:
        """Book it."""
        return documents.post_invoice(sap, self.request)


def plan(shop: Shop, connection: Connection, row: Record) -> tuple[AnyStep, ...]:
    """Read a sale and say what SAP is asked to book.

    Raises:
        CannotPlan: there is no such sale.
        EarlierAway: the order it follows is on its way and goes first.
        UnmappedTender, UnmappedCurrency: SAP has no account or code for it.
    """
    sale_id = row["document_id"]
    sale = sales.by_id(connection, sale_id)
    if sale is None:
        raise CannotPlan(f"The books hold no sale {sale_id}.")
    lines = sales.lines_of(connection, sale_id)
    moves = stock.moves_of(connection, sale_id)
    tenders = sales.tenders_of(connection, sale_id)
    written = invoices.by_id(connection, sale_id)
    taken = {link["invoice_line"]: link for link in trades.links_of_invoice(connection, sale_id)}
    orders = {link["trade_id"] for link in taken.values()}
    invoice = InvoiceRequest(
        key=row["key"],
        card_code=sale["partner"],
        doc_date=sale["business_date"],
        due_date=written["due_date"] if written else None,
        num_at_card=(written and written["num_at_card"]) or sale["receipt"],
        currency=code_of(shop, sale["currency"]),
        rate=rate_of(shop, sale, sale["currency"]),
        comments=_comments(sale, written),
        series=sap_access.series(connection),
        order_entry=trade.entry_of(connection, orders.pop()) if orders else None,
        lines=tuple(
            replace(_line(shop, line, moves, sale["currency"]), base_line=_base(taken, line))
            for line in lines
        ),
    )
    payments = [
        PaymentStep(payment, shown_code(shop, payment.currency), pays=INVOICE)
        for payment in _payments(shop, sale, tenders)
    ]
    return InvoiceStep(invoice, Money(sale["total"], sale["currency"])), *payments


def _base(taken: Mapping[int, Record], line: Record) -> int | None:
    """The line of the order that a line of the invoice follows, as SAP counts."""
    link = taken.get(line["line"])
    return None if link is None else link["line"] - 1


def _comments(sale: Mapping[str, Any], written: Record | None) -> str:
    """Where the document comes from, behind what its maker wrote."""
    origin = f"POS {sale['till']} receipt {sale['receipt']}"
    if not written or not written["comments"]:
        return origin
    return f"{written['comments'][: COMMENTS_MOST - len(origin) - 3]} ({origin})"


def _line(shop: Shop, line: Record, moves: Sequence[Record], currency: str) -> InvoiceLine:
    gross = Money(line["gross"], currency).amount
    return InvoiceLine(
        item_code=line["item"],
        quantity=line["quantity"],
        price_after_vat=half_up(gross / line["quantity"], 6),
        gross_total=gross,
        warehouse=line["warehouse"],
        vat_group=line["tax_group"],
        costing_code=shop.rules.sap.cost_centre or None,
        batches=tuple(
            BatchPick(move["batch"], -move["quantity"])
            for move in moves
            if move["line"] == line["line"] and move["batch"]
        ),
    )


Means = dict[str, list[Record]]
"""The tenders that go to one account, by account."""


def _payments(
    shop: Shop, sale: Mapping[str, Any], tenders: Sequence[Record]
) -> list[PaymentRequest]:
    """One payment per currency; what the customer owes on account is none.

    A payment of SAP has one account for cash and one for transfers: a second wallet or bank of the
    same currency needs a payment of its own.
    """
    found: dict[str, dict[str, Means]] = {}
    for tender in tenders:
        kind = shop.rules.tender_type(tender["type"])
        if kind.sap_means == SapMeans.ACCOUNT or tender["settled"] <= 0:
            continue
        account = account_of(shop, tender["type"], tender["currency"])
        means = SapMeans.CASH if kind.sap_means == SapMeans.CASH else SapMeans.TRANSFER
        by_account = found.setdefault(tender["currency"], {}).setdefault(means.value, {})
        by_account.setdefault(account, []).append(tender)
    return [
        _payment(shop, sale, f"{currency}{number}", cash=cash, transfer=transfer)
        for currency, means in sorted(found.items())
        for number, (cash, transfer) in enumerate(_paired(means), start=1)
    ]


_NO_MEANS: tuple[str, list[Record]] = ("", [])


def _paired(means: Mapping[str, Means]) -> Iterator[tuple[tuple[str, list[Record]], ...]]:
    """Accounts for cash and for transfers side by side, as payments take them."""
    kinds = (
        sorted(means.get(kind.value, {}).items()) for kind in (SapMeans.CASH, SapMeans.TRANSFER)
    )
    return zip_longest(*kinds, fillvalue=_NO_MEANS)


def _payment(
    shop: Shop,
    sale: Mapping[str, Any],
    name: str,
    *,
    cash: tuple[str, list[Record]],
    transfer: tuple[str, list[Record]],
) -> PaymentRequest:
    rows = [*cash[1], *transfer[1]]
    currency = rows[0]["currency"]
    applied = Money(sum(row["in_document"] for row in rows), sale["currency"]).amount
    slip = next((row["reference"] for row in transfer[1] if row["reference"]), "")
    return PaymentRequest(
        reference=f"{sale['receipt']}-{name}",
        card_code=sale["partner"],
        doc_date=sale["business_date"],
        invoice_entry=0,
        invoice_currency=code_of(shop, sale["currency"]),
        applied=applied,
        currency=code_of(shop, currency),
        rate=rate_of(shop, sale, currency),
        cash=Cash(cash[0], _settled(cash[1])) if cash[1] else None,
        transfer=Transfer(transfer[0], _settled(transfer[1]), slip[:27]) if transfer[1] else None,
    )


def _settled(rows: Sequence[Record]) -> Decimal:
    return Money(sum(row["settled"] for row in rows), rows[0]["currency"]).amount
