"""The worker of the posting queue: look up by key, then post, step by step, each step once.

Before every attempt SAP is asked for the key; only its proven "no" allows a POST, and after a lost
answer that "no" is believed only once the quiet time is over (production lessons L01 to L03).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import RowMapping

from pos_app import errors
from pos_app.domain.money import Money
from pos_app.domain.posting import FailureKind, PostingState, after_failure
from pos_app.errors import PosError
from pos_app.services import posting_attempt, posting_note, posting_receipt, posting_step
from pos_app.services.posting_attempt import Mismatch, NotYetVisible
from pos_app.services.posting_receipt import InvoiceAway
from pos_app.services.posting_step import DOCUMENTS, INVOICE, PAYMENT, Plan
from pos_app.services.shop import Shop
from pos_app.services.worked import Worked
from pos_app.store import feed, posting_claim
from pos_app.store import sale as sales
from sync.errors import OutcomeUnknown, SyncError
from sync.sap import documents
from sync.sap.client import ServiceLayer
from sync.sap.errors import Kind, SapRejected
from sync.sap.requests import InvoiceRequest, PaymentRequest, Posted

PAUSES = (2, 5, 10, 25, 60)
"""Seconds between look-ups while SAP is away or its answer was lost."""

WAITS = {
    Kind.WAITING_FOR_RATE: "rate",
    Kind.WAITING_FOR_PERIOD: "period",
    Kind.WAITING_FOR_APPROVAL: "approval",
    Kind.WAITING_FOR_STOCK: "stock",
}
TRANSIENT = frozenset({Kind.TRANSIENT, Kind.SESSION, Kind.CREDENTIALS, Kind.STALE})


def work(shop: Shop, sap: ServiceLayer, *, owner: str, limit: int = 100) -> Worked:
    """Post what is due, one row at a time; a poisoned row never stops the others (lesson L47)."""
    done, problem = 0, ""
    while done < limit:
        with shop.store.write() as connection:
            row = posting_claim.claim(
                connection,
                owner=owner,
                now=shop.clock.now(),
                lease=timedelta(seconds=shop.rules.sap.lease_seconds),
            )
        if row is None:
            break
        problem = _attempt(shop, sap, row)
        if problem and _is_away(problem):
            break
        done += not problem
    with shop.store.read() as connection:
        waiting, _oldest = posting_claim.waiting(connection)
        next_at = posting_claim.next_due(connection)
    return Worked(done=done, waiting=waiting, next_at=next_at, problem=problem)


def _is_away(problem: str) -> bool:
    return problem.startswith(AWAY)


AWAY = "SAP cannot be reached: "


def _attempt(shop: Shop, sap: ServiceLayer, row: RowMapping) -> str:
    """Take a row as far as it goes; returns what stopped it, empty when it is completed."""
    try:
        if row["kind"] in posting_note.KINDS:
            posting_note.walk(shop, sap, row)
        else:
            _walk(shop, sap, row, _planned(shop, row))
    except (Mismatch, NotYetVisible, InvoiceAway, PosError, SyncError, LookupError) as error:
        return _stopped(shop, row, error)
    except Exception as error:
        log = structlog.get_logger(lane="posting", reference=row["reference"])
        log.exception("posting failed")
        why = f"Our own program failed on this document ({error!r}); its log says where."
        return _later(shop, row, FailureKind.PERMANENT, why, code="fault")
    _complete(shop, row)
    return ""


def _stopped(shop: Shop, row: RowMapping, error: Exception) -> str:
    """Write down what a neighbour or a rule said; an outage of SAP is told apart by its words."""
    match error:
        case Mismatch() | LookupError():
            return _later(shop, row, FailureKind.PERMANENT, str(error), code="mismatch")
        case PosError():
            return _later(shop, row, _kind_of(error), error.sentence, code=error.code)
        case SapRejected() | InvoiceAway():
            return _refused(shop, row, error)
        case NotYetVisible() | OutcomeUnknown():
            until = error.until if isinstance(error, NotYetVisible) else None
            return _later(shop, row, FailureKind.UNKNOWN, str(error), latest=until)
        case _:
            return AWAY + _later(shop, row, FailureKind.TRANSIENT, str(error))


def _kind_of(error: PosError) -> FailureKind:
    """A rule's "no" is final; a database that was busy or failed says nothing of the document."""
    is_passing = isinstance(error, errors.Unavailable | errors.OutcomeUnknown)
    return FailureKind.UNKNOWN if is_passing else FailureKind.PERMANENT


def _planned(shop: Shop, row: RowMapping) -> Plan:
    """The plan of a row; its steps are on disk before the first is taken."""
    with shop.store.write() as connection:
        plan_of = posting_receipt.plan if row["kind"] == PAYMENT else posting_step.plan
        plan = plan_of(shop, connection, row["document_id"], key=row["key"])
        if not posting_claim.steps_of(connection, row["queue_id"]):
            posting_claim.add_steps(connection, posting_step.rows(row["queue_id"], plan))
    return plan


def _walk(shop: Shop, sap: ServiceLayer, row: RowMapping, plan: Plan) -> None:
    entry = 0
    payments = {payment.reference: payment for payment in plan.payments}
    with shop.store.read() as connection:
        steps = posting_claim.steps_of(connection, row["queue_id"])
    for step in steps:
        if step["state"] == "done":
            posted_entry = step["doc_entry"]
        elif step["kind"] == INVOICE:
            posted_entry = _invoice(shop, sap, row, step, plan).doc_entry
        else:
            wanted = _planned_payment(payments, step["key"])
            if plan.invoice is not None:
                wanted = posting_step.with_entry(wanted, entry)
            posted_entry = _payment(shop, sap, row, step, wanted).doc_entry
        if step["kind"] == INVOICE:
            entry = posted_entry


def _planned_payment(payments: Mapping[str, PaymentRequest], key: str) -> PaymentRequest:
    if key not in payments:
        known = ", ".join(payments) or "none"
        raise Mismatch(
            f"Payment {key} was planned, and by today's settings it is {known}: "
            "set the accounts of the tenders back, or book the payment by hand."
        )
    return payments[key]


def _invoice(
    shop: Shop, sap: ServiceLayer, row: RowMapping, step: RowMapping, plan: Plan
) -> Posted:
    wanted = plan.invoice
    if wanted is None:
        raise LookupError(row["document_id"])
    found = documents.find_invoice(sap, wanted.key)
    if found is not None:
        _check(plan, wanted, found)
        return posting_attempt.done(shop, row, step, found, is_adopted=True)
    posting_attempt.check_drafts(sap, row, wanted.key)
    posting_attempt.may_send(shop, sap, row, step)
    with posting_attempt.sending(shop, row, step):
        posted = documents.post_invoice(sap, wanted)
    try:
        _check(plan, wanted, posted)
    except Mismatch:
        # Nobody pays it before a person has looked; asked again, SAP is looked at again.
        posting_attempt.done(shop, row, step, posted, is_adopted=False, state="waiting")
        raise
    return posting_attempt.done(shop, row, step, posted, is_adopted=False)


def _payment(
    shop: Shop, sap: ServiceLayer, row: RowMapping, step: RowMapping, wanted: PaymentRequest
) -> Posted:
    found = documents.find_payment(sap, wanted)
    if found is not None:
        _check_payment(shop, wanted, found)
        return posting_attempt.done(shop, row, step, found, is_adopted=True)
    posting_attempt.may_send(shop, sap, row, step)
    try:
        with posting_attempt.sending(shop, row, step):
            posted = documents.post_payment(sap, wanted)
    except SapRejected as refusal:
        if refusal.kind is not Kind.SETTLED:
            raise
        # Paid already: most likely by this very payment, whose answer was lost (lesson L19).
        again = documents.find_payment(sap, wanted)
        if again is None:
            raise Mismatch(f"SAP says that {wanted.reference} is settled: {refusal}") from refusal
        _check_payment(shop, wanted, again)
        return posting_attempt.done(shop, row, step, again, is_adopted=True)
    return posting_attempt.done(shop, row, step, posted, is_adopted=False)


def _check(plan: Plan, invoice: InvoiceRequest, posted: Posted) -> None:
    """Adopt only what is the same customer's and the same to the cent (production lesson L11)."""
    total = posted.doc_total if invoice.currency is None else posted.doc_total_fc
    if posted.card_code != invoice.card_code or Money.of(total, plan.total.currency) != plan.total:
        raise Mismatch(
            f"SAP holds invoice {posted.doc_num} for {posted.card_code} over {total} under the key "
            f"of receipt {invoice.num_at_card} for {invoice.card_code} over {plan.total}: "
            "compare the two and correct SAP."
        )


def _check_payment(shop: Shop, wanted: PaymentRequest, found: Posted) -> None:
    """Adopt a payment only over the very amount in the very currency (production lesson L11)."""
    local = shop.rules.currencies.get(shop.rules.sap.local_currency).sap_code
    currency = wanted.currency or local
    if (found.doc_total, found.currency or local) != (wanted.received, currency):
        raise Mismatch(
            f"SAP holds payment {found.doc_num} as {wanted.reference} over {found.currency} "
            f"{found.doc_total} instead of {currency} {wanted.received}: "
            "compare the two and correct SAP."
        )


def _complete(shop: Shop, row: RowMapping) -> None:
    """Say so on the sale's lamp, here and on its till."""
    now = shop.clock.now()
    with shop.store.write() as connection:
        steps = posting_claim.steps_of(connection, row["queue_id"])
        invoice = next((step for step in steps if step["kind"] in DOCUMENTS), steps[0])
        ended = {"state": PostingState.COMPLETED.value, "ended_at": now, "reason": ""}
        if not posting_claim.settle(connection, row, ended | {"waits_for": ""}):
            return
        _light(shop, row, "done", connection, entry=invoice["doc_entry"], number=invoice["doc_num"])


def _refused(shop: Shop, row: RowMapping, error: SapRejected | InvoiceAway) -> str:
    if isinstance(error, InvoiceAway):
        soon = shop.clock.now() + timedelta(seconds=PAUSES[0])
        why = str(error)
        return _later(shop, row, FailureKind.WAITING, why, waits_for="invoice", latest=soon)
    if error.kind in TRANSIENT:
        return _later(shop, row, FailureKind.TRANSIENT, str(error))
    if error.kind in WAITS:
        return _later(shop, row, FailureKind.WAITING, str(error), waits_for=WAITS[error.kind])
    kind = FailureKind.PERMANENT if error.kind is Kind.PERMANENT else FailureKind.RETRYABLE
    return _later(shop, row, kind, str(error), code=error.code)


def _later(
    shop: Shop,
    row: RowMapping,
    kind: FailureKind,
    reason: str,
    *,
    waits_for: str = "",
    code: str = "",
    latest: datetime | None = None,
) -> str:
    """Write what follows a failed attempt; only refusals spend one (production lesson L48)."""
    now = shop.clock.now()
    verdict = after_failure(kind, now, attempts=row["attempts"], failures=row["failures"])
    next_at = verdict.next_at or now
    if kind in {FailureKind.UNKNOWN, FailureKind.TRANSIENT}:
        pause = PAUSES[min(row["failures"], len(PAUSES) - 1)]
        next_at = now + timedelta(seconds=pause)
    if latest is not None:
        next_at = min(next_at, max(latest, now + timedelta(seconds=1)))
    values = {
        "state": verdict.state.value,
        "attempts": verdict.attempts,
        "failures": verdict.failures,
        "try_at": next_at,
        "reason": reason,
        "reason_code": code,
        "waits_for": waits_for,
    }
    lamp = _lamp(kind, verdict.state)
    with shop.store.write() as connection:
        if posting_claim.settle(connection, row, values):
            _light(shop, row, lamp, connection, reason=reason)
    return reason


def _lamp(kind: FailureKind, state: PostingState) -> str:
    if state is PostingState.REQUIRES_REVIEW:
        return "review"
    return "unknown" if kind is FailureKind.UNKNOWN else "pending"


def _light(
    shop: Shop,
    row: RowMapping,
    lamp: str,
    connection: Any,
    *,
    entry: int | None = None,
    number: int | None = None,
    reason: str = "",
) -> None:
    if row["kind"] == PAYMENT:
        return
    sales.set_status(
        connection,
        sale_id=row["document_id"],
        in_sap=lamp,
        at=shop.clock.now(),
        doc_entry=entry,
        doc_num=number,
        reason=reason,
    )
    feed.changed(connection, "sale_status", row["document_id"])
