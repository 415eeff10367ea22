"""A credit note into SAP: the note on its invoice or beside it, then the money that went back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, RowMapping

from pos_app.domain.money import Money, half_up
from pos_app.domain.tender import SapMeans
from pos_app.errors import RuleBroken
from pos_app.services.posting import consolidation
from pos_app.services.posting.account import account_of, code_of, rate_of, shown_code
from pos_app.services.posting.money_step import RefundStep
from pos_app.services.posting.step import AnyStep, CannotPlan, EarlierAway, Mismatch, Step
from pos_app.services.shop import Shop
from pos_app.store import consolidation as lists
from pos_app.store import original as originals
from pos_app.store import posting, stock
from pos_app.store import sale as sales
from sync.sap import documents
from sync.sap.client import ServiceLayer
from sync.sap.requests import (
    BatchPick,
    Cash,
    CreditNoteRequest,
    InvoiceLine,
    Posted,
    RefundRequest,
    Transfer,
)

CREDIT_NOTE, DEBIT_NOTE = "credit_note", "debit_note"

ONE = Decimal(1)


class DebitNoteByHand(RuleBroken):
    """SAP has no debit note of its own that a till's could become."""

    code = "debit_note_by_hand"

    def __init__(self, receipt: str) -> None:
        super().__init__(
            f"Debit note {receipt} is not posted from here: enter it in SAP by hand.",
            receipt=receipt,
        )


@dataclass(frozen=True)
class CreditNoteStep(Step[Posted]):
    """The A/R credit note.

    Attributes:
        total: what is credited, positive.
        may_be_based: whether it may settle its invoice, if that is still open: all of it is goods
            and none of it was paid out.
        by_hand: why it is not sent from here; empty where it is.
    """

    request: CreditNoteRequest
    total: Money
    may_be_based: bool
    by_hand: str = ""
    kind = CREDIT_NOTE
    moves_goods = True

    @property
    def key(self) -> str:
        """The identity of the note."""
        return self.request.key

    @property
    def set_name(self) -> str:
        """Where SAP keeps it."""
        return "CreditNotes"

    def find(self, sap: ServiceLayer) -> Posted | None:
        """By its key."""
        return documents.find_credit_note(sap, self.key)

    def check(self, held: Posted) -> None:
        """The same customer's and the same to the cent (production lesson L11)."""
        wanted = self.request
        total = held.doc_total if wanted.currency is None else held.doc_total_fc
        is_ours = held.card_code == wanted.card_code
        if not is_ours or Money.of(total, self.total.currency) != self.total:
            raise Mismatch(
                f"SAP holds credit note {held.doc_num} for {held.card_code} over {total} under the "
                f"key of note {wanted.num_at_card} for {wanted.card_code} over {self.total}: "
                "compare the two and correct SAP."
            )

    def prepared(self, sap: ServiceLayer) -> CreditNoteStep:
        """On its invoice where that is open, else alone: SAP takes no closed one as a base.

        Raises:
            CannotPlan: SAP never gets the invoice from here, so the note is entered by hand, too.
        """
        if self.by_hand:
            raise CannotPlan(self.by_hand)
        is_based = self.may_be_based and self._is_open(sap)
        return replace(self, request=replace(self.request, is_based=is_based))

    def _is_open(self, sap: ServiceLayer) -> bool:
        """Whether the invoice still expects as much as is credited: both settle each other."""
        entry = self.request.invoice_entry
        if entry is None:
            return False
        invoice = documents.get_invoice(sap, entry)
        if invoice is None:
            raise Mismatch(f"SAP has no invoice {entry} any more: look at it.")
        return invoice.status == "open" and invoice.open_amount >= self.total.amount

    def send(self, sap: ServiceLayer) -> Posted:
        """Book it."""
        return documents.post_credit_note(sap, self.request)


def plan(shop: Shop, connection: Connection, row: RowMapping) -> tuple[AnyStep, ...]:
    """Read a note and say what SAP is asked to book.

    Raises:
        CannotPlan: there is no such note.
        EarlierAway: the invoice it corrects is not in SAP yet.
        DebitNoteByHand: it is no credit note.
        UnmappedTender, UnmappedCurrency: SAP has no account or code for it.
    """
    note_id = row["document_id"]
    note = sales.by_id(connection, note_id)
    if note is None:
        raise CannotPlan(f"The books hold no note {note_id}.")
    if note["kind"] != CREDIT_NOTE:
        raise DebitNoteByHand(note["receipt"])
    lines = sales.lines_of(connection, note_id)
    base = _original(connection, note["original_id"], lines)
    moves = stock.moves_of(connection, note_id)
    credit = CreditNoteRequest(
        key=row["key"],
        card_code=note["partner"],
        doc_date=note["business_date"],
        num_at_card=note["receipt"],
        invoice_entry=base.entry,
        other_entries=base.others,
        currency=code_of(shop, note["currency"]),
        rate=rate_of(shop, note, note["currency"]),
        comments=f"POS {note['till']} note {note['receipt']} of {base.number}: {note['notes']}"[
            :254
        ],
        lines=tuple(
            replace(_line(shop, line, moves, note["currency"]), base_line=base.lines[line["line"]])
            for line in lines
        ),
    )
    refunds = [
        RefundStep(refund, shown_code(shop, refund.currency), pays=CREDIT_NOTE)
        for refund in _refunds(shop, note, sales.tenders_of(connection, note_id))
    ]
    may_be_based = base.is_one and not refunds and all(line.moves_goods for line in credit.lines)
    total = Money(-note["total"], note["currency"])
    return CreditNoteStep(credit, total, may_be_based, base.by_hand), *refunds


@dataclass(frozen=True, slots=True, kw_only=True)
class _Base:
    """What a note corrects, as SAP holds it.

    Attributes:
        entry: DocEntry of its invoice, None where SAP may not hold it.
        others: of further invoices, where a consolidated receipt is in several.
        lines: the line there, as SAP counts, by line of the note.
        by_hand: why SAP never gets the invoice from here; empty where it does.
    """

    number: str
    entry: int | None
    lines: Mapping[int, int]
    others: tuple[int, ...] = ()
    by_hand: str = ""

    @property
    def is_one(self) -> bool:
        """Whether one invoice has a line of its own for each line of the note."""
        return not self.others and len(set(self.lines.values())) == len(self.lines)


def _original(connection: Connection, original_id: str, lines: Sequence[RowMapping]) -> _Base:
    """What it corrects; SAP may not hold what was sold elsewhere.

    Raises:
        EarlierAway: it is not in SAP yet.
    """
    sale = sales.by_id(connection, original_id)
    own = {line["line"]: line["original_line"] - 1 for line in lines}
    if sale is None:
        entered = originals.by_id(connection, original_id)
        return _Base(number=entered["number"] if entered else original_id, entry=None, lines=own)
    status = sales.status_of(connection, [original_id]).get(original_id)
    is_out = posting.was_taken_out(connection, original_id)
    if is_out and (status is None or status["doc_entry"] is None):
        words = (
            f"Receipt {sale['receipt']} was taken out of the queue to SAP: enter the note there by "
            "hand and say that SAP holds it, or cancel this row."
        )
        return _Base(number=sale["receipt"], entry=None, lines=own, by_hand=words)
    if status is None or status["doc_entry"] is None or (status["in_sap"] != "done" and not is_out):
        raise EarlierAway(f"Receipt {sale['receipt']} is not in SAP yet; it goes first.")
    parts = lists.lists_of(connection, [original_id])
    if not parts:
        return _Base(number=sale["receipt"], entry=int(status["doc_entry"]), lines=own)
    wanted = {line["tax_group"] for line in lines}
    touched = [part for part in parts if part["tax_group"] in wanted]
    entries = sorted({int(part["doc_entry"]) for part in touched})
    places = {
        line: place
        for part in touched
        for line, place in consolidation.places_in(
            connection, part["consolidation_id"], original_id
        ).items()
    }
    return _Base(
        number=sale["receipt"],
        entry=entries[0],
        others=tuple(entries[1:]),
        lines={line: places[number + 1] for line, number in own.items()},
    )


def _line(shop: Shop, line: RowMapping, moves: Sequence[RowMapping], currency: str) -> InvoiceLine:
    gross = Money(-line["gross"], currency).amount
    quantity = -line["quantity"] or ONE
    return InvoiceLine(
        item_code=line["item"],
        quantity=quantity,
        price_after_vat=half_up(gross / quantity, 6),
        gross_total=gross,
        warehouse=line["warehouse"],
        vat_group=line["tax_group"],
        costing_code=shop.rules.sap.cost_centre or None,
        batches=tuple(
            BatchPick(move["batch"], move["quantity"])
            for move in moves
            if move["line"] == line["line"] and move["batch"]
        ),
        moves_goods=any(move["line"] == line["line"] for move in moves),
    )


def _refunds(
    shop: Shop, note: Mapping[str, Any], tenders: Sequence[RowMapping]
) -> Iterator[RefundRequest]:
    """What was paid out; what went to the customer's account stays there as credit."""
    for number, tender in enumerate(tenders, start=1):
        kind = shop.rules.tender_type(tender["type"])
        if kind.sap_means == SapMeans.ACCOUNT:
            continue
        account = account_of(shop, tender["type"], tender["currency"])
        amount = Money(-tender["settled"], tender["currency"]).amount
        is_cash = kind.sap_means == SapMeans.CASH
        yield RefundRequest(
            reference=f"{note['receipt']}-{tender['currency']}{number}",
            card_code=note["partner"],
            doc_date=note["business_date"],
            credit_entry=0,
            credit_currency=code_of(shop, note["currency"]),
            applied=Money(-tender["in_document"], note["currency"]).amount,
            currency=code_of(shop, tender["currency"]),
            rate=rate_of(shop, note, tender["currency"]),
            cash=Cash(account, amount) if is_cash else None,
            transfer=None if is_cash else Transfer(account, amount, tender["reference"][:27]),
        )
