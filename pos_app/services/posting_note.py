"""A credit note into SAP: the note on its invoice or beside it, then the money that went back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, RowMapping

from pos_app.domain.money import Money, half_up
from pos_app.domain.tender import SapMeans, UnmappedTender
from pos_app.errors import RuleBroken
from pos_app.services import posting_attempt
from pos_app.services.posting_attempt import Mismatch
from pos_app.services.posting_receipt import InvoiceAway
from pos_app.services.posting_step import CREDIT_NOTE, REFUND, code_of, rate_of
from pos_app.services.shop import Shop
from pos_app.store import original as originals
from pos_app.store import posting_claim, stock
from pos_app.store import sale as sales
from sync.sap import documents
from sync.sap.client import ServiceLayer
from sync.sap.errors import Kind, SapRejected
from sync.sap.requests import (
    BatchPick,
    Cash,
    CreditNoteRequest,
    InvoiceLine,
    Posted,
    RefundRequest,
    Transfer,
)

DEBIT_NOTE = "debit_note"
KINDS = frozenset({CREDIT_NOTE, DEBIT_NOTE})
"""What the queue calls notes."""

ONE = Decimal(1)


class DebitNoteByHand(RuleBroken):
    """SAP has no debit note of its own that a till's could become."""

    code = "debit_note_by_hand"

    def __init__(self, receipt: str) -> None:
        super().__init__(
            f"Debit note {receipt} is not posted from here: enter it in SAP by hand.",
            receipt=receipt,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class NotePlan:
    """What a credit note becomes in SAP, computed from its stored rows.

    Attributes:
        may_be_based: whether it may settle its invoice, if that is still open: all of it is goods
            and none of it was paid out.
        total: positive.
    """

    credit: CreditNoteRequest
    refunds: tuple[RefundRequest, ...]
    may_be_based: bool
    total: Money


def walk(shop: Shop, sap: ServiceLayer, row: RowMapping) -> None:
    """Take a note's row as far as it goes; its steps are on disk before the first is taken.

    Raises:
        InvoiceAway: the invoice it corrects is not in SAP yet.
        Mismatch: SAP holds another document under its key.
        PosError, SyncError, NotYetVisible: what stopped it.
    """
    with shop.store.write() as connection:
        plan = plan_of(shop, connection, row["document_id"], key=row["key"])
        if not posting_claim.steps_of(connection, row["queue_id"]):
            posting_claim.add_steps(connection, _steps(row["queue_id"], plan))
        steps = posting_claim.steps_of(connection, row["queue_id"])
    refunds = {refund.reference: refund for refund in plan.refunds}
    entry = 0
    for step in steps:
        if step["kind"] == CREDIT_NOTE:
            is_done = step["state"] == "done"
            entry = step["doc_entry"] if is_done else _credit(shop, sap, row, step, plan).doc_entry
        elif step["state"] != "done":
            if step["key"] not in refunds:
                raise Mismatch(
                    f"Refund {step['key']} was planned, and today's settings know none: "
                    "set the accounts of the tenders back, or book it by hand."
                )
            _refund(shop, sap, row, step, replace(refunds[step["key"]], credit_entry=entry))


def plan_of(shop: Shop, connection: Connection, note_id: str, *, key: str) -> NotePlan:
    """Read a note and say what SAP is asked to book.

    Raises:
        InvoiceAway: the invoice it corrects is not in SAP yet.
        DebitNoteByHand: it is no credit note.
        UnmappedTender, UnmappedCurrency: SAP has no account or code for it.
    """
    note = sales.by_id(connection, note_id)
    if note is None:
        raise LookupError(note_id)
    if note["kind"] != CREDIT_NOTE:
        raise DebitNoteByHand(note["receipt"])
    number, entry = _original(connection, note["original_id"])
    lines = sales.lines_of(connection, note_id)
    moves = stock.moves_of(connection, note_id)
    tenders = sales.tenders_of(connection, note_id)
    credit = CreditNoteRequest(
        key=key,
        card_code=note["partner"],
        doc_date=note["business_date"],
        num_at_card=note["receipt"],
        invoice_entry=entry,
        currency=code_of(shop, note["currency"]),
        rate=rate_of(shop, note, note["currency"]),
        comments=f"POS {note['till']} note {note['receipt']} of {number}: {note['notes']}"[:254],
        lines=tuple(_line(shop, line, moves, note["currency"]) for line in lines),
    )
    refunds = tuple(_refunds(shop, note, tenders))
    return NotePlan(
        credit=credit,
        refunds=refunds,
        may_be_based=not refunds and all(line["quantity"] for line in lines),
        total=Money(-note["total"], note["currency"]),
    )


def _original(connection: Connection, original_id: str) -> tuple[str, int | None]:
    """Number and SAP entry of what it corrects; SAP may not hold what was sold elsewhere."""
    sale = sales.by_id(connection, original_id)
    if sale is None:
        entered = originals.by_id(connection, original_id)
        return (entered["number"] if entered else original_id), None
    status = sales.status_of(connection, [original_id]).get(original_id)
    if status is None or status["in_sap"] != "done" or status["doc_entry"] is None:
        raise InvoiceAway(f"Receipt {sale['receipt']} is not in SAP yet; it goes first.")
    return sale["receipt"], int(status["doc_entry"])


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
        base_line=line["original_line"] - 1,
        moves_goods=bool(line["quantity"]),
    )


def _refunds(
    shop: Shop, note: Mapping[str, Any], tenders: Sequence[RowMapping]
) -> Iterator[RefundRequest]:
    """What was paid out; what went to the customer's account stays there as credit."""
    for number, tender in enumerate(tenders, start=1):
        kind = shop.rules.tender_type(tender["type"])
        if kind.sap_means == SapMeans.ACCOUNT:
            continue
        account = shop.rules.sap.accounts.get((tender["type"], tender["currency"]))
        if account is None:
            raise UnmappedTender(f"{tender['type']} {tender['currency']}")
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


def _steps(queue_id: int, plan: NotePlan) -> list[dict[str, Any]]:
    shared = {"queue_id": queue_id, "state": "waiting", "request": {}, "adopted": 0}
    keys = [(CREDIT_NOTE, plan.credit.key)]
    keys += [(REFUND, refund.reference) for refund in plan.refunds]
    return [
        shared | {"step": step, "kind": kind, "key": key}
        for step, (kind, key) in enumerate(keys, start=1)
    ]


def _credit(
    shop: Shop, sap: ServiceLayer, row: RowMapping, step: RowMapping, plan: NotePlan
) -> Posted:
    wanted = plan.credit
    found = documents.find_credit_note(sap, wanted.key)
    if found is not None:
        _check(plan, found)
        return posting_attempt.done(shop, row, step, found, is_adopted=True)
    posting_attempt.check_drafts(sap, row, wanted.key)
    request = replace(wanted, is_based=plan.may_be_based and _is_open(sap, plan))
    posting_attempt.may_send(shop, sap, row, step)
    with posting_attempt.sending(shop, row, step):
        posted = documents.post_credit_note(sap, request)
    try:
        _check(plan, posted)
    except Mismatch:
        # Nothing is paid out of it before a person has looked; asked again, SAP is looked at again.
        posting_attempt.done(shop, row, step, posted, is_adopted=False, state="waiting")
        raise
    return posting_attempt.done(shop, row, step, posted, is_adopted=False)


def _is_open(sap: ServiceLayer, plan: NotePlan) -> bool:
    """Whether the invoice still expects as much as is credited, so that both settle each other."""
    if plan.credit.invoice_entry is None:
        return False
    invoice = documents.get_invoice(sap, plan.credit.invoice_entry)
    if invoice is None:
        raise Mismatch(f"SAP has no invoice {plan.credit.invoice_entry} any more: look at it.")
    return invoice.status == "open" and invoice.open_amount >= plan.total.amount


def _check(plan: NotePlan, posted: Posted) -> None:
    """Believe only what is the same customer's and the same to the cent (production lesson L11)."""
    wanted = plan.credit
    total = posted.doc_total if wanted.currency is None else posted.doc_total_fc
    if posted.card_code != wanted.card_code or Money.of(total, plan.total.currency) != plan.total:
        raise Mismatch(
            f"SAP holds credit note {posted.doc_num} for {posted.card_code} over {total} under the "
            f"key of note {wanted.num_at_card} for {wanted.card_code} over {plan.total}: "
            "compare the two and correct SAP."
        )


def _refund(
    shop: Shop, sap: ServiceLayer, row: RowMapping, step: RowMapping, wanted: RefundRequest
) -> None:
    found = documents.find_refund(sap, wanted)
    if found is not None:
        _check_refund(shop, wanted, found)
        posting_attempt.done(shop, row, step, found, is_adopted=True)
        return
    posting_attempt.may_send(shop, sap, row, step)
    try:
        with posting_attempt.sending(shop, row, step):
            posted = documents.post_refund(sap, wanted)
    except SapRejected as refusal:
        if refusal.kind is not Kind.SETTLED:
            raise
        # Paid out already: most likely by this very payment, whose answer was lost (lesson L19).
        again = documents.find_refund(sap, wanted)
        if again is None:
            raise Mismatch(f"SAP says that {wanted.reference} is settled: {refusal}") from refusal
        _check_refund(shop, wanted, again)
        posting_attempt.done(shop, row, step, again, is_adopted=True)
        return
    posting_attempt.done(shop, row, step, posted, is_adopted=False)


def _check_refund(shop: Shop, wanted: RefundRequest, found: Posted) -> None:
    local = shop.rules.currencies.get(shop.rules.sap.local_currency).sap_code
    currency = wanted.currency or local
    if (found.doc_total, found.currency or local) != (wanted.given, currency):
        raise Mismatch(
            f"SAP holds refund {found.doc_num} as {wanted.reference} over {found.currency} "
            f"{found.doc_total} instead of {currency} {wanted.given}: "
            "compare the two and correct SAP."
        )
